"""Shadow releases, asynchronous and serverless endpoints: released by the functions, then asked."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
import yaml
from botocore.exceptions import ClientError

from modelyard.project import EnvironmentName
from sandbox.journey import monitored, server
from sandbox.journey.commands import JourneyError, clean_environment, run
from sandbox.journey.demo import generate
from sandbox.journey.stages import PRODUCTION, SERVING, Journey
from tests.journey import badly

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]
ROWS = 30
TEN_MINUTES = 600


@dataclass(frozen=True)
class Started:
    """A model that staging serves from instances, and the repo it came from."""

    journey: Journey
    package: str

    def stating(self, **sections: Any) -> Journey:
        """The same project once its project.yaml states something else."""
        file = self.journey.repo / "project.yaml"
        file.write_text(yaml.safe_dump(yaml.safe_load(file.read_text()) | sections))
        return Journey(self.journey.repo, self.journey.url, self.journey.sessions)


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Started]:
    """On a sandbox of its own: other tests' endpoints stay what they are."""
    place = tmp_path_factory.mktemp("modes")
    with server.serving(place) as url:
        repo = generate(place)
        run(["make", "setup"], repo, clean_environment({}))
        journey = Journey(repo, url)
        for env in ("dev", "staging"):
            journey.apply(env)
        journey.publish(journey.push_image())
        package = journey.train()
        journey.approve(package, "Reviewed.")
        journey.release(package)
        yield Started(journey, package)


def into_production(journey: Journey, package: str) -> None:
    """Through the second gate."""
    journey.approve(package, "Good in staging.", "production")
    journey.release(package, PRODUCTION)


def begun_anew(started: Started, serving: Mapping[str, Any], **sections: Any) -> Journey:
    """Staging without an endpoint, as the first release in another mode finds it."""
    root = started.journey.root(SERVING)
    sagemaker = started.journey.client(root, "sagemaker")
    sagemaker.delete_endpoint(EndpointName="loans-staging")

    def gone() -> bool:
        listed = sagemaker.list_endpoints(NameContains="loans-staging")["Endpoints"]
        return not listed

    badly.await_that(gone, "the endpoint's end")
    journey = started.stating(serving=dict(serving), **sections)
    journey.apply(SERVING)
    package = badly.register(journey, started.package)
    journey.approve(package, "Reviewed.")
    journey.release(package)
    return journey


def runtime(journey: Journey, env: EnvironmentName) -> Any:
    return journey.client(journey.session(env, "model-operator"), "sagemaker-runtime")


def bodies(journey: Journey) -> list[bytes]:
    return [
        json.dumps({"instances": [row]}, default=str).encode() for row in journey.held_aside(ROWS)
    ]


@dataclass(frozen=True)
class Shadowed:
    """Production with a challenger that gets a copy of every request, and answers otherwise."""

    journey: Journey
    main: str
    challenger: str
    answers: tuple[Mapping[str, Any], ...]
    told: Mapping[str, Any]


@pytest.fixture(scope="module")
def shadowed(started: Started, tmp_path_factory: pytest.TempPathFactory) -> Shadowed:
    journey = started.stating(serving={"rollout": {"strategy": "shadow", "share": 100}})
    journey.apply(PRODUCTION)
    into_production(journey, started.package)
    image = badly.moody_image(journey, started.package, tmp_path_factory.mktemp("moody"))
    challenger = badly.register(journey, started.package, image.uri)
    journey.approve(challenger, "Reviewed.")
    journey.release(challenger)
    into_production(journey, challenger)
    image.becomes("shifted")
    asked = runtime(journey, PRODUCTION)
    answers = [
        json.loads(
            asked.invoke_endpoint(
                EndpointName="loans-prod", ContentType="application/json", Body=body
            )["Body"].read()
        )
        for body in bodies(journey)
    ]

    def compared() -> Mapping[str, Any] | None:
        operator = journey.session(PRODUCTION, "model-operator")
        told = json.loads(journey.modelyard(operator, "compare", "--env", PRODUCTION, "--json"))
        return told if told["agreement"]["rows"] >= len(bodies(journey)) else None

    told = monitored.waited(compared, "every request's copy")
    return Shadowed(journey, started.package, challenger, tuple(answers), told)


def test_a_shadow_is_compared_and_never_answers(shadowed: Shadowed) -> None:
    assert {answer["model_package"] for answer in shadowed.answers} == {shadowed.main}
    assert shadowed.told["versions"] == {
        "main": shadowed.main,
        "challenger": shadowed.challenger,
    }
    agreement = shadowed.told["agreement"]
    assert agreement["rows"] == agreement["equal"] == ROWS
    assert agreement["largest"] == pytest.approx(0.0001)


def test_a_shadow_answers_everybody_once_it_is_promoted(shadowed: Shadowed) -> None:
    journey = shadowed.journey
    operator = journey.session(PRODUCTION, "model-operator")
    journey.modelyard(operator, "release", "--env", PRODUCTION, "--promote")
    answer = runtime(journey, PRODUCTION).invoke_endpoint(
        EndpointName="loans-prod", ContentType="application/json", Body=bodies(journey)[0]
    )
    assert json.loads(answer["Body"].read())["model_package"] == shadowed.challenger


