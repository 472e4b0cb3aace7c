"""Answers are what was asked before, and the question does not give them away."""

from collections.abc import Callable
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
    Review,
    Search,
    Tagged,
)
from ecom.corpus.wording import load
from tests.corpus.atomic.conftest import some

Rows = Callable[[str, list[Record]], list[tuple[Record, Made]]]


def made_of(name: str, record: Record) -> list[Made]:
    pool = Pool([record], lambda lang: load(Wording(), lang).words)
    return list(CATALOGUE[name].make(record, pool, Random(0)))


def test_what_a_title_tells_is_written_out_and_back(shop: list[Record], rows_of: Rows) -> None:
    for record, made in some(rows_of("reverse:attributes_from_title", shop)):
        assert isinstance(record, Product)
        told = [
            f"{name}: {value}"
            for name, value in record.attributes
            if value.lower() in record.title.lower()
        ]
        brand = [f"Brand: {record.brand}"] if record.brand in record.title.split() else []
        assert made.output.splitlines() == brand + told
    for record, made in some(rows_of("reverse:title_from_attributes", shop)):
        assert isinstance(record, Product)
        assert made.output == record.title
        assert all(f"{name}: {value}" in made.input for name, value in record.attributes)
        assert record.title not in made.input


@pytest.mark.parametrize(
    "name",
    [
        "plain:review_title",
        "reverse:rating_and_title",
        "reverse:title_from_description",
        "reverse:question_generation",
        "reverse:customer_turn",
        "reverse:title_from_attributes",
        "reverse:review_from_rating",
        "reverse:text_from_entities",
        "plain:dialogue_reply",
        "plain:next_product_title",
    ],
)
def test_the_answer_does_not_stand_in_the_question(
    name: str, shop: list[Record], rows_of: Rows
) -> None:
    rows = rows_of(name, shop)
    assert rows
    for _, made in rows:
        assert made.output.splitlines()[-1].lower() not in made.input.lower()


def test_where_the_question_would_give_the_answer_away_none_is_asked() -> None:
    product = Product(
        id="1",
        source="s",
        title="Red lamp",
        description="RED LAMP, as it says.",
        attributes=(("name", "a red lamp"), ("color", "red")),
    )
    review = Review(id="1", source="s", title="So good!", text="It is so good to have.", rating=4)
    answered = Answered(
        id="1", source="s", question="Is it red?", answer="Yes", context="Is it red? Yes, it is."
    )
    dialogue = Dialogue(
        id="1",
        source="s",
        turns=(("customer", "where is my parcel"), ("shop", "You ask: where is my parcel?")),
    )
    for name, record in (
        ("reverse:title_from_description", product),
        ("reverse:title_from_attributes", product),
        ("plain:review_title", review),
        ("reverse:rating_and_title", review),
        ("reverse:question_generation", answered),
        ("reverse:customer_turn", dialogue),
    ):
        assert made_of(name, record) == [], name


def test_headings_that_a_shop_filled_in_are_not_learned() -> None:
    for title in ("Five Stars", "Fünf Sterne", "5.0 étoiles", ""):
        review = Review(id="1", source="s", title=title, text="It is good to have.", rating=5)
        for name in (
            "plain:review_title",
            "reverse:rating_and_title",
            "reverse:review_from_rating",
        ):
            assert made_of(name, review) == [], (name, title)
        (made,) = made_of("plain:review_rating", review)
        assert made.input == "Review: It is good to have.", "nor may they tell the stars"


def test_reviews_and_stars_change_places(shop: list[Record], rows_of: Rows) -> None:
    for record, made in some(rows_of("reverse:review_from_rating", shop)):
        assert isinstance(record, Review)
        assert made.output == record.text
        assert f"Rating: {record.rating}\nReview title: {record.title}" in made.input
    for record, made in some(rows_of("reverse:rating_and_title", shop)):
        assert isinstance(record, Review)
        assert made.output == f"Rating: {record.rating}\nReview title: {record.title}"


def test_a_query_is_written_for_what_it_was_exact_for(shop: list[Record], rows_of: Rows) -> None:
    for record, made in some(rows_of("reverse:query_from_product", shop)):
        assert isinstance(record, Search)
        exact = [product.title for product, how in record.judged if how == "exact"]
        assert made.output == record.query
        assert made.input.removeprefix("Product title: ") in exact


def test_questions_go_with_their_answers(shop: list[Record], rows_of: Rows) -> None:
    pairs = {record.answer: record.question for record in shop if isinstance(record, Answered)}
    for _, made in some(rows_of("reverse:question_choice", shop)):
        asked = made.options[int(made.output)]
        assert pairs[made.input.removeprefix("Answer: ")] == asked
    for record, made in some(rows_of("reverse:question_generation", shop)):
        assert isinstance(record, Answered)
        assert made.output == record.question
        assert record.answer in made.input


def test_terms_types_and_texts_change_places(shop: list[Record], rows_of: Rows) -> None:
    for record, made in some(rows_of("reverse:term_of_type", shop)):
        assert isinstance(record, Tagged)
        of_type = {term for kind, term in record.spans if kind == made.slots["type"]}
        assert of_type & set(made.options) == {made.options[int(made.output)]}
    for record, made in some(rows_of("reverse:text_from_entities", shop)):
        assert isinstance(record, Tagged)
        assert made.output == record.text
        assert set(made.input.splitlines()[1:]) == {f"{k}: {t}" for k, t in record.spans}
    for record, made in some(rows_of("reverse:text_from_label", shop)):
        assert isinstance(record, Classified)
        assert (made.output, made.slots["label"]) == (record.text, ", ".join(record.labels))


def test_one_of_two_labels_says_too_little_to_write_a_text() -> None:
    record = Classified(
        id="1",
        source="s",
        text="Query: red lamp, doc: blue tent",
        labels=("no",),
        candidates=("yes", "no"),
        topic="matching",
    )
    assert made_of("reverse:text_from_label", record) == []


def test_the_customers_turn_is_what_the_shop_replied_to(shop: list[Record], rows_of: Rows) -> None:
    for record, made in some(rows_of("reverse:customer_turn", shop)):
        assert isinstance(record, Dialogue)
        index = [text for _, text in record.turns].index(made.output)
        assert made.input.endswith(f"Customer: …\nShop: {record.turns[index + 1][1]}")
    for record, made in some(rows_of("reverse:opening_from_intent", shop)):
        assert isinstance(record, Dialogue)
        assert (made.output, made.slots) == (record.turns[0][1], {"intent": record.intent})
