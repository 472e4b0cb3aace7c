"""Answers in texts: probabilities and likelihoods against plain torch; the same under a mask."""

import math
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ecom.forms import Prompting
from ecom.lanes import Asker, Encoded, encode, label_ids
from ecom.lanes.branches import EVERY
from ecom.lanes.likelihood import spell
from ecom.rows import Query

pytestmark = pytest.mark.model
PROMPT = "What is it?\nRunner 5"
KINDS = ["shoe", "shirt", "shirt and tie", "trousers", "track suit"]


@pytest.fixture(scope="module")
def loaded(tiny_model: Path) -> tuple[Any, Any]:
    from transformers import AutoModelForCausalLM, AutoTokenizer

    return (
        AutoTokenizer.from_pretrained(tiny_model),
        AutoModelForCausalLM.from_pretrained(tiny_model, dtype="float32").eval(),
    )


def encoded(model: Path, tokenizer: Any, query: Query) -> Encoded:
    asked = Asker(label_ids(model), Prompting()).ask(query)
    [found] = encode(tokenizer, [asked], 512)
    return found


def generate(part: Encoded, model: Any) -> Any:
    """What vLLM does with a part: the likeliest tokens among those that are allowed."""
    import torch

    written: list[int] = []
    steps: list[dict[int, Any]] = []
    sampling, trie = part.sampling, part.texts.trie if part.texts else None
    spelled = sampling.get("extra_args", {}).get("spelled")
    while len(written) < sampling["max_tokens"]:
        with torch.no_grad():
            logits = model(torch.tensor([[*part.tokens, *written]])).logits[0, -1]
        if spelled:
            logits = spell(spelled, written, logits)
            allowed = logits.isfinite().nonzero().flatten().tolist()
        else:
            allowed = sampling.get("allowed_token_ids") or trie.allowed(written)  # type: ignore[union-attr]
        logs = torch.log_softmax(logits[allowed], 0).tolist()
        steps.append({t: SimpleNamespace(logprob=v) for t, v in zip(allowed, logs, strict=True)})
        written.append(allowed[logs.index(max(logs))])
        if trie and written[-1] == trie.end:
            break
    return SimpleNamespace(text="", token_ids=written, logprobs=steps, finish_reason="stop")


def by_hand(chat: list[int], texts: Sequence[str], tokenizer: Any, model: Any) -> list[float]:
    """The probability of each text where each token is drawn among those that continue a text."""
    import torch

    ended = [[*tokenizer(text)["input_ids"], tokenizer.eos_token_id] for text in texts]
    found = []
    for ids in ended:
        with torch.no_grad():
            logits = model(torch.tensor([[*chat, *ids]])).logits[0, len(chat) - 1 :].double()
        chance = 1.0
        for depth, token in enumerate(ids):
            may = sorted({other[depth] for other in ended if other[:depth] == ids[:depth]})
            share = torch.softmax(logits[depth, may], 0)
            chance *= float(share[may.index(token)])
        found.append(chance)
    return found


def likelihoods(
    chat: list[int], texts: Sequence[str], tokenizer: Any, model: Any, *, per_token: bool
) -> list[float]:
    """The shares of the texts' likelihoods, each scored whole in a forward of its own.

    A text that begins another one ends with the end token.
    """
    import torch

    ids = [tokenizer(text)["input_ids"] for text in texts]
    ends = [any(other != one and other[: len(one)] == one for other in ids) for one in ids]
    scores = []
    for tokens in (
        [*one, tokenizer.eos_token_id] if end else one for one, end in zip(ids, ends, strict=True)
    ):
        with torch.no_grad():
            logs = model(torch.tensor([[*chat, *tokens]])).logits[0].double().log_softmax(-1)
        own = logs[range(len(chat) - 1, len(chat) - 1 + len(tokens)), tokens]
        scores.append(own.mean() if per_token else own.sum())
    found: list[float] = torch.softmax(torch.stack(scores), 0).tolist()
    return found


@pytest.mark.parametrize("choice", ["likelihood", "likelihood_per_token"])
@pytest.mark.parametrize(
    ("query", "names", "texts", "form"),
    [
        (Query(PROMPT, options=KINDS), KINDS, KINDS, "classification"),
        (
            Query("Which is it?\nA. a red boot\nB. a lamp\nC. cup (2 of them)\nAnswer:", True),
            ["A", "B", "C"],
            ["a red boot", "a lamp", "cup (2 of them)"],
            "multiple-choice",
        ),
        (
            Query('Which is it? ["A: desk lamp", "B: shirt", "C: shirt and tie"] Your answer is:'),
            ["A", "B", "C"],
            ["desk lamp", "shirt", "shirt and tie"],
            "multiple-choice",
        ),
        (Query(PROMPT, options=KINDS[:2], labels=["1", "2"]), "12", KINDS[:2], "multiple-choice"),
        (
            Query(PROMPT, options=KINDS[:2], labels=["yes", "no"]),
            ["yes", "no"],
            KINDS[:2],
            "classification",
        ),
        (Query("Rate it from 1 to 5.\nReview: good"), "12345", "12345", "multiple-choice"),
    ],
)
def test_the_likelihoods_of_the_options_texts_are_those_that_torch_computes(
    tiny_model: Path,
    loaded: tuple[Any, Any],
    query: Query,
    names: str,
    texts: str,
    form: str,
    choice: Any,
) -> None:
    tokenizer, model = loaded
    plain = encoded(tiny_model, tokenizer, query)
    one = encoded(tiny_model, tokenizer, replace(query, choice=choice))
    assert one.tokens == plain.tokens, "the prompt is the ordinary one"
    made = one.joined([part.written(generate(part, model)) for part in one.parts()])
    by_token = choice == "likelihood_per_token"
    shares = likelihoods(one.tokens, texts, tokenizer, model, per_token=by_token)
    expected = dict(zip(names, shares, strict=True))
    assert one.asked.confidences(made) == pytest.approx(expected, abs=1e-4)
    read = one.asked.read(made)
    assert (read.form, read.error) == (form, None)
    assert read.answer == max(expected, key=expected.__getitem__)
    assert read.confidence == pytest.approx(max(shares), abs=1e-4)


