"""The model server that SageMaker runs as `serve`: GET /ping and POST /invocations.

A bare ASGI application: two routes need no framework, and one costs half the throughput. Every
answer carries its passport, the model package and the inference id, in body and header.
"""

import asyncio
import gc
import json
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from modelyard.capture_log import CaptureLog, Inference
from modelyard.data import DataError
from modelyard.errors import ModelyardError
from modelyard.explain import ExplanationError
from modelyard.inference_id import made
from modelyard.model import Model
from modelyard.r import server as r_server
from modelyard.requests import PARSERS
from modelyard.scoring import Scored, Scoring

# What InvokeEndpoint accepts ("Amazon SageMaker Runtime: InvokeEndpoint", Body).
MAX_BODY_BYTES = 25 * 1024 * 1024
# Larger bodies are scored beside the event loop, so that health checks and single rows go on.
_ASIDE_BYTES = 128 * 1024
# SageMaker kills a container 30 s after it asked it to end ("Use Your Own Inference Code").
DRAIN_S = 25
_COLLECT_EVERY = 10_000
_ATTRIBUTES = "x-amzn-sagemaker-custom-attributes"
_INFERENCE_ID = "x-amzn-sagemaker-inference-id"
_JSON = (b"content-type", b"application/json")

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class RefusalError(Exception):
    """A request that cannot be answered, with its HTTP status."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


class Server:
    """The ASGI application around one loaded model."""

    def __init__(
        self, model: Model, model_package: str | None, capture: CaptureLog | None = None
    ) -> None:
        self._scoring = Scoring(model)
        self._capture = capture
        self._aside = ThreadPoolExecutor(1, "large-requests")
        self.package = model_package or unregistered(model)
        self._version = self.package.rpartition("model-package/")[2]
        self._until_collection = _COLLECT_EVERY

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers: list[tuple[bytes, bytes]] = [_JSON]
        try:
            route = (scope["method"], scope["path"])
            if route == ("GET", "/ping"):
                status, body = 200, b"{}"
            elif route == ("POST", "/invocations"):
                status, body = 200, await self._invoke(scope, receive, headers)
            elif scope["path"] in ("/ping", "/invocations"):
                raise RefusalError(405, f"{scope['path']} does not answer {scope['method']}")
            else:
                raise RefusalError(404, "only /ping and /invocations are here")
        except RefusalError as refusal:
            status, body = refusal.status, _dumps({"error": str(refusal)})
        except DataError as error:
            status, body = 400, _dumps({"error": str(error)})
        headers.append((b"content-length", str(len(body)).encode()))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})
        self._collect_sometimes()

    async def _invoke(
        self, scope: Scope, receive: Receive, response: list[tuple[bytes, bytes]]
    ) -> bytes:
        headers = {
            name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]
        }
        inference_id = _stated_id(headers) or made(self.package, datetime.now(UTC))
        passport = f"model_package={self._version};inference_id={inference_id}"
        response.append((_ATTRIBUTES.encode(), passport.encode("latin-1")))
        content_type = headers.get("content-type", "").partition(";")[0].strip().lower()
        if content_type not in PARSERS:
            known = " or ".join(PARSERS)
            raise RefusalError(415, f"content type '{content_type}' is not known; send {known}")
        request = await _body(headers, receive)
        if len(request) > _ASIDE_BYTES:
            loop = asyncio.get_running_loop()
            scored = await loop.run_in_executor(self._aside, self._score, content_type, request)
        else:
            scored = self._score(content_type, request)
        document = {
            "predictions": scored.predictions,
            "model_package": self.package,
            "inference_id": inference_id,
        }
        if scored.explanations is not None:
            document["explanations"] = scored.explanations
        answer = _dumps(document)
        if self._capture is not None:
            self._capture.write(Inference(content_type, request, answer, inference_id))
        return answer

    def _score(self, content_type: str, body: bytes) -> Scored:
        asked = PARSERS[content_type](body)
        try:
            if asked.explain:
                return self._scoring.explain(asked.rows)
            return self._scoring.score(asked.rows)
        except ExplanationError as error:
            raise RefusalError(400, str(error)) from None
        except ValueError as error:
            reason = str(error).partition("\n")[0]
            raise RefusalError(400, f"the model cannot score these rows: {reason}") from None

    def _collect_sometimes(self) -> None:
        """The collector's pauses are the tail of the latency, so it runs here and nowhere else."""
        self._until_collection -= 1
        if self._until_collection == 0:
            self._until_collection = _COLLECT_EVERY
            gc.collect()


