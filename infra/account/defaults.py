"""What holds in the whole account whatever anybody makes: nothing public, volumes encrypted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra.base import Part


@dataclass(frozen=True)
class DefaultsArgs:
    """The account, and a provider for each region whose settings are an account's by region."""

    account: str
    regions: Mapping[str, aws.Provider]


class Defaults(Part):
    """S3 is never public; in each region volumes are encrypted and instances ask for a session."""

    def __init__(self, name: str, args: DefaultsArgs, opts: pulumi.ResourceOptions) -> None:
        super().__init__("modelyard:account:Defaults", name, opts)
        aws.s3.AccountPublicAccessBlock(
            self.child("no-public-buckets"),
            account_id=args.account,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            # `destroy` must not open what other people's buckets came to rely on.
            opts=self.kept,
        )
        for region, provider in args.regions.items():
            there = pulumi.ResourceOptions.merge(
                self.kept, pulumi.ResourceOptions(provider=provider)
            )
            aws.ebs.EncryptionByDefault(self.child(f"volumes-{region}"), enabled=True, opts=there)
            aws.ec2.InstanceMetadataDefaults(
                self.child(f"metadata-{region}"),
                http_tokens="required",
                http_put_response_hop_limit=2,
                opts=there,
            )
        self.register_outputs({})
