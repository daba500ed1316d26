"""`modelyard:index:Workspace`: one project in one environment, from any of Pulumi's languages.

Pulumi reads the schema from the annotations below as they are, hence no deferred ones here.
"""

import json
from pathlib import Path
from typing import NotRequired, TypedDict

import pulumi

from infra import settings as workspace_settings
from infra.base import provider
from infra.configuration import SettingsError, Values
from infra.contract import Contract
from infra.foundation import Foundation
from infra.workspace import Workspace as Composition

PROJECT = "modelyard"


class WorkspaceArgs(TypedDict):
    """What a workspace is made from: the keys of the workspace program's configuration."""

    project_file: str
    """Path of the model repo's project.yaml, relative to the program that uses the component."""

    environment: str
    """dev, staging or prod; the account and region are project.yaml's."""

    assume_role: NotRequired[str]
    """ARN of the infrastructure role to assume in the environment's account; without it the
    caller's own credentials act."""

    external_id: NotRequired[str]
    """What that role's trust policy asks for."""

    repository: NotRequired[str]
    """ORGANIZATION/REPOSITORY on GitHub whose workflows publish this project's model code."""

    studio: NotRequired[str]
    """on, or off for no Studio domain in dev."""

    pagers: NotRequired[dict[str, str]]
    """The addresses of the pagers that project.yaml names, by name; kept secret in the state."""

    slack_workspace: NotRequired[str]
    """Id of the Slack workspace whose channels project.yaml names."""


class Workspace(pulumi.ComponentResource):
    """Everything a project has in one environment, and its contract in the parameter store."""

    key_arn: pulumi.Output[str]
    """ARN of the project's key."""

    offered: pulumi.Output[str]
    """The data sets the project shares, for the stacks that borrow them: export it as offered."""

    contract: pulumi.Output[str]
    """Where in the parameter store the workspace's contract lies."""

    def __init__(
        self, name: str, args: WorkspaceArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("modelyard:index:Workspace", name, None, opts)
        settings = _settings(args)
        scope = settings.scope
        aws = provider(scope.prefix, scope.place, scope.tags, settings.assumed)
        inside = pulumi.ResourceOptions(parent=self, providers=[aws])
        workspace = Composition(settings, Foundation.of(scope.place), inside)
        Contract(f"{scope.prefix}-contract", settings, workspace.facts, inside)
        self.key_arn = pulumi.Output.from_input(workspace.facts.key_arn)
        self.offered = workspace.offered
        self.contract = pulumi.Output.from_input(f"/modelyard/{scope.project}/{scope.environment}/")
        self.register_outputs(
            {"keyArn": self.key_arn, "contract": self.contract, "offered": self.offered}
        )


def _settings(args: WorkspaceArgs) -> workspace_settings.Settings:
    if pulumi.get_project() != PROJECT:
        raise pulumi.RunError(
            f"the program is named '{pulumi.get_project()}'; name it '{PROJECT}' in Pulumi.yaml: "
            f"staging and prod read what the stack PROJECT.dev of '{PROJECT}' exports"
        )
    stated = {
        _camel(key): value if isinstance(value, str) else json.dumps(value)
        for key, value in args.items()
        if value
    }
    try:
        return workspace_settings.load(
            Values(pulumi.get_stack(), stated), Path(pulumi.get_root_directory())
        )
    except SettingsError as error:
        raise pulumi.RunError(str(error)) from None


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
