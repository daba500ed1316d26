"""PyTorch models on disk: weights in safetensors, the network's name and settings in JSON.

Neither file holds code. The network is built by the project's own package, which is the only one a
model may name; its name is checked when the model is saved and again before anything is imported.
"""

import json
import os
import re
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from modelyard import scorer, skops_files
from modelyard.manifest import dump_json
from modelyard.scorer import Scorer
from modelyard.skops_files import EstimatorError

NETWORK, WEIGHTS = "network.json", "weights.safetensors"
FEATURES, TERMS = "features.skops", "features.json"
_NAME = re.compile(r"([A-Za-z_]\w*)((?:\.[A-Za-z_]\w*)*):([A-Za-z_]\w*)")
# From so many rows on, arrays are faster than arithmetic row by row.
_MANY = 16


class Networked:
    """A loaded network behind the steps that prepare its input."""

    def __init__(self, network: Any, document: dict[str, Any], features: Any, terms: Any) -> None:
        self._network, self._document = network, document
        self._features, self._terms = features, terms

    @property
    def reads_arrays(self) -> bool:
        """Whether it does without frames."""
        return self._terms is not None

    def predict(self, source: Any) -> Any:
        """Values of a regression."""
        return self._document["center"] + self._document["scale"] * self._outputs(source)[:, 0]

    def predict_proba(self, source: Any) -> Any:
        """Probabilities by class."""
        from modelyard import networks

        return networks.probabilities(self._outputs(source))

    def _outputs(self, source: Any) -> Any:
        from modelyard import networks

        return networks.outputs(self._network, self._prepared(source))

    def _prepared(self, source: Any) -> Any:
        if self._terms is None:
            return source if self._features is None else self._features.transform(source)
        columns = [source[term.name] for term in self._terms.terms]
        rows = len(columns[0])
        if rows >= _MANY:
            return self._terms.decide(source, rows)
        listed = zip(*(column.tolist() for column in columns), strict=True)
        return np.array([self._terms.decide_row(row) for row in listed])


def is_network(estimator: Any) -> bool:
    """Whether the final step is one of modelyard.networks."""
    return type(_final(estimator)).__module__ == "modelyard.networks"


def dump(estimator: Any, folder: Path) -> list[str]:
    """Writes weights, settings and the steps before the network; the files' names."""
    final = _final(estimator)
    network = f"{final.network.__module__}:{final.network.__qualname__}"
    _own(network)
    document = {"network": network, "settings": final.settings_}
    if hasattr(final, "scale_"):
        document |= {"center": final.center_, "scale": final.scale_}
    dump_json(folder / NETWORK, document)
    _safetensors().save_file(final.network_.state_dict(), folder / WEIGHTS)
    files = [NETWORK, WEIGHTS]
    if final is not estimator and len(estimator.steps) > 1:
        skops_files.dump(estimator[:-1], folder / FEATURES)
        files.append(FEATURES)
    return files


def load(folder: Path) -> Networked:
    """The network in a folder, built by the project's own code; it answers on one thread."""
    torch: Any = import_module("torch")
    document = json.loads((folder / NETWORK).read_text(encoding="utf-8"))
    build = _own(document["network"])
    try:
        network = build(**document["settings"])
        network.load_state_dict(_safetensors().load_file(folder / WEIGHTS))
    except (RuntimeError, TypeError) as error:
        reason = " ".join(str(error).split())[:300]
        raise EstimatorError(
            f"{document['network']} is not the network these weights were trained in ({reason}): "
            "serve a model with the code that trained it"
        ) from None
    torch.use_deterministic_algorithms(True)
    network = import_module("modelyard.networks").scorer(network)
    features, terms = folder / FEATURES, folder / TERMS
    if terms.is_file():
        return Networked(network, document, None, stored_terms(terms))
    before = skops_files.load(features) if features.is_file() else None
    return Networked(network, document, before, None)


def stored_terms(file: Path) -> Scorer:
    """The features step as arithmetic, as modelyard.model wrote it."""
    return scorer.parse(json.loads(file.read_text(encoding="utf-8")))


def _safetensors() -> Any:
    return import_module("safetensors.torch")


def _own(name: str) -> Any:
    """What builds the network, if it is of the project's own package."""
    from modelyard.model_code import ModelCode
    from modelyard.project import load as load_project

    file = Path(os.environ.get("MODELYARD_PROJECT_FILE") or "project.yaml")
    if not file.is_file():
        raise EstimatorError(
            f"{file}: no such file; a network is built by its project's own code, so work where "
            "project.yaml is, or name it in MODELYARD_PROJECT_FILE"
        )
    package = ModelCode.of(load_project(file)).package
    found = _NAME.fullmatch(name)
    if found is None or found[1] != package:
        raise EstimatorError(
            f"the model's network is '{name}', and only a class or function of {package} may "
            "build one: define it in the project's own package"
        )
    builder = getattr(import_module(found[1] + found[2]), found[3], None)
    if not callable(builder) or builder.__module__.partition(".")[0] != package:
        raise EstimatorError(f"'{name}' is no class or function that {package} defines")
    return builder


def _final(estimator: Any) -> Any:
    return estimator.steps[-1][1] if hasattr(estimator, "steps") else estimator
