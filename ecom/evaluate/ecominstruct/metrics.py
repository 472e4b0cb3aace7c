"""EcomInstruct's metrics, as its authors compute them: rows -> statistics -> values.

    micro_precision, micro_recall, micro_f1
    macro_precision, macro_recall, macro_f1
                         CLS, EXT, GEN: an answer is the set of its pieces between ", " (a CLS
                         answer without its full stops); macro precision and recall are means over
                         the rows, and macro F1 is the F1 of these two
                         NER: mentions of the "Type: a, b" lines, located in the sentence character
                         by character (BIO); macro is the mean over the types of gold and
                         prediction, as in seqeval
    rouge_l              F of the `rouge` package, mean over the rows. It splits words at white
                         space, so a Chinese answer is one word, and sentences at full stops; it
                         counts repeated words once, and its best value is 0.999999995
    rouge_l_chars        plain ROUGE-L F on characters without white space; not the authors'

The paper (Li et al. 2023, "EcomGPT", table 3) scores classification and NER by precision, recall,
F1 and ROUGE-L, extraction and generation by ROUGE-L alone. The authors' program also prints F1 of
these; `applies` says which values count in a mean over tasks.

Every metric is a function of sums over rows, so any set of rows, including a bootstrap sample, is
scored by adding up (rows, columns) statistics:

    rouge_l, rouge_l_chars, precision, recall, hits (types), found (types), wanted (types)

Where the authors' program stops with an error or depends on chance, this one does not:

- An answer is stripped, and an empty one counts as one wrong piece, with ROUGE-L 0. Theirs scores
  the word "error" instead, or stops if the answer consists of full stops.
- Of nested mentions of one type the longest is found; theirs takes them in the order of a Python
  set, which differs in each run. An empty mention ("Brand: a, ") matches nothing; in theirs it
  matches everywhere.
- An extracted answer of one character counts; theirs treats it as no answer.
- A title (GEN) is split like the others; theirs compares the sets of its characters.

Entities are counted here instead of by seqeval, which has had no release since 2020 and requires
scikit-learn; the tests compare the two.
"""

import sys
from collections import Counter
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ecom.ecominstruct import Row, Task
from ecom.forms import Paradigm

Statistics = NDArray[np.float64]  # (rows, 4 + 3 × types)

ROUGE = ("rouge_l", "rouge_l_chars")
F1 = ("micro_f1", "macro_f1")
METRICS = (
    "micro_precision",
    "micro_recall",
    "micro_f1",
    "macro_precision",
    "macro_recall",
    "macro_f1",
    *ROUGE,
)
_MEANS = 4  # columns before the counts
# Longer answers are cut. The longest public right answer has 792; ROUGE-L takes quadratic time.
MAX_ANSWER_CHARS = 5_000

Entity = tuple[str, int, int]  # type, first character, first character after it
Tag = tuple[bool, str]  # a character's B (True) or I, and its type; None is O


def applies(metric: str, paradigm: Paradigm) -> bool:
    """Say whether the paper scores tasks of the paradigm by the metric."""
    return metric in ROUGE or paradigm in ("CLS", "OTHER")


def statistics(rows: Sequence[Row], texts: Sequence[str]) -> Statistics:
    """Return the statistics of one task's rows; `texts` are the raw answers."""
    task = rows[0].task
    answers = [_readable(task, text) for text in texts]
    found = [_parts(task, row, text) for row, text in zip(rows, answers, strict=True)]
    wanted = [_parts(task, row, row.answer.strip()) for row in rows]
    types = sorted({part[0] for parts in (*found, *wanted) for part in parts}) or [""]
    return np.array(
        [
            [
                rouge_l(text, row.answer.strip()),
                rouge_l_chars(text, row.answer.strip()),
                len(f & w) / max(len(f), 1),
                len(f & w) / max(len(w), 1),
                *(n for parts in (f & w, f, w) for n in _by_type(parts, types)),
            ]
            for row, text, f, w in zip(rows, answers, found, wanted, strict=True)
        ],
        np.float64,
    )


def values(paradigm: Paradigm, sums: Statistics, rows: int) -> dict[str, NDArray[np.float64]]:
    """Return METRICS, each (…), from statistics (…, columns) that were summed over `rows` rows."""
    rouge, chars, precision, recall = (sums[..., column] / rows for column in range(_MEANS))
    hits, found, wanted = np.split(sums[..., _MEANS:], 3, axis=-1)  # (…, types)
    micro = _scores(hits.sum(-1), found.sum(-1), wanted.sum(-1))
    macro = [precision, recall, _divided(2 * precision * recall, precision + recall)]
    if paradigm == "OTHER":
        seen = found + wanted > 0
        by_type = _scores(hits, found, wanted)
        macro = [_divided(score.sum(-1, where=seen), seen.sum(-1)) for score in by_type]
    return dict(zip(METRICS, (*micro, *macro, rouge, chars), strict=True))


