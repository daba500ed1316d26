"""Endpoints serve from a real process, are replaced without a gap, and capture what passes."""

from __future__ import annotations

import io
import json
import tarfile
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.sandbox.compute.support import Account, ImageMaker, unique, wait

SERVE = """
import json, os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
ML = os.path.join(os.environ["HOME"], "opt/ml/model/model.txt")
class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def answer(self, status, body, **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def do_GET(self):
        self.answer(200, b"")
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if body == b"die":
            os._exit(1)
        if body == b"bad":
            return self.answer(400, b"no such column")
        model = open(ML).read()
        attributes = "model=%s;id=%s" % (model, self.headers.get("X-Amzn-SageMaker-Inference-Id"))
        self.answer(200, model.encode() + b":" + body, Content_Type="text/plain",
                    X_Amzn_SageMaker_Custom_Attributes=attributes)
    def log_message(self, *a):
        pass
print("serving", flush=True)
address = ("127.0.0.1", int(os.environ["SAGEMAKER_BIND_TO_PORT"]))
ThreadingHTTPServer(address, Handler).serve_forever()
"""
BROKEN = "raise RuntimeError('no model file')"
CREATING, UPDATING = "Creating", "Updating"


def store_model(account: Account, text: str) -> str:
    """A model.tar.gz with one file; its URI."""
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz") as archive:
        entry = tarfile.TarInfo("model.txt")
        entry.size = len(text)
        archive.addfile(entry, io.BytesIO(text.encode()))
    key = f"{unique('model')}/model.tar.gz"
    account.client("s3").put_object(Bucket=account.bucket, Key=key, Body=content.getvalue())
    return f"s3://{account.bucket}/{key}"


def configure(account: Account, image: str, text: str, **more: Any) -> str:
    """A model and an endpoint configuration for it; the latter's name."""
    name = unique("config")
    container = {"Image": image, "ModelDataUrl": store_model(account, text)}
    account.sagemaker.create_model(
        ModelName=name, ExecutionRoleArn=account.role, PrimaryContainer=container
    )
    variant = {
        "VariantName": "main",
        "ModelName": name,
        "InstanceType": "ml.m5.large",
        "InitialInstanceCount": 1,
    }
    account.sagemaker.create_endpoint_config(
        EndpointConfigName=name, ProductionVariants=[variant], **more
    )
    return name


def settled(account: Account, name: str) -> dict[str, Any]:
    return wait(
        lambda: account.sagemaker.describe_endpoint(EndpointName=name),
        "EndpointStatus",
        CREATING,
        UPDATING,
    )


Deploy = Callable[[str], str]


@pytest.fixture
def deploy(account: Account) -> Any:
    """Creates endpoints and removes them after the test."""
    made: list[str] = []

    def create(config: str) -> str:
        made.append(unique("endpoint"))
        account.sagemaker.create_endpoint(EndpointName=made[-1], EndpointConfigName=config)
        settled(account, made[-1])
        return made[-1]

    yield create
    for name in made:
        account.sagemaker.delete_endpoint(EndpointName=name)


def invoke(account: Account, name: str, body: bytes, **more: Any) -> dict[str, Any]:
    runtime = account.client("sagemaker-runtime")
    answer: dict[str, Any] = runtime.invoke_endpoint(
        EndpointName=name, Body=body, ContentType="text/csv", **more
    )
    return answer


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
