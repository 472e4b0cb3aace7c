"""What a guesser scores who reads the prompt's shape and nothing else: the floor under any model.

    multiple choice   one of the options that the prompt prints, or a rating from 1 to 5
    retrieval         three different items of the printed list
    ranking           the candidates in random order
    entities          one or two words in a row, out of the prompt's last line of text
    generation        the right answer of another random row of the task

The scores of several draws are averaged, row by row, so that the floor does not depend on one; its
interval is that of the expected score.
"""

import random
import re
from collections.abc import Mapping, Sequence

import numpy as np

from ecom.evaluate.config import Encoders
from ecom.evaluate.gold import Gold
from ecom.evaluate.rate import Rated, rate
from ecom.forms import FORMS

DRAWS = 10
ROWS_GUESSED = 6_000
_ITEM = re.compile(r"(?:^|:)[ \t]*(\d{1,2})[.):][ \t]*\S", re.MULTILINE)
_ANSWER_CUE = re.compile(r"^\W*(output|answer|result|response)\W*$", re.IGNORECASE)


def rate_guesses(golds: Sequence[Gold], seed: int, encoders: Encoders) -> Rated:
    """Return what guesses score, the mean over the draws: ten, or fewer for thousands of rows."""
    count = max(1, min(DRAWS, ROWS_GUESSED // len(golds)))
    draws = [rate(golds, guesses(golds, seed + draw), encoders) for draw in range(count)]
    return Rated(
        np.mean([draw.official for draw in draws], axis=0),
        np.mean([draw.lenient for draw in draws], axis=0),
        draws[0].found_official,
        draws[0].found_lenient,
    )


def guesses(golds: Sequence[Gold], seed: int) -> list[str]:
    """Return one guess a row, the same for the same seed."""
    rng = random.Random(seed)
    answers: dict[str, list[str]] = {}
    for gold in golds:
        if gold.form == "generation":
            answers.setdefault(gold.task, []).append(FORMS["generation"].emit(gold.answer))
    return [_guess(gold, answers, rng) for gold in golds]


def _guess(gold: Gold, answers: Mapping[str, list[str]], rng: random.Random) -> str:
    if gold.form == "multiple-choice":
        options = [n for n in _items(gold.prompt) if n <= 9]
        return str(rng.choice(options if len(options) > 1 else range(1, 6)))
    if gold.form == "retrieval":
        items = _items(gold.prompt)
        return FORMS["retrieval"].emit(rng.sample(items if len(items) > 2 else range(1, 11), 3))
    if gold.form == "ranking":
        count = len(gold.answer)
        return FORMS["ranking"].emit(rng.sample(range(1, count + 1), count))
    if gold.form == "named_entity_recognition":
        return _phrase(gold.prompt, rng)
    own = FORMS["generation"].emit(gold.answer)
    others = list(answers[gold.task])
    others.remove(own)
    return rng.choice(others) if others else ""


def _items(prompt: str) -> list[int]:
    return list(dict.fromkeys(int(number) for number in _ITEM.findall(prompt)))


def _phrase(prompt: str, rng: random.Random) -> str:
    lines = [line for line in prompt.splitlines() if line.strip() and not _ANSWER_CUE.match(line)]
    text = re.sub(r"^\s*\w+:", "", lines[-1] if lines else prompt)
    words = text.replace(",", " ").split() or [text]
    length = min(rng.randint(1, 2), len(words))
    start = rng.randint(0, len(words) - length)
    return FORMS["named_entity_recognition"].emit([" ".join(words[start : start + length])])
