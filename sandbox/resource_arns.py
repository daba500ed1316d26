"""Which resources an API call touches, as the ARNs that policies name."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from sandbox.api_call import ApiCall
from sandbox.s3_actions import s3_resources
from sandbox.sagemaker_arns import sagemaker_resources

TYPES = {"s3": "Bucket", "iam": "Role", "kms": "Key", "lambda": "Function", "sns": "Topic"}


def touched(call: ApiCall) -> tuple[str, ...]:
    """ARNs of the resources a call names; empty when it names none."""
    derive = DERIVED.get(call.service)
    return tuple(dict.fromkeys(derive(call))) if derive else ()


def resource_name(arn: str) -> str:
    """The name within an ARN: what follows the kind of resource."""
    resource = arn.split(":", 5)[-1]
    return re.split(r"[/:]", resource, maxsplit=1)[-1]


def resource_type(arn: str) -> str:
    """CloudFormation's kind of name for an ARN: AWS::SageMaker::ModelPackage."""
    parts = arn.split(":", 5)
    if len(parts) < 6:
        return ""
    service, resource = parts[2], parts[5]
    kind = TYPES.get(service) or re.split(r"[/:]", resource)[0].title().replace("-", "")
    return f"AWS::{'SageMaker' if service == 'sagemaker' else service.title()}::{kind}"


def _arn(call: ApiCall, service: str, resource: str) -> str:
    return f"arn:aws:{service}:{call.region}:{call.account}:{resource}"


def _first(parameters: Mapping[str, Any], *names: str) -> str:
    return next((str(parameters[name]) for name in names if parameters.get(name)), "")


def _kms(call: ApiCall) -> list[str]:
    from moto.kms.models import kms_backends

    name = _first(call.parameters, "KeyId", "TargetKeyId")
    if not name:
        return []
    if ":key/" in name:
        return [name]
    backend = kms_backends[call.account][call.region]
    if "alias/" in name:
        name = backend.get_key_id_from_alias(name[name.index("alias/") :]) or name
    return [_arn(call, "kms", f"key/{name}")]


def _ssm(call: ApiCall) -> list[str]:
    names = [_first(call.parameters, "Name", "Path"), *call.parameters.get("Names", [])]
    return [
        name if name.startswith("arn:") else _arn(call, "ssm", f"parameter/{name.strip('/')}")
        for name in names
        if name
    ]


def _ecr(call: ApiCall) -> list[str]:
    account = _first(call.parameters, "registryId") or call.account
    named = call.parameters.get("repositoryNames") or []
    names = [_first(call.parameters, "repositoryName"), *named]
    arn = f"arn:aws:ecr:{call.region}:{account}:repository/"
    return [arn + name for name in names if name]


def _logs(call: ApiCall) -> list[str]:
    group = _first(
        call.parameters, "logGroupName", "logGroupIdentifier", "logGroupNamePrefix"
    ).removesuffix(":*")
    if not group:
        return []
    group = group if group.startswith("arn:") else _arn(call, "logs", f"log-group:{group}")
    stream = _first(call.parameters, "logStreamName")
    return [f"{group}:log-stream:{stream}"] if stream else [group]


def _lambda(call: ApiCall) -> list[str]:
    name = _first(call.parameters, "FunctionName", "Resource")
    if not name:
        return []
    if name.startswith("arn:"):
        return [":".join(name.split(":")[:7])]
    return [_arn(call, "lambda", f"function:{name.split(':')[-1]}")]


def _events(call: ApiCall) -> list[str]:
    given = call.parameters
    if call.operation == "PutEvents":
        return [_bus(call, entry.get("EventBusName")) for entry in given.get("Entries", [])]
    if "EventBus" in call.operation or call.operation.endswith("Permission"):
        return [_bus(call, _first(given, "Name", "EventBusName"))]
    name = _first(given, "Name", "Rule")
    if not name:
        return []
    bus = _bus(call, given.get("EventBusName")).split("/", 1)[1]
    return [_arn(call, "events", f"rule/{name}" if bus == "default" else f"rule/{bus}/{name}")]


def _bus(call: ApiCall, name: str | None) -> str:
    if name and name.startswith("arn:"):
        return name
    return _arn(call, "events", f"event-bus/{name or 'default'}")


