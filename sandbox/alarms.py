"""Alarms that follow their metrics on the sandbox's clock and tell whom they were told to tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from moto.cloudwatch.models import cloudwatch_backends

if TYPE_CHECKING:
    from sandbox.runtime import Sandbox


class Alarms:
    """The metric and composite alarms of all accounts."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def state(self, account: str, region: str, name: str) -> str:
        """OK, ALARM or INSUFFICIENT_DATA; KeyError when there is no such alarm."""
        return str(cloudwatch_backends[account][region].alarms[name].state_value)
