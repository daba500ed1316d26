"""Batch scoring: every partition once, every row accounted for, nothing half done."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from modelyard.captures import Account, Period, read
from modelyard.data import DataContract
from modelyard.jobs import score as job
from modelyard.manifest import dump_json, file_sha256
from modelyard.model import Model, save
from modelyard.tables import as_frame, to_arrays

PACKAGE = "arn:aws:sagemaker:us-east-1:123456789012:model-package/loans/7"
CONTRACT = DataContract.parse(
    {
        "columns": [
            {"name": "id", "kind": "identifier", "use": "key"},
            {"name": "amount", "kind": "number", "use": "feature"},
            {"name": "age", "kind": "integer", "use": "feature"},
            {"name": "target", "kind": "category", "use": "target", "categories": ["no", "yes"]},
        ]
    }
)
ROWS = [{"amount": n / 3, "age": 20 + n % 40} for n in range(50)]


class Bench:
    """The folders of one job as SageMaker lays them out."""

    def __init__(self, root: Path, model: Model) -> None:
        self.root, self.model = root, model
        for name in ("partitions", "done", "baseline"):
            (root / name).mkdir()
            (root / name / ".keep").touch()
        answers = zip(ROWS, model.predict(ROWS), strict=True)
        self.golden = [{"input": row, "output": answer} for row, answer in answers]
        dump_json(root / "baseline" / "golden_predictions.json", {"rows": self.golden})

    def put(self, name: str, text: str) -> str:
        """A partition; its sha256."""
        file = self.root / "partitions" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return file_sha256(file)

    def run(self, output: str = "output") -> int:
        folders = [f"--{n}={self.root / n}" for n in ("partitions", "done", "baseline")]
        return job.main(
            [*folders, f"--model={self.model.folder}", f"--output={self.root / output}"]
        )

    def lines(self, name: str, output: str = "output") -> list[Any]:
        text = (self.root / output / name).read_text(encoding="utf-8")
        return [json.loads(line) for line in text.splitlines()]

    def manifest(self, digest: str) -> Any:
        return json.loads((self.root / "output" / "done" / f"{digest}.json").read_text())

    @property
    def message(self) -> str:
        return (self.root / "output" / "message").read_text()


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    arrays = to_arrays(ROWS, CONTRACT.feature_columns)
    fitted = make_pipeline(SimpleImputer(), LogisticRegression())
    fitted.fit(as_frame(arrays, CONTRACT.feature_columns), np.arange(50) % 2)
    return save(fitted, tmp_path_factory.mktemp("model"), CONTRACT, "binary", arrays)


@pytest.fixture
def bench(tmp_path: Path, model: Model, monkeypatch: pytest.MonkeyPatch) -> Bench:
    monkeypatch.setenv("MODELYARD_MODEL_PACKAGE", PACKAGE)
    return Bench(tmp_path, model)


CSV = "id,amount,age\na,1.5,30\nb,oops,31\nc,,32\nd,7,\n"


def test_rows_in_are_rows_scored_and_rows_failed(bench: Bench) -> None:
    digest = bench.put("2026/monday.csv", CSV)
    assert bench.run() == 0
    manifest = bench.manifest(digest)
    assert manifest["rows"] == {"in": 4, "scored": 3, "failed": 1}
    assert manifest["partition"] == "2026/monday.csv"
    assert (manifest["model_package"], manifest["input_sha256"]) == (PACKAGE, digest)
    scored = bench.lines(f"output/{digest}.jsonl")
    assert [line["row"] for line in scored] == [1, 3, 4]
    assert scored[0]["inference_id"] == f"{digest[:16]}-1"
    assert scored[0]["model_package"] == "loans/7"
    assert (
        scored[0]["probability"]
        == bench.model.predict([{"amount": 1.5, "age": 30}])[0]["probability"]
    )


def test_failed_row_is_kept_with_its_number_and_reason(bench: Bench) -> None:
    digest = bench.put("monday.csv", CSV)
    bench.run()
    (failed,) = bench.lines(f"failed/{digest}.jsonl")
    assert failed["row"] == 2
    assert failed["reason"] == "column 'amount': 'oops' is not a number"
    assert failed["input"]["id"] == "b"


def test_scored_partition_is_left_alone_whatever_it_is_called(bench: Bench) -> None:
    digest = bench.put("monday.csv", CSV)
    bench.run()
    (bench.root / "done" / f"{digest}.json").write_text("{}")
    bench.put("again.csv", CSV)
    assert bench.run("second") == 0
    assert list((bench.root / "second" / "output").iterdir()) == []


def test_repeated_run_gives_the_same_bytes(bench: Bench) -> None:
    digest = bench.put("monday.csv", CSV)
    bench.run()
    bench.run("second")
    for name in (f"output/{digest}.jsonl", f"failed/{digest}.jsonl", f"done/{digest}.json"):
        first, second = (bench.root / folder / name for folder in ("output", "second"))
        assert first.read_bytes() == second.read_bytes()


def test_partitions_of_every_kind_give_the_same_predictions(bench: Bench) -> None:
    frame = pd.DataFrame(ROWS)
    digests = [
        bench.put("a.csv", frame.to_csv(index=False)),
        bench.put("b.jsonl", "".join(json.dumps(row) + "\n" for row in ROWS)),
    ]
    frame.to_parquet(bench.root / "partitions" / "c.parquet")
    digests.append(file_sha256(bench.root / "partitions" / "c.parquet"))
    assert bench.run() == 0
    found = [
        [line["probability"] for line in bench.lines(f"output/{digest}.jsonl")]
        for digest in digests
    ]
    assert found[0] == found[1] == found[2]


def test_line_that_is_no_row_fails_alone(bench: Bench) -> None:
    digest = bench.put("a.jsonl", '{"amount": 1, "age": 2}\n[1]\n{broken\n{"amount": 1}\n')
    assert bench.run() == 0
    failed = bench.lines(f"failed/{digest}.jsonl")
    assert [line["row"] for line in failed] == [2, 3, 4]
    assert "column 'age' is missing" in failed[2]["reason"]


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("bad.csv", "a,a\n1,2\n", "the column 'a' appears twice"),
        ("bad.xlsx", "x", "no kind of file"),
    ],
)
def test_partition_that_cannot_be_read_fails_the_job_but_not_its_neighbours(
    bench: Bench, name: str, text: str, reason: str
) -> None:
    digest = bench.put("good.csv", CSV)
    bench.put(name, text)
    assert bench.run() == 1
    assert bench.manifest(digest)["rows"]["in"] == 4
    assert name in bench.message
    assert reason in bench.message


def test_model_that_lost_its_golden_predictions_scores_nothing(bench: Bench) -> None:
    digest = bench.put("monday.csv", CSV)
    bench.golden[7]["output"]["probability"] += 1e-4  # type: ignore[index]
    dump_json(bench.root / "baseline" / "golden_predictions.json", {"rows": bench.golden})
    assert bench.run() == 1
    assert "does not give its golden predictions back: row 8: expected" in bench.message
    assert not (bench.root / "output" / "output" / f"{digest}.jsonl").exists()


def test_interrupted_partition_leaves_no_manifest(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.put("monday.csv", CSV)
    monkeypatch.setattr(job, "_put", _full_disk)
    assert bench.run() == 1
    assert list((bench.root / "output" / "done").iterdir()) == []


def _full_disk(*_: Any) -> None:
    raise OSError("no space left on device")


def test_nothing_to_score_is_no_failure(bench: Bench) -> None:
    assert bench.run() == 0


def test_what_was_scored_is_captured_for_monitoring(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MODELYARD_SCORED_AT", "2026-03-04T05:06:07.000Z")
    bench.put("monday.csv", CSV)
    assert bench.run() == 0
    folder = bench.root / "output" / "captured"
    (file,) = folder.rglob("*.jsonl")
    assert file.relative_to(folder).parent.as_posix() == "main/2026/03/04/05"
    account, start = Account(), datetime(2026, 3, 4, tzinfo=UTC)
    records = list(read([file], Period(start, start + timedelta(days=1)), account))
    assert (len(records), account.unusable) == (3, 0)
    assert records[0].rows == [{"id": "a", "amount": "1.5", "age": "30"}]
    assert records[0].model_package == PACKAGE
    scored = bench.lines(f"output/{file.name}")
    assert [one.inference_id for one in records] == [one["inference_id"] for one in scored]
    assert records[0].predictions[0]["probability"] == scored[0]["probability"]
