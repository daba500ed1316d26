"""A model with open fairness gates is approved with a reason only, and the reason is evidence."""

import hashlib
import json
from typing import Any

import pytest

from modelyard import decisions, registry
from modelyard.aws import Place
from modelyard.errors import RegistryError
from modelyard.fairness_gates import judge
from modelyard.functions.fairness_decision import require
from modelyard.project import Project
from modelyard.workspace import Workspace
from tests.modelyard.evidence.stored import BEGIN, Registry, Store, place_of

ARN = "arn:aws:sagemaker:us-east-1:123456789012:model-package/loans/3"
BOB = "arn:aws:sts::123456789012:assumed-role/loans-dev-model-approver/Bob"
FAIRNESS = {"black": {"DI": {"min": 0.8}}}


def group(value: float, rows: int) -> dict[str, Any]:
    """A group as evaluation.json holds it."""
    impact = {"value": value, "reason": None, "low": value - 0.05, "high": value + 0.05}
    return {"rows": rows, "small": False, "post_training": {"DI": impact}}


EVALUATION: dict[str, Any] = {
    "fairness": {"black": {"bias": {"0": group(1.6, 300), "1": group(0.6, 60)}}},
    "alternatives": [
        {
            "name": "threshold 0.4",
            "accuracy": {"value": 0.88},
            "fairness": {"black": {"DI": 0.9, "low": 0.8, "high": 1.0, "group": "1", "rows": 60}},
        }
    ],
}


class Approver(Registry):
    """A registry, and the token service that says who asks."""

    def get_caller_identity(self) -> Any:
        return {"Arn": BOB}


@pytest.fixture
def store() -> Store:
    kept = Store()
    kept.put("artifacts", "evaluation.json", EVALUATION)
    return kept


@pytest.fixture
def place(project: Project, store: Store) -> Place:
    sagemaker = Approver()
    sagemaker.packages[ARN] = {
        "ModelPackageArn": ARN,
        "ModelPackageVersion": 3,
        "ModelApprovalStatus": "PendingManualApproval",
        "CreationTime": BEGIN,
        "CustomerMetadataProperties": {
            "trained_by": "alice",
            "evaluation": "s3://artifacts/evaluation.json",
            "evaluation_sha256": hashlib.sha256(json.dumps(EVALUATION).encode()).hexdigest(),
        },
    }
    return place_of(project, store, sagemaker, sts=sagemaker)


def workspace(fairness: Any = FAIRNESS) -> Workspace:
    return Workspace.model_construct(bucket_evidence="evidence", key_arn="key", fairness=fairness)


def settled(place: Place, reason: str | None, fairness: Any = FAIRNESS) -> list[str]:
    """What an approver is told."""
    told: list[str] = []
    package = registry.find(place, 3, "")
    decisions.settle(place, workspace(fairness), package, reason, told.append)
    return told


def records(store: Store) -> list[Any]:
    """The decisions that are stored."""
    found = store.list_objects_v2(Bucket="evidence", Prefix="reports/decisions/3-")["Contents"]
    keys = [item["Key"] for item in found]
    return [json.loads(store.get_object(Bucket="evidence", Key=key)["Body"].read()) for key in keys]


def test_without_a_reason_nothing_is_approved_and_nothing_recorded(
    place: Place, store: Store
) -> None:
    with pytest.raises(RegistryError, match="run again with --accept-bias REASON, or reject"):
        settled(place, None)
    assert records(store) == []


def test_approver_sees_what_is_open_and_the_alternatives(place: Place) -> None:
    told = settled(place, "A person decides.")
    assert told[1] == "  [failed] black=1: DI 0.60 is below the minimum 0.80"
    assert told[3] == (
        "  threshold 0.4: accuracy 0.880, lowest DI by black 0.90 (0.80 to 1.00) for 1"
    )


def test_decision_says_who_why_and_about_what(place: Place, store: Store) -> None:
    settled(place, "A person decides.")
    (found,) = records(store)
    assert (found["user"], found["role"]) == ("bob", "loans-dev-model-approver")
    assert (found["reason"], found["version"]) == ("A person decides.", 3)
    assert [(gate["group"], gate["value"]) for gate in found["gates"]] == [("1", 0.6)]
    assert found["alternatives"] == EVALUATION["alternatives"]
    assert (found["schema_version"], found["previous"]) == (1, None)


def test_release_takes_the_decision_that_the_command_wrote(place: Place, store: Store) -> None:
    settled(place, "A person decides.")
    package = place.registry_client("sagemaker").describe_model_package(ModelPackageName=ARN)
    facts = {"project": "loans", "registry_evidence": "evidence"}
    assert require(store, facts, judge(FAIRNESS, EVALUATION), package).startswith("s3://evidence/")


def test_decision_on_staging_holds_for_production(place: Place, store: Store) -> None:
    settled(place, "A person decides.")
    assert settled(place, None)[-1].startswith("the decision on fairness is documented in s3://")
    assert len(records(store)) == 1


def test_stricter_gates_need_another_decision(place: Place) -> None:
    settled(place, "A person decides.")
    with pytest.raises(RegistryError, match="need a documented decision"):
        settled(place, None, {"black": {"DI": {"min": 0.9}}})


@pytest.mark.parametrize(
    ("reason", "fairness", "sentence"),
    [
        (" ", FAIRNESS, "--accept-bias is empty; say why"),
        ("Fine.", {"black": {"DI": {"min": 0.5}}}, "accepts nothing: no fairness gate is open"),
    ],
)
def test_reason_that_is_none_is_refused(
    place: Place, reason: str, fairness: Any, sentence: str
) -> None:
    with pytest.raises(RegistryError, match=sentence):
        settled(place, reason, fairness)


def test_met_gates_ask_nothing(place: Place) -> None:
    assert settled(place, None, {"black": {"DI": {"min": 0.5}}}) == []


def test_edited_evaluation_is_no_ground_for_a_decision(place: Place, store: Store) -> None:
    store.put("artifacts", "evaluation.json", {**EVALUATION, "fairness": {}})
    with pytest.raises(RegistryError, match="is not the one that was registered"):
        settled(place, "A person decides.")
