"""Repos as teams have them before Modelyard: each a few files, with data that can be learned."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

ROWS = 400


def customers(extra: bool = False) -> str:
    """Customers of whom a third left, as CSV."""
    draw = np.random.default_rng(7)
    age, income = draw.integers(18, 80, ROWS), draw.normal(40_000, 9_000, ROWS).round(2)
    city = draw.choice(["Bonn", "Köln", "Ulm"], ROWS)
    calls = draw.poisson(2, ROWS)
    risk = 0.9 * calls - 0.04 * (age - 18) + (city == "Ulm") + draw.normal(0, 1.5, ROWS)
    frame = pd.DataFrame(
        {
            "customer_id": [f"c{number:04}" for number in range(ROWS)],
            "age": age,
            "income": income,
            "city": city,
            "calls": calls,
            "churned": np.where(risk > np.quantile(risk, 0.66), "yes", "no"),
        }
    )
    if extra:
        frame["complained"] = np.where(draw.random(ROWS) < 0.3, "yes", "no")
    return frame.to_csv(index=False)


def houses() -> str:
    """Houses and what they cost, in numbers only, as CSV."""
    draw = np.random.default_rng(11)
    area, rooms = draw.normal(120, 30, ROWS).round(1), draw.integers(2, 8, ROWS)
    year = draw.integers(1900, 2020, ROWS)
    price = (1900 * area + 8000 * rooms + 300 * (year - 1900) + draw.normal(0, 20000, ROWS)).round()
    frame = pd.DataFrame({"area": area, "rooms": rooms, "year": year, "price": price})
    return frame.to_csv(index=False)


WITH_FUNCTION = '''"""Trains the churn model."""
import pickle
from pathlib import Path

import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

DATA = Path("data")
TARGET = "churned"
NUMERIC = ["age", "income", "calls"]
CATEGORICAL = ["city"]


def build_pipeline(C=1.0, max_iter=500):
    pre = ColumnTransformer([
        ("num", StandardScaler(), NUMERIC),
        ("cat", OneHotEncoder(handle_unknown="ignore"), CATEGORICAL),
    ])
    return Pipeline([("pre", pre), ("clf", LogisticRegression(C=C, max_iter=max_iter))])


def main():
    df = pd.read_csv(DATA / "customers.csv")
    X = df.drop(columns=["customer_id", TARGET])
    y = (df[TARGET] == "yes").astype(int)
    X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, random_state=0)
    model = build_pipeline()
    model.fit(X_train, y_train)
    print(model.score(X_test, y_test))
    with open("model.pkl", "wb") as f:
        pickle.dump(model, f)


if __name__ == "__main__":
    main()
'''

TOP_LEVEL = """import joblib
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

df = pd.read_csv("data/customers.csv")
y = df["churned"]
X = df[["age", "income", "calls", "city"]]
num = X.select_dtypes(include="number").columns.tolist()
cat = X.select_dtypes(include="object").columns.tolist()

pre = ColumnTransformer([
    ("num", "passthrough", num),
    ("cat", OneHotEncoder(handle_unknown="ignore"), cat),
])
model = make_pipeline(
    pre,
    RandomForestClassifier(n_estimators=50, random_state=0),
)
model.fit(X, y)
joblib.dump(model, "model.joblib")
"""

CELLS = (
    "import pandas as pd\n%matplotlib inline\n"
    "from sklearn.linear_model import Ridge\n"
    "from sklearn.pipeline import make_pipeline\n"
    "from sklearn.preprocessing import StandardScaler",
    'df = pd.read_csv("../data/houses.csv")\ndf.describe()',
    'X, y = df.drop(columns="price"), df["price"]',
    "model = make_pipeline(StandardScaler(), Ridge(alpha=2.0))\nmodel.fit(X, y)\nmodel.score(X, y)",
)


def notebook(*cells: str) -> str:
    """A notebook of code cells below a heading."""
    heading = {"cell_type": "markdown", "metadata": {}, "source": ["# Prices\n"]}
    code = [
        {
            "cell_type": "code",
            "execution_count": None,
            "metadata": {},
            "outputs": [],
            "source": text.splitlines(keepends=True),
        }
        for text in cells
    ]
    document = {"cells": [heading, *code], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(document, indent=1)


PACKAGE = {
    "pyproject.toml": """[project]
name = "house-prices"
version = "0.3.0"
dependencies = ["pandas>=2", "scikit-learn", "tabulate>=0.8"]
""",
    "src/house_prices/__init__.py": "",
    "src/house_prices/model.py": '''"""The model."""
from sklearn.ensemble import HistGradientBoostingRegressor


def make_model(learning_rate: float = 0.1, verbose=None):
    model = HistGradientBoostingRegressor(learning_rate=learning_rate, random_state=0)
    return model
''',
    "src/house_prices/train.py": '''"""Entry point."""
import pandas as pd

from .model import make_model


def main():
    df = pd.read_csv("data/raw/houses.csv")
    y = df.pop("price")
    make_model().fit(df, y)
''',
    "tests/test_model.py": "from house_prices.model import make_model\n",
    "data/raw/houses.csv": houses(),
}

BOOSTED = {
    "requirements.txt": "pandas\nlightgbm>=4  # trees\n",
    "features.py": """import pandas as pd


def add_features(df: pd.DataFrame) -> pd.DataFrame:
    df["income_per_year"] = df["income"] / df["age"]
    return df
""",
    "train.py": """import lightgbm as lgb
import pandas as pd

from features import add_features

TARGET = "churned"


def make_model(num_leaves=7):
    return lgb.LGBMClassifier(n_estimators=40, num_leaves=num_leaves, random_state=1, verbose=-1)


if __name__ == "__main__":
    df = add_features(pd.read_csv("data/customers.csv"))
    df["city"] = df["city"].astype("category")
    y = df[TARGET].map({"yes": 1, "no": 0})
    make_model().fit(df.drop(columns=[TARGET, "customer_id"]), y)
""",
    "data/customers.csv": customers(),
}

CROWDED = {
    "train.py": WITH_FUNCTION,
    "data/customers.csv": customers(),
    "requirements.txt": "pandas==1.5.3\nscikit-learn==1.2.2\ntabulate\n-e .\n",
    "Makefile": ".PHONY: test try\ntest:\n\t@echo theirs\ntry:\n\t@echo their try",
    "Dockerfile": "FROM scratch\n",
    ".dockerignore": "notebooks\n",
    "data_contract.yaml": "of: another tool\n",
    ".gitignore": "*.pkl\n/build/\n",
    ".github/workflows/test.yml": "name: theirs\non: push\n",
    "tests/test_train.py": "def test_nothing():\n    pass\n",
    "pytest.ini": "[pytest]\naddopts = --no-such-option\n",
}

REPOS: Mapping[str, Mapping[str, str]] = {
    "churn": {"train.py": WITH_FUNCTION, "data/customers.csv": customers()},
    "top-level": {"train.py": TOP_LEVEL, "data/customers.csv": customers()},
    "prices": {"notebooks/explore.ipynb": notebook(*CELLS), "data/houses.csv": houses()},
    "house-prices": PACKAGE,
    "boosted": BOOSTED,
    "crowded": CROWDED,
}


def make(folder: Path, files: Mapping[str, str]) -> Path:
    """A repo with these files, committed."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(text.encode("utf-8", "surrogatepass"))
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", "-A")
    git(folder, "-c", "user.name=t", "-c", "user.email=t@example.com", "commit", "-qm", "theirs")
    return folder


def git(repo: Path, *arguments: str) -> str:
    command = ["git", "-C", str(repo), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return done.stdout
