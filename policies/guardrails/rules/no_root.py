"""Nobody works as root, and nobody works on a notebook instance."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final

from policies.guardrails.resource import Estate, Resource
from policies.guardrails.rule import Rule, Severity

_NOTEBOOK: Final = "aws:sagemaker/notebookInstance:NotebookInstance"
_SCRIPT: Final = (
    "aws:sagemaker/notebookInstanceLifecycleConfiguration:NotebookInstanceLifecycleConfiguration"
)
_IMAGE: Final = "aws:sagemaker/appImageConfig:AppImageConfig"
_APPS: Final = ("codeEditorAppImageConfig", "jupyterLabImageConfig", "kernelGatewayImageConfig")


def check(resource: Resource, _: Estate) -> Iterator[str]:
    """Notebook instances are refused whole: root there holds the execution role's credentials."""
    if resource.type == _IMAGE:
        for app in _APPS:
            if resource.value(app, "fileSystemConfig", "defaultUid") == 0:
                yield f"{app} runs as root"
    else:
        yield "notebook instances give root, the internet and a role to whoever opens them"


RULE = Rule(
    id="no-root",
    control="Nobody works as root; there are no notebook instances.",
    severity=Severity.HIGH,
    owner="platform-security",
    rationale="Root on a notebook installs anything, runs at every start and acts as its role.",
    remedy="Work in Studio with a user's own execution role and a default user other than root.",
    references=(
        "Security Hub SageMaker.1",
        "Security Hub SageMaker.3",
        "Security Hub SageMaker.8",
        "ISO/IEC 42001 A.6",
    ),
    effective=date(2026, 11, 21),
    types=frozenset({_NOTEBOOK, _SCRIPT, _IMAGE}),
    check=check,
)
