"""By which tags the organization's bill can be read."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra.base import Part


@dataclass(frozen=True)
class CostTagsArgs:
    """The keys of the tags."""

    keys: tuple[str, ...]


class CostTags(Part):
    """The tags that every resource carries, switched on for billing.

    AWS knows a tag a day after the first resource that carries it, and refuses it before.
    """

    def __init__(self, name: str, args: CostTagsArgs, opts: pulumi.ResourceOptions) -> None:
        super().__init__("modelyard:organization:CostTags", name, opts)
        for key in args.keys:
            aws.costexplorer.CostAllocationTag(
                self.child(key), tag_key=key, status="Active", opts=self.inside
            )
        self.register_outputs({})
