"""Alarms over the states of other alarms."""

from __future__ import annotations

from sandbox.cloudwatch import composite
from sandbox.provider.errors import RefusedError
from sandbox.provider.handlers.base import Aws, Facts, Values, given, names, tag_list
from sandbox.provider.handlers.cloudwatch import NamedAlarm

ALARM = {
    "AlarmName": "alarmName",
    "AlarmDescription": "alarmDescription",
    "AlarmRule": "alarmRule",
    "AlarmActions": "alarmActions",
    "OKActions": "okActions",
    "InsufficientDataActions": "insufficientDataActions",
    "ActionsEnabled": "actionsEnabled",
}


class CompositeAlarm(NamedAlarm):
    """An alarm that sounds when its rule over other alarms holds."""

    token = "aws:cloudwatch/compositeAlarm:CompositeAlarm"
    known = frozenset(ALARM.values())
    replaced_by = names("alarmName")
    named_by = "alarmName"

    def validate(self, inputs: Facts) -> None:
        try:
            composite.parse(str(inputs["alarmRule"]))
        except composite.RuleError as error:
            raise RefusedError(f"alarmRule of {inputs['alarmName']}: {error}") from None

    def settle(self, aws: Aws, inputs: Values, facts: Values) -> None:
        aws.client("cloudwatch").put_composite_alarm(
            Tags=tag_list(inputs), **given(inputs, **ALARM)
        )


HANDLERS = (CompositeAlarm(),)
