"""What was reviewed counts, not what the image's own project.yaml says."""

import pytest

from modelyard.functions.reviewed_data import require_pseudonyms
from modelyard.functions.service import Refused

FACTS = {"pseudonymised": '["guarantor","person"]'}


def test_run_that_replaced_what_was_reviewed_is_registered() -> None:
    require_pseudonyms(FACTS, {"pseudonyms": {"columns": ["guarantor", "note", "person"]}})


@pytest.mark.parametrize(
    ("manifest", "left"),
    [({}, "guarantor, person"), ({"pseudonyms": {"columns": ["person"]}}, "guarantor")],
)
def test_run_that_left_names_in_is_refused(manifest: dict[str, object], left: str) -> None:
    with pytest.raises(Refused, match=f"the run did not replace {left} by pseudonyms"):
        require_pseudonyms(FACTS, manifest)


def test_project_without_pseudonyms_asks_for_none() -> None:
    require_pseudonyms({"pseudonymised": "[]"}, {})
