"""Rows a second of batch prediction: `ecom predict` beside `vllm.LLM.generate` and `ray.data.llm`.

    make bench-predict       (or: python bench/predict.py [--rows 5000] [--rounds 2] [--model DIR])

The same model, questions, engine settings and machine (CPU), timed after the engine has started:

    LLM.generate        one process, all prompts in one call: what the engine can do
    ecom predict        one replica; until every answer is kept
    ray.data.llm        one replica, 250 rows a batch, eight batches at once; until the last answer

Six of ten questions are multiple choice, two are rankings and retrievals, two want a text. All arms
decode by the same lanes and tokenize prompts within the measured time, except ray.data.llm, which
gets tokens. All engines are pinned to one compute thread (--threads): by default vLLM takes every
core and Ray gives it one. The arms take turns, each in a separate process. The best round counts,
since other load on the machine can only slow a round down. The model is that of `make quickstart`.

Last line: {"bench": "predict", …}; the ratios are ecom's rows/s over each other's.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from serve import pinned, quiet

from ecom.engine import EngineConfig, engine_env, engine_kwargs
from ecom.forms import Prompting
from ecom.lanes import Asker, Lane, label_ids
from ecom.rows import Query

ENGINE = EngineConfig(max_model_len=512, max_num_seqs=64)
THINGS = ("boot", "lamp", "chair", "cup", "tent", "desk", "sock", "scarf")
Row = dict[str, Any]


def questions(count: int) -> list[Row]:
    """Return distinct questions of every form that has a lane of its own, mixed."""
    return [_question(n) for n in range(count)]


def _question(n: int) -> Row:
    thing, kind = THINGS[n % 8], n % 10
    picked = [f"{THINGS[(n + k) % 8]} {n + 7 * k}" for k in range(12)]
    if kind < 6:
        listed = "\n".join(f"{k}. {product}" for k, product in enumerate(picked[:4]))
        text = f"Customer {n} looks for a {thing}. Which product fits?\n{listed}\nAnswer:"
    elif kind == 6:
        listed = "\n".join(f"{k}. {product}" for k, product in enumerate(picked[:5], start=1))
        text = f"Query {n}: {thing}. Rank the following 5 products by relevance.\n{listed}\nOutput:"
    elif kind == 7:
        listed = "\n".join(f"{k}. {product}" for k, product in enumerate(picked, start=1))
        text = f"Customer {n} bought a {thing}. Select 3 items from the list.\n{listed}\nOutput:"
    else:
        text = f"Write a short note on product {n}, a {thing}.\nOutput:"
    return {"input_field": text, "is_multiple_choice": kind < 6}


def generate(model: Path, rows: list[Row]) -> float:
    """Ask vLLM in this process; return the seconds."""
    os.environ.update(engine_env(ENGINE))
    from vllm import LLM, SamplingParams

    asked, texts = _chats(model, rows)
    params = [SamplingParams(**one.sampling) for one in asked]
    engine = LLM(model=str(model), **engine_kwargs(ENGINE))
    start = time.perf_counter()
    made = engine.generate(texts, params, use_tqdm=False)
    assert len(made) == len(rows)
    return time.perf_counter() - start


def ecom(model: Path, rows: list[Row]) -> float:
    """Ask ecom's own stage; return the seconds from when its engine had started."""
    from ecom.artifact import Draft
    from ecom.predict.config import PredictConfig
    from ecom.predict.job import run

    with tempfile.TemporaryDirectory() as folder:
        queries = Path(folder) / "q.jsonl"
        queries.write_text("".join(json.dumps(row) + "\n" for row in rows))
        draft = Draft(Path(folder))
        run(
            PredictConfig(queries=str(queries)),
            ENGINE,
            prompting=Prompting.load(model),
            models={"awq": str(model)},
            queries=queries,
            draft=draft,
        )
        assert draft.metrics["models"]["awq"]["errors"] == 0
        return float(draft.metrics["models"]["awq"]["generate_s"])


