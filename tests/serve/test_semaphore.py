import asyncio
import random

from ecom.serve.semaphore import PrioritySemaphore


def test_seats_go_to_whoever_is_due_first_and_never_to_more_than_there_are() -> None:
    async def run() -> tuple[list[int], int]:
        seats, came, inside, most = PrioritySemaphore(2), [], 0, 0

        async def one(due: int) -> None:
            nonlocal inside, most
            async with seats.seat(due):
                inside += 1
                most = max(most, inside)
                came.append(due)
                await asyncio.sleep(0)
                inside -= 1

        dues = list(range(30))
        random.Random(0).shuffle(dues)
        await asyncio.gather(*map(one, dues))
        return came, most

    came, most = asyncio.run(run())
    assert most == 2
    assert came[2:] == sorted(came[2:])  # all but the two that found a free seat


def test_who_goes_away_while_waiting_leaves_no_seat_taken() -> None:
    async def run() -> None:
        seats = PrioritySemaphore(1)

        async def hold(due: int) -> None:
            async with seats.seat(due):
                await asyncio.Event().wait()

        tasks = [asyncio.create_task(hold(due)) for due in range(5)]
        await asyncio.sleep(0)
        for task in tasks[1:] + tasks[:1]:  # the holder last, its turn passed on and given up
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        async with asyncio.timeout(5), seats.seat(0):
            pass

    asyncio.run(run())


def test_a_seat_that_was_handed_on_to_one_who_just_went_is_not_lost() -> None:
    async def run() -> None:
        seats = PrioritySemaphore(1)
        holding = asyncio.Event()

        async def hold() -> None:
            async with seats.seat(0):
                holding.set()
                await asyncio.sleep(0)

        async def wait() -> None:
            async with seats.seat(1):
                pass

        first = asyncio.create_task(hold())
        await holding.wait()
        second = asyncio.create_task(wait())
        await first  # its seat is the second's now, which has not run since
        second.cancel()
        await asyncio.gather(second, return_exceptions=True)
        async with asyncio.timeout(5), seats.seat(0):
            pass

    asyncio.run(run())
