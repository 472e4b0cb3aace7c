"""A form knows itself: no other module asks which form it is."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest

import ecom
from ecom.forms import FORMS, FormName

ROOT = Path(ecom.__file__).parent


def names_compared(source: str) -> Iterator[tuple[int, str]]:
    """Yield every string that is compared, matched or looked for in a collection, and its line."""
    for node in ast.walk(ast.parse(source)):
        parts: list[ast.expr] = []
        if isinstance(node, ast.Compare):
            parts = [node.left, *node.comparators]
        elif isinstance(node, ast.MatchValue):
            parts = [node.value]
        for part in parts:
            for one in ast.walk(part):
                if isinstance(one, ast.Constant) and isinstance(one.value, str):
                    yield one.lineno, one.value


def test_the_test_finds_what_it_looks_for() -> None:
    source = "a.form == 'ranking'\nb in ('retrieval', x)\nmatch c:\n    case 'generation': pass"
    assert [name for _, name in names_compared(source)] == ["ranking", "retrieval", "generation"]


def test_no_module_compares_the_name_of_a_form() -> None:
    modules = [path for path in ROOT.rglob("*.py") if not path.is_relative_to(ROOT / "forms")]
    found = [
        f"{path.relative_to(ROOT)}:{line} {text!r}"
        for path in modules
        for line, text in names_compared(path.read_text("utf-8"))
        if text in get_args(FormName)
    ]
    assert found == [], "ask FORMS[name] instead"


def test_every_name_has_its_form() -> None:
    assert tuple(FORMS) == get_args(FormName)
    assert all(form.name == name for name, form in FORMS.items())


def test_ranks_of_cues_are_distinct() -> None:
    ranks = [rank for form in FORMS.values() for rank in form.cues]
    assert len(set(ranks)) == len(ranks), "else their order depends on that of FORMS"


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("multiple-choice", 2),
        ("retrieval", [3, 1]),
        ("ranking", [3, 1, 2]),
        ("named_entity_recognition", ["red", "boot"]),
        ("generation", "red"),
    ],
)
def test_a_gold_made_of_an_answer_has_that_answer_as_its_ideal(name: FormName, answer: Any) -> None:
    form = FORMS[name]
    gold = form.to_gold(answer)
    assert form.is_gold(gold)
    assert form.ideal(gold) == answer
    assert form.official(form.emit(answer)) == answer
    numerator, denominator = form.agree(answer, answer)
    assert numerator == pytest.approx(denominator)
