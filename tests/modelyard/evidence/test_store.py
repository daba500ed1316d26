"""Buckets are found by the name that the programs give them."""

import pytest

from infra.base import Place, Scope
from modelyard.evidence.store import bucket_of
from modelyard.project import ENVIRONMENTS, EnvironmentName, Project


@pytest.mark.parametrize("kind", ["evidence", "raw", "predictions"])
@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_bucket_has_the_name_that_the_workspace_gave_it(
    project: Project, environment: EnvironmentName, kind: str
) -> None:
    stated = project.environments[environment]
    place = Place(stated.account, stated.region)
    scope = Scope(project.name, environment, place, "owner", "4711", "high")
    assert bucket_of(project, environment, kind) == scope.bucket(kind)
