"""Endpoints serve from a real process, are replaced without a gap, and capture what passes."""

from __future__ import annotations

import json
import threading
import time
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.sandbox.compute.hosting import (
    BROKEN,
    SERVE,
    Deploy,
    configure,
    invoke,
    settled,
)
from tests.sandbox.compute.support import Account, ImageMaker, unique, wait


def test_invocation_reaches_the_model(
    account: Account, make_image: ImageMaker, deploy: Deploy
) -> None:
    name = deploy(configure(account, make_image({"serve": SERVE}), "one"))
    described = account.sagemaker.describe_endpoint(EndpointName=name)
    assert described["EndpointStatus"] == "InService", described
    answer = invoke(account, name, b"\xff1,2", InferenceId="abc")
    assert answer["Body"].read() == b"one:\xff1,2"
    assert answer["ContentType"] == "text/plain"
    assert answer["InvokedProductionVariant"] == "main"
    assert answer["CustomAttributes"] == "model=one;id=abc"


def test_error_of_the_model_is_a_model_error(
    account: Account, make_image: ImageMaker, deploy: Deploy
) -> None:
    name = deploy(configure(account, make_image({"serve": SERVE}), "one"))
    with pytest.raises(ClientError, match="no such column") as caught:
        invoke(account, name, b"bad")
    response: Any = caught.value.response
    assert response["Error"]["Code"] == "ModelError"
    assert response["OriginalStatusCode"] == 400


def test_server_that_dies_is_started_again(
    account: Account, make_image: ImageMaker, deploy: Deploy
) -> None:
    name = deploy(configure(account, make_image({"serve": SERVE}), "one"))
    with pytest.raises(ClientError, match="The model server does not answer"):
        invoke(account, name, b"die")

    def answer() -> dict[str, Any]:
        try:
            return {"body": invoke(account, name, b"x")["Body"].read()}
        except ClientError:
            return {"body": None}

    assert wait(answer, "body", None)["body"] == b"one:x"


def test_unknown_endpoint_is_a_validation_error(account: Account) -> None:
    with pytest.raises(ClientError, match="Endpoint nowhere of account 123456789012 not found"):
        invoke(account, "nowhere", b"1")


def test_server_that_does_not_come_up_fails_the_endpoint_with_its_log(
    account: Account, make_image: ImageMaker, deploy: Deploy
) -> None:
    name = deploy(configure(account, make_image({"serve": BROKEN}), "one"))
    described = account.sagemaker.describe_endpoint(EndpointName=name)
    assert described["EndpointStatus"] == "Failed"
    assert "did not pass the ping health check" in described["FailureReason"]
    assert described["FailureReason"].endswith("RuntimeError: no model file")


def test_update_replaces_the_model_without_a_failed_request(
    account: Account, make_image: ImageMaker, deploy: Deploy
) -> None:
    image = make_image({"serve": SERVE})
    name = deploy(configure(account, image, "one"))
    answers: list[bytes] = []
    stop = threading.Event()

    def ask() -> None:
        runtime = account.client("sagemaker-runtime")
        while not stop.is_set():
            answer = runtime.invoke_endpoint(EndpointName=name, Body=b"x", ContentType="text/csv")
            answers.append(answer["Body"].read())
            time.sleep(0.01)

    asking = threading.Thread(target=ask)
    asking.start()
    second = configure(account, image, "two")
    account.sagemaker.update_endpoint(EndpointName=name, EndpointConfigName=second)
    assert settled(account, name)["EndpointConfigName"] == second
    assert invoke(account, name, b"x")["Body"].read() == b"two:x"
    stop.set()
    asking.join()
    assert asking.is_alive() is False
    assert set(answers) <= {b"one:x", b"two:x"}
    assert answers == sorted(answers)


def test_failed_update_keeps_the_old_model_serving(
    account: Account, make_image: ImageMaker, deploy: Deploy
) -> None:
    name = deploy(configure(account, make_image({"serve": SERVE}), "one"))
    broken = configure(account, make_image({"serve": BROKEN}), "two")
    account.sagemaker.update_endpoint(EndpointName=name, EndpointConfigName=broken)
    described = settled(account, name)
    assert described["EndpointStatus"] == "InService"
    assert "RuntimeError: no model file" in described["FailureReason"]
    assert invoke(account, name, b"x")["Body"].read() == b"one:x"


def test_captured_exchanges_are_stored_as_json_lines(
    account: Account, make_image: ImageMaker, deploy: Deploy
) -> None:
    capture = {
        "EnableCapture": True,
        "InitialSamplingPercentage": 100,
        "DestinationS3Uri": f"s3://{account.bucket}/capture",
        "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
        "CaptureContentTypeHeader": {"CsvContentTypes": ["text/csv"]},
    }
    image = make_image({"serve": SERVE})
    name = deploy(configure(account, image, "one", DataCaptureConfig=capture))
    invoke(account, name, b"1,2", InferenceId="abc")
    (key,) = wait(lambda: {"keys": tuple(account.keys("capture/"))}, "keys", ())["keys"]
    assert key.startswith(f"capture/{name}/main/")
    (line,) = account.read(f"s3://{account.bucket}/{key}").splitlines()
    captured = json.loads(line)
    assert captured["captureData"]["endpointInput"] == {
        "observedContentType": "text/csv",
        "mode": "INPUT",
        "data": "1,2",
        "encoding": "CSV",
    }
    assert captured["captureData"]["endpointOutput"]["encoding"] == "BASE64"
    assert captured["eventMetadata"]["inferenceId"] == "abc"
    assert captured["eventVersion"] == "0"


def test_deleted_endpoint_is_gone(account: Account, make_image: ImageMaker) -> None:
    name = unique("endpoint")
    config = configure(account, make_image({"serve": SERVE}), "one")
    account.sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=config)
    settled(account, name)
    account.sagemaker.delete_endpoint(EndpointName=name)
    wait(lambda: {"there": name in names(account)}, "there", True)
    with pytest.raises(ClientError, match="Could not find endpoint"):
        account.sagemaker.describe_endpoint(EndpointName=name)


def names(account: Account) -> list[str]:
    return [item["EndpointName"] for item in account.sagemaker.list_endpoints()["Endpoints"]]


def test_model_data_must_exist(account: Account, make_image: ImageMaker) -> None:
    container = {
        "Image": make_image({"serve": SERVE}),
        "ModelDataUrl": f"s3://{account.bucket}/none/model.tar.gz",
    }
    with pytest.raises(ClientError, match="Could not find model data"):
        account.sagemaker.create_model(
            ModelName=unique("model"), ExecutionRoleArn=account.role, PrimaryContainer=container
        )


def test_configuration_needs_an_existing_model(account: Account) -> None:
    variant = {
        "VariantName": "main",
        "ModelName": "no-model",
        "InstanceType": "ml.m7i.large",
        "InitialInstanceCount": 1,
    }
    with pytest.raises(ClientError, match="Could not find model"):
        account.sagemaker.create_endpoint_config(
            EndpointConfigName=unique("config"), ProductionVariants=[variant]
        )
