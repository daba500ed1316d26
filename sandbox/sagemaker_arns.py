"""The SageMaker resources a call touches, derived from its operation's name."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from sandbox.api_call import ApiCall

VERB = re.compile(
    r"^(Create|Describe|Update|Delete|Stop|Start|Put|Get|Retry|List|Search|Send|Invoke)"
)
# Operations that authorise something else than the noun in their name.
SPECIAL: Mapping[str, Callable[[Mapping[str, Any]], list[str]]] = {
    "CreateEndpoint": lambda p: [
        f"endpoint/{p.get('EndpointName')}",
        f"endpoint-config/{p.get('EndpointConfigName')}",
    ],
    "UpdateEndpoint": lambda p: [
        f"endpoint/{p.get('EndpointName')}",
        f"endpoint-config/{p.get('EndpointConfigName')}",
    ],
    "UpdateEndpointWeightsAndCapacities": lambda p: [f"endpoint/{p.get('EndpointName')}"],
    "InvokeEndpoint": lambda p: [f"endpoint/{p.get('EndpointName')}"],
    "InvokeEndpointAsync": lambda p: [f"endpoint/{p.get('EndpointName')}"],
    "InvokeEndpointWithResponseStream": lambda p: [f"endpoint/{p.get('EndpointName')}"],
    "StartPipelineExecution": lambda p: [f"pipeline/{_name(p.get('PipelineName'))}"],
    "ListPipelineExecutions": lambda p: [f"pipeline/{_name(p.get('PipelineName'))}"],
    "ListPipelineExecutionSteps": lambda p: [str(p.get("PipelineExecutionArn"))],
    "ListPipelineParametersForExecution": lambda p: [str(p.get("PipelineExecutionArn"))],
    "DescribePipelineDefinitionForExecution": lambda p: [str(p.get("PipelineExecutionArn"))],
    "CreatePresignedDomainUrl": lambda p: [
        f"user-profile/{p.get('DomainId')}/{p.get('UserProfileName')}"
    ],
    "PutModelPackageGroupPolicy": lambda p: [_group(p)],
    "GetModelPackageGroupPolicy": lambda p: [_group(p)],
    "DeleteModelPackageGroupPolicy": lambda p: [_group(p)],
    "ListModelCardVersions": lambda p: [f"model-card/{_name(p.get('ModelCardName'))}"],
    "DescribeModelPackage": lambda p: [f"model-package/{p.get('ModelPackageName')}"],
    "DeleteModelPackage": lambda p: [f"model-package/{p.get('ModelPackageName')}"],
}
WITHIN_DOMAIN = {"UserProfile": "user-profile", "Space": "space"}


def sagemaker_resources(call: ApiCall) -> list[str]:
    """ARNs in the caller's account, or those the call gives in full."""
    return [
        found if found.startswith("arn:") else _arn(call, found)
        for found in _resources(call.operation, call.parameters)
    ]


def _resources(operation: str, given: Mapping[str, Any]) -> list[str]:
    if operation in SPECIAL:
        found = SPECIAL[operation](given)
        return [_given_in_full(one) for one in found]
    if operation == "CreateModelPackage":
        if given.get("ModelPackageGroupName"):
            return [_group(given), f"model-package/{_name(given['ModelPackageGroupName'])}/*"]
        return [f"model-package/{given.get('ModelPackageName')}"]
    if operation == "ListModelPackages":
        return [_group(given)] if given.get("ModelPackageGroupName") else []
    if given.get("ResourceArn"):
        return [str(given["ResourceArn"])]
    noun = VERB.sub("", operation)
    if given.get(f"{noun}Arn"):
        return [str(given[f"{noun}Arn"])]
    if noun in WITHIN_DOMAIN and given.get("DomainId"):
        return [f"{WITHIN_DOMAIN[noun]}/{given['DomainId']}/{given.get(f'{noun}Name')}"]
    if given.get(f"{noun}Id"):
        return [f"{_kebab(noun)}/{given[f'{noun}Id']}"]
    name = given.get(f"{noun}Name")
    return [str(name) if str(name).startswith("arn:") else f"{_kebab(noun)}/{name}"] if name else []


def _group(given: Mapping[str, Any]) -> str:
    name = str(given.get("ModelPackageGroupName"))
    return name if name.startswith("arn:") else f"model-package-group/{name}"


def _given_in_full(resource: str) -> str:
    """A name parameter may hold an ARN: `model-package/arn:aws:...`."""
    kind, _, name = resource.partition("/")
    return name if name.startswith("arn:") and not kind.startswith("arn:") else resource


def _name(value: Any) -> str:
    return str(value).rsplit("/", 1)[-1]


def _kebab(noun: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", noun).lower()


def _arn(call: ApiCall, resource: str) -> str:
    return f"arn:aws:sagemaker:{call.region}:{call.account}:{resource}"
