"""Where a team's model code is: `module:function`, imported only when a model is to be built."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from modelyard.data import DataContract
    from modelyard.project import Project


@dataclass(frozen=True)
class ModelCode:
    """The function that builds an unfitted model, and the module it is in."""

    module: str
    function: str

    @classmethod
    def of(cls, project: Project) -> ModelCode:
        """What project.yaml states (model.code), or `build_model` in `<package>/model.py`."""
        module, _, function = (
            project.model.code or f"{project.package}.model:build_model"
        ).partition(":")
        return cls(module, function)

    @property
    def package(self) -> str:
        """What is imported first: the package, or a module that stands alone."""
        return self.module.partition(".")[0]

    def build(self, contract: DataContract, hyperparameters: Mapping[str, str]) -> Any:
        """An unfitted model; whatever the team's code raises is raised."""
        module = importlib.import_module(self.module)
        return getattr(module, self.function)(contract, hyperparameters)

    def wrote(self, file: str, repo: Path) -> bool:
        """Whether a file in a traceback is the team's: of the package, or anywhere in the repo."""
        path = Path(file)
        if {"site-packages", "dist-packages"} & set(path.parts):
            return False
        return self.package in (*path.parts, path.stem) or path.is_relative_to(repo)
