"""Who hears alerts, as the stack's configuration says: mail, https and Slack by severity."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from infra.configuration import Form, Values
from infra.region.alerts import SEVERITIES, Listeners

KEYS = ("alerts", "slackWorkspace")
WORKSPACE = Form(r"T[0-9A-Z]{6,20}", "write the id of the Slack workspace, which begins with T")
MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
HTTPS = re.compile(r"https://[^\s/]+\.[^\s]+")
SLACK = re.compile(r"slack:([CG][0-9A-Z]{6,20})")
EXAMPLE = "write oncall@example.com, https://HOST/PATH or slack:C0123ABCD"


def load(values: Values) -> Mapping[str, Listeners]:
    """The listeners of each severity that has any."""
    text = values.stated.get("alerts")
    if not text:
        return {}
    try:
        stated: Any = json.loads(text)
    except json.JSONDecodeError:
        stated = None
    if not isinstance(stated, dict):
        raise values.problem("alerts", f"expected a list of addresses by severity; {EXAMPLE}")
    for severity in stated:
        if severity not in SEVERITIES:
            raise values.problem(
                "alerts", f"unknown severity '{severity}'; use {', '.join(SEVERITIES)}"
            )
    return {
        severity: _listeners(values, severity, stated[severity])
        for severity in SEVERITIES
        if stated.get(severity)
    }


def workspace(values: Values, heard: Mapping[str, Listeners]) -> str | None:
    """The Slack workspace; channels need one."""
    found = values.optional("slackWorkspace", WORKSPACE)
    if found is None and any(one.slack for one in heard.values()):
        raise values.problem(
            "slackWorkspace", f"is missing, but modelyard:alerts names a channel; {WORKSPACE.fix}"
        )
    return found


def _listeners(values: Values, severity: str, stated: Any) -> Listeners:
    if not isinstance(stated, list):
        raise values.problem("alerts", f"expected a list under '{severity}'; {EXAMPLE}")
    texts = tuple(dict.fromkeys(str(one) for one in stated))
    found = Listeners(
        mail=tuple(text for text in texts if MAIL.fullmatch(text)),
        https=tuple(text for text in texts if HTTPS.fullmatch(text)),
        slack=tuple(match[1] for text in texts if (match := SLACK.fullmatch(text))),
    )
    for text in texts:
        if not any(form.fullmatch(text) for form in (MAIL, HTTPS, SLACK)):
            # A pager's address holds its key: only the others are repeated.
            shown = "an address" if text.startswith("http") else f"'{text}'"
            raise values.problem("alerts", f"{shown} under '{severity}' is not valid; {EXAMPLE}")
    return found
