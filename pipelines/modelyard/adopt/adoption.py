"""Adopts a repo up to the writing: what was found, what is asked, what will be written."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from modelyard import project as projects
from modelyard.adopt import files, kinds, preparation, template
from modelyard.adopt.builders import Expression
from modelyard.adopt.contract import contract
from modelyard.adopt.errors import AdoptError
from modelyard.adopt.inspection import Inspection, inspect
from modelyard.adopt.interview import Answers, Ask, Interview
from modelyard.adopt.model_choice import GUARD
from modelyard.adopt.repository import git
from modelyard.adopt.template import Template
from modelyard.adopt.writing import Plan
from modelyard.data import DataContract
from modelyard.errors import ProjectError

Say = Callable[[str], None]


@dataclass(frozen=True)
class Wishes:
    """What was asked for on the command line."""

    stated: Mapping[str, str | None]
    settings: Mapping[str, str]
    ci: str | None
    makefile: bool
    allow_dirty: bool


def adopted(repo: Path) -> str | None:
    """What the repo is called in Modelyard, if it is there already; ProjectError if broken."""
    if (repo / files.MAKEFILE).exists():
        return projects.load(repo / "project.yaml").name
    try:
        return projects.load(repo / "project.yaml").name
    except ProjectError:
        return None


def prepare(repo: Path, wishes: Wishes, ask: Ask | None, say: Say) -> Plan:
    """Everything up to the writing: what was found, what was asked, what will be written."""
    if not wishes.allow_dirty:
        _refuse_unfinished(repo)
    found = inspect(repo)
    answers = Interview(found, wishes.stated, ask).answers()
    data = contract(found, answers)
    for line in told(found, answers, data):
        say(line)
    settings = {
        "project_name": answers.name.replace("-", " ").capitalize(),
        "project_slug": answers.name,
        "problem": answers.problem,
        "framework": kinds.framework([*answers.model.made.learners]),
        "dataset": str(repo / answers.data),
        "target": answers.target,
        "row_key": answers.row_key or "",
        "protected": ",".join(answers.protected),
        "ci": _host(repo),
    }
    filled = Template(template.home(), {**settings, **wishes.settings})
    plan = files.plan(found, answers, data, filled, wishes.ci, wishes.makefile)
    say("Will write, and change nothing else:")
    for line in plan.told():
        say(line)
    for note in plan.notes:
        say(f"  note: {note}")
    return plan


def told(found: Inspection, answers: Answers, data: DataContract) -> Iterator[str]:
    """What was found and where, and what it means for the served model."""
    model, made = answers.model, answers.model.made
    yield "Found, without running anything:"
    yield f"  model    {model.spoken} ({', '.join(made.learners) or 'a pipeline'})" + (
        "" if isinstance(made, Expression) else f" at {model.place}"
    )
    read = found.read_files(model.script).get(answers.data)
    rows = f"{len(answers.frame):,} rows, {len(answers.frame.columns)} columns"
    yield f"  data     {answers.data} ({rows})" + (f", read at {read}" if read else "")
    said = {f.what: f.place for f in found.found(model.script, "targets")}.get(answers.target)
    yield f"  target   {answers.target} ({answers.problem})" + (
        f", taken at {said}" if said else ""
    )
    for unreadable in found.unreadable:
        yield f"  unread   {unreadable.place}: {unreadable.reason}"
    computed = found.computed(model.script)
    if computed:
        yield "  computed before fitting, which the served model will not see; put it into the"
        yield "  pipeline's steps or into the data if it matters:"
        yield from (f"           {fact.place}: {fact.what}" for fact in computed[:8])
    before = preparation.kind(model, data)
    if before:
        yield f"  {preparation.WORDS[before]}"
    if isinstance(made, Expression):
        yield f"  the adapter holds a copy of {model.place}; so that there is one, put it in a"
        if model.script.is_notebook:
            yield "  function, make_model(), of a file such as model.py, which both then import"
        else:
            yield f"  function, make_model(), and what {model.script.file} does below `{GUARD}`;"
            yield "  then let modelyard_adapter.py import and return make_model()"


def _refuse_unfinished(repo: Path) -> None:
    done = git(repo, "status", "--porcelain", "--", ".")
    if done is None:
        return
    changed = [line[3:] for line in done.splitlines()]
    if changed:
        more = f" and {len(changed) - 1} more" if len(changed) > 1 else ""
        raise AdoptError(
            f"{changed[0]}{more}: not committed; commit first, so that the diff shows adoption "
            "alone, or say --allow-dirty"
        )


def _host(repo: Path) -> str:
    """Where the repo lives, by its remote's address."""
    return "gitlab" if "gitlab" in (git(repo, "remote", "get-url", "origin") or "") else "github"
