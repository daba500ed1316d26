"""Where the fleet is asked: an account and region per pair of profile and region."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from modelyard.aws import explain
from modelyard.errors import ModelyardError

SERVICES = ("ssm", "sagemaker", "resourcegroupstaggingapi", "cloudwatch", "budgets")
# SSM takes 40 reads a second from an account unless it was told otherwise, SageMaker's lists fewer:
# adaptive mode keeps to what is answered, and tries again what is throttled.
_ATTEMPTS = 6


@dataclass(frozen=True)
class Account:
    """One region of an account, with clients that several threads may share."""

    id: str
    region: str
    profile: str | None = None
    clients: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def place(self) -> str:
        return f"{self.id}/{self.region}"


@dataclass(frozen=True)
class Doors:
    """The accounts that can be asked, and by profile why another cannot."""

    accounts: tuple[Account, ...]
    closed: Mapping[str, str]


def opened(profiles: Sequence[str], regions: Sequence[str], threads: int) -> Doors:
    """An account per profile and region; one that two profiles lead to is asked once.

    A profile that leads nowhere (its sign-in has expired) closes no other; where none leads
    anywhere, AWS's error is raised.
    """
    from botocore.exceptions import BotoCoreError, ClientError
    from botocore.loaders import Loader

    # One loader: the services' models are read once, not once an account.
    loader = Loader()
    found: dict[str, Account] = {}
    closed: dict[str, str] = {}
    for profile in profiles or (None,):
        try:
            for account in _of_profile(profile, regions, loader, threads):
                found.setdefault(account.place, account)
        except (BotoCoreError, ClientError) as error:
            if profile is None or len(profiles) == 1:
                raise
            closed[profile] = explain(error)
    if not found:
        raise ModelyardError("\n".join(f"--profile {one}: {why}" for one, why in closed.items()))
    return Doors(tuple(found.values()), closed)


def _of_profile(
    profile: str | None, regions: Sequence[str], loader: Any, threads: int
) -> list[Account]:
    import boto3
    import botocore.session
    from botocore.config import Config

    bare = botocore.session.Session(profile=profile)
    bare.register_component("data_loader", loader)
    if profile is not None and profile not in bare.available_profiles:
        raise ModelyardError(
            f"--profile {profile}: there is no such profile; add it to ~/.aws/config"
        )
    session: Any = boto3.Session(botocore_session=bare)
    stated = regions or ([session.region_name] if session.region_name else [])
    if not stated:
        raise ModelyardError("no region: give --region, or state one in the profile")
    config = Config(
        retries={"mode": "adaptive", "max_attempts": _ATTEMPTS}, max_pool_connections=threads
    )
    account = session.client("sts", region_name=stated[0]).get_caller_identity()["Account"]
    return [
        Account(
            str(account),
            region,
            profile,
            {name: session.client(name, region_name=region, config=config) for name in SERVICES},
        )
        for region in stated
    ]
