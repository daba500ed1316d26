"""The functions run in Lambda from what is shipped: nothing beyond boto3 and the library."""

import subprocess
import sys
from pathlib import Path

import pytest

from infra.function import SHIPPED

HANDLERS = (
    "registrar",
    "release",
    "verify",
    "watch",
    "publish_metrics",
    "retrain",
    "card",
    "track",
)
PROGRAM = """
import sys
sys.path.insert(0, {home!r})
sys.modules.update(dict.fromkeys(("pydantic", "yaml", "pandas", "numpy", "sagemaker")))
from modelyard.functions.{name} import handler
"""


@pytest.mark.parametrize("name", HANDLERS)
def test_handler_needs_only_boto3(name: str, root: Path, tmp_path: Path) -> None:
    source = root / "pipelines" / "modelyard"
    for pattern in SHIPPED:
        for file in source.glob(pattern):
            target = tmp_path / "modelyard" / file.relative_to(source)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(file.read_text(encoding="utf-8"), encoding="utf-8")
    program = PROGRAM.format(home=str(tmp_path), name=name)
    subprocess.run([sys.executable, "-c", program], check=True, cwd=tmp_path, timeout=60)
