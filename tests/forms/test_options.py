"""One parser reads what is printed: by our own renderers, and by ShopBench's styles."""

import re
import string
import time
from dataclasses import replace
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecom.corpus.formats.printed import PrintedList
from ecom.forms import FORMS, FormName, options
from ecom.forms.options import Style, last_numbered, printed
from ecom.forms.teacher import numbered
from ecom.lanes.thinking import is_arithmetic
from ecom.rows import Example

LIST = "Products: 0. a lamp\n1. a boot\n2. a tent\n"
TEXT = st.text(string.ascii_letters + string.digits + " .,:;-()'&%$\"", min_size=1, max_size=40)
TEXTS = st.lists(
    TEXT.map(lambda text: f"x{text}".strip()), min_size=2, max_size=20, unique_by=str.strip
)
NUMBERED: list[FormName] = [
    name for name in get_args(FormName) if FORMS[name].first_number is not None
]


@given(TEXTS, st.sampled_from(NUMBERED), st.sampled_from(["", "Answer with a number.", "Output:"]))
def test_options_of_an_example_are_read_back(
    texts: list[str], form: FormName, constraint: str
) -> None:
    row = Example("s", "t", form, "CLS", None, "Which of these?", "1", constraint=constraint)
    row = replace(row, options=texts, id="")
    assert last_numbered(row.text()) == row.numbered()


@given(TEXTS)
def test_a_teachers_list_of_items_is_read_back(items: list[str]) -> None:
    prompt = f"Choose three.\nProducts:\n{numbered(items)}\nOutput:"
    assert last_numbered(prompt) == dict(enumerate(items, 1))


@given(
    st.lists(st.text(string.ascii_lowercase + " ", min_size=2), min_size=2, max_size=10),
    st.sampled_from(["{}. {}", "{}) {}", "({}) {}", "[{}] {}", "{}: {}", "- {} {}", "Item {}: {}"]),
    st.sampled_from(["0123456789", "123456789X", "ABCDEFGHIJ", "abcdefghij"]),
)
def test_labels_and_texts_are_read_back_in_shopbench_s_styles(
    texts: list[str], style: str, labels: str
) -> None:
    if (style == "- {} {}" and not labels.isdigit()) or "X" in labels[: len(texts)]:
        return
    texts = [f"x{text}".strip() for text in texts]
    lines = [style.format(label, text) for label, text in zip(labels, texts, strict=False)]
    prompt = "\n".join(["Which of these is meant?", *lines, "Answer:"])
    (found,) = printed(prompt)
    assert found.labels == tuple(labels[: len(texts)])
    assert [item.text for item in found.items] == texts
    for item, line in zip(found.items, lines, strict=True):
        assert prompt[item.begin : item.end].rstrip() == line.rstrip()
        assert prompt[item.label_begin : item.label_end] == item.label


@given(
    st.lists(st.text(string.ascii_lowercase, min_size=2), min_size=2, max_size=5),
    st.sampled_from(["{}. {}", "{}) {}", "({}) {}"]),
    st.sampled_from(["01234", "12345", "ABCDE", "abcde"]),
)
def test_options_in_one_line_are_read_back(texts: list[str], style: str, labels: str) -> None:
    line = " ".join(style.format(label, text) for label, text in zip(labels, texts, strict=False))
    (found,) = printed(f"Which is it? {line}\nAnswer:")
    assert found.labels == tuple(labels[: len(texts)])
    assert [item.text for item in found.items] == texts


@pytest.mark.parametrize(
    ("prompt", "items"),
    [
        ("1. Choose:\nItem 1: x, Item 2: y\n0. a\n1. b\n2) c", {0: "a", 1: "b", 2: "c"}),
        ("Title: lamp\n1. b\n2. c\n0. a", {1: "b", 2: "c", 0: "a"}),
        ("Goods:\n1. a\n2. b\n3. c\nWhich goes with 2?\n0. d\n1. e", {0: "d", 1: "e"}),
        ("3. What is it for?\n0. projectors\n1. cars", {0: "projectors", 1: "cars"}),
        ("Which?\n0. a\n1. b\n3. d", {0: "a", 1: "b", 3: "d"}),
        ("Which?\n0. a\nand more\n1. b", {0: "a", 1: "b"}),
        ("It costs 5. Is it 1.5 kg?", {}),
        ("Which fits?\nA. red\nB. blue", {}),
    ],
)
def test_the_last_list_of_a_prompt_is_the_one_to_choose_from(
    prompt: str, items: dict[int, str]
) -> None:
    assert last_numbered(prompt) == items


@given(TEXTS, st.sampled_from([0, 1]), st.data())
def test_a_list_is_renumbered_without_the_items_left_out(
    items: list[str], first: int, data: st.DataObject
) -> None:
    prompt = "Which?\n" + "".join(f"{n}. {item}\n" for n, item in enumerate(items, first))
    found = PrintedList.of(f"{prompt}Output:")
    assert found is not None
    without = data.draw(st.sets(st.sampled_from(found.numbers), max_size=len(items) - 2))
    kept = [item for n, item in enumerate(items, first) if n not in without]
    again = found.renumbered(1, without)
    assert again == "Which?\n" + "".join(f"{n}. {i}\n" for n, i in enumerate(kept, 1)) + "Output:"


def test_a_new_style_is_one_entry(monkeypatch: pytest.MonkeyPatch) -> None:
    circled = Style(re.compile("(?P<word>)(?P<label>[①-⑳]) *"), by_line=False, first="①")
    monkeypatch.setattr(options, "STYLES", (*options.STYLES, circled))
    (found,) = printed("Which brand makes it?  ① Alpa ② Bero ③ Ceda   答案：")
    assert found.labels == ("①", "②", "③")
    assert [item.text for item in found.items][:2] == ["Alpa", "Bero"]


def test_every_reader_sees_the_same_options() -> None:
    prompt = "How many usb ports in all?\n0. 2\n1. 4\n3. 8\nAnswer:"
    found = PrintedList.of(prompt)
    assert found is not None
    assert found.numbers == [0, 1, 3]
    assert FORMS["multiple-choice"].offers(prompt) == ("0", "1", "3")
    assert FORMS["multiple-choice"].fault(prompt, {}, 2) is not None
    assert is_arithmetic(prompt)


@given(st.text(st.sampled_from("01AaB.)([]:-• \n'x"), max_size=200))
def test_whatever_is_printed_is_read_in_order(prompt: str) -> None:
    for found in printed(prompt):
        assert len(found.items) > 1
        indices = [
            index for item in found.items for index in (item.begin, item.label_end, item.end)
        ]
        assert indices == sorted(indices)


@pytest.mark.parametrize(
    "piece",
    ["0. a ", "1. a\n", "list 'a' ", "A a: 1.", "a: 0. ", "\n\n", "(a) ", "a ", "x 1\n", ":  "],
)
def test_a_long_prompt_does_not_take_quadratic_time(piece: str) -> None:
    prompt = piece * (100_000 // len(piece))
    start = time.process_time()  # others may use the machine
    printed(prompt)
    assert time.process_time() - start < 20, "a second is usual, and quadratic time is minutes"
