"""The Resource Groups Tagging API: what moto lacks, SageMaker's resources by their tags."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from moto.core.responses import ActionResult
from moto.resourcegroupstaggingapi.exceptions import ResourceGroupsTaggingAPIError
from moto.resourcegroupstaggingapi.responses import ResourceGroupsTaggingAPIResponse
from moto.sagemaker.models import sagemaker_backends

from sandbox.stored_tags import COLLECTIONS, stored_tags

if TYPE_CHECKING:
    from sandbox.runtime import Sandbox

SERVICE = "sagemaker"
PAGE, MOST = 50, 100


def install(sandbox: Sandbox) -> None:
    """Answer GetResources for SageMaker's types; moto goes on answering for others."""
    others = ResourceGroupsTaggingAPIResponse.get_resources

    def get_resources(self: ResourceGroupsTaggingAPIResponse) -> ActionResult:
        wanted = [str(one) for one in self._get_param("ResourceTypeFilters") or ()]
        ours = [one for one in wanted if one.split(":")[0] == SERVICE]
        if not ours:
            return others(self)
        if len(ours) < len(wanted):
            raise _invalid("The sandbox lists SageMaker's resources and others in calls apart")
        return ActionResult(_page(self, ours))

    ResourceGroupsTaggingAPIResponse.get_resources = get_resources


def _page(response: ResourceGroupsTaggingAPIResponse, types: list[str]) -> dict[str, Any]:
    size = int(response._get_param("ResourcesPerPage") or PAGE)
    if not 1 <= size <= MOST:
        raise _invalid(f"ResourcesPerPage must be between 1 and {MOST}")
    token = str(response._get_param("PaginationToken") or "0")
    if not token.isdigit():
        raise _invalid("PaginationToken is not one that was given out")
    begin, filters = int(token), response._get_param("TagFilters") or ()
    arns = sorted(
        arn
        for kind in types
        for arn in _arns(response.current_account, response.region, kind.partition(":")[2])
    )
    # Sorted by ARN and cut before the tags are read: a page costs what it holds.
    chosen: list[dict[str, Any]] = []
    for place, arn in enumerate(arns[begin:], start=begin):
        if len(chosen) == size:
            return {"ResourceTagMappingList": chosen, "PaginationToken": str(place)}
        tags = stored_tags(arn)
        if tags and _matches(tags, filters):
            shown = [{"Key": key, "Value": value} for key, value in sorted(tags.items())]
            chosen.append({"ResourceARN": arn, "Tags": shown})
    return {"ResourceTagMappingList": chosen, "PaginationToken": ""}


def _arns(account: str, region: str, kind: str) -> list[str]:
    kinds = [kind] if kind else list(COLLECTIONS)
    if unknown := [one for one in kinds if one not in COLLECTIONS]:
        raise _invalid(f"Unsupported service or resource type specified: {SERVICE}:{unknown[0]}")
    backend = sagemaker_backends[account][region]
    return [
        f"arn:aws:{SERVICE}:{region}:{account}:{one}/{_name(key)}"
        for one in kinds
        for key in list(getattr(backend, COLLECTIONS[one], {}))
    ]


def _name(key: str) -> str:
    """Model packages are kept by ARN, everything else by name."""
    return key.split(":", 5)[-1].split("/", 1)[1] if key.startswith("arn:") else key


def _matches(tags: Mapping[str, str], filters: Iterable[Mapping[str, Any]]) -> bool:
    return all(
        one["Key"] in tags and (not one.get("Values") or tags[one["Key"]] in one["Values"])
        for one in filters
    )


def _invalid(message: str) -> Exception:
    return ResourceGroupsTaggingAPIError("InvalidParameterException", message)
