"""A model in R, used like a fitted scikit-learn estimator.

Fitting runs the team's `build_model` once and keeps the plain data that it returns. Scoring asks an
R process that stays, because a job asks many times.
"""

import json
import secrets
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from threadpoolctl import threadpool_info

from modelyard.data import DataContract
from modelyard.manifest import dump_json
from modelyard.r import exchange, process
from modelyard.r.code import RCode
from modelyard.r.process import RError
from modelyard.scorer import Floats, Link

if TYPE_CHECKING:
    import pandas as pd

FILE_NAME, RECORD = "model.r.json", "code.r.json"
_LAST_LINES = 5


class RModel:
    """Unfitted until `fit`; a loaded one is fitted."""

    def __init__(
        self,
        code: RCode,
        contract: DataContract,
        hyperparameters: Mapping[str, str] | None = None,
        seed: int = 20260101,
    ) -> None:
        self.code, self.contract, self.seed = code, contract, seed
        self.hyperparameters = dict(hyperparameters or {})
        self.versions: Mapping[str, str] = {}
        self._scratch = tempfile.TemporaryDirectory(prefix="modelyard-r-")
        self._decides = False

    @classmethod
    def loaded(cls, folder: Path, contract: DataContract) -> "RModel":
        """The model in a folder; EstimatorError where its code is not the one installed here."""
        record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        model = cls(RCode.recorded(record), contract)
        shutil.copyfile(folder / FILE_NAME, model._folder / FILE_NAME)
        return model

    def fit(self, frame: "pd.DataFrame", answers: Any, sample_weight: Any = None) -> "RModel":
        """Trains in R; RError tells what the team's code said, with its file and line."""
        exchange.write_rows(self._folder, frame, self.contract, answers, sample_weight)
        self._write_settings()
        threads = max((pool["num_threads"] for pool in threadpool_info()), default=1)
        done = subprocess.run(
            process.command("train", self._folder), env=process.environment(threads), check=False
        )
        if done.returncode:
            raise RError(process.reason(self._folder, f"Rscript ended with {done.returncode}"))
        about = json.loads((self._folder / "about.json").read_text(encoding="utf-8"))
        self._decides, self.versions = about["decides"], about["versions"]
        return self

    def predict(self, frame: "pd.DataFrame") -> Any:
        """Values of a regression, or the positions of the likeliest classes."""
        scores = self._ask("predict", frame)
        return scores.argmax(axis=1) if self._classes else scores[:, 0]

    def predict_proba(self, frame: "pd.DataFrame") -> Floats:
        """Probabilities by class."""
        return self._ask("predict", frame)

    def decision_function(self, frame: "pd.DataFrame") -> Floats:
        """What the link is applied to, by the team's `decide_model`."""
        return self._ask("decide" if self._classes else "predict", frame)

    @property
    def link(self) -> Link | None:
        """How decisions become answers; None where the team's code tells no decisions."""
        if not self._classes:
            return "identity"
        return ("logistic" if self._classes == 2 else "softmax") if self._decides else None

    def dump(self, folder: Path) -> list[str]:
        """Writes the model as plain data, and which code reads it; the files' names."""
        shutil.copyfile(self._folder / FILE_NAME, folder / FILE_NAME)
        dump_json(folder / RECORD, self.code.record())
        return [FILE_NAME, RECORD]

    @property
    def _folder(self) -> Path:
        return Path(self._scratch.name)

    @property
    def _classes(self) -> int:
        return len(self.contract.labels)

    @cached_property
    def _worker(self) -> "_Worker":
        return _Worker(self._folder, self._write_settings())

    def _write_settings(self) -> str:
        token = secrets.token_hex(16)
        settings = {
            "code": str(self.code.folder),
            "contract": self.contract.document(),
            "hyperparameters": self.hyperparameters,
            "model": str(self._folder / FILE_NAME),
            "seed": self.seed,
            "token": token,
        }
        dump_json(self._folder / "settings.json", settings)
        return token

    def _ask(self, what: str, frame: "pd.DataFrame") -> Floats:
        if not len(frame):
            return np.empty((0, max(1, self._classes)))
        with self._worker.lock:
            exchange.write_rows(self._folder, frame, self.contract)
            self._worker.ask(what)
            return exchange.read_scores(self._folder, len(frame))


class _Worker:
    """An R process that scores the rows in its folder when it is told to."""

    def __init__(self, folder: Path, token: str) -> None:
        self.lock = threading.Lock()
        self._folder, self._token = folder, token
        self._process = subprocess.Popen(
            process.command("answer", folder),
            env=process.environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, what: str) -> None:
        """Lets it answer; RError in its words. What else it prints goes to our own output."""
        child = self._process
        assert child.stdin is not None and child.stdout is not None
        try:
            child.stdin.write(what + "\n")
            child.stdin.flush()
        except OSError:
            pass  # it ended; its output says why
        for line in child.stdout:
            if line.startswith(self._token):
                if line.split()[1] == "done":
                    return
                raise RError(process.reason(self._folder, "R could not score the rows"))
            if line.strip():
                print(line, end="", flush=True)
        child.wait()
        raise RError(process.reason(self._folder, f"R ended with {child.returncode}"))

    def __del__(self) -> None:
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()
        self._process.wait()
