"""Every scorer of the authors equals a second, independent statement of it, on messy answers."""

import json
import re
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecom.benchmark import BENCHMARKS
from tests.benchmark import restated
from tests.benchmark.restated import CrashError, average

EXACT = 1e-9
NUMBER = st.integers(-12, 12).map(str)
PIECE = st.one_of(
    NUMBER,
    st.sampled_from([" 3", "1_0", "２", "٣", "3.", "+2", "", " ", "\n", "1\n2", "Answer: 2"]),
    st.sampled_from(["2. boot", "A", "b", "B.", ".C", ". A", "Error", "yes", " No ", "YES."]),
    st.sampled_from(["E", "T", "U", "Z: foo", "[]", "{}"]),
    st.text(max_size=6),
)
MESS = st.lists(PIECE, max_size=7).flatmap(
    lambda pieces: st.sampled_from([",", ", ", "\n", " ", ""]).map(lambda by: by.join(pieces))
)
FEW = settings(max_examples=60)


def ours(benchmark: str, measure: str, said: Sequence[str], golds: Sequence[Any]) -> float:
    found = BENCHMARKS[benchmark].measures[measure]
    sums = found.add(list(said), list(golds), {}).sum(axis=0)
    return float(found.value(sums))


def also(benchmark: str, measure: str, said: Sequence[str], golds: Sequence[Any]) -> dict[str, Any]:
    found = BENCHMARKS[benchmark].measures[measure]
    sums = found.add(list(said), list(golds), {}).sum(axis=0)
    return {name: float(figure(sums)) for name, figure in found.also.items()}


def rows(gold: st.SearchStrategy[Any]) -> st.SearchStrategy[list[tuple[str, Any]]]:
    return st.lists(st.tuples(MESS, gold), min_size=1, max_size=8)


ITEMS = st.lists(st.integers(1, 15), min_size=1, max_size=3, unique=True)
RELEVANCES = st.lists(st.sampled_from([0, 0.01, 0.1, 1]), min_size=2, max_size=5)
ENTITIES = st.lists(st.sampled_from(["A", "b", "yes", "2. Boot", " x"]), max_size=3)
MMLU: list[tuple[str, st.SearchStrategy[Any], Callable[[str, Any], float]]] = [
    ("accuracy", st.integers(0, 5), restated.mmlu_skill_accuracy),
    ("accuracy, by task", st.integers(0, 5), restated.mmlu_task_accuracy),
    ("hit rate@3", ITEMS, partial(restated.mmlu_hits, by_task=False)),
    ("hit rate@3, by task", ITEMS, partial(restated.mmlu_hits, by_task=True)),
    ("ndcg", RELEVANCES, partial(restated.mmlu_ndcg, by_task=False)),
    ("ndcg, by task", RELEVANCES, partial(restated.mmlu_ndcg, by_task=True)),
    ("rougel", st.sampled_from(["a red boot", "2", "boots"]), restated.mmlu_rougel),
    ("bleu", st.sampled_from(["a red boot for the rain", "no"]), restated.mmlu_bleu),
]


@pytest.mark.parametrize(("measure", "gold", "theirs"), MMLU, ids=[one[0] for one in MMLU])
def test_shopping_mmlu(
    measure: str, gold: st.SearchStrategy[Any], theirs: Callable[[str, Any], float]
) -> None:
    @FEW
    @given(rows(gold))
    def check(pairs: list[tuple[str, Any]]) -> None:
        expected = average([float(theirs(said, right)) for said, right in pairs])
        assert ours("shopping-mmlu", measure, *zip(*pairs, strict=True)) == pytest.approx(
            expected, abs=EXACT
        )

    check()


@FEW
@given(rows(ENTITIES))
def test_shopping_mmlu_entities(pairs: list[tuple[str, Any]]) -> None:
    for measure in ("micro f1", "micro f1, by task"):
        found = ours("shopping-mmlu", measure, *zip(*pairs, strict=True))
        assert found == pytest.approx(restated.mmlu_ner(pairs), abs=EXACT)


