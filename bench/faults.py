"""Are requests lost when replicas die, are replaced, or are overloaded?

    make bench-faults        (or: python bench/faults.py [--model DIR] [--seconds 60])

Two replicas on this CPU, 20 multiple-choice questions a second, each checked by its id and its
answer from an undisturbed run before:

    replica killed      SIGKILL to one replica's process
    engine killed       SIGKILL to the vLLM engine of one replica
    redeploy            another version of the application is deployed meanwhile
    overload            ten times the measured rate of the endpoint, for `seconds`, in lists: one by
                        one, a client on these cores could not send as many

Ends with exit code 1 where a request was lost, answered twice or wrongly, or overload brought
anything but 200 and 429. Last line: {"bench": "faults", …}.
"""

import argparse
import asyncio
import json
import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import psutil
from rich.console import Console
from rich.table import Table
from serve import ENGINE, free_port, questions

from ecom.forms import Prompting
from ecom.serve import app, launch
from ecom.serve.config import ServeConfig

RATE, KEPT_UP_S, CLIENTS, SOCKETS, LIST = 20, 20.0, 16, 1000, 50
Act = Callable[[], Coroutine[Any, Any, None]]


@dataclass
class Seen:
    """What came back: statuses, ids, answers that differ from the calm ones, latencies in s."""

    statuses: Counter[int] = field(default_factory=Counter)
    ids: Counter[int] = field(default_factory=Counter)
    wrong: int = 0
    latencies: list[float] = field(default_factory=list)

    def row(self) -> dict[str, Any]:
        """Return the numbers of the table."""
        ordered = sorted(self.latencies) or [0.0]
        return {
            "requests": sum(self.statuses.values()),
            "statuses": {str(status): count for status, count in sorted(self.statuses.items())},
            "twice": sum(count > 1 for count in self.ids.values()),
            "wrong": self.wrong,
            "p50_s": round(ordered[len(ordered) // 2], 3),
            "p99_s": round(ordered[int(len(ordered) * 0.99)], 3),
            "max_s": round(ordered[-1], 3),
        }


async def ask(
    http: aiohttp.ClientSession, url: str, number: int, known: dict[str, str], seen: Seen, size: int
) -> None:
    """Ask one question, or a list of `size`; a connection that breaks is status 0."""
    queries = [
        {"prompt": PROMPTS[n % len(PROMPTS)], "is_multiple_choice": True, "id": n}
        for n in range(number * size, (number + 1) * size)
    ]
    start = time.perf_counter()
    try:
        body = {"queries": queries} if size > 1 else queries[0]
        async with http.post(f"{url}/v1/shop/answer", json=body) as reply:
            status, found = reply.status, await reply.json()
    except (aiohttp.ClientError, TimeoutError):
        status, found = 0, {}
    seen.statuses[status] += 1
    if status == 200:
        answers = found["answers"] if size > 1 else [found]
        seen.wrong += len(answers) != size
        for query, one in zip(queries, answers, strict=False):
            seen.ids[one["id"]] += 1
            seen.wrong += known.setdefault(query["prompt"], one["answer"]) != one["answer"]
        seen.latencies.append(time.perf_counter() - start)


async def at_rate(
    url: str, rate: float, seconds: float, known: dict[str, str], act: Act, size: int
) -> Seen:
    """Send `rate` requests a second whatever happens, while `act` does; at most SOCKETS at once."""
    seen, tasks = Seen(), []
    timeout = aiohttp.ClientTimeout(total=300)
    async with aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0), timeout=timeout
    ) as http:
        acting = asyncio.create_task(act())
        start, asked, flying = time.monotonic(), 0, set[asyncio.Task[None]]()
        while time.monotonic() < start + seconds or not acting.done():
            for _ in range(int((time.monotonic() - start) * rate) - asked):
                asked += 1
                if len(flying) < SOCKETS:
                    task = asyncio.create_task(ask(http, url, asked, known, seen, size))
                    flying.add(task)
                    task.add_done_callback(flying.discard)
                    tasks.append(task)
            await asyncio.sleep(0.005)
        await asyncio.gather(*tasks)
        await acting
    return seen


async def capacity(url: str, known: dict[str, str]) -> float:
    """Return the answers a second that CLIENTS get who ask one question after the other."""
    seen, end = Seen(), time.monotonic() + 10

    async def client(http: aiohttp.ClientSession, first: int) -> None:
        number = first
        while time.monotonic() < end:
            await ask(http, url, number, known, seen, 1)
            number += CLIENTS

    async with aiohttp.ClientSession() as http:
        await asyncio.gather(*(client(http, n) for n in range(CLIENTS)))
    return len(seen.latencies) / 10


