"""The data sections of project.yaml: a data set, whom it is shared with, or whose it is."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from modelyard.section import DATA_SET_NAME, PROJECT_NAME, Account, Column, Section, Text

# What lies beside the data sets in the raw bucket.
RESERVED_FOLDERS = ("quarantine",)
SCHEME = "dataset://"
_BORROWED = re.compile(
    rf"{SCHEME}(?P<project>{PROJECT_NAME[1:-1]})/(?P<name>{DATA_SET_NAME[1:-1]})"
)


class Borrower(Section):
    """Another project whose pipeline may read a data set; its account is where its dev lives."""

    project: Annotated[str, Field(pattern=PROJECT_NAME)]
    account: Account


class Origin(Section):
    """Where a borrowed data set is registered: the project that owns it, and its name there."""

    project: str
    name: str

    def __str__(self) -> str:
        return f"{SCHEME}{self.project}/{self.name}"


class DataSet(Section):
    """One data set; paths are relative to project.yaml. The pipeline trains on the first.

    `source` is a file, or `dataset://PROJECT/NAME` for one that another project owns and shares.
    """

    name: Annotated[str, Field(pattern=DATA_SET_NAME)]
    source: Text
    contract: Text = "data_contract.yaml"
    owner: Text | None = None
    classification: Literal["public", "internal", "confidential", "restricted"] = "confidential"
    description: Annotated[str, Field(max_length=1000, pattern=r"\S")] | None = None
    legal_basis: Text
    retention_days: Annotated[int, Field(gt=0, le=36500, strict=True)] = 365
    # The date from which a row's retention counts; without it, only whole files expire.
    retained_from: Column | None = None
    pseudonymise: tuple[Column, ...] = ()
    # The key that pseudonyms must be made with, by its id; without it, whichever is current.
    pseudonym_key: Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")] | None = None
    row_key: Column | None = None
    # The column that says whose row it is, where that is not the row key.
    subject: Column | None = None
    # The owner's consent: nobody else's pipeline reads it.
    shared_with: tuple[Borrower, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _inherits(cls, values: Any) -> Any:
        """Why we hold borrowed data is its owner's to say."""
        if not isinstance(values, Mapping) or "legal_basis" in values:
            return values
        found = _BORROWED.fullmatch(str(values.get("source")))
        if found is None:
            return values
        return {**values, "legal_basis": f"as {found['project']} states for {found['name']}"}

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        if self.name in RESERVED_FOLDERS:
            raise ValueError(f"'{self.name}' is a folder of the platform; choose another name")
        if self.retained_from is not None and self.retained_from in self.pseudonymise:
            raise ValueError(
                f"'{self.retained_from}' cannot be retained_from and a pseudonym: a pseudonym is "
                "no date; take it out of pseudonymise"
            )
        if self.pseudonym_key is not None and not self.pseudonymise:
            raise ValueError("names a pseudonym_key but nothing to pseudonymise; remove the key")
        if self.source.startswith(SCHEME) and self.origin is None:
            raise ValueError(
                f"source '{self.source}': write {SCHEME}PROJECT/NAME, the project that owns the "
                "data set and its name there"
            )
        return self

    @model_validator(mode="after")
    def _shares_what_it_owns(self) -> Self:
        if self.origin is not None and self.shared_with:
            raise ValueError(
                f"belongs to {self.origin.project}, who alone shares it; remove shared_with"
            )
        if self.origin is not None and self.owner is not None:
            raise ValueError(f"has the owner that {self.origin.project} states; remove owner")
        projects = [borrower.project for borrower in self.shared_with]
        twice = sorted({one for one in projects if projects.count(one) > 1})
        if twice:
            raise ValueError(f"shared_with names {', '.join(twice)} twice; keep one")
        return self

    @property
    def origin(self) -> Origin | None:
        """Where a borrowed data set is registered; None for the project's own."""
        found = _BORROWED.fullmatch(self.source)
        return Origin(project=found["project"], name=found["name"]) if found else None

    @property
    def subject_column(self) -> str | None:
        """Where a row says whom it is about."""
        return self.subject or self.row_key
