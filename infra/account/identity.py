"""How people and CI prove who they are: the company's SAML provider, GitHub's and GitLab's OIDC."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra.account.settings import Provider
from infra.base import Part

SAML_PROVIDER = "modelyard"
GITHUB_ISSUER = "https://token.actions.githubusercontent.com"
GITHUB_AUDIENCE = "sts.amazonaws.com"


@dataclass(frozen=True)
class IdentityArgs:
    """Each provider to be made or adopted, or neither: then nobody arrives that way."""

    saml: Provider
    github: Provider
    gitlab: Provider


class Identity(Part):
    """Providers only say whom to believe; each role's trust policy says who may assume it."""

    saml_provider_arn: pulumi.Output[str] | None
    github_provider_arn: pulumi.Output[str] | None
    gitlab_provider_arn: pulumi.Output[str] | None

    def __init__(self, name: str, args: IdentityArgs, opts: pulumi.ResourceOptions) -> None:
        super().__init__("modelyard:account:Identity", name, opts)
        self.saml_provider_arn = self._saml(args.saml)
        github = Provider(args.github.source and GITHUB_ISSUER, args.github.arn)
        self.github_provider_arn = self._oidc("github", github, GITHUB_AUDIENCE)
        # A GitLab job asks for a token with GitLab's own address as audience.
        self.gitlab_provider_arn = self._oidc("gitlab", args.gitlab, args.gitlab.source)
        self.register_outputs({})

    def _saml(self, provider: Provider) -> pulumi.Output[str] | None:
        if provider.source is None:
            return pulumi.Output.from_input(provider.arn) if provider.arn else None
        return aws.iam.SamlProvider(
            self.child("saml"),
            name=SAML_PROVIDER,
            saml_metadata_document=provider.source,
            opts=self.inside,
        ).arn

    def _oidc(
        self, what: str, provider: Provider, audience: str | None
    ) -> pulumi.Output[str] | None:
        if provider.source is None or audience is None:
            return pulumi.Output.from_input(provider.arn) if provider.arn else None
        # No thumbprints: AWS trusts the issuer's certificate authority itself.
        return aws.iam.OpenIdConnectProvider(
            self.child(what),
            url=provider.source,
            client_id_lists=[audience],
            opts=self.inside,
        ).arn
