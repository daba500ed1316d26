"""Renders one version of the template: run as a program of its own, once for each version.

    python -P cookiecut.py TEMPLATE FOLDER     answers and what to override (JSON) on standard input

One interpreter cannot render two versions: Python would keep the Jinja extensions of the first.
Prints the answers with those of new questions, which get the template's defaults.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from cookiecutter.exceptions import CookiecutterException
from cookiecutter.generate import generate_context, generate_files
from cookiecutter.prompt import prompt_for_config


def render(template: Path, folder: Path, told: dict[str, Any]) -> dict[str, Any]:
    """The answers, after the files were written."""
    sys.path.insert(0, str(template))
    asked = json.loads((template / "cookiecutter.json").read_text(encoding="utf-8"))
    known = {name: value for name, value in told["answers"].items() if name in asked}
    context = generate_context(
        context_file=str(template / "cookiecutter.json"),
        extra_context={**known, **told["overrides"]},
    )
    context["cookiecutter"] = prompt_for_config(context, no_input=True)
    generate_files(
        repo_dir=str(template),
        context=context,
        output_dir=str(folder),
        accept_hooks=told["hooks"],
        overwrite_if_exists=True,
    )
    return {
        name: value for name, value in context["cookiecutter"].items() if not name.startswith("_")
    }


def main(arguments: list[str]) -> int:
    """Entry point: exit code 1 and one line where the template refuses the answers."""
    template, folder = map(Path, arguments)
    try:
        answers = render(template, folder, json.load(sys.stdin))
    except (CookiecutterException, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(json.dumps(answers) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
