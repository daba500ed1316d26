"""A Lambda step hands its arguments to a function and its outputs to later steps."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from tests.sandbox.compute.support import Account, unique, wait

CODE = """
def handler(event, context):
    if event["rows"] < 0:
        raise ValueError("rows must not be negative")
    return {"statusCode": 200, "doubled": event["rows"] * 2, "by": event["execution"]}
"""


@pytest.fixture
def function(account: Account) -> str:
    """A function's ARN."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("code.py", CODE)
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "lambda.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
    role = account.client("iam").create_role(
        RoleName=unique("function"), AssumeRolePolicyDocument=json.dumps(trust)
    )
    made = account.client("lambda").create_function(
        FunctionName=unique("double"),
        Runtime="python3.11",
        Role=role["Role"]["Arn"],
        Handler="code.handler",
        Code={"ZipFile": content.getvalue()},
    )
    return str(made["FunctionArn"])


Run = Callable[..., Mapping[str, dict[str, Any]]]


@pytest.fixture
def run(account: Account, function: str) -> Run:
    """Runs a Lambda step and a Fail step that repeats its output; the steps by name."""

    def run(rows: int, kind: str = "Integer") -> Any:
        call = {
            "Name": "Double",
            "Type": "Lambda",
            "FunctionArn": function,
            "Arguments": {"rows": rows, "execution": {"Get": "Execution.PipelineExecutionId"}},
            "OutputParameters": [{"OutputName": "doubled", "OutputType": kind}],
        }
        output = {"Get": "Steps.Double.OutputParameters['doubled']"}
        message = {"Std:Join": {"On": " ", "Values": ["doubled to", output]}}
        repeat = {"Name": "Repeat", "Type": "Fail", "Arguments": {"ErrorMessage": message}}
        name = unique("pipeline")
        definition = {"Version": "2020-12-01", "Steps": [call, repeat]}
        account.sagemaker.create_pipeline(
            PipelineName=name, PipelineDefinition=json.dumps(definition), RoleArn=account.role
        )
        started = account.sagemaker.start_pipeline_execution(PipelineName=name)
        arn = {"PipelineExecutionArn": started["PipelineExecutionArn"]}
        wait(
            lambda: account.sagemaker.describe_pipeline_execution(**arn),
            "PipelineExecutionStatus",
            "Executing",
        )
        steps = account.sagemaker.list_pipeline_execution_steps(**arn)["PipelineExecutionSteps"]
        return {step["StepName"]: step for step in steps}

    return run


def test_outputs_reach_later_steps(run: Run, function: str) -> None:
    steps = run(21)
    assert steps["Double"]["StepStatus"] == "Succeeded", steps
    assert steps["Double"]["Metadata"]["Lambda"] == {
        "Arn": function,
        "OutputParameters": [{"Name": "doubled", "Value": "42"}],
    }
    assert steps["Repeat"]["FailureReason"] == "doubled to 42"


def test_error_of_the_function_fails_the_step(run: Run) -> None:
    steps = run(-1)
    assert list(steps) == ["Double"]
    assert "rows must not be negative" in steps["Double"]["FailureReason"]


def test_output_of_another_type_fails_the_step(run: Run) -> None:
    steps = run(1, "Boolean")
    assert "output doubled of the function is not a Boolean: 2" in steps["Double"]["FailureReason"]
