import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecom.errors import InputError
from ecom.forms.offer import Offer, offered
from ecom.forms.teacher import fold
from ecom.forms.texts import join, only, several, split

TEXT = st.text(
    st.characters(categories=["L", "N", "Zs"], include_characters=",;|'\"-&/"), min_size=1
)
WORDS = st.lists(
    TEXT.map(str.strip).filter(lambda text: text.strip(" \"'-[]*•.“”‘’「」`") == text and text),
    min_size=1,
    max_size=5,
    unique_by=fold,
)


@given(WORDS)
def test_texts_are_read_back_as_they_were_written(texts: list[str]) -> None:
    assert split(join(texts)) == texts


@given(WORDS.filter(lambda texts: len(texts) > 1))
def test_an_answer_that_is_an_offered_text_is_read_as_that_text(texts: list[str]) -> None:
    assert [only(text, texts) for text in texts] == [[text] for text in texts]
    assert several(join(texts), texts) == texts


@pytest.mark.parametrize(
    ("says", "expected"),
    [
        ({"options": ["a", "b"]}, Offer(("a", "b"))),
        ({"options": ["a", "b"], "labels": ["1", "2"]}, Offer(("1", "2"))),
        ({"options": ["a", "b", "c"], "choose": "any"}, Offer(("a", "b", "c"), 1, 3)),
        ({"options": ["a", "b", "c"], "choose": 2}, Offer(("a", "b", "c"), 2, 2)),
        ({"options": ["a", "b", "c"], "order": True}, Offer(("a", "b", "c"), 3, 3, ordered=True)),
        ({}, None),
    ],
)
def test_what_the_caller_offers(says: dict[str, object], expected: Offer | None) -> None:
    given_ = {"options": None, "labels": None, "choose": None, "order": None} | says
    assert offered(**given_) == expected  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("says", "fault"),
    [
        ({"options": ["a"]}, "options has 1 entries"),
        ({"options": ["a", "a "]}, "options.1 is 'a', as options.0"),
        ({"options": ["a", " "]}, "options.1 is ''"),
        ({"options": ["a", "b\nc"]}, "options.1 is 'b"),
        ({"options": ["a", "b"], "labels": ["1", "2", "3"]}, "labels has 3 entries and options 2"),
        ({"options": ["a", "b"], "choose": 3}, "choose is 3; with 2 texts it is 1 to 2"),
        ({"choose": "any"}, "choose is set, but the prompt prints no list"),
        ({"order": True}, "order is set, but the prompt prints no list"),
    ],
)
def test_a_fault_names_the_field_and_the_rule(says: dict[str, object], fault: str) -> None:
    given_ = {"options": None, "labels": None, "choose": None, "order": None} | says
    with pytest.raises(InputError) as raised:
        offered(**given_)  # type: ignore[arg-type]
    assert fault in str(raised.value)
