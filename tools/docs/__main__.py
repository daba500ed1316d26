"""The docs site: `python -m tools.docs build`, `serve` or `pictures`.

`build` writes build/site; any warning of mkdocs fails it. `serve` shows the site and follows edits.
`pictures` takes screenshots of the pages that a run of `make demo KEEP=1` has to show.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys

from tools.docs import environment, pictures, reference
from tools.docs.gathering import DocsError, gather
from tools.docs.places import CONFIGURATION, REFERENCE, ROOT, SITE
from tools.layered import LayerError


def main(words: list[str] | None = None) -> int:
    """What mkdocs says; 1 and one line where it was not reached."""
    parser = argparse.ArgumentParser(prog="python -m tools.docs", description=__doc__)
    parser.add_argument("action", choices=("build", "serve", "pictures"))
    parser.add_argument("--port", type=int, default=8000, help="for serve (default: 8000)")
    told = parser.parse_args(words)
    try:
        if told.action == "pictures":
            pictures.take()
            return 0
        reference.write(REFERENCE)
        gather()
        return _mkdocs(told.action, told.port)
    except (DocsError, LayerError) as error:
        sys.stderr.write(f"docs: {error}\n")
        return 1
    except KeyboardInterrupt:
        return 130


def _mkdocs(action: str, port: int) -> int:
    options = {
        "build": ("build", "--clean", "--site-dir", str(SITE)),
        "serve": ("serve", "--dev-addr", f"127.0.0.1:{port}"),
    }[action]
    # The theme's banner about another product has no place in a build that reports by exit code.
    quiet = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    command = [str(environment.python()), "-m", "mkdocs", *options, "-f", str(CONFIGURATION)]
    done = subprocess.run(command, cwd=ROOT, env=quiet).returncode
    if action == "build" and done == 0:
        sys.stdout.write(f"{(SITE / 'index.html').relative_to(ROOT)}\n")
    return done


if __name__ == "__main__":
    sys.exit(main())
