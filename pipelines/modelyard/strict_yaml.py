"""YAML as people mean it: UTF-8, one document, no key twice; errors carry line and column."""

import re
from collections.abc import Hashable
from pathlib import Path
from typing import Any

import yaml


class YamlError(ValueError):
    """The text is no usable YAML; the message says where and why."""


class _Loader(yaml.SafeLoader):
    """SafeLoader silently keeps the last of two equal keys; this one refuses them."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[Any] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, Hashable):
                raise YamlError(f"{_place(key_node.start_mark)}: a key must be a plain word")
            if key in seen:
                raise YamlError(
                    f"{_place(key_node.start_mark)}: the key '{key}' appears twice; keep one"
                )
            seen.add(key)
        return super().construct_mapping(node, deep=deep)


# YAML 1.1 reads yes, no, on and off as booleans; in a list of categories they are words.
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:bool"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile(r"true|True|TRUE|false|False|FALSE"), list("tTfF")
)


def read(path: Path) -> Any:
    """The content of a YAML file; YamlError when it has none that can be read."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise YamlError("no such file") from None
    except IsADirectoryError:
        raise YamlError("is a directory, not a file") from None
    except UnicodeDecodeError as error:
        raise YamlError(f"is not UTF-8 text (byte {error.start}); save it as UTF-8") from None
    except OSError as error:
        raise YamlError(f"cannot be read: {error.strerror}") from None
    return parse(text)


def parse(text: str) -> Any:
    """The content of a YAML text; YamlError names line and column."""
    try:
        return yaml.load(text, Loader=_Loader)  # noqa: S506 (a SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"{_place(mark)}: " if mark else ""
        raise YamlError(f"{place}{error.problem or error.context}") from None
    except yaml.YAMLError as error:
        raise YamlError(str(error).splitlines()[0]) from None
    except (ValueError, RecursionError) as error:
        if isinstance(error, YamlError):
            raise
        raise YamlError(f"a value cannot be read: {error}") from None


def _place(mark: Any) -> str:
    return f"line {mark.line + 1}, column {mark.column + 1}"
