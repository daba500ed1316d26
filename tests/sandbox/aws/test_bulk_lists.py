"""Lists over many resources: AWS's pages, limits and actions, as `modelyard fleet` meets them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

NOTHING = {"Name": "Nothing", "Type": "Fail", "Arguments": {"ErrorMessage": "nothing to run"}}
DEFINITION = json.dumps({"Version": "2020-12-01", "Steps": [NOTHING]})


def refused(call: Any, /, **parameters: Any) -> str:
    with pytest.raises(ClientError) as raised:
        call(**parameters)
    return str(raised.value.response["Error"]["Message"])


@pytest.fixture
def pipelines(account: Any) -> Any:
    """Twelve pipelines, of which the first has no tags."""
    role = account.role("pipeline", service="sagemaker.amazonaws.com")
    client = account.client("sagemaker")
    for number in range(12):
        client.create_pipeline(
            PipelineName=f"p{number:02d}-dev-train",
            PipelineDefinition=DEFINITION,
            ClientRequestToken=f"{number:032d}",
            RoleArn=role,
            Tags=[{"Key": "modelyard-version", "Value": f"0.{number}.0"}] if number else [],
        )
    return client


def test_pipelines_are_listed_ten_a_page_unless_asked_for_more(pipelines: Any) -> None:
    first = pipelines.list_pipelines()
    assert len(first["PipelineSummaries"]) == 10
    rest = pipelines.list_pipelines(NextToken=first["NextToken"])
    assert (len(rest["PipelineSummaries"]), "NextToken" in rest) == (2, False)
    assert len(pipelines.list_pipelines(MaxResults=100)["PipelineSummaries"]) == 12
    assert "101" in refused(pipelines.list_pipelines, MaxResults=101)


def test_pipeline_that_never_ran_has_no_last_run(pipelines: Any) -> None:
    listed = pipelines.list_pipelines(PipelineNamePrefix="p01")["PipelineSummaries"]
    assert [one["PipelineName"] for one in listed] == ["p01-dev-train"]
    assert "LastExecutionTime" not in listed[0]


def test_tagged_pipelines_are_found_by_their_tags(account: Any, pipelines: Any) -> None:
    tagging = account.client("resourcegroupstaggingapi")
    pages = tagging.get_paginator("get_resources").paginate(
        ResourceTypeFilters=["sagemaker:pipeline"], ResourcesPerPage=5
    )
    sizes, found = [], {}
    for page in pages:
        sizes.append(len(page["ResourceTagMappingList"]))
        for one in page["ResourceTagMappingList"]:
            found[one["ResourceARN"].rpartition("/")[2]] = one["Tags"]
    # AWS lists what is or was tagged: the first is not there.
    assert (sizes, sorted(found)) == ([5, 5, 1], [f"p{n:02d}-dev-train" for n in range(1, 12)])
    assert found["p07-dev-train"] == [{"Key": "modelyard-version", "Value": "0.7.0"}]
    chosen = tagging.get_resources(
        ResourceTypeFilters=["sagemaker:pipeline"],
        TagFilters=[{"Key": "modelyard-version", "Values": ["0.3.0"]}],
    )["ResourceTagMappingList"]
    assert [one["ResourceARN"].rpartition("/")[2] for one in chosen] == ["p03-dev-train"]


def test_tagging_api_refuses_what_aws_refuses(account: Any, pipelines: Any) -> None:
    get = account.client("resourcegroupstaggingapi").get_resources
    kinds = ["sagemaker:pipeline"]
    assert "between 1 and 100" in refused(get, ResourceTypeFilters=kinds, ResourcesPerPage=101)
    assert "Unsupported" in refused(get, ResourceTypeFilters=["sagemaker:pipelines"])


def test_model_packages_are_listed_without_a_group_only_when_versions_are_asked_for(
    account: Any,
) -> None:
    client = account.client("sagemaker")
    client.create_model_package_group(ModelPackageGroupName="loans")
    client.create_model_package(ModelPackageGroupName="loans")
    assert client.list_model_packages()["ModelPackageSummaryList"] == []
    (one,) = client.list_model_packages(ModelPackageType="Versioned")["ModelPackageSummaryList"]
    assert (one["ModelPackageGroupName"], one["ModelPackageVersion"]) == ("loans", 1)
    assert "ModelLifeCycle" not in one
    client.update_model_package(
        ModelPackageArn=one["ModelPackageArn"],
        ModelLifeCycle={"Stage": "Production", "StageStatus": "Approved"},
    )
    (one,) = client.list_model_packages(ModelPackageType="Versioned")["ModelPackageSummaryList"]
    assert one["ModelLifeCycle"]["Stage"] == "Production"


def test_budgets_are_listed_by_page(account: Any) -> None:
    client = account.client("budgets")
    for number in range(3):
        client.create_budget(
            AccountId=account.id,
            Budget={
                "BudgetName": f"b{number}",
                "BudgetType": "COST",
                "TimeUnit": "MONTHLY",
                "BudgetLimit": {"Amount": "5", "Unit": "USD"},
            },
        )
    pages = client.get_paginator("describe_budgets").paginate(
        AccountId=account.id, PaginationConfig={"PageSize": 2}
    )
    assert [[one["BudgetName"] for one in page["Budgets"]] for page in pages] == [
        ["b0", "b1"], ["b2"]
    ]  # fmt: skip
    assert "between 1 and 1000" in refused(
        client.describe_budgets, AccountId=account.id, MaxResults=1001
    )


def test_alarms_are_listed_by_page_and_state_together(account: Any) -> None:
    client = account.client("cloudwatch")
    for number in range(3):
        client.put_metric_alarm(
            AlarmName=f"a{number}", Namespace="N", MetricName="M", Statistic="Sum", Period=60,
            EvaluationPeriods=1, Threshold=1, ComparisonOperator="GreaterThanThreshold",
        )  # fmt: skip
    client.set_alarm_state(AlarmName="a1", StateValue="ALARM", StateReason="told")
    raging = client.describe_alarms(StateValue="ALARM", AlarmNamePrefix="a")["MetricAlarms"]
    assert [one["AlarmName"] for one in raging] == ["a1"]
    first = client.describe_alarms(MaxRecords=2)
    rest = client.describe_alarms(MaxRecords=2, NextToken=first["NextToken"])
    assert [len(page["MetricAlarms"]) for page in (first, rest)] == [2, 1]
    assert "between 1 and 100" in refused(client.describe_alarms, MaxRecords=101)


def test_metric_data_takes_500_queries(account: Any) -> None:
    client, now = account.client("cloudwatch"), datetime.now(UTC)
    stat = {"Metric": {"Namespace": "N", "MetricName": "M"}, "Period": 60, "Stat": "Sum"}
    queries = [{"Id": f"m{number}", "MetricStat": stat} for number in range(501)]
    span = {"StartTime": now - timedelta(hours=1), "EndTime": now}
    answered = client.get_metric_data(MetricDataQueries=queries[:500], **span)
    assert len(answered["MetricDataResults"]) == 500
    assert "greater than 500" in refused(client.get_metric_data, MetricDataQueries=queries, **span)


def test_parameters_of_a_path_come_ten_a_page(account: Any) -> None:
    ssm = account.client("ssm")
    for number in range(11):
        ssm.put_parameter(Name=f"/fleet/dev/p{number:02d}", Value="1", Type="String")
    ssm.put_parameter(Name="/fleet-else/dev/p", Value="1", Type="String")
    pages = ssm.get_paginator("get_parameters_by_path").paginate(Path="/fleet", Recursive=True)
    assert [len(page["Parameters"]) for page in pages] == [10, 1]
    assert ssm.get_parameters_by_path(Path="/fleet")["Parameters"] == []
    assert len(ssm.get_parameters_by_path(Path="/fleet/dev")["Parameters"]) == 10


@pytest.mark.parametrize(
    ("service", "operation", "action"),
    [
        ("budgets", "describe_budgets", "budgets:ViewBudget"),
        ("resourcegroupstaggingapi", "get_resources", "tag:GetResources"),
        ("sagemaker", "list_model_packages", "sagemaker:ListModelPackages"),
    ],
)
def test_each_is_judged_by_the_action_that_iam_knows(
    account: Any, service: str, operation: str, action: str
) -> None:
    account.role("nobody")
    client = account.client(service, account.sign_in("nobody", "alice"))
    asked = {"AccountId": account.id} if service == "budgets" else {}
    assert f"not authorized to perform: {action} on resource" in refused(
        getattr(client, operation), **asked
    )


def test_tag_given_again_has_its_last_value(pipelines: Any) -> None:
    arn = pipelines.describe_pipeline(PipelineName="p01-dev-train")["PipelineArn"]
    pipelines.add_tags(
        ResourceArn=arn,
        Tags=[{"Key": "modelyard-version", "Value": "1.0.0"}, {"Key": "new", "Value": "yes"}],
    )
    assert pipelines.list_tags(ResourceArn=arn)["Tags"] == [
        {"Key": "modelyard-version", "Value": "1.0.0"},
        {"Key": "new", "Value": "yes"},
    ]
