r"""A choice by the likelihood of its texts, as lm-evaluation-harness makes it (acc, acc_norm).

    "Which is it? A. red boot  B. lamp"  ─►  "red boot": log p(red) + log p( boot | red)   ─►  A
                                             "lamp":     log p(lamp)                       or B

The likelihood of a text is the sum of the log probabilities of its tokens among the whole
vocabulary; `likelihood_per_token` is their mean, so that a long text is not at a disadvantage.
Nothing is written: the engine is asked for one token after each beginning of a text (`points` in
branches.py), with a prompt that is the ordinary one.
"""

import re
from dataclasses import dataclass

from ecom.forms.choosing import clean
from ecom.forms.multiple_choice import RATING, RATINGS
from ecom.forms.offer import Offer
from ecom.forms.options import printed
from ecom.lanes.branches import EVERY
from ecom.rows import Query

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


def fault(offer: Offer) -> str | None:
    """Return why no text of an offer can be chosen by its likelihood, or None."""
    if offer.most > 1:
        return (
            "choice: a likelihood chooses one text, and this question asks for several; leave "
            "choice out"
        )
    if len(offer.texts) > EVERY:
        return (
            f"choice: a likelihood chooses among up to {EVERY} texts, and this question offers "
            f"{len(offer.texts)}; leave choice out"
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
