"""What becomes of log events: subscriptions, delivery streams and metric filters."""

from __future__ import annotations

from typing import Any

from sandbox.provider.errors import RefusedError
from sandbox.provider.handlers.base import (
    Aws,
    Facts,
    Handler,
    PutHandler,
    Values,
    capitalised,
    given,
    gone_tags,
    names,
    tag_list,
    tag_map,
)
from sandbox.provider.identity import Identity

DESTINATION = "destinationId-000000000001"
# Where the provider's names are not AWS's with a small first letter.
S3 = {
    "RoleARN": "roleArn",
    "BucketARN": "bucketArn",
    "Prefix": "prefix",
    "ErrorOutputPrefix": "errorOutputPrefix",
    "CompressionFormat": "compressionFormat",
    "FileExtension": "fileExtension",
    "CustomTimeZone": "customTimeZone",
}
CARRIED_OUT = frozenset(S3.values()) | names(
    "bufferingInterval bufferingSize kmsKeyArn processingConfiguration cloudwatchLoggingOptions "
    "s3BackupMode"
)


class LogSubscriptionFilter(PutHandler):
    """Which events of a log group go where."""

    token = "aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter"
    known = names("name logGroup filterPattern destinationArn roleArn distribution")
    replaced_by = names("name logGroup")
    named_by = "name"
    name_pattern = r"[^:*]{1,512}"

    def identify(self, inputs: Values, facts: Values, identity: Identity) -> str:
        return f"{inputs['logGroup']}|{inputs['name']}"

    def outputs(self, inputs: Values, facts: Values, identity: Identity) -> Facts:
        return {"distribution": inputs.get("distribution") or "ByLogStream"}

    def settle(self, aws: Aws, inputs: Values, facts: Values) -> None:
        aws.client("logs").put_subscription_filter(
            filterPattern=inputs.get("filterPattern") or "",
            **given(
                inputs,
                logGroupName="logGroup",
                filterName="name",
                destinationArn="destinationArn",
                roleArn="roleArn",
                distribution="distribution",
            ),
        )

    def delete(self, aws: Aws, inputs: Values, facts: Values) -> None:
        aws.client("logs").delete_subscription_filter(
            logGroupName=inputs["logGroup"], filterName=inputs["name"]
        )


class LogMetricFilter(PutHandler):
    """A metric counted from log events."""

    token = "aws:cloudwatch/logMetricFilter:LogMetricFilter"
    known = names("name logGroupName pattern metricTransformation")
    replaced_by = names("name logGroupName")
    named_by = "name"
    name_pattern = r"[^:*]{1,512}"

    def settle(self, aws: Aws, inputs: Values, facts: Values) -> None:
        stated = inputs["metricTransformation"]
        change = {
            "metricName": stated["name"],
            "metricNamespace": stated["namespace"],
            "metricValue": stated["value"],
            **given(stated, unit="unit", dimensions="dimensions"),
        }
        if stated.get("defaultValue"):
            change["defaultValue"] = float(stated["defaultValue"])
        aws.client("logs").put_metric_filter(
            logGroupName=inputs["logGroupName"],
            filterName=inputs["name"],
            filterPattern=inputs.get("pattern") or "",
            metricTransformations=[change],
        )

    def delete(self, aws: Aws, inputs: Values, facts: Values) -> None:
        aws.client("logs").delete_metric_filter(
            logGroupName=inputs["logGroupName"], filterName=inputs["name"]
        )


