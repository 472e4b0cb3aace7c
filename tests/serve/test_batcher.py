import asyncio
from collections.abc import Sequence
from typing import Any

from ecom.forms import Prompting
from ecom.lanes import Asked, Asker, Written
from ecom.rows import Query
from ecom.serve.batcher import Batcher

CHOICE = "Which is a shoe?\n0. red boot\n1. lamp"


def ask(prompt: str, number: int) -> Asked:
    return Asker({}, Prompting()).ask(Query(prompt, id=str(number)))


def test_what_comes_while_calls_are_under_way_goes_with_the_next_one() -> None:
    sizes: list[int] = []

    async def replica(asked: Sequence[Asked]) -> list[Written]:
        sizes.append(len(asked))
        await asyncio.sleep(0.01)
        return [Written(one.query.id) for one in asked]

    async def run() -> list[Written]:
        choose = Batcher(replica, most=2, size=10, timeout_s=9)
        return await asyncio.gather(*(choose(ask(CHOICE, n)) for n in range(25)))

    assert asyncio.run(run()) == [Written(str(n)) for n in range(25)]
    assert sizes == [1, 1, 10, 10, 3]


def test_a_call_that_fails_or_hangs_is_told_to_all_in_it_and_to_nobody_else() -> None:
    async def replica(asked: Sequence[Asked]) -> list[Written]:
        if asked[0].query.id == "0":
            raise RuntimeError("the actor died")
        if asked[0].query.id == "1":
            await asyncio.Event().wait()
        return [Written(one.query.id) for one in asked]

    async def run() -> list[Any]:
        choose = Batcher(replica, most=1, size=1, timeout_s=0.1)
        gone = asyncio.create_task(choose(ask(CHOICE, 2)))
        asked = [asyncio.create_task(choose(ask(CHOICE, n))) for n in range(5)]
        await asyncio.sleep(0)
        gone.cancel()
        return list(await asyncio.gather(*asked, return_exceptions=True))

    dead, hung, *others = asyncio.run(run())
    assert isinstance(dead, RuntimeError)
    assert isinstance(hung, TimeoutError)
    assert others == [Written(str(n)) for n in range(2, 5)]
