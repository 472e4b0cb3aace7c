import json
from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from time import process_time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecom.corpus.clean import Cleaned, clean
from ecom.corpus.config import Clean
from ecom.forms import FORMS, FormName, ranking
from ecom.rows import Example

SETTINGS = Clean()
SHOES = "Which is a shoe?\n0. red boot\n1. lamp\n2. chair\nAnswer:"


def row(prompt: str, output: str, form: FormName = "generation", **parts: Any) -> Example:
    return Example("s", "t", form, "GEN", None, prompt, output, **parts)


def cleaned(prompt: str, output: str = "x", form: FormName = "generation", **parts: Any) -> Cleaned:
    found = clean(row(prompt, output, form, **parts), SETTINGS)
    assert isinstance(found, Cleaned), found
    return found


def rejected(prompt: str, output: str, form: FormName = "generation", **parts: Any) -> str:
    found = clean(row(prompt, output, form, **parts), SETTINGS)
    assert isinstance(found, str), found
    return found


@pytest.mark.parametrize(
    ("dirty", "repaired", "fix"),
    [
        ("5 &quot; nail, A&amp;T", '5 " nail, A&T', "entities"),
        ("twice &amp;quot;escaped&amp;quot;", 'twice "escaped"', "entities"),
        ("wide &#8203;gap&nbsp;here", "wide gap here", "entities"),
        ("Tab 4& amp ; nbsp ; -", "Tab 4 -", "entities"),
        ("R &amp ; D, 5 &lt ; 6, & #39 ;x", "R & D, 5 < 6, 'x", "entities"),
        ("good.<br /><br />Bad", "good.\n\nBad", "tags"),
        ("see <a href='/x?a=1' class=b>this</a> now", "see this now", "tags"),
        ("a&lt;br&gt;b", "a\nb", "tags"),
        ("Items:\n1. a<br>b\n2. c", "Items:\n1. a b\n2. c", "tags"),
        ('<meta charset="utf-8">Soft.', "Soft.", "tags"),
        ("<p data-mce-fragment>Soft.</p>", "Soft.", "tags"),
        ("<td nowrap>1</td><td width=100% nowrap>2</td>", "1\n\n2", "tags"),
        ('a <iframe src="//v" allowfullscreen></iframe>b', "a b", "tags"),
        ('a <span style="font-family: &quot;Arial&quot;">b</span>', "a b", "tags"),
        ("a &lt;span style=&quot;font: &amp;quot;Arial&amp;quot;&quot;&gt;b", "a b", "tags"),
        ("<section>a</section><del>b</del>", "a\nb", "tags"),
        ("a<o:p></o:p> b<O:P/>", "a b", "tags"),
        ('a <svg viewBox="0 0 1 1"><path d="M0"/><text>x</text></svg>b', "a b", "tags"),
        ("<!DOCTYPE html><html><body>a</body></html>", "a", "tags"),
        ("<![CDATA[<b>a</b> & b]]>", "a & b", "tags"),
        ("a<!--[if mso]>" + "x" * 9_000 + "<![endif]-->b", "a b", "tags"),
        ("<![if !supportLists]>1<![endif]>", "1", "tags"),
        ('<a title="a > b" href=x>a</a> <img alt="24" wide" src=\'x\'/>b', "a b", "tags"),
        ("<p class=don't>a<BR CLEAR=all>b", "a\nb", "tags"),
        ('<?xml version="1.0"?>a <?xml:namespace prefix = o />', "a", "tags"),
        ("<p>a <shop-price>5 EUR</shop-price></p><my-icon name='x'></my-icon>", "a 5 EUR", "tags"),
        ("a <math><mi>x</mi><msup><mn>2</mn></msup></math>b", "a x2b", "tags"),
        ('a <path d="M0 0"/><path d="M1"></path><g><rect width="5"/></g>b', "a b", "tags"),
        ("a <blockquote cite>b</blockquote>", "a\nb", "tags"),
        ("<p>a</ p>", "a", "tags"),
        ('<p class="x" a', "a", "tags"),
        ("a <img src='x.jpg' alt='red la", "a", "tags"),
        ("a  b \t c", "a b c", "white space"),
        (" a \n\n\n\n b ", "a\n\n b", "white space"),
        ("a\u00a0b\u3000c", "a b c", "characters"),
        ("a\x07b\u200bc\ufeff", "abc", "characters"),
        ("a\r\nb\u2028c", "a\nb\nc", "characters"),
        ("Cafe\u0301", "Café", "normal form"),
        ("x" * 300 + "\ufffd", "x" * 300, "illegal characters"),
    ],
)
def test_what_can_be_repaired_is_repaired_and_named(dirty: str, repaired: str, fix: str) -> None:
    found = cleaned(dirty)

    assert found.example.prompt == repaired
    assert fix in found.fixes


