"""The registrar believes a comparison with the real champion only, and wants it won where asked."""

from datetime import UTC, datetime
from typing import Any

import pytest

from modelyard.functions.champion import automatic_name, champion, comparison
from modelyard.functions.execution import Execution
from modelyard.functions.service import Refused

FACTS = {"project": "loans", "model_package_group": "loans"}
CHAMPION = "s3://artifacts/runs/old/train/model.tar.gz"
ROBOT, ALICE = automatic_name(FACTS), "alice"
BETTER = {"champion": {"better": True, "sentence": "auc 0.8 beats 0.7 of the champion"}}
WORSE = {"champion": {"better": False, "sentence": "auc 0.7 does not beat 0.8 of the champion"}}


class Registry:
    """A SageMaker client that knows one approved version, or none."""

    def __init__(self, approved: bool = True) -> None:
        self.approved = approved

    def list_model_packages(self, **asked: Any) -> dict[str, Any]:
        assert asked["ModelApprovalStatus"] == "Approved"
        found = [{"ModelPackageArn": "arn:package/loans/3"}] if self.approved else []
        return {"ModelPackageSummaryList": found}

    def describe_model_package(self, ModelPackageName: str) -> dict[str, Any]:  # noqa: N803
        containers = {"Containers": [{"ModelDataUrl": CHAMPION}]}
        return {"ModelPackageVersion": 3, "InferenceSpecification": containers}


def execution(champion_uri: str = CHAMPION) -> Execution:
    when = datetime(2026, 11, 21, tzinfo=UTC)
    return Execution(
        arn="arn:execution", id="x", started=when, image="r@sha256:1", model_uri="s3://m",
        data_uri="s3://d", data_read_at=when, manifest_uri="s3://a", evaluation_uri="s3://e",
        champion_uri=champion_uri, code_commit="",
    )  # fmt: skip


def compared(starter: str, evaluation: dict[str, Any], **changed: Any) -> str:
    return comparison(Registry(), FACTS, execution(**changed), evaluation, starter)


def test_the_champion_is_the_newest_approved_version() -> None:
    found = champion(Registry(), FACTS)
    assert found is not None
    assert (found.version, found.model_uri) == (3, CHAMPION)


@pytest.mark.parametrize("starter", [ROBOT, ALICE])
def test_a_challenger_that_beats_the_champion_is_registered(starter: str) -> None:
    assert compared(starter, BETTER) == (
        "version 3 is the champion: auc 0.8 beats 0.7 of the champion"
    )


@pytest.mark.parametrize("evaluation", [WORSE, {}, {"champion": {"better": None, "sentence": "-"}}])
def test_an_automatic_challenger_that_does_not_win_is_refused(evaluation: dict[str, Any]) -> None:
    with pytest.raises(Refused, match="is not registered; version 3 is the champion"):
        compared(ROBOT, evaluation)


def test_a_persons_model_is_registered_with_its_defeat_on_record() -> None:
    assert "does not beat" in compared(ALICE, WORSE)


def test_a_comparison_with_somebody_else_counts_for_nothing() -> None:
    with pytest.raises(Refused, match="was not compared with version 3"):
        compared(ROBOT, BETTER, champion_uri="s3://artifacts/runs/nobody/")
    assert "was not compared" in compared(ALICE, BETTER, champion_uri="s3://elsewhere")


@pytest.mark.parametrize("starter", [ROBOT, ALICE])
def test_the_first_model_has_nobody_to_beat(starter: str) -> None:
    found = comparison(Registry(approved=False), FACTS, execution(), {}, starter)
    assert found == "no version is approved yet"
