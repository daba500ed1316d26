"""Experiment tracking: a managed MLflow App, which costs nothing while nobody uses it."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra.access import Role, RoleArgs, compact
from infra.base import Document, Part, Scope, document
from infra.dead_letters import DeadLetters
from infra.function import Function, FunctionArgs, Trigger
from infra.monitoring import pipeline_arn
from policies import documents

PERSONA = "tracking"
PREFIX = "mlflow"


@dataclass(frozen=True)
class TrackingArgs:
    """Where artifacts of experiments go, whose Studio finds the App, and who writes the runs."""

    scope: Scope
    key_arn: pulumi.Output[str]
    boundary_arn: pulumi.Output[str]
    bucket: pulumi.Output[str]
    domain_id: pulumi.Output[str] | None
    watcher: Role
    dead_letters: DeadLetters


class Tracking(Part):
    """A serverless MLflow App that never registers a model: only the registrar does.

    A function writes each run of the build pipeline into it, since the jobs can call nobody.
    """

    app_arn: pulumi.Output[str]
    rules: list[aws.cloudwatch.EventRule]

    def __init__(self, name: str, args: TrackingArgs, opts: pulumi.ResourceOptions) -> None:
        super().__init__("modelyard:tracking:Tracking", name, opts)
        scope = args.scope
        role = Role(
            self.child("role"),
            RoleArgs(
                role=scope.name(PERSONA),
                persona=PERSONA,
                trust=compact(
                    documents.render_trust("sagemaker", {"account": scope.place.account})
                ),
                permissions={
                    "": pulumi.Output.all(args.bucket, args.key_arn).apply(
                        lambda known: permissions(known[0], known[1], scope.place.region)
                    )
                },
                boundary_arn=args.boundary_arn,
            ),
            self.inside,
        )
        app = aws.sagemaker.MlflowApp(
            self.child("app"),
            name=scope.prefix,
            role_arn=role.arn,
            artifact_store_uri=args.bucket.apply(lambda bucket: f"s3://{bucket}/{PREFIX}"),
            model_registration_mode="AutoModelRegistrationDisabled",
            account_default_status="DISABLED",
            default_domain_id_lists=[args.domain_id] if args.domain_id is not None else None,
            opts=self.inside,
        )
        function = Function(
            self.child("track"),
            FunctionArgs(
                scope=scope,
                what="track",
                description="Writes each run of the build pipeline into the MLflow App",
                role=args.watcher,
                key_arn=args.key_arn,
                dead_letters=args.dead_letters,
                triggers={
                    "run": Trigger(ended_run_pattern(scope), "A run of the build pipeline is over")
                },
            ),
            self.inside,
        )
        self.app_arn, self.rules = app.arn, function.rules
        self.register_outputs({"app_arn": self.app_arn})


def ended_run_pattern(scope: Scope) -> Document:
    """A run of the build pipeline is over, whatever became of it."""
    return {
        "source": ["aws.sagemaker"],
        "detail-type": ["SageMaker Model Building Pipeline Execution Status Change"],
        "detail": {
            "currentPipelineExecutionStatus": ["Succeeded", "Failed", "Stopped"],
            "pipelineArn": [pipeline_arn(scope.place, scope.name("train"))],
        },
    }


def permissions(bucket: str, key: str, region: str) -> str:
    """What MLflow needs: its own prefix of the artifacts, and the key through S3."""
    return document(
        {
            "Sid": "OwnArtifacts",
            "Effect": "Allow",
            "Action": ["s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject"],
            "Resource": f"arn:aws:s3:::{bucket}/{PREFIX}/*",
        },
        {
            "Sid": "ListArtifacts",
            "Effect": "Allow",
            "Action": "s3:ListBucket",
            "Resource": f"arn:aws:s3:::{bucket}",
            "Condition": {"StringLike": {"s3:prefix": [PREFIX, f"{PREFIX}/*"]}},
        },
        {
            "Sid": "UseKeyThroughS3",
            "Effect": "Allow",
            "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
            "Resource": key,
            "Condition": {"StringEquals": {"kms:ViaService": f"s3.{region}.amazonaws.com"}},
        },
    )
