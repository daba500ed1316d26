"""The adapter from graph to Terraform is faithful: names, blocks, references, policies."""

from __future__ import annotations

from typing import Any

import pytest

from tests.infra.terraform import UnknownBlockError, configuration, type_of

BUCKET = "aws:s3/bucket:Bucket"
VERSIONING = "aws:s3/bucketVersioning:BucketVersioning"
LIFECYCLE = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"


def resource(kind: str, name: str, *needs: str, **inputs: Any) -> dict[str, Any]:
    """One resource, with the id it would have."""
    return {
        "urn": name,
        "type": kind,
        "name": name,
        "dependencies": list(needs),
        "inputs": inputs,
        "outputs": {"id": inputs.get("bucket", name)},
    }


@pytest.mark.parametrize(
    ("token", "name"),
    [
        (BUCKET, "aws_s3_bucket"),
        ("aws:ec2/vpcEndpoint:VpcEndpoint", "aws_vpc_endpoint"),
        ("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
         "aws_vpc_security_group_egress_rule"),
        ("aws:iam/openIdConnectProvider:OpenIdConnectProvider", "aws_iam_openid_connect_provider"),
        ("aws:cloudwatch/metricAlarm:MetricAlarm", "aws_cloudwatch_metric_alarm"),
        ("aws:cloudtrail/trail:Trail", "aws_cloudtrail"),
    ],
)  # fmt: skip
def test_types_have_their_terraform_name(token: str, name: str) -> None:
    assert type_of(token) == name


def test_blocks_are_singular_and_maps_are_not_blocks() -> None:
    text = configuration(
        [resource(LIFECYCLE, "l", rules=[{"id": "a"}, {"id": "b"}], tagsAll={"env": "dev"})]
    )
    assert text.count("rule {") == 2
    assert 'tags = {"env": "dev"}' in text


def test_list_of_blocks_without_a_known_name_is_refused() -> None:
    with pytest.raises(UnknownBlockError, match="oddities"):
        configuration([resource(BUCKET, "b", oddities=[{"x": 1}])])


def test_value_is_a_reference_to_its_origin() -> None:
    text = configuration(
        [
            resource(BUCKET, "b", bucket="loans"),
            resource(VERSIONING, "v", "b", bucket="loans"),
            resource(LIFECYCLE, "l", "v", bucket="loans"),
        ]
    )
    assert text.count("bucket = aws_s3_bucket.b.id") == 2


def test_iam_variables_survive_in_policies() -> None:
    text = configuration([resource(BUCKET, "b", policy='{"a": "${aws:PrincipalTag/user}"}')])
    assert 'policy = jsonencode({"a": "$${aws:PrincipalTag/user}"})' in text
