"""What an organization decides: permission sets, service control policies, tags on the bill."""

import json

import pulumi
import pulumi_aws as aws

config = pulumi.Config()
account, variant = config.require("account"), config.require("variant")
tags = aws.ProviderDefaultTagsArgs(tags={"project": "fixture", "variant": variant})
provider = aws.Provider("aws", region="us-east-1", allowed_account_ids=[account], default_tags=tags)
inside = pulumi.ResourceOptions(provider=provider)
instance = "arn:aws:sso:::instance/ssoins-0123456789abcdef"
first = variant == "first"
statement = {
    "Effect": "Deny",
    "Action": "cloudtrail:StopLogging" if first else "cloudtrail:DeleteTrail",
    "Resource": "*",
}

if variant != "none":
    name = "fixture-other" if variant == "replaced" else "fixture"
    readers = aws.ssoadmin.PermissionSet(
        "readers",
        name=f"{name}-readers",
        instance_arn=instance,
        session_duration="PT4H" if first else "PT8H",
        opts=inside,
    )
    aws.ssoadmin.CustomerManagedPolicyAttachment(
        "policy",
        instance_arn=instance,
        permission_set_arn=readers.arn,
        customer_managed_policy_reference={"name": f"{name}-auditor"},
        opts=inside,
    )
    boundary = aws.ssoadmin.PermissionsBoundaryAttachmentPermissionsBoundaryArgs(
        customer_managed_policy_reference={"name": "fixture-boundary"}
    )
    aws.ssoadmin.PermissionsBoundaryAttachment(
        "boundary",
        instance_arn=instance,
        permission_set_arn=readers.arn,
        permissions_boundary=boundary,
        opts=inside,
    )
    aws.ssoadmin.AccountAssignment(
        "assignment",
        instance_arn=instance,
        permission_set_arn=readers.arn,
        principal_id="b4c8d438-5031-70c3-8b3d-0123456789ab",
        principal_type="GROUP",
        target_id=account,
        target_type="AWS_ACCOUNT",
        opts=inside,
    )
    source = aws.ssoadmin.InstanceAccessControlAttributesAttributeValueArgs(
        sources=["${path:userName}" if first else "${path:externalId}"]
    )
    aws.ssoadmin.InstanceAccessControlAttributes(
        "attributes",
        instance_arn=instance,
        attributes=[
            aws.ssoadmin.InstanceAccessControlAttributesAttributeArgs(key="user", values=[source])
        ],
        opts=inside,
    )
    aws.organizations.Policy(
        "guard",
        name=f"{name}-guard",
        content=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
        opts=inside,
    )
    aws.costexplorer.CostAllocationTag(
        "tag", tag_key="owner" if variant == "replaced" else "project", status="Active", opts=inside
    )
    pulumi.export("readers", readers.arn)
