"""Saves the benchmark's model with MLflow; the peer's Python runs `mlflow_model.py FOLDER`."""

from __future__ import annotations

import sys

import mlflow.sklearn
from sklearn.datasets import make_classification
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

if __name__ == "__main__":
    features, target = make_classification(2000, 20, random_state=0)
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(features, target)
    mlflow.sklearn.save_model(model, sys.argv[1], serialization_format="skops")
