"""Serves `modelyard:index:Workspace` to Pulumi's engine."""

from pulumi.provider.experimental import component_provider_host

from infra.component.workspace import Workspace

VERSION = "0.2.0"

if __name__ == "__main__":
    component_provider_host([Workspace], name="modelyard", version=VERSION)
