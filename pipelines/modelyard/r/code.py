"""A team's R code: which files it is, by which checksums a model knows it again."""

import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from modelyard.manifest import file_sha256
from modelyard.skops_files import EstimatorError

MODEL_FILE = "model.R"


@dataclass(frozen=True)
class RCode:
    """The R files of an installed package; only these are ever run, and never a model's own."""

    package: str
    folder: Path

    @classmethod
    def of(cls, package: str) -> "RCode":
        """The code in an importable package, which is found without importing it."""
        top = package.partition(".")[0]
        found = importlib.util.find_spec(top)
        folders = list(found.submodule_search_locations or ()) if found else []
        for folder in map(Path, folders):
            if (folder / MODEL_FILE).is_file():
                return cls(top, folder)
        raise EstimatorError(
            f"no package '{top}' with a {MODEL_FILE} is installed here: run this in the "
            "environment of the model's repo (`make setup`), or in its image"
        )

    @classmethod
    def recorded(cls, record: Mapping[str, Any]) -> "RCode":
        """The code a model was made by; EstimatorError where the installed one is another."""
        code = cls.of(str(record["package"]))
        if code.checksums() != record["code"]:
            raise EstimatorError(
                f"the model was made by other R code than that of '{code.package}' here: its files "
                "are only read by the code that wrote them; use the image that trained it"
            )
        return code

    def checksums(self) -> dict[str, str]:
        """Name and sha256 of each R file."""
        files = sorted(file for file in self.folder.iterdir() if file.suffix in (".R", ".r"))
        return {file.name: file_sha256(file) for file in files}

    def record(self) -> dict[str, Any]:
        """What a model keeps of it."""
        return {"package": self.package, "code": self.checksums()}
