from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecom.forms.texts import SEPARATOR
from ecom.lanes.trie import build, depth

pytestmark = pytest.mark.model
TREE = [
    "Home",
    "Home > Kitchen",
    "Home > Kitchen > Pans",
    "Home > Kitchen > Knives",
    "Home > Garden",
    "Shoes > Running",
    "Shoes",
    "track suit",
    "trousers",
]


@pytest.fixture(scope="module")
def tokenizer(tiny_model: Path) -> Any:
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(tiny_model)


def drawn(trie: Any, rng: Random) -> list[int]:
    """Tokens drawn as the mask allows, until the end."""
    written: list[int] = []
    while not written or written[-1] != trie.end:
        written.append(rng.choice(trie.allowed(written)))
    return written


def test_whatever_is_drawn_is_one_of_the_texts_and_every_one_is_drawn(tokenizer: Any) -> None:
    trie = build(TREE, 1, 1, tokenizer)
    found = [trie.read(drawn(trie, Random(seed))) for seed in range(400)]
    assert {index for [index] in found} == set(range(len(TREE)))


def test_a_text_is_known_once_no_other_one_begins_like_it(tokenizer: Any) -> None:
    trie = build(["red", "blue, the colour of the sea and of the sky"], 1, 1, tokenizer)
    assert depth(trie.first) == 1


@given(seed=st.integers(0, 10**6), least=st.integers(1, 3), more=st.integers(0, 4))
def test_several_texts_are_distinct_and_as_many_as_may_be(
    tokenizer: Any, seed: int, least: int, more: int
) -> None:
    texts = ["A", "B", "red, dark", "red", "waterproof"]
    trie = build(texts, least, min(least + more, len(texts)), tokenizer)
    written = drawn(trie, Random(seed))
    found = trie.read(written)
    assert len(set(found)) == len(found)
    assert least <= len(found) <= min(least + more, len(texts))
    if trie.most > 1:
        assert tokenizer.decode(written[:-1]) == SEPARATOR.join(texts[index] for index in found)


def test_an_answer_cut_at_its_limit_counts_what_is_complete(tokenizer: Any) -> None:
    trie = build(["red", "blue", "green"], 1, 3, tokenizer)
    red, blue = (tokenizer(text)["input_ids"] for text in ("red", ", blue"))
    assert trie.read([*red, *blue]) == [0, 1]
    assert trie.read([*red, *blue[:1]]) == [0]
    assert trie.read([]) == []
