"""Kept-open HTTP connections to one local server."""

from __future__ import annotations

import http.client
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

# An invocation may take this long ("InvokeEndpoint").
TIMEOUT = 60
UNANSWERED = (OSError, http.client.HTTPException)


@dataclass(frozen=True)
class Reply:
    """An answer in full."""

    status: int
    headers: Mapping[str, str]  # lower-case names
    body: bytes


class Connections:
    """As many connections as are needed at once, reused while the server keeps them open."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._idle: deque[http.client.HTTPConnection] = deque()

    def request(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: Mapping[str, str] = {},
        timeout: float | None = None,
    ) -> Reply:
        """Ask once; a connection that the server closed while it lay idle is replaced."""
        if timeout is not None:
            return self._ask(self._open(timeout), method, path, body, headers)
        try:
            connection = self._idle.pop()
        except IndexError:
            return self._ask(self._open(), method, path, body, headers)
        try:
            return self._ask(connection, method, path, body, headers)
        except (ConnectionError, http.client.RemoteDisconnected):
            return self._ask(self._open(), method, path, body, headers)

    def close(self) -> None:
        while self._idle:
            self._idle.pop().close()

    def _open(self, timeout: float = TIMEOUT) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self._port, timeout=timeout)

    def _ask(
        self,
        connection: http.client.HTTPConnection,
        method: str,
        path: str,
        body: bytes | None,
        headers: Mapping[str, str],
    ) -> Reply:
        try:
            connection.request(method, path, body, dict(headers))
            response = connection.getresponse()
            content = response.read()
        except BaseException:
            connection.close()
            raise
        if response.will_close or connection.timeout != TIMEOUT:
            connection.close()
        else:
            self._idle.append(connection)
        named = {name.lower(): value for name, value in response.getheaders()}
        return Reply(response.status, named, content)
