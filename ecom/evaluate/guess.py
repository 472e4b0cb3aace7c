"""What a guesser scores who reads the prompt's shape and nothing else: the floor under any model.

Each answer form says how it is guessed (`Form.guess`). The scores of several draws are averaged,
row by row, so that the floor does not depend on one; its interval is that of the expected score.
"""

import random
from collections.abc import Mapping, Sequence

import numpy as np

from ecom.evaluate.config import Encoders
from ecom.evaluate.gold import Gold
from ecom.evaluate.rate import Rated, rate
from ecom.forms import FORMS, PARSERS
from ecom.forms.label_scores import ByLabel

DRAWS = 10
ROWS_GUESSED = 6_000


def rate_guesses(golds: Sequence[Gold], seed: int, encoders: Encoders) -> Rated:
    """Return what guesses score, the mean over the draws: ten, or fewer for thousands of rows."""
    count = max(1, min(DRAWS, ROWS_GUESSED // len(golds)))
    draws = [rate(golds, guesses(golds, seed + draw), encoders) for draw in range(count)]
    return Rated(
        np.mean([draw.official for draw in draws], axis=0),
        np.mean([draw.lenient for draw in draws], axis=0),
        draws[0].found_official,
        draws[0].found_lenient,
        {parser: _added([draw.labels[parser] for draw in draws]) for parser in PARSERS},
    )


def _added(draws: Sequence[Mapping[int, ByLabel]]) -> dict[int, ByLabel]:
    """Return by row what all draws together add to each label's F1."""
    found: dict[int, ByLabel] = {}
    for row in draws[0]:
        names = sorted({name for draw in draws for name in draw[row]})
        pairs = {name: [draw[row].get(name, (0.0, 0.0)) for draw in draws] for name in names}
        found[row] = {
            name: (sum(top for top, _ in of), sum(bottom for _, bottom in of))
            for name, of in pairs.items()
        }
    return found


def guesses(golds: Sequence[Gold], seed: int) -> list[str]:
    """Return one guess a row, the same for the same seed."""
    rng = random.Random(seed)
    answers: dict[str, list[str]] = {}
    for gold in golds:
        form = FORMS[gold.form]
        answers.setdefault(gold.task, []).append(form.emit(form.ideal(gold.answer)))
    return [
        FORMS[gold.form].guess(gold.prompt, gold.answer, answers[gold.task], rng) for gold in golds
    ]
