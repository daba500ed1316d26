"""The committed pipeline is the one that project.yaml describes."""

from pathlib import Path

from modelyard.definition import render

ROOT = Path(__file__).resolve().parent.parent


def test_pipeline_is_up_to_date(project):
    committed = (ROOT / "pipeline.json").read_text()
    assert render(project) == committed, "run `make render` and commit pipeline.json"
