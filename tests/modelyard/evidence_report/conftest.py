"""A stored model with everything it left behind, and the place where a command finds it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from modelyard.aws import Place
from modelyard.evidence import chain
from modelyard.project import Project
from modelyard.workspace import Workspace
from tests.modelyard.evidence.stored import BEGIN, Registry, Store, place_of
from tests.modelyard.evidence_report import dossiers

CALLER = "arn:aws:sts::123456789012:assumed-role/loans-dev-model-approver/bob"


class Sts:
    """Who we are."""

    def get_caller_identity(self) -> dict[str, str]:
        return {"Arn": CALLER}


@dataclass
class Known:
    """The dossier of `dossiers`, as it lies in buckets and in the registry."""

    store: Store
    place: Place
    project_file: Path

    def put(self, uri: str, content: Any) -> None:
        """Stores a document as its bytes were hashed."""
        bucket, _, key = uri.removeprefix("s3://").partition("/")
        self.store.put(bucket, key, dossiers.body(content))


@pytest.fixture
def known(project: Project, project_file: Path, monkeypatch: pytest.MonkeyPatch) -> Known:
    """Version 3 in buckets; the command acts there and in a folder of its own."""
    dossier, store, registry = dossiers.dossier(project), Store(), Registry()
    known = Known(store, place_of(project, store, registry, sts=Sts()), project_file)
    single = (
        dossier.evaluation,
        dossier.manifest,
        dossier.dataset_versions,
        dossier.baseline_profile,
    )
    for one in (*[each for each in single if each], *dossier.monitoring):
        known.put(one.uri, one.content)
    for one in (*dossier.approvals, *dossier.releases):
        bucket, _, key = one.uri.removeprefix("s3://").partition("/")
        folder, _, name = key.partition("/")
        chain.append(store, bucket, f"{folder}/", name, one.content, "key")
    known.put(f"s3://{dossiers.RAW}/applications/rows.csv", {"rows": 1989})
    metadata = dict(dossier.package.metadata)
    metadata |= {
        name: document.uri
        for name, document in zip(
            ("evaluation", "dataset_manifest", "dataset_versions", "baseline_profile"),
            single,
            strict=True,
        )
        if document
    }
    registry.packages[dossiers.ARN] = {
        "ModelPackageArn": dossiers.ARN,
        "ModelPackageVersion": 3,
        "ModelApprovalStatus": "Approved",
        "ModelLifeCycle": {"Stage": "Production", "StageStatus": "Approved"},
        "CreationTime": BEGIN,
        "CustomerMetadataProperties": metadata,
    }
    registry.runs[dossiers.RUN] = {
        "PipelineArn": dossiers.RUN.partition("/execution")[0],
        "PipelineExecutionStatus": "Succeeded",
        "CreationTime": BEGIN,
    }
    facts = Workspace.model_construct(key_arn="key", bucket_evidence=dossiers.DEV)
    monkeypatch.setattr(Place, "workspace", lambda _: facts)
    monkeypatch.setattr("modelyard.commands.report.Place", lambda *_: known.place)
    monkeypatch.chdir(project_file.parent)
    return known
