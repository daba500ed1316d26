"""The load generator counts only complete answers, and an error answer ends it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from bench import load

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def answering(status: str) -> Handler:
    """A connection handler that answers each request with one status."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.readline():
            while (await reader.readline()).strip():
                continue
            await reader.readexactly(2)
            writer.write(f"HTTP/1.1 {status}\r\nContent-Length: 2\r\n\r\nok".encode())
        writer.close()

    return handle


async def loaded(status: str) -> dict[str, float]:
    server = await asyncio.start_server(answering(status), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        return await load.run(f"http://127.0.0.1:{port}/", b"{}", 2, 0.2)


def test_complete_answers_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load, "WARM_UP_S", 0.0)
    figures = asyncio.run(loaded("200 OK"))
    assert figures["requests_per_s"] > 0
    assert figures["p50_ms"] <= figures["p99_ms"]


def test_an_error_answer_ends_the_measurement(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load, "WARM_UP_S", 0.0)
    with pytest.raises(load.UnexpectedStatusError, match="500"):
        asyncio.run(loaded("500 Internal Server Error"))
