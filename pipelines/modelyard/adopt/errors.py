"""Why a repo cannot be adopted as it is; every line says where and what to do."""

from modelyard.errors import ModelyardError


class AdoptError(ModelyardError):
    """What stands between a repo and its adoption; one line per thing."""

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems
