"""What operations make of any relation, shown on one of ours: a summary and its text."""

from collections.abc import Callable, Sequence
from random import Random

import pytest

from ecom.corpus.atomic import Made, Pool, Transform, base
from ecom.corpus.atomic.base import Option
from ecom.corpus.atomic.relations import Case, Relation
from ecom.corpus.config import Wording
from ecom.corpus.records import Summarised
from ecom.corpus.wording import load

RECORD = Summarised(id="1", source="s", lang="en", text="A kettle of steel", summary="Kettle")
Declare = Callable[[Relation[Summarised]], None]
Ask = Callable[[Declare, Sequence[str], int], list[Made]]


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch) -> Ask:
    """Return (declaration, wrong texts, seeds) -> what the declared transform makes of RECORD."""
    catalogue: dict[str, Transform] = {}
    monkeypatch.setattr(base, "CATALOGUE", catalogue)
    pool = Pool([RECORD], lambda lang: load(Wording(), lang).words)

    def make(declare: Declare, wrong: Sequence[str], seeds: int) -> list[Made]:
        def find(record: Summarised, pool: Pool, rng: Random) -> Case:
            options = [Option(text, text) for text in wrong]
            right = [Option(record.summary)]
            return Case(pool.show(record, text=record.text), right, lambda n: options[:n])

        def back(record: Summarised, pool: Pool, rng: Random) -> Case:
            options = [Option(text, text) for text in wrong]
            right = [Option(record.text)]
            return Case(pool.show(record, summary=record.summary), right, lambda n: options[:n])

        declare(Relation(Summarised, "summary", find, given="text", back=back))
        [transform] = catalogue.values()
        return [m for s in range(seeds) for m in transform.make(RECORD, pool, Random(s))]

    return make


def test_a_match_shows_what_belongs_or_what_does_not(ask: Ask) -> None:
    rows = ask(lambda relation: relation.match("recombine:x", "Whether."), ["Lamp", "Shoe"], 30)
    shown = {(made.input, made.options[int(made.output)], made.parents) for made in rows}
    assert shown == {
        ("Text: A kettle of steel\nSummary: Kettle", "Yes", ()),
        ("Text: A kettle of steel\nSummary: Lamp", "No", ("Lamp",)),
    }


def test_sides_stand_in_one_order_whichever_is_asked_for(ask: Ask) -> None:
    rows = ask(lambda relation: relation.flip().match("recombine:x", "Whether."), ["A lamp"], 30)
    assert {made.input for made in rows} == {
        "Text: A kettle of steel\nSummary: Kettle",
        "Text: A lamp\nSummary: Kettle",
    }


def test_a_record_with_nothing_wrong_would_tip_the_balance(ask: Ask) -> None:
    assert ask(lambda relation: relation.match("recombine:x", "Whether."), [], 30) == []


@pytest.mark.parametrize(("wrong", "count"), [("abc", 1), ("abcd", 1), ("ab", 0), ("aab", 0)])
def test_a_choice_has_all_its_wrong_options_or_is_not_asked(
    ask: Ask, wrong: str, count: int
) -> None:
    rows = ask(lambda relation: relation.choose("recombine:x", "Which."), list(wrong), 1)
    assert len(rows) == count
    for made in rows:
        assert set(made.options) == {"Kettle", "a", "b", "c"}
        assert made.options[int(made.output)] == "Kettle"


def test_a_list_is_filled_with_wrong_options(ask: Ask) -> None:
    rows = ask(lambda r: r.retrieve("recombine:x", "Which of.", 8, fewest=4), list("abcdefghi"), 1)
    [made] = rows
    assert len(made.options) == 8
    assert made.options[int(made.output) - 1] == "Kettle"


def test_flipped_the_other_side_is_written(ask: Ask) -> None:
    [made] = ask(lambda relation: relation.flip().write("reverse:x", "A text."), [], 1)
    assert (made.input, made.output) == ("Summary: Kettle", "A kettle of steel")


def test_questions_are_asked_only_where_they_are_sound(ask: Ask) -> None:
    def declare(relation: Relation[Summarised]) -> None:
        relation.choose("recombine:x", "Which.", where=lambda record: record.id != "1")

    assert ask(declare, list("abc"), 1) == []


def test_a_relation_without_a_way_back_cannot_be_flipped() -> None:
    relation: Relation[Summarised] = Relation(Summarised, "summary", lambda *_: None)
    with pytest.raises(ValueError, match="no `back`"):
        relation.flip()
