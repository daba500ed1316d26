"""The model code, in R: features.R says what the model sees, model.R what it is."""
