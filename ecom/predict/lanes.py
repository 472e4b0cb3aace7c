"""A question's text becomes its prediction: no Ray and no engine here."""

import json
import math
from collections.abc import Sequence
from typing import Any

from ecom.forms import infer_form
from ecom.lanes import Lane
from ecom.rows import Prediction, Query, to_dict


def prediction(query: Query, asked: Lane, text: str, confidence: float | None = None) -> Prediction:
    """Return what the model said, as a careful reader takes it."""
    sure = confidence if asked.labels else None
    return Prediction(query.id, text, asked.answer(text), asked.form.name, sure)


def failed(query: Query, error: str) -> Prediction:
    """Return the prediction of a question that was not answered, and why."""
    form = query.form or infer_form(query.prompt, query.is_multiple_choice)
    return Prediction(query.id, "", "", form, error=error)


def confidence(tokens: Sequence[int], logprobs: Sequence[Any] | None) -> float | None:
    """Return the probability of the first token, where vLLM was asked for it."""
    return math.exp(logprobs[0][tokens[0]].logprob) if logprobs and tokens else None


def to_json(row: Prediction) -> str:
    """Return the prediction as one line of JSON."""
    return json.dumps(to_dict(row), ensure_ascii=False)
