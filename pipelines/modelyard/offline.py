"""A place to run AWS's SDK where it can neither reach a network nor see the user's settings."""

import logging
import os
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3

from modelyard.errors import DefinitionError

# The SDK sends a request home on every decorated call unless its own settings file says not to.
_SETTINGS = """\
SchemaVersion: '1.0'
SageMaker:
  PythonSDK:
    Modules:
      TelemetryOptOut: true
"""


@contextmanager
def offline(region: str) -> Iterator[boto3.Session]:
    """A session whose calls are refused, in an environment that decides nothing."""
    saved = dict(os.environ)
    with tempfile.TemporaryDirectory() as directory, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        settings = Path(directory, "sagemaker.yaml")
        settings.write_text(_SETTINGS, encoding="utf-8")
        disabled = logging.root.manager.disable
        logging.disable(logging.WARNING)
        try:
            _clear_settings()
            os.environ.update(
                AWS_ACCESS_KEY_ID="offline",
                AWS_SECRET_ACCESS_KEY="offline",
                AWS_DEFAULT_REGION=region,
                AWS_CONFIG_FILE=os.devnull,
                AWS_SHARED_CREDENTIALS_FILE=os.devnull,
                AWS_EC2_METADATA_DISABLED="true",
                SAGEMAKER_ADMIN_CONFIG_OVERRIDE=str(settings),
                SAGEMAKER_USER_CONFIG_OVERRIDE=str(settings),
                SAGEMAKER_VALIDATE_ROLE="false",
            )
            session = boto3.Session(region_name=region)
            session.events.register("before-call", _refuse)
            yield session
        finally:
            logging.disable(disabled)
            os.environ.clear()
            os.environ.update(saved)


def _clear_settings() -> None:
    for name in list(os.environ):
        if name.startswith(("AWS_", "SAGEMAKER_")):
            del os.environ[name]


def _refuse(model: Any, **_: Any) -> None:
    raise DefinitionError(
        f"rendering must not call AWS, but the SageMaker SDK asked for {model.name}; "
        f"pin the SDK version this platform was tested with"
    )
