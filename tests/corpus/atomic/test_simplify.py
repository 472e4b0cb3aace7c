from collections.abc import Callable
from dataclasses import replace
from random import Random

import pytest

from ecom.corpus.atomic import CATALOGUE, Made, Pool
from ecom.corpus.config import Wording
from ecom.corpus.records import (
    Answered,
    Classified,
    Dialogue,
    Product,
    Record,
    Relevance,
    Review,
    Search,
    Tagged,
)
from ecom.corpus.wording import load
from ecom.forms import entities
from tests.corpus.atomic.conftest import some

Rows = Callable[[str, list[Record]], list[tuple[Record, Made]]]
BOOT = Tagged(
    id="1",
    source="s",
    lang="en",
    text="Nike boot, red or Red, by nike",
    spans=(
        ("brand", "Nike"),
        ("product type", "boot"),
        ("color", "red"),
        ("color", "Red"),
        ("brand", "nike"),
    ),
    types=("brand", "color", "product type", "material"),
)


def made_of(name: str, *records: Record, seed: int = 0) -> list[Made]:
    """Return what a transform makes of the first record, with the others in its pool."""
    pool = Pool(records, lambda lang: load(Wording(), lang).words)
    return list(CATALOGUE[f"simplify:{name}"].make(records[0], pool, Random(seed)))


def right(made: Made) -> str:
    return made.options[int(made.output)]


def test_entities_are_listed_once_in_the_order_of_the_text() -> None:
    (made,) = made_of("entity_detection", BOOT)
    assert entities.official(made.output) == ["Nike", "boot", "red"]
    assert made.input == "Text: Nike boot, red or Red, by nike"


@pytest.mark.parametrize("term", ["a, b", "a\nb", "['a']", " "])
def test_an_entity_that_the_contests_parser_would_split_is_never_asked_for(term: str) -> None:
    record = Tagged(id="1", source="s", text=term, spans=(("x", term),), types=("x",))
    assert made_of("entity_detection", record) == []
    assert made_of("entities_of_type", record) == []


def test_one_types_entities_are_all_there_are_of_it(shop: list[Record], rows_of: Rows) -> None:
    for record, made in some(rows_of("simplify:entities_of_type", shop)):
        assert isinstance(record, Tagged)
        terms = [term for kind, term in record.spans if kind == made.slots["type"]]
        assert entities.official(made.output) == terms


def test_a_terms_type_is_the_tagged_one(shop: list[Record], rows_of: Rows) -> None:
    for record, made in some(rows_of("simplify:entity_typing", shop)):
        assert isinstance(record, Tagged)
        term = made.input.rpartition("Term: ")[2]
        assert (right(made), term) in record.spans
        assert set(made.options) == set(record.types)


def test_a_term_of_two_types_has_none_to_tell() -> None:
    record = Tagged(
        id="1",
        source="s",
        text="orange shirt",
        types=("color", "fruit", "product"),
        spans=(("color", "orange"), ("fruit", "Orange"), ("product", "shirt")),
    )
    for seed in range(20):
        (made,) = made_of("entity_typing", record, seed=seed)
        assert right(made) == "product"


def test_types_are_found_or_missed_as_tagged(shop: list[Record], rows_of: Rows) -> None:
    for record, made in some(rows_of("simplify:has_entity_type", shop)):
        assert isinstance(record, Tagged)
        there = made.slots["type"] in {kind for kind, _ in record.spans}
        assert right(made) == ("Yes" if there else "No")
    for record, made in some(rows_of("simplify:is_entity_of_type", shop)):
        assert isinstance(record, Tagged)
        term = made.input.rpartition("Term: ")[2]
        assert right(made) == ("Yes" if (made.slots["type"], term) in record.spans else "No")
    for record, made in some(rows_of("simplify:entity_types_present", shop)):
        assert isinstance(record, Tagged)
        picked = {made.options[int(number) - 1] for number in made.output.split(",")}
        assert picked == {kind for kind, _ in record.spans}


def test_terms_are_counted_once_and_none_is_counted_too() -> None:
    counts = {}
    for seed in range(40):
        (made,) = made_of("entity_count", BOOT, seed=seed)
        counts[made.slots["type"]] = made.output
    assert counts == {"brand": "1", "color": "1", "product type": "1", "material": "0"}


def test_a_count_that_would_always_be_the_same_is_not_asked_for() -> None:
    one = Tagged(id="1", source="s", text="red shoe", spans=(("color", "red"),), types=("color",))
    two = replace(one, text="red and blue", spans=(("color", "red"), ("color", "blue")))
    assert made_of("entity_count", one) == []
    assert [made.output for made in made_of("entity_count", two)] == ["2"]


def test_absent_types_are_drawn_from_all_there_are() -> None:
    """Of the first dozen alone, any other type in the list would be right for sure."""
    types = tuple(f"type {number}" for number in range(30))
    record = replace(BOOT, spans=(("type 29", "boot"),), types=types)
    rows = [
        made for seed in range(60) for made in made_of("entity_types_present", record, seed=seed)
    ]
    assert {option for made in rows for option in made.options} == set(types)


def test_with_two_labels_there_is_nothing_to_simplify() -> None:
    record = Classified(
        id="1",
        source="s",
        text="Query: red\nDoc: lamp",
        labels=("match",),
        candidates=("match", "not match"),
        topic="query item matching",
    )
    assert made_of("has_label", record) == made_of("fewer_candidates", record) == []


