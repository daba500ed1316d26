"""What people hear of automatic training: that they have to decide, and that nothing came of it."""

from collections.abc import Mapping
from typing import Any

from modelyard.functions import routes
from modelyard.functions.champion import automatic_name
from modelyard.functions.clients import Clients
from modelyard.functions.failed_run import why_failed
from modelyard.functions.retrain_past import AUTOMATIC
from modelyard.functions.retrain_rules import Cause, Decision


def ask(sns: Any, facts: Mapping[str, str], cause: Cause, decision: Decision) -> None:
    text = (
        f"What       {cause.sentence}\nNot done   {decision.reason}\n"
        "Your turn  find the cause; then `modelyard run --env dev` trains, and\n"
        f"           `modelyard rollback --env {cause.environment or 'prod'}` goes back\n"
    )
    subject = f"[critical] {facts['project']}: no automatic training, a person has to decide"
    routes.send(sns, facts, "critical", subject, text, key=decision.ask)


def tell_who_decides(
    event: Mapping[str, Any], session: Clients, facts: Mapping[str, str]
) -> dict[str, Any]:
    """A challenger of our own came out: an approver hears what it is and how it compares."""
    arn = str(event["detail"]["ModelPackageArn"])
    package = session.client("sagemaker").describe_model_package(ModelPackageName=arn)
    metadata = package.get("CustomerMetadataProperties") or {}
    if metadata.get("trained_by") != automatic_name(facts):
        return {"told": False, "reason": "a person trained it and knows"}
    version = package["ModelPackageVersion"]
    text = (
        f"What       version {version} was trained automatically and waits for a decision\n"
        f"Compared   {metadata.get('champion_comparison', 'no champion yet')}\n"
        f"Gates      {package.get('ModelPackageDescription', '')}\n"
        f"Decide     modelyard approve --version {version} --comment TEXT (or --reject)\n"
    )
    subject = f"[warning] {facts['project']}: version {version} waits for an approver"
    routes.send(session.client("sns"), facts, "warning", subject, text)
    return {"told": True, "version": version}


def tell_that_none_came(
    event: Mapping[str, Any], session: Clients, facts: Mapping[str, str]
) -> dict[str, Any]:
    """A run of our own failed or lost to the champion: whoever waits for a cure hears that."""
    detail = event["detail"]
    arn, name = str(detail["pipelineExecutionArn"]), detail.get("pipelineExecutionDisplayName")
    if not str(name).startswith(AUTOMATIC):
        return {"told": False, "reason": "a person started it and knows"}
    reason = why_failed(session.client("sagemaker"), arn)
    text = (
        f"What       the automatic run {name} ended without a challenger\nWhy        {reason}\n"
        f"Run        {arn}\nFollow     modelyard status --env dev\n"
        "Your turn  bring data of the new kind and let it run again, or `modelyard run --env dev`\n"
    )
    subject = f"[warning] {facts['project']}: no challenger came of {name}"
    routes.send(session.client("sns"), facts, "warning", subject, text)
    return {"told": True, "execution_arn": arn, "reason": reason}
