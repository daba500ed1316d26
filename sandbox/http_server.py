"""A threaded HTTP/1.1 server for one WSGI application: keep-alive, loopback only."""

from __future__ import annotations

import io
import socket
import sys
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any, TypeAlias

from moto.moto_server.werkzeug_app import MotoRequestHandler
from werkzeug.serving import ThreadedWSGIServer

Application: TypeAlias = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

WITHOUT_BODY = {HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED}


class KeepAliveHandler(MotoRequestHandler):
    """Werkzeug closes every connection, because it cannot tell where a body ends that the
    application left unread. Here each body is read before the application runs."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def run_wsgi(self) -> None:
        self.environ = environ = self.make_environ()
        body = _read_body(environ)
        environ["wsgi.input"] = io.BytesIO(body)
        environ["CONTENT_LENGTH"] = str(len(body))
        environ.pop("HTTP_TRANSFER_ENCODING", None)
        started: dict[str, Any] = {}

        def start_response(
            status: str, headers: list[tuple[str, str]], exc_info: Any = None
        ) -> Callable[[bytes], None]:
            started.update(status=status, headers=headers)
            return lambda data: None

        chunks = self.server.app(environ, start_response)
        try:
            content = b"".join(chunks)
        finally:
            if hasattr(chunks, "close"):
                chunks.close()
        self._answer(started["status"], started["headers"], content)

    def _answer(self, status: str, headers: list[tuple[str, str]], content: bytes) -> None:
        code, _, reason = status.partition(" ")
        self.send_response_only(int(code), reason)
        names = set()
        for name, value in headers:
            if name.lower() in ("connection", "transfer-encoding"):
                continue
            if name.lower() == "content-length" and self.command != "HEAD":
                continue
            self.send_header(name, value)
            names.add(name.lower())
        if "date" not in names:
            self.send_header("Date", self.date_time_string())
        if "content-length" not in names and int(code) not in WITHOUT_BODY:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)
        self.wfile.flush()

    def handle_expect_100(self) -> bool:
        self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        self.wfile.flush()
        return True

    def log(self, type: str, message: str, *args: Any) -> None:
        """Requests are kept in the audit trail, not on the terminal."""


class LoopbackServer(ThreadedWSGIServer):
    """Serves one application on 127.0.0.1, a daemon thread per connection."""

    request_queue_size = 512
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False

    app: Application

    def __init__(self, port: int) -> None:
        super().__init__("127.0.0.1", port, None, handler=KeepAliveHandler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            super().handle_error(request, client_address)


def port_is_taken(port: int) -> bool:
    """Whether another server listens on this loopback port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


def _read_body(environ: dict[str, Any]) -> bytes:
    if environ.get("wsgi.input_terminated"):
        return bytes(environ["wsgi.input"].read())
    length = int(environ.get("CONTENT_LENGTH") or 0)
    return bytes(environ["wsgi.input"].read(length)) if length else b""
