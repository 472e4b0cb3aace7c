"""Examples from the corpus before each question."""

import json
import math
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ecom.errors import DataError
from ecom.forms import FormName
from ecom.predict.config import By
from ecom.predict.few_shot import FewShot, draw
from ecom.predict.questions import put_down
from ecom.rows import EXAMPLE_SCHEMA, Example, Query, to_dict

TEXTS = [
    "Describe the steel kettle for tea.",
    "Describe the wool scarf for winter.",
    "Describe the kettle of steel, the steel one.",
    "Describe a lamp.",
    "Describe the rubber boot.",
]


def corpus(folder: Path, texts: Sequence[str], form: FormName = "generation") -> Path:
    """A corpus artifact's rows; the answer names the question."""
    (folder / "train").mkdir(parents=True, exist_ok=True)
    rows = [
        Example("shop", f"task {n % 2}", form, "GEN", None, prompt=text, output=f"A{n}")
        for n, text in enumerate(texts)
    ]
    table = pa.Table.from_pylist([to_dict(row) for row in rows], schema=EXAMPLE_SCHEMA)
    pq.write_table(table, folder / "train" / f"{form}.parquet")
    return folder


def few_shot(folder: Path, questions: Sequence[str], by: By = "bm25", count: int = 2) -> FewShot:
    lines = [json.dumps({"input_field": text, "is_multiple_choice": False}) for text in questions]
    (folder / "q.jsonl").write_text("\n".join(lines))
    asked = put_down(folder / "q.jsonl", folder)
    return FewShot(draw(folder / "corpus", asked, folder), count, by)


def bm25(query: str, texts: Sequence[str]) -> list[float]:
    """Lucene's BM25 (k1 = 1.5, b = 0.75), written out."""
    split = [text.lower().replace(".", " ").replace(",", " ").split() for text in texts]
    mean = sum(map(len, split)) / len(split)
    scores = []
    for words in split:
        counts, score = Counter(words), 0.0
        for word in query.lower().replace("?", " ").replace(".", " ").split():
            having = sum(word in other for other in split)
            idf = math.log(1 + (len(split) - having + 0.5) / (having + 0.5))
            norm = 1.5 * (1 - 0.75 + 0.75 * len(words) / mean)
            score += idf * counts[word] / (counts[word] + norm)
        scores.append(score)
    return scores


def test_the_examples_most_like_a_question_are_those_of_bm25_the_likest_last(
    tmp_path: Path,
) -> None:
    corpus(tmp_path / "corpus", TEXTS)
    for question in ("Describe the kettle.", "Describe a winter scarf.", "Describe the boot"):
        shots = few_shot(tmp_path, [question]).of(Query(question, form="generation"))
        scores = bm25(question, TEXTS)
        best = sorted(range(len(TEXTS)), key=lambda n: -scores[n])[:2]
        assert [shot.answer for shot in shots] == [f"A{n}" for n in reversed(best)]
        assert [shot.question for shot in shots] == [TEXTS[n] for n in reversed(best)]


def test_words_of_languages_without_spaces_are_their_characters(tmp_path: Path) -> None:
    corpus(tmp_path / "corpus", ["描述登山鞋。", "描述台灯。", "描述帐篷。"])
    [shot] = few_shot(tmp_path, ["写登山靴"], count=1).of(Query("写登山靴", form="generation"))
    assert shot.question == "描述登山鞋。"


def test_a_question_is_never_its_own_example(tmp_path: Path) -> None:
    corpus(tmp_path / "corpus", TEXTS)
    own = TEXTS[0].upper()
    shots = few_shot(tmp_path, [own], count=5).of(Query(own, form="generation"))
    assert sorted(shot.answer for shot in shots) == ["A1", "A2", "A3", "A4"]


def test_a_named_task_is_shown_its_own_rows_an_unknown_one_all(tmp_path: Path) -> None:
    corpus(tmp_path / "corpus", TEXTS)
    chooser = few_shot(tmp_path, ["Describe it."], count=9)
    own = chooser.of(Query("Describe it.", form="generation", task="task 1"))
    every = chooser.of(Query("Describe it.", form="generation", task="none such"))
    assert {shot.answer for shot in own} == {"A1", "A3"}
    assert len(every) == 5


def test_random_examples_are_the_same_each_time_and_others_for_others(tmp_path: Path) -> None:
    corpus(tmp_path / "corpus", [f"Describe thing {n}." for n in range(200)])
    chooser = few_shot(tmp_path, ["Describe it."], by="random", count=3)
    again = FewShot(chooser.file, 3, "random")
    questions = [Query(f"Describe {word}.", form="generation") for word in ("a", "b", "c")]
    assert [again.of(one) for one in questions] == [chooser.of(one) for one in questions]
    assert len({shot for one in questions for shot in map(str, chooser.of(one))}) == 9


def test_forms_that_the_corpus_lacks_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    corpus(tmp_path / "corpus", TEXTS)
    rank = "Rank the following 5 products by relevance.\n1. a\n2. b\n3. c\n4. d\n5. e"
    chooser = few_shot(tmp_path, ["Describe it.", rank])
    assert chooser.of(Query(rank, form="ranking")) == ()
    assert "has no row of ranking, so 1 questions are asked without" in capsys.readouterr().err
    with pytest.raises(DataError, match="no row of ranking to show"):
        few_shot(tmp_path, [rank])
