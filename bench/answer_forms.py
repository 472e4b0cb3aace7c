"""How much is lost to format: both parsers over what a real LLM wrote (raw_outputs of the data).

    make bench-forms            (or: ECOM_DATA=… python bench/answer_forms.py)

`read` is the number of texts in which a parser finds an answer, `score` the score of the answers
(hit rate@3, micro F1) where the contest could score the label. Labels are as messy as answers, so
they are read leniently. Last line: {"bench": "forms", "ratios": {…}, "raw": {…}}, ratios being
lenient over official.
"""

import json
import os
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from ecom.evaluate.gold import Gold
from ecom.evaluate.rate import rate
from ecom.forms import FORMS, PARSERS, FormName

DATA = Path(os.environ.get("ECOM_DATA", "../shared/data")) / "raw_outputs"
METRIC: dict[FormName, str] = {
    "retrieval": "hit rate@3",
    "named_entity_recognition": "micro f1",
}


def measure(name: FormName, file: Path) -> dict[str, float]:
    """Return rows, and read and score by parser."""
    form = FORMS[name]
    rows = [json.loads(line) for line in file.open(encoding="utf-8")]
    labels = [form.lenient(row["label"].strip().lstrip(": ")) for row in rows]
    golds = [label[:3] if name == "retrieval" else label for label in labels]
    indices = [i for i, gold in enumerate(golds) if gold and form.is_gold(gold)]
    scored = [Gold(i, str(i), "", golds[i], "t", name, METRIC[name], "none") for i in indices]
    rated = rate(scored, [rows[i]["predict"] for i in indices], {})
    found: dict[str, float] = {"rows": len(rows), "scored": len(scored)}
    for parser in PARSERS:
        ratios = getattr(rated, parser)
        texts = (row["predict"] for row in rows)
        found[f"{parser} read"] = sum(form.parse(parser, t) != form.nothing for t in texts)
        found[f"{parser} score"] = float(np.divide(*ratios.sum(axis=0)))
    return found


def main() -> None:
    """Print the table and the JSON line."""
    raw = {
        f"{name} {kind}": measure(name, DATA / f"{name}.{kind}-model.jsonl")
        for name in METRIC
        for kind in ("original", "fine-tuned")
    }
    table = Table(title="Answers of a real LLM, by parser", title_justify="left")
    columns = list(next(iter(raw.values())))
    for column in ("answers", *columns):
        table.add_column(column, justify="left" if column == "answers" else "right")
    for name, found in raw.items():
        table.add_row(name, *(f"{v:.3f}" if "score" in k else f"{v:.0f}" for k, v in found.items()))
    Console(width=120).print(table)
    ratios = {name: found["lenient score"] / found["official score"] for name, found in raw.items()}
    print(json.dumps({"bench": "forms", "ratios": ratios, "raw": raw}))


if __name__ == "__main__":
    main()
