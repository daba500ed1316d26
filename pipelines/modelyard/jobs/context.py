"""What every job does first and last: find its project and contract, and say why it failed."""

import os
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from modelyard import project as projects
from modelyard.data import DataContract, DataError
from modelyard.data_rules import require_agreement
from modelyard.errors import ModelyardError
from modelyard.forecasting.contract import derived
from modelyard.project import Project

# SageMaker keeps no more of a job's own failure text ("DescribeProcessingJob", ExitMessage).
_MAX_REASON = 1024


@dataclass(frozen=True)
class Setting:
    """The project a job runs for, and what its data must look like.

    Attributes:
        contract: of the rows a model learns from.
        raw: of the data set; the same, but where rows are made of series.
    """

    project: Project
    contract: DataContract
    raw: DataContract


def load_setting(stated_file: Path | None = None) -> Setting:
    """A project.yaml, by default the one that MODELYARD_PROJECT_FILE names or in the working
    directory, with its data contract; they must agree on target, row key and protected columns."""
    file = stated_file or Path(os.environ.get("MODELYARD_PROJECT_FILE") or "project.yaml")
    project = projects.load(file)
    path = file.parent / project.dataset.contract
    contract = DataContract.load(path)
    stated: dict[str, tuple[set[str | None], set[str | None]]] = {
        "target": ({project.model.target}, {contract.target}),
        "protected": (set(project.model.protected), set(contract.protected)),
        "key": ({project.dataset.row_key} - {None}, {contract.row_key} - {None}),
    }
    for use, (in_project, in_contract) in stated.items():
        if in_project != in_contract:
            raise DataError(
                f"{path}: columns with use '{use}' are {_names(in_contract)}, "
                f"but {file} says {_names(in_project)}; make them equal"
            )
    require_agreement(project.dataset, contract, str(file))
    forecast = project.model.forecast
    return Setting(project, derived(contract, forecast) if forecast else contract, contract)


def _names(names: set[str | None]) -> str:
    return ", ".join(sorted(map(str, names))) or "none"


def run(job: Callable[[], None], reason_file: Path) -> int:
    """Runs a job; its exit code. Why it failed is told on standard error and in `reason_file`."""
    try:
        job()
    except ModelyardError as error:
        reason = str(error)
        print(f"error: {reason}", file=sys.stderr, flush=True)
    except Exception as error:
        traceback.print_exc()
        reason = f"{type(error).__name__}: {error}"
    else:
        return 0
    reason_file.parent.mkdir(parents=True, exist_ok=True)
    reason_file.write_bytes(reason.encode()[:_MAX_REASON].decode(errors="ignore").encode())
    return 1


def processing_message(path: Path) -> Path:
    """Where a processing job leaves its exit message: /opt/ml/output/message, by any of its
    own directories below /opt/ml/processing."""
    if "SM_OUTPUT_DIR" in os.environ:
        return Path(os.environ["SM_OUTPUT_DIR"]) / "message"
    for folder in path.absolute().parents:
        if folder.name == "processing":
            return folder.parent / "output" / "message"
    return path / "message"


def say(text: str) -> None:
    """One line of progress."""
    print(text, flush=True)
