"""Where questions about captured predictions are asked: Athena, with results that cannot leak."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra.base import Part, Place
from infra.bucket import Bucket, BucketArgs, Expiry

RESULT_DAYS = 30
# Athena bills 5 USD per TB scanned: no query of ours costs more than 50 cents by accident.
MOST_BYTES = 100 * 1024**3


@dataclass(frozen=True)
class QueriesArgs:
    """Where, and the key of the results."""

    place: Place
    key_arn: pulumi.Output[str]


class Queries(Part):
    """A workgroup whose settings no client overrides; it costs nothing while nobody asks."""

    workgroup: pulumi.Output[str]

    def __init__(self, name: str, args: QueriesArgs, opts: pulumi.ResourceOptions) -> None:
        super().__init__("modelyard:region:Queries", name, opts)
        place = args.place
        bucket = Bucket(
            self.child("results"),
            BucketArgs(
                bucket=f"modelyard-queries-{place.region}-{place.account}",
                key_arn=args.key_arn,
                expiries=(Expiry("", RESULT_DAYS),),
            ),
            self.inside,
        )
        results = aws.athena.WorkgroupConfigurationResultConfigurationArgs(
            output_location=bucket.bucket.apply(lambda found: f"s3://{found}/"),
            expected_bucket_owner=place.account,
            encryption_configuration=(
                aws.athena.WorkgroupConfigurationResultConfigurationEncryptionConfigurationArgs(
                    encryption_option="SSE_KMS", kms_key_arn=args.key_arn
                )
            ),
        )
        workgroup = aws.athena.Workgroup(
            self.child("workgroup"),
            name="modelyard",
            description="Questions about what the projects of this region predicted",
            configuration=aws.athena.WorkgroupConfigurationArgs(
                enforce_workgroup_configuration=True,
                publish_cloudwatch_metrics_enabled=True,
                bytes_scanned_cutoff_per_query=MOST_BYTES,
                result_configuration=results,
            ),
            opts=self.inside,
        )
        self.workgroup = workgroup.name
        self.register_outputs({"workgroup": self.workgroup})
