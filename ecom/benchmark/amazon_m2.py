"""Amazon-M2: the title of the next product, KDD Cup 2023's task 3 (Jin et al. 2023, 2307.09688).

    products_train.csv or products.parquet               id, locale, title, …
    test/phrase1_sessions_test.parquet                   prev_items, locale
    test_labels/phrase1_DONT_SHARE_gt_products.parquet   title of the next product, in that order

Sessions and titles of phase 1 (and 2) belong together by the beginning of their names, or by their
folder. The authors train a summarizer on the viewed titles and ask no language model, so the
questions are in our words.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import zip_longest
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from ecom.benchmark.base import (
    Benchmark,
    Measure,
    Question,
    Read,
    Scores,
    Sums,
    check_gold,
    each,
    named,
    text_of,
)
from ecom.corpus.formats.amazon_m2 import LOCALES, SESSION_COLUMNS
from ecom.corpus.formats.cells import CellError, ids
from ecom.errors import DataError
from ecom.raw import reading
from ecom.rows import Query
from ecom.shopbench import Place, Rejected

SHOWN = 20  # of the viewed products, the last ones
ORDERS = 4  # of BLEU's word sequences
_SESSIONS, _TITLES = "sessions_test", "gt_products"
_Row = tuple[Place, dict[str, Any] | Rejected]


def read(path: Path) -> Read:
    """Yield a question for every session whose next title is known."""
    found = named(path, wanted="a folder with the products, the sessions and the right titles")
    pairs = _pairs(found)
    tables = [f for n, f in found.items() if "products" in n and _TITLES not in n]
    if not pairs or not tables:
        lacks = f"{_SESSIONS} and {_TITLES}" if tables else "products"
        raise DataError(
            f"{path}: no files with {lacks} in their names; put the products, the test sessions of "
            "task 3 and their DONT_SHARE_gt_products into one folder"
        )
    rows = [(s, t) for one in pairs for s, t in _joined(found, *one)]
    titles = _known(tables, {item for session, _ in rows for item in _viewed(session)})
    for session, title in rows:
        place, row = session
        try:
            yield place, _question(place, row, title[1], titles)
        except CellError as fault:
            yield place, Rejected(place.line, str(fault), str(row)[:200])


def _pairs(found: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return the files of sessions, each with that of its titles."""
    sessions = [name for name in found if _SESSIONS in PurePosixPath(name).name]
    titles = [name for name in found if _TITLES in PurePosixPath(name).name]
    return [(one, other) for one in sessions for other in titles if _key(one) == _key(other)]


def _key(name: str) -> str:
    """Return what sessions and their titles have in common: "phrase1_", else the folder."""
    path = PurePosixPath(name)
    start = path.name.partition("DONT_SHARE")[0] if _TITLES in path.name else ""
    start = start or path.name.partition(_SESSIONS)[0]
    return start if start and _TITLES not in start else path.parent.name


def _joined(found: Mapping[str, str], sessions: str, titles: str) -> Iterator[tuple[_Row, _Row]]:
    """Yield each session with its title. Raises DataError where one has none."""
    both = (reading.read_file(found[name], name) for name in (sessions, titles))
    for session, title in zip_longest(*both):
        if session is None or title is None:
            raise DataError(f"{sessions} and {titles} differ in their rows; download both again")
        yield session, title


def _viewed(session: _Row) -> list[tuple[str, str]]:
    """Return the products of a session, each with its locale; [] where they cannot be read."""
    row = session[1]
    if isinstance(row, Rejected):
        return []
    try:
        return [(str(row.get("locale")), item) for item in ids(row, "prev_items")]
    except CellError:
        return []


