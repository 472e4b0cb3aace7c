"""Which form does a prompt ask for? ShopBench's hidden rows say only whether it is multiple choice.

The rules look at what any such prompt must say, not at known templates: which kind of answer it
asks for ("rank", "three numbers", "the entity type"), and whether it prints numbered items. They
read the instruction alone: a review may well speak of its rank in a list.
"""

import re

from ecom.rows import FormName

_ITEM = re.compile(r"^[ \t]*(\d{1,2})[ \t]*[.):](?!\d)", re.MULTILINE)
_INLINE = re.compile(r"\s([012])[.)](?=\s+\S)")
_ITEM_LINE = re.compile(r"^[ \t]*\d{1,2}[ \t]*[.):].*$", re.MULTILINE)
# "Review: …", "Product 1: …", but not "Instructions: …".
_DATA_LINE = re.compile(
    r"^(?!(?:instructions?|task|question|note|format)\b)[A-Z][\w ]{0,30}:.*$",
    re.MULTILINE | re.IGNORECASE,
)
_QUOTED = re.compile(r"(?<!\w)(['\"“]).*?['\"”](?!\w)")

_RANK = re.compile(
    r"\b(?:(?:re-?)?rank(?:ing|ed)?|permutation|reorder|(?:sort|order) (?:the|these|them))\b",
    re.IGNORECASE,
)
_INDICES = re.compile(r"\b(?:indices|indexes|index|numbers|numbered list)\b", re.IGNORECASE)
_ENTITY = re.compile(r"\bentity types?\b|\bnamed entit(?:y|ies)\b", re.IGNORECASE)
# "Locate the 'brand' in …", "Find all brand entities": something quoted is looked for.
_FIND = re.compile(
    r"\b(?:extract|identify|locate|find|determine|detect|select|list)\b[^.?!'\"“\n]{0,60}"
    r"(?:['\"“][^'\"”\n]{1,40}['\"”]|\bentit(?:y|ies)\b)",
    re.IGNORECASE,
)
_TEXT = re.compile(r"\b(?:title|query|text|sentence|description|review)\b", re.IGNORECASE)
_RATING = re.compile(r"\b1\s*(?:to|and|-|–)\s*5\b", re.IGNORECASE)
_REASONING = re.compile(r"\bstep by step\b", re.IGNORECASE)


def infer_form(prompt: str, is_multiple_choice: bool | None = None) -> FormName:
    """Return the form's name as ShopBench's `task_type` gives it.

    `is_multiple_choice` settles that form either way; None lets the text decide.
    """
    if is_multiple_choice:
        return "multiple-choice"
    items = _count_items(prompt)
    lines = _DATA_LINE.sub("", _ITEM_LINE.sub("", prompt))
    instruction = _QUOTED.sub("", lines)
    if items and _RANK.search(instruction):
        return "ranking"
    if items and _INDICES.search(instruction):
        return "retrieval"
    found_in_text = _FIND.search(lines) and _TEXT.search(lines)
    if not items and (_ENTITY.search(lines) or found_in_text):
        return "named_entity_recognition"
    if is_multiple_choice is None and not _REASONING.search(prompt):
        options = 2 <= items <= 10 or "012" in "".join(_INLINE.findall(prompt))
        if options or _RATING.search(instruction):
            return "multiple-choice"
    return "generation"


def _count_items(prompt: str) -> int:
    """Return the length of the longest list that is numbered upwards from 0 or 1, else 0."""
    longest = length = last = 0
    for number in map(int, _ITEM.findall(prompt)):
        if number == 0 or (number == 1 and last != 0) or not length:
            length = int(number <= 1)
        elif number > last:
            length += 1
        last = number
        longest = max(longest, length)
    return longest
