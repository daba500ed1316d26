"""Runs beside each other: what a person needs to choose between them, and nothing alike."""

import dataclasses
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from modelyard import run_table
from modelyard.functions.run_facts import RunFacts, run_facts
from tests.modelyard.functions.recorded import ARN, STARTED, Recorded

EVALUATION: dict[str, Any] = {
    "dataset": {"sha256": "d" * 64},
    "model": {"sha256": "m" * 64},
    "metrics": {
        "roc_auc": {"value": 0.9, "low": 0.83, "high": 0.951},
        "f1": {"value": 0.5, "low": None, "high": None},
    },
    "gates": {"sentence": "met", "results": [{"metric": "roc_auc"}]},
    "training": {"seed": 1, "environment": {"distributions": {"numpy": "2.4.0"}}},
}


def a_run(number: int = 1, **changed: Any) -> RunFacts:
    facts = RunFacts(
        arn=f"{ARN}{number}",
        status="Succeeded",
        reason="",
        started=STARTED,
        ended=STARTED + timedelta(minutes=3),
        who="alice",
        commit="c0ffee" * 7,
        image_digest="sha256:1",
        instance_type="ml.m5.large",
        hyperparameters={"C": "0.1", "solver": "lbfgs"},
        evaluation=EVALUATION,
        evaluation_uri="s3://a/e",
        package_arn="arn",
        package_version=number,
        package_status="Approved",
        metadata={},
    )
    return dataclasses.replace(facts, **changed)


def test_table_shows_only_the_parameters_that_differ() -> None:
    other = a_run(2, hyperparameters={"C": "1", "solver": "lbfgs"})
    head, first, second = run_table.table([a_run(), other], ["roc_auc"]).splitlines()
    assert head.split() == ["run", "started", "who", "commit", "data", "C", "roc_auc", "version"]
    assert "0.1  0.9000 [0.830, 0.951]  1 (Approved)" in first
    assert "1    0.9000 [0.830, 0.951]  2 (Approved)" in second


def test_failed_run_says_why_below_the_table() -> None:
    failed = a_run(
        2, status="Failed", reason="Prepare: 3 rows", evaluation={}, package_version=None
    )
    lines = run_table.table([a_run(), failed], ["roc_auc"]).splitlines()
    assert lines[2].endswith("- (failed)")
    assert lines[-1] == f"{failed.id}: failed, Prepare: 3 rows"


def test_metrics_of_gates_are_what_is_shown_by_default() -> None:
    assert run_table.headline_metrics([a_run()]) == ["roc_auc"]


def test_difference_of_two_runs_names_every_fact_and_no_other() -> None:
    training = {"seed": 1, "environment": {"distributions": {"numpy": "2.5.0"}}}
    other = a_run(1, who="carol", evaluation={**EVALUATION, "training": training})
    assert run_table.difference(a_run(), other) == [
        ("who", "alice", "carol"),
        ("installed numpy", "2.4.0", "2.5.0"),
    ]


class Service(Recorded):
    """A SageMaker client that knows one execution and the package that it registered."""

    def describe_pipeline_execution(self, **_: Any) -> dict[str, Any]:
        return {
            "PipelineExecutionStatus": "Succeeded",
            "CreationTime": STARTED,
            "LastModifiedTime": datetime(2026, 1, 2, 4, tzinfo=UTC),
            "CreatedBy": {"IamIdentity": {"Arn": "arn:aws:sts::1:assumed-role/r/Carol"}},
        }

    def describe_model_package(self, **_: Any) -> dict[str, Any]:
        return {
            "ModelPackageArn": "package/7",
            "ModelPackageVersion": 7,
            "ModelApprovalStatus": "Approved",
            "CustomerMetadataProperties": {"trained_by": "alice"},
        }

    def paginate(self, **_: Any) -> Any:
        answer = {"OutputParameters": [{"Name": "model_package_arn", "Value": "package/7"}]}
        registered = {
            "StepName": "Register",
            "StepStatus": "Succeeded",
            "Metadata": {"Lambda": answer},
        }
        yield {"PipelineExecutionSteps": [*self.steps, registered]}


class NoFiles:
    """An S3 client with nothing in it."""

    def get_object(self, **_: str) -> Any:
        from botocore.exceptions import ClientError

        raise ClientError({"Error": {"Code": "NoSuchKey", "Message": "no"}}, "GetObject")


def test_facts_of_a_run_come_from_the_service_and_its_package() -> None:
    found = run_facts(Service(), NoFiles(), "artifacts", ARN)
    assert (found.who, found.commit, found.package_version) == ("alice", "c0ffee", 7)
    assert (found.evaluation_uri, found.metrics) == ("", {})


def test_run_that_registered_nothing_names_who_the_service_saw() -> None:
    service = Service()
    service.steps.clear()
    service.paginate = lambda **_: iter([{"PipelineExecutionSteps": []}])  # type: ignore[method-assign]
    found = run_facts(service, NoFiles(), "artifacts", ARN)
    assert (found.who, found.package_version, found.commit) == ("carol", None, "")


@pytest.mark.parametrize(
    ("metric", "shown"),
    [(None, "-"), ({"value": 0.5}, "0.5000"),
     ({"value": 0.5, "low": 0.4, "high": 0.6}, "0.5000 [0.400, 0.600]")],
)  # fmt: skip
def test_estimate_has_its_interval_where_there_is_one(metric: Any, shown: str) -> None:
    assert run_table.estimate(metric) == shown
