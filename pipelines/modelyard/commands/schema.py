"""modelyard schema: prints the JSON Schema of project.yaml, for editors."""

import argparse

from modelyard.project import schema_text

HELP = "print the JSON Schema of project.yaml"


def arguments(_parser: argparse.ArgumentParser) -> None:
    """None: the schema depends on nothing."""


def execute(_arguments: argparse.Namespace) -> int:
    print(schema_text(), end="")
    return 0
