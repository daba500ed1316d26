"""A rendered graph as Terraform configuration, so that checkers written for Terraform can read it.

pulumi-aws is generated from Terraform's AWS provider: each type and property has one counterpart,
spelled in snake_case, and blocks that repeat have a singular name there and a plural one here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

Resource = Mapping[str, Any]

# Types whose Terraform name is not aws_<module>_<name>.
_TYPES: Final = {
    "aws:cloudtrail/trail:Trail": "aws_cloudtrail",
    "aws:budgets/budget:Budget": "aws_budgets_budget",
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": "aws_iam_openid_connect_provider",
    "aws:ecr/repositoryPolicy:RepositoryPolicy": "aws_ecr_repository_policy",
    "aws:costexplorer/costAllocationTag:CostAllocationTag": "aws_ce_cost_allocation_tag",
}
# EC2's older resources have no service in their Terraform name.
_BARE_MODULES: Final = {"ec2", "ebs"}
_EC2_NAMES: Final = {"instance_metadata_defaults": "aws_ec2_instance_metadata_defaults"}
_EBS_NAMES: Final = {
    "encryption_by_default": "aws_ebs_encryption_by_default",
    "snapshot_block_public_access": "aws_ebs_snapshot_block_public_access",
}

BLOCKS: Final = {
    "advancedEventSelectors": "advanced_event_selector",
    "cloudWatchLoggingOptions": "cloudwatch_logging_options",
    "columns": "columns",
    "costFilters": "cost_filter",
    "customImages": "custom_image",
    "encryptionConfigurations": "encryption_configuration",
    "eventSelectors": "event_selector",
    "fieldSelectors": "field_selector",
    "ingress": "ingress",
    "egress": "egress",
    "metricQueries": "metric_query",
    "notifications": "notification",
    "partitionKeys": "partition_keys",
    "routes": "route",
    "rules": "rule",
    "transitions": "transition",
    "noncurrentVersionTransitions": "noncurrent_version_transition",
}
"""Properties that hold a list of blocks, with the block's name."""

MAPS: Final = {
    "defaultTags", "dimensions", "parameters", "restoredTags", "tags", "tagsAll", "variables",
}  # fmt: skip
"""Properties that are maps of texts, not blocks."""

_SNAKE: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


class UnknownBlockError(Exception):
    """A list of blocks whose Terraform name BLOCKS does not say."""


def type_of(token: str) -> str:
    """The Terraform type of a Pulumi type."""
    _, module, name = token.split(":")
    module, name = module.split("/")[0], snake(name)
    if token in _TYPES:
        return _TYPES[token]
    if module in _BARE_MODULES:
        return {**_EC2_NAMES, **_EBS_NAMES}.get(name, f"aws_{name}")
    return f"aws_{snake(module)}_{name}"


def snake(name: str) -> str:
    """camelCase as snake_case."""
    return _SNAKE.sub("_", name).lower()


def address(resource: Resource) -> str:
    """Where the resource stands in the configuration, as in aws_kms_key.loans-dev-key."""
    return f"{type_of(resource['type'])}.{resource['name']}"


def configuration(resources: Iterable[Resource]) -> str:
    """HCL of every AWS resource, with references to one another where they depend."""
    ours = {each["urn"]: each for each in resources if each["type"].startswith("aws:")}
    return "\n".join(_resource(each, ours) for each in ours.values())


def _resource(resource: Resource, others: Mapping[str, Resource]) -> str:
    inputs = dict(resource["inputs"])
    if "tagsAll" in inputs:
        inputs["tags"] = {**inputs.pop("tagsAll"), **(inputs.get("tags") or {})}
    references = _references(resource, others)
    kind, name = address(resource).split(".", 1)
    return f'resource "{kind}" "{name}" {_body(inputs, references)}\n'


def _references(resource: Resource, others: Mapping[str, Resource]) -> dict[str, str]:
    """Expressions for the values that come from what a resource depends on.

    A bucket's name that arrives through its versioning is still the bucket's: origins win.
    """
    needed = [others[urn] for urn in resource["dependencies"] if urn in others]
    found: dict[str, str] = {}
    for other in needed:
        found = {**_references(other, others), **found}
    for other in needed:
        for output in ("id", "arn", "url", "name"):
            value = other["outputs"].get(output)
            if isinstance(value, str):
                found.setdefault(value, f"{address(other)}.{output}")
    return found


def _body(properties: Mapping[str, Any], references: Mapping[str, str]) -> str:
    lines = [
        line for name, value in properties.items() for line in _property(name, value, references)
    ]
    return "{\n" + "\n".join(lines) + "\n}"


def _property(name: str, value: Any, references: Mapping[str, str]) -> list[str]:
    if isinstance(value, Mapping) and name not in MAPS:
        return [f"{snake(name)} {_body(value, references)}"]
    if isinstance(value, list) and any(isinstance(each, Mapping) for each in value):
        if name not in BLOCKS:
            raise UnknownBlockError(f"say what Terraform calls the blocks of '{name}'")
        return [f"{BLOCKS[name]} {_body(each, references)}" for each in value]
    return [] if value is None else [f"{snake(name)} = {_expression(value, references)}"]


def _expression(value: Any, references: Mapping[str, str]) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(_expression(each, references) for each in value) + "]"
    if not isinstance(value, str):
        return _literal(value)
    if value in references:
        return references[value]
    if value.startswith("{") and isinstance(parsed := _parsed(value), dict):
        return f"jsonencode({_literal(parsed)})"
    return _literal(value)


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _literal(value: Any) -> str:
    """JSON is HCL but for its interpolation, which IAM's variables resemble."""
    return json.dumps(value, ensure_ascii=False).replace("${", "$${")
