"""Ranking: a permutation of the candidates' 1-based numbers, best first, "3,1,2,5,4"."""

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from ecom.forms.answers import unprinted
from ecom.forms.base import Form, ItemNumbers, Metric
from ecom.forms.cues import cue
from ecom.forms.numbers import lenient_numbers, offered_numbers, official_numbers
from ecom.forms.options import last_numbered
from ecom.forms.question import DO, Question
from ecom.forms.scores import mean, ndcg
from ecom.forms.teacher import Laid, Teacher, Written, have_twins, numbered

MAX_ITEMS = 5
RELEVANCES = (1, 0.1, 0.01, 0.001)  # by place, where no gold is known; the last place has 0
_ORDER = cue(  # the whole list in a new order
    {
        "order sequence": rf"{DO}(?:order|sequence)\b|^order:",
        "rank ranked ranking rankings rerank reranked reranking rerankings": (
            r"\b(?:re-?)?rank(?:ed|ings?)?\b"
        ),
        "permute permuted permutes permuting permutation permutations": r"\bpermut",
        "arrange rearrange": r"\b(?:re)?arrange\b",
        "sort sorted sorting": r"\bsort(?:ed|ing)?\b(?! of)",
        "order ordering": r"\border(?:ing)? (?:of (?![#\d])|in which|these|them|the (?:\w+ )?"
        r"(?:items|products|results))|\b(?:what|which|that|new|ideal|correct|best|\w+cending)"
        r" order\b",
        "ordered": r"\bordered (?:by|such)",
        "prioritise prioritize prioritised prioritized prioritising prioritizing prioritisation"
        " prioritization": r"\bprioriti[sz]e",
        "order reorder ordered reordered ordering reordering": r"\bre-?order",
        "precede preceded precedes precedence": r"\bprecede",
        "high": r"\bhigh to low",
        "once": r"\bonly once",
        " ".join("0123456789"): r"\b\d(?: ?[,>] ?\d){3}",
        "b c d e": r"\b[a-e](?: ?[,>] ?[a-e]){3}\b",
        "decreasing increasing": r"\b(?:de|in)creasing",
        "first": r"\bfirst, second",
        "least worst lowest": r"\b(?:best|most|highest)\b[^.?!\n]{0,60}\b(?:least|worst|lowest)\b",
        "start starting": r"\bstart(?:ing)? with the",
        "first top": r"\b(?:best|most|favou?rite|\w+est)\b[^.?!\n]{0,60}\b(?:first|at the top)\b",
        "beginning": r"\bbeginning with",
        "from": r"\bfrom (?:the )?(?:most|\w+est)\b[^.\n]{1,60} to\b",
        "sortiere sortieren sortiert sortier": r"\bsortier",
        "ordne anordne ordnen anordnen ordnet": r"\b(?:an)?ordne",
        "reihenfolge rangreihenfolge rangfolge rangliste absteigend absteigende absteigender"
        " rangfolgen ranglisten": r"\b(?:\w{0,9}reihenfolge|rang(?:folge|liste)|absteigend)",
        "ordena ordene ordenar ordina": r"\b(?:orden(?:a|e|ar)\b|ordina\b)",
        "orden del mayor plus ordre classe classer classez class classement classements ordres": (
            r"\b(?:en qué orden|del más|de mayor a|class(?:e[rz]?\b|ement)|ordre|du plus)"
        ),
        "ordine": r"\bin ordine",
    },
    script="順に|並べ|順位|排序|排列|高到低",
)
_ONE = cue(
    {
        "one option answer options": (
            r"\bwhich (?:one|option|answer)\b|\bone (?:digit|number|letter)\b|\bthe options\b"
        )
    },
    script="どれか|哪一?[个项個]",
)


def official(text: str) -> list[int]:
    """Return the first five numbers up to 5; empty where a number repeats.

    >>> official("3,1,2,5,4"), official("6,7,1,2"), official("1,2,2,3"), official("1 > 2 > 3")
    ([3, 1, 2, 5, 4], [1, 2], [], [])
    """
    numbers = [n for n in official_numbers(text) if n <= MAX_ITEMS][:MAX_ITEMS]
    return numbers if len(set(numbers)) == len(numbers) else []


