"""What a question shows may stand in several records: what fits one of them is never called wrong.

And the right option is not told by its kind or its length.
"""

from collections.abc import Callable, Iterable
from random import Random
from typing import Any

import pytest

from ecom.corpus.atomic import Made
from ecom.corpus.atomic.answers import evened
from ecom.corpus.atomic.base import Option
from ecom.corpus.records import (
    Answered,
    Classified,
    Dialogue,
    Paired,
    Product,
    Record,
    Related,
    Review,
    Rewritten,
    Search,
    Session,
    Summarised,
    Tagged,
)
from tests.corpus.atomic.conftest import some

Rows = Callable[[str, list[Record]], list[tuple[Record, Made]]]
ANY: Any = {"source": "s", "lang": "en"}


def thing(id: str, title: str, kind: str = "", **more: Any) -> Product:
    category = tuple(kind.split(" > ")) if kind else ()
    return Product(id=id, title=title, category=category, **{**ANY, **more})


def numbered(kind: type, rows: Iterable[dict[str, Any]]) -> list[Record]:
    return [kind(id=str(number), **ANY, **row) for number, row in enumerate(rows)]


def offered(rows: list[tuple[Record, Made]], shown: str) -> set[str]:
    """Return all options of the rows that show a text in their input; there must be some."""
    found = [made for _, made in rows if shown in made.input]
    assert found
    return {option for made in found for option in made.options}


def answers(rows: list[tuple[Record, Made]], shown: str) -> set[str]:
    return {made.options[int(made.output)] for _, made in rows if shown in made.input}


# ---------------------------------------- products


CHAIRS = [
    thing(str(number), f"{brand} chair, {rest}", brand=brand)
    for number, (brand, rest) in enumerate(
        [
            ("Pinecrest", "plastic, purple"),
            ("Lumina", "plastic, purple"),
            ("Lumina", "wood, red"),
            ("Orchard", "wood, red"),
            ("Alpina", "steel, grey"),
            ("Tessel", "steel, blue"),
            ("Cedar", "glass, white"),
        ]
    )
]


def test_a_brand_that_sells_the_same_is_not_a_wrong_one(rows_of: Rows) -> None:
    options = offered(rows_of("recombine:brand_choice", [*CHAIRS[:1], *CHAIRS[2:]]), "purple")
    assert "Lumina" in options
    rows = [row for row in rows_of("recombine:brand_choice", [*CHAIRS]) if row[0] is CHAIRS[0]]
    assert "Lumina" not in offered(rows, "chair, plastic, purple")


def test_a_title_with_the_same_description_is_not_a_wrong_one(rows_of: Rows) -> None:
    said = "A warm lamp for the desk."
    records: list[Record] = [
        thing("1", "Lumo warm lamp", description=said),
        thing("2", "Ember lamp", description=said),
        *(thing(str(n), f"Kettle model {n}", description=f"Kettle {n} boils.") for n in (3, 4, 5)),
    ]
    rows = rows_of("recombine:title_of_description", records)
    assert "Ember lamp" not in {
        o for record, made in rows if record is records[0] for o in made.options
    }


def test_a_description_that_a_product_of_the_title_has_too_is_not_a_wrong_one(
    rows_of: Rows,
) -> None:
    both = "One lamp for the desk, with a dimmer."
    records: list[Record] = [
        thing("1", "Lumo warm lamp", description="A warm lamp from Lumo for you."),
        thing("2", "Ember lamp", description=both),
        thing("3", "Lumo warm lamp", description=both),
        *(thing(str(n), f"Old lamp {n}", description=f"This lamp is {n} years.") for n in "456"),
    ]
    for name in ("description_of_title", "title_description_match"):
        rows = [m for record, m in rows_of(f"recombine:{name}", records) if record is records[0]]
        assert rows
        assert not any(both in made.options or both in made.input for made in rows), name


