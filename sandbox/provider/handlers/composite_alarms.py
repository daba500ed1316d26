"""Alarms over the states of other alarms."""

from __future__ import annotations

from sandbox.cloudwatch import composite
from sandbox.provider.errors import RefusedError
from sandbox.provider.handlers.base import (
    Aws,
    Facts,
    PutHandler,
    Values,
    given,
    gone_tags,
    names,
    tag_list,
)
from sandbox.provider.identity import Identity

ALARM = {
    "AlarmName": "alarmName",
    "AlarmDescription": "alarmDescription",
    "AlarmRule": "alarmRule",
    "AlarmActions": "alarmActions",
    "OKActions": "okActions",
    "InsufficientDataActions": "insufficientDataActions",
    "ActionsEnabled": "actionsEnabled",
}


class CompositeAlarm(PutHandler):
    """An alarm that sounds when its rule over other alarms holds."""

    token = "aws:cloudwatch/compositeAlarm:CompositeAlarm"
    known = frozenset(ALARM.values())
    replaced_by = names("alarmName")
    tagged = True
    named_by = "alarmName"
    name_pattern = r".{1,255}"

    def validate(self, inputs: Facts) -> None:
        try:
            composite.parse(str(inputs["alarmRule"]))
        except composite.RuleError as error:
            raise RefusedError(f"alarmRule of {inputs['alarmName']}: {error}") from None

    def outputs(self, inputs: Values, facts: Values, identity: Identity) -> Facts:
        return {
            "arn": identity.arn("cloudwatch", f"alarm:{inputs['alarmName']}"),
            "actionsEnabled": inputs.get("actionsEnabled", True),
        }

    def settle(self, aws: Aws, inputs: Values, facts: Values) -> None:
        aws.client("cloudwatch").put_composite_alarm(
            Tags=tag_list(inputs), **given(inputs, **ALARM)
        )

    def update(self, aws: Aws, inputs: Values, old: Values, facts: Values) -> None:
        self.settle(aws, inputs, facts)
        arn = self.outputs(inputs, facts, aws.identity)["arn"]
        cloudwatch = aws.client("cloudwatch")
        if gone := gone_tags(inputs, old):
            cloudwatch.untag_resource(ResourceARN=arn, TagKeys=gone)
        cloudwatch.tag_resource(ResourceARN=arn, Tags=tag_list(inputs))

    def delete(self, aws: Aws, inputs: Values, facts: Values) -> None:
        aws.client("cloudwatch").delete_alarms(AlarmNames=[inputs["alarmName"]])


HANDLERS = (CompositeAlarm(),)
