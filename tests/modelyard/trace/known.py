"""A model with a past: data, run, approvals, a release, and predictions at both doors."""

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from modelyard.aws import Place
from modelyard.capture_log import Inference
from modelyard.capture_log import record as captured
from modelyard.evidence import chain
from modelyard.project import Project
from tests.modelyard.evidence.stored import Registry, Store, place_of

ACCOUNT = "123456789012"
PACKAGE = f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:model-package/loans/"
RUN = f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:pipeline/loans-dev-train/execution/run"
JOB = f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:training-job/loans-dev-train-1"
RAW, ARTIFACTS = f"loans-dev-raw-{ACCOUNT}", f"loans-dev-artifacts-{ACCOUNT}"
DEV = f"loans-dev-evidence-{ACCOUNT}"
PROD, CAPTURED = "loans-prod-evidence-210987654321", "loans-prod-predictions-210987654321"
WHEN = datetime(2026, 1, 2, 3, 30, tzinfo=UTC)
OURS = "1-20260102T033000Z-9f86d081884c7d65"
COMMIT, DIGEST = "c0ffee" * 6, f"sha256:{'1' * 64}"
MODEL = b"the model"


def sha256(content: Any) -> str:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return hashlib.sha256(body).hexdigest()


def at(minute: int) -> str:
    return (WHEN + timedelta(minutes=minute)).isoformat()


@dataclass
class Known:
    """The stand-ins, and what is done to them."""

    store: Store
    registry: Registry
    place: Place

    def model(self, version: int, data: bytes = b"rows of the first file") -> None:
        """Registers a version that learned from one raw file."""
        self.store.put(RAW, "applications/a.csv", data)
        kept = self.store.objects[RAW, "applications/a.csv"][-1]
        folder, file = f"runs/run{version}", {"name": "a.csv", "bytes": len(data)}
        file |= {"sha256": sha256(data), "rows": 3}
        manifest = {"dataset": {"sha256": sha256(data * 2)}, "rows": {"total": 3}, "files": [file]}
        evaluation = {"model": {"sha256": "m"}}
        versions = {
            "sha256": sha256(manifest),
            "files": [
                {**file, "uri": f"s3://{RAW}/applications/a.csv", "version_id": kept.version_id}
            ],
        }
        self.store.put(ARTIFACTS, f"{folder}/evaluation.json", evaluation)
        self.store.put(ARTIFACTS, f"{folder}/baseline_profile.json", {"model": {"sha256": "m"}})
        self.store.put(ARTIFACTS, f"{folder}/dataset_manifest.json", manifest)
        self.store.put(ARTIFACTS, f"{folder}/model.tar.gz", MODEL)
        self.store.put(ARTIFACTS, f"registry/run{version}/dataset_versions.json", versions)
        self.registry.packages[f"{PACKAGE}{version}"] = {
            "ModelPackageArn": f"{PACKAGE}{version}",
            "ModelPackageVersion": version,
            "ModelApprovalStatus": "Approved",
            "CreationTime": WHEN,
            "InferenceSpecification": {
                "Containers": [
                    {"Image": "i", "ModelDataUrl": f"s3://{ARTIFACTS}/{folder}/model.tar.gz"}
                ]
            },
            "CustomerMetadataProperties": {
                "execution": RUN,
                "trained_by": "alice",
                "code_commit": COMMIT,
                "image_digest": DIGEST,
                "model_sha256": sha256(MODEL),
                "dataset_sha256": manifest["dataset"]["sha256"],  # type: ignore[index]
                "evaluation_sha256": sha256(evaluation),
                "evaluation": f"s3://{ARTIFACTS}/{folder}/evaluation.json",
                "baseline_profile": f"s3://{ARTIFACTS}/{folder}/baseline_profile.json",
                "dataset_manifest": f"s3://{ARTIFACTS}/{folder}/dataset_manifest.json",
                "dataset_versions": f"s3://{ARTIFACTS}/registry/run{version}/dataset_versions.json",
            },
        }

    def approve(self, version: int, minute: int) -> None:
        record = {
            "model_package_arn": f"{PACKAGE}{version}",
            "stage": "production",
            "decision": "Approved",
            "user": "bob",
            "comment": "fit",
            "model_sha256": sha256(MODEL),
            "time": at(minute),
        }
        chain.append(self.store, DEV, "approvals/", f"{version}-{minute}.json", record, "key")

    def release(self, version: int, phase: str, minute: int, **more: Any) -> None:
        record = {
            "model_package_arn": f"{PACKAGE}{version}",
            "version": version,
            "environment": "prod",
            "phase": phase,
            "strategy": "canary",
            "model_sha256": sha256(MODEL),
            "image_digest": DIGEST,
            "time": at(minute),
            **more,
        }
        name = f"{version}-x-{phase}.json"
        chain.append(self.store, PROD, "releases/", name, record, "key")

    def line(self, inference_id: str, version: int = 1) -> bytes:
        """A captured line as either door writes it."""
        answer = {
            "predictions": [{"prediction": 1, "probability": 0.75}],
            "model_package": f"{PACKAGE}{version}",
            "inference_id": inference_id,
        }
        asked = json.dumps({"instances": [{"income": 4200}]}).encode()
        said = json.dumps(answer).encode()
        inference = Inference("application/json", asked, said, inference_id)
        return json.dumps(captured(inference, "e", WHEN)).encode() + b"\n"

    def capture(self, key: str, *lines: bytes) -> None:
        self.store.put(CAPTURED, f"capture/{key}", b"".join(lines))

    def forbid(self, bucket: str, prefix: str = "") -> None:
        self.store.denied.add(f"{bucket}/{prefix}")


def known(project: Project) -> Known:
    """Version 1 in prod, with one prediction of an id of ours and one of a caller's own."""
    store, registry = Store(), Registry()
    found = Known(store, registry, place_of(project, store, registry, "prod"))
    found.model(1)
    registry.runs[RUN] = {
        "PipelineArn": RUN.partition("/execution")[0],
        "PipelineExecutionStatus": "Succeeded",
        "CreationTime": WHEN,
        "Steps": [
            {"StepName": "Train", "StepStatus": "Succeeded", "Metadata": {"T": {"Arn": JOB}}}
        ],
    }
    registry.jobs["loans-dev-train-1"] = {
        "TrainingJobName": "loans-dev-train-1",
        "Environment": {"MODELYARD_CODE_COMMIT": COMMIT},
        "AlgorithmSpecification": {"TrainingImage": f"repository@{DIGEST}"},
    }
    found.approve(1, -20)
    found.release(1, "deploying", -15)
    found.release(1, "done", -10)
    found.capture("loans-prod/main/2026/01/02/03/a.jsonl", found.line(OURS), found.line("case-7"))
    return found
