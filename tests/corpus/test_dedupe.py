import re
from collections.abc import Sequence
from itertools import combinations
from random import Random

import numpy as np
import pytest

from ecom.corpus.dedupe import (
    bands,
    conflicts,
    exact_duplicates,
    exact_key,
    near_duplicates,
    near_group,
    one_answer,
    prompt_key,
    signature,
)
from ecom.forms import FormName
from ecom.rows import Example

WORDS = [f"{a}{b}" for a in "bdfgklmnprst" for b in ("a", "e", "i", "o", "u", "ia", "on", "ar")]


def row(prompt: str, output: str, form: FormName = "generation") -> Example:
    return Example("s", "t", form, "GEN", None, prompt, output)


def duplicates(rows: Sequence[Example]) -> list[bool]:
    return list(exact_duplicates(np.array([exact_key(r) for r in rows], dtype=np.uint64)))


def contradictions(rows: Sequence[Example]) -> list[bool]:
    asked = np.array([prompt_key(r) for r in rows], dtype=np.uint64)
    said = np.array([exact_key(r) for r in rows], dtype=np.uint64)
    one = np.array([one_answer(r.form, r.paradigm) for r in rows])
    return list(conflicts(asked, said, one))


def shingles(text: str) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", text.lower())
    return {tuple(words[i : i + 3]) for i in range(len(words) - 2)}


def jaccard(a: str, b: str) -> float:
    left, right = shingles(a), shingles(b)
    return len(left & right) / len(left | right)


def variants(count: int, seed: int) -> list[str]:
    """Texts in families of 3: a text, and two with some of its words changed."""
    random, texts = Random(seed), []
    for _ in range(count // 3):
        words = [random.choice(WORDS) + random.choice(WORDS) for _ in range(random.randint(40, 90))]
        for changes in (0, random.randint(0, 3), random.randint(1, 8)):
            changed = words.copy()
            for index in random.sample(range(len(words)), changes):
                changed[index] = random.choice(WORDS)
            texts.append(" ".join(changed))
    random.shuffle(texts)
    return texts


def test_case_and_white_space_do_not_distinguish_rows_but_parts_do() -> None:
    same = [row("Red  Shoe?", "Yes"), row("red shoe? ", " yes"), row("red shoe?", "no")]

    assert duplicates(same) == [False, True, False]
    assert duplicates([row("a b", "c"), row("a", "b c")]) == [False, False]
    assert duplicates([row("q", "1", "ranking"), row("q", "1", "retrieval")]) == [False, False]


def test_keys_are_the_same_in_every_process() -> None:
    assert exact_key(row("q", "a")) == 11916108242665532878
    assert prompt_key(row("q", "a")) == 9790689538118855707
    assert signature("a b c")[:2].tolist() == [4182741551, 3412074992]


def test_another_answer_conflicts_where_only_one_is_right() -> None:
    choice = [row("q", answer, "multiple-choice") for answer in ("1", "2", "1", "2")]

    assert contradictions(choice) == [False, True, False, True]
    assert duplicates(choice) == [False, False, True, True]
    assert contradictions([row("why?", "cheap"), row("why?", "good")]) == [False, False]
    assert contradictions([row("q", "1", "ranking"), row("q", "because")]) == [False, False]


@pytest.mark.parametrize("threshold", [0.7, 0.9])
def test_near_duplicates_against_brute_force(threshold: float) -> None:
    texts = variants(450, seed=3)
    found = near_duplicates(np.stack([signature(text) for text in texts]), threshold)

    pairs = [(i, j, jaccard(texts[i], texts[j])) for i, j in combinations(range(len(texts)), 2)]
    nearest = np.zeros(len(texts))
    sure = set()
    for i, j, alike in pairs:
        nearest[j] = max(nearest[j], alike)
        if alike >= threshold + 0.05 and not found[i]:
            sure.add(j)
    assert len(sure) > 30
    assert found[sorted(sure)].mean() >= 0.95
    assert nearest[found].min() >= threshold - 0.1


def test_the_first_row_stays_and_order_decides() -> None:
    a = " ".join(WORDS[:60])
    b, c = a.replace(WORDS[5], "x"), a.replace(WORDS[5], "x").replace(WORDS[30], "y")
    signatures = np.stack([signature(text) for text in (a, b, c, a)])

    assert near_duplicates(signatures, 0.88).tolist() == [False, True, False, True]
    assert near_duplicates(signatures[::-1], 0.88).tolist() == [False, False, True, True]


def test_only_equal_signatures_are_near_at_1() -> None:
    texts = variants(90, seed=4)
    signatures = np.stack([signature(text) for text in texts])

    found = near_duplicates(signatures, 1.0)

    first: dict[frozenset[tuple[str, ...]], int] = {}
    again = [first.setdefault(frozenset(shingles(t)), i) != i for i, t in enumerate(texts)]
    assert found.tolist() == again


def test_many_rows_of_one_template_take_no_time() -> None:
    signatures = np.tile(signature("Which of these is a shoe? 0. a 1. b"), (50_000, 1))

    assert near_duplicates(signatures, 0.8).sum() == 49_999


def test_no_rows_are_no_duplicates() -> None:
    assert near_duplicates(np.empty((0, 128), dtype=np.uint32), 0.9).tolist() == []


def test_questions_with_one_answer_are_only_near_those_with_the_same() -> None:
    title = " ".join(WORDS[:60])
    rows = [
        row(f"Which {kind} is in the title {title}?", answer, "named_entity_recognition")
        for kind, answer in (("brand", "ba"), ("colour", "be"), ("maker", "Ba"))
    ]
    signatures = [signature(f"{r.prompt}\n{r.output}", near_group(r)) for r in rows]

    assert near_duplicates(np.stack(signatures), 0.8).tolist() == [False, False, True]
    assert (signatures[0] == signatures[1]).mean() < 0.1


@pytest.mark.parametrize("text", ["赤いスニーカーのメンズ用", "红色运动鞋男士跑步鞋"])
def test_characters_are_words_in_chinese_and_japanese(text: str) -> None:
    long = text * 2 + "新品"
    other = long.replace(text[-1], "x", 1)

    alike = (signature(long) == signature(other)).mean()
    assert 0.4 < alike < 0.95


def test_short_texts_are_distinguished() -> None:
    texts = ["", "red", "blue", "red shoe", "shoe red", "Red, shoe!"]
    signatures = np.stack([signature(text) for text in texts])

    assert near_duplicates(signatures, 0.5).tolist() == [False] * 5 + [True]


def test_bands_let_few_alike_pairs_slip() -> None:
    for threshold in (0.5, 0.7, 0.8, 0.9, 0.95, 0.99):
        count, indices = bands(threshold)
        alike = min(1.0, threshold + 0.05)
        assert count * indices <= 128
        assert (1 - alike**indices) ** count < 0.05