def test_what_is_the_same_as_a_twin_is_the_same(rows_of: Rows) -> None:
    pans = [
        thing(str(n), f"{brand} pan, set {n}", "Pans", brand=brand)
        for n, brand in enumerate(
            ["Alpina", "Orchard", "Tessel", "Lumina", "Cedar", "Pine", "Noma"]
        )
    ]
    records: list[Record] = [
        *pans,
        *(Paired(id=f"m{n}", left=pans[n], right=pans[n + 1], same=True, **ANY) for n in range(3)),
    ]
    for record, made in some(rows_of("recombine:same_product_choice", records)):
        assert isinstance(record, Paired)
        assert len({pan.title for pan in pans[:4]} & set(made.options)) == 1


def test_what_is_bought_with_a_product_of_the_same_title_is_no_wrong_complement(
    rows_of: Rows,
) -> None:
    kinds = ["Caps", "Belts", "Socks", "Scarves", "Gloves"]
    records: list[Record] = [
        thing("1", "Red shoe", "Wear > Shoes", also_bought=("Caps",)),
        thing("2", "Red shoe", "Wear > Boots", also_bought=("Belts",)),
        *(thing(str(n), f"Shoe number {n}", "Wear > Shoes") for n in (3, 4, 5)),
        *(thing(kind, f"One of the {kind}", f"Wear > {kind}") for kind in kinds),
    ]
    for name in ("complement_choice", "complement_category"):
        for record, made in some(rows_of(f"recombine:{name}", records)):
            if record is records[0]:
                assert not {"One of the Belts", "Belts"} & set(made.options), name


def test_what_came_next_under_the_same_titles_is_not_wrong(rows_of: Rows) -> None:
    lamps = [
        thing(f"{n}", f"Lamp model {word}", "Home > Lamps") for n, word in enumerate("abcdefgh")
    ]
    others = [thing(f"t{n}", f"{word} tent", "Outdoor > Tents") for n, word in enumerate("abcd")]
    again = thing("9", lamps[0].title, "Home > Lamps")
    records: list[Record] = [
        *lamps,
        *others,
        Session(id="1", viewed=(lamps[0],), next=lamps[1], **ANY),
        Session(id="2", viewed=(again,), next=others[2], **ANY),
    ]
    rows = [made for record, made in rows_of("recombine:next_item", records) if record.id == "1"]
    assert rows
    assert not any(others[2].title in made.options for made in rows)


def test_a_category_that_came_next_under_the_same_titles_is_not_wrong(rows_of: Rows) -> None:
    kinds = ["Lamps", "Bulbs", "Mugs", "Vases", "Pans"]
    things = [thing(kind, f"One of the {kind}", f"Home > {kind}") for kind in kinds]
    again = thing("9", things[0].title, "Home > Lamps")
    records: list[Record] = [
        *things,
        Session(id="1", viewed=(things[0],), next=things[1], **ANY),
        Session(id="2", viewed=(again,), next=things[2], **ANY),
        *(thing(kind, f"One of the {kind}", f"Toys > {kind}") for kind in ("Cubes", "Trains")),
    ]
    rows = [made for record, made in rows_of("simplify:next_category", records) if record.id == "1"]
    assert rows
    assert not any("Mugs" in made.options for made in rows)


def test_a_category_is_told_by_its_last_name(rows_of: Rows) -> None:
    """Accessories for phones have a length, so "Accessories" is no wrong answer."""
    records: list[Record] = [
        thing("1", "Cable one", "Home > Cables", attributes=(("length", "1"),)),
        *(
            thing(f"{kind}{n}", f"{kind} {n}", f"{kind} > {leaf}", attributes=(("size", "1"),))
            for kind, leaf in (
                ("Dogs", "Accessories"),
                ("Cats", "Toys"),
                ("Fish", "Tanks"),
                ("Birds", "Cages"),
            )
            for n in range(5)
        ),
        thing("2", "Phone strap", "Phones > Accessories", attributes=(("length", "2"),)),
    ]
    rows = rows_of("recombine:category_with_attribute", records)
    asked = [made for record, made in rows if record is records[0]]
    assert asked
    assert not any("Accessories" in made.options for made in asked)


