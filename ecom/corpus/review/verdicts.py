"""verdicts.jsonl: people's verdicts on rows, the rows to drop, and the shares by source.

{"id": "0123456789abcdef", "verdict": "reject", "reason": "wrong answer"}
{"id": "fedcba9876543210", "verdict": "accept"}
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING, Any

from ecom.errors import DataError
from ecom.raw import reading
from ecom.shopbench import Rejected

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

_Z = 1.959963984540054  # of 95 %
NO_REASON = "no reason given"


@dataclass(frozen=True)
class Verdicts:
    """By row id, why the row was rejected; None where it was accepted."""

    reasons: Mapping[str, str | None]

    @classmethod
    def read(cls, paths: Sequence[str]) -> "Verdicts":
        """Read files in order; of several verdicts on a row the last one counts.

        Raises one DataError for all lines that are no verdicts.
        """
        reasons: dict[str, str | None] = {}
        faults = []
        for file in paths:
            for place, row in reading.read(file):
                fault = row.reason if isinstance(row, Rejected) else _fault(row)
                if fault:
                    faults.append(f"  {file}:{place.line}: {fault}")
                elif not isinstance(row, Rejected):
                    reason = " ".join((row.get("reason") or NO_REASON).split())
                    reasons[row["id"]] = reason if row["verdict"] == "reject" else None
        if faults:
            raise DataError("\n".join(["verdicts that cannot be read; correct them:", *faults]))
        return cls(reasons)

    def gone(self, table: "pa.Table", *, same_text: bool) -> dict[str, "NDArray[Any]"]:
        """Return reason -> mask of the rows that were rejected; `table` has id and key.

        With `same_text` every row with the same question and answer is also dropped, in any source.
        """
        import numpy as np

        ids = table["id"].to_pylist()
        why = {row_id: reason for row_id, reason in self.reasons.items() if reason is not None}
        found = {index: why[row_id] for index, row_id in enumerate(ids) if row_id in why}
        if same_text:
            keys = table["key"].to_numpy()
            by_key = {keys[index]: reason for index, reason in found.items()}
            alike = np.flatnonzero(np.isin(keys, np.array(list(by_key), dtype=keys.dtype)))
            found = {index: by_key[keys[index]] for index in alike.tolist()} | found
        masks: dict[str, NDArray[Any]] = {}
        for index, reason in sorted(found.items()):
            name = f"rejected in review: {reason}"
            masks.setdefault(name, np.zeros(len(ids), dtype=bool))[index] = True
        return dict(sorted(masks.items()))

    def report(self, table: "pa.Table") -> dict[str, Any]:
        """Return {"sources": {name: {reviewed, accepted, share, interval}}, "unknown": ids}."""
        sources: dict[str, list[int]] = {}
        known = set()
        pairs = zip(table["id"].to_pylist(), table["source"].to_pylist(), strict=True)
        for row_id, source in pairs:
            if row_id in self.reasons and row_id not in known:
                known.add(row_id)
                counts = sources.setdefault(source, [0, 0])
                counts[0] += 1
                counts[1] += self.reasons[row_id] is None
        return {
            "sources": {
                source: {
                    "reviewed": reviewed,
                    "accepted": accepted,
                    "share": round(accepted / reviewed, 6),
                    "interval": [round(end, 6) for end in wilson(accepted, reviewed)],
                }
                for source, (reviewed, accepted) in sorted(sources.items())
            },
            "unknown": len(self.reasons.keys() - known),
        }


def failed(report: Mapping[str, Any], max_rejected: float) -> dict[str, str]:
    """Return source -> reason for the sources with too large a share of rejected rows."""
    found = {}
    for source, counts in report["sources"].items():
        rejected = counts["reviewed"] - counts["accepted"]
        if rejected > max_rejected * counts["reviewed"]:
            found[source] = (
                f"of its source {rejected} of {counts['reviewed']} reviewed rows were rejected, "
                f"more than corpus.max_rejected_in_review {max_rejected:g}"
            )
    return found


def wilson(successes: int, trials: int) -> tuple[float, float]:
    """Return the 95 % score interval of a share (Wilson 1927)."""
    share, square = successes / trials, _Z**2
    centre = share + square / (2 * trials)
    margin = _Z * sqrt(share * (1 - share) / trials + square / (4 * trials**2))
    whole = 1 + square / trials
    return max(0.0, (centre - margin) / whole), min(1.0, (centre + margin) / whole)


def _fault(row: Mapping[str, Any]) -> str | None:
    if not isinstance(row.get("id"), str):
        return f"id is {row.get('id')!r:.60}, which is not the id of a row"
    if row.get("verdict") not in ("accept", "reject"):
        return f"verdict is {row.get('verdict')!r:.60}, not accept or reject"
    if not isinstance(row.get("reason"), str | None):
        return f"reason is {row['reason']!r:.60}, which is not a text"
    return None
