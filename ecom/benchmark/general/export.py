"""ecom's evaluation rows as tasks of lm-eval: `ecom benchmark RECIPE --export-lm-eval DIR`.

    NAME_TASK.yaml    a task; the tag NAME runs all
    NAME_TASK.jsonl   its rows
    metrics.py        reads and scores answers; needs nothing of ecom

    lm_eval run --model hf --model_args pretrained=MODEL --include_path DIR --tasks NAME \
        --apply_chat_template

With the chat template a question is asked in the recipe's words, as ecom asks it. A choice of one
label or text is `multiple_choice`, decided by the log probability of each; all others are
`generate_until`, greedy and free, where ecom's engine may only write what is offered.
"""

import json
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from ecom import ecominstruct, pipeline, queries
from ecom.benchmark.general import metrics
from ecom.errors import InputError
from ecom.evaluate.gold import Gold, read_gold
from ecom.forms import FORMS, OneLabel, OneText, messages
from ecom.lanes.decoding import ANY_LABELS, lane
from ecom.rows import Query

if TYPE_CHECKING:
    from rich.table import Table

    from ecom.recipe import Recipe

BY_LABEL = "macro f1"


@dataclass(frozen=True)
class _Row:
    """A gold, its question, and the choices that it offers; None where it offers none to choose."""

    gold: Gold
    query: Query
    choices: tuple[str, ...] | None


def write(recipe: "Recipe", to: Path) -> dict[str, Any]:
    """Write the tasks; return {"tasks", "left_out", "command"}.

    Raises InputError where the recipe has no evaluation rows of ShopBench, or `to` is not empty.
    """
    if not recipe.evaluate:
        raise InputError(f"--export-lm-eval: recipe {recipe.name} has no evaluate section; add one")
    gold = pipeline.sample_or(recipe, recipe.evaluate.gold)
    if ecominstruct.is_tasks(gold):
        raise InputError(
            f"--export-lm-eval: {gold} holds EcomInstruct's folders, whose tasks lm-eval has no "
            "form for; name ShopBench rows in evaluate.gold"
        )
    if to.is_dir() and any(to.iterdir()):
        raise InputError(f"--export-lm-eval {to}: not empty; name a new folder")
    golds, left = read_gold(gold, recipe.evaluate.map_metrics, skip_bad=recipe.evaluate.skip_bad)
    asked = {
        (place.file, place.line): one
        for place, one, _ in queries.read(gold)
        if isinstance(one, Query)
    }
    rows = [_row(one, asked[one.file, one.line], recipe) for one in golds]
    by_task: dict[tuple[str, str], list[_Row]] = {}
    for row in rows:
        by_task.setdefault((row.gold.task, row.gold.metric), []).append(row)
    to.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(metrics.__file__, to / "metrics.py")
    done: list[dict[str, Any]] = []
    not_done = [{"task": "", "rows": len(left), "why": "rows that cannot be read"}] if left else []
    for (task, metric), of_task in by_task.items():
        form = of_task[0].gold.form
        if metric not in metrics.scored()[form]:
            why = f"{metric} needs a sentence encoder, which lm-eval has not"
            not_done.append({"task": task, "rows": len(of_task), "why": why})
            continue
        done.append(_write(recipe, _name(recipe, task, metric, by_task), of_task, to))
    command = (
        f"lm_eval run --model hf --model_args pretrained=MODEL --include_path {to} "
        f"--tasks {_slug(recipe.name)} --apply_chat_template"
    )
    return {"tasks": done, "left_out": not_done, "command": command}


def table(found: Mapping[str, Any]) -> "Table":
    """Return the tasks as a table for a terminal."""
    from rich.table import Table

    shown = Table("task", "rows", "asked as", "metric", title="Tasks of lm-eval")
    for one in found["tasks"]:
        shown.add_row(one["task"], str(one["rows"]), one["output_type"], one["metric"])
    notes = [f"{one['rows']} rows of {one['task']}: {one['why']}" for one in found["left_out"]]
    shown.caption = "left out: " + "; ".join(notes) if notes else None
    return shown


