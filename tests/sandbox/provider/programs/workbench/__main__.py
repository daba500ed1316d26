"""A Studio domain with one person, and their MLflow."""

import pulumi
import pulumi_aws as aws

config = pulumi.Config()
account, variant = config.require("account"), config.require("variant")
provider = aws.Provider(
    "aws",
    region="us-east-1",
    allowed_account_ids=[account],
    default_tags=aws.ProviderDefaultTagsArgs(tags={"project": "fixture", "variant": variant}),
)
inside = pulumi.ResourceOptions(provider=provider)

if variant != "none":
    role = aws.iam.Role(
        "role",
        assume_role_policy={
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Action": "sts:AssumeRole",
                    "Principal": {"Service": "sagemaker.amazonaws.com"},
                }
            ],
        },
        opts=inside,
    )
    vpc = aws.ec2.Vpc("vpc", cidr_block="10.0.0.0/16", opts=inside)
    subnet = aws.ec2.Subnet("subnet", vpc_id=vpc.id, cidr_block="10.0.1.0/24", opts=inside)
    group = aws.ec2.SecurityGroup("group", vpc_id=vpc.id, description="Studio", opts=inside)
    domain = aws.sagemaker.Domain(
        "domain",
        domain_name="fixture",
        auth_mode="IAM",
        vpc_id=vpc.id,
        subnet_ids=[subnet.id],
        app_network_access_type="VpcOnly",
        default_user_settings=aws.sagemaker.DomainDefaultUserSettingsArgs(
            execution_role=role.arn,
            security_groups=[group.id],
            auto_mount_home_efs="Disabled",
            studio_web_portal="ENABLED" if variant == "first" else "DISABLED",
        ),
        domain_settings=aws.sagemaker.DomainDomainSettingsArgs(
            execution_role_identity_config="USER_PROFILE_NAME"
        ),
        opts=inside,
    )
    profile = aws.sagemaker.UserProfile(
        "profile",
        domain_id=domain.id,
        user_profile_name="bob" if variant == "replaced" else "alice",
        user_settings=aws.sagemaker.UserProfileUserSettingsArgs(execution_role=role.arn),
        opts=inside,
    )
    aws.sagemaker.Space(
        "space",
        domain_id=domain.id,
        space_name="alice",
        space_settings=aws.sagemaker.SpaceSpaceSettingsArgs(app_type="JupyterLab"),
        ownership_settings=aws.sagemaker.SpaceOwnershipSettingsArgs(
            owner_user_profile_name=profile.user_profile_name
        ),
        space_sharing_settings=aws.sagemaker.SpaceSpaceSharingSettingsArgs(sharing_type="Private"),
        opts=inside,
    )
    bucket = aws.s3.Bucket("bucket", bucket=f"fixture-mlflow-{account}", opts=inside)
    mlflow = aws.sagemaker.MlflowApp(
        "mlflow",
        name="fixture",
        artifact_store_uri=bucket.bucket.apply(lambda name: f"s3://{name}/mlflow"),
        role_arn=role.arn,
        default_domain_id_lists=[domain.id],
        opts=inside,
    )
    pulumi.export("domain", domain.id)
    pulumi.export("mlflow", mlflow.arn)
