"""Predictions + gold -> scores and a report."""
