"""What cannot be adopted as it is: one line with place and fix, and nothing is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.modelyard.adopt import repos
from tests.modelyard.adopt.conftest import adopt

Edit = Callable[[str], str]
CSV = repos.customers()


def replaced(old: str, new: str) -> Edit:
    def edit(text: str) -> str:
        assert old in text
        return text.replace(old, new)

    return edit


def train(edit: Edit, text: str = repos.WITH_FUNCTION, csv: str = CSV) -> dict[str, str]:
    return {"train.py": edit(text), "data/customers.csv": csv}


TWO_TARGETS = replaced("    X_train, X_test,", '    label = df["complained"]\n    X_train, X_test,')
OWN_STEP = replaced(
    "def build_pipeline(C=1.0, max_iter=500):",
    "from sklearn.base import BaseEstimator, TransformerMixin\n\n\n"
    "class Ratio(BaseEstimator, TransformerMixin):\n    pass\n\n\n"
    "def build_pipeline(C=1.0, max_iter=500):\n    ratio = Ratio()",
)
CASES: Mapping[str, tuple[dict[str, str], tuple[str, ...], str]] = {
    "syntax error": (
        train(lambda text: text + "\ndef broken(:\n"),
        (),
        "modelyard: train.py:41: invalid syntax; mend it\nmodelyard: no model was found: no script",
    ),
    "no model": (
        {"clean.py": "import pandas as pd\n", "data/customers.csv": CSV},
        (),
        "no model was found: no script or notebook makes an estimator of scikit-learn, LightGBM or",
    ),
    "no data": (
        {"train.py": repos.WITH_FUNCTION},
        (),
        "--data: name the file the model learns from (none is in the repo)",
    ),
    "several data files that no script reads": (
        {"train.py": replaced("customers.csv", "other.csv")(repos.WITH_FUNCTION),
         "data/a.csv": CSV, "data/b.csv": CSV},
        (),
        "--data: name the file the model learns from (data/a.csv, data/b.csv)",
    ),
    "data elsewhere": (
        train(str), ("--data", "../customers.csv"),
        "--data ../customers.csv: lies outside the repo; put it below",
    ),
    "data of another kind": (
        train(str), ("--data", "train.py"),
        "--data train.py: is no .csv or .parquet file of the repo",
    ),
    "two targets": (
        train(TWO_TARGETS, csv=repos.customers(extra=True)), (),
        "--target: name the column to predict (train.py:29 says churned, train.py:30 says comp",
    ),
    "unknown target": (
        train(str), ("--target", "left"),
        "--target left: is no column of the data: customer_id, age, income, city, calls, churned",
    ),
    "unknown problem": (
        train(str), ("--problem", "ranking"),
        "--problem ranking: say one of binary, multiclass, regression",
    ),
    "two functions": (
        train(lambda text: text + "\n\ndef make_other():\n    return LogisticRegression()\n"), (),
        "--estimator: several build a model; name one of train:build_pipeline, train:make_other",
    ),
    "unknown estimator": (
        train(str), ("--estimator", "train:make_model"),
        "--estimator train:make_model: builds no unfitted model; those found: train:build_pipeline",
    ),
    "several models in passing": (
        {"train.py": "from sklearn.linear_model import Lasso, Ridge\n"
                     "models = {'a': Ridge(), 'b': Lasso()}\n", "data/customers.csv": CSV}, (),
        "--estimator: several build a model; name one of train.py:2:Ridge, train.py:2:Lasso",
    ),
    "a line with several models": (
        {"train.py": "from sklearn.linear_model import Lasso, Ridge\n"
                     "models = {'a': Ridge(), 'b': Lasso()}\n", "data/customers.csv": CSV},
        ("--estimator", "train.py:2"),
        "--estimator train.py:2: is several; name one of train.py:2:Ridge, train.py:2:Lasso",
    ),
    "a network": (
        {"train.py": "import tensorflow as tf\nmodel = tf.keras.Sequential([])\n"}, (),
        "train.py: imports tensorflow; a network of PyTorch comes with the template",
    ),
    "requirements that are no text": (
        {**train(str), "requirements.txt": "pandas\ud800"}, (),
        "requirements.txt: is not UTF-8 text; save it as UTF-8",
    ),
    "work on import": (
        train(replaced('if __name__ == "__main__":\n    main()', "main()")), (),
        'train.py:38: runs whenever build_pipeline is imported; put what the script does below `if',
    ),
    "a model that stands on a run": (
        train(replaced("n_estimators=50", "n_estimators=len(df)"), repos.TOP_LEVEL), (),
        "train.py:18: the model stands on 'df', which only a run of train.py knows",
    ),
    "an argument nobody knows": (
        train(replaced("def build_pipeline(C=1.0", "def build_pipeline(config, C=1.0")), (),
        "train.py:18: build_pipeline needs config, which Modelyard cannot know; give a default",
    ),
    "a model that is no estimator": (
        {"train.py": "import lightgbm as lgb\nmodel = lgb.train({}, None)\n",
         "data/customers.csv": CSV}, (),
        "train.py:2: lightgbm.train cannot be kept as a model file; use LGBMClassifier or",
    ),
    "a step of their own": (
        train(OWN_STEP), (),
        "train.py:21: Ratio is code of your own, which a model file without pickle cannot hold",
    ),
    "a protected column": (
        train(str), ("--protected", "age"),
        "train.py:14: gives the model 'age', but it is protected; take it out there, or out of",
    ),
    "a column that the file lacks": (
        train(lambda text: replaced('"calls"]', '"calls", "rate"]')(
            replaced("    X = df", '    df["rate"] = df["calls"] / df["age"]\n    X = df')(text))),
        (),
        "train.py:14: gives the model 'rate', which train.py:28 computes before fitting and data",
    ),
    "a script from its own folder": (
        {"scripts/train.py": "from helpers import x\n" + repos.WITH_FUNCTION,
         "scripts/helpers.py": "x = 1\n", "data/customers.csv": CSV},
        (),
        "scripts/train.py: imports helpers from its own folder, which works only when it is run",
    ),
    "a name that Python has": (
        {"code.py": repos.WITH_FUNCTION, "data/customers.csv": CSV}, (),
        "code.py: cannot be imported by that name; rename it",
    ),
    "another tool's project.yaml": (
        {**train(str), "project.yaml": "of: another tool\n"}, (),
        "project.yaml: is there already and not Modelyard's; rename it and run again",
    ),
    "an unknown setting": (
        train(str), ("--set", "ownr=x"),
        "--set ownr: is no answer of the template; it asks project_name, project_slug,",
    ),
    "a setting without a value": (
        train(str), ("--set", "owner"), "--set owner: write ANSWER=VALUE, such as owner=",
    ),
    "a name that AWS would not take": (
        train(str), ("--name", "Churn!"), "project.yaml: name: 'Churn!': use 3 to 24 lower-case",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", list(CASES))
def test_what_is_in_the_way_is_told_and_nothing_written(case: str, tmp_path: Path) -> None:
    files, options, complaint = CASES[case]
    done = adopt(repos.make(tmp_path, files), *options)
    assert done.code == 1
    assert complaint in done.complained
    assert "Traceback" not in done.complained
    assert done.after == done.before


def test_all_that_lacks_is_told_at_once(tmp_path: Path) -> None:
    two = repos.WITH_FUNCTION + "\n\ndef make_other():\n    return LogisticRegression()\n"
    done = adopt(repos.make(tmp_path, {"train.py": two}))
    assert [line.split(":")[1].strip() for line in done.complained.splitlines()] == [
        "--estimator",
        "--data",
    ]


def test_unfinished_work_is_refused_unless_allowed(tmp_path: Path) -> None:
    repo = repos.make(tmp_path, repos.REPOS["churn"])
    (repo / "train.py").write_text(repos.WITH_FUNCTION + "\n")
    done = adopt(repo, "--name", "churn")
    assert (
        "train.py: not committed; commit first, so that the diff shows adoption" in done.complained
    )
    assert adopt(repo, "--name", "churn", "--allow-dirty").code == 0


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    done = adopt(tmp_path / "nowhere")
    assert done.complained.endswith("nowhere: is no folder; name the repo to adopt\n")
