"""modelyard run: starts the build pipeline and tells how each step goes."""

import argparse

from botocore.exceptions import ClientError

from modelyard import loans, registry, runs
from modelyard.aws import Place
from modelyard.commands import options
from modelyard.definition import pipeline_name
from modelyard.errors import RunError
from modelyard.functions.job_contract import KEY_PREFIX

HELP = "start the pipeline and follow it to a registered model"


def arguments(parser: argparse.ArgumentParser) -> None:
    options.add_environment(parser, "dev")
    parser.add_argument("--no-wait", action="store_true", help="start only; see `modelyard status`")


def execute(arguments: argparse.Namespace) -> int:
    options.require_environment(arguments, ("dev",), "the build pipeline runs in dev")
    place = options.place(arguments)
    arn = runs.start(place, pipeline_name(place.project))
    options.say(f"started {arn}")
    if arguments.no_wait:
        return 0
    execution = _follow(place, arn)
    if execution.status != "Succeeded":
        raise _explained(place, execution)
    _report(place, execution)
    return 0


def _follow(place: Place, arn: str) -> runs.Execution:
    """Prints each step once when it starts and once when it ends."""
    said: set[tuple[str, str]] = set()
    execution = None
    for execution in runs.follow(place, arn):
        for step in execution.steps:
            if (step.name, step.status) in said or step.status == "Starting":
                continue
            said.add((step.name, step.status))
            if step.status == "Executing":
                options.say(f"  {step.name:<10} running")
            else:
                options.say(f"  {step.name:<10} {step.status.lower():<9} {step.seconds:6.1f} s")
    if execution is None:
        raise RunError(f"{arn} cannot be followed")
    return execution


def _explained(place: Place, execution: runs.Execution) -> RunError:
    """Prints the failed steps with their reasons and the last lines they wrote."""
    for step in execution.failed_steps:
        options.complain(f"{step.name} failed: {step.reason or 'no reason given'}")
        if KEY_PREFIX in step.reason:
            options.complain(
                "    there is no pseudonymisation key: a data steward makes one with `modelyard "
                "data key`, or brings a lost one back with `modelyard data key --restore`"
            )
        if stopped := loans.ended(place.project.dataset, step.reason):
            options.complain(f"    {stopped}")
        for line in runs.log_tail(place, step):
            options.complain(f"    {line}")
    return RunError(
        f"the run {execution.status.lower()}"
        + (f": {execution.reason}" if execution.reason and not execution.failed_steps else "")
        + "; nothing was registered"
    )


def _report(place: Place, execution: runs.Execution) -> None:
    arn = execution.model_package_arn
    if arn is None:
        raise RunError("the run succeeded, but its Register step named no model package")
    package = registry.describe(place, arn)
    options.say(f"registered {arn} ({package.status}), trained by {package.metadata['trained_by']}")
    options.say(f"gates: {package.description}")
    try:
        metrics = registry.evaluation(place, package)["metrics"]
    except ClientError:
        options.say(f"metrics: {package.metadata['evaluation']} (which you may not read)")
        return
    for name, metric in sorted(metrics.items()):
        options.say(f"  {name:<20} {_estimate(metric)}")


def _estimate(metric: object) -> str:
    if not isinstance(metric, dict):
        return str(metric)
    value, low, high = (metric.get(key) for key in ("value", "low", "high"))
    interval = f"  [{low:.4f}, {high:.4f}]" if low is not None and high is not None else ""
    return ("not measured" if value is None else f"{value:.4f}") + interval
