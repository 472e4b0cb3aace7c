"""What the readers of labelled sets make of a row, in each of its layouts."""

import json
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from seqeval.metrics.sequence_labeling import get_entities

from ecom.corpus import reading
from ecom.corpus.config import Source
from ecom.corpus.formats import FORMATS, ner
from ecom.corpus.records import Answered, Classified, Dialogue, Related, Tagged
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
def test_a_sentence_in_columns_and_one_in_spans_give_the_same(
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
        folder / "b.jsonl", [row, {"text": "x", "spans": [[0, 1, "brand"]]}], format="ner", task="t"
    )
    assert (columns.text, columns.spans) == (by_span.text, by_span.spans)
    assert all(term in text for _, term in columns.spans)
    assert columns.types == by_span.types


@pytest.mark.parametrize(
    ("spans", "reason"),
    [
        ([[0, 5, "a"], [4, 9, "b"]], "spans overlap: a 0:5 and b 4:9"),
        ([[6, 40, "a"]], "spans: 6:40 is no span of the text of 12 characters"),
        ([[5, 5, "a"]], "spans: 5:5 is no span of the text of 12 characters"),
        (
            [{"start": 0, "end": 5, "label": "a", "text": "kettle"}],
            "spans: 'steel' stands where 'kettle' should be",
        ),
        ([[0, 5, ""]], "spans: 0:5 has no label"),
        ([[0, 5]], "spans: a span is start, end and label: [0, 5]"),
    ],
)
def test_a_span_that_does_not_match_the_text_is_rejected(
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
        (8, "line 8: one column; a token and its tag are needed"),
        (11, "a tag is O, or B, I, E, S, L, U or M with a type: 'X-商品'"),
    ]


def test_comments_of_columns_are_passed_over_and_a_hash_may_be_a_token(tmp_path: Path) -> None:
    text = (
        "# id 7f3a domain=en\n# text = red shoe\nred O\nshoe B-product\n\n"
        "# newdoc\n# id 2\n# NN I-NP B-sign\n1 CD I-NP I-sign\n\n# O\nhat B-product\n"
    )
    items = read(tmp_path / "a.conll", text, format="ner")
    assert [(item.text, item.spans, item.own.line) for item in items] == [
        ("red shoe", (("product", "shoe"),), 3),
        ("# 1", (("sign", "# 1"),), 8),
        ("# hat", (("product", "hat"),), 11),
    ]


COLUMNS = ["red\tO", "shoe\tB-product", "2 CD I-NP O", "# id 3", "# text = a red shoe"]
BAD_COLUMNS = ["word", "x\tX-product", "y\tZ"]
ENDS = ["", "  ", "-DOCSTART- O"]


@given(lines=st.lists(st.sampled_from(COLUMNS + BAD_COLUMNS + ENDS), max_size=30))
def test_every_sentence_of_columns_is_kept_or_rejected(lines: list[str]) -> None:
    lines = ["lamp O", *lines]
    groups: list[list[tuple[int, str]]] = [[]]
    for number, line in enumerate(lines, start=1):
        if line in ENDS:
            groups.append([])
        elif not line.startswith("# "):
            groups[-1].append((number, line))
    with TemporaryDirectory() as folder:
        items = read(Path(folder) / "a.conll", "\n".join(lines), format="ner", labels=["product"])
    assert [
        (item.line, None) if isinstance(item, Rejected) else (item.own.line, item.text)
        for item in items
    ] == [
        (
            group[0][0],
            None
            if any(line in BAD_COLUMNS for _, line in group)
            else " ".join(line.split()[0] for _, line in group),
        )
        for group in groups
        if group
    ]


def test_a_printed_list_of_one_token_is_one_token(tmp_path: Path) -> None:
    text = "tokens,tags\n\"['New York']\",\"['B-city']\"\nred shoe,O B-product\n"
    items = read(tmp_path / "a.csv", text, format="ner")
    assert [item.spans for item in items] == [(("city", "New York"),), (("product", "shoe"),)]


