"""The stages every journey shares: workspace, publish, run, approve, release, predict."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, cast
from urllib.request import Request, urlopen

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from modelyard.project import EnvironmentName, Persona, Project, load
from sandbox.identity import login
from sandbox.image import commands
from sandbox.journey.commands import JourneyError, clean_environment, run
from sandbox.journey.held_aside import held_aside

REGISTRY: EnvironmentName = "dev"
SERVING: EnvironmentName = "staging"
PRODUCTION: EnvironmentName = "prod"
ACCEPTED = (
    "The model assists: an underwriter decides, sees the reasons and reviews each refusal. "
    "The gap is that of past decisions; the owner knows it and looks again in three months."
)


@dataclass
class Journey:
    """One model repo and the sandbox it travels through.

    Attributes:
        repo: the model repo (holds project.yaml).
        url: the sandbox's address.
        sessions: signed-in people by (environment, persona).
    """

    repo: Path
    url: str
    sessions: dict[tuple[EnvironmentName, str], boto3.Session] = field(default_factory=dict)

    @cached_property
    def project(self) -> Project:
        """The repo's project.yaml."""
        return load(self.repo / "project.yaml")

    def person(self, persona: str) -> str:
        """The first team member with that persona."""
        members = self.project.team.get(cast("Persona", persona), ())
        if not members:
            raise JourneyError(f"project.yaml: team.{persona} is empty; name a person")
        return members[0]

    def session(self, env: EnvironmentName, persona: str) -> boto3.Session:
        """That person, signed in to the environment's account through SAML."""
        key = (env, persona)
        if key not in self.sessions:
            place = self.project.environments[env]
            role = f"{self.project.name}-{env}-{persona}"
            self.sessions[key] = login(
                self.url, place.account, role, self.person(persona), place.region
            )
        return self.sessions[key]

    def root(self, env: EnvironmentName) -> boto3.Session:
        """Root of the environment's account: plays the platform engineer."""
        place = self.project.environments[env]
        return boto3.Session(place.account, "sandbox", region_name=place.region)

    def steward(self) -> boto3.Session:
        """Who brings the data; root of dev's account where the team names nobody."""
        named = self.project.team.get("data-steward")
        return self.session(REGISTRY, "data-steward") if named else self.root(REGISTRY)

    def client(self, session: boto3.Session, service: str) -> Any:
        """A client of the sandbox for that identity."""
        config = Config(retries={"total_max_attempts": 1}, read_timeout=120)
        client: Any = session.client  # typed per service; here the service is a variable
        return client(service, endpoint_url=self.url, config=config)

    def environment(self, session: boto3.Session) -> dict[str, str]:
        """Environment variables with which a command acts as that identity."""
        found = session.get_credentials()
        assert found is not None, "a session without credentials"
        keys = found.get_frozen_credentials()
        credentials = {
            "AWS_ACCESS_KEY_ID": str(keys.access_key),
            "AWS_SECRET_ACCESS_KEY": str(keys.secret_key),
        }
        if keys.token:
            credentials["AWS_SESSION_TOKEN"] = keys.token
        return clean_environment(
            {**credentials, "AWS_DEFAULT_REGION": session.region_name, "AWS_ENDPOINT_URL": self.url}
        )

    def modelyard(self, session: boto3.Session, *arguments: str) -> str:
        """Run the repo's own `modelyard` command as that identity."""
        command = [str(commands(self.repo) / "modelyard"), *arguments]
        return run(command, self.repo, self.environment(session))

    def sandbox(self, session: boto3.Session, *arguments: str) -> str:
        """Run a `python -m sandbox` command as that identity."""
        command = [sys.executable, "-m", "sandbox", *arguments]
        return run(command, self.repo, self.environment(session))

    def apply(self, env: EnvironmentName) -> int:
        """Bring the account, region and workspace programs up; how many resources were created."""
        file = str(self.repo / "project.yaml")
        printed = self.sandbox(self.root(env), "apply", "--project", file, "--env", env)
        return sum(int(count) for count in re.findall(r"(\d+) created", printed))

    def push_image(self) -> str:
        """Push the model repo's image as a data scientist; returns URI@DIGEST."""
        scientist = self.session(REGISTRY, "data-scientist")
        file = str(self.repo / "project.yaml")
        arguments = ("image", str(self.repo), "--project", file, "--env", REGISTRY)
        return self.sandbox(scientist, *arguments).strip().splitlines()[-1]

    def publish(self, image: str) -> None:
        """Upload the data as their steward, then publish the pipeline as a data scientist."""
        self.modelyard(self.steward(), "upload", "--env", REGISTRY)
        scientist = self.session(REGISTRY, "data-scientist")
        self.modelyard(scientist, "publish", "--env", REGISTRY, "--image", image)

    def train(self) -> str:
        """Run the build pipeline as a data scientist; returns the registered package's ARN."""
        self.modelyard(self.session(REGISTRY, "data-scientist"), "run", "--env", REGISTRY)
        packages = self.client(self.root(REGISTRY), "sagemaker").list_model_packages(
            ModelPackageGroupName=self.project.name, SortBy="CreationTime", SortOrder="Descending"
        )["ModelPackageSummaryList"]
        if not packages:
            raise JourneyError("the pipeline succeeded but registered no model package")
        return str(packages[0]["ModelPackageArn"])

    def package(self, arn: str) -> dict[str, Any]:
        """The model package as the registry describes it."""
        client = self.client(self.root(REGISTRY), "sagemaker")
        return dict(client.describe_model_package(ModelPackageName=arn))

    def self_approval(self, arn: str) -> str:
        """Let the person who trained the model try to approve it; returns AWS's refusal.

        Raises:
            JourneyError: the approval went through.
        """
        scientist = self.client(self.session(REGISTRY, "data-scientist"), "sagemaker")
        try:
            scientist.update_model_package(ModelPackageArn=arn, ModelApprovalStatus="Approved")
        except ClientError as refusal:
            error = refusal.response["Error"]
            if error["Code"].startswith("AccessDenied"):
                return f"{error['Code']}: {error['Message']}"
            raise
        raise JourneyError(f"{self.person('data-scientist')} could approve their own model {arn}")

    def approve(self, arn: str, comment: str, stage: str = SERVING) -> None:
        """Approve the package for a stage as the model approver."""
        version = arn.rsplit("/", 1)[1]
        approver = self.session(REGISTRY, "model-approver")
        arguments = ("approve", "--env", REGISTRY, "--version", version, "--stage", stage)
        accepted: tuple[str, ...] = ()
        if stage == SERVING and self.evaluation(arn)["fairness_gates"]["needs_decision"]:
            accepted = ("--accept-bias", ACCEPTED)
        self.modelyard(approver, *arguments, "--comment", comment, *accepted)

    def release(self, arn: str, env: EnvironmentName = SERVING) -> str:
        """Wait, as the operator, until the environment serves the package; its endpoint."""
        version = arn.rsplit("/", 1)[1]
        operator = self.session(env, "model-operator")
        self.modelyard(operator, "release", "--env", env, "--version", version)
        return self.endpoint(env)

    def endpoint(self, env: EnvironmentName) -> str:
        """The environment's endpoint."""
        return f"{self.project.name}-{env}"

    def parameter(self, env: EnvironmentName, key: str) -> str:
        """One fact of the environment's workspace contract."""
        name = f"/modelyard/{self.project.name}/{env}/{key}"
        found = self.client(self.root(env), "ssm").get_parameter(Name=name)
        return str(found["Parameter"]["Value"])

    @contextmanager
    def hurried(self, rate: float) -> Iterator[None]:
        """The sandbox's clock runs `rate` times as fast as ours."""
        self.control("clock", {"rate": rate})
        try:
            yield
        finally:
            self.control("clock", {"rate": 1})

    def control(self, what: str, change: Mapping[str, Any] | None = None) -> Any:
        """What the sandbox says of itself (`clock`, `inbox`), after the change if there is one."""
        data = json.dumps(change).encode() if change is not None else None
        request = Request(
            f"{self.url}/_modelyard/{what}", data, {"Content-Type": "application/json"}
        )
        with urlopen(request, timeout=120) as answer:
            return json.load(answer)

    def evaluation(self, arn: str) -> dict[str, Any]:
        """The stored evaluation the package was judged by."""
        return dict(
            json.loads(self.read(self.package(arn)["CustomerMetadataProperties"]["evaluation"]))
        )

    def read(self, uri: str) -> bytes:
        """One object by its S3 address, as the data owner."""
        bucket, key = uri.removeprefix("s3://").split("/", 1)
        body = self.client(self.root(REGISTRY), "s3").get_object(Bucket=bucket, Key=key)["Body"]
        return bytes(body.read())

    def held_aside(self, count: int) -> list[dict[str, Any]]:
        """Up to `count` rows to ask about, features only, that no training saw."""
        return held_aside(self.repo, self.project)[:count]

    def predict(self, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Score each row with one request, as the operator; returns the answers' bodies."""
        runtime = self.client(self.session(SERVING, "model-operator"), "sagemaker-runtime")
        answers = []
        for number, row in enumerate(rows):
            answer = runtime.invoke_endpoint(
                EndpointName=self.endpoint(SERVING),
                ContentType="application/json",
                InferenceId=f"{self.project.name}-{number:05d}",
                Body=json.dumps({"instances": [row]}, default=str),
            )
            answers.append(json.loads(answer["Body"].read()))
        return answers