@pytest.fixture(scope="module")
def queued(started: Started) -> Journey:
    """Staging as an asynchronous endpoint."""
    return begun_anew(started, {"mode": "asynchronous"})


def asynchronously(journey: Journey) -> str:
    """Where the answer to one request will lie."""
    answer = runtime(journey, SERVING).invoke_endpoint_async(
        EndpointName="loans-staging", ContentType="application/json", Body=bodies(journey)[0]
    )
    return str(answer["OutputLocation"])


def stored(journey: Journey, uri: str) -> Mapping[str, Any]:
    """An answer, once it is there."""

    def look() -> Mapping[str, Any] | None:
        try:
            return dict(json.loads(journey.read(uri)))
        except ClientError as error:
            assert error.response["Error"]["Code"] == "NoSuchKey"
            return None

    return monitored.waited(look, uri)


def instances(journey: Journey) -> int:
    found = journey.client(journey.root(SERVING), "sagemaker").describe_endpoint(
        EndpointName="loans-staging"
    )
    return int(found["ProductionVariants"][0]["CurrentInstanceCount"])


def test_an_asynchronous_endpoint_answers_into_the_bucket(queued: Journey) -> None:
    answer = stored(queued, asynchronously(queued))
    assert len(answer["predictions"]) == 1


def test_nobody_gets_an_answer_at_once_from_a_queue(queued: Journey) -> None:
    with pytest.raises(ClientError, match="InvokeEndpointAsync"):
        runtime(queued, SERVING).invoke_endpoint(
            EndpointName="loans-staging", ContentType="application/json", Body=bodies(queued)[0]
        )


def test_an_idle_queue_has_no_instance_and_the_next_request_brings_one(queued: Journey) -> None:
    # Target tracking takes instances away after fifteen quiet minutes.
    monitored.advance(queued, 4 * TEN_MINUTES)
    monitored.waited(lambda: instances(queued) == 0, "an endpoint at zero instances")
    place = asynchronously(queued)
    monitored.advance(queued, TEN_MINUTES)
    assert len(stored(queued, place)["predictions"]) == 1
    assert instances(queued) == 1


@pytest.fixture(scope="module")
def serverless(started: Started) -> Journey:
    """Staging without instances of its own, for a model of lower risk."""
    stated = yaml.safe_load((started.journey.repo / "project.yaml").read_text())
    risk = stated["risk"] | {"tier": "limited"}
    return begun_anew(started, {"mode": "serverless"}, risk=risk)


def test_a_serverless_endpoint_answers(serverless: Journey) -> None:
    answer = runtime(serverless, SERVING).invoke_endpoint(
        EndpointName="loans-staging", ContentType="application/json", Body=bodies(serverless)[0]
    )
    assert len(json.loads(answer["Body"].read())["predictions"]) == 1
    sagemaker = serverless.client(serverless.root(SERVING), "sagemaker")
    described = sagemaker.describe_endpoint(EndpointName="loans-staging")
    (variant,) = described["ProductionVariants"]
    assert variant["CurrentServerlessConfig"]["MemorySizeInMB"] == 2048


def test_what_a_serverless_endpoint_answers_is_captured_by_its_log(serverless: Journey) -> None:
    operator = serverless.session(SERVING, "model-operator")
    name = "asked-of-no-server"
    runtime(serverless, SERVING).invoke_endpoint(
        EndpointName="loans-staging",
        ContentType="application/json",
        CustomAttributes=f"inference_id={name}",
        Body=bodies(serverless)[0],
    )
    logs = serverless.client(operator, "logs")
    group = "/aws/sagemaker/Endpoints/loans-staging"

    def printed() -> bool:
        events = logs.filter_log_events(logGroupName=group)["events"]
        return any(name in event["message"] for event in events)

    monitored.waited(printed, "a printed line")
    # Firehose waits five minutes for more.
    monitored.advance(serverless, TEN_MINUTES)
    s3 = serverless.client(serverless.root(SERVING), "s3")
    bucket = f"loans-staging-predictions-{serverless.project.environments[SERVING].account}"

    def captured() -> bool:
        listed = s3.list_objects_v2(Bucket=bucket, Prefix="capture/loans-staging/main/")
        keys = [item["Key"] for item in listed.get("Contents", ())]
        stored = (s3.get_object(Bucket=bucket, Key=key)["Body"].read() for key in keys)
        return any(name.encode() in body for body in stored)

    monitored.waited(captured, "a captured record")


def test_high_risk_is_refused_what_cannot_be_isolated(serverless: Journey) -> None:
    file = serverless.repo / "project.yaml"
    kept = file.read_text()
    stated = yaml.safe_load(kept)
    file.write_text(yaml.safe_dump(stated | {"risk": stated["risk"] | {"tier": "high"}}))
    try:
        with pytest.raises(JourneyError, match="no network isolation"):
            serverless.apply(SERVING)
    finally:
        file.write_text(kept)
