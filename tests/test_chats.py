"""Chat templates as other families have them: what they refuse, print and end with."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from ecom import chats
from ecom.errors import InputError
from ecom.forms import FORMS, Prompting, messages

pytest.importorskip("transformers")

CHATML = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
GEMMA = (
    "{% if messages[0].role == 'system' %}{{ raise_exception('System role not supported') }}"
    "{% endif %}" + CHATML
)
PARTS = "{% for m in messages %}{{ m.role }}: {{ m.content[0]['text'] }}\n{% endfor %}"
DATED = "{{ strftime_now('%d %b %Y') }}\n" + CHATML
NEVER_OPENED = CHATML.partition("{% if add_generation_prompt")[0]
INST = (
    "{% for m in messages %}{% if m.role == 'assistant' %} {{ m.content }}</s>{% else %}"
    "[INST] {{ m.content }} [/INST]{% endif %}{% endfor %}"
)
OTHERS_ONLY = "{% for m in messages if m.role != 'system' %}{{ m.content }}\n{% endfor %}"


def tokenizer(tiny_model: Path, template: str) -> Any:
    from transformers import AutoTokenizer

    found = AutoTokenizer.from_pretrained(tiny_model)
    found.chat_template = template
    return found


def test_a_template_that_writes_all_down_is_taken(tiny_model: Path) -> None:
    chats.check(tokenizer(tiny_model, CHATML), Prompting().systems(), "base")
    chats.check(tokenizer(tiny_model, GEMMA), [""], "base")
    chats.check(tokenizer(tiny_model, INST), Prompting().systems(), "base")


@pytest.mark.parametrize(
    ("template", "fault"),
    [
        (GEMMA, r"refuses a chat with a system message: System role.*prompting\.system=\"\""),
        (PARTS, r"base: its chat template (refuses|leaves out the question)"),
        (CHATML + "{% if %}", r"base: its chat template is not valid Jinja, line \d: .*; give the"),
        (NEVER_OPENED, r"add_generation_prompt; give the base another one"),
        (OTHERS_ONLY, r"leaves out the system message; set prompting\.system=\"\""),
    ],
)
def test_a_template_that_loses_what_is_asked_is_refused(
    tiny_model: Path, template: str, fault: str
) -> None:
    with pytest.raises(InputError, match=fault):
        chats.check(tokenizer(tiny_model, template), Prompting().systems(), "base")


def test_a_system_message_of_one_task_is_tried_too(tiny_model: Path) -> None:
    prompting = Prompting.model_validate(
        {"system": "", "by_task": {"slogans": {"system": "Be short."}}}
    )
    with pytest.raises(InputError, match="system message"):
        chats.check(tokenizer(tiny_model, GEMMA), prompting.systems(), "base")


ALTERNATING = (
    "{% for m in messages %}{% if loop.previtem and m.role == 'assistant' == loop.previtem.role %}"
    "{{ raise_exception('Conversation roles must alternate') }}{% endif %}{% endfor %}" + CHATML
)


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        ([("assistant", "a"), ("assistant", "b")], "template refuses this chat.*must alternate"),
        ([("user", "half \ud83d")], "tokenizer cannot read this chat"),
    ],
)
def test_a_chat_that_has_no_tokens_fails_only_itself(
    tiny_model: Path, bad: list[tuple[str, str]], why: str
) -> None:
    own = tokenizer(tiny_model, ALTERNATING)
    good = [[{"role": "user", "content": f"Is {n} a lamp? <|im_end|>"}] for n in range(3)]
    broken = [{"role": role, "content": content} for role, content in bad]
    found = chats.ids_or_why(own, [good[0], broken, good[1], broken, good[2]])
    assert found[::2] == chats.chat_ids(own, good)
    for one in found[1::2]:
        assert isinstance(one, InputError)
        assert re.search(why, str(one))


def test_a_template_that_asks_for_today_gets_the_same_day_every_day(tiny_model: Path) -> None:
    own = tokenizer(tiny_model, DATED)
    chat = messages("Why?", FORMS["generation"], Prompting())
    [text] = chats.rendered(own, [chat])
    assert text.startswith("26 Jul 2024\n")
    [ids] = chats.chat_ids(own, [chat])
    assert own.decode(ids) == text


@pytest.mark.parametrize(
    ("template", "end"),
    [
        (CHATML, "<|im_end|>"),
        (CHATML.replace("<|im_end|>", "<|endoftext|>"), "<|endoftext|>"),
        ("{% for m in messages %}{{ m.content }}\n{% endfor %}", "eos"),
    ],
)
def test_answers_end_as_the_template_ends_a_turn(tiny_model: Path, template: str, end: str) -> None:
    own = tokenizer(tiny_model, template)
    token = own.eos_token_id if end == "eos" else own.convert_tokens_to_ids(end)
    assert chats.end_of_turn(own) == token


def test_engines_get_an_end_that_is_not_the_tokenizers(tiny_model: Path, tmp_path: Path) -> None:
    own = tokenizer(tiny_model, CHATML)
    own.eos_token = "<|endoftext|>"
    own.save_pretrained(tmp_path)
    (tmp_path / "config.json").write_bytes((tiny_model / "config.json").read_bytes())
    settings = {"eos_token_id": own.eos_token_id, "top_p": 0.8}
    file = tmp_path / "generation_config.json"
    file.write_text(json.dumps(settings))
    chats.save_end(tmp_path)
    ends = [own.eos_token_id, own.convert_tokens_to_ids("<|im_end|>")]
    assert json.loads(file.read_text()) == {"eos_token_id": ends, "top_p": 0.8}
    before = file.read_bytes()
    chats.save_end(tmp_path)
    assert file.read_bytes() == before
