"""The project's container images: immutable tags, scanned on push, pulled by its consumers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra.base import Document, Part, Place, Scope, document, role_arn
from infra.encryption import CONSUMING_PERSONAS

_UNTAGGED_DAYS = 14


@dataclass(frozen=True)
class ImagesArgs:
    """The key, and the environments that run the images, by name."""

    scope: Scope
    key_arn: pulumi.Output[str]
    consumers: Mapping[str, Place]


class Images(Part):
    """One repository: one image per commit serves training, processing and inference."""

    repository_uri: pulumi.Output[str]

    def __init__(self, name: str, args: ImagesArgs, opts: pulumi.ResourceOptions) -> None:
        super().__init__("modelyard:images:Images", name, opts)
        repository = aws.ecr.Repository(
            self.child("repository"),
            name=args.scope.project,
            image_tag_mutability="IMMUTABLE",
            image_scanning_configuration=aws.ecr.RepositoryImageScanningConfigurationArgs(
                scan_on_push=True
            ),
            encryption_configurations=[
                aws.ecr.RepositoryEncryptionConfigurationArgs(
                    encryption_type="KMS", kms_key=args.key_arn
                )
            ],
            opts=self.kept,
        )
        aws.ecr.LifecyclePolicy(
            self.child("lifecycle"),
            repository=repository.name,
            policy=json.dumps({"rules": [_expire_untagged()]}),
            opts=self.inside,
        )
        statements = consumer_statements(args.scope, args.consumers)
        if statements:
            aws.ecr.RepositoryPolicy(
                self.child("policy"),
                repository=repository.name,
                policy=document(*statements),
                opts=self.inside,
            )
        self.repository_uri = repository.repository_url
        self.register_outputs({"repository_uri": self.repository_uri})


def repository_uri(place: Place, project: str) -> str:
    """The address of a project's repository in the account and region of its registry."""
    return f"{place.account}.dkr.ecr.{place.region}.amazonaws.com/{project}"


def consumer_statements(scope: Scope, consumers: Mapping[str, Place]) -> list[Document]:
    """Endpoints in other accounts pull as their execution role; a repository names no resource."""
    return [
        {
            "Sid": f"PullBy{environment.capitalize()}",
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{place.account}:root"},
            "Action": [
                "ecr:BatchCheckLayerAvailability",
                "ecr:BatchGetImage",
                "ecr:GetDownloadUrlForLayer",
            ],
            "Condition": {
                "ArnEquals": {
                    "aws:PrincipalArn": [
                        role_arn(place.account, scope.project, environment, persona)
                        for persona in CONSUMING_PERSONAS
                    ]
                }
            },
        }
        for environment, place in consumers.items()
        if place.account != scope.place.account
    ]


def _expire_untagged() -> Document:
    return {
        "rulePriority": 1,
        "description": f"Untagged images go after {_UNTAGGED_DAYS} days; tagged ones stay",
        "selection": {
            "tagStatus": "untagged",
            "countType": "sinceImagePushed",
            "countUnit": "days",
            "countNumber": _UNTAGGED_DAYS,
        },
        "action": {"type": "expire"},
    }
