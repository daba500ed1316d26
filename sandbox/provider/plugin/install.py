"""Puts the plugin where Pulumi's engine looks for the provider `aws`."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

VERSION = "7.51.1"
CHECKOUT = Path(__file__).resolve().parents[3]


def install(pulumi_home: Path) -> Path:
    """Write the plugin's launcher below `pulumi_home`; its path."""
    folder = pulumi_home / "plugins" / f"resource-aws-v{VERSION}"
    folder.mkdir(parents=True, exist_ok=True)
    launcher = folder / "pulumi-resource-aws"
    # The engine starts it in the program's folder, so the checkout must be named.
    launcher.write_text(
        "#!/bin/sh\n"
        f"PYTHONPATH={shlex.quote(str(CHECKOUT))}${{PYTHONPATH:+:$PYTHONPATH}} "
        f'exec {shlex.quote(sys.executable)} -m sandbox.provider.plugin "$@"\n'
    )
    launcher.chmod(0o755)
    return launcher
