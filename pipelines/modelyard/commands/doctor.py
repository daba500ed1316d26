"""modelyard doctor: looks an environment over, read-only, and says what is wrong and what to do.

Exits with 0 when nothing is wrong, with 1 otherwise; what your role may not see is said, not held
against the environment.
"""

import argparse
from dataclasses import asdict

from modelyard import doctor
from modelyard.commands import options

HELP = "look an environment over: capture door, endpoint, schedules, labels"


def arguments(parser: argparse.ArgumentParser) -> None:
    options.add_environment(parser, "prod")
    options.add_json(parser)


def execute(arguments: argparse.Namespace) -> int:
    place = options.place(arguments)
    checks = doctor.look_over(place)
    if arguments.json:
        options.print_json([asdict(check) for check in checks])
    else:
        for check in checks:
            options.say(f"{check.state:<7} {check.name:<12} {check.sentence}")
            if check.remedy:
                options.say(f"{'':<20} {check.remedy}")
    return 1 if any(check.state == "wrong" for check in checks) else 0
