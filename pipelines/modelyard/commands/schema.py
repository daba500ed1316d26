"""modelyard schema: prints the JSON Schema of project.yaml or data_contract.yaml, for editors."""

import argparse
import json

from modelyard.data import DataContract
from modelyard.project import schema_text

HELP = "print the JSON Schema of project.yaml or data_contract.yaml"
PROJECT, CONTRACT = "project", "data-contract"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "of",
        nargs="?",
        choices=(PROJECT, CONTRACT),
        default=PROJECT,
        help=f"which file the schema is of (default: {PROJECT})",
    )


def execute(arguments: argparse.Namespace) -> int:
    print(schema_text() if arguments.of == PROJECT else _contract_text(), end="")
    return 0


def _contract_text() -> str:
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **DataContract.model_json_schema(),
    }
    return json.dumps(schema, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
