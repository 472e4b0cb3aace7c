"""Parts written by the real writer, and which of their rows stay."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from ecom.corpus import parts
from ecom.corpus.choice import Choice, choose
from ecom.corpus.config import CorpusConfig
from ecom.corpus.formats.base import Item
from ecom.corpus.records import Product, Review
from ecom.rows import Example
from ecom.shopbench import Rejected


def question(text: str, answer: str = "0", task: str = "t", source: str = "s") -> Example:
    prompt = f"{text}\n0. yes\n1. no\nAnswer:"
    return Example(source, task, "multiple-choice", "CLS", None, prompt, answer)


def config(**changes: Any) -> CorpusConfig:
    source = {"format": "shopbench", "path": "unused"}
    return CorpusConfig.model_validate({"sources": [source], **changes})


def chosen(folder: Path, settings: CorpusConfig, *rows: Sequence[Item]) -> Choice:
    names = []
    for number, items in enumerate(rows):
        names.append(f"{number:05}")
        parts.write(iter(enumerate(items, 1)), names[-1], "s", settings, 7, folder)
    return choose(names, settings, 7, folder)


def kept_texts(folder: Path, choice: Choice) -> list[str]:
    return [
        text
        for part, indices in choice.pieces(choice.kept)
        for text in pq.read_table(folder / f"{part}.parquet")["prompt"].take(indices).to_pylist()
    ]


def test_rows_keep_their_order_and_repeated_ones_go(tmp_path: Path) -> None:
    first = [question("Is a boot a shoe?"), question("Is a lamp a shoe?", "1")]
    second = [
        question("Is a BOOT  a shoe?"),  # the same but for case and blanks
        question("Is a lamp a shoe?", "0"),  # the same question, answered otherwise
        question("Is a sock a shoe?", "1"),
    ]
    choice = chosen(tmp_path, config(), first, second)
    assert [text.split("?")[0] for text in kept_texts(tmp_path, choice)] == [
        "Is a boot a shoe",
        "Is a lamp a shoe",
        "Is a sock a shoe",
    ]
    lost = {reason: rows.tolist() for reason, rows in choice.lost.items()}
    assert lost == {
        "the same prompt and output as an earlier row": [2],
        "the same prompt as an earlier row, with another answer": [3],
    }


def test_two_free_answers_to_one_question_are_kept_and_counted(tmp_path: Path) -> None:
    rows = [
        Example("s", "why", "generation", "GEN", None, "Why a lamp?", answer)
        for answer in ("It is dark.", "To read.", "It is dark.")
    ]
    choice = chosen(tmp_path, config(), rows)
    assert choice.kept.tolist() == [0, 1]
    assert choice.again.tolist() == [1]


def test_near_duplicates_go_only_when_asked(tmp_path: Path) -> None:
    words = " ".join(f"word{n}" for n in range(60))
    rows = [question(f"{words} boot?"), question(f"{words} boots?"), question("Another one?")]
    for name in ("all", "near"):
        (tmp_path / name).mkdir()
    assert len(chosen(tmp_path / "all", config(), rows).kept) == 3
    settings = config(dedupe={"near": 0.8})
    assert chosen(tmp_path / "near", settings, rows).kept.tolist() == [0, 2]


def test_rows_that_overlap_with_an_evaluation_go(tmp_path: Path) -> None:
    asked = "Which of these is the best gift for a friend who climbs frozen waterfalls in winter?"
    gold = tmp_path / "gold.jsonl"
    gold.write_text(json.dumps({"input_field": f"{asked}\n0. yes\n1. no\nAnswer:"}))
    rows = [question(f"Number {n}: is {n} even?", str(n % 2)) for n in range(30)]
    (tmp_path / "parts").mkdir()
    settings = config(without=[str(gold)])
    choice = chosen(tmp_path / "parts", settings, [*rows, question(asked)])
    assert choice.kept.tolist() == list(range(30))
    assert [reason for reason in choice.lost if "exact" in reason] == [
        "overlaps with an evaluation row (exact)"
    ]


def test_the_mixture_is_drawn_from_the_rows_that_are_left(tmp_path: Path) -> None:
    rows = [question(f"Is {n} even?", str(n % 2), task="ab"[n % 2]) for n in range(20)]
    settings = config(mix={"caps": [{"by": "task", "value": "a", "rows": 3}]})
    choice = chosen(tmp_path, settings, [*rows, rows[0]])
    tasks = choice.table["task"].take(choice.kept).to_pylist()
    assert (tasks.count("a"), tasks.count("b")) == (3, 10)
    assert choice.left_out == 7, "the repeated row is lost to another rule"


def test_the_same_rows_are_chosen_wherever_parts_begin(tmp_path: Path) -> None:
    rows = [question(f"Is {n} even?", str(n % 2)) for n in range(40)] * 2
    settings = config(mix={"rows": 11})
    found = []
    for name, cuts in (("one", [80]), ("three", [7, 50, 80])):
        (tmp_path / name).mkdir()
        starts = [0, *cuts[:-1]]
        pieces = [rows[start:stop] for start, stop in zip(starts, cuts, strict=True)]
        choice = chosen(tmp_path / name, settings, *pieces)
        found.append(kept_texts(tmp_path / name, choice))
    assert len(found[0]) == 11
    assert found[0] == found[1]


def test_quality_leaves_out_what_scores_low(tmp_path: Path) -> None:
    settings = config(quality={"by": "base_loss", "keep_above": 0.5})
    rows = [question(f"Is {n} even?") for n in range(4)]
    parts.write(iter(enumerate(rows)), "00000", "s", settings, 7, tmp_path)
    np.save(tmp_path / "00000.quality.npy", np.array([0.9, 0.4, 0.5, -1.0]))
    choice = choose(["00000"], settings, 7, tmp_path)
    assert choice.kept.tolist() == [0, 2]
    assert list(choice.lost) == ["quality below 0.5"]


def test_quality_is_judged_by_the_model(tmp_path: Path, tiny_model: Path) -> None:
    from ecom.corpus.quality import scorer

    settings = config(quality={"by": "base_loss"})
    rows = [question(f"Is {n} even?") for n in range(3)]
    parts.write(iter(enumerate(rows)), "00000", "s", settings, 7, tmp_path)
    assert settings.quality
    parts.judge("00000", settings.quality, str(tiny_model), tmp_path)
    expected = scorer(settings.quality, str(tiny_model))([(row.text(), row.output) for row in rows])
    assert np.load(tmp_path / "00000.quality.npy") == pytest.approx(expected, abs=1e-5)


def items() -> Iterator[Item]:
    for n, text in enumerate(["Broke at once.", "Great lamp, warm light!", "It is fine."]):
        lamp = Product(id=f"p{n}", source="shop", title=f"Lamp number {n}")
        yield Review(id=str(n), source="shop", text=text, rating=(1, 5, 3)[n], product=lamp)
    yield Rejected(9, "rating is 6, not 1 to 5", "{}")
    yield question("Is an empty output kept?", "")


def test_records_become_rows_and_bad_items_are_kept_with_their_reason(tmp_path: Path) -> None:
    settings = config(transforms={"names": ["plain:review_rating"]})
    parts.write(iter(enumerate(items(), 1)), "00000", "shop", settings, 7, tmp_path)
    rows = pq.read_table(tmp_path / "00000.parquet").to_pylist()
    assert sorted(row["output"] for row in rows) == ["1", "3", "5"]
    assert {row["transform"] for row in rows} == {"plain:review_rating"}
    assert {row["parents"][0] for row in rows} == {"0", "1", "2"}
    rejected = [json.loads(line) for line in (tmp_path / "00000.jsonl").read_text().splitlines()]
    assert [row["line"] for row in rejected] == [9, 5]
    read = json.loads((tmp_path / "00000.json").read_text())["read"]
    assert read == 2, "records beside Examples are no rows of their own"
