"""Why a process that Ray started ended, from its log on the node where it ran.

    why(str(error))     for an error of Ray, Ray Serve, Ray Train or Ray Data

The caller gets either a Python error with its traceback, or the news that an actor died, with its
process, its node and Ray's guesses. In the second case the log of the process says more.
"""

import re
from contextlib import suppress
from pathlib import Path

from ecom import ray_internals
from ecom.causes import last_words, memory, processes

_DIED = re.compile(
    r"actor_id: (?P<actor>\w+)\s+(?:name: [^\n]*\s+)?pid: (?P<pid>\d+)\s+"
    r"(?:name: [^\n]*\s+)?(?:namespace: [^\n]*\s+)?ip: (?P<ip>\S+)(?P<detail>.*)",
    re.DOTALL,
)
# Ray's message for a process that has ended, whatever the reason.
_NO_REASON = "connection error code 2"
_LOG_LINES = 500


def why(error: str) -> str:
    """Return in a few lines why the process that Ray's error is about failed."""
    if low := memory.found(error):
        return str(low)
    died = _DIED.search(error)
    if not died:
        return last_words.why(error) if ' File "' in error else _first_lines(error)
    return of_process(int(died["pid"]), died["ip"], died["detail"])


def of_process(pid: int, ip: str, detail: str = "") -> str:
    """Return why a process of Ray's ended on the node `ip`; `detail` is Ray's own message."""
    here, files, log = _log(pid, ip)
    name = f"process {pid} on {ip}"
    if detail and _NO_REASON not in detail:  # Ray knows: its memory monitor, a lost node, SIGTERM
        said = f"{name} ended: {_first_lines(detail)}"
    elif log is None:
        said = f"{name} ended; its log could not be read from here"
    else:
        said = processes.ended(name, log, here=here)
    return "\n".join([said, *processes.whole_log(files)])


def _first_lines(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return "\n".join(lines[: last_words.LINES])


def _log(pid: int, ip: str) -> tuple[bool, list[Path], str | None]:
    """Return whether a process of Ray's ran here, its log files, and their ends in one text.

    Logs of another node come from Ray's dashboard. The text is None where nothing can be read.
    """
    import ray

    if not (folder := ray_internals.logs_folder()):
        return False, [], None
    # Process ids are small in containers: another node may have had the same one.
    if ip == ray.util.get_node_ip_address():
        files = sorted(folder.glob(f"worker-*-{pid}.*"))
        return True, files, "\n".join(map(processes.tail, files)) if files else None
    remote = f"{ip}:{folder}/worker-*-{pid}"
    return False, [Path(f"{remote}.err"), Path(f"{remote}.out")], _remote_log(pid, ip)


def _remote_log(pid: int, ip: str) -> str | None:
    from ray.util.state import get_log

    said = list[str]()
    for suffix in ("out", "err"):
        # whatever fails here, the caller has a better error to show
        with suppress(Exception):
            said += get_log(
                node_ip=ip, pid=pid, suffix=suffix, tail=_LOG_LINES, timeout=5, errors="replace"
            )
    return "".join(said) or None
