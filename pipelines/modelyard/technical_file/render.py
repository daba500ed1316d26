"""The technical file as text that people file and as a page that they print."""

from collections.abc import Iterator
from html import escape

from modelyard.pages.frame import Frame
from modelyard.pages.tables import Html, chip, code, section, table
from modelyard.technical_file.law import title
from modelyard.technical_file.model import Evidence, Section, TechnicalFile


def markdown(file: TechnicalFile) -> str:
    """The file in Markdown: a heading per section, a line per statement with its evidence."""
    return "\n".join(_lines(file)) + "\n"


def page(file: TechnicalFile) -> str:
    """The file as one self-contained page."""
    gaps, told = len(file.gaps), sum(len(one.statements) for one in file.sections)
    body = "".join(_section(one) for one in file.sections)
    return Frame(
        title=f"Technical documentation of {file.title}",
        subtitle=f"version {file.version}",
        where=f"{file.model_package_arn}, risk tier {file.risk_tier}; {_reference(file)}",
        state="warning" if gaps else "ok",
        verdict=f"{told} statements with evidence, {gaps} gaps",
        sections=[(_anchor(one), f"{one.number}. {one.title}") for one in file.sections],
        footer=f"{file.law['regulation']['note']} Generated from the model's own evidence.",
    ).around(body)


def _lines(file: TechnicalFile) -> Iterator[str]:
    yield f"# Technical documentation of {file.title}, version {file.version}"
    yield ""
    yield f"Model package {file.model_package_arn}, risk tier {file.risk_tier}."
    yield f"After {_reference(file)}. {file.law['regulation']['note']}"
    for part in file.sections:
        yield ""
        yield f"## {part.number}. {part.title}"
        yield ""
        for one in part.statements:
            yield f"- **{one.point}** {_one_line(one.text)}"
            for proof in one.evidence:
                yield f"  - `{proof.uri}` sha256 `{proof.sha256}`"
        for gap in part.gaps:
            yield f"- **{gap.point}** GAP: {gap.sentence}"


def _section(part: Section) -> str:
    told = table(
        f"What is known of point {part.number}",
        ("point", "asks for", "statement", "evidence"),
        ((one.point, title(one.point), one.text, _proofs(one.evidence)) for one in part.statements),
    )
    missing = "".join(
        f"<li class='warning'>{chip('warning', 'gap')}{escape(f'{gap.point}: {gap.sentence}')}</li>"
        for gap in part.gaps
    )
    gaps = f"<ul class='findings'>{missing}</ul>" if missing else ""
    return section(_anchor(part), f"{part.number}. {part.title}", told + gaps)


def _proofs(proofs: tuple[Evidence, ...]) -> str:

    return Html("<br>".join(f"{code(one.uri)} sha256 {code(one.sha256)}" for one in proofs))


def _reference(file: TechnicalFile) -> str:
    regulation = file.law["regulation"]
    checked = "" if regulation["checked"] else " (not checked at its source)"
    return f"{regulation['title']}{checked}"


def _anchor(part: Section) -> str:
    return f"point-{part.number}"


def _one_line(text: str) -> str:
    return " ".join(text.split())
