"""The security group of the project's jobs: they reach S3 and each other, and nothing else."""

from __future__ import annotations

import pulumi

from infra import security_groups
from infra.base import Part
from infra.security_groups import NetworkArgs, Traffic

# Encrypted traffic between a job's containers is IPsec: UDP 500 and protocol 50, so every protocol
# within the group (Protect Communications Between ML Compute Instances).
CONTAINERS = Traffic("Containers of one job")


class JobNetwork(Part):
    """One security group per project and environment, by which policies recognise its jobs."""

    security_group: pulumi.Output[str]

    def __init__(self, name: str, args: NetworkArgs, opts: pulumi.ResourceOptions) -> None:
        super().__init__("modelyard:network:JobNetwork", name, opts)
        group = security_groups.reaching_s3(
            self,
            "jobs",
            args.scope.name("jobs"),
            f"Jobs and endpoints of {args.scope.project} in {args.scope.environment}",
            args,
        )
        security_groups.allow_itself(self, group, CONTAINERS)
        self.security_group = group.id
        self.register_outputs({"security_group": self.security_group})
