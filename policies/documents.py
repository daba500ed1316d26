"""The IAM documents of every persona, with a project's names filled in."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, Literal

Document = dict[str, Any]
TrustKind = Literal["saml", "sagemaker", "lambda", "events", "github"]

MANAGED_POLICY_LIMIT: Final = 6144
"""Characters IAM takes in a managed policy, white space not counted ("IAM and AWS STS quotas")."""

ENVIRONMENTS: Final = ("dev", "staging", "prod")

PERSONAS_BY_ENVIRONMENT: Final[Mapping[str, tuple[str, ...]]] = {
    "dev": (
        "data-scientist",
        "model-approver",
        "auditor",
        "pipeline",
        "registrar",
        "publisher",
    ),
    "staging": ("model-operator", "auditor", "deployer", "serving"),
    "prod": ("model-operator", "auditor", "deployer", "serving"),
}

TRUST_BY_PERSONA: Final[Mapping[str, TrustKind]] = {
    "data-scientist": "saml",
    "model-approver": "saml",
    "model-operator": "saml",
    "auditor": "saml",
    "pipeline": "sagemaker",
    "serving": "sagemaker",
    "registrar": "lambda",
    "deployer": "lambda",
    "publisher": "github",
}

_HERE: Final = Path(__file__).parent
# IAM's own variables contain a colon (${aws:PrincipalTag/user}) and stay as they are.
_PLACEHOLDER: Final = re.compile(r"\$\{([a-z][a-z0-9_]*)\}")


class DocumentError(ValueError):
    """A document that does not exist or cannot be filled in."""


def render_permissions(persona: str, values: Mapping[str, str]) -> Document:
    """What the persona may do."""
    return _rendered(f"personas/{persona}.json", values)


def render_trust(kind: TrustKind, values: Mapping[str, str]) -> Document:
    """Who may become a role of this kind."""
    return _rendered(f"trust/{kind}.json", values)


def boundary(values: Mapping[str, str]) -> Document:
    """The most that any role may ever do, whatever its own policies say."""
    return _rendered("boundary.json", values)


def placeholders(persona: str) -> frozenset[str]:
    """The names of the values that the persona's documents need."""
    files = (f"personas/{persona}.json", f"trust/{TRUST_BY_PERSONA[persona]}.json")
    return frozenset(name for file in files for name in _PLACEHOLDER.findall(_text(file)))


@lru_cache(maxsize=64)
def _text(file: str) -> str:
    path = _HERE / file
    if not path.is_file():
        raise DocumentError(f"policies/{file} does not exist")
    return path.read_text(encoding="utf-8")


def _rendered(file: str, values: Mapping[str, str]) -> Document:
    document = json.loads(_text(file))
    if not isinstance(document, dict):
        raise DocumentError(f"policies/{file} is not a JSON object")
    return {key: _filled(part, file, values) for key, part in document.items()}


def _filled(part: Any, file: str, values: Mapping[str, str]) -> Any:
    if isinstance(part, str):
        return _PLACEHOLDER.sub(lambda found: _value(found[1], file, values), part)
    if isinstance(part, list):
        return [_filled(one, file, values) for one in part]
    if isinstance(part, dict):
        return {key: _filled(one, file, values) for key, one in part.items()}
    return part


def _value(name: str, file: str, values: Mapping[str, str]) -> str:
    value = values.get(name)
    if not isinstance(value, str) or not value:
        raise DocumentError(f"policies/{file}: no value for the placeholder ${{{name}}}")
    return value
