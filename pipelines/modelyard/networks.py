"""PyTorch networks as estimators: the team writes the network and its training, no more.

    make_pipeline(build_features(contract), NetworkClassifier(Network, train, shape, training))

`network(inputs=, outputs=, **shape)` gives an untrained network; `train(network, seen, unseen,
**training)` fits it in place, and should keep the weights that do best on the unseen rows. PyTorch
is needed only where a team uses it. Seeds and threads are fixed and deterministic algorithms
demanded, so that the same rows give the same weights on the same processor.
"""

import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import import_module
from typing import Any, NamedTuple, Self

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.model_selection import train_test_split

torch: Any = import_module("torch")
Array = npt.NDArray[Any]

# What is held out of the training rows where no others are given to stop by.
HELD_OUT = 0.15


class Rows(NamedTuple):
    """Tensors with a row per example: features (float32), answers and weights.

    Answers are class positions, or numbers of mean 0 and deviation 1 in a column.
    """

    features: Any
    answers: Any
    weights: Any

    def batches(self, size: int) -> Iterator["Rows"]:
        """Every row once, in a new order."""
        for part in torch.randperm(len(self.answers)).split(size):
            yield Rows(*(tensor[part] for tensor in self))


class _Network(BaseEstimator):
    """What classifiers and regressors share: fitting, and asking the fitted network."""

    # modelyard.fitting hands over rows to stop early by.
    stops_early = True

    def __init__(
        self,
        network: Callable[..., Any],
        train: Callable[..., None],
        shape: Mapping[str, Any],
        training: Mapping[str, Any],
        random_state: int = 0,
    ) -> None:
        self.network = network
        self.train = train
        self.shape = shape
        self.training = training
        self.random_state = random_state

    def _fit(
        self,
        rows: Any,
        answers: Array,
        outputs: int,
        weights: Array | None,
        unseen: Sequence[tuple[Any, Array]] | None,
        stratify: Array | None,
    ) -> Self:
        features = dense(rows)
        weights = np.ones(len(answers)) if weights is None else np.asarray(weights)
        if unseen is None:
            parts = train_test_split(
                features,
                answers,
                weights,
                test_size=HELD_OUT,
                random_state=self.random_state,
                stratify=stratify,
            )
            seen, watched = self._rows(*parts[::2]), self._rows(*parts[1::2])
        else:
            [(other, theirs)] = unseen
            seen = self._rows(features, answers, weights)
            watched = self._rows(dense(other), theirs, np.ones(len(theirs)))
        torch.manual_seed(self.random_state)
        torch.use_deterministic_algorithms(True)
        self.settings_ = {"inputs": features.shape[1], "outputs": outputs, **self.shape}
        self.network_ = self.network(**self.settings_)
        self.train(self.network_, seen, watched, **self.training)
        return self

    def _rows(self, features: Array, answers: Array, weights: Array) -> Rows:
        return Rows(
            torch.from_numpy(np.ascontiguousarray(features, dtype=np.float32)),
            self._targets(answers),
            torch.from_numpy(np.asarray(weights, dtype=np.float32)),
        )

    def _targets(self, answers: Array) -> Any:
        raise NotImplementedError


class NetworkClassifier(ClassifierMixin, _Network):
    """Classes 0, 1, ...: the network gives one number for each, before the softmax."""

    def fit(
        self,
        rows: Any,
        answers: Array,
        sample_weight: Array | None = None,
        eval_set: Sequence[tuple[Any, Array]] | None = None,
    ) -> Self:
        """Trains the network; `eval_set` are rows to stop early by, held out where not given."""
        self.classes_ = np.unique(answers)
        common = min(np.bincount(np.asarray(answers, dtype=np.int64))[self.classes_]) > 1
        stratify = answers if common and len(answers) * HELD_OUT >= len(self.classes_) else None
        classes = len(self.classes_)
        return self._fit(rows, answers, classes, sample_weight, eval_set, stratify)

    def predict_proba(self, rows: Any) -> Array:
        """Probabilities by class."""
        return probabilities(outputs(scorer(self.network_), rows))

    def predict(self, rows: Any) -> Array:
        """The likeliest class of each row."""
        return self.classes_[self.predict_proba(rows).argmax(axis=1)]

    def _targets(self, answers: Array) -> Any:
        return torch.from_numpy(np.searchsorted(self.classes_, answers).astype(np.int64))


class NetworkRegressor(RegressorMixin, _Network):
    """Numbers: the network gives one, in deviations from the mean of the training rows."""

    def fit(
        self,
        rows: Any,
        answers: Array,
        sample_weight: Array | None = None,
        eval_set: Sequence[tuple[Any, Array]] | None = None,
    ) -> Self:
        """Trains the network; `eval_set` are rows to stop early by, held out where not given."""
        self.center_ = float(np.mean(answers))
        self.scale_ = float(np.std(answers)) or 1.0
        return self._fit(rows, answers, 1, sample_weight, eval_set, None)

    def predict(self, rows: Any) -> Array:
        """The number of each row."""
        return self.center_ + self.scale_ * outputs(scorer(self.network_), rows)[:, 0]

    def _targets(self, answers: Array) -> Any:
        standard = (np.asarray(answers, dtype=np.float64) - self.center_) / self.scale_
        return torch.from_numpy(standard.astype(np.float32))[:, None]


def scorer(network: Any) -> Any:
    """A trained network made to answer.

    In double precision, because the order in which single ones are added depends on how many rows
    are asked about: one row alone has to get the answer that it gets among many.
    """
    return copy.deepcopy(network).double().eval()


def outputs(network: Any, rows: Any) -> Array:
    """What `scorer(network)` gives for features."""
    features = torch.from_numpy(np.ascontiguousarray(dense(rows), dtype=np.float32))
    with torch.inference_mode():
        return network(features.double()).numpy()


def probabilities(decisions: Array) -> Array:
    """The softmax of each row."""
    powers = np.exp(decisions - decisions.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def dense(rows: Any) -> Array:
    """Features as one array; what counts words is sparse."""
    return np.asarray(rows.toarray() if hasattr(rows, "toarray") else rows)
