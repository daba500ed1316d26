"""Carries out what a release does next, one repeatable move after the other, and never waits.

The state is kept before the world hears of it and, where SageMaker is told to change something,
before that: whoever is interrupted anywhere is found, and finished, by the next invocation.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from modelyard.functions import (
    approval,
    endpoint,
    live,
    pipelines,
    records,
    release_state,
    rollout,
    scaling,
    staging_verdict,
    withdrawal,
)
from modelyard.functions.registry_news import in_production
from modelyard.functions.release_state import State
from modelyard.functions.release_step import Move, Seen, decide

# No release takes so many moves without waiting for AWS in between.
_MOST_MOVES = 8
_JUDGED = ("deploying", "baking", "done")


class Machine:
    """The release of one environment, as one invocation of the function sees it.

    `session` makes clients: boto3's, or one that makes each only once.
    """

    def __init__(self, session: Any, facts: Mapping[str, str], now: datetime) -> None:
        self.session, self.facts, self.now = session, facts, now
        self.sagemaker = session.client("sagemaker")
        self.serving: Mapping[str, Any] = json.loads(facts["serving"])

    @property
    def registry(self) -> approval.Registry:
        """Clients where the models are registered."""
        region = self.facts["registry_region"]
        names = ("sagemaker", "s3", "ecr")
        return approval.Registry(*(self.session.client(n, region_name=region) for n in names))

    @property
    def batch(self) -> bool:
        return bool(self.serving["mode"] == "batch")

    def state(self) -> State | None:
        return release_state.read(self.session.client("ssm"), self.facts)

    def look(self) -> live.Live:
        if self.batch:
            return live.Live()
        return live.look(self.sagemaker, self.facts["endpoint"])

    def raging(self) -> tuple[str, ...]:
        """The rollback alarms in alarm."""
        names = json.loads(self.facts["rollback_alarms"])
        return live.raging(self.session.client("cloudwatch"), names)

    def keep(self, state: State) -> State:
        """Makes the state true, then known."""
        release_state.write(self.session.client("ssm"), self.facts, state)
        records.announce(self.session, self.facts, state)
        return state

    def settle(self, state: State | None) -> State | None:
        """Moves on until the release has ended or AWS has to do something first."""
        if state is None:
            return None
        records.announce(self.session, self.facts, state)
        for _ in range(_MOST_MOVES):
            move = decide(state, self._see(state))
            after = state if move is None else self._perform(state, move)
            if after == state:
                break
            state = self.keep(after)
            if move is not None and move.do == "fail":
                self._clear_failed()
        return state

    def _see(self, state: State) -> Seen:
        verdict = None
        if state.phase == "verifying":
            bucket = self.facts["bucket_evidence"]
            verdict = staging_verdict.verdict(
                self.session.client("s3"), bucket, state.version, state.release
            )
        alarms = self.raging() if state.phase in _JUDGED and state.config else ()
        return Seen(
            live=self.look(),
            now=self.now,
            verifies=self.verifies,
            withdrawn=self._withdrawn(state),
            verdict=verdict,
            alarms=tuple(name for name in alarms if name not in state.unwatched),
        )

    @property
    def verifies(self) -> bool:
        """Whether a release ends with a verification."""
        return self.facts["environment"] == "staging"

    def _withdrawn(self, state: State) -> str:
        """Why the approval no longer holds; a registry that cannot be asked changes nothing."""
        if state.phase not in ("deploying", "baking", "verifying", "done"):
            return ""
        try:
            package = self.registry.sagemaker.describe_model_package(
                ModelPackageName=state.model_package_arn
            )
        except ClientError as error:
            if is_denied(error):
                return ""
            raise
        stands = self.facts["environment"] != "prod" or in_production(package)
        return withdrawal.withdrawn(package, stands)

    def _perform(self, state: State, move: Move) -> State:
        """One move; the same state where nothing is left but to wait."""
        now, name = self.now, self.facts["endpoint"]
        match move.do:
            case "start":
                self._deploy(state)
                return replace(state, started=True)
            case "adopt":
                return replace(state, started=True)
            case "bake":
                return state.entering("baking", now)
            case "deployed" if self.verifies:
                self._ask_verification(state)
                return state.entering("verifying", now, attempts=1)
            case "deployed" | "finish":
                self._finish(state)
                return state.entering("done", now, move.reason)
            case "verify":
                self._ask_verification(state)
                return replace(state, since=now.isoformat(), attempts=state.attempts + 1)
            case "refuse":
                return state.entering("refused", now, move.reason)
            case "fail":
                return state.entering("failed", now, move.reason)
            case "turn-back":
                return state.entering("rolling-back", now, move.reason)
            case "abort":
                withdrawal.pull_abort(self.session.client("cloudwatch"), self.facts, now)
            case "go-back":
                # No alarms: one of them may be the reason, and would undo the undoing.
                self._update(state.previous_config, {})
            case "remove":
                self.sagemaker.delete_endpoint(EndpointName=name)
            case "undone":
                return state.entering("rolled-back", now, move.reason or state.reason)
            case "warn":
                return replace(state, withdrawn=True, since=now.isoformat(), reason=move.reason)
        return state

    def _deploy(self, state: State) -> None:
        name = self.facts["endpoint"]
        if not state.previous_config:
            self.sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=state.config)
            return
        names = [n for n in json.loads(self.facts["rollback_alarms"]) if n not in state.unwatched]
        how: dict[str, Any] = {}
        guarded = endpoint.takes_guardrails(self.sagemaker, state.previous_config, state.config)
        rules = rollout.deployment_config(self.serving["rollout"], names) if guarded else None
        if rules:
            how["DeploymentConfig"] = rules
        if guarded and "max_instance_count" in self.serving:
            # What scaling made of the fleet stays; a release is no reason to shrink it.
            how["RetainAllVariantProperties"] = True
        self._update(state.config, how)

    def _update(self, config: str, how: Mapping[str, Any]) -> None:
        if endpoint.changes_instances(self.sagemaker, self.look().config, config):
            scaling.forget(self.session.client("application-autoscaling"), self.facts)
        self.sagemaker.update_endpoint(
            EndpointName=self.facts["endpoint"], EndpointConfigName=config, **how
        )

    def _ask_verification(self, state: State) -> None:
        self.session.client("lambda").invoke(
            FunctionName=f"{self.facts['project']}-{self.facts['environment']}-verify",
            InvocationType="Event",
            Payload=json.dumps(
                {
                    "release": state.release,
                    "version": state.version,
                    "model_package_arn": state.model_package_arn,
                    "endpoint": self.facts["endpoint"],
                }
            ).encode(),
        )

    def _finish(self, state: State) -> None:
        if state.config and self.serving["mode"] != "serverless":
            scaling.apply(
                self.session.client("application-autoscaling"),
                self.session.client("cloudwatch"),
                self.facts,
            )
        package = self.registry.sagemaker.describe_model_package(
            ModelPackageName=state.model_package_arn
        )
        stated = approval.stated(state.model_package_arn, package)
        pipelines.upsert(self.session, self.facts, stated)

    def _clear_failed(self) -> None:
        """An endpoint whose creation failed cannot be updated: it gives way to the next release."""
        if self.look().status == "Failed":
            self.sagemaker.delete_endpoint(EndpointName=self.facts["endpoint"])


def is_denied(error: ClientError) -> bool:
    """Whether IAM or an owner's policy said no."""
    code = str(error.response["Error"]["Code"])
    return "AccessDenied" in code or code in ("403", "Forbidden")
