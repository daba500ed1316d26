"""What a workspace takes from the region and account programs, read through stack references."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from infra.base import Place


@dataclass(frozen=True)
class Foundation:
    """The outputs of the account's and region's stacks that a workspace builds on."""

    vpc_id: pulumi.Output[str]
    subnet_a: pulumi.Output[str]
    subnet_b: pulumi.Output[str]
    s3_prefix_list_id: pulumi.Output[str]
    event_bus_name: pulumi.Output[str]
    boundary_arn: pulumi.Output[str]

    @classmethod
    def of(cls, place: Place) -> Foundation:
        """The foundation of a place; its two stacks have to exist before any workspace's."""
        region = _stack("modelyard-region", f"{place.account}.{place.region}")
        account = _stack("modelyard-account", place.account)
        return cls(
            vpc_id=_output(region, "vpc_id"),
            subnet_a=_output(region, "subnet_a"),
            subnet_b=_output(region, "subnet_b"),
            s3_prefix_list_id=_output(region, "s3_prefix_list_id"),
            event_bus_name=_output(region, "event_bus_name"),
            boundary_arn=_output(account, "boundary_arn"),
        )


def key_of(project: str, environment: str) -> pulumi.Output[str]:
    """The key of an environment that others read from; their identity policies have to name it."""
    return _output(_stack("modelyard", f"{project}.{environment}"), "key_arn")


def offered_by(project: str) -> pulumi.Output[str]:
    """The data sets that another project shares, and on what terms (see infra.sharing)."""
    return _output(_stack("modelyard", f"{project}.dev"), "offered")


def _stack(program: str, name: str) -> pulumi.StackReference:
    return pulumi.StackReference(f"{pulumi.get_organization()}/{program}/{name}")


def _output(stack: pulumi.StackReference, name: str) -> pulumi.Output[str]:
    return stack.require_output(name)
