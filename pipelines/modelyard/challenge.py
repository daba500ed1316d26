"""Whether a challenger beats the champion: both models on the same rows, none of which either saw.

Rows never move between splits, so today's test rows are new to the champion too: they were in its
test set, or did not exist yet.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from modelyard.metrics import Metric
from modelyard.model import Model, ModelError
from modelyard.skops_files import EstimatorError
from modelyard.tables import Arrays

NO_CHAMPION = {"sentence": "no version is approved yet, so there is nothing to beat"}


def challenge(
    champion: Path | None,
    gates: Mapping[str, Mapping[str, float]],
    measured: Mapping[str, Any],
    test: Arrays,
    measure: Callable[[Any], Mapping[str, Metric]],
    unfair: Callable[[Model], str | None] = lambda _: None,
) -> dict[str, Any]:
    """The comparison as evaluation.json carries it; `champion` is the folder of its model's files.

    The metric is the first that has a gate; a gate with a maximum counts downwards.

    Args:
        measure: gives the metrics of scores on the test rows.
        unfair: says why a model cannot be compared on these rows, where it cannot.
    """
    if champion is None:
        return dict(NO_CHAMPION)
    try:
        model = Model.load(champion)
    except ModelError as error:
        return {"sentence": f"the champion cannot be read: {error}", "better": None}
    reason = unfair(model)
    if reason is not None:
        return {"model": {"sha256": model.sha256}, "sentence": reason, "better": None}
    lacking = sorted(set(model.contract.features) - set(test))
    if lacking:
        return {
            "model": {"sha256": model.sha256},
            "sentence": f"the champion needs {', '.join(lacking)}, which the data lacks now",
            "better": None,
        }
    try:
        scores = model.scores({name: test[name] for name in model.contract.features})
    except EstimatorError as error:
        return {
            "model": {"sha256": model.sha256},
            "sentence": f"the champion cannot be scored here: {error}",
            "better": None,
        }
    found = measure(scores)
    name = next((one for one in gates if one in measured), next(iter(measured)))
    ours, theirs = measured[name].value, found[name].value
    return {
        "model": {"sha256": model.sha256},
        "metric": name,
        "challenger": ours,
        "champion": theirs,
        **_verdict(name, ours, theirs, "max" in gates.get(name, {})),
    }


def _verdict(
    name: str, ours: float | None, theirs: float | None, downwards: bool
) -> dict[str, Any]:
    if ours is None or theirs is None:
        return {"better": None, "sentence": f"{name} could not be measured for both"}
    better = ours < theirs if downwards else ours > theirs
    word = "beats" if better else "does not beat"
    return {
        "better": better,
        "sentence": f"{name} {ours:.4f} {word} {theirs:.4f} of the champion on the same rows",
    }
