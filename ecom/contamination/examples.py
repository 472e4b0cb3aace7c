"""Few-shot examples that are evaluation rows: a model would be shown what it is scored on."""

from pathlib import Path

from ecom.contamination.report import Overlap
from ecom.contamination.rows import Row
from ecom.contamination.search import among
from ecom.errors import DataError
from ecom.forms import Prompting


def check_examples(prompting: Prompting, evaluation: str | Path) -> None:
    """Raise one DataError for all examples of `prompting` that are rows of `evaluation`."""
    shown = [
        Row(key, "recipe", 0, shot.question, shot.answer) for key, shot in prompting.examples()
    ]
    if not shown:
        return
    if overlaps := among(shown, evaluation):
        lines = sorted(f"  {_described(overlap, evaluation)}" for overlap in overlaps)
        rule = "few-shot examples are rows of the evaluation, and its scores would prove nothing:"
        raise DataError("\n".join([rule, *lines, "take other examples"]))


def _described(overlap: Overlap, evaluation: str | Path) -> str:
    row = f"row {overlap.evaluation_id} of {evaluation}, line {overlap.evaluation_line}"
    return f"{overlap.corpus_id}: {overlap.kind}, {row}: {overlap.text!r}"
