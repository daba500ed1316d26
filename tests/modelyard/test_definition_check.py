"""What SageMaker would refuse is found offline."""

import copy
import json
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
import yaml

from modelyard.definition import render
from modelyard.definition_check import validate
from modelyard.project import parse
from tests.modelyard.conftest import TEXT

Definition = dict[str, Any]


@cache
def rendered() -> str:
    return render(parse(yaml.safe_load(TEXT)))


def arguments(definition: Definition, position: int) -> Definition:
    return definition["Steps"][position]["Arguments"]


FLAWS: list[tuple[str, Callable[[Definition], Any], str]] = [
    ("version", lambda d: d.update(Version="2019"), "Version is '2019'"),
    ("no steps", lambda d: d.update(Steps=[]), "the pipeline has no steps"),
    ("twice", lambda d: d["Steps"][0].update(Name="Evaluate"), "step Evaluate appears twice"),
    ("type", lambda d: d["Steps"][0].update(Type="Bake"), "step Prepare: unknown type 'Bake'"),
    (
        "parameter default",
        lambda d: d["Parameters"][0].update(DefaultValue=3),
        "parameter PipelineRole: the default 3 is no String",
    ),
    ("parameter", lambda d: d["Parameters"].pop(), "Parameters.RawBucket names no parameter"),
    ("cycle", lambda d: d["Steps"][0].update(DependsOn=["Train"]), "steps wait for each other"),
    (
        "ghost",
        lambda d: d["Steps"][0].update(DependsOn=["X"]),
        "depends on X, which does not",
    ),
    ("file", lambda d: d["Steps"][2].pop("PropertyFiles"), "names no property file"),
    (
        "execution variable",
        lambda d: arguments(d, 0).update(RoleArn={"Get": "Execution.Role"}),
        "Execution.Role is no execution variable",
    ),
    (
        "required",
        lambda d: arguments(d, 0).pop("RoleArn"),
        "Missing required parameter in input",
    ),
    ("unknown", lambda d: arguments(d, 1).update(Colour="red"), "Unknown parameter in input"),
    (
        "enumeration",
        lambda d: arguments(d, 1)["ResourceConfig"].update(InstanceType="ml.abacus"),
        "ResourceConfig.InstanceType: 'ml.abacus' is not one",
    ),
    (
        "maximum",
        lambda d: arguments(d, 1).update(TrainingJobName="x" * 64),
        "TrainingJobName: 64 characters, at most 63 are allowed",
    ),
    ("pattern", lambda d: arguments(d, 1).update(TrainingJobName="a b"), "does not match"),
    ("endless", lambda d: arguments(d, 0).pop("StoppingCondition"), "no StoppingCondition"),
    (
        "condition",
        lambda d: arguments(d, 3)["Conditions"][0].update(Type="Maybe"),
        "unknown condition 'Maybe'",
    ),
    (
        "function",
        lambda d: arguments(d, 3)["IfSteps"][0].pop("FunctionArn"),
        "step Register: no FunctionArn",
    ),
]


@pytest.mark.parametrize(
    ("flaw", "sentence"), [row[1:] for row in FLAWS], ids=[row[0] for row in FLAWS]
)
def test_flaw_is_found(flaw: Callable[[Definition], Any], sentence: str) -> None:
    definition = json.loads(rendered())
    flaw(definition)
    assert any(sentence in problem for problem in validate(definition))


def test_sound_definition_is_left_alone() -> None:
    definition = json.loads(rendered())
    before = copy.deepcopy(definition)
    assert validate(definition) == []
    assert definition == before
