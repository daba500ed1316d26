"""The organization program's configuration as one frozen object."""

from __future__ import annotations

from dataclasses import dataclass

from infra.base import Place
from infra.configuration import ACCOUNT, REGION, TAG, Assumed, Form, Values
from infra.organization import assignments
from infra.organization.assignments import Assignment

KEYS = (
    "account",
    "region",
    "assumeRole",
    "externalId",
    "identityCenter",
    "userAttribute",
    "assignments",
    "serviceControlTargets",
    "regions",
    "costTags",
    "owner",
    "costCenter",
)
DEFAULT_OWNER = "platform"
DEFAULT_ATTRIBUTE = "${path:userName}"
DEFAULT_COST_TAGS = ("project", "env", "owner", "cost-center", "risk")
INSTANCE = Form(
    r"arn:aws:sso:::instance/(sso)?ins-[a-zA-Z0-9.-]{16}",
    "write the ARN of the Identity Center instance (`aws sso-admin list-instances`)",
)
ATTRIBUTE = Form(
    r"existing|\$\{(path|user|subject|metadata|idp):[\w.:]+\}",
    "write the attribute that is a person's key, such as ${path:userName}, or existing",
)
TARGET = Form(
    r"r-[0-9a-z]{4,32}|ou-[0-9a-z]{4,32}-[0-9a-z]{8,32}|\d{12}",
    "write the id of a root, a unit or an account of the organization",
)
TAG_KEY = Form(r"[\w.:/=+@-]{1,128}", "write a tag's key such as project")


@dataclass(frozen=True)
class OrganizationSettings:
    """The management account, or the one to which it delegated."""

    place: Place
    assumed: Assumed | None
    identity_center: str | None
    user_attribute: str | None
    assignments: tuple[Assignment, ...]
    service_control_targets: tuple[str, ...]
    regions: tuple[str, ...]
    cost_tags: tuple[str, ...]
    owner: str
    cost_center: str


def load(values: Values) -> OrganizationSettings:
    """The settings of an organization's stack."""
    values.only(KEYS)
    place = Place(values.required("account", ACCOUNT), values.required("region", REGION))
    instance = values.optional("identityCenter", INSTANCE)
    assigned = assignments.load(values)
    if assigned and instance is None:
        raise values.problem(
            "identityCenter", f"is missing, but modelyard:assignments needs it; {INSTANCE.fix}"
        )
    attribute = values.optional("userAttribute", ATTRIBUTE) or DEFAULT_ATTRIBUTE
    targets = values.several("serviceControlTargets", TARGET)
    regions = values.several("regions", REGION)
    if targets and not regions:
        raise values.problem(
            "regions", f"is missing: the only ones accounts may use; {REGION.fix}, one per item"
        )
    return OrganizationSettings(
        place=place,
        assumed=values.assumed(),
        identity_center=instance,
        user_attribute=None if attribute == "existing" else attribute,
        assignments=assigned,
        service_control_targets=targets,
        regions=regions,
        cost_tags=(
            values.several("costTags", TAG_KEY)
            if values.stated.get("costTags")
            else DEFAULT_COST_TAGS
        ),
        owner=values.optional("owner", TAG) or DEFAULT_OWNER,
        cost_center=values.optional("costCenter", TAG) or DEFAULT_OWNER,
    )
