"""ESCI, Amazon's shopping queries: three tasks on its test split (Reddy et al. 2022, 2206.06588).

    shopping_queries_dataset_examples.parquet   query, query_id, product_id, product_locale,
                                                esci_label, small_version, large_version, split
    shopping_queries_dataset_products.parquet   product_id, product_title, product_locale, …

    ranking         the products of each query, small version: nDCG
    classification  exact, substitute, complement or irrelevant, large version: macro and micro F1
    substitutes     substitute or not, large version: macro and micro F1

The authors ask no language model, so all questions are in our words. Their files for trec_eval give
a complement the gain 0.1 and a substitute 0.01, which the paper gives the other way round; by their
rules that is what is counted. Products that an answer does not name come last, in the file's order.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from ecom.benchmark.base import (
    Benchmark,
    Measure,
    Published,
    Question,
    Read,
    check_gold,
    mean,
    named,
    text_of,
)
from ecom.benchmark.measures import accuracy, f1, labelled
from ecom.corpus.formats.cells import CellError
from ecom.corpus.formats.esci import COLUMNS, LOCALES, PRODUCT_COLUMNS
from ecom.errors import DataError
from ecom.raw import reading
from ecom.rows import Query
from ecom.shopbench import Place, Rejected

LABELS = tuple("ESCI")
WORDS = {"E": "exact", "S": "substitute", "C": "complement", "I": "irrelevant"}
GAINS = {"E": 1.0, "C": 0.1, "S": 0.01, "I": 0.0}  # as the authors' files for trec_eval
_RIGHT_ORDER = "ESCI"  # best first, as the paper has it
SUBSTITUTE = ("yes", "no")
_KINDS = (
    "E: exact: it fulfils the query in all respects\n"
    "S: substitute: it fails in some respect, but works as a substitute\n"
    "C: complement: it does not fulfil the query, but goes with a product that does\n"
    "I: irrelevant: it has little to do with the query"
)
_RANK = "Rank all products by how well they fit the query, the best first."
_LETTER = "Answer with the letter of the right option."
_Row = tuple[Place, dict[str, Any]]


def read(path: Path) -> Read:
    """Yield the questions of the test split; those of ranking follow the others."""
    found = named(path, wanted="the folder shopping_queries_dataset")
    examples = next((f for n, f in found.items() if "examples" in PurePosixPath(n).name), None)
    products = next((f for n, f in found.items() if "products" in PurePosixPath(n).name), None)
    if examples is None or products is None:
        raise DataError(
            f"{path}: no file with examples or none with products in its name; give the folder "
            "shopping_queries_dataset"
        )
    name = next(n for n, f in found.items() if f == examples)
    rows = list(_tests(name, examples))
    wanted = {_product(row) for _, row in rows if isinstance(row, dict)}
    titles = _titles(products, wanted)
    queries: dict[tuple[str, str], list[_Row]] = {}
    for place, row in rows:
        if isinstance(row, Rejected):
            yield place, row
            continue
        if _product(row) not in titles:
            yield (
                place,
                Rejected(place.line, "product_id has no title among the products", str(row)),
            )
            continue
        if _is_in(row, "small_version"):
            key = (str(row["product_locale"]), str(row["query_id"]))
            queries.setdefault(key, []).append((place, row))
        if _is_in(row, "large_version"):
            yield place, _classified(place, row, titles)
            yield place, _substitute(place, row, titles)
    for of_query in queries.values():
        yield of_query[0][0], _ranked(of_query, titles)


def _tests(name: str, file: str) -> Iterator[tuple[Place, dict[str, Any] | Rejected]]:
    """Yield the rows of the test split, or why one cannot be used."""
    for place, row in reading.read_file(file, name):
        if isinstance(row, Rejected):
            yield place, row
        elif row.get("split") == "test":
            fault = _fault(row)
            yield place, Rejected(place.line, fault, str(row)[:200]) if fault else row


def _fault(row: Mapping[str, Any]) -> str | None:
    if lacking := [name for name in COLUMNS if row.get(name) in (None, "")]:
        return f"{', '.join(lacking)} is empty; it must have a value"
    if row["esci_label"] not in LABELS:
        return f"esci_label is {row['esci_label']!r:.20}; it must be E, S, C or I"
    if row["product_locale"] not in LOCALES:
        return f"product_locale is {row['product_locale']!r:.20}; it must be us, es or jp"
    try:
        text_of(row, "query")
    except CellError as fault:
        return str(fault)
    return None


def _is_in(row: Mapping[str, Any], version: str) -> bool:
    """Say whether a row is in a version; a file without that column is all of it."""
    return str(row.get(version, 1)) in ("1", "1.0", "True", "true")


def _product(row: Mapping[str, Any]) -> tuple[str, str]:
    return str(row["product_locale"]), str(row["product_id"])


def _titles(file: str, wanted: set[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """Return the titles of the products that are asked about."""
    found = {}
    for _, row in reading.read_file(file, ""):
        if isinstance(row, Rejected) or not all(row.get(name) for name in PRODUCT_COLUMNS):
            continue
        if (key := _product(row)) in wanted:
            found[key] = " ".join(str(row["product_title"]).split())
    return found


def _classified(place: Place, row: Mapping[str, Any], titles: Mapping[Any, str]) -> Question:
    prompt = (
        f"How well does the product fit the query?\nQuery: {row['query']}\n"
        f"Product: {titles[_product(row)]}\n{_KINDS}\n{_LETTER}"
    )
    gold = str(row["esci_label"])
    task = f"classification, {row['product_locale']}"
    ours = Query(prompt, True, task=task, labels=LABELS)
    return Question(
        place, task, "classification", None, gold, "class", ours, "classification", gold, "macro f1"
    )


def _substitute(place: Place, row: Mapping[str, Any], titles: Mapping[Any, str]) -> Question:
    prompt = (
        "Is the product a substitute: does it fail the query in some respect, but work as a "
        f"substitute?\nQuery: {row['query']}\nProduct: {titles[_product(row)]}\n"
        "Answer with yes or no."
    )
    gold = "yes" if row["esci_label"] == "S" else "no"
    task = f"substitutes, {row['product_locale']}"
    ours = Query(prompt, False, task=task, labels=SUBSTITUTE)
    here = Place(place.line, f"{place.file}#substitutes", place.in_table)
    return Question(
        here,
        task,
        "substitutes",
        None,
        gold,
        "substitute",
        ours,
        "classification",
        gold,
        "macro f1",
    )


def _ranked(rows: Sequence[_Row], titles: Mapping[Any, str]) -> Question:
    place, first = rows[0]
    numbers = [str(number) for number in range(1, len(rows) + 1)]
    lines = [f"{n}. {titles[_product(row)]}" for n, (_, row) in zip(numbers, rows, strict=True)]
    prompt = "\n".join([_RANK, f"Query: {first['query']}", *lines])
    labels = [str(row["esci_label"]) for _, row in rows]
    of_best = min(labels, key=_RIGHT_ORDER.index)
    best = [n for n, label in zip(numbers, labels, strict=True) if label == of_best]
    task = f"ranking, {first['product_locale']}"
    several = len(rows) > 1
    check_gold("ordering", "map", best)
    ours = Query(
        f"{prompt}\nAnswer with the numbers of all products, separated by commas.",
        False,
        task=task,
        labels=tuple(numbers) if several else None,
        order=True if several else None,
    )
    here = Place(place.line, f"{place.file}#ranking", place.in_table)
    return Question(here, task, "ranking", None, labels, "ranking", ours, "ordering", best, "map")


def order_gain(text: str, gold: Sequence[str]) -> float:
    """Return nDCG by trec_eval: gains as they are, discount log2(rank + 1), over the best order.

    A query without any gain has 0.
    """
    named_ = [int(part) for part in text.split(",") if part.strip().isdecimal()]
    inside = [n for n in dict.fromkeys(named_) if 1 <= n <= len(gold)]
    order = [*inside, *(n for n in range(1, len(gold) + 1) if n not in inside)]
    best = _gain(sorted((GAINS[label] for label in gold), reverse=True))
    return _gain([GAINS[gold[n - 1]] for n in order]) / best if best else 0.0


def _gain(gains: Sequence[float]) -> float:
    return float(sum(gain / np.log2(at + 2) for at, gain in enumerate(gains)))


def letter(text: str) -> str:
    """Return the label that the answer begins with; any other text is a wrong answer."""
    return text.strip()[:1].upper()


def yes_or_no(text: str) -> str:
    """Return the answer in lower case; any other than yes and no is a wrong one."""
    return text.strip().lower()


_SOURCE = "https://github.com/amazon-science/esci-data (README, baselines)"

BENCHMARK = Benchmark(
    name="esci",
    about="queries and products in three languages: ranking, four classes, substitutes",
    where="https://github.com/amazon-science/esci-data (shopping_queries_dataset/)",
    licence="Apache-2.0",
    questions="14,496 rankings, 638,016 pairs: use --per-task",
    scored_by="nDCG; macro and micro F1",
    read=read,
    measures={
        "ranking": Measure("nDCG", "trec_eval's nDCG with the authors' gains.", mean(order_gain)),
        "class": Measure(
            "macro F1",
            "Mean of F1 over the four labels.",
            labelled(LABELS, letter),
            f1,
            {"micro F1": accuracy},
        ),
        "substitute": Measure(
            "macro F1",
            "Mean of F1 over yes and no.",
            labelled(SUBSTITUTE, yes_or_no),
            f1,
            {"micro F1": accuracy},
        ),
    },
    published=(
        Published(
            "their baselines",
            _SOURCE,
            {"ranking": 0.83, "classification": 0.23, "substitutes": 0.44},
        ),
    ),
    notes=(
        "The authors ask no language model: the questions are in our words, their rules are "
        "applied to the labels and orders in the answers.",
        "The authors' gains are 0.1 for a complement and 0.01 for a substitute (ranking/"
        "prepare_trec_eval_files.py). By our rules only a query's best label counts: mean "
        "average precision of its products.",
    ),
    asks_models=False,
    pooled=True,
)
