"""The project's five buckets, and who outside the environment may read which prefix."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi

from infra import datasets, sharing
from infra.base import BUCKETS, Document, Part, Place, Scope, role_arn
from infra.bucket import Bucket, BucketArgs, Expiry, Lock
from infra.encryption import CONSUMING_PERSONAS, READING_PERSONAS
from infra.tracing import artifacts_traced, data_seen, evidence_traced
from modelyard.functions.fairness_decision import FOLDER as DECISIONS
from modelyard.functions.staging_verdict import FOLDER as VERDICTS
from modelyard.project import DataSet

_EXPIRIES: Mapping[str, tuple[Expiry, ...]] = {
    # Rows a contract refused are kept for the person who mends them, not longer.
    "raw": (Expiry("quarantine/", 30),),
    "predictions": (Expiry("capture/", 400),),
}


@dataclass(frozen=True)
class StorageArgs:
    """The key, the environments that consume models, who administers, and the environments that
    read this one's verdicts on releases.
    """

    scope: Scope
    key_arn: pulumi.Output[str]
    consumers: Mapping[str, Place]
    administrator: str | None
    readers: Mapping[str, Place] = field(default_factory=dict)
    datasets: tuple[DataSet, ...] = ()


class Storage(Part):
    """Raw and curated data, artifacts of runs, captured predictions, and evidence."""

    buckets: Mapping[str, Bucket]

    def __init__(self, name: str, args: StorageArgs, opts: pulumi.ResourceOptions) -> None:
        super().__init__("modelyard:storage:Storage", name, opts)
        self.buckets = {
            kind: Bucket(self.child(kind), bucket_args(args, kind), self.inside) for kind in BUCKETS
        }
        self.register_outputs({kind: bucket.bucket for kind, bucket in self.buckets.items()})

    def name_of(self, kind: str) -> pulumi.Output[str]:
        """The name of a bucket, known once it exists."""
        return self.buckets[kind].bucket


def bucket_args(args: StorageArgs, kind: str) -> BucketArgs:
    """What distinguishes one of the five buckets."""
    scope = args.scope
    statements: list[Document] = []
    expiries = _EXPIRIES.get(kind, ())
    if kind in ("raw", "curated"):
        statements = datasets.restricted_reads(scope, kind, args.datasets)
        expiries += datasets.expiries(args.datasets)
    if kind == "raw":
        shared = sharing.consents(scope, args.datasets)
        statements = [*statements, *shared, *data_seen(scope, args.consumers)]
    if kind == "artifacts":
        statements = [
            *consumers_read(scope, args.consumers),
            *artifacts_traced(scope, args.consumers),
        ]
    if kind == "evidence":
        statements = [
            *evidence_stays(scope, args.administrator),
            *evidence_read(scope, args.readers, "Verdicts", VERDICTS),
            *evidence_read(scope, args.consumers, "Decisions", DECISIONS.rstrip("/")),
            *evidence_traced(scope, {**args.readers, **args.consumers}),
        ]
    return BucketArgs(
        bucket=scope.bucket(kind),
        key_arn=args.key_arn,
        expiries=expiries,
        lock=evidence_lock(scope) if kind == "evidence" else None,
        statements=statements,
    )


def evidence_lock(scope: Scope) -> Lock:
    """A year, which an account's root can lift; ten for good where a high-risk model is live.

    Ten years is how long the EU AI Act (article 18) has a provider keep the documentation of a
    high-risk system, 3,653 days with their leap days. Compliance mode binds root as well, so
    nothing else gets it.
    """
    if scope.environment == "prod" and scope.risk == "high":
        return Lock("COMPLIANCE", 3653)
    return Lock("GOVERNANCE", 365)


def evidence_stays(scope: Scope, administrator: str | None) -> list[Document]:
    """Nobody removes a version or lifts its lock; the bucket's rules are not the team's to change.

    Where the infrastructure role is known, only it and root change the rules; else no role of the
    project does.
    """
    bucket = f"arn:aws:s3:::{scope.bucket('evidence')}"
    account = scope.place.account
    changed_by: Document
    if administrator is None:
        changed_by = {
            "ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{account}:role/{scope.prefix}-*"}
        }
    else:
        root = f"arn:aws:iam::{account}:root"
        changed_by = {"ArnNotEquals": {"aws:PrincipalArn": [administrator, root]}}
    return [
        {
            "Sid": "NobodyRemovesEvidence",
            "Effect": "Deny",
            "Principal": "*",
            "Action": ["s3:BypassGovernanceRetention", "s3:DeleteObjectVersion"],
            "Resource": f"{bucket}/*",
        },
        {
            "Sid": "RulesStay",
            "Effect": "Deny",
            "Principal": "*",
            "Action": [
                "s3:DeleteBucket",
                "s3:DeleteBucketPolicy",
                "s3:PutBucketObjectLockConfiguration",
                "s3:PutBucketPolicy",
                "s3:PutBucketVersioning",
                "s3:PutEncryptionConfiguration",
                "s3:PutLifecycleConfiguration",
            ],
            "Resource": bucket,
            "Condition": changed_by,
        },
    ]


def consumers_read(scope: Scope, consumers: Mapping[str, Place]) -> list[Document]:
    """The owner's consent to read models; within one account the reader's own policy suffices."""
    bucket = f"arn:aws:s3:::{scope.bucket('artifacts')}"
    return [
        {
            "Sid": f"ReadBy{environment.capitalize()}",
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{place.account}:root"},
            "Action": ["s3:GetObject", "s3:GetObjectVersion", "s3:ListBucket"],
            "Resource": [bucket, f"{bucket}/runs/*"],
            "Condition": {
                "ArnEquals": {
                    "aws:PrincipalArn": [
                        role_arn(place.account, scope.project, environment, persona)
                        for persona in CONSUMING_PERSONAS
                    ]
                }
            },
        }
        for environment, place in consumers.items()
        if place.account != scope.place.account
    ]


def evidence_read(
    scope: Scope, readers: Mapping[str, Place], what: str, folder: str
) -> list[Document]:
    """The owner's consent to read one folder of the evidence that releases depend on."""
    bucket = f"arn:aws:s3:::{scope.bucket('evidence')}"
    statements: list[Document] = []
    for environment, place in readers.items():
        if place.account == scope.place.account:
            continue
        roles = [
            role_arn(place.account, scope.project, environment, persona)
            for persona in READING_PERSONAS
        ]
        who = {
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{place.account}:root"},
        }
        only = {"ArnEquals": {"aws:PrincipalArn": roles}}
        statements += [
            {
                "Sid": f"{what}ReadBy{environment.capitalize()}",
                **who,
                "Action": "s3:GetObject",
                "Resource": f"{bucket}/{folder}/*",
                "Condition": only,
            },
            {
                "Sid": f"{what}ListedBy{environment.capitalize()}",
                **who,
                "Action": "s3:ListBucket",
                "Resource": bucket,
                "Condition": {**only, "StringLike": {"s3:prefix": f"{folder}/*"}},
            },
        ]
    return statements
