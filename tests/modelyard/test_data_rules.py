"""What project.yaml may say of a data set, held against its contract."""

from pathlib import Path
from typing import Any

import pytest

from modelyard.data import DataContract, DataError
from modelyard.data_rules import require_agreement
from modelyard.errors import ProjectError
from modelyard.project import DataSet, load

CONTRACT = DataContract.parse(
    {
        "columns": [
            {"name": "id", "kind": "identifier", "use": "key"},
            {"name": "person", "kind": "integer", "use": "drop"},
            {"name": "since", "kind": "date", "use": "feature"},
            {"name": "income", "kind": "number", "use": "feature"},
            {"name": "race", "kind": "category", "use": "protected", "categories": ["a", "b"]},
            {"name": "approve", "kind": "boolean", "use": "target", "categories": ["no", "yes"]},
        ]
    }
)


def dataset(**stated: Any) -> DataSet:
    """A data set that states these keys besides the required ones."""
    return DataSet.model_validate(
        {"name": "rows", "source": "a.csv", "legal_basis": "contract", **stated}
    )


def test_what_nobody_reads_as_a_value_may_be_a_pseudonym() -> None:
    stated = dataset(pseudonymise=["id", "person"], retained_from="since", subject="person")
    require_agreement(stated, CONTRACT, "project.yaml")


@pytest.mark.parametrize(
    ("stated", "problem"),
    [
        ({"pseudonymise": ["ssn"]}, "pseudonymise: 'ssn' is no column of data_contract.yaml"),
        ({"pseudonymise": ["income"]}, "pseudonymise: 'income' is a feature of kind number"),
        ({"pseudonymise": ["race"]}, "pseudonymise: 'race' has the use protected"),
        ({"pseudonymise": ["approve"]}, "pseudonymise: 'approve' has the use target"),
        ({"retained_from": "income"}, "retained_from: 'income' is of kind number; name a column"),
        ({"retained_from": "until"}, "retained_from: 'until' is no column of data_contract.yaml"),
        ({"subject": "who"}, "subject: 'who' is no column of data_contract.yaml"),
    ],
)
def test_statement_that_the_contract_contradicts_is_told_with_its_fix(
    stated: dict[str, Any], problem: str
) -> None:
    with pytest.raises(DataError) as refused:
        require_agreement(dataset(**stated), CONTRACT, "project.yaml")
    assert f"project.yaml: data set rows: {problem}" in str(refused.value)


def test_number_as_row_key_has_to_become_a_text_first() -> None:
    numbered = DataContract.parse(
        {"columns": [{"name": "id", "kind": "integer", "use": "key"}, *_but_the_key()]}
    )
    with pytest.raises(DataError, match=r"'id' is of kind integer.*'kind: identifier'"):
        require_agreement(dataset(pseudonymise=["id"]), numbered, "project.yaml")


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("row_key: id", "pseudonymise: [approve]", "data[0].pseudonymise: 'approve' is the target"),
        ("row_key: id", "pseudonymise: [male]", "data[0].pseudonymise: 'male' is a protected"),
        ("row_key: id", "pseudonym_key: abc", "data[0].pseudonym_key: 'abc': "),
        ("row_key: id", 'pseudonym_key: "0123456789abcdef"', "data[0]: names a pseudonym_key but"),
        ("row_key: id", "retained_from: d, pseudonymise: [d]", "data[0]: 'd' cannot be retained"),
        ("name: applications", "name: quarantine", "data[0]: 'quarantine' is a folder of"),
    ],
)
def test_contradiction_within_the_file_is_told_before_anything_runs(
    project_file: Path, old: str, new: str, problem: str
) -> None:
    project_file.write_text(project_file.read_text().replace(old, new))
    with pytest.raises(ProjectError) as refused:
        load(project_file)
    assert problem in str(refused.value)


def _but_the_key() -> list[dict[str, Any]]:
    return list(CONTRACT.document()["columns"][1:])
