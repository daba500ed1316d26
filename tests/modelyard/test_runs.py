"""What a run says about itself, in words for the person who started it."""

from typing import Any

import pytest

from modelyard.runs import look, plain

REFUSAL = 'ClientError: The function x failed: {"errorMessage": "the gates are not met", "e": []}'


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        (REFUSAL, "the gates are not met"),
        ("AlgorithmError: no rows", "AlgorithmError: no rows"),
        ('cut {"errorMessage": "the ga', 'cut {"errorMessage": "the ga'),
    ],
)
def test_reason_is_told_without_its_wrapping(reason: str, told: str) -> None:
    assert plain(reason) == told


class SageMaker:
    """An execution whose last step was refused by the registrar."""

    def describe_pipeline_execution(self, **_: Any) -> dict[str, Any]:
        return {"PipelineExecutionStatus": "Failed"}

    def get_paginator(self, _operation: str) -> "SageMaker":
        return self

    def paginate(self, **_: Any) -> list[dict[str, Any]]:
        train = {"Metadata": {"TrainingJob": {"Arn": "arn:x/loans-dev-train-1"}}}
        register = {"FailureReason": REFUSAL, "Metadata": {"Lambda": {"Arn": "arn:y"}}}
        return [
            {
                "PipelineExecutionSteps": [
                    {"StepName": "Train", "StepStatus": "Succeeded", **train},
                    {"StepName": "Register", "StepStatus": "Failed", **register},
                ]
            }
        ]


def test_failed_steps_carry_their_reason_and_job() -> None:
    execution = look(SageMaker(), "arn")
    assert execution.over
    assert execution.model_package_arn is None
    assert [(step.name, step.reason) for step in execution.failed_steps] == [
        ("Register", "the gates are not met")
    ]
    assert execution.steps[0].job == ("TrainingJob", "loans-dev-train-1")
