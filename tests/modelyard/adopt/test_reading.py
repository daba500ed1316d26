"""Reading code without running it: what is found in it, and what is not mistaken for something."""

from __future__ import annotations

from pathlib import Path

import pytest

from modelyard.adopt import builders, effects, source
from modelyard.adopt.data_use import data_use
from modelyard.adopt.extract import NotSelfContainedError, extract
from modelyard.adopt.source import Script, Unreadable
from tests.modelyard.adopt.repos import notebook


def script(folder: Path, text: str, name: str = "train.py") -> Script:
    (folder / name).write_text(text, encoding="utf-8")
    read = source.read(folder / name, folder)
    assert isinstance(read, Script)
    return read


def test_cells_may_speak_to_jupyter(tmp_path: Path) -> None:
    text = notebook("%pip install x\n!ls\nx = 1", "%%bash\nrm -rf build", "if x:\n    %time y = 2")
    read = script(tmp_path, text, "n.ipynb")
    assert [len(unit.tree.body) for unit in read.units] == [0, 3, 0, 1]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.py", b"x = (\n", "a.py:1 '(' was never closed; mend it"),
        ("a.py", b"x = '\xff'\n", "a.py:1 "),
        ("a.py", b"x\0", "a.py:1 source code string cannot contain null bytes"),
        ("n.ipynb", b"{}", "n.ipynb:1 cannot be read"),
        ("n.ipynb", b"[", "n.ipynb:1 cannot be read"),
        ("n.ipynb", notebook("ok = 1", "def :").encode(), "n.ipynb cell 3 line 1 invalid syntax"),
    ],
)
def test_what_is_no_python_is_told_with_its_place(
    tmp_path: Path, name: str, content: bytes, said: str
) -> None:
    (tmp_path / name).write_bytes(content)
    read = source.read(tmp_path / name, tmp_path)
    assert isinstance(read, Unreadable)
    assert f"{read.place} {read.reason}".startswith(said)


def test_environments_hidden_folders_and_tests_are_not_looked_into(tmp_path: Path) -> None:
    for name in ("a.py", ".hidden/b.py", "myenv/c.py", "tests/d.py", "lib/e.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "myenv" / "pyvenv.cfg").touch()
    assert [file.name for file in source.files(tmp_path)] == ["a.py", "e.py"]


@pytest.mark.parametrize(
    ("line", "target"),
    [
        ('y = df["a"]', "a"),
        ("y = df.a", "a"),
        ('y = self.df["a"]', "a"),
        ('y = df.a == "yes"', "a"),
        ('y = df.pop("a")', "a"),
        ('y = df["a"].map({"x": 1})', "a"),
        ('y = (df["a"] > 3).astype(int)', "a"),
        ('X, y = df.drop(columns="a"), df["a"]', "a"),
        ('NAME = "a"\ny = df[NAME]', "a"),
        ('model.fit(df[["b"]], df["a"])', "a"),
        ('train_test_split(df[["b"]], df["a"], test_size=0.2)', "a"),
        ("y = df.values", None),
        ('y = df["a"] + df["b"]', None),
        ('z = df["a"]', None),
    ],
)
def test_target_is_what_is_taken_as_y(tmp_path: Path, line: str, target: str | None) -> None:
    found = [fact.what for fact in data_use(script(tmp_path, line)).targets]
    assert found == ([target] if target else [])


@pytest.mark.parametrize(
    ("line", "columns"),
    [
        ('df.drop(columns=["a", "b"])', ["a", "b"]),
        ('df.drop("a", axis=1)', ["a"]),
        ('IDS = ["a"]\ndf.drop(IDS + ["b"], axis="columns")', ["a", "b"]),
        ("df.drop(3)", []),
        ('df.drop(["row"])', []),
        ("df.drop(columns=names())", []),
    ],
)
def test_columns_that_are_dropped(tmp_path: Path, line: str, columns: list[str]) -> None:
    assert [fact.what for fact in data_use(script(tmp_path, line)).dropped] == columns


@pytest.mark.parametrize(
    ("line", "path"),
    [
        ('pd.read_csv("data/a.csv")', "data/a.csv"),
        ('D = Path("data")\npd.read_parquet(D / "raw" / "a.parquet")', "data/raw/a.parquet"),
        ('pd.read_csv(os.path.join("data", "a.csv"), sep=";")', "data/a.csv"),
        ('HERE = "data"\npd.read_csv(f"{HERE}/a.csv")', "data/a.csv"),
        ("pd.read_csv(sys.argv[1])", ""),
    ],
)
def test_files_that_are_read(tmp_path: Path, line: str, path: str) -> None:
    assert [fact.what for fact in data_use(script(tmp_path, line)).reads] == [path]


IMPORTS = "from sklearn.linear_model import LogisticRegression as LR\nimport sklearn.svm as svm\n"


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("def make(): return LR()", ["make"]),
        ("def make():\n    m = svm.SVC()\n    return m", ["make"]),
        ("def train(X, y):\n    m = LR()\n    m.fit(X, y)\n    return m", []),
        ("def train(X, y):\n    return LR().fit(X, y)", []),
        ("def other(): return 3", []),
    ],
)
def test_a_builder_gives_back_what_it_did_not_fit(
    tmp_path: Path, body: str, found: list[str]
) -> None:
    read = script(tmp_path, IMPORTS + body)
    assert [one.name for one in builders.builders(read)] == found


def test_a_model_that_is_fitted_where_it_is_made_can_be_taken_out(tmp_path: Path) -> None:
    read = script(tmp_path, IMPORTS + "P = 0.5\ndef train(X, y):\n    return LR(C=P).fit(X, y)")
    taken = extract(read, builders.expressions(read)[0])
    assert taken.statements == ("P = 0.5",)
    assert taken.expression == "LR(C=P)"
    assert taken.imports == ("from sklearn.linear_model import LogisticRegression as LR",)


@pytest.mark.parametrize("value", ["compute()", "len(rows)", "args.c", "table['c']"])
def test_a_model_that_stands_on_a_run_cannot(tmp_path: Path, value: str) -> None:
    read = script(tmp_path, f"{IMPORTS}c = {value}\nmodel = LR(C=c)")
    with pytest.raises(NotSelfContainedError):
        extract(read, builders.expressions(read)[0])


@pytest.mark.parametrize(
    ("statement", "works"),
    [
        ("import warnings\nwarnings.filterwarnings('ignore')", False),
        ("import logging\nLOG = logging.getLogger(__name__)", False),
        ("import os\nDATA = os.environ.get('DATA', 'data')", False),
        ("if __name__ == '__main__':\n    main()", False),
        ("def f():\n    g()", False),
        ("main()", True),
        ("df = pd.read_csv('a.csv')", True),
        ("if True:\n    main()", True),
        ("for i in range(3):\n    pass", True),
        ("model = LR().fit(X, y)", True),
    ],
)
def test_work_that_importing_does(tmp_path: Path, statement: str, works: bool) -> None:
    assert bool(effects.effects(script(tmp_path, statement))) is works
