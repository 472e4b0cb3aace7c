"""Right answers are right and wrong ones wrong, by a reading of the rows that knows the shop."""

import re
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest

from ecom.corpus.atomic import Made
from ecom.corpus.records import (
    Answered,
    Classified,
    Paired,
    Product,
    Record,
    Review,
    Search,
    Session,
)
from ecom.forms.options import printed
from tests.corpus.atomic.conftest import some

Rows = Callable[[str, list[Record]], list[tuple[Record, Made]]]


def by_title(records: list[Record]) -> dict[str, Product]:
    return {record.title: record for record in records if isinstance(record, Product)}


def right(made: Made) -> str:
    return made.options[int(made.output)]


def wrong(made: Made) -> list[str]:
    return [option for option in made.options if option != right(made)]


def golds(made: Made) -> list[str]:
    return [made.options[int(number) - 1] for number in made.output.split(",")]


def others(made: Made) -> list[str]:
    return [option for option in made.options if option not in golds(made)]


def line(made: Made, name: str) -> str:
    found = re.search(rf"^{name}: (.*)$", made.input, re.MULTILINE)
    assert found, made.input
    return found[1]


def amounts(options: list[str]) -> list[Decimal]:
    assert len({option.split()[-1] for option in options}) == 1, "one currency"
    return [Decimal(re.search(r"\(?([\d.]+) (?:EUR|USD)\)?$", one)[1]) for one in options]  # type: ignore[index]


# ---------------------------------------- titles, attributes, brands


def test_attributes_match_a_title_exactly_when_it_tells_the_same(
    bazaar: list[Record], rows_of: Rows
) -> None:
    rows = rows_of("recombine:title_attributes_match", bazaar)
    assert len(rows) > 2_000
    for _, made in rows:
        _, color, kind, _ = line(made, "Product title").split()
        told = (line(made, "color"), line(made, "kind")) == (color, kind)
        assert right(made) == ("Yes" if told else "No")


def test_attributes_that_the_title_does_not_speak_of_are_not_called_wrong(rows_of: Rows) -> None:
    """Nobody could tell from "Desk lamp" that its wattage is not the bulb's."""
    records: list[Record] = [
        Product(id=title, source="s", title=title, lang="en", attributes=attributes)
        for title, attributes in (
            ("Desk lamp, white", (("color", "white"), ("wattage", "9 W"))),
            ("Bulb E27", (("base", "E27"), ("wattage", "8 W"))),
            ("Bulb E14", (("base", "E14"), ("wattage", "8 W"))),
        )
    ]
    shown = {made.input for _, made in rows_of("recombine:title_attributes_match", records)}
    assert len(shown) == 4, "two bulbs, with their own and with each other's attributes"
    assert not any("lamp" in text for text in shown)


def test_the_title_of_attributes_is_the_only_one_that_fits(
    bazaar: list[Record], rows_of: Rows
) -> None:
    for _, made in some(rows_of("recombine:title_of_attributes", bazaar)):
        wanted = [line(made, "color"), line(made, "kind")]
        fits = [title for title in made.options if title.split()[1:3] == wanted]
        assert fits == [right(made)]


def test_descriptions_match_the_title_that_they_speak_of(
    bazaar: list[Record], rows_of: Rows
) -> None:
    known = by_title(bazaar)
    for _, made in some(rows_of("recombine:title_description_match", bazaar)):
        own = known[line(made, "Product title")].description
        assert right(made) == ("Yes" if line(made, "Product description") == own else "No")
    for _, made in some(rows_of("recombine:description_of_title", bazaar)):
        assert right(made) == known[line(made, "Product title")].description
    for _, made in some(rows_of("recombine:title_of_description", bazaar)):
        assert known[right(made)].description == line(made, "Product description")


def test_two_offers_match_as_they_are_labelled(shop: list[Record], rows_of: Rows) -> None:
    rows = rows_of("recombine:pair_title_attributes", shop)
    assert {right(made) for _, made in rows} == {"Yes", "No"}
    for record, made in rows:
        assert isinstance(record, Paired)
        assert right(made) == ("Yes" if record.same else "No")


