"""Makes an environment one of an adopted repo: `python -m modelyard.adopt.environment [REPO]`.

A repo that was not made by the template need not be a package. So its folder, and src where it has
one, are put on the environment's path, and the two words by which SageMaker starts a container
(`train` and `serve`) become commands. The image and the environment on a laptop are made the same.
"""

from __future__ import annotations

import sys
import sysconfig
from pathlib import Path

PATH_FILE = "modelyard-repo.pth"
COMMANDS = {"train": "modelyard.jobs.train", "serve": "modelyard.serving"}
# The first lines start Python also where its path is long or holds a space, which #! cannot.
_LAUNCHER = """\
#!/bin/sh
'''exec' "{python}" "$0" "$@"
' '''
import sys

from {module} import main

sys.exit(main())
"""


def complete(repo: Path, site: Path, python: Path) -> None:
    """Adds the repo to an environment's path, and the commands beside its interpreter."""
    folders = [repo, repo / "src"]
    text = "".join(f"{folder}\n" for folder in folders if folder.is_dir())
    (site / PATH_FILE).write_text(text, encoding="utf-8")
    for name, module in COMMANDS.items():
        command = python.with_name(name)
        command.write_text(_LAUNCHER.format(python=python, module=module), encoding="utf-8")
        command.chmod(0o755)


def main() -> None:
    """Completes the environment this runs in, for the repo named or the working directory."""
    repo = Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()
    complete(repo, Path(sysconfig.get_path("purelib")), Path(sys.executable))


if __name__ == "__main__":
    main()
