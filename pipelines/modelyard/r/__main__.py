"""`python -m modelyard.r`: whether this machine can run the R code of the repo we are in, if any.

`make setup` asks; it prints nothing where nothing lacks.
"""

import sys
from pathlib import Path

from modelyard.r.process import lacking
from modelyard.r.repo import has_r_code


def main() -> int:
    """Exit code 1 and one line where R lacks."""
    reason = lacking() if has_r_code(Path.cwd()) else None
    if reason is None:
        return 0
    print(f"modelyard set-up: {reason}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