def test_a_known_twin_is_never_a_wrong_option(shop: list[Record], rows_of: Rows) -> None:
    twins = {"Nordlicht Pegasus road running shoe, red", "PEGASUS runner by Nordlicht (red)"}
    for name in (
        "title_of_attributes",
        "product_for_query",
        "next_item",
        "same_product_choice",
        "title_of_description",
    ):
        for _, made in some(rows_of(f"recombine:{name}", shop)):
            assert right(made) not in twins or not twins <= set(made.options), name
    for name in ("products_for_query", "complements", "next_item_in_list"):
        for _, made in some(rows_of(f"recombine:{name}", shop)):
            assert not twins & set(golds(made)) or not twins & set(others(made)), name


def test_an_attributes_value_is_in_the_title_or_cannot_be_told(
    bazaar: list[Record], rows_of: Rows
) -> None:
    hidden = [
        Product(
            id=f"h{number}",
            source="bazaar",
            title=f"Plain thing {number}",
            lang="en",
            category=("Things",),
            attributes=(("color", color),),
        )
        for number, color in enumerate(("red", "blue", "green", "black"))
    ]
    rows = rows_of("recombine:attribute_value_choice", [*bazaar, *hidden])
    for _, made in rows:
        told = [value for value in made.options if value in line(made, "Product title").split()]
        assert told == ([right(made)] if right(made) != "The text does not say." else [])
        assert "The text does not say." in made.options
    assert {"The text does not say.", "red"} <= {right(made) for _, made in rows}


def test_the_brand_is_not_in_the_title_that_is_shown(bazaar: list[Record], rows_of: Rows) -> None:
    known = by_title(bazaar)
    rows = rows_of("recombine:brand_choice", bazaar)
    assert len(rows) > 2_000
    for _, made in rows:
        title = line(made, "Product title")
        assert f"{right(made)} {title}" in known
        assert not any(brand in title for brand in made.options)


# ---------------------------------------- the shop's shelf


def test_the_odd_one_is_of_another_branch(bazaar: list[Record], rows_of: Rows) -> None:
    known = by_title(bazaar)
    for _, made in some(rows_of("recombine:odd_one_out", bazaar)):
        (shelf,) = {known[title].category for title in wrong(made)}
        assert known[right(made)].category[:2] != shelf[:2]


def test_a_product_whose_title_names_the_category_is_not_called_foreign(rows_of: Rows) -> None:
    titles = {
        "Radio with lamps": "Radios",
        "Old radio": "Radios",
        "Desk light": "Lamps",
        "Reading light": "Lamps",
        "Grey tent": "Tents",
        "Red tent": "Tents",
    }
    records: list[Record] = [
        Product(id=str(n), source="s", lang="en", title=title, category=("Home", leaf))
        for n, (title, leaf) in enumerate(titles.items())
    ]
    rows = [made for _, made in rows_of("recombine:products_of_category", records)]
    assert any(made.slots["category"] == "Lamps" for made in rows)
    for made in rows:
        if made.slots["category"] == "Lamps":
            assert "Radio with lamps" not in made.options


def test_products_of_a_category_are_all_that_the_list_has(
    bazaar: list[Record], rows_of: Rows
) -> None:
    known = by_title(bazaar)
    rows = rows_of("recombine:products_of_category", bazaar)
    assert {len(golds(made)) for _, made in rows} == {1, 2, 3}
    for _, made in rows:
        fits = [t for t in made.options if known[t].category[-1] == made.slots["category"]]
        assert fits == golds(made)


def test_no_other_category_has_the_attribute(shop: list[Record], rows_of: Rows) -> None:
    having: dict[str, set[str]] = {}
    for record in shop:
        if isinstance(record, Product):
            for name, _ in record.attributes:
                having.setdefault(name, set()).add(record.category[-1])
    for _, made in some(rows_of("recombine:category_with_attribute", shop)):
        assert having[made.slots["attribute"]] & set(made.options) == {right(made)}


