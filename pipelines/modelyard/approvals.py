"""An approver's decision: what it rests on, the act, and the record it leaves.

A model without its evidence cannot be approved; it can always be rejected.
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from modelyard.aws import Place, explain
from modelyard.errors import RegistryError
from modelyard.evidence import chain
from modelyard.evidence.document import Document
from modelyard.evidence.reader import Reader
from modelyard.evidence.store import APPROVALS, CARDS, bucket_of
from modelyard.functions.service import person, role_name
from modelyard.registry import Package, update
from modelyard.workspace import Workspace


@dataclass(frozen=True)
class Shown:
    """What an approver is shown, and what is missing of it."""

    evaluation: Document | None
    manifest: Document | None
    dataset_versions: Document | None
    card: Document | None
    model_sha256: str
    missing: tuple[str, ...]

    @property
    def hashes(self) -> dict[str, str]:
        """The sha256 of each thing that is there, by its name."""
        documents = {
            "evaluation": self.evaluation,
            "dataset_manifest": self.manifest,
            "dataset_versions": self.dataset_versions,
            "card": self.card,
        }
        found = {name: document.sha256 for name, document in documents.items() if document}
        return {**found, "model": self.model_sha256} if self.model_sha256 else found

    @property
    def sha256(self) -> str:
        """One hash for all that was shown."""
        return evidence_sha256(self.hashes)


def evidence_sha256(hashes: dict[str, str]) -> str:
    """The hash over the sorted hashes, one a line."""
    return hashlib.sha256("\n".join(sorted(hashes.values())).encode()).hexdigest()


def shown(place: Place, package: Package) -> Shown:
    """The evidence a decision about this package rests on."""
    reader, s3, metadata = Reader(), place.registry_client("s3"), package.metadata
    evaluation = reader.document(s3, metadata.get("evaluation", ""), "the evaluation")
    manifest = reader.document(s3, metadata.get("dataset_manifest", ""), "the dataset manifest")
    versions = reader.document(s3, metadata.get("dataset_versions", ""), "the dataset versions")
    model = metadata.get("model_sha256", "")
    if not model:
        reader.gaps.append("the model file: the package does not name its sha256")
    if evaluation and evaluation.sha256 != metadata.get("evaluation_sha256"):
        reader.gaps.append("the evaluation is not the one that was registered")
    if manifest and versions and manifest.sha256 != versions.content.get("sha256"):
        reader.gaps.append("the dataset manifest is not the one that was registered")
    # A card is made by a function that may still be at it; without one, nothing is refused.
    cards = Reader().folder(
        s3, bucket_of(place.project, "dev"), f"{CARDS}{package.version}-", "model cards"
    )
    card = cards[-1] if cards else None
    return Shown(evaluation, manifest, versions, card, model, tuple(reader.gaps))


def require_evidence(package: Package, seen: Shown) -> None:
    """Refuses to approve what nobody can have judged."""
    if seen.missing:
        raise RegistryError(
            f"version {package.version} cannot be approved without its evidence: "
            f"{'; '.join(seen.missing)}; reject it (--reject) or train it again"
        )


def decide(
    place: Place,
    workspace: Workspace,
    package: Package,
    seen: Shown,
    status: str,
    comment: str,
    stage: str = "staging",
) -> str:
    """Approves or rejects a package for a stage and leaves the approval record; its address.

    The act comes first: IAM may refuse it, and then there must be no record of an approval.
    """
    if status == "Approved":
        require_evidence(package, seen)
    caller = str(place.client("sts").get_caller_identity()["Arn"])
    identity = update(place, package.arn, stage, status, comment)
    now = datetime.now(UTC)
    record = {
        "schema_version": 1,
        "model_package_arn": package.arn,
        "version": package.version,
        "stage": stage,
        "decision": status,
        "comment": comment,
        "decided_as": caller,
        "user": _user(caller, identity),
        "role": role_name(caller) or caller.rpartition(":")[2],
        "trained_by": package.metadata.get("trained_by", ""),
        "evaluation_sha256": package.metadata.get("evaluation_sha256", ""),
        "model_sha256": seen.model_sha256,
        "evidence": seen.hashes,
        "evidence_sha256": seen.sha256,
        "time": now.isoformat(timespec="milliseconds"),
    }
    stamp = now.strftime("%Y%m%dT%H%M%S%fZ")
    name = f"{package.version}-{stamp}.json"
    try:
        return chain.append(
            place.registry_client("s3"),
            workspace.bucket_evidence,
            APPROVALS,
            name,
            record,
            workspace.key_arn,
        )["uri"]
    except (ClientError, BotoCoreError) as error:
        raise RegistryError(
            f"version {package.version} is {status} now, but its record could not be written: "
            f"{explain(error)}; tell the auditor"
        ) from error


def _user(caller: str, identity: dict[str, Any]) -> str:
    """The one key of a person: what the service recorded of this caller, else the session name."""
    source = identity.get("SourceIdentity") if identity.get("Arn") == caller else None
    return person({"arn": caller, "sourceIdentity": source})
