"""EcomInstruct's public task folders, read by corpus, predict and evaluate.

    <Dataset>/tasks/EN-Lenovo-NER-NER/   language-data set-kind-name: the name of the task
        meta-info.json   {defi, test_prompt.instruction, label_set {variant: […]}, label_key,
                          label_sep}
        test.json        JSON lines, {sentences, labels {variant: […]}} for CLS,
                         else {sentences, spans [{term, type?}]}

`label_key` names the variant of the labels that prompts and answers use. A task is named after its
folder: the meta's own `task` has errors (GLS for CLS, JAVE for MEPAVE). Of a span only `term` is
read: `start` and `end` are wrong in several tasks, and so is a `label_set` inside a row.

Prompts are worded as the authors' (arXiv 2308.06966; docs/domain.md), and so are answers:

    CLS   labels joined by label_sep              Food, Service
    EXT   terms joined by label_sep               圆领, 拼接      (Extract, Condition_Extract)
    GEN   terms joined by label_sep                               (Generate)
    NER   one line a type, in the set's order     Brand: Toshiba
                                                  Product: None

The authors draw a random subset of the candidate labels for each question. Here every question
shows the whole set, in the file's order, so that the same row always gives the same question.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from ecom.errors import DataError
from ecom.forms import Paradigm
from ecom.raw import reading
from ecom.rows import Query, content_id
from ecom.shopbench import Place, Rejected

META, ROWS = "meta-info.json", "test.json"
MAX_ANSWER_TOKENS = 384  # the longest public answer has 329 tokens of Qwen2's vocabulary

_KINDS: dict[str, Paradigm] = {
    "CLS": "CLS",
    "Extract": "EXT",
    "Condition_Extract": "EXT",
    "Generate": "GEN",
    "NER": "OTHER",
}
_NAME = re.compile(rf"(EN|ZH)-[^-]+-({'|'.join(_KINDS)})-.+")
_PLACEHOLDER = re.compile(r"\{(sentences|label_set)\}")


@dataclass(frozen=True, slots=True)
class Task:
    """One task folder.

    definition   what the task is, in words: "named entity recognition"
    template     the prompt below the heading, with {sentences} and maybe {label_set}
    labels       candidate labels of the variant `label_key`; for NER the types; () for none
    """

    name: str
    folder: Path
    lang: str
    paradigm: Paradigm
    definition: str
    template: str
    labels: tuple[str, ...]
    label_key: str
    separator: str

    @property
    def heading(self) -> str:
        """The line that every prompt begins with."""
        return (
            f"Below is an instruction that describes the {self.definition} task. "
            "Write a response that appropriately completes the request."
        )


@dataclass(frozen=True, slots=True)
class Row:
    """One question with its right answer, from line `line` of the task's rows.

    `id` holds the task, the line and a hash of the prompt. `candidates` are the task's labels plus
    any right label that they lack, as the authors do it; () where the task has none.
    """

    id: str
    line: int
    task: Task
    sentences: str
    candidates: tuple[str, ...]
    prompt: str
    answer: str


class _TestPrompt(BaseModel):
    instruction: str


class _Meta(BaseModel):
    """The fields of meta-info.json that are used; others are ignored."""

    defi: str
    test_prompt: _TestPrompt
    label_sep: str
    label_set: dict[str, list[str]] = {}
    label_key: str = ""
    task: str = ""


def is_tasks(path: str | Path) -> bool:
    """Say whether `path` is a task folder, or a folder of them at any depth."""
    folder = Path(path)
    return folder.is_dir() and next(folder.rglob(META), None) is not None


def task_folders(path: Path) -> list[Path]:
    """Return the task folders that `path` names: itself, or those at any depth below it, sorted.

    Raises DataError where there is none.
    """
    if not path.is_dir():
        raise DataError(f"{path}: no such folder; give a task folder, or a folder of them")
    if _is_task(path):
        return [path]
    folders = sorted({file.parent for name in (META, ROWS) for file in path.rglob(name)})
    if not folders:
        raise DataError(
            f"{path}: no task folder in it; a task folder holds {META} and {ROWS}, "
            "as in <Dataset>/tasks/<task>/"
        )
    return folders


def load_tasks(path: Path) -> list[Task]:
    """Return the tasks that `path` names, in the order of their folders.

    Raises one DataError for all incomplete folders, with file, field and remedy.
    """
    tasks: list[Task] = []
    faults: list[str] = []
    for folder in task_folders(path):
        loaded = _load(folder)
        if isinstance(loaded, Task):
            tasks.append(loaded)
        else:
            faults += loaded
    first: dict[str, Task] = {}
    for task in tasks:
        if first.setdefault(task.name, task) is not task:
            other = first[task.name].folder
            faults.append(f"{task.folder}: task {task.name} is in {other} too; leave one out")
    if faults:
        raise DataError("\n".join(["the EcomInstruct tasks cannot be read:", *faults]))
    return tasks


def read_task(task: Task) -> Iterator[Row | Rejected]:
    """Yield every row of the task, or Rejected with line number and reason."""
    return (row for row, _ in with_raw(task))


def with_raw(task: Task) -> Iterator[tuple[Row | Rejected, dict[str, Any]]]:
    """Yield what `read_task` does, with the row as the file has it; {} where it cannot be read."""
    for place, row in reading.read(task.folder / ROWS):
        if isinstance(row, Rejected):
            yield row, {}
        elif fault := _fault(task, row):
            yield Rejected(place.line, fault, str(row)[:200]), row
        else:
            yield _row(task, place.line, row), row


def read_rows(path: Path) -> Iterator[Row | Rejected]:
    """Yield the rows of all tasks that `path` names, in order; a reason begins with its task."""
    return (row for task in load_tasks(path) for row in map(partial(_named, task), read_task(task)))


def read_queries(path: Path) -> Iterator[tuple[Place, Query | Rejected, dict[str, Any]]]:
    """Yield (place, Query or Rejected, the row as the file has it), as `ecom.queries.read` does.

    Labels and entities are answered as text: no question has one of ShopBench's other forms.
    """
    for task in load_tasks(path):
        file = str((task.folder / ROWS).relative_to(path))
        for row, raw in with_raw(task):
            yield Place(row.line, file), _query(_named(task, row)), raw


def _named(task: Task, row: Row | Rejected) -> Row | Rejected:
    if isinstance(row, Row):
        return row
    return replace(row, reason=f"{task.name}: {row.reason}")


def _query(row: Row | Rejected) -> Query | Rejected:
    if isinstance(row, Rejected):
        return row
    return Query(row.prompt, False, row.id, "generation", MAX_ANSWER_TOKENS, task=row.task.name)


def _is_task(folder: Path) -> bool:
    return (folder / META).is_file() or (folder / ROWS).is_file()


def _load(folder: Path) -> Task | list[str]:
    """Return the task, or what is wrong with its folder."""
    faults = [
        f"{folder / name}: no such file; a task folder holds {META} and {ROWS}"
        for name in (META, ROWS)
        if not (folder / name).is_file()
    ]
    if faults:
        return faults
    file = folder / META
    try:
        meta = _Meta.model_validate_json(file.read_bytes())
    except OSError as error:
        return [f"{file}: cannot be read: {error}; check its permissions"]
    except ValidationError as error:
        return [f"{file}: {_explain(fault)}" for fault in error.errors()]
    name = _NAME.fullmatch(folder.absolute().name) or _NAME.fullmatch(meta.task)
    if not name:
        return [
            f"{file}: neither the folder nor task, {meta.task!r}, is LANGUAGE-DATASET-KIND-NAME "
            f"with EN or ZH and one of {', '.join(_KINDS)}; name the folder as published"
        ]
    paradigm = _KINDS[name[2]]
    if faults := [f"{file}: {fault}" for fault in _meta_faults(meta, paradigm)]:
        return faults
    return Task(
        name=name[0],
        folder=folder,
        lang=name[1].lower(),
        paradigm=paradigm,
        definition=meta.defi,
        template=meta.test_prompt.instruction,
        labels=tuple(meta.label_set.get(meta.label_key, ())),
        label_key=meta.label_key,
        separator=meta.label_sep,
    )


def _explain(fault: Any) -> str:
    """Say what pydantic found: field, rule, value, remedy."""
    field = ".".join(map(str, fault["loc"]))
    shown = "" if fault["type"] in ("missing", "json_invalid") else f", not {fault['input']!r:.60}"
    return f"{field + ': ' if field else ''}{fault['msg']}{shown}; restore it as published"


def _meta_faults(meta: _Meta, paradigm: Paradigm) -> Iterator[str]:
    if not meta.defi.strip():
        yield "defi is empty; say in a few words what the task is"
    if "{sentences}" not in meta.test_prompt.instruction:
        yield f"test_prompt.instruction has no {{sentences}}: {meta.test_prompt.instruction!r:.60}"
    if not meta.label_sep:
        yield "label_sep is empty; answers are joined and split by it, as by ', '"
    shown = "{label_set}" in meta.test_prompt.instruction
    if (shown or paradigm in ("CLS", "OTHER")) and not meta.label_set.get(meta.label_key):
        variants = ", ".join(name for name, labels in meta.label_set.items() if labels) or "none"
        yield (
            f"label_key is {meta.label_key!r}, but label_set has labels for: {variants}; "
            "name one of its variants"
        )


def _fault(task: Task, row: dict[str, Any]) -> str | None:
    """Return why a row cannot become a question with an answer, or None."""
    sentences = _joined(row.get("sentences"))
    if not isinstance(sentences, str) or not sentences.strip():
        return f"sentences is {row.get('sentences', 'missing')!r:.60}, which is not a text"
    fault = _labels_fault(task, row) if task.paradigm == "CLS" else _spans_fault(task, row)
    if fault:
        return fault
    if re.search(r"[\ud800-\udfff]", sentences + _answer(task, row)):
        return "it holds a lone surrogate (\\ud800 to \\udfff), which is no character"
    return None


def _labels_fault(task: Task, row: dict[str, Any]) -> str | None:
    variants = row.get("labels")
    if not isinstance(variants, dict) or task.label_key not in variants:
        return f"labels is {variants!r:.60}, without the variant {task.label_key!r}"
    labels = variants[task.label_key]
    if not isinstance(labels, list) or not labels or not all(map(_is_text, labels)):
        return f"labels.{task.label_key} is {labels!r:.60}, which is not a list of texts"
    return None


def _spans_fault(task: Task, row: dict[str, Any]) -> str | None:
    spans = row.get("spans")
    if not isinstance(spans, list) or not all(isinstance(span, dict) for span in spans):
        return f"spans is {row.get('spans', 'missing')!r:.60}, which is not a list of objects"
    for span in spans:
        if not _is_text(span.get("term")):
            return f"a span's term is {span.get('term', 'missing')!r:.60}, which is not a text"
        if task.paradigm == "OTHER" and span.get("type") not in task.labels:
            kind = repr(span.get("type", "missing"))
            return f"a span's type is {kind:.60}, which is not one of {', '.join(task.labels)}"
    if not spans and task.paradigm != "OTHER":
        return "spans is empty, so there is no answer"
    return None


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _joined(sentences: Any) -> Any:
    """Chinese sentences may come as a list of their characters."""
    if isinstance(sentences, list) and all(isinstance(piece, str) for piece in sentences):
        return "".join(sentences)
    return sentences


def _row(task: Task, line: int, row: dict[str, Any]) -> Row:
    sentences = _joined(row["sentences"])
    candidates = task.labels
    if task.paradigm == "CLS":
        candidates = tuple(dict.fromkeys((*candidates, *row["labels"][task.label_key])))
    # One pass over the template, so that braces inside the data stay data.
    parts = {"sentences": sentences, "label_set": task.separator.join(candidates)}
    body = _PLACEHOLDER.sub(lambda match: parts[match[1]], task.template)
    prompt = f"{task.heading}\n{body}"
    return Row(
        id=f"{task.name}:{line}:{content_id(prompt)[:8]}",
        line=line,
        task=task,
        sentences=sentences,
        candidates=candidates,
        prompt=prompt,
        answer=_answer(task, row),
    )


def _answer(task: Task, row: dict[str, Any]) -> str:
    """Return the right answer as the authors write it; a type without a span gets "None"."""
    if task.paradigm == "CLS":
        return task.separator.join(row["labels"][task.label_key])
    if task.paradigm != "OTHER":
        return task.separator.join(span["term"] for span in row["spans"])
    terms: dict[str, list[str]] = {kind: [] for kind in task.labels}
    for span in row["spans"]:
        terms[span["type"]].append(span["term"])
    return "\n".join(
        f"{kind}: {task.separator.join(named or ['None'])}" for kind, named in terms.items()
    )
