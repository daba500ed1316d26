"""Endpoint configurations: what they refer to must exist, and what excludes what is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.sagemaker.models import FakeEndpointConfig

from sandbox.compute.endpoint_config_rules import faults
from sandbox.compute.operations import Request, install_operations, invalid, unsupported

if TYPE_CHECKING:
    from sandbox.runtime import Sandbox

UNSUPPORTED = ("ExplainerConfig", "ExecutionRoleArn", "CrossRegionTrafficConfig")
KEPT = {
    "ShadowProductionVariants": "shadow_production_variants",
    "VpcConfig": "vpc_config",
    "EnableNetworkIsolation": "enable_network_isolation",
    "MetricsConfig": "metrics_config",
}


def create(request: Request) -> dict[str, Any]:
    """CreateEndpointConfig."""
    scope, name = request.scope, request.get("EndpointConfigName")
    if name in scope.backend.endpoint_configs:
        arn = scope.arn("endpoint-config", name)
        raise invalid(f'Cannot create already existing endpoint configuration "{arn}".')
    for member in UNSUPPORTED:
        if request.get(member):
            raise unsupported(member)
    for fault in faults(scope, request.parameters):
        raise invalid(fault)
    config = scope.backend.create_endpoint_config(
        endpoint_config_name=name,
        production_variants=request.get("ProductionVariants"),
        data_capture_config=request.get("DataCaptureConfig"),
        async_inference_config=request.get("AsyncInferenceConfig"),
        tags=request.get("Tags"),
        kms_key_id=request.get("KmsKeyId"),
    )
    config.arn = config.endpoint_config_arn  # moto keeps a tuple, which its tag operations trip on
    for member, attribute in KEPT.items():
        if request.get(member) is not None:
            setattr(config, attribute, request.get(member))
    return {"EndpointConfigArn": config.endpoint_config_arn}


def install(sandbox: Sandbox) -> None:
    """Replace moto's version, which takes any name on trust."""
    # moto knows the instance types of years ago; the service's model has been checked by now.
    FakeEndpointConfig.validate_instance_type = lambda self, instance_type: None
    install_operations(sandbox, {"CreateEndpointConfig": create})
