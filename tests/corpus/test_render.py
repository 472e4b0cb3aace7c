from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ecom.corpus.render import load_tokenizer, render
from ecom.forms import FORMS, Prompting, messages
from ecom.rows import Example

PROMPTING = Prompting()


def example(prompt: str, output: str) -> Example:
    return Example("s", "t", "generation", "GEN", None, prompt, output)


@given(
    prompt=st.text("abc Öß2\n.", min_size=1, max_size=40).filter(str.strip),
    output=st.text("abc Öß2.,", min_size=1, max_size=20).filter(str.strip),
)
def test_the_mask_covers_what_the_chat_template_says_the_assistant_says(
    tiny_model: Path, prompt: str, output: str
) -> None:
    tokenizer = load_tokenizer(str(tiny_model))
    row = example(prompt, output)
    prompt_ids, response_ids = render(row, tokenizer, PROMPTING)

    chat = messages(row.text(), FORMS["generation"], PROMPTING)
    whole: Any = tokenizer.apply_chat_template(
        [*chat, {"role": "assistant", "content": output}],
        return_dict=True,
        return_assistant_tokens_mask=True,
    )
    said = [i for i, m in zip(whole["input_ids"], whole["assistant_masks"], strict=True) if m]
    assert response_ids == said
    assert (prompt_ids + response_ids) == list(whole["input_ids"])[: len(prompt_ids + said)]


def test_multiple_choice_and_open_questions_are_asked_in_their_own_way(tiny_model: Path) -> None:
    tokenizer = load_tokenizer(str(tiny_model))
    open_ended = tokenizer.decode(render(example("Why?", "so"), tokenizer, PROMPTING)[0])
    choice = Example("s", "t", "multiple-choice", "CLS", None, "Why?", "1")
    closed = tokenizer.decode(render(choice, tokenizer, PROMPTING)[0])
    assert PROMPTING.open_ended_suffix in open_ended
    assert PROMPTING.open_ended_suffix not in closed
    assert PROMPTING.system in closed
