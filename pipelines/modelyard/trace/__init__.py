"""From a prediction to all its model was made of, and from data to all that learned of it."""

from modelyard.trace.backward import learned
from modelyard.trace.forward import trace

__all__ = ["learned", "trace"]
