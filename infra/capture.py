"""Capture by the log: what the container prints for each answer arrives where capture would put it.

For accounts in which AWS does not offer data capture any more, and for serverless endpoints, which
never had it. SageMaker ships the output of an isolated container to CloudWatch Logs; a subscription
hands the captured lines to Firehose, which writes them under the same hours in the same bucket.
"""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra.access import Role, RoleArgs, compact
from infra.base import Part, Scope, document
from policies import documents

# The lines of both shapes in modelyard.capture_log, and nothing else that a server says.
CAPTURED = '{ ($.eventVersion = "0") || ($.capturePart.eventId = "*") }'
# People's own data lie in the bucket for as long as they may; the log is only their way there.
LOG_DAYS, CAPTURED_DAYS = 365, 30
# A window is judged a quarter of an hour after it ended: what was said in it has arrived by then.
BUFFER_SECONDS, BUFFER_MEGABYTES = 300, 5
VARIANT = "main"


@dataclass(frozen=True)
class EndpointLogArgs:
    """Whose endpoint, the key, and whether the container prints what it is asked."""

    scope: Scope
    key_arn: pulumi.Output[str]
    captured: bool


class EndpointLog(Part):
    """The endpoint's log group: without it SageMaker makes one that is neither encrypted nor ends.

    It is there whatever door captures, and before the endpoint: a project may change its door.
    """

    def __init__(self, name: str, args: EndpointLogArgs, opts: pulumi.ResourceOptions) -> None:
        super().__init__("modelyard:monitoring:EndpointLog", name, opts)
        group = aws.cloudwatch.LogGroup(
            self.child("group"),
            name=log_group(args.scope),
            retention_in_days=CAPTURED_DAYS if args.captured else LOG_DAYS,
            kms_key_id=args.key_arn,
            opts=self.kept,
        )
        self.group: pulumi.Output[str] = group.name
        self.register_outputs({"group": self.group})


@dataclass(frozen=True)
class LogCaptureArgs:
    """The log, the key, where predictions are kept, and the boundary of the two roles."""

    scope: Scope
    log_group: pulumi.Output[str]
    key_arn: pulumi.Output[str]
    predictions: pulumi.Output[str]
    boundary_arn: pulumi.Output[str]


class LogCapture(Part):
    """The way from the endpoint's log to the bucket."""

    def __init__(self, name: str, args: LogCaptureArgs, opts: pulumi.ResourceOptions) -> None:
        super().__init__("modelyard:monitoring:LogCapture", name, opts)
        self._args = args
        scope = args.scope
        stream = self._stream()
        shipper = self._role("log-shipper", "logs", stream.arn.apply(shipping_permissions))
        aws.cloudwatch.LogSubscriptionFilter(
            self.child("subscription"),
            name=scope.name("capture"),
            log_group=args.log_group,
            filter_pattern=CAPTURED,
            destination_arn=stream.arn,
            role_arn=shipper.arn,
            opts=self.inside,
        )
        self.register_outputs({"stream": stream.arn})

    def _stream(self) -> aws.kinesis.FirehoseDeliveryStream:
        args, scope = self._args, self._args.scope
        permissions = args.key_arn.apply(lambda key: writing_permissions(scope, key))
        writer = self._role("log-writer", "firehose", permissions)
        configuration = aws.kinesis.FirehoseDeliveryStreamExtendedS3ConfigurationArgs(
            bucket_arn=args.predictions.apply(lambda bucket: f"arn:aws:s3:::{bucket}"),
            role_arn=writer.arn,
            prefix=f"{folder(scope)}/!{{timestamp:yyyy/MM/dd/HH}}/",
            error_output_prefix="capture-errors/!{firehose:error-output-type}/",
            file_extension=".jsonl",
            buffering_interval=BUFFER_SECONDS,
            buffering_size=BUFFER_MEGABYTES,
            kms_key_arn=args.key_arn,
            processing_configuration=_lines_as_they_were_printed(),
        )
        return aws.kinesis.FirehoseDeliveryStream(
            self.child("stream"),
            name=scope.name("capture"),
            destination="extended_s3",
            extended_s3_configuration=configuration,
            # What waits here does so for minutes, under a key of AWS's own.
            server_side_encryption=aws.kinesis.FirehoseDeliveryStreamServerSideEncryptionArgs(
                enabled=True, key_type="AWS_OWNED_CMK"
            ),
            opts=self.inside,
        )

    def _role(
        self, what: str, trusted: documents.TrustKind, permissions: pulumi.Output[str]
    ) -> Role:
        scope = self._args.scope
        return Role(
            self.child(what),
            RoleArgs(
                role=scope.name(what),
                persona=what,
                trust=compact(documents.render_trust(trusted, {"account": scope.place.account})),
                permissions={"": permissions},
                boundary_arn=self._args.boundary_arn,
            ),
            self.inside,
        )


def _lines_as_they_were_printed() -> dict[str, object]:
    """CloudWatch Logs sends compressed envelopes; what lies in the bucket are the lines inside."""
    steps = {
        "Decompression": {"CompressionFormat": "GZIP"},
        "CloudWatchLogProcessing": {"DataMessageExtraction": "true"},
        "AppendDelimiterToRecord": {},
    }
    processors = [
        {
            "type": kind,
            "parameters": [
                {"parameter_name": name, "parameter_value": value} for name, value in given.items()
            ],
        }
        for kind, given in steps.items()
    ]
    return {"enabled": True, "processors": processors}


def log_group(scope: Scope) -> str:
    """Where SageMaker puts what the endpoint's containers print."""
    return f"/aws/sagemaker/Endpoints/{scope.prefix}"


def folder(scope: Scope) -> str:
    """Where captured records of the endpoint lie, through whichever door they came."""
    return f"capture/{scope.prefix}/{VARIANT}"


def shipping_permissions(stream: str) -> str:
    """What the subscription's role may do."""
    return document(
        {
            "Sid": "ShipLines",
            "Effect": "Allow",
            "Action": ["firehose:PutRecord", "firehose:PutRecordBatch"],
            "Resource": stream,
        }
    )


def writing_permissions(scope: Scope, key: str) -> str:
    """What the delivery stream's role may do: write captured records, and nothing read."""
    bucket = f"arn:aws:s3:::{scope.bucket('predictions')}"
    return document(
        {
            "Sid": "WriteCaptured",
            "Effect": "Allow",
            "Action": ["s3:AbortMultipartUpload", "s3:PutObject"],
            "Resource": [f"{bucket}/capture-errors/*", f"{bucket}/{folder(scope)}/*"],
        },
        {
            "Sid": "FindBucket",
            "Effect": "Allow",
            "Action": ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"],
            "Resource": bucket,
        },
        {
            "Sid": "EncryptThroughS3",
            "Effect": "Allow",
            "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
            "Resource": key,
            "Condition": {
                "StringEquals": {"kms:ViaService": f"s3.{scope.place.region}.amazonaws.com"}
            },
        },
    )
