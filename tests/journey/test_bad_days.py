"""What goes wrong in a run is said plainly, and nothing is registered."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas
import pytest

from sandbox.journey.commands import JourneyError
from sandbox.journey.stages import REGISTRY, Journey

PIPELINE = "loans-dev-train"


def versions(journey: Journey) -> int:
    """How many versions of the model are registered."""
    client = journey.client(journey.root(REGISTRY), "sagemaker")
    answer = client.list_model_packages(ModelPackageGroupName="loans", MaxResults=100)
    return len(answer["ModelPackageSummaryList"])


def republish(journey: Journey) -> None:
    """Render, push and publish the repo as it stands now."""
    journey.modelyard(journey.session(REGISTRY, "data-scientist"), "render")
    journey.publish(journey.push_image())


def failed_run(journey: Journey) -> str:
    """Run the pipeline, which must fail; returns what the person sees."""
    before = versions(journey)
    with pytest.raises(JourneyError) as failure:
        journey.train()
    assert versions(journey) == before, "a failed run registered a model"
    return str(failure.value)


def edit(file: Path, old: str, new: str) -> None:
    """Replace text that must be there."""
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def test_failing_training_code_shows_the_end_of_its_log(edited: Journey) -> None:
    model = edited.repo / "src" / "loans" / "model.py"
    model.write_text(model.read_text() + "\nraise RuntimeError('the moon is in the wrong phase')\n")
    republish(edited)
    assert "the moon is in the wrong phase" in failed_run(edited)


def test_unmet_gate_fails_with_the_gates_sentence(edited: Journey) -> None:
    project = edited.repo / "project.yaml"
    text = project.read_text()
    head, tail = text.split("model:\n", 1)
    project.write_text(head + "model:\n  gates: {roc_auc: {min: 0.999}}\n" + without_gates(tail))
    republish(edited)
    seen = failed_run(edited)
    assert "roc_auc" in seen
    assert "0.999" in seen


def without_gates(text: str) -> str:
    """YAML lines without a one-line `gates:` of their own."""
    return "\n".join(line for line in text.split("\n") if not line.strip().startswith("gates:"))


def test_contract_violation_names_column_and_keeps_rows_aside(edited: Journey) -> None:
    data = edited.repo / edited.project.dataset.source
    frame = pandas.read_csv(data)
    frame["approve"] = frame["approve"].astype(str)
    frame.loc[[3, 7], "approve"] = "perhaps"
    frame.to_csv(data, index=False)
    republish(edited)
    seen = failed_run(edited)
    assert "approve" in seen
    s3 = edited.client(edited.root(REGISTRY), "s3")
    bucket = f"loans-dev-raw-{edited.project.environments['dev'].account}"
    listed = s3.list_objects_v2(Bucket=bucket, Prefix="quarantine/")["Contents"]
    rows = s3.get_object(Bucket=bucket, Key=listed[-1]["Key"])["Body"].read().decode()
    assert rows.count("perhaps") == 2


def test_registrar_refuses_a_run_that_skipped_its_gate(journey: Journey, edited: Journey) -> None:
    """The reviewed gates are raised; the attacker keeps lenient ones and drops the condition."""
    project = edited.repo / "project.yaml"
    head, tail = project.read_text().split("model:\n", 1)
    project.write_text(head + "model:\n  gates: {roc_auc: {min: 0.999}}\n" + without_gates(tail))
    edited.apply("dev")
    try:
        journey.publish(journey.push_image())
        skip_the_gate(journey)
        assert "0.999" in failed_run(journey)
    finally:
        journey.apply("dev")
        journey.publish(journey.push_image())


def skip_the_gate(journey: Journey) -> None:
    """Move the registration out of the condition, as a data scientist with a text editor could."""
    client = journey.client(journey.session(REGISTRY, "data-scientist"), "sagemaker")
    described = client.describe_pipeline(PipelineName=PIPELINE)
    definition: dict[str, Any] = json.loads(described["PipelineDefinition"])
    gate = next(step for step in definition["Steps"] if step["Type"] == "Condition")
    register = gate["Arguments"]["IfSteps"][0]
    register["DependsOn"] = ["Evaluate"]
    definition["Steps"] = [step for step in definition["Steps"] if step is not gate] + [register]
    client.update_pipeline(
        PipelineName=PIPELINE,
        PipelineDefinition=json.dumps(definition),
        RoleArn=described["RoleArn"],
    )
