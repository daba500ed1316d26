"""Managed MLflow Apps."""

from __future__ import annotations

from sandbox.provider.handlers.base import (
    Aws,
    Facts,
    Handler,
    Values,
    given,
    names,
    tag_list,
    tag_map,
)
from sandbox.provider.identity import Identity, Seed


class MlflowApp(Handler):
    """A serverless MLflow."""

    token = "aws:sagemaker/mlflowApp:MlflowApp"
    known = names(
        "name artifactStoreUri roleArn modelRegistrationMode accountDefaultStatus "
        "defaultDomainIdLists weeklyMaintenanceWindowStart"
    )
    replaced_by = names("roleArn")
    tagged = True
    named_by = "name"
    name_pattern = r"(?=.{1,256}$)[a-zA-Z0-9](-*[a-zA-Z0-9])*"

    def invent(self, inputs: Values, seed: Seed, identity: Identity) -> Facts:
        return {"arn": identity.arn("sagemaker", f"mlflow-app/app-{seed.hex(12).upper()}")}

    def identify(self, inputs: Values, facts: Values, identity: Identity) -> str:
        return str(facts["arn"])

    def outputs(self, inputs: Values, facts: Values, identity: Identity) -> Facts:
        return {"arn": facts["arn"]}

    def create(self, aws: Aws, inputs: Values) -> Facts:
        answer = aws.client("sagemaker").create_mlflow_app(
            Tags=tag_list(inputs), **given(inputs, RoleArn="roleArn"), **_stated(inputs)
        )
        return {"arn": answer["Arn"]}

    def settle(self, aws: Aws, inputs: Values, facts: Values) -> None:
        """Creation is complete by itself."""

    def update(self, aws: Aws, inputs: Values, old: Values, facts: Values) -> None:
        sagemaker, arn = aws.client("sagemaker"), facts["arn"]
        sagemaker.update_mlflow_app(Arn=arn, **_stated(inputs))
        if before := sorted(old.get("tagsAll", {})):
            sagemaker.delete_tags(ResourceArn=arn, TagKeys=before)
        sagemaker.add_tags(ResourceArn=arn, Tags=tag_list(inputs))

    def find(self, aws: Aws, inputs: Values) -> tuple[Facts, dict[str, str]] | None:
        sagemaker = aws.client("sagemaker")
        for app in sagemaker.list_mlflow_apps()["Summaries"]:
            if app["Name"] == inputs["name"]:
                return {"arn": app["Arn"]}, tag_map(
                    sagemaker.list_tags(ResourceArn=app["Arn"])["Tags"]
                )
        return None

    def delete(self, aws: Aws, inputs: Values, facts: Values) -> None:
        aws.client("sagemaker").delete_mlflow_app(Arn=facts["arn"])


def _stated(inputs: Values) -> Facts:
    return given(
        inputs,
        Name="name",
        ArtifactStoreUri="artifactStoreUri",
        ModelRegistrationMode="modelRegistrationMode",
        AccountDefaultStatus="accountDefaultStatus",
        DefaultDomainIdList="defaultDomainIdLists",
        WeeklyMaintenanceWindowStart="weeklyMaintenanceWindowStart",
    )


HANDLERS = (MlflowApp(),)
