"""Chats with `model="shop"`: their last turn is a question, answered in its own form. Pure; no ray.

    ChatBody ─► question ─► ask ─► Asked ─► turns ─► (the model) ─► ShopAnswer ─► completion, chunks

The turns before the question stay, and a system message of the caller's replaces the recipe's.
"""

import json
import math
import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import takewhile
from typing import Any
from uuid import uuid4

from pydantic import ValidationError

from ecom.errors import InputError
from ecom.lanes import SAMPLING, Asked
from ecom.serve import protocol
from ecom.serve.openai_protocol import ChatBody, Message
from ecom.serve.protocol import ShopAnswer, ShopQuery

_SYSTEM = ("system", "developer")
# Fields that say how a question is answered; the model as it is has no use for them.
SHOP_ONLY = ("is_multiple_choice", "task", "options", "labels", "choose", "order", "choice")
_UNUSED = ("stop", "presence_penalty", "frequency_penalty", "logit_bias")


def question(body: ChatBody) -> ShopQuery:
    """Return what a chat asks: its last turn, the user's, and how the answer is sampled.

    Raises InputError where there is no question, and for settings that its lane does not use.
    """
    last = body.messages[-1]
    if last.role != "user" or not last.text.strip():
        raise InputError(
            f'messages.{len(body.messages) - 1} is the question for model="shop": '
            f"its role is {last.role!r} and it has {len(last.text.strip())} characters; end with a "
            "user's message that is not blank"
        )
    if (body.n or 1) > 1:
        raise InputError('n is over 1: model="shop" has one answer; leave n out')
    if found := [name for name in _UNUSED if getattr(body, name)]:
        raise InputError(
            f'{", ".join(found)}: not for model="shop", whose answers have their own form; '
            "leave it out, or ask the model as it is"
        )
    try:
        return ShopQuery(
            prompt=last.text,
            max_tokens=body.limit,
            **{name: getattr(body, name) for name in (*SHOP_ONLY, *SAMPLING)},
        )
    except ValidationError as error:
        raise InputError(protocol.explain(error)) from None


def turns(asked: Asked, body: ChatBody) -> Asked:
    """Return the question with the turns before it; the caller's system message replaces ours.

    The recipe's examples come between the system message and the caller's turns.
    """
    before = [{"role": turn.role, "content": turn.text} for turn in body.messages[:-1]]
    *ours, last = asked.messages
    theirs = [turn for turn in before if turn["role"] in _SYSTEM]
    shown = [turn for turn in ours if turn["role"] not in _SYSTEM]
    opening = ours[: len(ours) - len(shown)]
    if theirs:
        opening = list(takewhile(lambda turn: turn["role"] in _SYSTEM, before))
        before = before[len(opening) :]
    return replace(asked, messages=[*opening, *shown, *before, last])


def check(asked: Asked, body: ChatBody) -> None:
    """Raise InputError where log probabilities are asked for that there are not."""
    if body.top_logprobs and not body.logprobs:
        raise InputError("top_logprobs: only with logprobs: true; set that, or leave both out")
    if body.logprobs and not (asked.lane.labels or asked.lane.offer):
        raise InputError(
            f'logprobs: this question was read as {asked.lane.form.name}, and with model="shop" '
            "only offered labels and texts have log probabilities; leave logprobs out, or "
            "ask the model as it is"
        )


def as_text(asked: Asked, body: ChatBody, model: str) -> ChatBody:
    """Return the chat that streams the model's own answer to a question.

    The recipe's examples and limits may exceed what a caller may send, so nothing is validated.
    """
    return ChatBody.model_construct(
        model=model,
        messages=[Message.model_validate(turn) for turn in asked.messages],
        stream=True,
        stream_options=body.stream_options,
        **{name: asked.lane.sampling.get(name) for name in ("max_tokens", *SAMPLING)},
    )


def completion(
    body: ChatBody, answer: ShopAnswer, tokens: tuple[int, int], *, cut: bool
) -> dict[str, Any]:
    """Return the chat's completion: the answer, and under `shop` all details of it.

    tokens: of the prompt and of the text; cut: the text ended at its token limit. A text without an
    answer of its form is returned as it is.
    """
    prompt, written = tokens
    message = {"role": "assistant", "content": answer.answer or answer.prediction}
    choice: dict[str, Any] = {
        "index": 0,
        "message": message,
        "logprobs": _logprobs(body, answer),
        "finish_reason": "length" if cut else "stop",
    }
    return {
        "id": f"chatcmpl-{uuid4().hex}",
        "object": "chat.completion",
        "created": int(time.time()),
        "model": body.model,
        "choices": [choice],
        "usage": {
            "prompt_tokens": prompt,
            "completion_tokens": written,
            "total_tokens": prompt + written,
        },
        "shop": answer.model_dump(exclude={"id", "answer", "prediction"}),
    }


def _logprobs(body: ChatBody, answer: ShopAnswer) -> dict[str, Any] | None:
    """Return the label probabilities as OpenAI's log probabilities of the one token."""
    shares = answer.confidences
    if not body.logprobs or not shares or answer.prediction not in shares:
        return None
    likely = sorted(shares, key=lambda label: -shares[label])[: body.top_logprobs or 0]
    top = [_token(label, shares[label]) for label in likely]
    chosen = _token(answer.prediction, shares[answer.prediction])
    return {"content": [{**chosen, "top_logprobs": top}], "refusal": None}


def _token(label: str, share: float) -> dict[str, Any]:
    # As OpenAI does: a token that cannot be drawn has -9999.
    logprob = math.log(share) if share else -9999.0
    return {"token": label, "logprob": logprob, "bytes": [*label.encode()]}


def chunks(body: ChatBody, whole: dict[str, Any]) -> Iterator[str]:
    """Yield a completion as server-sent events. An answer is parsed whole, so it comes at once."""
    kept = {key: whole[key] for key in ("id", "created", "model")}
    [choice] = whole["choices"]
    start = {
        "index": 0,
        "delta": choice["message"],
        "logprobs": choice["logprobs"],
        "finish_reason": None,
    }
    end = {"index": 0, "delta": {}, "finish_reason": choice["finish_reason"]}
    parts: list[dict[str, Any]] = [{"choices": [start], "shop": whole["shop"]}, {"choices": [end]}]
    if body.stream_options and body.stream_options.include_usage:
        parts.append({"choices": [], "usage": whole["usage"]})
    for part in parts:
        yield f"data: {json.dumps({**kept, 'object': 'chat.completion.chunk', **part})}\n\n"
    yield "data: [DONE]\n\n"
