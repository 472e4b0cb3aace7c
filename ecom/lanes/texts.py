"""Answers made of the texts that a question offers, in a tokenizer's tokens.

one of up to EVERY texts    a token at each branch: the probability of every text (branches.py)
  by its likelihood         a token after each beginning of a text (likelihood.py)
one of more, or several     one text under a mask (trie.py): the probability of what was written
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from ecom.forms.offer import Offer
from ecom.forms.texts import SEPARATOR
from ecom.lanes.branches import EVERY, Branch, branches, followed, log_probabilities, points
from ecom.lanes.likelihood import Scored
from ecom.lanes.trie import Trie, build, depth
from ecom.lanes.written import Written


@dataclass(frozen=True)
class Texts:
    """The texts of an offer.

    branches    where they part; empty where they are written under a mask
    trie        what the mask allows; None where there are branches
    longest     the most tokens of an answer
    scored      how their likelihoods decide; the branches are then all points of the texts
    """

    offer: Offer
    branches: tuple[Branch, ...]
    trie: Trie | None
    longest: int
    scored: Scored | None = None

    def sampling(self) -> dict[str, Any]:
        """Return vLLM's SamplingParams of an answer under a mask, as plain values."""
        offer = self.offer
        rule = {"texts": offer.texts, "least": offer.least, "most": offer.most}
        return {"extra_args": {"texts": json.dumps(rule)}, "max_tokens": self.longest}

    def named(self, written: Written, output: Any) -> Written:
        """Return what was written under the mask as whole texts, with their joint probability.

        `output` is vLLM's CompletionOutput.
        """
        assert self.trie
        ids = output.token_ids
        chosen = [self.offer.texts[index] for index in self.trie.read(ids)]
        steps = zip(ids, output.logprobs or [], strict=False)
        chance = math.exp(sum(found[token].logprob for token, found in steps))
        text = SEPARATOR.join(chosen)
        return replace(written, text=text, cut=False, chances={text: chance})

    def chosen(self, parts: Sequence[Written], is_drawn: bool) -> tuple[str, Mapping[str, float]]:
        """Return the answer, and the probability of every text.

        `is_drawn`: the answer is the one that the drawn tokens lead to, else the likeliest.
        """
        totals = self.totals(parts)
        index = totals.index(max(totals))
        if is_drawn and not self.scored:
            index = followed(self.branches, [one.token or 0 for one in parts])
        return self.offer.texts[index], dict(zip(self.offer.texts, _shares(totals), strict=True))

    def totals(self, parts: Sequence[Written]) -> list[float]:
        """Return the log probability of every text, or its likelihood, in sum or per token."""
        found = log_probabilities(
            self.branches, [one.logprobs for one in parts], len(self.offer.texts)
        )
        if not self.scored or not self.scored.per_token:
            return found
        lengths = [sum(index in one.all for one in self.branches) for index in range(len(found))]
        return [total / max(1, length) for total, length in zip(found, lengths, strict=True)]


@lru_cache(maxsize=256)
def in_tokens(offer: Offer, tokenizer: Any) -> Texts:
    """Return the texts of an offer in the tokens of a tokenizer of transformers."""
    texts = offer.texts
    if offer.most == 1 and 1 < len(texts) <= EVERY:
        ids = tokenizer(list(texts), add_special_tokens=False)["input_ids"]
        found = branches(ids, tokenizer.eos_token_id)
        if found:
            return Texts(offer, found, None, 1 + max(len(one.prefix) for one in found))
    trie = build(texts, offer.least, offer.most, tokenizer)
    longest = depth(trie.first) + (offer.most - 1) * depth(trie.later)
    return Texts(offer, (), trie, longest + 1)


@lru_cache(maxsize=256)
def scored_in_tokens(scored: Scored, tokenizer: Any) -> Texts:
    """Return the texts whose likelihoods decide in the tokens of a tokenizer of transformers."""
    ids = tokenizer(list(scored.texts), add_special_tokens=False)["input_ids"]
    found = points(ids, tokenizer.eos_token_id)
    longest = 1 + max((len(one.prefix) for one in found), default=0)
    return Texts(Offer(scored.names), found, None, longest, scored)


def likelihoods(branch: Branch) -> dict[str, Any]:
    """Return vLLM's SamplingParams for the likelihoods at a point, as plain values.

    The caller's sampling has no part in them. One more log probability than tokens is asked for:
    that of all others together (processor.py).
    """
    tokens = sorted(branch.texts)
    return {
        "temperature": 0.0,
        "max_tokens": 1,
        "logprobs": len(tokens) + 1,
        "extra_args": {"likelihoods": tokens},
        "detokenize": False,
    }


def _shares(totals: Sequence[float]) -> list[float]:
    """Return the probabilities of which these are the logarithms, up to a constant."""
    most = max(totals)
    if math.isinf(most):  # no text has any
        return [1 / len(totals)] * len(totals)
    found = [math.exp(total - most) for total in totals]
    return [one / sum(found) for one in found]


def one_token(branch: Branch) -> dict[str, Any]:
    """Return vLLM's SamplingParams of the token at a branch, as plain values."""
    tokens = sorted(branch.texts)
    return {
        "max_tokens": 1,
        "logprobs": len(tokens),
        "allowed_token_ids": tokens,
        "detokenize": False,
    }
