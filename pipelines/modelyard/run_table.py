"""Runs of the build pipeline beside each other: a table, and what differs between two of them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from modelyard.functions.run_facts import RunFacts

_SHORT = 8


def document(run: RunFacts) -> dict[str, Any]:
    """A run as plain data."""
    return {
        "run": run.id,
        "execution_arn": run.arn,
        "status": run.status,
        "reason": run.reason,
        "started": run.started.isoformat(timespec="seconds"),
        "seconds": round((run.ended - run.started).total_seconds(), 1) if run.ended else None,
        "who": run.who,
        "code_commit": run.commit,
        "image_digest": run.image_digest,
        "instance_type": run.instance_type,
        "dataset_sha256": run.dataset_sha256,
        "parameters": run.parameters,
        "metrics": {name: dict(metric) for name, metric in run.metrics.items()},
        "gates": run.gates,
        "model_package_arn": run.package_arn,
        "version": run.package_version,
        "package_status": run.package_status,
    }


def table(runs: Sequence[RunFacts], metrics: Sequence[str]) -> str:
    """One line per run; of the parameters only those in which the runs differ."""
    differing = differing_parameters(runs)
    head = ["run", "started", "who", "commit", "data", *differing, *metrics, "version"]
    rows = [_row(run, differing, metrics) for run in runs]
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    lines = [_line(cells, widths) for cells in (head, *rows)]
    failed = [f"{run.id}: {run.status.lower()}, {run.reason}" for run in runs if run.reason]
    return "\n".join([*lines, *failed])


def differing_parameters(runs: Sequence[RunFacts]) -> list[str]:
    """The names of parameters that are not the same in all runs that reached a training."""
    trained = [run.parameters for run in runs if run.parameters]
    names = sorted({name for one in trained for name in one})
    return [name for name in names if len({one.get(name) for one in trained}) > 1]


def headline_metrics(runs: Iterable[RunFacts]) -> list[str]:
    """The metrics a gate judges, which are those somebody decided to look at."""
    judged = {
        result["metric"]
        for run in runs
        for result in (run.evaluation.get("gates") or {}).get("results", ())
        if result["metric"] in run.metrics
    }
    return sorted(judged)


def difference(one: RunFacts, other: RunFacts) -> list[tuple[str, str, str]]:
    """Every fact in which two runs differ: its name, and what it is in each."""
    before, after = _flat(one), _flat(other)
    names = [*before, *(name for name in after if name not in before)]
    return [
        (name, before.get(name, "-"), after.get(name, "-"))
        for name in names
        if before.get(name) != after.get(name)
    ]


def _flat(run: RunFacts) -> dict[str, str]:
    environment = (run.evaluation.get("training") or {}).get("environment") or {}
    return {
        "status": run.status,
        "who": run.who,
        "commit": run.commit,
        "image": run.image_digest,
        "instance": run.instance_type,
        "data": run.dataset_sha256,
        **{f"rows {name}": str(n) for name, n in (run.evaluation.get("rows") or {}).items()},
        **{f"parameter {name}": value for name, value in run.parameters.items()},
        **{f"installed {name}": v for name, v in (environment.get("distributions") or {}).items()},
        **{f"metric {name}": estimate(metric) for name, metric in run.metrics.items()},
        "model": str((run.evaluation.get("model") or {}).get("sha256", "")),
        "version": _version(run),
    }


def _row(run: RunFacts, parameters: Sequence[str], metrics: Sequence[str]) -> list[str]:
    return [
        run.id,
        run.started.isoformat(timespec="minutes")[:16].replace("T", " "),
        run.who or "-",
        run.commit[:_SHORT] or "-",
        run.dataset_sha256[:_SHORT] or "-",
        *(run.parameters.get(name, "-") for name in parameters),
        *(estimate(run.metrics.get(name)) for name in metrics),
        _version(run),
    ]


def estimate(metric: Mapping[str, Any] | None) -> str:
    """A metric with its interval."""
    if metric is None:
        return "-"
    low, high = metric.get("low"), metric.get("high")
    interval = "" if low is None or high is None else f" [{low:.3f}, {high:.3f}]"
    return f"{metric['value']:.4f}{interval}"


def _version(run: RunFacts) -> str:
    if run.package_version is None:
        return f"- ({run.status.lower()})"
    return f"{run.package_version} ({run.package_status})"


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()
