"""A fleet to look at: accounts of a sandbox filled through AWS's own APIs, without a workspace.

The projects score in batches: a thousand endpoints would be a thousand model servers.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from importlib.metadata import version
from typing import Any

from modelyard.fleet.metrics import METRICS
from modelyard.fleet.record import Record, path
from modelyard.fleet.sources import TAGS
from modelyard.functions.findings import NAMESPACE
from modelyard.project import ENVIRONMENTS, EnvironmentName

REGION = "us-east-1"
VERSIONS = 3
NEWEST = version("modelyard")
ROLE = "fleet-pipeline"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "sagemaker.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}
NOTHING = {"Name": "Nothing", "Type": "Fail", "Arguments": {"ErrorMessage": "nothing to run"}}
DEFINITION = {"Version": "2020-12-01", "Parameters": [], "Steps": [NOTHING]}
CONTAINER = {"Image": f"1.dkr.ecr.{REGION}.amazonaws.com/x@sha256:0", "ModelDataUrl": "s3://b/m"}
_DATA_A_CALL, _THREADS, _DAYS = 1000, 4, 7


@dataclass(frozen=True)
class Filled:
    """One project: every fourth has overspent, every seventh lags, every tenth never released."""

    name: str
    account: str
    number: int

    @property
    def spent(self) -> float:
        return 620.0 if self.number % 4 == 0 else 120.0

    @property
    def version(self) -> str:
        return "0.0.1" if self.number % 7 == 0 else NEWEST

    @property
    def releases(self) -> bool:
        return self.number % 10 != 0


def accounts(count: int) -> list[str]:
    """Account numbers; the sandbox has any account."""
    return [f"{number:012d}" for number in range(100_000_000_001, 100_000_000_001 + count)]


def client(url: str, account: str, service: str) -> Any:
    """A client of an account's root."""
    import boto3

    make: Any = boto3.client  # typed per service; here the service is a variable
    return make(
        service,
        endpoint_url=url,
        region_name=REGION,
        aws_access_key_id=account,
        aws_secret_access_key="sandbox",
    )


def fill(url: str, count: int, among: Sequence[str]) -> list[Filled]:
    """Makes so many projects in these accounts, in turn."""
    made = [Filled(f"project-{n:04d}", among[n % len(among)], n) for n in range(count)]
    now = datetime.now(UTC)
    with ThreadPoolExecutor(_THREADS) as pool:
        for account in among:
            ours = [one for one in made if one.account == account]
            calls = _calls(partial(client, url, account), account, ours, now)
            for done in [pool.submit(call) for call in calls]:
                done.result()
    return made


def _calls(
    connect: Callable[[str], Any], account: str, projects: Sequence[Filled], now: datetime
) -> Iterator[Callable[[], Any]]:
    ssm, sagemaker, budgets = connect("ssm"), connect("sagemaker"), connect("budgets")
    role = connect("iam").create_role(
        RoleName=ROLE, AssumeRolePolicyDocument=json.dumps(TRUST)
    )["Role"]["Arn"]  # fmt: skip
    for one in projects:
        for environment in ENVIRONMENTS:
            yield partial(_workspace, ssm, budgets, one, environment)
        for environment in ENVIRONMENTS[1:]:
            yield partial(_release, ssm, one, environment, now)
        yield partial(_registry, sagemaker, one, role)
    data = list(_data([one for one in projects if one.releases], now))
    cloudwatch = connect("cloudwatch")
    for start in range(0, len(data), _DATA_A_CALL):
        part = data[start : start + _DATA_A_CALL]
        yield partial(cloudwatch.put_metric_data, Namespace=NAMESPACE, MetricData=part)


def _workspace(ssm: Any, budgets: Any, one: Filled, environment: EnvironmentName) -> None:
    record = Record(
        project=one.name,
        environment=environment,
        account=one.account,
        region=REGION,
        registry_account=one.account,
        registry_region=REGION,
        owner=f"team-{one.number % 40:02d}",
        cost_center=f"{4000 + one.number % 40}",
        risk=("minimal", "limited", "high")[one.number % 3],
        mode="batch",
        monthly_budget=500.0,
        drift_limit=0.2,
        modelyard=NEWEST,
    )
    ssm.put_parameter(
        Name=f"{path(environment)}/{one.name}", Value=record.model_dump_json(), Type="String"
    )
    budgets.create_budget(
        AccountId=one.account,
        Budget={
            "BudgetName": f"{one.name}-{environment}",
            "BudgetType": "COST",
            "TimeUnit": "MONTHLY",
            "BudgetLimit": {"Amount": "500.00", "Unit": "USD"},
            "CalculatedSpend": {"ActualSpend": {"Amount": f"{one.spent:.2f}", "Unit": "USD"}},
        },
    )


def _release(ssm: Any, one: Filled, environment: str, now: datetime) -> None:
    state = {
        "version": VERSIONS - 1,
        "phase": "done",
        "since": (now - timedelta(days=one.number % 60)).isoformat(),
    }
    ssm.put_parameter(
        Name=f"/modelyard-releases/{one.name}/{environment}/state",
        Value=json.dumps(state) if one.releases else "none",
        Type="String",
    )


def _registry(sagemaker: Any, one: Filled, role: str) -> None:
    tags = {TAGS["package"]: one.version, TAGS["template"]: one.version, "project": one.name}
    sagemaker.create_pipeline(
        PipelineName=f"{one.name}-dev-train",
        PipelineDefinition=json.dumps(DEFINITION),
        ClientRequestToken=f"{one.name:x<32}",
        RoleArn=role,
        Tags=[{"Key": key, "Value": value} for key, value in tags.items()],
    )
    sagemaker.create_model_package_group(ModelPackageGroupName=one.name)
    for number in range(VERSIONS):
        sagemaker.create_model_package(
            ModelPackageGroupName=one.name,
            ModelApprovalStatus="Approved" if number < VERSIONS - 1 else "PendingManualApproval",
            InferenceSpecification={
                "Containers": [CONTAINER],
                "SupportedContentTypes": ["application/json"],
                "SupportedResponseMIMETypes": ["application/json"],
            },
        )


def _data(projects: Sequence[Filled], now: datetime) -> Iterator[dict[str, Any]]:
    for one in projects:
        for environment in ENVIRONMENTS[1:]:
            for metric, _ in METRICS.values():
                for day in range(_DAYS):
                    yield {
                        "MetricName": metric,
                        "Value": 0.0 if metric.startswith("Monitor") else 0.1,
                        "Timestamp": now - timedelta(days=day, minutes=5),
                        "Dimensions": [
                            {"Name": "Project", "Value": one.name},
                            {"Name": "Environment", "Value": environment},
                        ],
                    }


def profiles(among: Sequence[str]) -> tuple[str, str]:
    """Texts of ~/.aws/config and ~/.aws/credentials with a profile of each account."""
    config = "".join(f"[profile {one}]\nregion = {REGION}\n" for one in among)
    keys = "".join(
        f"[{one}]\naws_access_key_id = {one}\naws_secret_access_key = sandbox\n" for one in among
    )
    return config, keys
