"""The bulk lists that the fleet is read from: each page tells of as many projects as AWS allows.

Ten parameters, a hundred tags, pipelines, packages, endpoints, alarms or budgets a page.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from modelyard.errors import WorkspaceError
from modelyard.fleet import record
from modelyard.fleet.account import Account
from modelyard.fleet.facts import Model, Pipeline, Release, Spending
from modelyard.fleet.record import Record
from modelyard.functions.release_state import NO_RELEASE
from modelyard.project import EnvironmentName

RELEASES = "/modelyard-releases"
# What `modelyard publish` writes on a pipeline.
TAGS = {
    "package": "modelyard-version",
    "template": "template-version",
    "commit": "template-commit",
    "repository": "repository",
}
# What it writes where a repo does not say.
NOT_STATED = "unknown"
TRAIN = "-dev-train"
_PAGE = 100
_OURS = re.compile(r"(.+?)-(dev|staging|prod)-(.+)")


@dataclass(frozen=True)
class Told:
    """A record and when it last changed, or why it cannot be read."""

    record: Record | None
    applied: datetime
    broken: str = ""


def records(account: Account, environment: EnvironmentName) -> list[Told]:
    """The workspaces of an environment."""
    found = []
    for one in _parameters(account, record.path(environment)):
        changed = one["LastModifiedDate"]
        try:
            found.append(Told(record.parse(one["Name"], one["Value"]), changed))
        except WorkspaceError as error:
            found.append(Told(None, changed, str(error)))
    return found


def releases(account: Account) -> dict[tuple[str, str], Release]:
    """The last release by project and environment."""
    found = {}
    for one in _parameters(account, RELEASES):
        if one["Value"] == NO_RELEASE:
            continue
        _, _, project, environment, _ = one["Name"].split("/")
        stated = json.loads(one["Value"])
        found[project, environment] = Release(
            version=int(stated["version"]),
            phase=str(stated["phase"]),
            since=datetime.fromisoformat(stated["since"]),
            reason=str(stated.get("reason", "")),
        )
    return found


def pipelines(account: Account) -> dict[str, Pipeline]:
    """The training pipelines by project."""
    listed = _listed(account, "list_pipelines", "PipelineSummaries")
    return {
        one["PipelineName"].removesuffix(TRAIN): Pipeline(
            one["LastModifiedTime"], one.get("LastExecutionTime")
        )
        for one in listed
        if one["PipelineName"].endswith(TRAIN)
    }


def tags(account: Account) -> dict[str, Mapping[str, str]]:
    """The tags of the training pipelines by project."""
    client = account.clients["resourcegroupstaggingapi"]
    pages = client.get_paginator("get_resources").paginate(
        ResourceTypeFilters=["sagemaker:pipeline"], ResourcesPerPage=_PAGE
    )
    return {
        _name(one["ResourceARN"]).removesuffix(TRAIN): {
            tag["Key"]: tag["Value"] for tag in one["Tags"]
        }
        for page in pages
        for one in page["ResourceTagMappingList"]
        if one["ResourceARN"].endswith(TRAIN)
    }


def models(account: Account) -> dict[str, tuple[Model, ...]]:
    """The versions of every group, oldest first."""
    found = defaultdict(list)
    # Without a group, AWS lists unversioned packages unless it is asked for the others.
    for one in _listed(
        account, "list_model_packages", "ModelPackageSummaryList", ModelPackageType="Versioned"
    ):
        stage = one.get("ModelLifeCycle") or {}
        found[one["ModelPackageGroupName"]].append(
            Model(
                version=int(one["ModelPackageVersion"]),
                approval=str(one["ModelApprovalStatus"]),
                created=one["CreationTime"],
                stage=" ".join(str(stage.get(key, "")) for key in ("Stage", "StageStatus")).strip(),
            )
        )
    return {
        group: tuple(sorted(versions, key=lambda one: one.version))
        for group, versions in found.items()
    }


def endpoints(account: Account) -> dict[str, str]:
    """The status of every endpoint, by its name."""
    listed = _listed(account, "list_endpoints", "Endpoints")
    return {one["EndpointName"]: str(one["EndpointStatus"]) for one in listed}


def alarms(account: Account) -> dict[tuple[str, str], tuple[str, ...]]:
    """The alarms that rage now, by project and environment."""
    pages = (
        account.clients["cloudwatch"]
        .get_paginator("describe_alarms")
        .paginate(
            StateValue="ALARM",
            AlarmTypes=["MetricAlarm", "CompositeAlarm"],
            PaginationConfig={"PageSize": _PAGE},
        )
    )
    found = defaultdict(list)
    for page in pages:
        for one in (*page["MetricAlarms"], *page["CompositeAlarms"]):
            ours = _OURS.fullmatch(one["AlarmName"])
            if ours:
                found[ours[1], ours[2]].append(ours[3])
    return {key: tuple(sorted(names)) for key, names in found.items()}


def budgets(account: Account) -> dict[str, Spending]:
    """What each budget allows and what was spent of it, by its name."""
    pages = (
        account.clients["budgets"]
        .get_paginator("describe_budgets")
        .paginate(AccountId=account.id, PaginationConfig={"PageSize": _PAGE})
    )
    return {
        one["BudgetName"]: _spending(one)
        for page in pages
        for one in page.get("Budgets", ())
        if "BudgetLimit" in one
    }


def _spending(budget: Mapping[str, Any]) -> Spending:
    spent = budget.get("CalculatedSpend") or {}
    forecast = spent.get("ForecastedSpend")
    return Spending(
        limit=float(budget["BudgetLimit"]["Amount"]),
        actual=float(spent.get("ActualSpend", {}).get("Amount", 0)),
        forecast=float(forecast["Amount"]) if forecast else None,
    )


def _parameters(account: Account, path: str) -> Iterator[Any]:
    pages = (
        account.clients["ssm"]
        .get_paginator("get_parameters_by_path")
        .paginate(Path=path, Recursive=True)
    )
    for page in pages:
        yield from page["Parameters"]


def _listed(account: Account, operation: str, key: str, **asked: Any) -> Iterator[Any]:
    pages = account.clients["sagemaker"].get_paginator(operation)
    for page in pages.paginate(**asked, PaginationConfig={"PageSize": _PAGE}):
        yield from page[key]


def _name(arn: str) -> str:
    return arn.rpartition("/")[2]
