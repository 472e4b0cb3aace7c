"""Questions with answers, with or without the text that contains the answer.

    flat      {"question": …, "context"?: …, "answers": {"text": [...], "answer_start": [...]}}
              the answers may be a list of texts, of {"text", "answer_start"}, or one text, too
    nested    {"data": [{"title", "paragraphs": [{"context", "qas": [{"question", "id", "answers",
              "is_impossible"}]}]}]}: SQuAD's layout; a row is a question

Of several answers the first is used. A question that its text does not answer has no answers, or
`is_impossible`, as in SQuAD 2.0: its answer is "The text does not say.". An answer with
`answer_start` must occur in the text.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from ecom.corpus.formats.base import Format, Row, file_spans
from ecom.corpus.formats.cells import CellError, lang, mapping, needed, text, texts, value
from ecom.corpus.formats.labelled import Named, id_of, own
from ecom.corpus.formats.tables import each
from ecom.corpus.records import Answered
from ecom.corpus.source import RawSource, name_of
from ecom.raw import files
from ecom.shopbench import Rejected

COLUMNS = (("question", "answers"),)
_TRUE, _FALSE = ("true", "1", "yes"), ("", "false", "0", "no")


def rows(span: files.Span, source: RawSource) -> Iterator[Row]:
    """Yield the questions of a span, one per row; those of SQuAD's layout are numbered from 1."""
    named, number = Named(source, COLUMNS), 0
    for line, row in files.rows(span):
        if isinstance(row, Rejected) or "paragraphs" not in row:
            yield line, row
            continue
        for question in _questions(row["paragraphs"], named):
            number += 1
            if isinstance(question, str):
                yield number, Rejected(number, question, str(row)[:200])
            else:
                yield number, question


def read(rows: Iterable[Row], source: RawSource, file: str) -> Iterator[Answered | Rejected]:
    """Yield the questions of one span."""
    from ecom.corpus.atomic.texts import stands_in  # avoids a circular import by the settings

    named, name = Named(source, COLUMNS), name_of(source, file)

    def answered(line: int, row: Mapping[str, Any]) -> Answered:
        question, context = needed(row, named["question"]), text(row, named["context"])
        answer, is_passage = ("", False) if _is_impossible(row, named) else _answer(row, named)
        if not answer and not context:
            raise CellError(f"{named['answers']} holds no answer, and there is no context")
        if is_passage and answer not in context:
            raise CellError("the answer does not occur in the text", answer[:100])
        stands = is_passage or (answer in context and stands_in(answer, context))
        by = "own:passage_or_none" if stands or not answer else "plain:question_answering"
        return Answered(
            id=id_of(row, named, file, line, question),
            source=name,
            lang=source.lang or lang(row, named["lang"]),
            question=question,
            answer=answer,
            context=context,
            own=own(by, source, file, line),
        )

    yield from each(named.checked(rows, file), answered)


def _questions(paragraphs: Any, named: Named) -> Iterator[dict[str, Any] | str]:
    """Yield the questions of an article as flat rows, or why there is none."""
    if not isinstance(paragraphs, Sequence) or isinstance(paragraphs, str):
        yield "paragraphs must be a list"
        return
    for paragraph in paragraphs:
        asked = paragraph.get("qas") if isinstance(paragraph, Mapping) else None
        if not isinstance(asked, Sequence) or not all(isinstance(one, Mapping) for one in asked):
            yield "a paragraph must have context and qas, a list of questions"
            continue
        for question in asked:
            row = {"answers": [], **question, "context": paragraph.get("context")}
            yield {named[ours]: found for ours, found in row.items()}


def _is_impossible(row: Mapping[str, Any], named: Named) -> bool:
    cell = value(row, named["is_impossible"])
    said = "" if cell is None else str(cell).lower()
    if said not in (*_TRUE, *_FALSE):
        raise CellError(f"{named['is_impossible']} must be true or false: {said!r:.30}")
    return said in _TRUE


def _answer(row: Mapping[str, Any], named: Named) -> tuple[str, bool]:
    """Return the first answer, "" where there is none, and whether it is a passage of the text."""
    column, cell = named["answers"], value(row, named["answers"])
    if isinstance(cell, str) and cell.startswith("{"):
        cell = mapping(row, column)
    if isinstance(cell, Mapping):
        given = texts(cell, "text")
        return (given[0] if given else ""), value(cell, "answer_start") is not None
    if isinstance(cell, list | tuple) and cell and isinstance(cell[0], Mapping):
        return text(cell[0], "text"), value(cell[0], "answer_start") is not None
    given = texts(row, column)
    return (given[0] if given else ""), False


FORMAT = Format(
    name="qa",
    about="labelled questions: context, question, answers; or SQuAD's data, paragraphs, qas",
    read=read,
    columns=COLUMNS,
    also=("id", "lang", "context", "is_impossible"),
    labelled=True,
    spans=partial(file_spans, squad=True),
    rows=rows,
)
