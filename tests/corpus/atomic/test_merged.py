"""What rows tell of a text one type at a time is one record, and nothing is added to it."""

from hypothesis import given
from hypothesis import strategies as st

from ecom.corpus.atomic import choose, make
from ecom.corpus.atomic.merged import merge_tagged
from ecom.corpus.config import Wording
from ecom.corpus.records import Record, Review, Tagged
from ecom.corpus.source import Transforms


def told(id: str, text: str, kind: str, *terms: str, source: str = "s") -> Tagged:
    spans = tuple((kind, term) for term in terms)
    return Tagged(id=id, source=source, lang="en", text=text, spans=spans, types=(kind,))


def test_types_of_one_text_come_together_where_the_first_stood() -> None:
    review = Review(id="r", source="s", text="fine")
    color, brand = told("1", "red Nike shoe", "color", "red"), told("2", "red Nike shoe", "brand")
    other = told("3", "blue shoe", "color", "blue")
    assert merge_tagged([color, review, other, brand]) == [
        Tagged(
            id="1+2",
            source="s",
            lang="en",
            text="red Nike shoe",
            spans=(("color", "red"),),
            types=("color", "brand"),
        ),
        review,
        other,
    ]


def test_a_type_that_is_told_twice_and_another_source_stay_apart() -> None:
    rows = [
        told("1", "red shoe", "color", "red"),
        told("2", "red shoe", "Color"),
        told("3", "red shoe", "kind", "shoe", source="t"),
    ]
    assert merge_tagged(rows) == rows


texts = st.sampled_from(["red Nike shoe", "blue shoe"])
kinds = st.sampled_from(["color", "brand", "COLOR", "kind"])
rows = st.lists(st.tuples(texts, kinds, st.sampled_from(["red", "shoe"])), max_size=8)


@given(rows)
def test_no_type_and_no_term_is_lost_or_made_up(drawn: list[tuple[str, str, str]]) -> None:
    records: list[Record] = [
        told(str(n), text, kind, term) for n, (text, kind, term) in enumerate(drawn)
    ]
    merged = [record for record in merge_tagged(records) if isinstance(record, Tagged)]
    spans = [(one.text, *span) for one in merged for span in one.spans]
    assert sorted(spans) == sorted(drawn)
    assert sorted((one.text, kind) for one in merged for kind in one.types) == sorted(
        (text, kind) for text, kind, _ in drawn
    )
    assert sorted(id for one in merged for id in one.id.split("+")) == sorted(
        record.id for record in records
    )


def test_rows_that_ask_one_type_each_make_a_question_on_all() -> None:
    records = [
        told("1", "red Nike shoe", "color", "red"),
        told("2", "red Nike shoe", "brand", "Nike"),
    ]
    chosen = Transforms(names=("simplify:entity_detection",))
    (row,) = make(records, choose(chosen), chosen, Wording(), 0)
    assert (row.output, row.parents) == ("red, Nike", ("1+2",))
    assert "color, brand" in row.prompt, "the only types that are known"
