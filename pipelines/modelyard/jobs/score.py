"""The batch scoring job: every partition not scored before, once, with every row accounted for.

A partition is known by its content. Its predictions go to output/<sha256>.jsonl, the rows that
cannot be scored to failed/<sha256>.jsonl with number and reason, and last, because it says that the
others are whole, its manifest to done/<sha256>.json; a partition with a manifest is left alone. The
same partition and model give the same bytes, so that a run that was interrupted is simply repeated.
Before anything is scored the model has to give the golden predictions of its evaluation back.
"""

import argparse
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from modelyard.capture_log import Inference, record
from modelyard.data import DataError
from modelyard.functions.batch_definition import CAPTURED, PACKAGE, RESULTS, SCORED_AT
from modelyard.functions.verify_golden import differences
from modelyard.functions.windows import moment
from modelyard.jobs.context import processing_message, run, say
from modelyard.jobs.model_files import model_folder
from modelyard.manifest import dump_json, file_sha256
from modelyard.model import Model, ModelError
from modelyard.partitions import Partition, partitions, rows
from modelyard.scoring import Scored, Scoring

SCHEMA_VERSION = 1
PASSPORT = "model_package"
_INPUT = Path("/opt/ml/processing/input")
_AT_ONCE = 1000
Row = Mapping[str, Any] | None


def main(arguments: list[str] | None = None) -> int:
    """Runs the job as the command line says."""
    parser = argparse.ArgumentParser(prog="modelyard.jobs.score", description=__doc__)
    for name in ("partitions", "done", "model", "baseline"):
        parser.add_argument(f"--{name}", type=Path, default=_INPUT / name)
    parser.add_argument("--output", type=Path, default=Path("/opt/ml/processing/output"))
    options = parser.parse_args(arguments)
    return run(lambda: score(options), processing_message(options.output))


def score(options: argparse.Namespace) -> None:
    """Scores what is new; DataError names the partitions that could not be read."""
    with tempfile.TemporaryDirectory() as scratch:
        model = Model.load(model_folder(options.model, Path(scratch)))
        _replay_golden(model, options.baseline / "golden_predictions.json")
        _score_all(model, options)


def _score_all(model: Model, options: argparse.Namespace) -> None:
    package = os.environ.get(PACKAGE, "")
    for name in (*RESULTS, CAPTURED):
        (options.output / name).mkdir(parents=True, exist_ok=True)
    found = partitions(options.partitions)
    new = [one for one in found if not (options.done / f"{one.sha256}.json").is_file()]
    say(f"{len(found)} partitions, {len(found) - len(new)} of them scored before")
    unreadable: list[str] = []
    scoring = Scoring(model)
    for partition in new:
        try:
            read = rows(partition)
        except DataError as error:
            unreadable.append(str(error).replace(str(options.partitions), "").lstrip("/"))
            continue
        _score_one(partition, read, scoring, model, package, options.output)
    if unreadable:
        raise DataError(
            f"{len(unreadable)} of {len(new)} new partitions cannot be read; remove or mend them: "
            + "; ".join(unreadable)
        )


def _score_one(
    partition: Partition,
    read: list[Row],
    scoring: Scoring,
    model: Model,
    package: str,
    output: Path,
) -> None:
    scored, failed = list[dict[str, Any]](), list[dict[str, Any]]()
    passport = package.rpartition("model-package/")[2]
    for start in range(0, len(read), _AT_ONCE):
        for number, outcome in _outcomes(scoring, read[start : start + _AT_ONCE], start + 1):
            if isinstance(outcome, str):
                failed.append({"row": number, "reason": outcome, "input": read[number - 1]})
            else:
                inference = f"{partition.sha256[:16]}-{number}"
                named = {"row": number, "inference_id": inference, PASSPORT: passport}
                scored.append({**named, **outcome})
    if len(read) != len(scored) + len(failed):
        raise DataError(
            f"{partition.name}: {len(read)} rows in, {len(scored)} scored and {len(failed)} failed"
        )
    _capture(partition, scored, read, package, output)
    files = {"output": f"{partition.sha256}.jsonl", "failed": f"{partition.sha256}.jsonl"}
    _write_lines(output / "output" / files["output"], scored)
    if failed:
        _write_lines(output / "failed" / files["failed"], failed)
    document = {
        "schema_version": SCHEMA_VERSION,
        "partition": partition.name,
        "input_sha256": partition.sha256,
        "model_package": package,
        "model_sha256": model.sha256,
        "rows": {"in": len(read), "scored": len(scored), "failed": len(failed)},
        "output": files["output"],
        "output_sha256": file_sha256(output / "output" / files["output"]),
        "failed": files["failed"] if failed else None,
    }
    _put(output / "done" / f"{partition.sha256}.json", lambda path: dump_json(path, document))
    say(f"{partition.name}: {len(read)} rows, {len(scored)} scored, {len(failed)} failed")


