"""An execution that broke any rule is not registered, whatever its pipeline claims."""

from collections.abc import Callable
from typing import Any

import pytest

from modelyard.functions.execution import examine
from modelyard.functions.service import Refused
from tests.modelyard.functions.recorded import ARN, FACTS, IMAGE, REPOSITORY, RUN, Recorded


def test_sound_execution_yields_its_facts() -> None:
    execution = examine(Recorded(), ARN, FACTS)
    assert execution.image == IMAGE
    assert execution.data_uri == "s3://raw/applications/"
    assert execution.model_uri == f"{RUN}/train/loans-dev-train-x/output/model.tar.gz"
    assert execution.evaluation_uri == f"{RUN}/evaluation/evaluation.json"
    assert execution.manifest_uri == f"{RUN}/prepare/manifest/dataset_manifest.json"
    assert execution.code_commit == "c0ffee"


def with_image(name: str, key: str, image: str) -> Callable[[Recorded], Any]:
    kind = "AlgorithmSpecification" if name == "Train" else "AppSpecification"
    return lambda run: run.jobs[name][kind].update({key: image})


def reading(name: str, uri: str) -> Callable[[Recorded], Any]:
    return lambda run: run.jobs[name]["ProcessingInputs"][0]["S3Input"].update(S3Uri=uri)


BROKEN: list[tuple[str, Callable[[Recorded], Any], str]] = [
    (
        "another project's pipeline",
        lambda run: setattr(
            run, "pipeline", "arn:aws:sagemaker:us-east-1:1:pipeline/cars-dev-train"
        ),
        "cars-dev-train is not this project's build pipeline",
    ),
    ("no evaluation", lambda run: run.steps.pop(2), "has no successful step Evaluate"),
    (
        "failed evaluation",
        lambda run: run.steps[2].update(StepStatus="Failed"),
        "Evaluate did not succeed",
    ),
    (
        "extra step",
        lambda run: run.steps.append({**run.steps[0], "StepName": "Polish"}),
        "ran a step Polish, which no reviewed pipeline has",
    ),
    (
        "not isolated",
        lambda run: run.jobs["Train"].update(EnableNetworkIsolation=False),
        "Train was not network-isolated",
    ),
    ("other role", lambda run: run.jobs["Prepare"].update(RoleArn="x"), "Prepare ran as x"),
    (
        "image by tag",
        with_image("Train", "TrainingImage", f"{REPOSITORY}:latest"),
        "which is no digest of",
    ),
    (
        "foreign image",
        with_image("Evaluate", "ImageUri", IMAGE.replace("loans", "cars")),
        "which is no digest of",
    ),
    (
        "two images",
        with_image("Evaluate", "ImageUri", f"{REPOSITORY}@sha256:{'b' * 64}"),
        "the jobs ran different images",
    ),
    (
        "own judge",
        lambda run: run.jobs["Evaluate"]["AppSpecification"].update(
            ContainerEntrypoint=["python", "-m", "flattery"]
        ),
        "Evaluate ran `python -m flattery",
    ),
    (
        "swapped arguments",
        lambda run: run.jobs["Evaluate"]["AppSpecification"]["ContainerArguments"].reverse(),
        "not the platform's job",
    ),
    (
        "other training command",
        lambda run: run.jobs["Train"]["AlgorithmSpecification"].update(ContainerEntrypoint=["sh"]),
        "Train does not run the image's own `train`",
    ),
    (
        "other training data",
        lambda run: run.jobs["Train"]["InputDataConfig"].pop(),
        "Train read other data than Prepare wrote",
    ),
    (
        "other model judged",
        lambda run: run.jobs["Train"]["ModelArtifacts"].update(S3ModelArtifacts=f"{RUN}/other"),
        "Evaluate read something else than this run's model and data",
    ),
    (
        "other raw data",
        reading("Prepare", "s3://elsewhere/x"),
        "which is neither this project's raw data nor lent to it",
    ),
    (
        "quarantined data",
        reading("Prepare", "s3://raw/quarantine/x"),
        "which is neither this project's raw data nor lent to it",
    ),
    (
        "more than was lent",
        reading("Prepare", "s3://owners-raw/"),
        "which is neither this project's raw data nor lent to it",
    ),
    (
        "foreign pseudonyms",
        lambda run: run.jobs["Prepare"]["ProcessingInputs"].append(
            {"InputName": "pseudonyms", "S3Input": {"S3Uri": "s3://artifacts/runs/known-key"}}
        ),
        "which is not the project's key",
    ),
    (
        "another run's output",
        lambda run: run.jobs["Evaluate"]["ProcessingOutputConfig"]["Outputs"][0]["S3Output"].update(
            S3Uri="s3://artifacts/runs/older/evaluation"
        ),
        "Evaluate wrote outside",
    ),
]


@pytest.mark.parametrize(
    ("breaks", "sentence"), [row[1:] for row in BROKEN], ids=[row[0] for row in BROKEN]
)
def test_broken_rule_is_refused(breaks: Callable[[Recorded], Any], sentence: str) -> None:
    run = Recorded()
    breaks(run)
    with pytest.raises(Refused) as refusal:
        examine(run, ARN, FACTS)
    assert sentence in str(refusal.value)


def test_data_on_loan_are_no_objection() -> None:
    run = Recorded()
    reading("Prepare", "s3://owners-raw/applications/")(run)
    assert examine(run, ARN, FACTS).data_uri == "s3://owners-raw/applications/"


def test_pseudonyms_made_with_the_projects_key_are_no_objection() -> None:
    run = Recorded()
    source = {"S3Uri": "s3://artifacts/pseudonyms/current"}
    run.jobs["Prepare"]["ProcessingInputs"].append({"InputName": "pseudonyms", "S3Input": source})
    assert examine(run, ARN, FACTS).arn == ARN
