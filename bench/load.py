"""A load generator for one endpoint: `python -m bench.load URL BODY CONNECTIONS SECONDS`.

Speaks HTTP/1.1 over kept-alive connections and sends the next request when the answer is complete
(a closed loop, like wrk). Prints JSON: requests per second and latencies in milliseconds.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from urllib.parse import urlsplit

WARM_UP_S = 2.0


class UnexpectedStatusError(Exception):
    """The endpoint answered with something else than 200."""


async def read_answer(reader: asyncio.StreamReader) -> None:
    """Read one response with Content-Length."""
    head = await reader.readuntil(b"\r\n\r\n")
    status = head.split(b" ", 2)[1]
    length = next(
        int(line.split(b":")[1])
        for line in head.split(b"\r\n")
        if line.lower().startswith(b"content-length:")
    )
    body = await reader.readexactly(length)
    if status != b"200":
        raise UnexpectedStatusError(f"{status.decode()}: {body[:200].decode()}")


async def one_connection(
    host: str, port: int, request: bytes, begin: float, end: float
) -> list[float]:
    """Latencies in seconds of the requests sent between begin and end."""
    reader, writer = await asyncio.open_connection(host, port)
    latencies = []
    try:
        while (sent := time.perf_counter()) < end:
            writer.write(request)
            await read_answer(reader)
            if sent >= begin:
                latencies.append(time.perf_counter() - sent)
    finally:
        writer.close()
    return latencies


async def run(url: str, body: bytes, connections: int, seconds: float) -> dict[str, float]:
    """Load the URL and report requests a second, p50 and p99 in milliseconds."""
    address = urlsplit(url)
    host, port = address.hostname or "127.0.0.1", address.port or 80
    request = (
        f"POST {address.path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    ).encode() + body
    begin = time.perf_counter() + WARM_UP_S
    end = begin + seconds
    loops = (one_connection(host, port, request, begin, end) for _ in range(connections))
    latencies = sorted(latency for part in await asyncio.gather(*loops) for latency in part)
    return {
        "requests_per_s": len(latencies) / seconds,
        "p50_ms": 1000 * latencies[len(latencies) // 2],
        "p99_ms": 1000 * latencies[int(len(latencies) * 0.99)],
    }


if __name__ == "__main__":
    target, payload, clients, duration = sys.argv[1:5]
    figures = asyncio.run(run(target, payload.encode(), int(clients), float(duration)))
    print(json.dumps(figures))
