r"""A choice by the likelihood of its texts, as lm-evaluation-harness makes it (acc, acc_norm).

    "Which is it? A. red boot  B. lamp"  ─►  "red boot": log p(red) + log p( boot | red)   ─►  A
                                             "lamp":     log p(lamp)                       or B

The likelihood of a text is the sum of the log probabilities of its tokens among the whole
vocabulary; `likelihood_per_token` is their mean, so that a long text is not at a disadvantage. A
text that is the beginning of another one ends with the end token. The prompt is the ordinary one.

The engine writes every text after the prompt, whatever it would rather write (`spell`). To ask for
one token after each beginning of a text takes a request for each token, and computes up to a block
of the prompt in each; `prompt_logprobs` computes all of the prompt for each text.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from ecom.forms.choosing import clean
from ecom.forms.multiple_choice import RATING, RATINGS
from ecom.forms.offer import Offer
from ecom.forms.options import printed
from ecom.lanes.branches import EVERY
from ecom.rows import Query

if TYPE_CHECKING:
    from torch import Tensor

BELOW = 1.0
_CUE = re.compile(  # may follow the last option on its line
    r"\s*(?:(?:your|the) )?(?:answer|output|response|antwort|respuesta|réponse|risposta|答案|回答"
    r"|答え)(?: is)?\s*[:：]\s*$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Scored:
    """Texts, of which the likeliest decides.

    names        what is answered in place of each: its label, or the text itself
    texts        what is scored
    per_token    whether the mean over a text's tokens counts, not the sum
    """

    names: tuple[str, ...]
    texts: tuple[str, ...]
    per_token: bool


@dataclass(frozen=True)
class Spellings:
    """Texts to be scored, in tokens.

    ids    of each text
    """

    scored: Scored
    ids: tuple[tuple[int, ...], ...]

    @property
    def longest(self) -> int:
        """The most tokens of a text."""
        return max(map(len, self.ids))

    def scores(self, likelihoods: Sequence[float]) -> list[float]:
        """Return what decides, from the log probability of each text."""
        if not self.scored.per_token:
            return list(likelihoods)
        return [one / len(ids) for one, ids in zip(likelihoods, self.ids, strict=True)]

    def chosen(self, likelihoods: Sequence[float]) -> tuple[str, Mapping[str, float]]:
        """Return the answer, and the share of every text."""
        scores = self.scores(likelihoods)
        most = max(scores)
        odds = [1.0 if score == most else math.exp(score - most) for score in scores]
        shares = [one / sum(odds) for one in odds]
        names = self.scored.names
        return names[scores.index(most)], dict(zip(names, shares, strict=True))


@lru_cache(maxsize=256)
def spellings(scored: Scored, tokenizer: Any) -> Spellings:
    """Return texts to be scored in the tokens of a tokenizer of transformers."""
    plain = [tuple(ids) for ids in tokenizer(scored.texts, add_special_tokens=False)["input_ids"]]
    begun = {ids[:depth] for ids in plain for depth in range(len(ids))}
    end = (tokenizer.eos_token_id,)
    return Spellings(scored, tuple(ids + end if ids in begun else ids for ids in plain))


def spelling(ids: Sequence[int]) -> dict[str, Any]:
    """Return vLLM's SamplingParams of a text to be scored, as plain values.

    The caller's sampling has no part in them.
    """
    return {
        "temperature": 0.0,
        "max_tokens": len(ids),
        "ignore_eos": True,
        "logprobs": 2,
        "extra_args": {"spelled": list(ids)},
        "detokenize": False,
    }


def spell(ids: Sequence[int], written: Sequence[int], logits: "Tensor") -> "Tensor":
    """Return logits by which the next token of a text is written, with its likelihood in them.

    Two tokens are left: the text's with 0, and another one with the text's log probability among
    the whole vocabulary, less BELOW, so that it is never the likelier one.
    """
    token = ids[min(len(written), len(ids) - 1)]
    logprob = logits[token] - logits.logsumexp(0)
    logits.fill_(-math.inf)
    logits[token] = 0.0
    logits[0 if token else 1] = logprob - BELOW
    return logits


def likelihood(ids: Sequence[int], logprobs: Sequence[Mapping[int, Any]]) -> float:
    """Return the log probability of a text, from those of the two tokens left at each step."""
    total = 0.0
    for token, found in zip(ids, logprobs, strict=True):
        [other] = found.keys() - {token}
        total += found[other].logprob - found[token].logprob + BELOW
    return total


def fault(offer: Offer) -> str | None:
    """Return why no text of an offer can be chosen by its likelihood, or None."""
    if offer.most > 1:
        return (
            "choice: a likelihood chooses one text, and this question asks for several; set "
            "choice=label"
        )
    if len(offer.texts) > EVERY:
        return (
            f"choice: a likelihood chooses among up to {EVERY} texts, and this question offers "
            f"{len(offer.texts)}; set choice=label"
        )
    return None


def scored(query: Query, names: tuple[str, ...]) -> Scored:
    """Return what is scored where one of `names` is the answer."""
    return Scored(names, _texts(query, names), query.choice == "likelihood_per_token")


def _texts(query: Query, names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the option's text for each label; the names themselves where they have no options."""
    if query.options:
        given = tuple(text.strip() for text in query.options)
        return given if query.labels else names
    if names == RATINGS and RATING.search(query.prompt):
        return names
    for found in reversed(printed(query.prompt)):
        texts = {item.label.upper(): item.text for item in found.items}
        if all(name.upper() in texts for name in names):
            return tuple(_tidy(texts[name.upper()]) or name for name in names)
    return names


def _tidy(text: str) -> str:
    """Return an option's text without what follows it on its line.

    >>> _tidy('usb cable"] Your answer is:'), _tidy("cup, Answer:"), _tidy("pan (steel)")
    ('usb cable', 'cup', 'pan (steel)')
    """
    return clean(_CUE.sub("", text))
