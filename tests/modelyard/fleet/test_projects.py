"""Projects are put together from what accounts answer; what one does not answer is told."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from modelyard.errors import ModelyardError
from modelyard.fleet import gather, projects
from modelyard.fleet.account import Account, Doors, opened
from modelyard.fleet.facts import Model, Pipeline, Release
from modelyard.fleet.gather import Answers
from modelyard.fleet.sources import Told
from tests.modelyard.fleet.known import ACCOUNT, MOMENT, PLACE, REGION, ago, record

ELSEWHERE = "999999999999"


def answers(account: str = ACCOUNT, **lists: Any) -> Answers:
    return Answers(Account(account, REGION), lists=lists)


def told(environment: str, **changes: Any) -> Told:
    return Told(record(environment, **changes), ago(3))


def test_environments_of_two_accounts_are_one_project() -> None:
    here = answers(
        pipelines={"loans": Pipeline(ago(4), ago(2))},
        tags={"loans": {"modelyard-version": "0.4.0", "template-version": "0.3.0"}},
        models={"loans": (Model(1, "Approved", ago(4)),)},
    )
    here.records = [told("dev")]
    there = answers(ELSEWHERE, releases={("loans", "prod"): Release(1, "done", ago(1))})
    there.records = [told("prod", account=ELSEWHERE)]
    heard = {PLACE: here, f"{ELSEWHERE}/{REGION}": there}
    (found,) = projects.projects(heard)
    assert [one.name for one in found.environments] == ["dev", "prod"]
    assert found.pipeline == Pipeline(ago(4), ago(2), "0.4.0", "0.3.0")
    assert (len(found.models), found.last_release) == (1, ago(1))
    assert found.unknown == {}


def test_two_projects_of_one_name_stay_two() -> None:
    here = answers()
    here.records = [told("dev"), told("dev", registry_account=ELSEWHERE)]
    assert len(list(projects.projects({PLACE: here}))) == 2


def test_a_registry_that_was_not_asked_is_not_taken_for_empty() -> None:
    here = answers()
    here.records = [told("prod", registry_account=ELSEWHERE)]
    (found,) = projects.projects({PLACE: here})
    assert set(found.unknown) == set(projects.OF_REGISTRY)
    assert "add its --profile" in found.unknown["models"]


class Refusing:
    """Clients of an account that answers nothing but what it is made with."""

    def __init__(self, code: str) -> None:
        self.code = code

    def get_paginator(self, operation: str) -> Any:
        def paginate(**_asked: Any) -> Any:
            raise ClientError({"Error": {"Code": self.code, "Message": "no"}}, operation)

        return type("Paginator", (), {"paginate": staticmethod(paginate)})


@pytest.mark.parametrize("code", ["AccessDeniedException", "ThrottlingException"])
def test_an_account_that_answers_nothing_is_a_list_of_gaps(code: str) -> None:
    from modelyard.fleet.account import SERVICES

    account = Account(ACCOUNT, REGION, clients=dict.fromkeys(SERVICES, Refusing(code)))
    found = projects.read(Doors((account,), {}), MOMENT, "0.5.0", 90, 4)
    assert found.projects == ()
    assert {gap.what for gap in found.gaps} == {"records", *gather.LISTS}
    assert all(gap.place == PLACE and "no" in gap.reason for gap in found.gaps)


def test_a_profile_whose_sign_in_has_expired_closes_no_other(
    aws: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = f"[good]\naws_access_key_id = {ACCOUNT}\naws_secret_access_key = sandbox\n"
    (tmp_path / "keys").write_text(keys)
    (tmp_path / "config").write_text(
        f"[profile good]\nregion = {REGION}\n[profile other]\nregion = {REGION}\n"
    )
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "keys"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    doors = opened(["good", "other", "good"], [], 2)
    assert [one.place for one in doors.accounts] == [PLACE]
    assert doors.closed == {"other": "no AWS credentials: sign in, or set AWS_PROFILE"}
    found = projects.read(doors, MOMENT, "0.5.0", 90, 2)
    assert [gap.place for gap in found.gaps] == ["--profile other"]


@pytest.mark.parametrize(
    ("profile", "told"),
    [("lost", "--profile lost: there is no such profile"), (None, "no region: give --region")],
)
def test_a_profile_that_cannot_be_used_is_one_line_with_its_fix(
    profile: str | None, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_DEFAULT_REGION", "AWS_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, os.devnull)
    with pytest.raises(ModelyardError, match=told):
        opened([profile] if profile else [], [], 2)


def test_a_defect_is_not_taken_for_a_gap() -> None:
    account = Account(ACCOUNT, REGION, clients={})
    with pytest.raises(KeyError):
        projects.read(Doors((account,), {}), MOMENT, "0.5.0", 90, 4)
