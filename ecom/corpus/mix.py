"""Which of the clean rows are taken: tasks, then caps, then weights, then a number of rows.

    rows in the order of a seeded draw ──► tasks: those of the first tasks of a draw of its own
                                       ──► caps: the first rows of each value
                                       ──► cells: rows with the same weighted values
                                       ──► a sequence of cells in which every share is kept
                                       ──► its longest beginning that the rows can fill

The draw of a row depends on the seed and the row's id alone, so neither on the order of the rows
nor on the number of workers, and hardly on what other rows there are; the draw of a task depends
on the seed and its name. So more tasks, more rows of each, more `rows` add rows and take none away.
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

_ROUNDS = 2_000  # of raking: some tens are enough where no cell must vanish
_EXACT = 1e-9
_VANISHING = 1e-3
_UNITS = 2**40  # that a raked share is rounded to

Cell = tuple[int, ...]  # by weighted column: which of its weights, -1 for the other rows


def choose(
    table: "pa.Table | Mapping[str, Sequence[str | None]]", settings: Mix, seed: int
) -> "NDArray[np.int64]":
    """Return the positions of the rows that are taken, in their order.

    `table` has the columns `id` and those that tasks, caps and weights name; a null is no value, so
    it is never capped, and is among the other rows of a weight.

    tasks      all rows of other tasks than the first so many of the draw are left out
    caps       one after the other, each leaves the first rows of a value in the draw's order
    weights    rows with the value v_i are the share s_i of all rows taken; the others are
               1 - sum(s_i). Of n_i rows there are, as many are taken as
                   N = min over i, and the others, of n_i / s_i
               allows. With weights of several columns the cells' shares p_c are those that have
               the wanted sums and are otherwise as close to the rows there are as can be (raking,
               Deming and Stephan 1940), and N = min of n_c / p_c.
    rows       N is at most this

    A cell has p_c N rows, rounded up or down (see `_sequence`): so a share of one column is right
    within one row. Raises InputError, naming all of them, for weights that cannot be reached.
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
    whole = sum(units.values())
    most = min(len(cells[cell]) * whole // unit for cell, unit in units.items() if unit)
    counts = _sequence(units, min(most, settings.rows or most))
    taken = [cells[cell][:count] for cell, count in counts.items()]
    return np.sort(np.concatenate(taken))


def _draw(ids: Any, seed: int) -> "NDArray[np.int64]":
    """Return the positions of rows, or of names, in the order of a hash of the seed and each."""
    import numpy as np

    key = f"mix:{seed}".encode()
    listed = ids if isinstance(ids, Sequence) else ids.to_pylist()
    drawn = [blake2b(i.encode(), digest_size=8, key=key).digest() for i in listed]
    return np.argsort(np.frombuffer(b"".join(drawn), dtype=">u8"), kind="stable")


def _codes(column: Any) -> tuple["NDArray[np.int64]", list[str]]:
    """Return the column as places in the list of its values, sorted, and that list; null is -1."""
    import pyarrow as pa
    import pyarrow.compute as pc

    array = column if isinstance(column, pa.ChunkedArray) else pa.chunked_array([column])
    array = array.cast(pa.string())  # a column of few values may come as a dictionary
    values = sorted(pc.unique(array.drop_null()).to_pylist())
    places = pc.index_in(array, value_set=pa.array(values, pa.string()))
    return places.fill_null(-1).to_numpy().astype("int64"), values


def _capped(draw: Any, codes: Any, values: list[str], cap: Cap) -> Any:
    """Return the draw with at most cap.rows rows of each value, or of the one named."""
    import numpy as np

    mine = codes[draw]
    order = np.argsort(mine, kind="stable")
    starts = np.searchsorted(mine[order], mine)
    before = np.empty_like(order)  # how many rows of its value each row comes after
    before[order] = np.arange(len(order))
    before -= starts
    if cap.value is None:
        capped = mine >= 0
    else:
        capped = mine == (values.index(cap.value) if cap.value in values else len(values))
    return draw[~capped | (before < cap.rows)]


def _present(draw: Any, codes: Any, values: list[str]) -> set[str | None]:
    import numpy as np

    return {values[code] if code >= 0 else None for code in np.unique(codes[draw])}


def _check(
    weights: Sequence[Weight],
    by_column: Mapping[str, Mapping[str, Fraction]],
    present: Mapping[str, set[str | None]],
) -> None:
    """Raise InputError, once, for all weights that no rows can meet."""
    faults = []
    given = [(weight.by, weight.value) for weight in weights]
    for pair in dict.fromkeys(pair for pair in given if given.count(pair) > 1):
        faults.append(f"{pair[0]} {pair[1]!r} has {given.count(pair)} weights; leave one")
    for by, shares in by_column.items():
        there = sorted(value for value in present[by] if value is not None)
        for value in shares:
            if value not in there:
                known = ", ".join(there[:20]) or "none"
                faults.append(f"{by} {value!r} has no rows, after caps; {by} of the rows: {known}")
        whole = sum(shares.values())
        if whole > 1:
            faults.append(f"shares of {by} sum to {float(whole):g}, more than 1; lower them")
        if whole < 1 and not present[by] - shares.keys():
            faults.append(
                f"shares of {by} sum to {float(whole):g}, and there are no other rows for the "
                "rest; make them sum to 1"
            )
    if faults:
        raise InputError("corpus.mix.weights: " + "; ".join(faults))


def _classes(codes: Any, values: list[str], weighted: list[str]) -> Any:
    """Return for each row which of the weighted values it has, -1 for another."""
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
    """Return the cells' shares as whole numbers of one unit: exact where one column is weighted."""
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
    """Return the cells' shares with the wanted sums, or None where the cells cannot have them.

    Each column's classes are scaled to their shares, in turn, until all are right. Where they can
    be right only without some cell, that cell shrinks for ever: then once more without it.
    """
    import numpy as np

    cells = np.array(list(sizes))
    shares = np.array(list(sizes.values()), dtype=float)
    for _ in range(2):
        for _ in range(_ROUNDS):
            error = 0.0
            for column, target in enumerate(wanted):
                place = cells[:, column] % len(target)  # -1, the others, is the last
                sums = np.bincount(place, shares, minlength=len(target))
                error = max(error, float(np.abs(sums - target).max()))
                shares *= (np.array(target) / np.where(sums > 0, sums, 1))[place]
            if error < _EXACT:
                return dict(zip(sizes, shares.tolist(), strict=True))
        shares[shares < _VANISHING] = 0
    return None


def _sequence(units: Mapping[Cell, int], length: int) -> dict[Cell, int]:
    """Return how often each cell comes in the first `length` places of a fair sequence.

    In every beginning of n places, a cell of share p comes p n times, rounded up or down: it must
    come for the j-th time after place (j - 1) / p, rounded down, and not after j / p, rounded up.
    Of those whose turn has come the one with the least time left is next, which meets all these
    limits (proportionate progress: Baruah, Cohen, Plaxton and Varvel 1996).
    """
    whole = sum(units.values())
    counts = dict.fromkeys(units, 0)
    early = [(0, cell) for cell in sorted(units) if units[cell]]  # (place it may come after, cell)
    due: list[tuple[int, Cell]] = []  # (last place, cell)
    for place in range(length):
        while early and early[0][0] <= place:
            cell = heapq.heappop(early)[1]
            heapq.heappush(due, (-(-(counts[cell] + 1) * whole // units[cell]), cell))
        cell = heapq.heappop(due)[1]
        counts[cell] += 1
        heapq.heappush(early, (counts[cell] * whole // units[cell], cell))
    return counts
