"""Flow logs of networks."""

from __future__ import annotations

from sandbox.provider.errors import RefusedError
from sandbox.provider.handlers.base import Aws, Facts, Values, given, names
from sandbox.provider.handlers.ec2 import Ec2Handler


class FlowLog(Ec2Handler):
    """Who talked to whom in a network; nothing but its tags can change."""

    token = "aws:ec2/flowLog:FlowLog"
    # Two logs of one network to one destination are one too many (FlowLogAlreadyExists).
    alone = True
    known = names(
        "vpcId trafficType logDestination logDestinationType iamRoleArn logFormat "
        "maxAggregationInterval"
    )
    replaced_by = known
    resource = "vpc-flow-log"
    prefix = "fl"

    def validate(self, inputs: Facts) -> None:
        to_logs = inputs.get("logDestinationType", "cloud-watch-logs") == "cloud-watch-logs"
        if to_logs and not inputs.get("iamRoleArn"):
            raise RefusedError("InvalidParameter: flow logs to a log group need iamRoleArn")
        if inputs.get("maxAggregationInterval", 600) not in (60, 600):
            raise RefusedError("InvalidParameter: maxAggregationInterval is 60 or 600 seconds")

    def create(self, aws: Aws, inputs: Values) -> Facts:
        answer = aws.client("ec2").create_flow_logs(
            ResourceType="VPC",
            ResourceIds=[inputs["vpcId"]],
            **given(
                inputs,
                TrafficType="trafficType",
                LogDestination="logDestination",
                LogDestinationType="logDestinationType",
                DeliverLogsPermissionArn="iamRoleArn",
                LogFormat="logFormat",
                MaxAggregationInterval="maxAggregationInterval",
            ),
            **self.tagging(inputs),
        )
        # EC2 answers 200 even where it refuses.
        for refusal in answer.get("Unsuccessful") or ():
            raise RefusedError(f"{refusal['Error']['Code']}: {refusal['Error']['Message']}")
        return {"id": answer["FlowLogIds"][0]}

    def update(self, aws: Aws, inputs: Values, old: Values, facts: Values) -> None:
        self.retag(aws, inputs, old, facts)

    def delete(self, aws: Aws, inputs: Values, facts: Values) -> None:
        aws.client("ec2").delete_flow_logs(FlowLogIds=[facts["id"]])


HANDLERS = (FlowLog(),)