def _capture(
    partition: Partition,
    scored: Iterable[Mapping[str, Any]],
    read: list[Row],
    package: str,
    output: Path,
) -> None:
    """The scored rows as an endpoint's capture would hold them, for monitoring to read."""
    begun = os.environ.get(SCORED_AT)
    if not begun:
        return
    when = moment(begun)
    folder = output / CAPTURED / f"main/{when:%Y/%m/%d/%H}"
    folder.mkdir(parents=True, exist_ok=True)
    lines = (_captured(one, read[one["row"] - 1], package, when) for one in scored)
    _write_lines(folder / f"{partition.sha256}.jsonl", lines, output / ".unfinished")


def _captured(
    scored: Mapping[str, Any], row: Row, package: str, when: datetime
) -> Mapping[str, Any]:
    named = scored["inference_id"]
    told = {key: scored[key] for key in scored if key not in ("row", "inference_id", PASSPORT)}
    # JSON knows no NaN, which is what a table holds where it has no number.
    sent = {name: None if cell != cell else cell for name, cell in (row or {}).items()}
    request = {"instances": [sent]}
    answer = {"predictions": [told], "model_package": package, "inference_id": named}
    inference = Inference("application/json", _bytes(request), _bytes(answer), named)
    return record(inference, named, when)


def _bytes(document: Any) -> bytes:
    return json.dumps(document, default=str).encode()


def _outcomes(
    scoring: Scoring, read: list[Row], first: int
) -> Iterable[tuple[int, Mapping[str, Any] | str]]:
    """The prediction of each row, or why it has none; a bad row costs only its chunk the speed."""
    chunk = [row for row in read if row is not None]
    try:
        together = scoring.score(chunk).predictions if len(chunk) == len(read) else None
    except (DataError, ValueError):
        together = None
    if together is not None:
        yield from enumerate(together, first)
        return
    for number, row in enumerate(read, first):
        yield number, _alone(scoring, row)


def _alone(scoring: Scoring, row: Row) -> Mapping[str, Any] | str:
    if row is None:
        return "the line is not a JSON object"
    try:
        scored: Scored = scoring.score([row])
    except (DataError, ValueError) as error:
        return str(error).partition("\n")[0].removeprefix("row 1: ").removeprefix("row 1, ")
    return scored.predictions[0]


def _replay_golden(model: Model, file: Path) -> None:
    if not file.is_file():
        raise DataError(f"{file}: no such file; it is what the evaluate job writes")
    golden = json.loads(file.read_text(encoding="utf-8"))["rows"]
    answered = json.loads(json.dumps(model.predict([row["input"] for row in golden])))
    found = differences(answered, [row["output"] for row in golden])
    if found:
        raise ModelError(f"the model does not give its golden predictions back: {found[0]}")
    say(f"{len(golden)} golden predictions given back exactly")


def _write_lines(
    path: Path, documents: Iterable[Mapping[str, Any]], unfinished: Path | None = None
) -> None:
    def write(place: Path) -> None:
        with place.open("w", encoding="utf-8") as stream:
            for document in documents:
                stream.write(json.dumps(document, ensure_ascii=False, default=str) + "\n")

    _put(path, write, unfinished)


def _put(path: Path, write: Callable[[Path], None], unfinished: Path | None = None) -> None:
    """A whole file or none: what lies in the output's folders is uploaded while the job runs."""
    beside = (unfinished or path.parent.parent / ".unfinished") / path.name
    beside.parent.mkdir(exist_ok=True)
    write(beside)
    shutil.move(beside, path)


if __name__ == "__main__":
    sys.exit(main())
