"""SageMaker Studio: domains, user profiles and spaces."""

from __future__ import annotations

from typing import Any

from sandbox.provider.handlers.base import (
    Aws,
    Facts,
    Handler,
    Values,
    capitalised,
    given,
    names,
    tag_list,
    tag_map,
)
from sandbox.provider.identity import Identity, Seed

NAME = r"(?=.{1,63}$)[a-zA-Z0-9](-*[a-zA-Z0-9])*"
# Inputs whose name on the wire is not their name in the API with a capital.
SPELLED = {"AutoMountHomeEfs": "AutoMountHomeEFS"}


class Domain(Handler):
    """A domain: the place of a project's people, with a network, a key and defaults."""

    token = "aws:sagemaker/domain:Domain"
    known = names(
        "domainName authMode vpcId subnetIds appNetworkAccessType kmsKeyId defaultUserSettings "
        "domainSettings retentionPolicy tagPropagation"
    )
    replaced_by = names("domainName authMode vpcId kmsKeyId")
    tagged = True
    named_by = "domainName"
    name_pattern = NAME

    def invent(self, inputs: Values, seed: Seed, identity: Identity) -> Facts:
        return {"id": f"d-{seed.hex(12)}", "efs": f"fs-{seed.hex(17)}"}

    def identify(self, inputs: Values, facts: Values, identity: Identity) -> str:
        return str(facts["id"])

    def outputs(self, inputs: Values, facts: Values, identity: Identity) -> Facts:
        return {
            "arn": identity.arn("sagemaker", f"domain/{facts['id']}"),
            "url": f"https://{facts['id']}.studio.{identity.region}.sagemaker.aws",
            "homeEfsFileSystemId": facts["efs"],
        }

    def create(self, aws: Aws, inputs: Values) -> Facts:
        sagemaker = aws.client("sagemaker")
        answer = sagemaker.create_domain(
            Tags=tag_list(inputs),
            DefaultUserSettings=_settings(inputs["defaultUserSettings"]),
            **_settings(_some(inputs, "domainSettings")),
            **given(
                inputs,
                DomainName="domainName",
                AuthMode="authMode",
                VpcId="vpcId",
                SubnetIds="subnetIds",
                AppNetworkAccessType="appNetworkAccessType",
                KmsKeyId="kmsKeyId",
                TagPropagation="tagPropagation",
            ),
        )
        return self._facts(sagemaker, answer["DomainArn"].rpartition("/")[2])

    def settle(self, aws: Aws, inputs: Values, facts: Values) -> None:
        """Creation is complete by itself."""

    def update(self, aws: Aws, inputs: Values, old: Values, facts: Values) -> None:
        sagemaker = aws.client("sagemaker")
        settings = _settings(inputs.get("domainSettings") or {})
        sagemaker.update_domain(
            DomainId=facts["id"],
            DefaultUserSettings=_settings(inputs["defaultUserSettings"]),
            **({"DomainSettingsForUpdate": settings} if settings else {}),
            **given(
                inputs,
                SubnetIds="subnetIds",
                AppNetworkAccessType="appNetworkAccessType",
                TagPropagation="tagPropagation",
            ),
        )
        _retag(sagemaker, self.outputs(inputs, facts, aws.identity)["arn"], inputs, old)

    def find(self, aws: Aws, inputs: Values) -> tuple[Facts, dict[str, str]] | None:
        sagemaker = aws.client("sagemaker")
        for one in sagemaker.list_domains()["Domains"]:
            if one["DomainName"] == inputs["domainName"]:
                tags = sagemaker.list_tags(ResourceArn=one["DomainArn"])["Tags"]
                return self._facts(sagemaker, one["DomainId"]), tag_map(tags)
        return None

    def delete(self, aws: Aws, inputs: Values, facts: Values) -> None:
        retention = (inputs.get("retentionPolicy") or {}).get("homeEfsFileSystem", "Retain")
        aws.client("sagemaker").delete_domain(
            DomainId=facts["id"], RetentionPolicy={"HomeEfsFileSystem": retention}
        )

    def _facts(self, sagemaker: Any, domain: str) -> Facts:
        efs = sagemaker.describe_domain(DomainId=domain)["HomeEfsFileSystemId"]
        return {"id": domain, "efs": efs}


