"""What the readers of labelled sets make of a row, in each of its layouts."""

import json
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from seqeval.metrics.sequence_labeling import get_entities

from ecom.corpus import reading
from ecom.corpus.config import ALSO, SHAPES, Format, Source
from ecom.corpus.records import Answered, Classified, Dialogue, Related, Tagged
from ecom.corpus.sources import ner
from ecom.errors import DataError
from ecom.shopbench import Rejected


def read(path: Path, rows: Sequence[Any] | str, **fields: Any) -> list[Any]:
    text = rows if isinstance(rows, str) else "\n".join(map(json.dumps, rows))
    path.write_text(text, encoding="utf-8")
    source = Source.model_validate({"path": str(path), "lang": "en", **fields})
    tasks = reading.tasks([source], None)
    return [item for task in tasks for _, item in reading.items(task, path.parent / "cache", 0)]


def reasons(items: list[Any]) -> list[tuple[int, str]]:
    return [(item.line, item.reason) for item in items if isinstance(item, Rejected)]


# ------------------------------------------------------------------------------- tags and spans

kinds = st.sampled_from(["brand", "color", "product type"])
words = st.text("abcdeé", min_size=1, max_size=4) | st.text("红色手机", min_size=1, max_size=1)


@st.composite
def sentences(draw: st.DrawFn) -> tuple[list[str], list[ner.Span]]:
    """Tokens, and entities in them that do not overlap: (first token, after the last, type)."""
    tokens = draw(st.lists(words, min_size=1, max_size=12))
    cuts = sorted(draw(st.sets(st.integers(0, len(tokens)), max_size=6)))
    pieces = pairwise(cuts)
    return tokens, [(*piece, draw(kinds)) for piece in pieces if draw(st.booleans())]


def tags_of(count: int, spans: list[ner.Span], scheme: str) -> list[str]:
    """The tags of IOB1, IOB2, BIOES, BILOU or BMES."""
    tags = ["O"] * count
    letters_of = {"BIOES": "IES", "BILOU": "ILU", "BMES": "MES"}
    inside, last, single = list(letters_of.get(scheme, "IIB"))
    for start, end, kind in spans:
        letters = ["B", *inside * (end - start - 2), last] if end - start > 1 else [single]
        if scheme == "IOB1":
            before = tags[start - 1] if start else "O"
            letters = ["B" if before[2:] == kind else "I", *"I" * (end - start - 1)]
        tags[start:end] = [f"{letter}-{kind}" for letter in letters]
    return tags


@given(sentences(), st.sampled_from(["IOB1", "IOB2", "BIOES", "BILOU", "BMES"]))
def test_entities_come_back_from_the_tags_of_every_scheme(
    sentence: tuple[list[str], list[ner.Span]], scheme: str
) -> None:
    tokens, spans = sentence
    assert ner.entities(tags_of(len(tokens), spans, scheme)) == spans


@given(st.lists(st.sampled_from(["O", "B-x", "I-x", "E-x", "S-x", "I-y", "B-y"]), max_size=12))
def test_any_tags_are_read_as_seqeval_reads_them(tags: list[str]) -> None:
    peer = [(start, last + 1, kind) for kind, start, last in get_entities(tags)]
    assert ner.entities(tags) == peer


@given(sentences())
def test_a_sentence_in_columns_and_one_in_spans_tell_the_same(
    tmp_path_factory: pytest.TempPathFactory, sentence: tuple[list[str], list[ner.Span]]
) -> None:
    tokens, spans = sentence
    folder = tmp_path_factory.mktemp("ner")
    pairs = zip(tokens, tags_of(len(tokens), spans, "IOB2"), strict=True)
    # One more sentence, so that every type is in the file.
    whole = [*(f"{token}\t{tag}" for token, tag in pairs), "", "x\tB-brand", ""]
    columns, _ = read(folder / "a.conll", "\n".join(whole), format="ner", task="t")
    text, starts = ner.joined(tokens)
    row = {
        "text": text,
        "spans": [[starts[a], starts[b - 1] + len(tokens[b - 1]), kind] for a, b, kind in spans],
    }
    by_span, _ = read(
        folder / "b.jsonl",
        [row, {"text": "x", "spans": [[0, 1, "brand"]]}],
        format="ner", task="t",
    )  # fmt: skip
    assert (columns.text, columns.spans) == (by_span.text, by_span.spans)
    assert all(term in text for _, term in columns.spans)
    assert columns.types == by_span.types


