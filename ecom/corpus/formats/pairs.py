"""Pairs of texts with a label or a score.

    first, second, label     "match"; entailment, neutral, contradiction; 0 or 1
    first, second, score     a number on the scale of the file: from 0 (or a lower minimum) to the
                             highest score

A label shows whether the texts of a pair belong together if it is a usual word for that: "match",
"duplicate", "relevant", "entailment" and others, or their opposites; 0 and 1 only if there is no
third label. A score shows it in the upper and the lower fifth of its scale. From all other pairs no
further rows are derived.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any

from ecom.corpus.formats.base import Format, Row
from ecom.corpus.formats.cells import CellError, lang, needed, number, value
from ecom.corpus.formats.labelled import Named, all_rows, id_of, known, once, own
from ecom.corpus.formats.tables import each
from ecom.corpus.records import Related
from ecom.corpus.source import RawSource, name_of
from ecom.raw import files
from ecom.shopbench import Rejected

COLUMNS = (("first", "second", "label"), ("first", "second", "score"))
MATCH = {
    "1",
    "true",
    "yes",
    "match",
    "matched",
    "same",
    "similar",
    "paraphrase",
    "duplicate",
    "equivalent",
    "relevant",
    "entailment",
    "entails",
    "positive",
    "匹配",
    "相似",
    "相同",
    "相关",
    "蕴含",
    "是",
}
NO_MATCH = {
    "0",
    "false",
    "no",
    "not match",
    "no match",
    "mismatch",
    "unmatched",
    "different",
    "dissimilar",
    "not similar",
    "not duplicate",
    "irrelevant",
    "not relevant",
    "not_entailment",
    "neutral",
    "contradiction",
    "negative",
    "不匹配",
    "不相似",
    "不同",
    "不相关",
    "中立",
    "矛盾",
    "否",
}


def read(rows: Iterable[Row], source: RawSource, file: str) -> Iterator[Related | Rejected]:
    """Yield the pairs of one span."""
    named, name = Named(source, COLUMNS), name_of(source, file)
    checked = named.checked(rows, file)
    labels = known(source, file, files.rows, lambda row: _labels(row, named))
    scale = once(source, file, "scale", lambda: _scale(source, file, named))

    def related(line: int, row: Mapping[str, Any]) -> Related:
        first, second = needed(row, named["first"]), needed(row, named["second"])
        is_label = named.shape(row)[2] == "label"
        label = named.label(value(row, named["label"]), named["label"]) if is_label else ""
        score = None if is_label else _score(row, named["score"])
        return Related(
            id=id_of(row, named, file, line, first, second),
            source=name,
            lang=source.lang or lang(row, named["lang"]),
            first=first,
            second=second,
            relation=label,
            relations=labels if is_label else (),
            topic=source.task or named["label"],
            score=score,
            scale=scale,
            match=_by_label(label, labels) if score is None else _by_score(score, scale),
            own=own("own:text_relation" if is_label else "own:text_similarity", source, file, line),
        )

    yield from each(checked, related)


def _labels(row: Mapping[str, Any], named: Named) -> Iterator[str]:
    if named.shape(row)[2] == "label":
        yield from filter(None, [named.label(value(row, named["label"]), named["label"])])


def _scale(source: RawSource, file: str, named: Named) -> tuple[float, float]:
    """Return the lowest and the highest score of a file, the range extended to 0."""
    low = high = 0.0
    for row in all_rows(source, file, files.rows):
        with suppress(CellError):  # the reader rejects the row
            if named.shape(row)[2] == "score":
                score = _score(row, named["score"])
                low, high = min(low, score), max(high, score)
    return low, high


def _score(row: Mapping[str, Any], column: str) -> float:
    score = number(value(row, column))
    if score is None or not abs(score) <= 1e6:
        raise CellError(f"{column} must be a number: {value(row, column)!r:.30}")
    return score


def _by_label(label: str, labels: tuple[str, ...]) -> bool | None:
    said = label.casefold()
    if said in ("0", "1") and not {*labels} <= {"0", "1"}:  # of three classes 1 may mean anything
        return None
    return True if said in MATCH else False if said in NO_MATCH else None


def _by_score(score: float, scale: tuple[float, float]) -> bool | None:
    low, high = scale
    share = (score - low) / (high - low) if high > low else 0.5
    return True if share >= 0.8 else False if share <= 0.2 else None


FORMAT = Format(
    name="pairs",
    about="labelled pairs of texts: first, second and label, or first, second and score",
    read=read,
    columns=COLUMNS,
    also=("id", "lang"),
    labelled=True,
    has_labels=True,
)