def _scores(hits: Any, found: Any, wanted: Any) -> list[NDArray[np.float64]]:
    """Return precision, recall and F1, 0 where the divisor is 0."""
    return [_divided(hits, found), _divided(hits, wanted), _divided(2 * hits, found + wanted)]


def _divided(top: Any, bottom: Any) -> NDArray[np.float64]:
    top, bottom = np.asarray(top, np.float64), np.asarray(bottom, np.float64)
    quotient: NDArray[np.float64] = np.divide(top, bottom, out=np.zeros_like(top), where=bottom > 0)
    return quotient


def _parts(task: Task, row: Row, text: str) -> AbstractSet[tuple[Any, ...]]:
    """Return the parts of an answer to compare, each with its type first: entities, or pieces."""
    if task.paradigm == "OTHER":
        return entities(row.sentences, text, task)
    return {("", piece) for piece in text.split(task.separator)}


def _by_type(parts: AbstractSet[tuple[Any, ...]], types: Sequence[str]) -> list[int]:
    counted = Counter(part[0] for part in parts)
    return [counted[name] for name in types]


def entities(sentence: str, answer: str, task: Task) -> set[Entity]:
    """Return the spans of the sentence that an answer of "Type: a, b" lines names.

    A mention is marked wherever it occurs, over earlier marks; "None" is not a mention. What
    remains of an overwritten mention counts as a separate span.
    """
    mentions: dict[str, set[str]] = {}
    for line in answer.split("\n"):
        kind, colon, names = line.partition(": ")
        if colon and not line.endswith(": "):
            mentions.setdefault(kind, set()).update(names.split(task.separator))
    tags: list[Tag | None] = [None] * len(sentence)
    for kind, names_of_kind in mentions.items():
        for name in sorted(names_of_kind - {"None", ""}, key=lambda name: (len(name), name)):
            start = sentence.find(name)
            while start >= 0:
                tags[start : start + len(name)] = [(True, kind), *[(False, kind)] * (len(name) - 1)]
                start = sentence.find(name, start + 1)
    return _spans(tags)


def rouge_l(text: str, gold: str) -> float:
    """Return ROUGE-L F of the `rouge` package; 0 for a text without words, which it refuses."""
    if not _has_word(text) or not _has_word(gold):
        return 0.0
    # The package walks back through its table by recursion, one step per word.
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(limit + len(text.split()) + len(gold.split()))
    try:
        return float(_rouge().get_scores(text, gold)[0]["rouge-l"]["f"])
    finally:
        sys.setrecursionlimit(limit)


def rouge_l_chars(text: str, gold: str) -> float:
    """Return 2·LCS / (characters of both), without white space; 0 if nothing is left."""
    text, gold = "".join(text.split()), "".join(gold.split())
    return 2 * _lcs_length(text, gold) / (len(text) + len(gold)) if text or gold else 0.0


def _readable(task: Task, text: str) -> str:
    """Return the text that is scored. The authors drop the full stops of CLS answers."""
    text = text[:MAX_ANSWER_CHARS].strip()
    return text.replace(".", "") if task.paradigm == "CLS" else text


def _spans(tags: Sequence[Tag | None]) -> set[Entity]:
    """Return the spans: one begins at each B and where the type changes, and ends at the next."""
    cuts = []
    before: Tag | None = None
    for position, tag in enumerate(tags):
        if tag is None or before is None or tag[0] or tag[1] != before[1]:
            cuts.append(position)
        before = tag
    spans = set()
    for start, end in pairwise([*cuts, len(tags)]):
        if tag := tags[start]:
            spans.add((tag[1], start, end))
    return spans


def _has_word(text: str) -> bool:
    return bool(text.replace(".", " ").split())


@cache
def _rouge() -> Any:
    from rouge import Rouge

    return Rouge(metrics=["rouge-l"], stats=["f"])


def _lcs_length(a: str, b: str) -> int:
    """Return the length of the longest common subsequence.

    H. Hyyrö, "Bit-parallel LCS-length computation revisited", 2004: bit i of `row` is 0 where the
    length grows with a[i], and a character of b updates the whole row by one addition.
    """
    masks: dict[str, int] = {}
    for i, character in enumerate(a):
        masks[character] = masks.get(character, 0) | 1 << i
    full = row = (1 << len(a)) - 1
    for character in b:
        hits = row & masks.get(character, 0)
        row = (row + hits | row - hits) & full
    return len(a) - row.bit_count()
