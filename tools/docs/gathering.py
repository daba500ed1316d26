"""Gathers what mkdocs reads: pages of docs/, those beside the code, and every file they link to.

Pages stay where their subject is, and their links work in the repository as they stand. On the site
a link to a file that is no page of it leads to a page that shows the file. A comment of the form
`<!-- picture: NAME: WORDS -->` becomes a screenshot, or a note where none was taken.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Final

from tools.docs.places import GATHERED, PICTURES, REFERENCE, ROOT

# Pages that are not in docs/: their place in the repository, and on the site.
ELSEWHERE: Final[Mapping[str, str]] = {
    "policies/README.md": "policies.md",
    "sandbox/README.md": "sandbox.md",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
}
_LANGUAGES: Final = {".py": "python", ".yml": "yaml", ".yaml": "yaml", ".json": "json"}
_LINK: Final = re.compile(r"\[(?P<text>[^\]]*)\]\((?P<target>[^)#\s]+)(?P<rest>[^)]*)\)")
_PICTURE: Final = re.compile(r"^<!-- picture: (?P<name>[a-z-]+): (?P<words>.+) -->$", re.MULTILINE)
_BLOCK: Final = re.compile(r"^(`{3,})[^\n]*\n.*?^\1[ ]*$\n?", re.MULTILINE | re.DOTALL)


class DocsError(Exception):
    """The site cannot be built; the message names the page and the fix."""


@dataclass
class Pages:
    """The pages of a checkout, by their place in the repository, and the files that they show."""

    root: Path
    pictures: Path
    shown: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        docs = self.root / "docs"
        own = {f"docs/{name}": name for name in sorted(_below(docs)) if name.endswith(".md")}
        there = {
            source: name for source, name in ELSEWHERE.items() if (self.root / source).exists()
        }
        self.places = {**own, **there}

    def page(self, source: str) -> str:
        """A page as it has to be on the site.

        Raises:
            DocsError: one of its links leads nowhere.
        """
        text = (self.root / source).read_text(encoding="utf-8")
        done, since = list[str](), 0
        for block in _BLOCK.finditer(text):
            done += [self._prose(source, text[since : block.start()]), block[0]]
            since = block.end()
        return "".join([*done, self._prose(source, text[since:])])

    def _prose(self, source: str, text: str) -> str:
        here = PurePosixPath(self.places[source]).parent
        linked = _LINK.sub(lambda link: self._link(source, here, link), text)
        return _PICTURE.sub(lambda found: self._picture(here, **found.groupdict()), linked)

    def _link(self, source: str, here: PurePosixPath, link: re.Match[str]) -> str:
        target = link["target"]
        if "://" in target or target.startswith("mailto:"):
            return link[0]
        file = os.path.normpath(PurePosixPath(source).parent / target)
        if (self.root / file).is_dir():
            return link["text"]
        if not (self.root / file).is_file():
            raise DocsError(f"{source}: the link to {target} leads nowhere; correct or remove it")
        place = self.places.get(file) or self.shown.setdefault(
            file, f"source/{file.replace('/.', '/').lstrip('.')}.md"
        )
        return f"[{link['text']}]({os.path.relpath(place, here)}{link['rest']})"

    def _picture(self, here: PurePosixPath, name: str, words: str) -> str:
        if (self.pictures / f"{name}.png").is_file():
            address = os.path.relpath(f"pictures/{name}.png", here)
            return f"[![{words}]({address})]({address})\n\n*{words}*"
        return (
            f'!!! note "Not pictured: {words}"\n\n'
            "    This build has no screenshots: `make demo KEEP=1 docs-pictures docs` takes them\n"
            "    from a real run, where Chromium is installed."
        )

    def listing(self, source: str) -> str:
        """A page that shows a file of the repository."""
        file = self.root / source
        language = _LANGUAGES.get(file.suffix, "text")
        content = file.read_text(encoding="utf-8").rstrip("\n")
        fence = "`" * (3 + content.count("```"))
        block = f"{fence}{language}\n{content}\n{fence}\n"
        return f"# `{source}`\n\nAs it is in the repository.\n\n{block}"


def gather(
    into: Path = GATHERED,
    root: Path = ROOT,
    reference: Path = REFERENCE,
    pictures: Path = PICTURES,
) -> None:
    """Write everything mkdocs reads; a file that did not change is not touched.

    Raises:
        DocsError: a link leads nowhere.
    """
    pages = Pages(root, pictures)
    wanted = {place: pages.page(source).encode() for source, place in pages.places.items()}
    wanted |= {place: pages.listing(source).encode() for source, place in pages.shown.items()}
    wanted["site.css"] = (root / "docs" / "site.css").read_bytes()
    for folder, place in ((reference, "reference"), (pictures, "pictures")):
        wanted |= {f"{place}/{name}": (folder / name).read_bytes() for name in _below(folder)}
    for place, content in wanted.items():
        file = into / place
        if not file.is_file() or file.read_bytes() != content:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
    for name in set(_below(into)) - set(wanted):
        (into / name).unlink()


def _below(folder: Path) -> list[str]:
    return [file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file()]