def test_prices_are_compared_added_and_ranked_rightly(bazaar: list[Record], rows_of: Rows) -> None:
    for _, made in some(rows_of("recombine:cheapest", bazaar)):
        prices = amounts(list(made.options))
        assert prices.index(min(prices)) == int(made.output)
        assert len(set(prices)) == 4
    for _, made in some(rows_of("recombine:rank_prices", bazaar)):
        prices = amounts(list(made.options))
        ranked = [prices[int(number) - 1] for number in made.output.split(",")]
        assert ranked == sorted(prices)
        assert len(set(prices)) == 5
    for _, made in some(rows_of("recombine:within_budget", bazaar)):
        (budget,) = amounts([made.slots["budget"]])
        assert all(price <= budget for price in amounts(golds(made)))
        assert all(price > budget for price in amounts(others(made)))
    for _, made in some(rows_of("recombine:basket_total", bazaar)):
        basket = amounts(made.input.splitlines()[1:])
        assert amounts([right(made)]) == [sum(basket)]
        assert len(set(amounts(list(made.options)))) == len(made.options)


def test_a_budget_is_whole_where_prices_are(rows_of: Rows) -> None:
    records: list[Record] = [
        Product(id=str(n), source="s", lang="ja", title=f"品物 {n}番", price=price, currency="JPY")
        for n, price in enumerate([1000, 1001, 1250, 1980, 2475, 3000])
    ]
    rows = [made for _, made in rows_of("recombine:within_budget", records)]
    assert rows
    for made in rows:
        assert re.fullmatch(r"\d+ JPY", made.slots["budget"])
        limit = int(made.slots["budget"].split()[0])
        prices = {one: int(re.search(r"\((\d+) JPY", one)[1]) for one in made.options}  # type: ignore[index]
        assert golds(made) == [one for one, price in prices.items() if price <= limit]


def test_compared_prices_are_near_each_other(bazaar: list[Record], rows_of: Rows) -> None:
    """Of 1 to 200, the four of a question lie within a part of the range."""
    spreads = [
        max(amounts(list(made.options))) - min(amounts(list(made.options)))
        for _, made in rows_of("recombine:cheapest", bazaar)
    ]
    assert sum(spreads) / len(spreads) < 120


def test_complements_were_bought_together_and_the_others_never(
    bazaar: list[Record], rows_of: Rows
) -> None:
    known = by_title(bazaar)
    for name, picked, left in (
        ("complement_choice", lambda m: [right(m)], wrong),
        ("complements", golds, others),
    ):
        rows = rows_of(f"recombine:{name}", bazaar)
        assert len(rows) > 1_000
        for record, made in rows:
            assert isinstance(record, Product)
            assert all(known[title].id in record.also_bought for title in picked(made))
            for title in left(made):
                assert known[title].id not in record.also_bought
                assert record.id not in known[title].also_bought


def test_a_complementary_category_is_one_that_was_bought(
    bazaar: list[Record], rows_of: Rows
) -> None:
    small = [r for r in bazaar if isinstance(r, Product)][:40]
    by_id = {product.id: product for product in small}
    known = by_title([*small])
    rows = rows_of("recombine:complement_category", [*small])
    assert rows
    for record, made in rows:
        assert isinstance(record, Product)
        bought = {by_id[id].category[-1] for id in record.also_bought if id in by_id}
        assert right(made) in bought
        assert not bought & set(wrong(made))
        assert known[line(made, "Product bought")] is record


# ---------------------------------------- search and sessions


def test_products_for_a_query_are_what_it_says(bazaar: list[Record], rows_of: Rows) -> None:
    """A query is "COLOR KIND": any product of another colour or kind is wrong."""

    def fits(made: Made) -> list[str]:
        words = line(made, "Query").split()
        return [title for title in made.options if title.split()[1:3] == words]

    for _, made in some(rows_of("recombine:product_for_query", bazaar)):
        assert fits(made) == [right(made)]
        assert len(made.options) == 4
    for _, made in some(rows_of("recombine:products_for_query", bazaar)):
        assert fits(made) == golds(made)
        assert len(made.options) == 10
    for _, made in some(rows_of("recombine:query_product_match", bazaar)):
        told = line(made, "Product title").split()[1:3] == line(made, "Query").split()
        assert right(made) == ("Yes" if told else "No")
    for _, made in some(rows_of("recombine:query_for_product", bazaar)):
        title = line(made, "Product title").split()
        assert [q for q in made.options if q.split() == title[1:3]] == [right(made)]


def test_wrong_products_for_a_query_are_hard(bazaar: list[Record], rows_of: Rows) -> None:
    known = by_title(bazaar)
    rows = rows_of("recombine:product_for_query", bazaar)
    same_shelf = sum(
        known[title].category == known[right(made)].category
        for _, made in rows
        for title in wrong(made)
    )
    assert same_shelf > 0.9 * 3 * len(rows)


