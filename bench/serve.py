"""Multiple-choice answers a second: ecom's endpoint beside vLLM alone and `ray.serve.llm` alone.

    make bench-serve         (or: python bench/serve.py [--rounds 2] [--threads 1] [--model DIR] …)

The same model, questions, engine settings and machine, one arm after the other, CPU:

    LLM.generate        one process, all questions in one call: what the engine can do
    ecom, list          POST /v1/shop/answer with all questions in one request
    ecom, single        POST /v1/shop/answer, one question each, 16 clients
    vLLM server         its own OpenAI server, /v1/chat/completions, 16 clients
    build_openai_app    ray.serve.llm's, /v1/chat/completions, 16 clients

All questions differ; then they are asked again, from a warm prefix cache. All arms write one token
among the options; ecom also returns their probabilities. The model is that of `make quickstart`.
All engines are pinned to one compute thread (--threads): by default vLLM takes every core and Ray
gives it one. The arms take turns, each in a separate process, and the best of each counts, since
other load on the machine can only slow a round down.

Then mixed load, for the servers: LONG chats of LONG_TOKENS tokens run all the time, all by
/v1/chat/completions, while CHOICES_S other multiple-choice questions arrive per second, each timed
from when it was due.

Last line: {"bench": "serve", …}; the ratios are ecom's figures over each other's.
"""

import argparse
import asyncio
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import aiohttp
from rich.console import Console
from rich.table import Table

from ecom.engine import EngineConfig, engine_env, engine_kwargs
from ecom.forms import FORMS, Prompting, messages
from ecom.lanes import label_ids, lane
from ecom.rows import Query

CLIENTS = 16
LONG, LONG_TOKENS, CHOICES_S, MIXED_S = 16, 200, 8, 40.0
# The last one differs by how vLLM is started where it is not set.
ENGINE = EngineConfig(
    max_model_len=512, max_num_seqs=64, vllm_overrides={"max_num_batched_tokens": 2048}
)
Rates = dict[str, float]


def pinned(threads: int) -> dict[str, str]:
    """Return the environment in which every arm's engine computes with that many threads."""
    # "nobind": otherwise vLLM binds its workers to cores, and only where they are processes.
    bound = {"OMP_NUM_THREADS": str(threads), "VLLM_CPU_OMP_THREADS_BIND": "nobind"}
    return {**os.environ, **bound}


def questions(count: int, first: int = 0) -> list[str]:
    """Return distinct questions with four options; `first` numbers the first one."""
    things = ("boot", "lamp", "chair", "cup", "tent", "desk", "sock", "scarf")
    colours = ("red", "blue", "green", "white", "black", "golden", "grey")
    found = []
    for n in range(first, first + count):
        picked = [f"{colours[(n + k) % 7]} {things[(n // 7 + 3 * k) % 8]}" for k in range(4)]
        listed = "\n".join(f"{k}. {product}" for k, product in enumerate(picked))
        found.append(f"Customer {n} looks for a {picked[n % 4]}. Which fits?\n{listed}\nAnswer:")
    return found


def generate(model: Path, asked: list[str]) -> dict[str, Rates]:
    """Ask vLLM in this process."""
    os.environ.update(engine_env(ENGINE))
    from transformers import AutoTokenizer
    from vllm import LLM, SamplingParams

    tokenizer = AutoTokenizer.from_pretrained(model)
    prompting, form = Prompting.load(model), FORMS["multiple-choice"]
    chats = [messages(prompt, form, prompting) for prompt in asked]
    texts: Any = tokenizer.apply_chat_template(chats, add_generation_prompt=True, tokenize=False)
    how = lane(Query(asked[0], True), label_ids(model)).sampling
    engine = LLM(model=str(model), **engine_kwargs(ENGINE))

    def ask() -> None:
        params = SamplingParams(**how | {"logprobs": None})
        made = engine.generate(texts, params, use_tqdm=False)
        assert all(len(one.outputs[0].token_ids) == 1 for one in made)

    return {"LLM.generate": _twice(ask, len(asked))}


def ecom(model: Path, asked: list[str]) -> dict[str, Rates]:
    """Ask ecom's endpoint, by a list and one by one."""
    from ecom.serve import client, launch
    from ecom.serve.config import ServeConfig

    config = ServeConfig(port=free_port(), max_batch=len(asked))

    def ask_all(url: str) -> None:
        answers = client.ask_all(url, queries(asked), timeout_s=600)
        assert all(one.error is None and one.confidences for one in answers)

    with launch.running(model, config, ENGINE, Prompting.load(model)) as url:
        by_list = _twice(lambda: ask_all(url), len(asked))
        others = queries(questions(len(asked), first=len(asked)))  # not in the cache yet
        target = f"{url}/v1/shop/answer"
        single = _twice(lambda: asyncio.run(_ask(target, others)), len(asked))
        third = queries(questions(len(asked), first=2 * len(asked)))
        single |= asyncio.run(mixed(url, target, third, "ecom", model))
    return {"ecom, list": by_list, "ecom, single": single}


