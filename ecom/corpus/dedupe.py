"""Finds rows that repeat an earlier one, exactly or nearly.

    rows ──► prompt_key, exact_key (64 bits each) ──► exact_duplicates, conflicts
    rows ──► near_group ──► signature (128 × 32 bits) ──► near_duplicates

Keys and signatures are made row by row, in any number of workers; the searches use all of them at
once, in the order of the sources, as arrays: 1,000,000 signatures are 512 MB.

Near-duplicates are rows whose sets of word 3-grams have at least the given Jaccard similarity, as
MinHash estimates it (Broder 1997): the share of 128 random orders of all 3-grams in which two sets
have the same first one. The estimate's standard deviation is sqrt(J (1 - J) / 128): 0.027 at 0.9.
Pairs to compare come from banding (Leskovec, Rajaraman and Ullman, Mining of Massive Datasets,
chapter 3.4): two rows are compared where they agree in all places of one of several bands.

Two questions of one template about one title ("… of type 'brand'?", "… of type 'colour'?") share
most words. So where only one answer is right, rows with other answers are in another group, and
rows of different groups are never near-duplicates.
"""

import re
import zlib
from functools import cache
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from ecom.forms import FORMS, FormName
from ecom.rows import Example

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

PERMUTATIONS = 128
# A missed pair is worse than an unnecessary comparison, which takes some microseconds.
_WEIGHTS = (0.05, 0.95)  # of false positives and false negatives, in the choice of bands
# A word is letters and digits, or a single character of Chinese or Japanese.
_WORD = re.compile("[\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]|[^\\W_\u3041-\u9fff]+")
_ODD = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9)
_BLOCK = 4096  # rows at a time, to stay in the processor's cache


def prompt_key(example: Example) -> int:
    """Return a 64-bit hash of the question and its form, without case and white space."""
    return _key(example.form, example.text())


def exact_key(example: Example) -> int:
    """Return a 64-bit hash of question, form and answer, without case and white space."""
    return _key(example.form, example.text(), example.output)


def one_answer(form: FormName, paradigm: str) -> bool:
    """Whether a prompt has only one right answer: not if the answer is free text."""
    return not FORMS[form].is_text or paradigm == "CLS"


def exact_duplicates(exact_keys: "NDArray[np.uint64]") -> "NDArray[np.bool_]":
    """Return which rows have the question and answer of an earlier row, (rows,)."""
    import numpy as np

    gone: NDArray[np.bool_] = _first(exact_keys) < np.arange(len(exact_keys))
    return gone


def conflicts(
    prompt_keys: "NDArray[np.uint64]",
    exact_keys: "NDArray[np.uint64]",
    one_answer: "NDArray[np.bool_]",
) -> "NDArray[np.bool_]":
    """Return which rows answer differently from the first row with the same question, (rows,).

    Only among rows with one right answer: two reasons for a purchase may both be good.
    """
    gone: NDArray[np.bool_] = one_answer & (exact_keys[_first(prompt_keys)] != exact_keys)
    return gone


def near_group(example: Example) -> str:
    """Return what near-duplicates must share: the form, and the answer if only one is right."""
    one = one_answer(example.form, example.paradigm)
    return f"{example.form} {' '.join(example.output.casefold().split()) if one else ''}"


def signature(text: str, group: str = "") -> "NDArray[np.uint32]":
    """Return the MinHash of the text's word 3-grams, (128,). Fewer words count as one 3-gram.

    Case and punctuation do not count. Texts of different groups have no 3-gram in common.
    """
    import numpy as np

    words = [zlib.crc32(word.encode()) for word in _WORD.findall(text.casefold())]
    words += [0] * (3 - len(words))
    w = np.array(words, dtype=np.uint64)
    # An order-dependent hash of four 32-bit hashes, mixed down to the 32 bits that MinHash needs.
    grams = (w[:-2] * np.uint64(_ODD[0]) + w[1:-1]) * np.uint64(_ODD[1]) + w[2:]
    grams ^= grams >> np.uint64(31)
    grams = (grams + np.uint64(zlib.crc32(group.encode()))) * np.uint64(_ODD[2])
    sketch = _sketch()
    sketch.clear()
    sketch.update_batch((grams >> np.uint64(32)).tolist())
    hashes: NDArray[np.uint32] = sketch.hashvalues
    return hashes


