"""EventBridge buses, rules and targets."""

from __future__ import annotations

from sandbox.provider.errors import RefusedError
from sandbox.provider.handlers import documents
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

NAME = r"[\.\-_A-Za-z0-9]{1,64}"


class EventBus(Handler):
    """An event bus of one's own."""

    token = "aws:cloudwatch/eventBus:EventBus"
    known = names("name description kmsKeyIdentifier")
    replaced_by = names("name")
    tagged = True
    named_by = "name"
    name_pattern = r"[/\.\-_A-Za-z0-9]{1,256}"

    def validate(self, inputs: Facts) -> None:
        if inputs["name"] == "default":
            raise RefusedError("the default event bus exists already; name another")

    def outputs(self, inputs: Values, facts: Values, identity: Identity) -> Facts:
        return {"arn": identity.arn("events", f"event-bus/{inputs['name']}")}

    def create(self, aws: Aws, inputs: Values) -> Facts:
        aws.client("events").create_event_bus(
            Tags=tag_list(inputs),
            **given(
                inputs,
                Name="name",
                Description="description",
                KmsKeyIdentifier="kmsKeyIdentifier",
            ),
        )
        return {}

    def update(self, aws: Aws, inputs: Values, old: Values, facts: Values) -> None:
        _retag(aws, self.outputs(inputs, facts, aws.identity)["arn"], inputs, old)

    def find(self, aws: Aws, inputs: Values) -> tuple[Facts, dict[str, str]] | None:
        arn = self.outputs(inputs, {}, aws.identity)["arn"]
        return {}, tag_map(aws.client("events").list_tags_for_resource(ResourceARN=arn)["Tags"])

    def delete(self, aws: Aws, inputs: Values, facts: Values) -> None:
        aws.client("events").delete_event_bus(Name=inputs["name"])


class EventBusPolicy(PutHandler):
    """Who may put events on a bus."""

    token = "aws:cloudwatch/eventBusPolicy:EventBusPolicy"
    known = names("policy eventBusName")
    replaced_by = names("eventBusName")

    def validate(self, inputs: Facts) -> None:
        inputs["policy"] = documents.policy(inputs["policy"], documents.RESOURCE)

    def identify(self, inputs: Values, facts: Values, identity: Identity) -> str:
        return str(inputs.get("eventBusName") or "default")

    def settle(self, aws: Aws, inputs: Values, facts: Values) -> None:
        aws.client("events").put_permission(
            EventBusName=self.identify(inputs, facts, aws.identity), Policy=inputs["policy"]
        )

    def delete(self, aws: Aws, inputs: Values, facts: Values) -> None:
        aws.client("events").remove_permission(
            EventBusName=self.identify(inputs, facts, aws.identity), RemoveAllPermissions=True
        )


class EventRule(PutHandler):
    """Which events matter."""

    token = "aws:cloudwatch/eventRule:EventRule"
    known = names(
        "name namePrefix description eventBusName eventPattern scheduleExpression roleArn state "
        "isEnabled forceDestroy"
    )
    replaced_by = names("name eventBusName")
    tagged = True
    named_by = "name"
    name_pattern = NAME

    def validate(self, inputs: Facts) -> None:
        if inputs.get("eventPattern"):
            inputs["eventPattern"] = documents.canonical(inputs["eventPattern"])
        elif not inputs.get("scheduleExpression"):
            raise RefusedError(f"the rule {inputs['name']} has neither eventPattern nor schedule")
        if inputs.get("scheduleExpression") and _bus(inputs) != "default":
            raise RefusedError("a schedule is possible on the default event bus only")

    def identify(self, inputs: Values, facts: Values, identity: Identity) -> str:
        bus = _bus(inputs)
        return str(inputs["name"]) if bus == "default" else f"{bus}/{inputs['name']}"

    def outputs(self, inputs: Values, facts: Values, identity: Identity) -> Facts:
        return {
            "arn": identity.arn("events", f"rule/{self.identify(inputs, facts, identity)}"),
            "eventBusName": inputs.get("eventBusName") or "default",
            "state": _state(inputs),
        }

    def settle(self, aws: Aws, inputs: Values, facts: Values) -> None:
        aws.client("events").put_rule(
            State=_state(inputs),
            Tags=tag_list(inputs),
            **given(
                inputs,
                Name="name",
                EventBusName="eventBusName",
                EventPattern="eventPattern",
                ScheduleExpression="scheduleExpression",
                Description="description",
                RoleArn="roleArn",
            ),
        )

    def update(self, aws: Aws, inputs: Values, old: Values, facts: Values) -> None:
        self.settle(aws, inputs, facts)
        _retag(aws, self.outputs(inputs, facts, aws.identity)["arn"], inputs, old)

    def delete(self, aws: Aws, inputs: Values, facts: Values) -> None:
        aws.client("events").delete_rule(**given(inputs, Name="name", EventBusName="eventBusName"))


