from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from ecom.forms import FORMS
from ecom.lanes.numbers import Numbers

rules = st.builds(
    lambda first, count, least, more: Numbers(
        first, first + count - 1, min(least, count), min(least + more, count)
    ),
    st.integers(0, 1),
    st.integers(1, 12),
    st.integers(1, 3),
    st.integers(0, 2),
)


def _all(rule: Numbers) -> set[str]:
    """Return every list that the rule allows, from its words alone."""
    items = [str(n) for n in range(rule.first, rule.last + 1)]
    return {
        ",".join(some)
        for length in range(rule.least, rule.most + 1)
        for some in permutations(items, length)
    }


small = st.builds(
    lambda ends, least, more: Numbers(ends[0], ends[1], least, min(least + more, 3)),
    st.sampled_from([(0, 4), (1, 5), (8, 12)]),
    st.integers(1, 3),
    st.integers(0, 2),
)


@given(small, st.text("0123456789,", max_size=8))
def test_a_text_can_end_where_it_is_such_a_list_and_begin_where_one_begins_so(
    rule: Numbers, text: str
) -> None:
    lists = _all(rule)
    assert rule.can_end(text) == (text in lists)
    assert rule.can_begin(text) == any(found.startswith(text) for found in lists)


@given(rules, st.data())
def test_whoever_only_writes_what_may_follow_ends_with_a_list_the_contest_reads(
    rule: Numbers, data: st.DataObject
) -> None:
    text = ""
    while True:
        pieces = [piece for piece in "0123456789," if rule.can_begin(text + piece)]
        ends = [""] if rule.can_end(text) else []
        assert pieces or ends, f"a dead end: {text!r}"
        piece = data.draw(st.sampled_from(pieces + ends))
        if not piece:
            break
        text += piece
    numbers = [int(n) for n in text.split(",")]
    assert len(set(numbers)) == len(numbers)
    assert all(rule.first <= n <= rule.last for n in numbers)
    assert FORMS["retrieval"].official(text) == numbers[:3]
