import doctest
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecom.corpus.atomic import prices, products, reviews, texts
from ecom.corpus.atomic.pool import Pool
from ecom.corpus.atomic.texts import key, one_line, opening, sentences, stands_in, without, words_of
from ecom.corpus.records import Answered, Paired, Product, Record, Search, Session


def pool_of(*records: Record) -> Pool:
    return Pool(records, lambda lang: {"lang": lang})


def product(id: str, **known: object) -> Product:
    return Product(id=id, source="s", title=f"Product {id}", lang="en", **known)  # type: ignore[arg-type]


def test_products_inside_other_records_are_known() -> None:
    a, b, c, d = map(product, "abcd")
    pool = pool_of(
        a,
        Search(id="1", source="s", query="x", judged=((b, "exact"), (a, "exact"))),
        Session(id="1", source="s", viewed=(c,), next=d),
    )
    assert [known.id for known in pool.products] == ["a", "b", "c", "d"]


def test_near_means_same_shelf_then_near_price() -> None:
    shelf = [product(str(n), category=("A", "X"), price=float(n)) for n in range(1, 101)]
    far = [product(f"y{n}", category=("A", "Y"), price=50.0) for n in range(9)]
    pool = pool_of(*shelf, *far)
    found = pool.products_like(shelf[49], 5, Random(0), lambda _: True)
    assert len(found) == 5
    assert all(abs((one.price or 0) - 50) <= 13 and one.category[-1] == "X" for one in found)
    none_on_its_shelf = pool.products_like(shelf[0], 3, Random(0), lambda o: o.id[0] == "y")
    assert {one.category[-1] for one in none_on_its_shelf} == {"Y"}


def test_negatives_are_of_the_same_language_and_other_words() -> None:
    records = [
        Product(id="1", source="s", title="Red shoe", lang="en"),
        Product(id="2", source="s", title="shoe, RED", lang="en"),
        Product(id="3", source="s", title="Red shoe", lang="en"),
        Product(id="4", source="s", title="Blue shoe", lang="de"),
        Product(id="5", source="s", title="Blue shoe", lang="en"),
        Product(id="6", source="s", title="blue shoe!", lang="en"),
        Product(id="7", source="s", title=" ", lang="en"),
    ]
    for seed in range(10):
        found = pool_of(*records).products_like(records[0], 9, Random(seed), lambda _: True)
        assert [key(one.title) for one in found] == ["blue shoe"]
        assert found[0].lang == "en"


def test_no_more_are_returned_than_there_are_and_than_are_asked_for() -> None:
    records = [product(str(n)) for n in range(5)]
    pool = pool_of(*records)
    assert len(pool.products_like(records[0], 9, Random(0), lambda _: True)) == 4
    assert len(pool.products_like(records[0], 2, Random(0), lambda _: True)) == 2
    assert pool.products_like(records[0], 0, Random(0), lambda _: True) == []
    assert pool.products_like(records[0], 9, Random(0), lambda _: False) == []


def test_twins_of_a_pair_are_never_negatives() -> None:
    left, right, third = map(product, "abc")
    pool = pool_of(third, Paired(id="1", source="s", left=left, right=right, same=True))
    assert pool.products_like(left, 9, Random(0), lambda _: True) == [third]
    different = pool_of(third, Paired(id="1", source="s", left=left, right=right, same=False))
    assert len(different.products_like(left, 9, Random(0), lambda _: True)) == 2


def test_the_same_product_abroad_shares_its_id() -> None:
    here, there = (
        Product(id="1", source="s", title=title, lang=lang)
        for title, lang in (("lamp", "en"), ("Lampe", "de"))
    )
    other = Product(id="1", source="t", title="Lampada", lang="it")
    pool = pool_of(here, there, other)
    assert pool.translations(here) == [there]
    assert pool.find("s", ["1", "2"], "de") == [there]


def test_an_id_may_begin_with_its_locale() -> None:
    uk, de, shelf = (
        Product(id=id, source="s", title=id, lang=lang)
        for id, lang in (("UK/B0X", "en"), ("DE/B0X", "de"), ("shelf/B0X", "fr"))
    )
    assert pool_of(uk, de, shelf).translations(uk) == [de]


def test_what_was_seen_or_bought_together_is_known_from_both_sides() -> None:
    a, b, c = product("a", also_bought=("c",)), product("b"), product("c")
    pool = pool_of(a, c, Session(id="1", source="s", viewed=(a,), next=b))
    assert pool.together(a) == {words_of(b.title), words_of(c.title)}
    assert pool.together(b) == pool.together(c) == {words_of(a.title)}


def test_other_records_are_of_the_same_kind_and_language() -> None:
    records = [
        Answered(id=str(n), source="s", question="?", answer="!", lang="de" if n == 3 else "en")
        for n in range(6)
    ]
    found = pool_of(*records, product("a")).others(records[0], 9, Random(0), lambda _: True)
    assert {one.id for one in found} == {"1", "2", "4", "5"}


def test_fixed_words_are_those_of_the_records_language() -> None:
    assert pool_of().words(Product(id="1", source="s", title="x", lang="it")) == {"lang": "it"}


# ------------------------------------------------------------------------------------------ texts


@pytest.mark.parametrize("module", [texts, products, reviews, prices])
def test_the_examples_in_docstrings_hold(module: object) -> None:
    tried = doctest.testmod(module)  # type: ignore[arg-type]
    assert tried.failed == 0
    assert tried.attempted


@pytest.mark.parametrize(
    ("term", "text", "there"),
    [
        ("red", "Red-hot", True),
        ("red", "hundred", False),
        ("靴", "赤い靴下", True),
        ("", "x", False),
        ("5 W", "a 5W lamp", False),
        ("USB-C", "usb c cable", True),
        ("赤 LED", "赤LEDライト", True),
        ("l'été", "pour L’ÉTÉ", True),
        ("ＬＥＤ", "an LED lamp", True),
    ],
)
def test_a_term_stands_in_a_text_as_whole_words(term: str, text: str, there: bool) -> None:
    assert stands_in(term, text) is there


@given(st.text(), st.text())
def test_a_text_stands_in_what_is_built_around_it(term: str, text: str) -> None:
    if key(term):
        assert stands_in(term, f"{text} {term} {text}")


@given(st.text(), st.integers(1, 80))
def test_an_opening_is_whole_sentences_of_the_text(text: str, characters: int) -> None:
    kept = opening(text, characters)
    assert len(kept) <= characters
    assert kept == one_line(kept)
    said = " ".join(sentences(text))
    assert said.startswith(kept)
    if len(one_line(text)) <= characters:
        assert kept == one_line(text)


def test_a_term_is_taken_out_wherever_it_stands() -> None:
    assert without("USB-C", "usb c cable, USB-C!") == "cable, !"
    assert without("Nike", "Nikelodeon by NIKE") == "Nikelodeon by"
