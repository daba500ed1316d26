"""Serves one provider instance: `python -m sandbox.provider.plugin` prints its port and waits."""

from __future__ import annotations

import os
import signal
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import grpc
from pulumi.runtime.proto import provider_pb2_grpc

from sandbox.provider.access import loopback
from sandbox.provider.errors import ProviderError
from sandbox.provider.plugin.servicer import Servicer

# Pulumi's own limit for one message: archives travel by name, but states can be long.
LARGEST = 400 * 1024 * 1024
OPTIONS = (("grpc.max_receive_message_length", LARGEST), ("grpc.max_send_message_length", LARGEST))


def main() -> int:
    """Serve until the engine ends this process, or ends itself."""
    try:
        endpoint = loopback(os.environ.get("AWS_ENDPOINT_URL"))
    except ProviderError as error:
        print(f"sandbox: {error}", file=sys.stderr)
        return 2
    server = grpc.server(ThreadPoolExecutor(16), options=OPTIONS)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(Servicer(endpoint), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    ending = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ending.set())
    signal.signal(signal.SIGINT, lambda *_: ending.set())
    print(port, flush=True)
    engine = os.getppid()
    # An engine that was killed cannot end its plugins.
    while os.getppid() == engine and not ending.wait(1):
        continue
    server.stop(grace=5).wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
