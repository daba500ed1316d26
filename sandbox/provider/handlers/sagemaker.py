"""SageMaker model package groups."""

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


class ModelPackageGroup(Handler):
    """The versions of one model."""

    token = "aws:sagemaker/modelPackageGroup:ModelPackageGroup"
    known = names("modelPackageGroupName modelPackageGroupDescription")
    replaced_by = known
    tagged = True
    named_by = "modelPackageGroupName"
    name_pattern = r"(?=.{1,63}$)[a-zA-Z0-9](-*[a-zA-Z0-9])*"

    def outputs(self, inputs: Values, facts: Values, identity: Identity) -> Facts:
        name = inputs["modelPackageGroupName"]
        return {"arn": identity.arn("sagemaker", f"model-package-group/{name}")}

    def create(self, aws: Aws, inputs: Values) -> Facts:
        aws.client("sagemaker").create_model_package_group(
            Tags=tag_list(inputs),
            **given(
                inputs,
                ModelPackageGroupName="modelPackageGroupName",
                ModelPackageGroupDescription="modelPackageGroupDescription",
            ),
        )
        return {}

    def update(self, aws: Aws, inputs: Values, old: Values, facts: Values) -> None:
        sagemaker = aws.client("sagemaker")
        arn = self.outputs(inputs, facts, aws.identity)["arn"]
        if gone := gone_tags(inputs, old):
            sagemaker.delete_tags(ResourceArn=arn, TagKeys=gone)
        sagemaker.add_tags(ResourceArn=arn, Tags=tag_list(inputs))

    def find(self, aws: Aws, inputs: Values) -> tuple[Facts, dict[str, str]] | None:
        arn = self.outputs(inputs, {}, aws.identity)["arn"]
        return {}, tag_map(aws.client("sagemaker").list_tags(ResourceArn=arn)["Tags"])

    def delete(self, aws: Aws, inputs: Values, facts: Values) -> None:
        aws.client("sagemaker").delete_model_package_group(
            ModelPackageGroupName=inputs["modelPackageGroupName"]
        )


class ModelPackageGroupPolicy(PutHandler):
    """Which other accounts may read the versions."""

    token = "aws:sagemaker/modelPackageGroupPolicy:ModelPackageGroupPolicy"
    known = names("modelPackageGroupName resourcePolicy")
    replaced_by = names("modelPackageGroupName")

    def validate(self, inputs: Facts) -> None:
        inputs["resourcePolicy"] = documents.policy(inputs["resourcePolicy"], documents.RESOURCE)

    def identify(self, inputs: Values, facts: Values, identity: Identity) -> str:
        return str(inputs["modelPackageGroupName"])

    def settle(self, aws: Aws, inputs: Values, facts: Values) -> None:
        aws.client("sagemaker").put_model_package_group_policy(
            ModelPackageGroupName=inputs["modelPackageGroupName"],
            ResourcePolicy=inputs["resourcePolicy"],
        )

    def delete(self, aws: Aws, inputs: Values, facts: Values) -> None:
        aws.client("sagemaker").delete_model_package_group_policy(
            ModelPackageGroupName=inputs["modelPackageGroupName"]
        )


HANDLERS = (ModelPackageGroup(), ModelPackageGroupPolicy())
