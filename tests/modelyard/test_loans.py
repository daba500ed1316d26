"""Borrowed data sets: how they are stated, where they lie, and what is said when a loan ends."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import boto3
import jsonschema
import pytest
import yaml
from moto import mock_aws

from modelyard.cli import main
from modelyard.definition import fingerprint
from modelyard.errors import ProjectError, WorkspaceError
from modelyard.loans import ended, folder
from modelyard.project import Project, json_schema, load, parse
from modelyard.workspace import Workspace
from modelyard.workspace import parse as workspace_of
from tests.modelyard.test_workspace import values

BORROWED = {"name": "applications", "source": "dataset://lending/applied", "row_key": "id"}
TERMS = {
    "source": "dataset://lending/applied",
    "uri": "s3://lending-dev-raw-999999999999/applied/",
    "project": "lending",
    "account": "999999999999",
    "owner": "Head of lending",
    "classification": "confidential",
    "legal_basis": "contract",
    "retention_days": 700,
}
Stated = Callable[..., dict[str, Any]]
# What owner and borrower write, as docs/data.md has it.
PAGES = [
    yaml.safe_load(block)
    for block in re.findall(
        r"^<!-- \w+ -->\n```yaml\n(.*?)^```",
        (Path(__file__).parents[2] / "docs" / "data.md").read_text(encoding="utf-8"),
        re.M | re.S,
    )
]


@pytest.fixture
def stated(project: Project) -> Stated:
    """project.yaml as data, with these data sets and changed sections."""

    def make(*data: dict[str, Any], **changes: Any) -> dict[str, Any]:
        document = json.loads(project.model_dump_json(exclude_unset=True))
        return {**document, "data": list(data), **changes}

    return make


@pytest.fixture
def borrower(stated: Stated) -> Project:
    """A project that trains on another one's data."""
    return parse(stated(BORROWED))


def workspace(borrowed: dict[str, Any]) -> Workspace:
    """dev's contract with these loans."""
    stated = {"project": "loans", "bucket_raw": "own-raw", "borrowed": json.dumps(borrowed)}
    return workspace_of({**values("dev"), **stated}, "loans", "dev")


def test_borrowed_data_need_a_name_and_a_source_only(borrower: Project) -> None:
    origin = borrower.dataset.origin
    assert origin is not None
    assert (origin.project, origin.name) == ("lending", "applied")
    assert borrower.dataset.legal_basis == "as lending states for applied"


def test_own_data_have_no_origin(project: Project) -> None:
    assert project.dataset.origin is None


@pytest.mark.parametrize(
    ("data", "line"),
    [
        ({"source": "dataset://lending"}, "write dataset://PROJECT/NAME"),
        ({"source": "dataset://Lending/x"}, "write dataset://PROJECT/NAME"),
        ({"source": "dataset://lending/x/y"}, "write dataset://PROJECT/NAME"),
        ({"owner": "Me"}, "has the owner that lending states; remove owner"),
        (
            {"shared_with": [{"project": "claims", "account": "111111111111"}]},
            "belongs to lending, who alone shares it; remove shared_with",
        ),
    ],
)
def test_mistakes_about_borrowed_data_name_the_fix(
    stated: Stated, data: dict[str, Any], line: str
) -> None:
    with pytest.raises(ProjectError, match=line):
        parse(stated({"legal_basis": "x", **BORROWED, **data}))


@pytest.mark.parametrize(
    ("borrowers", "line"),
    [
        ([{"project": "claims"}], r"data\[0\].shared_with\[0\].account: is missing; add it"),
        ([{"project": "claims", "account": "1"}], "an AWS account has exactly 12 digits"),
        ([{"project": "loans", "account": "111111111111"}], "names loans itself; take it out"),
        (
            [{"project": "claims", "account": n * 12} for n in "12"],
            "shared_with names claims twice; keep one",
        ),
    ],
)
def test_mistakes_about_lending_name_the_fix(
    stated: Stated, borrowers: list[dict[str, str]], line: str
) -> None:
    data = {"name": "a", "source": "a.csv", "legal_basis": "x", "shared_with": borrowers}
    with pytest.raises(ProjectError, match=line):
        parse(stated(data))


def test_own_data_state_their_legal_basis(stated: Stated) -> None:
    with pytest.raises(ProjectError, match=r"data\[0\].legal_basis: is missing"):
        parse(stated({"name": "a", "source": "a.csv"}))


def test_project_borrows_nothing_from_itself(stated: Stated) -> None:
    with pytest.raises(ProjectError, match="is this project's own; write the path of its file"):
        parse(stated({**BORROWED, "source": "dataset://loans/applied"}))


def test_more_loans_than_a_role_has_room_for_are_refused(stated: Stated) -> None:
    data = [{**BORROWED, "name": f"set-{number}"} for number in range(5)]
    with pytest.raises(ProjectError, match="5 data sets are borrowed; at most 4 may be"):
        parse(stated(*data))


