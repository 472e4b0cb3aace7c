"""Why a process that Ray started ended: its last words, from whichever node it ran on.

    why(str(error))     for an error of Ray, Ray Serve, Ray Train or Ray Data

What reaches the caller is either a Python error, with its traceback, or that an actor died: its
process and node, and Ray's guesses. Then the log of the process says more.
"""

import re
from pathlib import Path

from ecom.causes import last_words, processes

_DIED = re.compile(
    r"actor_id: (?P<actor>\w+)\s+(?:name: .*\s+)?pid: (?P<pid>\d+)\s+"
    r"(?:name: .*\s+)?(?:namespace: .*\s+)?ip: (?P<ip>\S+)(?P<detail>.*)", re.DOTALL
)  # fmt: skip
# What Ray says of a process that is gone, whatever ended it.
_NO_REASON = "connection error code 2"
_LOG_LINES = 500


def why(error: str) -> str:
    """Return why the process failed that an error of Ray is about, in a few lines."""
    died = _DIED.search(error)
    if not died:
        return last_words.why(error) if ' File "' in error else _first_lines(error)
    return of_process(int(died["pid"]), died["ip"], died["detail"])


def of_process(pid: int, ip: str, detail: str = "") -> str:
    """Return why a process of Ray's ended on the node `ip`; `detail` is what Ray says of it."""
    files, log = _log(pid, ip)
    name = f"process {pid} on {ip}"
    if not detail or _NO_REASON in detail:
        said = processes.ended(name, log)
    else:  # Ray knows: its memory monitor, a lost node, SIGTERM
        said = f"{name} ended: {_first_lines(detail)}"
    return "\n".join([said, *processes.whole_log(files)])


def _first_lines(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return "\n".join(lines[: last_words.LINES])


def _log(pid: int, ip: str) -> tuple[list[Path], str]:
    """Return the log files of a process of Ray's, and their ends in one text.

    Those of another node come by Ray's dashboard, where the cluster has one.
    """
    import ray
    from ray.util.state import get_log

    node = ray._private.worker.global_worker.node
    if not node:  # no longer connected
        return [], ""
    folder = Path(node.get_logs_dir_path())
    if files := sorted(folder.glob(f"worker-*-{pid}.*")):
        return files, "\n".join(map(processes.tail, files))
    said = list[str]()
    for suffix in ("out", "err"):
        try:
            said += get_log(node_ip=ip, pid=pid, suffix=suffix, tail=_LOG_LINES, timeout=5)
        except Exception:  # whatever it is: the caller has a better error to show
            break
    there = f"{ip}:{folder}/worker-*-{pid}"
    return [Path(f"{there}.err"), Path(f"{there}.out")], "".join(said)
