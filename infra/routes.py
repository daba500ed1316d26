"""Who hears an environment's alerts: project.yaml names them, the stack's configuration holds keys.

A pager's address contains its key, so project.yaml gives it a name and `pulumi config set --secret
--path modelyard:pagers.NAME URL` the address, which stays encrypted in configuration and state.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from infra.configuration import Form, Values
from modelyard.monitoring_section import SEVERITIES, Alerts

KEYS = ("pagers", "slackWorkspace")
WORKSPACE = Form(r"T[0-9A-Z]{6,20}", "write the id of the Slack workspace, which begins with T")
_HTTPS = re.compile(r"https://[^\s/]+\.[^\s]+")
_SET = "`pulumi config set --secret --path modelyard:pagers.{name} URL`"

Severities = tuple[str, ...]


@dataclass(frozen=True)
class Routes:
    """Mail addresses, Slack channels and pagers, each with the severities it hears."""

    mail: Mapping[str, Severities] = field(default_factory=dict)
    slack: Mapping[str, Severities] = field(default_factory=dict)
    pagers: Mapping[str, Severities] = field(default_factory=dict)
    urls: Mapping[str, str] = field(default_factory=dict, repr=False)
    slack_workspace: str | None = None

    def hears_alarms(self, heard: Severities) -> bool:
        """Whether a listener gets messages without a severity: CloudWatch's alarms, and budgets.

        They are for whoever hears what is critical; where nobody does, for everybody.
        """
        everybody = (*self.mail.values(), *self.slack.values(), *self.pagers.values())
        return "critical" in heard or not any("critical" in one for one in everybody)

    @property
    def chat_severities(self) -> Severities:
        """The severities that some Slack channel hears."""
        heard = {severity for one in self.slack.values() for severity in one}
        return tuple(severity for severity in SEVERITIES if severity in heard)


def load(values: Values, alerts: Alerts) -> Routes:
    """The routes of a stack; what project.yaml names and the configuration lacks is an error."""
    pagers, slack = alerts.heard("pagerduty"), alerts.heard("slack")
    urls = _urls(values)
    for name in pagers:
        if name not in urls:
            raise values.problem(
                "pagers", f"has no address of '{name}'; run {_SET.format(name=name)}"
            )
    for name in urls:
        if name not in pagers:
            raise values.problem(
                "pagers", f"'{name}' is named nowhere; write pagerduty:{name} in monitoring.alerts"
            )
    workspace = values.optional("slackWorkspace", WORKSPACE)
    if slack and workspace is None:
        raise values.problem(
            "slackWorkspace", f"is missing, but project.yaml names a channel; {WORKSPACE.fix}"
        )
    return Routes(alerts.heard("mail"), slack, pagers, urls, workspace)


def _urls(values: Values) -> dict[str, str]:
    text = values.stated.get("pagers")
    if not text:
        return {}
    try:
        stated: Any = json.loads(text)
    except json.JSONDecodeError:
        stated = None
    if not isinstance(stated, dict):
        run = _SET.format(name="NAME")
        raise values.problem("pagers", f"expected addresses by name; run {run}")
    for name, url in stated.items():
        # The address holds a key: it is not repeated.
        if not isinstance(url, str) or not _HTTPS.fullmatch(url):
            raise values.problem("pagers", f"the address of '{name}' does not begin with https://")
    return dict(stated)
