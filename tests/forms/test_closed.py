"""Closed questions are known by their prompts alone, in the styles of other public sources."""

from collections import Counter
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecom.forms.infer import Inferred, infer
from tests.forms import unseen_2, unseen_3, unseen_4
from tests.forms.elsewhere import KNOWN, Asked
from tests.forms.unseen import UNSEEN

REVIEW = "1. It is loud\n2. It is heavy\nBut I love it."


# Prompts of each style that offer something, and those that offer nothing
CLOSED: list[Asked | unseen_2.Asked | unseen_3.Asked | unseen_4.Asked] = [
    *KNOWN.closed_questions(each=6),
    *UNSEEN.closed_questions(each=6),
    *(
        replace(write(Random(f"{write.__name__}:{number}")), style=write.__name__)
        for write in unseen_2.CLOSED
        for number in range(10)
    ),
    *(
        replace(write(Random(f"{write.__name__}:{number}")), style=write.__name__)
        for write in unseen_3.CLOSED
        for number in range(10)
    ),
    *(
        replace(write(Random(f"{write.__name__}:{number}")), style=write.__name__)
        for write in unseen_4.CLOSED
        for number in range(10)
    ),
]
OPEN = [
    *KNOWN.open_requests(),
    *UNSEEN.open_requests(),
    *(
        write(Random(f"{write.__name__}:{number}"))
        for write in (*unseen_2.OPEN, *unseen_3.OPEN, *unseen_4.OPEN)
        for number in range(10)
    ),
]


def is_right(
    found: Inferred, asked: Asked | unseen_2.Asked | unseen_3.Asked | unseen_4.Asked
) -> bool:
    """Whether the offer is the question's. The case of a sentence's first word is no fault."""
    offer, count = found.offer, len(asked.labels)
    if offer is None:
        return False
    least, most = (asked.choose, asked.choose) if asked.choose else (1, count)
    return [text.casefold() for text in offer.texts] == [
        text.casefold() for text in asked.labels
    ] and (offer.least, offer.most, offer.ordered) == (least, most, asked.is_order)


@pytest.mark.parametrize("flagged", [True, False])
def test_closed_questions_of_other_sources_are_known_with_their_options(flagged: bool) -> None:
    wrong = Counter[str]()
    for asked in CLOSED:
        is_one = asked.choose == 1 and not asked.is_order
        wrong[asked.style] += not is_right(infer(asked.prompt, is_one if flagged else None), asked)

    assert len({asked.source for asked in CLOSED}) > 50
    assert wrong.total() <= 0.02 * len(CLOSED), +wrong


@pytest.mark.parametrize("flag", [None, False])
def test_open_requests_of_other_sources_offer_nothing(flag: bool | None) -> None:
    wrong = [prompt for prompt in OPEN if infer(prompt, flag).offer]

    assert len(wrong) < 0.005 * len(OPEN), wrong


@pytest.mark.parametrize(
    ("prompt", "form", "texts"),
    [
        (
            'What fits the query best? {"query": "usb lamp"} ["A: desk lamp with usb port", '
            '"B: torch", "C: usb cable"] Your answer is:',
            "multiple-choice",
            "A B C",
        ),
        (
            "Given a query and a product, say whether the product suits it. Only output yes or no. "
            '{"query": "usb lamp", "product": "torch"}Your answer is:',
            "classification",
            "yes no",
        ),
        (
            "Is this review positive or negative? Review: great shoes. Answer yes or no.",
            "classification",
            "yes no",
        ),
        (
            "Options: ['shirt', 'trousers', 'shoes']   Select the category of: Runner 5",
            "classification",
            "shirt trousers shoes",
        ),
        (
            "Classify the sentiment: great shoes. Labels: positive | neutral | negative",
            "classification",
            "positive neutral negative",
        ),
        ("Which brand makes it?  ① Alpa ② Bero ③ Ceda   答案：", "multiple-choice", "① ② ③"),
        (
            "商品标题：便携式加热器 候选类目：母婴厨房小家电,商厨加热类设备,软水机",
            "classification",
            "母婴厨房小家电 商厨加热类设备 软水机",
        ),
        (
            "Nice bread.\nSelect one of the following topics: Food, Price, Stories/News. ",
            "classification",
            "Food Price Stories/News",
        ),
        ("候选品类：A.帐篷;B.瑜伽服;C.绿植;D.沙滩裙", "multiple-choice", "A B C D"),
        ('判断标题是否相关。只回答"相关"或"不相关"。', "classification", "相关 不相关"),
    ],
)
def test_a_question_as_it_comes_is_known(prompt: str, form: str, texts: str) -> None:
    for flag in (None, True):
        found = infer(prompt, flag)
        assert found.offer is not None
        assert (found.form, " ".join(found.offer.texts)) == (form, texts)


def test_several_and_an_order_are_offered_as_such() -> None:
    goods = "1) boot 2) lamp 3) cup 4) pan 5) tent 6) mug"
    several = infer(f"Which 3 of the following would she buy next? Return the indices. {goods}")
    order = infer(f"Rank the goods by how warm they are, best first. {goods}")
    letters = infer("Which fit? Select all that apply.\nA. boot\nB. lamp\nC. cup")
    texts = infer("Choose all labels that apply.\nLabels: shoes, hats, toys\nText: a red boot")

    assert several.form == "retrieval"
    assert several.offer
    assert (several.offer.least, several.offer.most) == (3, 3)
    assert order.form == "ordering"
    assert order.offer
    assert order.offer.ordered
    assert (order.offer.texts, order.offer.most) == (tuple("123456"), 6)
    assert (letters.form, texts.form) == ("multi-label", "multi-label")
    assert letters.offer
    assert (letters.offer.texts, letters.offer.most) == (tuple("ABC"), 3)
    assert texts.offer
    assert texts.offer.texts == ("shoes", "hats", "toys")


def test_labels_are_written_unless_the_texts_are_asked_for() -> None:
    options = "A. boot\nB. lamp\nC. cup"
    labels = infer(f"Which is warm?\n{options}\nAnswer:")
    texts = infer(f"Which is warm?\n{options}\nAnswer with the text of the option.")

    assert labels.offer
    assert labels.offer.texts == ("A", "B", "C")
    assert texts.offer
    assert texts.offer.texts == ("boot", "lamp", "cup")
    assert texts.form == "classification"


@pytest.mark.parametrize(
    ("prompt", "reason"),
    [
        ("Is it a shoe? Answer yes or no.", 'the prompt says "Answer yes or no"'),
        ("Rate the review from 1 to 3.", "the prompt asks for a rating from 1 to 3"),
        ("Which?\n" + "\n".join(f"{a}. x{a}" for a in "ABCDEF"), "6 lettered options are printed"),
        (f"{REVIEW}\nTell me more.", "a list is printed, but nothing asks to choose from it"),
        ("What is wool?", "nothing in the prompt says what may be answered"),
    ],
)
def test_a_user_can_read_why(prompt: str, reason: str) -> None:
    assert infer(prompt).because == reason


def test_the_caller_has_the_last_word() -> None:
    labels, words = "Which fits?\nA. red\nB. blue", "Does it fit? Answer yes or no."

    assert infer(labels, False).form == "generation"
    assert infer(words, True).form == "classification"
    assert infer("Describe it.", True).form == "multiple-choice"
    assert infer("Describe it.", True).offer is None


@given(prompt=st.text(), flag=st.none() | st.booleans())
def test_any_text_is_read(prompt: str, flag: bool | None) -> None:
    found = infer(prompt, flag)
    if found.offer:
        assert 1 <= found.offer.least <= found.offer.most <= len(set(found.offer.texts))