def lenient(text: str) -> list[int]:
    """Return the candidates 1 to 5 in the order named; of a repeated one the first place counts.

    >>> lenient("1 > 2 > 3"), lenient("1,2,2,3"), lenient("Ranking: 3, 1 and 2")
    ([1, 2, 3], [1, 2, 3], [3, 1, 2])
    """
    return [n for n in lenient_numbers(text) if 1 <= n <= MAX_ITEMS]


def emit(answer: Any) -> str:
    """Return the numbers, best first, joined by commas."""
    return ",".join(str(item) for item in answer)


def order(relevances: list[float]) -> list[int]:
    """Return the ideal answer for a gold: 1-based candidates by falling relevance, ties in order.

    >>> order([1, 0.01, 0.1, 1, 0])
    [1, 4, 3, 2, 5]
    """
    return [i + 1 for i in sorted(range(len(relevances)), key=lambda i: -relevances[i])]


def is_gold(value: Any) -> bool:
    """One relevance in [0, 1] for each of two to five candidates."""
    return (
        isinstance(value, list)
        and 2 <= len(value) <= MAX_ITEMS
        and all(isinstance(v, int | float) and not isinstance(v, bool) for v in value)
        and all(0 <= v <= 1 for v in value)
    )


def to_gold(answer: Sequence[int]) -> list[float]:
    """Return relevances for an order, as the contest has them; [] where it is no permutation.

    >>> to_gold([2, 3, 1])
    [0, 1, 0.1]
    """
    count = len(answer)
    if sorted(answer) != list(range(1, count + 1)) or not count:
        return []
    relevances = dict(zip(answer, (*RELEVANCES[: count - 1], 0), strict=True))
    return [relevances[item] for item in range(1, count + 1)]


def agreement(answer: Sequence[int], right: Sequence[int]) -> tuple[float, float]:
    """Return the NDCG against a right order, whose relevances are n/n, (n-1)/n, …, 1/n."""
    relevances = [0.0] * max(right, default=0)
    for index, item in enumerate(right):
        relevances[item - 1] = 1 - index / len(right)
    return ndcg(answer, relevances), 1


def fault(prompt: str, own: Mapping[int, str], answer: Sequence[int]) -> str | None:
    """Return why the numbers cannot be an order of the candidates."""
    return unprinted(own or last_numbered(prompt), answer)


def guess(prompt: str, gold: Sequence[float], answers: Sequence[str], rng: Random) -> str:
    """Return the candidates in random order."""
    return emit(rng.sample(range(1, len(gold) + 1), len(gold)))


def lay_out(row: Written, rng: Random) -> Laid | str:
    """Return the candidates, written best first, in random order.

    The n-th of m has relevance 1 - n/m, n from 0.
    """
    best = list(row.options)
    if have_twins(best):
        return "two candidates are the same"
    items = rng.sample(best, len(best))
    return Laid([1 - best.index(item) / len(best) for item in items], items=numbered(items))


def orders(question: Question) -> bool:
    """Whether the question asks for the whole list in a new order."""
    return bool(question.items) and asks_for_order(question)


def asks_for_order(question: Question) -> bool:
    """Whether the question asks for an order, of a list that may have no labels."""
    if not _ORDER.search(question.asked, question.words):
        return False
    return not (question.may_choose and _ONE.search(question.asked, question.words))


FORM = Form(
    name="ranking",
    paradigm="OTHER",
    max_tokens=24,
    open_ended=True,
    decoding=ItemNumbers(least=MAX_ITEMS, most=MAX_ITEMS, last=MAX_ITEMS),
    first_number=1,
    metrics={
        "ndcg": Metric(
            mean(ndcg),
            "Discounted cumulative gain over that of the ideal order: gain 2^relevance − 1, "
            "discount log2(position + 1).",
        )
    },
    official=official,
    lenient=lenient,
    emit=emit,
    nothing=[],
    is_gold=is_gold,
    gold_rule="a list of 2 to 5 relevances in [0, 1], one a candidate",
    ideal=order,
    to_gold=to_gold,
    fault=fault,
    agreement=agreement,
    cues={40: orders},
    offers=offered_numbers,
    guess=guess,
    teacher=Teacher(lay_out, frozenset({"options", "items"}), most_options=MAX_ITEMS),
)
