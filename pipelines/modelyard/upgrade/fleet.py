"""Upgrades many repos: each in a clone of its own, on a branch that is pushed, and never main."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace
from pathlib import Path

from modelyard.errors import ModelyardError
from modelyard.upgrade.fleet_list import Repo
from modelyard.upgrade.git import git, tried
from modelyard.upgrade.plan import Plan, plan
from modelyard.upgrade.pull_request import opened
from modelyard.upgrade.upgrade import Outcome, upgrade


@dataclass(frozen=True)
class Row:
    """What became of one repo."""

    name: str
    old: str = "-"
    new: str = "-"
    branch: str = "-"
    result: str = ""
    link: str = ""
    succeeded: bool = True


@dataclass(frozen=True)
class Order:
    """What is asked of every repo."""

    work: Path
    to: str | None
    pull_request: bool


def upgrade_all(
    repos: Sequence[Repo], order: Order, jobs: int, done: Callable[[Row], None]
) -> list[Row]:
    """A row for each repo, in the order of the list; one that fails stops no other."""
    order.work.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(jobs) as pool:
        asked = {pool.submit(_one, repo, order): place for place, repo in enumerate(repos)}
        rows: dict[int, Row] = {}
        for future in as_completed(asked):
            rows[asked[future]] = future.result()
            done(rows[asked[future]])
    return [rows[place] for place in sorted(rows)]


def _one(repo: Repo, order: Order) -> Row:
    """One repo from clone to pushed branch; its log lies beside its clone."""
    row = Row(repo.name)
    with (order.work / f"{repo.name}.log").open("w", encoding="utf-8") as log:

        def say(text: str) -> None:
            log.write(text + "\n")
            log.flush()

        try:
            folder = _clone(repo, order.work)
            found = plan(folder, order.to, lambda _: None)
            row = replace(row, old=found.old.version, new=found.new.version)
            if not found.is_behind:
                return replace(row, result="up to date")
            row = replace(row, branch=found.branch)
            if _is_open(folder, found):
                return replace(row, result="branch is open")
            return _told(row, folder, upgrade(folder, order.to, say), order, say)
        except ModelyardError as error:
            say(str(error))
            return replace(row, result=str(error).splitlines()[0], succeeded=False)


def _told(
    row: Row, folder: Path, outcome: Outcome, order: Order, say: Callable[[str], None]
) -> Row:
    """The branch pushed, unless a person has to decide in it first."""
    if outcome.status == "conflicts" and outcome.merged is not None:
        names = ", ".join(outcome.merged.conflicts)
        return replace(
            row, result=f"conflicts: {names}; decide in {folder}, not pushed", succeeded=False
        )
    pushed = tried(folder, "push", "--quiet", "--set-upstream", "origin", outcome.plan.branch)
    say(pushed.stderr.strip())
    if pushed.returncode:
        said = pushed.stderr.strip().splitlines() or ["no reason given"]
        return replace(row, result=f"cannot be pushed: {said[-1]}", succeeded=False)
    link = next((word for word in pushed.stderr.split() if word.startswith("https://")), "")
    if order.pull_request:
        link = opened(folder, outcome.plan.branch, f"Upgrade to Modelyard {outcome.plan.label}")
    passed = outcome.status == "upgraded"
    result = "tests passed" if passed else f"tests failed, see {order.work / row.name}.log"
    return replace(row, result=result, link=link, succeeded=passed)


def _clone(repo: Repo, work: Path) -> Path:
    """A fresh clone; one from before in which somebody worked is left alone."""
    if not repo.address:
        raise ModelyardError(
            "its pipeline does not say where its repo is: publish it anew, or list its address"
        )
    folder = work / repo.name
    if folder.exists():
        changed = git(folder, "status", "--porcelain", "--untracked-files=no")
        if changed or git(folder, "log", "--branches", "--not", "--remotes", "--format=%h"):
            raise ModelyardError(f"{folder} holds work that is not pushed: push or remove it")
        shutil.rmtree(folder)
    git(work, "clone", "--quiet", "--", repo.address, str(folder))
    if not (folder / "project.yaml").is_file():
        raise ModelyardError("holds no project.yaml: is it a model repo?")
    return folder


def _is_open(folder: Path, found: Plan) -> bool:
    """Whether an earlier run has pushed this upgrade, and it waits to be merged."""
    remote = f"refs/remotes/origin/{found.branch}"
    return not tried(folder, "rev-parse", "--verify", "--quiet", remote).returncode
