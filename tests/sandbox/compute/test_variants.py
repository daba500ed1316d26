"""Variants share the traffic by weight, scale, mirror to a shadow, and throttle."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.sandbox.compute.hosting import (
    SERVE,
    Deploy,
    answer,
    configuration,
    create_model,
    describe,
    invoke,
    settled,
    shadow,
    total,
    variant,
)
from tests.sandbox.compute.support import Account, ImageMaker, wait

CAPTURE = {
    "EnableCapture": True,
    "InitialSamplingPercentage": 100,
    "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
    "CaptureContentTypeHeader": {"CsvContentTypes": ["text/csv", "text/plain"]},
}
SERVERLESS = {"MemorySizeInMB": 2048, "MaxConcurrency": 1}


@pytest.fixture
def models(account: Account, make_image: ImageMaker) -> dict[str, str]:
    """Two models of one image, by the text of their answers."""
    image = make_image({"serve": SERVE})
    return {text: create_model(account, image, text) for text in ("one", "two")}


def weigh(account: Account, name: str, **weights: float) -> dict[str, Any]:
    wanted = [{"VariantName": item, "DesiredWeight": value} for item, value in weights.items()]
    account.sagemaker.update_endpoint_weights_and_capacities(
        EndpointName=name, DesiredWeightsAndCapacities=wanted
    )
    return settled(account, name)


def test_weights_share_the_traffic_and_a_target_has_its_own_way(
    account: Account, models: dict[str, str], deploy: Deploy
) -> None:
    pair = [
        variant(models["one"], "main", InitialVariantWeight=1.0),
        variant(models["two"], "challenger", InitialVariantWeight=0.0),
    ]
    name = deploy(configuration(account, pair))
    assert {answer(account, name) for _ in range(20)} == {"one"}
    assert answer(account, name, TargetVariant="challenger") == "two"
    assert invoke(account, name, TargetVariant="main")["InvokedProductionVariant"] == "main"
    described = weigh(account, name, challenger=1.0)
    assert described["ProductionVariants"][1]["CurrentWeight"] == 1.0
    answers = [answer(account, name) for _ in range(80)]
    assert 15 <= answers.count("two") <= 65
    counted = {
        each: total(account, "Invocations", EndpointName=name, VariantName=each)
        for each in ("main", "challenger")
    }
    assert counted == {
        "main": 21 + answers.count("one"),
        "challenger": 1 + answers.count("two"),
    }


@pytest.mark.slow
def test_all_weights_cannot_be_nothing(
    account: Account, models: dict[str, str], deploy: Deploy
) -> None:
    name = deploy(configuration(account, [variant(models["one"])]))
    with pytest.raises(ClientError, match="weight above 0"):
        weigh(account, name, main=0.0)
    with pytest.raises(ClientError, match='Variant "other" does not exist'):
        weigh(account, name, other=1.0)


def test_instances_are_counted_but_never_none(
    account: Account, models: dict[str, str], deploy: Deploy
) -> None:
    name = deploy(configuration(account, [variant(models["one"])]))
    update = account.sagemaker.update_endpoint_weights_and_capacities
    wanted = {"VariantName": "main", "DesiredInstanceCount": 4}
    update(EndpointName=name, DesiredWeightsAndCapacities=[wanted])
    [shown] = settled(account, name)["ProductionVariants"]
    assert (shown["CurrentInstanceCount"], shown["DesiredInstanceCount"]) == (4, 4)
    answer(account, name)
    seen = {"EndpointName": name, "VariantName": "main"}
    assert total(account, "InvocationsPerInstance", **seen) == 0.25
    with pytest.raises(ClientError, match="must be at least 1"):
        update(
            EndpointName=name,
            DesiredWeightsAndCapacities=[wanted | {"DesiredInstanceCount": 0}],
        )


def test_errors_are_rates_and_latency_is_the_models(
    account: Account, models: dict[str, str], deploy: Deploy
) -> None:
    name = deploy(configuration(account, [variant(models["one"])]))
    answers = [answer(account, name, body) for body in (b"x", b"x", b"bad", b"sleep0.2")]
    assert answers == ["one", "one", "ModelError", "one"]
    seen = {"EndpointName": name, "VariantName": "main"}
    assert total(account, "Invocation4XXErrors", "Average", **seen) == 0.25
    assert total(account, "Invocation5XXErrors", "SampleCount", **seen) == 4
    assert total(account, "ModelLatency", "Maximum", **seen) >= 200_000
    assert 0 < total(account, "OverheadLatency", "Maximum", **seen) < 200_000


def test_shadow_gets_copies_that_nobody_waits_for_and_is_captured_apart(
    account: Account, models: dict[str, str], deploy: Deploy
) -> None:
    capture = CAPTURE | {"DestinationS3Uri": f"s3://{account.bucket}/capture"}
    more = {"ShadowProductionVariants": [shadow(models["two"])], "DataCaptureConfig": capture}
    name = deploy(configuration(account, [variant(models["one"])], **more))
    assert describe(account, name)["ShadowProductionVariants"][0]["VariantName"] == "challenger"
    assert answer(account, name, b"x", InferenceId="abc") == "one"
    keys = wait(lambda: {"keys": captured(account, name)}, "keys", {"main"}, set())["keys"]
    assert keys == {"main", "challenger"}
    assert outputs(account, name, "challenger") == [("abc", "two:x")]
    assert outputs(account, name, "main") == [("abc", "one:x")]
    assert total(account, "Invocations", EndpointName=name, VariantName="challenger") == 1


@pytest.mark.slow
def test_shadow_that_fails_reaches_nobody(
    account: Account, models: dict[str, str], make_image: ImageMaker, deploy: Deploy
) -> None:
    broken = create_model(account, make_image({"serve": SERVE}), "broken")
    more = {"ShadowProductionVariants": [shadow(broken)]}
    name = deploy(configuration(account, [variant(models["one"])], **more))
    assert {answer(account, name) for _ in range(20)} == {"one"}
    seen = {"EndpointName": name, "VariantName": "challenger"}
    wait(lambda: {"n": total(account, "Invocation5XXErrors", **seen)}, "n", *map(float, range(20)))
    with pytest.raises(ClientError, match="Variant challenger not found"):
        invoke(account, name, TargetVariant="challenger")


@pytest.mark.slow
def test_shadow_gets_the_share_its_weight_says(
    account: Account, models: dict[str, str], deploy: Deploy
) -> None:
    more = {"ShadowProductionVariants": [shadow(models["two"], 0.3)]}
    name = deploy(configuration(account, [variant(models["one"])], **more))
    for _ in range(100):
        answer(account, name)
    copies = total(account, "Invocations", EndpointName=name, VariantName="challenger")
    assert 10 <= copies <= 55


def test_serverless_variant_throttles_beyond_its_concurrency(
    account: Account, models: dict[str, str], deploy: Deploy
) -> None:
    serverless = {"VariantName": "main", "ModelName": models["one"], "ServerlessConfig": SERVERLESS}
    name = deploy(configuration(account, [serverless]))
    described = describe(account, name)["ProductionVariants"][0]
    assert described["CurrentServerlessConfig"] == SERVERLESS
    answers: list[str] = []
    clients = [
        threading.Thread(target=lambda: answers.append(answer(account, name, b"sleep2")))
        for _ in range(4)
    ]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    assert set(answers) == {"one", "ThrottlingException"}
    assert answer(account, name) == "one"


def captured(account: Account, name: str) -> set[str]:
    return {key.split("/")[2] for key in account.keys(f"capture/{name}/")}


def outputs(account: Account, name: str, variant: str) -> list[tuple[str, str]]:
    """Inference id and answer of each captured exchange."""
    lines = [
        json.loads(line)
        for key in account.keys(f"capture/{name}/{variant}/")
        for line in account.read(f"s3://{account.bucket}/{key}").splitlines()
    ]
    return [
        (line["eventMetadata"]["inferenceId"], line["captureData"]["endpointOutput"]["data"])
        for line in lines
    ]
