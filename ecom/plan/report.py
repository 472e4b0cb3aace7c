"""The complete plan of a recipe: what fits and what to change, as a table and as JSON."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ecom import hardware
from ecom.errors import InputError
from ecom.models import families
from ecom.plan import (
    adapters,
    advice,
    base,
    baselines,
    capacity,
    checks,
    compression,
    contest,
    micro_batch,
    refusals,
    serving,
    training,
)
from ecom.plan.adapters import Adapters
from ecom.plan.advice import Advice
from ecom.plan.baselines import Bill
from ecom.plan.capacity import Capacity
from ecom.plan.compression import Compression
from ecom.plan.contest import Contest
from ecom.plan.memory import Memory
from ecom.recipe import Recipe

if TYPE_CHECKING:
    from rich.console import RenderableType


@dataclass(frozen=True)
class Plan:
    """Training and serving, with advice for one that does not fit, and compression.

    base       its name and where its config.json was found
    contest    the time of its tracks, where a rate was given
    bills      the most that the baselines may cost
    adapters   those of train.per
    capacity   whether the adapter is large enough for the corpus, where that is made
    refused    why stages refuse the base whatever the memory, besides the engine's faults
    """

    base: tuple[str, str]
    train: Memory
    compress: Compression
    engine: Memory
    train_advice: tuple[Advice, ...] = ()
    engine_advice: tuple[Advice, ...] = ()
    contest: Contest | None = None
    bills: tuple[Bill, ...] = ()
    adapters: Adapters | None = None
    capacity: Capacity | None = None
    refused: tuple[str, ...] = ()

    @property
    def fits(self) -> bool:
        """Whether the whole recipe can run, in time and within its budgets."""
        in_time = self.contest is None or self.contest.fits
        paid = all(bill.fits for bill in self.bills)
        return self.train.fits and self.engine.fits and in_time and paid and not self.refused


def make(recipe: Recipe, rate: float | None = None, beside: Path | None = None) -> Plan:
    """Plan a recipe and, with the `rate` of one replica in questions per second, the contest.

    `beside` is the folder of the recipe, which may describe the base (base.py). Raises InputError
    where the rate is wrong, where the base or its target modules cannot be counted, and where
    any-gpu is named and this machine has no GPU.
    """
    checks.sections(recipe, ["plan"])
    for accelerator in (recipe.train.accelerator, recipe.engine.accelerator):
        hardware.usable_gib(accelerator, 1)  # fails at once where there is no GPU
    clock = None if rate is None else contest.plan(recipe, rate)
    bills = baselines.plan(recipe)
    found = base.find(recipe, beside)
    config = found.config
    if unsupported := families.refusal(config.to_dict()):
        raise InputError(f"base {recipe.base}: {unsupported}; name another base")
    refused = refusals.of_asked(config, recipe)
    measure = cache(partial(micro_batch.measure, config))
    try:
        train, engine = training.plan(config, recipe, measure), serving.plan(config, recipe)
    except InputError:
        if not refused:
            raise
        raise InputError("\n  ".join([f"base {recipe.base}:", *refused])) from None
    shown = {f"engine: {fault}" for fault in engine.faults}
    others = tuple(fault for fault in refused if fault not in shown)
    train_advice: tuple[Advice, ...] = ()
    engine_advice: tuple[Advice, ...] = ()
    if not train.fits:
        train_advice = advice.find(
            recipe,
            advice.for_training(recipe),
            lambda other: training.plan_if_near(config, other, measure),
        )
    if not engine.fits:
        engine_advice = advice.find(
            recipe, advice.for_engine(recipe), lambda other: serving.plan(config, other)
        )
    sizes = compression.plan(config, recipe)
    named = (recipe.base, found.source)
    return Plan(
        named,
        train,
        sizes,
        engine,
        train_advice,
        engine_advice,
        contest=clock,
        bills=bills,
        adapters=adapters.plan(config, recipe),
        capacity=capacity.plan(config, recipe),
        refused=others,
    )


def to_json(plan: Plan) -> dict[str, Any]:
    """Return the plan as plain dicts and lists."""
    return {
        "fits": plan.fits,
        "refused": list(plan.refused),
        "base": dict(zip(("name", "config"), plan.base, strict=True)),
        "train": {
            **plan.train.to_json(),
            "advice": [found.to_json() for found in plan.train_advice],
            **({"adapters": plan.adapters.to_json()} if plan.adapters else {}),
            **({"capacity": plan.capacity.to_json()} if plan.capacity else {}),
        },
        "compress": plan.compress.to_json(),
        "engine": {
            **plan.engine.to_json(),
            "advice": [found.to_json() for found in plan.engine_advice],
        },
        **({"contest": plan.contest.to_json()} if plan.contest else {}),
        **({"baselines": [bill.to_json() for bill in plan.bills]} if plan.bills else {}),
    }


def table(plan: Plan) -> "RenderableType":
    """Return all parts as tables, with verdicts for the GPUs."""
    from rich.console import Group
    from rich.markup import escape

    name, source = map(escape, plan.base)
    sizes = _pairs("compress", compression.lines(plan.compress))
    train = list(_part(plan, plan.train, plan.train_advice))
    if plan.adapters:
        train += ["", _pairs("train.per", adapters.lines(plan.adapters))]
    if plan.capacity:
        train += ["", _pairs("adapter", capacity.lines(plan.capacity))]
    clock = ["", *contest.shown(plan.contest)] if plan.contest else []
    bills = ["", *baselines.shown(plan.bills)] if plan.bills else []
    head = f"base: {name}, sizes from {source}"
    engine = _part(plan, plan.engine, plan.engine_advice)
    refused = ["[red]refused whatever the memory:[/red]", *map(escape, plan.refused)]
    faults = ["", *refused] if plan.refused else []
    return Group(head, "", *train, "", sizes, "", *engine, *clock, *bills, *faults)


def _pairs(title: str, pairs: list[tuple[str, str]]) -> "RenderableType":
    from rich.table import Table

    made = Table(title=title, title_justify="left", show_header=False)
    for what, how_much in pairs:
        made.add_row(what, how_much)
    return made


def _part(plan: Plan, memory: Memory, found: tuple[Advice, ...]) -> "Iterator[RenderableType]":
    from rich.markup import escape
    from rich.table import Table

    shown = Table(title=escape(memory.title), title_justify="left", show_footer=True)
    shown.add_column("on one GPU" if memory.on_gpu else "of one process", "total")
    shown.add_column("GiB", f"{memory.total_gib:.2f}", justify="right")
    shown.add_column("", f"{memory.allowed_gib:.2f} allowed of {memory.usable_gib:.2f} usable")
    for line in memory.lines:
        shown.add_row(line.name, f"{line.gib:.2f}", line.about)
    yield shown
    if memory.host_gib:
        yield f"besides, {memory.host_gib:.1f} GiB of the machine's memory for each worker"
    if memory.fits:
        yield "enough memory" if plan.refused else "[green]fits[/green]"
        return
    over = memory.total_gib - memory.allowed_gib
    yield "[red]does not fit[/red]" + (f": {over:.2f} GiB too much" if over > 0 else "")
    yield from (escape(fault) for fault in memory.faults)
    if found:
        yield "what would fit:"
        for option in found:
            yield f"  {escape(' '.join(option.overrides))}: {option.total_gib:.1f} GiB of " + (
                f"{option.usable_gib:.1f}"
            )
    elif over > 0:
        yield "nothing that was tried fits: take a smaller base"
