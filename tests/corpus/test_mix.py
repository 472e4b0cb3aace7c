from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from random import Random
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecom.corpus.config import Cap, Mix, Weight
from ecom.corpus.mix import choose
from ecom.errors import InputError

Rows = list[dict[str, str | None]]


def table(rows: Rows) -> pa.Table:
    fields = [(name, pa.string()) for name in ("id", "task", "lang", "skill")]
    return pa.Table.from_pylist(rows, pa.schema(fields))


def chosen(among: Rows, /, seed: int = 0, **settings: Any) -> Rows:
    kept = choose(table(among), Mix(**settings), seed)
    assert kept.tolist() == sorted(set(kept.tolist()))
    return [among[index] for index in kept]


def ids(rows: Rows) -> set[str | None]:
    return {row["id"] for row in rows}


def counts(rows: Rows, by: str) -> Counter[str | None]:
    return Counter(row[by] for row in rows)


def make(sizes: Sequence[tuple[str, str, int]]) -> Rows:
    """`size` rows of each (task, lang); a third of all have a skill."""
    cells = [(task, lang) for task, lang, size in sizes for _ in range(size)]
    return [
        {"id": f"r{i}", "task": task, "lang": lang, "skill": None if i % 3 else "concepts"}
        for i, (task, lang) in enumerate(cells)
    ]


some_rows = st.lists(
    st.tuples(st.sampled_from("abcd"), st.sampled_from(["en", "de"]), st.integers(1, 40)),
    min_size=1,
    max_size=8,
).map(make)
some_caps = st.lists(
    st.builds(
        Cap,
        by=st.sampled_from(["task", "lang", "skill"]),
        value=st.sampled_from([None, "a", "en", "concepts"]),
        rows=st.integers(0, 30),
    ),
    max_size=3,
)


@given(rows=some_rows, caps=some_caps, seed=st.integers(0, 9))
def test_caps_hold_and_leave_out_no_more_than_they_must(
    rows: Rows, caps: list[Cap], seed: int
) -> None:
    kept = chosen(rows, seed, caps=caps)

    for cap in caps:
        for value, count in counts(kept, cap.by).items():
            if value is not None and cap.value in (None, value):
                assert count <= cap.rows
    if len(caps) == 1:
        cap, before = caps[0], counts(rows, caps[0].by)
        capped = {v: cap.value in (None, v) and v is not None for v in before}
        want = {v: min(n, cap.rows) if capped[v] else n for v, n in before.items()}
        assert counts(kept, cap.by) == Counter(want)


@given(
    sizes=st.lists(st.integers(1, 300), min_size=3, max_size=5),
    shares=st.lists(st.integers(1, 24), min_size=2, max_size=4),
    limit=st.integers(1, 500) | st.none(),
)
def test_shares_are_right_within_one_row_and_use_all_that_can_be_used(
    sizes: list[int], shares: list[int], limit: int | None
) -> None:
    shares = shares[: len(sizes) - 1]
    rows = make([("abcde"[i], "en", size) for i, size in enumerate(sizes)])
    weights = [Weight(by="task", value="abcde"[i], share=n / 100) for i, n in enumerate(shares)]

    kept = chosen(rows, weights=weights, rows=limit)

    wanted = [Fraction(n, 100) for n in shares]
    pools = [*sizes[: len(shares)], sum(sizes[len(shares) :])]
    most = min(int(n / s) for n, s in zip(pools, [*wanted, 1 - sum(wanted)], strict=True))
    assert len(kept) == (most if limit is None else min(most, limit))
    found = counts(kept, "task")
    for i, share in enumerate(wanted):
        assert abs(found["abcde"[i]] - share * len(kept)) < 1


