"""What is said of real processes that real signals end."""

import subprocess
import sys
from pathlib import Path

import pytest

from ecom.causes import processes

# A parent whose engine is ended by a signal, with its output in a file, as under Ray.
PARENT = """
import multiprocessing, os, signal, sys, time
from ecom.causes.processes import explain

def engine(name):
    print("INFO 11-30 08:43:06 [core.py:1] starting", flush=True)
    signal.raise_signal(getattr(signal, name))

if __name__ == "__main__":
    child = multiprocessing.get_context("spawn").Process(
        target=engine, args=(sys.argv[1],), name="EngineCore"
    )
    child.start()
    child.join()
    try:
        raise RuntimeError("Engine core initialization failed. See root cause above.")
    except RuntimeError as error:
        with open(sys.argv[2], "w") as said:
            said.write(explain(error))
"""


@pytest.mark.parametrize("name", ["SIGKILL", "SIGILL", "SIGSEGV"])
def test_an_engine_that_a_signal_ended_is_named_with_the_signal_and_the_log(
    name: str, tmp_path: Path
) -> None:
    (tmp_path / "parent.py").write_text(PARENT)
    log, said = tmp_path / "worker-1.out", tmp_path / "said.txt"
    with log.open("w") as out:
        subprocess.run(
            [sys.executable, "parent.py", name, str(said)],
            check=True,
            cwd=tmp_path,
            stdout=out,
            stderr=out,
            env={"PYTHONPATH": str(Path.cwd()), "PYTHONFAULTHANDLER": "1"},
        )
    text = said.read_text()
    assert text.startswith("EngineCore's process ")
    assert f"ended by {name}: " in text
    assert ("GiB of memory are free now" in text) == (name == "SIGKILL")
    assert (" in engine\n" in text) == (name != "SIGKILL"), "the fault handler says where"
    assert text.endswith(f"the whole log: {log}")


def test_an_error_of_the_engine_itself_is_reported_unchanged() -> None:
    try:
        raise ValueError("No available memory for the cache blocks")
    except ValueError as error:
        said = processes.explain(error)
    assert said.startswith("ValueError: No available memory for the cache blocks\n  at ")


@pytest.mark.parametrize(
    ("log", "said"),
    [
        (
            "",
            "the replica ended and left no error in its log, most likely by SIGKILL: often the",
        ),
        (
            "*** SIGSEGV received at time=1 on cpu 0 ***",
            "the replica ended by SIGSEGV: native code",
        ),
        ("the engine died: ValueError: x", "the replica ended: ValueError: x"),
    ],
)
def test_a_process_that_left_nothing_but_its_log(log: str, said: str) -> None:
    assert processes.ended("the replica", log).startswith(said)