def test_labels_are_checked_and_chosen_as_they_were_given(
    shop: list[Record], rows_of: Rows
) -> None:
    for record, made in some(rows_of("simplify:has_label", shop)):
        assert isinstance(record, Classified)
        assert right(made) == ("Yes" if made.slots["label"] in record.labels else "No")
    for name in ("fewer_candidates", "one_of_its_labels"):
        for record, made in some(rows_of(f"simplify:{name}", shop)):
            assert isinstance(record, Classified)
            assert set(record.labels) & set(made.options) == {right(made)}
            assert 2 <= len(made.options) <= 4
            assert len(made.options) < len(record.candidates)


@pytest.mark.parametrize(
    ("stars", "sentiment"), [(1, "negative"), (2, "negative"), (4, "positive"), (5, "positive")]
)
def test_stars_are_a_sentiment(stars: int, sentiment: str) -> None:
    (made,) = made_of("review_polarity", Review(id="1", source="s", text="So so", rating=stars))
    assert right(made) == sentiment


def test_three_stars_and_none_are_no_sentiment() -> None:
    for stars in (3, None):
        review = Review(id="1", source="s", text="So so", rating=stars)
        assert made_of("review_polarity", review) == []


def search(*judged: tuple[str, Relevance]) -> Search:
    products = tuple(
        (Product(id=title, source="s", title=title, lang="en"), how) for title, how in judged
    )
    return Search(id="q", source="s", query="lamp", lang="en", judged=products)


def test_four_levels_of_relevance_become_yes_and_no() -> None:
    judged = search(("a", "exact"), ("b", "substitute"), ("c", "complement"), ("d", "irrelevant"))
    told = {
        "relevant_or_not": {"a": "Yes", "d": "No"},
        "substitute_or_not": {"a": "No", "b": "Yes", "c": "No", "d": "No"},
    }
    for name, truth in told.items():
        found = {}
        for seed in range(60):
            (made,) = made_of(name, judged, seed=seed)
            found[made.input.rpartition("Product title: ")[2]] = right(made)
        assert found == truth


def test_the_best_is_better_than_each_other_option() -> None:
    judged = search(("a", "exact"), ("A!", "exact"), ("b", "substitute"), ("c", "irrelevant"))
    for seed in range(20):
        (made,) = made_of("best_match", judged, seed=seed)
        assert sorted(made.options)[1:] == ["b", "c"]
        assert right(made) == "A!"
        (made,) = made_of("better_of_two", judged, seed=seed)
        assert made.options in {
            ("A!", "b"),
            ("b", "A!"),
            ("A!", "c"),
            ("c", "A!"),
            ("b", "c"),
            ("c", "b"),
        }
        assert right(made) == min(made.options, key="A!bc".index)


def test_products_are_in_their_category_and_department(bazaar: list[Record], rows_of: Rows) -> None:
    for record, made in some(rows_of("simplify:in_category", bazaar[:60])):
        assert isinstance(record, Product)
        own = made.slots["category"] == record.category[-1]
        assert right(made) == ("Yes" if own else "No")
    for record, made in some(rows_of("simplify:top_category", bazaar[:60])):
        assert isinstance(record, Product)
        assert right(made) == record.category[0]
        assert set(made.options) == {"Clothing", "Home", "Garden"}


def test_an_attributes_value_is_copied_from_the_text(shop: list[Record], rows_of: Rows) -> None:
    for record, made in some(rows_of("simplify:attribute_value", shop)):
        assert isinstance(record, Product)
        assert (made.slots["attribute"], made.output) in record.attributes
        assert made.output in made.input


def test_a_question_is_answered_by_its_own_text_only(shop: list[Record], rows_of: Rows) -> None:
    rows = rows_of("simplify:answerable", shop)
    assert {right(made) for _, made in rows} == {"Yes", "No"}
    for record, made in rows:
        assert isinstance(record, Answered)
        assert right(made) == ("Yes" if record.context in made.input else "No")
    for record, made in some(rows_of("simplify:answer_sentence", shop)):
        assert isinstance(record, Answered)
        assert [one for one in made.options if record.answer in one] == [right(made)]


def test_an_answer_that_does_not_rest_on_the_text_is_not_called_answerable() -> None:
    loose = Answered(
        id="1",
        source="s",
        question="Is it big?",
        answer="Ask the maker about that",
        context="A lamp made of steel.",
    )
    other = Answered(id="2", source="s", question="Warm?", answer="x", context="Socks of wool.")
    assert made_of("answerable", loose, other) == []


def test_a_question_that_its_text_leaves_open_is_drawn_against_one_that_it_answers() -> None:
    text = "A lamp made of steel."
    open_ = Answered(id="1", source="s", question="Is it heavy?", answer="", context=text)
    told = Answered(id="2", source="s", question="What of?", answer="steel", context=text)
    asked = {
        (made.input.rpartition(": ")[2], right(made))
        for seed in range(20)
        for made in made_of("answerable", open_, told, seed=seed)
    }
    assert asked == {("Is it heavy?", "No"), ("What of?", "Yes")}
    assert made_of("answerable", open_) == []


def test_an_intent_is_the_labelled_one(shop: list[Record], rows_of: Rows) -> None:
    for record, made in some(rows_of("simplify:has_intent", shop)):
        assert isinstance(record, Dialogue)
        assert right(made) == ("Yes" if made.slots["intent"] == record.intent else "No")