@pytest.mark.parametrize(
    "name", ["plain:product_category", "plain:name_category", "simplify:in_category"]
)
def test_a_category_named_as_another_of_the_title_is_not_wrong(name: str, rows_of: Rows) -> None:
    records: list[Record] = [
        thing("1", "Felt thing", "Wear > Hats"),
        thing("2", "Felt thing", "Pets > Beds"),
        thing("3", "Cosy thing", "Home > Beds"),
        thing("4", "Bright thing", "Home > Lamps"),
        thing("5", "Wet thing", "Home > Pools"),
        thing("6", "Warm thing", "Home > Ovens"),
    ]
    rows = [made for record, made in rows_of(name, records) if record is records[0]]
    assert rows
    for made in rows:
        assert "Beds" not in (*made.options, made.slots.get("category"))
        assert not {"Pets > Beds", "Home > Beds"} & set(made.options)


def test_the_odd_one_is_in_no_category_of_the_others(rows_of: Rows) -> None:
    boots = [thing(str(n), f"Boot {word}", "Wear > Shoes > Boots") for n, word in enumerate("abc")]
    records: list[Record] = [
        *boots,
        thing("4", "Trail gaiter", "Garden > Covers"),
        thing("5", "Trail gaiter", "Wear > Shoes > Gaiters"),
        thing("6", "Spade", "Garden > Tools"),
    ]
    rows = [m for record, m in rows_of("recombine:odd_one_out", records) if record in boots]
    assert {made.options[int(made.output)] for made in rows} == {"Spade"}


def test_a_translation_of_the_same_text_is_not_wrong(rows_of: Rows) -> None:
    words = {"1": "Kugel", "2": "Ball", "3": "Becher", "4": "Teller", "5": "Gabel", "6": "Messer"}
    records: list[Record] = []
    for id, german in words.items():
        english = "Round thing" if id in "12" else f"Thing number {id}"
        for lang, title in (("en", english), ("de", german)):
            records.append(
                thing(id, title, lang=lang, description=f"Now this is {title} {lang} for you.")
            )
    shown = {"title": "Round thing", "description": "Now this is Round thing en for you."}
    for name, text in shown.items():
        rows = rows_of(f"recombine:{name}_in_other_language", records)
        for made in (made for _, made in rows if text in made.input):
            fits = [one for one in made.options if "Kugel" in one or "Ball" in one]
            assert len(fits) == 1, name


# ---------------------------------------- reviews and search


def test_products_with_the_same_review_are_not_wrong(rows_of: Rows) -> None:
    said = "I love this lamp and its warm light."
    titles = ["warm light: lamp", "tent", "mug", "rake", "sofa"]
    products = [thing(title, f"A {title}", f"Home > {title.split()[-1]}") for title in titles]
    records: list[Record] = [
        *products,
        Review(id="1", text=said, product=products[0], rating=5, **ANY),
        Review(id="2", text=said, product=products[1], rating=5, **ANY),
    ]
    rows = rows_of("recombine:product_of_review", records)
    assert "A tent" not in {option for _, made in rows for option in made.options}
    shown = [made.input for _, made in rows_of("recombine:review_product_match", records)]
    assert shown
    assert not any("A tent" in text for text in shown)


