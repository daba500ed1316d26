"""Every price says its unit, source, tag and date, and a contradiction in the table is refused."""

from __future__ import annotations

import re
from pathlib import Path

import pulumi_aws
import pytest
import yaml

from sandbox.cost.prices import FILE, Price, PriceTableError, price_table

TABLE = price_table()


@pytest.mark.parametrize("price", TABLE.prices.values(), ids=lambda price: price.name)
def test_price_has_provenance(price: Price) -> None:
    assert price.usd > 0
    assert price.per and price.source
    assert re.fullmatch(r"\[[SKU] 20\d\d-\d\d\]", price.provenance)


def test_every_price_is_used_or_documented() -> None:
    used = {charge.price.name for charges in TABLE.charged.values() for charge in charges}
    assert set(TABLE.prices) - used == {"instance-ml-m5-large"}


@pytest.mark.parametrize("kind", [*TABLE.charged, *TABLE.free])
def test_type_exists_in_the_provider(kind: str) -> None:
    _, module, name = kind.split(":")
    folder = Path(pulumi_aws.__file__).parent
    spelled = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()
    place = folder / {"lambda": "lambda_"}.get(module.split("/")[0], module.split("/")[0])
    assert f'"{kind}"' in (place / f"{spelled}.py").read_text()


@pytest.mark.parametrize(
    ("section", "entry", "message"),
    [
        ("free", {"aws:kms/key:Key": "surely"}, "both charged and free"),
        ("charged", {"aws:x/y:Y": [{"price": "nothing", "quantity": "one"}]}, "unknown price"),
        ("prices", {"x": {"usd": 1, "per": "x", "tag": "Q", "date": "2026", "source": "x"}}, "tag"),
    ],
)
def test_contradiction_is_refused(
    tmp_path: Path, section: str, entry: dict[str, object], message: str
) -> None:
    content = yaml.safe_load(FILE.read_text())
    content[section] |= entry
    file = tmp_path / "prices.yaml"
    file.write_text(yaml.safe_dump(content))
    with pytest.raises(PriceTableError, match=message):
        price_table(file)
