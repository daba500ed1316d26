"""What runs and counts while nobody looks: schedules, a budget, and a table over what came in."""

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
                    "Principal": {"Service": "scheduler.amazonaws.com"},
                }
            ],
        },
        opts=inside,
    )
    group = aws.scheduler.ScheduleGroup(
        "group",
        name="fixture" if variant != "replaced" else "fixture-other",
        opts=inside,
    )
    aws.scheduler.Schedule(
        "schedule",
        name="retrain",
        group_name=group.name,
        schedule_expression="rate(1 day)" if variant == "first" else "cron(0 6 * * ? *)",
        flexible_time_window=aws.scheduler.ScheduleFlexibleTimeWindowArgs(mode="OFF"),
        target=aws.scheduler.ScheduleTargetArgs(
            arn=f"arn:aws:sagemaker:us-east-1:{account}:pipeline/fixture",
            role_arn=role.arn,
            sagemaker_pipeline_parameters=aws.scheduler.ScheduleTargetSagemakerPipelineParametersArgs(
                pipeline_parameters=[
                    aws.scheduler.ScheduleTargetSagemakerPipelineParametersPipelineParameterArgs(
                        name="Reason", value=variant
                    )
                ]
            ),
        ),
        opts=inside,
    )
    aws.budgets.Budget(
        "budget",
        account_id=account,
        name="fixture",
        budget_type="COST",
        limit_amount="100" if variant == "first" else "200",
        limit_unit="USD",
        time_unit="MONTHLY",
        cost_filters=[
            aws.budgets.BudgetCostFilterArgs(name="TagKeyValue", values=["user:project$fixture"])
        ],
        notifications=[
            aws.budgets.BudgetNotificationArgs(
                notification_type="ACTUAL",
                comparison_operator="GREATER_THAN",
                threshold=80 if variant == "first" else 90,
                threshold_type="PERCENTAGE",
                subscriber_email_addresses=["owner@example.com"],
            )
        ],
        opts=inside,
    )
    database = aws.glue.CatalogDatabase("database", name="fixture", opts=inside)
    aws.glue.CatalogTable(
        "table",
        name="captured",
        database_name=database.name,
        description=variant,
        table_type="EXTERNAL_TABLE",
        parameters={
            "projection.enabled": "true",
            "projection.hour.type": "date",
            "projection.hour.format": "yyyy/MM/dd/HH",
            "projection.hour.range": "2026/01/01/00,NOW",
            "storage.location.template": "s3://fixture/capture/${hour}/",
        },
        partition_keys=[aws.glue.CatalogTablePartitionKeyArgs(name="hour", type="string")],
        storage_descriptor=aws.glue.CatalogTableStorageDescriptorArgs(
            location="s3://fixture/capture/",
            columns=[aws.glue.CatalogTableStorageDescriptorColumnArgs(name="body", type="string")],
            ser_de_info=aws.glue.CatalogTableStorageDescriptorSerDeInfoArgs(
                serialization_library="org.openx.data.jsonserde.JsonSerDe",
                parameters={"ignore.malformed.json": "true"},
            ),
        ),
        opts=inside,
    )
