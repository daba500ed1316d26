"""An approver's decision: nothing is approved without evidence, and each decision is a record."""

import hashlib
import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from modelyard import approval_text, approvals, registry
from modelyard.aws import Place
from modelyard.errors import RegistryError
from modelyard.evidence import chain
from modelyard.evidence.reader import Reader
from modelyard.project import Project
from modelyard.workspace import Workspace
from tests.modelyard.evidence.stored import BEGIN, Registry, Store, place_of

ARN = "arn:aws:sagemaker:us-east-1:123456789012:model-package/loans/3"
BOB = "arn:aws:sts::123456789012:assumed-role/loans-dev-model-approver/Bob"
EVALUATION: dict[str, Any] = {
    "metrics": {"roc_auc": {"value": 0.81, "low": 0.78, "high": 0.84}},
    "gates": {
        "results": [
            {"metric": "roc_auc", "passed": True, "sentence": "roc_auc 0.81 meets the minimum 0.60"}
        ]
    },
    "champion": {"sentence": "roc_auc 0.81 beats 0.79 of the champion on the same rows"},
    "fairness": {
        "black": {
            "measure": "selection_rate",
            "ratio": 0.85,
            "groups": {
                "0": {"rows": 300, "selection_rate": 0.93},
                "1": {"rows": 30, "selection_rate": None},
            },
        }
    },
    "rows": {"test": 330},
}

EMPTY: dict[str, Any] = {"files": []}


class Approver(Registry):
    """A registry that knows who changed it last, and the token service that says who asks."""

    def update_model_package(self, ModelPackageArn: str, **change: Any) -> None:  # noqa: N803
        self.packages[ModelPackageArn] |= change
        self.packages[ModelPackageArn]["LastModifiedBy"] = {"IamIdentity": {"Arn": BOB}}

    def get_caller_identity(self) -> Any:
        return {"Arn": BOB}


def sha256(document: Any) -> str:
    return hashlib.sha256(json.dumps(document).encode()).hexdigest()


@pytest.fixture
def store() -> Store:
    """The artifacts of one run."""
    kept, manifest = Store(), EMPTY
    kept.put("artifacts", "evaluation.json", EVALUATION)
    kept.put("artifacts", "manifest.json", manifest)
    kept.put("artifacts", "versions.json", {"sha256": sha256(manifest)})
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
            "code_commit": "c0ffee" * 6,
            "evaluation": "s3://artifacts/evaluation.json",
            "evaluation_sha256": sha256(EVALUATION),
            "dataset_manifest": "s3://artifacts/manifest.json",
            "dataset_versions": "s3://artifacts/versions.json",
            "model_sha256": "5" * 64,
        },
    }
    return place_of(project, store, sagemaker, sts=sagemaker)


@pytest.fixture
def workspace() -> Workspace:
    return Workspace.model_construct(bucket_evidence="evidence", key_arn="key")


def decide(place: Place, workspace: Workspace, status: str = "Approved", **more: Any) -> Any:
    """One decision; its record's content."""
    package = registry.find(place, 3, "")
    seen = approvals.shown(place, package)
    uri = approvals.decide(place, workspace, package, seen, status, "read it all", **more)
    store = place.client("s3")
    key = uri.removeprefix("s3://evidence/")
    return json.loads(store.get_object(Bucket="evidence", Key=key)["Body"].read())


def test_record_says_who_decided_what_on_which_evidence(place: Place, workspace: Workspace) -> None:
    record = decide(place, workspace)
    wanted = {
        "decision": "Approved",
        "stage": "staging",
        "comment": "read it all",
        "decided_as": BOB,
        "user": "bob",
        "role": "loans-dev-model-approver",
        "trained_by": "alice",
        "model_sha256": "5" * 64,
        "previous": None,
    }
    assert {key: record[key] for key in wanted} == wanted
    assert set(record["evidence"]) == {
        "evaluation",
        "dataset_manifest",
        "dataset_versions",
        "model",
    }


