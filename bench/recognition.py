"""How well prompts are recognised, and in what time, on the shared data. No model is called.

    make bench-recognition      (or: ECOM_DATA=… python -m bench.recognition)

For each task, without and with the row's own `is_multiple_choice`:

    form      share of rows with the right form: their task_type; classification where the answer
              is yes or no, or a label of EcomInstruct. Such a label set may allow several, too
    options   of closed rows, the share whose options are found: those that the form's own reader
              finds, yes and no, or EcomInstruct's candidates
    false     of open rows, the number for which options are offered

A row of ec_guide that prints no options for its multiple choice counts as one without options. The
time is the mean of a prompt without a flag in the fastest of --repetitions, for ShopBench's and
ec_guide's rows. Long prompts of one repeated piece show that no pattern takes time that grows with
the square of a text. Then the styles of tests/forms/unseen_4.py, which are among the tests' too.
Last line: {"bench": "recognition", "us": …, "tasks": {…}}.
"""

import argparse
import gc
import json
import os
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from random import Random
from typing import Any

from rich.console import Console
from rich.table import Table

from ecom import ecominstruct
from ecom.forms import FORMS, infer
from tests.forms import unseen_4

DATA = Path(os.environ.get("ECOM_DATA", "../shared/data"))
TEXTS = ("classification", "multi-label")
LONG = 100_000  # characters
PIECES = (
    *('["a", ', "a or b ", "Options: ", "options:\n- a\n", "one of ", "answer a or ", '"A: x", '),
    *("用a回答", "yes if ", "「a」か", "is it a or b? ", "[", "'", "rate 1 to ", "1 or ", "0. a "),
    *("1. a\n", "list 'a' ", "' '", "a'", "'a ", "A a: 1.", "1 to ", "A:\n", "find the "),
    *('"a" or ', "<tags>", "\n- a\n", "choose a: ", "options are - ", "`a` if ", "1 if ", "(a/b) "),
    *("从a、b", "pick a b from ", "product A: b, ", "A: x B: y ", "选a：", "Yes, no, "),
)


@dataclass(frozen=True)
class Row:
    """A prompt, the forms that are right, and its options: () where nothing may be offered."""

    task: str
    prompt: str
    forms: tuple[str, ...]
    options: tuple[str, ...] = ()


def shopbench() -> Iterator[Row]:
    """Yield the rows in ShopBench's style."""
    files = [DATA / "shopbench" / "development.json", *sorted((DATA / "ec_guide").glob("*.jsonl"))]
    for path in files:
        for line in path.open(encoding="utf-8"):
            row: dict[str, Any] = json.loads(line)
            prompt, name = row["input_field"], row["task_type"]
            task = f"{path.stem} {name}" if path.suffix == ".json" else path.stem
            if row["metric"] == "bool":
                yield Row(f"{task} yes/no", prompt, ("classification",), ("yes", "no"))
            else:
                form = FORMS[name]
                forms = (name, "ordering") if name == "ranking" else (name,)
                yield Row(task, prompt, forms, form.offers(prompt))


def instructions() -> Iterator[Row]:
    """Yield EcomInstruct's rows."""
    for row in ecominstruct.read_rows(DATA / "ecominstruct"):
        if isinstance(row, ecominstruct.Row):
            closed = row.task.paradigm == "CLS"
            open_forms = ("generation", "named_entity_recognition")
            yield Row(
                row.task.name,
                row.prompt,
                TEXTS if closed else open_forms,
                row.candidates if closed else (),
            )


