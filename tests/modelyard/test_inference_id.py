"""Ids of inferences: ours tell the version and the second, a caller's own tells nothing."""

from datetime import UTC, datetime

import pytest

from modelyard.inference_id import claim, made

NOW = datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=UTC)
ARN = "arn:aws:sagemaker:us-east-1:123456789012:model-package/loans/7"


def test_id_of_ours_tells_version_and_second() -> None:
    found = claim(made(ARN, NOW))
    assert found is not None
    assert (found.version, found.time) == (7, NOW.replace(microsecond=0))


def test_two_ids_of_one_second_differ() -> None:
    assert made(ARN, NOW) != made(ARN, NOW)


def test_id_fits_what_a_client_may_send_back() -> None:
    assert len(made(ARN.replace("/7", "/999999999"), NOW)) <= 64


@pytest.mark.parametrize(
    "inference_id",
    [
        "case-4711",
        "0b7f3f9e-2f3b-4c58-9c2e-0a3b1c2d3e4f",
        "7-20261399T999999Z-9f86d081884c7d65",
        "",
    ],
)
def test_other_ids_claim_nothing(inference_id: str) -> None:
    assert claim(inference_id) is None


def test_an_id_of_an_unregistered_model_claims_nothing() -> None:
    assert claim(made("unregistered/0123456789ab", NOW)) is None
