"""Lambda functions run from their real zip, each invocation in a process of its own."""

from __future__ import annotations

import io
import json
import logging
import os
import shutil
import sys
import threading
import time
import uuid
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sandbox import function_bootstrap
from sandbox.concurrency import Concurrency, ThrottledError
from sandbox.function_destinations import SERVICE, asynchronous_settings, report
from sandbox.function_logs import write_logs
from sandbox.function_outcome import Outcome, error_document, outcome_of
from sandbox.trust import TrustError
from sandbox.under_way import UnderWay

if TYPE_CHECKING:
    from sandbox.runtime import Sandbox

log = logging.getLogger(__name__)

BOOTSTRAP = Path(function_bootstrap.__file__)
AT_ONCE = 8
# AWS waits one and two minutes before it tries an asynchronous event again.
RETRY_AFTER = (1.0, 2.0)


class Functions:
    """Runs the functions moto stores."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._place = sandbox.data / "functions"
        self._unpacking = threading.Lock()
        self._room = threading.BoundedSemaphore(AT_ONCE)
        self._concurrency = Concurrency()
        self._under_way = UnderWay()
        sandbox.clock.wait_for(self._under_way.busy)

    def find(self, arn: str) -> Any:
        """moto's function with this ARN."""
        from moto.awslambda.models import lambda_backends

        region, account = arn.split(":")[3:5]
        return lambda_backends[account][region].get_function(":".join(arn.split(":")[:7]))

    def invoke_later(self, arn: str, text: str) -> None:
        """Invoke asynchronously: failures are retried, then sent where the function says."""
        function = self.find(arn)
        event = json.loads(text)
        self._under_way.begin()
        self._sandbox.submit(self._persist, function, event)

    def invoke(self, function: Any, event: Any, waits: bool = False) -> Outcome:
        """Run the function's handler once; ThrottledError when its reserved concurrency is used
        up and the caller does not wait."""
        request = str(uuid.uuid4())
        place = self._place / "invocations" / request
        place.mkdir(parents=True)
        try:
            with self._concurrency.slot(function, waits) as running, self._room:
                self._count(function, "ConcurrentExecutions", running, "Count")
                return self._run(function, event, request, place)
        finally:
            shutil.rmtree(place, ignore_errors=True)

    def _run(self, function: Any, event: Any, request: str, place: Path) -> Outcome:
        stream = f"{datetime.now(UTC):%Y/%m/%d}/[$LATEST]{request.replace('-', '')}"
        try:
            environment = self._environment(function, stream)
        except TrustError as error:
            message = f"The role defined for the function cannot be assumed by Lambda. {error}"
            return Outcome(error_document("AccessDeniedException", message, request), True, message)
        code = self._unpacked(function)
        timeout = float(function.timeout)
        (place / "request.json").write_text(
            json.dumps(
                {
                    "id": request,
                    "arn": function.function_arn,
                    "event": event,
                    "deadline": time.time() + timeout,
                }
            )
        )
        began = time.monotonic()
        process = self._sandbox.processes.start(
            [sys.executable, "-P", str(BOOTSTRAP), str(place)],
            {**environment, "PYTHONPATH": str(code), "LAMBDA_TASK_ROOT": str(code)},
            code,
            place / "log",
        )
        status = process.wait(timeout)
        if status is None:
            process.terminate()
        outcome = outcome_of(place, status, request, timeout)
        seconds = time.monotonic() - began
        write_logs(self._sandbox, function, stream, request, outcome.log, seconds)
        self._count(function, "Invocations", 1, "Count")
        self._count(function, "Errors", outcome.failed, "Count")
        self._count(function, "Duration", seconds * 1000, "Milliseconds")
        return outcome

    def _count(self, function: Any, name: str, value: float, unit: str) -> None:
        self._sandbox.metrics.put(
            function.account_id,
            function.region,
            "AWS/Lambda",
            name,
            float(value),
            unit,
            {"FunctionName": function.function_name},
        )

    def _environment(self, function: Any, stream: str) -> dict[str, str]:
        sandbox = self._sandbox
        credentials = sandbox.credentials(function.role, function.function_name, SERVICE)
        return {
            "PATH": os.environ.get("PATH", ""),
            "LANG": "C.UTF-8",
            "TZ": "UTC",
            "PYTHONUNBUFFERED": "1",
            "NO_PROXY": "127.0.0.1",
            **{name: str(value) for name, value in function.environment_vars.items()},
            "_HANDLER": function.handler,
            "AWS_LAMBDA_FUNCTION_NAME": function.function_name,
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_size),
            "AWS_LAMBDA_LOG_GROUP_NAME": function.logs_group_name,
            "AWS_LAMBDA_LOG_STREAM_NAME": stream,
            "AWS_REGION": function.region,
            "AWS_DEFAULT_REGION": function.region,
            "AWS_ACCESS_KEY_ID": credentials.access_key,
            "AWS_SECRET_ACCESS_KEY": credentials.secret_key,
            "AWS_SESSION_TOKEN": credentials.token,
            "AWS_ENDPOINT_URL": sandbox.endpoint_url,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def _unpacked(self, function: Any) -> Path:
        """The function's code, unzipped once per content."""
        place = self._place / str(function.code_digest).replace("sha256:", "")[:32]
        with self._unpacking:
            if not place.is_dir():
                half = place.with_suffix(".new")
                shutil.rmtree(half, ignore_errors=True)
                with zipfile.ZipFile(io.BytesIO(function.code_bytes)) as archive:
                    archive.extractall(half)
                half.rename(place)
        return place

    def _persist(self, function: Any, event: Any) -> None:
        try:
            self._attempt(function, event)
        finally:
            self._under_way.end()

    def _attempt(self, function: Any, event: Any) -> None:
        settings = asynchronous_settings(function)
        retries = int(settings.get("MaximumRetryAttempts", len(RETRY_AFTER)))
        outcome = self._once(function, event)
        for pause in RETRY_AFTER[:retries]:
            if not outcome.failed:
                break
            log.warning("%s failed: %s", function.function_name, outcome.payload)
            time.sleep(pause)
            outcome = self._once(function, event)
        report(self._sandbox, function, event, outcome.payload, outcome.failed)

    def _once(self, function: Any, event: Any) -> Outcome:
        try:
            return self.invoke(function, event, waits=True)
        except ThrottledError as error:
            return Outcome(
                error_document("TooManyRequestsException", str(error), ""), True, str(error)
            )
