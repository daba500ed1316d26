"""What project.yaml says of a data set, held against the columns of its data contract."""

from collections.abc import Iterator

from modelyard.data import Column, DataContract, DataError
from modelyard.project import DataSet

_TEXTS = ("identifier", "text", "category")


def require_agreement(dataset: DataSet, contract: DataContract, file: str) -> None:
    """DataError with every statement about a column that the contract does not bear out."""
    problems = list(contradictions(dataset, contract))
    if problems:
        raise DataError("\n".join(f"{file}: {problem}" for problem in problems))


def contradictions(dataset: DataSet, contract: DataContract) -> Iterator[str]:
    """Statements of a data set that its contract contradicts, each with its fix."""
    known = {column.name: column for column in contract.columns}
    for name in dataset.pseudonymise:
        key = f"data set {dataset.name}: pseudonymise"
        if name not in known:
            yield f"{key}: '{name}' is no column of {dataset.contract}; correct the name"
        elif (reason := _unfit(known[name])) is not None:
            yield f"{key}: '{name}' {reason}"
    start = dataset.retained_from
    if start is not None and start not in known:
        yield (
            f"data set {dataset.name}: retained_from: '{start}' is no column of "
            f"{dataset.contract}; correct the name"
        )
    elif start is not None and known[start].kind != "date":
        yield (
            f"data set {dataset.name}: retained_from: '{start}' is of kind {known[start].kind}; "
            "name a column of kind date"
        )
    if dataset.subject is not None and dataset.subject not in known:
        yield (
            f"data set {dataset.name}: subject: '{dataset.subject}' is no column of "
            f"{dataset.contract}; correct the name"
        )


def _unfit(column: Column) -> str | None:
    """Why a column cannot be pseudonymised. A feature's serving value would be the raw one."""
    if column.use == "feature":
        return (
            f"is a feature of kind {column.kind}: clients send the value itself when the model "
            "serves; give it 'use: drop' in the contract, or take it out of pseudonymise"
        )
    if column.use in ("target", "protected"):
        return f"has the use {column.use}, which needs its values; take it out of pseudonymise"
    if column.kind not in _TEXTS and column.use == "key":
        return (
            f"is of kind {column.kind}, but pseudonyms are texts; "
            "give it 'kind: identifier' in the contract"
        )
    if column.use == "key" and column.categories:
        return "has categories, which no pseudonym is among; give it 'kind: identifier'"
    return None
