"""Rows for people to review, and the use of their verdicts.

a finished corpus ─► sample.draw ─► page.write ─► review.html ─► a person ─► verdicts.jsonl
the next run      ─► verdicts.Verdicts: rejected rows are left out, the card has the shares
"""
