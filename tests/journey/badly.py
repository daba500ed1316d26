"""Model versions that turn out badly, made in seconds: the real server in a bad mood, or a model
file that was spoilt; and what a release left behind.
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from modelyard.project import EnvironmentName
from sandbox.journey.load import Load
from sandbox.journey.stages import REGISTRY, Journey

LABEL = "modelyard.sandbox."
PATIENCE_S = 150.0
# What a mood does to an answer of the real server, while its file says so.
SERVE = """#!{python}
import asyncio, itertools, json, sys
from pathlib import Path
from modelyard import serving

MOOD, COUNT = Path({mood!r}), itertools.count()

class Moody(serving.Server):
    async def __call__(self, scope, receive, send):
        mood = MOOD.read_text()
        asked = scope.get("path") == "/invocations"
        if asked and mood == "errors" and next(COUNT) % 10 == 0:
            raise RuntimeError("one of ten")
        if asked and mood == "slow":
            await asyncio.sleep(0.4)
        await super().__call__(scope, receive, self.shifted(send) if mood == "shifted" else send)

    def shifted(self, send):
        began = []
        async def later(message):
            if message["type"] == "http.response.start":
                began.append(message)
                return
            body = message["body"]
            if began and began[0]["status"] == 200 and body:
                answer = json.loads(body)
                for row in answer.get("predictions", []):
                    for key, value in row.items() if isinstance(row, dict) else ():
                        if isinstance(value, float):
                            row[key] = value + 0.0001
                body = json.dumps(answer).encode()
            for start in began:
                kept = [h for h in start["headers"] if h[0].lower() != b"content-length"]
                length = (b"content-length", str(len(body)).encode())
                await send({{**start, "headers": [*kept, length]}})
            began.clear()
            await send({{**message, "body": body}})
        return later

if MOOD.read_text() == "dead":
    sys.exit("the model file is from another planet")
serving.Server = Moody
serving.main()
"""


@dataclass(frozen=True)
class Moody:
    """An image whose server behaves as a file says, which a test may rewrite at any time."""

    uri: str
    mood: Path

    def becomes(self, mood: str) -> None:
        self.mood.write_text(mood)


def moody_image(journey: Journey, package: str, place: Path) -> Moody:
    """The package's image with a server of moods, pushed as another digest."""
    name = uuid.uuid4().hex[:8]
    folder = place / f"image-{name}"
    folder.mkdir()
    mood = folder / "mood"
    mood.write_text("")
    script = folder / "serve"
    python = journey.repo / ".venv" / "bin" / "python"
    script.write_text(SERVE.format(python=python, mood=str(mood)))
    script.chmod(0o755)
    container = journey.package(package)["InferenceSpecification"]["Containers"][0]
    repository, _, digest = container["Image"].partition("@")
    ecr = journey.client(journey.root(REGISTRY), "ecr")
    project = journey.project.name
    (found,) = ecr.batch_get_image(repositoryName=project, imageIds=[{"imageDigest": digest}])[
        "images"
    ]
    manifest = json.loads(found["imageManifest"])
    manifest["annotations"] |= {f"{LABEL}path": str(folder)}
    pushed = ecr.put_image(
        repositoryName=project, imageManifest=json.dumps(manifest), imageTag=name
    )["image"]["imageId"]["imageDigest"]
    return Moody(f"{repository}@{pushed}", mood)


