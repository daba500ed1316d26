"""Pulumi's provider protocol, answered by the handlers of the sandbox."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import (
    plugin_pb2,
    provider_pb2,
    provider_pb2_grpc,
    status_pb2,
)

from sandbox.errors import SandboxError
from sandbox.provider.crud import Accesses, explained
from sandbox.provider.errors import ProviderError, RefusedError, UnsupportedTypeError
from sandbox.provider.identity import ProviderConfig
from sandbox.provider.plugin.diff import Kind, differences
from sandbox.provider.plugin.functions import FUNCTIONS
from sandbox.provider.plugin.install import VERSION
from sandbox.provider.plugin.lifecycle import IncompleteError, Lifecycle, Plan
from sandbox.provider.plugin.wire import Received, is_unknown, received, sent

# A change of these leads to another account or region, where the old resources are not.
PLACE = ("region", "allowedAccountIds", "assumeRoles")
_KIND = provider_pb2.PropertyDiff.Kind
# By kind and whether it takes a replacement.
KINDS = {
    (Kind.ADDED, False): _KIND.ADD,
    (Kind.ADDED, True): _KIND.ADD_REPLACE,
    (Kind.DELETED, False): _KIND.DELETE,
    (Kind.DELETED, True): _KIND.DELETE_REPLACE,
    (Kind.UPDATED, False): _KIND.UPDATE,
    (Kind.UPDATED, True): _KIND.UPDATE_REPLACE,
}


class Servicer(provider_pb2_grpc.ResourceProviderServicer):
    """One provider instance: one process, one configuration."""

    def __init__(self, endpoint_url: str) -> None:
        self._accesses = Accesses(endpoint_url)
        self._folder = Path.cwd()
        self._config: ProviderConfig | None = None

    def Handshake(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Where the program lies; the engine keeps secrets to itself and marks outputs again."""
        if request.program_directory:
            self._folder = Path(request.program_directory)
        return provider_pb2.ProviderHandshakeResponse()

    def GetPluginInfo(self, request: Any, context: Any) -> Any:  # noqa: N802
        """The version of pulumi-aws whose part this plays."""
        return plugin_pb2.PluginInfo(version=VERSION)

    def CheckConfig(self, request: Any, context: Any) -> Any:  # noqa: N802
        """The provider's arguments, refused where they contradict each other."""
        news = self._received(request.news)
        if not is_unknown(news.values):
            try:
                _ = ProviderConfig.read(news.values).identity
            except ProviderError as error:
                return _refused(str(error))
        return provider_pb2.CheckResponse(inputs=sent(news.values, news.secrets))

    def DiffConfig(self, request: Any, context: Any) -> Any:  # noqa: N802
        """A provider that moves to another account or region takes its resources along."""
        old = self._received(request.old_inputs or request.olds).values
        new = self._received(request.news).values
        found = tuple(differences(old, new, tuple(request.ignoreChanges)))
        moving = frozenset({one.name for one in found} & set(PLACE))
        if moving and not is_unknown(new):
            before, after = ProviderConfig.read(old), ProviderConfig.read(new)
            moving = moving if before.identity != after.identity else frozenset()
        return _difference(Plan(found, moving, False))

    def Configure(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Take the arguments; whether they lead where they may is known at the first call."""
        with _answering(context):
            self._config = ProviderConfig.read(self._received(request.args).values)
            _ = self._config.identity
        return provider_pb2.ConfigureResponse(supportsPreview=True)

    def Invoke(self, request: Any, context: Any) -> Any:  # noqa: N802
        """A function the program calls while it runs."""
        function = FUNCTIONS.get(request.tok)
        if function is None:
            answered = ", ".join(sorted(FUNCTIONS))
            context.abort(
                grpc.StatusCode.UNIMPLEMENTED,
                f"the sandbox does not answer {request.tok}; it answers {answered}",
            )
            raise AssertionError("abort raises")
        with _answering(context), explained(request.tok):
            access = self._accesses.of(self._configured())
            result = function(access, self._received(request.args).values)
        return provider_pb2.InvokeResponse(**{"return": sent(result)})

    def Check(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Inputs with names and tags; what AWS would refuse is a failure, also in a preview."""
        news, olds = self._received(request.news), self._received(request.olds)
        with _answering(context):
            try:
                inputs = self._of(request).check(news.values, olds.values, request.randomSeed)
            except (RefusedError, UnsupportedTypeError) as error:
                return _refused(str(error))
        return provider_pb2.CheckResponse(inputs=sent(inputs, news.secrets))

    def Diff(self, request: Any, context: Any) -> Any:  # noqa: N802
        """What the new inputs change, and whether the resource can stay."""
        old, new = self._received(request.old_inputs), self._received(request.news)
        with _answering(context):
            return _difference(
                self._of(request).diff(old.values, new.values, tuple(request.ignoreChanges))
            )

    def Create(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Make a resource; a preview makes none and has no id."""
        inputs = self._received(request.properties)
        with _answering(context):
            resource = self._of(request)
            if request.preview:
                outputs = resource.preview(inputs.values)
                return provider_pb2.CreateResponse(properties=sent(outputs, inputs.secrets))
            state = resource.create(inputs.values)
        return provider_pb2.CreateResponse(
            id=state.id, properties=sent(state.outputs, inputs.secrets)
        )

    def Read(self, request: Any, context: Any) -> Any:  # noqa: N802
        """A resource as it is; an empty id says that it is gone."""
        known, inputs = self._received(request.properties), self._received(request.inputs)
        with _answering(context):
            state = self._of(request).read(request.id, known.values, inputs.values)
        if state is None:
            return provider_pb2.ReadResponse()
        return provider_pb2.ReadResponse(
            id=state.id,
            properties=sent(state.outputs, inputs.secrets),
            inputs=sent(state.inputs, inputs.secrets),
        )

    def Update(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Change a resource in place."""
        olds, news = self._received(request.olds), self._received(request.news)
        old_inputs = self._received(request.old_inputs)
        with _answering(context):
            resource = self._of(request)
            if request.preview:
                outputs = resource.preview_update(olds.values, news.values)
            else:
                outputs = resource.update(olds.values, old_inputs.values, news.values).outputs
        return provider_pb2.UpdateResponse(properties=sent(outputs, news.secrets))

    def Delete(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Remove a resource; what is gone already is fine."""
        outputs, inputs = self._received(request.properties), self._received(request.old_inputs)
        with _answering(context):
            self._of(request).delete(outputs.values, inputs.values)
        return empty_pb2.Empty()

    def Cancel(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Calls end by themselves within seconds; there is nothing to interrupt."""
        return empty_pb2.Empty()

    def _received(self, struct: Any) -> Received:
        return received(struct, self._folder)

    def _configured(self) -> ProviderConfig:
        if self._config is None:
            raise ProviderError("the provider is used before it is configured")
        return self._config

    def _of(self, request: Any) -> Lifecycle:
        # The type in a URN carries the chain of its parents.
        token = request.type or request.urn.split("::")[2].split("$")[-1]
        return Lifecycle(token, request.urn, self._configured(), self._accesses)


@contextmanager
def _answering(context: Any) -> Iterator[None]:
    """A user's mistake as one line; a creation that failed half-way as the engine keeps it."""
    try:
        yield
    except IncompleteError as error:
        failed = provider_pb2.ErrorResourceInitFailed(
            id=error.state.id,
            properties=sent(error.state.outputs),
            inputs=sent(error.state.inputs),
            reasons=[str(error)],
        )
        status = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=str(error))
        status.details.add().Pack(failed)
        context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
        context.abort(grpc.StatusCode.UNKNOWN, str(error))
    except SandboxError as error:
        context.abort(grpc.StatusCode.FAILED_PRECONDITION, str(error))


def _refused(reason: str) -> Any:
    return provider_pb2.CheckResponse(failures=[provider_pb2.CheckFailure(reason=reason)])


def _difference(plan: Plan) -> Any:
    changed = provider_pb2.DiffResponse.DiffChanges.DIFF_SOME
    same = provider_pb2.DiffResponse.DiffChanges.DIFF_NONE
    return provider_pb2.DiffResponse(
        changes=changed if plan.differences else same,
        diffs=sorted({one.name for one in plan.differences}),
        replaces=sorted(plan.replacing),
        deleteBeforeReplace=plan.delete_first,
        hasDetailedDiff=True,
        detailedDiff={
            str(one): provider_pb2.PropertyDiff(
                kind=KINDS[(one.kind, one.name in plan.replacing)], inputDiff=True
            )
            for one in plan.differences
        },
    )
