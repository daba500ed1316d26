"""The rules that the fleet is held to: one table, each with what it needs to know and its fix."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from modelyard.fleet import abandoned, compliance
from modelyard.fleet.facts import Project, Source
from modelyard.fleet.limits import Now

Kind = Literal["abandoned", "non-compliant"]
KINDS: tuple[Kind, ...] = ("abandoned", "non-compliant")


@dataclass(frozen=True)
class Rule:
    """One rule.

    Attributes:
        needs: sources without which it cannot be judged, and is not.
        control: the control of policies/controls.yaml that it watches over; empty where none does.
    """

    name: str
    kind: Kind
    says: str
    fix: str
    broken: Callable[[Project, Now], Iterator[str]]
    needs: tuple[Source, ...] = ()
    control: str = ""


@dataclass(frozen=True)
class Finding:
    """A rule that a project breaks, in a sentence."""

    rule: Rule
    sentence: str


@dataclass(frozen=True)
class Verdict:
    """What the rules say of a project; `unjudged` is the reason by rule that lacks a source."""

    project: Project
    findings: tuple[Finding, ...]
    unjudged: Mapping[str, str]

    def of(self, kind: Kind) -> tuple[Finding, ...]:
        return tuple(one for one in self.findings if one.rule.kind == kind)

    @property
    def alarms(self) -> int:
        return sum(len(one.alarms) for one in self.project.environments)

    @property
    def urgency(self) -> tuple[int, int, int, str, str]:
        """Sorts first what needs attention most."""
        wrong, left = len(self.of("non-compliant")), len(self.of("abandoned"))
        return (-wrong, -left, -self.alarms, self.project.name, self.project.registry)


RULES = (
    Rule(
        "abandoned",
        "abandoned",
        "A project is trained, released or judged now and then; else it is left",
        "ask its owner; switch it off and leave it as docs/operations.md tells, or release a model",
        abandoned.without_a_sign,
        ("releases", "pipelines", "models", "metrics"),
    ),
    Rule(
        "unapproved-model",
        "non-compliant",
        "What serves is approved in the registry, for the environment it serves in",
        "modelyard rollback to an approved version, or have this one reviewed and approved",
        compliance.unapproved,
        ("releases", "models"),
        "withdrawal-is-obeyed",
    ),
    Rule(
        "unwatched",
        "non-compliant",
        "Whatever serves is monitored",
        "modelyard monitor tells why; see the schedule and the function's log (docs/runbook.md)",
        compliance.unwatched,
        ("releases", "metrics"),
        "nothing-is-lost",
    ),
    Rule(
        "broken-endpoint",
        "non-compliant",
        "What was released answers",
        "modelyard doctor --env prod; then release or roll back (docs/runbook.md)",
        compliance.broken_endpoint,
        ("releases", "endpoints"),
        "safe-releases",
    ),
    Rule(
        "stuck-release",
        "non-compliant",
        "A release that ended badly is followed by another",
        "modelyard history tells why it ended; release another version",
        compliance.stuck,
        ("releases",),
        "safe-releases",
    ),
    Rule(
        "incomplete-card",
        "non-compliant",
        "A model of high risk has a complete model card",
        "state the keys in project.yaml, have it reviewed, apply the workspace",
        compliance.incomplete_card,
        (),
        "model-cards",
    ),
    Rule(
        "over-budget",
        "non-compliant",
        "Every environment has a budget and keeps it",
        "find what costs (docs/costs.md); raise monthly_budget in project.yaml, or switch it off",
        compliance.over_budget,
        ("budgets",),
        "known-cost",
    ),
    Rule(
        "old-package",
        "non-compliant",
        "Pipelines are published with a version of modelyard that is maintained",
        "make upgrade in the model repo, or modelyard fleet upgrade for many (docs/upgrading.md)",
        compliance.old_package,
        ("pipelines", "tags"),
        "trusted-code",
    ),
    Rule(
        "old-template",
        "non-compliant",
        "Model repos follow the template",
        "make upgrade in the model repo, or modelyard fleet upgrade for many (docs/upgrading.md)",
        compliance.old_template,
        ("pipelines", "tags"),
        "trusted-code",
    ),
    Rule(
        "old-workspace",
        "non-compliant",
        "Workspaces are applied by programs that are maintained",
        "pulumi up with the current platform",
        compliance.old_workspace,
        (),
        "trusted-code",
    ),
    Rule(
        "superseded",
        "non-compliant",
        "An approved version is released, or its approval withdrawn",
        "modelyard release, or reject the version that nobody wants any more",
        compliance.superseded,
        ("releases", "models"),
        "two-gates-to-production",
    ),
    Rule(
        "old-model",
        "non-compliant",
        "A model that serves was trained within the last year",
        "train and have it reviewed anew (modelyard run), or retire it",
        compliance.old_model,
        ("releases", "models"),
        "quality-gates",
    ),
)


def judge(project: Project, now: Now) -> Verdict:
    """The verdict on a project by every rule that can be judged."""
    findings, unjudged = [], {}
    for rule in RULES:
        reason = next((lack for one in rule.needs if (lack := _lack(project, one))), None)
        if reason:
            unjudged[rule.name] = reason
        else:
            findings += [Finding(rule, said) for said in rule.broken(project, now)]
    return Verdict(project, tuple(findings), unjudged)


def _lack(project: Project, source: Source) -> str | None:
    """Why a source is not known of a project; None where it is."""
    known = (project.unknown, *(one.unknown for one in project.environments))
    return next((f"{source}: {one[source]}" for one in known if source in one), None)
