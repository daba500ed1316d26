"""IAM identity providers: whom an account believes."""

from __future__ import annotations

from urllib.parse import urlsplit

from sandbox.provider.errors import RefusedError
from sandbox.provider.handlers.base import Aws, Facts, Handler, Values, names, tag_list, tag_map
from sandbox.provider.identity import Identity


class SamlProvider(Handler):
    """An identity provider that speaks SAML."""

    token = "aws:iam/samlProvider:SamlProvider"
    known = names("name samlMetadataDocument")
    replaced_by = names("name")
    tagged = True
    named_by = "name"
    name_pattern = r"[\w._-]{1,128}"

    def validate(self, inputs: Facts) -> None:
        if len(str(inputs["samlMetadataDocument"])) < 1000:
            raise RefusedError("the SAML metadata document has fewer than AWS's 1000 characters")

    def identify(self, inputs: Values, facts: Values, identity: Identity) -> str:
        return str(self.outputs(inputs, facts, identity)["arn"])

    def outputs(self, inputs: Values, facts: Values, identity: Identity) -> Facts:
        return {"arn": identity.global_arn("iam", f"saml-provider/{inputs['name']}")}

    def create(self, aws: Aws, inputs: Values) -> Facts:
        aws.client("iam").create_saml_provider(
            Name=inputs["name"],
            SAMLMetadataDocument=inputs["samlMetadataDocument"],
            Tags=tag_list(inputs),
        )
        return {}

    def update(self, aws: Aws, inputs: Values, old: Values, facts: Values) -> None:
        aws.client("iam").update_saml_provider(
            SAMLProviderArn=self.identify(inputs, facts, aws.identity),
            SAMLMetadataDocument=inputs["samlMetadataDocument"],
        )

    def find(self, aws: Aws, inputs: Values) -> tuple[Facts, dict[str, str]] | None:
        arn = self.identify(inputs, {}, aws.identity)
        return {}, tag_map(aws.client("iam").get_saml_provider(SAMLProviderArn=arn).get("Tags"))

    def delete(self, aws: Aws, inputs: Values, facts: Values) -> None:
        aws.client("iam").delete_saml_provider(
            SAMLProviderArn=self.identify(inputs, facts, aws.identity)
        )


class OpenIdConnectProvider(Handler):
    """An identity provider that speaks OpenID Connect."""

    token = "aws:iam/openIdConnectProvider:OpenIdConnectProvider"
    known = names("url clientIdLists thumbprintLists")
    replaced_by = names("url")
    tagged = True

    def validate(self, inputs: Facts) -> None:
        if urlsplit(str(inputs["url"])).scheme != "https":
            raise RefusedError(f"the provider's url {inputs['url']} must begin with https://")

    def identify(self, inputs: Values, facts: Values, identity: Identity) -> str:
        return str(self.outputs(inputs, facts, identity)["arn"])

    def outputs(self, inputs: Values, facts: Values, identity: Identity) -> Facts:
        host = str(inputs["url"]).removeprefix("https://").rstrip("/")
        return {
            "arn": identity.global_arn("iam", f"oidc-provider/{host}"),
            "thumbprintLists": inputs.get("thumbprintLists") or [],
        }

    def create(self, aws: Aws, inputs: Values) -> Facts:
        aws.client("iam").create_open_id_connect_provider(
            Url=inputs["url"],
            ClientIDList=inputs["clientIdLists"],
            ThumbprintList=inputs.get("thumbprintLists") or [],
            Tags=tag_list(inputs),
        )
        return {}

    def update(self, aws: Aws, inputs: Values, old: Values, facts: Values) -> None:
        iam, arn = aws.client("iam"), self.identify(inputs, facts, aws.identity)
        before, after = set(old.get("clientIdLists", ())), set(inputs["clientIdLists"])
        for client in sorted(after - before):
            iam.add_client_id_to_open_id_connect_provider(
                OpenIDConnectProviderArn=arn, ClientID=client
            )
        for client in sorted(before - after):
            iam.remove_client_id_from_open_id_connect_provider(
                OpenIDConnectProviderArn=arn, ClientID=client
            )
        if inputs.get("thumbprintLists"):
            iam.update_open_id_connect_provider_thumbprint(
                OpenIDConnectProviderArn=arn, ThumbprintList=inputs["thumbprintLists"]
            )
        iam.tag_open_id_connect_provider(OpenIDConnectProviderArn=arn, Tags=tag_list(inputs))

    def find(self, aws: Aws, inputs: Values) -> tuple[Facts, dict[str, str]] | None:
        arn = self.identify(inputs, {}, aws.identity)
        found = aws.client("iam").get_open_id_connect_provider(OpenIDConnectProviderArn=arn)
        return {}, tag_map(found.get("Tags"))

    def delete(self, aws: Aws, inputs: Values, facts: Values) -> None:
        aws.client("iam").delete_open_id_connect_provider(
            OpenIDConnectProviderArn=self.identify(inputs, facts, aws.identity)
        )


HANDLERS = (SamlProvider(), OpenIdConnectProvider())
