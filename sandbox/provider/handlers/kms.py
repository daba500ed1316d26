"""KMS keys and their aliases."""

from __future__ import annotations

from dataclasses import replace

from sandbox.provider.errors import RefusedError
from sandbox.provider.handlers import documents
from sandbox.provider.handlers.base import (
    Aws,
    Facts,
    Handler,
    Live,
    Values,
    given,
    gone_tags,
    names,
    tag_list,
    tag_map,
)
from sandbox.provider.identity import Identity, Seed


class Key(Handler):
    """A customer managed key."""

    token = "aws:kms/key:Key"
    known = names(
        "policy description enableKeyRotation rotationPeriodInDays deletionWindowInDays "
        "keyUsage customerMasterKeySpec multiRegion bypassPolicyLockoutSafetyCheck"
    )
    replaced_by = frozenset({"customerMasterKeySpec", "keyUsage", "multiRegion"})
    tagged = True
    unstated = {
        "description": "",
        "enableKeyRotation": False,
        "rotationPeriodInDays": 365,
        "keyUsage": "ENCRYPT_DECRYPT",
        "customerMasterKeySpec": "SYMMETRIC_DEFAULT",
        "multiRegion": False,
    }

    def validate(self, inputs: Facts) -> None:
        if inputs.get("policy"):
            inputs["policy"] = documents.policy(inputs["policy"], documents.KEY)

    def invent(self, inputs: Values, seed: Seed, identity: Identity) -> Facts:
        return {"id": seed.uuid()}

    def outputs(self, inputs: Values, facts: Values, identity: Identity) -> Facts:
        key = facts["id"]
        return {
            "arn": identity.arn("kms", f"key/{key}"),
            "keyId": key,
            "policy": inputs.get("policy") or documents.canonical(_default_policy(identity)),
            "description": inputs.get("description", ""),
            "isEnabled": inputs.get("isEnabled", True),
            "enableKeyRotation": inputs.get("enableKeyRotation", False),
            "keyUsage": inputs.get("keyUsage", "ENCRYPT_DECRYPT"),
            "customerMasterKeySpec": inputs.get("customerMasterKeySpec", "SYMMETRIC_DEFAULT"),
            "multiRegion": inputs.get("multiRegion", False),
        }

    def create(self, aws: Aws, inputs: Values) -> Facts:
        answer = aws.client("kms").create_key(
            Tags=tag_list(inputs, "TagKey", "TagValue"),
            **given(
                inputs,
                Policy="policy",
                Description="description",
                KeyUsage="keyUsage",
                KeySpec="customerMasterKeySpec",
                MultiRegion="multiRegion",
            ),
        )
        return {"id": answer["KeyMetadata"]["KeyId"]}

    def settle(self, aws: Aws, inputs: Values, facts: Values) -> None:
        if inputs.get("enableKeyRotation"):
            aws.client("kms").enable_key_rotation(
                KeyId=facts["id"], **given(inputs, RotationPeriodInDays="rotationPeriodInDays")
            )

    def update(self, aws: Aws, inputs: Values, old: Values, facts: Values) -> None:
        kms, key = aws.client("kms"), facts["id"]
        if inputs.get("policy"):
            kms.put_key_policy(KeyId=key, PolicyName="default", Policy=inputs["policy"])
        kms.update_key_description(KeyId=key, Description=inputs.get("description", ""))
        if old.get("enableKeyRotation") and not inputs.get("enableKeyRotation"):
            kms.disable_key_rotation(KeyId=key)
        if gone := gone_tags(inputs, old):
            kms.untag_resource(KeyId=key, TagKeys=gone)
        if inputs["tagsAll"]:
            kms.tag_resource(KeyId=key, Tags=tag_list(inputs, "TagKey", "TagValue"))
        self.settle(aws, inputs, facts)

    def live(self, aws: Aws, inputs: Values, facts: Values) -> Facts | None:
        kms, key = aws.client("kms"), facts["id"]
        told = kms.describe_key(KeyId=key)["KeyMetadata"]
        if told["KeyState"] == "PendingDeletion":
            return None
        policy = documents.canonical(kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"])
        by_default = documents.canonical(_default_policy(aws.identity))
        rotation = kms.get_key_rotation_status(KeyId=key)
        return {
            "policy": None if policy == by_default and "policy" not in inputs else policy,
            "description": told.get("Description"),
            "enableKeyRotation": rotation["KeyRotationEnabled"],
            "rotationPeriodInDays": rotation.get("RotationPeriodInDays"),
            "keyUsage": told.get("KeyUsage", "ENCRYPT_DECRYPT"),
            "customerMasterKeySpec": told.get("KeySpec", "SYMMETRIC_DEFAULT"),
            "multiRegion": told.get("MultiRegion", False),
        }

    def read(self, aws: Aws, inputs: Values, facts: Values) -> Live | None:
        found = super().read(aws, inputs, facts)
        if found is None:
            return None
        tags = aws.client("kms").list_resource_tags(KeyId=facts["id"])["Tags"]
        return replace(found, tags=tag_map(tags))

    def delete(self, aws: Aws, inputs: Values, facts: Values) -> None:
        aws.client("kms").schedule_key_deletion(
            KeyId=facts["id"], PendingWindowInDays=inputs.get("deletionWindowInDays", 30)
        )


class Alias(Handler):
    """A name for a key."""

    token = "aws:kms/alias:Alias"
    known = names("name namePrefix targetKeyId")
    replaced_by = frozenset({"name"})
    named_by = "name"
    name_pattern = r"alias/[a-zA-Z0-9/_-]{1,250}"

    def prepare(self, inputs: Values, seed: Seed, default_tags: Values, old: Values) -> Facts:
        if not inputs.get("name"):
            name = old.get("name") or seed.suffixed(f"alias/{seed.name}-")
            inputs = {**inputs, "name": name}
        return super().prepare(inputs, seed, default_tags, old)

    def validate(self, inputs: Facts) -> None:
        if str(inputs["name"]).startswith("alias/aws/"):
            raise RefusedError("an alias must not begin with alias/aws/")

    def outputs(self, inputs: Values, facts: Values, identity: Identity) -> Facts:
        target = str(inputs["targetKeyId"])
        arn = target if target.startswith("arn:") else identity.arn("kms", f"key/{target}")
        return {"arn": identity.arn("kms", str(inputs["name"])), "targetKeyArn": arn}

    def create(self, aws: Aws, inputs: Values) -> Facts:
        aws.client("kms").create_alias(AliasName=inputs["name"], TargetKeyId=inputs["targetKeyId"])
        return {}

    def find(self, aws: Aws, inputs: Values) -> tuple[Facts, dict[str, str]] | None:
        return {}, {}

    def live(self, aws: Aws, inputs: Values, facts: Values) -> Facts | None:
        for page in aws.client("kms").get_paginator("list_aliases").paginate():
            for alias in page["Aliases"]:
                if alias["AliasName"] == inputs["name"]:
                    return {"targetKeyId": _as_stated(inputs, alias["TargetKeyId"])}
        return None

    def update(self, aws: Aws, inputs: Values, old: Values, facts: Values) -> None:
        aws.client("kms").update_alias(AliasName=inputs["name"], TargetKeyId=inputs["targetKeyId"])

    def delete(self, aws: Aws, inputs: Values, facts: Values) -> None:
        aws.client("kms").delete_alias(AliasName=inputs["name"])


def _as_stated(inputs: Values, key: str) -> str:
    """A key's id as the program wrote it, when it named this key by its ARN."""
    stated = str(inputs.get("targetKeyId", ""))
    return stated if stated.endswith(f"/{key}") else key


def _default_policy(identity: Identity) -> dict[str, object]:
    return {
        "Version": "2012-10-17",
        "Id": "key-default-1",
        "Statement": [
            {
                "Sid": "Enable IAM User Permissions",
                "Effect": "Allow",
                "Principal": {"AWS": identity.global_arn("iam", "root")},
                "Action": "kms:*",
                "Resource": "*",
            }
        ],
    }


HANDLERS: tuple[Handler, ...] = (Key(), Alias())
