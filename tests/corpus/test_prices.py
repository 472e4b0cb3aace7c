import math
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecom.corpus.formats import prices
from ecom.corpus.formats.cells import CellError

CENTS = st.integers(1, 10**9)


@pytest.mark.parametrize(
    ("cell", "amount"),
    [
        (12.99, 12.99),
        (12, 12.0),
        (Decimal("12.99"), 12.99),
        (12.989999771118164, 12.99),
        ("12.99", 12.99),
        ("$12.99", 12.99),
        ("US$ 12.99", 12.99),
        ("12,99 €", 12.99),
        ("EUR 12,9", 12.9),
        ("1.299,00 €", 1299.0),
        ("1,299.00", 1299.0),
        ("1 299,00", 1299.0),
        ("1\u202f299,50\u00a0€", 1299.5),
        ("1'299.00 CHF", 1299.0),
        ("1,299", 1299.0),
        ("1.299 €", 1299.0),
        ("1.299.000", 1299000.0),
        ("0.125 €", 0.12),
        ("￥1,200", 1200.0),
        ("1,23,456.00", 123456.0),
        ("12.9900001", 12.99),
        ("5,- €", 5.0),
        ("129 kr", 129.0),
        ("１２円", 12.0),
    ],
)
def test_a_price_is_read_as_it_is_written(cell: Any, amount: float) -> None:
    assert prices.price({"price": cell}, "price") == amount


@pytest.mark.parametrize(
    "cell",
    [
        None,
        math.nan,
        math.inf,
        0,
        "0.00",
        -3,
        "-3",
        "free",
        "None",
        "—",
        "",
        "5 - 9",
        "from 5 to 9",
        "$5.99 - $9.99",
        "1.299",
        "12:30",
        "1.2.3",
        "3 for 2",
        "€",
        0.001,
        "1e5",
        "12.99.",
        "from 12.99",
        "pack of 12",
        "9" * 400,
    ],
)
def test_what_is_no_price_for_certain_is_none(cell: Any) -> None:
    assert prices.price({"price": cell}, "price") is None


@pytest.mark.parametrize("cell", [{"value": 3}, [3], True])
def test_another_type_is_a_fault(cell: Any) -> None:
    with pytest.raises(CellError, match="price must be a price"):
        prices.price({"price": cell}, "price")


@given(CENTS)
def test_german_and_english_writing_mean_the_same(cents: int) -> None:
    english = f"{cents / 100:,.2f}"
    german = english.translate({ord(","): ".", ord("."): ","})
    for written in (english, f"${english}", german, f"{german} €", f"{cents / 100:.2f}"):
        assert prices.read(written) == cents / 100


@given(st.text())
def test_no_text_breaks_it(text: str) -> None:
    amount = prices.price({"price": text}, "price")
    assert amount is None or amount > 0


def test_a_currency_is_read_only_where_it_is_certain() -> None:
    currencies = {"12,99 €": "EUR", "£5": "GBP", "USD 5": "USD", "$5": "", "¥5": "", "5": ""}
    assert {text: prices.currency({"p": text}, "p") for text in currencies} == currencies
    assert prices.currency({"p": 5.0}, "p") == ""
