"""Cost allocation tags: by which tags the bill can be read."""

from __future__ import annotations

from sandbox.provider.errors import RefusedError
from sandbox.provider.handlers.base import Aws, Facts, PutHandler, Values, names
from sandbox.provider.identity import Identity


class CostAllocationTag(PutHandler):
    """Whether the bill is broken down by a tag; the tag itself stays when this goes."""

    token = "aws:costexplorer/costAllocationTag:CostAllocationTag"
    known = names("tagKey status")
    replaced_by = names("tagKey")

    def identify(self, inputs: Values, facts: Values, identity: Identity) -> str:
        return str(inputs["tagKey"])

    def outputs(self, inputs: Values, facts: Values, identity: Identity) -> Facts:
        return {"type": "UserDefined"}

    def settle(self, aws: Aws, inputs: Values, facts: Values) -> None:
        self._put(aws, inputs["tagKey"], inputs["status"])

    def delete(self, aws: Aws, inputs: Values, facts: Values) -> None:
        self._put(aws, inputs["tagKey"], "Inactive")

    def _put(self, aws: Aws, key: str, status: str) -> None:
        answer = aws.client("ce").update_cost_allocation_tags_status(
            CostAllocationTagsStatus=[{"TagKey": key, "Status": status}]
        )
        # Cost Explorer answers 200 even where it refuses.
        for refusal in answer.get("Errors") or ():
            raise RefusedError(f"{refusal['Code']}: {refusal['Message']}")


HANDLERS = (CostAllocationTag(),)
