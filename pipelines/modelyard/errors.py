"""What can go wrong by a user's hand or an environment's state, each as one line with its fix."""


class ModelyardError(Exception):
    """A mistake that its reader can mend; the command line prints it and exits with 1."""


class ProjectError(ModelyardError):
    """project.yaml does not state a valid project; one line per problem."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class WorkspaceError(ModelyardError):
    """The infrastructure contract is absent or incomplete."""


class DefinitionError(ModelyardError):
    """A pipeline definition cannot be rendered, or is not what SageMaker accepts."""


class RunError(ModelyardError):
    """A pipeline run failed or was refused."""


class RegistryError(ModelyardError):
    """A model package is absent or may not be changed."""


class ReleaseError(ModelyardError):
    """A release did not reach its endpoint."""


class CardError(ModelyardError):
    """A model card cannot be made, or is not what its package says."""


class EvidenceError(ModelyardError):
    """A report or record is not what was written, or does not agree with what is stored."""


class TraceError(ModelyardError):
    """A prediction or a data set of which nothing is known."""


class DecisionError(ModelyardError):
    """A decision that cannot be explained or reviewed from what is stored."""
