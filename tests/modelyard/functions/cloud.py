"""An account in memory, as a release sees it: an endpoint that deploys in steps, a registry,
evidence, a parameter, alarms; every call is kept, and any of them can be the last of its process.
"""

import hashlib
import io
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError
from botocore.response import StreamingBody

from modelyard.evidence.document import Document, parse
from modelyard.functions.release import answer
from modelyard.functions.release_machine import Machine
from modelyard.functions.release_state import State, read
from tests.modelyard.functions.recorded import ACCOUNT, FACTS, IMAGE, REPOSITORY

BEGIN = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
APPROVAL = {"detail-type": "SageMaker Model Package State Change", "detail": {}}
RECONCILE = {"action": "reconcile"}
MODEL, EVALUATION = b"model", json.dumps({"metrics": {"roc_auc": {"value": 0.8}}}).encode()
SERVING = {
    "mode": "real-time",
    "instance_type": "ml.m5.large",
    "instance_count": 2,
    "rollout": {"strategy": "canary", "percent": 10, "bake_minutes": 10},
}


class Killed(Exception):  # noqa: N818 (what happens to the process)
    """The function died after an AWS call was made and before it saw the answer."""


def facts(environment: str, **serving: Any) -> dict[str, str]:
    """The contract of an environment."""
    stated = {**SERVING, **serving}
    if environment == "staging":
        stated["rollout"] = {"strategy": "all-at-once", "percent": 100, "bake_minutes": 0}
    prefix = f"loans-{environment}"
    return {
        **FACTS,
        "environment": environment,
        "account": ACCOUNT,
        "endpoint": prefix,
        "registry_account": ACCOUNT,
        "registry_region": "us-east-1",
        "repository_uri": REPOSITORY,
        "model_package_group_arn": "group",
        "gates": json.dumps({"roc_auc": {"min": 0.7}}),
        "serving": json.dumps(stated),
        "serving_role": f"arn:aws:iam::{ACCOUNT}:role/{prefix}-serving",
        "monitor_role": f"arn:aws:iam::{ACCOUNT}:role/{prefix}-monitor",
        "security_group": "sg-1",
        "subnet_a": "subnet-a",
        "subnet_b": "subnet-b",
        "bucket_predictions": "predictions",
        "bucket_evidence": "evidence",
        "registry_evidence": "registry-evidence",
        "staging_evidence": "staging-evidence",
        "key_arn": "key",
        "alert_topic": "topic",
        "release_state": "/state",
        "monitoring": json.dumps({"capture": "endpoint", "instance_type": "ml.m5.large"}),
        "region": "us-east-1",
        "bucket_artifacts": "artifacts",
        "rollback_alarms": json.dumps([f"{prefix}-endpoint-errors", f"{prefix}-abort"]),
    }


class Client:
    """One service of the account."""

    exceptions = type("Exceptions", (), {"NoSuchKey": KeyError})

    def __init__(self, cloud: "Cloud", service: str) -> None:
        self._cloud, self._service = cloud, service

    def get_paginator(self, operation: str) -> Any:
        def pages(**wanted: Any) -> Iterator[Any]:
            yield getattr(self, operation)(**wanted)

        return type("Paginator", (), {"paginate": staticmethod(pages)})

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        def call(**wanted: Any) -> Any:
            return self._cloud.call(self._service, operation, wanted)

        return call


