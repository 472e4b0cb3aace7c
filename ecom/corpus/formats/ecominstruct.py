"""EcomInstruct's public task folders, as rows.

The public rows are the paper's TEST sets (arXiv 2308.06966, "Dataset Split"): for trial runs and
contamination tests. A model trained on them must not be scored on them.

The six parts of the instruction come from the heading and the template:

    heading                              description
    ### Instruction:
    text before {sentences}              prompt (if there is none: the text after it)
    {sentences}                          input
    text after {sentences}               constraint
    ### Response:

A CLS row is also a Classified record; a row whose spans have types is a Tagged one.

Candidate labels are `options`, and the words refer to them ("from the following topics: the options
below"). A CLS row has the form `multi-label`. All others, NER among them, are `generation`: their
answers are terms or "Type: a, b" lines, which none of ShopBench's parsers reads back.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from ecom.corpus.formats.base import Format, Item
from ecom.corpus.formats.tables import Rows
from ecom.corpus.records import Classified, Tagged
from ecom.corpus.source import RawSource
from ecom.ecominstruct import Row, Task, load_tasks, with_raw
from ecom.forms import FORMS, FormName
from ecom.raw.files import Span
from ecom.rows import Example
from ecom.shopbench import Rejected

SOURCE = "ecominstruct"
_MARKER = re.compile(r"^### (?:Instruction|Response):[ \t]*$", re.MULTILINE)


def read_rows(path: Path) -> Iterator[tuple[Item, ...]]:
    """Yield, for every row of the tasks in `path`, its Example and record, or its Rejected.

    Raises DataError where a task folder is incomplete.
    """
    for task in load_tasks(path):
        for row, raw in with_raw(task):
            if isinstance(row, Rejected):
                yield (replace(row, reason=f"{task.name}: {row.reason}"),)
                continue
            record = _record(row, raw)
            yield (to_example(row), record) if record else (to_example(row),)


def spans(source: RawSource) -> list[list[Span]]:
    """Return a span for every task folder."""
    return [[Span(str(task.folder))] for task in load_tasks(Path(source.path))]


def rows(span: Span, source: RawSource) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the rows of a task folder: {items: a row's items}."""
    return ((0, {"items": items}) for items in read_rows(Path(span.file)))


def read(rows: Rows, source: RawSource, file: str) -> Iterator[Item]:
    """Yield the Example and the record of each row, or its Rejected."""
    for _, row in rows:
        yield from row["items"] if isinstance(row, dict) else [row]


def to_example(row: Row) -> Example:
    """Return a row with its instruction in six parts."""
    prompt, constraint = _parts(row.task)
    return Example(
        source=SOURCE,
        task=row.task.name,
        form=_form(row),
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


def _form(row: Row) -> FormName:
    """Return multi-label where the answer is made of candidates, as in all published rows."""
    if row.task.paradigm != "CLS":
        return "generation"
    named = FORMS["multi-label"].read(row.answer.strip(), row.candidates)
    return "multi-label" if set(named) <= set(row.candidates) else "generation"


def _record(row: Row, raw: dict[str, Any]) -> Classified | Tagged | None:
    """Return the record of a checked row. `raw` has the labels as a list, not joined."""
    task = row.task
    if task.paradigm == "CLS":
        return Classified(
            id=row.id,
            source=SOURCE,
            lang=task.lang,
            text=row.sentences,
            labels=tuple(raw["labels"][task.label_key]),
            candidates=row.candidates,
            topic=task.definition,
        )
    spans = tuple((span.get("type"), span["term"]) for span in raw["spans"])
    if not task.labels or any(k not in task.labels or t not in row.sentences for k, t in spans):
        return None
    return Tagged(
        id=row.id,
        source=SOURCE,
        lang=task.lang,
        text=row.sentences,
        spans=spans,
        types=task.labels,
    )


def _parts(task: Task) -> tuple[str, str]:
    """Return the template's words before and after the sentences, without its markers."""
    words = _MARKER.sub("", task.template).replace("{label_set}", "the options below")
    before, _, after = (part.strip() for part in words.partition("{sentences}"))
    if before:
        return before, after
    # The input follows the prompt in an Example, so it is no longer "above".
    return re.sub(r"\bthe above\b", "the", after), ""


FORMAT = Format(
    name="ecominstruct",
    about="EcomInstruct's task folders (meta-info.json, test.json): its TEST rows",
    read=read,
    spans=spans,
    rows=rows,
    own_name=True,
)
