"""The permission boundary: the most that any role of any project can ever do."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra.base import Part, Place
from policies import documents

NAME = "modelyard-boundary"


@dataclass(frozen=True)
class BoundaryArgs:
    """The account it is written for."""

    place: Place


class Boundary(Part):
    """One managed policy per account, which every role that a workspace creates carries."""

    arn: pulumi.Output[str]

    def __init__(self, name: str, args: BoundaryArgs, opts: pulumi.ResourceOptions) -> None:
        super().__init__("modelyard:account:Boundary", name, opts)
        values = {"account": args.place.account, "region": args.place.region}
        policy = aws.iam.Policy(
            self.child("policy"),
            name=NAME,
            description="The most that any role of a Modelyard project can do",
            policy=json.dumps(documents.boundary(values), separators=(",", ":")),
            opts=self.inside,
        )
        self.arn = policy.arn
        self.register_outputs({"arn": self.arn})
