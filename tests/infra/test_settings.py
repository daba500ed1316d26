"""Every configuration mistake is one line that names the file, the key and the fix."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from infra import settings
from infra.account import settings as account_settings
from infra.configuration import SettingsError, Values
from infra.region import settings as region_settings
from infra.region.network_settings import NewNetwork
from sandbox.provider.errors import ProviderError
from sandbox.provider.graph import draw
from sandbox.provider.program import Program, Stack

if TYPE_CHECKING:
    from tests.infra.conftest import EstateOf

REGION = {"account": "123456789012", "region": "eu-west-1"}
ACCOUNT = {"account": "123456789012", "region": "eu-west-1"}


@pytest.fixture
def project(estate_of: EstateOf, tmp_path: Path) -> Path:
    """A valid project.yaml."""
    file = tmp_path / "project.yaml"
    file.write_text(yaml.safe_dump(dict(estate_of().document)))
    return file


def load(root: Path, config: Mapping[str, str], stack: str = "loans.dev") -> settings.Settings:
    """The settings of a workspace stack whose Pulumi.yaml lies in `root`."""
    return settings.load(Values(stack, config), root)


def test_relative_paths_start_beside_pulumi_yaml(project: Path) -> None:
    found = load(project.parent, {"projectFile": "project.yaml", "environment": "dev"})
    assert found.project.name == "loans"
    assert found.place.account == "111111111111"
    assert found.holds_registry
    assert sorted(found.consumers) == ["prod", "staging"]


def test_empty_values_count_as_absent(project: Path) -> None:
    config = {"projectFile": str(project), "environment": "dev", "assumeRole": ""}
    assert load(project.parent, config).assumed is None


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"projectFile": ""}, "modelyard:projectFile: is missing; run `pulumi config set"),
        ({"projectFile": "nowhere.yaml"}, "modelyard:projectFile: there is no file 'nowhere.yaml'"),
        ({"environment": ""}, "modelyard:environment: is missing"),
        ({"environment": "test"}, "modelyard:environment: 'test' is not valid; write one of dev"),
        ({"projectFlie": "x"}, "modelyard:projectFlie: unknown key; did you mean 'projectFile'?"),
        ({"colour": "red"}, "modelyard:colour: unknown key; known keys: assumeRole"),
        ({"assumeRole": "admin"}, "modelyard:assumeRole: 'admin' is not valid; write a role's ARN"),
        (
            {"assumeRole": "arn:aws:iam::999999999999:role/infra"},
            "is not in account 111111111111, where project.yaml puts dev",
        ),
        ({"externalId": "x"}, "modelyard:externalId: 'x' is not valid; write what the role"),
        ({"externalId": "ours"}, "modelyard:externalId: has no effect without"),
        ({"repository": "models"}, "modelyard:repository: 'models' is not valid; write ORGANIZ"),
        ({"environment": "prod"}, "the stack is named 'loans.dev', but project.yaml and modelyard"),
    ],
)
def test_workspace_mistake_is_one_line(
    project: Path, change: Mapping[str, str], message: str
) -> None:
    config = {"projectFile": str(project), "environment": "dev", **change}
    with pytest.raises(SettingsError) as caught:
        load(project.parent, config)
    text = str(caught.value)
    assert text.startswith("Pulumi.loans.dev.yaml: ")
    assert message in text
    assert "\n" not in text


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"colour": "red"}, "colour: unknown key"),
        ({"owner": None}, "owner"),
        ({"name": "Loans!"}, "name"),
    ],
)
def test_projects_own_mistakes_are_passed_on(
    estate_of: EstateOf, tmp_path: Path, change: dict[str, Any], message: str
) -> None:
    file = tmp_path / "project.yaml"
    file.write_text(yaml.safe_dump(dict(estate_of(**change).document)))
    with pytest.raises(SettingsError, match=message) as caught:
        load(tmp_path, {"projectFile": "project.yaml", "environment": "dev"})
    assert "project.yaml: " in str(caught.value)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"account": "12"}, "modelyard:account: '12' is not valid; write the twelve digits"),
        ({"region": "europe"}, "modelyard:region: 'europe' is not valid; write a region"),
        ({"region": "us-east-1"}, "the stack is named '123456789012.eu-west-1', but modelyard:acc"),
        ({"cidr": "8.8.0.0/16"}, "modelyard:cidr: '8.8.0.0/16' is not a private network"),
        ({"cidr": "10.0.0.0/24"}, "modelyard:cidr: '10.0.0.0/24' is not valid"),
        ({"cidr": "10.1.2.3/16"}, "modelyard:cidr: '10.1.2.3/16' is not a private network"),
        ({"zones": "eu-west-1a"}, "modelyard:zones: expected a list, found 'eu-west-1a'"),
        ({"zones": '["eu-west-1a"]'}, "modelyard:zones: names 1 zones; name two or three"),
        ({"zones": '["eu-west-1a", "eu-west-2a"]'}, "modelyard:zones: 'eu-west-2a' is not in"),
        ({"registryAccounts": '["x"]'}, "modelyard:registryAccounts: 'x' is not valid"),
        ({"colour": "x"}, "modelyard:colour: unknown key"),
    ],
)
def test_region_mistake_is_one_line(change: Mapping[str, str], message: str) -> None:
    with pytest.raises(SettingsError) as caught:
        region_settings.load(Values("123456789012.eu-west-1", {**REGION, **change}))
    assert str(caught.value).startswith("Pulumi.123456789012.eu-west-1.yaml: ")
    assert message in str(caught.value)


def test_region_has_defaults() -> None:
    found = region_settings.load(Values("123456789012.eu-west-1", REGION))
    assert found.network == NewNetwork("10.42.0.0/16", ("eu-west-1a", "eu-west-1b"))
    assert found.registry_accounts == ()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"samlMetadataFile": "gone.xml"}, "modelyard:samlMetadataFile: cannot read 'gone.xml'"),
        ({"samlMetadataFile": "plain.xml"}, "'plain.xml' is not SAML metadata; export the XML"),
        ({"githubOrganization": "a/b"}, "modelyard:githubOrganization: 'a/b' is not valid"),
        ({"account": "210987654321"}, "the stack is named '123456789012', but modelyard:account"),
    ],
)
def test_account_mistake_is_one_line(
    tmp_path: Path, change: Mapping[str, str], message: str
) -> None:
    (tmp_path / "plain.xml").write_text("<a/>")
    with pytest.raises(SettingsError) as caught:
        account_settings.load(Values("123456789012", {**ACCOUNT, **change}), tmp_path)
    assert str(caught.value).startswith("Pulumi.123456789012.yaml: ")
    assert message in str(caught.value)


def test_program_reports_a_mistake_without_a_traceback(root: Path) -> None:
    config = {"modelyard:account": "123456789012", "modelyard:region": "nowhere"}
    stack = Stack(Program(root / "infra" / "region"), "123456789012.nowhere", config)
    with pytest.raises(ProviderError) as caught:
        draw(stack, {})
    assert str(caught.value) == (
        "Pulumi.123456789012.nowhere.yaml: modelyard:region: 'nowhere' is not valid; "
        "write a region such as us-east-1"
    )
