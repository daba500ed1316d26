"""`serve` for a model in R: its files are checked here, then R takes over this process's place."""

import os
import tempfile
from pathlib import Path
from typing import NoReturn

from modelyard.manifest import dump_json
from modelyard.model import Model
from modelyard.r import process
from modelyard.r.estimator import RECORD, RModel

# A stopped container gets SIGTERM, at which R would end in the middle of an answer; at SIGINT it
# ends what it is doing. The shell passes the one on as the other.
_SHELL = """
"$@" & child=$!
trap 'kill -INT "$child"' TERM INT
wait "$child"; status=$?
while kill -0 "$child" 2>/dev/null; do wait "$child"; status=$?; done
exit "$status"
"""


def serves(model: Model) -> bool:
    """Whether R serves the model."""
    return (model.folder / RECORD).is_file()


def replace_process(model: Model, port: str, package: str, capture: str) -> NoReturn:
    """Become the R server of a model that `Model.load` has checked."""
    code = RModel.loaded(model.folder, model.contract).code
    folder = Path(tempfile.mkdtemp(prefix="modelyard-serve-"))
    settings = {
        "code": str(code.folder),
        "model": str(model.folder),
        "port": port,
        "package": package,
        "capture": capture,
    }
    dump_json(folder / "settings.json", settings)
    command = process.command("serve", folder)
    os.execve("/bin/sh", ["sh", "-c", _SHELL, "sh", *command], process.environment())
