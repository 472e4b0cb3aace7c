"""Batch prediction: every model answers every question of a file, by `ray.data.llm` and vLLM.

    QUERIES ─► Query ─► chat of its form ─► tokens ─► vLLM replicas (Ray Data) ─► NAME.jsonl
          └► rejected/queries.jsonl

A question goes down the lane of its form: the form's suffix and token limit, temperature 0. The
file written has one `rows.Prediction` a line, in the order of the questions.

Chats are rendered and tokenized here, and vLLM returns text: Ray Data's own stages for that would
each start an actor that imports transformers, which takes longer than the work.
"""

import json
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ecom import artifact, cluster, progress, shopbench
from ecom.engine import (
    EngineConfig,
    check_model,
    engine_env,
    engine_kwargs,
    engine_resources,
)
from ecom.errors import DataError, StageError
from ecom.forms import Prompting, messages
from ecom.lanes import label_ids, lane, too_long
from ecom.predict import lanes
from ecom.predict.config import PredictConfig
from ecom.queries import read
from ecom.rows import Prediction, Query, to_dict

if TYPE_CHECKING:
    from ray.data import Dataset


def run(
    config: PredictConfig,
    engine: EngineConfig,
    *,
    prompting: Prompting,
    models: dict[str, str],
    queries: Path,
    draft: artifact.Draft,
) -> None:
    """Write `NAME.jsonl` for each of `models` (name -> directory or hub name) below the draft.

    Bad lines go to `rejected/queries.jsonl`. Raises DataError where no question is left, InputError
    where a model cannot be served with these settings, and StageError where an engine fails or a
    model answers nothing at all.
    """
    asked, rejected = _read(queries)
    for model in models.values():
        if Path(model).is_dir():  # else a hub name, which vLLM looks up
            check_model(Path(model), engine)
    shopbench.write_rejected(draft.path / "rejected" / "queries.jsonl", rejected)
    draft.metrics.update(queries=len(asked), rejected=len(rejected), models={})
    cluster.connect()
    for name, model in models.items():
        rows, seconds = answer(name, model, asked, config, engine, prompting)
        _write(draft.path / f"{name}.jsonl", rows)
        errors = [row.error for row in rows if row.error is not None]
        if len(errors) == len(rows):
            raise StageError(
                f"{name} answers none of {len(rows)} questions; the first: {errors[0]}"
            )
        draft.metrics["models"][name] = {"errors": len(errors), **seconds}


def answer(
    name: str,
    model: str,
    queries: Sequence[Query],
    config: PredictConfig,
    engine: EngineConfig,
    prompting: Prompting,
) -> tuple[list[Prediction], dict[str, float]]:
    """Return a prediction for each query, in order, and the seconds of start-up and generation."""
    ids = label_ids(Path(model)) if Path(model).is_dir() else {}
    asked = [
        lane(
            q.prompt, ids,
            form=q.form, is_multiple_choice=q.is_multiple_choice, max_tokens=q.max_tokens,
        )
        for q in queries
    ]  # fmt: skip
    chats = [messages(q.prompt, one.form, prompting) for q, one in zip(queries, asked, strict=True)]
    limit = engine_kwargs(engine)["max_model_len"]
    results: dict[int, dict[str, Any]] = {}
    items = []
    for row, (tokens, one) in enumerate(zip(_tokenize(model, chats), asked, strict=True)):
        if error := too_long(tokens, one, limit):
            results[row] = {"error": error}
        else:
            items.append(lanes.request(row, tokens, one))
    start = first = time.time()
    if items:
        with cluster.quiet_data():
            found = _rows(name, _generate(model, items, config, engine))
            for result in _progress(f"predict {name}", found, len(items)):
                results[result["row"]] = result
        first = min(result.get("arrived", time.time()) for result in results.values())
    seconds = {"startup_s": round(first - start, 1), "generate_s": round(time.time() - first, 1)}
    pairs = enumerate(zip(queries, asked, strict=True))
    return [lanes.prediction(query, one, results[row]) for row, (query, one) in pairs], seconds


def _read(path: Path) -> tuple[list[Query], list[shopbench.Rejected]]:
    items = [item for _, item in read(path)]
    rejected = [item for item in items if isinstance(item, shopbench.Rejected)]
    asked = [item for item in items if isinstance(item, Query)]
    if not asked:
        why = f"; line {rejected[0].line}: {rejected[0].reason}" if rejected else ""
        raise DataError(
            f"{path}: no question in {len(items)} lines{why}; each line must be a JSON object "
            "with input_field (and maybe is_multiple_choice, id)"
        )
    return asked, rejected


def _tokenize(model: str, chats: list[list[dict[str, str]]]) -> list[list[int]]:
    """Return each chat's tokens, the answer's opening included."""
    from transformers import AutoTokenizer

    try:
        tokenizer = AutoTokenizer.from_pretrained(model)
        texts = tokenizer.apply_chat_template(chats, add_generation_prompt=True, tokenize=False)
    except (OSError, ValueError) as error:
        raise StageError(f"{model}: no tokenizer with a chat template here: {error}") from error
    tokens: list[list[int]] = tokenizer(texts, add_special_tokens=False)["input_ids"]
    return tokens


def _generate(
    model: str, items: list[dict[str, Any]], config: PredictConfig, engine: EngineConfig
) -> "Dataset":
    """Return the lazy dataset of {row, text, arrived}; failed rows carry `__inference_error__`."""
    import ray
    from ray.data import TaskPoolStrategy
    from ray.data.llm import build_processor, vLLMEngineProcessorConfig

    # One light task at a time. Without the limit Ray Data starts as many as the CPU fraction lets
    # it: 80 Python processes on 2 cores, and the engine waits four minutes for its turn.
    light = {"num_cpus": 0.1, "compute": TaskPoolStrategy(size=1)}
    processor = build_processor(
        vLLMEngineProcessorConfig(
            model_source=model,
            engine_kwargs=engine_kwargs(engine),
            runtime_env={"env_vars": engine_env(engine)},
            placement_group_config={"bundles": engine_resources(engine)},
            batch_size=config.batch_size,
            concurrency=(config.replicas, config.replicas),
            chat_template_stage=False,
            tokenize_stage=False,
            detokenize_stage=False,
            log_engine_metrics=False,
            should_continue_on_error=True,
        ),
        postprocess=lanes.result,
        preprocess_map_kwargs=light,
        postprocess_map_kwargs=light,
    )
    blocks = -(-len(items) // config.batch_size)
    return processor(ray.data.from_items(items, override_num_blocks=blocks))


def _rows(name: str, dataset: "Dataset") -> Iterator[dict[str, Any]]:
    from ray.exceptions import RayError

    try:
        yield from dataset.iter_rows()
    except RayError as error:
        raise StageError(
            f"{name}: the engine failed: {error}\n"
            "If memory ran out, lower engine.max_model_len, max_num_seqs or predict.replicas"
        ) from error


def _progress(title: str, rows: Iterable[dict[str, Any]], total: int) -> Iterator[dict[str, Any]]:
    with progress.bar() as bar:
        yield from bar.track(rows, total=total, description=title)


def _write(path: Path, rows: Iterable[Prediction]) -> None:
    with path.open("w", encoding="utf-8") as stream:
        stream.writelines(json.dumps(to_dict(row), ensure_ascii=False) + "\n" for row in rows)
