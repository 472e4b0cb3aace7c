"""EcomInstruct's scores, task by task, as its authors compute them (DOMAIN.md §3).

    micro_f1, macro_f1   CLS, EXT, GEN: an answer is the set of its pieces between ", " (a CLS
                         answer without its full stops); macro is the F1 of mean precision and
                         mean recall over the rows
                         NER: mentions of the "Type: a, b" lines, found again in the sentence,
                         character by character (BIO); macro is the mean F1 of the types, of gold
                         and prediction, as seqeval has it
    rouge_l              F of the `rouge` package, mean over the rows. It cuts words at white space,
                         so a Chinese answer is one word, and sentences at full stops; it knows a
                         word once, and its best value is 0.999999995
    rouge_l_chars        plain ROUGE-L F on characters without white space; not the authors'

Where the authors' program stops with an error or depends on chance, this one does not:
- An answer is stripped, and an empty one counts as one wrong piece, with ROUGE-L 0. Theirs scores
  the word "error" in its place, or stops if the answer is nothing but full stops.
- Of nested mentions of one type the longest is found; theirs takes them in the order of a Python
  set, another in each run. An empty mention ("Brand: a, ") is nowhere; theirs is everywhere.
- An extracted answer of one character is an answer; theirs takes it for none.
- A title (GEN) is split as the others; theirs compares the sets of its characters.
Entities are counted here, not by seqeval, which has had no release since 2020 and brings
scikit-learn; the tests compare the two.
"""

import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ecom.ecominstruct import ROWS, Row, Task, load_tasks, read_task
from ecom.evaluate.gold import Fault, Gold, raise_all, read_predictions
from ecom.shopbench import Rejected

if TYPE_CHECKING:
    from rich.table import Table

METRICS = ("micro_f1", "macro_f1", "rouge_l", "rouge_l_chars")
# Longer answers are cut. The longest public right answer has 792; ROUGE-L takes quadratic time.
MAX_ANSWER_CHARS = 5_000

Entity = tuple[str, int, int]  # type, first character, first character after it
Tag = tuple[bool, str]  # a character's B (True) or I, and its type; None is O


def score_folder(gold: Path, predictions: Path) -> dict[str, Any]:
    """Return {"tasks": {name: scores}, "mean": {metric: mean over the tasks}}.

    `gold` is a task folder or a folder of them, `predictions` JSON lines {"id"?: …, "prediction":
    "raw text"}; without ids they stand in the reader's order. Raises DataError, listing every
    offender, where a row of either cannot be scored.
    """
    rows = _gold_rows(gold)
    # The same checks as for ShopBench's predictions; `line` is the place in the reader's order.
    golds = [
        Gold(place, row.id, row.prompt, row.answer, row.task.name, "generation", "", "")
        for place, row in enumerate(rows, start=1)
    ]
    answers, faults = read_predictions(predictions, golds)
    raise_all(faults, "the predictions do not fit the gold")
    parts: dict[str, list[tuple[Row, str]]] = {}
    for row, answer in zip(rows, answers, strict=True):
        parts.setdefault(row.task.name, []).append((row, answer.text))
    tasks = {
        name: score([row for row, _ in part], [text for _, text in part])
        for name, part in parts.items()
    }
    means = {name: _mean([scores[name] for scores in tasks.values()]) for name in METRICS}
    return {"tasks": tasks, "mean": means}


def table(scores: Mapping[str, Mapping[str, Any]]) -> "Table":
    """Return `score_folder` of each model (name -> scores) as a table; the mean stands last."""
    from rich.table import Table

    shown = Table(title="EcomInstruct, as published", title_justify="left")
    for column in ("task", "rows", "model", *METRICS):
        left = column in ("task", "model")
        shown.add_column(column, justify="left" if left else "right", overflow="fold")
    first = next(iter(scores.values()))
    for task in (*first["tasks"], "mean"):
        for model, found in scores.items():
            row = found["mean"] if task == "mean" else found["tasks"][task]
            numbers = (f"{row[name]:.3f}" for name in METRICS)
            shown.add_row(task, str(row.get("n", "")), model, *numbers)
        shown.add_section()
    return shown


