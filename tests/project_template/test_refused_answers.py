"""Answers that no project can be made of: one line with the reason, and no folder left."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.project_template import datasets
from tests.project_template.conftest import Generate
from tests.project_template.generation import RefusedError, generate


@dataclass(frozen=True)
class Refusal:
    """Answers (beside the defaults), and a part of the line they must get."""

    says: str
    answers: dict[str, str] = field(default_factory=dict)
    dataset: Callable[[Path], Path] | str | None = None


WINE = {"target": "class", "problem": "multiclass"}
REFUSALS = {
    "missing file": Refusal("nowhere.csv does not exist; the examples are mortgage",
                            {"target": "a"}, "nowhere.csv"),
    "misspelt example": Refusal("mortage does not exist; the examples are mortgage", {}, "mortage"),
    "a folder": Refusal("is neither .csv nor .parquet", {"target": "a"}, "."),
    "a spreadsheet": Refusal("is neither .csv nor .parquet", {"target": "a"}, datasets.spreadsheet),
    "empty file": Refusal("empty.csv: is empty", {"target": "a"}, datasets.empty),
    "no rows": Refusal("has a header but no rows", {"target": "a"}, datasets.header_only),
    "no target": Refusal("target: name the column", {"target": ""}, datasets.wine),
    "unknown target": Refusal("'clas' is not in the data; did you mean 'class'?",
                              {**WINE, "target": "clas"}, datasets.wine),
    "constant target": Refusal("target 'b' is constant", {"target": "b"}, datasets.constant),
    "unknown problem": Refusal("problem: 'clustering' is unknown",
                               {**WINE, "problem": "clustering"}, datasets.wine),
    "binary of three": Refusal("has 3 values", {**WINE, "problem": "binary"}, datasets.wine),
    "regression of words": Refusal("is not numeric", {**WINE, "problem": "regression"},
                                   datasets.wine),
    "unknown protected": Refusal("protected column 'sex' is not in the data",
                                 {**WINE, "protected": "sex"}, datasets.wine),
    "unknown key": Refusal("row key column 'id' is not in the data", {**WINE, "row_key": "id"},
                           datasets.wine),
    "repeated key": Refusal("row_key: 'id' says", {"target": "b", "row_key": "id"},
                            datasets.repeated_key),
    "a forecast of no time": Refusal("time_column: name the column that says when",
                                     {"problem": "forecasting", "time_column": ""}),
    "a forecast of no date": Refusal("the time column 'road' holds no dates",
                                     {"problem": "forecasting", "time_column": "road"}),
    "a forecast of unknown series": Refusal("the series column 'street' is not in the data",
                                            {"problem": "forecasting", "series_column": "street"}),
    "four series told as one": Refusal("the frequency cannot be inferred",
                                       {"problem": "forecasting", "series_column": ""}),
    "a forecast too far ahead": Refusal("the data hold 108 periods",
                                       {"problem": "forecasting", "horizon": "90"}),
    "half a horizon": Refusal("horizon: '0.5' is no number of periods",
                              {"problem": "forecasting", "horizon": "0.5"}),
    "a forecast by row key": Refusal("row_key: a forecast's rows are known by their series",
                                     {"problem": "forecasting", "row_key": "road"}),
    "series of no forecast": Refusal("series_column: is for problem=forecasting; leave it empty",
                                     {"series_column": "road"}),
    "horizon of no forecast": Refusal("horizon: is for problem=forecasting; leave it empty",
                                      {"horizon": "3"}),
    "protected target": Refusal("protected: the target 'approve'", {"protected": "approve"}),
    "key is target": Refusal("row_key: 'approve' is the target", {"row_key": "approve"}),
    "name from a digit": Refusal("project_slug: '9-lives'", {"project_name": "9 lives"}),
    "name of nothing": Refusal("project_slug: ", {"project_name": "!!!"}),
    "name of a path": Refusal("project_slug: '../evil'", {"project_slug": "../evil"}),
    "name of a package": Refusal("project_slug: Python already means something by 'pandas'",
                                 {"project_name": "Pandas"}),
    "name of an environment": Refusal("write 'loans'", {"project_slug": "loans-dev"}),
    "own approver": Refusal("model_approver: 'alice' is also a data-scientist",
                            {"model_approver": "alice"}),
    "short account": Refusal("aws_account: '12'", {"aws_account": "12"}),
    "no address": Refusal("alert_email: ", {"alert_email": "somebody"}),
    "unknown risk": Refusal("risk_tier: 'huge' is unknown; say minimal, limited or high",
                            {"risk_tier": "huge"}),
    "misspelt framework": Refusal("framework: 'scikitlearn' is unknown; did you mean scikit-learn?",
                                  {"framework": "scikitlearn"}),
    "unknown serving": Refusal("serving: 'edge' is unknown; say real-time, serverless",
                               {"serving": "edge"}),
    "high risk, not isolated": Refusal("serving: serverless endpoints have no network isolation",
                                       {"serving": "serverless"}),
    "unknown CI": Refusal("ci: 'bitbucket' is unknown; say github or gitlab", {"ci": "bitbucket"}),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSALS)
def test_wrong_answer_is_refused_in_one_line(name: str, tmp_path: Path) -> None:
    refusal = REFUSALS[name]
    data, place = tmp_path / "data", tmp_path / "place"
    data.mkdir()
    place.mkdir()
    answers = {"project_name": "Bad thing", **refusal.answers}
    if callable(refusal.dataset):
        answers["dataset"] = str(refusal.dataset(data))
    elif refusal.dataset:
        answers["dataset"] = refusal.dataset
    with pytest.raises(RefusedError) as refused:
        generate(place, **answers)
    said = str(refused.value)
    assert refusal.says in said
    assert len(said.splitlines()) == 1
    assert [file.name for file in place.iterdir() if not file.name.startswith(".")] == []
    assert list(tmp_path.glob("**/project.yaml")) == []


@pytest.mark.parametrize(
    ("answers", "says"),
    [
        ({"ci": "bitbucket"}, "ci: 'bitbucket' is unknown"),
        ({"target": "approved"}, "did you mean 'approve'?"),
    ],
)
def test_command_says_so_without_a_traceback(
    answers: dict[str, str], says: str, command: Generate, tmp_path: Path
) -> None:
    done = command(tmp_path, **answers)
    said = (done.stdout + done.stderr).strip()
    assert done.returncode == 1
    assert says in said
    assert len(said.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []
