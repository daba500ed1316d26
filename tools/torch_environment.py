"""PyTorch in an environment of its own, layered on .venv: build/torch.

    .venv/bin/python tools/torch_environment.py

What PyPI serves for Linux brings NVIDIA's libraries, which nothing here uses: 3 GB to download and
5 GB on disk. Where pip is told of an index of CPU builds (docs/frameworks.md) it is far less.
"""

from __future__ import annotations

import sys
from pathlib import Path

from tools.layered import LayerError, create, layer, pip

ROOT = Path(__file__).resolve().parent.parent
PLACE = ROOT / "build" / "torch"
STAMP = PLACE / "complete"


def pins() -> tuple[str, ...]:
    """What the template's choice of PyTorch needs; its modules are imported by their bare names."""
    sys.path.append(str(ROOT / "project_template"))
    from options import OPTIONS

    return OPTIONS["framework"]["pytorch"].requirements


def main() -> int:
    """Entry point: exit code 1 and one clear message when the environment cannot be made."""
    pinned = pins()
    wanted = "\n".join((sys.version, *pinned))
    if STAMP.is_file() and STAMP.read_text() == wanted:
        return 0
    sys.stdout.write(f"installing {' and '.join(pinned)} in build/torch (once)\n")
    try:
        python = create(PLACE)
        layer(PLACE)
        pip(python, *pinned)
    except LayerError as error:
        sys.stderr.write(f"modelyard set-up: {error}\n")
        return 1
    STAMP.write_text(wanted)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
