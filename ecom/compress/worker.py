"""The process in which a quantizer runs: it carries out one task after the other.

Tasks come as JSON lines on stdin; a line on stdout reports that one is done, all other output goes
to a log. So the library's patches, output and leftovers never reach the pipeline, and its memory is
released.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from queue import Queue
from threading import Thread

from ecom.compress.quantizers import QUANTIZERS, Name
from ecom.compress.quantizers.quantizer import Task
from ecom.errors import StageError

Send = Callable[[Task], None]
"""Sends one task and waits for it. Raises StageError where the process ends before it is done."""


@contextmanager
def started(quantizer: Name, log: Path) -> Iterator[Send]:
    """Run such a process for the block; it works in the log's folder."""
    # -P: folders in the working directory must not hide packages of the same name.
    command = [sys.executable, "-P", "-m", __name__, quantizer]
    paths = os.pathsep.join(str(Path(path).absolute()) for path in sys.path)
    pipe = subprocess.PIPE
    with (
        log.open("w") as output,
        subprocess.Popen(
            command,
            cwd=log.parent,
            env={**os.environ, "PYTHONPATH": paths},
            stdin=pipe,
            stdout=pipe,
            stderr=output,
            text=True,
        ) as process,
    ):
        assert process.stdin is not None
        assert process.stdout is not None
        tasks, answers = process.stdin, process.stdout

        def send(task: Task) -> None:
            try:
                tasks.write(json.dumps(asdict(task)) + "\n")
                tasks.flush()
                answered = answers.readline()
            except BrokenPipeError:
                answered = ""
                with suppress(BrokenPipeError):  # Popen would try once more to send it
                    tasks.close()
            if not answered:
                raise StageError(_failure(quantizer, process.wait(), log))

        try:
            yield send
        finally:
            process.kill()


def _failure(quantizer: str, code: int, log: Path) -> str:
    reason = f"exit code {code}"
    if code < 0:
        reason = signal.Signals(-code).name
    if code == -signal.SIGKILL:
        reason += " (out of memory? set compress.calibration_rows lower)"
    words = log.read_text(errors="replace")[-2000:]
    return (
        f"{quantizer} ended with {reason}; run the stage again to resume. Its last words:\n{words}"
    )


def _serve(quantizer: Name) -> None:
    """Carry out tasks until stdin ends; then end at once, even in the middle of one."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # libraries' output must not look like an answer
    tasks: Queue[str] = Queue()

    def listen() -> None:
        for line in sys.stdin:
            tasks.put(line)
        os._exit(1)  # the parent has ended, perhaps by kill -9

    Thread(target=listen, daemon=True).start()
    while True:
        QUANTIZERS[quantizer].quantize(Task(**json.loads(tasks.get())))
        print("done", file=answers, flush=True)


if __name__ == "__main__":
    _serve(sys.argv[1])  # type: ignore[arg-type]
