"""The documented decision on a model whose fairness gates are open: shown, stated, recorded."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from modelyard import fairness_gates
from modelyard.aws import Place
from modelyard.errors import RegistryError
from modelyard.fairness_gates import FairnessJudgement
from modelyard.functions import chain, fairness_decision
from modelyard.functions.service import person, read_json, role_name
from modelyard.registry import Package
from modelyard.workspace import Workspace


def settle(
    place: Place,
    workspace: Workspace,
    package: Package,
    reason: str | None,
    say: Callable[[str], None],
) -> None:
    """Shows what is open and records why it is accepted.

    RegistryError where nobody says why, or where a reason accepts nothing.
    """
    judgement, evaluation = judged(place, workspace, package)
    if reason is not None and not (reason.strip() and judgement.open):
        why = "is empty; say why" if judgement.open else "accepts nothing: no fairness gate is open"
        raise RegistryError(f"--accept-bias {why}")
    if not judgement.open:
        return
    uri = existing(place, workspace, package, judgement)
    if uri is None or reason is not None:
        for line in shown(judgement, evaluation):
            say(line)
        if reason is None:
            raise RegistryError(
                f"version {package.version} is not approved: its fairness gates need a documented "
                "decision; run again with --accept-bias REASON, or reject it with --reject"
            )
        uri = record(place, workspace, package, reason, judgement, evaluation)
    say(f"the decision on fairness is documented in {uri}")


def judged(
    place: Place, workspace: Workspace, package: Package
) -> tuple[FairnessJudgement, Mapping[str, Any]]:
    """The reviewed fairness gates on the package's evaluation, and the evaluation.

    RegistryError where the evaluation is not the one that was registered.
    """
    client = place.registry_client("s3")
    evaluation, checksum = read_json(client, package.metadata["evaluation"])
    if checksum != package.metadata.get("evaluation_sha256"):
        raise RegistryError(
            f"the evaluation of version {package.version} is not the one that was registered: "
            f"{package.metadata['evaluation']} was changed; reject the version"
        )
    return fairness_gates.judge(workspace.fairness, evaluation), evaluation


def existing(
    place: Place, workspace: Workspace, package: Package, judgement: FairnessJudgement
) -> str | None:
    """The address of a decision that covers what is open."""
    client = place.registry_client("s3")
    found = fairness_decision.decisions(client, workspace.bucket_evidence, package.version)
    covering = fairness_decision.covering(found, judgement, package.arn, package.metadata)
    return covering[1] if covering else None


def record(
    place: Place,
    workspace: Workspace,
    package: Package,
    reason: str,
    judgement: FairnessJudgement,
    evaluation: Mapping[str, Any],
) -> str:
    """Writes the decision that accepts what is open; its address."""
    now = datetime.now(UTC)
    stamp = now.strftime("%Y%m%dT%H%M%S%f")[:-3] + "Z"
    caller = place.client("sts").get_caller_identity()["Arn"]
    document = {
        "schema_version": 1,
        "time": now.isoformat(timespec="milliseconds"),
        "model_package_arn": package.arn,
        "version": package.version,
        "evaluation_sha256": package.metadata.get("evaluation_sha256", ""),
        "decided_as": caller,
        "user": person({"arn": caller}),
        "role": role_name(caller),
        "trained_by": package.metadata.get("trained_by", ""),
        "reason": reason,
        "gates": [result for result in judgement.document()["results"] if result["open"]],
        "alternatives": evaluation.get("alternatives") or [],
    }
    return chain.append(
        place.registry_client("s3"),
        workspace.bucket_evidence,
        fairness_decision.FOLDER,
        f"{package.version}-{stamp}.json",
        document,
        workspace.key_arn,
    )["uri"]


def shown(judgement: FairnessJudgement, evaluation: Mapping[str, Any]) -> Iterator[str]:
    """What is open, and what other thresholds would do: lines for whoever decides."""
    yield "fairness gates that need a documented decision:"
    for result in judgement.open:
        yield f"  [{result.verdict}] {result.sentence}"
    alternatives = evaluation.get("alternatives") or []
    if alternatives:
        attributes = sorted(alternatives[0]["fairness"])
        yield "alternatives (none is applied; `modelyard mitigate` compares reweighing too):"
        for one in alternatives:
            impacts = ", ".join(
                f"lowest DI by {name} {_impact(one['fairness'][name])}" for name in attributes
            )
            yield f"  {one['name']}: accuracy {one['accuracy']['value']:.3f}, {impacts}"


def _impact(found: Mapping[str, Any] | None) -> str:
    if found is None:
        return "unknown"
    between = "" if found["low"] is None else f" ({found['low']:.2f} to {found['high']:.2f})"
    return f"{found['DI']:.2f}{between} for {found['group']}"
