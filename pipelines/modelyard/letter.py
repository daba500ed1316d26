"""The letter about one decision, to the person it concerns: plain words, as text, page or Markdown.

It says what was decided, what spoke for and against it, what would have changed it, and who looks
at it again. Only what the model saw is in it: no protected attribute, no score.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from pathlib import Path
from typing import Any

from modelyard.counterfactual import Change
from modelyard.decided import Decided, Reason
from modelyard.errors import ModelyardError
from modelyard.project import Project

_FOR, _AGAINST = 4, 2
_CLOSE = 0.1


@dataclass(frozen=True)
class Part:
    """A heading, sentences, what is listed below them, and sentences after the list."""

    heading: str
    sentences: tuple[str, ...]
    points: tuple[str, ...] = ()
    after: tuple[str, ...] = ()


@dataclass(frozen=True)
class Letter:
    """A letter's title and parts."""

    title: str
    parts: tuple[Part, ...]


def letter(project: Project, found: Decided) -> Letter:
    """The letter about a decision."""
    return Letter(
        f"{project.title}: your decision",
        (
            _what(project, found),
            _why(found),
            _otherwise(found),
            _review(project, found),
            _model(project, found),
        ),
    )


def _what(project: Project, found: Decided) -> Part:
    target = found.contract.spoken(found.contract.target)
    said = _shown(found.prediction)
    by = (
        "A computer model decided, without a person"
        if project.risk.decision == "sole"
        else "A computer model advised the person who decides about you"
    )
    sentences = [f"On {_day(found.time)} the result for “{target}” was: {said}.", f"{by}."]
    probability = found.answer.get("probability")
    if probability is not None and abs(probability - 0.5) < _CLOSE:
        sentences.append("It was a close decision.")
    sentences.append(f"Your reference is {found.inference_id}.")
    return Part("What was decided", tuple(sentences))


def _why(found: Decided) -> Part:
    if not found.reasons:
        why = "This model cannot tell which facts weighed most; ask for a person's review."
        return Part("Why", (why,))
    pro = [reason for reason in found.reasons if reason.weight > 0][:_FOR]
    contra = [reason for reason in found.reasons if reason.weight < 0][:_AGAINST]
    most = max(abs(reason.weight) for reason in found.reasons)
    points = [_point(found, reason, most, "spoke for this decision") for reason in pro]
    points += [_point(found, reason, most, "spoke against it") for reason in contra]
    intro = "These facts about you weighed most, compared with other people:"
    return Part("Why", (intro,), tuple(points))


def _point(found: Decided, reason: Reason, most: float, direction: str) -> str:
    share = abs(reason.weight) / most
    how = "strongly" if share > 2 / 3 else "clearly" if share > 1 / 3 else "a little"
    return f"{found.contract.spoken(reason.column)} ({_shown(reason.value)}) {direction} {how}"


def _otherwise(found: Decided) -> Part:
    heading = "What would have changed it"
    if found.otherwise is None:
        return Part(heading, ("The result is a number, not a choice between answers.",))
    options = found.otherwise.options
    if not options:
        why = (
            "We found no realistic change of one or two facts that people can change that would "
            "have led to another decision."
        )
        return Part(heading, (why,))
    points = tuple(
        " and ".join(_if(found, change) for change in option.changes) for option in options
    )
    intro = (
        "The decision would have been another one, everything else being equal, with any one of "
        "these, the smallest change first:"
    )
    note = "This explains the decision; it is no promise about a new one."
    return Part(heading, (intro,), points, (note,))


def _if(found: Decided, change: Change) -> str:
    name = found.contract.spoken(change.column)
    return f"{name} {_shown(change.after)} instead of {_shown(change.before)}"


def _review(project: Project, found: Decided) -> Part:
    route = project.risk.review
    contact = route.contact if route else project.business.owner
    days = route.days if route else 30
    return Part(
        "Your right to a person's review",
        (
            "You can have this decision looked at by a person, say what you think of it, and have "
            "it changed if it is wrong.",
            f"Write to {contact} and name your reference {found.inference_id}. "
            f"You get an answer within {days} days.",
        ),
    )


def _model(project: Project, found: Decided) -> Part:
    sentences = [
        f"The model is version {found.package.version} of “{project.title}”, made on "
        f"{_day(found.package.created)} and approved by a person who did not build it."
    ]
    if found.contract.protected:
        sentences.append("Attributes that the law protects are not given to the model.")
    return Part("About the model", tuple(sentences))


def _day(time: datetime) -> str:
    return f"{time.day} {time:%B %Y}"


def _shown(value: Any) -> str:
    """A value as people write it."""
    if value is None:
        return "not stated"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:,.2f}".rstrip("0").rstrip(".")
    return f"{value:,}" if isinstance(value, int) else str(value)


def text(written: Letter) -> str:
    """The letter as plain text."""
    lines = [written.title, "=" * len(written.title)]
    for part in written.parts:
        lines += ["", part.heading, "-" * len(part.heading), *part.sentences]
        lines += [f"  - {point}" for point in part.points]
        lines += part.after
    return "\n".join(lines) + "\n"


def markdown(written: Letter) -> str:
    """The letter as Markdown."""
    lines = [f"# {_plain(written.title)}"]
    for part in written.parts:
        lines += ["", f"## {_plain(part.heading)}", "", *map(_plain, part.sentences)]
        lines += ["", *(f"- {_plain(point)}" for point in part.points)] if part.points else []
        lines += ["", *map(_plain, part.after)] if part.after else []
    return "\n".join(lines) + "\n"


def html(written: Letter) -> str:
    """The letter as one page that needs nothing else and prints well."""
    body = "".join(
        f"<section><h2>{escape(part.heading)}</h2>"
        + "".join(f"<p>{escape(sentence)}</p>" for sentence in part.sentences)
        + _list(part.points)
        + "".join(f"<p>{escape(sentence)}</p>" for sentence in part.after)
        + "</section>\n"
        for part in written.parts
    )
    title = escape(written.title)
    return (
        "<!doctype html>\n<html lang='en'>\n<head>\n<meta charset='utf-8'>\n"
        "<meta name='viewport' content='width=device-width, initial-scale=1'>\n"
        f"<link rel='icon' href='data:,'>\n<title>{title}</title>\n<style>{_STYLE}</style>\n"
        f"</head>\n<body>\n<main>\n<h1>{title}</h1>\n{body}</main>\n</body>\n</html>\n"
    )


def _list(points: Sequence[str]) -> str:
    items = "".join(f"<li>{escape(point)}</li>" for point in points)
    return f"<ul>{items}</ul>" if points else ""


def _plain(words: str) -> str:
    """Text that Markdown leaves as it is."""
    return "".join(f"\\{sign}" if sign in "\\`*_[]<>#" else sign for sign in words)


_STYLE = (
    "body{font:1.1rem/1.6 Georgia,serif;color:#1a1a1a;background:#fff;margin:2rem}"
    "main{max-width:40rem;margin:auto}h1{font-size:1.6rem}h2{font-size:1.15rem;margin-top:1.6rem}"
    "@media print{body{margin:0}}"
)

RENDERED: Mapping[str, Callable[[Letter], str]] = {
    ".html": html,
    ".md": markdown,
    ".txt": text,
}


def write(written: Letter, file: Path) -> None:
    """Writes the letter in the form its file's name ends in."""
    rendered = RENDERED.get(file.suffix.lower())
    if rendered is None:
        raise ModelyardError(f"--letter {file}: end the name in {', '.join(RENDERED)}")
    file.write_text(rendered(written), encoding="utf-8")