@pytest.mark.parametrize("labels", [(), ["E-commerce", "S_size", "brand"], {"X": "S_size"}])
def test_a_type_may_look_like_a_tag(tmp_path: Path, labels: Any) -> None:
    kinds = ["X"] if isinstance(labels, dict) else ["E-commerce", "S_size"]
    tagged = [{"tokens": ["red", "shoe"], "tags": [f"B-{kind}", "O"]} for kind in kinds]
    spanned = [{"text": "red shoe", "spans": [[0, 3, kind]]} for kind in kinds]
    for name, rows in (("tags", tagged), ("spans", spanned)):
        items = read(tmp_path / f"{name}.jsonl", rows, format="ner", labels=labels)
        found = [item.spans[0][0] for item in items if isinstance(item, Tagged)]
        assert found == (["S_size"] if kinds == ["X"] else kinds), (name, items)


# ---------------------------------------------------------------------------------- other layouts


@pytest.mark.parametrize(
    ("name", "content", "settings"),
    [
        (
            "a.jsonl",
            '{"text": "t", "label": "süß"}\n{"text": "u", "label": "zu süß"}',
            {"encoding": "cp1252"},
        ),
        ("b.csv", "text;label\nt;süß\nu;zu süß\n", {"encoding": "UTF-16-LE"}),
        ("c.csv", "text~label\nthing, nice~süß\nthing, not nice~zu süß\n", {"delimiter": "~"}),
    ],
)
def test_labels_are_found_in_a_file_of_any_encoding_and_delimiter(
    tmp_path: Path, name: str, content: str, settings: dict[str, str]
) -> None:
    path = tmp_path / name
    path.write_bytes(content.encode(settings.get("encoding", "utf-8")))
    source = Source.model_validate({"format": "labels", "path": str(path), **settings})
    (task,) = reading.tasks([source], None)
    items = [item for _, item in reading.items(task, tmp_path / "cache", 0)]
    assert [(item.labels, item.candidates) for item in items if isinstance(item, Classified)] == [
        (("süß",), ("süß", "zu süß")),
        (("zu süß",), ("süß", "zu süß")),
    ]


@pytest.mark.parametrize("ids", ["true: good, false: bad", "yes: good, no: bad"])
@pytest.mark.parametrize("cells", ["true,false", "True,False", "yes,no"])
def test_a_boolean_in_yaml_names_a_label_however_the_set_writes_it(
    tmp_path: Path, ids: str, cells: str
) -> None:
    yes, no = cells.split(",")
    path = tmp_path / "a.csv"
    path.write_text(f"text,label\nt,{yes}\nu,{no}\n")
    settings = yaml.safe_load(f"{{format: labels, path: {path}, labels: {{{ids}}}}}")
    (task,) = reading.tasks([Source.model_validate(settings)], None)
    items = [item for _, item in reading.items(task, tmp_path / "cache", 0)]
    assert [item.labels for item in items if isinstance(item, Classified)] == [("good",), ("bad",)]


def test_an_answer_within_a_word_is_no_passage(tmp_path: Path) -> None:
    text = "I know nothing of its noise."
    rows = [
        {"question": "Is it loud?", "context": text, "answers": [answer]}
        for answer in ("no", "nothing", "now")
    ]
    items = read(tmp_path / "a.jsonl", rows, format="qa")
    assert [item.own.by for item in items] == [
        "plain:question_answering",
        "own:passage_or_none",
        "plain:question_answering",
    ]


@pytest.mark.parametrize("scores", [[0, 50.2, 124.4], [-1.23, 1.07, 4.75], [1, 2.996]])
def test_no_score_lies_beyond_the_scale(tmp_path: Path, scores: list[float]) -> None:
    rows = [{"first": f"a{n}", "second": f"b{n}", "score": x} for n, x in enumerate(scores)]
    items = read(tmp_path / "a.jsonl", rows, format="pairs")
    assert {item.scale for item in items} == {(min(0, *scores), max(scores))}


@pytest.mark.parametrize(
    "answers",
    [
        {"text": ["in May", "May"], "answer_start": [7, 10]},
        [{"text": "in May", "answer_start": 7}],
        ["in May", "May"],
        "in May",
        "['in May', 'May']",
        '{"text": ["in May"], "answer_start": [7]}',
    ],
)
def test_answers_are_read_in_every_layout(tmp_path: Path, answers: Any) -> None:
    rows = [{"question": "When?", "context": "It was in May.", "answers": answers}]
    (answered,) = read(tmp_path / "a.jsonl", rows, format="qa")
    assert (answered.answer, answered.own.by) == ("in May", "own:passage_or_none")


