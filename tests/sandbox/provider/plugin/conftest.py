"""The plugin as the engine starts it, and the engine's part of the conversation."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import grpc
import pytest
from google.protobuf import empty_pb2, json_format, struct_pb2
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from sandbox.provider.plugin.install import install

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


def struct(values: dict[str, Any] | None) -> struct_pb2.Struct:
    """Values as they travel."""
    return json_format.ParseDict(values or {}, struct_pb2.Struct())


def plain(message: struct_pb2.Struct) -> dict[str, Any]:
    """Values as they arrived."""
    return dict(json_format.MessageToDict(message))


@dataclass
class Resource:
    """A resource in the engine's state."""

    token: str
    name: str
    id: str = ""
    inputs: dict[str, Any] = field(default_factory=dict)
    outputs: dict[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> dict[str, Any]:
        """How every request names it."""
        urn = f"urn:pulumi:test::fixture::modelyard:x:Part${self.token}::{self.name}"
        return {"urn": urn, "name": self.name, "type": self.token}


class Engine:
    """Makes the calls that Pulumi's engine makes, in its order."""

    def __init__(self, address: str) -> None:
        self.rpc = provider_pb2_grpc.ResourceProviderStub(grpc.insecure_channel(address))

    def configure(self, **args: Any) -> None:
        """Start of every deployment; nested arguments travel as JSON texts."""
        texts = {k: v if isinstance(v, str) else json.dumps(v) for k, v in args.items()}
        self.rpc.Handshake(provider_pb2.ProviderHandshakeRequest(engine_address="127.0.0.1:1"))
        request = provider_pb2.CheckRequest(
            urn="urn:pulumi:test::fixture::pulumi:providers:aws::aws", news=struct(texts)
        )
        checked = self.rpc.CheckConfig(request)
        assert not checked.failures, checked.failures
        self.rpc.Configure(provider_pb2.ConfigureRequest(args=checked.inputs, acceptSecrets=True))

    def check(
        self, resource: Resource, news: dict[str, Any], seed: bytes | None = None
    ) -> dict[str, Any]:
        """The checked inputs; a failure raises."""
        answer = self.rpc.Check(
            provider_pb2.CheckRequest(
                olds=struct(resource.inputs),
                news=struct(news),
                randomSeed=seed or os.urandom(16),
                **resource.key,
            )
        )
        if answer.failures:
            raise ValueError(answer.failures[0].reason)
        return plain(answer.inputs)

    def preview(self, token: str, name: str, news: dict[str, Any]) -> Any:
        """What a preview of a new resource answers."""
        resource = Resource(token, name)
        inputs = self.check(resource, news)
        return self.rpc.Create(
            provider_pb2.CreateRequest(properties=struct(inputs), preview=True, **resource.key)
        )

    def create(self, token: str, name: str, news: dict[str, Any]) -> Resource:
        """A new resource."""
        resource = Resource(token, name)
        resource.inputs = self.check(resource, news)
        answer = self.rpc.Create(
            provider_pb2.CreateRequest(properties=struct(resource.inputs), **resource.key)
        )
        resource.id, resource.outputs = answer.id, plain(answer.properties)
        return resource

    def diff(self, resource: Resource, news: dict[str, Any], *ignored: str) -> Any:
        """What new inputs would change."""
        inputs = self.check(resource, news)
        return self.rpc.Diff(
            provider_pb2.DiffRequest(
                id=resource.id,
                olds=struct(resource.outputs),
                old_inputs=struct(resource.inputs),
                news=struct(inputs),
                ignoreChanges=ignored,
                **resource.key,
            )
        )

    def update(self, resource: Resource, news: dict[str, Any], preview: bool = False) -> Resource:
        """The resource after a change in place."""
        inputs = self.check(resource, news)
        answer = self.rpc.Update(
            provider_pb2.UpdateRequest(
                id=resource.id,
                olds=struct(resource.outputs),
                old_inputs=struct(resource.inputs),
                news=struct(inputs),
                preview=preview,
                **resource.key,
            )
        )
        outputs = plain(answer.properties)
        return Resource(resource.token, resource.name, resource.id, inputs, outputs)

    def refresh(self, resource: Resource) -> Resource | None:
        """The resource as AWS has it; None when it is gone."""
        answer = self.rpc.Read(
            provider_pb2.ReadRequest(
                id=resource.id,
                properties=struct(resource.outputs),
                inputs=struct(resource.inputs),
                **resource.key,
            )
        )
        if not answer.id:
            return None
        inputs, outputs = plain(answer.inputs), plain(answer.properties)
        return Resource(resource.token, resource.name, answer.id, inputs, outputs)

    def import_(self, token: str, name: str, id_: str) -> Resource | None:
        """A resource that exists, by its id alone."""
        return self.refresh(Resource(token, name, id_))

    def delete(self, resource: Resource) -> None:
        """Its end."""
        self.rpc.Delete(
            provider_pb2.DeleteRequest(
                id=resource.id,
                properties=struct(resource.outputs),
                old_inputs=struct(resource.inputs),
                **resource.key,
            )
        )

    def cancel(self) -> None:
        """What the engine says before it ends the process."""
        self.rpc.Cancel(empty_pb2.Empty())


StartEngine = Callable[..., Engine]


@pytest.fixture(scope="session")
def start_process(
    sandbox_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[], Engine]]:
    """Starts provider processes by the launcher that the installer wrote, in a program's folder."""
    folder = tmp_path_factory.mktemp("plugin")
    launcher = install(folder / "home")
    processes: list[subprocess.Popen[str]] = []

    def start() -> Engine:
        process = subprocess.Popen(
            [str(launcher), "127.0.0.1:1"],
            cwd=folder,
            env={**os.environ, "AWS_ENDPOINT_URL": sandbox_url},
            stdout=subprocess.PIPE,
            text=True,
        )
        processes.append(process)
        assert process.stdout is not None
        return Engine(f"127.0.0.1:{int(process.stdout.readline())}")

    yield start
    for process in processes:
        process.terminate()
    for process in processes:
        assert process.wait(20) == 0


@pytest.fixture
def start_engine(start_process: Callable[[], Engine]) -> StartEngine:
    """Starts configured provider instances."""

    def start(**args: Any) -> Engine:
        engine = start_process()
        engine.configure(**args)
        return engine

    return start


@pytest.fixture(scope="session")
def process(start_process: Callable[[], Engine]) -> Engine:
    """One process; a process a test would take a second each."""
    return start_process()


@pytest.fixture
def engine(process: Engine, account: str) -> Engine:
    """One provider instance in the test's own account, with default tags."""
    process.configure(
        region="us-east-1",
        allowedAccountIds=[account],
        defaultTags={"tags": {"project": "fixture"}},
    )
    return process
