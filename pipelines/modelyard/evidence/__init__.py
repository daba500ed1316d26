"""Everything known of one model, read from AWS as whoever asks, with hashes and honest gaps."""

from modelyard.evidence.document import Document
from modelyard.evidence.dossier import Dossier
from modelyard.evidence.gather import gather

__all__ = ["Document", "Dossier", "gather"]
