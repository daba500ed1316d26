"""The monitor job: one window of a served model against what it was released with.

Reads captured requests and answers, labels and earlier summaries (captured/), the model (model/)
and its evaluation (baseline/). Writes report/: report.json, report.html for people, summary.json
for alerts. The same files give the same bytes: no clock, no network, nothing of a single row.
"""

import argparse
import hashlib
import json
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from modelyard import profile
from modelyard.capture_files import count_lines, is_earlier
from modelyard.captures import Account, read
from modelyard.functions.monitor_definition import WINDOW
from modelyard.functions.windows import stamp
from modelyard.jobs.context import load_setting, processing_message, run, say
from modelyard.jobs.model_files import model_folder
from modelyard.manifest import dump_json, file_sha256
from modelyard.model import Model, ModelError
from modelyard.monitoring import history, labels, page, quality, window
from modelyard.monitoring.judgement import Evidence, Material, judge
from modelyard.monitoring.live import Gatherer
from modelyard.monitoring.summary import summary

# Records looked at in one window: beyond, a fixed share of the inference ids stands for all.
MOST_RECORDS = 1_000_000
_INPUT = Path("/opt/ml/processing/input")
_CAPTURED = (".jsonl", ".jsonl.gz")
_LABELS = (".jsonl", ".csv", ".jsonl.gz", ".csv.gz")


@dataclass(frozen=True)
class Inputs:
    """The files a run was given, by what they are."""

    captured: tuple[Path, ...]
    labels: tuple[Path, ...]


def main(arguments: list[str] | None = None) -> int:
    """Runs the job as the command line says."""
    parser = argparse.ArgumentParser(prog="modelyard.jobs.monitor", description=__doc__)
    for name in ("captured", "model", "baseline"):
        parser.add_argument(f"--{name}", type=Path, default=_INPUT / name)
    parser.add_argument("--output", type=Path, default=Path("/opt/ml/processing/output"))
    parser.add_argument("--most-records", type=int, default=MOST_RECORDS)
    options = parser.parse_args(arguments)
    return run(lambda: monitor(options), processing_message(options.output))


def monitor(options: argparse.Namespace) -> None:
    """Judges the window whose files lie in `options.captured`."""
    setting = load_setting()
    judged = window.load(options.captured, os.environ.get(WINDOW, ""))
    with tempfile.TemporaryDirectory() as scratch:
        model = Model.load(model_folder(options.model, Path(scratch)))
        if model.contract != setting.contract:
            raise ModelError(
                "the model was trained by another data contract than the image holds; "
                "monitor a version with the image it was released with"
            )
        material = _gathered(judged, model, options, setting.project.name)
        gates = setting.project.model.gate_bounds
        report = judge(Material(gates=gates, **material))
    base = quality.baseline(material["evidence"].evaluation, gates)
    folder = options.output / "report"
    dump_json(folder / "report.json", report)
    dump_json(folder / "summary.json", summary(report, base))
    (folder / "report.html").write_text(page.html(report), encoding="utf-8")
    _tell(report)


def _gathered(
    judged: window.Window, model: Model, options: argparse.Namespace, project: str
) -> dict[str, Any]:
    inputs = _inputs(options.captured)
    known = labels.read(inputs.labels, model.contract.target_column, judged.end)
    evidence = _evidence(options.baseline, model)
    account = Account()
    gatherer = Gatherer(model, evidence.profile, known, judged.model_package_arn)
    own = [file for file in inputs.captured if not is_earlier(file, judged.start)]
    share = _share(own, options.most_records)
    gatherer.add(read(inputs.captured, judged.period(share), account))
    say(f"window {judged.name}: {account.records} records, {account.rows} rows")
    return {
        "project": judged.project or project,
        "environment": judged.environment or judged.endpoint.removeprefix(f"{project}-"),
        "window": judged,
        "model": model,
        "evidence": evidence,
        "account": account,
        "labels": known,
        "live": gatherer.finished(),
        "history": history.load(options.captured, stamp(judged.start)),
        "share": share,
        "inputs": _hashes(inputs, options.captured),
    }


def _inputs(folder: Path) -> Inputs:
    """By the folder a file lies in: labels/, monitoring/, and all others are captured."""
    captured, told = [], []
    for file in sorted(folder.rglob("*")):
        top = file.relative_to(folder).parts[0]
        if not file.is_file() or top == "monitoring":
            continue
        if top == "labels":
            told += [file] if file.name.endswith(_LABELS) else []
        elif file.name.endswith(_CAPTURED):
            captured.append(file)
    return Inputs(tuple(captured), tuple(told))


def _share(files: Sequence[Path], most: int) -> float:
    lines = count_lines(files)
    return 1.0 if lines <= most else most / lines


def _evidence(folder: Path, model: Model) -> Evidence:
    """The evaluation and the baseline profile; what cannot be used is said, not fatal."""
    problems: list[str] = []
    evaluation = _document(folder / "evaluation.json", "evaluation", model, problems)
    stored = _document(folder / "baseline_profile.json", "baseline profile", model, problems)
    baseline = None
    if stored:
        try:
            baseline = profile.parse(stored)
        except (KeyError, TypeError, ValueError) as error:
            problems.append(f"The baseline profile cannot be read ({error}): register anew.")
    return Evidence(baseline, evaluation, tuple(problems))


def _document(file: Path, what: str, model: Model, problems: list[str]) -> Mapping[str, Any]:
    if not file.is_file():
        problems.append(f"The model's {what} is missing: nothing can be compared with it.")
        return {}
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
        told = document["model"]["sha256"]
    except (ValueError, KeyError, TypeError):
        problems.append(f"The model's {what} is not what the evaluate job writes.")
        return {}
    if told != model.sha256:
        problems.append(f"The {what} belongs to another model: nothing can be compared with it.")
        return {}
    return dict(document)


def _hashes(inputs: Inputs, folder: Path) -> dict[str, Any]:
    return {
        "captured_files": len(inputs.captured),
        "captured_sha256": _together(inputs.captured, folder),
        "label_files": len(inputs.labels),
        "labels_sha256": _together(inputs.labels, folder),
    }


def _together(files: Sequence[Path], folder: Path) -> str:
    """One checksum of several files, by their names and contents."""
    lines = [f"{file.relative_to(folder).as_posix()} {file_sha256(file)}\n" for file in files]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _tell(report: Mapping[str, Any]) -> None:
    say(f"verdict {report['verdict']}")
    for finding in report["findings"]:
        say(f"{finding['severity']}: {finding['sentence']}")


if __name__ == "__main__":
    sys.exit(main())
