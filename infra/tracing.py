"""The owner's consent to follow a prediction back from other accounts: documents, never rows.

Within one account the reader's own policy suffices; the same paths are in its persona's document.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from infra.base import Document, Place, Scope, role_arn
from infra.encryption import AUDITING_PERSONAS, TRACING_PERSONAS

_READ = ["s3:GetObject", "s3:GetObjectVersion"]
_LIST = ["s3:ListBucket", "s3:ListBucketVersions"]
_DOCUMENTS = (
    "registry/*/dataset_versions.json",
    "runs/*/baseline_profile.json",
    "runs/*/dataset_manifest.json",
    "runs/*/evaluation.json",
)
_MODELS = ("runs/*/model.tar.gz",)


def artifacts_traced(scope: Scope, readers: Mapping[str, Place]) -> list[Document]:
    """What a model was made of, and the file itself: auditors hash it, operators explain by it."""
    bucket = f"arn:aws:s3:::{scope.bucket('artifacts')}"
    return [
        statement
        for environment, place in _elsewhere(scope, readers)
        for statement in (
            _consent(
                f"TracedBy{environment.capitalize()}",
                _READ,
                [f"{bucket}/{path}" for path in _DOCUMENTS],
                _only(scope, environment, place, TRACING_PERSONAS),
            ),
            _consent(
                f"ModelReadBy{environment.capitalize()}",
                _READ,
                [f"{bucket}/{path}" for path in _MODELS],
                _only(scope, environment, place, TRACING_PERSONAS),
            ),
        )
    ]


def evidence_traced(scope: Scope, readers: Mapping[str, Place]) -> list[Document]:
    """All evidence for auditors; operators see who decided on what they serve."""
    bucket = f"arn:aws:s3:::{scope.bucket('evidence')}"
    statements: list[Document] = []
    for environment, place in _elsewhere(scope, readers):
        audits = _only(scope, environment, place, AUDITING_PERSONAS)
        traces = _only(scope, environment, place, TRACING_PERSONAS)
        by = f"By{environment.capitalize()}"
        statements += [
            _consent(f"Audited{by}", _READ, f"{bucket}/*", audits),
            _consent(f"ListedForAudit{by}", _LIST, bucket, audits),
        ]
        if scope.environment == "dev":
            decisions = {**traces, "StringLike": {"s3:prefix": "approvals/*"}}
            statements += [
                _consent(f"ApprovalsRead{by}", _READ, f"{bucket}/approvals/*", traces),
                _consent(f"ApprovalsListed{by}", _LIST, bucket, decisions),
            ]
    return statements


def data_seen(scope: Scope, readers: Mapping[str, Place]) -> list[Document]:
    """Which versions of the data exist, and no row of them."""
    return [
        _consent(
            f"VersionsSeenBy{environment.capitalize()}",
            "s3:ListBucketVersions",
            f"arn:aws:s3:::{scope.bucket('raw')}",
            _only(scope, environment, place, AUDITING_PERSONAS),
        )
        for environment, place in _elsewhere(scope, readers)
    ]


def _elsewhere(scope: Scope, readers: Mapping[str, Place]) -> list[tuple[str, Place]]:
    return [
        (name, place) for name, place in readers.items() if place.account != scope.place.account
    ]


def _only(
    scope: Scope, environment: str, place: Place, personas: Sequence[str]
) -> dict[str, dict[str, Any]]:
    # A role that does not exist yet cannot be a principal; a condition on its ARN can name it.
    roles = [role_arn(place.account, scope.project, environment, name) for name in personas]
    return {"ArnEquals": {"aws:PrincipalArn": roles}}


def _consent(
    sid: str, actions: str | list[str], resource: str | list[str], condition: Mapping[str, Any]
) -> Document:
    roles = condition["ArnEquals"]["aws:PrincipalArn"]
    account = str(roles[0]).split(":")[4]
    return {
        "Sid": sid,
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{account}:root"},
        "Action": actions,
        "Resource": resource,
        "Condition": dict(condition),
    }