class EventTarget(PutHandler):
    """Where the events of a rule go."""

    token = "aws:cloudwatch/eventTarget:EventTarget"
    known = names(
        "rule arn targetId eventBusName roleArn input inputPath inputTransformer "
        "deadLetterConfig retryPolicy sagemakerPipelineTarget sqsTarget forceDestroy"
    )
    replaced_by = names("rule targetId eventBusName")
    named_by = "targetId"
    name_pattern = NAME

    def identify(self, inputs: Values, facts: Values, identity: Identity) -> str:
        bus = _bus(inputs)
        prefix = "" if bus == "default" else f"{bus}-"
        return f"{prefix}{inputs['rule']}-{inputs['targetId']}"

    def settle(self, aws: Aws, inputs: Values, facts: Values) -> None:
        target = given(
            inputs,
            Id="targetId",
            Arn="arn",
            RoleArn="roleArn",
            Input="input",
            InputPath="inputPath",
        )
        if transformer := inputs.get("inputTransformer"):
            target["InputTransformer"] = {
                "InputPathsMap": transformer.get("inputPaths") or {},
                "InputTemplate": transformer["inputTemplate"],
            }
        if parameters := inputs.get("sagemakerPipelineTarget"):
            target["SageMakerPipelineParameters"] = {
                "PipelineParameterList": capitalised(parameters["pipelineParameterLists"])
            }
        if parameters := inputs.get("sqsTarget"):
            target["SqsParameters"] = capitalised(parameters)
        for name in ("deadLetterConfig", "retryPolicy"):
            if inputs.get(name):
                target[name[:1].upper() + name[1:]] = capitalised(inputs[name])
        answer = aws.client("events").put_targets(
            Targets=[target], **given(inputs, Rule="rule", EventBusName="eventBusName")
        )
        if answer.get("FailedEntryCount"):
            raise RefusedError(f"PutTargets: {answer['FailedEntries']}")

    def delete(self, aws: Aws, inputs: Values, facts: Values) -> None:
        aws.client("events").remove_targets(
            Ids=[inputs["targetId"]], **given(inputs, Rule="rule", EventBusName="eventBusName")
        )


def _bus(inputs: Values) -> str:
    return str(inputs.get("eventBusName") or "default").rsplit("event-bus/", 1)[-1]


def _state(inputs: Values) -> str:
    return str(
        inputs.get("state") or ("DISABLED" if inputs.get("isEnabled") is False else "ENABLED")
    )


def _retag(aws: Aws, arn: str, inputs: Values, old: Values) -> None:
    events = aws.client("events")
    if gone := gone_tags(inputs, old):
        events.untag_resource(ResourceARN=arn, TagKeys=gone)
    events.tag_resource(ResourceARN=arn, Tags=tag_list(inputs))


HANDLERS = (EventBus(), EventBusPolicy(), EventRule(), EventTarget())
