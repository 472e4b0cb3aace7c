from collections.abc import Callable
from random import Random

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
    Session,
    Tagged,
)
from ecom.corpus.wording import load
from tests.corpus.atomic.conftest import some

Rows = Callable[[str, list[Record]], list[tuple[Record, Made]]]


def made_of(name: str, *records: Record, seed: int = 0) -> list[Made]:
    pool = Pool(records, lambda lang: load(Wording(), lang).words)
    return list(CATALOGUE[f"plain:{name}"].make(records[0], pool, Random(seed)))


def right(made: Made) -> str:
    return made.options[int(made.output)]


def test_the_category_is_the_products_and_the_others_are_near(
    bazaar: list[Record], rows_of: Rows
) -> None:
    for record, made in some(rows_of("plain:product_category", bazaar[:60])):
        assert isinstance(record, Product)
        assert right(made) == record.category[-1]
        if record.category[1] == "Shoes":  # it has three siblings
            assert set(made.options) == {"Sneakers", "Sandals", "Boots", "Slippers"}


def test_a_category_that_holds_the_products_is_not_a_wrong_one() -> None:
    paths = [
        ("A", "Running Shoes"),
        ("A", "Shoes"),
        ("A",),
        ("B", "Hats"),
        ("B", "Caps"),
        ("C", "Lamps"),
        ("C", "running shoes"),
    ]
    products = [
        Product(id=str(n), source="s", title=f"thing {n}", category=path, lang="en")
        for n, path in enumerate(paths)
    ]
    for seed in range(20):
        (made,) = made_of("product_category", *products, seed=seed)
        assert set(made.options) == {"Running Shoes", "Hats", "Caps", "Lamps"}


def test_a_title_in_two_categories_is_asked_for_neither_as_wrong() -> None:
    twice = [
        Product(id=str(n), source="s", title="Clog", category=("A", leaf), lang="en")
        for n, leaf in enumerate(("Shoes", "Garden"))
    ]
    rest = [
        Product(id=leaf, source="s", title=leaf, category=("A", leaf), lang="en")
        for leaf in ("Hats", "Caps", "Lamps")
    ]
    for seed in range(20):
        (made,) = made_of("product_category", *twice, *rest, seed=seed)
        assert "Garden" not in made.options


def test_attributes_are_extracted_where_the_text_tells_them() -> None:
    product = Product(
        id="1",
        source="s",
        title="Red lamp, 5 W",
        description="Made of steel.",
        attributes=(
            ("color", "RED"),
            ("power", "5 W"),
            ("material", "steel"),
            ("base", "E27"),
            ("size", "red"),
            ("size", "5 W"),
        ),
    )
    (made,) = made_of("attribute_extraction", product)
    assert set(made.output.splitlines()) == {"color: RED", "power: 5 W", "material: steel"}
    assert set(made.slots["attributes"].split(", ")) == {"color", "power", "material"}


def test_a_rating_is_one_digit_without_options() -> None:
    for stars in range(1, 6):
        (made,) = made_of("review_rating", Review(id="1", source="s", text="ok", rating=stars))
        assert (made.output, made.options) == (str(stars), ())
    assert made_of("review_rating", Review(id="1", source="s", text="ok", rating=7)) == []


def test_relevance_has_its_four_classes(shop: list[Record], rows_of: Rows) -> None:
    for record, made in some(rows_of("plain:query_relevance", shop)):
        assert isinstance(record, Search)
        title = made.input.rpartition("Product title: ")[2]
        how = next(how for product, how in record.judged if product.title == title)
        assert right(made).startswith(f"{how}:")
        assert len(made.options) == 4


def test_a_dialogue_is_cut_before_the_reply(shop: list[Record], rows_of: Rows) -> None:
    for record, made in some(rows_of("plain:dialogue_reply", shop)):
        assert isinstance(record, Dialogue)
        assert ("shop", made.output) in record.turns
        assert made.input == f"Dialogue:\nCustomer: {record.turns[0][1]}"


def test_more_than_ten_intents_are_cut_to_what_one_digit_can_name() -> None:
    intents = tuple(f"intent {letter}" for letter in "abcdefghijklmnop")
    record = Dialogue(
        id="1", source="s", turns=(("customer", "Hi"),), intent="intent c", intents=intents
    )
    (made,) = made_of("dialogue_intent", record)
    assert len(made.options) == 10
    assert right(made) == "intent c"


def test_an_answer_is_extracted_or_written_but_not_both(shop: list[Record], rows_of: Rows) -> None:
    taken = {r.id: made for r, made in rows_of("plain:answer_extraction", shop)}
    written = {r.id: made for r, made in rows_of("plain:question_answering", shop)}
    answered = {record.id: record for record in shop if isinstance(record, Answered)}
    assert taken.keys() | written.keys() == answered.keys()
    assert not taken.keys() & written.keys()
    for id, made in (taken | written).items():
        assert made.output == answered[id].answer
        assert (made.output in answered[id].context) is (id in taken)


def test_named_entities_have_a_line_a_type() -> None:
    record = Tagged(
        id="1",
        source="s",
        text="red or blue Nike",
        types=("brand", "color", "size"),
        spans=(("color", "red"), ("color", "blue"), ("brand", "Nike")),
    )
    (made,) = made_of("named_entities", record)
    assert set(made.output.splitlines()) == {"brand: Nike", "color: red, blue", "size: None"}
    assert made.slots["types"].split(", ") == [
        line.partition(":")[0] for line in made.output.splitlines()
    ]


def test_one_label_is_chosen_and_several_are_numbered(shop: list[Record], rows_of: Rows) -> None:
    for record, made in some(rows_of("plain:classify_text", shop)):
        assert isinstance(record, Classified)
        assert (right(made),) == record.labels
        assert set(made.options) == set(record.candidates)
    for record, made in some(rows_of("plain:label_text", shop)):
        assert isinstance(record, Classified)
        picked = {made.options[int(number) - 1] for number in made.output.split(",")}
        assert picked == set(record.labels)


def test_a_set_of_single_labels_is_not_asked_as_if_there_were_several() -> None:
    records = [
        Classified(
            id=str(n),
            source="s",
            text=f"text {n}",
            labels=("a",),
            topic="t",
            candidates=("a", "b", "c", "d"),
        )
        for n in range(5)
    ]
    assert made_of("label_text", *records) == []


def test_the_next_title_is_new_to_the_session(shop: list[Record], rows_of: Rows) -> None:
    for record, made in some(rows_of("plain:next_product_title", shop)):
        assert isinstance(record, Session)
        assert record.next
        assert made.output == record.next.title
        assert made.input.splitlines()[1:] == [product.title for product in record.viewed]
    seen = Product(id="1", source="s", title="Lamp")
    assert (
        made_of("next_product_title", Session(id="1", source="s", viewed=(seen,), next=seen)) == []
    )