def measure(rows: list[Row], flagged: bool) -> dict[str, Counter[str]]:
    """Return the counts by task."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        choice = row.forms == ("multiple-choice",) or row.forms[0] in TEXTS
        made = infer(row.prompt, choice if flagged else None)
        counts = found[row.task]
        counts["rows"] += 1
        counts["form"] += made.form in row.forms
        if row.options:
            counts["closed"] += 1
            counts["options"] += bool(made.offer and made.offer.texts == row.options)
        elif row.forms != ("multiple-choice",):
            counts["open"] += 1
            counts["false"] += made.offer is not None
    return found


def held_out(flagged: bool) -> dict[str, int]:
    """Return the counts of tests/forms/unseen_4.py.

    An answer is right with the same texts, case aside, the same count and order.
    """
    counts = Counter[str]()
    for write, number in product(unseen_4.CLOSED, range(10)):
        asked = write(Random(f"{write.__name__}:{number}"))
        is_one = asked.choose == 1 and not asked.is_order
        offer = infer(asked.prompt, is_one if flagged else None).offer
        bounds = (asked.choose, asked.choose) if asked.choose else (1, len(asked.labels))
        wanted = ([text.casefold() for text in asked.labels], *bounds, asked.is_order)
        counts["closed"] += 1
        if offer:
            texts = [text.casefold() for text in offer.texts]
            counts["options"] += (texts, offer.least, offer.most, offer.ordered) == wanted
    for write_open, number in product(unseen_4.OPEN, range(10)):
        prompt = write_open(Random(f"{write_open.__name__}:{number}"))
        counts["open"] += 1
        counts["false"] += infer(prompt, False if flagged else None).offer is not None
    return dict(counts)


def microseconds(rows: list[Row], repetitions: int) -> float:
    """Return the mean time of a prompt in the fastest repetition."""
    times = []
    gc.disable()
    for _ in range(repetitions):
        start = time.process_time()
        for row in rows:
            infer(row.prompt)
        times.append(time.process_time() - start)
    gc.enable()
    return min(times) / len(rows) * 1e6


def longest() -> tuple[float, str]:
    """Return the seconds of the slowest prompt of LONG characters, and its piece."""
    times = []
    for piece in PIECES:
        prompt = piece * (LONG // len(piece))
        start = time.process_time()
        infer(prompt)
        times.append((time.process_time() - start, piece))
    return max(times)


def share(part: int, whole: int) -> str:
    """Return a share for the table."""
    return f"{part / whole:.2%}" if whole else ""


def main() -> None:
    """Print the table and the JSON line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--repetitions", type=int, default=5)
    chosen = parser.parse_args()
    timed = list(shopbench())
    rows = [*timed, *instructions()]
    results = {"none": measure(rows, flagged=False), "flag": measure(rows, flagged=True)}
    table = Table(title="Recognition, without | with the flag", title_justify="left")
    for column in ("task", "rows", "form", "options", "false"):
        table.add_column(column, justify="left" if column == "task" else "right")
    total = {name: sum(found.values(), Counter()) for name, found in results.items()}
    for task in (*results["none"], "all"):
        both = [total[name] if task == "all" else found[task] for name, found in results.items()]
        cells = [
            " | ".join(share(counts["form"], counts["rows"]) for counts in both),
            " | ".join(share(counts["options"], counts["closed"]) for counts in both),
            " | ".join(str(counts["false"]) if counts["open"] else "" for counts in both),
        ]
        table.add_row(task, str(both[0]["rows"]), *(cell.strip(" |") for cell in cells))
    Console(width=120).print(table)
    spent = microseconds(timed, chosen.repetitions)
    print(f"{len(timed):,} prompts of ShopBench and ec_guide: {spent:.0f} µs a prompt")
    seconds, piece = longest()
    print(f"slowest of {len(PIECES)} prompts of {LONG:,} characters: {seconds:.2f} s, {piece!r}")
    unseen = {name: held_out(name == "flag") for name in results}
    for name, counts in unseen.items():
        print(
            f"unseen_4.py, {'with' if name == 'flag' else 'without'} the flag: options of "
            f"{counts['options']} of {counts['closed']} closed prompts; {counts['false']} of "
            f"{counts['open']} open ones taken for closed"
        )
    tasks = {
        task: {name: dict(found[task]) for name, found in results.items()}
        for task in results["none"]
    }
    print(
        json.dumps(
            {"bench": "recognition", "us": round(spent, 1), "held out": unseen, "tasks": tasks}
        )
    )


if __name__ == "__main__":
    main()
