"""Which of the clean rows are taken: by tasks, then caps, then weights, then a number of rows.

    rows in the order of a seeded draw ──► tasks: rows of the first tasks of a second draw
                                       ──► caps: the first rows of each value
                                       ──► cells: rows with the same weighted values
                                       ──► a sequence of cells with the right shares throughout
                                       ──► its longest prefix that the rows can fill

A row's position in the draw depends only on the seed and its id: not on the order of the rows or
the number of workers. A task's depends on the seed and its name. So raising `tasks`, a cap or
`rows` adds rows and removes none.
"""

import heapq
from collections.abc import Mapping, Sequence
from fractions import Fraction
from hashlib import blake2b
from math import lcm
from typing import TYPE_CHECKING, Any

from ecom.corpus.config import Cap, Mix, Weight
from ecom.errors import InputError

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

_ROUNDS = 2_000  # of raking: tens are enough where no cell must vanish
_EXACT = 1e-9
_VANISHING = 1e-3
_UNITS = 2**40  # that a raked share is rounded to

Cell = tuple[int, ...]  # by weighted column: which of its weights, -1 for the other rows


def choose(
    table: "pa.Table | Mapping[str, Sequence[str | None]]", settings: Mix, seed: int
) -> "NDArray[np.int64]":
    """Return the positions of the rows that are taken, in ascending order.

    `table` has the columns `id` and those that tasks, caps and weights name. A null is not a value:
    it is never capped, and belongs to the other rows of a weight.

    tasks      only rows of the first so many tasks in their draw are kept
    caps       applied in turn: each keeps the first rows of a value in the order of the draw
    weights    rows with the value v_i are the share s_i of all rows taken, other rows 1 - sum(s_i).
               Of n_i rows with v_i, s_i N are taken, with
                   N = min over i, and the other rows, of n_i / s_i
               With weights on several columns, the cells' shares p_c have the wanted sums and are
               otherwise as close as possible to the rows at hand (raking, Deming and Stephan
               1940), and N = min of n_c / p_c.
    rows       upper limit of N

    A cell has p_c N rows, rounded up or down (see `_sequence`), so a share of one column is right
    to within one row. Raises one InputError for all weights that cannot be met.
    """
    import numpy as np

    named: set[str] = {cap.by for cap in settings.caps} | {w.by for w in settings.weights}
    if settings.tasks is not None:
        named.add("task")
    columns = {by: _codes(table[by]) for by in named}
    draw = _draw(table["id"], seed)
    if settings.tasks is not None:
        codes, tasks = columns["task"]
        draw = draw[np.isin(codes[draw], _draw(tasks, seed)[: settings.tasks])]
    for cap in settings.caps:
        draw = _capped(draw, *columns[cap.by], cap)
    if not settings.weights:
        return np.sort(draw[: settings.rows])
    by_column: dict[str, dict[str, Fraction]] = {}
    for weight in settings.weights:
        by_column.setdefault(weight.by, {})[weight.value] = Fraction(str(weight.share))
    present = {by: _present(draw, *columns[by]) for by in by_column}
    _check(settings.weights, by_column, present)
    cells = _cells(draw, [_classes(*columns[by], list(by_column[by])) for by in by_column])
    units = _units({cell: len(rows) for cell, rows in cells.items()}, by_column)
    total = sum(units.values())
    most = min(len(cells[cell]) * total // unit for cell, unit in units.items() if unit)
    counts = _sequence(units, min(most, settings.rows or most))
    taken = [cells[cell][:count] for cell, count in counts.items()]
    return np.sort(np.concatenate(taken))


def _draw(ids: Any, seed: int) -> "NDArray[np.int64]":
    """Return the positions of ids or names, sorted by a hash of the seed and each of them."""
    import numpy as np

    key = f"mix:{seed}".encode()
    listed = ids if isinstance(ids, Sequence) else ids.to_pylist()
    drawn = [blake2b(i.encode(), digest_size=8, key=key).digest() for i in listed]
    return np.argsort(np.frombuffer(b"".join(drawn), dtype=">u8"), kind="stable")


def _codes(column: Any) -> tuple["NDArray[np.int64]", list[str]]:
    """Return the column as indices into the sorted list of its values, and that list; null: -1."""
    import pyarrow as pa
    import pyarrow.compute as pc

    array = column if isinstance(column, pa.ChunkedArray) else pa.chunked_array([column])
    array = array.cast(pa.string())  # a column of few values may come as a dictionary
    values = sorted(pc.unique(array.drop_null()).to_pylist())
    codes = pc.index_in(array, value_set=pa.array(values, pa.string()))
    return codes.fill_null(-1).to_numpy().astype("int64"), values


def _capped(draw: Any, codes: Any, values: list[str], cap: Cap) -> Any:
    """Return the draw with at most cap.rows rows of each value, or of the named value."""
    import numpy as np

    drawn = codes[draw]
    order = np.argsort(drawn, kind="stable")
    starts = np.searchsorted(drawn[order], drawn)
    before = np.empty_like(order)  # number of earlier rows with the same value
    before[order] = np.arange(len(order))
    before -= starts
    if cap.value is None:
        capped = drawn >= 0
    else:
        capped = drawn == (values.index(cap.value) if cap.value in values else len(values))
    return draw[~capped | (before < cap.rows)]


def _present(draw: Any, codes: Any, values: list[str]) -> set[str | None]:
    import numpy as np

    return {values[code] if code >= 0 else None for code in np.unique(codes[draw])}


def _check(
    weights: Sequence[Weight],
    by_column: Mapping[str, Mapping[str, Fraction]],
    present: Mapping[str, set[str | None]],
) -> None:
    """Raise one InputError for all weights that no rows can meet."""
    faults = []
    given = [(weight.by, weight.value) for weight in weights]
    for pair in dict.fromkeys(pair for pair in given if given.count(pair) > 1):
        faults.append(f"{pair[0]} {pair[1]!r} has {given.count(pair)} weights; leave one")
    for by, shares in by_column.items():
        values = sorted(value for value in present[by] if value is not None)
        for value in shares:
            if value not in values:
                known = ", ".join(values[:20]) or "none"
                faults.append(f"{by} {value!r} has no rows, after caps; {by} of the rows: {known}")
        total = sum(shares.values())
        if total > 1:
            faults.append(f"shares of {by} sum to {float(total):g}, more than 1; lower them")
        if total < 1 and not present[by] - shares.keys():
            faults.append(
                f"shares of {by} sum to {float(total):g}, and there are no other rows for the "
                "rest; make them sum to 1"
            )
    if faults:
        raise InputError("corpus.mix.weights: " + "; ".join(faults))


def _classes(codes: Any, values: list[str], weighted: list[str]) -> Any:
    """Return the index of each row's value among the weighted values, -1 for another value."""
    import numpy as np

    return np.array([weighted.index(v) if v in weighted else -1 for v in values] + [-1])[codes]


def _cells(draw: Any, classes: list[Any]) -> dict[Cell, Any]:
    """Return the drawn rows of each cell, in the order of the draw."""
    import numpy as np

    keys, group = np.unique(np.stack(classes, axis=1)[draw], axis=0, return_inverse=True)
    order = np.argsort(group.ravel(), kind="stable")
    ends = np.cumsum(np.bincount(group.ravel(), minlength=len(keys)))[:-1]
    rows = np.split(draw[order], ends)
    return {tuple(key): part for key, part in zip(keys.tolist(), rows, strict=True)}


def _units(
    sizes: Mapping[Cell, int], by_column: Mapping[str, Mapping[str, Fraction]]
) -> dict[Cell, int]:
    """Return the cells' shares as integers of one unit: exact where one column is weighted."""
    wanted = [[*shares.values(), 1 - sum(shares.values())] for shares in by_column.values()]
    if len(wanted) == 1:
        unit = lcm(*(share.denominator for share in wanted[0]))
        return {cell: int(wanted[0][cell[0]] * unit) for cell in sizes}
    raked = _raked(sizes, [[float(share) for share in shares] for shares in wanted])
    if raked is None:
        named = "; ".join(
            f"{by} " + ", ".join(f"{value!r} {float(s):g}" for value, s in shares.items())
            for by, shares in by_column.items()
        )
        raise InputError(
            "corpus.mix.weights: no choice of the rows, after caps, has all these shares: "
            f"{named}; lower them, or weight fewer columns"
        )
    units = {cell: round(share * _UNITS) for cell, share in raked.items()}
    largest = max(units, key=lambda cell: units[cell])
    units[largest] += _UNITS - sum(units.values())
    return units


def _raked(sizes: Mapping[Cell, int], wanted: list[list[float]]) -> dict[Cell, float] | None:
    """Return the cells' shares with the wanted sums, or None where that is impossible.

    Each column's classes are scaled to their shares, in turn, until all are right. Where that
    requires a cell to be empty, the cell shrinks forever: a second pass runs without it.
    """
    import numpy as np

    cells = np.array(list(sizes))
    shares = np.array(list(sizes.values()), dtype=float)
    for _ in range(2):
        for _ in range(_ROUNDS):
            error = 0.0
            for column, target in enumerate(wanted):
                index = cells[:, column] % len(target)  # -1, other values, is the last
                sums = np.bincount(index, shares, minlength=len(target))
                error = max(error, float(np.abs(sums - target).max()))
                shares *= (np.array(target) / np.where(sums > 0, sums, 1))[index]
            if error < _EXACT:
                return dict(zip(sizes, shares.tolist(), strict=True))
        shares[shares < _VANISHING] = 0
    return None


def _sequence(units: Mapping[Cell, int], length: int) -> dict[Cell, int]:
    """Return how often each cell occurs in the first `length` steps of a fair sequence.

    In every prefix of n steps, a cell of share p occurs p n times, rounded up or down: its j-th
    occurrence is released at step (j - 1) / p, rounded down, and has the deadline j / p, rounded
    up. Among the released cells the one with the earliest deadline is next, which meets all
    deadlines (proportionate progress: Baruah, Cohen, Plaxton and Varvel 1996).
    """
    total = sum(units.values())
    counts = dict.fromkeys(units, 0)
    waiting = [(0, cell) for cell in sorted(units) if units[cell]]  # (release, cell)
    ready: list[tuple[int, Cell]] = []  # (deadline, cell)
    for step in range(length):
        while waiting and waiting[0][0] <= step:
            cell = heapq.heappop(waiting)[1]
            heapq.heappush(ready, (-(-(counts[cell] + 1) * total // units[cell]), cell))
        cell = heapq.heappop(ready)[1]
        counts[cell] += 1
        heapq.heappush(waiting, (counts[cell] * total // units[cell], cell))
    return counts
