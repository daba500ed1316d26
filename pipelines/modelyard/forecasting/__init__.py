"""Forecasting: series as a table that any regression learns from, and rows to ask it about.

    from modelyard import forecasting
    rows = forecasting.rows(history)        # a frame of recent raw rows, beside project.yaml
    # send {"instances": rows} to the endpoint; row["forecast_of"] says what each predicts

`supervised` makes the training table of raw rows, by the data contract that `derived` gives.
"""

from modelyard.forecasting.contract import derived
from modelyard.forecasting.keys import KEY, ForecastKey
from modelyard.forecasting.requests import rows, rows_of
from modelyard.forecasting.supervised import Supervised, supervised

__all__ = ["KEY", "ForecastKey", "Supervised", "derived", "rows", "rows_of", "supervised"]
