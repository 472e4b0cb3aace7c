"""What the corpus rows hold of each question: the best row of each kind, and how many."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from ecom.contamination.index import NO_WORD, Index, Weights
from ecom.contamination.report import KINDS, Kind, Overlap
from ecom.contamination.rows import Row
from ecom.contamination.words import excerpt, letters, runs

NEAR = 0.5  # share of the weight
PASSAGE = 8  # words
QUOTED = 0.25  # share of the weight, in passages


@dataclass(frozen=True, slots=True)
class Match:
    """What one corpus row holds of a question: which positions, and their share of its weight."""

    row: Row
    share: float
    positions: Collection[int]

    def rank(self) -> tuple[float, str, str]:
        """Return a key that sorts the best match first, whatever the order of the corpus."""
        return (-self.share, self.row.id, self.row.source)


class Matches:
    """What the corpus rows hold of each question: the best row of each kind, and how many."""

    def __init__(self, index: Index, weights: Weights) -> None:
        self.index, self.weights = index, weights
        self.numbers = {letters: number for number, letters in enumerate(index.questions)}
        self.best: dict[tuple[int, Kind], Match] = {}
        self.count = Counter[tuple[int, Kind]]()
        self.quoted = defaultdict[int, set[int]](set)  # by question: positions of all passages
        self.rows = defaultdict[tuple[int, Kind], set[str]](set)  # ids of corpus rows

    def compare(self, row: Row) -> None:
        """Record what a corpus row holds of every question."""
        held = self.index.held(self.index.ids(row))
        same = self.numbers.get(letters(row.prompt))
        if same is not None:
            self._take(same, "exact", Match(row, 1.0, self.index.spans[same]))
        light = self._light_in(held) - {same}
        for question in light:
            self._take(question, "near-duplicate", Match(row, 1.0, self.index.spans[question]))
        for question, positions in self._rare_in(held).items():
            if question != same and question not in light:
                self._judge(question, row, positions)

    def _light_in(self, held: list[int]) -> set[int]:
        """Return the light questions all of whose n-grams are held."""
        candidates = (q for gram in held for q in self.weights.light_by.get(gram, ()))
        return {q for q in candidates if self.weights.light[q].issubset(held)}

    def _rare_in(self, held: list[int]) -> dict[int, set[int]]:
        """Return the positions, by question, of the rare n-grams held."""
        shared = defaultdict[int, set[int]](set)
        for gram in held:
            if self.weights.rare[gram]:
                for position in self.index.positions[gram]:
                    span = range(position, position + self.index.sizes[gram])
                    shared[self.index.owner[position]].update(span)
        return shared

    def _judge(self, question: int, row: Row, positions: set[int]) -> None:
        weight, whole = self.weights.sum(positions), self.weights.of[question]
        if weight >= max(NEAR * whole, self.weights.least):
            self._take(question, "near-duplicate", Match(row, weight / whole, positions))
        elif passages := {i for run in runs(positions) if len(run) >= PASSAGE for i in run}:
            self.quoted[question] |= passages
            share = self.weights.sum(passages) / whole
            self._take(question, "n-gram", Match(row, share, passages))

    def _take(self, question: int, kind: Kind, match: Match) -> None:
        key = question, kind
        self.count[key] += 1
        self.rows[key].add(match.row.id)
        if key not in self.best or match.rank() < self.best[key].rank():
            self.best[key] = match

    def overlaps(self) -> Iterator[Overlap]:
        """Yield the overlap of every evaluation row that has one."""
        for question, rows in enumerate(self.index.questions.values()):
            kind = next((kind for kind in KINDS if self.count[question, kind]), None)
            if kind is None:
                continue
            best = self.best[question, kind]
            share, others = best.share, self.count[question, kind] - 1
            if kind == "exact":
                others += self.count[question, "near-duplicate"]
            if kind == "n-gram":
                share = self._quoted_share(question)
                if share < QUOTED:
                    continue
            text = excerpt(rows[0].prompt, self._heaviest_run(question, best.positions))
            at = best.row.id, best.row.source
            for row in rows:
                yield Overlap(
                    row.id, row.line, *at, kind, round(share, 4), text, others, row.source
                )

    def copies(self) -> dict[str, Kind]:
        """Return the ids of all corpus rows that hold much of a question, with the kind."""
        found: dict[str, Kind] = {}
        for kind in KINDS:
            for question in range(len(self.index.questions)):
                if kind != "n-gram" or self._quoted_share(question) >= QUOTED:
                    for row in self.rows.get((question, kind), ()):
                        found.setdefault(row, kind)
        return found

    def _quoted_share(self, question: int) -> float:
        """Return the share of a question's weight that is in passages of corpus rows."""
        whole = self.weights.of[question]
        return self.weights.sum(self.quoted[question]) / whole if whole else 0.0

    def _heaviest_run(self, question: int, positions: Collection[int]) -> range:
        """Return the run of words that weighs most, as positions within the question."""
        words = [position for position in positions if self.index.word_at[position] != NO_WORD]
        run = max(runs(words), key=lambda run: (self.weights.sum(run), len(run)), default=[])
        first = self.index.spans[question].start
        return range(run[0] - first, run[-1] - first + 1) if run else range(0)
