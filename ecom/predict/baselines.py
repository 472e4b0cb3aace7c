"""Ask a baseline: another model behind an OpenAI-compatible endpoint, bounded by its budget.

    question ─► the chat that asks it ─┬► answered before (cache) ─┐
                                       └► completions.client ──────┴► text ─► prediction, or error

Answers are stored beside the artifact, in baselines/NAME.sqlite, by the hash of all that was sent:
neither a stopped run nor one with other models pays for an answer twice.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ecom.completions import client
from ecom.completions.cache import Cache, Reply
from ecom.errors import InputError, StageError
from ecom.forms import Prompting
from ecom.lanes import ANY_LABELS, Asked, Written, failed, lane
from ecom.predict.config import Baseline
from ecom.predict.kept import to_json
from ecom.predict.questions import Questions
from ecom.rows import Prediction, Query

Add = Callable[[list[int], list[str]], None]


@dataclass(frozen=True)
class Asking:
    """One baseline and all questions of a run. `cache` is the file of its answers."""

    name: str
    baseline: Baseline
    prompting: Prompting
    asked: Questions
    cache: Path

    @property
    def target(self) -> client.Target:
        """The model and endpoint that are asked."""
        named = f"predict.baselines.{self.name}"
        return client.Target(self.baseline.url, self.baseline.model, self.baseline, named)

    def request(self, row: int) -> client.Request:
        """Return the request for a row's question; equal questions have equal keys."""
        body = self.baseline.body(self.asked.query(row), self.prompting)
        return client.Request(self.baseline.key(body), body)

    def rows(self) -> dict[str, list[int]]:
        """Return the rows of every distinct question, by its request's key."""
        found: dict[str, list[int]] = {}
        for row in range(len(self.asked)):
            found.setdefault(self.request(row).key, []).append(row)
        return found


@dataclass
class Spent:
    """The cost of the answers to a run's questions, over all runs; 0 tokens if not reported."""

    prompt_tokens: int = 0
    completion_tokens: int = 0

    def add(self, reply: Reply) -> None:
        """Count an answer."""
        self.prompt_tokens += reply.prompt_tokens
        self.completion_tokens += reply.completion_tokens


def check(asking: Asking) -> None:
    """Raise InputError where the API key is missing, or `max_requests` cannot suffice."""
    keys = asking.rows().keys()
    with Cache(asking.cache) as cache:
        missing, tries = sum(cache.reply(key) is None for key in keys), cache.tries(keys)
    if not missing:
        return
    client.api_key(asking.target)
    most = asking.baseline.max_requests
    if tries + missing > most:
        raise InputError(
            f"{asking.target.named}.max_requests {most}: {missing} questions have no answer yet, "
            f"and {tries} requests were sent for these questions before; set it to "
            f"{tries + missing} or more, or ask fewer questions"
        )


def ask(asking: Asking, add: Add) -> tuple[dict[str, float], dict[int, str]]:
    """Pass the answers to `add` as they come; return their cost, and why rows have none.

    Raises what `client.ask` does, and StageError where the budget ran out before the questions.
    """
    missing, reasons, spent = asking.rows(), dict[str, str](), Spent()
    keys = list(missing)

    def take(key: str, reply: Reply) -> None:
        spent.add(reply)
        rows = missing.pop(key)
        add(rows, [to_json(_prediction(asking.asked.query(row), reply)) for row in rows])

    def done(request: client.Request, reply: Reply | str) -> None:
        if isinstance(reply, str):
            reasons[request.key] = reply
        else:
            take(request.key, reply)

    with Cache(asking.cache) as cache:
        for key in keys:
            if reply := cache.reply(key):
                take(key, reply)
        if missing:
            todo = [rows[0] for rows in missing.values()]
            budget = asking.baseline.max_requests - cache.tries(keys)
            client.ask(map(asking.request, todo), asking.target, cache, budget, done)
        tries = cache.tries(keys)
    if unasked := [key for key in missing if key not in reasons]:
        raise StageError(
            f"{asking.target.named}.max_requests {asking.baseline.max_requests} was used up by "
            f"requests that failed, and {len(unasked)} questions were not asked; set it to "
            f"{tries + len(missing)} or more and run again; the answers so far are kept"
        )
    return _told(asking, spent, tries), {r: reasons[key] for key in missing for r in missing[key]}


def _told(asking: Asking, spent: Spent, tries: int) -> dict[str, float]:
    figures: dict[str, float] = {
        "requests": tries,
        "prompt_tokens": spent.prompt_tokens,
        "completion_tokens": spent.completion_tokens,
    }
    if price := asking.baseline.price_per_million_tokens:
        figures["cost"] = round(price.cost(spent.prompt_tokens, spent.completion_tokens), 4)
    return figures


def _prediction(query: Query, reply: Reply) -> Prediction:
    """Return the answer that a careful reader finds; a refusal and an empty one are errors."""
    if reply.refused:
        return failed(query, f"the model refused: {reply.text.strip()!r:.200}")
    if not reply.text.strip():
        limit = "" if reply.whole else ", because it ended at its token limit; raise max_tokens"
        return failed(query, f"the answer is empty{limit}")
    return Asked(query, lane(query, ANY_LABELS), []).read(Written(reply.text))
