"""The dossier of a model: what is there is read and hashed, what is not is said."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

import pytest

from modelyard import evidence
from modelyard.aws import Place
from modelyard.evidence import chain
from modelyard.project import Project
from tests.modelyard.evidence.stored import BEGIN, Registry, Store, place_of, record

ARN = "arn:aws:sagemaker:us-east-1:123456789012:model-package/loans/3"
RUN = "arn:aws:sagemaker:us-east-1:123456789012:pipeline/loans-dev-train/execution/abc"
ARTIFACTS = "loans-dev-artifacts-123456789012"
DEV = "loans-dev-evidence-123456789012"
STAGING = "loans-staging-evidence-123456789012"
PROD = "loans-prod-evidence-210987654321"


@dataclass
class Known:
    """A model that is released, and everything it left behind."""

    store: Store
    registry: Registry
    place: Place

    def gather(self) -> evidence.Dossier:
        return evidence.gather(self.place, 3, ["dev", "staging", "prod"])


def sha256(document: Any) -> str:
    return hashlib.sha256(json.dumps(document).encode()).hexdigest()


@pytest.fixture
def known(project: Project) -> Known:
    """Version 3, approved twice, released to prod, monitored once."""
    store, registry = Store(), Registry()
    evaluation: Any = {"metrics": {}}
    manifest: Any = {"files": []}
    store.put(ARTIFACTS, "runs/abc/evaluation.json", evaluation)
    store.put(ARTIFACTS, "runs/abc/manifest.json", manifest)
    store.put(ARTIFACTS, "runs/abc/baseline.json", {"columns": []})
    store.put(ARTIFACTS, "runs/abc/golden.json", {"rows": []})
    store.put(ARTIFACTS, "registry/abc.json", {"sha256": sha256(manifest), "files": []})
    registry.packages[ARN] = {
        "ModelPackageArn": ARN,
        "ModelPackageVersion": 3,
        "ModelApprovalStatus": "Approved",
        "CreationTime": BEGIN,
        "CustomerMetadataProperties": {
            "execution": RUN,
            "evaluation": f"s3://{ARTIFACTS}/runs/abc/evaluation.json",
            "evaluation_sha256": sha256(evaluation),
            "dataset_manifest": f"s3://{ARTIFACTS}/runs/abc/manifest.json",
            "dataset_versions": f"s3://{ARTIFACTS}/registry/abc.json",
            "baseline_profile": f"s3://{ARTIFACTS}/runs/abc/baseline.json",
            "golden_predictions": f"s3://{ARTIFACTS}/runs/abc/golden.json",
        },
    }
    pipeline = RUN.partition("/execution")[0]
    registry.runs[RUN] = {
        "PipelineArn": pipeline,
        "PipelineExecutionStatus": "Succeeded",
        "CreationTime": BEGIN,
        "Parameters": [{"Name": "Seed", "Value": "7"}],
        "Steps": [{"StepName": "Train", "StepStatus": "Succeeded"}],
    }
    own = {"model_package_arn": ARN, "version": 3}
    for number, stage in enumerate(("staging", "production"), 1):
        written = record(number, **own, stage=stage)
        chain.append(store, DEV, "approvals/", f"3-{number}.json", written, "key")
    chain.append(store, PROD, "releases/", "3-x-done.json", record(4, **own, phase="done"), "key")
    other = record(5, model_package_arn="another", phase="deploying")
    chain.append(store, PROD, "releases/", "4-x-deploying.json", other, "key")
    store.put(STAGING, "releases/verifications/3.json", {"passed": True})
    store.put(PROD, "reports/monitoring/w1/summary.json", {"model_package_arn": ARN})
    store.put(PROD, "reports/monitoring/w2/summary.json", {"model_package_arn": "another"})
    store.put(DEV, "reports/cards/3-1.json", record(3))
    return Known(store, registry, place_of(project, store, registry))


def test_everything_there_is_gathered_without_a_gap(known: Known) -> None:
    found = known.gather()
    assert (found.gaps, found.problems) == ((), ())
    assert [one.content["stage"] for one in found.approvals] == ["staging", "production"]
    assert [len(one) for one in (found.releases, found.verifications, found.monitoring)] == [1] * 3
    assert found.card is not None


def test_run_is_told_with_its_parameters_and_steps(known: Known) -> None:
    run = known.gather().execution
    assert run is not None
    assert (run["parameters"], run["steps"][0]["name"]) == ({"Seed": "7"}, "Train")


def test_document_carries_the_hash_of_its_stored_bytes(known: Known) -> None:
    found = known.gather().evaluation
    assert found is not None
    assert (found.sha256, found.version_id) == (sha256({"metrics": {}}), "v1")


def test_package_is_found_by_its_arn_as_well(known: Known) -> None:
    assert evidence.gather(known.place, ARN, ["dev"]).package.version == 3


def test_what_the_caller_may_not_read_is_a_gap(known: Known) -> None:
    known.store.denied = {f"{ARTIFACTS}/runs/abc/golden.json", f"{PROD}/"}
    found = known.gather()
    assert found.golden is None
    assert found.gaps == (
        "golden predictions: this caller may not read it",
        "prod: release records: this caller may not read it",
        "prod: monitoring reports: this caller may not read it",
    )


def test_what_is_missing_is_a_gap(known: Known) -> None:
    known.store.lose(STAGING, "releases/verifications/3.json")
    known.store.lose(DEV, "reports/cards/3-1.json")
    known.registry.runs.clear()
    assert known.gather().gaps == (
        "staging: the verification of version 3: it does not exist",
        "the pipeline run: it does not exist",
        "dev: no model card of version 3 is recorded",
    )


def test_approval_that_left_no_record_is_a_gap(known: Known) -> None:
    known.store.lose(DEV, "approvals/3-1.json")
    known.store.lose(DEV, "approvals/3-2.json")
    assert "dev: no record of who decided that version 3 is Approved" in known.gather().gaps


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("evaluation", "the evaluation s3://{0}/runs/abc/evaluation.json is not the one"),
        ("manifest", "the dataset manifest s3://{0}/runs/abc/manifest.json is not the one"),
    ],
)
def test_document_that_was_exchanged_is_a_problem(known: Known, name: str, sentence: str) -> None:
    known.store.put(ARTIFACTS, f"runs/abc/{name}.json", {"better": True})
    assert known.gather().problems[0].startswith(sentence.format(ARTIFACTS))


def test_document_that_is_no_json_is_a_gap(known: Known) -> None:
    known.store.put(ARTIFACTS, "runs/abc/baseline.json", b"not JSON")
    (gap,) = known.gather().gaps
    assert gap.endswith("runs/abc/baseline.json is not JSON")


def test_record_removed_from_another_models_history_is_a_problem_too(known: Known) -> None:
    own = record(6, model_package_arn=ARN, phase="done")
    chain.append(known.store, PROD, "releases/", "3-y-done.json", own, "key")
    known.store.lose(PROD, "releases/4-x-deploying.json")
    assert "4-x-deploying.json was removed" in known.gather().problems[0]
