"""`step_overhead_s`: what one more no-op step costs beyond its own interpreter start."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3

from bench.environments import PeerUnavailableError, python_of
from bench.measure import Row, lower_is_better, progress
from bench.metaflow_flow import source
from sandbox.journey import server

FEW, MANY, REPEATS = 1, 6, 3
ACCOUNT, REGION = "123456789012", "us-east-1"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "sagemaker.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}
ANYTHING = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
}


def marginal(run: Callable[[int], float]) -> float:
    """Seconds per further step: best of some runs with many steps less best with few."""
    few = min(run(FEW) for _ in range(REPEATS))
    many = min(run(MANY) for _ in range(REPEATS))
    return (many - few) / (MANY - FEW)


def interpreter_start() -> float:
    """Seconds a bare interpreter takes, which both sides pay for each step."""

    def once() -> float:
        begin = time.perf_counter()
        subprocess.run([sys.executable, "-c", "pass"], check=True)
        return time.perf_counter() - begin

    return min(once() for _ in range(10))


def definition(steps: int, image: str, role: str) -> str:
    """A pipeline of no-op processing steps, one after the other."""
    arguments = {
        "ProcessingResources": {
            "ClusterConfig": {
                "InstanceCount": 1,
                "InstanceType": "ml.m5.large",
                "VolumeSizeInGB": 1,
            }
        },
        "AppSpecification": {"ImageUri": image, "ContainerEntrypoint": ["python", "-c", "pass"]},
        "RoleArn": role,
    }
    chain: list[dict[str, Any]] = []
    for number in range(steps):
        step: dict[str, Any] = {"Name": f"Step{number}", "Type": "Processing"}
        step["Arguments"] = arguments
        if chain:
            step["DependsOn"] = [chain[-1]["Name"]]
        chain.append(step)
    return json.dumps({"Version": "2020-12-01", "Parameters": [], "Steps": chain})


def push_image(url: str, session: boto3.Session) -> str:
    """Register this interpreter as an image; returns its URI by digest."""
    ecr = session.client("ecr", endpoint_url=url)
    repository = ecr.create_repository(repositoryName="bench")["repository"]["repositoryUri"]
    manifest = {
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": {
            "mediaType": "application/vnd.oci.image.config.v1+json",
            "digest": "sha256:" + "0" * 64,
            "size": 0,
        },
        "layers": [],
        "annotations": {
            "modelyard.sandbox.workdir": tempfile.gettempdir(),
            "modelyard.sandbox.path": str(Path(sys.executable).parent),
            "modelyard.sandbox.pythonpath": "",
        },
    }
    image = ecr.put_image(
        repositoryName="bench", imageManifest=json.dumps(manifest), imageTag="bench"
    )["image"]
    return f"{repository}@{image['imageId']['imageDigest']}"


def ours() -> float:
    """Marginal seconds per step of the sandbox's pipelines."""
    with tempfile.TemporaryDirectory() as scratch, server.serving(Path(scratch)) as url:
        return marginal(pipeline_runner(url))


def pipeline_runner(url: str) -> Callable[[int], float]:
    """A function that runs a pipeline of so many steps and says how long it took."""
    session = boto3.Session(ACCOUNT, "sandbox", region_name=REGION)
    iam = session.client("iam", endpoint_url=url)
    role = iam.create_role(RoleName="bench", AssumeRolePolicyDocument=json.dumps(TRUST))
    iam.put_role_policy(RoleName="bench", PolicyName="bench", PolicyDocument=json.dumps(ANYTHING))
    arn = role["Role"]["Arn"]
    image = push_image(url, session)
    sagemaker = session.client("sagemaker", endpoint_url=url)
    made: set[int] = set()

    def run(steps: int) -> float:
        name = f"bench-{steps}"
        if steps not in made:
            text = definition(steps, image, arn)
            sagemaker.create_pipeline(
                PipelineName=name, PipelineDefinition=text, RoleArn=arn, ClientRequestToken="b" * 32
            )
            made.add(steps)
        begin = time.perf_counter()
        execution = sagemaker.start_pipeline_execution(PipelineName=name)["PipelineExecutionArn"]
        while True:
            state = sagemaker.describe_pipeline_execution(PipelineExecutionArn=execution)
            if state["PipelineExecutionStatus"] == "Succeeded":
                return time.perf_counter() - begin
            if state["PipelineExecutionStatus"] in ("Failed", "Stopped"):
                raise RuntimeError(state.get("FailureReason", "the bench pipeline failed"))
            time.sleep(0.01)

    return run


def metaflow() -> float:
    """Marginal seconds per step of Metaflow's local runtime."""
    python = python_of("metaflow")
    with tempfile.TemporaryDirectory() as scratch:
        environment = {**os.environ, "METAFLOW_HOME": scratch, "USERNAME": "bench", "HOME": scratch}

        def run(steps: int) -> float:
            file = Path(scratch) / f"chain{steps}.py"
            file.write_text(source(steps))
            begin = time.perf_counter()
            command = [str(python), str(file), "--quiet", "run"]
            done = subprocess.run(
                command, env=environment, cwd=scratch, capture_output=True, text=True
            )
            if done.returncode:
                raise PeerUnavailableError(done.stderr[-500:])
            return time.perf_counter() - begin

        return marginal(run)


def rows() -> list[Row]:
    """The row of this file."""
    progress("five more no-op steps in a pipeline")
    bare = interpreter_start()
    mine = ours() - bare
    try:
        progress("the same steps in Metaflow")
        peer: float | None = metaflow() - bare
    except PeerUnavailableError as reason:
        progress(f"no peer: {reason}")
        peer = None
    return [lower_is_better("step_overhead_s", "s per step", mine, peer, "metaflow 2.19")]
