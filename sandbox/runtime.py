"""What every part of a running sandbox shares: its address, data, identities and threads."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable
from concurrent.futures import Future
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import boto3

from sandbox.alarms import Alarms
from sandbox.api_call import ApiCall
from sandbox.audit import AuditTrail
from sandbox.authorization import refusal
from sandbox.clients import Clients
from sandbox.clock import Clock
from sandbox.events import EventRouter
from sandbox.faults import Answer
from sandbox.functions import Functions
from sandbox.inbox import Inbox
from sandbox.log_delivery import LogDelivery
from sandbox.metrics import Metrics
from sandbox.processes import Processes
from sandbox.schedules import Schedules
from sandbox.sessions import Principal, RoleSession, Sessions
from sandbox.under_way import UnderWay

P = ParamSpec("P")
T = TypeVar("T")

log = logging.getLogger(__name__)

SCRATCH = ("jobs", "images", "functions", "endpoints")


class Sandbox:
    """One AWS stand-in: state lives as long as this object's server."""

    def __init__(self, endpoint_url: str, data: Path, clock: Clock | None = None) -> None:
        self.endpoint_url = endpoint_url
        self.data = data
        self.clock = clock or Clock()
        self.started = datetime.now(UTC)
        for name in SCRATCH:
            (data / name).mkdir(parents=True, exist_ok=True)
        self.processes = Processes()
        self.sessions = Sessions()
        self.audit = AuditTrail()
        self.events = EventRouter(self)
        self.functions = Functions(self)
        self.metrics = Metrics(self.clock)
        self.alarms = Alarms(self)
        self.inbox = Inbox()
        self.schedules = Schedules(self.clock)
        self.log_delivery = LogDelivery(self)
        self.hosting = UnderWay()  # rollbacks and scaling, which the clock waits for
        self.clock.wait_for(self.hosting.busy)
        self._clients = Clients(endpoint_url, self.sessions)

    def info(self) -> dict[str, Any]:
        """What `/_modelyard/info` answers."""
        return {
            "pid": os.getpid(),
            "url": self.endpoint_url,
            "data": str(self.data),
            "started": self.started.isoformat(),
        }

    def session(self, role_arn: str, session_name: str, service: str, region: str) -> boto3.Session:
        """Fresh credentials of a role, as a service gets them: the role must trust it."""
        return self._clients.session(role_arn, session_name, service, region)

    def client(
        self, service_name: str, role_arn: str, session_name: str, service: str, region: str
    ) -> Any:
        """A client of `service_name` that acts as a role assumed by `service`."""
        return self._clients.client(service_name, role_arn, session_name, service, region)

    def root_client(self, account: str, region: str, service_name: str) -> Any:
        """A client that acts as an account's root."""
        return self._clients.root(account, region, service_name)

    def submit(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Run work on a thread of its own, which does not outlive the server."""
        future: Future[T] = Future()

        def run() -> None:
            try:
                future.set_result(work(*args, **kwargs))
            except BaseException as error:
                log.exception("background work %s failed", getattr(work, "__name__", work))
                future.set_exception(error)

        threading.Thread(target=run, daemon=True).start()
        return future

    def credentials(self, role_arn: str, session_name: str, service: str) -> RoleSession:
        """The session a service holds of a role, renewed before it expires."""
        return self._clients.credentials(role_arn, session_name, service)

    def principal_of(self, role_arn: str, service: str) -> Principal:
        """The identity a service acts as with a role."""
        held = self.credentials(role_arn, service.split(".")[0], service)
        return self.sessions.principal(held.access_key)

    def judge(self, call: ApiCall) -> Answer | None:
        """The refusal of a call, or None when it may proceed."""
        return refusal(call)

    def record(self, call: ApiCall, answer: Answer) -> None:
        """Keep a call in the audit trail and tell the event bus of what changes something."""
        if not call.operation:
            return
        entry = self.audit.add(call, answer)
        if entry.management and not entry.read_only:
            self.events.emit(
                call.account,
                entry.region,
                f"aws.{call.prefix}",
                "AWS API Call via CloudTrail",
                entry.record,
            )

    def close(self) -> None:
        """End every process the sandbox started."""
        self.processes.close()