class Cloud:
    """The account; tests change `packages`, `raging`, `denied` and watch the rest.

    The versions whose configurations are `bad` answer with errors as soon as they answer.
    """

    def __init__(self, environment: str, **serving: Any) -> None:
        self.facts = facts(environment, **serving)
        self.now = BEGIN
        self.calls: list[str] = []
        self.kill_after: int | None = None
        self.denied: set[str] = set()
        self.parameter = "none"
        self.objects: dict[tuple[str, str], bytes] = {
            ("artifacts", "model"): MODEL,
            ("artifacts", "evaluation.json"): EVALUATION,
        }
        self.packages: dict[str, dict[str, Any]] = {}
        self.made: dict[tuple[str, str], dict[str, Any]] = {}
        self.endpoint: dict[str, Any] | None = None
        self.deployed: list[str] = []
        self.told: list[dict[str, Any]] = []
        self.messages: list[dict[str, Any]] = []
        self.asked: list[dict[str, Any]] = []
        self.aborts = 0
        self.raging: set[str] = set()
        self.bad: set[str] = set()
        self.scaled: list[dict[str, Any]] = []
        self.verdict: tuple[bool, str] = (True, "all as stated")

    # What people and services do.

    def approve(self, version: int, *, production: bool = True) -> str:
        """Register and approve a version; returns its ARN."""
        self.now += timedelta(minutes=1)
        arn = f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:model-package/loans/{version}"
        approver = f"arn:aws:sts::{ACCOUNT}:assumed-role/loans-dev-model-approver/bob"
        stage = {"Stage": "Production", "StageStatus": "Approved"}
        self.packages[arn] = {
            "ModelPackageGroupName": "loans",
            "ModelPackageVersion": version,
            "ModelApprovalStatus": "Approved",
            "ModelLifeCycle": stage if production else {},
            "LastModifiedTime": self.now,
            "LastModifiedBy": {"IamIdentity": {"Arn": approver}},
            "InferenceSpecification": {
                "Containers": [{"Image": IMAGE, "ModelDataUrl": "s3://artifacts/model"}]
            },
            "CustomerMetadataProperties": {
                "trained_by": "alice",
                "image_digest": IMAGE.split("@")[1],
                "model_sha256": hashlib.sha256(MODEL).hexdigest(),
                "evaluation": "s3://artifacts/evaluation.json",
                "evaluation_sha256": hashlib.sha256(EVALUATION).hexdigest(),
            },
        }
        return arn

    def withdraw(self, arn: str) -> None:
        self.packages[arn]["ModelApprovalStatus"] = "Rejected"

    def verified_in_staging(self, version: int, **changes: Any) -> None:
        self._verified("staging-evidence", version, {"release": "-", **changes})

    def _verified(self, bucket: str, version: int, record: dict[str, Any]) -> None:
        document = {
            "passed": True,
            "reason": "",
            "image_digest": IMAGE.split("@")[1],
            "model_sha256": hashlib.sha256(MODEL).hexdigest(),
            **record,
        }
        self.objects[bucket, f"releases/verifications/{version}.json"] = json.dumps(
            document
        ).encode()

    def step(self) -> None:
        """Time passes: SageMaker goes one step further, verification answers, alarms judge."""
        self.now += timedelta(minutes=16)
        for event in self.asked:
            passed, reason = self.verdict
            record = {"passed": passed, "reason": reason, "release": event["release"]}
            self._verified("evidence", event["version"], record)
        self.asked = []
        if self.endpoint is None or self.endpoint["EndpointStatus"] == "InService":
            return
        pending = self.endpoint.get("PendingDeploymentSummary")
        status = self.endpoint["EndpointStatus"]
        if status == "Deleting":
            self.endpoint = None
        elif status == "Failed":
            return
        elif status == "RollingBack":
            self._arrive(self.endpoint["EndpointConfigName"])
        elif status == "Updating" and pending and self._watched(pending) & self._alarms():
            self.endpoint["EndpointStatus"] = "RollingBack"
        elif status == "Updating" and pending and not pending["ProductionVariants"]:
            stage = {"VariantStatus": [{"Status": "Baking"}]}
            pending["ProductionVariants"] = [stage]
        else:
            assert pending
            self._arrive(pending["EndpointConfigName"])

    def _alarms(self) -> set[str]:
        abort = {f"loans-{self.facts['environment']}-abort"} if self.aborts else set()
        pending = (self.endpoint or {}).get("PendingDeploymentSummary") or {}
        answers = pending.get("EndpointConfigName") in self.bad and pending["ProductionVariants"]
        errors = {f"loans-{self.facts['environment']}-endpoint-errors"} if answers else set()
        return self.raging | abort | errors

    def _watched(self, pending: dict[str, Any]) -> set[str]:
        """Alarms judge once the new fleet answers."""
        return set(pending["Alarms"]) if pending["ProductionVariants"] else set()

    def _arrive(self, config: str) -> None:
        self.endpoint = {
            "EndpointStatus": "InService",
            "EndpointConfigName": config,
            "LastModifiedTime": self.now,
        }

    # What the function does.

    def client(self, service: str, region_name: str | None = None) -> Client:
        return Client(self, service)

    def run(self, event: dict[str, Any]) -> dict[str, Any] | None:
        """One invocation; None where it was killed."""
        try:
            machine = Machine(self, self.facts, self.now)
            return answer(machine, event)
        except Killed:
            return None

    def settle(self, event: dict[str, Any] = RECONCILE, steps: int = 12) -> State:
        """The event, then time and reconciliation until nothing changes any more."""
        self.run(event)
        for _ in range(steps):
            self.step()
            self.run(RECONCILE)
        return self.state

    @property
    def state(self) -> State:
        found = read(self.client("ssm"), self.facts)
        assert found is not None
        return found

    @property
    def serving(self) -> str:
        assert self.endpoint is not None
        return str(self.endpoint["EndpointConfigName"])

    @property
    def records(self) -> list[str]:
        """What is kept of releases, by name."""
        keys = [key for bucket, key in self.objects if bucket == "evidence"]
        return sorted(key for key in keys if "verifications" not in key)

    @property
    def phases(self) -> list[str]:
        """What the world was told, repetitions left out."""
        return list(dict.fromkeys(event["phase"] for event in self.told))

    def call(self, service: str, operation: str, wanted: dict[str, Any]) -> Any:
        if operation in self.denied:
            raise _error("AccessDeniedException", f"not authorized to perform {operation}")
        result = getattr(self, f"_{operation}")(**wanted)
        self.calls.append(operation)
        if self.kill_after is not None and len(self.calls) == self.kill_after:
            raise Killed(operation)
        return result

    def _get_parameter(self, **_: Any) -> Any:
        return {"Parameter": {"Value": self.parameter}}

    def _put_parameter(self, **wanted: Any) -> None:
        self.parameter = wanted["Value"]

    def _list_objects_v2(self, Bucket: str, Prefix: str) -> Any:  # noqa: N803
        keys = [key for bucket, key in self.objects if bucket == Bucket and key.startswith(Prefix)]
        return {"Contents": [{"Key": key, "LastModified": self.now} for key in sorted(keys)]}

    def _get_object(self, Bucket: str, Key: str) -> Any:  # noqa: N803
        content = self.objects[Bucket, Key]
        return {"Body": StreamingBody(io.BytesIO(content), len(content))}

    def _put_object(self, **wanted: Any) -> None:
        self.objects[wanted["Bucket"], wanted["Key"]] = wanted["Body"]

    def _put_events(self, Entries: Any) -> Any:  # noqa: N803
        self.told.append(json.loads(Entries[0]["Detail"]))
        return {"FailedEntryCount": 0}

    def _publish(self, **wanted: Any) -> None:
        self.messages.append(wanted)

    def _put_metric_data(self, **_: Any) -> None:
        self.aborts += 1

    def _describe_alarms(self, **wanted: Any) -> Any:
        found = (self._alarms() if not self.aborts else self.raging) & set(wanted["AlarmNames"])
        return {"MetricAlarms": [{"AlarmName": one, "StateValue": "ALARM"} for one in found]}

    def _put_metric_alarm(self, **wanted: Any) -> None:
        self.made["alarm", wanted["AlarmName"]] = wanted

    def _invoke(self, **wanted: Any) -> None:
        self.asked.append(json.loads(wanted["Payload"]))

    def _batch_get_image(self, **_: Any) -> Any:
        return {"images": [{}]}

    def _register_scalable_target(self, **wanted: Any) -> None:
        self.scaled.append(wanted)

    def _put_scaling_policy(self, **wanted: Any) -> Any:
        self.scaled.append(wanted)
        return {"PolicyARN": "policy"}

    def _deregister_scalable_target(self, **_: Any) -> None:
        raise _error("ObjectNotFoundException", "no scalable target")

    def _update_pipeline(self, **wanted: Any) -> None:
        self.made["pipeline", wanted["PipelineName"]] = wanted

    def _describe_model_package(self, ModelPackageName: str) -> Any:  # noqa: N803
        return self.packages[ModelPackageName]

    def _list_model_packages(self, **_: Any) -> Any:
        approved = [
            {"ModelPackageArn": arn, "ModelPackageVersion": package["ModelPackageVersion"]}
            for arn, package in self.packages.items()
            if package["ModelApprovalStatus"] == "Approved"
        ]
        approved.sort(key=lambda one: -one["ModelPackageVersion"])
        return {"ModelPackageSummaryList": approved}

    def _described(self, kind: str, name: str) -> dict[str, Any]:
        if (kind, name) not in self.made:
            raise _error("ValidationException", f'Could not find {kind} "{name}".')
        return self.made[kind, name]

    def _describe_model(self, ModelName: str) -> Any:  # noqa: N803
        return self._described("model", ModelName)

    def _describe_endpoint_config(self, EndpointConfigName: str) -> Any:  # noqa: N803
        return self._described("config", EndpointConfigName)

    def _create_model(self, **wanted: Any) -> None:
        self.made["model", wanted["ModelName"]] = wanted

    def _create_endpoint_config(self, **wanted: Any) -> None:
        self.made["config", wanted["EndpointConfigName"]] = wanted

    def _describe_endpoint(self, EndpointName: str) -> Any:  # noqa: N803
        if self.endpoint is None:
            raise _error("ValidationException", f'Could not find endpoint "{EndpointName}".')
        return self.endpoint

    def _create_endpoint(self, **wanted: Any) -> None:
        assert self.endpoint is None, "an endpoint was created twice"
        self._begin("Creating", wanted["EndpointConfigName"], wanted["EndpointConfigName"], {})

    def _update_endpoint(self, **wanted: Any) -> None:
        assert self.endpoint is not None
        if self.endpoint["EndpointStatus"] != "InService":
            raise _error("ValidationException", "Cannot update in-progress endpoint")
        how = wanted.get("DeploymentConfig") or {}
        self._begin("Updating", self.serving, wanted["EndpointConfigName"], how)
        self.made["update", wanted["EndpointConfigName"]] = wanted

    def _begin(self, status: str, now: str, config: str, how: dict[str, Any]) -> None:
        self.deployed.append(config)
        alarms = how.get("AutoRollbackConfiguration", {}).get("Alarms", [])
        self.endpoint = {
            "EndpointStatus": status,
            "EndpointConfigName": now,
            "LastModifiedTime": self.now,
            "PendingDeploymentSummary": {
                "EndpointConfigName": config,
                "ProductionVariants": [],
                "Alarms": [alarm["AlarmName"] for alarm in alarms],
            },
        }

    def _delete_endpoint(self, **_: Any) -> None:
        assert self.endpoint is not None
        self.endpoint = {
            "EndpointStatus": "Deleting",
            "EndpointConfigName": self.serving,
            "LastModifiedTime": self.now,
        }


def _error(code: str, message: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "Call")


def chained(cloud: Cloud) -> list[Document]:
    """The release records as evidence reads them."""
    return [
        parse(f"s3://{bucket}/{key}", None, body)
        for (bucket, key), body in cloud.objects.items()
        if bucket == "evidence" and "verifications" not in key
    ]
