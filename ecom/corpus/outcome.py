"""The report on a corpus whose shards are written: rejected rows, metrics, data card.

tallies of parts and shards ───┬─► metrics
rows that the choice dropped ──┼─► rejected/*.jsonl
facts about the sources ───────┴─► card.md, card.json, *.png
"""

import json
import shutil
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ecom.corpus import card
from ecom.corpus.card import Counts, SourceFacts
from ecom.corpus.choice import Choice
from ecom.corpus.config import CorpusConfig
from ecom.corpus.reading import Task, export, tables
from ecom.corpus.review.verdicts import Verdicts
from ecom.errors import DataError

SHOTS = "shots.json"  # in the folder for intermediate files
_COUNTED = ("split", "form", "task", "transform")


def write(
    config: CorpusConfig, read: Sequence[Task], choice: Choice, work: Path, out: Path
) -> dict[str, Any]:
    """Write rejected rows and card into `out`; return the metrics of the corpus.

    `work` holds the folders parts, shards and cache. Raises DataError where no row is left.
    """
    counts = _counted([work / "parts", work / "shards"])
    for task in read:
        if task.span.encoding != "utf-8":
            counts.fix(task.source_name, f"file read as {task.span.encoding}, not UTF-8")
    _write_left_out(choice, counts, out / "rejected")
    _write_rejected(config, counts, work, out / "rejected")
    metrics = _metrics(counts, choice)
    if not metrics["rows"].get("train"):
        rejected = metrics["rejected"]
        counted = "; ".join(f"{count:,} rows: {reason}" for reason, count in rejected.items())
        raise DataError(
            f"no row is left to train on; rejected: {counted or 'none'}; {_remedy(rejected)}"
        )
    shown = (work / SHOTS).read_text("utf-8") if (work / SHOTS).is_file() else "[]"
    review = None
    if config.review:
        review = Verdicts.read(config.review_files).report(choice.table)
        metrics["verdicts on unknown rows"] = review["unknown"]
    facts = _facts(read, work / "parts")
    card.write(out, counts, facts, config.model_dump(mode="json"), json.loads(shown), review)
    return metrics


def _remedy(rejected: dict[str, int]) -> str:
    """Return the remedy for the most frequent reason of rejection."""
    if not rejected:
        return (
            "fill the files of corpus.sources; a shop's table gives rows only by "
            "transforms: corpus.transforms.names=['*']"
        )
    most = max(rejected, key=lambda reason: rejected[reason], default="")
    if "corpus.max_tokens" in most:
        return "raise corpus.max_tokens"
    if "corpus.max_rejected_in_review" in most:
        return "raise corpus.max_rejected_in_review, or correct the rows of the source"
    if most.startswith("not ") and ": byte " in most:
        return "set the source's `encoding`, e.g. cp1250"
    if "columns where the header has" in most or "not valid CSV" in most:
        return "set the source's `delimiter`, or correct the header and the quotes of the table"
    return "look at the rows of the sources: rejected/ beside the corpus holds them"


def _counted(folders: Sequence[Path]) -> Counts:
    """Return the sum of all tallies."""
    counts = Counts()
    for file in sorted(file for folder in folders for file in folder.glob("*.json")):
        counts.merge(Counts.from_json(json.loads(file.read_text("utf-8"))["counts"]))
    return counts


def _write_left_out(choice: Choice, counts: Counts, folder: Path) -> None:
    """Write and count the rows that the choice rejected; count repeated questions that stay."""
    for source in choice.table["source"].take(choice.again).to_pylist():
        counts.fix(source, "the same prompt as an earlier row, another free answer: both kept")
    with (folder / "left-out.jsonl").open("w", encoding="utf-8") as stream:
        for reason, numbers in choice.lost.items():
            for row in choice.table.select(["source", "line", "id"]).take(numbers).to_pylist():
                counts.reject(row["source"], reason)
                stream.write(json.dumps({**row, "reason": reason, "text": ""}) + "\n")
    if not choice.lost:
        (folder / "left-out.jsonl").unlink()


def _write_rejected(config: CorpusConfig, counts: Counts, work: Path, folder: Path) -> None:
    """Write the rejected rows of the parts and of the product tables."""
    for file in sorted((work / "parts").glob("*.jsonl")):
        if file.stat().st_size:
            shutil.copyfile(file, folder / f"part-{file.name}")
    for number, products in enumerate(tables(config.sources, work / "cache")):
        rows = [{"source": Path(file).name, **asdict(row)} for file, row in products.rejected()]
        for row in rows:
            counts.reject(str(row["source"]), str(row["reason"]))
        if rows:
            text = "".join(json.dumps(row) + "\n" for row in rows)
            (folder / f"products-{number}.jsonl").write_text(text, "utf-8")


def _metrics(counts: Counts, choice: Choice) -> dict[str, Any]:
    """Return rows by split, form, task and transform, reasons with N for numbers, and tokens."""
    rejected = Counter[str]()
    for tally in counts.rejected.values():
        rejected.update(tally.names)
    rows = {name: dict(sorted(counts.rows[name].names.items())) for name in _COUNTED}
    return {
        "rows": rows["split"],
        "forms": rows["form"],
        "tasks": rows["task"],
        "transforms": rows["transform"],
        "rejected": dict(sorted(rejected.items())),
        "left out by the mixture": choice.left_out,
        "tokens": counts.prompt.total + counts.response.total,
    }


def _format(task: Task) -> str:
    """Return the format of a task's rows: "shop_products, as Shopify's product export"."""
    found = export(task.source, task.span)
    return f"{task.source.format}, as {found.name}" if found else task.source.format


def _facts(read: Sequence[Task], parts: Path) -> list[SourceFacts]:
    """Return the card's facts about each task's source, with the number of rows read."""
    return [
        {
            "name": task.source_name,
            "format": _format(task),
            "path": task.source.path,
            "license": task.source.license,
            "read": json.loads((parts / f"{task.name}.json").read_text("utf-8"))["read"],
        }
        for task in read
    ]
