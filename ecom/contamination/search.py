"""Two passes over the corpus: count, then compare."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path

from ecom import progress
from ecom.contamination.index import Index, Weights
from ecom.contamination.matches import Matches
from ecom.contamination.report import KINDS, Kind, Overlap, Report
from ecom.contamination.rows import Row, corpus_rows, nothing_in, question_rows

Read = Callable[[], Iterable[Row | str]]  # reads a corpus from the beginning


def find(corpus: Path, evaluation: str | Path) -> Report:
    """Return which rows of `evaluation` are in `corpus`.

    `evaluation` names ShopBench rows, or a folder of EcomInstruct tasks.
    `corpus` is a corpus artifact, or names ShopBench rows: a file, or a folder of files.
    Rows that cannot be read are skipped and counted. Raises DataError where none is left.
    """
    questions, left_out = _questions(evaluation)
    matches, skipped = _compare(partial(corpus_rows, corpus), questions, corpus)
    overlaps = sorted(matches.overlaps(), key=_strength)
    counts = len(questions), matches.index.rows, left_out, skipped
    return Report(*counts, tuple(overlaps))


def copies(corpus: Path, evaluation: str | Path) -> dict[str, Kind]:
    """Return the ids of the corpus rows that hold rows of `evaluation`, with the kind of overlap.

    Takes and raises what `find` does.
    """
    matches, _ = _compare(partial(corpus_rows, corpus), _questions(evaluation)[0], corpus)
    return matches.copies()


def among(rows: Sequence[Row], evaluation: str | Path) -> list[Overlap]:
    """Return which rows of `evaluation` are among these rows. Raises DataError as `find` does."""
    matches, _ = _compare(lambda: rows, _questions(evaluation)[0], evaluation)
    return list(matches.overlaps())


def _questions(evaluation: str | Path) -> tuple[list[Row], int]:
    """Return the rows of an evaluation, and how many could not be read."""
    read = list(question_rows(evaluation))
    questions = [row for row in read if isinstance(row, Row)]
    if not questions:
        raise nothing_in(evaluation, read)
    return questions, len(read) - len(questions)


def _compare(read: Read, questions: list[Row], where: str | Path) -> tuple[Matches, int]:
    """Return what the corpus holds of the questions, and how many rows could not be read.

    `where` is the corpus, for the error if no row is left.
    """
    index, skipped = Index(questions), 0
    with progress.bar() as bar:
        task = bar.add_task("contamination: count", total=None, unit="rows")
        for row in bar.track(read(), task_id=task):
            if isinstance(row, Row):
                index.count(row)
            else:
                skipped += 1
        if not index.rows:
            raise nothing_in(where, read())
        matches, total = Matches(index, Weights(index)), index.rows + skipped
        task = bar.add_task("contamination: compare", total=total, unit="rows")
        for row in bar.track(read(), total, task_id=task):
            if isinstance(row, Row):
                matches.compare(row)
    return matches, skipped


def _strength(overlap: Overlap) -> tuple[int, float, int]:
    return KINDS.index(overlap.kind), -overlap.share, overlap.evaluation_line