class FirehoseDeliveryStream(Handler):
    """A delivery stream to S3."""

    token = "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream"
    known = names("name destination extendedS3Configuration serverSideEncryption")
    replaced_by = names("name destination")
    tagged = True
    named_by = "name"
    name_pattern = r"[a-zA-Z0-9_.-]{1,64}"

    def validate(self, inputs: Facts) -> None:
        if inputs.get("destination") != "extended_s3":
            raise RefusedError(f"{inputs['name']}: the sandbox delivers to extended_s3 only")
        stated = inputs.get("extendedS3Configuration") or {}
        if unknown := set(stated) - CARRIED_OUT:
            raise RefusedError(
                f"{inputs['name']}: the sandbox does not carry out {', '.join(sorted(unknown))}"
            )

    def outputs(self, inputs: Values, facts: Values, identity: Identity) -> Facts:
        return {
            "arn": identity.arn("firehose", f"deliverystream/{inputs['name']}"),
            "destinationId": DESTINATION,
            "versionId": facts.get("versionId", "1"),
        }

    def identify(self, inputs: Values, facts: Values, identity: Identity) -> str:
        return identity.arn("firehose", f"deliverystream/{inputs['name']}")

    def create(self, aws: Aws, inputs: Values) -> Facts:
        request: dict[str, Any] = {}
        if (encryption := inputs.get("serverSideEncryption") or {}).get("enabled"):
            request["DeliveryStreamEncryptionConfigurationInput"] = {
                "KeyType": encryption.get("keyType") or "AWS_OWNED_CMK",
                **given(encryption, KeyARN="keyArn"),
            }
        aws.client("firehose").create_delivery_stream(
            DeliveryStreamName=inputs["name"],
            DeliveryStreamType="DirectPut",
            ExtendedS3DestinationConfiguration=_destination(inputs["extendedS3Configuration"]),
            **({"Tags": tag_list(inputs)} if inputs["tagsAll"] else {}),
            **request,
        )
        return {"versionId": "1"}

    def settle(self, aws: Aws, inputs: Values, facts: Values) -> None:
        """Creation is complete by itself."""

    def update(self, aws: Aws, inputs: Values, old: Values, facts: Values) -> Facts:
        firehose, name = aws.client("firehose"), inputs["name"]
        if gone := gone_tags(inputs, old):
            firehose.untag_delivery_stream(DeliveryStreamName=name, TagKeys=gone)
        if inputs["tagsAll"]:
            firehose.tag_delivery_stream(DeliveryStreamName=name, Tags=tag_list(inputs))
        version = str(self._described(aws, inputs)["VersionId"])
        if inputs["extendedS3Configuration"] != old.get("extendedS3Configuration"):
            firehose.update_destination(
                DeliveryStreamName=name,
                CurrentDeliveryStreamVersionId=version,
                DestinationId=DESTINATION,
                ExtendedS3DestinationUpdate=_destination(inputs["extendedS3Configuration"]),
            )
            version = str(self._described(aws, inputs)["VersionId"])
        return {**facts, "versionId": version}

    def find(self, aws: Aws, inputs: Values) -> tuple[Facts, dict[str, str]] | None:
        found = self._described(aws, inputs)
        tags = aws.client("firehose").list_tags_for_delivery_stream(
            DeliveryStreamName=inputs["name"]
        )["Tags"]
        return {"versionId": str(found["VersionId"])}, tag_map(tags)

    def imported(self, id_: str) -> tuple[Facts, Facts]:
        return {"name": id_.rsplit("/", 1)[-1]}, {}

    def delete(self, aws: Aws, inputs: Values, facts: Values) -> None:
        aws.client("firehose").delete_delivery_stream(DeliveryStreamName=inputs["name"])

    def _described(self, aws: Aws, inputs: Values) -> dict[str, Any]:
        answer = aws.client("firehose").describe_delivery_stream(DeliveryStreamName=inputs["name"])
        return dict(answer["DeliveryStreamDescription"])


def _destination(stated: Values) -> dict[str, Any]:
    request = given(stated, **S3)
    request["BufferingHints"] = {
        "IntervalInSeconds": stated.get("bufferingInterval", 300),
        "SizeInMBs": stated.get("bufferingSize", 5),
    }
    if key := stated.get("kmsKeyArn"):
        request["EncryptionConfiguration"] = {"KMSEncryptionConfig": {"AWSKMSKeyARN": key}}
    if processing := stated.get("processingConfiguration"):
        request["ProcessingConfiguration"] = capitalised(processing)
    if (logging := stated.get("cloudwatchLoggingOptions") or {}).get("enabled"):
        request["CloudWatchLoggingOptions"] = capitalised(logging)
    return request


HANDLERS = (LogSubscriptionFilter(), LogMetricFilter(), FirehoseDeliveryStream())
