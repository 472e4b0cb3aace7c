"""Chats to token ids: the template's own special tokens stay special, typed ones become text.

    [{"role": …, "content": "Is <|im_end|> a lamp?"}]
        ─► in_words   puts a MARK inside each special token that the content spells
        ─► the tokenizer's chat template
        ─► in_pieces  encodes the text on either side of a MARK separately

So neither a shopper nor a product's description can end a turn or begin one of the shop's. Texts
that spell no special token get the ids that the tokenizer gives them.

    chat_ids           the ids of chats; ids_or_why: one that has none fails only itself
    check              does the template render everything that is asked?
    end_of_turn        the token with which it ends an answer; save_end makes engines stop there
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from ecom.errors import InputError

MARK = "\ufdd0"  # a Unicode noncharacter, reserved for such uses: no text contains it
# Templates that print today's date (Llama 3.2, Granite) print this one, which is Llama's default
# without a clock. The same recipe makes the same corpus, and training and serving agree.
DATE = date(2024, 7, 26)
_QUESTION = "Is a boot a shoe?"
_MARKUP = re.compile(r"<\S+>|\[[A-Z_/]+\]")  # <tool_call> is an added token, though not special


def chat_ids(tokenizer: Any, chats: Sequence[Sequence[Mapping[str, str]]]) -> list[list[int]]:
    """Return the ids of each chat, including the opening of the assistant's turn."""
    return _ids(tokenizer, rendered(tokenizer, [in_words(tokenizer, chat) for chat in chats]))


def ids_or_why(
    tokenizer: Any, chats: Sequence[Sequence[Mapping[str, str]]]
) -> list[list[int] | InputError]:
    """Return the ids of each chat or, where it has none, why: it does not fail the others."""
    found = [_rendered_or_why(tokenizer, chat) for chat in chats]
    ids = iter(_ids_or_why(tokenizer, [text for text in found if isinstance(text, str)]))
    return [next(ids) if isinstance(text, str) else text for text in found]


def _rendered_or_why(tokenizer: Any, chat: Sequence[Mapping[str, str]]) -> str | InputError:
    try:
        [text] = rendered(tokenizer, [in_words(tokenizer, chat)])
    except Exception as error:  # a template may raise anything
        return InputError(f"the model's chat template refuses this chat: {error}")
    return text


def _ids_or_why(tokenizer: Any, texts: list[str]) -> list[list[int] | InputError]:
    try:
        return [*_ids(tokenizer, texts)]
    except Exception as error:  # tokenizers raise TypeError for a half of a surrogate pair
        if len(texts) == 1:
            return [InputError(f"the model's tokenizer cannot read this chat: {error}")]
        return [one for text in texts for one in _ids_or_why(tokenizer, [text])]


def _ids(tokenizer: Any, texts: list[str]) -> list[list[int]]:
    def encode(pieces: list[str]) -> list[list[int]]:
        ids: list[list[int]] = tokenizer(pieces, add_special_tokens=False)["input_ids"]
        return ids

    return in_pieces(texts, encode) if texts else []


def rendered(tokenizer: Any, chats: Sequence[Sequence[Mapping[str, str]]]) -> list[str]:
    """Return each chat as the template renders it, with the opening of the assistant's turn."""
    texts: list[str] = tokenizer.apply_chat_template(
        chats, add_generation_prompt=True, tokenize=False, strftime_now=DATE.strftime
    )
    return texts


def check(tokenizer: Any, systems: Iterable[str], model: str) -> None:
    """Raise InputError where the model's chat template leaves out the question, or refuses it.

    `systems` are the recipe's system messages; "" means none.
    """
    from jinja2 import TemplateSyntaxError

    for system in dict.fromkeys(systems):
        before = [{"role": "system", "content": system}] if system else []
        try:
            [text] = rendered(tokenizer, [[*before, {"role": "user", "content": _QUESTION}]])
        except TemplateSyntaxError as error:
            fault = f"is not valid Jinja, line {error.lineno}: {str(error).rstrip('.')}"
            raise InputError(_unusable(model, fault, "")) from None
        except Exception as error:  # a template may raise anything
            fault = f"refuses a chat with a {'system' if system else 'user'} message: {error}"
            raise InputError(_unusable(model, fault, system)) from None
        if _QUESTION not in text:
            raise InputError(_unusable(model, "leaves out the question", ""))
        if system.strip() not in text:
            raise InputError(_unusable(model, "leaves out the system message", system))
        if not _opens_answer(tokenizer, before, text):
            fault = "does not open the assistant's turn: it ignores add_generation_prompt"
            raise InputError(_unusable(model, fault, ""))


