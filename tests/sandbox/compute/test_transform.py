"""Transform jobs run the model over files, in requests of the size they are given."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox.compute.record_path import PathError, select
from tests.sandbox.compute.hosting import create_model
from tests.sandbox.compute.support import Account, ImageMaker, unique, wait

# Answers each line with the number of lines it came with and its own text reversed.
SERVE = """
import json, os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    def answer(self, status, body):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def do_GET(self):
        if self.path == "/execution-parameters":
            return self.answer(200, json.dumps(WANTED).encode())
        self.answer(200, b"")
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        if "bad" in body:
            return self.answer(400, b"row 1: no such column")
        if self.headers["Content-Type"] == "application/jsonlines":
            rows = [json.dumps({"score": len(json.loads(line))}) for line in body.splitlines()]
            return self.answer(200, "\\n".join(rows).encode())
        lines = body.splitlines()
        self.answer(200, "\\n".join("%d:%s" % (len(lines), x[::-1]) for x in lines).encode())
    def log_message(self, *a):
        pass
WANTED = {}
assert os.environ["SAGEMAKER_BATCH"] == "true"
address = ("127.0.0.1", int(os.environ["SAGEMAKER_BIND_TO_PORT"]))
ThreadingHTTPServer(address, Handler).serve_forever()
"""
RESOURCES = {"InstanceType": "ml.m5.large", "InstanceCount": 1}
CSV_LINES = {"ContentType": "text/csv", "SplitType": "Line"}

Transform = Callable[..., dict[str, Any]]


@pytest.fixture
def model(account: Account, make_image: ImageMaker) -> str:
    return create_model(account, make_image({"serve": SERVE}), "one")


@pytest.fixture
def transform(account: Account, model: str) -> Transform:
    """Runs a transform job over these files to its end; its description."""

    def run(files: dict[str, str], **more: Any) -> dict[str, Any]:
        name = unique("transform")
        for key, text in files.items():
            account.put(f"{name}/in/{key}", text)
        data = more.pop("data", CSV_LINES)
        source = {"S3DataType": "S3Prefix", "S3Uri": f"s3://{account.bucket}/{name}/in/"}
        output = {"S3OutputPath": f"s3://{account.bucket}/{name}/out", **more.pop("output", {})}
        account.sagemaker.create_transform_job(
            TransformJobName=name,
            ModelName=more.pop("model", model),
            TransformInput={"DataSource": {"S3DataSource": source}, **data},
            TransformOutput=output,
            TransformResources=RESOURCES,
            **more,
        )
        return wait(
            lambda: account.sagemaker.describe_transform_job(TransformJobName=name),
            "TransformJobStatus",
            "InProgress",
            "Stopping",
        )

    return run


def outputs(account: Account, job: dict[str, Any]) -> dict[str, str]:
    prefix = f"{job['TransformJobName']}/out/"
    return {
        key.removeprefix(prefix): account.read(f"s3://{account.bucket}/{key}").decode()
        for key in account.keys(prefix)
    }


def test_lines_travel_together_and_each_file_has_its_answers(
    account: Account, transform: Transform
) -> None:
    job = transform({"a.csv": "12\n34\n", "deep/b.csv": "56\n"}, BatchStrategy="MultiRecord")
    assert job["TransformJobStatus"] == "Completed", job
    assert outputs(account, job) == {"a.csv.out": "2:21\n2:43", "deep/b.csv.out": "1:65"}


def test_single_records_are_assembled_in_order(account: Account, transform: Transform) -> None:
    lines = "".join(f"{number}\n" for number in range(10, 40))
    job = transform(
        {"a.csv": lines},
        BatchStrategy="SingleRecord",
        MaxConcurrentTransforms=8,
        output={"AssembleWith": "Line"},
    )
    found = outputs(account, job)["a.csv.out"]
    assert found == "".join(f"1:{str(number)[::-1]}\n" for number in range(10, 40))


@pytest.mark.slow
def test_file_that_is_not_split_is_one_request(account: Account, transform: Transform) -> None:
    job = transform({"a.csv": "12\n34"}, data={"ContentType": "text/csv"})
    assert outputs(account, job) == {"a.csv.out": "2:21\n2:43"}


@pytest.mark.slow
def test_container_says_how_it_wants_its_requests(
    account: Account, make_image: ImageMaker, transform: Transform
) -> None:
    wanting = SERVE.replace("WANTED = {}", 'WANTED = {"BatchStrategy": "SINGLE_RECORD"}')
    model = create_model(account, make_image({"serve": wanting}), "one")
    job = transform({"a.csv": "12\n34"}, model=model, output={"AssembleWith": "Line"})
    assert outputs(account, job) == {"a.csv.out": "1:21\n1:43\n"}


def test_file_that_fails_fails_the_job_but_not_the_other_files(
    account: Account, transform: Transform
) -> None:
    job = transform({"a.csv": "bad\n", "b.csv": "12\n"})
    assert job["TransformJobStatus"] == "Failed"
    assert job["FailureReason"] == (
        "AlgorithmError: a.csv: Bad HTTP status returned from invoke: 400: row 1: no such column"
    )
    assert outputs(account, job) == {"b.csv.out": "1:21"}


@pytest.mark.slow
def test_record_that_is_too_large_fails(account: Account, transform: Transform) -> None:
    job = transform({"a.csv": "x" * (1024 * 1024 + 1)}, MaxPayloadInMB=1)
    assert "larger than MaxPayloadInMB (1 MB) allows" in job["FailureReason"]


def test_answers_are_joined_to_csv_rows(account: Account, transform: Transform) -> None:
    job = transform(
        {"a.csv": "id1,12\nid2,34\n"},
        output={"Accept": "text/csv", "AssembleWith": "Line"},
        DataProcessing={"InputFilter": "$[1:]", "JoinSource": "Input", "OutputFilter": "$[0,-1]"},
    )
    assert outputs(account, job) == {"a.csv.out": "id1,2:21\nid2,2:43\n"}


@pytest.mark.slow
def test_answers_are_joined_to_json_objects(account: Account, transform: Transform) -> None:
    kind = "application/jsonlines"
    job = transform(
        {"a.jsonl": '{"id": 7, "features": [1, 2, 3]}\n{"id": 8, "features": []}\n'},
        data={"ContentType": kind, "SplitType": "Line"},
        output={"Accept": kind, "AssembleWith": "Line"},
        DataProcessing={
            "InputFilter": "$.features",
            "JoinSource": "Input",
            "OutputFilter": "$['id','SageMakerOutput']",
        },
    )
    lines = outputs(account, job)["a.jsonl.out"].splitlines()
    assert [json.loads(line) for line in lines] == [
        {"id": 7, "SageMakerOutput": {"score": 3}},
        {"id": 8, "SageMakerOutput": {"score": 0}},
    ]


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"MaxPayloadInMB": 101}, "must not be larger than 100"),
        ({"MaxPayloadInMB": 20, "MaxConcurrentTransforms": 6}, "larger than 100 MB"),
        ({"data": {"ContentType": "text/csv"}, "BatchStrategy": "MultiRecord"}, "needs SplitType"),
        ({"DataProcessing": {"JoinSource": "Input"}}, "ContentType and Accept to be the same"),
        (
            {"DataProcessing": {"InputFilter": "$[1:]"}, "output": {"Accept": "text/csv"}},
            "needs SplitType Line and AssembleWith Line",
        ),
        ({"model": "nobody"}, "Could not find model"),
    ],
)
def test_what_aws_refuses_is_refused(
    transform: Transform, more: dict[str, Any], reason: str
) -> None:
    with pytest.raises(ClientError, match=reason):
        transform({}, **more)


@pytest.mark.slow
def test_stopped_job_stores_nothing(account: Account, model: str) -> None:
    name = unique("transform")
    account.put(f"{name}/in/a.csv", "12\n" * 20000)
    source = {"S3DataType": "S3Prefix", "S3Uri": f"s3://{account.bucket}/{name}/in/"}
    account.sagemaker.create_transform_job(
        TransformJobName=name,
        ModelName=model,
        BatchStrategy="SingleRecord",
        TransformInput={"DataSource": {"S3DataSource": source}, **CSV_LINES},
        TransformOutput={"S3OutputPath": f"s3://{account.bucket}/{name}/out"},
        TransformResources=RESOURCES,
    )
    account.sagemaker.stop_transform_job(TransformJobName=name)
    described = wait(
        lambda: account.sagemaker.describe_transform_job(TransformJobName=name),
        "TransformJobStatus",
        "InProgress",
        "Stopping",
    )
    assert described["TransformJobStatus"] == "Stopped"
    assert account.keys(f"{name}/out") == []


def test_transform_step_runs_in_a_pipeline(account: Account, model: str) -> None:
    name = unique("batch")
    account.put(f"{name}/in/a.csv", "12\n")
    source = {"S3DataType": "S3Prefix", "S3Uri": f"s3://{account.bucket}/{name}/in/"}
    arguments = {
        "ModelName": model,
        "TransformInput": {"DataSource": {"S3DataSource": source}, **CSV_LINES},
        "TransformOutput": {"S3OutputPath": f"s3://{account.bucket}/{name}/out"},
        "TransformResources": RESOURCES,
    }
    step = {"Name": "Score", "Type": "Transform", "Arguments": arguments}
    document = {"Version": "2020-12-01", "Steps": [step]}
    sagemaker = account.sagemaker
    sagemaker.create_pipeline(
        PipelineName=name,
        PipelineDefinition=json.dumps(document),
        RoleArn=account.role,
        ClientRequestToken=unique("token-of-some-length-that-aws-asks-for"),
    )
    arn = sagemaker.start_pipeline_execution(PipelineName=name)["PipelineExecutionArn"]
    wait(
        lambda: sagemaker.describe_pipeline_execution(PipelineExecutionArn=arn),
        "PipelineExecutionStatus",
        "Executing",
    )
    [done] = sagemaker.list_pipeline_execution_steps(PipelineExecutionArn=arn)[
        "PipelineExecutionSteps"
    ]
    assert done["StepStatus"] == "Succeeded", done
    assert done["Metadata"]["TransformJob"]["Arn"].split("/")[0].endswith("transform-job")
    assert outputs(account, {"TransformJobName": name}) == {"a.csv.out": "1:21"}


@pytest.mark.parametrize(
    ("path", "record", "part"),
    [
        ("$", [1, 2], [1, 2]),
        ("$[1]", [1, 2], 2),
        ("$[-1]", [1, 2], 2),
        ("$[0,2]", [1, 2, 3], [1, 3]),
        ("$[0,2:]", [1, 2, 3, 4], [1, 3, 4]),
        ("$[1:]", [1, 2, 3], [2, 3]),
        ("$.a.b", {"a": {"b": 1}}, 1),
        ("$['a','b']", {"a": 1, "b": 2, "c": 3}, {"a": 1, "b": 2}),
    ],
)
def test_paths_select_parts_of_records(path: str, record: Any, part: Any) -> None:
    assert select(path, record) == part


@pytest.mark.parametrize("path", ["$[1:3]", "$..a", "$.a[?(@.b)]"])
def test_paths_that_are_not_supported_say_so(path: str) -> None:
    with pytest.raises(PathError, match="not supported"):
        select(path, {"a": [1, 2, 3]})
