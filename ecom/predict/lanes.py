"""What goes into the engine for a question and what comes out as its prediction: no Ray here."""

import math
import time
from typing import Any

from ecom.lanes import Lane
from ecom.rows import Prediction, Query


def request(row: int, tokens: list[int], asked: Lane) -> dict[str, Any]:
    """Return the engine's input for a tokenized chat; `row` is the question's place, from 0."""
    return {"row": row, "tokenized_prompt": tokens, "sampling_params": asked.sampling}


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


def prediction(query: Query, asked: Lane, found: dict[str, Any]) -> Prediction:
    """Return the prediction for a `result`, or for the `error` or `__inference_error__` in it."""
    error = found.get("error") or found.get("__inference_error__") or None
    text = "" if error else found["text"]
    confidence = found.get("confidence") if asked.labels else None
    return Prediction(query.id, text, asked.answer(text), asked.form.name, confidence, error)
