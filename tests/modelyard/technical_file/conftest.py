"""The complete project of the model cards' tests."""

from tests.modelyard.card.conftest import complete, stated

__all__ = ["complete", "stated"]
