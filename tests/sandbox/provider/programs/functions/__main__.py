"""Functions with what starts them and what becomes of their failures."""

import json

import pulumi
import pulumi_aws as aws

config = pulumi.Config()
account, variant = config.require("account"), config.require("variant")
provider = aws.Provider("aws", region="us-east-1", allowed_account_ids=[account])
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
                    "Principal": {"Service": "lambda.amazonaws.com"},
                }
            ],
        },
        opts=inside,
    )
    lost = aws.sqs.Queue("lost", name="fixture-lost", message_retention_seconds=86400, opts=inside)
    sending = aws.iam.Policy(
        "sending",
        name="fixture-sending",
        policy=lost.arn.apply(
            lambda arn: json.dumps(
                {
                    "Version": "2012-10-17",
                    "Statement": [
                        {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": arn}
                    ],
                }
            )
        ),
        opts=inside,
    )
    sender = aws.iam.RolePolicyAttachment(
        "sender", role=role.name, policy_arn=sending.arn, opts=inside
    )
    code = f"def handler(event, context):\n    return '{variant}'\n"
    function = aws.lambda_.Function(
        "function",
        name="fixture-function" if variant != "replaced" else "fixture-other-function",
        role=role.arn,
        handler="main.handler",
        runtime="python3.11",
        timeout=30,
        code=pulumi.AssetArchive({"main.py": pulumi.StringAsset(code)}),
        environment=aws.lambda_.FunctionEnvironmentArgs(variables={"VARIANT": variant}),
        dead_letter_config={"target_arn": lost.arn},
        # Lambda asks the role before it takes a place to send to.
        opts=pulumi.ResourceOptions(provider=provider, depends_on=[sender]),
    )
    bus = aws.cloudwatch.EventBus("bus", name="fixture-bus", opts=inside)
    aws.cloudwatch.EventBusPolicy(
        "bus-policy",
        event_bus_name=bus.name,
        policy=bus.arn.apply(
            lambda arn: json.dumps(
                {
                    "Version": "2012-10-17",
                    "Statement": [
                        {
                            "Sid": "Others",
                            "Effect": "Allow",
                            "Principal": {"AWS": "arn:aws:iam::210987654321:root"},
                            "Action": "events:PutEvents",
                            "Resource": arn,
                        }
                    ],
                }
            )
        ),
        opts=inside,
    )
    rule = aws.cloudwatch.EventRule(
        "rule",
        name="fixture-rule",
        event_bus_name=bus.name,
        description=variant,
        event_pattern=json.dumps({"source": ["aws.sagemaker"]}),
        opts=inside,
    )
    aws.cloudwatch.EventTarget(
        "target",
        rule=rule.name,
        event_bus_name=bus.name,
        target_id="function",
        arn=function.arn,
        dead_letter_config={"arn": lost.arn},
        retry_policy={"maximum_retry_attempts": 2, "maximum_event_age_in_seconds": 60},
        opts=inside,
    )
    aws.lambda_.Permission(
        "permission",
        action="lambda:InvokeFunction",
        function=function.name,
        principal="events.amazonaws.com",
        source_arn=rule.arn,
        opts=inside,
    )
    aws.lambda_.FunctionEventInvokeConfig(
        "retries",
        function_name=function.name,
        maximum_retry_attempts=1,
        destination_config={"on_failure": {"destination": lost.arn}},
        opts=inside,
    )
    pulumi.export("function", function.arn)
    pulumi.export("sha256", function.code_sha256)
    pulumi.export("rule", rule.arn)
