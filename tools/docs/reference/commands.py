"""The commands, from the parsers that read them."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import Any

from modelyard import cli
from tools.docs.reference.markdown import code, escaped, prose, table

_INTRODUCTIONS = {
    "modelyard": "What people of a project type, in the folder of its `project.yaml`.",
    "python -m sandbox": "The embedded AWS sandbox, in a checkout of the platform.",
    "python -m policies": "Who may do what, and whether it holds; in a checkout of the platform.",
}


def parsers() -> dict[str, argparse.ArgumentParser]:
    """The parser of each program that docs name."""
    import policies.__main__ as policies
    import sandbox.__main__ as sandbox

    return {
        "modelyard": cli.parser(),
        "python -m sandbox": sandbox.parser(),
        "python -m policies": policies.parser(),
    }


def page() -> str:
    """The page of all commands, a section for each program."""
    parts = ["# Commands\n"]
    for program, parser in parsers().items():
        parts += [f"## `{program}`\n", f"{_INTRODUCTIONS[program]}\n"]
        for name, sub, meaning in _commands(parser):
            parts += [f"### `{program} {name}`\n", *_command(sub, meaning)]
    return "\n".join(parts)


def _commands(
    parser: argparse.ArgumentParser, before: str = ""
) -> Iterator[tuple[str, argparse.ArgumentParser, str]]:
    """Every command below a parser, with its line in the parser's help."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            told = {choice.dest: choice.help or "" for choice in action._choices_actions}
            for name, sub in action.choices.items():
                yield f"{before}{name}", sub, told.get(name, "")
                yield from _commands(sub, f"{before}{name} ")


def _command(parser: argparse.ArgumentParser, meaning: str) -> Iterator[str]:
    description = (parser.description or "").partition(":")[2] or meaning
    yield f"{prose(_sentence(description))}\n"
    yield f"```text\n{_usage(parser)}\n```\n"
    rows = [
        (_spelling(action), escaped(_help(parser, action)))
        for action in parser._actions
        if not isinstance(action, argparse._HelpAction | argparse._SubParsersAction)
    ]
    if rows:
        yield table(("argument", "meaning"), rows)


def _usage(parser: argparse.ArgumentParser) -> str:
    formatter = argparse.HelpFormatter(parser.prog, width=84)
    formatter.add_usage(parser.usage, parser._actions, parser._mutually_exclusive_groups)
    return formatter.format_help().strip()


def _spelling(action: argparse.Action) -> str:
    value = _value(action)
    if not action.option_strings:
        return code(value)
    names = " / ".join(action.option_strings)
    return code(names if action.nargs == 0 else f"{names} {value}")


def _value(action: argparse.Action) -> str:
    if action.choices is not None and action.metavar is None:
        return "|".join(str(choice) for choice in action.choices)
    if isinstance(action.metavar, tuple):
        return " ".join(action.metavar)
    return action.metavar or action.dest.upper()


def _help(parser: argparse.ArgumentParser, action: argparse.Action) -> str:
    if action.help is None:
        return "required" if action.required else ""
    facts: dict[str, Any] = {**vars(action), "prog": parser.prog}
    return action.help % facts


def _sentence(text: str) -> str:
    stripped = text.strip()
    return stripped[:1].upper() + stripped[1:]
