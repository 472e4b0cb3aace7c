"""Renders an Example as the token ids of a chat: the prompt, and the answer to learn.

    prompt_ids     <|im_start|>user … <|im_end|> <|im_start|>assistant
    response_ids   2 <|im_end|>

The loss is computed on the response only, so the two lengths are the loss mask. The prompt is
rendered with the tokenizer's chat template and `forms.messages`, exactly as in serving: special
tokens that a text spells are words in both (ecom/chats.py).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from ecom.chats import as_words, end_of_turn, in_pieces, in_words, rendered
from ecom.errors import DataError
from ecom.forms import FORMS, Prompting, messages
from ecom.rows import Example

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase


@cache
def load_tokenizer(path: str) -> "PreTrainedTokenizerBase":
    """Return the tokenizer of a directory or hub name, loaded once per process."""
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(path)
    if tokenizer.chat_template is None:
        raise DataError(f"base {path}: its tokenizer has no chat template; use an instruct model")
    if not tokenizer.is_fast:
        raise DataError(f"base {path}: no tokenizer.json, and none can be made; name another base")
    return tokenizer


def render(
    example: Example, tokenizer: "PreTrainedTokenizerBase", prompting: Prompting
) -> tuple[list[int], list[int]]:
    """Return (prompt_ids, response_ids); the response ends with the template's end of turn."""
    return render_all([example], tokenizer, prompting)[0]


def render_all(
    examples: Sequence[Example], tokenizer: "PreTrainedTokenizerBase", prompting: Prompting
) -> list[tuple[list[int], list[int]]]:
    """Return `render` of every example. A batch is several times as fast as single calls."""
    chats = [
        in_words(tokenizer, messages(e.text(), FORMS[e.form], prompting, e.task)) for e in examples
    ]
    prompts = _prompts(chats, tokenizer)
    responses = _encode(tokenizer, [as_words(tokenizer, example.output) for example in examples])
    end = [end_of_turn(tokenizer)]
    return [(prompt, response + end) for prompt, response in zip(prompts, responses, strict=True)]


def _prompts(
    chats: list[list[dict[str, str]]], tokenizer: "PreTrainedTokenizerBase"
) -> list[list[int]]:
    """Return the token ids of chats whose last message is the user's."""
    frames = [_frame(tokenizer, tuple((m["role"], m["content"]) for m in c[:-1])) for c in chats]
    inner = [
        f"{frame.before}{chat[-1]['content']}{frame.after}" if frame else _whole(tokenizer, chat)
        for frame, chat in zip(frames, chats, strict=True)
    ]
    return [
        [*frame.head, *ids, *frame.tail] if frame else ids
        for frame, ids in zip(frames, _encode(tokenizer, inner), strict=True)
    ]


def _whole(tokenizer: "PreTrainedTokenizerBase", chat: list[dict[str, str]]) -> str:
    return rendered(tokenizer, [chat])[0]


def _encode(tokenizer: "PreTrainedTokenizerBase", texts: list[str]) -> list[list[int]]:
    backend = tokenizer.backend_tokenizer
    backend.no_padding()  # a tokenizer.json may set both, and they would be applied here
    backend.no_truncation()

    def encode(pieces: list[str]) -> list[list[int]]:
        # without offsets, which take a third of the time
        return [found.ids for found in backend.encode_batch_fast(pieces, add_special_tokens=False)]

    return in_pieces(texts, encode)


@dataclass(frozen=True)
class _Frame:
    """The parts of a chat template around a question: ids, then text, then the question.

    No token spans a special token, so the parts outside the two nearest ones are tokenized only
    once: a third of a short prompt.
    """

    head: list[int]
    before: str
    after: str
    tail: list[int]


# Texts with which a template or tokenizer could do more than concatenate.
_PROBES = (
    "a",
    "b c",
    " blank in front",
    "behind ",
    "\nline in front",
    "behind\n",
    "\u30ab\u3002 1.",
)


@cache
def _frame(
    tokenizer: "PreTrainedTokenizerBase", before: tuple[tuple[str, str], ...]
) -> _Frame | None:
    """Return the frame around a question after these (role, content), None where none is valid."""

    def whole(question: str) -> str:
        chat = [{"role": role, "content": text} for role, text in before]
        return _whole(tokenizer, [*chat, {"role": "user", "content": question}])

    mark = "\ue000"
    head, _, tail = whole(mark).partition(mark)
    special = "|".join(map(re.escape, tokenizer.all_special_tokens)) or "(?!)"
    start = max((found.end() for found in re.finditer(special, head)), default=0)
    found = re.search(special, tail)
    stop = found.start() if found else len(tail)
    outer = _encode(tokenizer, [head[:start], tail[stop:]])
    frame = _Frame(outer[0], head[start:], tail[:stop], outer[1])
    for probe in _PROBES:
        inner = _encode(tokenizer, [f"{frame.before}{probe}{frame.after}"])[0]
        if [*frame.head, *inner, *frame.tail] != _encode(tokenizer, [whole(probe)])[0]:
            return None
    return frame