def near_duplicates(signatures: "NDArray[np.uint32]", threshold: float) -> "NDArray[np.bool_]":
    """Return which rows are near-duplicates of an earlier row that is none itself, (rows,).

    `signatures` is (rows, 128), perhaps a memory map. Rows are compared in order, each with those
    kept so far, so of a chain a ~ b ~ c, where a and c are not similar, c is kept.
    """
    import numpy as np

    everything = np.arange(len(signatures))
    dropped = np.ones(len(signatures), dtype=bool)
    first = np.unique(_first(_digests(signatures, everything)))  # later equal ones are dropped
    dropped[first] = False
    least = int(np.ceil(threshold * PERMUTATIONS - 1e-9))
    if least == PERMUTATIONS:
        return dropped
    bucket, start = _buckets(signatures, first, threshold)
    kept_in = np.zeros(len(start), dtype=np.int32)  # by bucket: number of rows kept so far
    slots = np.empty(int(start[-1]), dtype=np.int32)  # by bucket, from start: the rows kept
    for index in np.flatnonzero((bucket >= 0).any(axis=1)).tolist():
        mine = bucket[index][bucket[index] >= 0].tolist()
        row = int(first[index])
        others = [slots[start[b] : start[b] + kept_in[b]] for b in mine if kept_in[b]]
        if others and _is_near(signatures, row, np.concatenate(others), least):
            dropped[row] = True
            continue
        for b in mine:
            slots[start[b] + kept_in[b]] = row
            kept_in[b] += 1
    return dropped


def bands(threshold: float) -> tuple[int, int]:
    """Return the best (bands, places in each) for a threshold, by datasketch's integrals.

    >>> bands(0.9)
    (9, 14)
    """
    from datasketch import MinHashLSH

    threshold = min(threshold, 0.96)  # above, datasketch would choose one band, which it refuses
    index = MinHashLSH(threshold=threshold, num_perm=PERMUTATIONS, weights=_WEIGHTS)
    return index.b, index.r


def _is_near(signatures: Any, row: int, others: Any, least: int) -> bool:
    """Whether one of the other rows has at least `least` places in common with the row."""
    mine = signatures[row]
    for begin in range(0, len(others), _BLOCK):
        theirs = signatures[others[begin : begin + _BLOCK]]
        if ((theirs == mine).sum(axis=1) >= least).any():
            return True
    return False


def _buckets(signatures: Any, rows: Any, threshold: float) -> tuple[Any, Any]:
    """Return the rows' buckets in every band, (rows, bands), and where buckets start in the slots.

    Rows that agree in a band are in the same bucket; -1 where a row is alone.
    """
    import numpy as np

    count, rows_each = bands(threshold)
    bucket = np.full((len(rows), count), -1, dtype=np.int32)
    sizes = [np.zeros(1, dtype=np.int64)]
    made = 0
    for band in range(count):
        digests = _digests(signatures[:, band * rows_each : (band + 1) * rows_each], rows)
        _, group, members = np.unique(digests, return_inverse=True, return_counts=True)
        shared = members > 1
        bucket[:, band] = np.where(shared, np.cumsum(shared) - 1 + made, -1)[group]
        made += int(shared.sum())
        sizes.append(members[shared])
    return bucket, np.cumsum(np.concatenate(sizes))


def _digests(columns: Any, rows: Any) -> Any:
    """Return a 64-bit hash of each row of 32-bit numbers, by add, multiply and shift."""
    import numpy as np

    digests = np.zeros(len(rows), dtype=np.uint64)
    for begin in range(0, len(rows), _BLOCK):
        part = digests[begin : begin + _BLOCK]
        for column in columns[rows[begin : begin + _BLOCK]].T:
            part += column
            part *= np.uint64(_ODD[0])
            part ^= part >> np.uint64(29)
    return digests


def _first(keys: Any) -> Any:
    """Return for each row the first row with the same key."""
    import numpy as np

    _, first, group = np.unique(keys, return_index=True, return_inverse=True)
    return first[group]


def _key(*parts: str) -> int:
    folded = "\0".join(" ".join(part.casefold().split()) for part in parts)
    return int.from_bytes(
        blake2b(folded.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big"
    )


@cache
def _sketch() -> Any:
    """Return a MinHash of 3-grams given as 32-bit hashes; it is cleared for every row."""
    from datasketch import MinHash

    return MinHash(num_perm=PERMUTATIONS, hashfunc=int, scheme="affine32")