def test_a_query_word_that_no_right_title_has_makes_no_product_wrong(rows_of: Rows) -> None:
    """Any of these shoes may be what "sneakers" asks for; a kettle is not."""
    shoes = [
        Product(id=str(n), source="s", lang="en", category=("Shoes", "Sneakers"), title=title)
        for n, title in enumerate(["Pegasus red", "Swift blue", "Glide grey", "Trail one"])
    ]
    kettles = [
        Product(id=f"k{n}", source="s", lang="en", category=("Home", "Kettles"), title=title)
        for n, title in enumerate(["Steel kettle", "Glass kettle", "Tin kettle"])
    ]
    search = Search(id="q", source="s", lang="en", query="sneakers", judged=((shoes[0], "exact"),))
    records: list[Record] = [*shoes, *kettles, search]
    rows = rows_of("recombine:product_for_query", records)
    assert rows
    for _, made in rows:
        assert set(wrong(made)) == {kettle.title for kettle in kettles}
    assert rows_of("recombine:product_for_query", [*shoes, search]) == []


def test_options_are_in_one_language_where_products_share_an_id(rows_of: Rows) -> None:
    """A text in another language than the others would be left out unread."""
    kinds = {"lamp": "Lampe", "kettle": "Kessel", "blanket": "Decke", "pillow": "Kissen"}
    records: list[Record] = []
    for id, (english, german) in enumerate(kinds.items()):
        for lang, kind, said in (
            ("de", german, "Diese {} ist wirklich gut."),
            ("en", english, "This {} is really good."),
        ):
            product = Product(
                id=str(id), source="s", lang=lang, title=f"{kind} one", category=(kind,)
            )
            review = Review(
                id=f"{id}{lang}", source="s", lang=lang, text=said.format(kind), product=product
            )
            search = Search(
                id=f"{id}{lang}",
                source="s",
                lang=lang,
                query=f"{kind} {lang}",
                judged=((product, "exact"),),
            )
            records += [review, search]
    for name, mark in (
        ("review_of_product", {"de": "wirklich", "en": "really"}),
        ("query_for_product", {"de": " de", "en": " en"}),
    ):
        rows = rows_of(f"recombine:{name}", records)
        assert {record.lang for record, _ in rows} == {"de", "en"}
        for record, made in rows:
            assert all(mark[record.lang] in option for option in made.options)


def test_a_ranking_follows_the_judgements(shop: list[Record], rows_of: Rows) -> None:
    order = ("exact", "substitute", "complement", "irrelevant")
    for record, made in some(rows_of("recombine:rank_products", shop)):
        assert isinstance(record, Search)
        grades = {product.title: order.index(how) for product, how in record.judged}
        ranked = [made.options[int(number) - 1] for number in made.output.split(",")]
        levels = [grades.get(title, 3) for title in ranked]
        assert levels == sorted(levels)
        assert levels[0] == 0


def in_order(made: Made) -> list[str]:
    """Return the texts of an ordering in the order of its answer."""
    texts = dict(zip(printed(made.input)[-1].labels, printed(made.input)[-1].items, strict=True))
    return [texts[label].text for label in made.output.split(", ")]


def test_an_order_is_one_that_the_data_hold(
    shop: list[Record], bazaar: list[Record], rows_of: Rows
) -> None:
    levels = ("exact", "substitute", "complement", "irrelevant")
    for record, made in some(rows_of("recombine:order_products", shop)):
        assert isinstance(record, Search)
        grades = {product.title: levels.index(how) for product, how in record.judged}
        found = [grades.get(title, 3) for title in in_order(made)]
        assert found == sorted(set(found))
        assert found[0] == 0
    lengths = set()
    for _, made in some(rows_of("recombine:order_prices", bazaar)):
        prices = amounts(in_order(made))
        assert prices == sorted(set(prices))
        lengths.add((len(prices), made.output[0].isdecimal()))
    assert {count for count, _ in lengths} == set(range(3, 11))
    assert {count for count, is_number in lengths if is_number} == set(range(6, 11))
    stars = {record.text: record.rating or 0 for record in shop if isinstance(record, Review)}
    for _, made in some(rows_of("recombine:order_reviews", shop)):
        found = [stars[text] for text in in_order(made)]
        assert found == sorted(set(found), reverse=True)
    for record, made in some(rows_of("simplify:order_categories", shop)):
        assert isinstance(record, Product)
        assert tuple(in_order(made)) == record.category


