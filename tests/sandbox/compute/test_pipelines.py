"""Pipeline executions run their steps in order and end as their steps do."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.sandbox.compute.support import Account, ImageMaker, unique, wait

WRITE = """
import sys, os
open(os.path.join(sys.argv[1], "evaluation.json"), "w").write(sys.argv[2])
"""
TRAIN = """
import os
source = os.environ["SM_CHANNEL_TRAIN"]
model = os.environ["SM_MODEL_DIR"]
open(model + "/model.txt", "w").write(open(source + "/evaluation.json").read())
"""
CLUSTER = {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 1}
OUTPUT = "/opt/ml/processing/output"
PASSED = {"Std:JsonGet": {"PropertyFile": {"Get": "Steps.Write.PropertyFiles.evaluation"}}}


def processing(account: Account, image: str, name: str, text: Any, **more: Any) -> dict[str, Any]:
    """A step that writes its argument to evaluation.json."""
    target = {
        "Std:Join": {
            "On": "/",
            "Values": [f"s3://{account.bucket}", {"Get": "Execution.PipelineExecutionId"}, name],
        }
    }
    output = {"S3Uri": target, "LocalPath": OUTPUT, "S3UploadMode": "EndOfJob"}
    return {
        "Name": name,
        "Type": "Processing",
        "Arguments": {
            "RoleArn": account.role,
            "AppSpecification": {
                "ImageUri": image,
                "ContainerEntrypoint": ["write", OUTPUT],
                "ContainerArguments": [text],
            },
            "ProcessingResources": {"ClusterConfig": CLUSTER},
            "ProcessingOutputConfig": {"Outputs": [{"OutputName": "out", "S3Output": output}]},
        },
        "PropertyFiles": [
            {
                "PropertyFileName": "evaluation",
                "OutputName": "out",
                "FilePath": "evaluation.json",
            }
        ],
        **more,
    }


def training(account: Account, image: str) -> dict[str, Any]:
    """A step that trains on what the step Write wrote."""
    uri = {"Get": "Steps.Write.ProcessingOutputConfig.Outputs['out'].S3Output.S3Uri"}
    source = {"S3Uri": uri, "S3DataType": "S3Prefix"}
    return {
        "Name": "Train",
        "Type": "Training",
        "Arguments": {
            "TrainingJobName": "loans-train",
            "RoleArn": account.role,
            "AlgorithmSpecification": {"TrainingImage": image, "TrainingInputMode": "File"},
            "InputDataConfig": [{"ChannelName": "train", "DataSource": {"S3DataSource": source}}],
            "OutputDataConfig": {"S3OutputPath": f"s3://{account.bucket}/models"},
            "ResourceConfig": CLUSTER,
            "StoppingCondition": {"MaxRuntimeInSeconds": 60},
            "Environment": {
                "SM_CHANNEL_TRAIN": "/opt/ml/input/data/train",
                "SM_MODEL_DIR": "/opt/ml/model",
            },
        },
    }


def gate(path: str, value: Any, then: list[Any], otherwise: list[Any]) -> dict[str, Any]:
    """A condition on the file that the step Write wrote."""
    left = {"Std:JsonGet": {**PASSED["Std:JsonGet"], "Path": path}}
    condition = {"Type": "Equals", "LeftValue": left, "RightValue": value}
    return {
        "Name": "Gate",
        "Type": "Condition",
        "Arguments": {"Conditions": [condition], "IfSteps": then, "ElseSteps": otherwise},
    }


def fail(message: Any) -> dict[str, Any]:
    return {"Name": "Unmet", "Type": "Fail", "Arguments": {"ErrorMessage": message}}


def document(*steps: Mapping[str, Any], parameters: Any = ()) -> str:
    content = {"Version": "2020-12-01", "Parameters": list(parameters), "Steps": list(steps)}
    return json.dumps(content)


def create(account: Account, definition: str) -> str:
    name = unique("pipeline")
    account.sagemaker.create_pipeline(
        PipelineName=name, PipelineDefinition=definition, RoleArn=account.role
    )
    return name


Run = Callable[..., tuple[dict[str, Any], dict[str, dict[str, Any]]]]


@pytest.fixture
def run(account: Account) -> Run:
    """Runs a definition to its end; the execution and its steps by name."""

    def run(definition: str, **parameters: str) -> Any:
        name = create(account, definition)
        started = account.sagemaker.start_pipeline_execution(
            PipelineName=name,
            PipelineParameters=[{"Name": k, "Value": v} for k, v in parameters.items()],
        )
        arn = {"PipelineExecutionArn": started["PipelineExecutionArn"]}
        execution = wait(
            lambda: account.sagemaker.describe_pipeline_execution(**arn),
            "PipelineExecutionStatus",
            "Executing",
            "Stopping",
        )
        steps = account.sagemaker.list_pipeline_execution_steps(**arn)["PipelineExecutionSteps"]
        return execution, {step["StepName"]: step for step in reversed(steps)}

    return run


@pytest.fixture
def image(make_image: ImageMaker) -> str:
    return make_image({"write": WRITE, "train": TRAIN})


def test_steps_pass_their_outputs_on(account: Account, image: str, run: Run) -> None:
    text = {"Get": "Parameters.Text"}
    parameters = [{"Name": "Text", "Type": "String"}]
    steps = [training(account, image), processing(account, image, "Write", text)]
    execution, done = run(document(*steps, parameters=parameters), Text='{"a": 1}')
    assert execution["PipelineExecutionStatus"] == "Succeeded", done
    assert list(done) == ["Write", "Train"]
    identifier = execution["PipelineExecutionArn"].rsplit("/", 1)[1]
    job = done["Train"]["Metadata"]["TrainingJob"]["Arn"].rsplit("/", 1)[1]
    assert job.startswith(f"loans-train-{identifier}-")
    other = done["Write"]["Metadata"]["ProcessingJob"]["Arn"].rsplit("/", 1)[1]
    assert other.startswith(f"pipelines-{identifier}-Write-")
    described = account.sagemaker.describe_training_job(TrainingJobName=job)
    assert described["ModelArtifacts"]["S3ModelArtifacts"] == (
        f"s3://{account.bucket}/models/{job}/output/model.tar.gz"
    )


@pytest.mark.parametrize(
    ("passed", "status", "steps"),
    [
        (1, "Succeeded", ["Write", "Gate", "After"]),
        (0, "Failed", ["Write", "Gate", "Unmet"]),
    ],
)
def test_condition_chooses_the_branch(
    account: Account, image: str, run: Run, passed: int, status: str, steps: list[str]
) -> None:
    text = json.dumps({"gates": {"passed": passed}})
    after = processing(account, image, "After", "{}")
    message = {
        "Std:Join": {"On": ": ", "Values": ["gate unmet", {"Get": "Execution.PipelineName"}]}
    }
    execution, done = run(
        document(
            processing(account, image, "Write", text),
            gate("gates.passed", 1, [after], [fail(message)]),
        )
    )
    assert execution["PipelineExecutionStatus"] == status, done
    assert list(done) == steps
    assert done["Gate"]["Metadata"]["Condition"]["Outcome"] == ("True" if passed else "False")
    if not passed:
        assert execution["FailureReason"] == "Step failure: One or multiple steps failed."
        name = execution["PipelineArn"].rsplit("/", 1)[1]
        assert done["Unmet"]["Metadata"]["Fail"]["ErrorMessage"] == f"gate unmet: {name}"
        assert done["Unmet"]["FailureReason"] == f"gate unmet: {name}"


def test_failing_step_stops_what_depends_on_it(
    account: Account, make_image: ImageMaker, run: Run
) -> None:
    image = make_image({"write": "raise ValueError('column age is missing')", "train": ""})
    execution, done = run(
        document(processing(account, image, "Write", "{}"), training(account, image))
    )
    assert execution["PipelineExecutionStatus"] == "Failed"
    assert list(done) == ["Write"]
    assert "exit code: 1" in done["Write"]["FailureReason"]
    assert done["Write"]["FailureReason"].endswith("ValueError: column age is missing")


def test_execution_keeps_the_definition_it_started_with(
    account: Account, image: str, run: Run
) -> None:
    execution, _ = run(document(processing(account, image, "Write", "{}")))
    name = execution["PipelineArn"].rsplit("/", 1)[1]
    changed = document(processing(account, image, "Rewritten", "{}"))
    account.sagemaker.update_pipeline(PipelineName=name, PipelineDefinition=changed)
    kept = account.sagemaker.describe_pipeline_definition_for_execution(
        PipelineExecutionArn=execution["PipelineExecutionArn"]
    )
    assert "Write" in kept["PipelineDefinition"]
    assert (
        "Rewritten" in account.sagemaker.describe_pipeline(PipelineName=name)["PipelineDefinition"]
    )


def test_running_execution_can_be_stopped(account: Account, make_image: ImageMaker) -> None:
    image = make_image({"write": "import time; time.sleep(600)"})
    name = create(account, document(processing(account, image, "Write", "{}")))
    started = account.sagemaker.start_pipeline_execution(PipelineName=name)
    arn = {"PipelineExecutionArn": started["PipelineExecutionArn"]}
    account.sagemaker.stop_pipeline_execution(**arn, ClientRequestToken=unique("t" * 32))
    execution = wait(
        lambda: account.sagemaker.describe_pipeline_execution(**arn),
        "PipelineExecutionStatus",
        "Stopping",
    )
    assert execution["PipelineExecutionStatus"] == "Stopped"


def test_same_token_starts_one_execution(account: Account, image: str) -> None:
    name = create(account, document(fail("no")))
    token = unique("t" * 32)
    started = {
        account.sagemaker.start_pipeline_execution(PipelineName=name, ClientRequestToken=token)[
            "PipelineExecutionArn"
        ]
        for _ in range(2)
    }
    assert len(started) == 1


PARAMETERS = [
    {"Name": "Rows", "Type": "Integer"},
    {"Name": "Mode", "Type": "String", "DefaultValue": "a", "EnumValues": ["a", "b"]},
]


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({}, "Parameter Rows has no default"),
        ({"Rows": "1", "More": "2"}, r"Unknown parameters \[More\]"),
        ({"Rows": "many"}, "Parameter Rows is of type Integer; 'many' is not"),
        ({"Rows": "1", "Mode": "c"}, "Parameter Mode must be one of"),
    ],
)
def test_bad_parameters_are_refused(
    account: Account, given: Mapping[str, str], reason: str
) -> None:
    name = create(account, document(fail("no"), parameters=PARAMETERS))
    with pytest.raises(ClientError, match=reason):
        account.sagemaker.start_pipeline_execution(
            PipelineName=name,
            PipelineParameters=[{"Name": k, "Value": v} for k, v in given.items()],
        )


def test_bad_definition_is_refused_by_the_api(account: Account) -> None:
    with pytest.raises(ClientError, match="Step Odd: unknown Type 'Nonsense'") as caught:
        create(account, document({"Name": "Odd", "Type": "Nonsense"}))
    assert caught.value.response["Error"]["Code"] == "ValidationException"