def _sns(call: ApiCall) -> list[str]:
    given = _first(call.parameters, "TopicArn", "TargetArn", "ResourceArn", "SubscriptionArn")
    if given:
        return [given]
    name = _first(call.parameters, "Name")
    return [_arn(call, "sns", name)] if name else []


def _sqs(call: ApiCall) -> list[str]:
    url = _first(call.parameters, "QueueUrl")
    if url:
        account, name = url.rstrip("/").split("/")[-2:]
        return [f"arn:aws:sqs:{call.region}:{account}:{name}"]
    name = _first(call.parameters, "QueueName")
    return [_arn(call, "sqs", name)] if name else []


def _iam(call: ApiCall) -> list[str]:
    given = call.parameters
    arn = f"arn:aws:iam::{call.account}:"
    if given.get("RoleName"):
        return [_role_arn(call.account, given["RoleName"], given.get("Path", "/"))]
    if given.get("UserName"):
        return [f"{arn}user/{given['UserName']}"]
    named = _first(given, "PolicyArn", "SAMLProviderArn", "OpenIDConnectProviderArn")
    if named:
        return [named]
    if given.get("PolicyName"):
        return [f"{arn}policy{given.get('Path', '/')}{given['PolicyName']}"]
    return []


def _role_arn(account: str, name: str, path: str) -> str:
    from moto.iam.models import iam_backends

    for role in list(iam_backends[account]["aws"].roles.values()):
        if role.name == name:
            return str(role.arn)
    return f"arn:aws:iam::{account}:role{path}{name}"


def _cloudwatch(call: ApiCall) -> list[str]:
    names = [_first(call.parameters, "AlarmName"), *call.parameters.get("AlarmNames", [])]
    return [_arn(call, "cloudwatch", f"alarm:{name}") for name in names if name]


def _budgets(call: ApiCall) -> list[str]:
    """A list of budgets is asked for as every budget of the account."""
    given = call.parameters
    name = _first(given, "BudgetName") or _first(
        given.get("Budget") or given.get("NewBudget") or {}, "BudgetName"
    )
    account = _first(given, "AccountId") or call.account
    return [f"arn:aws:budgets::{account}:budget/{name or '*'}"] if "AccountId" in given else []


def _firehose(call: ApiCall) -> list[str]:
    name = _first(call.parameters, "DeliveryStreamName")
    return [_arn(call, "firehose", f"deliverystream/{name}")] if name else []


def _sts(call: ApiCall) -> list[str]:
    role = _first(call.parameters, "RoleArn")
    return [role] if role else []


def _scheduler(call: ApiCall) -> list[str]:
    name = _first(call.parameters, "Name")
    group = call.parameters.get("GroupName") or "default"
    kind = "schedule-group" if "Group" in call.operation else f"schedule/{group}"
    return [_arn(call, "scheduler", f"{kind}/{name}")] if name else []


def _scaling(call: ApiCall) -> list[str]:
    """A scalable target's ARN has an id of its own, which a new one has yet to get."""
    from moto.applicationautoscaling.models import applicationautoscaling_backends

    given = call.parameters
    if "ResourceId" not in given or call.operation.startswith("Describe"):
        return []
    targets = applicationautoscaling_backends[call.account][call.region].targets
    known = targets.get(given.get("ScalableDimension", ""), {}).get(given["ResourceId"])
    return [known.arn if known else _arn(call, "application-autoscaling", "scalable-target/new")]


DERIVED: Mapping[str, Callable[[ApiCall], list[str]]] = {
    "application-autoscaling": _scaling,
    "budgets": _budgets,
    "cloudwatch": _cloudwatch,
    "ecr": _ecr,
    "events": _events,
    "firehose": _firehose,
    "iam": _iam,
    "kms": _kms,
    "lambda": _lambda,
    "logs": _logs,
    "s3": s3_resources,
    "sagemaker": sagemaker_resources,
    "sagemaker-runtime": sagemaker_resources,
    "scheduler": _scheduler,
    "sns": _sns,
    "sqs": _sqs,
    "ssm": _ssm,
    "sts": _sts,
}
