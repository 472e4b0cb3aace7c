"""Adapter -> Model: merged, padded, AWQ 4 bit."""
