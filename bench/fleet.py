"""`fleet_s_1000`: `modelyard fleet` over a thousand projects, accounts and all, from the shell."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench import fleet_data
from bench.measure import Row, lower_is_better, progress

COUNT = 1000
# As many as it takes: an account's quota of parameters ends at 82 projects (docs/quotas.md).
ACCOUNTS = 13
REPEATS = 3


def fleet(count: int, accounts: int) -> list[Row]:
    """Seconds from the command line to the last line, page included; the best of a few runs.

    The accounts are a sandbox's, a process of its own on the same cores: what it takes to answer is
    in the figure, and the way to AWS is not.
    """
    from sandbox.journey import server

    among = fleet_data.accounts(accounts)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with server.serving(folder) as url:
            progress(f"filling {accounts} accounts with {count} projects")
            fleet_data.fill(url, count, among)
            progress(f"listing {count} projects")
            seconds = min(_listed(url, among, count, folder) for _ in range(REPEATS))
    return [lower_is_better(f"fleet_s_{count}", "s, page and all", seconds, None, None)]


def _listed(url: str, among: list[str], count: int, folder: Path) -> float:
    config, keys = fleet_data.profiles(among)
    (folder / "config").write_text(config)
    (folder / "keys").write_text(keys)
    kept = {key: value for key, value in os.environ.items() if not key.startswith("AWS_")}
    environment = {
        **kept,
        "AWS_CONFIG_FILE": str(folder / "config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(folder / "keys"),
        "AWS_ENDPOINT_URL": url,
    }
    asked = [word for one in among for word in ("--profile", one)]
    command = [str(Path(sys.executable).with_name("modelyard")), "fleet", *asked]
    begin = time.perf_counter()
    done = subprocess.run(
        [*command, "--json", "--html", str(folder / "fleet.html")],
        env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    seconds = time.perf_counter() - begin
    found = json.loads(done.stdout)["counts"]["projects"]
    if found != count:
        raise RuntimeError(f"{found} projects listed of {count}")
    return seconds


def rows() -> list[Row]:
    """The rows of this file."""
    return fleet(COUNT, ACCOUNTS)