@given(rows=some_rows, seed=st.integers(0, 9), order=st.randoms(use_true_random=False))
def test_the_order_of_the_rows_does_not_matter(rows: Rows, seed: int, order: Random) -> None:
    task = rows[0]["task"]
    share = 0.3 if any(row["task"] != task for row in rows) else 1.0
    settings: dict[str, Any] = {
        "caps": [Cap(by="lang", rows=25)],
        "weights": [Weight(by="task", value=str(task), share=share)],
        "rows": 20,
    }
    shuffled = rows.copy()
    order.shuffle(shuffled)
    try:
        kept = chosen(rows, seed, **settings)
    except InputError:  # the cap left none of the task, or nothing else
        return

    assert ids(kept) == ids(chosen(shuffled, seed, **settings))


@pytest.mark.parametrize(
    "weights",
    [
        [],
        [Weight(by="task", value="a", share=0.37), Weight(by="task", value="b", share=0.11)],
        [Weight(by="task", value="a", share=0.4), Weight(by="lang", value="de", share=0.3)],
    ],
)
def test_more_rows_add_rows_and_take_none_away(weights: list[Weight]) -> None:
    rows = make(
        [("a", "en", 90), ("a", "de", 40), ("b", "en", 70), ("b", "de", 50), ("c", "en", 99)]
    )

    less: set[str | None] = set()
    for limit in range(1, 150):
        more = ids(chosen(rows, weights=weights, rows=limit))
        assert less <= more
        assert len(more) == min(limit, len(chosen(rows, weights=weights)))
        less = more


@given(
    sizes=st.lists(st.integers(1, 40), min_size=1, max_size=6),
    seed=st.integers(0, 9),
    fewer=st.tuples(st.integers(1, 7), st.integers(0, 45)),
    more=st.tuples(st.integers(0, 7), st.integers(0, 45)),
)
def test_fewer_tasks_and_fewer_rows_of_each_are_among_more(
    sizes: list[int], seed: int, fewer: tuple[int, int], more: tuple[int, int]
) -> None:
    rows = make([(f"t{i}", "en", size) for i, size in enumerate(sizes)])

    def of(tasks: int, rows_per_task: int) -> Rows:
        return chosen(rows, seed, tasks=tasks, caps=[Cap(by="task", rows=rows_per_task)])

    small = of(*fewer)
    assert ids(small) <= ids(of(fewer[0] + more[0], fewer[1] + more[1]))
    found = counts(small, "task")
    assert len(found) == (min(fewer[0], len(sizes)) if fewer[1] else 0)
    assert all(n == min(fewer[1], sizes[int(str(task)[1:])]) for task, n in found.items())


def test_which_tasks_are_drawn_depends_on_the_seed_and_their_names() -> None:
    rows = make([(f"t{i}", "en", 2) for i in range(10)])

    def tasks(among: Rows, seed: int) -> set[str | None]:
        return {row["task"] for row in chosen(among, seed, tasks=3)}

    drawn = Counter(task for seed in range(300) for task in tasks(rows, seed))
    assert len(drawn) == 10
    assert 50 < min(drawn.values()) <= max(drawn.values()) < 140  # 90 expected
    with_others = make([(f"t{i}", "en", 1) for i in range(20)])
    assert {t for t in tasks(with_others, 0) if t in counts(rows, "task")} <= tasks(rows, 0)


def test_weights_of_two_columns_hold_together_and_follow_the_rows_otherwise() -> None:
    rows = make([("a", "en", 400), ("a", "de", 100), ("b", "en", 900), ("b", "de", 300)])
    weights = [Weight(by="task", value="a", share=0.5), Weight(by="lang", value="de", share=0.4)]

    kept = chosen(rows, weights=weights)

    # The table with these sums and the odds ratio of the rows, (400 · 300) / (100 · 900) = 4/3.
    a_de = 0.183
    assert 0.5 * len(kept) == pytest.approx(counts(kept, "task")["a"], abs=2)
    assert 0.4 * len(kept) == pytest.approx(counts(kept, "lang")["de"], abs=2)
    found = Counter((row["task"], row["lang"]) for row in kept)
    odds = found["a", "en"] * found["b", "de"] / (found["a", "de"] * found["b", "en"])
    assert odds == pytest.approx(4 / 3, abs=0.05)
    assert found["a", "de"] == pytest.approx(a_de * len(kept), abs=2)
    assert max(found["a", "de"] / 100, found["a", "en"] / 400, found["b", "de"] / 300) > 0.98


