"""EcomInstruct's public task folders, as rows.

The public rows are the paper's TEST sets (papers/ecomgpt.txt, "Dataset Split"): for trial runs and
contamination tests. A model that was trained on them must not be scored on them.

The six parts of the instruction come out of the heading and the template:

    heading                              description
    ### Instruction:
    what stands before {sentences}       prompt (where nothing does: what stands after it)
    {sentences}                          input
    what stands after {sentences}        constraint
    ### Response:

Candidate labels are `options`, and the words refer to them ("from the following topics: the options
below"). Every row is of form `generation`, CLS and NER too: EcomInstruct is answered with labels
and "Type: a, b" lines in words, and none of ShopBench's parsers reads those back.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from ecom.ecominstruct import Row, Task, read_rows
from ecom.rows import Example
from ecom.shopbench import Rejected

_MARKER = re.compile(r"^### (?:Instruction|Response):[ \t]*$", re.MULTILINE)


def read_examples(path: Path) -> Iterator[Example | Rejected]:
    """Yield every row of the tasks that `path` names as an Example, or as Rejected.

    Raises DataError where a task folder is not whole.
    """
    for row in read_rows(path):
        yield row if isinstance(row, Rejected) else to_example(row)


def to_example(row: Row) -> Example:
    """Return a row with its instruction in six parts."""
    prompt, constraint = _parts(row.task)
    return Example(
        source="ecominstruct",
        task=row.task.name,
        form="generation",
        paradigm=row.task.paradigm,
        skill=None,
        description=row.task.heading,
        prompt=prompt,
        input=row.sentences.strip(),
        options=row.candidates,
        constraint=constraint,
        output=row.answer.strip(),
        lang=row.task.lang,
    )


def _parts(task: Task) -> tuple[str, str]:
    """Return the template's words before and after the sentences, without its markers."""
    words = _MARKER.sub("", task.template).replace("{label_set}", "the options below")
    before, _, after = (part.strip() for part in words.partition("{sentences}"))
    if before:
        return before, after
    # The input follows the prompt in an Example, so it is no longer "above".
    return re.sub(r"\bthe above\b", "the", after), ""