@pytest.mark.parametrize("indent", [None, 1])
def test_squads_nested_layout_is_a_row_a_question(tmp_path: Path, indent: int | None) -> None:
    asked = [
        {"id": "1", "question": "When?", "answers": [{"text": "May", "answer_start": 10}]},
        {
            "id": "2",
            "question": "Where?",
            "answers": [],
            "is_impossible": True,
            "plausible_answers": [{"text": "It", "answer_start": 0}],
        },
        {"id": "3", "question": "Who?", "answers": [{"text": "Ann", "answer_start": 2}]},
    ]
    data = {
        "version": "v2.0",
        "data": [
            {
                "title": "t",
                "paragraphs": [
                    {"context": "It was in May.", "qas": asked},
                    {"context": "No questions."},
                ],
            }
        ],
    }
    items = read(tmp_path / "a.json", json.dumps(data, indent=indent), format="qa")
    answered = [item for item in items if isinstance(item, Answered)]
    assert [(a.id, a.answer, a.context) for a in answered] == [
        ("1", "May", "It was in May."),
        ("2", "", "It was in May."),
    ]
    assert reasons(items) == [
        (3, "the answer does not occur in the text"),
        (4, "a paragraph must have context and qas, a list of questions"),
    ]


QUESTIONS: list[dict[str, Any]] = [  # and whether it is kept, below a context "It was in May."
    {"question": "When?", "answers": [{"text": "May", "answer_start": 10}], "kept": True},
    {"question": "Where?", "answers": [], "is_impossible": True, "kept": True},
    {"question": "Who?", "answers": [{"text": "Ann", "answer_start": 2}], "kept": False},
    {"question": "  ", "answers": ["May"], "kept": False},
    {"answers": ["May"], "kept": False},
]
PARAGRAPHS = [{"context": "It was in May."}, {"context": "x", "qas": "y"}, {"qas": [3]}, [], None]


@given(
    articles=st.lists(
        st.lists(
            st.sampled_from(PARAGRAPHS)
            | st.lists(st.sampled_from(QUESTIONS), min_size=1).map(
                lambda qas: {"context": "It was in May.", "qas": qas}
            ),
            max_size=4,
        ),
        max_size=4,
    )
)
def test_every_question_of_squads_layout_is_kept_or_rejected(articles: list[list[Any]]) -> None:
    """So is a paragraph that cannot be read."""
    articles = [[{"context": "It was in May.", "qas": QUESTIONS[:1]}], *articles]
    expected = [
        asked
        for paragraphs in articles
        for one in paragraphs
        for asked in (
            one["qas"]
            if isinstance(one, dict)
            and one.get("context") != "x"
            and isinstance(one.get("qas"), list)
            and one["qas"] != [3]
            else [None]
        )
    ]
    data = {"data": [{"paragraphs": paragraphs} for paragraphs in articles]}
    with TemporaryDirectory() as folder:
        items = read(Path(folder) / "a.json", json.dumps(data), format="qa")
    assert [not isinstance(item, Rejected) for item in items] == [
        bool(asked and asked["kept"]) for asked in expected
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
        ({"label": "entailment"}, True),
        ({"label": "Not match"}, False),
        ({"label": "odd"}, None),
        ({"score": 4.5}, True),
        ({"score": 0.5}, False),
        ({"score": 2.5}, None),
    ],
)
def test_what_belongs_together_follows_from_known_labels_and_the_scale(
    tmp_path: Path, row: dict[str, Any], match: bool | None
) -> None:
    more = {"label": "match"} if "label" in row else {"score": 5}
    rows = [{"first": "a", "second": "b", **row}, {"first": "c", "second": "d", **more}]
    related, _ = read(tmp_path / "a.jsonl", rows, format="pairs")
    assert isinstance(related, Related)
    assert related.match is match


