"""Where evidence lies: buckets and folders, by the names that policies rely on."""

from modelyard.project import EnvironmentName, Project

APPROVALS = "approvals/"
RELEASES = "releases/"
VERIFICATIONS = "releases/verifications/"
CARDS = "reports/cards/"


def bucket_of(project: Project, environment: EnvironmentName, kind: str = "evidence") -> str:
    """A project's bucket by convention: an auditor of one environment cannot ask the others'."""
    account = project.environments[environment].account
    return f"{project.name}-{environment}-{kind}-{account}"
