"""An Example becomes the token ids of a chat: what is asked, and what shall be answered.

    prompt_ids     <|im_start|>user … <|im_end|> <|im_start|>assistant
    response_ids   2 <|im_end|>

Loss is taken on the response alone, so the two lengths are the loss mask. The prompt is rendered by
the tokenizer's own chat template through `forms.messages`, exactly as serving renders it.
"""

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

from ecom.errors import DataError
from ecom.forms import FORMS, Prompting, messages
from ecom.rows import Example

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase


@cache
def load_tokenizer(path: str) -> "PreTrainedTokenizerBase":
    """Return the tokenizer of a directory or hub name, loaded once a process."""
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
    """Return (prompt_ids, response_ids); the response ends with the end-of-turn token."""
    return render_all([example], tokenizer, prompting)[0]


def render_all(
    examples: Sequence[Example], tokenizer: "PreTrainedTokenizerBase", prompting: Prompting
) -> list[tuple[list[int], list[int]]]:
    """Return `render` of every example. Many at once are several times as fast as one by one."""
    chats = [messages(e.text(), FORMS[e.form], prompting) for e in examples]
    texts = tokenizer.apply_chat_template(chats, add_generation_prompt=True, tokenize=False)
    outputs = [example.output for example in examples]
    encode = tokenizer.backend_tokenizer.encode_batch_fast  # without offsets, which cost a third
    prompts, responses = (encode(list(some), add_special_tokens=False) for some in (texts, outputs))
    end = [tokenizer.eos_token_id]
    pairs = zip(prompts, responses, strict=True)
    return [(prompt.ids, [*response.ids, *end]) for prompt, response in pairs]
