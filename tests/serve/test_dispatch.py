"""What becomes of a request's questions when replicas die, are slow, or nobody waits any more."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import pytest

from ecom.forms import Prompting
from ecom.lanes import Asked, Asker, Written
from ecom.serve import protocol
from ecom.serve.admission import Full, Gate
from ecom.serve.dispatch import Dispatch
from ecom.serve.pool import Pool
from ecom.serve.protocol import ShopAnswer, ShopQuery

CHOICE = "Which is a shoe?\n0. red boot\n1. lamp"
TEXT = "Describe a lamp."
Replica = Callable[[Sequence[Asked], int], Awaitable[list[Written]]]


class Handle:
    """A deployment's handle whose replica is a function."""

    def __init__(self, replica: Replica) -> None:
        self._replica = replica

    def options(self, method_name: str) -> "Handle":
        return self

    def remote(self, asked: Sequence[Asked], first: int = 0) -> Awaitable[list[Written]]:
        return self._replica(asked, first)


def pool(replica: Replica) -> Pool:
    return Pool(Handle(replica), replicas=1, timeout_s=60)


def ask(prompt: str, number: int = 0) -> Asked:
    return protocol.ask(ShopQuery(prompt=prompt, id=number), Asker({}, Prompting()))


def made(asked: Sequence[Asked]) -> list[Written]:
    """A replica's answers: a text that names its question, an option's number for a choice."""
    return [
        Written("1" if one.lane_name == "multiple-choice" else f"text {one.query.id}")
        for one in asked
    ]


async def fine(asked: Sequence[Asked], _: int) -> list[Written]:
    return made(asked)


def mixed(count: int) -> list[Asked]:
    return [ask(CHOICE if n % 3 else TEXT, n) for n in range(count)]


async def answers(
    asked: Sequence[Asked | ShopAnswer], replica: Replica, gate: Gate, deadline_s: float = 60
) -> list[ShopAnswer]:
    run = Dispatch(asked, pool(replica), gate, single=False, deadline_s=deadline_s)
    return [answer async for answer in run.answers()]


def test_a_list_of_both_lanes_comes_back_in_order_each_lane_in_calls_of_its_own() -> None:
    calls: list[tuple[str, int, int]] = []

    async def replica(asked: Sequence[Asked], index: int) -> list[Written]:
        [lane] = {one.lane_name for one in asked}
        calls.append((lane, index, len(asked)))
        await asyncio.sleep(0 if index % 200 else 0.01)  # out of order
        return made(asked)

    found = asyncio.run(answers(mixed(600), replica, Gate(1000, 10)))
    assert [answer.id for answer in found] == list(range(600))
    assert {answer.outcome for answer in found} == {"answered"}
    assert [a.answer for a in found[:4]] == ["text 0", "1", "1", "text 3"]
    for lane, count in (("multiple-choice", 400), ("open-ended", 200)):
        indices = sorted((index, size) for name, index, size in calls if name == lane)
        assert sum(size for _, size in indices) == count
        assert len(indices) < count / 10


def test_a_replica_that_dies_is_asked_no_more_and_no_answer_is_lost_or_there_twice() -> None:
    died = 0

    async def replica(asked: Sequence[Asked], _: int) -> list[Written]:
        nonlocal died
        if died < 2 and asked[0].lane_name == "multiple-choice":
            died += 1
            raise RuntimeError("the actor died")
        return made(asked)

    found = asyncio.run(answers(mixed(30), replica, Gate(100, 10)))
    assert [answer.id for answer in found] == list(range(30))
    assert {answer.outcome for answer in found} == {"answered"}
    assert died == 2


def test_a_question_that_kills_every_replica_fails_and_leaves_the_others_their_answers() -> None:
    async def replica(asked: Sequence[Asked], _: int) -> list[Written]:
        if asked[0].lane_name == "multiple-choice":
            raise RuntimeError("the actor died")
        return made(asked)

    found = asyncio.run(answers(mixed(6), replica, Gate(100, 10)))
    assert [answer.outcome for answer in found] == ["answered", "failed", "failed"] * 2
    assert "the actor died" not in str(found)  # an engine's words can hold a prompt


def test_the_deadline_cuts_off_what_is_slow_and_keeps_what_is_there() -> None:
    ended: list[str] = []

    async def replica(asked: Sequence[Asked], _: int) -> list[Written]:
        if asked[0].lane_name == "open-ended":
            try:
                await asyncio.Event().wait()
            finally:
                ended.append("cancelled")
        return made(asked)

    gate = Gate(6, 10)
    found = asyncio.run(answers(mixed(6), replica, gate, deadline_s=0.2))
    assert [answer.outcome for answer in found] == ["late", "answered", "answered"] * 2
    assert ended == ["cancelled"]
    assert asyncio.run(answers(mixed(6), fine, gate))  # nothing of it is in the queues


def test_who_goes_away_cancels_what_is_under_way_and_frees_the_queue() -> None:
    async def run() -> None:
        under_way, cancelled = asyncio.Event(), asyncio.Event()

        async def replica(*_: Any) -> list[Written]:
            under_way.set()
            try:
                await asyncio.Event().wait()
            finally:
                cancelled.set()
            return []

        gate = Gate(4, 10)
        waiting = asyncio.create_task(answers([ask(TEXT)] * 4, replica, gate))
        await under_way.wait()
        with pytest.raises(Full):
            await answers([ask(TEXT)], fine, gate)
        waiting.cancel()
        await asyncio.wait_for(cancelled.wait(), 5)
        await asyncio.gather(waiting, return_exceptions=True)
        assert len(await answers([ask(TEXT)] * 4, fine, gate)) == 4

    asyncio.run(run())


def test_lines_come_as_soon_as_all_before_them_are_there() -> None:
    async def run() -> list[Any]:
        texts = asyncio.Event()

        async def replica(asked: Sequence[Asked], _: int) -> list[Written]:
            if asked[0].lane_name == "open-ended":
                await texts.wait()
            return made(asked)

        asked: list[Asked | ShopAnswer] = [
            ask(CHOICE, 0),
            ShopAnswer(id=1, error="bad"),
            ask(TEXT, 2),
            ask(CHOICE, 3),
        ]
        lines = Dispatch(asked, pool(replica), Gate(9, 9), single=False, deadline_s=9).lines()
        first = [await anext(lines), await anext(lines)]
        texts.set()
        return [json.loads(line) for line in [*first, *[line async for line in lines]]]

    found = asyncio.run(run())
    assert [line["id"] for line in found] == [0, 1, 2, 3]
    assert [line["outcome"] for line in found] == ["answered", "refused", "answered", "answered"]
