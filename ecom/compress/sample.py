"""Rows of the corpus, drawn evenly over answer forms and skills: for calibration and parity."""

import random
from collections import defaultdict
from collections.abc import Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Literal, NamedTuple

from ecom.errors import DataError


class Row(NamedTuple):
    """Token ids of one row, and its answer form."""

    prompt: list[int]
    response: list[int]
    form: str


def draw(corpus: Path, split: Literal["train", "validation"], rows: int, seed: int) -> list[Row]:
    """Return up to `rows` rows of one split, the same for the same seed.

    Forms take turns, within a form its skills, within a skill its rows in random order, until all
    are used up or enough are drawn. Raises DataError where the split has no rows.
    """
    import pyarrow.dataset as ds

    files = sorted((corpus / split).glob("*.parquet"))
    if not files:
        raise DataError(
            f"{corpus / split}: no *.parquet in it; run the corpus stage, "
            "with corpus.validation_fraction above 0"
        )
    table = ds.dataset([str(f) for f in files], format="parquet")
    lacking = {"form", "skill", "prompt_ids", "response_ids"} - set(table.schema.names)
    if lacking:
        raise DataError(
            f"{files[0]}: has no column {', '.join(sorted(lacking))}; run the corpus stage again"
        )
    kinds = table.to_table(columns=["form", "skill"]).to_pylist()
    if not kinds:
        raise DataError(
            f"{corpus / split}: it has no rows; give the corpus more rows, or raise "
            "corpus.validation_fraction"
        )
    order = random.Random(seed).sample(range(len(kinds)), len(kinds))
    forms = [
        _turns(_grouped(indices, [kinds[index]["skill"] or "" for index in indices]))
        for indices in _grouped(order, [kinds[index]["form"] for index in order])
    ]
    picked = _turns(forms)[:rows]
    drawn = table.take(picked, columns=["prompt_ids", "response_ids", "form"]).to_pylist()
    return [Row(row["prompt_ids"], row["response_ids"], row["form"]) for row in drawn]


def _grouped(indices: Sequence[int], kinds: Sequence[str]) -> list[list[int]]:
    """Return the indices of each kind, in their order; kinds in alphabetical order."""
    groups: defaultdict[str, list[int]] = defaultdict(list)
    for index, kind in zip(indices, kinds, strict=True):
        groups[kind].append(index)
    return [group for _, group in sorted(groups.items())]


def _turns(groups: Sequence[Sequence[int]]) -> list[int]:
    """Return the members of the groups, one of each in turn."""
    filled = zip_longest(*groups)
    return [index for turn in filled for index in turn if index is not None]
