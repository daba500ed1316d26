"""PyTorch networks: weights without code, built again by the project's own package only.

PyTorch has an environment of its own: `make torch` installs it, and runs these tests there.
"""

import json
import re
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from modelyard import explain
from modelyard.data import DataContract
from modelyard.explain import ExplanationError
from modelyard.fitting import fit
from modelyard.model import Model, save
from modelyard.project import Problem
from modelyard.skops_files import EstimatorError
from modelyard.tables import as_frame, to_arrays
from modelyard.training_record import fixed_threads

torch: Any = pytest.importorskip(
    "torch", reason="PyTorch is not installed here: `make torch` runs these tests"
)

pytestmark = pytest.mark.torch

DICE = np.random.default_rng(11)
ROWS = [
    {
        "amount": None if n % 9 == 0 else round(float(DICE.normal(100, 30)), 2),
        "colour": None if n % 7 == 0 else str(DICE.choice(["red", "blue", "green"])),
    }
    for n in range(200)
]
STRANGE: dict[str, Any] = {"amount": None, "colour": "violet"}
TARGETS: dict[Problem, dict[str, Any]] = {
    "binary": {"kind": "category", "categories": ["no", "yes"]},
    "multiclass": {"kind": "integer", "categories": ["0", "1", "2"]},
    "regression": {"kind": "number"},
}
EVERY_PROBLEM = pytest.mark.parametrize("problem", list(TARGETS))
TEAM_CODE = """
import torch
from torch import nn
from torch.nn import functional


class Network(nn.Module):
    def __init__(self, inputs, outputs, width):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(inputs, width), nn.ReLU(), nn.Linear(width, outputs))

    def forward(self, features):
        return self.layers(features)


def train(network, seen, unseen, epochs):
    optimizer = torch.optim.Adam(network.parameters(), lr=0.02)
    for _ in range(epochs):
        for batch in seen.batches(32):
            told = network(batch.features)
            if batch.answers.ndim == 1:
                each = functional.cross_entropy(told, batch.answers, reduction="none")
            else:
                each = functional.mse_loss(told, batch.answers, reduction="none")[:, 0]
            optimizer.zero_grad()
            (each * batch.weights).mean().backward()
            optimizer.step()
"""


@pytest.fixture(autouse=True)
def team(
    project_file: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Any:
    """A project's own package, and its project.yaml in the working directory."""
    repo = tmp_path_factory.mktemp("repo")
    stated = re.sub("^name: .*$", "name: team-nets", project_file.read_text(), flags=re.MULTILINE)
    (repo / "project.yaml").write_text(stated)
    project_file.unlink()
    (repo / "team_nets").mkdir()
    (repo / "team_nets" / "__init__.py").write_text("")
    (repo / "team_nets" / "model.py").write_text(TEAM_CODE)
    monkeypatch.syspath_prepend(repo)
    monkeypatch.chdir(repo)
    import team_nets.model as team_code

    yield team_code
    for name in ("team_nets", "team_nets.model"):
        sys.modules.pop(name, None)


def agreed(problem: Problem) -> DataContract:
    """A number and a category, both with gaps, and a target."""
    columns = [
        {"name": "amount", "kind": "number", "use": "feature"},
        {
            "name": "colour",
            "kind": "category",
            "use": "feature",
            "categories": ["blue", "green", "red"],
        },
        {"name": "target", "use": "target", **TARGETS[problem]},
    ]
    return DataContract.parse({"columns": columns})


def pipeline(team: Any, problem: Problem, *steps: Any, **more: Any) -> Any:
    """What the template builds: scaled numbers, a column per category, a small network."""
    from modelyard.networks import NetworkClassifier, NetworkRegressor

    kind = NetworkRegressor if problem == "regression" else NetworkClassifier
    numbers = make_pipeline(SimpleImputer(add_indicator=True), StandardScaler())
    encoder = OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=5)
    columns = ColumnTransformer([("n", numbers, ["amount"]), ("c", encoder, ["colour"])])
    settings: dict[str, Any] = {"network": team.Network, **more}
    final = kind(train=team.train, shape={"width": 8}, training={"epochs": 15}, **settings)
    return make_pipeline(columns, *steps, final)


def answers(contract: DataContract) -> Any:
    """What depends on the amount and on being red."""
    arrays = to_arrays(ROWS, agreed("regression").feature_columns)
    found = np.nan_to_num(arrays["amount"], nan=90.0) + 60 * (arrays["colour"] == "red")
    classes = len(contract.labels)
    if not classes:
        return found
    return np.digitize(found, np.quantile(found, np.linspace(0, 1, classes + 1)[1:-1]))


def saved(folder: Path, estimator: Any, problem: Problem) -> Model:
    """An estimator fitted on the rows, saved and loaded again."""
    contract = agreed(problem)
    arrays = to_arrays(ROWS, contract.feature_columns)
    frame = as_frame(arrays, contract.feature_columns)
    told = answers(contract)
    with fixed_threads(1):
        fit(estimator, frame[:160], told[:160], None, (frame[160:], told[160:]))
    return save(estimator, folder, contract, problem, arrays)


@EVERY_PROBLEM
def test_loaded_network_answers_as_the_fitted_one(
    tmp_path: Path, team: Any, problem: Problem
) -> None:
    estimator = pipeline(team, problem)
    model = saved(tmp_path, estimator, problem)
    columns = model.contract.feature_columns
    arrays = to_arrays([*ROWS, STRANGE], columns)
    frame = as_frame(arrays, columns)
    told = estimator.predict(frame)[:, None] if problem == "regression" else None
    expected = estimator.predict_proba(frame) if told is None else told
    np.testing.assert_allclose(model.scores(arrays), expected, rtol=1e-5)
    assert model.served_by == "torch"


@EVERY_PROBLEM
def test_network_learns_what_decides(tmp_path: Path, team: Any, problem: Problem) -> None:
    model = saved(tmp_path, pipeline(team, problem), problem)
    scores = model.scores(to_arrays(ROWS, model.contract.feature_columns))
    told = answers(model.contract)
    if problem == "regression":
        assert np.corrcoef(scores[:, 0], told)[0, 1] > 0.9
    else:
        assert (scores.argmax(axis=1) == told).mean() > 0.8
        np.testing.assert_allclose(scores.sum(axis=1), 1)


def test_files_hold_numbers_and_names_and_no_code(tmp_path: Path, team: Any) -> None:
    saved(tmp_path, pipeline(team, "binary"), "binary")
    names = {file.name for file in tmp_path.iterdir()}
    assert names == {
        "network.json",
        "weights.safetensors",
        "features.skops",
        "features.json",
        "manifest.json",
    }
    document = json.loads((tmp_path / "network.json").read_text())
    assert document["network"] == "team_nets.model:Network"
    assert document["settings"]["width"] == 8


def test_the_same_rows_give_the_same_bytes(tmp_path: Path, team: Any) -> None:
    made = [saved(tmp_path / name, pipeline(team, "binary"), "binary") for name in ("a", "b")]
    assert made[0].sha256 == made[1].sha256


def test_one_row_alone_needs_no_frame(
    tmp_path: Path, team: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = saved(tmp_path, pipeline(team, "binary"), "binary")
    arrays = to_arrays(ROWS, model.contract.feature_columns)
    monkeypatch.setattr("modelyard.model.as_frame", None)
    alone = [model.scores({name: a[n : n + 1] for name, a in arrays.items()}) for n in range(20)]
    # A release is verified to this: golden predictions are asked for one by one.
    np.testing.assert_allclose(np.concatenate(alone), model.scores(arrays)[:20], rtol=1e-12)


def test_rows_are_held_out_where_none_are_given_to_stop_by(team: Any) -> None:
    told: list[int] = []

    def watch(network: Any, seen: Any, unseen: Any, epochs: int) -> None:
        told.extend((len(seen.answers), len(unseen.answers)))

    estimator = pipeline(team, "binary")
    estimator.steps[-1][1].train = watch
    contract = agreed("binary")
    frame = as_frame(to_arrays(ROWS, contract.feature_columns), contract.feature_columns)
    fit(estimator, frame, answers(contract))
    assert told == [170, 30]


def altered(folder: Path, **change: Any) -> None:
    """Another network.json, with a manifest that agrees."""
    from modelyard.manifest import file_sha256

    document = json.loads((folder / "network.json").read_text()) | change
    (folder / "network.json").write_text(json.dumps(document))
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"]["network.json"] = file_sha256(folder / "network.json")
    (folder / "manifest.json").write_text(json.dumps(manifest))


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("os:system", "only a class or function of team_nets may build one"),
        ("torch.nn:Sequential", "only a class or function of team_nets may build one"),
        ("team_nets.model:nn.Module", "only a class or function of team_nets may build one"),
        ("team_nets_evil:Network", "only a class or function of team_nets may build one"),
        ("team_nets.model:functional", "is no class or function that team_nets defines"),
        ("team_nets.model:absent", "is no class or function that team_nets defines"),
    ],
)
def test_model_can_name_nothing_but_its_own_projects_code(
    tmp_path: Path, team: Any, name: str, reason: str
) -> None:
    saved(tmp_path, pipeline(team, "binary"), "binary")
    altered(tmp_path, network=name)
    with pytest.raises(EstimatorError, match=reason):
        _ = Model.load(tmp_path).estimator


def test_network_of_another_library_is_refused_when_it_is_saved(tmp_path: Path, team: Any) -> None:
    def build(**shape: Any) -> Any:
        return team.Network(**shape)

    with pytest.raises(EstimatorError, match="define it in the project's own package"):
        saved(tmp_path, pipeline(team, "binary", network=build), "binary")


def test_weights_of_another_network_are_refused(tmp_path: Path, team: Any) -> None:
    saved(tmp_path, pipeline(team, "binary"), "binary")
    altered(tmp_path, settings={"inputs": 6, "outputs": 2, "width": 9})
    with pytest.raises(EstimatorError, match=r"not the network these weights were trained in"):
        _ = Model.load(tmp_path).estimator


def test_network_is_not_loaded_where_its_project_is_not(
    tmp_path: Path, team: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = saved(tmp_path, pipeline(team, "binary"), "binary")
    monkeypatch.setenv("MODELYARD_PROJECT_FILE", str(tmp_path / "project.yaml"))
    with pytest.raises(EstimatorError, match="name it in MODELYARD_PROJECT_FILE"):
        _ = model.estimator


def test_network_of_another_version_of_pytorch_is_refused(tmp_path: Path, team: Any) -> None:
    saved(tmp_path, pipeline(team, "binary"), "binary")
    document = json.loads((tmp_path / "manifest.json").read_text())
    document["versions"]["torch"] = "1.13.1"
    (tmp_path / "manifest.json").write_text(json.dumps(document))
    with pytest.raises(EstimatorError, match=r"made with torch 1\.13\.1, here is"):
        _ = Model.load(tmp_path).estimator


def test_network_has_no_exact_explanation(tmp_path: Path, team: Any) -> None:
    model = saved(tmp_path, pipeline(team, "binary"), "binary")
    with pytest.raises(ExplanationError, match="no exact explanation"):
        explain.explain(model, to_arrays(ROWS, model.contract.feature_columns))