def queries(prompts: list[str]) -> list[dict[str, Any]]:
    """Return what ecom's endpoint is asked."""
    return [{"prompt": prompt, "is_multiple_choice": True} for prompt in prompts]


def vllm_server(model: Path, asked: list[str]) -> dict[str, Rates]:
    """Ask vLLM's own server."""
    with vllm_running(model) as url:
        return {"vLLM server": _chats(url, model, asked)}


@contextmanager
def vllm_running(model: Path) -> Iterator[str]:
    """Yield the address of vLLM's own server, settings as in the other arms."""
    port = free_port()
    kwargs = engine_kwargs(ENGINE)
    command = [
        sys.executable,
        "-m",
        "vllm.entrypoints.openai.api_server",
        "--model",
        str(model),
        "--served-model-name",
        "shop",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
        "--max-model-len",
        str(kwargs["max_model_len"]),
        "--dtype",
        kwargs["dtype"],
        "--max-num-seqs",
        str(kwargs["max_num_seqs"]),
        "--enforce-eager",
        "--max-num-batched-tokens",
        str(kwargs["max_num_batched_tokens"]),
        "--generation-config",
        "vllm",
        "--disable-log-stats",
        "--no-enable-log-requests",
        "--disable-uvicorn-access-log",
    ]
    env = {**os.environ, **engine_env(ENGINE), "VLLM_LOGGING_LEVEL": "ERROR"}
    with subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=2) as server:
        try:
            url = f"http://127.0.0.1:{port}"
            _await(f"{url}/v1/models")
            yield url
        finally:
            server.terminate()


def build_openai_app(model: Path, asked: list[str]) -> dict[str, Rates]:
    """Ask ray.serve.llm's application as it comes."""
    import ray
    from ray import serve
    from ray.serve.llm import LLMConfig, build_openai_app

    ray.init(address="local", num_cpus=16, include_dashboard=False, logging_level=40)
    port = free_port()
    config = LLMConfig(
        model_loading_config={"model_id": "shop", "model_source": str(model)},
        engine_kwargs=engine_kwargs(ENGINE),
        placement_group_config={"bundles": [{"CPU": 1}]},
        runtime_env={"env_vars": engine_env(ENGINE)},
        log_engine_metrics=False,
    )
    serve.start(http_options={"host": "127.0.0.1", "port": port})
    serve.run(build_openai_app({"llm_configs": [config]}), name="peer")
    url = f"http://127.0.0.1:{port}"
    _await(f"{url}/v1/models")
    try:
        return {"build_openai_app": _chats(url, model, asked)}
    finally:
        ray.shutdown()


ARMS: dict[str, Callable[[Path, list[str]], dict[str, Rates]]] = {
    "generate": generate,
    "ecom": ecom,
    "vllm_server": vllm_server,
    "build_openai_app": build_openai_app,
}


def _chats(url: str, model: Path, asked: list[str]) -> Rates:
    bodies, target = chats(model, asked), f"{url}/v1/chat/completions"
    rates = _twice(lambda: asyncio.run(_ask(target, bodies)), len(asked))
    return rates | asyncio.run(mixed(url, target, bodies, "shop", model))


def chats(model: Path, asked: list[str]) -> list[dict[str, Any]]:
    """Return what OpenAI's interface is asked, for one token among the options."""
    prompting, form = Prompting.load(model), FORMS["multiple-choice"]
    how = lane(Query(asked[0], True), label_ids(model)).sampling
    return [
        {
            "model": "shop",
            "messages": messages(prompt, form, prompting),
            "max_tokens": 1,
            "temperature": 0,
            "allowed_token_ids": how["allowed_token_ids"],
        }
        for prompt in asked
    ]


