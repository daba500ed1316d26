"""Parameter Store: a page of a path costs what it holds, however many parameters there are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.ssm.exceptions import ValidationException
from moto.ssm.models import PARAMETER_BY_PATH_MAX_RESULTS, SimpleSystemManagerBackend

if TYPE_CHECKING:
    from sandbox.runtime import Sandbox


def install(sandbox: Sandbox) -> None:
    """Read the parameters of the page only; moto reads all of the path for each page."""
    filtered = SimpleSystemManagerBackend.get_parameters_by_path

    def get_parameters_by_path(
        self: SimpleSystemManagerBackend,
        path: str,
        recursive: bool,
        filters: list[dict[str, Any]] | None = None,
        next_token: str | None = None,
        max_results: int = PARAMETER_BY_PATH_MAX_RESULTS,
    ) -> tuple[list[Any], str | None]:
        if filters or max_results > PARAMETER_BY_PATH_MAX_RESULTS:
            return filtered(self, path, recursive, filters, next_token, max_results)
        if next_token and not next_token.isdigit():
            raise ValidationException("The specified token is not valid.")
        below, begin = f"{path.rstrip('/')}/", int(next_token or 0)
        # A copy first: others write parameters meanwhile.
        self._parameters._check_loading_status(below)
        names = [
            name
            for name in list(self._parameters)
            if name.startswith(below) and (recursive or "/" not in name[len(below) :])
        ]
        end = begin + max_results
        page = [one for name in names[begin:end] if (one := self.get_parameter(name))]
        return page, str(end) if end < len(names) else None

    SimpleSystemManagerBackend.get_parameters_by_path = get_parameters_by_path
