"""The model code: it trains, and what is saved predicts what was trained."""

import pytest
from modelyard.arrays import target_values
from modelyard.model import Model, save
from modelyard.tables import as_frame, to_arrays
from modelyard.values import is_missing

from {{ cookiecutter.__package_name }}.model import build_model

ENOUGH_ROWS = 5000


@pytest.fixture(scope="module")
def sample(table, contract):
    """Rows with a known answer, as the data write them."""
    known = table[[not is_missing(answer) for answer in table[contract.target]]]
    return known.sample(min(len(known), ENOUGH_ROWS), random_state=0)


@pytest.fixture(scope="module")
def trained(sample, contract, project):
    """A model trained by the code in src/, and the features it was trained on."""
    features = to_arrays(sample, contract.feature_columns)
    answers = target_values(to_arrays(sample, [contract.target_column]), contract)
    model = build_model(contract, project.training.hyperparameters)
    return model.fit(as_frame(features, contract.feature_columns), answers), features


@pytest.fixture(scope="module")
def saved(trained, contract, project, tmp_path_factory):
    """The same model after it was written to disk and read back."""
    model, features = trained
    folder = tmp_path_factory.mktemp("model")
    save(model, folder, contract, project.model.problem, features)
    return Model.load(folder)


def test_saved_model_predicts_what_the_trained_one_does(saved, trained, sample, contract):
    model, features = trained
    expected = model.predict(as_frame(features, contract.feature_columns).head(50))
    if contract.labels:
        expected = [contract.labels[position] for position in expected]
    predicted = [answer["prediction"] for answer in saved.predict(sample.head(50))]
    assert predicted == pytest.approx(list(expected))


def test_model_answers_for_a_row_of_gaps(saved, contract):
    assert len(saved.predict([dict.fromkeys(contract.features)])) == 1