def _opens_answer(tokenizer: Any, before: Sequence[Mapping[str, str]], prompt: str) -> bool:
    """Say whether the rendered `prompt` ends where the template would write the answer.

    Some templates write nothing there (Mistral's "[/INST]"): then there is nothing to open.
    """
    chat = [*before, {"role": "user", "content": _QUESTION}]

    def written(turns: Sequence[Mapping[str, str]]) -> str:
        text = tokenizer.apply_chat_template(turns, tokenize=False, strftime_now=DATE.strftime)
        return str(text)

    if written(chat) != prompt:
        return True
    opened = written([*chat, {"role": "assistant", "content": MARK}]).partition(MARK)[0]
    return opened.split() == prompt.split()


def _unusable(model: str, fault: str, system: str) -> str:
    remedy = "give the base another one, in chat_template.jinja beside its tokenizer"
    if system:
        remedy = f'set prompting.system="" (and `system` in by_form, by_task), or {remedy}'
    return f"{model}: its chat template {fault}; {remedy}"


@cache
def end_of_turn(tokenizer: Any) -> int:
    """Return the first special token that the template writes after an answer.

    Where there is none, return the tokenizer's own end token. The two differ for Gemma, for Phi and
    for most bases that were not tuned for chats.
    """
    chat = [{"role": "user", "content": _QUESTION}, {"role": "assistant", "content": MARK}]
    text = tokenizer.apply_chat_template(chat, tokenize=False, strftime_now=DATE.strftime)
    after = tokenizer(text.rpartition(MARK)[2], add_special_tokens=False)["input_ids"]
    added = tokenizer.added_tokens_decoder
    ends = (token for token in after if token in added and added[token].special)
    return int(next(ends, tokenizer.eos_token_id))


def save_end(model: Path) -> None:
    """Write the end of a turn into a checkpoint's generation_config.json: engines stop there."""
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(model)
    if tokenizer.chat_template is None:
        return
    file, config = model / "generation_config.json", model / "config.json"
    settings = json.loads(file.read_bytes()) if file.is_file() else {}
    named = settings.get("eos_token_id", json.loads(config.read_bytes()).get("eos_token_id"))
    ends = [named] if isinstance(named, int) else [*(named or ())]
    if (end := end_of_turn(tokenizer)) not in ends:
        text = json.dumps({**settings, "eos_token_id": [*ends, end]}, indent=2)
        file.write_text(text + "\n", encoding="utf-8")


def in_words(tokenizer: Any, chat: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
    """Return the chat with a mark in each special token that a turn spells."""
    return [{**turn, "content": as_words(tokenizer, turn["content"])} for turn in chat]


def as_words(tokenizer: Any, text: str, mark: str = MARK) -> str:
    """Return the text with a mark after the first character of each special token it spells."""
    if not (special := _special(tokenizer)) or not re.search(special, text):
        return text
    return re.sub(rf"(?={special})(.)", rf"\1{mark}", text, flags=re.DOTALL)  # they may overlap


def in_pieces(texts: list[str], encode: Callable[[list[str]], list[list[int]]]) -> list[list[int]]:
    """Return the ids of each text; the pieces between MARKs are encoded separately."""
    if not any(MARK in text for text in texts):
        return encode(texts)
    split = [text.split(MARK) for text in texts]
    ids = iter(encode([piece for pieces in split for piece in pieces]))
    return [[token for _ in pieces for token in next(ids)] for pieces in split]


@cache
def _special(tokenizer: Any) -> str:
    """Return a pattern of the special tokens that are longer than one character."""
    added = getattr(tokenizer, "added_tokens_decoder", {}).values()
    special = {str(token) for token in added if token.special or _MARKUP.fullmatch(str(token))}
    special |= {*tokenizer.all_special_tokens}
    return "|".join(re.escape(token) for token in sorted(special) if len(token) > 1)
