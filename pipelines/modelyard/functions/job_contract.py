"""What the build pipeline's jobs are called and run with: written by the renderer, re-checked by
the registrar, so that a pipeline edited to judge itself is not registered."""

from collections.abc import Mapping

JOB_ROOT = "/opt/ml"
INPUT = f"{JOB_ROOT}/processing/input"
OUTPUT = f"{JOB_ROOT}/processing/output"

PREPARE, TRAIN, EVALUATE = "Prepare", "Train", "Evaluate"
GATE, REGISTER, GATE_UNMET = "Gate", "Register", "GateUnmet"

SPLITS = ("train", "validation", "test")
CHANNELS = ("train", "validation")
PREPARED = (*SPLITS, "manifest")
JUDGED = ("manifest", "model", "test", "train")
EVALUATION = "evaluation"
# The model to beat; where none is approved yet, a folder that Prepare leaves without a model.
CHAMPION, NOBODY = "champion", "nobody"

ENTRYPOINTS: Mapping[str, tuple[str, ...]] = {
    PREPARE: ("python", "-m", "modelyard.jobs.prepare"),
    EVALUATE: ("python", "-m", "modelyard.jobs.evaluate"),
}
ARGUMENTS: Mapping[str, tuple[str, ...]] = {
    PREPARE: ("--data", f"{INPUT}/data", "--output", OUTPUT),
    EVALUATE: (
        *(word for name in (*JUDGED, CHAMPION) for word in (f"--{name}", f"{INPUT}/{name}")),
        "--output",
        OUTPUT,
    ),
}
CODE_COMMIT = "MODELYARD_CODE_COMMIT"
# When a run began, for rows that expire; the pipeline states it, so that a repetition drops alike.
RUN_TIME = "MODELYARD_RUN_TIME"
# The input with the key that pseudonyms are made with, and where it lies in the artifacts bucket.
KEY_FOLDER, KEY_FILE = "pseudonyms", "key.json"
KEY_PREFIX = f"{KEY_FOLDER}/current"
