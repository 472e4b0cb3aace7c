"""What ends with an engine's process, in real processes; test_predict_job.py runs real engines."""

import subprocess
import sys

KILLS_ITS_OWN = """
import multiprocessing, time
from ecom.predict.replica import end_with

if __name__ == "__main__":
    engine = multiprocessing.Process(target=time.sleep, args=(60,), daemon=True)
    engine.start()
    engine.kill()
    end_with([engine])
    time.sleep(60)
"""


def test_a_replica_ends_with_the_process_of_its_engine() -> None:
    """With several ranks, and on GPUs, the engine is a process that can be killed by itself."""
    done = subprocess.run(
        [sys.executable, "-c", KILLS_ITS_OWN], check=False, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert "the engine died" in done.stdout
