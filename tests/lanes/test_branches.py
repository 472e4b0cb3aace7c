import math
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecom.lanes.branches import branches, followed, log_probabilities

END = 0
IDS = st.lists(
    st.lists(st.integers(1, 4), min_size=1, max_size=4).map(tuple),
    min_size=1,
    max_size=12,
    unique=True,
)


def weights(prefix: tuple[int, ...]) -> dict[int, float]:
    """The model: fixed odds for each token after a prefix."""
    return {token: 1 + (sum(prefix) * 7 + len(prefix) * 3 + token * 5) % 11 for token in range(5)}


def by_hand(texts: list[tuple[int, ...]]) -> list[float]:
    """The probability of each text when a token is drawn among those that continue a text."""
    ended = [(*ids, END) for ids in texts]
    found = []
    for ids in ended:
        chance = 1.0
        for depth, token in enumerate(ids):
            prefix = ids[:depth]
            open_ = {other[depth] for other in ended if other[:depth] == prefix}
            odds = weights(prefix)
            chance *= odds[token] / sum(odds[one] for one in open_)
        found.append(chance)
    return found


@given(IDS)
def test_the_probability_of_a_text_is_that_of_drawing_its_tokens_one_by_one(
    texts: list[tuple[int, ...]],
) -> None:
    found = branches(texts, END)
    logprobs = []
    for branch in found:
        odds = weights(branch.prefix)
        total = sum(odds[token] for token in branch.texts)
        logprobs.append({token: math.log(odds[token] / total) for token in branch.texts})
    chances = [math.exp(value) for value in log_probabilities(found, logprobs, len(texts))]
    assert chances == pytest.approx(by_hand(texts))
    assert sum(chances) == pytest.approx(1)


@given(IDS)
def test_the_tokens_drawn_lead_to_a_text_and_every_text_can_be_drawn(
    texts: list[tuple[int, ...]],
) -> None:
    found = branches(texts, END)
    if math.prod(len(branch.texts) for branch in found) > 200:
        return
    reached = {followed(found, tokens) for tokens in product(*(one.texts for one in found))}
    assert reached == set(range(len(texts)))


def test_of_two_texts_with_the_same_tokens_only_the_first_can_be_chosen() -> None:
    found = branches([(1,), (2,), (1,)], END)
    [branch] = found
    assert dict(branch.texts) == {1: (0,), 2: (1,)}
    even = {1: math.log(0.5), 2: math.log(0.5)}
    assert list(map(math.exp, log_probabilities(found, [even], 3))) == pytest.approx([0.5, 0.5, 0])
