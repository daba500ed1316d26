"""Upgrades a repo on a branch of its own: merge, render, test, commit. What a team wrote stays."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from modelyard.errors import ModelyardError
from modelyard.provenance import FILE
from modelyard.upgrade import gate
from modelyard.upgrade.gate import Verdict
from modelyard.upgrade.git import author, git, tried
from modelyard.upgrade.merge import Merged, merge
from modelyard.upgrade.plan import Plan, plan
from modelyard.upgrade.rendering import rendered, requirement, stated_requirement

Say = Callable[[str], None]
Status = Literal["up to date", "upgraded", "tests failed", "conflicts"]


class UpgradeError(ModelyardError):
    """A repo cannot be upgraded as it is; nothing was changed."""


@dataclass(frozen=True)
class Outcome:
    """What became of an upgrade."""

    status: Status
    plan: Plan
    merged: Merged | None = None
    verdict: Verdict | None = None

    @property
    def succeeded(self) -> bool:
        return self.status in ("up to date", "upgraded")


def upgrade(repo: Path, to: str | None, say: Say) -> Outcome:
    """Bring a repo to a version of the platform; tells each step as it goes."""
    _require_clean(repo)
    found = plan(repo, to, say)
    say(found.sentence)
    if not found.is_behind:
        return Outcome("up to date", found)
    if not tried(repo, "rev-parse", "--verify", "--quiet", found.branch).returncode:
        raise UpgradeError(
            f"the branch {found.branch} exists: go on there with `git switch {found.branch}`, "
            f"or begin anew after `git branch -D {found.branch}`"
        )
    with tempfile.TemporaryDirectory(prefix="modelyard-upgrade-") as scratch:
        with _branch(repo, found.branch) as begun_from:
            merged = _merged(repo, found, Path(scratch))
        try:
            return _settled(repo, found, merged, begun_from, say)
        except BaseException:
            say(f"stopped midway; {_way_back(found, begun_from)}")
            raise


def _merged(repo: Path, found: Plan, work: Path) -> Merged:
    """Both versions rendered and merged, and the repo saying which it follows now."""
    template, answers = found.template, found.origin.answers
    line = stated_requirement(repo) or requirement(template, found.old)
    old = rendered(template, found.old, answers, line, work)
    new = rendered(template, found.new, answers, requirement(template, found.new), work)
    merged = merge(
        repo, old.folder, new.folder, f"Modelyard {found.label}", [FILE, *found.origin.skip]
    )
    stated = found.origin.at(template.address, found.new.commit, found.new.version)
    stated.answering(new.answers).write(repo)
    git(repo, "add", "--", FILE)
    return merged


def _settled(repo: Path, found: Plan, merged: Merged, begun_from: str, say: Say) -> Outcome:
    """Conflicts are left to people; without any, the result is tested and committed."""
    count = len(merged.changed)
    say(f"{count} files change beside {FILE}; the changelog says:\n\n{found.changes}\n")
    for name in merged.kept:
        say(f"kept yours: {name}, which the template changed or dropped")
    home = gate.settle_home(repo, found.template, found.new, say)
    if merged.conflicts:
        for name in merged.conflicts:
            say(f"conflict: {name}: your edit and the template's touch the same lines")
        say(
            "Decide in each (git marks the places), then:\n"
            "  make render lint test && git add --update && git commit\n"
            f"{_way_back(found, begun_from)}"
        )
        return Outcome("conflicts", found, merged)
    say("running make render lint test")
    verdict = gate.passes(repo, home)
    git(repo, "add", "--update")
    _commit(repo, found, verdict)
    if verdict.passed:
        say(
            f"upgraded to {found.label} on the branch {found.branch}, tests passed. Next:\n"
            "  git show                 read what changed\n"
            f"  git push -u origin {found.branch}   and open a pull request\n"
            f"{_way_back(found, begun_from)}"
        )
        return Outcome("upgraded", found, merged, verdict)
    say(
        f"{verdict.said}\n"
        f"`{verdict.command}` failed; the upgrade is committed on the branch {found.branch}: "
        f"mend it there and commit.\n{_way_back(found, begun_from)}"
    )
    return Outcome("tests failed", found, merged, verdict)


def _commit(repo: Path, found: Plan, verdict: Verdict) -> None:
    told = "" if verdict.passed else f"\n\n`{verdict.command}` does not pass yet."
    message = f"Upgrade to Modelyard {found.label}\n\n{found.changes}{told}\n"
    # A changelog's headings begin with the sign that git takes for its own comments.
    git(
        repo,
        "commit",
        "--quiet",
        "--cleanup=whitespace",
        "--message",
        message,
        environment=author(repo),
    )


def _way_back(found: Plan, begun_from: str) -> str:
    return (
        f"To go back: git reset --hard && git switch {begun_from} && git branch -D {found.branch}"
    )


def _require_clean(repo: Path) -> None:
    """Refuse what git could not give back: no repository, changes that are not committed."""
    if tried(repo, "rev-parse", "--verify", "--quiet", "HEAD").returncode:
        raise UpgradeError(
            f"{repo} is no git repository with a commit: begin with "
            "`git init && git add --all && git commit`"
        )
    if git(repo, "ls-files", "--unmerged"):
        raise UpgradeError(
            "an upgrade or merge is under way: decide in the files that `git status` lists and "
            "commit, or give it up with `git reset --hard`"
        )
    changed = git(repo, "status", "--porcelain", "--untracked-files=no").splitlines()
    if changed:
        raise UpgradeError(
            f"{len(changed)} files have changes that are not committed ({changed[0][2:].strip()}): "
            "commit them, or put them aside with `git stash`"
        )


@contextmanager
def _branch(repo: Path, branch: str) -> Iterator[str]:
    """On a new branch; what fails here leaves the repo where it was."""
    named = tried(repo, "symbolic-ref", "--quiet", "--short", "HEAD").stdout.strip()
    begun_from = named or f"--detach {git(repo, 'rev-parse', 'HEAD')}"
    git(repo, "switch", "--quiet", "--create", branch)
    try:
        yield begun_from
    except BaseException:
        git(repo, "reset", "--quiet", "--hard")
        git(repo, "switch", "--quiet", *begun_from.split())
        git(repo, "branch", "--quiet", "-D", branch)
        raise
