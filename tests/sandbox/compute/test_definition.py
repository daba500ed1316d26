"""A pipeline definition is refused, with step and fault, before anything runs."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from sandbox.compute.definition import parse
from sandbox.compute.definition_model import DefinitionError

CLUSTER = {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 1}
TRAIN: dict[str, Any] = {
    "Name": "Train",
    "Type": "Training",
    "Arguments": {
        "RoleArn": {"Get": "Parameters.Role"},
        "AlgorithmSpecification": {"TrainingImage": "image", "TrainingInputMode": "File"},
        "OutputDataConfig": {"S3OutputPath": "s3://bucket/models"},
        "ResourceConfig": CLUSTER,
        "StoppingCondition": {"MaxRuntimeInSeconds": 60},
    },
}
GATE: dict[str, Any] = {
    "Name": "Gate",
    "Type": "Condition",
    "Arguments": {
        "Conditions": [
            {
                "Type": "Equals",
                "LeftValue": {"Get": "Steps.Train.TrainingJobStatus"},
                "RightValue": "Completed",
            }
        ],
        "IfSteps": [],
        "ElseSteps": [{"Name": "Unmet", "Type": "Fail", "Arguments": {"ErrorMessage": "no"}}],
    },
}
GOOD: dict[str, Any] = {
    "Version": "2020-12-01",
    "Parameters": [{"Name": "Role", "Type": "String", "DefaultValue": "arn"}],
    "Steps": [GATE, TRAIN],
}


def test_branches_wait_for_their_condition_and_conditions_for_what_they_compare() -> None:
    definition = parse(json.dumps(GOOD))
    assert definition.steps["Gate"].needs == {"Train"}
    assert definition.steps["Unmet"].needs == {"Gate"}
    assert definition.steps["Unmet"].branch == "ElseSteps"


def wrong_version(d: Any) -> None:
    d["Version"] = "2019-01-01"


def no_steps(d: Any) -> None:
    d["Steps"] = []


def duplicate_step(d: Any) -> None:
    d["Steps"].append(d["Steps"][1])


def unknown_type(d: Any) -> None:
    d["Steps"][1]["Type"] = "Nonsense"


def tuning(d: Any) -> None:
    d["Steps"][1]["Type"] = "Tuning"


def missing_role(d: Any) -> None:
    del d["Steps"][1]["Arguments"]["RoleArn"]


def unknown_argument(d: Any) -> None:
    d["Steps"][1]["Arguments"]["PropertyFiles"] = []


def bad_instance(d: Any) -> None:
    d["Steps"][1]["Arguments"]["ResourceConfig"]["InstanceType"] = "ml.huge"


def no_stopping(d: Any) -> None:
    del d["Steps"][1]["Arguments"]["StoppingCondition"]


def dangling_parameter(d: Any) -> None:
    d["Parameters"] = []


def dangling_step(d: Any) -> None:
    d["Steps"].pop(1)


def dangling_dependency(d: Any) -> None:
    d["Steps"][1]["DependsOn"] = ["Nowhere"]


def circle(d: Any) -> None:
    d["Steps"][1]["DependsOn"] = ["Unmet"]


def unknown_condition(d: Any) -> None:
    d["Steps"][0]["Arguments"]["Conditions"][0]["Type"] = "Roughly"


def bad_default(d: Any) -> None:
    d["Parameters"][0]["DefaultValue"] = 3


def missing_file(d: Any) -> None:
    file = {"PropertyFile": {"Get": "Steps.Train.PropertyFiles.x"}, "Path": "a"}
    d["Steps"][0]["Arguments"]["Conditions"][0]["LeftValue"] = {"Std:JsonGet": file}


def arguments_of_another_shape(d: Any) -> None:
    d["Steps"][1]["Arguments"] = ["RoleArn"]


REFUSED = [
    (arguments_of_another_shape, "Step Train: Arguments must be an object"),
    (wrong_version, "Version must be 2020-12-01"),
    (no_steps, "at least one step"),
    (duplicate_step, "Train is used twice"),
    (unknown_type, "Step Train: unknown Type 'Nonsense'"),
    (tuning, "Step Train: Tuning steps are not supported by this sandbox"),
    (missing_role, "Step Train: Value null at 'roleArn'"),
    (unknown_argument, "Step Train: Unknown member 'propertyFiles'"),
    (bad_instance, "Step Train: Value 'ml.huge' at 'resourceConfig.instanceType'"),
    (no_stopping, "Step Train: a training job needs a StoppingCondition"),
    (dangling_parameter, "Step Train: Parameters.Role does not exist"),
    (dangling_step, "Step Gate: Steps.Train.TrainingJobStatus does not exist"),
    (dangling_dependency, "Step Train: DependsOn names Nowhere"),
    (circle, "Steps wait for each other"),
    (unknown_condition, "Step Gate: unknown condition 'Roughly'"),
    (bad_default, "DefaultValue: Parameter Role is of type String; 3 is not"),
    (missing_file, "Step Gate: step Train has no property file x"),
]


@pytest.mark.parametrize(("spoil", "reason"), REFUSED)
def test_fault_is_named(spoil: Callable[[Any], None], reason: str) -> None:
    document = copy.deepcopy(GOOD)
    spoil(document)
    with pytest.raises(DefinitionError) as caught:
        parse(json.dumps(document))
    assert reason in str(caught.value)


@pytest.mark.parametrize("document", ["not json", "[]", '{"Version": "2020-12-01"}'])
def test_what_is_no_definition_is_refused(document: str) -> None:
    with pytest.raises(DefinitionError):
        parse(document)
