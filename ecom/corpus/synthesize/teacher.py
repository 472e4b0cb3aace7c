"""A teacher behind an endpoint: what a request asks of it (ecom/completions does the asking)."""

from collections.abc import Callable, Sequence

from ecom.completions import client
from ecom.completions.cache import Cache, Reply
from ecom.corpus.synthesize.config import Synthesis
from ecom.corpus.synthesize.plan import Request

NAMED = "corpus.synthesis.teacher"
Done = Callable[[Request, Reply | str], None]  # with a str: why a try failed; the last one holds


def ask(
    requests: Sequence[Request], settings: Synthesis, cache: Cache, budget: int, done: Done
) -> None:
    """Put every answer into the cache; tell `done` of each, and why a try failed.

    Takes and raises what `client.ask` does.
    """
    by_key = {request.key: request for request in requests}
    count = settings.examples_per_product
    asked = (
        client.Request(r.key, {"messages": r.messages(count), **settings.sampling})
        for r in requests
    )
    target = client.Target(
        settings.teacher.url or "", settings.teacher_name, settings.teacher, NAMED
    )
    client.ask(
        asked, target, cache, budget, lambda request, reply: done(by_key[request.key], reply)
    )
