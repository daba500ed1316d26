"""The project whose graphs are judged, and good resources of the kinds that it does not have."""

from __future__ import annotations

from typing import Any, Final

ENVIRONMENTS: Final = ("dev", "staging", "prod")
PROJECT: Final = """
name: loans
title: Mortgage decisions
owner: credit-risk
cost_center: "4711"
business: {{objective: Decide, kpi: Days, owner: Eve, expert: Ed}}
risk: {{tier: high, decision: assisted}}
team:
  data-scientist: [alice]
  model-approver: [bob]
  model-operator: [olga]
  auditor: [audrey]
environments:
  dev: {{account: "{dev}", region: us-east-1}}
  staging: {{account: "{staging}", region: us-east-1}}
  prod: {{account: "{prod}", region: us-east-1}}
data: [{{name: decisions, source: data/decisions.csv, legal_basis: contract}}]
model: {{problem: binary, target: approve}}
monitoring: {{alerts: {{critical: [oncall@example.com]}}}}
"""
KEY: Final = "arn:aws:kms:us-east-1:123456789012:key/0000"
TOPIC: Final = "arn:aws:sns:us-east-1:123456789012:loans-prod-alerts"
QUEUE: Final = "arn:aws:sqs:us-east-1:123456789012:loans-prod-lost"
FUNCTION: Final = "arn:aws:lambda:us-east-1:123456789012:function:loans-prod-x"
NETWORK: Final = {"subnets": ["subnet-a", "subnet-b"], "securityGroupIds": ["sg-1"]}
TAGS: Final = {
    "project": "loans",
    "env": "prod",
    "owner": "credit-risk",
    "cost-center": "4711",
    "risk": "high",
}


def resource(type_: str, label: str, protect: bool = False, **inputs: Any) -> dict[str, Any]:
    """A resource of a graph, tagged as production's."""
    return {
        "urn": f"urn:pulumi:loans.prod::modelyard::{type_}::{label}",
        "type": type_,
        "name": label,
        "parent": "",
        "dependencies": [],
        "inputs": {"tagsAll": TAGS, **inputs},
        "outputs": {},
        "protect": protect,
    }


EXTRAS: Final = (
    resource(
        "aws:sagemaker/domain:Domain",
        "good-domain",
        protect=True,
        appNetworkAccessType="VpcOnly",
        kmsKeyId=KEY,
        defaultUserSettings={
            "jupyterLabAppSettings": {"defaultResourceSpec": {"instanceType": "ml.t3.medium"}}
        },
    ),
    resource(
        "aws:sagemaker/appImageConfig:AppImageConfig",
        "good-image",
        jupyterLabImageConfig={"fileSystemConfig": {"defaultUid": 1000, "defaultGid": 100}},
    ),
    resource(
        "aws:sagemaker/model:Model",
        "good-model",
        enableNetworkIsolation=True,
        vpcConfig=NETWORK,
    ),
    resource(
        "aws:sagemaker/dataQualityJobDefinition:DataQualityJobDefinition",
        "good-quality",
        networkConfig={
            "enableNetworkIsolation": True,
            "enableInterContainerTrafficEncryption": True,
            "vpcConfig": NETWORK,
        },
    ),
    resource(
        "aws:sagemaker/endpointConfiguration:EndpointConfiguration",
        "good-config",
        kmsKeyArn=KEY,
        productionVariants=[{"instanceType": "ml.m5.large", "initialInstanceCount": 2}],
        dataCaptureConfig={
            "enableCapture": True,
            "initialSamplingPercentage": 100,
            "kmsKeyId": KEY,
            "captureOptions": [{"captureMode": "InputAndOutput"}],
        },
    ),
    resource(
        "aws:sagemaker/endpoint:Endpoint",
        "good-endpoint",
        deploymentConfig={"autoRollbackConfiguration": {"alarms": [{"alarmName": "errors"}]}},
    ),
    resource("aws:cloudwatch/metricAlarm:MetricAlarm", "good-alarm", alarmActions=[TOPIC]),
    resource(
        "aws:sns/topicSubscription:TopicSubscription",
        "good-subscription",
        protocol="https",
        endpoint="https://alerts.example.com",
    ),
    resource(
        "aws:lambda/functionUrl:FunctionUrl",
        "good-address",
        authorizationType="AWS_IAM",
    ),
    resource(
        "aws:lambda/permission:Permission",
        "good-permission",
        principal="events.amazonaws.com",
        sourceArn="arn:aws:events:us-east-1:123456789012:rule/x",
    ),
    resource(
        "aws:iam/rolePolicy:RolePolicy",
        "good-inline",
        policy='{"Statement":[{"Effect":"Allow","Action":"sns:Publish","Resource":"'
        + TOPIC
        + '"}]}',
    ),
    resource(
        "aws:scheduler/schedule:Schedule",
        "good-schedule",
        target={"arn": FUNCTION, "deadLetterConfig": {"arn": QUEUE}},
    ),
    resource(
        "aws:ssm/parameter:Parameter",
        "good-secret",
        name="/modelyard/loans/prod/secret",
        type="SecureString",
        keyId=KEY,
    ),
    resource(
        "aws:cloudtrail/trail:Trail",
        "good-trail",
        protect=True,
        kmsKeyId=KEY,
    ),
)
