"""The model is written in R, in features.R and model.R; this is where the platform finds it."""

from modelyard.r import model_of

build_model = model_of(__package__)
