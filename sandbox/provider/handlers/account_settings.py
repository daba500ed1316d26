"""Settings that an account has once, or once per region, whether anybody made them or not."""

from __future__ import annotations

from sandbox.provider.handlers.base import Aws, Facts, PutHandler, Values, capitalised, given, names
from sandbox.provider.handlers.s3_settings import PUBLIC_ACCESS
from sandbox.provider.identity import Identity


class AccountPublicAccessBlock(PutHandler):
    """No bucket of the account is public, whatever its own settings say."""

    token = "aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock"
    known = names("accountId") | set(PUBLIC_ACCESS)
    replaced_by = names("accountId")

    def identify(self, inputs: Values, facts: Values, identity: Identity) -> str:
        return str(inputs.get("accountId") or identity.account)

    def outputs(self, inputs: Values, facts: Values, identity: Identity) -> Facts:
        return {
            "accountId": self.identify(inputs, facts, identity),
            **{name: inputs.get(name, False) for name in PUBLIC_ACCESS},
        }

    def settle(self, aws: Aws, inputs: Values, facts: Values) -> None:
        block = {name: inputs.get(name, False) for name in PUBLIC_ACCESS}
        aws.client("s3control").put_public_access_block(
            AccountId=self.identify(inputs, facts, aws.identity),
            PublicAccessBlockConfiguration=capitalised(block),
        )

    def delete(self, aws: Aws, inputs: Values, facts: Values) -> None:
        aws.client("s3control").delete_public_access_block(
            AccountId=self.identify(inputs, facts, aws.identity)
        )


class RegionalSetting(PutHandler):
    """A setting whose id is its region."""

    def identify(self, inputs: Values, facts: Values, identity: Identity) -> str:
        return identity.region


class EncryptionByDefault(RegionalSetting):
    """Whether new volumes are encrypted unasked."""

    token = "aws:ebs/encryptionByDefault:EncryptionByDefault"
    known = names("enabled")

    def settle(self, aws: Aws, inputs: Values, facts: Values) -> None:
        if inputs.get("enabled", True):
            aws.client("ec2").enable_ebs_encryption_by_default()
        else:
            aws.client("ec2").disable_ebs_encryption_by_default()

    def delete(self, aws: Aws, inputs: Values, facts: Values) -> None:
        aws.client("ec2").disable_ebs_encryption_by_default()


class InstanceMetadataDefaults(RegionalSetting):
    """How new instances hand out their credentials."""

    token = "aws:ec2/instanceMetadataDefaults:InstanceMetadataDefaults"
    known = names("httpEndpoint httpPutResponseHopLimit httpTokens instanceMetadataTags")

    def settle(self, aws: Aws, inputs: Values, facts: Values) -> None:
        aws.client("ec2").modify_instance_metadata_defaults(
            **given(
                inputs,
                HttpEndpoint="httpEndpoint",
                HttpPutResponseHopLimit="httpPutResponseHopLimit",
                HttpTokens="httpTokens",
                InstanceMetadataTags="instanceMetadataTags",
            )
        )

    def delete(self, aws: Aws, inputs: Values, facts: Values) -> None:
        none: Facts = {"HttpTokens": "no-preference", "HttpEndpoint": "no-preference"}
        aws.client("ec2").modify_instance_metadata_defaults(**none, HttpPutResponseHopLimit=-1)


HANDLERS = (AccountPublicAccessBlock(), EncryptionByDefault(), InstanceMetadataDefaults())
