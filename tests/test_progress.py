"""What stderr shows of long work: a bar on a terminal, lines in a log; and Ray's metrics port."""

import json
import os
import pty
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecom import progress

# Lines come at once and often, so that a test waits for the next and for no clock.
OFTEN = "from ecom import progress; progress.LINE_EVERY_S = progress.MOMENT_S = 0.02\n"
# Each line of stdin is the steps that were just done; "fail" ends the work with an error.
WORK = """
import sys
with progress.bar() as bar:
    task = bar.add_task("train", total=2000, unit="steps")
    for word in sys.stdin:
        if word.strip() == "fail":
            sys.exit("out of memory")
        bar.update(task, advance=int(word), loss=0.4123, note="9,800 tokens/s")
"""


@contextmanager
def python(code: str, **env: str) -> Iterator[subprocess.Popen[str]]:
    """Start Python on some code; all its streams are pipes."""
    pipe = subprocess.PIPE
    with subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=pipe,
        stdout=pipe,
        stderr=pipe,
        text=True,
        env={**os.environ, **env},
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def say(process: subprocess.Popen[str], word: str) -> None:
    assert process.stdin is not None
    process.stdin.write(f"{word}\n")
    process.stdin.flush()


def line_with(process: subprocess.Popen[str], pattern: str) -> str:
    """Read the log on to the first line that the pattern matches whole."""
    assert process.stderr is not None
    seen = []
    for text in process.stderr:
        seen.append(text)
        if re.fullmatch(pattern, text.rstrip("\n")):
            return text
    raise AssertionError(f"no line {pattern} in {seen}")


def test_a_log_says_what_is_done_of_all_how_fast_and_how_long_it_will_take() -> None:
    with python(OFTEN + WORK) as process:
        line_with(process, r"train: 0 of 2,000 steps \(0 %\), \d+ s passed")
        say(process, "500")
        line_with(
            process,
            r"train: 500 of 2,000 steps \(25 %\), loss 0\.412, 9,800 tokens/s, \d+ s passed",
        )
        say(process, "500")
        figures, time = r"loss 0\.412, 9,800 tokens/s", r"\d+ (s|min|min \d+ s)"
        line_with(
            process,
            r"train: 1,000 of 2,000 steps \(50 %\), [\d,.]+ steps/s, "
            rf"{figures}, {time} passed, {time} left",
        )
        say(process, "1000")
        line_with(process, rf"train: 2,000 of 2,000 steps \(100 %\), {figures}, done in {time}")
        assert process.stdin is not None
        assert process.stderr is not None
        process.stdin.close()
        assert process.stderr.read() == "", "what is done is said once"


def test_a_log_says_how_far_failed_work_got() -> None:
    with python(OFTEN + WORK) as process:
        say(process, "20")
        line_with(process, r"train: 20 of .* passed")
        say(process, "fail")
        line_with(process, r"train: 20 of 2,000 steps \(1 %\), .* stopped after \d+ s")
        line_with(process, "out of memory")


def test_a_log_says_how_long_work_of_unknown_length_has_been_running() -> None:
    code = 'import sys\nwith progress.waiting("serve: starting the engine"): sys.stdin.readline()'
    with python(OFTEN + code) as process:
        line_with(process, r"serve: starting the engine, \d+ s")
        say(process, "")
        line_with(process, r"serve: starting the engine, done in \d+ s")


def test_work_that_takes_no_time_leaves_a_log_alone() -> None:
    seldom = "from ecom import progress; progress.MOMENT_S = 3600\n"
    with python(seldom + WORK) as process:
        _, log = process.communicate("1000\n1000\n")
        assert (process.returncode, log) == (0, "")


def test_colours_may_be_asked_for_in_a_log_but_no_bars() -> None:
    with python(OFTEN + WORK, FORCE_COLOR="1") as process:
        line_with(process, r"train: 0 of 2,000 steps \(0 %\), \d+ s passed")
        _, log = process.communicate("2000\n")
        assert "\x1b" not in log
        assert "train: 2,000 of 2,000 steps (100 %)" in log