@pytest.mark.parametrize(
    "text",
    [
        "a < b and c > d",
        "9*10=<<9*10=90>>90",
        "the <system> of <ENAMEX TYPE 'BRAND'>",
        "a <b and c> d",
        "a lamp <5 cm>, <3, <- and <>",
        "Write it into <output>.",
        "Write <text>, <path> and </path> into <product-name></product-name>.",
        "<http://shop.example> <a@b.example> <my-tag x='1'>",
        "<table of contents> <small or big>",
        "a <!-- b",
        "AT&T, ?a=1&copy=2&reg=3",
        "R&D; &nothing;",
        "spoilt: Ã¤",
        "👩\u200d👧 می\u200cخواهم",
        "line\n\nline",
    ],
)
def test_what_only_looks_dirty_is_left_alone(text: str) -> None:
    found = cleaned(text)

    assert found.example.prompt == text
    assert found.fixes == ()


class Words(HTMLParser):
    """What the standard library's parser takes for text."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_data(self, data: str) -> None:
        self.found.append(data)


ATTRIBUTES = st.sampled_from(
    [
        "",
        " ",
        " nowrap",
        ' class="a > b"',
        " id='5\" nail'",
        " width=100%",
        " data-x",
        ' alt="x"title=y',
        ' style="font: &quot;A&quot;"',
        " /",
    ]
)
NAMES = st.sampled_from(["p", "DIV", "td", "span", "section", "del", "h2", "br", "img", "b"])
PIECES = st.one_of(
    st.text(st.sampled_from("ab 5.,é"), max_size=6),
    st.sampled_from(["&amp;", "&quot;", "&eacute;", "<!-- c > -->"]),
    st.builds("<{}{}>".format, NAMES, ATTRIBUTES),
    st.builds("</{}>".format, NAMES),
)


@given(st.lists(PIECES, max_size=12))
def test_the_words_of_html_are_those_that_a_parser_finds(pieces: list[str]) -> None:
    html = "Q" + "".join(pieces)
    parser = Words()
    parser.feed(html)
    parser.close()

    blanks_apart = str.maketrans("", "", " \n")
    found = cleaned(html).example.prompt.translate(blanks_apart)
    assert found == "".join(parser.found).translate(blanks_apart)


@given(
    prompt=st.text(
        st.sampled_from("ab <>&;#/br\"'=\n\t\u00a0\u200be\u0301\x07\ufffd0.1"), max_size=60
    ),
    option=st.text(st.sampled_from("ab &amp;<br>\n "), max_size=20),
)
def test_a_clean_row_is_clean(prompt: str, option: str) -> None:
    first = clean(row(f"Q {prompt} {'x' * 2000}", "x", options=(option, "b")), SETTINGS)
    assert isinstance(first, Cleaned)

    assert clean(first.example, SETTINGS) == Cleaned(first.example, ())
    assert "\n" not in first.example.options[0]


@pytest.mark.parametrize(
    "piece",
    [
        "<!-- ",
        "<script>",
        "<b a=b ",
        '<b "',
        '<b a="',
        '<b a="x',
        "<b-c ",
        "<svg ",
        "<![CDATA[",
        "&amp",
        "  \n",
        "1. ",
        " \u200b",
    ],
)
def test_no_text_takes_long(piece: str) -> None:
    start = process_time()
    assert isinstance(clean(row(piece * 2_000_000, "1", "multiple-choice"), SETTINGS), str)
    clean(row("Rate it from 1 to 5. " + piece * 9_000, "1", "multiple-choice"), SETTINGS)

    assert process_time() - start < 20


def test_all_parts_are_repaired_and_the_id_follows_the_new_content() -> None:
    named = ("description", "input", "constraint")
    parts: dict[str, Any] = {part: f"{part} &amp; so" for part in named}
    plain: dict[str, Any] = {part: f"{part} & so" for part in named}
    dirty = row("p &amp; q", "o &amp; u", options=("a &amp; b", "c\nd"), parents=("w",), **parts)
    found = clean(dirty, SETTINGS)

    assert isinstance(found, Cleaned)
    want = row("p & q", "o & u", options=("a & b", "c d"), parents=("w",), **plain)
    assert found.example == want
    assert found.example.id == want.id != dirty.id


def test_entities_keep_standing_in_their_text_letter_for_letter() -> None:
    found = cleaned("Brand in 'A&amp;T  lamp'?", "A&amp;T  lamp", "named_entity_recognition")

    assert found.example.output in found.example.prompt


@pytest.mark.parametrize(
    ("prompt", "output", "reason"),
    [
        ("  \n\u200b", "x", "prompt is empty"),
        ("q", "<br>", "output is empty"),
        ("q" * 20_001, "x", "prompt has 20001 characters, more than clean.max_prompt_chars 20000"),
        ("q", "x" * 5_001, "output has 5001 characters, more than clean.max_output_chars 5000"),
        ("q", "caf\ufffd", "output has 1 illegal characters"),
        ("caf\ufffd \ue000 \ud800", "x", "prompt has 3 illegal characters"),
    ],
)
def test_rows_beyond_repair_are_rejected(prompt: str, output: str, reason: str) -> None:
    assert rejected(prompt, output).startswith(reason)


@pytest.mark.parametrize(
    ("form", "prompt", "output", "reason"),
    [
        ("multiple-choice", SHOES, "3", "answer 3 is not among the 3 numbers printed"),
        ("multiple-choice", SHOES, "yes", "output is not what the official parser of"),
        ("multiple-choice", SHOES, "10", "output is not what the official parser of"),
        ("multiple-choice", "Which?\n0. a\n1. b\n3. c", "2", "answer 2 is not among the 3"),
        ("multiple-choice", "Which is it?", "1", "no list of options or items is found"),
        ("multiple-choice", "Rate it from 1 to 5.\nGreat!", "0", "rating 0 is not 1 to 5"),
        ("multiple-choice", "Tog?\n0. 5 tog\n1. 0 tog\n2. 5  Tog", "2", "options 0 and 2 say the"),
        ("retrieval", "Products: 1. a\n2. b\n3. c", "2,4", "answer 4 is not among the 3"),
        ("retrieval", "Products: 1. a\n2. b\n3. c", "0", "answer 0 is not among the 3"),
        ("retrieval", "Products:\n1. a\n2. b", "2\n1", "output is not what the official parser"),
        ("retrieval", "Products:\n1. a\n2. A\n3. c", "1,3", "options 1 and 2 say the same"),
        ("ranking", "Products:\n1. a\n2. b", "2,1,3", "answer 3 is not among the 2"),
        ("ranking", "Products:\n1. a\n2. b", "2 > 1", "output is not what the official parser"),
        ("named_entity_recognition", "Brand in x?", " ,", "output is not what the official"),
        ("named_entity_recognition", "Brand in x?", "a\nb", "output is not what the official"),
    ],
)
def test_answers_that_the_prompt_or_the_contest_rules_out_are_rejected(
    form: FormName, prompt: str, output: str, reason: str
) -> None:
    assert rejected(prompt, output, form).startswith(reason)


@pytest.mark.parametrize(
    ("form", "prompt", "output"),
    [
        ("multiple-choice", SHOES, "2"),
        ("multiple-choice", "Which? 0. a lamp 1. a boot 2. a tent", "2"),
        ("multiple-choice", "Rate from 1 to 5: great\n1. shoes\n2. laces", "5"),
        ("multiple-choice", "Which?\n0. a\n1. a\n2. b", "2"),
        ("retrieval", "Products: 0. a\n1. b\n2. c", "0,2"),
        ("retrieval", "Products:\n1.a\n2.b\n3.c", "3"),
        ("ranking", "Products:\n1. a\n2. b\n3. c", "3,1,2"),
        ("named_entity_recognition", "Brand in x?", "['a, b', 'c']"),
        ("generation", "Say yes.", "yes"),
    ],
)
def test_sound_answers_pass_unchanged(form: FormName, prompt: str, output: str) -> None:
    found = cleaned(prompt, output, form)

    assert (found.example, found.fixes) == (row(prompt, output, form), ())


def test_options_of_a_list_count_from_1_when_twins_are_looked_for() -> None:
    options = ("lamp", "Lamp", "desk", "mug")
    reason = rejected("Which two?", "2,3", "retrieval", options=options)
    assert reason == "options 1 and 2 say the same, and only one of them is right"
    for sound in ("1,2", "3,4", "3"):
        assert cleaned("Which two?", sound, "retrieval", options=options).fixes == ()


LABELS = ("Food", "Price, low", "Price", "low")


@pytest.mark.parametrize(
    ("form", "output", "options", "said"),
    [
        ("classification", "Drink", LABELS, "answer 'Drink' is none of the 4 options: Food, Price"),
        ("classification", "food", LABELS, "answer 'food' is none of the 4 options"),
        ("classification", "Food", ("Food", "food"), "options 0 and 1 say the same, and only one"),
        ("multi-label", "Food, Drink", LABELS, "answer 'Drink' is none of the 4 options"),
        ("multi-label", ", ", LABELS, "output is not what the official parser of multi-label"),
        ("ordering", "Food > Price", LABELS, "answer 'Food > Price' is none of the 4 options"),
    ],
)
def test_a_text_that_is_none_of_the_options_is_named(
    form: FormName, output: str, options: tuple[str, ...], said: str
) -> None:
    assert rejected("Which?", output, form, options=options).startswith(said)


@pytest.mark.parametrize(
    ("prompt", "output", "said"),
    [
        ("Sort.\nA. mug\nB. pan\nC. cup", "B, D, A", "answer 'D' is none of the labels printed: A"),
        ("Sort.\n1. mug\n2. pan\n3. cup", "3, 0, 1", "answer '0' is none of the labels printed: 1"),
        ("Sort.\nA. mug\nB. pan\nC. cup", "C, A, B", ""),
        ("Goods:\n1. mug\n2. pan\nSort.\n1. red\n2. blue\n3. grey", "3, 1, 2", ""),
        ("1. mug\n2. pan\nSort A, B and C.", "C, A, B", ""),
        ("Sort.\nA. mug\nB. pan", "pan, mug", ""),
    ],
)
def test_an_order_has_the_labels_of_a_printed_list(prompt: str, output: str, said: str) -> None:
    if said:
        assert rejected(prompt, output, "ordering").startswith(said)
    else:
        assert cleaned(prompt, output, "ordering").example.output == output


@pytest.mark.parametrize(
    ("form", "output"),
    [
        ("classification", "Price, low"),
        ("multi-label", "Price, low, Food"),
        ("multi-label", "low, Price"),
        ("ordering", "low, Food, Price, low"),
    ],
)
def test_texts_among_the_options_pass_even_with_commas(form: FormName, output: str) -> None:
    found = cleaned("Which?", output, form, options=LABELS)
    assert (found.example.output, found.fixes) == (output, ())


def test_options_of_their_own_part_count_from_0() -> None:
    assert cleaned("Which?", "1", "multiple-choice", options=("a", "b")).fixes == ()
    reason = rejected("Which?", "2", "multiple-choice", options=("a", "b"))
    assert reason == "answer 2 is not among the 2 numbers printed"


@pytest.mark.parametrize(
    ("form", "prompt", "output", "safe"),
    [
        ("multiple-choice", SHOES, "2. chair", "2"),
        ("retrieval", "Products:\n1. a\n2. b\n3. c", "3, 1", "3,1"),
    ],
)
def test_an_answer_that_both_readers_take_alike_is_put_in_the_safe_form(
    form: FormName, prompt: str, output: str, safe: str
) -> None:
    found = cleaned(prompt, output, form)

    assert (found.example.output, found.fixes) == (safe, ("answer form",))
    assert found.example.id == row(prompt, safe, form).id


def raw(file: Path) -> Iterator[Example]:
    """Rows as they stand, golds of the right type: no reader has put anything right."""
    for line in file.read_text("utf-8").splitlines():
        fields = json.loads(line)
        form, gold = fields["task_type"], fields["output_field"]
        if FORMS[form].is_gold(gold):
            gold = ranking.order(gold) if form == "ranking" else gold
            yield row(fields["input_field"], FORMS[form].emit(gold), form)


def test_the_faults_of_real_rows_are_found_and_sound_rows_pass(ecom_data: Path) -> None:
    reasons: Counter[str] = Counter()
    for task in ("mcq_prp", "mcq_sap", "mcq_sa", "mcq_pks", "retrieval_rrs", "generation_erk"):
        for example in raw(ecom_data / "ec_guide" / f"{task}.jsonl"):
            found = clean(example, SETTINGS)
            reasons[f"{task}: {found[:7]}" if isinstance(found, str) else task] += 1

    twos = sum(example.output == "2" for example in raw(ecom_data / "ec_guide" / "mcq_prp.jsonl"))
    assert reasons.pop("mcq_prp: answer ") == twos > 200  # of the options 0, 1 and 3
    assert reasons.pop("mcq_sap: options") == 2
    assert all(":" not in reason for reason in reasons), reasons
    shopbench = list(raw(ecom_data / "shopbench" / "development.json"))
    assert len(shopbench) == 96
    assert all(isinstance(clean(example, SETTINGS), Cleaned) for example in shopbench)
