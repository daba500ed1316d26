"""The data contract: what a team's data look like, as data_contract.yaml states it.

    contract = DataContract.load("data_contract.yaml")
    contract.feature_columns           # the columns a model may see, each with kind and categories
    frame = to_frame(rows_or_frame, contract)           # modelyard.tables
    contract.check(read_table("data/loans.csv"))        # violations with column, rule, rows
    infer(read_table(path), target, row_key, protected, problem).dump(path)

`to_frame` gives a model the same frame in training and in serving: number, integer, boolean (0, 1)
and date (days since 1970) are float64 with NaN where missing; category is text with '(missing)' and
'(other)' where needed; text is text, '' where missing. No imputer is needed for the latter two.
"""

import hashlib
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from modelyard import strict_yaml
from modelyard.errors import ModelyardError

if TYPE_CHECKING:
    import pandas as pd

    from modelyard.data_check import Violation

Kind = Literal["number", "integer", "boolean", "category", "date", "text", "identifier"]
Use = Literal["feature", "target", "protected", "key", "drop"]
Label = str | int | bool
NUMERIC: tuple[Kind, ...] = ("number", "integer", "boolean", "date")

_PREAMBLE = """\
# What the data must look like: checked before every training run, and how values are read when
# serving. Inferred from {source}; edit it where you know better than the sample.
#   use: feature (the model sees it), target, protected (fairness is measured, the model never sees
#        it), key (keeps a row in its split), drop (not used, for the reason given)
#   actionable: whether a person could change it (true, false, increase, decrease); not said: what
#        names who somebody is, dates and texts never are, the rest is taken to be
#   label: what people call it, for letters to those whom decisions concern
#   missing_rate: the largest tolerated share; min and max: the observed range and as much again on
#        each side; other: whether values outside the categories are allowed or refused
"""


class DataError(ModelyardError):
    """Data or a data contract that cannot be used; the message names what and the fix."""


