"""A question's lane: how its answer is decoded and read."""

import math
import string
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from ecom.forms import (
    FORMS,
    Form,
    FormName,
    Inferred,
    ItemNumbers,
    Offer,
    OneLabel,
    OneText,
    Prompting,
    SeveralTexts,
    infer,
    safe_answer,
)
from ecom.forms.multiple_choice import letter
from ecom.forms.offer import offered
from ecom.forms.texts import join
from ecom.lanes.likelihood import Scored, fault, scored
from ecom.lanes.numbers import Numbers
from ecom.lanes.thinking import ANSWER, THINK, is_arithmetic
from ecom.rows import Query

_LABELS = string.digits + string.ascii_letters
# For a model whose tokens are not known: each label counts as one.
ANY_LABELS = {label: number for number, label in enumerate(_LABELS)}
GIVEN = "the question says so"
_DEFAULT = Prompting()


@dataclass(frozen=True)
class Lane:
    """How one question is decoded.

    labels      those of a multiple choice, if each is one token; else empty
    sampling    vLLM's SamplingParams, as plain values
    think       token limit of a calculation before the answer (thinking.py); 0: none
    offer       the texts that the answer is made of; None: labels, numbers or any text
    because     why the question has this form
    scored      the texts whose likelihood decides; None: the model writes the answer
    error       why the answer cannot be chosen as it is asked for
    """

    form: Form
    labels: tuple[str, ...]
    sampling: dict[str, Any]
    think: int = 0
    offer: Offer | None = None
    because: str = ""
    scored: Scored | None = None
    error: str | None = None

    @property
    def thought(self) -> int:
        """The most tokens of a calculation and the words behind it."""
        return self.think + len(ANSWER) if self.think else 0

    @property
    def longest(self) -> int:
        """The most tokens that may follow the prompt."""
        return int(self.sampling["max_tokens"]) + self.thought

    def prompt(self, prompt: str) -> str:
        """Return the prompt with the request to calculate, if there is one."""
        return f"{prompt.rstrip()}\n{THINK}" if self.think else prompt

    def answer(self, text: str) -> str:
        """Return what a careful reader finds in the text, written so that the contest reads it.

        "" where there is no answer. An option's letter stays a letter.
        """
        if self.offer and self.form.chosen:
            chosen = self.form.chosen(text, self.offer.texts)
            return join(chosen) if chosen else ""
        return letter(text, self.labels) or safe_answer(self.form, text)


def label_ids(model: Path) -> dict[str, int]:
    """Return the token id of every digit and letter that is one token for the model."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(model / "tokenizer.json"))
    found = {label: tokenizer.token_to_id(label) for label in _LABELS}
    return {label: token for label, token in found.items() if token is not None}


def lane(
    query: Query,
    ids: Mapping[str, int],
    prompting: Prompting = _DEFAULT,
    think_tokens: int = 0,
) -> Lane:
    """Return the lane of a question, by its `form`, by what it offers, or else by its text.

    `ids` are the model's `label_ids`; where it has none of the labels, nothing is restricted. The
    question's `max_tokens` overrides that of `prompting`; `think_tokens` is the engine's.
    """
    found = read(query)
    form, offer = FORMS[found.form], found.offer
    says = prompting.asked(form, query.task)
    sampling: dict[str, Any] = {
        **says.sampling.parameters(),
        "max_tokens": query.max_tokens or says.max_tokens,
        "logprobs": 0,
    }
    labels: tuple[str, ...] = ()
    written = query.choice == "label"
    if isinstance(form.decoding, OneLabel):
        known = ids if written else ANY_LABELS
        texts = offer.texts if offer else form.offers(query.prompt) or tuple(string.digits)
        labels = tuple(label for label in texts if label in known)
        if offer and known and len(labels) < len(texts):  # some are no single token
            form, labels = FORMS["classification"], ()
        elif labels:
            sampling["max_tokens"] = 1
        if labels and written:
            sampling["allowed_token_ids"] = [ids[label] for label in labels]
            sampling["logprobs"] = len(labels)
    elif isinstance(form.decoding, ItemNumbers):
        rule = form.decoding
        if offer:
            rule = replace(rule, least=min(offer.least, rule.most), most=min(offer.most, rule.most))
        numbers = _numbers(form.offers(query.prompt), rule)
        sampling["extra_args"] = {"numbers": asdict(numbers)}
    thinks = think_tokens > 0 and labels and is_arithmetic(query.prompt)
    own = offer if isinstance(form.decoding, OneText | SeveralTexts) else None
    made = Lane(form, labels, sampling, think_tokens if thinks else 0, own, found.because)
    choices = own or (Offer(labels) if labels else None)
    if written or not choices:
        return made
    if error := fault(choices):
        return replace(made, error=error)
    return replace(made, scored=scored(query, choices.texts))


def read(query: Query) -> Inferred:
    """Return the form of a question, what it offers, and why.

    Raises InputError where what the caller offers cannot be answered with.
    """
    if query.found:
        return query.found
    says = (query.options, query.labels, query.choose, query.order)
    form = FORMS[query.form] if query.form else None
    if form and form.decoding is None:
        return Inferred(form.name, None, GIVEN)
    inferred = infer(query.prompt, query.is_multiple_choice)
    offer = offered(*says, inferred.offer)
    if form and (offer or inferred.form != form.name):
        return Inferred(form.name, offer or (inferred.offer if form.chosen else None), GIVEN)
    if offer is None:
        return inferred
    return Inferred(_form(offer), offer, "the question says what may be answered")


def _form(offer: Offer) -> FormName:
    if offer.ordered:
        return "ordering"
    if offer.most > 1:
        return "multi-label"
    return "multiple-choice" if all(text in _LABELS for text in offer.texts) else "classification"


def _numbers(offered: Sequence[str], rule: ItemNumbers) -> Numbers:
    """Return the rule for the numbers that may be written: never more than there are items."""
    items = [int(label) for label in offered] or [1, rule.last]
    first, last = min(items), max(items)
    count = last - first + 1
    return Numbers(first, last, min(rule.least, count), min(rule.most, count))


def too_long(tokens: Sequence[int], form: FormName, longest: int, limit: int) -> str | None:
    """Return why a chat and its answer do not fit into `limit` tokens, or None if they do.

    longest     the most tokens of the answer
    """
    if len(tokens) + longest <= limit:
        return None
    return (
        f"the prompt has {len(tokens)} tokens and a {form} answer up to {longest}: more than "
        f"engine.max_model_len={limit}; raise it"
    )


def confidences(
    asked: Lane, ids: Mapping[str, int], logprobs: Mapping[int, float] | None
) -> dict[str, float] | None:
    """Return the probability of each label; None where the lane has no labels.

    `logprobs` are those of the first token, restricted to the labels, by token id.
    """
    if not asked.labels or not logprobs:
        return None
    return {label: math.exp(logprobs.get(ids[label], -math.inf)) for label in asked.labels}
