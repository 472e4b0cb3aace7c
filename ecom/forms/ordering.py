"""Ordering: texts or letters, best first, as "C, A, B"."""

from collections.abc import Sequence
from random import Random

from ecom.forms.base import Form, Metric, SeveralTexts
from ecom.forms.label_scores import average_precision, order_ndcg, recall
from ecom.forms.multi_label import MAX_TOKENS, fault, is_gold, tidy
from ecom.forms.offer import MAX_TEXTS
from ecom.forms.scores import mean
from ecom.forms.teacher import Laid, Teacher, Written, have_twins
from ecom.forms.texts import bare_list, join, parted, several, split


def guess(prompt: str, gold: Sequence[str], answers: Sequence[str], rng: Random) -> str:
    """Return the right texts in random order."""
    return join(rng.sample(list(gold), len(gold)))


def lay_out(row: Written, rng: Random) -> Laid | str:
    """Return the texts, written best first, as options in random order."""
    best = list(row.options)
    if have_twins(best):
        return "two candidates are the same"
    return Laid(best, tuple(rng.sample(best, len(best))))


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
            "Mean average precision: the precision at the position of every right text, 0 for one "
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
    teacher=Teacher(lay_out, frozenset({"options"}), most_options=MAX_TEXTS),
)
