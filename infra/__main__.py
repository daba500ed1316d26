"""The workspace program: read the settings, build the workspace, publish its contract."""

import pulumi

from infra import settings as workspace_settings
from infra.base import provider
from infra.configuration import or_run_error
from infra.contract import Contract
from infra.foundation import Foundation
from infra.workspace import Workspace


def main() -> None:
    """One project in one environment."""
    settings = or_run_error(workspace_settings.from_stack)
    scope = settings.scope
    aws = provider(scope.prefix, scope.place, scope.tags, settings.assumed)
    opts = pulumi.ResourceOptions(providers=[aws])
    workspace = Workspace(settings, Foundation.of(scope.place), opts)
    Contract(f"{scope.prefix}-contract", settings, workspace.facts, opts)
    pulumi.export("key_arn", workspace.facts.key_arn)
    pulumi.export("offered", workspace.offered)
    pulumi.export("contract", f"/modelyard/{scope.project}/{scope.environment}/")


main()
