"""modelyard data: the project's data sets, what became of them, and people's right to be forgotten.

A data steward's business: who brings the data, keeps the key of the pseudonyms, and forgets people.
"""

import argparse
from pathlib import Path
from types import ModuleType

from modelyard.commands import data_forget, data_history, data_key, data_list

HELP = "data sets: list, history, key of the pseudonyms, forget a person"
_ACTIONS: dict[str, ModuleType] = {
    "list": data_list,
    "history": data_history,
    "key": data_key,
    "forget": data_forget,
}


def arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    for name, module in _ACTIONS.items():
        sub = actions.add_parser(name, help=module.HELP, description=module.__doc__)
        # Said after the action as well as before it.
        sub.add_argument(
            "--project",
            type=Path,
            default=argparse.SUPPRESS,
            metavar="FILE",
            help="the project contract (default: project.yaml)",
        )
        module.arguments(sub)


def execute(arguments: argparse.Namespace) -> int:
    return int(_ACTIONS[arguments.action].execute(arguments))