def shop_rows(path: Path, count: int) -> Path:
    row = {"output_field": 1, "task_type": "multiple-choice", "metric": "accuracy"}
    lines = [{"input_field": f"Is {n} a shoe?\n0. a\n1. b", **row} for n in range(count)]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def contamination(tmp_path: Path) -> str:
    """Return code that runs a command of ours with a step of many rows."""
    asked, corpus = shop_rows(tmp_path / "asked.jsonl", 3), shop_rows(tmp_path / "all.jsonl", 9000)
    command = ["contamination", str(corpus), str(asked), "--json"]
    return f"{OFTEN}from ecom.cli import main; main({command!r})"


def test_a_command_in_a_job_logs_its_steps_and_keeps_stdout_for_results(tmp_path: Path) -> None:
    with python(contamination(tmp_path)) as process:
        out, log = process.communicate()
    assert process.returncode == 0, log
    assert json.loads(out)["corpus_rows"] == 9000
    last = [text for text in log.splitlines() if "done in" in text]
    assert [text.split(" rows")[0] for text in last] == [
        "contamination: count: 9,000 of 9,000",
        "contamination: compare: 9,000 of 9,000",
    ]
    assert "\x1b" not in log


def test_a_terminal_has_a_bar_and_no_line_of_a_log(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    env = {**os.environ, "TERM": "xterm", "COLUMNS": "140"}
    command = [sys.executable, "-c", contamination(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=theirs, env=env) as process:
        os.close(theirs)
        shown = b"".join(iter(lambda: _read(ours), b"")).decode()
    os.close(ours)
    assert process.returncode == 0, shown
    assert "━" in shown
    assert "9000/9000" in shown
    assert "left" in shown
    assert "\x1b[" in shown
    assert "done in" not in shown
    assert "passed" not in shown


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # Linux: the other end is closed
        return b""


UNITS = {"s": 1, "min": 60, "h": 3600}


@given(st.floats(0, 1e7))
def test_a_duration_says_the_time_to_its_smaller_unit(seconds: float) -> None:
    said = progress.duration(seconds)
    parts = re.findall(r"([\d,]+) (s|min|h)", said)
    assert " ".join(f"{number} {unit}" for number, unit in parts) == said
    value = sum(int(number.replace(",", "")) * UNITS[unit] for number, unit in parts)
    assert value - 0.5 <= seconds <= value + (60 if parts[0][1] == "h" else 0.5)
    assert all(int(number.replace(",", "")) < 60 for number, unit in parts if unit != "h")


@given(st.floats(1e-6, 1e7))
def test_a_rate_says_the_speed_to_three_digits(per_second: float) -> None:
    found = re.fullmatch(r"([\d,.]+(?:e-\d+)?) rows/(s|min|h)", progress.rate(per_second, "rows"))
    assert found
    value = float(found[1].replace(",", "")) / UNITS[found[2]]
    assert value == pytest.approx(per_second, rel=0.005)
    assert found[2] == "h" or float(found[1].replace(",", "")) >= 0.0999


# Holds the work until a line of stdin; the metrics' address comes on stdout.
ON_RAY = """
import sys, ray
from ecom import cluster, progress
progress.LINE_EVERY_S = progress.MOMENT_S
cluster.connect()
node = ray.nodes()[0]
print(f"http://{node['NodeManagerAddress']}:{node['MetricsExportPort']}/metrics", flush=True)
with progress.bar() as bar:
    task = bar.add_task("predict: größe", total=800, unit="rows")
    bar.update(task, advance=200, loss=0.5)
    sys.stdin.readline()
ray.shutdown()
"""


@pytest.mark.integration
def test_rays_metrics_port_has_the_same_figures() -> None:
    from urllib.error import URLError
    from urllib.request import ProxyHandler, build_opener

    direct = build_opener(ProxyHandler({}))
    with python(ON_RAY, RAY_ADDRESS="") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        address = process.stdout.readline().strip()
        found: dict[str, float] = {}
        # Ray exports every few seconds, and each second there is a line of the log
        while "done" not in found:
            assert process.stderr.readline(), "it ended"
            try:
                page = direct.open(address, timeout=5).read().decode()
            except URLError:
                continue
            samples = re.findall(
                r'^ray_ecom_stage_(\w+)\{.*stage="predict",task="gr\?\?e".*\} (\S+)$', page, re.M
            )
            found = {name: float(value) for name, value in samples}
        say(process, "")
        _, log = process.communicate()
    assert process.returncode == 0, log
    assert (found["done"], found["total"], found["loss"]) == (200, 800, 0.5)
    assert found["seconds"] > 0
