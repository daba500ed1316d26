"""Notebooks in a model repo: run from top to bottom, and kept in git without what they showed.

    python -m modelyard.notebooks run notebooks/explore.ipynb --out build/explore.ipynb
    python -m modelyard.notebooks strip notebooks/explore.ipynb
    python -m modelyard.notebooks check notebooks/explore.ipynb

Outputs show rows of data, which do not belong into git's history.
"""

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from modelyard.errors import ModelyardError

_KERNEL = "modelyard"
_TIMEOUT_S = 600


class NotebookError(ModelyardError):
    """A notebook that cannot be read, failed, or holds outputs; the message names it."""


def stripped(notebook: dict[str, Any]) -> dict[str, Any]:
    """The notebook without outputs and without the order in which cells were run."""
    cells = [
        {**cell, "outputs": [], "execution_count": None} if cell["cell_type"] == "code" else cell
        for cell in notebook["cells"]
    ]
    return {**notebook, "cells": cells}


def read(file: Path) -> dict[str, Any]:
    """A notebook's document; NotebookError where it is none."""
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise NotebookError(f"{file}: cannot be read as a notebook ({error})") from None
    if not isinstance(document, dict) or "cells" not in document:
        raise NotebookError(f"{file}: holds no cells; it is no notebook of this decade's format")
    return document


def write(file: Path, notebook: dict[str, Any]) -> None:
    """The notebook as editors write it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True)
    file.write_text(text + "\n", encoding="utf-8")


def run(file: Path, out: Path) -> None:
    """Runs every cell with this interpreter, in the notebook's folder; `out` gets the outputs."""
    import nbformat
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError

    notebook: Any = nbformat.reads(json.dumps(read(file)), as_version=4)  # type: ignore[no-untyped-call]
    with _kernel():
        client = NotebookClient(
            notebook,
            timeout=_TIMEOUT_S,
            kernel_name=_KERNEL,
            resources={"metadata": {"path": str(file.parent)}},
        )
        try:
            client.execute()
        except CellExecutionError as error:
            raise NotebookError(f"{file}: {error.ename}: {error.evalue}") from None
        except CellTimeoutError:
            raise NotebookError(f"{file}: a cell took longer than {_TIMEOUT_S} s") from None
    out.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, out)  # type: ignore[no-untyped-call]


@contextmanager
def _kernel() -> Iterator[None]:
    """A kernel of this very interpreter; a person's Jupyter may know another as python3."""
    # It warns about TCP, which it listens on at the loopback only.
    quiet = "--log-level=ERROR"
    argv = [sys.executable, "-m", "ipykernel_launcher", quiet, "-f", "{connection_file}"]
    before = os.environ.get("JUPYTER_PATH")
    with tempfile.TemporaryDirectory() as folder:
        spec = Path(folder) / "kernels" / _KERNEL / "kernel.json"
        spec.parent.mkdir(parents=True)
        spec.write_text(json.dumps({"argv": argv, "display_name": _KERNEL, "language": "python"}))
        os.environ["JUPYTER_PATH"] = os.pathsep.join(filter(None, [folder, before]))
        try:
            yield
        finally:
            if before is None:
                del os.environ["JUPYTER_PATH"]
            else:
                os.environ["JUPYTER_PATH"] = before


def check(file: Path) -> None:
    """NotebookError where the notebook holds outputs."""
    notebook = read(file)
    if notebook != stripped(notebook):
        raise NotebookError(
            f"{file}: holds outputs, which show rows of data; take them out with "
            f"`.venv/bin/python -m modelyard.notebooks strip {file}`"
        )


def strip(file: Path) -> None:
    """Takes the outputs out of the file."""
    notebook = read(file)
    if notebook != stripped(notebook):
        write(file, stripped(notebook))


def main(arguments: list[str] | None = None) -> int:
    """Entry point: exit code 1 and a line for each notebook that is not as it should be."""
    parser = argparse.ArgumentParser(prog="modelyard.notebooks", description=__doc__)
    parser.add_argument("action", choices=("run", "strip", "check"))
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--out", type=Path, default=Path("build/notebook.ipynb"), metavar="FILE")
    options = parser.parse_args(arguments)
    failed = False
    for file in options.files:
        try:
            if options.action == "run":
                run(file, options.out)
                print(f"{options.out} shows what {file} found")
            else:
                (strip if options.action == "strip" else check)(file)
        except NotebookError as error:
            print(error, file=sys.stderr)
            failed = True
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
