"""A transform job: a model server, fed with the records of files, and the files of its answers."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from moto.core.utils import utcnow

from sandbox.compute.connections import UNANSWERED
from sandbox.compute.failures import RunError, shorten
from sandbox.compute.jobs import Job, Outcome
from sandbox.compute.model_server import ModelServer
from sandbox.compute.operations import Scope
from sandbox.compute.transfer import Transfer
from sandbox.compute.transform_limits import Limits, limits_of, variables
from sandbox.compute.transform_records import (
    Processing,
    RecordError,
    answers,
    assembled,
    batches,
    records,
)


class TransformJob(Job):
    """One transform job."""

    noun = "Transform"

    def __init__(self, scope: Scope, parameters: Mapping[str, Any]) -> None:
        super().__init__(scope, parameters)
        data = parameters["TransformInput"]
        self._source = data["DataSource"]["S3DataSource"]
        self._split = data.get("SplitType", "None")
        self._output = parameters["TransformOutput"]
        given = parameters.get("DataProcessing") or {}
        self._processing = Processing(
            data.get("ContentType", ""),
            given.get("InputFilter", "$"),
            given.get("JoinSource", "None") == "Input",
            given.get("OutputFilter", "$"),
        )
        self._headers = {"Content-Type": data.get("ContentType", "")}
        self._headers |= {"Accept": self._output["Accept"]} if "Accept" in self._output else {}

    def interrupt(self) -> None:
        """The next request is not made."""

    def work(self) -> Outcome:
        server = ModelServer(
            self.scope,
            self.parameters["ModelName"],
            f"transform job {self.name}",
            ("/aws/sagemaker/TransformJobs", self.name),
            variables=variables(self.parameters),
        )
        transfer = Transfer(self.scope.client("s3", server.role))
        inputs, outputs = self.root / "input", self.root / "output"
        transfer.pull(
            self._source["S3Uri"],
            inputs,
            self._source["S3DataType"],
            self.parameters["TransformInput"].get("CompressionType") == "Gzip",
        )
        try:
            server.start()
            self.start_time = utcnow()
            failure = self._transform(server, inputs, outputs)
        finally:
            server.stop()
        if self.stopping.is_set():
            return Outcome("Stopped")  # "doesn't store the job's output" ("StopTransformJob")
        if outputs.is_dir():
            transfer.push(outputs, self._output["S3OutputPath"], self._output.get("KmsKeyId"))
        return Outcome("Failed", failure) if failure else Outcome("Completed")

    def describe(self) -> dict[str, Any]:
        requested = {name: value for name, value in self.parameters.items() if name != "Tags"}
        state = {
            "TransformJobArn": self.arn,
            "TransformJobStatus": self.status,
            "CreationTime": self.creation_time,
            "TransformStartTime": self.start_time,
            "TransformEndTime": self.end_time,
            "FailureReason": self.failure_reason,
        }
        return requested | {name: value for name, value in state.items() if value is not None}

    def summary(self) -> dict[str, Any]:
        shown = [f"TransformJob{name}" for name in ("Name", "Arn", "Status")]
        shown += ["CreationTime", "TransformEndTime", "FailureReason"]
        described = self.describe()
        found = {name: described[name] for name in shown if name in described}
        return found | {"LastModifiedTime": self.last_modified_time}

    def _transform(self, server: ModelServer, inputs: Path, outputs: Path) -> str | None:
        """Transform file after file; a file that fails does not keep the others from success."""
        limits = limits_of(server, self.parameters)
        failures = []
        for file in sorted(path for path in inputs.rglob("*") if path.is_file()):
            if self.stopping.is_set():
                return None
            name = file.relative_to(inputs).as_posix()
            try:
                data = self._file(server, limits, file.read_bytes())
            except (RunError, RecordError) as error:
                failures.append(f"{name}: {error}")
                continue
            target = outputs / f"{name}.out"
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
        return shorten(f"AlgorithmError: {'; '.join(failures)}") if failures else None

    def _file(self, server: ModelServer, limits: Limits, data: bytes) -> bytes:
        whole = records(data, self._split)
        asked = [self._processing.asked(record) for record in whole]
        grouped = list(batches(asked, limits.single or self._split == "None", limits.largest))
        with ThreadPoolExecutor(limits.concurrent) as pool:
            replies = list(pool.map(lambda batch: self._ask(server, limits, batch), grouped))
        lines = self._output.get("AssembleWith", "None") == "Line"
        if not self._processing.active:
            return assembled(replies, lines)
        given = [
            answer
            for batch, reply in zip(grouped, replies, strict=True)
            for answer in answers(batch, reply)
        ]
        pairs = zip(whole, given, strict=True)
        return assembled((self._processing.stored(*pair) for pair in pairs), lines)

    def _ask(self, server: ModelServer, limits: Limits, batch: list[bytes]) -> bytes:
        """One request, repeated as often as the job allows."""
        said = "stopped"
        for _ in range(1 + limits.retries):
            if self.stopping.is_set():
                break
            try:
                reply = server.connections.request(
                    "POST", "/invocations", b"\n".join(batch), self._headers, limits.timeout
                )
            except UNANSWERED as error:
                said = f"no answer: {error}"
                continue
            if reply.status < 300:
                return reply.body
            said = (
                f"Bad HTTP status returned from invoke: {reply.status}: "
                + (reply.body.decode("utf-8", "replace")[:200])
            )
            if reply.status < 500:
                break
        raise RunError(said)
