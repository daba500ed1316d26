"""EventBridge Scheduler groups and schedules."""

from __future__ import annotations

import re

from sandbox.provider.errors import RefusedError
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

NAME = r"[0-9a-zA-Z\-_.]{1,64}"
# "Schedule types in EventBridge Scheduler": a rate, a cron of six fields, or a moment.
EXPRESSION = re.compile(
    r"rate\([1-9]\d* (minutes?|hours?|days?)\)"
    r"|cron\(\S+( \S+){5}\)"
    r"|at\(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\)"
)


class ScheduleGroup(Handler):
    """What a project's schedules stand under."""

    token = "aws:scheduler/scheduleGroup:ScheduleGroup"
    known = names("name namePrefix")
    replaced_by = names("name")
    tagged = True
    named_by = "name"
    name_pattern = NAME

    def outputs(self, inputs: Values, facts: Values, identity: Identity) -> Facts:
        arn = identity.arn("scheduler", f"schedule-group/{inputs['name']}")
        return {"arn": arn, "state": "ACTIVE"}

    def create(self, aws: Aws, inputs: Values) -> Facts:
        aws.client("scheduler").create_schedule_group(Name=inputs["name"], Tags=tag_list(inputs))
        return {}

    def settle(self, aws: Aws, inputs: Values, facts: Values) -> None:
        """Creation is complete by itself."""

    def update(self, aws: Aws, inputs: Values, old: Values, facts: Values) -> None:
        scheduler = aws.client("scheduler")
        arn = self.outputs(inputs, facts, aws.identity)["arn"]
        if gone := gone_tags(inputs, old):
            scheduler.untag_resource(ResourceArn=arn, TagKeys=gone)
        scheduler.tag_resource(ResourceArn=arn, Tags=tag_list(inputs))

    def find(self, aws: Aws, inputs: Values) -> tuple[Facts, dict[str, str]] | None:
        arn = self.outputs(inputs, {}, aws.identity)["arn"]
        answer = aws.client("scheduler").list_tags_for_resource(ResourceArn=arn)
        return {}, tag_map(answer["Tags"])

    def delete(self, aws: Aws, inputs: Values, facts: Values) -> None:
        aws.client("scheduler").delete_schedule_group(Name=inputs["name"])


class Schedule(Handler):
    """What is to happen when, and as which role."""

    token = "aws:scheduler/schedule:Schedule"
    known = names(
        "name namePrefix groupName description scheduleExpression scheduleExpressionTimezone "
        "state target flexibleTimeWindow startDate endDate kmsKeyArn actionAfterCompletion"
    )
    replaced_by = names("name groupName")
    named_by = "name"
    name_pattern = NAME

    def validate(self, inputs: Facts) -> None:
        if not EXPRESSION.fullmatch(str(inputs["scheduleExpression"])):
            raise RefusedError(f"'{inputs['scheduleExpression']}' is no schedule expression")
        inputs["flexibleTimeWindow"] = inputs.get("flexibleTimeWindow") or {"mode": "OFF"}

    def identify(self, inputs: Values, facts: Values, identity: Identity) -> str:
        return f"{_group(inputs)}/{inputs['name']}"

    def outputs(self, inputs: Values, facts: Values, identity: Identity) -> Facts:
        path = f"schedule/{_group(inputs)}/{inputs['name']}"
        return {
            "arn": identity.arn("scheduler", path),
            "groupName": _group(inputs),
            "state": inputs.get("state") or "ENABLED",
        }

    def create(self, aws: Aws, inputs: Values) -> Facts:
        aws.client("scheduler").create_schedule(**_request(inputs))
        return {}

    def settle(self, aws: Aws, inputs: Values, facts: Values) -> None:
        """Creation is complete by itself."""

    def update(self, aws: Aws, inputs: Values, old: Values, facts: Values) -> None:
        aws.client("scheduler").update_schedule(**_request(inputs))

    def delete(self, aws: Aws, inputs: Values, facts: Values) -> None:
        aws.client("scheduler").delete_schedule(GroupName=_group(inputs), Name=inputs["name"])


def _group(inputs: Values) -> str:
    return str(inputs.get("groupName") or "default")


def _request(inputs: Values) -> Facts:
    target = dict(inputs["target"])
    pipeline = target.pop("sagemakerPipelineParameters", None)
    request: Facts = {
        **given(
            inputs,
            Name="name",
            Description="description",
            ScheduleExpression="scheduleExpression",
            ScheduleExpressionTimezone="scheduleExpressionTimezone",
            State="state",
            StartDate="startDate",
            EndDate="endDate",
            KmsKeyArn="kmsKeyArn",
            ActionAfterCompletion="actionAfterCompletion",
        ),
        "GroupName": _group(inputs),
        "Target": capitalised(target),
        "FlexibleTimeWindow": capitalised(inputs["flexibleTimeWindow"]),
    }
    if pipeline:
        stated = capitalised(pipeline.get("pipelineParameters") or [])
        request["Target"]["SageMakerPipelineParameters"] = {"PipelineParameterList": stated}
    return request


HANDLERS = (ScheduleGroup(), Schedule())
