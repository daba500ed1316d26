"""How people and CI prove who they are: the company's SAML provider and GitHub's OIDC."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra.base import Part

SAML_PROVIDER = "modelyard"
GITHUB_ISSUER = "https://token.actions.githubusercontent.com"


@dataclass(frozen=True)
class IdentityArgs:
    """SAML metadata as text, and whether GitHub's tokens are trusted at all."""

    saml_metadata: str | None
    github_organization: str | None


class Identity(Part):
    """Providers only say whom to believe; each role's trust policy says who may assume it."""

    saml_provider_arn: pulumi.Output[str] | None = None
    github_provider_arn: pulumi.Output[str] | None = None

    def __init__(self, name: str, args: IdentityArgs, opts: pulumi.ResourceOptions) -> None:
        super().__init__("modelyard:account:Identity", name, opts)
        if args.saml_metadata is not None:
            self.saml_provider_arn = aws.iam.SamlProvider(
                self.child("saml"),
                name=SAML_PROVIDER,
                saml_metadata_document=args.saml_metadata,
                opts=self.inside,
            ).arn
        if args.github_organization is not None:
            # No thumbprints: AWS trusts the issuer's certificate authority itself.
            self.github_provider_arn = aws.iam.OpenIdConnectProvider(
                self.child("github"),
                url=GITHUB_ISSUER,
                client_id_lists=["sts.amazonaws.com"],
                opts=self.inside,
            ).arn
        self.register_outputs({})