def _dumps(document: Any) -> bytes:
    try:
        text = json.dumps(document, ensure_ascii=False, allow_nan=False)
        # JSON can name half a character; UTF-8 cannot.
        return text.encode("utf-8", "replace")
    except ValueError:
        raise RefusalError(400, "a number is too large for this model") from None


def _stated_id(headers: Mapping[str, str]) -> str:
    """The caller's own id of this inference, by either header; empty where there is none."""
    stated = headers.get(_INFERENCE_ID)
    if stated is None:
        attributes = headers.get(_ATTRIBUTES, "").split(";")
        named = [part.strip() for part in attributes if part.strip().startswith("inference_id=")]
        stated = named[0].removeprefix("inference_id=") if named else None
    if not stated:
        return ""
    if len(stated) > 64 or not stated.isascii() or not stated.isprintable() or ";" in stated:
        raise RefusalError(400, "the inference id must be up to 64 ASCII characters without ';'")
    return stated


async def _body(headers: Mapping[str, str], receive: Receive) -> bytes:
    length = headers.get("content-length", "0")
    if length.isdigit() and int(length) > MAX_BODY_BYTES:
        raise _too_large()
    parts: list[bytes] = []
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise RefusalError(400, "the client went away")
        part = message.get("body", b"")
        size += len(part)
        if size > MAX_BODY_BYTES:
            raise _too_large()
        parts.append(part)
        more = message.get("more_body", False)
    return b"".join(parts)


def _too_large() -> RefusalError:
    return RefusalError(413, f"the body is over {MAX_BODY_BYTES} bytes; send fewer rows at once")


def load(port: str) -> Server:
    """The application for the model in SM_MODEL_DIR, ready to answer its first request.

    Does not return for a model in R, which R serves in this process's place.
    """
    model = Model.load(Path(os.environ.get("SM_MODEL_DIR", "/opt/ml/model")))
    door = os.environ.get("MODELYARD_CAPTURE", "")
    if door not in ("", "endpoint", "log"):
        raise ModelyardError(f"MODELYARD_CAPTURE is '{door}'; it must be 'endpoint' or 'log'")
    package = os.environ.get("MODELYARD_MODEL_PACKAGE") or unregistered(model)
    if r_server.serves(model):
        r_server.replace_process(model, port, package, door)
    if model.scorer is None:
        _ = model.estimator
    return Server(model, package, CaptureLog(sys.stdout.buffer) if door == "log" else None)


def unregistered(model: Model) -> str:
    """What stands for the package of a model that no registry knows."""
    return f"unregistered/{model.sha256[:12]}"


def main() -> None:
    """Serves until it is told to stop; a model that cannot be loaded is one line and exit 1."""
    import uvicorn

    port = os.environ.get("SAGEMAKER_BIND_TO_PORT", "8080")
    if not port.isdigit():
        sys.exit(f"error: SAGEMAKER_BIND_TO_PORT is '{port}'; it must be a number")
    try:
        server = load(port)
    except ModelyardError as error:
        sys.exit(f"error: {error}")
    gc.collect()
    gc.freeze()
    gc.disable()
    # uvicorn finishes what it is answering, then raises the signal again: that is a clean end.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    signal.signal(signal.SIGINT, lambda *_: sys.exit(0))
    print(f"serving {server.package} on port {port}", flush=True)
    uvicorn.run(
        server,
        host="0.0.0.0",  # SageMaker asks from outside the container.
        port=int(port),
        lifespan="off",
        access_log=False,
        log_level="warning",
        server_header=False,
        date_header=False,
        timeout_graceful_shutdown=DRAIN_S,
    )


if __name__ == "__main__":
    main()
