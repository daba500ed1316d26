"""The train job: fits the team's model on the training rows and saves it without pickle.

SageMaker runs it as `train`; it reads SM_CHANNEL_TRAIN and writes SM_MODEL_DIR. The team's code
gives `build_model(contract, hyperparameters)` (modelyard.model_code); its seeds and threads are
fixed here, and what else the result depends on is kept in the model's manifest. PYTHONHASHSEED
cannot be set from inside: the pipeline sets it.
"""

import json
import os
import random
import sys
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from modelyard import arrays as prepared
from modelyard import mitigation
from modelyard import model as models
from modelyard.data import DataContract
from modelyard.errors import ModelyardError
from modelyard.estimators import foreign_versions
from modelyard.fitting import fit
from modelyard.forecasting.measures import tested
from modelyard.forecasting.past import learned_until
from modelyard.jobs.context import load_setting, run, say
from modelyard.metrics import point_metrics
from modelyard.model_code import ModelCode
from modelyard.project import Project
from modelyard.tables import Arrays, as_frame
from modelyard.training_record import fixed_threads, record

SEED = 20260101


class TrainError(ModelyardError):
    """The team's model code failed; the log holds the traceback."""


def main() -> None:
    """Runs the job and exits with its code."""
    sys.exit(run(train, _output_dir() / "failure"))


def train() -> None:
    """Fits, saves and scores the model."""
    setting = load_setting()
    project, contract, forecast = setting.project, setting.contract, setting.project.model.forecast
    channel = Path(os.environ.get("SM_CHANNEL_TRAIN", "/opt/ml/input/data/train"))
    columns = prepared.prepared_columns(contract)
    arrays = prepared.read(channel, columns)
    random.seed(SEED)
    np.random.seed(SEED)  # scikit-learn draws from it by default
    hyperparameters = _hyperparameters(project)
    shown = ", ".join(f"{key}={value}" for key, value in sorted(hyperparameters.items()))
    say(f"training {project.package} ({shown or 'no hyperparameters'})")
    features = {name: arrays[name] for name in contract.features}
    folder = Path(os.environ.get("SM_MODEL_DIR", "/opt/ml/model"))
    threads = project.training.threads
    validation = Path(os.environ.get("SM_CHANNEL_VALIDATION", "/opt/ml/input/data/validation"))
    watched = prepared.read(validation, columns) if validation.is_dir() else None
    code = ModelCode.of(project)
    with _blaming(code):
        estimator = code.build(contract, hyperparameters)
    # The team's code has loaded its libraries by now; others keep their threads.
    with fixed_threads(threads):
        with _blaming(code):
            _fit(estimator, hyperparameters, contract, arrays, watched)
        foreign = foreign_versions(estimator)
        made = record(SEED, threads, hyperparameters, _instance_type(), foreign)
        made |= learned_until(forecast) if forecast else {}
        model = models.save(estimator, folder, contract, project.model.learned_as, features, made)
    say(f"model {model.sha256[:12]} saved, served by {model.served_by}")
    scaled_by = arrays if forecast else None
    _report("train", model, arrays, contract, scaled_by)
    if watched is not None:
        _report("validation", model, watched, contract, scaled_by)


def _fit(
    estimator: Any,
    hyperparameters: Mapping[str, str],
    contract: DataContract,
    arrays: Arrays,
    watched: Arrays | None,
) -> None:
    answers = prepared.target_values(arrays, contract)
    stated = hyperparameters.get(mitigation.REWEIGH)
    weights = mitigation.weights_for(stated, arrays, answers, contract) if stated else None
    columns = contract.feature_columns
    unseen = None
    if watched is not None:
        unseen = as_frame(watched, columns), prepared.target_values(watched, contract)
    fit(estimator, as_frame(arrays, columns), answers, weights, unseen)


@contextmanager
def _blaming(code: ModelCode) -> Iterator[None]:
    """Tells a failure of the team's code with its line; what they can mend is told as it is."""
    try:
        yield
    except ModelyardError:
        raise
    except Exception as error:
        traceback.print_exc()
        frames = traceback.extract_tb(error.__traceback__)
        here = Path.cwd()
        theirs = next((f for f in reversed(frames) if code.wrote(f.filename, here)), None)
        place = f" at {Path(theirs.filename).name} line {theirs.lineno}" if theirs else ""
        reason = f"{type(error).__name__}: {error}"
        raise TrainError(f"the model code of {code.package} failed{place}: {reason}") from None


def _report(
    name: str,
    model: models.Model,
    arrays: Arrays,
    contract: DataContract,
    scaled_by: Arrays | None,
) -> None:
    """Tells the metrics; a forecast's errors are scaled by the training rows."""
    answers = prepared.target_values(arrays, contract)
    if not len(answers):
        return
    scores = model.scores({column: arrays[column] for column in contract.features})
    say(f"metric {name}_rows={len(answers)}")
    found = (
        point_metrics(model.problem, answers, scores)
        if scaled_by is None
        else tested(arrays, scaled_by, contract).points(scores[:, 0])
    )
    for metric, value in found.items():
        if value is not None:
            say(f"metric {name}_{metric}={value:.6f}")


def _hyperparameters(project: Project) -> dict[str, str]:
    folder = Path(os.environ.get("SM_INPUT_CONFIG_DIR", "/opt/ml/input/config"))
    file = folder / "hyperparameters.json"
    if not file.is_file():
        return dict(project.training.hyperparameters)
    stated = json.loads(file.read_text(encoding="utf-8"))
    return {key: value for key, value in stated.items() if not key.startswith("sagemaker_")}


def _instance_type() -> str | None:
    """What SageMaker says the job runs on; nothing on a laptop."""
    folder = Path(os.environ.get("SM_INPUT_CONFIG_DIR", "/opt/ml/input/config"))
    file = folder / "resourceconfig.json"
    if not file.is_file():
        return None
    return json.loads(file.read_text(encoding="utf-8")).get("current_instance_type")


def _output_dir() -> Path:
    return Path(os.environ.get("SM_OUTPUT_DIR", "/opt/ml/output"))


if __name__ == "__main__":
    main()