@pytest.mark.parametrize("model", ["original-model", "fine-tuned-model"])
def test_shopping_mmlu_on_what_a_real_model_wrote(ecom_data: Path, model: str) -> None:
    def pairs(task: str) -> list[tuple[str, str]]:
        file = ecom_data / "raw_outputs" / f"{task}.{model}.jsonl"
        read = map(json.loads, file.read_text(encoding="utf-8").splitlines())
        return [(row["predict"], row["label"].strip()) for row in read]

    lists = [
        (said, [int(n) for n in gold.split(",")])
        for said, gold in pairs("retrieval")
        if re.fullmatch(r"[\d, ]+", gold)
    ]
    assert len(lists) > 20
    said, golds = zip(*lists, strict=True)
    for suffix, by_task in (("", False), (", by task", True)):
        expected = average([restated.mmlu_hits(s, g, by_task) for s, g in lists])
        found = ours("shopping-mmlu", f"hit rate@3{suffix}", said, golds)
        assert found == pytest.approx(expected, abs=EXACT)
    named = [
        (said, [one.strip() for one in gold.split(",")])
        for said, gold in pairs("named_entity_recognition")
    ]
    found = ours("shopping-mmlu", "micro f1", *zip(*named, strict=True))
    assert found == pytest.approx(restated.mmlu_ner(named), abs=EXACT)
    assert (found > 0.1) == (model == "fine-tuned-model"), found


LABEL = st.fixed_dictionaries(
    {
        "attribute": st.sampled_from(["Color", "Size"]),
        "value": st.sampled_from(["red", "dark red", "None", "10"]),
        "source": st.sampled_from(["title", "product title"]),
    }
)
WRITTEN: st.SearchStrategy[Any] = st.one_of(
    LABEL,
    st.dictionaries(
        st.sampled_from(["attribute", "value", "source", "x"]),
        st.sampled_from(["Color", "red", "title", None, 10, ["red"]]),
        max_size=4,
    ),
    st.sampled_from(["attribute value source", 3, None, []]),
)
VALUES = st.one_of(st.lists(WRITTEN, max_size=4).map(json.dumps), LABEL.map(json.dumps), MESS)


@FEW
@given(
    st.lists(st.tuples(VALUES, st.lists(LABEL, min_size=1, max_size=3)), min_size=1, max_size=6),
    st.booleans(),
)
def test_ecinstruct_values(pairs: list[tuple[str, Any]], ood: bool) -> None:
    said, golds = map(list, zip(*pairs, strict=True))
    measure = "values, loosely" if ood else "values"
    expected = restated.ec_values(said, golds, ood)
    assert ours("ecinstruct", measure, said, golds) == pytest.approx(expected, abs=EXACT)


def or_zero(theirs: Callable[[], dict[str, float]], names: Sequence[str]) -> dict[str, float]:
    """Return their figures; 0 where no answer can be read and their program ends."""
    try:
        return theirs()
    except CrashError:
        return dict.fromkeys(names, 0.0)


@FEW
@given(rows(st.sampled_from(["yes", "no"])))
def test_ecinstruct_yes_or_no(pairs: list[tuple[str, Any]]) -> None:
    said, golds = map(list, zip(*pairs, strict=True))
    found = {"F1": ours("ecinstruct", "yes or no", said, golds)}
    found |= also("ecinstruct", "yes or no", said, golds)
    expected = or_zero(lambda: restated.ec_yes_no(said, golds), list(found))
    assert found == pytest.approx(expected, abs=EXACT)


@FEW
@given(rows(st.sampled_from("ABCDE")))
def test_ecinstruct_choices(pairs: list[tuple[str, Any]]) -> None:
    said, golds = map(list, zip(*pairs, strict=True))
    found = {"F1": ours("ecinstruct", "choice", said, golds)}
    found |= also("ecinstruct", "choice", said, golds)
    expected = or_zero(lambda: restated.ec_choice(said, golds), list(found))
    assert found == pytest.approx(expected, abs=EXACT)


@FEW
@given(rows(st.sampled_from("ABT")))
def test_ecinstruct_recommendation(pairs: list[tuple[str, Any]]) -> None:
    said, golds = map(list, zip(*pairs, strict=True))
    expected = or_zero(lambda: {"": restated.ec_recall_1(said, golds)}, [""])
    assert ours("ecinstruct", "recall@1", said, golds) == pytest.approx(expected[""], abs=EXACT)


