"""Chats become token ids: the template's own special tokens are special, typed ones are text.

    [{"role": …, "content": "Is <|im_end|> a lamp?"}]
        ─► as_words   a MARK within each special token that the content spells
        ─► the tokenizer's chat template
        ─► in_pieces  what stands on either side of a MARK is encoded by itself

So neither a shopper nor a product's description can end a turn or begin one of the shop's. Texts
that spell no special token get the ids that the tokenizer gives them.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

MARK = "\ufdd0"  # Unicode has it for such uses: it is no character, so no text holds it
_MARKUP = re.compile(r"<\S+>|\[[A-Z_/]+\]")  # <tool_call> is an added token, though not special


def chat_ids(tokenizer: Any, chats: Sequence[Sequence[Mapping[str, str]]]) -> list[list[int]]:
    """Return the ids of each chat, the opening of the assistant's turn included."""
    worded = [
        [{**turn, "content": as_words(tokenizer, turn["content"])} for turn in chat]
        for chat in chats
    ]
    texts = tokenizer.apply_chat_template(worded, add_generation_prompt=True, tokenize=False)

    def encode(pieces: list[str]) -> list[list[int]]:
        ids: list[list[int]] = tokenizer(pieces, add_special_tokens=False)["input_ids"]
        return ids

    return in_pieces(texts, encode)


def as_words(tokenizer: Any, text: str, mark: str = MARK) -> str:
    """Return the text with a mark behind the first character of each special token it spells."""
    if not (special := _special(tokenizer)) or not re.search(special, text):
        return text
    return re.sub(rf"(?={special})(.)", rf"\1{mark}", text, flags=re.DOTALL)  # they may overlap


def in_pieces(texts: list[str], encode: Callable[[list[str]], list[list[int]]]) -> list[list[int]]:
    """Return the ids of each text; what MARKs part is encoded apart."""
    if not any(MARK in text for text in texts):
        return encode(texts)
    parted = [text.split(MARK) for text in texts]
    ids = iter(encode([piece for pieces in parted for piece in pieces]))
    return [[token for _ in pieces for token in next(ids)] for pieces in parted]


@cache
def _special(tokenizer: Any) -> str:
    """Return the pattern of the special tokens that are longer than a character."""
    added = getattr(tokenizer, "added_tokens_decoder", {}).values()
    found = {str(token) for token in added if token.special or _MARKUP.fullmatch(str(token))}
    found |= {*tokenizer.all_special_tokens}
    return "|".join(re.escape(token) for token in sorted(found) if len(token) > 1)
