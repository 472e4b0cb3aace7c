"""Raw texts + golds -> the score of every row, by each of the two parsers."""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast, get_args

import numpy as np

from ecom.evaluate import embeddings
from ecom.evaluate.config import EncoderMetric, Encoders
from ecom.evaluate.gold import Gold
from ecom.evaluate.metrics import Ratios
from ecom.forms import FORMS, PARSERS, Form, FormName, Parser
from ecom.forms.generation import references
from ecom.forms.label_scores import ByLabel

_ROUGE_WORD = re.compile("[a-z0-9]", re.IGNORECASE)
# Two letters that are not Latin: one alone may be a unit ("5 μm").
_OTHER_WORD = re.compile("(?:(?![\u1e00-\u1eff\uff21-\uff5a])[^\\W\\d_\0-\u024f]){2}")


@dataclass(frozen=True)
class Rated:
    """Numerators and denominators (rows, 2) by parser; NaN where a metric cannot be computed.

    found   (rows,) by parser: whether it finds any answer in the text
    labels  by parser, then row: what it adds to each label's F1, where the score is their mean
    """

    official: Ratios
    lenient: Ratios
    found_official: np.ndarray[Any, np.dtype[np.bool_]]
    found_lenient: np.ndarray[Any, np.dtype[np.bool_]]
    labels: Mapping[Parser, Mapping[int, ByLabel]] = field(default_factory=dict)


def not_computed(golds: Sequence[Gold], encoders: Encoders) -> dict[str, str]:
    """Return the metrics that cannot be computed here: name -> what is missing, and the remedy."""
    used = sorted({gold.metric for gold in golds})
    remedies = {metric: _missing(metric, encoders) for metric in used}
    return {metric: remedy for metric, remedy in remedies.items() if remedy}


def not_read_by_rouge(golds: Sequence[Gold]) -> dict[str, int]:
    """Return for each task how many rougel golds have words that ROUGE-L ignores, if any have.

    The contest's rouge_score reads a to z and 0 to 9 only. So a right answer in Japanese or Chinese
    scores 0, and of a mixed answer only the other words count.
    """
    ignored = (
        gold.task
        for gold in golds
        if gold.metric == "rougel" and not any(map(_is_read_by_rouge, references(gold.answer)))
    )
    return dict(Counter(ignored))


def _is_read_by_rouge(text: str) -> bool:
    return bool(_ROUGE_WORD.search(text)) and not _OTHER_WORD.search(text)


def rate(
    golds: Sequence[Gold],
    texts: Sequence[str],
    encoders: Encoders,
    tick: Callable[[int], object] = lambda rows: None,
) -> Rated:
    """Score every text. `tick` is called with the number of rows done.

    Where both parsers read the same answer, as they usually do, it is scored once.
    """
    lacking = not_computed(golds, encoders)
    pairs = np.full((2, len(golds), 2), np.nan)
    found = np.zeros((2, len(golds)), bool)
    labels: dict[Parser, dict[int, ByLabel]] = {parser: {} for parser in PARSERS}
    by_metric: dict[tuple[FormName, str], list[int]] = {}
    for row, gold in enumerate(golds):
        by_metric.setdefault((gold.form, gold.metric), []).append(row)
    for (form_name, metric), rows in by_metric.items():
        form = FORMS[form_name]
        answers = [
            [form.official(texts[row]) for row in rows],
            [form.lenient(texts[row]) for row in rows],
        ]
        for index, of_parser in enumerate(answers):
            found[index, rows] = [answer != form.nothing for answer in of_parser]
        rights = [golds[row].answer for row in rows]
        if by_label := form.metrics[metric].by_label:
            for parser, of_parser in zip(PARSERS, answers, strict=True):
                made = map(by_label, of_parser, rights)
                labels[parser] |= dict(zip(rows, made, strict=True))
            pairs[:, rows] = [[_sums(labels[parser][row]) for row in rows] for parser in PARSERS]
        elif metric not in lacking:
            pairs[:, rows] = _score(form, metric, answers, rights, encoders)
        tick(len(rows))
    return Rated(pairs[0], pairs[1], found[0], found[1], labels)


def _sums(labels: ByLabel) -> tuple[float, float]:
    """Return the row's own F1, as numerator and denominator."""
    return sum(top for top, _ in labels.values()), sum(bottom for _, bottom in labels.values())


def _score(
    form: Form,
    metric: str,
    answers: Sequence[Sequence[Any]],
    golds: Sequence[Any],
    encoders: Encoders,
) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return (2, rows, 2) for the official and the lenient answers to one metric's rows."""
    official, lenient = answers
    score = form.metrics[metric].score
    if score is None:
        texts = [references(gold) for gold in golds]
        encoder = cast(EncoderMetric, metric)
        cosines = embeddings.cosines(encoder, encoders, [*official, *lenient], texts * 2)
        return np.stack([cosines, np.ones_like(cosines)], axis=1).reshape(2, len(golds), 2)
    first = [score(answer, gold) for answer, gold in zip(official, golds, strict=True)]
    second = [
        known if answer == same else score(answer, gold)
        for known, same, answer, gold in zip(first, official, lenient, golds, strict=True)
    ]
    return np.array([first, second], np.float64)


def _missing(metric: str, encoders: Encoders) -> str | None:
    if metric in get_args(EncoderMetric):
        return embeddings.missing(cast(EncoderMetric, metric), encoders)
    if metric == "jp-bleu":
        try:
            import ipadic  # noqa: F401
            import MeCab  # noqa: F401
        except ImportError:
            return "needs MeCab: pip install 'sacrebleu[ja]'"
    return None