def register(journey: Journey, like: str, image: str | None = None, **metadata: str) -> str:
    """Another version like a registered one, as only the sandbox's root can; returns its ARN."""
    package = journey.package(like)
    container = dict(package["InferenceSpecification"]["Containers"][0])
    sagemaker, s3 = (journey.client(journey.root(REGISTRY), name) for name in ("sagemaker", "s3"))
    bucket, _, key = container["ModelDataUrl"].removeprefix("s3://").partition("/")
    copy = f"runs/{uuid.uuid4().hex[:8]}/model.tar.gz"
    s3.copy_object(Bucket=bucket, Key=copy, CopySource={"Bucket": bucket, "Key": key})
    uri = image or container["Image"]
    created = sagemaker.create_model_package(
        ModelPackageGroupName=journey.project.name,
        ModelApprovalStatus="PendingManualApproval",
        InferenceSpecification={
            "Containers": [{"Image": uri, "ModelDataUrl": f"s3://{bucket}/{copy}"}],
            "SupportedContentTypes": ["text/csv", "application/json"],
            "SupportedResponseMIMETypes": ["application/json"],
        },
        CustomerMetadataProperties={
            **package["CustomerMetadataProperties"],
            "image_digest": uri.partition("@")[2],
            **metadata,
        },
        ClientToken=uuid.uuid4().hex,
    )
    return str(created["ModelPackageArn"])


def tamper(journey: Journey, package: str) -> None:
    """Overwrite the model file of a registered package."""
    container = journey.package(package)["InferenceSpecification"]["Containers"][0]
    bucket, _, key = container["ModelDataUrl"].removeprefix("s3://").partition("/")
    s3 = journey.client(journey.root(REGISTRY), "s3")
    s3.put_object(Bucket=bucket, Key=key, Body=b"another model")


def number(package: str) -> int:
    """The version at the end of a package's ARN."""
    return int(package.rsplit("/", 1)[1])


def evidence(journey: Journey, env: EnvironmentName) -> str:
    """The bucket of an environment's evidence."""
    account = journey.project.environments[env].account
    return f"{journey.project.name}-{env}-evidence-{account}"


def state(journey: Journey, env: EnvironmentName) -> dict[str, Any]:
    """What the release function remembers; empty before the first release."""
    name = f"/modelyard-releases/{journey.project.name}/{env}/state"
    ssm = journey.client(journey.root(env), "ssm")
    value = ssm.get_parameter(Name=name)["Parameter"]["Value"]
    return {} if value == "none" else dict(json.loads(value))


def reaches(journey: Journey, env: EnvironmentName, package: str, *phases: str) -> str:
    """The first of these phases that the package's release is in, by events alone."""
    found = await_that(
        lambda: (
            state(journey, env).get("phase")
            if state(journey, env).get("version") == number(package)
            and state(journey, env)["phase"] in phases
            else None
        ),
        f"version {number(package)} {' or '.join(phases)}",
    )
    return str(found)


def await_that(look: Callable[[], Any], what: str) -> Any:
    """What a look finds, once it finds something."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        found = look()
        if found:
            return found
        time.sleep(0.2)
    raise TimeoutError(f"waited in vain for {what}")


def record(journey: Journey, env: EnvironmentName, package: str, phase: str) -> dict[str, Any]:
    """The evidence of a phase of a version's release, once it is there."""
    s3 = journey.client(journey.root(env), "s3")
    bucket, prefix = evidence(journey, env), f"releases/{number(package)}-"

    def look() -> str | None:
        listed = s3.list_objects_v2(Bucket=bucket, Prefix=prefix).get("Contents", [])
        keys = [item["Key"] for item in listed if item["Key"].endswith(f"-{phase}.json")]
        return keys[-1] if keys else None

    key = await_that(look, f"the record {prefix}...-{phase}.json")
    return dict(json.loads(s3.get_object(Bucket=bucket, Key=key)["Body"].read()))


@contextmanager
def under_load(journey: Journey, env: EnvironmentName) -> Iterator[Load]:
    """Requests on an environment, one after the other, as its operator."""
    rows = journey.held_aside(20)
    bodies = [json.dumps({"instances": [row]}, default=str).encode() for row in rows]
    runtime = journey.client(journey.session(env, "model-operator"), "sagemaker-runtime")
    with Load(runtime, f"{journey.project.name}-{env}", bodies) as load:
        load.await_answers(5)
        yield load
