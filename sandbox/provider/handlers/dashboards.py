"""CloudWatch dashboards."""

from __future__ import annotations

import json
from collections.abc import Mapping

from sandbox.provider.errors import RefusedError
from sandbox.provider.handlers import documents
from sandbox.provider.handlers.base import Aws, Facts, PutHandler, Values, names
from sandbox.provider.identity import Identity

COLUMNS = 24
MOST_WIDGETS = 500


class Dashboard(PutHandler):
    """A dashboard; its body is checked as CloudWatch checks it."""

    token = "aws:cloudwatch/dashboard:Dashboard"
    known = names("dashboardName dashboardBody")
    replaced_by = names("dashboardName")
    named_by = "dashboardName"
    name_pattern = r"[A-Za-z0-9_-]{1,255}"

    def validate(self, inputs: Facts) -> None:
        inputs["dashboardBody"] = documents.canonical(inputs["dashboardBody"])
        body = json.loads(inputs["dashboardBody"])
        widgets = body.get("widgets") if isinstance(body, Mapping) else None
        if not isinstance(widgets, list) or len(widgets) > MOST_WIDGETS:
            raise RefusedError("InvalidParameterInput: a dashboard has a list of up to 500 widgets")
        for number, widget in enumerate(widgets, 1):
            if not widget.get("type") or "properties" not in widget:
                raise RefusedError(f"InvalidParameterInput: widget {number} lacks type, properties")
            if widget.get("x", 0) + widget.get("width", 6) > COLUMNS:
                raise RefusedError(f"InvalidParameterInput: widget {number} leaves the grid")

    def outputs(self, inputs: Values, facts: Values, identity: Identity) -> Facts:
        name = inputs["dashboardName"]
        return {"dashboardArn": identity.global_arn("cloudwatch", f"dashboard/{name}")}

    def settle(self, aws: Aws, inputs: Values, facts: Values) -> None:
        aws.client("cloudwatch").put_dashboard(
            DashboardName=inputs["dashboardName"], DashboardBody=inputs["dashboardBody"]
        )

    def delete(self, aws: Aws, inputs: Values, facts: Values) -> None:
        aws.client("cloudwatch").delete_dashboards(DashboardNames=[inputs["dashboardName"]])


HANDLERS = (Dashboard(),)