def _known(tables: Sequence[str], wanted: set[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """Return the titles of the products that were viewed."""
    found = {}
    for table in tables:
        for _, row in reading.read_file(table, ""):
            if isinstance(row, Rejected) or not row.get("title"):
                continue
            key = (str(row.get("locale")), str(row.get("id")))
            if key in wanted:
                found[key] = " ".join(str(row["title"]).split())
    return found


def _question(
    place: Place,
    row: dict[str, Any] | Rejected,
    title: dict[str, Any] | Rejected,
    titles: Mapping[tuple[str, str], str],
) -> Question:
    for one in (row, title):
        if isinstance(one, Rejected):
            raise CellError(one.reason)
    assert isinstance(row, dict)
    assert isinstance(title, dict)
    locale = row.get("locale")
    if locale not in LOCALES:
        raise CellError(f"locale is {locale!r:.20}; it must be one of {', '.join(LOCALES)}")
    viewed = [titles[key] for key in _viewed((place, row)) if key in titles]
    if not viewed:
        raise CellError(f"none of {SESSION_COLUMNS[0]} is among the products")
    gold = text_of(title, "title").strip()
    lines = [f"{number}. {text}" for number, text in enumerate(viewed[-SHOWN:], start=1)]
    prompt = "\n".join(
        [
            "A customer has viewed these products, in this order:",
            *lines,
            "Write the title of the product that the customer views next.",
        ]
    )
    metric = "jp-bleu" if locale == "JP" else "bleu"
    check_gold("generation", metric, gold)
    task = f"title, {locale}"
    return Question(
        place=place,
        task=task,
        skill="next product",
        authors=None,
        gold=gold,
        measure="bleu",
        ours=Query(prompt, False, form="generation", task=task),
        form="generation",
        answer=gold,
        metric=metric,
    )


def word_sequences(text: str, gold: str) -> list[float]:
    """Return what a row adds to BLEU: lengths of both, then matches and sequences of each order."""
    written, right = _words(text.strip()), _words(gold)
    matches, all_ = [], []
    for order in range(1, ORDERS + 1):
        mine, theirs = _grams(written, order), _grams(right, order)
        matches.append(float((mine & theirs).total()))
        all_.append(float(mine.total()))
    return [float(len(written)), float(len(right)), *matches, *all_]


def _grams(words: Sequence[str], order: int) -> Counter[tuple[str, ...]]:
    return Counter(tuple(words[at : at + order]) for at in range(len(words) - order + 1))


def _words(text: str) -> list[str]:
    return str(_tokenizer()(text)).split()


@cache
def _tokenizer() -> Any:
    from sacrebleu.tokenizers.tokenizer_13a import Tokenizer13a

    return Tokenizer13a()  # type: ignore[no-untyped-call]


def corpus_bleu(sums: Sums) -> Scores:
    """Return BLEU of all rows together, without smoothing: 0 where an order has no match."""
    written, right = sums[..., 0], sums[..., 1]
    matches, all_ = sums[..., 2 : 2 + ORDERS], sums[..., 2 + ORDERS :]
    some = np.asarray((matches > 0).all(-1))
    shares = np.where(some[..., None], matches, 1.0) / np.maximum(all_, 1.0)
    short = np.exp(np.minimum(0.0, 1 - right / np.maximum(written, 1.0)))
    found: Scores = np.where(some, np.exp(np.log(shares).mean(-1)) * short, 0.0)
    return found


BENCHMARK = Benchmark(
    name="amazon-m2",
    about="the title of the product that a customer views next, in six locales",
    where="https://github.com/HaitaoMao/Amazon-M2 (task3/), and the products of KDD Cup 2023",
    licence="none given in the repository: you may use it as its authors allow you to",
    questions="112,843: use --per-task",
    scored_by="BLEU of all titles together",
    read=read,
    measures={
        "bleu": Measure(
            "BLEU",
            "`evaluate`'s BLEU: words of mteval-v13a, all titles together, not smoothed.",
            each(word_sequences),
            corpus_bleu,
        )
    },
    notes=("The authors ask no language model: the questions are in our words.",),
    asks_models=False,
    pooled=True,
)