def test_turns_of_a_session_are_one_dialogue_cut_where_the_wish_changes(tmp_path: Path) -> None:
    said = [
        ("1", "user", "Hello", ""),
        ("1", "agent", "Hi", ""),
        ("1", "user", "Return it", "return"),
        ("1", "agent", "Gladly", ""),
        ("1", "user", "Where is it", "track"),
        ("2", "0", "Buy it", "buy"),
        ("3", "dog", "Wuff", ""),
    ]
    lines = ["session,role,text,intent", *map(",".join, said)]
    items = read(tmp_path / "a.csv", "\n".join(lines), format="dialogues")
    talks = [item for item in items if isinstance(item, Dialogue)]
    assert [(d.id, d.intent, len(d.turns)) for d in talks] == [
        ("1.0", "return", 4),
        ("1.1", "track", 1),
        ("2.0", "buy", 1),
    ]
    assert {d.intents for d in talks} == {("buy", "return", "track")}
    assert [line for line, _ in reasons(items)] == [8]


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl"])
def test_turns_without_a_session_are_rejected_one_by_one(tmp_path: Path, name: str) -> None:
    turns = [
        ("3", "user", "hi", "greet"),
        ("", "user", "a", "x"),
        ("", "user", "b", "x"),
        ("4", "user", "bye", "leave"),
    ]
    columns = ("session", "role", "text", "intent")
    rows: Any = [dict(zip(columns, (turn[0] or None, *turn[1:]), strict=True)) for turn in turns]
    if name.endswith("csv"):
        rows = "\n".join(map(",".join, [columns, *turns]))
    items = read(tmp_path / name, rows, format="dialogues")
    first = 2 if name.endswith("csv") else 1
    assert [item.id for item in items if isinstance(item, Dialogue)] == ["3.0", "4.0"]
    assert reasons(items) == [(first + n, "session is missing") for n in (1, 2)]


@pytest.mark.parametrize("kind", ["jsonl", "parquet"])
def test_a_session_of_a_big_file_is_whole(tmp_path: Path, kind: str) -> None:
    counts = {"a": 70, "b": 80}  # 30 MB: other formats are cut in two
    turns = [
        {"session": name, "role": "user", "text": f"{turn} {'x' * 200_000}", "intent": "buy"}
        for name, count in counts.items()
        for turn in range(count)
    ]
    path = tmp_path / f"a.{kind}"
    if kind == "parquet":
        pq.write_table(pa.Table.from_pylist(turns), path, row_group_size=7)
    else:
        path.write_text("\n".join(map(json.dumps, turns)))
    source = Source(format="dialogues", path=str(path))
    tasks = reading.tasks([source], None)
    found = [item for task in tasks for _, item in reading.items(task, tmp_path / "cache", 0)]
    assert [len(item.turns) for item in found if isinstance(item, Dialogue)] == [70, 80]


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
    with pytest.raises(DataError, match="the rows have label and score, but only one of them"):
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
        *(
            ({"format": "qa", "encoding": name}, f"encoding '{name}' is not a text encoding")
            for name in ("idna", "punycode", "base64", "undefined", "utf-88")
        ),
    ],
)
def test_settings_that_a_format_does_not_know_are_refused(
    settings: dict[str, Any], fault: str
) -> None:
    with pytest.raises(ValidationError, match=fault):
        Source.model_validate({"path": "x", **settings})


@pytest.mark.parametrize("name", ["utf-8", "UTF-8", "utf8", "U8"])
def test_an_encoding_is_the_same_however_it_is_spelled(name: str) -> None:
    assert Source(format="chat", path="x", encoding=name) == Source(
        format="chat", path="x", encoding="utf-8"
    )


CELL_NAMES = [
    "text",
    "start",
    "end",
    "label",
    "a",
    "speaker",
    "utterance",
    "frames",
    "slots",
    "state",
    "slot_values",
    "qas",
    "context",
    "answer_start",
    "slot",
    "exclusive_end",
    "active_intent",
]
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


@pytest.mark.parametrize("format_", sorted(n for n, one in FORMATS.items() if one.labelled))
@settings(max_examples=40)
@given(data=st.data())
def test_no_row_ends_the_run_whatever_its_cells_hold(format_: str, data: st.DataObject) -> None:
    shape = data.draw(st.sampled_from(FORMATS[format_].columns))
    names = [*shape, *FORMATS[format_].also, *(["paragraphs"] if format_ == "qa" else [])]
    row = st.fixed_dictionaries(dict.fromkeys(names, json_values))
    rows = [*data.draw(st.lists(row, max_size=4)), dict.fromkeys(names, "a")]
    with TemporaryDirectory() as folder:
        items = read(Path(folder) / "a.jsonl", rows, format=format_)
    assert all(isinstance(item, Rejected) or item.source for item in items)
