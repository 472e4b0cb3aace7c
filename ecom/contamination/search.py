"""Two passes over the corpus: count, then compare."""

from pathlib import Path

from ecom import progress
from ecom.contamination.index import Index, Weights
from ecom.contamination.matches import Matches
from ecom.contamination.report import KINDS, Overlap, Report
from ecom.contamination.rows import Row, corpus_rows, file_rows, nothing_in


def find(corpus: Path, evaluation: Path) -> Report:
    """Return which rows of `evaluation`, a file of ShopBench JSON lines, stand in `corpus`.

    `corpus` is a corpus artifact, or a file of ShopBench JSON lines, or a folder of such files.
    Rows that cannot be read are skipped and counted. Raises DataError where none is left.
    """
    read = list(file_rows(evaluation, evaluation.name))
    questions = [row for row in read if isinstance(row, Row)]
    if not questions:
        raise nothing_in(evaluation, read)
    index, skipped = Index(questions), 0
    with progress.bar() as bar:
        for row in bar.track(corpus_rows(corpus), description="contamination: count"):
            if isinstance(row, Row):
                index.count(row)
            else:
                skipped += 1
        if not index.rows:
            raise nothing_in(corpus, corpus_rows(corpus))
        matches, total = Matches(index, Weights(index)), index.rows + skipped
        for row in bar.track(corpus_rows(corpus), total, description="contamination: compare"):
            if isinstance(row, Row):
                matches.compare(row)
    overlaps = sorted(matches.overlaps(), key=_strength)
    left_out = len(read) - len(questions)
    return Report(len(questions), index.rows, left_out, skipped, tuple(overlaps))


def _strength(overlap: Overlap) -> tuple[int, float, int]:
    return KINDS.index(overlap.kind), -overlap.share, overlap.evaluation_line
