"""Jinja filters of the template: they check the answers before cookiecutter writes a file.

A hook that fails makes cookiecutter print a traceback; a filter can refuse with one line. Where
MODELYARD_RENDER_ONLY is set, the answers were checked when the repo was made.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import options
from cookiecutter.config import get_user_config
from cookiecutter.exceptions import FailedHookException
from cookiecutter.utils import simple_filter
from example_data import EXAMPLES, FOR_PROBLEM
from example_data import proposed as proposed_answer
from jinja2 import Environment, pass_environment
from platform_home import TEMPLATE, PlatformError, home, interpreter, source
from slugify import slugify

RENDER_ONLY = "MODELYARD_RENDER_ONLY"
YAML_WORDS = {"true", "false", "yes", "no", "on", "off", "null", "y", "n"}


def _path(dataset: str) -> Path:
    """The data file, seen from where cookiecutter was run."""
    return Path(dataset).expanduser().resolve()


def _data_name(dataset: str) -> str:
    if dataset in EXAMPLES:
        return EXAMPLES[dataset].name
    return slugify(Path(dataset).stem, max_length=60) or "data"


def _columns(listed: str) -> list[str]:
    return [name.strip() for name in listed.split(",") if name.strip()]


def _yaml_text(value: str) -> str:
    plain = re.fullmatch(r"[^\W\d_][\w./@-]*( [\w./@-]+)*", value)
    if plain and value.lower() not in YAML_WORDS:
        return value
    return json.dumps(value, ensure_ascii=False)


def _platform() -> tuple[Path, Path]:
    """The platform's checkout and the Python that has modelyard."""
    if RENDER_ONLY in os.environ:
        return TEMPLATE.parent, Path(sys.executable)
    clones = Path(get_user_config()["cookiecutters_dir"]).expanduser()
    try:
        checkout = home(clones)
        return checkout, interpreter(checkout)
    except PlatformError as error:
        raise FailedHookException(str(error)) from None


@simple_filter
def one_of(answer: str, option: str) -> str:
    """An answer that is among those offered; another ends the questions with the reason.

    Cookiecutter's own choice variables meet a wrong word on the command line with a traceback.
    """
    reason = options.refusal(option, str(answer))
    if reason:
        raise FailedHookException(reason)
    return str(answer)


@simple_filter
def example(problem: str) -> str:
    """The bundled data set of a problem."""
    return FOR_PROBLEM[problem]


@simple_filter
def readable(dataset: str) -> str:
    """A data set that is bundled, or a file that is there and of a known kind."""
    path = _path(dataset)
    if dataset in EXAMPLES or RENDER_ONLY in os.environ:
        return dataset
    if not path.exists():
        raise FailedHookException(
            f"dataset: {path} does not exist; the examples are {', '.join(EXAMPLES)}"
        )
    if path.is_dir() or path.suffix.lower() not in (".csv", ".parquet"):
        raise FailedHookException(f"dataset: {path} is neither .csv nor .parquet")
    return str(path)


@simple_filter
def proposed(dataset: str, question: str, otherwise: str = "") -> str:
    """The default of a question that follows the data set."""
    return proposed_answer(dataset, question, otherwise)


@simple_filter
def kpi(dataset: str) -> str:
    """What an example's team would be measured by."""
    return EXAMPLES[dataset].kpi if dataset in EXAMPLES else "not stated yet"


@simple_filter
def release(framework: str) -> str:
    """How an image's tag ends that stands on the Debian release of its packages."""
    return options.release(framework)


@simple_filter
def system(framework: str) -> str:
    """The Debian packages of its image, as apt-get is told them."""
    return " ".join(options.system(framework))


@simple_filter
def data_name(dataset: str) -> str:
    """The data set's name in project.yaml and in the raw bucket."""
    return _data_name(dataset)


@simple_filter
def data_file(dataset: str) -> str:
    """The name the data file gets in the repo."""
    suffix = ".csv" if dataset in EXAMPLES else _path(dataset).suffix.lower()
    return _data_name(dataset) + suffix


@simple_filter
def text(value: str) -> str:
    """A quoted string, for TOML and YAML alike, that keeps every letter as people write it."""
    return json.dumps(str(value), ensure_ascii=False)


@simple_filter
def yaml_text(value: str) -> str:
    """A YAML string, quoted only where YAML would read something else."""
    return _yaml_text(str(value))


@simple_filter
def columns(listed: str) -> str:
    """A comma-separated list as a YAML list."""
    return f"[{', '.join(map(_yaml_text, _columns(listed)))}]"


@simple_filter
def platform(fact: str) -> str:
    """A fact about the platform's source: requirement, url or commit."""
    return str(getattr(source(TEMPLATE.parent), fact))


def _facts(answers: Mapping[str, Any]) -> dict[str, Any]:
    """The answers with what follows from them, as new_project.py reads them."""
    checkout, python = _platform()
    return {
        **{key: value for key, value in answers.items() if not key.startswith("_")},
        "data_file": answers["__data_file"],
        "protected": _columns(answers["protected"]),
        "dataset": answers["__dataset"],
        "template": str(TEMPLATE),
        "home": str(checkout),
        "python": str(python),
        "project": "",
    }


def _asked(question: str, facts: Mapping[str, Any]) -> str:
    """What the platform's interpreter answers; a refusal ends the generation with its reason."""
    done = subprocess.run(
        [str(facts["python"]), str(TEMPLATE / "new_project.py"), question],
        input=json.dumps(facts),
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise FailedHookException(done.stderr.strip())
    return done.stdout


@simple_filter
def forecast(answers: Mapping[str, Any]) -> str:
    """The forecast section of project.yaml, of which the data say a part; nothing for others."""
    if answers["problem"] != "forecasting":
        return ""
    if RENDER_ONLY in os.environ:
        return "    {time: time, frequency: month, horizon: 1, test_from: 2000-01-01}"
    return _asked("forecast", _facts(answers))


@simple_filter
@pass_environment
def checked(environment: Environment, answers: Mapping[str, Any]) -> str:
    """The answers as JSON for the hook; a wrong one ends the generation with its reason."""
    project = TEMPLATE / "{{cookiecutter.project_slug}}" / "project.yaml"
    stated = environment.from_string(project.read_text()).render(cookiecutter=answers)
    facts = {**_facts(answers), "project": stated}
    if RENDER_ONLY not in os.environ:
        _asked("check", facts)
    return json.dumps(facts)