def _row(gold: Gold, query: Query, recipe: "Recipe") -> _Row:
    """Return the row with the labels or texts of which one is right."""
    query = replace(query, form=gold.form, task=query.task or gold.task)
    found = lane(query, ANY_LABELS, recipe.prompting)
    offered: Sequence[str] = ()
    decoding = FORMS[gold.form].decoding
    if isinstance(decoding, OneLabel):
        offered = found.labels
    elif isinstance(decoding, OneText) and found.offer:
        offered = found.offer.texts
    is_there = str(gold.answer) in offered and gold.metric == "accuracy"
    return _Row(gold, query, tuple(offered) if is_there else None)


def _write(recipe: "Recipe", name: str, rows: Sequence[_Row], to: Path) -> dict[str, Any]:
    gold, is_choice = rows[0].gold, all(row.choices for row in rows)
    asked = recipe.prompting.asked(FORMS[gold.form], rows[0].query.task)
    system = {"description": asked.system} if asked.system else {}
    how = _choice() if is_choice else _written(gold, asked.max_tokens)
    task = {
        "task": name,
        "tag": [_slug(recipe.name)],
        "custom_dataset": _Function("metrics.rows"),
        "dataset_kwargs": {"file": f"{name}.jsonl"},
        "test_split": "test",
        **system,
        "doc_to_text": "prompt",
        **how,
        "num_fewshot": 0,
        "metadata": {"version": 1, "form": gold.form, "metric": gold.metric},
    }
    text = "".join(
        json.dumps(one, ensure_ascii=False) + "\n" for one in _docs(recipe, rows, is_choice)
    )
    (to / f"{name}.jsonl").write_text(text, encoding="utf-8")
    (to / f"{name}.yaml").write_text(
        yaml.dump(task, Dumper=_Dumper, sort_keys=False, allow_unicode=True), encoding="utf-8"
    )
    return {
        "task": name,
        "rows": len(rows),
        "form": gold.form,
        "metric": gold.metric,
        "output_type": how["output_type"],
    }


def _choice() -> dict[str, Any]:
    return {
        "output_type": "multiple_choice",
        "doc_to_choice": "choices",
        "doc_to_target": "answer",
        "metric_list": [{"metric": "acc", "aggregation": "mean", "higher_is_better": True}],
    }


def _written(gold: Gold, max_tokens: int) -> dict[str, Any]:
    aggregation = "over_labels" if gold.metric == BY_LABEL else "ratio"
    return {
        "output_type": "generate_until",
        "doc_to_target": "target",
        "generation_kwargs": {"until": [], "max_gen_toks": max_tokens, "do_sample": False},
        "process_results": _Function("metrics.process"),
        "metric_list": [
            {
                "metric": "score",
                "aggregation": _Function(f"metrics.{aggregation}"),
                "higher_is_better": True,
            }
        ],
    }


def _docs(recipe: "Recipe", rows: Sequence[_Row], is_choice: bool) -> Iterator[dict[str, Any]]:
    for row in rows:
        form = FORMS[row.gold.form]
        chat = messages(row.gold.prompt, form, recipe.prompting, row.query.task)
        doc = {"id": row.gold.id, "prompt": chat[-1]["content"]}
        if is_choice:
            assert row.choices
            right = row.choices.index(str(row.gold.answer))
            yield doc | {"choices": list(row.choices), "answer": right}
        else:
            target = json.dumps(row.gold.answer, ensure_ascii=False)
            yield doc | {"target": target, "form": form.name, "metric": row.gold.metric}


def _name(recipe: "Recipe", task: str, metric: str, all_: Mapping[tuple[str, str], Any]) -> str:
    """Return the task's name; with its metric where the task has several."""
    several = sum(one == task for one, _ in all_) > 1
    return _slug(f"{recipe.name}_{task}_{metric}" if several else f"{recipe.name}_{task}")


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")


class _Function(str):
    """The name of a function in a file beside the task."""


class _Dumper(yaml.SafeDumper):  # type: ignore[misc]
    """Writes them as lm-eval reads them: !function metrics.process."""


_Dumper.add_representer(
    _Function, lambda dumper, name: dumper.represent_scalar("!function", str(name))
)
