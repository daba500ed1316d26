"""Whether a repo is behind its template, and what an upgrade would bring it to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from modelyard.provenance import FILE, Provenance
from modelyard.upgrade import changelog
from modelyard.upgrade.source import locate
from modelyard.upgrade.template import Release, Template
from modelyard.upgrade.unmarked import recalled


@dataclass(frozen=True)
class Plan:
    """Where a repo comes from and where it would go; `named` if somebody said where to."""

    origin: Provenance
    template: Template
    old: Release
    new: Release
    named: bool

    @property
    def is_behind(self) -> bool:
        """Another commit of the same version is no upgrade, unless somebody asked for it."""
        if self.named:
            return self.new.commit != self.old.commit
        return self.old.number < self.new.number

    @property
    def label(self) -> str:
        """The new version as a branch and people call it."""
        if self.new.version == self.old.version:
            return f"{self.new.version}-{self.new.commit[:7]}"
        return self.new.version

    @property
    def branch(self) -> str:
        """The branch an upgrade is made on."""
        return f"modelyard/upgrade-{self.label}"

    @property
    def changes(self) -> str:
        """What the changelog says of the versions between the two."""
        text = self.template.changelog(self.new)
        return changelog.between(text, self.old.number, self.new.number)

    @property
    def sentence(self) -> str:
        """Where the repo stands."""
        if self.is_behind:
            return f"this repo follows {self.old.version}; {self.label} is there"
        if self.new.number < self.old.number:
            return (
                f"this repo follows {self.old.version}, which is newer than {self.new.version} of "
                f"{self.template.checkout or self.template.address}: bring that up to date"
            )
        return f"up to date: this repo follows {self.old.version}"


def plan(repo: Path, to: str | None, say: Callable[[str], None]) -> Plan:
    """Look without changing anything."""
    origin = Provenance.read(repo) if (repo / FILE).exists() else recalled(repo)
    template = locate(repo, origin.template, origin.commit, say)
    new = template.release(to) if to else template.newest
    return Plan(origin, template, template.release(origin.commit), new, bool(to))
