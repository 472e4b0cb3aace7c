import os
import subprocess
import sys
from dataclasses import replace

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecom.forms import FormName
from ecom.rows import (
    EXAMPLE_SCHEMA,
    PREDICTION_SCHEMA,
    Example,
    Prediction,
    content_id,
    to_dict,
)

ROW = Example(
    source="shop",
    task="colour",
    form="generation",
    paradigm="GEN",
    skill="concepts",
    prompt="Which colour?",
    output="red",
)


def test_an_id_is_the_same_in_every_process() -> None:
    code = "from ecom.rows import content_id; print(content_id('a', {'y': 1, 'x': ['é', None]}))"
    seeds = ("1", "2")
    found = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for seed in seeds
    }

    assert found == {content_id("a", {"x": ["é", None], "y": 1})}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("source", "market"),
        ("task", "size"),
        ("description", "Look."),
        ("prompt", "Which colour is it?"),
        ("input", "A lamp."),
        ("options", ("red", "blue")),
        ("constraint", "One word."),
        ("output", "blue"),
    ],
)
def test_an_id_depends_on_every_part_of_the_question_and_the_answer(
    field: str, value: str | tuple[str, ...]
) -> None:
    assert replace(ROW, id="", **{field: value}).id != ROW.id  # type: ignore[arg-type]


@pytest.mark.parametrize(("field", "value"), [("split", "validation"), ("metric", "bleu")])
def test_an_id_does_not_depend_on_what_is_done_with_the_row(field: str, value: str) -> None:
    assert replace(ROW, id="", **{field: value}).id == ROW.id  # type: ignore[arg-type]


def test_a_list_of_options_and_a_tuple_of_them_are_the_same_row() -> None:
    assert replace(ROW, id="", options=["a", "b"]).id == replace(ROW, id="", options=("a", "b")).id


def test_a_given_id_is_kept() -> None:
    assert replace(ROW, id="mine").id == "mine"


@given(st.lists(st.text(max_size=5), max_size=3), st.lists(st.text(max_size=5), max_size=3))
def test_different_parts_have_different_ids(left: list[str], right: list[str]) -> None:
    assert (content_id(*left) == content_id(*right)) == (left == right)


def test_text_joins_the_five_parts_and_leaves_out_empty_ones() -> None:
    row = replace(ROW, description="Look.", options=("red", "blue"), constraint="One digit.")

    choice = replace(row, form="multiple-choice")
    assert choice.text() == "Look.\nWhich colour?\n0. red\n1. blue\nOne digit."
    assert ROW.text() == "Which colour?"


@pytest.mark.parametrize(
    ("form", "shown"),
    [
        ("multiple-choice", "0. red\n1. blue"),
        ("retrieval", "1. red\n2. blue"),
        ("ranking", "1. red\n2. blue"),
        ("generation", "- red\n- blue"),
    ],
)
def test_options_are_numbered_as_the_contest_reads_them_back(form: FormName, shown: str) -> None:
    row = replace(ROW, form=form, prompt="", options=("red", "blue"))
    assert row.text() == shown


def test_rows_go_through_arrow_unchanged() -> None:
    row = replace(ROW, options=["red"], parents=["p"], transform="reverse:qa")
    prediction = Prediction(id="a", prediction="2.", answer="2", form="multiple-choice")

    table = pa.Table.from_pylist([to_dict(row)], schema=EXAMPLE_SCHEMA)
    assert Example(**table.to_pylist()[0]) == row
    table = pa.Table.from_pylist([to_dict(prediction)], schema=PREDICTION_SCHEMA)
    assert Prediction(**table.to_pylist()[0]) == prediction
