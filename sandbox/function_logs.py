"""A function's output in CloudWatch Logs, framed as Lambda frames it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.logs.models import logs_backends

from sandbox.authorization import judge
from sandbox.sessions import Principal
from sandbox.trust import TrustError, role_by_arn

if TYPE_CHECKING:
    from sandbox.runtime import Sandbox


def write_logs(
    sandbox: Sandbox, function: Any, stream: str, request: str, text: str, seconds: float
) -> None:
    """Lines of one invocation; a role that may not write logs leaves none, as on AWS."""
    group = function.logs_group_name
    arn = f"arn:aws:logs:{function.region}:{function.account_id}:log-group:{group}"
    backend = logs_backends[function.account_id][function.region]
    if not _allowed(function, "logs:PutLogEvents", f"{arn}:log-stream:{stream}"):
        return
    if group not in backend.groups:
        if not _allowed(function, "logs:CreateLogGroup", arn):
            return
        backend.create_log_group(group, {})
    backend.create_log_stream(group, stream)
    report = f"REPORT RequestId: {request}\tDuration: {seconds * 1000:.2f} ms"
    lines = [f"START RequestId: {request} Version: $LATEST", *text.strip().splitlines()]
    lines += [f"END RequestId: {request}", report]
    now = int(sandbox.clock.time() * 1000)
    events = [{"timestamp": now, "message": line} for line in lines if line]
    backend.put_log_events(group, stream, events)


def _allowed(function: Any, action: str, resource: str) -> bool:
    try:
        role, account = role_by_arn(function.role)
    except TrustError:
        return False
    principal = Principal("AssumedRole", account, role.arn, "")
    return judge(principal, action, resource, function.region, {}).allowed
