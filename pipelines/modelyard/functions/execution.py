"""What a pipeline execution really did, asked of SageMaker and held against the rules.

Nothing here comes from the pipeline's own claims: its starter may have changed any parameter.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from modelyard.functions import job_contract as jobs
from modelyard.functions.service import Refused

_JOB_KINDS = ("ProcessingJob", "TrainingJob")


@dataclass(frozen=True)
class Execution:
    """The facts of a checked execution that a model package is made of."""

    arn: str
    id: str
    started: datetime
    image: str
    model_uri: str
    data_uri: str
    data_read_at: datetime
    manifest_uri: str
    evaluation_uri: str
    champion_uri: str
    code_commit: str

    @property
    def image_digest(self) -> str:
        return self.image.split("@", 1)[1]


def examine(sagemaker: Any, arn: str, facts: Mapping[str, str]) -> Execution:
    """The facts of an execution; Refused names the first rule that it breaks."""
    described = sagemaker.describe_pipeline_execution(PipelineExecutionArn=arn)
    pipeline = described["PipelineArn"].rsplit("/", 1)[1]
    _require(
        pipeline == facts["train_pipeline"].lower(),
        f"{pipeline} is not this project's build pipeline {facts['train_pipeline']}",
    )
    ran = _jobs(sagemaker, arn)
    prepare = sagemaker.describe_processing_job(ProcessingJobName=ran[jobs.PREPARE])
    train = sagemaker.describe_training_job(TrainingJobName=ran[jobs.TRAIN])
    evaluate = sagemaker.describe_processing_job(ProcessingJobName=ran[jobs.EVALUATE])
    for name, job in ((jobs.PREPARE, prepare), (jobs.TRAIN, train), (jobs.EVALUATE, evaluate)):
        _check_surroundings(name, job, facts)
    _check_command(jobs.PREPARE, prepare)
    _check_command(jobs.EVALUATE, evaluate)
    algorithm = train["AlgorithmSpecification"]
    _require(
        not algorithm.get("ContainerEntrypoint") and not algorithm.get("ContainerArguments"),
        "Train does not run the image's own `train`",
    )
    run = f"s3://{facts['bucket_artifacts']}/runs/{arn.rsplit('/', 1)[1]}/"
    _check_flow(prepare, train, evaluate, run)
    data_uri = _inputs(prepare)["data"]
    borrowed = {one["uri"] for one in json.loads(facts["borrowed"]).values()}
    _require(
        data_uri in borrowed
        or (
            data_uri.startswith(f"s3://{facts['bucket_raw']}/")
            and not data_uri.startswith(f"s3://{facts['bucket_raw']}/quarantine")
        ),
        f"Prepare read {data_uri}, which is neither this project's raw data nor lent to it",
    )
    key_uri = _inputs(prepare).get(jobs.KEY_FOLDER, "")
    _require(
        key_uri in ("", f"s3://{facts['bucket_artifacts']}/{jobs.KEY_PREFIX}"),
        f"Prepare made pseudonyms with {key_uri}, which is not the project's key",
    )
    return Execution(
        arn=arn,
        id=arn.rsplit("/", 1)[1],
        started=described["CreationTime"],
        image=algorithm["TrainingImage"],
        model_uri=train["ModelArtifacts"]["S3ModelArtifacts"],
        data_uri=data_uri,
        data_read_at=prepare.get("ProcessingStartTime") or prepare["CreationTime"],
        manifest_uri=_file(_outputs(prepare)["manifest"], "dataset_manifest.json"),
        evaluation_uri=_file(_outputs(evaluate)[jobs.EVALUATION], "evaluation.json"),
        champion_uri=_inputs(evaluate)[jobs.CHAMPION],
        code_commit=(train.get("Environment") or {}).get(jobs.CODE_COMMIT, ""),
    )


def _jobs(sagemaker: Any, arn: str) -> dict[str, str]:
    """The job behind each step; the three expected ones, successful, and no other."""
    found: dict[str, str] = {}
    pages = sagemaker.get_paginator("list_pipeline_execution_steps").paginate(
        PipelineExecutionArn=arn
    )
    for step in (step for page in pages for step in page["PipelineExecutionSteps"]):
        job = next(
            (step["Metadata"][kind] for kind in _JOB_KINDS if kind in step["Metadata"]), None
        )
        expected = step["StepName"] in (*jobs.ENTRYPOINTS, jobs.TRAIN)
        _require(
            expected or step["StepName"] in (jobs.GATE, jobs.REGISTER, jobs.GATE_UNMET),
            f"the pipeline ran a step {step['StepName']}, which no reviewed pipeline has",
        )
        if expected:
            _require(step["StepStatus"] == "Succeeded", f"{step['StepName']} did not succeed")
            _require(job is not None, f"{step['StepName']} ran no job")
            found[step["StepName"]] = job["Arn"].rsplit("/", 1)[1] if job else ""
    for name in (jobs.PREPARE, jobs.TRAIN, jobs.EVALUATE):
        _require(name in found, f"the pipeline has no successful step {name}")
    return found


def _check_surroundings(name: str, job: Mapping[str, Any], facts: Mapping[str, str]) -> None:
    """Image by digest from the project's repository, the pipeline's role, no way out."""
    network = job.get("NetworkConfig", job)
    specification = job.get("AppSpecification") or job["AlgorithmSpecification"]
    image = specification.get("ImageUri") or specification.get("TrainingImage", "")
    _require(network.get("EnableNetworkIsolation") is True, f"{name} was not network-isolated")
    _require(job["RoleArn"] == facts["pipeline_role"], f"{name} ran as {job['RoleArn']}")
    _require(
        image.startswith(f"{facts['repository_uri']}@sha256:"),
        f"{name} ran {image}, which is no digest of {facts['repository_uri']}",
    )


def _check_command(name: str, job: Mapping[str, Any]) -> None:
    specification = job["AppSpecification"]
    command = tuple(specification.get("ContainerEntrypoint", ()))
    arguments = tuple(specification.get("ContainerArguments", ()))
    _require(
        command == jobs.ENTRYPOINTS[name] and arguments == jobs.ARGUMENTS[name],
        f"{name} ran `{' '.join((*command, *arguments))}`, not the platform's job",
    )


def _check_flow(
    prepare: Mapping[str, Any], train: Mapping[str, Any], evaluate: Mapping[str, Any], run: str
) -> None:
    """One image, and each job read what the one before it wrote."""
    images = {
        prepare["AppSpecification"]["ImageUri"],
        train["AlgorithmSpecification"]["TrainingImage"],
        evaluate["AppSpecification"]["ImageUri"],
    }
    _require(len(images) == 1, f"the jobs ran different images: {', '.join(sorted(images))}")
    prepared, judged = _outputs(prepare), _inputs(evaluate)
    channels = {
        channel["ChannelName"]: channel["DataSource"]["S3DataSource"]["S3Uri"]
        for channel in train["InputDataConfig"]
    }
    for name in jobs.PREPARED:
        _require(prepared.get(name, "").startswith(run), f"Prepare wrote {name} outside {run}")
    _require(
        channels == {name: prepared[name] for name in jobs.CHANNELS},
        "Train read other data than Prepare wrote",
    )
    expected = {name: prepared[name] for name in jobs.JUDGED if name != "model"}
    expected["model"] = train["ModelArtifacts"]["S3ModelArtifacts"]
    # Whom the model was compared with is the registrar's to check.
    expected[jobs.CHAMPION] = judged.get(jobs.CHAMPION, "")
    _require(judged == expected, "Evaluate read something else than this run's model and data")
    _require(expected["model"].startswith(run), f"Train wrote its model outside {run}")
    _require(
        _outputs(evaluate).get(jobs.EVALUATION, "").startswith(run),
        f"Evaluate wrote outside {run}",
    )


def _inputs(job: Mapping[str, Any]) -> dict[str, str]:
    return _by_name(job["ProcessingInputs"], "InputName", "S3Input")


def _outputs(job: Mapping[str, Any]) -> dict[str, str]:
    return _by_name(job["ProcessingOutputConfig"]["Outputs"], "OutputName", "S3Output")


def _by_name(items: Iterable[Mapping[str, Any]], name: str, place: str) -> dict[str, str]:
    return {item[name]: item[place]["S3Uri"] for item in items}


def _file(prefix: str, name: str) -> str:
    return f"{prefix.rstrip('/')}/{name}"


def _require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise Refused(otherwise)
