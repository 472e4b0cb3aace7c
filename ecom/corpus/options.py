r"""The numbered list that a finished prompt prints: which answers can be right?

"Which is a shoe?\n0. red boot\n1. lamp\nAnswer:"  ─►  {0: "red boot", 1: "lamp"}
"""

import re

_MARK = r"[(\[]?(\d{1,2})(?:[.):\]](?!\d)|[ ]-(?=[ ]))[ \t]*"
_LINE = re.compile(rf"^[ \t]*(?:[-*•][ ]?)?((?:[^\W\d]+[ ])?){_MARK}(.*)$", re.MULTILINE)
# "Products: 0. a lamp": the first item may stand behind the list's name.
_FIRST = re.compile(r"[:：][ \t]*[(\[]?([01])[.)\]][ \t]+(.*)$")
_INLINE = re.compile(r"(?<!\S)[(\[]?(\d{1,2})[.)\]](?=\s+\S)")


def printed(prompt: str) -> dict[int, str]:
    r"""Return the items by number of the last list of at least two that the prompt prints, else {}.

    Items stand one a line, or all on one line. Numbers may be in any order and have gaps; an item
    ends with its line. A list ends where a number comes again, or the word before it changes.

    >>> printed("Product 1: a\nProduct 2: b\n0. alike\n1. bought together\n3. not related")
    {0: 'alike', 1: 'bought together', 3: 'not related'}
    >>> printed("Products: 0. a lamp\n1. a boot"), printed("Which? 0. a lamp 1. a boot")
    ({0: 'a lamp', 1: 'a boot'}, {0: 'a lamp', 1: 'a boot'})
    """
    items: dict[int, str] = {}
    lines = list(_LINE.finditer(prompt))
    start = 0
    for line in reversed(lines):
        word, number = line[1], int(line[2])
        if number in items or word != lines[-1][1]:
            break
        items[number] = line[3].strip()
        start = line.start()
    if items and 0 not in items:
        before = prompt[:start].rstrip("\n").rpartition("\n")[2]
        if (first := _FIRST.search(before)) and int(first[1]) not in items:
            items[int(first[1])] = first[2].strip()
    return dict(reversed(items.items())) if len(items) > 1 else _inline(prompt)


def _inline(prompt: str) -> dict[int, str]:
    """Return the last items on one line that count up from 0 or 1."""
    items: dict[int, str] = {}
    end = len(prompt)
    for mark in reversed(list(_INLINE.finditer(prompt))):
        number = int(mark[1])
        if items and number != min(items) - 1:
            continue
        items[number] = prompt[mark.end() : end].strip()
        end = mark.start()
        if number == 0:
            break
    return dict(reversed(items.items())) if len(items) > 1 and min(items) <= 1 else {}
