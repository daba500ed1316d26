"""The template at one version, with a repo's answers and without its data, as a folder of files."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from modelyard import pins
from modelyard.errors import ModelyardError
from modelyard.upgrade.template import Release, Template

RENDER_ONLY = "MODELYARD_RENDER_ONLY"
_PROGRAM = Path(__file__).with_name("cookiecut.py")
_REQUIREMENT = re.compile(r"^modelyard\s*@.*$", re.MULTILINE)


class RenderError(ModelyardError):
    """A version of the template does not take these answers."""


@dataclass(frozen=True)
class Rendered:
    """The files, and the answers with those of questions that were new."""

    folder: Path
    answers: Mapping[str, Any]


def stated_requirement(repo: Path) -> str | None:
    """The line of requirements.txt that installs the platform, as the team has it now."""
    file = repo / "requirements.txt"
    found = _REQUIREMENT.search(file.read_text(encoding="utf-8")) if file.is_file() else None
    return found[0] if found else None


def requirement(template: Template, release: Release) -> str:
    """The line of requirements.txt that installs a release."""
    return f"modelyard @ git+{template.address}@{release.commit}#subdirectory=pipelines"


def rendered(
    template: Template, release: Release, answers: Mapping[str, Any], line: str, work: Path
) -> Rendered:
    """The release's files, by its own code: nothing of another version takes part."""
    tree = template.unpack(release, work / f"platform-{release.commit[:7]}")
    folder = work / f"rendered-{release.commit[:7]}"
    renders_alone = RENDER_ONLY in (tree / "project_template/local_extensions.py").read_text()
    told = {
        "answers": dict(answers),
        "overrides": {"__requirement": line, **({} if renders_alone else {"__answers": "{}"})},
        "hooks": renders_alone,
    }
    done = subprocess.run(
        [sys.executable, "-P", str(_PROGRAM), str(tree / "project_template"), str(folder)],
        input=json.dumps(told),
        env={**os.environ, RENDER_ONLY: "1", "PYTHONPATH": str(tree / "pipelines")},
        capture_output=True,
        text=True,
    )
    if "No module named 'cookiecutter'" in done.stderr:
        raise RenderError(
            "upgrading needs cookiecutter: install it with `pip install 'modelyard[authoring]'`"
        )
    if done.returncode:
        said = done.stderr.strip().splitlines() or ["no reason given"]
        raise RenderError(f"the template of {release.version} cannot be rendered: {said[-1]}")
    (made,) = folder.iterdir()
    if not renders_alone:
        with (made / "requirements.txt").open("a", encoding="utf-8") as requirements:
            requirements.writelines(f"{line}\n" for line in pins.lines(tree, ()))
    return Rendered(made, json.loads(done.stdout.splitlines()[-1]))
