"""CloudTrail trails."""

from __future__ import annotations

from typing import Any

from sandbox.provider.handlers.base import (
    Aws,
    Facts,
    Handler,
    Values,
    capitalised,
    given,
    gone_tags,
    names,
    tag_list,
    tag_map,
)
from sandbox.provider.identity import Identity

TRAIL = {
    "S3BucketName": "s3BucketName",
    "S3KeyPrefix": "s3KeyPrefix",
    "SnsTopicName": "snsTopicName",
    "IncludeGlobalServiceEvents": "includeGlobalServiceEvents",
    "IsMultiRegionTrail": "isMultiRegionTrail",
    "IsOrganizationTrail": "isOrganizationTrail",
    "EnableLogFileValidation": "enableLogFileValidation",
    "KmsKeyId": "kmsKeyId",
}
# The wire's plural names of what a selector's field is compared with.
COMPARISONS = {
    "equals": "Equals",
    "notEquals": "NotEquals",
    "startsWiths": "StartsWith",
    "notStartsWiths": "NotStartsWith",
    "endsWiths": "EndsWith",
    "notEndsWiths": "NotEndsWith",
}


class Trail(Handler):
    """A trail, which events it keeps, and that it is switched on."""

    token = "aws:cloudtrail/trail:Trail"
    known = frozenset(TRAIL.values()) | names("name enableLogging advancedEventSelectors")
    replaced_by = names("name")
    tagged = True
    named_by = "name"
    name_pattern = r"[A-Za-z0-9][A-Za-z0-9._-]{1,126}[A-Za-z0-9]"

    def identify(self, inputs: Values, facts: Values, identity: Identity) -> str:
        return identity.arn("cloudtrail", f"trail/{inputs['name']}")

    def outputs(self, inputs: Values, facts: Values, identity: Identity) -> Facts:
        return {
            "arn": self.identify(inputs, facts, identity),
            "homeRegion": identity.region,
            "enableLogging": inputs.get("enableLogging", True),
        }

    def create(self, aws: Aws, inputs: Values) -> Facts:
        aws.client("cloudtrail").create_trail(
            Name=inputs["name"], TagsList=tag_list(inputs), **given(inputs, **TRAIL)
        )
        return {}

    def settle(self, aws: Aws, inputs: Values, facts: Values) -> None:
        trails, name = aws.client("cloudtrail"), inputs["name"]
        if selectors := inputs.get("advancedEventSelectors"):
            trails.put_event_selectors(
                TrailName=name, AdvancedEventSelectors=[_selector(one) for one in selectors]
            )
        if inputs.get("enableLogging", True):
            trails.start_logging(Name=name)
        else:
            trails.stop_logging(Name=name)

    def update(self, aws: Aws, inputs: Values, old: Values, facts: Values) -> None:
        trails, arn = aws.client("cloudtrail"), self.identify(inputs, facts, aws.identity)
        trails.update_trail(Name=inputs["name"], **given(inputs, **TRAIL))
        if gone := gone_tags(inputs, old):
            tags = [{"Key": key, "Value": old["tagsAll"][key]} for key in gone]
            trails.remove_tags(ResourceId=arn, TagsList=tags)
        trails.add_tags(ResourceId=arn, TagsList=tag_list(inputs))
        self.settle(aws, inputs, facts)

    def find(self, aws: Aws, inputs: Values) -> tuple[Facts, dict[str, str]] | None:
        arn = self.identify(inputs, {}, aws.identity)
        found = aws.client("cloudtrail").list_tags(ResourceIdList=[arn])["ResourceTagList"]
        return {}, tag_map(found[0].get("TagsList"))

    def delete(self, aws: Aws, inputs: Values, facts: Values) -> None:
        aws.client("cloudtrail").delete_trail(Name=inputs["name"])


def _selector(selector: Values) -> dict[str, Any]:
    return {
        **capitalised({"name": selector["name"]} if selector.get("name") else {}),
        "FieldSelectors": [_field(one) for one in selector["fieldSelectors"]],
    }


def _field(field: Values) -> dict[str, Any]:
    compared = {COMPARISONS[key]: field[key] for key in COMPARISONS if field.get(key)}
    return {"Field": field["field"], **compared}


HANDLERS = (Trail(),)