def markdown(scores: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the same table as a Markdown page."""
    lines = [
        "# EcomInstruct, as published",
        "",
        f"| task | rows | model | {' | '.join(METRICS)} |",
        f"|---|---:|---|{'---:|' * len(METRICS)}",
    ]
    for model, found in scores.items():
        for task, row in {**found["tasks"], "mean": found["mean"]}.items():
            numbers = " | ".join(f"{row[name]:.3f}" for name in METRICS)
            lines.append(f"| {task} | {row.get('n', '')} | {model} | {numbers} |")
    return "\n".join(lines) + "\n"


def score(rows: Sequence[Row], predictions: Sequence[str]) -> dict[str, float]:
    """Return METRICS and the number of rows `n` of one task; `predictions` are raw texts."""
    task = rows[0].task
    texts = [_readable(task, text) for text in predictions]
    golds = [row.answer.strip() for row in rows]
    if task.paradigm == "OTHER":
        found = [entities(row.sentences, t, task) for row, t in zip(rows, texts, strict=True)]
        wanted = [entities(row.sentences, row.answer, task) for row in rows]
        micro, macro = entity_f1(found, wanted)
    else:
        micro, macro = set_f1([_pieces(task, t) for t in texts], [_pieces(task, g) for g in golds])
    pairs = list(zip(texts, golds, strict=True))
    return {
        "micro_f1": micro,
        "macro_f1": macro,
        "rouge_l": _mean([rouge_l(text, gold) for text, gold in pairs]),
        "rouge_l_chars": _mean([rouge_l_chars(text, gold) for text, gold in pairs]),
        "n": len(rows),
    }


def set_f1(
    found: Sequence[AbstractSet[str]], wanted: Sequence[AbstractSet[str]]
) -> tuple[float, float]:
    """Return micro and macro F1 of one pair of sets, none empty, a row."""
    hits = [len(f & w) for f, w in zip(found, wanted, strict=True)]
    sizes, golds = [len(f) for f in found], [len(w) for w in wanted]
    precision = _mean([hit / size for hit, size in zip(hits, sizes, strict=True)])
    recall = _mean([hit / size for hit, size in zip(hits, golds, strict=True)])
    return _f1(sum(hits) / sum(sizes), sum(hits) / sum(golds)), _f1(precision, recall)


def entity_f1(
    found: Sequence[AbstractSet[Entity]], wanted: Sequence[AbstractSet[Entity]]
) -> tuple[float, float]:
    """Return micro F1 and the mean of the types' F1, F1 = 2·tp / (found + wanted), 0 where none."""
    pairs = list(zip(found, wanted, strict=True))
    hits = Counter(kind for f, w in pairs for kind, *_ in f & w)
    sizes = Counter(kind for f, w in pairs for part in (f, w) for kind, *_ in part)
    if not sizes:
        return 0.0, 0.0
    micro = 2 * hits.total() / sizes.total()
    return micro, _mean([2 * hits[kind] / size for kind, size in sizes.items()])


def entities(sentence: str, answer: str, task: Task) -> set[Entity]:
    """Return the stretches of the sentence that an answer of "Type: a, b" lines names.

    A mention is marked wherever it occurs, over earlier marks; "None" is no mention. What is left
    of an overwritten mention counts as a stretch of its own.
    """
    mentions: dict[str, set[str]] = {}
    for line in answer.split("\n"):
        kind, colon, names = line.partition(": ")
        if colon and not line.endswith(": "):
            mentions.setdefault(kind, set()).update(names.split(task.separator))
    tags: list[Tag | None] = [None] * len(sentence)
    for kind, names_of_kind in mentions.items():
        for name in sorted(names_of_kind - {"None", ""}, key=lambda name: (len(name), name)):
            start = sentence.find(name)
            while start >= 0:
                tags[start : start + len(name)] = [(True, kind), *[(False, kind)] * (len(name) - 1)]
                start = sentence.find(name, start + 1)
    return _stretches(tags)


def rouge_l(text: str, gold: str) -> float:
    """Return ROUGE-L F of the `rouge` package; 0 if either text has no word, which it refuses."""
    if not _has_word(text) or not _has_word(gold):
        return 0.0
    # The package walks back through the table by recursion, a step a word.
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(limit + len(text.split()) + len(gold.split()))
    try:
        return float(_rouge().get_scores(text, gold)[0]["rouge-l"]["f"])
    finally:
        sys.setrecursionlimit(limit)


def rouge_l_chars(text: str, gold: str) -> float:
    """Return 2·LCS / (characters of both), white space left out; 0 if nothing is left."""
    text, gold = "".join(text.split()), "".join(gold.split())
    return 2 * _lcs_length(text, gold) / (len(text) + len(gold)) if text or gold else 0.0


def _gold_rows(path: Path) -> list[Row]:
    rows: list[Row] = []
    faults: list[Fault] = []
    for task in load_tasks(path):
        file = task.folder / ROWS
        read = list(read_task(task))
        rows += [row for row in read if isinstance(row, Row)]
        faults += [Fault(file, r.line, r.reason) for r in read if isinstance(r, Rejected)]
        if not read:
            faults.append(Fault(file, None, "no row in it; restore it as published"))
    raise_all(faults, "the gold cannot be scored")
    return rows


def _readable(task: Task, text: str) -> str:
    """Return what is scored of a raw text. The authors drop the full stops of CLS answers."""
    text = text[:MAX_ANSWER_CHARS].strip()
    return text.replace(".", "") if task.paradigm == "CLS" else text


def _pieces(task: Task, text: str) -> set[str]:
    return set(text.split(task.separator))


def _stretches(tags: Sequence[Tag | None]) -> set[Entity]:
    """A stretch begins at each B and where the type changes; it ends where the next one begins."""
    cuts = []
    before: Tag | None = None
    for place, tag in enumerate(tags):
        if tag is None or before is None or tag[0] or tag[1] != before[1]:
            cuts.append(place)
        before = tag
    found = set()
    for start, end in pairwise([*cuts, len(tags)]):
        if tag := tags[start]:
            found.add((tag[1], start, end))
    return found


def _has_word(text: str) -> bool:
    return bool(text.replace(".", " ").split())


@cache
def _rouge() -> Any:
    from rouge import Rouge

    return Rouge(metrics=["rouge-l"], stats=["f"])


def _lcs_length(a: str, b: str) -> int:
    """Return the length of the longest common subsequence.

    H. Hyyrö, "Bit-parallel LCS-length computation revisited", 2004: bit i of `row` is 0 where the
    length grows with a[i], and a character of b updates the whole row by one addition.
    """
    places: dict[str, int] = {}
    for i, character in enumerate(a):
        places[character] = places.get(character, 0) | 1 << i
    full = row = (1 << len(a)) - 1
    for character in b:
        hits = row & places.get(character, 0)
        row = (row + hits | row - hits) & full
    return len(a) - row.bit_count()


def _f1(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