@pytest.mark.parametrize(
    ("spans", "reason"),
    [
        ([[0, 5, "a"], [4, 9, "b"]], "spans overlap: a 0:5 and b 4:9"),
        ([[6, 40, "a"]], "spans: 6:40 is no span of the text of 12 characters"),
        ([[5, 5, "a"]], "spans: 5:5 is no span of the text of 12 characters"),
        ([{"start": 0, "end": 5, "label": "a", "text": "kettle"}],
         "spans: 'steel' stands where 'kettle' should be"),
        ([[0, 5, ""]], "spans: 0:5 has no label"),
        ([[0, 5]], "spans: a span is start, end and label: [0, 5]"),
    ],
)  # fmt: skip
def test_a_span_that_the_text_does_not_bear_out_is_rejected(
    tmp_path: Path, spans: Any, reason: str
) -> None:
    good = {"text": "steel kettle", "spans": [[0, 5, "a"], [6, 12, "b"]]}
    rows = [good, {"text": "steel kettle", "spans": spans}]
    first, second = read(tmp_path / "a.jsonl", rows, format="ner")
    assert first.spans == (("a", "steel"), ("b", "kettle"))
    assert (second.line, second.reason) == (2, reason)


def test_places_count_from_the_text_as_the_row_has_it(tmp_path: Path) -> None:
    rows = [{"text": "  steel kettle", "spans": [{"start": 2, "end": 7, "label": "a"}]}]
    (tagged,) = read(tmp_path / "a.jsonl", rows, format="ner")
    assert tagged.spans == (("a", "steel"),)


def test_tags_by_number_need_their_names_and_types_may_be_renamed(tmp_path: Path) -> None:
    rows = [{"tokens": ["Lumo", "lamp"], "tags": [1, 0]}]
    (rejected,) = read(tmp_path / "a.jsonl", rows, format="ner")
    assert rejected.reason == "tags are numbers: name the tags in order in `labels`"
    (tagged,) = read(tmp_path / "b.jsonl", rows, format="ner", labels=["O", "B-brand"])
    assert (tagged.spans, tagged.types) == ((("brand", "Lumo"),), ("brand",))
    rows = [{"tokens": ["Lumo", "lamp"], "tags": ["B-BRD", "O"]}]
    (tagged,) = read(tmp_path / "c.jsonl", rows, format="ner", labels={"BRD": "brand"})
    assert tagged.spans == (("brand", "Lumo"),)


def test_blank_tokens_and_cut_lines_of_columns(tmp_path: Path) -> None:
    text = "-DOCSTART- O\n\n红\tB-颜色\n \tO\n机\tB-商品\n\n\n坏\n机\tB-商品\n\n机\tX-商品\n"
    whole, *bad = read(tmp_path / "a.txt", text, format="ner")
    assert (whole.text, whole.own.line) == ("红 机", 3)
    assert reasons(bad) == [
        (8, "line 8: one column where a token and its tag are wanted"),
        (11, "a tag is O, or B, I, E, S, L, U or M with a type: 'X-商品'"),
    ]


# ---------------------------------------------------------------------------------- other layouts


@pytest.mark.parametrize(
    "answers",
    [
        {"text": ["in May", "May"], "answer_start": [7, 10]},
        [{"text": "in May", "answer_start": 7}],
        ["in May", "May"], "in May", "['in May', 'May']",
        '{"text": ["in May"], "answer_start": [7]}',
    ],
)  # fmt: skip
def test_answers_are_read_in_every_layout(tmp_path: Path, answers: Any) -> None:
    rows = [{"question": "When?", "context": "It was in May.", "answers": answers}]
    (answered,) = read(tmp_path / "a.jsonl", rows, format="qa")
    assert (answered.answer, answered.own.by) == ("in May", "own:passage_or_none")


@pytest.mark.parametrize("indent", [None, 1])
def test_squads_nested_layout_is_a_row_a_question(tmp_path: Path, indent: int | None) -> None:
    asked = [
        {"id": "1", "question": "When?", "answers": [{"text": "May", "answer_start": 10}]},
        {"id": "2", "question": "Where?", "answers": [], "is_impossible": True,
         "plausible_answers": [{"text": "It", "answer_start": 0}]},
        {"id": "3", "question": "Who?", "answers": [{"text": "Ann", "answer_start": 2}]},
    ]  # fmt: skip
    data = {"version": "v2.0", "data": [{"title": "t", "paragraphs": [
        {"context": "It was in May.", "qas": asked}, {"context": "No questions."}]}]}  # fmt: skip
    items = read(tmp_path / "a.json", json.dumps(data, indent=indent), format="qa")
    answered = [item for item in items if isinstance(item, Answered)]
    assert [(a.id, a.answer, a.context) for a in answered] == [
        ("1", "May", "It was in May."), ("2", "", "It was in May."),
    ]  # fmt: skip
    assert reasons(items) == [
        (3, "the answer does not stand in the text"),
        (4, "a paragraph must have context and qas, a list of questions"),
    ]


