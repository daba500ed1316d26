"""Numbers, shares and names as a sentence writes them."""

from datetime import datetime, timedelta

_EPOCH = datetime(1970, 1, 1)
_DAY_LIMIT = 2_900_000


def short(number: float, kind: str = "number") -> str:
    """A number with about four digits; a day as a date."""
    if kind == "date" and -700_000 < number < _DAY_LIMIT:
        return (_EPOCH + timedelta(days=number)).date().isoformat()
    if number == 0:
        return "0"
    size = abs(number)
    if size >= 1e7 or size < 1e-3:
        return f"{number:.3g}"
    if size >= 1000:
        return f"{number:,.0f}"
    return f"{float(f'{number:.4g}'):g}"


def percent(share: float) -> str:
    """A share in percent, with a digit where it is small."""
    hundred = share * 100
    if 0 < hundred < 0.1:
        return "below 0.1 %"
    return f"{hundred:.1f} %" if hundred < 10 and round(hundred, 1) % 1 else f"{hundred:.0f} %"


def listed(names: list[str], most: int = 3) -> str:
    """Some names, quoted, and how many more there are."""
    told = ", ".join(f"'{name}'" for name in names[:most])
    return f"{told} and {len(names) - most} more" if len(names) > most else told