def test_more_borrowers_than_a_bucket_policy_has_room_for_are_refused(stated: Stated) -> None:
    borrowers = [{"project": f"p-{number:02}", "account": "1" * 12} for number in range(11)]
    data = [
        {"name": name, "source": "a.csv", "legal_basis": "x", "shared_with": borrowers}
        for name in ("one", "two")
    ]
    with pytest.raises(ProjectError, match="22 borrowers over all data sets; at most 20 may be"):
        parse(stated(*data))


@pytest.mark.parametrize("page", PAGES, ids=["owner", "borrower"])
def test_page_shows_what_project_yaml_takes(stated: Stated, page: dict[str, Any]) -> None:
    assert parse(stated(*page["data"])).dataset.name == "applications"


def test_files_that_arrive_elsewhere_start_nothing(stated: Stated) -> None:
    with pytest.raises(ProjectError, match=r"training\.retrain\.on: .* state a schedule"):
        parse(stated(BORROWED, training={"retrain": {"on": ["data"]}}))


def test_editors_take_both_sides(stated: Stated) -> None:
    lent = {
        "name": "rates",
        "source": "r.csv",
        "legal_basis": "x",
        "shared_with": [{"project": "claims", "account": "111111111111"}],
    }
    jsonschema.validate(stated(BORROWED, lent), json_schema())


def test_borrowing_changes_no_pipeline(stated: Stated, borrower: Project) -> None:
    own = {**BORROWED, "source": "a.csv", "legal_basis": "contract"}
    assert fingerprint(parse(stated(own))) == fingerprint(borrower)


def test_borrowed_data_lie_where_their_owner_keeps_them(borrower: Project) -> None:
    assert folder(borrower.dataset, workspace({"applications": TERMS})) == TERMS["uri"]


def test_own_data_lie_in_the_own_bucket(project: Project) -> None:
    assert folder(project.dataset, workspace({})) == "s3://own-raw/applications/"


@pytest.mark.parametrize(
    "applied", [{}, {"applications": {**TERMS, "source": "dataset://lending/older"}}]
)
def test_a_loan_that_was_not_applied_is_told(borrower: Project, applied: dict[str, Any]) -> None:
    with pytest.raises(WorkspaceError, match=r"apply it with `pulumi up --stack loans\.dev`"):
        folder(borrower.dataset, workspace(applied))


def test_a_refused_read_of_borrowed_data_names_whom_to_ask(borrower: Project) -> None:
    said = ended(borrower.dataset, "ClientError: Data download failed: AccessDenied")
    assert "lending may have stopped sharing it; ask its owners" in said


@pytest.mark.parametrize("reason", ["rows broke the contract", ""])
def test_another_failure_blames_no_owner(borrower: Project, reason: str) -> None:
    assert ended(borrower.dataset, reason) == ""


def test_a_refused_read_of_own_data_blames_no_owner(project: Project) -> None:
    assert ended(project.dataset, "AccessDenied") == ""


@pytest.fixture
def command(
    project_file: Path, capsys: pytest.CaptureFixture[str]
) -> Iterator[Callable[..., tuple[int, str]]]:
    """Runs a command where both projects' raw buckets exist."""
    with mock_aws():
        s3 = boto3.client("s3", region_name="us-east-1")
        for bucket in ("own-raw", "lending-dev-raw-999999999999"):
            s3.create_bucket(Bucket=bucket)
        s3.put_object(Bucket="lending-dev-raw-999999999999", Key="applied/a.csv", Body=b"x")

        def run(*arguments: str) -> tuple[int, str]:
            place, contract = "modelyard.aws.Place", workspace({"applications": TERMS})
            with (
                patch(f"{place}.client", lambda self, service: s3),
                patch(f"{place}.workspace", lambda self: contract),
            ):
                status = main([*arguments, "--project", str(project_file)])
            shown = capsys.readouterr()
            return status, shown.out + shown.err

        yield run


def borrow(file: Path, line: str = "") -> None:
    """Turns the file's data set into a borrowed one."""
    text = file.read_text()
    own = "{name: applications, source: data/applications.csv, legal_basis: contract, row_key: id}"
    lent = line or "{name: applications, source: 'dataset://lending/applied', row_key: id}"
    assert own in text
    file.write_text(text.replace(own, lent))
    load(file)


def test_list_says_whose_the_data_are(command: Any, project_file: Path) -> None:
    borrow(project_file)
    status, text = command("data", "list")
    assert status == 0
    assert "owner Head of lending, confidential, contract" in text
    assert "borrowed from lending in 999999999999: dataset://lending/applied" in text
    assert "1 files in 1 versions" in text


def test_list_says_who_borrows(command: Any, project_file: Path) -> None:
    line = (
        "{name: applications, source: a.csv, legal_basis: contract, row_key: id, "
        'shared_with: [{project: pricing, account: "444444444444"}]}'
    )
    borrow(project_file, line)
    status, text = command("data", "list")
    assert status == 0
    assert "shared with pricing in 444444444444" in text


def test_upload_leaves_borrowed_data_to_their_owner(command: Any, project_file: Path) -> None:
    borrow(project_file)
    assert command("upload") == (0, "applications is lending's to upload\n")
