"""The table of attacks: who calls what on a finished journey, and nobody may."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from modelyard.project import EnvironmentName
from sandbox.journey.stages import Journey

PIPELINE = "loans-dev-train"


@dataclass(frozen=True)
class Scene:
    """What an attacker finds: names, ARNs and ids of the finished journey."""

    journey: Journey
    package: str
    account: str
    image: Mapping[str, str]
    release: Mapping[str, str]
    endpoint: str

    def role(self, name: str) -> str:
        return f"arn:aws:iam::{self.account}:role/{name}"

    def sagemaker(self, name: str) -> str:
        return f"arn:aws:sagemaker:us-east-1:{self.account}:{name}"


@dataclass(frozen=True)
class Attack:
    """Who calls what, on which part of the scene."""

    name: str
    persona: str
    user: str
    service: str
    operation: str
    request: Callable[[Scene], dict[str, Any]]
    env: EnvironmentName = "dev"


def decision(scene: Scene, **change: Any) -> dict[str, Any]:
    return {"ModelPackageArn": scene.package, "ModelApprovalStatus": "Approved", **change}


def job(scene: Scene, **change: Any) -> dict[str, Any]:
    """A training job as the project's people may start one, before the change."""
    contract = scene.journey.client(scene.journey.root("dev"), "ssm")
    stated = {
        name: contract.get_parameter(Name=f"/modelyard/loans/dev/{name}")["Parameter"]["Value"]
        for name in ("subnet_a", "subnet_b", "security_group", "key_arn", "bucket_artifacts")
    }
    return {
        "TrainingJobName": "loans-dev-attack",
        "AlgorithmSpecification": {
            "TrainingImage": scene.image["uri"],
            "TrainingInputMode": "File",
        },
        "RoleArn": scene.role("loans-dev-pipeline"),
        "OutputDataConfig": {
            "S3OutputPath": f"s3://{stated['bucket_artifacts']}/runs/attack",
            "KmsKeyId": stated["key_arn"],
        },
        "ResourceConfig": {
            "InstanceType": "ml.m5.large",
            "InstanceCount": 1,
            "VolumeSizeInGB": 10,
            "VolumeKmsKeyId": stated["key_arn"],
        },
        "VpcConfig": {
            "Subnets": [stated["subnet_a"], stated["subnet_b"]],
            "SecurityGroupIds": [stated["security_group"]],
        },
        "StoppingCondition": {"MaxRuntimeInSeconds": 600},
        "EnableNetworkIsolation": True,
        "EnableInterContainerTrafficEncryption": True,
        **change,
    }


def evidence(scene: Scene, **more: Any) -> dict[str, Any]:
    return {"Bucket": scene.release["bucket"], "Key": scene.release["key"], **more}


def bucket(scene: Scene, **more: Any) -> dict[str, Any]:
    return {"Bucket": scene.release["bucket"], **more}