def test_what_has_no_order_is_not_put_in_one(shop: list[Record], rows_of: Rows) -> None:
    searches = [record for record in shop if isinstance(record, Search)]
    found = [product for one in searches for product, _ in one.judged]
    alike = replace(searches[0], judged=tuple((product, "exact") for product in found))
    assert rows_of("recombine:order_products", [alike]) == []
    reviews = [replace(one, rating=5) for one in shop if isinstance(one, Review)]
    assert rows_of("recombine:order_reviews", list(reviews)) == []
    products = [one for one in shop if isinstance(one, Product)]
    same = [replace(one, price=9.0) for one in products]
    assert rows_of("recombine:order_prices", list(same)) == []
    lamp = next(one for one in products if one.id == "p11")
    turned = replace(lamp, id="x", category=("Lighting", "Home"))
    assert rows_of("simplify:order_categories", [lamp])
    assert rows_of("simplify:order_categories", [lamp, turned]) == []


def test_the_category_of_a_query_is_that_of_its_products(
    bazaar: list[Record], rows_of: Rows
) -> None:
    for record, made in some(rows_of("recombine:query_category", bazaar)):
        assert isinstance(record, Search)
        judged = {product.category[-1] for product, _ in record.judged}
        assert judged & set(made.options) == {right(made)}


def test_what_comes_next_was_next_and_the_others_were_never_seen_with_it(
    bazaar: list[Record], rows_of: Rows
) -> None:
    sessions = [record for record in bazaar if isinstance(record, Session)]
    seen = [{p.title for p in (*s.viewed, s.next) if p} for s in sessions]

    def seen_with(session: Session) -> set[str]:
        own = {p.title for p in (*session.viewed, session.next) if p}
        return set().union(*(titles for titles in seen if titles & own))

    for name, picked, left in (
        ("next_item", lambda m: [right(m)], wrong),
        ("next_item_in_list", golds, others),
    ):
        rows = rows_of(f"recombine:{name}", bazaar)
        assert len(rows) > 500
        for record, made in rows:
            assert isinstance(record, Session)
            assert record.next
            assert picked(made) == [record.next.title]
            assert not seen_with(record) & set(left(made))


def test_what_comes_next_is_most_like_what_was_viewed(
    shop: list[Record], bazaar: list[Record], rows_of: Rows
) -> None:
    def words(title: str) -> set[str]:
        return {word for word in re.findall(r"\w+", title.lower()) if len(word) > 3}

    for name, picked, left in (
        ("next_item", lambda m: [right(m)], wrong),
        ("next_item_in_list", golds, others),
    ):
        for record, made in (
            one for records in (shop, bazaar) for one in some(rows_of(f"recombine:{name}", records))
        ):
            assert isinstance(record, Session)
            known = by_title([*shop, *bazaar])
            likeness = {
                title: max(
                    len(words(title) & words(one.title))
                    + 2 * (title in known and known[title].category == one.category)
                    for one in record.viewed
                )
                for title in made.options
            }
            assert min(likeness[one] for one in picked(made)) > max(
                likeness[one] for one in left(made)
            )


# ---------------------------------------- reviews and texts


def test_reviews_go_with_products_of_their_kind(bazaar: list[Record], rows_of: Rows) -> None:
    """A review says "this KIND": a product of another kind is not the one it is about."""

    def kind(text: str) -> str:
        return re.search(r"this (\w+)", text)[1]  # type: ignore[index]

    for _, made in some(rows_of("recombine:product_of_review", bazaar)):
        named = kind(line(made, "Review"))
        assert [title for title in made.options if named in title] == [right(made)]
    for _, made in some(rows_of("recombine:review_product_match", bazaar)):
        told = kind(line(made, "Review")) in line(made, "Product title")
        assert right(made) == ("Yes" if told else "No")
    for _, made in some(rows_of("recombine:review_of_product", bazaar)):
        title = line(made, "Product title")
        assert [text for text in made.options if kind(text) in title] == [right(made)]
    rows = rows_of("recombine:reviews_of_product", bazaar)
    assert {len(golds(made)) for _, made in rows} >= {1, 2}
    for _, made in rows:
        title = line(made, "Product title")
        assert [text for text in made.options if kind(text) in title] == golds(made)
        assert {len(text.split(". ")) for text in made.options} == {1}, "snippets are cut alike"


