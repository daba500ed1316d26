"""Pages in a headless Chromium: what it measures, complains of, and prints."""

import json
import re
import shutil
import subprocess
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any

import pytest

# Views of a page: width in pixels and colour scheme.
VIEWS = {"phone": (390, "light"), "desk": (1280, "light"), "dark": (1280, "dark")}

needs_chromium = pytest.mark.skipif(
    not shutil.which("chromium"), reason="Chromium is not installed"
)
# Everything a test asks about a page, in one visit.
_PROBE = """
const seen = [...document.querySelectorAll('body *')];
const box = one => one.getBoundingClientRect();
const within = (one, names) => one.closest(names);
const wide = seen.filter(one => !within(one, '.scroll, svg, details, .skip')
  && box(one).right > innerWidth + 1).map(one => one.tagName);
const channel = value => value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
const light = ([r, g, b]) => 0.2126 * channel(r / 255) + 0.7152 * channel(g / 255)
  + 0.0722 * channel(b / 255);
const colour = text => text.match(/[\\d.]+/g).map(Number);
const behind = one => { for (; one; one = one.parentElement) {
  const found = colour(getComputedStyle(one).backgroundColor);
  if (found.length < 4 || found[3] > 0) return found; } return [255, 255, 255]; };
const texts = seen.filter(one => [...one.childNodes].some(
  node => node.nodeType === 3 && node.textContent.trim())
  && !within(one, 'style, title, desc, head'));
const ratio = one => { const style = getComputedStyle(one);
  const ink = colour(one.closest('svg') ? style.fill : style.color);
  const [high, low] = [light(ink), light(behind(one))].sort((a, b) => b - a);
  return (high + 0.05) / (low + 0.05); };
const pale = texts.map(one => [ratio(one), one.tagName + '.' + one.className])
  .sort((a, b) => a[0] - b[0]);
return {
  width: document.documentElement.scrollWidth, wide, title: document.title,
  landmarks: ['header', 'nav', 'main', 'footer'].filter(name => document.querySelector(name)),
  lang: document.documentElement.lang, ink: getComputedStyle(document.body).color,
  plots: [...document.querySelectorAll('svg')].filter(
    one => !one.closest('details') && box(one).width < 200).length,
  first: (document.querySelector('a, button, [tabindex]') || {}).className,
  focusable: [...document.querySelectorAll('.scroll')].every(one => one.tabIndex === 0),
  texts: texts.length, contrast: pale[0][0], palest: pale[0][1],
};
"""


@dataclass(frozen=True)
class Browser:
    """A browser with a profile of its own."""

    profile: Path

    def look(self, page: Path) -> dict[str, Any]:
        """What the page measures on a phone, on a desk and in the dark; what the console says."""
        probed = self.profile.parent / f"probed-{page.name}"
        script = (
            f"<script>addEventListener('load', () => {{ const told = (() => {{{_PROBE}}})();"
            " parent.postMessage([name, told], '*'); });</script>"
        )
        text = page.read_text(encoding="utf-8")
        probed.write_text(text.replace("</head>", f"{script}</head>", 1), encoding="utf-8")
        # Chromium makes no window as narrow as a phone, and no two in different colours: frames.
        frames = "".join(
            f"<iframe name='{name}' width='{width}' height='800' style='color-scheme: {scheme}'"
            f" src='{probed.as_uri()}'></iframe>"
            for name, (width, scheme) in VIEWS.items()
        )
        outer = self.profile.parent / "frames.html"
        outer.write_text(
            "<!doctype html><script>const seen = {}; addEventListener('message', event => {"
            " seen[event.data[0]] = event.data[1];"
            " document.getElementById('told').textContent = JSON.stringify(seen); });</script>"
            f"<p id='told'></p>{frames}",
            encoding="utf-8",
        )
        done = self._run("--dump-dom", outer.as_uri())
        told = re.search(r'<p id="told">(.*?)</p>', done.stdout)
        assert told is not None, done.stderr
        measured: dict[str, Any] = json.loads(unescape(told[1]))
        return {**measured, "complaints": re.findall(r".*CONSOLE.*", done.stderr)}

    def print(self, page: Path, file: Path) -> bytes:
        """The page as a PDF."""
        self._run(f"--print-to-pdf={file}", "--no-pdf-header-footer", page.as_uri())
        return file.read_bytes()

    def _run(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        options = ("--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars")
        return subprocess.run(
            [
                "chromium",
                *options,
                "--enable-logging=stderr",
                "--virtual-time-budget=2000",
                f"--user-data-dir={self.profile}",
                *arguments,
            ],
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        )
