"""The adapters of train.per: their number, steps and disk space.

They are trained one after the other, so memory is one adapter's, and all together take as many
steps as one adapter over all rows. Their number is counted in the corpus, if there is one; before
that it is known only for a column with few possible values.

on disk    4 B per trained parameter and adapter; checkpoints of the one in training take 12, twice
learned    combine.method: the base as stored, 2 B per parameter, all adapters in fp32, and a batch
           of rows_per_step rows, layers recomputed
"""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ecom.hardware import GIB
from ecom.plan import micro_batch, outline
from ecom.predict.config import ADAPTERS, ADAPTERS_AT_ONCE
from ecom.recipe import Recipe
from ecom.train.config import VALUES

if TYPE_CHECKING:
    from transformers import PretrainedConfig

_PROCESS_GIB = 0.8  # torch and transformers themselves


@dataclass(frozen=True)
class Adapters:
    """The adapters of train.per.

    rows          training rows of each value; {} where the corpus is not made yet
    most          the most adapters there can be; None where it is not known
    steps         of all together; None where the corpus is not made yet
    adapter_gib   one of them on disk
    disk_gib      all of them, and the checkpoints of the one in training
    learn_gib     resident, to learn their weights; None where compress learns none
    """

    column: str
    rows: dict[str, int]
    most: int | None
    steps: int | None
    adapter_gib: float
    disk_gib: float
    learn_gib: float | None

    def to_json(self) -> dict[str, Any]:
        """Return it as plain numbers."""
        return {k: round(v, 3) if isinstance(v, float) else v for k, v in asdict(self).items()}


def plan(config: "PretrainedConfig", recipe: Recipe) -> Adapters | None:
    """Return the plan of the recipe's adapters, or None where it trains one."""
    train = recipe.train
    if train.per is None:
        return None
    rows = _rows(Path(recipe.workdir) / "corpus" / "train", train.per)
    known = rows or VALUES.get(train.per)
    count = len(known) if known else 1
    each = 4 * outline.parameters(config, train).trained / GIB
    steps = {value: train.epochs * max(1, n // train.rows_per_step) for value, n in rows.items()}
    most = sum(min(n, train.max_steps or n) for n in steps.values())
    learns = recipe.compress.combine.method == "learned"
    return Adapters(
        column=train.per,
        rows=rows,
        most=len(known) if known else None,
        steps=most or None,
        adapter_gib=each,
        disk_gib=each * (count + 2 * 3),
        learn_gib=_learn_gib(config, recipe, each * count) if learns else None,
    )


def served_gib(config: "PretrainedConfig", recipe: Recipe) -> float:
    """Return the GiB of the adapters, in 16 bit, that vLLM has in memory at once."""
    found = plan(config, recipe)
    if found is None or recipe.predict is None or ADAPTERS not in recipe.predict.models:
        return 0.0
    return min(found.most or ADAPTERS_AT_ONCE, ADAPTERS_AT_ONCE) * found.adapter_gib / 2


def _rows(folder: Path, column: str) -> dict[str, int]:
    """Return the training rows of each value, {} where there is no corpus."""
    import pyarrow.dataset as ds

    files = [str(file) for file in sorted(folder.glob("*.parquet"))]
    if not files:
        return {}
    found = ds.dataset(files).to_table(columns=[column])[column].value_counts().to_pylist()
    return {n["values"]: n["counts"] for n in found if n["values"] is not None}


def _learn_gib(config: "PretrainedConfig", recipe: Recipe, adapters_gib: float) -> float:
    assert recipe.corpus, "checks.sections refuses other recipes"
    settings = {"gradient_checkpointing": True, "method": "lora", "accelerator": "H100"}
    like = micro_batch.normalized(recipe.train.model_copy(update=settings))
    rows = recipe.compress.combine.rows_per_step
    batch = micro_batch.measure(config, like, rows, recipe.corpus.max_tokens).peak / GIB
    return _PROCESS_GIB + 2 * outline.parameters(config).total / GIB + adapters_gib + batch


def lines(found: Adapters) -> list[tuple[str, str]]:
    """Return the plan as (name, value) pairs."""
    number = f"{found.most}" if found.rows else f"{found.most or 'as many as there are'}, at most"
    counted = ", ".join(f"{value} {rows:,}" for value, rows in sorted(found.rows.items()))
    shown = [("adapters, one after the other", f"{number}, one a {found.column}")]
    if found.rows:
        shown += [("their rows", counted), ("steps, of all", f"{found.steps:,}")]
    shown.append(
        ("disk, of all and checkpoints", f"{found.disk_gib:.2f} GiB ({found.adapter_gib:.2f} each)")
    )
    if found.learn_gib is not None:
        shown.append(("memory to learn their weights", f"{found.learn_gib:.2f} GiB"))
    return shown
