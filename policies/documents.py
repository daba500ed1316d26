"""The IAM documents of every persona, with a project's names filled in."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, Literal

Document = dict[str, Any]
TrustKind = Literal[
    "saml",
    "sagemaker",
    "lambda",
    "events",
    "scheduler",
    "github",
    "gitlab",
    "studio",
    "break-glass",
    "logs",
    "firehose",
]

MANAGED_POLICY_LIMIT: Final = 6144
"""Characters IAM takes in a managed policy, white space not counted ("IAM and AWS STS quotas")."""

ENVIRONMENTS: Final = ("dev", "staging", "prod")

PERSONAS_BY_ENVIRONMENT: Final[Mapping[str, tuple[str, ...]]] = {
    "dev": (
        "data-scientist",
        "ml-engineer",
        "model-approver",
        "model-operator",
        "auditor",
        "data-steward",
        "pipeline",
        "registrar",
        "scheduler",
        "publisher",
        "watcher",
    ),
    "staging": (
        "ml-engineer",
        "model-operator",
        "auditor",
        "data-steward",
        "deployer",
        "serving",
        "monitor",
        "scheduler",
        "watcher",
    ),
    "prod": (
        "model-operator",
        "auditor",
        "data-steward",
        "deployer",
        "serving",
        "monitor",
        "scheduler",
        "watcher",
    ),
}

TRUST_BY_PERSONA: Final[Mapping[str, TrustKind]] = {
    "data-scientist": "saml",
    "ml-engineer": "saml",
    "model-approver": "saml",
    "model-operator": "saml",
    "auditor": "saml",
    "data-steward": "saml",
    "pipeline": "sagemaker",
    "serving": "sagemaker",
    "monitor": "sagemaker",
    "registrar": "lambda",
    "deployer": "lambda",
    "scheduler": "scheduler",
    "publisher": "github",
    "watcher": "lambda",
}

INFRASTRUCTURE: Final = "infrastructure"
"""Administration's own role: made by hand in the bootstrap, used by reviewed pull requests only."""

ADMINISTRATION: Final[Mapping[str, tuple[str, ...]]] = {
    "platform-admin": ("platform-admin",),
    "break-glass": ("platform-admin", "break-glass"),
}
"""Roles of an account rather than of a project, for people, and the documents each holds."""

TRUST_OF_ADMINISTRATION: Final[Mapping[str, TrustKind]] = {
    "platform-admin": "saml",
    "break-glass": "break-glass",
}

_HERE: Final = Path(__file__).parent
_BOOTSTRAP: Final = _HERE.parent / "infra" / "bootstrap"
# IAM's own variables contain a colon (${aws:PrincipalTag/user}) and stay as they are.
_PLACEHOLDER: Final = re.compile(r"\$\{([a-z][a-z0-9_]*)\}")


class DocumentError(ValueError):
    """A document that does not exist or cannot be filled in."""


def parts(persona: str, environment: str) -> tuple[str, ...]:
    """The documents that make up a persona in an environment, by name.

    `x.json` holds everywhere, `x.staging.json` in staging, and `x.serving.json` where models
    serve; `x-2.json` and `x-3.json` go on where one document would exceed what IAM takes.
    """
    kinds = [environment, *(["serving"] if environment in ("staging", "prod") else [])]
    found = tuple(
        f"{base}{number}"
        for base in (persona, *(f"{persona}.{kind}" for kind in kinds))
        for number in ("", "-2", "-3")
        if _path(f"personas/{base}{number}").is_file()
    )
    if not found:
        raise DocumentError(f"policies/personas/{persona}.json does not exist")
    return found


def mode_parts(persona: str, mode: str) -> tuple[str, ...]:
    """What a persona holds on top where a project serves in this mode: `x.serverless.json`.

    Only project.yaml's risk tier decides whether a project may (see modelyard.project).
    """
    part = f"{persona}.{mode}"
    return (part,) if _path(f"personas/{part}").is_file() else ()


def borrowing_part(persona: str) -> str | None:
    """What a persona holds on top per data set of another project: `x.borrowing.json`."""
    part = f"{persona}.borrowing"
    return part if _path(f"personas/{part}").is_file() else None


def render_part(part: str, values: Mapping[str, str]) -> Document:
    """One document of a persona by its name."""
    return _rendered(f"personas/{part}", values)


def render_permissions(persona: str, values: Mapping[str, str]) -> tuple[Document, ...]:
    """What the persona may do, one document per part."""
    environment = _value("env", f"personas/{persona}.json", values)
    return tuple(_rendered(f"personas/{part}", values) for part in parts(persona, environment))


def render_administration(persona: str, values: Mapping[str, str]) -> tuple[Document, ...]:
    """What an account's own role may do, one document per part; needs its account only."""
    return tuple(_rendered(f"personas/{part}", values) for part in ADMINISTRATION[persona])


def infrastructure(values: Mapping[str, str]) -> Document:
    """What the programs' own role may do; infra/bootstrap describes it."""
    return _rendered(INFRASTRUCTURE, values)


def administration(persona: str, account: str) -> str:
    """The ARN of a role of the account."""
    return f"arn:aws:iam::{account}:role/modelyard-{persona}"


def render_trust(kind: TrustKind, values: Mapping[str, str]) -> Document:
    """Who may become a role of this kind."""
    return _rendered(f"trust/{kind}", values)


def boundary(values: Mapping[str, str]) -> Document:
    """The most that any role may ever do, whatever its own policies say."""
    return _rendered("boundary", values)


def service_control(regions: Iterable[str]) -> Document:
    """What nobody in an account of the organization may do, administrators included."""
    text = _text("service_control").replace('"${regions}"', json.dumps(sorted(set(regions))))
    document: Document = json.loads(text)
    return document


def rendered(file: str, values: Mapping[str, str]) -> Document | None:
    """A document by its file's name below policies/; None where there is no such file."""
    name = file.removesuffix(".json")
    return _rendered(name, values) if _path(name).is_file() else None


def placeholders(persona: str, environment: str) -> frozenset[str]:
    """The names of the values that the persona's documents need."""
    trust = f"trust/{TRUST_BY_PERSONA[persona]}"
    files = (trust, *(f"personas/{part}" for part in parts(persona, environment)))
    return frozenset(name for file in files for name in _PLACEHOLDER.findall(_text(file)))


def _path(name: str) -> Path:
    if name == INFRASTRUCTURE:
        return _BOOTSTRAP / "permissions.json"
    return _HERE / f"{name}.json"


@lru_cache(maxsize=64)
def _text(name: str) -> str:
    path = _path(name)
    if not path.is_file():
        raise DocumentError(f"policies/{name}.json does not exist")
    return path.read_text(encoding="utf-8")


def _rendered(name: str, values: Mapping[str, str]) -> Document:
    document = json.loads(_text(name))
    if not isinstance(document, dict):
        raise DocumentError(f"policies/{name}.json is not a JSON object")
    return {key: _filled(part, f"{name}.json", values) for key, part in document.items()}


def _filled(part: Any, file: str, values: Mapping[str, str]) -> Any:
    if isinstance(part, str):
        return _PLACEHOLDER.sub(lambda found: _value(found[1], file, values), part)
    if isinstance(part, list):
        return [_filled(one, file, values) for one in part]
    if isinstance(part, dict):
        return {_filled(key, file, values): _filled(one, file, values) for key, one in part.items()}
    return part


def _value(name: str, file: str, values: Mapping[str, str]) -> str:
    value = values.get(name)
    if not isinstance(value, str) or not value:
        raise DocumentError(f"policies/{file}: no value for the placeholder ${{{name}}}")
    return value