class UserProfile(Handler):
    """A person in a domain."""

    token = "aws:sagemaker/userProfile:UserProfile"
    known = names("domainId userProfileName userSettings")
    replaced_by = names("domainId userProfileName")
    tagged = True
    named_by = "userProfileName"
    name_pattern = NAME

    def identify(self, inputs: Values, facts: Values, identity: Identity) -> str:
        return str(self.outputs(inputs, facts, identity)["arn"])

    def outputs(self, inputs: Values, facts: Values, identity: Identity) -> Facts:
        path = f"user-profile/{inputs['domainId']}/{inputs['userProfileName']}"
        return {"arn": identity.arn("sagemaker", path)}

    def create(self, aws: Aws, inputs: Values) -> Facts:
        aws.client("sagemaker").create_user_profile(Tags=tag_list(inputs), **_profile(inputs))
        return {}

    def settle(self, aws: Aws, inputs: Values, facts: Values) -> None:
        """Creation is complete by itself."""

    def update(self, aws: Aws, inputs: Values, old: Values, facts: Values) -> None:
        sagemaker = aws.client("sagemaker")
        sagemaker.update_user_profile(**_profile(inputs))
        _retag(sagemaker, self.outputs(inputs, facts, aws.identity)["arn"], inputs, old)

    def find(self, aws: Aws, inputs: Values) -> tuple[Facts, dict[str, str]] | None:
        arn = self.outputs(inputs, {}, aws.identity)["arn"]
        return {}, tag_map(aws.client("sagemaker").list_tags(ResourceArn=arn)["Tags"])

    def delete(self, aws: Aws, inputs: Values, facts: Values) -> None:
        aws.client("sagemaker").delete_user_profile(
            DomainId=inputs["domainId"], UserProfileName=inputs["userProfileName"]
        )


class Space(Handler):
    """A place to work: one application with its disk."""

    token = "aws:sagemaker/space:Space"
    known = names(
        "domainId spaceName spaceDisplayName spaceSettings ownershipSettings spaceSharingSettings"
    )
    replaced_by = names("domainId spaceName ownershipSettings spaceSharingSettings")
    tagged = True
    named_by = "spaceName"
    name_pattern = NAME

    def identify(self, inputs: Values, facts: Values, identity: Identity) -> str:
        return str(self.outputs(inputs, facts, identity)["arn"])

    def outputs(self, inputs: Values, facts: Values, identity: Identity) -> Facts:
        path = f"space/{inputs['domainId']}/{inputs['spaceName']}"
        return {"arn": identity.arn("sagemaker", path)}

    def create(self, aws: Aws, inputs: Values) -> Facts:
        fixed = _settings(_some(inputs, "ownershipSettings", "spaceSharingSettings"))
        aws.client("sagemaker").create_space(Tags=tag_list(inputs), **_space(inputs), **fixed)
        return {}

    def settle(self, aws: Aws, inputs: Values, facts: Values) -> None:
        """Creation is complete by itself."""

    def update(self, aws: Aws, inputs: Values, old: Values, facts: Values) -> None:
        sagemaker = aws.client("sagemaker")
        sagemaker.update_space(**_space(inputs))
        _retag(sagemaker, self.outputs(inputs, facts, aws.identity)["arn"], inputs, old)

    def find(self, aws: Aws, inputs: Values) -> tuple[Facts, dict[str, str]] | None:
        arn = self.outputs(inputs, {}, aws.identity)["arn"]
        return {}, tag_map(aws.client("sagemaker").list_tags(ResourceArn=arn)["Tags"])

    def delete(self, aws: Aws, inputs: Values, facts: Values) -> None:
        aws.client("sagemaker").delete_space(
            DomainId=inputs["domainId"], SpaceName=inputs["spaceName"]
        )


def _profile(inputs: Values) -> Facts:
    return {
        **given(inputs, DomainId="domainId", UserProfileName="userProfileName"),
        **_settings(_some(inputs, "userSettings")),
    }


def _space(inputs: Values) -> Facts:
    return {
        **given(
            inputs, DomainId="domainId", SpaceName="spaceName", SpaceDisplayName="spaceDisplayName"
        ),
        **_settings(_some(inputs, "spaceSettings")),
    }


def _some(inputs: Values, *wanted: str) -> Facts:
    return {name: inputs[name] for name in wanted if inputs.get(name)}


def _settings(settings: Values) -> Facts:
    """Nested settings as the API writes them."""
    spelled: Facts = _spelled(capitalised(settings))
    return spelled


def _spelled(value: Any) -> Any:
    if isinstance(value, dict):
        return {SPELLED.get(key, key): _spelled(inner) for key, inner in value.items()}
    return value


def _retag(sagemaker: Any, arn: str, inputs: Values, old: Values) -> None:
    if before := sorted(old.get("tagsAll", {})):
        sagemaker.delete_tags(ResourceArn=arn, TagKeys=before)
    sagemaker.add_tags(ResourceArn=arn, Tags=tag_list(inputs))


HANDLERS = (Domain(), UserProfile(), Space())
