"""A model with a past, for every test of tracing."""

import pytest

from modelyard.project import Project
from tests.modelyard.trace.known import Known, known


@pytest.fixture
def past(project: Project) -> Known:
    """Version 1 in prod with two predictions."""
    return known(project)
