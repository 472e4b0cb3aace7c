import json
import math
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecom.corpus.formats import cells
from ecom.corpus.formats.cells import CellError

WORDS = st.text(st.characters(codec="utf-8"), min_size=1).map(str.strip)
PLAIN = WORDS.filter(lambda word: word not in cells._NO_VALUE and "\\n" not in word)


@pytest.mark.parametrize(
    "none",
    [
        None,
        math.nan,
        Decimal("nan"),
        "nan",
        "NaN",
        "",
        " \n",
        "N/A",
        "NULL",
        "null",
        "#N/A",
        "<NA>",
        "#NV",
        "#BEZUG!",
        "#¡VALOR!",
        "(null)",
        "\\N",
        "nil",
        "undefined",
        "k.A.",
        "TBD",
    ],
)
def test_no_value_is_no_text_and_no_list(none: Any) -> None:
    row = {"a": none}
    assert (cells.text(row, "a"), cells.texts(row, "a"), cells.rating(row, "a")) == ("", (), None)
    assert cells.text({}, "a") == ""
    assert cells.text({"a": "NAN"}, "a") == "NAN", "a brand of baby food"
    assert cells.text({"a": "None"}, "a") == "None", "a warranty"
    with pytest.raises(CellError, match="a is missing"):
        cells.needed(row, "a")


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (17, "17"),
        (17.0, "17"),
        (0.5, "0.5"),
        (Decimal("2.50"), "2.50"),
        (" x ", "x"),
        (b"\xc3\xa9", "é"),
    ],
)
def test_numbers_and_bytes_are_texts(cell: Any, text: str) -> None:
    assert cells.text({"a": cell}, "a") == text


@pytest.mark.parametrize("cell", [17, 17.0, "17", "17.0", Decimal("17.0")])
def test_an_id_is_the_same_however_pandas_wrote_it(cell: Any) -> None:
    assert cells.identifier({"id": cell}, "id") == "17"
    assert cells.ids({"id": cell if isinstance(cell, str) else [cell]}, "id") == ("17",)
    assert cells.text({"id": "17.0"}, "id") == "17.0", "a version, say"
    assert cells.identifier({"id": "1.7.0"}, "id") == "1.7.0"


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (r"Soft\nwarm\r\nred\n", "Soft\nwarm\nred"),
        (r"C:\new\table", r"C:\new\table"),
        (r"\\server\new", r"\\server\new"),
        (r"AC\DC", r"AC\DC"),
    ],
)
def test_an_escaped_line_break_is_one_unless_it_is_of_a_path(cell: str, text: str) -> None:
    assert cells.text({"a": cell}, "a") == text


@pytest.mark.parametrize("cell", [{"x": 1}, ["x"], True, math.inf, b"\xff", "\ud800", object()])
def test_what_is_no_text_is_a_fault_that_names_the_column(cell: Any) -> None:
    with pytest.raises(CellError, match=r"^colour "):
        cells.text({"colour": cell}, "colour")


@given(st.lists(PLAIN))
def test_a_list_is_read_however_it_was_written(items: list[str]) -> None:
    for cell in (items, tuple(items), json.dumps(items), json.dumps(items, ensure_ascii=False)):
        assert cells.texts({"a": cell}, "a") == tuple(items)


@given(st.lists(PLAIN.filter(str.isprintable)))
def test_a_list_is_read_as_python_prints_it(items: list[str]) -> None:
    assert cells.texts({"a": str(items)}, "a") == tuple(items)


@given(st.lists(st.from_regex(r"B0[A-Z0-9]{1,8}", fullmatch=True), min_size=1, max_size=40))
def test_ids_are_read_as_numpy_prints_them(items: list[str]) -> None:
    import numpy as np

    assert cells.ids({"a": str(np.array(items))}, "a") == tuple(items)
    assert cells.ids({"a": ", ".join(items)}, "a") == tuple(items)


def test_what_only_looks_like_a_list_stands_alone_unless_ids_are_asked_for() -> None:
    row = {"a": "[New] mild shampoo", "b": "['B1' ... 'B9']", "c": "['B1'"}
    assert cells.texts(row, "a") == ("[New] mild shampoo",)
    for column in "bc":
        with pytest.raises(CellError, match=f"{column} must be a list of ids"):
            cells.ids(row, column)


def test_a_list_of_structs_is_a_fault() -> None:
    with pytest.raises(CellError, match="a must be a text: a struct"):
        cells.texts({"a": [{"x": 1}]}, "a")


@pytest.mark.parametrize("cell", [5, 5.0, "5.0", "5", Decimal(5), " 5 "])
def test_five_stars(cell: Any) -> None:
    assert cells.rating({"stars": cell}, "stars") == 5


@pytest.mark.parametrize("cell", [6, 0, 4.5, "4.5", "five", True, [5], "inf"])
def test_other_stars_are_a_fault(cell: Any) -> None:
    with pytest.raises(CellError, match="stars must be a whole number from 1 to 5: "):
        cells.rating({"stars": cell}, "stars")


def test_a_struct_is_read_from_json_too() -> None:
    assert cells.mapping({"d": '{"Brand": "X"}'}, "d") == cells.mapping({"d": {"Brand": "X"}}, "d")
    assert cells.mapping({"d": None}, "d") == {}
    for bad in ("{'Brand'", "[1]", 3):
        with pytest.raises(CellError, match="d must be a"):
            cells.mapping({"d": bad}, "d")


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("de", "de"),
        ("DE", "de"),
        ("pt-BR", "pt"),
        ("zh_Hant_TW", "zh"),
        ("es-419", "es"),
        (None, ""),
    ],
)
def test_a_language_is_two_letters(cell: Any, code: str) -> None:
    assert cells.lang({"lang": cell}, "lang") == code


def test_a_language_by_name_is_a_fault() -> None:
    with pytest.raises(CellError, match="lang must be a language code of two letters: 'German'"):
        cells.lang({"lang": "German"}, "lang")
