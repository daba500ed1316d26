"""The frame of a page: head, verdict on top, the way to each section, and the landmarks."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from modelyard.pages.style import STYLE

CONTENT = "content"


@dataclass(frozen=True)
class Frame:
    """What surrounds the sections.

    Attributes:
        title: the page's only h1.
        subtitle: what tells this page from others of its kind, in the browser's title.
        where: the line below the title.
        state: ok, warning, critical, failed or insufficient; colours the verdict.
        verdict: the whole page in one sentence.
        sections: id and label of each section, for the navigation.
        style: rules that only this kind of page needs.
    """

    title: str
    subtitle: str
    where: str
    state: str
    verdict: str
    sections: Sequence[tuple[str, str]]
    footer: str
    style: str = ""

    def around(self, body: str) -> str:
        """The whole page; `body` is HTML, everything else is text."""
        links = "".join(
            f"<li><a href='#{escape(name)}'>{escape(label)}</a></li>"
            for name, label in self.sections
        )
        return (
            "<!doctype html>\n<html lang='en'>\n<head>\n<meta charset='utf-8'>\n"
            "<meta name='viewport' content='width=device-width, initial-scale=1'>\n"
            # A page without an icon of its own is asked for one that does not exist.
            "<link rel='icon' href='data:,'>\n"
            f"<title>{escape(self.title)}, {escape(self.subtitle)}</title>\n"
            f"<style>{STYLE}{self.style}</style>\n</head>\n<body>\n"
            f"<a class='skip' href='#{CONTENT}'>Skip to the content</a>\n<header>\n"
            f"<h1>{escape(self.title)}</h1>\n<p class='where'>{escape(self.where)}</p>\n"
            f"<p class='verdict {escape(self.state)}'>{escape(self.verdict)}</p>\n"
            f"<nav aria-label='Sections'><ul>{links}</ul></nav>\n</header>\n"
            f"<main id='{CONTENT}'>\n{body}</main>\n<footer>{escape(self.footer)}</footer>\n"
            "</body>\n</html>\n"
        )
