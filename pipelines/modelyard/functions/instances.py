"""Which instance types bring their own encrypted disk, for which AWS refuses a volume key."""

import re

_DISK_FAMILIES = frozenset({"g5", "g6", "g6e", "gr6", "p5", "p5e", "p5en", "p6", "trn1", "trn1n"})


def has_local_disk(instance_type: str) -> bool:
    """Whether VolumeKmsKeyId and KmsKeyId must be left out (Nitro instances with local storage).

    A `d` after the generation says so (m5d, g4dn, p4d), storage families always (i3, i4i), and a
    few accelerated families without saying it. AWS: ResourceConfig, VolumeKmsKeyId.
    """
    family = instance_type.removeprefix("ml.").split(".")[0]
    named = re.fullmatch(r"(?P<kind>[a-z]+)[0-9]+(?P<traits>[a-z0-9-]*)", family)
    if family in _DISK_FAMILIES or named is None:
        return family in _DISK_FAMILIES
    return "d" in named["traits"] or named["kind"] in ("i", "im", "is")
