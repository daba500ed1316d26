"""Which template a model repo came from: `.cruft.json`, in the format of the tool of that name."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from modelyard.errors import ModelyardError

FILE = ".cruft.json"
TEMPLATE_FOLDER = "project_template"
# The team's from the first day, so that no upgrade touches it: the data and what is known of them,
# the model's code (an upgrade never changes what a model learns), and what is rendered anew.
TEAMS_OWN = (
    ".modelyard-home",
    "data",
    "data_contract.yaml",
    "docs/data.md",
    "pipeline.json",
    "src",
)


class ProvenanceError(ModelyardError):
    """A repo does not say which template it came from, or not in a way that can be read."""


@dataclass(frozen=True)
class Provenance:
    """The template's address, commit and version, and the answers it was given."""

    template: str
    commit: str
    version: str
    answers: Mapping[str, Any]
    skip: tuple[str, ...] = TEAMS_OWN

    @classmethod
    def read(cls, folder: Path) -> Provenance:
        """What the repo says; ProvenanceError where it says nothing or nonsense."""
        file = folder / FILE
        try:
            stated = json.loads(file.read_text(encoding="utf-8"))
            return cls(
                template=str(stated["template"]),
                commit=str(stated["commit"]),
                version=str(stated["version"]),
                answers={
                    name: answer
                    for name, answer in stated["context"]["cookiecutter"].items()
                    if not name.startswith("_")
                },
                skip=tuple(map(str, stated.get("skip", ()))),
            )
        except FileNotFoundError:
            raise ProvenanceError(f"{file}: no such file; run `make upgrade`") from None
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            reason = f"'{error.args[0]}' is missing" if isinstance(error, KeyError) else str(error)
            raise ProvenanceError(
                f"{file}: {reason}; restore it with `git checkout -- {FILE}`"
            ) from None

    def at(self, template: str, commit: str, version: str) -> Provenance:
        """The same answers, given to another version of the template."""
        return replace(self, template=template, commit=commit, version=version)

    def answering(self, answers: Mapping[str, Any]) -> Provenance:
        """The same version with other answers: later questions are answered later."""
        return replace(self, answers=dict(answers))

    def text(self) -> str:
        """The file as cruft writes it; `version` is ours, and cruft leaves it alone."""
        document = {
            "template": self.template,
            "commit": self.commit,
            "version": self.version,
            "checkout": None,
            "context": {
                "cookiecutter": {
                    **self.answers,
                    "_template": self.template,
                    "_commit": self.commit,
                }
            },
            "directory": TEMPLATE_FOLDER,
            "skip": list(self.skip),
        }
        return json.dumps(document, ensure_ascii=False, indent=2, separators=(",", ": ")) + "\n"

    def write(self, folder: Path) -> None:
        """Put the file into a repo."""
        (folder / FILE).write_text(self.text(), encoding="utf-8")
