"""What one source becomes: rows with their skills, rejected rows, and how many were read."""

import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from ecom.corpus import parts, reading
from ecom.corpus.config import CorpusConfig, Source
from ecom.corpus.records import Product

Rows = list[dict[str, Any]]


def made(path: Path, rows: Rows, settings: dict[str, Any], **source: Any) -> tuple[Rows, Rows, int]:
    """Return the rows that a file becomes, its rejected ones, and how many were read."""
    path.write_text("\n".join(map(json.dumps, rows)), "utf-8")
    config = CorpusConfig.model_validate({"sources": [{"path": str(path), **source}], **settings})
    (task,) = reading.tasks(config.sources, None)
    for table in reading.tables(config.sources, path.parent / "cache"):
        table.build()
    parts.make(task, config, 0, path.parent, path.parent / "cache")
    lines = (path.parent / "00000.jsonl").read_text("utf-8").splitlines()
    tally = json.loads((path.parent / "00000.json").read_text("utf-8"))
    kept = pq.read_table(path.parent / "00000.parquet").to_pylist()
    return kept, list(map(json.loads, lines)), tally["read"]


@pytest.mark.parametrize("name", ["intent", "int*"])
def test_the_recipe_names_the_skill_of_a_labelled_set(tmp_path: Path, name: str) -> None:
    rows = [
        {"text": f"I want it back, number {n}", "label": "refund" if n % 2 else "order"}
        for n in range(6)
    ]
    settings = {"skill": {name: "behavior"}, "transforms": {"names": ["*"]}}
    kept, _, _ = made(tmp_path / "a.jsonl", rows, settings, format="labels", task="intent")
    own = {row["skill"] for row in kept if row["task"] == "intent"}
    others = {row["skill"] for row in kept if row["task"] != "intent"}
    assert own == {"behavior"}
    assert others == {"concepts"}


def test_a_text_with_more_labels_than_are_shown_is_rejected_alone(tmp_path: Path) -> None:
    labels = [f"l{n}" for n in range(70)]
    rows: Rows = [{"text": f"thing {n}", "labels": labels[n : n + 2]} for n in range(4)]
    rows += [{"text": "all of it", "labels": labels[:count]} for count in (59, 60, 61)]
    kept, rejected, _ = made(tmp_path / "a.jsonl", rows, {}, format="labels", labels=labels)
    assert [row["line"] for row in kept] == [1, 2, 3, 4, 5]
    assert [(row["line"], row["reason"]) for row in rejected] == [
        (n, "no wrong label can be shown: name all in `labels`; a text has 59 labels at most")
        for n in (6, 7)
    ]


LONG = "word " * 1_001 + "end"
TOO_LONG: dict[str, tuple[dict[str, Any], str]] = {
    "qa": ({"question": "What?", "context": LONG, "answers": LONG}, "answer"),
    "summaries": ({"text": "A lamp.", "summary": LONG}, "summary"),
    "rewrites": ({"query": "lamp", "rewritten": LONG}, "rewritten query"),
    "ner": (
        {
            "text": f"{LONG} lamp",
            "spans": [[0, len(LONG), "a"], [len(LONG) + 1, len(LONG) + 5, "b"]],
        },
        "answer",
    ),
}


@pytest.mark.parametrize("kind", sorted(TOO_LONG))
def test_a_row_with_too_long_an_answer_says_so(tmp_path: Path, kind: str) -> None:
    row, what = TOO_LONG[kind]
    _, rejected, _ = made(tmp_path / "a.jsonl", [row], {}, format=kind)
    assert [row["reason"] for row in rejected] == [
        f"the {what} is longer than the contest's parser reads"
    ]


def test_the_rows_read_of_a_table_of_queries_are_its_rows(tmp_path: Path) -> None:
    table = tmp_path / "articles.csv"
    table.write_text("id,title\n" + "".join(f"A{n},lamp {n}\n" for n in range(1, 9)))
    rows: Rows = [
        {"query": query, "product_id": item, "relevance": "E"}
        for query, item in (
            ("lamp", "A1"),
            ("lamp", "A2"),
            ("lamp", "A2"),
            ("rug", "A9"),
            ("rug", "A3"),
            ("hat", None),
            ("hat", None),
        )
    ]
    _, rejected, read = made(
        tmp_path / "q.jsonl", rows, {}, format="shop_queries", products=str(table)
    )
    assert (read, len(rejected)) == (7, 2)


AS_HTML = {
    "title": "desk &amp; chair",
    "description": "<p>The desk is made of <b>oak</b>.</p><ul><li>It holds 50&nbsp;kg.</li></ul>"
    "It has &quot;two&quot; drawers.",
}
AS_TEXT = {
    "title": "desk & chair",
    "description": 'The desk is made of oak.\n\nIt holds 50 kg.\n\nIt has "two" drawers.',
}


def products(known: dict[str, str]) -> Rows:
    names = ("Adler", "Kiruna", "Lumo", "Brisa", "Hearth", "Nordlicht")
    return [
        {"id": name, "brand": name, **{key: f"{name} {text}" for key, text in known.items()}}
        for name in names
    ]


def test_transforms_read_the_words_of_html(tmp_path: Path) -> None:
    def asked(known: dict[str, str]) -> Rows:
        settings = {"transforms": {"names": ["*"]}}
        kept, _, _ = made(
            tmp_path / "p.jsonl", products(known), settings, format="shop_products", lang="en"
        )
        return kept

    rows = asked(AS_HTML)
    assert len(rows) > 20
    assert rows == asked(AS_TEXT)


def test_a_teacher_is_shown_the_words_of_html(tmp_path: Path) -> None:
    (tmp_path / "p.jsonl").write_text("\n".join(map(json.dumps, products(AS_HTML))), "utf-8")
    source = Source(format="shop_products", path=str(tmp_path / "p.jsonl"))
    tasks = reading.tasks([source], None)
    drawn = reading.teacher_records(tasks, tmp_path / "cache", 0, 1, [lambda record: True])
    assert isinstance(drawn[0], Product)
    assert drawn[0].description.endswith(AS_TEXT["description"])


def test_an_entity_stands_in_its_text_without_html_too(tmp_path: Path) -> None:
    text = "<b>Nike  Air</b> shoe &amp; A&amp;B  bag"
    spans = [
        [text.index(term), text.index(term) + len(term), kind]
        for term, kind in (("Nike  Air", "brand"), ("A&amp;B  bag", "product"))
    ]
    settings = {"transforms": {"names": ["*"]}}
    kept, _, _ = made(
        tmp_path / "a.jsonl", [{"text": text, "spans": spans}], settings, format="ner", lang="en"
    )
    entities = [row["output"] for row in kept if row["form"] == "named_entity_recognition"]
    assert "Nike Air, A&B bag" in entities
    assert all(
        term in row["input"]
        for row in kept
        for term in row["output"].split(", ")
        if row["form"] == "named_entity_recognition"
    )
