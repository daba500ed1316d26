"""The audit trail: every call that manages, and every access to the projects' data."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra.base import Document, Part, Place
from infra.bucket import Bucket, BucketArgs, Lock, no_refusals
from infra.region.encryption import trail_arn, trail_name
from policies.documents import ENVIRONMENTS

LOCK_DAYS = 365
# CloudTrail takes 500 values in all selectors of a trail ("Quotas in AWS CloudTrail").
MOST_PROJECTS = 500 // len(ENVIRONMENTS) - 2


@dataclass(frozen=True)
class TrailArgs:
    """The key, the projects whose data is watched, and a central bucket where there is one."""

    place: Place
    key_arn: pulumi.Output[str]
    projects: tuple[str, ...]
    bucket: str | None


class Trail(Part):
    """A trail of all regions, its files validated and, in our own bucket, locked for a year.

    The first copy of management events is free; data events cost 0.10 USD per 100,000.
    """

    arn: pulumi.Output[str]

    def __init__(self, name: str, args: TrailArgs, opts: pulumi.ResourceOptions) -> None:
        super().__init__("modelyard:region:Trail", name, opts)
        place = args.place
        bucket = pulumi.Output.from_input(args.bucket) if args.bucket else self._bucket(args)
        trail = aws.cloudtrail.Trail(
            self.child("trail"),
            name=trail_name(place),
            s3_bucket_name=bucket,
            kms_key_id=args.key_arn,
            is_multi_region_trail=True,
            include_global_service_events=True,
            enable_log_file_validation=True,
            advanced_event_selectors=selectors(args.projects),
            opts=self.kept,
        )
        self.arn = trail.arn
        self.register_outputs({"arn": self.arn})

    def _bucket(self, args: TrailArgs) -> pulumi.Output[str]:
        place = args.place
        name = f"modelyard-trail-{place.region}-{place.account}"
        bucket = Bucket(
            self.child("bucket"),
            BucketArgs(
                bucket=name,
                key_arn=args.key_arn,
                lock=Lock("GOVERNANCE", LOCK_DAYS),
                statements=trail_writes(name, place),
                refusals=no_refusals,
            ),
            self.inside,
        )
        # CreateTrail tries the bucket: its policy has to be there.
        return bucket.ready


def trail_writes(bucket: str, place: Place) -> list[Document]:
    """What the trail may do ("Amazon S3 bucket policy for CloudTrail"), for this trail only."""
    service = {"Service": "cloudtrail.amazonaws.com"}
    ours = {"aws:SourceArn": trail_arn(place)}
    owned = {**ours, "s3:x-amz-acl": "bucket-owner-full-control"}
    return [
        {
            "Sid": "TrailLooks",
            "Effect": "Allow",
            "Principal": service,
            "Action": "s3:GetBucketAcl",
            "Resource": f"arn:aws:s3:::{bucket}",
            "Condition": {"StringEquals": ours},
        },
        {
            "Sid": "TrailWrites",
            "Effect": "Allow",
            "Principal": service,
            "Action": "s3:PutObject",
            "Resource": f"arn:aws:s3:::{bucket}/AWSLogs/{place.account}/*",
            "Condition": {"StringEquals": owned},
        },
    ]


def selectors(projects: tuple[str, ...]) -> list[aws.cloudtrail.TrailAdvancedEventSelectorArgs]:
    """Management events, and access to objects of the projects' buckets, found by their prefix."""
    selector = aws.cloudtrail.TrailAdvancedEventSelectorArgs
    field = aws.cloudtrail.TrailAdvancedEventSelectorFieldSelectorArgs
    management = selector(
        name="Management events",
        field_selectors=[field(field="eventCategory", equals=["Management"])],
    )
    if not projects:
        return [management]
    data = selector(
        name="Objects of the projects",
        field_selectors=[
            field(field="eventCategory", equals=["Data"]),
            field(field="resources.type", equals=["AWS::S3::Object"]),
            field(field="resources.ARN", starts_withs=watched(projects)),
        ],
    )
    return [management, data]


def watched(projects: tuple[str, ...]) -> list[str]:
    """What the ARNs of the projects' buckets begin with, in every environment."""
    return [
        f"arn:aws:s3:::{project}-{environment}-"
        for project in projects
        for environment in ENVIRONMENTS
    ]
