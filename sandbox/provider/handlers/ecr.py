"""ECR repositories with their policies."""

from __future__ import annotations

from sandbox.provider.handlers import documents
from sandbox.provider.handlers.base import (
    Aws,
    Facts,
    Handler,
    PutHandler,
    Values,
    given,
    gone_tags,
    names,
    tag_list,
    tag_map,
)
from sandbox.provider.identity import Identity


class Repository(Handler):
    """A repository of images."""

    token = "aws:ecr/repository:Repository"
    known = names(
        "name forceDelete imageScanningConfiguration imageTagMutability encryptionConfigurations"
    )
    replaced_by = names("name encryptionConfigurations")
    tagged = True
    named_by = "name"
    name_pattern = r"(?=.{2,256}$)[a-z0-9]+([._/-][a-z0-9]+)*"

    def outputs(self, inputs: Values, facts: Values, identity: Identity) -> Facts:
        name = inputs["name"]
        host = f"{identity.account}.dkr.ecr.{identity.region}.amazonaws.com"
        return {
            "arn": identity.arn("ecr", f"repository/{name}"),
            "registryId": identity.account,
            "repositoryUrl": f"{host}/{name}",
        }

    def create(self, aws: Aws, inputs: Values) -> Facts:
        request = given(inputs, repositoryName="name", imageTagMutability="imageTagMutability")
        if inputs.get("imageScanningConfiguration"):
            request["imageScanningConfiguration"] = inputs["imageScanningConfiguration"]
        for encryption in inputs.get("encryptionConfigurations") or ():
            request["encryptionConfiguration"] = encryption
        aws.client("ecr").create_repository(**request, tags=tag_list(inputs))
        return {}

    def update(self, aws: Aws, inputs: Values, old: Values, facts: Values) -> None:
        ecr, name = aws.client("ecr"), inputs["name"]
        ecr.put_image_tag_mutability(
            repositoryName=name, imageTagMutability=inputs.get("imageTagMutability", "MUTABLE")
        )
        scanning = inputs.get("imageScanningConfiguration") or {"scanOnPush": False}
        ecr.put_image_scanning_configuration(
            repositoryName=name, imageScanningConfiguration=scanning
        )
        arn = self.outputs(inputs, facts, aws.identity)["arn"]
        if gone := gone_tags(inputs, old):
            ecr.untag_resource(resourceArn=arn, tagKeys=gone)
        ecr.tag_resource(resourceArn=arn, tags=tag_list(inputs))

    def find(self, aws: Aws, inputs: Values) -> tuple[Facts, dict[str, str]] | None:
        arn = self.outputs(inputs, {}, aws.identity)["arn"]
        return {}, tag_map(aws.client("ecr").list_tags_for_resource(resourceArn=arn)["tags"])

    def delete(self, aws: Aws, inputs: Values, facts: Values) -> None:
        aws.client("ecr").delete_repository(
            repositoryName=inputs["name"], force=bool(inputs.get("forceDelete"))
        )


class RepositorySetting(PutHandler):
    """What a repository's policies share."""

    known = names("repository policy")
    replaced_by = names("repository")

    def identify(self, inputs: Values, facts: Values, identity: Identity) -> str:
        return str(inputs["repository"])

    def outputs(self, inputs: Values, facts: Values, identity: Identity) -> Facts:
        return {"registryId": identity.account}


class RepositoryPolicy(RepositorySetting):
    """Who may pull and push."""

    token = "aws:ecr/repositoryPolicy:RepositoryPolicy"

    def validate(self, inputs: Facts) -> None:
        inputs["policy"] = documents.policy(inputs["policy"], documents.REPOSITORY)

    def settle(self, aws: Aws, inputs: Values, facts: Values) -> None:
        aws.client("ecr").set_repository_policy(
            repositoryName=inputs["repository"], policyText=inputs["policy"]
        )

    def delete(self, aws: Aws, inputs: Values, facts: Values) -> None:
        aws.client("ecr").delete_repository_policy(repositoryName=inputs["repository"])


class LifecyclePolicy(RepositorySetting):
    """Which images go, and when."""

    token = "aws:ecr/lifecyclePolicy:LifecyclePolicy"

    def validate(self, inputs: Facts) -> None:
        inputs["policy"] = documents.canonical(inputs["policy"])

    def settle(self, aws: Aws, inputs: Values, facts: Values) -> None:
        aws.client("ecr").put_lifecycle_policy(
            repositoryName=inputs["repository"], lifecyclePolicyText=inputs["policy"]
        )

    def delete(self, aws: Aws, inputs: Values, facts: Values) -> None:
        aws.client("ecr").delete_lifecycle_policy(repositoryName=inputs["repository"])


HANDLERS = (Repository(), RepositoryPolicy(), LifecyclePolicy())
