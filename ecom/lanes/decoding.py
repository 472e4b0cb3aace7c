"""A question's lane: how its answer is decoded and read."""

import math
import string
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ecom.forms import (
    FORMS,
    Form,
    FormName,
    ItemNumbers,
    OneLabel,
    Prompting,
    infer_form,
    safe_answer,
)
from ecom.forms.multiple_choice import letter
from ecom.lanes.numbers import Numbers
from ecom.lanes.thinking import ANSWER, THINK, is_arithmetic

_LABELS = string.digits + string.ascii_letters
_DEFAULT = Prompting()


@dataclass(frozen=True)
class Lane:
    """How one question is decoded.

    labels      those of a multiple choice, if each is one token; else empty
    sampling    vLLM's SamplingParams, as plain values
    think       token limit of a calculation before the answer (thinking.py); 0: none
    """

    form: Form
    labels: tuple[str, ...]
    sampling: dict[str, Any]
    think: int = 0

    @property
    def longest(self) -> int:
        """The most tokens that may follow the prompt."""
        thought = self.think + len(ANSWER) if self.think else 0
        return int(self.sampling["max_tokens"]) + thought

    def prompt(self, prompt: str) -> str:
        """Return the prompt with the request to calculate, if there is one."""
        return f"{prompt.rstrip()}\n{THINK}" if self.think else prompt

    def answer(self, text: str) -> str:
        """Return what a careful reader finds in the text, written so that the contest reads it.

        "" where there is no answer. An option's letter stays a letter.
        """
        return letter(text, self.labels) or safe_answer(self.form, text)


def label_ids(model: Path) -> dict[str, int]:
    """Return the token id of every digit and letter that is one token for the model."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(model / "tokenizer.json"))
    found = {label: tokenizer.token_to_id(label) for label in _LABELS}
    return {label: token for label, token in found.items() if token is not None}


def lane(
    prompt: str,
    ids: Mapping[str, int],
    *,
    is_multiple_choice: bool | None = None,
    form: FormName | None = None,
    max_tokens: int | None = None,
    task: str | None = None,
    prompting: Prompting = _DEFAULT,
    think_tokens: int = 0,
) -> Lane:
    """Return the lane of a question, by `form`, else by `is_multiple_choice`, else by its text.

    `ids` are the model's `label_ids`; where it has none of the labels, nothing is restricted.
    `max_tokens` is the question's limit and overrides that of `prompting`; `think_tokens` is the
    engine's.
    """
    asked = FORMS[form or infer_form(prompt, is_multiple_choice)]
    says = prompting.asked(asked, task)
    sampling: dict[str, Any] = {
        **says.sampling.parameters(),
        "max_tokens": max_tokens or says.max_tokens,
        "logprobs": 0,
    }
    labels: tuple[str, ...] = ()
    if isinstance(asked.decoding, OneLabel):
        offered = asked.offers(prompt) or tuple(string.digits)
        labels = tuple(label for label in offered if label in ids)
        if labels:
            sampling["allowed_token_ids"] = [ids[label] for label in labels]
            sampling["logprobs"] = len(labels)
            sampling["max_tokens"] = 1
    elif isinstance(asked.decoding, ItemNumbers):
        numbers = _numbers(asked.offers(prompt), asked.decoding)
        sampling["extra_args"] = {"numbers": asdict(numbers)}
    thinks = think_tokens > 0 and labels and is_arithmetic(prompt)
    return Lane(asked, labels, sampling, think_tokens if thinks else 0)


def _numbers(offered: Sequence[str], rule: ItemNumbers) -> Numbers:
    """Return the rule for the numbers that may be written: never more than there are items."""
    items = [int(label) for label in offered] or [1, rule.last]
    first, last = min(items), max(items)
    count = last - first + 1
    return Numbers(first, last, min(rule.least, count), min(rule.most, count))


def too_long(tokens: Sequence[int], asked: Lane, limit: int) -> str | None:
    """Return why a chat and its answer do not fit into `limit` tokens, or None if they do."""
    if len(tokens) + asked.longest <= limit:
        return None
    return (
        f"the prompt has {len(tokens)} tokens and a {asked.form.name} answer up to "
        f"{asked.longest}: more than engine.max_model_len={limit}; raise it"
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