def test_a_row_with_a_column_called_data_is_no_nested_file(tmp_path: Path) -> None:
    rows = [{"id": n, "data": [], "instruction": "Which?", "output": "That."} for n in range(3)]
    assert len(read(tmp_path / "a.jsonl", rows, format="chat")) == 3


def test_a_limit_counts_questions_not_articles(tmp_path: Path) -> None:
    asked = [{"question": f"Q{n}?", "answers": ["x"]} for n in range(20)]
    data = {"data": [{"paragraphs": [{"context": "x", "qas": asked}]}]}
    items = read(tmp_path / "a.json", json.dumps(data), format="qa", limit_rows=7)
    assert len(items) == 7


@pytest.mark.parametrize("labels", [["a, b", "c"], '["a, b", "c"]', "a, b;c", "a, b|c"])
def test_several_labels_are_a_list_or_parted_by_the_first_sign_there_is(
    tmp_path: Path, labels: Any
) -> None:
    rows = [{"text": "t", "labels": labels}, {"text": "u", "labels": ["d"]}]
    first, _ = read(tmp_path / "a.jsonl", rows, format="labels")
    assert (first.labels, first.candidates) == (("a, b", "c"), ("a, b", "c", "d"))


@pytest.mark.parametrize("label", [1, "1", 1.0, "good"])
@pytest.mark.parametrize("labels", [["bad", "good"], {0: "bad", 1: "good"}])
def test_ids_have_the_names_that_the_recipe_gives(tmp_path: Path, label: Any, labels: Any) -> None:
    rows = [{"text": "t", "label": label}, {"text": "u", "label": 5}]
    classified, other = read(tmp_path / "a.jsonl", rows, format="labels", labels=labels)
    assert isinstance(classified, Classified)
    assert (classified.labels, classified.candidates) == (("good",), ("bad", "good"))
    assert "'5'" in other.reason


@pytest.mark.parametrize(
    ("row", "match"),
    [
        ({"label": "entailment"}, True), ({"label": "Not match"}, False), ({"label": "odd"}, None),
        ({"score": 4.5}, True), ({"score": 0.5}, False), ({"score": 2.5}, None),
    ],
)  # fmt: skip
def test_what_belongs_together_is_told_by_known_labels_and_by_the_scale(
    tmp_path: Path, row: dict[str, Any], match: bool | None
) -> None:
    more = {"label": "match"} if "label" in row else {"score": 5}
    rows = [{"first": "a", "second": "b", **row}, {"first": "c", "second": "d", **more}]
    related, _ = read(tmp_path / "a.jsonl", rows, format="pairs")
    assert isinstance(related, Related)
    assert related.match is match


def test_turns_of_a_session_are_one_dialogue_cut_where_the_wish_changes(tmp_path: Path) -> None:
    said = [("1", "user", "Hello", ""), ("1", "agent", "Hi", ""),
            ("1", "user", "Return it", "return"), ("1", "agent", "Gladly", ""),
            ("1", "user", "Where is it", "track"), ("2", "0", "Buy it", "buy"),
            ("3", "dog", "Wuff", "")]  # fmt: skip
    lines = ["session,role,text,intent", *map(",".join, said)]
    items = read(tmp_path / "a.csv", "\n".join(lines), format="dialogues")
    talks = [item for item in items if isinstance(item, Dialogue)]
    assert [(d.id, d.intent, len(d.turns)) for d in talks] == [
        ("1.0", "return", 4), ("1.1", "track", 1), ("2.0", "buy", 1),
    ]  # fmt: skip
    assert {d.intents for d in talks} == {("buy", "return", "track")}
    assert [line for line, _ in reasons(items)] == [8]


