"""modelyard doctor: looks this repo over, or one of its environments with --env; changes nothing.

Without --env: whether this machine has what `make setup`, `test`, `try` and `run` need. With it:
whether the environment is healthy. Each line is ok, warn or fail, with what to do about it; exits
with 1 where one fails. What your role may not see is a warning, not a failure.
"""

import argparse
from dataclasses import asdict

from modelyard.commands import options
from modelyard.project import ENVIRONMENTS

HELP = "look this repo over, or an environment with --env, and say what to mend"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--env", choices=ENVIRONMENTS, help="look this environment over instead of the repo"
    )
    options.add_json(parser)


def execute(arguments: argparse.Namespace) -> int:
    from modelyard import doctor, doctor_repo

    if arguments.env:
        checks = doctor.look_over(options.place(arguments))
    else:
        checks = doctor_repo.look_over(arguments.project)
    if arguments.json:
        options.print_json([asdict(check) for check in checks])
    else:
        for check in checks:
            options.say(f"{check.state:<5} {check.name:<12} {check.sentence}")
            if check.remedy:
                options.say(f"{'':<18} {check.remedy}")
    return 1 if any(check.state == "fail" for check in checks) else 0
