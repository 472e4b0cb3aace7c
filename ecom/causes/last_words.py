"""What a process said before it ended, cut down to why. Text in, text out.

    why(log)            the last error in a log, message first, then where it was raised
    signal_name(log)    the signal that ended the process, where its log says so
    meaning(name)       what that signal usually means

A log mixes the lines of Ray, vLLM and torch with progress bars, and an engine of several processes
prints one error once in each of them: what is kept is the error that the others only refer to.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

LINES = 15  # at most, of one cause
FRAMES = 3  # of a stack: where it was raised
_WIDTH = 600  # characters of a line
VERDICT = "the engine died: "  # what a replica prints of its engine before it ends

MEANINGS = {
    "SIGILL": "the CPU lacks an instruction that this build uses",
    "SIGKILL": "often the kernel's out-of-memory killer",
    "SIGSEGV": "native code touched memory that is not its own; often two builds that do not match",
    "SIGBUS": "memory that could not be had; often a full /dev/shm or disk",
    "SIGABRT": "native code gave up; the lines before say over what",
    "SIGFPE": "native code divided by zero",
    "SIGTERM": "it was asked to end, by a person, a scheduler or a shutdown",
}
# The words of Python's fault handler (faulthandler), which names no signal.
_FAULTS = {
    "Illegal instruction": "SIGILL",
    "Segmentation fault": "SIGSEGV",
    "Bus error": "SIGBUS",
    "Aborted": "SIGABRT",
    "Floating-point exception": "SIGFPE",
}

# Errors that only say that another process has the real one (vLLM 0.29).
_REFERENCES = re.compile(
    r"See root cause above|See stack trace|initialization failed due to an exception|"
    r"Executor failed|KeyboardInterrupt|SystemExit"
)
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_PROCESS = re.compile(r"^\(\w+(?: \w+)?(?: |_)?[^()]*pid=\d+[^()]*\) ?")  # (EngineCore pid=8049)
_LEVEL = re.compile(
    r"^(?P<level>DEBUG|INFO|WARNING|ERROR|CRITICAL) "
    r"(?:\d{2}-\d{2} \d{2}:\d{2}:\d{2} \[[^\]]+\]|\d{4}-\d{2}-\d{2} [\d:,]+ .*? --) ?"
)
_NOISE = re.compile(
    r"^:(?:job_id|actor_name|task_name):"  # Ray, to its own log monitor
    r"|^\[\d{4}-\d\d-\d\d [\d:,.]+(?: [DIW] |\] ?\[(?:DEBUG|INFO|WARNING)\])"  # Ray, DeepSpeed
    r"|^\[(?:rank\d+\]:\[)?W\d{3,4} "  # torch
    r"|\d+%\|.*\||[\d.?](?:it/s|s/it)\b"  # progress bars
    r"|^\s*[\^~]+\s*$|^Extension modules:|^PC: @|^\s+@ +0x"
)
_FRAME = re.compile(r'^ +File "(?P<file>[^"]+)", line (?P<line>\d+),? in (?P<name>.+)$')
_SIGNAL = re.compile(r"^\*\*\* (SIG[A-Z]+) received at|^Fatal Python error: (.+)$")
_OWN = re.compile(r"^ecom\.errors\.\w+: ")


@dataclass
class _Error:
    """One traceback: its message, and its frames, innermost last."""

    message: list[str] = field(default_factory=list)
    frames: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "\n".join(self.message)


def why(log: str) -> str:
    """Return the lines of a log that say why its process ended; "" where none does."""
    lines = list(_lines(log))
    if verdicts := [n for n, line in enumerate(lines) if line.startswith(VERDICT)]:
        return "\n".join(lines[verdicts[-1] :][:LINES]).strip()
    if name := signal_name(log):
        places = _frames(lines[_place_of_signal(lines) :])[:FRAMES]
        return "\n".join([f"{name}: {meaning(name)}", *places])
    errors = list(_errors(lines))
    real = [error for error in errors if not is_reference(error.text)] or errors
    if real:
        return _shown(real[-1])
    said = [line for line in lines if line.strip()]
    return "\n".join(said[-5:])


def is_reference(message: str) -> bool:
    """Whether an error only says that another process has the real one."""
    return bool(_REFERENCES.search(message))


def is_error(said: str) -> bool:
    """Whether `why` found an error, or only the last lines of a log."""
    return bool(re.match(rf"[\w.]*(?:Error|Exception)\b|SIG[A-Z]+:|{VERDICT}", said))


def signal_name(log: str) -> str | None:
    """Return the signal that a log says its process got: Ray's words, or Python's."""
    found: str | None = None
    for line in log.splitlines():
        if match := _SIGNAL.match(_PROCESS.sub("", line)):
            found = match[1] or _FAULTS.get(match[2].strip()) or found
    return found


def meaning(name: str) -> str:
    """Return what a signal, as "SIGILL", usually means."""
    return MEANINGS.get(name, "a signal that ends a process")


def _lines(log: str) -> Iterator[str]:
    """Yield the lines without their prefixes; an empty one where noise was cut out."""
    for raw in log.splitlines():
        line = _PROCESS.sub("", _COLOUR.sub("", raw.rsplit("\r", 1)[-1]))
        if level := _LEVEL.match(line):
            line = line[level.end() :] if level["level"] in ("ERROR", "CRITICAL") else ""
        if re.match(r"^\s*[\^~]+\s*$", line):
            continue
        yield "" if _NOISE.search(line) else _shortened(line.rstrip())


def _shortened(line: str) -> str:
    return line if len(line) <= _WIDTH else f"{line[:_WIDTH]} …"


def _place_of_signal(lines: list[str]) -> int:
    return max(n for n, line in enumerate(lines) if _SIGNAL.match(line))


def _errors(lines: list[str]) -> Iterator[_Error]:
    """Yield every traceback, in the order printed.

    A message continues until an empty line. Ray prints the frames of a remote error without the
    words "Traceback", so frames alone open one, too.
    """
    error, frames = _Error(), list[str]()
    for line in [*lines, ""]:
        if _FRAME.match(line):
            if error.message:
                yield error
                error = _Error()
            frames += _frames([line])
        elif not line.strip() or line.startswith("Traceback (most recent call last)"):
            if error.message:
                yield error
            error = _Error()
            frames = [] if line.strip() else frames
        elif error.message:
            error.message.append(line)
        elif frames and not line.startswith(" "):
            error = _Error([line], frames)
            frames = []


def _frames(lines: list[str]) -> list[str]:
    found = [match for line in lines if (match := _FRAME.match(line))]
    return [_place(frame) for frame in found if not frame["file"].startswith("<frozen")]


def _place(frame: "re.Match[str]") -> str:
    """Return a frame as "  at vllm/v1/core.py:12 in run"."""
    _, installed, inner = frame["file"].rpartition("site-packages/")
    file = inner if installed else "/".join(frame["file"].rsplit("/", 3)[-3:])
    return f"  at {file}:{frame['line']} in {frame['name']}"


def _shown(error: _Error) -> str:
    """Return the message, then the innermost frames; errors of ours say enough without."""
    text = error.text
    if _OWN.match(text):
        return "\n".join(_OWN.sub("", text).splitlines()[:LINES])
    message = error.message[: LINES - FRAMES]
    return "\n".join([*message, *reversed(error.frames[-FRAMES:])])
