"""Which form does a prompt ask for? ShopBench's hidden rows say only whether it is multiple choice.

The rules look at what any such prompt must say, not at known templates: which kind of answer it
asks for ("permutation", "three numbers", "entity type"), and whether it prints numbered items.
"""

import re

from ecom.rows import FormName

_ITEM = re.compile(r"^\s*(\d{1,2})\s*[.):]\s*\S", re.MULTILINE)
_RANK = re.compile(r"\b(rank|re-?rank|permutation|reorder|sort|order the)\b", re.IGNORECASE)
_INDICES = re.compile(
    r"\b(indices|indexes|index|numbers|numbered list|their numbers)\b", re.IGNORECASE
)
_SELECT = re.compile(
    r"\b(select|choose|pick|identify|retrieve|list|which)\b", re.IGNORECASE
)
_ENTITY = re.compile(
    r"\b(entit(y|ies)|extract (all |the )?(phrases|words|terms|spans))\b", re.IGNORECASE
)
_RATING = re.compile(r"\bscale of 1 to 5\b|\b(from 1 to 5|1-5) stars?\b", re.IGNORECASE)


def infer_form(prompt: str, is_multiple_choice: bool | None = None) -> FormName:
    """Return the form's name as ShopBench's `task_type` gives it.

    `is_multiple_choice` settles that form either way; None lets the text decide.
    """
    if is_multiple_choice:
        return "multiple-choice"
    items = [int(n) for n in _ITEM.findall(prompt)]
    if items and _RANK.search(prompt):
        return "ranking"
    if items and _INDICES.search(prompt) and _SELECT.search(prompt):
        return "retrieval"
    if _ENTITY.search(prompt) and not items:
        return "named_entity_recognition"
    if is_multiple_choice is None and (_options(items) or _RATING.search(prompt)):
        return "multiple-choice"
    return "generation"


def _options(items: list[int]) -> bool:
    """Whether the numbered lines are options: a short list, counted from 0 or 1."""
    return 2 <= len(items) <= 10 and items[0] in (0, 1)
