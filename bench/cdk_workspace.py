"""A workspace of about our size in AWS CDK; the peer's Python runs `cdk_workspace.py FOLDER N`.

Key, five buckets, image repository, model package group, nine roles, function with rule and
dead-letter queue, log groups, topic and thirty parameters.
"""

from __future__ import annotations

import sys

import aws_cdk as cdk  # type: ignore[import-not-found]
from aws_cdk import (
    aws_ecr,
    aws_events,
    aws_events_targets,
    aws_iam,
    aws_kms,
    aws_lambda,
    aws_logs,
    aws_s3,
    aws_sagemaker,
    aws_sns,
    aws_sqs,
    aws_ssm,
)
from constructs import Construct  # type: ignore[import-not-found]

BUCKETS = ("raw", "curated", "artifacts", "predictions", "evidence")


class Workspace(cdk.Stack):
    """One project in one environment."""

    def __init__(self, scope: Construct, name: str) -> None:
        super().__init__(scope, name)
        key = aws_kms.Key(self, "key", enable_key_rotation=True, alias=f"alias/{name}")
        for bucket in BUCKETS:
            aws_s3.Bucket(
                self,
                bucket,
                versioned=True,
                encryption_key=key,
                enforce_ssl=True,
                block_public_access=aws_s3.BlockPublicAccess.BLOCK_ALL,
                lifecycle_rules=[aws_s3.LifecycleRule(expiration=cdk.Duration.days(365))],
            )
        aws_ecr.Repository(self, "images", image_scan_on_push=True)
        aws_sagemaker.CfnModelPackageGroup(self, "group", model_package_group_name=name)
        for number in range(9):
            role = aws_iam.Role(
                self,
                f"role{number}",
                assumed_by=aws_iam.ServicePrincipal("sagemaker.amazonaws.com"),
            )
            key.grant_encrypt_decrypt(role)
        aws_sns.Topic(self, "alerts", master_key=key)
        queue = aws_sqs.Queue(self, "dead-letters", encryption_master_key=key)
        function = aws_lambda.Function(
            self,
            "function",
            runtime=aws_lambda.Runtime.PYTHON_3_12,
            handler="index.handler",
            code=aws_lambda.Code.from_inline("def handler(event, context): return {}"),
            dead_letter_queue=queue,
            log_group=aws_logs.LogGroup(self, "log", encryption_key=key),
        )
        rule = aws_events.Rule(
            self, "rule", event_pattern=aws_events.EventPattern(source=["aws.sagemaker"])
        )
        rule.add_target(aws_events_targets.LambdaFunction(function))
        for number in range(30):
            aws_ssm.StringParameter(
                self, f"fact{number}", parameter_name=f"/{name}/{number}", string_value="value"
            )


if __name__ == "__main__":
    app = cdk.App(outdir=sys.argv[1])
    for position in range(int(sys.argv[2])):
        Workspace(app, f"workspace-{position}")
    app.synth()