def test_a_review_that_the_product_has_too_is_not_wrong(rows_of: Rows) -> None:
    kinds = ["lamp", "tent", "mug", "rake", "sofa", "bell", "vase", "desk"]
    products = [thing(kind, f"A fine solid {kind}", f"Home > {kind}") for kind in kinds]
    said = [f"My {kind} is fine as such. So there." for kind in kinds]
    records: list[Record] = [
        Review(id=str(n), text=text, product=product, rating=4, **ANY)
        for n, (text, product) in enumerate(zip(said, products, strict=True))
    ]
    records[0] = Review(id="0", text="This fine solid lamp is bright.", product=products[0], **ANY)
    again = thing("lamp2", "A fine solid lamp", "Home > lamp")
    records.append(Review(id="9", text=said[1], product=again, **ANY))
    for name in ("review_of_product", "reviews_of_product"):
        rows = [m for record, m in rows_of(f"recombine:{name}", records) if record is records[0]]
        assert rows
        assert not any(option in said[1] for made in rows for option in made.options), name


def test_a_review_that_was_given_five_stars_too_is_not_less_content(rows_of: Rows) -> None:
    rows = [
        ("So good it is", 5),
        ("It is what it is", 5),
        ("It is what it is", 2),
        ("Broke in one day", 1),
        ("Not good at all", 2),
        ("Far too loud here", 2),
    ]
    records = numbered(Review, ({"text": text, "rating": stars} for text, stars in rows))
    found = rows_of("recombine:more_satisfied", records)
    assert {made.options[int(made.output)] for _, made in found} == {"So good it is"}
    assert not any("It is what it is" in made.options for _, made in found)


def test_of_two_judgements_of_one_title_the_better_counts(rows_of: Rows) -> None:
    lamps = [thing(str(n), f"Lamp {word}", "Home > Lamps") for n, word in enumerate("abcdef")]
    again = thing("9", "Lamp b", "Home > Lamps")
    records: list[Record] = [
        Search(
            id="1",
            query="lamp",
            judged=((lamps[0], "exact"), *((lamps[n], "irrelevant") for n in (1, 2, 4, 5))),
            **ANY,
        ),
        Search(id="2", query="lamp", judged=((again, "exact"), (lamps[3], "substitute")), **ANY),
    ]
    for name in ("simplify:relevant_or_not", "plain:query_relevance"):
        rows = [made for record, made in rows_of(name, records) if record.id == "1"]
        assert rows
        assert not any("Lamp b" in made.input for made in rows), name
    for name in ("simplify:best_match", "simplify:better_of_two", "recombine:product_for_query"):
        for _, made in some(rows_of(name, records)):
            assert made.options[int(made.output)] == "Lamp b" or "Lamp b" not in made.options, name


# ---------------------------------------- labelled texts


def test_a_label_of_the_same_text_is_not_wrong(rows_of: Rows) -> None:
    candidates = ("price", "size", "quality", "service")
    texts = [
        ("It broke so soon", "quality"),
        ("It broke so soon", "price"),
        ("Too small", "size"),
        ("They were so kind", "service"),
        ("Came apart", "quality"),
    ]
    records = numbered(
        Classified,
        (
            {"text": text, "labels": (label,), "candidates": candidates, "topic": "aspect"}
            for text, label in texts
        ),
    )
    records.append(
        Classified(
            id="9",
            text="It broke so soon",
            labels=("price", "service"),
            candidates=candidates,
            topic="aspect",
            **ANY,
        )
    )
    for name in (
        "plain:classify_text",
        "plain:name_label",
        "simplify:fewer_candidates",
        "simplify:one_of_its_labels",
        "plain:label_text",
    ):
        for record, made in some(rows_of(name, records)):
            if "broke" in made.input and isinstance(record, Classified):
                assert set(made.options) <= {*record.labels, "size"}, name
    for name in ("simplify:has_label", "simplify:label_applies"):
        for record, made in some(rows_of(name, records)):
            if record.id == "0":
                assert made.slots["label"] in ("quality", "size")
    for _, made in some(rows_of("recombine:texts_with_label", records)):
        if made.slots["label"] == "price":
            golds = {made.options[int(number) - 1] for number in made.output.split(",")}
            assert golds == {"It broke so soon"}


