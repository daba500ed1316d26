"""Whether a run kept what the reviewed project.yaml asks of its data."""

import json
from collections.abc import Mapping
from typing import Any

from modelyard.functions.service import Refused


def require_pseudonyms(facts: Mapping[str, str], manifest: Mapping[str, Any]) -> None:
    """The project.yaml in the image is its author's: it may list less than the reviewed one."""
    replaced = set(manifest.get("pseudonyms", {}).get("columns", ()))
    left = sorted(set(json.loads(facts["pseudonymised"])) - replaced)
    if left:
        raise Refused(
            f"the run did not replace {', '.join(left)} by pseudonyms, as the reviewed "
            "project.yaml asks; find out who changed it in the image, and delete the run's "
            "prepared rows"
        )
