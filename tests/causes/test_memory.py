"""What Ray's memory monitor says, as Ray 2.60 words it."""

from ecom.causes import actors, memory

SAID = """2 worker(s) were killed due to the node running low on memory. Memory on the node \
(IP: 192.0.2.2, ID: fbf5) was 22.84GB used / 23.54GB limit (0.970251)
OOM kill reason: Memory usage 24528478208B exceeded threshold of 24012684699B (95.0% of 25276510208B limit)
Object store memory usage: [- objects spillable: 1
]
Ray killed 2 worker(s) based on the killing policy
Considered workers: [
Selected to kill: (Actor(b3ef): job ID=01, lease ID=00, task name=TrainController.__init__, required resources={}, pid=15178, actual memory used=0.24GB, worker ID=39b1)
Selected to kill: (Actor(e133): job ID=01, lease ID=01, task name=RayTrainWorker.__init__, required resources={CPU: 1, bundle_group_38: 0.001}, pid=15329, actual memory used=5.41GB, worker ID=4bf4)
Not selected: (Actor(e135): job ID=01, task name=Other.__init__, pid=1, actual memory used=9.00GB, worker ID=4bf6)
]
Top 10 memory users: PID\tMEM(GB)\tCOMMAND
13921\t11.54\t/usr/bin/python -m notebook --port 8888 --a-long-option-that-nobody-wants-to-read-to-its-end here
15329\t5.41\tray::RayTrainWorker
Refer to the documentation on how to address the out of memory issue
"""  # noqa: E501


def test_what_was_ended_and_what_held_most_are_named_the_largest_first() -> None:
    found = memory.found(f"OutOfMemoryError: {SAID}")
    assert found
    assert (found.node, found.used, found.all, found.limit) == ("192.0.2.2", 22.84, 23.54, 0.95)
    assert [(one.name, one.pid) for one in found.ended] == [
        ("TrainController", 15178),
        ("RayTrainWorker", 15329),
    ]
    lines = actors.why(SAID).splitlines()
    assert lines[0] == (
        "the memory of 192.0.2.2 ran out: 22.8 of 23.5 GiB were in use, and Ray's limit is 95% of "
        "it"
    )
    assert lines[2] == "    5.4 GiB  RayTrainWorker (process 15329)"
    assert lines[5].startswith("    11.5 GiB  /usr/bin/python -m notebook --port 8888")
    assert max(map(len, lines)) <= 110


def test_another_error_is_none_of_its() -> None:
    assert memory.found("OutOfMemoryError: CUDA out of memory") is None
    assert memory.found("The actor died because its node has died") is None