class Column(BaseModel):
    """What one column holds and what it is used for.

    Attributes:
        use: a feature the model sees; the target; protected, for which fairness is measured and
            which the model never sees; the key that keeps a row in its split; drop, for `reason`.
        missing_rate: the largest tolerated share of gaps.
        missing: spellings of a gap besides an empty one.
        min, max: the range a value must be in.
        other: whether values outside the categories are allowed or refused.
        format: how a date is written (iso, or as strptime reads it), or a number is punctuated.
        unique: whether no two rows may share a value.
        actionable: whether a person could change it, and in which direction, for counterfactuals.
        label: what people call it, for letters to those whom decisions concern.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, Field(min_length=1)]
    kind: Kind
    use: Use
    reason: str | None = None
    missing_rate: Annotated[float, Field(ge=0, le=1)] = 0.0
    missing: tuple[str, ...] = ()
    min: float | None = None
    max: float | None = None
    categories: tuple[str, ...] = ()
    other: Literal["allow", "refuse"] = "refuse"
    format: str | None = None
    unique: bool = False
    actionable: bool | Literal["increase", "decrease"] | None = None
    label: Annotated[str, Field(min_length=1, max_length=120)] | None = None

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        if self.actionable and self.use != "feature":
            raise ValueError(
                f"column '{self.name}': 'actionable' is for features; nobody is asked to change "
                f"what is {self.use}"
            )
        if isinstance(self.actionable, str) and (self.kind not in NUMERIC or self.categories):
            raise ValueError(
                f"column '{self.name}': only a number can {self.actionable}; write true or false"
            )
        if self.kind == "category" and not self.categories and self.use not in ("drop", "key"):
            raise ValueError(f"column '{self.name}': a category needs its 'categories'")
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError(f"column '{self.name}': min is above max")
        return self


class DataContract(BaseModel):
    """The columns of a data set, in the order of its files."""

    model_config = ConfigDict(frozen=True, extra="forbid", ignored_types=(cached_property,))

    columns: Annotated[tuple[Column, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        names = [column.name for column in self.columns]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"column '{twice[0]}' is listed twice; keep one")
        if sum(column.use == "target" for column in self.columns) != 1:
            raise ValueError("exactly one column must have 'use: target'")
        if sum(column.use == "key" for column in self.columns) > 1:
            raise ValueError("at most one column can have 'use: key'")
        if not any(column.use == "feature" for column in self.columns):
            raise ValueError("no column has 'use: feature'; a model needs at least one")
        return self

    def used(self, *uses: Use) -> tuple[Column, ...]:
        """The columns with one of the given uses, in order."""
        return tuple(column for column in self.columns if column.use in uses)

    @cached_property
    def target_column(self) -> Column:
        return self.used("target")[0]

    @cached_property
    def feature_columns(self) -> tuple[Column, ...]:
        """What a model may see."""
        return self.used("feature")

    @property
    def target(self) -> str:
        return self.target_column.name

    @property
    def features(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.feature_columns)

    @property
    def protected(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.used("protected"))

    def spoken(self, name: str) -> str:
        """What people call a column."""
        return self[name].label or name

    @property
    def row_key(self) -> str | None:
        return next((column.name for column in self.used("key")), None)

    @property
    def labels(self) -> tuple[Label, ...]:
        """The target's classes as the data write them; of two, the second is the positive one.

        Empty for a regression. A model is fitted on their positions: 0, 1, ...
        """
        column = self.target_column
        if column.kind == "integer":
            return tuple(int(text) for text in column.categories)
        if column.kind == "boolean":
            return tuple(text == "true" for text in column.categories)
        return column.categories

    def __getitem__(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)

    def check(self, frame: "pd.DataFrame") -> "list[Violation]":
        """Where a frame breaks this contract: column, rule and row numbers (from 1)."""
        from modelyard.data_check import check

        return check(frame, self)

    def document(self) -> dict[str, Any]:
        """The contract as plain data, without defaults."""
        return {"columns": [_plain(column) for column in self.columns]}

    def text(self, source: str = "the data") -> str:
        """The contract as the text of data_contract.yaml: one line per column."""
        lines = (
            yaml.dump(
                column,
                Dumper=_Dumper,
                default_flow_style=True,
                sort_keys=False,
                allow_unicode=True,
                width=float("inf"),
            ).strip()
            for column in self.document()["columns"]
        )
        body = "".join(f"  - {line}\n" for line in lines)
        return _PREAMBLE.format(source=source) + "columns:\n" + body

    def dump(self, path: str | Path, source: str = "the data") -> None:
        """Writes data_contract.yaml; `source` is what its first lines say it was inferred from."""
        Path(path).write_text(self.text(source), encoding="utf-8")

    @property
    def sha256(self) -> str:
        """The contract's identity, whatever its comments and layout."""
        return hashlib.sha256(self.text().encode()).hexdigest()

    @classmethod
    def load(cls, path: str | Path) -> "DataContract":
        """The contract a file states; DataError names the file, the place and the fix."""
        try:
            return cls.parse(strict_yaml.read(Path(path)), str(path))
        except strict_yaml.YamlError as error:
            raise DataError(f"{path}: {error}") from None

    @classmethod
    def parse(cls, document: Any, source: str = "data_contract.yaml") -> "DataContract":
        """The contract plain data state."""
        try:
            return cls.model_validate(document)
        except ValidationError as error:
            problems = [_sentence(problem, document) for problem in error.errors()]
            raise DataError("\n".join(f"{source}: {text}" for text in problems)) from None


class _Dumper(yaml.SafeDumper):
    """Quotes texts that another YAML reader could take for a number."""


def _quoted(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "'" if text[:1].isdigit() else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _quoted)


def infer(
    frame: "pd.DataFrame",
    target: str,
    row_key: str | None = None,
    protected: Sequence[str] = (),
    problem: str = "binary",
) -> DataContract:
    """The contract a sample suggests (see modelyard.contract_inference)."""
    from modelyard.contract_inference import infer as infer_contract

    return infer_contract(frame, target, row_key, protected, problem)


def _plain(column: Column) -> dict[str, Any]:
    plain = column.model_dump(exclude_defaults=True, mode="json")
    for bound in ("min", "max"):
        if bound in plain and float(plain[bound]).is_integer():
            plain[bound] = int(plain[bound])
    return plain


def _sentence(problem: Any, document: Any) -> str:
    place, message = list(problem["loc"]), str(problem["msg"]).removeprefix("Value error, ")
    if len(place) > 1 and place[0] == "columns":
        name = document["columns"][place[1]]
        name = name.get("name", place[1]) if isinstance(name, dict) else place[1]
        place[:2] = [f"column '{name}'"]
    if problem["type"] == "extra_forbidden":
        message = "unknown key; remove or correct it"
    return ": ".join([*map(str, place), message])
