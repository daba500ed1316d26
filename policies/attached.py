"""The policies that resources of a rendered graph carry themselves."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from policies.evaluation import Policy

Resource = Mapping[str, Any]
ByType = Mapping[str, Sequence[Resource]]


def attached(by_type: ByType) -> dict[str, Policy]:
    """Each policy by what it covers: an ARN, or the beginning of one for log groups.

    Raises:
        PolicyError: a policy is malformed.
    """
    return {
        **dict(_on_itself(by_type)),
        **dict(_by_name(by_type)),
        **dict(_permissions(by_type)),
        **dict(_of_logs(by_type)),
    }


def covering(resource: str) -> str:
    """What a policy on this resource is attached to.

    Objects are covered by their bucket's policy, model packages by their group's, log groups by
    those of their account and region.
    """
    if resource.startswith("arn:aws:s3:::"):
        return resource.split("/", 1)[0]
    head, package, rest = resource.partition(":model-package/")
    if package:
        return f"{head}:model-package-group/{rest.split('/', 1)[0]}"
    parts = resource.split(":")
    if len(parts) > 6 and parts[2] == "logs":
        return ":".join(parts[:5])
    return resource


def _on_itself(by_type: ByType) -> Iterator[tuple[str, Policy]]:
    for type_, (arn, element) in _RESOURCE_POLICIES.items():
        for resource in by_type.get(type_, ()):
            document = resource["inputs"].get(element)
            if document:
                yield arn(resource), Policy.parse(document, resource["name"])


def _by_name(by_type: ByType) -> Iterator[tuple[str, Policy]]:
    """Policies that name their resource by something else than its ARN."""
    for type_, (of_type, output, named, element) in _POLICIES_BY_NAME.items():
        owners = {one["outputs"][output]: one["outputs"]["arn"] for one in by_type.get(of_type, ())}
        for resource in by_type.get(type_, ()):
            inputs = resource["inputs"]
            owner = owners.get(inputs.get(named))
            if owner:
                yield str(owner), Policy.parse(inputs[element], resource["name"])


def _permissions(by_type: ByType) -> Iterator[tuple[str, Policy]]:
    """Who may call a function: each permission is a statement of its policy."""
    statements: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for permission in by_type.get("aws:lambda/permission:Permission", ()):
        inputs = permission["inputs"]
        statements[inputs["function"]].append(_statement(inputs))
    for function in by_type.get("aws:lambda/function:Function", ()):
        outputs = function["outputs"]
        found = [
            *statements.get(outputs["name"], ()),
            *statements.get(outputs["arn"], ()),
        ]
        if found:
            whole = [{**one, "Resource": outputs["arn"]} for one in found]
            yield outputs["arn"], Policy.parse({"Statement": whole}, function["name"])


def _statement(inputs: Mapping[str, Any]) -> dict[str, Any]:
    principal = inputs["principal"]
    kind = "Service" if principal.endswith(".amazonaws.com") else "AWS"
    condition: dict[str, dict[str, str]] = {}
    if "sourceArn" in inputs:
        condition["ArnLike"] = {"aws:SourceArn": inputs["sourceArn"]}
    if "sourceAccount" in inputs:
        condition["StringEquals"] = {"aws:SourceAccount": inputs["sourceAccount"]}
    stated = {
        "Sid": inputs.get("statementId", ""),
        "Effect": "Allow",
        "Principal": {kind: principal},
        "Action": inputs["action"],
    }
    return {**stated, "Condition": condition} if condition else stated


def _of_logs(by_type: ByType) -> Iterator[tuple[str, Policy]]:
    """An account's log policies hold together for all log groups of a region."""
    statements: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for resource in by_type.get("aws:cloudwatch/logResourcePolicy:LogResourcePolicy", ()):
        for statement in json.loads(resource["inputs"]["policyDocument"])["Statement"]:
            named = statement["Resource"]
            first = named if isinstance(named, str) else named[0]
            held = statements[":".join(first.split(":")[:5])]
            # Environments that share an account share its region's policy too.
            if statement not in held:
                held.append(statement)
    for place, found in statements.items():
        yield place, Policy.parse({"Statement": found}, f"the log policies of {place}")


def _output(name: str) -> Callable[[Resource], str]:
    return lambda resource: str(resource["outputs"][name])


_RESOURCE_POLICIES: Final[Mapping[str, tuple[Callable[[Resource], str], str]]] = {
    "aws:kms/key:Key": (_output("arn"), "policy"),
    "aws:iam/role:Role": (_output("arn"), "assumeRolePolicy"),
    "aws:s3/bucketPolicy:BucketPolicy": (
        lambda resource: f"arn:aws:s3:::{resource['inputs']['bucket']}",
        "policy",
    ),
    "aws:sns/topicPolicy:TopicPolicy": (lambda resource: resource["inputs"]["arn"], "policy"),
}

# Policy -> its resource, the output that identifies that, the input that names it, the document.
_POLICIES_BY_NAME: Final[Mapping[str, tuple[str, str, str, str]]] = {
    "aws:ecr/repositoryPolicy:RepositoryPolicy": (
        "aws:ecr/repository:Repository",
        "name",
        "repository",
        "policy",
    ),
    "aws:sagemaker/modelPackageGroupPolicy:ModelPackageGroupPolicy": (
        "aws:sagemaker/modelPackageGroup:ModelPackageGroup",
        "modelPackageGroupName",
        "modelPackageGroupName",
        "resourcePolicy",
    ),
    "aws:cloudwatch/eventBusPolicy:EventBusPolicy": (
        "aws:cloudwatch/eventBus:EventBus",
        "name",
        "eventBusName",
        "policy",
    ),
    "aws:sqs/queuePolicy:QueuePolicy": ("aws:sqs/queue:Queue", "url", "queueUrl", "policy"),
}
