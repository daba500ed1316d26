"""The model: a small neural network on top of the features, and how it is trained."""

import copy
from collections.abc import Mapping

import torch
from modelyard.data import DataContract
from modelyard.hyperparameters import tuned
from modelyard.networks import NetworkRegressor, Rows
from sklearn.pipeline import Pipeline, make_pipeline
from torch import Tensor, nn
from torch.nn import functional

from .features import build_features


class Network(nn.Module):
    """One hidden layer; it gives a number of deviations from the mean."""

    def __init__(self, inputs: int, outputs: int, width: int, dropout: float) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(inputs, width), nn.ReLU(), nn.Dropout(dropout), nn.Linear(width, outputs)
        )

    def forward(self, features: Tensor) -> Tensor:
        return self.layers(features)


def loss(network: nn.Module, rows: Rows) -> Tensor:
    """How wrong the network is on these rows, on average of their weights."""
    each = functional.mse_loss(network(rows.features), rows.answers, reduction="none")[:, 0]
    return (each * rows.weights).mean()


def train(network: Network, seen: Rows, unseen: Rows, rate: float, decay: float) -> None:
    """Learns until 20 epochs brought no gain on the unseen rows, and keeps what was best there."""
    optimizer = torch.optim.AdamW(network.parameters(), lr=rate, weight_decay=decay)
    lowest, best, since = float("inf"), network.state_dict(), 0
    while since < 20:
        network.train()
        for batch in seen.batches(32):
            optimizer.zero_grad()
            loss(network, batch).backward()
            optimizer.step()
        network.eval()
        with torch.no_grad():
            now = float(loss(network, unseen))
        since += 1
        if now < lowest:
            lowest, best, since = now, copy.deepcopy(network.state_dict()), 0
    network.load_state_dict(best)


def build_model(contract: DataContract, hyperparameters: Mapping[str, str]) -> Pipeline:
    """An unfitted model; hyperparameters come from project.yaml (training.hyperparameters)."""
    tuning = tuned(hyperparameters, width=32, dropout=0.2, rate=0.003, decay=0.01)
    shape = {name: tuning.pop(name) for name in ("width", "dropout")}
    return make_pipeline(build_features(contract), NetworkRegressor(Network, train, shape, tuning))
