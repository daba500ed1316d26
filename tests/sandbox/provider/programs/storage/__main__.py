"""Buckets with every setting, and keys."""

import json

import pulumi
import pulumi_aws as aws

config = pulumi.Config()
account, variant = config.require("account"), config.require("variant")
provider = aws.Provider(
    "aws",
    region="us-east-1",
    allowed_account_ids=[account],
    default_tags=aws.ProviderDefaultTagsArgs(tags={"project": "fixture", "variant": variant}),
)
inside = pulumi.ResourceOptions(provider=provider)

if variant != "none":
    key = aws.kms.Key("key", description=f"{variant} key", enable_key_rotation=True, opts=inside)
    aws.kms.Alias("alias", name=f"alias/fixture-{account}", target_key_id=key.id, opts=inside)
    name = "data" if variant != "replaced" else "other"
    bucket = aws.s3.Bucket(
        "bucket",
        bucket=f"fixture-{name}-{account}",
        object_lock_enabled=True,
        force_destroy=True,
        opts=inside,
    )
    aws.s3.BucketVersioning(
        "versioning",
        bucket=bucket.id,
        versioning_configuration=aws.s3.BucketVersioningVersioningConfigurationArgs(
            status="Enabled"
        ),
        opts=inside,
    )
    aws.s3.BucketServerSideEncryptionConfiguration(
        "encryption",
        bucket=bucket.id,
        rules=[
            {
                "apply_server_side_encryption_by_default": {
                    "sse_algorithm": "aws:kms",
                    "kms_master_key_id": key.arn,
                },
                "bucket_key_enabled": True,
            }
        ],
        opts=inside,
    )
    aws.s3.BucketPublicAccessBlock(
        "private",
        bucket=bucket.id,
        block_public_acls=True,
        block_public_policy=True,
        ignore_public_acls=True,
        restrict_public_buckets=True,
        opts=inside,
    )
    aws.s3.BucketPolicy(
        "policy",
        bucket=bucket.id,
        policy=bucket.arn.apply(
            lambda arn: json.dumps(
                {
                    "Version": "2012-10-17",
                    "Statement": [
                        {
                            "Effect": "Deny",
                            "Principal": "*",
                            "Action": "s3:*",
                            "Resource": [arn, f"{arn}/*"],
                            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
                        }
                    ],
                }
            )
        ),
        opts=inside,
    )
    aws.s3.BucketLifecycleConfiguration(
        "lifecycle",
        bucket=bucket.id,
        rules=[
            {
                "id": "expire",
                "status": "Enabled",
                "expiration": {"days": 30 if variant == "first" else 60},
                "abort_incomplete_multipart_upload": {"days_after_initiation": 7},
            }
        ],
        opts=inside,
    )
    aws.s3.BucketObjectLockConfiguration(
        "lock",
        bucket=bucket.id,
        rule={"default_retention": {"mode": "GOVERNANCE", "days": 1}},
        opts=inside,
    )
    aws.s3.BucketOwnershipControls(
        "ownership",
        bucket=bucket.id,
        rule={"object_ownership": "BucketOwnerEnforced"},
        opts=inside,
    )
    aws.s3.BucketNotification("events", bucket=bucket.id, eventbridge=True, opts=inside)
    pulumi.export("bucket", bucket.id)
    pulumi.export("tags", bucket.tags_all)
    pulumi.export("domain", bucket.bucket_regional_domain_name)
    pulumi.export("key", key.arn)