def test_an_intent_of_the_same_dialogue_is_not_wrong(rows_of: Rows) -> None:
    talks = [
        ("Hello, my boots are wet", "return"),
        ("Hello, my boots are wet", "complain"),
        ("Where is it", "track"),
        ("I want two", "order"),
    ]
    records = numbered(
        Dialogue, ({"turns": (("customer", text),), "intent": intent} for text, intent in talks)
    )
    for record, made in some(rows_of("plain:dialogue_intent", records)):
        if record.id == "0":
            assert "complain" not in made.options
    for record, made in some(rows_of("simplify:has_intent", records)):
        if record.id == "0":
            assert made.slots["intent"] != "complain"


def test_a_reply_to_the_same_words_is_not_wrong(rows_of: Rows) -> None:
    replies = [
        "It comes on Monday then.",
        "We will look for it now.",
        "You can send it back.",
        "Yes, it is of steel.",
        "There are two in stock.",
    ]
    asked = ["Where is it?", "Where is it?", "It is too small", "Is it of steel?", "Any in stock?"]
    records = numbered(
        Dialogue,
        (
            {"turns": (("customer", text), ("shop", reply)), "intent": f"intent {n}"}
            for n, (text, reply) in enumerate(zip(asked, replies, strict=True))
        ),
    )
    rows = rows_of("recombine:reply_choice", records)
    for record, made in rows:
        if record.id in "01":
            assert len({*replies[:2]} & set(made.options)) == 1


def test_entities_of_another_record_of_the_text_are_not_absent(rows_of: Rows) -> None:
    types = ("brand", "color", "material")
    records = numbered(
        Tagged,
        (
            {"text": "silver ring", "types": types, "spans": spans}
            for spans in ((("color", "silver"),), (("material", "silver"),))
        ),
    )
    for name in ("entity_typing", "is_entity_of_type"):
        assert rows_of(f"simplify:{name}", records) == [], "silver is of two types"
    for _, made in some(rows_of("simplify:entity_types_present", records)):
        assert not {"color", "material"} <= set(made.options)
    for _, made in some(rows_of("simplify:has_entity_type", records)):
        if made.options[int(made.output)] == "No":
            assert made.slots["type"] == "brand"
    for record, made in some(rows_of("simplify:entity_count", records)):
        assert made.slots["type"] != ("material" if record.id == "0" else "color")


def test_answers_to_the_same_question_are_not_wrong(rows_of: Rows) -> None:
    rows = [
        ("How heavy is the tent?", "The tent has two kilos", "This tent: the tent has two kilos."),
        ("How heavy is the tent?", "Two kilos or so", "Nylon. It has two kilos or so. Red."),
        ("What of the bag?", "Two kilos or so", "Bag. Two kilos or so. Green."),
        ("How loud is a bell?", "It rings so loud", "Bell. It rings so loud. Of brass."),
        ("Who made the vase?", "Made by Lumo itself", "Vase. Made by Lumo itself. Of glass."),
        ("Why is the mug red?", "For red is nice", "Mug. For red is nice. Of clay."),
    ]
    records = numbered(Answered, ({"question": q, "answer": a, "context": c} for q, a, c in rows))
    for record, made in some(rows_of("recombine:answer_choice", records)):
        if record.id == "0":
            assert "Two kilos or so" not in made.options
    for record, made in some(rows_of("simplify:answerable", records)):
        if record.id == "0" and made.options[int(made.output)] == "No":
            assert "Nylon" not in made.input
    one, other = (
        Answered(
            id=id,
            question="How heavy?",
            answer=answer,
            context="It has two kilos. Or 2000 grams. It is red.",
            **ANY,
        )
        for id, answer in (("1", "two kilos"), ("2", "2000 grams"))
    )
    assert rows_of("simplify:answer_sentence", [one])
    assert rows_of("simplify:answer_sentence", [one, other]) == []