PRODUCTION = {"Stage": "Production", "StageStatus": "Approved"}
OPEN = json.dumps({"Statement": {"Effect": "Allow", "Principal": "*", "Action": "*"}})
ATTACKS = [
    # Self-approval: alice trained the model, and has talked herself into the approvers' group.
    Attack("self-approval by update", "model-approver", "alice", "sagemaker",
           "update_model_package", decision),
    Attack("self-approval in capitals", "model-approver", "ALICE", "sagemaker",
           "update_model_package", decision),
    Attack("one's own model into production", "model-approver", "alice", "sagemaker",
           "update_model_package",
           lambda s: {"ModelPackageArn": s.package, "ModelLifeCycle": PRODUCTION}),
    Attack("approval by the trainer's own role", "data-scientist", "alice", "sagemaker",
           "update_model_package", decision),
    Attack("self-approval by create", "data-scientist", "alice", "sagemaker",
           "create_model_package",
           lambda s: {"ModelPackageGroupName": "loans", "ModelApprovalStatus": "Approved",
                      "CustomerMetadataProperties": {"trained_by": "carol"}}),
    Attack("an approver who registers", "model-approver", "bob", "sagemaker",
           "create_model_package",
           lambda s: {"ModelPackageGroupName": "loans",
                      "ModelApprovalStatus": "PendingManualApproval",
                      "CustomerMetadataProperties": {"trained_by": "carol"}}),
    # Forging who started the run.
    Attack("rewriting the trainer", "data-scientist", "alice", "sagemaker",
           "update_model_package",
           lambda s: {"ModelPackageArn": s.package,
                      "CustomerMetadataProperties": {"trained_by": "carol"}}),
    Attack("rewriting the trainer while approving", "model-approver", "bob", "sagemaker",
           "update_model_package",
           lambda s: decision(s, CustomerMetadataProperties={"trained_by": "carol"})),
    Attack("removing the trainer", "model-approver", "bob", "sagemaker", "update_model_package",
           lambda s: decision(s, CustomerMetadataPropertiesToRemove=["trained_by"])),
    Attack("asking the registrar oneself", "data-scientist", "alice", "lambda", "invoke",
           lambda s: {"FunctionName": "loans-dev-registrar", "Payload": b"{}"}),
    Attack("writing the record of starts", "data-scientist", "alice", "logs", "put_log_events",
           lambda s: {"logGroupName": "/aws/events/loans-dev-starts", "logStreamName": "x",
                      "logEvents": [{"timestamp": 1, "message": "{}"}]}),
    Attack("silencing the record of starts", "ml-engineer", "alice", "events", "disable_rule",
           lambda s: {"Name": "loans-dev-starts"}),
    # A stronger role through a job, a pipeline or a function.
    Attack("a job that runs as the registrar", "data-scientist", "alice", "sagemaker",
           "create_training_job", lambda s: job(s, RoleArn=s.role("loans-dev-registrar"))),
    Attack("a job that runs as the approver", "ml-engineer", "alice", "sagemaker",
           "create_training_job", lambda s: job(s, RoleArn=s.role("loans-dev-model-approver"))),
    Attack("a pipeline that runs as the registrar", "data-scientist", "alice", "sagemaker",
           "update_pipeline",
           lambda s: {"PipelineName": PIPELINE, "RoleArn": s.role("loans-dev-registrar")}),
    Attack("taking the pipeline's role", "data-scientist", "alice", "sts", "assume_role",
           lambda s: {"RoleArn": s.role("loans-dev-pipeline"), "RoleSessionName": "carol"}),
    Attack("a job without network isolation", "data-scientist", "alice", "sagemaker",
           "create_training_job", lambda s: job(s, EnableNetworkIsolation=False)),
    Attack("a job with a shell", "data-scientist", "alice", "sagemaker", "create_training_job",
           lambda s: job(s, RemoteDebugConfig={"EnableRemoteDebug": True})),
    Attack("a notebook instance", "data-scientist", "alice", "sagemaker",
           "create_notebook_instance",
           lambda s: {"NotebookInstanceName": "loans-dev-x", "InstanceType": "ml.t3.medium",
                      "RoleArn": s.role("loans-dev-pipeline")}),
    Attack("reporting success for a step", "data-scientist", "alice", "sagemaker",
           "send_pipeline_execution_step_success", lambda s: {"CallbackToken": "0123456789"}),
    # Another project whose name begins like ours.
    Attack("a job named like another project's", "data-scientist", "alice", "sagemaker",
           "create_training_job", lambda s: job(s, TrainingJobName="loans-eu-dev-attack")),
    Attack("another project's pipeline", "data-scientist", "alice", "sagemaker",
           "start_pipeline_execution", lambda s: {"PipelineName": "loans-eu-dev-train"}),
    Attack("another project's contract", "data-scientist", "alice", "ssm", "get_parameter",
           lambda s: {"Name": "/modelyard/loans-eu/dev/key_arn"}),
    Attack("another project's model", "model-approver", "bob", "sagemaker",
           "update_model_package",
           lambda s: decision(s, ModelPackageArn=s.sagemaker("model-package/loans-eu/1"))),
    # Evidence.
    Attack("deleting a version of evidence", "model-operator", "olga", "s3", "delete_object",
           lambda s: evidence(s, VersionId=s.release["version"]), "staging"),
    Attack("deleting it in spite of retention", "model-operator", "olga", "s3", "delete_object",
           lambda s: evidence(s, VersionId=s.release["version"], BypassGovernanceRetention=True),
           "staging"),
    Attack("hiding evidence", "model-operator", "olga", "s3", "delete_object", evidence,
           "staging"),
    Attack("overwriting evidence", "model-operator", "olga", "s3", "put_object",
           lambda s: evidence(s, Body=b"{}"), "staging"),
    Attack("shortening retention", "model-operator", "olga", "s3", "put_object_retention",
           lambda s: evidence(s, Retention={"Mode": "GOVERNANCE",
                                            "RetainUntilDate": "2026-01-01T00:00:00Z"}),
           "staging"),
    Attack("a policy of one's own on evidence", "model-operator", "olga", "s3",
           "put_bucket_policy", lambda s: bucket(s, Policy=OPEN), "staging"),
    Attack("removing the policy of evidence", "model-operator", "olga", "s3",
           "delete_bucket_policy", bucket, "staging"),
    Attack("letting evidence expire", "model-operator", "olga", "s3",
           "put_bucket_lifecycle_configuration",
           lambda s: bucket(s, LifecycleConfiguration={"Rules": [
               {"ID": "x", "Status": "Enabled", "Expiration": {"Days": 1}, "Filter": {}}]}),
           "staging"),
    Attack("suspending versions of evidence", "model-operator", "olga", "s3",
           "put_bucket_versioning",
           lambda s: bucket(s, VersioningConfiguration={"Status": "Suspended"}), "staging"),
    Attack("deleting the project's key", "data-scientist", "alice", "kms",
           "schedule_key_deletion", lambda s: {"KeyId": job(s)["OutputDataConfig"]["KmsKeyId"]}),
    Attack("deleting a registered version", "model-approver", "bob", "sagemaker",
           "delete_model_package", lambda s: {"ModelPackageName": s.package}),
    Attack("sharing the registry", "data-scientist", "alice", "sagemaker",
           "put_model_package_group_policy",
           lambda s: {"ModelPackageGroupName": "loans", "ResourcePolicy": OPEN}),
    # Images.
    Attack("making tags mutable", "data-scientist", "alice", "ecr", "put_image_tag_mutability",
           lambda s: {"repositoryName": "loans", "imageTagMutability": "MUTABLE"}),
    Attack("deleting an image", "data-scientist", "alice", "ecr", "batch_delete_image",
           lambda s: {"repositoryName": "loans", "imageIds": [{"imageTag": s.image["tag"]}]}),
    Attack("opening the repository", "ml-engineer", "alice", "ecr", "set_repository_policy",
           lambda s: {"repositoryName": "loans", "policyText": OPEN}),
    Attack("an image from the approver", "model-approver", "bob", "ecr", "put_image",
           lambda s: {"repositoryName": "loans", "imageManifest": "{}", "imageTag": "x"}),
    # Tags.
    Attack("tagging a model anew", "data-scientist", "alice", "sagemaker", "add_tags",
           lambda s: {"ResourceArn": s.package, "Tags": [{"Key": "project", "Value": "x"}]}),
    Attack("tagging the pipeline anew", "data-scientist", "alice", "sagemaker", "add_tags",
           lambda s: {"ResourceArn": s.sagemaker(f"pipeline/{PIPELINE}"),
                      "Tags": [{"Key": "owner", "Value": "alice"}]}),
    Attack("removing tags", "model-approver", "bob", "sagemaker", "delete_tags",
           lambda s: {"ResourceArn": s.package, "TagKeys": ["project"]}),
    Attack("declaring a configuration released", "model-operator", "olga", "sagemaker",
           "add_tags",
           lambda s: {"ResourceArn": s.sagemaker("endpoint-config/loans-staging-v1"),
                      "Tags": [{"Key": "release", "Value": "approved"}]}, "staging"),
    Attack("tagging one's role", "data-scientist", "alice", "iam", "tag_role",
           lambda s: {"RoleName": "loans-dev-data-scientist",
                      "Tags": [{"Key": "user", "Value": "carol"}]}),
    # Deploying past the gates.
    Attack("deploying as an operator", "model-operator", "olga", "sagemaker", "update_endpoint",
           lambda s: {"EndpointName": s.endpoint, "EndpointConfigName": "loans-staging-try"},
           "staging"),
    Attack("an approver who deploys", "model-approver", "bob", "sagemaker", "create_endpoint",
           lambda s: {"EndpointName": "loans-dev-x", "EndpointConfigName": "loans-dev-x"}),
    Attack("an operator who approves", "model-operator", "olga", "sagemaker",
           "update_model_package", decision),
]  # fmt: skip
