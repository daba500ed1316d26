"""Pages are gathered with links that work on the site, and files that they lead to."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.docs.gathering import DocsError, Pages, gather


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A repository with a page, a page beside code, and a file."""
    root = tmp_path / "checkout"
    (root / "docs" / "start").mkdir(parents=True)
    (root / "policies").mkdir()
    (root / "policies" / "README.md").write_text("# Policies\n")
    (root / "policies" / "rules.json").write_text('{"a": 1}\n')
    (root / "docs" / "index.md").write_text("# Index\n")
    (root / "docs" / "site.css").write_text("p {}\n")
    return root


def page(checkout: Path, text: str, pictures: Path = Path("nowhere")) -> str:
    (checkout / "docs" / "start" / "here.md").write_text(text)
    return Pages(checkout, pictures).page("docs/start/here.md")


@pytest.mark.parametrize(
    ("link", "shown"),
    [
        ("[up](../index.md#top)", "[up](../index.md#top)"),
        ("[who](../../policies/README.md)", "[who](../policies.md)"),
        ("[file](../../policies/rules.json)", "[file](../source/policies/rules.json.md)"),
        ("[folder](../../policies)", "folder"),
        ("[out](https://example.com/a.md)", "[out](https://example.com/a.md)"),
        ("[here](#there)", "[here](#there)"),
    ],
)
def test_links_lead_to_the_same_on_the_site(checkout: Path, link: str, shown: str) -> None:
    assert page(checkout, link) == shown


def test_what_is_in_a_block_stays_as_it_is_typed(checkout: Path) -> None:
    text = "```\n[no](link.md)\n<!-- picture: fleet: Words -->\n```\n"
    assert page(checkout, text) == text


def test_link_to_nowhere_names_page_and_fix(checkout: Path) -> None:
    with pytest.raises(DocsError, match=r"docs/start/here.md: the link to gone.md leads nowhere"):
        page(checkout, "[gone](gone.md)")


def test_picture_is_shown_where_it_was_taken(checkout: Path, tmp_path: Path) -> None:
    (tmp_path / "fleet.png").write_bytes(b"png")
    shown = page(checkout, "<!-- picture: fleet: The fleet -->", tmp_path)
    assert "![The fleet](../pictures/fleet.png)" in shown


def test_picture_that_was_not_taken_says_how_to_have_it(checkout: Path) -> None:
    shown = page(checkout, "<!-- picture: fleet: The fleet -->")
    assert "Not pictured: The fleet" in shown
    assert "make demo KEEP=1 docs-pictures docs" in shown


def test_gathered_is_what_the_pages_need_and_nothing_older(checkout: Path, tmp_path: Path) -> None:
    page(checkout, "[file](../../policies/rules.json)")
    reference, into = tmp_path / "reference", tmp_path / "gathered"
    reference.mkdir()
    (reference / "commands.md").write_text("# Commands\n")
    into.mkdir()
    (into / "old.md").write_text("old")

    gather(into, checkout, reference, tmp_path / "no-pictures")

    assert sorted(str(file.relative_to(into)) for file in into.rglob("*.md")) == [
        "index.md",
        "policies.md",
        "reference/commands.md",
        "source/policies/rules.json.md",
        "start/here.md",
    ]
    assert '{"a": 1}' in (into / "source/policies/rules.json.md").read_text()
