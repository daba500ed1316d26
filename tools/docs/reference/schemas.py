"""project.yaml and data_contract.yaml, from the JSON Schemas that editors and programs read."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from modelyard.data import DataContract
from modelyard.project import schema_text
from tools.docs.reference.markdown import code, prose, table

Schema = Mapping[str, Any]
_ATTRIBUTE = re.compile(r"^    (\w+(?:, \w+)*): (.+(?:\n {8}.+)*)$", re.MULTILINE)
_PROJECT = """\
# project.yaml

What a team states about its project; every key, from the schema that `modelyard schema` prints.
An unknown key is refused with the name of the file, the key and the nearest that exists. What the
infrastructure makes of it: [configuration](../configuration.md).
"""
_CONTRACT = """\
# data_contract.yaml

What the columns hold and what each is used for; every key, from the schema that
`modelyard schema data-contract` prints. `cookiecutter` and `modelyard adopt` infer the file from
the data; edit it where you know better than the sample: [for model teams](../model-teams.md).
"""


def project() -> str:
    """The page of project.yaml."""
    return _page(_PROJECT, json.loads(schema_text()))


def data_contract() -> str:
    """The page of data_contract.yaml."""
    return _page(_CONTRACT, DataContract.model_json_schema())


def _page(introduction: str, schema: Schema) -> str:
    sections = {name: schema["$defs"][name] for name in _reached(schema, schema)}
    parts = [introduction, "## Top level\n", _keys(schema)]
    for name, section in sections.items():
        about, meanings = _told(section.get("description", ""))
        parts += [f"## {name}\n", f"{prose(about)}\n", _keys(section, meanings)]
    return "\n".join(parts)


def _reached(part: Any, schema: Schema) -> Iterator[str]:
    """Names of the sections in the order in which a reader meets them."""
    seen: dict[str, None] = {}

    def walk(node: Any) -> None:
        if isinstance(node, Mapping):
            name = str(node.get("$ref", "")).removeprefix("#/$defs/")
            if name and name not in seen:
                seen[name] = None
                walk(schema["$defs"][name].get("properties", {}))
            for key, value in node.items():
                if key not in ("$defs", "default"):
                    walk(value)
        elif isinstance(node, list):
            for one in node:
                walk(one)

    walk(part.get("properties", {}))
    yield from seen


def _told(description: str) -> tuple[str, dict[str, str]]:
    """What a section's docstring says, and what it says of single keys."""
    about, _, rest = inspect.cleandoc(description).partition("\n\nAttributes:\n")
    attributes, _, after = rest.partition("\n\n")
    meanings = {
        name: " ".join(text.split())
        for names, text in _ATTRIBUTE.findall(attributes)
        for name in names.split(", ")
    }
    return f"{about}\n\n{after}".strip(), meanings


def _keys(section: Schema, meanings: Mapping[str, str] | None = None) -> str:
    required = set(section.get("required", ()))
    told = meanings or {}
    rows = [
        (
            code(key),
            described(value),
            "**required**" if key in required else _default(value),
            prose(told.get(key, "")),
        )
        for key, value in sorted(
            section["properties"].items(), key=lambda item: (item[0] not in required, item[0])
        )
    ]
    if told:
        return table(("key", "value", "default", "meaning"), rows)
    return table(("key", "value", "default"), [row[:3] for row in rows])


def _default(value: Schema) -> str:
    default = value.get("default")
    if default is None:
        return ""
    if isinstance(default, Mapping) and default:
        return "each key's own"
    return code(json.dumps(default, ensure_ascii=False))


def described(value: Schema) -> str:
    """What may stand there, in words."""
    if "$ref" in value:
        name = value["$ref"].removeprefix("#/$defs/")
        return f"[{name}](#{name.lower()})"
    if "anyOf" in value:
        return " or ".join(described(one) for one in value["anyOf"] if one.get("type") != "null")
    if "enum" in value:
        return ", ".join(code(one) for one in value["enum"])
    if "const" in value:
        return code(value["const"])
    if value.get("type") == "array":
        return f"list of: {described(value.get('items', {}))}"
    if value.get("type") == "object":
        names = value.get("propertyNames", {}).get("enum")
        keys = f"{', '.join(code(one) for one in names)} → " if names else "name → "
        return keys + described(value.get("additionalProperties", {}))
    return _scalar(value)


def _scalar(value: Schema) -> str:
    kind = str(value.get("type", "anything"))
    words = {"string": "text", "boolean": "yes/no"}.get(kind, kind)
    for key, said in (
        ("minimum", "at least"),
        ("exclusiveMinimum", "above"),
        ("maximum", "at most"),
        ("exclusiveMaximum", "below"),
    ):
        if key in value:
            words += f", {said} {value[key]}"
    if "maxLength" in value:
        words += f", up to {value['maxLength']} characters"
    if value.get("pattern", r"\S") != r"\S":
        words += f" like {code(value['pattern'])}"
    return words
