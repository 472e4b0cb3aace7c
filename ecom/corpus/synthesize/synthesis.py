"""Records in, Examples out; in between a teacher answers the requests that are not cached.

for row in synthesize(records, tasks, settings, cache=Path("runs/mine/teacher"), seed=0): …

Rows are ordered by (task, record), whatever the order of the answers, so the same cache gives the
same rows. On stderr: requests done, rows kept, tokens and their cost so far.
"""

from collections import Counter
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ecom import progress
from ecom.completions.cache import Cache, Reply
from ecom.completions.config import Price
from ecom.corpus.synthesize import rows, teacher
from ecom.corpus.synthesize.answers import answers_unanswerable
from ecom.corpus.synthesize.config import Synthesis
from ecom.corpus.synthesize.plan import Request, plan
from ecom.corpus.synthesize.prompt import TeacherRecord
from ecom.corpus.synthesize.tasks import TeacherTask
from ecom.errors import StageError
from ecom.rows import Example
from ecom.shopbench import Rejected

Ask = Callable[[Sequence[Request], Synthesis, Cache, int, teacher.Done], None]


@dataclass
class Spent:
    """The cost of a synthesis over all its runs. `cost` is None where no price is known.

    tries     requests sent, failed ones included: what `max_requests` counts
    answered  requests with an answer, out of `planned`
    """

    planned: int
    tries: int = 0
    answered: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: float | None = None
    kept: int = 0
    rejected: int = 0

    def add(self, reply: Reply, made: Sequence[Example | Rejected], price: Price | None) -> None:
        """Count one answer and the rows made from it."""
        self.answered += 1
        self.prompt_tokens += reply.prompt_tokens
        self.completion_tokens += reply.completion_tokens
        if price:
            more = price.cost(reply.prompt_tokens, reply.completion_tokens)
            self.cost = (self.cost or 0.0) + more
        good = sum(isinstance(row, Example) for row in made)
        self.kept += good
        self.rejected += len(made) - good

    def __str__(self) -> str:
        tokens = self.prompt_tokens + self.completion_tokens
        cost = "" if self.cost is None else f", cost {self.cost:,.4f}"
        return f"{self.kept:,} rows kept, {self.rejected:,} rejected, {tokens:,} tokens{cost}"


def synthesize(
    records: Sequence[TeacherRecord],
    tasks: Sequence[TeacherTask],
    settings: Synthesis,
    cache: Path,
    seed: int,
) -> Generator[Example | Rejected, None, Spent]:
    """Yield the teacher's rows by (task, record); the generator returns what was spent.

    All requests are sent before the first row is yielded. `cache` is a folder that outlives the
    run; cached requests are not sent again. A request without an answer is yielded as Rejected.
    Raises InputError where key, URL or a request is wrong, DataError where a task fits no record,
    and StageError where the teacher is down; another run then resumes.
    """
    requests = plan(records, tasks, settings, seed)
    spent, bound = Spent(len(requests)), _Bound(settings.unanswerable_share)
    with Cache(cache / "teacher.sqlite") as answers:
        failed = _ask(requests, settings, answers, seed)
        for request in sorted(requests, key=lambda request: request.order):
            reply = answers.reply(request.key)
            if reply is None:
                spent.rejected += 1
                yield _unanswered(request, failed.get(request.key))
                continue
            made = [bound.check(row, request) for row in _rows(request, reply, settings, seed)]
            spent.add(reply, made, settings.price_per_million_tokens)
            yield from made
        spent.tries = answers.tries(request.key for request in requests)
    return spent


class _Bound:
    """Limits the share of a task's rows whose answer is that the texts do not say."""

    def __init__(self, share: float) -> None:
        self.share = share
        self.rows = Counter[str]()
        self.unanswerable = Counter[str]()

    def check(self, row: Example | Rejected, request: Request) -> Example | Rejected:
        """Return the row, or Rejected where it exceeds the share."""
        if isinstance(row, Rejected):
            return row
        name = request.template.name
        if answers_unanswerable(row, request.template):
            if self.unanswerable[name] + 1 > self.share * (self.rows[name] + 1):
                why = "the text does not say, beyond corpus.synthesis.unanswerable_share"
                return Rejected(0, why, f"{name} {request.record.id}: {row.text()}"[:200])
            self.unanswerable[name] += 1
        self.rows[name] += 1
        return row


def _ask(
    requests: Sequence[Request], settings: Synthesis, answers: Cache, seed: int
) -> dict[str, str]:
    """Fill the cache as far as the budget allows; return why requests failed, by their keys."""
    failed: dict[str, str] = {}
    spent, bound = Spent(len(requests)), _Bound(settings.unanswerable_share)
    with progress.bar() as bar:
        line = bar.add_task("corpus: teacher", total=len(requests), unit="requests")

        def done(request: Request, reply: Reply | str) -> None:
            if isinstance(reply, str):
                failed[request.key] = reply
            else:
                made = [bound.check(row, request) for row in _rows(request, reply, settings, seed)]
                spent.add(reply, made, settings.price_per_million_tokens)
            bar.update(line, completed=spent.answered, note=str(spent))

        pending = []
        for request in requests:
            if reply := answers.reply(request.key):
                done(request, reply)
            else:
                pending.append(request)
        budget = settings.max_requests - answers.tries(request.key for request in requests)
        if pending and budget > 0:
            _teacher(settings)(pending, settings, answers, budget, done)
    if failed and not spent.answered:
        reason = next(iter(failed.values()))
        raise StageError(
            f"the teacher answered none of {len(failed)} requests ({reason}); check "
            "corpus.synthesis.teacher and run the stage again"
        )
    return failed


def _teacher(settings: Synthesis) -> Ask:
    if settings.teacher.local is None:
        return teacher.ask
    from ecom.corpus.synthesize import job  # Ray and vLLM, for a local teacher only

    return job.ask


def _rows(
    request: Request, reply: Reply, settings: Synthesis, seed: int
) -> list[Example | Rejected]:
    return list(
        rows.read(
            reply.text,
            request.template,
            request.record,
            request.known,
            count=settings.examples_per_product,
            whole=reply.whole,
            seed=seed,
            shots=request.shots,
        )
    )


def _unanswered(request: Request, reason: str | None) -> Rejected:
    why = f"the teacher failed: {reason}" if reason else "max_requests was used up before its turn"
    return Rejected(0, why, f"{request.template.name} {request.record.id}"[:200])