def test_a_text_that_answers_the_question_elsewhere_is_not_called_silent(rows_of: Rows) -> None:
    asked = "How heavy is the green tent?"
    rows = [
        (asked, "two kilos", "This green tent is heavy: two kilos."),
        (asked, "2000 g", "Nylon. 2000 g. Red."),
        ("Who made the vase?", "Lumo", "Made by Lumo. Of glass."),
        (asked, "", "Nylon. 2000 g. Red."),
        ("What of?", "Nylon", "Nylon. 2000 g. Red."),
    ]
    records = numbered(Answered, ({"question": q, "answer": a, "context": c} for q, a, c in rows))
    found = rows_of("simplify:answerable", records)
    for _, made in found:
        if made.options[int(made.output)] == "No" and asked in made.input:
            assert "2000 g" not in made.input
            assert "two kilos" not in made.input
    assert {"0", "1", "4"} <= {record.id for record, _ in found}
    assert "3" not in {record.id for record, _ in found}, "its text answers it after all"


def test_questions_of_the_same_answer_are_not_wrong(rows_of: Rows) -> None:
    rows = [
        ("Is the tent heavy?", "No, the tent is light as air"),
        ("Is it a burden?", "No, the tent is light as air"),
        ("Is it a burden?", "It is of steel"),
        ("Who made it?", "Lumo made it"),
        ("Why red?", "For red is nice"),
        ("How loud?", "It rings loud"),
    ]
    records = numbered(Answered, ({"question": q, "answer": a} for q, a in rows))
    assert "Is it a burden?" not in offered(rows_of("reverse:question_choice", records), "as air")


def test_texts_that_any_record_brings_together_are_not_wrong(rows_of: Rows) -> None:
    first, partner, alike = "where is my parcel", "track the order", "has it been sent"
    pairs = [
        (first, partner),
        (first, alike),
        ("when does it come", alike),
        ("pay by card", "card payments"),
        ("too small", "size is wrong"),
        ("of what is it", "the material used"),
    ]
    records = numbered(Related, ({"first": a, "second": b, "match": True} for a, b in pairs))
    for name in ("matching_text", "texts_match"):
        for record, made in some(rows_of(f"recombine:{name}", records)):
            if record.id == "0":
                assert alike not in made.options, name
                assert alike not in made.input, name

    texts = [
        ("Kettle of steel.", "Steel one"),
        ("Kettle of steel.", "It boils"),
        ("Pot of clay.", "It boils"),
        ("A red mug.", "Red mug"),
        ("A blue tent.", "Blue tent"),
        ("Two green socks.", "Green socks"),
    ]
    records = numbered(Summarised, ({"text": a, "summary": b} for a, b in texts))
    rows = [made for r, made in rows_of("recombine:summary_choice", records) if r.id == "0"]
    assert rows
    assert not any("It boils" in made.options for made in rows)
    records = numbered(Rewritten, ({"query": a, "rewritten": b} for a, b in texts))
    rows = [made for r, made in rows_of("recombine:rewrite_choice", records) if r.id == "0"]
    assert rows
    assert not any("It boils" in made.options for made in rows)

    steps = [("shoos", "running shoes"), ("running shoes", "jogging footwear"), *texts[3:]]
    steps += [("kettel", "electric kettle"), ("sox", "wool socks")]
    records = numbered(Rewritten, ({"query": a, "rewritten": b} for a, b in steps))
    rows = [made for r, made in rows_of("recombine:rewrite_choice", records) if r.id == "0"]
    assert rows
    assert not any("jogging footwear" in made.options for made in rows), "the same, a step on"

    relations = ("same", "part", "other")
    records = numbered(
        Related,
        (
            {
                "first": "a mug",
                "second": "a cup",
                "relation": relation,
                "relations": relations,
                "topic": "t",
            }
            for relation in relations[:2]
        ),
    )
    for _, made in some(rows_of("simplify:has_relation", records)):
        assert made.slots["label"] == "other" or made.options[int(made.output)] == "Yes"


