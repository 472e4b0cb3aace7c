"""Answers made of the texts that a question offers, in a tokenizer's tokens.

one of up to EVERY texts    a token at each branch: the probability of every text (branches.py)
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
from ecom.lanes.branches import EVERY, Branch, branches, followed, log_probabilities
from ecom.lanes.trie import Trie, build, depth
from ecom.lanes.written import Written


@dataclass(frozen=True)
class Texts:
    """The texts of an offer.

    branches    where they part; empty where they are written under a mask
    trie        what the mask allows; None where there are branches
    longest     the most tokens of an answer
    """

    offer: Offer
    branches: tuple[Branch, ...]
    trie: Trie | None
    longest: int

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
        totals = log_probabilities(
            self.branches, [one.logprobs for one in parts], len(self.offer.texts)
        )
        index = totals.index(max(totals))
        if is_drawn:
            index = followed(self.branches, [one.token or 0 for one in parts])
        chances = dict(zip(self.offer.texts, map(math.exp, totals), strict=True))
        return self.offer.texts[index], chances


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


def one_token(branch: Branch) -> dict[str, Any]:
    """Return vLLM's SamplingParams of the token at a branch, as plain values."""
    tokens = sorted(branch.texts)
    return {
        "max_tokens": 1,
        "logprobs": len(tokens),
        "allowed_token_ids": tokens,
        "detokenize": False,
    }