def test_the_most_satisfied_buyer_gave_most_stars(bazaar: list[Record], rows_of: Rows) -> None:
    stars = {record.text: record.rating for record in bazaar if isinstance(record, Review)}
    for _, made in some(rows_of("recombine:more_satisfied", bazaar)):
        assert stars[right(made)] == 5
        assert all((stars[text] or 0) <= 3 for text in wrong(made))


def test_texts_of_a_label_have_it_and_the_others_lack_it(shop: list[Record], rows_of: Rows) -> None:
    labels = {record.text: record.labels for record in shop if isinstance(record, Classified)}
    for _, made in some(rows_of("recombine:texts_with_label", shop)):
        having = [text for text in made.options if made.slots["label"] in labels[text]]
        assert having == golds(made)


def test_answers_go_with_their_questions(shop: list[Record], rows_of: Rows) -> None:
    pairs = {record.question: record.answer for record in shop if isinstance(record, Answered)}
    for _, made in some(rows_of("recombine:answer_choice", shop)):
        assert right(made) == pairs[line(made, "Question")]


def test_the_right_answer_says_most_of_the_question(rows_of: Rows) -> None:
    pairs = [
        ("Is the kettle loud?", "The kettle is not loud at all."),
        ("Does the lamp dim?", "Yes it can, it works great."),
        ("How heavy is the tent?", "The tent weighs two kilos."),
        ("Which plug has the radio?", "The radio has a European plug."),
        ("Can I wash the blanket?", "Wash the blanket by hand."),
    ]
    records: list[Record] = [
        Answered(id=str(n), source="s", question=question, answer=answer, lang="en")
        for n, (question, answer) in enumerate(pairs)
    ]
    for name in ("recombine:answer_choice", "reverse:question_choice"):
        asked = {record.id for record, _ in rows_of(name, records)}
        assert asked == {"0", "2", "3", "4"}, "of the lamp, the answer says nothing"


def test_a_yes_fits_any_question_so_it_asks_none(rows_of: Rows) -> None:
    records: list[Record] = [
        Answered(id=str(n), source="s", question=f"Is it number {n}?", answer="Yes.", lang="en")
        for n in range(9)
    ]
    assert rows_of("recombine:answer_choice", records) == []
    assert rows_of("reverse:question_choice", records) == []


# ---------------------------------------- languages


def test_products_are_recognised_across_languages(shop: list[Record], rows_of: Rows) -> None:
    ids = {r.title: r.id for r in shop if isinstance(r, Product)}
    langs = {r.title: r.lang for r in shop if isinstance(r, Product)}
    for record, made in some(rows_of("recombine:title_in_other_language", shop)):
        assert isinstance(record, Product)
        assert [title for title in made.options if ids.get(title) == record.id] == [right(made)]
        (lang,) = {langs.get(title, "en") for title in made.options}
        assert lang != record.lang
    rows = rows_of("recombine:translate_title", shop)
    assert {made.slots["language"] for _, made in rows} == {"German", "English"}
    for record, made in rows:
        assert isinstance(record, Product)
        assert ids[made.output] == record.id
        assert langs[made.output] != record.lang
    for _, made in some(rows_of("recombine:translate_title_to_japanese", shop)):
        assert langs[made.output] == "ja"


# ---------------------------------------- too little data


@pytest.mark.parametrize(
    "name",
    [
        "title_attributes_match",
        "title_of_attributes",
        "brand_choice",
        "odd_one_out",
        "products_of_category",
        "cheapest",
        "rank_prices",
        "order_prices",
        "within_budget",
        "basket_total",
        "complement_choice",
        "complements",
        "attribute_value_choice",
        "description_of_title",
    ],
)
def test_a_product_by_itself_asks_nothing(name: str, bazaar: list[Record], rows_of: Rows) -> None:
    assert rows_of(f"recombine:{name}", bazaar[:1]) == []
