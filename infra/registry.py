"""The model registry: the project's model package group, shared read-only with its consumers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra.base import Document, Part, Place, Scope, document, role_arn

READERS = ("deployer", "model-operator", "auditor", "monitor", "ml-engineer")


@dataclass(frozen=True)
class RegistryArgs:
    """The environments that deploy from the registry, by name."""

    scope: Scope
    consumers: Mapping[str, Place]


class Registry(Part):
    """Where every version of the project's model is registered and approved."""

    group_name: pulumi.Output[str]
    group_arn: pulumi.Output[str]

    def __init__(self, name: str, args: RegistryArgs, opts: pulumi.ResourceOptions) -> None:
        super().__init__("modelyard:registry:Registry", name, opts)
        scope = args.scope
        group = aws.sagemaker.ModelPackageGroup(
            self.child("group"),
            model_package_group_name=scope.project,
            model_package_group_description=f"The models of {scope.project}",
            opts=self.kept,
        )
        statements = consumer_statements(scope, args.consumers)
        if statements:
            aws.sagemaker.ModelPackageGroupPolicy(
                self.child("policy"),
                model_package_group_name=group.model_package_group_name,
                resource_policy=document(*statements),
                opts=self.inside,
            )
        self.group_name = group.model_package_group_name
        self.group_arn = group.arn
        self.register_outputs({"group_arn": self.group_arn})


def group_arn(place: Place, project: str) -> str:
    """The ARN of a project's group in the account and region of its registry."""
    return place.arn("sagemaker", f"model-package-group/{project}")


def consumer_statements(scope: Scope, consumers: Mapping[str, Place]) -> list[Document]:
    """Who deploys, operates or audits from another account may read packages, and nothing more."""
    return [
        {
            "Sid": f"ReadFrom{environment.capitalize()}",
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{place.account}:root"},
            "Action": [
                "sagemaker:DescribeModelPackage",
                "sagemaker:DescribeModelPackageGroup",
                "sagemaker:ListModelPackages",
            ],
            "Resource": [
                group_arn(scope.place, scope.project),
                scope.place.arn("sagemaker", f"model-package/{scope.project}/*"),
            ],
            "Condition": {
                "ArnEquals": {
                    "aws:PrincipalArn": [
                        role_arn(place.account, scope.project, environment, reader)
                        for reader in READERS
                    ]
                }
            },
        }
        for environment, place in consumers.items()
        if place.account != scope.place.account
    ]
