"""Which answers does a prompt offer? The labels of its options, or the numbers of its items.

    multiple choice       the last list of options, as it is labelled: 0 1 2 3, A B C D, 1 2 3;
                          else 1 to 5 where the prompt asks for a rating
    retrieval, ranking    the items' numbers, from 0 or 1

On the public rows of ShopBench's kind the gold answer is among them (of all 96 development
questions). Nothing is returned where the prompt prints no list, and then nothing is known.
"""

import re

from ecom.forms.infer import RATING
from ecom.rows import FormName

_MARK = r"[(\[]?(\d\d?|[A-Za-z])(?:[).\]:](?!\d)| -(?= )| (?=[^\W\d_]))"
# A list's first item may stand behind its heading: "Products: 0. …".
_LINE = re.compile(
    rf"^[ \t]*(?:[-*•] *|(?:\w+ ){{0,3}}[^\W\d]\w+: *|[^\W\d]+ )?{_MARK}", re.MULTILINE
)
_INLINE = re.compile(r"(?<!\S)[(\[]?(\d|[a-eA-E])[.)\]](?=\s+\S)")


def offered(prompt: str, form: FormName) -> tuple[str, ...]:
    r"""Return the labels that an answer of this form may name, in the order of the prompt.

    >>> offered("Which is a shoe?\n0. boot\n1. lamp", "multiple-choice")
    ('0', '1')
    >>> offered("Which is a shoe? (A) boot (B) lamp", "multiple-choice")
    ('A', 'B')
    >>> offered("Rate this review from 1 to 5.\nReview: good", "multiple-choice")
    ('1', '2', '3', '4', '5')
    >>> offered("Rank these.\nProduct 1: lamp\nProduct 2: boot\nProduct 3: cup", "ranking")
    ('1', '2', '3')
    """
    lists = _runs(_LINE.findall(prompt)) or _runs(_INLINE.findall(prompt))
    if form == "multiple-choice":
        # A review may count its complaints from 1; the options of ratings are not printed.
        if RATING.search(prompt) and not any(labels[0] in "0A" for labels in lists):
            return ("1", "2", "3", "4", "5")
        return lists[-1] if lists else ()
    numbered = [labels for labels in lists if labels[0].isdigit()]
    return max(numbered, key=len) if numbered else ()


def _runs(marks: list[str]) -> list[tuple[str, ...]]:
    """Return the marks that count upwards without a gap from 0, 1, A or a, two at least."""
    runs: list[list[str]] = [[]]
    for mark in marks:
        if runs[-1] and mark == _next(runs[-1][-1]):
            runs[-1].append(mark)
        elif mark in ("0", "1", "A", "a"):
            runs.append([mark])
        elif runs[-1]:
            runs.append([])
    return [tuple(run) for run in runs if len(run) > 1]


def _next(mark: str) -> str:
    return str(int(mark) + 1) if mark.isdigit() else chr(ord(mark) + 1)