def test_evidence_hash_can_be_computed_again_from_the_record(
    place: Place, workspace: Workspace
) -> None:
    record = decide(place, workspace)
    hashes = "\n".join(sorted(record["evidence"].values()))
    assert record["evidence_sha256"] == hashlib.sha256(hashes.encode()).hexdigest()


def test_card_is_part_of_the_evidence_where_there_is_one(place: Place, store: Store) -> None:
    before = approvals.shown(place, registry.find(place, 3, "")).sha256
    store.put("loans-dev-evidence-123456789012", "reports/cards/3-1.json", {"time": "2026-01-02"})
    after = approvals.shown(place, registry.find(place, 3, ""))
    assert (after.sha256 != before, "card" in after.hashes) == (True, True)


def test_next_decision_names_the_one_before_it(
    place: Place, workspace: Workspace, store: Store
) -> None:
    decide(place, workspace)
    second = decide(place, workspace, stage="production")
    kept = Reader().kept(store, "evidence", "approvals/", "approvals")
    assert second["previous"] == kept[0].link
    assert chain.verify(kept) == ()


@pytest.mark.parametrize(
    ("name", "change", "sentence"),
    [
        ("evaluation.json", None, "the evaluation: it does not exist"),
        ("evaluation.json", {"better": 1}, "the evaluation is not the one that was registered"),
        (
            "manifest.json",
            {"files": [1]},
            "the dataset manifest is not the one that was registered",
        ),
        ("versions.json", None, "the dataset versions: it does not exist"),
    ],
)
def test_approval_without_its_evidence_is_refused_before_the_act(
    place: Place, workspace: Workspace, store: Store, name: str, change: Any, sentence: str
) -> None:
    if change is None:
        store.lose("artifacts", name)
    else:
        store.put("artifacts", name, change)
    with pytest.raises(RegistryError, match=sentence) as refusal:
        decide(place, workspace)
    assert "\n" not in str(refusal.value)
    assert registry.find(place, 3, "").status == "PendingManualApproval"


def test_model_without_evidence_can_still_be_rejected(
    place: Place, workspace: Workspace, store: Store
) -> None:
    store.lose("artifacts", "evaluation.json")
    assert "evaluation" not in decide(place, workspace, "Rejected")["evidence"]


def test_denied_act_leaves_no_record(
    place: Place, workspace: Workspace, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def denied(*_: Any, **__: Any) -> None:
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": ""}}, "UpdateModelPackage")

    monkeypatch.setattr(Approver, "update_model_package", denied)
    with pytest.raises(ClientError):
        decide(place, workspace)
    assert not [key for bucket, key in store.objects if bucket == "evidence"]


def test_act_whose_record_cannot_be_written_is_told(
    place: Place, workspace: Workspace, store: Store
) -> None:
    store.denied = {"evidence/"}
    with pytest.raises(RegistryError, match="is Approved now, but its record could not be written"):
        decide(place, workspace)


def test_approver_sees_metrics_champion_groups_and_hashes(place: Place) -> None:
    package = registry.find(place, 3, "")
    seen = approvals.shown(place, package)
    assert "\n".join(approval_text.lines(package, seen)).splitlines() == [
        "version 3, trained by alice from commit c0ffeec0ffee, registered 2026-01-02 03:00 UTC",
        "gates, on 330 rows it never saw:",
        "  met    roc_auc 0.81 meets the minimum 0.60 (95 %: 0.780 to 0.840)",
        "champion: roc_auc 0.81 beats 0.79 of the champion on the same rows",
        "by black: selection rate 0 0.930 (300 rows), 1 unknown (30 rows); "
        "lowest over highest 0.85",
        "what this decision rests on (sha256):",
        f"  dataset manifest  {seen.hashes['dataset_manifest']}",
        f"  dataset versions  {seen.hashes['dataset_versions']}",
        f"  evaluation        {seen.hashes['evaluation']}",
        f"  model             {'5' * 64}",
        f"  all together      {seen.sha256}",
    ]