def processes(name: str) -> list[psutil.Process]:
    """Return what this process started, by the beginning of its title."""
    found = []
    for process in psutil.Process().children(recursive=True):
        try:
            if " ".join(process.cmdline()).startswith(name):
                found.append(process)
        except (psutil.NoSuchProcess, psutil.ZombieProcess):
            continue
    return found


def memory_mib() -> int:
    """Return the resident memory of all that this process started: Ray, Serve, the engines."""
    return int(sum(one.memory_info().rss for one in processes("")) // 2**20)


async def kill(name: str) -> None:
    """End one process at once, five seconds from now, and wait until two replicas answer again."""
    await asyncio.sleep(5)
    os.kill(processes(name)[0].pid, signal.SIGKILL)
    await until(all_run=False)  # Serve looks every ten seconds
    await until(all_run=True)


async def until(all_run: bool) -> None:
    """Wait until Serve says that all replicas run, or that one does not."""
    from ray import serve

    for _ in range(600):
        status = await asyncio.to_thread(serve.status)
        found = status.applications[launch.APP_NAME].deployments.values()
        if all(set(one.replica_states) == {"RUNNING"} for one in found) == all_run:
            return
        await asyncio.sleep(0.5)
    raise SystemExit(f"Serve did not say that {'all' if all_run else 'not all'} replicas run")


def main() -> None:
    """Run the four, print the table and the JSON line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", type=Path, default=Path("runs/quickstart/compress/model"))
    parser.add_argument("--seconds", type=float, default=60)
    options = parser.parse_args()
    model, prompting = options.model, Prompting.load(options.model)
    config = ServeConfig(port=free_port(), min_replicas=2, max_replicas=2)
    known: dict[str, str] = {}
    found: dict[str, dict[str, Any]] = {}

    def under(name: str, rate: float, seconds: float, act: Act, size: int = 1) -> None:
        print(f"{name} …", file=sys.stderr)
        found[name] = asyncio.run(at_rate(url, rate, seconds, known, act, size)).row()
        print(found[name], file=sys.stderr)

    async def nothing() -> None:
        pass

    async def redeploy() -> None:
        from ray import serve

        await asyncio.sleep(5)
        changed = config.model_copy(update={"max_prompt_chars": 10_000})
        engine = ENGINE.model_copy(update={"max_num_seqs": 32})
        other = app.application(model, changed, engine, prompting)
        await asyncio.to_thread(serve.run, other, name=launch.APP_NAME)
        await until(all_run=True)

    memory: list[int] = []

    async def watch() -> None:
        for _ in range(int(options.seconds // 5)):
            await asyncio.sleep(5)
            memory.append(memory_mib())

    with launch.running(model, config, ENGINE, prompting) as url:
        most = asyncio.run(capacity(url, known))
        under("calm", RATE, KEPT_UP_S, nothing)
        under("replica killed", RATE, KEPT_UP_S, lambda: kill("ray::ServeReplica:shop:ShopServer"))
        under("engine killed", RATE, KEPT_UP_S, lambda: kill("VLLM::EngineCore"))
        under("redeploy", RATE, KEPT_UP_S, redeploy)
        under("overload", 10 * most / LIST, options.seconds, watch, LIST)
        under("a second later", RATE, 5, nothing)
    show(found, most, memory)
    calm = [row for name, row in found.items() if name != "overload"]
    bad = any(set(row["statuses"]) != {"200"} or row["twice"] or row["wrong"] for row in calm)
    over = found["overload"]
    if bad or over["twice"] or over["wrong"] or not set(over["statuses"]) <= {"200", "429"}:
        raise SystemExit(1)


def show(found: dict[str, dict[str, Any]], most: float, memory: list[int]) -> None:
    """Print the table and the JSON line."""
    table = Table(title=f"faults; {most:.0f} answers/s before", title_justify="left")
    for column in ("", *found["calm"]):
        table.add_column(column, justify="right" if column else "left")
    for name, row in found.items():
        table.add_row(name, *(json.dumps(value) for value in row.values()))
    Console(width=140).print(table)
    raw = {"answers_per_s": most, "memory_mib": memory, **found}
    print(json.dumps({"bench": "faults", "ratios": {}, "raw": raw}))


PROMPTS = questions(200)

if __name__ == "__main__":
    main()
