"""Models + queries -> predictions, one file a model."""