def ray_data_llm(model: Path, rows: list[Row]) -> float:
    """Ask ray.data.llm, given tokens; return the seconds from the engine's first question on."""
    import ray
    from ray.data.llm import build_processor, vLLMEngineProcessorConfig
    from transformers import AutoTokenizer

    ray.init(address="local", num_cpus=16, include_dashboard=False, logging_level=40)
    asked, texts = _chats(model, rows)
    tokens = AutoTokenizer.from_pretrained(model)(texts, add_special_tokens=False)["input_ids"]
    items = [
        {"tokenized_prompt": ids, "sampling_params": one.sampling}
        for ids, one in zip(tokens, asked, strict=True)
    ]
    light = {"num_cpus": 0.1, "compute": ray.data.TaskPoolStrategy(size=1)}
    processor = build_processor(
        vLLMEngineProcessorConfig(
            model_source=str(model),
            # its statistics say when the first question came
            engine_kwargs=engine_kwargs(ENGINE) | {"disable_log_stats": False},
            runtime_env={"env_vars": engine_env(ENGINE)},
            placement_group_config={"bundles": [{"CPU": 1}]},
            batch_size=250,
            max_concurrent_batches=8,
            max_pending_requests=1024,
            concurrency=(1, 1),
            chat_template_stage=False,
            tokenize_stage=False,
            detokenize_stage=False,
            log_engine_metrics=False,
        ),
        postprocess=_arrived,
        preprocess_map_kwargs=light,
        postprocess_map_kwargs=light,
    )
    dataset = ray.data.from_items(items, override_num_blocks=len(items) // 250 + 1)
    first: float = min(row["arrived"] for row in processor(dataset).iter_rows())
    return time.time() - first


def _arrived(row: dict[str, Any]) -> dict[str, Any]:
    return {"arrived": row["metrics"]["arrival_time"], "text": row["generated_text"]}


ARMS: dict[str, tuple[str, Callable[[Path, list[Row]], float]]] = {
    "generate": ("LLM.generate", generate),
    "ecom": ("ecom predict", ecom),
    "ray_data_llm": ("ray.data.llm", ray_data_llm),
}


def _chats(model: Path, rows: list[Row]) -> tuple[list[Lane], list[str]]:
    """Return each question's lane, and its chat as text."""
    from transformers import AutoTokenizer

    asker = Asker(label_ids(model), Prompting.load(model))
    asked = [asker.ask(Query(row["input_field"], row["is_multiple_choice"])) for row in rows]
    chats = [one.messages for one in asked]
    tokenizer = AutoTokenizer.from_pretrained(model)
    texts: Any = tokenizer.apply_chat_template(chats, add_generation_prompt=True, tokenize=False)
    return [one.lane for one in asked], texts


def main() -> None:
    """Run the arms in turns, print the table and the JSON line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=5000)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--threads", type=int, default=1, help="compute threads of each engine")
    parser.add_argument("--model", type=Path, default=Path("runs/quickstart/compress/model"))
    options = parser.parse_args()
    if not (options.model / "config.json").is_file():
        raise SystemExit(f"{options.model}: no model there; run `make quickstart`, or give --model")
    found: dict[str, list[float]] = {name: [] for name, _ in ARMS.values()}
    for arm in [*ARMS] * options.rounds:
        model = str(options.model.absolute())
        command = [sys.executable, __file__, "arm", arm, model, str(options.rows)]
        env = pinned(options.threads)
        done = subprocess.run(command, check=False, capture_output=True, text=True, env=env)
        if done.returncode:
            raise SystemExit(f"{arm} failed:\n{done.stderr[-4000:]}")
        seconds = float(done.stdout.strip().splitlines()[-1])
        found[ARMS[arm][0]].append(options.rows / seconds)
    table = Table(title=f"{options.rows} rows, rows/s", title_justify="left")
    for column in ("", *(f"round {n + 1}" for n in range(options.rounds))):
        table.add_column(column, justify="right" if column else "left")
    for name, rates in found.items():
        table.add_row(name, *(f"{rate:.0f}" for rate in rates))
    Console(width=100).print(table)
    ours = max(found["ecom predict"])
    others = [name for name in found if name != "ecom predict"]
    ratios = {f"ecom predict / {name}": ours / max(found[name]) for name in others}
    print(json.dumps({"bench": "predict", "ratios": ratios, "raw": found}))


if __name__ == "__main__":
    if sys.argv[1:2] == ["arm"]:
        with quiet() as out:
            seconds = ARMS[sys.argv[2]][1](Path(sys.argv[3]), questions(int(sys.argv[4])))
            print(seconds, file=out)
    else:
        main()
