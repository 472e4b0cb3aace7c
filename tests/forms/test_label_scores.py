"""The scores of texts against scikit-learn's, and by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecom.forms.label_scores import average_precision, by_labels, label_counts, order_ndcg, recall

LABELS = "abcde"
ROW = st.tuples(
    st.lists(st.sampled_from(LABELS), unique=True),
    st.lists(st.sampled_from(LABELS), unique=True, min_size=1),
)


@given(st.lists(ROW, min_size=1, max_size=8))
def test_micro_and_macro_f1_are_those_of_scikit_learn(
    rows: list[tuple[list[str], list[str]]],
) -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    binary = [[[label in texts for label in LABELS] for texts in pair] for pair in rows]
    written, right = ([row[side] for row in binary] for side in (0, 1))
    seen = sorted({label for pair in rows for texts in pair for label in texts})
    top, bottom = map(sum, zip(*(label_counts(*row) for row in rows), strict=True))
    micro = metrics.f1_score(right, written, average="micro", zero_division=0)
    assert top / bottom == pytest.approx(micro)
    sums = {label: [0.0, 0.0] for label in seen}
    for row in rows:
        for label, (above, below) in by_labels(*row).items():
            sums[label][0] += above
            sums[label][1] += below
    macro = metrics.f1_score(
        right,
        written,
        average="macro",
        labels=[LABELS.index(label) for label in seen],
        zero_division=0,
    )
    assert sum(a / b for a, b in sums.values()) / len(sums) == pytest.approx(macro)


def test_an_order_is_scored_by_where_the_right_texts_stand() -> None:
    right = ["a", "b", "c"]
    assert order_ndcg()(["A", "b.", "c"], right) == pytest.approx(1)
    assert order_ndcg()(["c", "b", "a"], right) < 1
    assert order_ndcg(1)(["a", "c", "b"], right) == pytest.approx(1)
    assert [recall(k)(["x", "a", "y", "b"], right) for k in (1, 2, 5)] == pytest.approx(
        [0, 1 / 3, 2 / 3]
    )
    assert average_precision(["x", "a", "y", "b"], right) == pytest.approx((1 / 2 + 2 / 4) / 3)
    assert average_precision([], right) == 0
