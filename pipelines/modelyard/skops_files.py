"""skops files: trusted types only, and the same bytes for the same estimator."""

import re
import zipfile
from pathlib import Path
from typing import Any

from modelyard.errors import ModelyardError

# Classes of scikit-learn rebuild their state; its functions, and anyone else's code, are refused.
_TRUSTED = re.compile(
    r"sklearn\.[\w.]+\.(_[a-z]\w*\.)?_?[A-Z]\w*|numpy\.(dtype|random\._pickle\.\w+)"
)
# skops names objects and arrays by their address in memory.
_ADDRESS = re.compile(r'("__id__": )(\d+)|("file": ")([^"]+)(\.[a-z]+")')
_EPOCH = (1980, 1, 1, 0, 0, 0)


class EstimatorError(ModelyardError):
    """An estimator that cannot be scored or kept; the message says what to use instead."""


def dump(estimator: Any, file: Path) -> None:
    """Writes an estimator; EstimatorError names a type that could not be loaded again."""
    import skops.io

    skops.io.dump(estimator, file)
    _trusted_types(file)
    _forget_addresses(file)


def load(file: Path) -> Any:
    """The estimator in a file, if it holds trusted types only."""
    import skops.io

    return skops.io.load(file, trusted=_trusted_types(file))


def _trusted_types(file: Path) -> list[str]:
    import skops.io

    types: list[str] = skops.io.get_untrusted_types(file=file)
    refused = [name for name in types if not _TRUSTED.fullmatch(name)]
    if refused:
        raise EstimatorError(
            f"the model holds {', '.join(refused)}, which is not a type of scikit-learn and so "
            "cannot be loaded safely: use scikit-learn's own transformers and estimators in "
            "build_features and build_model"
        )
    return types


def _forget_addresses(file: Path) -> None:
    with zipfile.ZipFile(file) as archive:
        content = {name: archive.read(name) for name in archive.namelist()}
    order: dict[str, str] = {}

    def numbered(found: re.Match[str]) -> str:
        before, address, quote, name, after = found.groups()
        number = order.setdefault(address or name, str(len(order) + 1))
        return f"{before}{number}" if address else f"{quote}{number}{after}"

    schema = _ADDRESS.sub(numbered, content.pop("schema.json").decode())
    renamed = {_renamed(name, order): data for name, data in content.items()}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in sorted({**renamed, "schema.json": schema.encode()}.items()):
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), data, zipfile.ZIP_DEFLATED)


def _renamed(name: str, order: dict[str, str]) -> str:
    stem, dot, suffix = name.rpartition(".")
    return f"{order.get(stem, stem)}{dot}{suffix}"