@FEW
@given(rows(st.lists(st.sampled_from("ESCI"), min_size=2, max_size=5)))
def test_ecinstruct_ranking(pairs: list[tuple[str, Any]]) -> None:
    gain = {"E": 1.0, "S": 0.1, "C": 0.01, "I": 0.0}
    said, labels = map(list, zip(*pairs, strict=True))
    golds = [
        {letter: gain[one] for letter, one in zip("ABCDE", row, strict=False)} for row in labels
    ]
    found = ours("ecinstruct", "ndcg", said, golds)
    assert found == pytest.approx(restated.ec_ndcg(said, labels), abs=EXACT)


@FEW
@given(rows(st.sampled_from("ABCDE")))
def test_intention_qa(pairs: list[tuple[str, Any]]) -> None:
    said, golds = map(list, zip(*pairs, strict=True))
    found = ours("intention-qa", "accuracy", said, golds)
    assert found == pytest.approx(restated.intention(said, golds), abs=EXACT)


CHINESE = st.lists(
    st.sampled_from([*"红色的裙子。！？?”’…. \n", "......", "……", "红色 裙子", "相同", "不相同"]),
    max_size=12,
).map("".join)


@FEW
@given(st.lists(st.tuples(CHINESE, CHINESE.filter(str.strip)), min_size=1, max_size=5))
def test_ecom_eval_texts(pairs: list[tuple[str, str]]) -> None:
    said, golds = map(list, zip(*pairs, strict=True))
    found = ours("ecom-eval", "rouge-1", said, golds)
    expected = average([restated.rouge_chinese(s, g) for s, g in pairs])
    assert found == pytest.approx(expected, abs=EXACT)
    found = ours("ecom-eval", "part", said, golds)
    assert found == pytest.approx(restated.contained(said, golds), abs=EXACT)


@FEW
@given(rows(st.lists(st.sampled_from(["A", "b", "2", "yes"]), min_size=1, max_size=3)))
def test_ecom_eval_entities(pairs: list[tuple[str, Any]]) -> None:
    said, golds = map(list, zip(*pairs, strict=True))
    found = ours("ecom-eval", "parts", said, golds)
    assert found == pytest.approx(restated.entities_contained(said, golds), abs=EXACT)


@FEW
@given(
    st.lists(
        st.lists(st.sampled_from("ESCI"), min_size=1, max_size=8).flatmap(
            lambda labels: st.tuples(st.just(labels), st.permutations(range(len(labels))))
        ),
        min_size=1,
        max_size=5,
    )
)
def test_esci_ranking(queries: list[tuple[list[str], list[int]]]) -> None:
    said = [",".join(str(item + 1) for item in order) for _, order in queries]
    found = ours("esci", "ranking", said, [labels for labels, _ in queries])
    judged = [{f"p{n}": label for n, label in enumerate(labels)} for labels, _ in queries]
    orders = [[f"p{item}" for item in order] for _, order in queries]
    assert found == pytest.approx(restated.esci_ndcg(orders, judged), abs=EXACT)


TITLES = st.lists(
    st.sampled_from(["red", "boot,", "2-pack", "&amp;", "3.5", "赤い", "靴", "-", "\n", "(new)"]),
    min_size=1,
    max_size=9,
).map(" ".join)


@FEW
@given(st.lists(st.tuples(TITLES, TITLES.map(str.strip).filter(bool)), min_size=1, max_size=5))
def test_amazon_m2(pairs: list[tuple[str, str]]) -> None:
    said, golds = map(list, zip(*pairs, strict=True))
    found = ours("amazon-m2", "bleu", said, golds)
    assert found == pytest.approx(restated.m2_bleu(said, golds), abs=EXACT)
    assert ours("amazon-m2", "bleu", golds, golds) == pytest.approx(
        restated.m2_bleu(golds, golds), abs=EXACT
    )


@FEW
@given(rows(st.sampled_from("ESCI")))
def test_esci_classes(pairs: list[tuple[str, Any]]) -> None:
    said, golds = map(list, zip(*pairs, strict=True))
    chosen = [text.strip()[:1].upper() for text in said]
    labels = list("ESCI")
    found = [ours("esci", "class", said, golds), also("esci", "class", said, golds)["micro F1"]]
    expected = [restated.esci_f1(chosen, golds, labels, kind) for kind in ("macro", "micro")]
    assert np.allclose(found, expected, rtol=0, atol=EXACT)
