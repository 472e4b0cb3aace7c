"""An Example becomes the token ids of a chat: what is asked, and what shall be answered.

    prompt_ids     <|im_start|>user … <|im_end|> <|im_start|>assistant
    response_ids   2 <|im_end|>

Loss is taken on the response alone, so the two lengths are the loss mask. The prompt is rendered by
the tokenizer's own chat template through `forms.messages`, exactly as serving renders it.
"""

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
    return tokenizer


def render(
    example: Example, tokenizer: "PreTrainedTokenizerBase", prompting: Prompting
) -> tuple[list[int], list[int]]:
    """Return (prompt_ids, response_ids); the response ends with the end-of-turn token."""
    chat = messages(example.text(), FORMS[example.form], prompting)
    prompt = tokenizer.apply_chat_template(chat, add_generation_prompt=True, return_dict=False)
    response = tokenizer(example.output, add_special_tokens=False).input_ids
    return list(prompt), [*response, tokenizer.eos_token_id]
