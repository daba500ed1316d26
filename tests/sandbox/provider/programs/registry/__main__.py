"""Images and models."""

import json

import pulumi
import pulumi_aws as aws

config = pulumi.Config()
account, variant = config.require("account"), config.require("variant")
provider = aws.Provider("aws", region="us-east-1", allowed_account_ids=[account])
inside = pulumi.ResourceOptions(provider=provider)
READER = {"AWS": "arn:aws:iam::210987654321:root"}


def statement(**more: object) -> str:
    shared = {"Sid": "Read", "Effect": "Allow", "Principal": READER}
    return json.dumps({"Version": "2012-10-17", "Statement": [{**shared, **more}]})


if variant != "none":
    name = "fixture" if variant != "replaced" else "fixture-other"
    repository = aws.ecr.Repository(
        "images",
        name=name,
        image_tag_mutability="IMMUTABLE" if variant == "first" else "MUTABLE",
        image_scanning_configuration={"scan_on_push": True},
        opts=inside,
    )
    aws.ecr.RepositoryPolicy(
        "readers",
        repository=repository.name,
        policy=statement(Action="ecr:BatchGetImage"),
        opts=inside,
    )
    rule = {
        "rulePriority": 1,
        "selection": {
            "tagStatus": "untagged",
            "countType": "sinceImagePushed",
            "countUnit": "days",
            "countNumber": 14,
        },
        "action": {"type": "expire"},
    }
    aws.ecr.LifecyclePolicy(
        "lifecycle",
        repository=repository.name,
        policy=json.dumps({"rules": [rule]}),
        opts=inside,
    )
    group = aws.sagemaker.ModelPackageGroup(
        "models", model_package_group_name=name, tags={"variant": variant}, opts=inside
    )
    aws.sagemaker.ModelPackageGroupPolicy(
        "model-readers",
        model_package_group_name=group.model_package_group_name,
        resource_policy=group.arn.apply(
            lambda arn: statement(Action="sagemaker:DescribeModelPackageGroup", Resource=arn)
        ),
        opts=inside,
    )
    pulumi.export("repository", repository.repository_url)
    pulumi.export("group", group.arn)