# ---------------------------------------- what a title does not say


GERMAN = {"red": "rot", "blue": "blau", "green": "grün", "white": "weiß"}


def aprons(lang: str) -> list[Record]:
    return [
        thing(
            color,
            f"Alpina {'apron' if lang == 'en' else 'Schürze'}, {name}",
            lang=lang,
            brand="Alpina",
            attributes=(("maker", "Alpina"), ("color", color), ("size", "42")),
        )
        for color, german in GERMAN.items()
        for name in [color if lang == "en" else german]
    ]


def test_what_titles_tell_in_another_language_is_not_unsaid(rows_of: Rows) -> None:
    assert rows_of("reverse:attributes_from_title", aprons("en"))
    assert rows_of("reverse:attributes_from_title", aprons("de")) == []
    assert rows_of("recombine:attribute_value_choice", aprons("de")) == []
    plain = thing("5", "Alpina apron for cooks", brand="Alpina", attributes=(("color", "black"),))
    rows = rows_of("recombine:attribute_value_choice", [*aprons("en"), plain])
    assert answers(rows, "for cooks") == {"The text does not say."}


def test_a_number_with_its_unit_written_otherwise_is_said(rows_of: Rows) -> None:
    lamps = [thing(str(n), f"Lamp with {n} W", attributes=(("power", f"{n} W"),)) for n in range(9)]
    close = thing("9", "Lamp with 11W", attributes=(("power", "11 W"),))
    rows = rows_of("recombine:attribute_value_choice", [*lamps, close])
    assert not answers(rows, "11W")


# ---------------------------------------- not told by kind or length


KINDS = ["Wear > Caps", "Wear > Socks", "Home > Lamps", "Home > Mugs", "Toys > Games"]


def test_a_complement_is_not_the_only_one_of_another_kind(rows_of: Rows) -> None:
    shoes = [
        thing(f"s{n}", f"Shoe model {word}", "Wear > Shoes", also_bought=("0a",))
        for n, word in enumerate("abcdefghij")
    ]
    others = [
        thing(f"{n}{word}", f"{kind.split()[-1]} item {word}", kind)
        for n, kind in enumerate(KINDS)
        for word in "abc"
    ]
    kind_of = {product.title: product.category for product in (*shoes, *others)}
    for name in ("complement_choice", "complements"):
        rows = rows_of(f"recombine:{name}", [*shoes, *others])
        assert rows
        for _, made in rows:
            kinds = [kind_of[title] for title in made.options]
            own = kinds.count(("Wear", "Shoes"))
            assert 0 < own < len(kinds) - 1
            alone = [kind for kind in set(kinds) if kinds.count(kind) == 1]
            assert len(alone) != 1, "the right one alone"


def test_a_reviewed_product_is_not_the_only_one_of_another_kind(rows_of: Rows) -> None:
    products = [
        thing(f"{n}{word}", f"{kind.split()[-1]} item {word}", kind)
        for n, kind in enumerate(KINDS)
        for word in "abcd"
    ]
    review = Review(id="1", text="I love these Caps so much", product=products[0], **ANY)
    kind_of = {product.title: product.category for product in products}
    for _, made in some(rows_of("recombine:product_of_review", [*products, review])):
        assert len({kind_of[title] for title in made.options}) == 4


def test_length_does_not_tell_the_right_option() -> None:
    rng = Random(0)
    longest = 0
    for _ in range(400):
        right = Option("x" * rng.randint(10, 16))  # shorter than most of the others
        texts = [Option("x" * rng.randint(4, 30)) for _ in range(12)]
        wrong = evened(right, texts, 3, rng)
        longest += len(right.text) > max(len(one.text) for one in wrong)
        assert len(wrong) == 3
    assert 0.1 < longest / 400 < 0.35