def test_shares_that_some_cell_must_vanish_for_are_met() -> None:
    rows = make([("a", "de", 50), ("a", "en", 50), ("b", "en", 50)])
    weights = [Weight(by="task", value="a", share=0.5), Weight(by="lang", value="de", share=0.5)]

    kept = chosen(rows, weights=weights)

    assert Counter((r["task"], r["lang"]) for r in kept) == {("a", "de"): 50, ("b", "en"): 50}


def test_weights_that_sum_to_1_leave_all_other_rows_out() -> None:
    kept = chosen(
        make([("a", "en", 10), ("b", "en", 30), ("c", "en", 99)]),
        weights=[
            Weight(by="task", value="a", share=0.25),
            Weight(by="task", value="b", share=0.75),
        ],
    )

    assert counts(kept, "task") == {"a": 10, "b": 30}


def test_caps_come_in_order_and_draw_the_same_rows_among_others() -> None:
    rows = make([("a", "en", 50), ("b", "en", 50), ("b", "de", 50)])
    alone = chosen(rows[:50], caps=[Cap(by="task", rows=10)])
    both = chosen(rows, caps=[Cap(by="task", rows=10)])

    assert ids(alone) < ids(both)
    assert ids(chosen(rows, 1, caps=[Cap(by="task", rows=10)])) != ids(both)
    first = chosen(rows, caps=[Cap(by="lang", value="en", rows=20), Cap(by="task", rows=15)])
    assert counts(first, "lang")["en"] <= 20
    assert max(counts(first, "task").values()) == 15


def test_a_dict_of_columns_will_do_and_nothing_asked_keeps_all() -> None:
    columns = {"id": ["x", "y"], "task": ["a", None]}

    assert choose(columns, Mix(), 0).tolist() == [0, 1]
    assert choose(columns, Mix(caps=(Cap(by="task", rows=0),)), 0).tolist() == [1]
    assert choose({"id": []}, Mix(rows=3), 0).dtype == np.int64


def test_the_draw_is_even() -> None:
    rows = make([("a", "en", 200)])
    taken = Counter(i for seed in range(300) for i in ids(chosen(rows, seed, rows=20)))

    assert len(taken) == 200
    assert max(taken.values()) < 60  # 30 expected, standard deviation 5


def test_all_impossible_weights_are_reported_at_once() -> None:
    rows = make([("a", "en", 5), ("b", "de", 5)])
    weights = [
        Weight(by="task", value="a", share=0.7),
        Weight(by="task", value="b", share=0.7),
        Weight(by="lang", value="fr", share=0.1),
        Weight(by="skill", value="concepts", share=0.1),
        Weight(by="skill", value="concepts", share=0.2),
    ]

    with pytest.raises(InputError) as error:
        chosen(rows, weights=weights)

    message = str(error.value)
    assert "shares of task sum to 1.4, more than 1" in message
    assert "lang 'fr' has no rows, after caps; lang of the rows: de, en" in message
    assert "skill 'concepts' has 2 weights" in message
    with pytest.raises(
        InputError, match=r"shares of lang sum to 0\.5, and there are no other rows"
    ):
        chosen(rows[:5], weights=[Weight(by="lang", value="en", share=0.5)])
    with pytest.raises(InputError, match=r"has all these shares: task 'a' 0\.5; lang 'en' 0\.2"):
        chosen(
            rows,
            weights=[
                Weight(by="task", value="a", share=0.5),
                Weight(by="lang", value="en", share=0.2),
            ],
        )
