"""Runs in an environment of its own: smclarify's and fairlearn's answers to one case, as JSON."""

import json
import sys
from typing import Any

import pandas as pd
from fairlearn.metrics import demographic_parity_difference
from smclarify.bias.metrics import posttraining, pretraining

case: dict[str, Any] = json.load(sys.stdin)
facet, labels, decided, strata = (
    pd.Series(case[name]) for name in ("facet", "labels", "decided", "strata")
)
found = {
    "CI": pretraining.CI(labels, facet),
    "DPL": pretraining.DPL(labels, facet, labels),
    "CDDL": pretraining.CDDL(labels, facet, labels, strata),
    **{name: getattr(pretraining, name)(labels, facet) for name in ("KL", "JS", "LP", "TVD", "KS")},
    **{name: getattr(posttraining, name)(labels, facet, decided) for name in ("DPPL", "DI")},
    **{
        name: getattr(posttraining, name)(labels, facet, labels, decided)
        for name in ("DCA", "DCR", "RD", "SD", "DAR", "DRR", "AD", "TE")
    },
    "CDDPL": posttraining.CDDPL(labels, facet, decided, strata),
    "FT": posttraining.FT(pd.DataFrame(case["features"]), facet, decided),
    "GE": posttraining.GE(labels, decided),
}
parity = demographic_parity_difference(labels, decided, sensitive_features=facet)
json.dump(
    {
        "clarify": {name: float(value) for name, value in found.items()},
        "parity_difference": float(parity),
    },
    sys.stdout,
)
