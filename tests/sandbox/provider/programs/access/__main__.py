"""Roles, policies and identity providers."""

import json

import pulumi
import pulumi_aws as aws

config = pulumi.Config()
account, variant = config.require("account"), config.require("variant")
provider = aws.Provider("aws", region="us-east-1", allowed_account_ids=[account])
inside = pulumi.ResourceOptions(provider=provider)


def allow(action: str, **more: object) -> str:
    statement = {"Effect": "Allow", "Action": action, **more}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


if variant != "none":
    boundary = aws.iam.Policy(
        "boundary", name="fixture-boundary", policy=allow("s3:*", Resource="*"), opts=inside
    )
    role = aws.iam.Role(
        "role",
        name="fixture-role" if variant != "replaced" else "fixture-other-role",
        assume_role_policy=allow("sts:AssumeRole", Principal={"Service": "lambda.amazonaws.com"}),
        permissions_boundary=boundary.arn,
        description=f"{variant} role",
        opts=inside,
    )
    managed = aws.iam.Policy(
        "managed",
        policy=allow("s3:GetObject" if variant == "first" else "s3:ListBucket", Resource="*"),
        opts=inside,
    )
    aws.iam.RolePolicyAttachment("attachment", role=role.name, policy_arn=managed.arn, opts=inside)
    aws.iam.RolePolicy(
        "inline", role=role.name, policy=allow("sqs:SendMessage", Resource="*"), opts=inside
    )
    aws.iam.OpenIdConnectProvider(
        "github",
        url="https://token.actions.githubusercontent.com",
        client_id_lists=["sts.amazonaws.com"],
        opts=inside,
    )
    aws.iam.SamlProvider(
        "saml",
        name="fixture",
        saml_metadata_document=f"<EntityDescriptor>{'x' * 1000}</EntityDescriptor>",
        opts=inside,
    )
    pulumi.export("role", role.arn)
    pulumi.export("managed", managed.name)
