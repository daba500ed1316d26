"""What a team may choose, and what each choice brings into its repo: decided here and nowhere else.

Needs the standard library only, because cookiecutter's own Python reads it too. A framework exists
where its folder does:

    templates/<framework>/*.*                files of src/<package>/, whatever the problem
    templates/<framework>/classification/    those of binary and multiclass problems
    templates/<framework>/regression/        those of regression and forecasting
    templates/<framework>/root/              files that replace or join those of the repo's root
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

TEMPLATES = Path(__file__).resolve().parent / "templates"
KIND = {
    "binary": "classification",
    "multiclass": "classification",
    "regression": "regression",
    "forecasting": "regression",
}


@dataclass(frozen=True)
class Choice:
    """What an answer means, and what comes with it.

    Attributes:
        words: what people are told about it.
        files: of the generated repo, kept only where this is chosen.
        requirements: lines of requirements.txt; a name alone gets the platform's own version.
        system: Debian packages of the image.
        release: of Debian, where these are tested with one; empty: the newest.
    """

    words: str
    files: tuple[str, ...] = ()
    requirements: tuple[str, ...] = ()
    system: tuple[str, ...] = ()
    release: str = ""


OPTIONS: Mapping[str, Mapping[str, Choice]] = {
    "problem": {
        "binary": Choice("one of two answers"),
        "multiclass": Choice("one of several answers"),
        "regression": Choice("a number"),
        "forecasting": Choice("numbers to come, from those that came before"),
    },
    "framework": {
        "scikit-learn": Choice("linear models and whatever else scikit-learn has"),
        "lightgbm": Choice(
            "boosted trees by LightGBM", requirements=("lightgbm",), system=("libgomp1",)
        ),
        "xgboost": Choice(
            "boosted trees by XGBoost",
            requirements=(
                "xgboost-cpu; sys_platform != 'darwin'",
                "xgboost; sys_platform == 'darwin'",
            ),
        ),
        # In no environment of the platform but build/torch, so its versions are stated here.
        "pytorch": Choice(
            "a neural network by PyTorch, on CPUs",
            requirements=("torch==2.15.0", "safetensors==0.8.0"),
        ),
        "r": Choice(
            "a model in R",
            system=("r-base-core", "r-cran-httpuv", "r-cran-jsonlite"),
            release="bookworm",
        ),
    },
    "serving": {
        "real-time": Choice("an endpoint that always answers at once"),
        "serverless": Choice("an endpoint that costs nothing while nobody asks"),
        "asynchronous": Choice("an endpoint with a queue, for large or slow requests"),
        "batch": Choice("no endpoint: tables are scored when they arrive"),
    },
    "risk_tier": {
        "minimal": Choice("hardly anybody is affected"),
        "limited": Choice("people are affected, and can put it right"),
        "high": Choice("decides about people's lives"),
    },
    "ci": {
        "github": Choice("GitHub Actions", files=(".github",)),
        "gitlab": Choice("GitLab CI", files=(".gitlab-ci.yml",)),
    },
}


def listed(names: list[str]) -> str:
    """Names as a sentence has them: a, b or c."""
    return " or ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def offered(option: str) -> list[str]:
    """The answers that lead somewhere: a framework whose folder is missing does not."""
    names = list(OPTIONS[option])
    return [name for name in names if option != "framework" or (TEMPLATES / name).is_dir()]


def refusal(option: str, answer: str) -> str:
    """Why an answer cannot be had, or nothing."""
    names = offered(option)
    if answer in names:
        return ""
    close = difflib.get_close_matches(answer.lower(), names, n=1)
    meant = f"did you mean {close[0]}? " if close else ""
    return f"{option}: '{answer}' is unknown; {meant}say {listed(names)}"


def model_files(framework: str, problem: str) -> dict[str, Path]:
    """The files of src/<package>/ by name: where the template keeps each."""
    folder = TEMPLATES / framework
    found = [*folder.iterdir(), *(folder / KIND[problem]).iterdir()]
    return {file.name: file for file in found if file.is_file()}


def root_files(framework: str) -> dict[str, Path]:
    """What a framework puts at the repo's root, by path there."""
    root = TEMPLATES / framework / "root"
    return {str(file.relative_to(root)): file for file in root.rglob("*") if file.is_file()}


def left_out(answers: Mapping[str, str]) -> list[str]:
    """Files of the generated repo that only choices not made would keep."""
    chosen = {
        file for option, choices in OPTIONS.items() for file in choices[answers[option]].files
    }
    known = {
        file for choices in OPTIONS.values() for choice in choices.values() for file in choice.files
    }
    return sorted(known - chosen)


def requirements(answers: Mapping[str, str]) -> list[str]:
    """What the choices add to requirements.txt."""
    return [
        line
        for option, choices in OPTIONS.items()
        for line in choices[answers[option]].requirements
    ]


def release(framework: str) -> str:
    """How an image's tag ends that stands on the Debian release of a framework's packages."""
    name = OPTIONS["framework"][framework].release
    return f"-{name}" if name else ""


def system(framework: str) -> list[str]:
    """The Debian packages that a framework's image needs."""
    return list(OPTIONS["framework"][framework].system)
