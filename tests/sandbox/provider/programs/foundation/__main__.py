"""What an account and a region have once: trail, flow logs, budget, queries, chat, settings."""

import json

import pulumi
import pulumi_aws as aws

config = pulumi.Config()
account, variant = config.require("account"), config.require("variant")
tags = aws.ProviderDefaultTagsArgs(tags={"project": "fixture", "variant": variant})
provider = aws.Provider("aws", region="us-east-1", allowed_account_ids=[account], default_tags=tags)
inside = pulumi.ResourceOptions(provider=provider)
first = variant == "first"


def trust(service: str) -> str:
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": "sts:AssumeRole",
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


if variant != "none":
    name = "fixture-other" if variant == "replaced" else "fixture"
    bucket = aws.s3.Bucket("trails", bucket=f"fixture-trails-{account}", opts=inside)
    statements = [
        {
            "Effect": "Allow",
            "Principal": {"Service": "cloudtrail.amazonaws.com"},
            "Action": action,
            "Resource": f"arn:aws:s3:::fixture-trails-{account}{path}",
        }
        for action, path in (
            ("s3:GetBucketAcl", ""),
            ("s3:PutObject", f"/AWSLogs/{account}/*"),
        )
    ]
    policy = aws.s3.BucketPolicy(
        "trails-policy",
        bucket=bucket.bucket,
        policy=json.dumps({"Version": "2012-10-17", "Statement": statements}),
        opts=inside,
    )
    selector = aws.cloudtrail.TrailAdvancedEventSelectorArgs
    field = aws.cloudtrail.TrailAdvancedEventSelectorFieldSelectorArgs
    trail = aws.cloudtrail.Trail(
        "trail",
        name=f"{name}-trail",
        s3_bucket_name=bucket.bucket,
        enable_log_file_validation=not first,
        advanced_event_selectors=[
            selector(
                name="data",
                field_selectors=[
                    field(field="eventCategory", equals=["Data"]),
                    field(field="resources.type", equals=["AWS::S3::Object"]),
                    field(field="resources.ARN", starts_withs=[f"arn:aws:s3:::{name}-"]),
                ],
            )
        ],
        opts=pulumi.ResourceOptions.merge(inside, pulumi.ResourceOptions(depends_on=[policy])),
    )
    vpc = aws.ec2.Vpc("vpc", cidr_block="10.8.0.0/16", opts=inside)
    logs = aws.cloudwatch.LogGroup("flows", name="/fixture/flows", opts=inside)
    delivery = aws.iam.Role(
        "delivery",
        name="fixture-delivery",
        assume_role_policy=trust("vpc-flow-logs.amazonaws.com"),
        opts=inside,
    )
    aws.ec2.FlowLog(
        "flow",
        vpc_id=vpc.id,
        traffic_type="REJECT" if variant == "replaced" else "ALL",
        log_destination=logs.arn,
        iam_role_arn=delivery.arn,
        opts=inside,
    )
    aws.budgets.Budget(
        "budget",
        name=f"{name}-monthly",
        budget_type="COST",
        time_unit="MONTHLY",
        limit_amount="100" if first else "200",
        limit_unit="USD",
        notifications=[
            aws.budgets.BudgetNotificationArgs(
                notification_type="ACTUAL",
                comparison_operator="GREATER_THAN",
                threshold=80 if first else 90,
                threshold_type="PERCENTAGE",
                subscriber_email_addresses=["finance@example.com"],
            )
        ],
        opts=inside,
    )
    results = aws.athena.WorkgroupConfigurationResultConfigurationArgs(
        output_location=f"s3://fixture-trails-{account}/athena/"
    )
    aws.athena.Workgroup(
        "queries",
        name=f"{name}-queries",
        configuration=aws.athena.WorkgroupConfigurationArgs(
            enforce_workgroup_configuration=True,
            bytes_scanned_cutoff_per_query=10_000_000 if first else 20_000_000,
            result_configuration=results,
        ),
        opts=inside,
    )
    aws.glue.CatalogDatabase("database", name="fixture", description=f"in {variant}", opts=inside)
    topic = aws.sns.Topic("topic", name="fixture-chat", opts=inside)
    chat = aws.iam.Role(
        "chat",
        name="fixture-chat",
        assume_role_policy=trust("chatbot.amazonaws.com"),
        opts=inside,
    )
    aws.chatbot.SlackChannelConfiguration(
        "channel",
        configuration_name=f"{name}-channel",
        slack_team_id="T0123ABCD",
        slack_channel_id="C0123ABCD" if first else "C0123ABCE",
        iam_role_arn=chat.arn,
        sns_topic_arns=[topic.arn],
        opts=inside,
    )
    widget = {"type": "text", "width": 24, "properties": {"markdown": variant}}
    aws.cloudwatch.Dashboard(
        "dashboard",
        dashboard_name=f"{name}-dashboard",
        dashboard_body=json.dumps({"widgets": [widget]}),
        opts=inside,
    )
    aws.s3.AccountPublicAccessBlock(
        "privacy",
        block_public_acls=True,
        block_public_policy=not first,
        opts=inside,
    )
    aws.ebs.EncryptionByDefault("volumes", enabled=True, opts=inside)
    aws.ec2.InstanceMetadataDefaults(
        "metadata",
        http_tokens="required",
        http_put_response_hop_limit=1 if first else 2,
        opts=inside,
    )
    pulumi.export("trail", trail.arn)
