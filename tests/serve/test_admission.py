import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecom.serve.admission import Closed, Full, Gate, Queue


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_queue_is_never_over_its_limit_and_takes_again_when_it_has_room() -> None:
    queue = Queue(10, 1)
    queue.take(8, 80, single=False)
    with pytest.raises(Full, match=r"8 questions wait and 3 more are over the limit of 10"):
        queue.take(3, 30, single=False)
    queue.take(2, 20, single=False)
    queue.leave(8, 8, single=False)
    queue.take(8, 80, single=False)
    assert queue.length == 10


def answered_at(pace: float, count: int) -> tuple[Queue, Clock]:
    """A queue of `count` single questions whose answers came every `pace` seconds."""
    clock = Clock()
    queue = Queue(1000, 4, clock)
    queue.take(104, 1e9, single=False)
    for _ in range(100):
        clock.now += pace
        queue.leave(1, 1, single=False)
    queue.leave(4, 0, single=False)
    for _ in range(count):
        queue.take(1, 1e9, single=True)
    return queue, clock


def test_who_would_be_answered_too_late_is_told_at_once_and_when_to_come_back() -> None:
    queue, _ = answered_at(pace=1.0, count=20)
    with pytest.raises(Full, match="about 21 s, too near to the deadline of 10 s") as caught:
        queue.take(1, 10, single=True)
    assert caught.value.retry_after_s == 20
    queue.take(1, 100, single=True)  # who has the time is taken


def test_a_gate_that_closes_refuses_what_comes_and_counts_what_is_under_way() -> None:
    gate = Gate(10, 1)
    gate.take({"open-ended": 2, "multiple-choice": 1}, 10, single=False)
    assert (gate.close(), gate.closed) == (3, True)
    with pytest.raises(Closed):
        gate.take({"open-ended": 1}, 10, single=True)
    gate.leave("open-ended", {"answered": 2}, 0, single=False)
    gate.leave("multiple-choice", {"late": 1}, 0, single=False)
    assert gate.close() == 0


def test_a_list_does_not_keep_single_questions_out() -> None:
    queue, _ = answered_at(pace=1.0, count=0)
    queue.take(100, 1000, single=False)
    queue.take(1, 10, single=True)
    with pytest.raises(Full):
        queue.take(50, 100, single=False)


def test_where_a_seat_is_free_nobody_is_refused_however_slow_answers_are() -> None:
    queue, clock = answered_at(pace=60.0, count=0)
    for _ in range(4):
        queue.take(1, 10, single=True)
    with pytest.raises(Full):
        queue.take(1, 10, single=True)
    for _ in range(100):  # and it learns that it is fast again
        clock.now += 0.01
        queue.leave(1, 1, single=True)
        queue.take(1, 10, single=True)
    queue.take(1, 10, single=True)
    assert queue.length == 5


def test_few_slow_texts_are_no_sign_of_a_full_engine() -> None:
    clock = Clock()
    queue = Queue(1000, 4, clock)
    for _ in range(50):
        queue.take(1, 10, single=True)
        clock.now += 8
        queue.leave(1, 1, single=True)
    for _ in range(20):
        queue.take(1, 10, single=True)
    assert queue.length == 20


@given(st.lists(st.integers(1, 40), max_size=30))
def test_what_comes_leaves(counts: list[int]) -> None:
    queue, taken = Queue(100, 8), []
    for count in counts:
        try:
            queue.take(count, 1e9, single=count == 1)
            taken.append(count)
        except Full:
            assert queue.length + count > 100
    assert queue.length == sum(taken) <= 100
    for count in taken:
        queue.leave(count, 0, single=count == 1)
    queue.take(100, 1e9, single=False)