@pytest.mark.parametrize(
    ("query", "rule"),
    [
        (Query(PROMPT, options=KINDS, choose="any"), "chooses one text, and this question asks"),
        (Query(PROMPT, options=[f"kind {n}" for n in range(65)]), "up to 64 texts, .* offers 65"),
    ],
)
def test_what_likelihoods_cannot_choose_says_so(
    tiny_model: Path, loaded: tuple[Any, Any], query: Query, rule: str
) -> None:
    assert encoded(tiny_model, loaded[0], query).error is None
    refused = encoded(tiny_model, loaded[0], replace(query, choice="likelihood"))
    assert re.search(rule, refused.error or "")


def test_a_question_of_another_form_is_answered_as_ever(
    tiny_model: Path, loaded: tuple[Any, Any]
) -> None:
    for prompt in ("Describe a lamp.", "Rank these by relevance to 'boot'.\n1. boot\n2. lamp"):
        plain = encoded(tiny_model, loaded[0], Query(prompt, False))
        same = encoded(tiny_model, loaded[0], Query(prompt, False, choice="likelihood"))
        assert (same.tokens, same.sampling) == (plain.tokens, plain.sampling)


def test_every_text_has_the_probability_that_torch_computes(
    tiny_model: Path, loaded: tuple[Any, Any]
) -> None:
    tokenizer, model = loaded
    one = encoded(tiny_model, tokenizer, Query(PROMPT, options=KINDS))
    parts = one.parts()
    assert 1 < len(parts) < len(KINDS)
    made = one.joined([part.written(generate(part, model)) for part in parts])
    expected = dict(zip(KINDS, by_hand(one.tokens, KINDS, tokenizer, model), strict=True))
    assert made.chances == pytest.approx(expected, abs=1e-4)
    assert sum(made.chances.values()) == pytest.approx(1)
    assert made.text == max(expected, key=expected.__getitem__)
    read = one.asked.read(made)
    assert (read.answer, read.form) == (made.text, "classification")
    assert read.confidence == made.chances[made.text]


def test_of_very_many_texts_the_answer_has_the_probability_that_torch_computes(
    tiny_model: Path, loaded: tuple[Any, Any]
) -> None:
    tokenizer, model = loaded
    tree = [f"Home > {room} > {n}" for room in ("Kitchen", "Garden") for n in range(EVERY)]
    one = encoded(tiny_model, tokenizer, Query(PROMPT, options=tree))
    [part] = one.parts()
    made = one.joined([part.written(generate(part, model))])
    chances = dict(zip(tree, by_hand(one.tokens, tree, tokenizer, model), strict=True))
    assert made.chances == pytest.approx({made.text: chances[made.text]}, abs=1e-4)


@pytest.mark.parametrize(
    ("query", "counts"),
    [
        (Query(PROMPT, options=KINDS, choose="any"), range(1, 6)),
        (Query(PROMPT, options=KINDS, choose=2), [2]),
        (Query(PROMPT, labels=["A", "B", "C"], order=True), [3]),
        (Query(PROMPT, labels=["A", "B", "C"], choose=2, order=True), [2]),
    ],
)
def test_several_texts_are_those_offered_as_many_as_asked_for(
    tiny_model: Path, loaded: tuple[Any, Any], query: Query, counts: Sequence[int]
) -> None:
    tokenizer, model = loaded
    one = encoded(tiny_model, tokenizer, query)
    [part] = one.parts()
    read = one.asked.read(one.joined([part.written(generate(part, model))]))
    offered = query.labels or query.options or []
    found = one.asked.lane.form.official(read.answer)
    assert set(found) <= set(offered)
    assert len(found) in counts
    assert read.form == ("ordering" if query.order else "multi-label")
    assert 0 < (read.confidence or 0) <= 1


def test_letters_are_one_token_each_and_the_answer_a_letter(
    tiny_model: Path, loaded: tuple[Any, Any]
) -> None:
    query = Query(PROMPT, options=["a shoe", "a lamp"], labels=["A", "B"])
    one = encoded(tiny_model, loaded[0], query)
    assert one.asked.lane.form.name == "multiple-choice"
    assert one.asked.lane.labels == ("A", "B")
    assert math.isclose(one.longest, 1)


def test_a_text_that_was_not_written_under_a_mask_is_read_by_what_it_names(
    tiny_model: Path, loaded: tuple[Any, Any]
) -> None:
    lane = encoded(tiny_model, loaded[0], Query(PROMPT, options=KINDS)).asked.lane
    assert lane.answer("The answer is: Shirt and tie.") == "shirt and tie"
    assert lane.answer("a shirt or a shoe") == ""
