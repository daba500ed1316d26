"""Resources on paper: outputs as AWS would give them, the same every time, and no server."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass

from sandbox.provider.errors import RefusedError, StackMissingError
from sandbox.provider.handlers import handler_of
from sandbox.provider.identity import ProviderConfig, Seed
from sandbox.provider.realiser import Desired, Realised, StackOutputs


@dataclass(frozen=True)
class Drawn:
    """A resource on paper."""

    desired: Desired
    realised: Realised


class Synthesizer:
    """Realises a stack on paper; other stacks' exports come from those drawn before."""

    def __init__(self, stacks: Mapping[tuple[str, str], StackOutputs]) -> None:
        self.drawn: list[Drawn] = []
        self._stacks = stacks
        self._lock = threading.Lock()

    def realise(self, desired: Desired, config: ProviderConfig) -> Realised:
        """The resource with invented ids."""
        handler, seed = handler_of(desired.type, desired.urn), Seed(desired.urn)
        identity = config.at(desired.properties.values.get("region")).identity
        try:
            inputs = handler.check(desired.properties.values, seed, config.default_tags, {})
        except RefusedError as error:
            raise RefusedError(f"{desired.urn}: {error}") from None
        facts = handler.invent(inputs, seed, identity)
        outputs = handler.all_outputs(inputs, facts, identity)
        secrets = desired.properties.secrets | desired.secret_outputs
        realised = Realised(str(outputs["id"]), inputs, outputs, secrets)
        self.keep(desired, realised)
        return realised

    def keep(self, desired: Desired, realised: Realised) -> None:
        """Put it on the drawing."""
        with self._lock:
            self.drawn.append(Drawn(desired, realised))

    def stack_outputs(self, project: str, stack: str) -> StackOutputs:
        """The exports of a stack drawn before."""
        try:
            return self._stacks[(project, stack)]
        except KeyError:
            raise StackMissingError(project, stack) from None
