"""What hosting tests share: a tiny model server, configurations, endpoints and requests."""

from __future__ import annotations

import io
import json
import os
import tarfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.sandbox.compute.support import Account, unique, wait

SERVE = """
import json, os, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
ML = os.path.join(os.environ["HOME"], "opt/ml/model/model.txt")
class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
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
        if body.startswith(b"sleep"):
            time.sleep(float(body[5:]))
        model = open(ML).read()
        if body == b"leave " + model.encode():
            open(os.environ["HOME"] + "/left", "w").close()
            os._exit(1)
        if model == "broken":
            return self.answer(500, b"out of order")
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
PASSING = ("Creating", "Updating", "RollingBack")


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


def create_model(account: Account, image: str, text: str, **more: Any) -> str:
    """A model whose answers begin with this text; its name."""
    name = unique("model")
    container = {"Image": image, "ModelDataUrl": store_model(account, text)}
    account.sagemaker.create_model(
        ModelName=name, ExecutionRoleArn=account.role, PrimaryContainer=container, **more
    )
    return name


def variant(model: str, name: str = "main", count: int = 1, **more: Any) -> dict[str, Any]:
    """A production variant on instances."""
    place = {"InstanceType": "ml.m5.large", "InitialInstanceCount": count}
    return {"VariantName": name, "ModelName": model, **place, **more}


def configure(
    account: Account, image: str, text: str, count: int = 1, name: str = "main", **more: Any
) -> str:
    """A model and an endpoint configuration of one variant for it; the latter's name."""
    return configuration(
        account, [variant(create_model(account, image, text), name, count)], **more
    )


def configuration(account: Account, variants: list[dict[str, Any]], **more: Any) -> str:
    """An endpoint configuration; its name."""
    name = unique("config")
    account.sagemaker.create_endpoint_config(
        EndpointConfigName=name, ProductionVariants=variants, **more
    )
    return name


def describe(account: Account, name: str) -> dict[str, Any]:
    described: dict[str, Any] = account.sagemaker.describe_endpoint(EndpointName=name)
    return described


def settled(account: Account, name: str) -> dict[str, Any]:
    """The endpoint when nothing is being done to it any more."""
    return wait(lambda: describe(account, name), "EndpointStatus", *PASSING)


Deploy = Callable[[str], str]


@contextmanager
def deploying(account: Account) -> Iterator[Deploy]:
    """Creates endpoints and removes them at the end."""
    made: list[str] = []

    def create(config: str) -> str:
        made.append(unique("endpoint"))
        account.sagemaker.create_endpoint(EndpointName=made[-1], EndpointConfigName=config)
        settled(account, made[-1])
        return made[-1]

    yield create
    for name in made:
        account.sagemaker.delete_endpoint(EndpointName=name)


def invoke(account: Account, name: str, body: bytes = b"x", **more: Any) -> dict[str, Any]:
    runtime = _runtime(os.environ["AWS_ENDPOINT_URL"])
    answer: dict[str, Any] = runtime.invoke_endpoint(
        EndpointName=name, Body=body, ContentType="text/csv", **more
    )
    return answer


@cache
def _runtime(url: str) -> Any:
    """A client that asks once: a test must see each failure."""
    config = Config(retries={"total_max_attempts": 1}, max_pool_connections=32)
    return boto3.client("sagemaker-runtime", endpoint_url=url, config=config)


def answer(account: Account, name: str, body: bytes = b"x", **more: Any) -> str:
    """The model that answered, or the error's code."""
    try:
        text: str = invoke(account, name, body, **more)["Body"].read().decode()
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return text.split(":")[0]


def advance(seconds: float) -> None:
    """Move the sandbox's clock; everything due on the way has happened when this returns."""
    url = os.environ["AWS_ENDPOINT_URL"]
    data = json.dumps({"advance": seconds}).encode()
    with urllib.request.urlopen(f"{url}/_modelyard/clock", data) as response:
        response.read()


class Load:
    """Requests all the time from several clients, every answer kept."""

    def __init__(self, name: str, clients: int = 4) -> None:
        self.answers: list[str] = []
        self.failures: list[str] = []
        self._name, self._stop = name, threading.Event()
        self._threads = [threading.Thread(target=self._ask) for _ in range(clients)]

    def __enter__(self) -> Load:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(30)

    @property
    def count(self) -> int:
        return len(self.answers) + len(self.failures)

    def more(self, number: int) -> None:
        """Wait until so many more requests were answered."""
        wanted = self.count + number
        while self.count < wanted:
            time.sleep(0.01)

    def _ask(self) -> None:
        runtime = _runtime(os.environ["AWS_ENDPOINT_URL"])
        while not self._stop.is_set():
            try:
                response = runtime.invoke_endpoint(EndpointName=self._name, Body=b"x")
                self.answers.append(response["Body"].read().decode().split(":")[0])
            except Exception as error:
                self.failures.append(repr(error))


def total(account: Account, metric: str, statistic: str = "Sum", **dimensions: str) -> float:
    """A metric's statistic over all time."""
    found = account.client("cloudwatch").get_metric_statistics(
        Namespace="AWS/SageMaker",
        MetricName=metric,
        Dimensions=[{"Name": name, "Value": value} for name, value in dimensions.items()],
        StartTime="2020-01-01T00:00:00Z",
        EndTime="2100-01-01T00:00:00Z",
        Period=86400 * 365,
        Statistics=[statistic],
    )
    return float(sum(point[statistic] for point in found["Datapoints"]))


def shadow(model: str, weight: float = 1.0) -> Mapping[str, Any]:
    """A shadow variant that gets this share of the requests."""
    return variant(model, "challenger", InitialVariantWeight=weight)
