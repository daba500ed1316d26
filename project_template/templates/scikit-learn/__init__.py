"""The model code: features.py says what the model sees, model.py what it is."""
