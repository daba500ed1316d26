"""What a workspace tells the fleet: read back as written, refused in one line when broken."""

from __future__ import annotations

import pytest

from modelyard.errors import WorkspaceError
from modelyard.fleet import record
from modelyard.project import load
from tests.modelyard.conftest import TEXT
from tests.modelyard.fleet.known import record as known


def test_a_record_says_what_project_yaml_says(tmp_path: object) -> None:
    from pathlib import Path

    file = Path(str(tmp_path)) / "project.yaml"
    file.write_text(TEXT)
    project = load(file)
    told = record.of(project, "prod")
    assert (told.project, told.owner, told.risk) == (
        project.name, project.owner, project.risk.tier
    )  # fmt: skip
    assert told.account == project.environments["prod"].account
    assert told.registry_account == project.environments["dev"].account
    assert all(gap.partition(".")[0] in ("risk", "business", "data[0]") for gap in told.card_gaps)
    assert record.parse("/modelyard-fleet/prod/loans", told.model_dump_json()) == told


def test_a_newer_platforms_record_is_read_all_the_same() -> None:
    text = known().model_dump_json().replace("{", '{"invented_later": 1, ', 1)
    assert record.parse("/modelyard-fleet/prod/loans", text) == known()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("none", "it: Invalid JSON"),
        ('{"project": "loans"}', "environment: Field required"),
        (known().model_dump_json().replace("real-time", "never"), "mode: Input should be"),
    ],
)
def test_a_broken_record_is_one_line_with_its_fix(text: str, problem: str) -> None:
    with pytest.raises(WorkspaceError) as raised:
        record.parse("/modelyard-fleet/prod/loans", text)
    assert f"/modelyard-fleet/prod/loans: {problem}" in str(raised.value)
    assert str(raised.value).endswith("`pulumi up --stack loans.prod`")
