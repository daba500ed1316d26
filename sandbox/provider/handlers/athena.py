"""Athena workgroups."""

from __future__ import annotations

from typing import Any

from sandbox.provider.handlers.base import (
    Aws,
    Facts,
    Handler,
    Values,
    given,
    gone_tags,
    names,
    tag_list,
    tag_map,
)
from sandbox.provider.identity import Identity


class Workgroup(Handler):
    """Where queries run, what they may scan and where their results go."""

    token = "aws:athena/workgroup:Workgroup"
    known = names("name description state configuration forceDestroy")
    replaced_by = names("name")
    tagged = True
    named_by = "name"
    name_pattern = r"[a-zA-Z0-9._-]{1,128}"

    def outputs(self, inputs: Values, facts: Values, identity: Identity) -> Facts:
        return {
            "arn": identity.arn("athena", f"workgroup/{inputs['name']}"),
            "state": inputs.get("state") or "ENABLED",
        }

    def create(self, aws: Aws, inputs: Values) -> Facts:
        aws.client("athena").create_work_group(
            Name=inputs["name"],
            Description=inputs.get("description") or "",
            Configuration=_configuration(inputs),
            Tags=tag_list(inputs),
        )
        return {}

    def update(self, aws: Aws, inputs: Values, old: Values, facts: Values) -> None:
        athena, arn = aws.client("athena"), self.outputs(inputs, facts, aws.identity)["arn"]
        updates = _configuration(inputs)
        results = updates.pop("ResultConfiguration", None)
        if results:
            updates["ResultConfigurationUpdates"] = results
        athena.update_work_group(
            WorkGroup=inputs["name"],
            ConfigurationUpdates=updates,
            **given(inputs, Description="description", State="state"),
        )
        if gone := gone_tags(inputs, old):
            athena.untag_resource(ResourceARN=arn, TagKeys=gone)
        athena.tag_resource(ResourceARN=arn, Tags=tag_list(inputs))

    def find(self, aws: Aws, inputs: Values) -> tuple[Facts, dict[str, str]] | None:
        arn = self.outputs(inputs, {}, aws.identity)["arn"]
        return {}, tag_map(aws.client("athena").list_tags_for_resource(ResourceARN=arn)["Tags"])

    def delete(self, aws: Aws, inputs: Values, facts: Values) -> None:
        aws.client("athena").delete_work_group(
            WorkGroup=inputs["name"], RecursiveDeleteOption=bool(inputs.get("forceDestroy"))
        )


def _configuration(inputs: Values) -> dict[str, Any]:
    stated = inputs.get("configuration") or {}
    request = given(
        stated,
        EnforceWorkGroupConfiguration="enforceWorkgroupConfiguration",
        PublishCloudWatchMetricsEnabled="publishCloudwatchMetricsEnabled",
        BytesScannedCutoffPerQuery="bytesScannedCutoffPerQuery",
    )
    if results := stated.get("resultConfiguration"):
        request["ResultConfiguration"] = given(
            results, OutputLocation="outputLocation", ExpectedBucketOwner="expectedBucketOwner"
        )
        if encryption := results.get("encryptionConfiguration"):
            request["ResultConfiguration"]["EncryptionConfiguration"] = given(
                encryption, EncryptionOption="encryptionOption", KmsKey="kmsKeyArn"
            )
    return request


HANDLERS = (Workgroup(),)
