"""Where texts part, token by token: what an engine must decide to choose one of them.

    "trousers"    [tr, ousers]
    "track suit"  [tr, ack, suit]  ─►  after (): tr or sh      after (tr): ousers or ack
    "shoes"       [sh, oes]

A token that leaves no choice is not asked for. So texts of different lengths compare fairly: the
probability of a text is the product of its branches' alone, and those of all texts add up to 1.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

EVERY = 64  # texts of which each gets a probability


@dataclass(frozen=True, slots=True)
class Branch:
    """A point at which texts part.

    prefix    the tokens before it
    texts     the indices of the texts that continue with each token
    """

    prefix: tuple[int, ...]
    texts: Mapping[int, tuple[int, ...]]

    @property
    def all(self) -> set[int]:
        """The indices of the texts that are still possible here."""
        return {index for indices in self.texts.values() for index in indices}


def branches(texts: Sequence[Sequence[int]], end: int) -> tuple[Branch, ...]:
    """Return the branches of the texts' tokens, every one after the one that leads to it.

    A text that is the beginning of another one ends with the token `end`. Of texts with the same
    tokens, which a tokenizer may make of two, only the first can be chosen.

    >>> [(one.prefix, dict(one.texts)) for one in branches([[1, 2], [1, 3, 4], [5]], end=0)]
    [((), {1: (0, 1), 5: (2,)}), ((1,), {2: (0,), 3: (1,)})]
    """
    first: dict[tuple[int, ...], int] = {}
    for index, ids in enumerate(texts):
        first.setdefault((*ids, end), index)
    ended = {index: ids for ids, index in first.items()}
    found: list[Branch] = []
    waiting = [(0, list(ended))]
    while waiting:
        depth, group = waiting.pop(0)
        by_token: dict[int, list[int]] = {}
        for index in group:
            by_token.setdefault(ended[index][depth], []).append(index)
        if len(by_token) > 1:
            texts_of = {token: tuple(indices) for token, indices in by_token.items()}
            found.append(Branch(ended[group[0]][:depth], texts_of))
        waiting += [(depth + 1, indices) for indices in by_token.values() if len(indices) > 1]
    return tuple(found)


def log_probabilities(
    found: Sequence[Branch], logprobs: Sequence[Mapping[int, float]], count: int
) -> list[float]:
    """Return the log probability of each of `count` texts.

    `logprobs` are those of each branch's tokens among each other.
    """
    possible = found[0].all if found else {0}
    totals = [0.0 if index in possible else -math.inf for index in range(count)]
    for branch, values in zip(found, logprobs, strict=True):
        for token, indices in branch.texts.items():
            for index in indices:
                totals[index] += values.get(token, -math.inf)
    return totals


def followed(found: Sequence[Branch], tokens: Sequence[int]) -> int:
    """Return the index of the text to which the token drawn at each branch leads."""
    possible = found[0].all if found else {0}
    for branch, token in zip(found, tokens, strict=True):
        if branch.all <= possible:
            possible = set(branch.texts[token])
    return min(possible)