def test_sgds_spans_are_checked_and_become_entities(tmp_path: Path) -> None:
    def talk(number: int, end: int) -> dict[str, Any]:
        state = {"active_intent": "Find", "slot_values": {"city": ["Rome", "Roma"]}}
        slots = [{"slot": "city", "start": 3, "exclusive_end": end}]
        frames = [{"slots": slots, "state": state}]
        turns = [{"speaker": "USER", "utterance": "In Rome.", "frames": frames}]
        return {"dialogue_id": str(number), "turns": turns}

    odd = {"dialogue_id": "9", "turns": ["In Rome."]}
    dialogue, tagged, *bad = read(
        tmp_path / "a.jsonl", [talk(1, 7), talk(2, 70), odd], format="dialogues"
    )
    assert isinstance(dialogue, Dialogue)
    assert isinstance(tagged, Tagged)
    assert (dialogue.intent, dialogue.slots) == ("Find", (("city", "Rome"),))
    assert (tagged.text, tagged.spans) == ("In Rome.", (("city", "Rome"),))
    assert reasons(bad) == [
        (2, "slots: 3:70 is no span of the utterance"),
        (3, "turns are not in SGD's layout: speaker, utterance, frames"),
    ]


# ------------------------------------------------------------------------------- what is refused


def test_a_file_without_the_columns_is_one_error_with_those_wanted(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        read(tmp_path / "a.csv", "sentence,lable\nx,1\n", format="labels")
    text = str(caught.value)
    assert "its columns are sentence, lable" in text
    assert "near names: label for lable" in text or "lable for label" in text
    assert "map them in `columns` (text, label or text, labels)" in text


def test_which_of_two_columns_is_learnt_is_never_guessed(tmp_path: Path) -> None:
    text = "first,second,label,score\na,b,match,5\n"
    with pytest.raises(DataError, match="the rows have label and score, and one of them"):
        read(tmp_path / "a.csv", text, format="pairs")
    (related,) = read(tmp_path / "a.csv", text, format="pairs", columns={"score": "score"})
    assert (related.score, related.scale, related.match) == (5, (0, 5), True)


def test_a_number_of_three_classes_says_nothing_of_belonging_together(tmp_path: Path) -> None:
    rows = [{"first": f"a{n}", "second": f"b{n}", "label": n} for n in range(3)]
    assert [r.match for r in read(tmp_path / "a.jsonl", rows, format="pairs")] == [None] * 3
    pair = read(tmp_path / "b.jsonl", rows[:2], format="pairs")
    assert [r.match for r in pair] == [False, True]


def test_a_column_with_too_many_labels_holds_none(tmp_path: Path) -> None:
    rows = [{"text": "t", "label": f"l{n}"} for n in range(1_001)]
    with pytest.raises(DataError, match="more than 1,000 different labels"):
        read(tmp_path / "a.jsonl", rows, format="labels")


@pytest.mark.parametrize(
    ("settings", "fault"),
    [
        ({"format": "labels", "columns": {"lable": "x"}}, r"columns\.lable: not a name of labels"),
        ({"format": "shopbench", "task": "x"}, "`task` is for labelled sets"),
        ({"format": "qa", "labels": ["a"]}, "`labels` is for ner, labels, pairs, dialogues"),
    ],
)
def test_settings_that_a_format_does_not_know_are_refused(
    settings: dict[str, Any], fault: str
) -> None:
    with pytest.raises(ValidationError, match=fault):
        Source.model_validate({"path": "x", **settings})


CELL_NAMES = [
    "text", "start", "end", "label", "a", "speaker", "utterance", "frames", "slots", "state",
    "slot_values", "qas", "context", "answer_start", "slot", "exclusive_end", "active_intent",
]  # fmt: skip
json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 9)
    | st.floats()
    | st.text("aO-B3[{\"' ", max_size=6)
    | st.sampled_from(["user", "system", "O", "B-a"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(CELL_NAMES), inner, max_size=4)
    ),
    max_leaves=12,
)


@pytest.mark.parametrize("format_", sorted(SHAPES))
@settings(max_examples=40)
@given(data=st.data())
def test_no_row_ends_the_run_whatever_its_cells_hold(format_: Format, data: st.DataObject) -> None:
    shape = data.draw(st.sampled_from(SHAPES[format_]))
    names = [*shape, *ALSO[format_], *(["paragraphs"] if format_ == "qa" else [])]
    row = st.fixed_dictionaries(dict.fromkeys(names, json_values))
    rows = [*data.draw(st.lists(row, max_size=4)), dict.fromkeys(names, "a")]
    with TemporaryDirectory() as folder:
        items = read(Path(folder) / "a.jsonl", rows, format=format_)
    assert all(isinstance(item, Rejected) or item.source for item in items)
