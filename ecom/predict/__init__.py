"""Models + queries -> predictions, one file per model."""
