"""What goes into the engine for a question and what comes out as its prediction: no Ray here.

Every form is a lane of its own (ecom/forms): its suffix, its token limit, temperature 0.
"""

import time
from typing import Any

from ecom.forms import Form, safe_answer
from ecom.rows import Prediction, Query


def request(row: int, tokens: list[int], form: Form, digits: list[int]) -> dict[str, Any]:
    """Return the engine's input for a tokenized chat; `row` is the question's place, from 0.

    A multiple-choice answer is one of the token ids `digits`, where the tokenizer has them.
    """
    sampling: dict[str, Any] = {"temperature": 0.0, "max_tokens": form.max_tokens}
    if digits and form.name == "multiple-choice":
        sampling["allowed_token_ids"] = digits
    return {"row": row, "tokenized_prompt": tokens, "sampling_params": sampling}


def too_long(tokens: list[int], form: Form, limit: int) -> str | None:
    """Return why a chat and its answer do not fit into `limit` tokens, or None if they do."""
    if len(tokens) + form.max_tokens <= limit:
        return None
    return (
        f"the prompt has {len(tokens)} tokens and a {form.name} answer up to {form.max_tokens}: "
        f"more than engine.max_model_len={limit}; raise it"
    )


def result(row: dict[str, Any]) -> dict[str, Any]:
    """Keep of the engine's output the text, and when the engine took the question (Unix time)."""
    metrics = row["metrics"] or {}
    arrived = metrics.get("arrival_time", time.time())
    return {"row": row["row"], "text": row["generated_text"], "arrived": arrived}


def prediction(query: Query, form: Form, found: dict[str, Any]) -> Prediction:
    """Return the prediction for a `result`, or for the `error` or `__inference_error__` in it."""
    error = found.get("error") or found.get("__inference_error__") or None
    text = "" if error else found["text"]
    return Prediction(query.id, text, safe_answer(form, text), form.name, error=error)
