"""Where the docs site's parts lie."""

from __future__ import annotations

from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
BUILD: Final = ROOT / "build"
# What mkdocs reads: written anew on every build, never edited.
GATHERED: Final = BUILD / "docs"
REFERENCE: Final = BUILD / "docs-reference"
PICTURES: Final = BUILD / "docs-pictures"
ENVIRONMENT: Final = BUILD / "docs-env"
SITE: Final = BUILD / "site"
PINS: Final = ROOT / "docs" / "requirements.txt"
CONFIGURATION: Final = ROOT / "mkdocs.yml"
