"""The most that the predict stage's baselines may cost: requests, tokens and their price.

A prompt has at most as many tokens as bytes, whatever the tokenizer; each message of a chat has
FRAME more around it. An answer has at most its token limit. That is for one answer to each question
without one in WORKDIR/baselines/NAME.sqlite: requests that fail count towards `max_requests`, and
whether they are billed depends on the endpoint.
"""

from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ecom import queries
from ecom.completions.cache import Cache
from ecom.predict.config import Baseline
from ecom.raw import reading
from ecom.recipe import Recipe
from ecom.rows import Query

if TYPE_CHECKING:
    from rich.console import RenderableType

FRAME = 8  # tokens of a chat template around a message


@dataclass(frozen=True)
class Bill:
    """The most that a baseline may still cost. Without the questions all but the limit is None.

    `questions` counts those without an answer, `sent` the requests made so far for all of them.
    answer_tokens is also None where no limit is sent, and cost where that or the price is unknown.
    """

    name: str
    max_requests: int
    questions: int | None = None
    sent: int | None = None
    prompt_tokens: int | None = None
    answer_tokens: int | None = None
    cost: float | None = None

    @property
    def fits(self) -> bool:
        """Whether the budget can suffice."""
        return not self.questions or self.needed <= self.max_requests

    @property
    def needed(self) -> int:
        """Return the smallest `max_requests` that can suffice."""
        return (self.questions or 0) + (self.sent or 0)

    def to_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {"fits": self.fits, **asdict(self)}


def plan(recipe: Recipe) -> tuple[Bill, ...]:
    """Return the bill of every baseline. Raises DataError where a file cannot be read."""
    if recipe.predict is None:
        return ()
    baselines, named = recipe.predict.baselines, recipe.predict.queries
    path = f"{recipe.workdir}/quickstart/test.jsonl" if named == "sample" else named
    if not (baselines and reading.exists(path)):
        return tuple(Bill(n, b.max_requests) for n, b in baselines.items())
    asked = [row for _, row, _ in queries.read(path) if isinstance(row, Query)]
    return tuple(_bill(n, b, recipe, asked) for n, b in baselines.items())


def _bill(name: str, baseline: Baseline, recipe: Recipe, asked: list[Query]) -> Bill:
    bodies = (baseline.body(query, recipe.prompting) for query in asked)
    every = {baseline.key(body): body for body in bodies}
    answered, sent = _made(Path(recipe.workdir) / "baselines" / f"{name}.sqlite", every.keys())
    different = [body for key, body in every.items() if key not in answered]
    prompts = sum(_size(message) for body in different for message in body["messages"])
    limits = [body.get("max_tokens", body.get("max_completion_tokens")) for body in different]
    answers = None if None in limits else sum(limit or 0 for limit in limits)
    price = baseline.price_per_million_tokens
    cost = None if price is None or answers is None else round(price.cost(prompts, answers), 4)
    return Bill(name, baseline.max_requests, len(different), sent, prompts, answers, cost)


def _made(file: Path, keys: Collection[str]) -> tuple[set[str], int]:
    """Return the requests that have an answer, and how many requests were sent so far."""
    if not file.exists():
        return set(), 0
    with Cache(file) as cache:
        return {key for key in keys if cache.reply(key)}, cache.tries(keys)


def _size(message: dict[str, str]) -> int:
    return len(message["content"].encode()) + FRAME


def shown(bills: tuple[Bill, ...]) -> "Iterator[RenderableType]":
    """Yield the table, and what to set where a budget cannot suffice."""
    from rich.markup import escape
    from rich.table import Table

    table = Table(title="baselines: at most", title_justify="left")
    table.add_column("")
    for column in ("questions", "max_requests", "prompt tokens", "answer tokens", "cost"):
        table.add_column(column, justify="right")
    for bill in bills:
        numbers = (bill.questions, bill.max_requests, bill.prompt_tokens, bill.answer_tokens)
        cost = "?" if bill.cost is None else f"{bill.cost:,.2f}"
        table.add_row(escape(bill.name), *("?" if n is None else f"{n:,}" for n in numbers), cost)
    yield table
    if any(bill.questions is None for bill in bills):
        yield "? not known: the questions are not there yet"
    for bill in bills:
        if not bill.fits:
            yield (
                f"[red]does not fit[/red]: set predict.baselines.{escape(bill.name)}."
                f"max_requests={bill.needed} or more"
            )
