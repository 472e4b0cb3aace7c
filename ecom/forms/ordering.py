"""Ordering: texts, letters or numbers, best first, as "C, A, B"."""

from collections.abc import Mapping, Sequence
from random import Random
from string import ascii_uppercase

from ecom.forms.base import Form, Metric, SeveralTexts
from ecom.forms.label_scores import average_precision, order_ndcg, recall
from ecom.forms.multi_label import MAX_TOKENS, is_gold, tidy
from ecom.forms.multi_label import fault as unoffered
from ecom.forms.options import printed
from ecom.forms.scores import mean
from ecom.forms.teacher import Laid, Teacher, Written, have_twins
from ecom.forms.texts import bare_list, join, parted, several, split

LETTERS = ascii_uppercase[:16]  # A to P: "Q:" begins a question


def labelled(items: Sequence[str], labels: Sequence[str] = LETTERS) -> str:
    r"""Return the items, one per line, each behind its label.

    >>> labelled(["boot", "lamp"])
    'A. boot\nB. lamp'
    """
    return "\n".join(
        f"{label}. {item}" for label, item in zip(labels[: len(items)], items, strict=True)
    )


def fault(prompt: str, own: Mapping[int, str], answer: Sequence[str]) -> str | None:
    """Return why the texts cannot be an order of the options, or of a list that is printed.

    An answer of letters or of numbers is one of labels, if lists with such labels are printed.
    """
    if own:
        return unoffered(prompt, own, answer)
    is_numbers = all(text.isdecimal() for text in answer)
    if not is_numbers and any(len(text) > 1 for text in answer):
        return None
    lists = [found for found in printed(prompt) if found.is_numbered == is_numbers]
    if not lists or any(set(answer) <= set(found.labels) for found in lists):
        return None
    unknown = next(text for text in answer if text not in lists[-1].labels)
    return f"answer {unknown!r} is none of the labels printed: {', '.join(lists[-1].labels)}"


def guess(prompt: str, gold: Sequence[str], answers: Sequence[str], rng: Random) -> str:
    """Return the right texts in random order."""
    return join(rng.sample(list(gold), len(gold)))


def lay_out(row: Written, rng: Random) -> Laid | str:
    """Return the texts, written best first, as lettered items in random order."""
    best = list(row.options)
    if have_twins(best):
        return "two candidates are the same"
    items = rng.sample(best, len(best))
    return Laid([LETTERS[items.index(text)] for text in best], items=labelled(items))


FORM = Form(
    name="ordering",
    paradigm="OTHER",
    max_tokens=MAX_TOKENS,
    open_ended=True,
    decoding=SeveralTexts(ordered=True),
    metrics={
        "ndcg": Metric(
            mean(order_ndcg()),
            "Discounted cumulative gain over that of the right order: the n-th of m right texts "
            "has relevance (m − n + 1) / m, gain 2^relevance − 1, discount log2(position + 1).",
        ),
        "ndcg@5": Metric(mean(order_ndcg(5)), "The same of the first five texts."),
        "ndcg@10": Metric(mean(order_ndcg(10)), "The same of the first ten texts."),
        "recall@1": Metric(mean(recall(1)), "Share of the right texts that come first."),
        "recall@5": Metric(mean(recall(5)), "Share of the right texts among the first five."),
        "recall@10": Metric(mean(recall(10)), "Share of the right texts among the first ten."),
        "map": Metric(
            mean(average_precision),
            "Mean average precision: the precision at the position of every right text, 0 "
            "for one "
            "that is missing; the mean over the right texts, then over rows.",
        ),
    },
    official=split,
    lenient=bare_list,
    emit=join,
    nothing=[],
    is_gold=is_gold,
    gold_rule="a list of distinct texts, best first",
    guess=guess,
    own_tidy=tidy,
    own_read=parted,
    fault=fault,
    chosen=several,
    teacher=Teacher(lay_out, frozenset({"options", "items"}), most_options=len(LETTERS)),
)