async def mixed(
    url: str,
    target: str,
    choices: list[dict[str, Any]],
    name: str,
    model: Path,
    seconds: float = MIXED_S,
) -> Rates:
    """Return ms of the choices (p50, p95), and tokens/s of the long chats, under mixed load."""
    end_token = json.loads((model / "config.json").read_text())["eos_token_id"]
    begin = time.perf_counter() + 5  # then all long chats are under way
    end, tokens, latencies = begin + seconds, 0, []

    async def write(http: aiohttp.ClientSession, number: int) -> None:
        nonlocal tokens
        for turn in range(1000):
            ask = f"Client {number}, turn {turn}: tell a long story about a lamp."
            body = {
                "model": name,
                "messages": [{"role": "user", "content": ask}],
                "max_tokens": LONG_TOKENS,
                "temperature": 0,
                "logit_bias": {str(end_token): -100},  # none may end early
            }
            start = time.perf_counter()
            async with http.post(f"{url}/v1/chat/completions", json=body) as reply:
                made = (await reply.json())["usage"]["completion_tokens"]
            now = time.perf_counter()
            inside = min(now, end) - max(start, begin)
            tokens += made * max(0.0, inside) / (now - start)
            if now > end:
                return

    async def choose(http: aiohttp.ClientSession, body: dict[str, Any], due: float) -> None:
        await asyncio.sleep(due - time.perf_counter())
        async with http.post(target, json=body) as reply:
            assert reply.status == 200, await reply.text()
        latencies.append((time.perf_counter() - due) * 1e3)

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http:
        dues = [begin + n / CHOICES_S for n in range(int(seconds * CHOICES_S))]
        await asyncio.gather(
            *(write(http, n) for n in range(LONG)),
            *(choose(http, body, due) for body, due in zip(choices, dues, strict=False)),
        )
    latencies.sort()
    return {
        "choice p50 ms": latencies[len(latencies) // 2],
        "choice p95 ms": latencies[int(len(latencies) * 0.95)],
        "long tokens/s": tokens / seconds,
    }


async def _ask(url: str, bodies: list[dict[str, Any]]) -> None:
    """Post the bodies from CLIENTS clients, each one after the other."""
    waiting = iter(bodies)

    async def one(session: aiohttp.ClientSession) -> None:
        for body in waiting:
            async with session.post(url, json=body) as reply:
                answer = await reply.json()
                assert reply.status == 200, answer

    async with aiohttp.ClientSession() as session:
        await asyncio.gather(*(one(session) for _ in range(CLIENTS)))


def _best(one: Rates, other: Rates) -> Rates:
    """Return the better figure of each: fewer ms, more of what is counted a second."""
    return {
        name: min(one[name], other[name]) if name.endswith("ms") else max(one[name], other[name])
        for name in one
    }


def _twice(ask: Callable[[], None], count: int) -> Rates:
    rates = {}
    for name in ("cold", "warm"):
        start = time.perf_counter()
        ask()
        rates[name] = count / (time.perf_counter() - start)
    return rates


def free_port() -> int:
    """Return a port of the loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _await(url: str) -> None:
    import httpx

    for _ in range(600):
        try:
            if httpx.get(url, timeout=5).json()["data"]:
                return
        except (httpx.TransportError, ValueError, LookupError):
            pass
        time.sleep(0.5)
    raise SystemExit(f"{url} does not answer")


@contextmanager
def quiet() -> Iterator[Any]:
    """Send what libraries print to stderr; yield the real stdout."""
    with os.fdopen(os.dup(1), "w") as out:
        os.dup2(2, 1)
        yield out


def main() -> None:
    """Run the arms, print the table and the JSON line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--questions", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--threads", type=int, default=1, help="compute threads of each engine")
    parser.add_argument("--model", type=Path, default=Path("runs/quickstart/compress/model"))
    parser.add_argument("--arms", nargs="+", default=list(ARMS), choices=list(ARMS))
    options = parser.parse_args()
    if not (options.model / "config.json").is_file():
        raise SystemExit(f"{options.model}: no model there; run `make quickstart`, or give --model")
    found: dict[str, Rates] = {}
    for arm in options.arms * options.rounds:
        model = str(options.model.absolute())
        command = [sys.executable, __file__, "arm", arm, model, str(options.questions)]
        env = pinned(options.threads)
        done = subprocess.run(
            command, check=False, capture_output=True, text=True, timeout=1200, env=env
        )
        if done.returncode:
            raise SystemExit(f"{arm} failed:\n{done.stderr[-4000:]}")
        made = json.loads(done.stdout.strip().splitlines()[-1])
        print(made, file=sys.stderr)
        for name, rates in made.items():
            found[name] = _best(found.get(name, rates), rates)
    table = Table(title=f"{options.questions} questions, answers/s", title_justify="left")
    columns = ("cold", "warm", "choice p50 ms", "choice p95 ms", "long tokens/s")
    table.add_column("")
    for column in columns:
        table.add_column(column, justify="right")
    for name, rates in found.items():
        table.add_row(name, *(f"{rates[key]:.0f}" if key in rates else "" for key in columns))
    Console(width=100).print(table)
    ratios = {
        f"{ours} / {theirs}: {figure}": found[ours][figure] / found[theirs][figure]
        for ours in ("ecom, list", "ecom, single")
        for theirs in ("LLM.generate", "vLLM server", "build_openai_app")
        if ours in found and theirs in found
        for figure in columns
        if figure in found[ours] and figure in found[theirs]
    }
    print(json.dumps({"bench": "serve", "ratios": ratios, "raw": found}))


if __name__ == "__main__":
    if sys.argv[1:2] == ["arm"]:
        with quiet() as out:
            rates = ARMS[sys.argv[2]](Path(sys.argv[3]), questions(int(sys.argv[4])))
            print(json.dumps(rates), file=out)
    else:
        main()
