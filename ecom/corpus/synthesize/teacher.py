"""A teacher behind an endpoint: turns requests into chats, which ecom/completions sends."""

from collections.abc import Callable, Sequence

from ecom.completions import client
from ecom.completions.cache import Cache, Reply
from ecom.corpus.synthesize.config import Synthesis
from ecom.corpus.synthesize.plan import Request

NAMED = "corpus.synthesis.teacher"
Done = Callable[[Request, Reply | str], None]  # a str says why a try failed; the last one counts


def ask(
    requests: Sequence[Request], settings: Synthesis, cache: Cache, budget: int, done: Done
) -> None:
    """Put every answer into the cache; call `done` with each answer and each failed try.

    Takes and raises what `client.ask` does.
    """
    by_key = {request.key: request for request in requests}
    count = settings.examples_per_product
    chats = (
        client.Request(r.key, {"messages": r.messages(count), **settings.sampling})
        for r in requests
    )
    target = client.Target(
        settings.teacher.url or "", settings.teacher_name, settings.teacher, NAMED
    )
    client.ask(
        chats, target, cache, budget, lambda request, reply: done(by_key[request.key], reply)
    )
