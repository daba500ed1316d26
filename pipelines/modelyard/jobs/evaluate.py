"""The evaluate job: what the model is worth on rows it has never seen, judged by its gates.

Writes evaluation/: evaluation.json (metrics with intervals, gates, fairness), baseline_profile.json
(what monitoring compares with) and golden_predictions.json (what a release must reproduce exactly).
"""

import argparse
import json
import sys
import tempfile
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from modelyard import arrays as prepared
from modelyard import (
    calibration,
    explain,
    fairness,
    fairness_gates,
    gates,
    metrics,
    mitigation,
    profile,
)
from modelyard.challenge import challenge
from modelyard.data import DataContract, DataError
from modelyard.evaluation_plots import plots
from modelyard.forecasting.measures import tested
from modelyard.forecasting.past import has_seen
from modelyard.jobs.context import Setting, load_setting, processing_message, run, say
from modelyard.jobs.model_files import model_folder
from modelyard.manifest import FILE_NAME, dump_json, require_unchanged
from modelyard.model import MANIFEST, Model, ModelError
from modelyard.monitoring import explanation
from modelyard.tables import Arrays, to_rows
from modelyard.training_record import fixed_threads

GOLDEN_ROWS = 20
_INPUT = Path("/opt/ml/processing/input")


def main(arguments: list[str] | None = None) -> int:
    """Runs the job as the command line says."""
    parser = argparse.ArgumentParser(prog="modelyard.jobs.evaluate", description=__doc__)
    for name in ("model", "train", "test", "manifest", "champion"):
        parser.add_argument(f"--{name}", type=Path, default=_INPUT / name)
    parser.add_argument("--output", type=Path, default=Path("/opt/ml/processing/output"))
    options = parser.parse_args(arguments)
    return run(lambda: evaluate(options), processing_message(options.output))


def evaluate(options: argparse.Namespace) -> None:
    """Evaluates the model in `options.model` on the rows in `options.test`."""
    setting = load_setting()
    with tempfile.TemporaryDirectory() as scratch:
        model = Model.load(model_folder(options.model, Path(scratch)))
        if model.contract != setting.contract:
            raise ModelError("the model was trained by another data contract; train it again")
        with fixed_threads(setting.project.training.threads):
            _report(model, setting, options, Path(scratch) / "champion")


def _report(model: Model, setting: Setting, options: argparse.Namespace, scratch: Path) -> None:
    contract, output = setting.contract, options.output / "evaluation"
    columns = prepared.prepared_columns(contract)
    manifest = _manifest(options.manifest)
    require_unchanged(manifest, {"train": options.train, "test": options.test})
    train, test = (prepared.read(folder, columns) for folder in (options.train, options.test))
    answers, scores = _known(test, contract), model.scores(_features(test, contract))
    say(f"evaluating model {model.sha256[:12]} on {len(answers)} rows")
    forecast = setting.project.model.forecast
    series = tested(test, train, contract) if forecast else None
    measure = series.metrics if series else partial(metrics.metrics, model.problem, answers)
    measured = measure(scores)
    for name, metric in measured.items():
        say(f"metric {name}={metric.value} low={metric.low} high={metric.high}")
    found = {name: asdict(metric) for name, metric in measured.items()}
    judgement = gates.judge(setting.project.model.gate_bounds, found)
    say(f"gates {'met' if judgement.passed else 'unmet'}: {judgement.sentence}")
    compared = fairness.fairness(
        model.problem,
        answers,
        scores,
        test,
        contract.used("protected"),
        manifest.get("unlabelled"),
    )
    fair = fairness_gates.judge(setting.project.model.fairness_bounds, {"fairness": compared})
    say(f"fairness {'needs a decision' if fair.open else 'gates'}: {fair.sentence}")
    document: dict[str, Any] = {
        "problem": setting.project.model.problem,
        "target": contract.target,
        "rows": {"train": len(train[contract.target]), "test": len(answers)},
        "metrics": found,
        "gates": judgement.document(),
        "fairness": compared,
        "fairness_gates": fair.document(),
        "alternatives": (
            mitigation.thresholds(answers, scores, test, contract.used("protected"))
            if model.problem == "binary"
            else []
        ),
        "champion": challenge(
            _champion_folder(options.champion, scratch),
            setting.project.model.gate_bounds,
            measured,
            test,
            measure,
            lambda champion: has_seen(champion.training, forecast) if forecast else None,
        ),
        "calibration": (
            None if model.problem == "regression" else calibration.calibration(answers, scores)
        ),
        "explanation": _explanation(model, test, contract),
        "model": {"sha256": model.sha256},
        "training": model.training,
        "dataset": {"sha256": str(manifest["dataset"]["sha256"])},
    }
    if series is not None and forecast is not None:
        report = series.report(scores, forecast)
        document["forecast"] = report
        say(f"baseline: {report['baseline']['sentence']}")
    dump_json(output / "evaluation.json", document)
    for name, drawn in plots(model.problem, answers, scores, document).items():
        (output / "plots").mkdir(exist_ok=True)
        (output / "plots" / name).write_text(drawn, encoding="utf-8")
    dump_json(output / "baseline_profile.json", _baseline(model, train, scores, contract))
    dump_json(output / "golden_predictions.json", _golden(model, test, contract))


def _explanation(model: Model, test: Arrays, contract: DataContract) -> dict[str, Any]:
    """Each column's share of all contributions on the test rows, the baseline of monitoring."""
    if model.explanation is None:
        return {"importance": {}, "reason": "the model has no exact explanation"}
    found = explanation.sizes(explain.explain(model, _features(test, contract)))
    return {"importance": explanation.shares(found), "reason": None}


def _champion_folder(folder: Path, scratch: Path) -> Path | None:
    """The champion's files; None where Prepare's empty folder stands for nobody."""
    scratch.mkdir()
    files = model_folder(folder, scratch)
    return files if (files / MANIFEST).is_file() else None


def _features(arrays: Arrays, contract: DataContract) -> Arrays:
    return {name: arrays[name] for name in contract.features}


def _known(arrays: Arrays, contract: DataContract) -> Any:
    answers = prepared.target_values(arrays, contract)
    if not len(answers):
        raise DataError("the test rows are empty; bring more rows")
    return answers


def _manifest(folder: Path) -> dict[str, Any]:
    file = folder / FILE_NAME
    if not file.is_file():
        raise DataError(f"{file}: no such file; it is what the prepare job writes")
    return dict(json.loads(file.read_text(encoding="utf-8")))


def _baseline(model: Model, train: Arrays, scores: Any, contract: DataContract) -> dict[str, Any]:
    """What later rows are compared with: the training rows, and the answers on the test rows."""
    rows = profile.baseline(train, contract.used("feature", "target", "protected"))
    answers = profile.predictions(model.problem, model.labels, scores)
    return {
        **profile.document(profile.joined(rows, answers)),
        "model": {"sha256": model.sha256},
    }


def _golden(model: Model, test: Arrays, contract: DataContract) -> dict[str, Any]:
    size = min(GOLDEN_ROWS, len(test[contract.target]))
    rows = to_rows(prepared.take(test, np.arange(size).tolist()), contract.feature_columns)
    answered = zip(rows, model.predict(rows), strict=True)
    return {
        "model": {"sha256": model.sha256},
        "rows": [{"input": row, "output": output} for row, output in answered],
    }


if __name__ == "__main__":
    sys.exit(main())
