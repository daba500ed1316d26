"""The reference says what code and schema say, completely and readably."""

from __future__ import annotations

import csv
import dataclasses
import json
import re
from collections.abc import Mapping

import pytest

from infra.contract import Facts
from modelyard.cli import SUBCOMMANDS
from modelyard.project import schema_text
from policies import controls
from policies.guardrails.catalogue import all_rules
from policies.matrix import FILE
from tools.docs.reference import PAGES
from tools.docs.reference.markdown import code, escaped, table


@pytest.fixture(scope="module")
def pages() -> Mapping[str, str]:
    """Every page, by its file's name."""
    return {name: page() for name, page in PAGES.items()}


@pytest.mark.parametrize("command", SUBCOMMANDS)
def test_every_command_has_a_section(pages: Mapping[str, str], command: str) -> None:
    assert f"### `modelyard {command}`\n" in pages["commands.md"]


@pytest.mark.parametrize(
    "line",
    [
        "### `modelyard fleet upgrade`",
        "### `python -m sandbox apply`",
        "### `python -m policies check`",
        "| `--env dev|staging|prod` |",
        "usage: modelyard rollback ",
    ],
)
def test_commands_are_shown_as_they_are_typed(pages: Mapping[str, str], line: str) -> None:
    assert line in pages["commands.md"]


def test_no_help_is_shown_unfilled(pages: Mapping[str, str]) -> None:
    assert "%(" not in pages["commands.md"]


@pytest.mark.parametrize(
    ("page", "line"),
    [
        (
            "project-yaml.md",
            "| `name` | text like `^[a-z][a-z0-9-]{1,22}[a-z0-9]$` | **required** |",
        ),
        ("project-yaml.md", "| `gates` | name → [Gate](#gate) |"),
        ("project-yaml.md", "| `drift` | number, above 0"),
        ("project-yaml.md", "a population stability index."),
        ("data-contract-yaml.md", "| `use` | `feature`, `target`, `protected`, `key`, `drop` |"),
        ("contract-parameters.md", "| `train_pipeline` | `dev` |"),
        ("contract-parameters.md", "| `endpoint` | `staging`, `prod` |"),
        ("guardrails.md", "## alarm-actions"),
        ("controls.md", "[guardrail alarm-actions](guardrails.md#alarm-actions)"),
        ("access-matrix.md", "## 1. Training jobs"),
        ("access-matrix.md", "isolated jobs in the project's network with the project's key"),
    ],
)
def test_known_facts_are_in_the_reference(pages: Mapping[str, str], page: str, line: str) -> None:
    assert line in pages[page]


def test_every_section_of_project_yaml_is_told(pages: Mapping[str, str]) -> None:
    sections = set(json.loads(schema_text())["$defs"])
    assert sections == set(re.findall(r"^## (?!Top)(\w+)$", pages["project-yaml.md"], re.MULTILINE))


def test_every_fact_guardrail_control_and_promise_is_told(pages: Mapping[str, str]) -> None:
    with FILE.open(encoding="utf-8", newline="") as lines:
        promises = list(csv.DictReader(lines))
    assert all(
        f"| `{one.name}` |" in pages["contract-parameters.md"] for one in dataclasses.fields(Facts)
    )
    assert all(f"## {rule.id}\n" in pages["guardrails.md"] for rule in all_rules())
    assert all(f"## {one.id}\n" in pages["controls.md"] for one in controls.load())
    assert pages["access-matrix.md"].count("**allow**") + pages["access-matrix.md"].count(
        "**deny**"
    ) == len(promises)


def test_tables_hold_whatever_text_they_are_given() -> None:
    assert table(("a",), [(f"x | y\n{code('p|q')}",)]) == "| a |\n| --- |\n| x \\| y `p|q` |\n"
    assert escaped("<b> a_b *c*") == "\\<b\\> a\\_b \\*c\\*"
    assert code("a`b") == "``a`b``"
