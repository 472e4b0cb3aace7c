"""What goes into the engine for a question and what comes out as its prediction: no Ray here.

Every form is a lane of its own (ecom/forms): its suffix, its token limit, temperature 0.
"""

import math
import time
from typing import Any

from ecom.forms import Form, safe_answer
from ecom.rows import Prediction, Query


def request(
    row: int, tokens: list[int], form: Form, digits: list[int], max_tokens: int | None = None
) -> dict[str, Any]:
    """Return the engine's input for a tokenized chat; `row` is the question's place, from 0.

    The answer may have `max_tokens`, or as many as its form has by default.

    A multiple-choice answer is one of the token ids `digits`, where the tokenizer has them, and
    comes with its probability among them. Every request asks for the logarithms: Ray Data would
    turn an int that only some rows have into a float, which vLLM refuses.
    """
    longest = max_tokens or form.max_tokens
    sampling: dict[str, Any] = {"temperature": 0.0, "max_tokens": longest, "logprobs": 0}
    if digits and form.name == "multiple-choice":
        sampling["allowed_token_ids"] = digits
    return {"row": row, "tokenized_prompt": tokens, "sampling_params": sampling}


def too_long(
    tokens: list[int], form: Form, limit: int, max_tokens: int | None = None
) -> str | None:
    """Return why a chat and its answer do not fit into `limit` tokens, or None if they do."""
    longest = max_tokens or form.max_tokens
    if len(tokens) + longest <= limit:
        return None
    return (
        f"the prompt has {len(tokens)} tokens and a {form.name} answer up to {longest}: "
        f"more than engine.max_model_len={limit}; raise it"
    )


def result(row: dict[str, Any]) -> dict[str, Any]:
    """Keep of the engine's output what a prediction is made of.

    arrived is when the engine took the question (Unix time), confidence the probability of the
    first token, where it was asked for.
    """
    metrics = row["metrics"] or {}
    arrived = metrics.get("arrival_time", time.time())
    confidence = None
    if row["logprobs"] is not None and len(row["logprobs"]):
        chosen = row["logprobs"][0][row["generated_tokens"][0]]
        confidence = math.exp(chosen["logprob"])
    return {
        "row": row["row"],
        "text": row["generated_text"],
        "arrived": arrived,
        "confidence": confidence,
    }


def prediction(query: Query, form: Form, found: dict[str, Any]) -> Prediction:
    """Return the prediction for a `result`, or for the `error` or `__inference_error__` in it."""
    error = found.get("error") or found.get("__inference_error__") or None
    text = "" if error else found["text"]
    confidence = found.get("confidence") if form.name == "multiple-choice" else None
    return Prediction(query.id, text, safe_answer(form, text), form.name, confidence, error)
