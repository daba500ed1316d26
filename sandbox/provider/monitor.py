"""Pulumi's resource monitor without an engine: strict where Pulumi's own mock is lenient."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from google.protobuf import empty_pb2
from pulumi.runtime import rpc
from pulumi.runtime.mocks import MockMonitor, MockResourceArgs, Mocks
from pulumi.runtime.proto import resource_pb2
from pulumi.runtime.sync_await import _ensure_event_loop

from sandbox.provider.aliases import earlier_urns
from sandbox.provider.errors import ProviderError, UnknownValueError
from sandbox.provider.identity import ProviderConfig, Seed
from sandbox.provider.program import NO_DEFAULT_PROVIDERS, Stack
from sandbox.provider.reads import Reads
from sandbox.provider.realiser import Desired, Realised, Realiser, StackOutputs
from sandbox.provider.values import Properties, as_struct, read_properties, unknown_properties

STACK = "pulumi:pulumi:Stack"
STACK_REFERENCE = "pulumi:pulumi:StackReference"
PROVIDER = "pulumi:providers:aws"


class Monitor(MockMonitor):
    """Hands every resource a program registers to the realiser."""

    def __init__(self, stack: Stack, realiser: Realiser, reads: Reads) -> None:
        super().__init__(_NoMocks())
        self.exports = StackOutputs()
        self.failures: list[Exception] = []
        self._stack = stack
        self._realiser = realiser
        self._reads = reads
        self._lock = threading.Lock()
        self._urns: set[str] = set()
        self._older_urns: dict[str, tuple[str, ...]] = {}
        self._providers: dict[str, ProviderConfig] = {}

    def make_urn(self, parent: str, type_: str, name: str) -> str:
        """The engine's URN: the type chain of parents, without the stack itself."""
        chain = parent.split("::")[2] if parent else STACK
        qualified = type_ if chain == STACK else f"{chain}${type_}"
        return f"urn:pulumi:{self._stack.name}::{self._stack.program.name}::{qualified}::{name}"

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802
        """One resource of the program."""
        _ensure_event_loop()  # type: ignore[no-untyped-call]
        try:
            return self._register(request)
        except Exception as error:
            self.failures.append(error)
            raise

    def RegisterResourceOutputs(self, request: Any) -> Any:  # noqa: N802
        """The exports of the stack; those of components are the program's own affair."""
        if request.urn == self._stack.urn:
            exported = read_properties(request.outputs, self._folder)
            self._refuse_unknown(exported, "the export", {})
            self.exports = StackOutputs(dict(exported.values), exported.secrets)
        return empty_pb2.Empty()

    def ReadResource(self, request: Any) -> Any:  # noqa: N802
        """Another stack's exports; existing AWS resources are not read."""
        _ensure_event_loop()  # type: ignore[no-untyped-call]
        if request.type != STACK_REFERENCE:
            raise ProviderError(
                f"{request.type} '{request.name}' is read from AWS; the sandbox's programs create "
                "what they use or take it from a stack reference"
            )
        urn = self._new_urn(request.parent, request.type, request.name)
        _, project, stack = request.id.split("/")
        found = self._realiser.stack_outputs(project, stack)
        outputs = {
            key: rpc.wrap_rpc_secret(value) if key in found.secrets else value
            for key, value in found.values.items()
        }
        state = {
            "name": request.id,
            "outputs": outputs,
            "secretOutputNames": sorted(found.secrets),
        }
        return resource_pb2.ReadResourceResponse(urn=urn, properties=as_struct(state))

    def Invoke(self, request: Any) -> Any:  # noqa: N802
        """Functions such as getRegion need AWS while the program runs; ours need none."""
        raise ProviderError(
            f"the program calls {request.tok}; the sandbox answers no provider functions, "
            "take the value from configuration"
        )

    @property
    def _folder(self) -> Path:
        return self._stack.program.folder

    def _register(self, request: Any) -> Any:
        urn = self._new_urn(request.parent, request.type, request.name)
        if request.type == STACK:
            return resource_pb2.RegisterResourceResponse(urn=urn)
        desired = self._desired(request, urn)
        realised = self._realised(desired)
        hidden = desired.secret_outputs | realised.secrets
        self._reads.supplied(desired.type, desired.name, urn, realised.outputs)
        return resource_pb2.RegisterResourceResponse(
            urn=urn,
            id=realised.id,
            object=as_struct(desired.properties.on_the_wire(realised.outputs, hidden)),
            # An output that nobody supplies must be unknown, not a silent None.
            unknown=desired.custom,
        )

    def _realised(self, desired: Desired) -> Realised:
        plain = {**desired.properties.values}
        if desired.type == PROVIDER:
            config = ProviderConfig.read(plain)
            realised = Realised(Seed(desired.urn).uuid(), plain, plain)
            self._providers[f"{desired.urn}::{realised.id}"] = config
        elif not desired.custom:
            realised = Realised("", plain, plain)
        else:
            return self._realiser.realise(desired, self._config_of(desired))
        self._realiser.keep(desired, realised)
        return realised

    def _config_of(self, desired: Desired) -> ProviderConfig:
        if desired.provider:
            return self._providers[desired.provider]
        if "aws" in self._stack.all_config.get(NO_DEFAULT_PROVIDERS, ""):
            raise ProviderError(
                f"{desired.urn} names no provider and default providers are switched off; "
                "give it one with ResourceOptions(provider=...)"
            )
        return ProviderConfig()

    def _desired(self, request: Any, urn: str) -> Desired:
        properties = read_properties(request.object, self._folder)
        wanted_from = {key: list(deps.urns) for key, deps in request.propertyDependencies.items()}
        self._refuse_unknown(properties, urn, wanted_from)
        if request.remote:
            raise ProviderError(f"{urn} is a remote component, which needs Pulumi's own engine")
        return Desired(
            urn=urn,
            type=request.type,
            name=request.name,
            parent=request.parent,
            custom=request.custom,
            provider=request.provider,
            properties=properties,
            dependencies=tuple(sorted(set(request.dependencies))),
            protect=request.protect,
            retain_on_delete=request.retainOnDelete,
            delete_before_replace=request.deleteBeforeReplace,
            ignore_changes=tuple(request.ignoreChanges),
            replace_on_changes=tuple(request.replaceOnChanges),
            aliases=self._aliases(request, urn),
            secret_outputs=frozenset(request.additionalSecretOutputs),
        )

    def _aliases(self, request: Any, urn: str) -> tuple[str, ...]:
        with self._lock:
            older = self._older_urns.get(request.parent, ())
        own = [alias.urn or self._stated(alias.spec, request) for alias in request.aliases]
        found = earlier_urns(urn, request.parent, [*request.aliasURNs, *own], older)
        with self._lock:
            self._older_urns[urn] = found
        return found

    def _stated(self, spec: Any, request: Any) -> str:
        """The URN that an alias gives in parts: what it leaves out is as it is now."""
        parent = "" if spec.noParent else (spec.parentUrn or request.parent)
        urn = self.make_urn(parent, spec.type or request.type, spec.name or request.name)
        head, _, tail = urn.partition("::")
        project, _, rest = tail.partition("::")
        stack = f"urn:pulumi:{spec.stack}" if spec.stack else head
        return f"{stack}::{spec.project or project}::{rest}"

    def _new_urn(self, parent: str, type_: str, name: str) -> str:
        urn = self.make_urn(parent, type_, name)
        with self._lock:
            if urn in self._urns:
                raise ProviderError(f"two resources have the URN {urn}; give one another name")
            self._urns.add(urn)
        return urn

    def _refuse_unknown(
        self, properties: Properties, where: str, wanted_from: Mapping[str, list[str]]
    ) -> None:
        for key in unknown_properties(properties):
            missing = self._reads.missing(wanted_from.get(key, []))
            cause = f"the sandbox supplies no {' nor '.join(missing)}" if missing else "unknown"
            raise UnknownValueError(f"{key} of {where} has no value: {cause}")


class _NoMocks(Mocks):
    """Nothing is mocked."""

    def call(self, args: Any) -> Any:
        raise ProviderError(f"unexpected call of {args.token}")

    def new_resource(self, args: MockResourceArgs) -> Any:
        raise ProviderError(f"unexpected resource {args.typ}")
