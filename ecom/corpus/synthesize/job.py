"""A local teacher: the same requests, answered by vLLM replicas of `ray.data.llm`.

    Request ─► chat template ─► tokens ─► vLLM (Ray Data) ─► Reply ─► cache

Sampling is seeded by the request's key: the same model on the same machine gives the same answers.
As in predict, chats are tokenized here and vLLM returns text (ecom/predict/job.py says why).
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ecom import cluster
from ecom.chats import chat_ids
from ecom.completions.cache import Cache, Reply
from ecom.corpus.synthesize.config import Synthesis
from ecom.corpus.synthesize.plan import Request
from ecom.corpus.synthesize.teacher import Done
from ecom.engine import EngineConfig, check_model, engine_env, engine_kwargs, engine_resources
from ecom.errors import StageError

if TYPE_CHECKING:
    from ray.data import Dataset

BATCH_SIZE = 32  # answers that a kill can lose


def ask(
    requests: Sequence[Request], settings: Synthesis, cache: Cache, budget: int, done: Done
) -> None:
    """Put every answer into the cache; call `done` with each answer or the reason for its lack.

    Each answer or failure is one try of the `budget`. Raises InputError where the model cannot be
    served with the engine's settings, and StageError where the engine fails.
    """
    engine, model = settings.teacher.engine, settings.teacher_name
    if Path(model).is_dir():  # else a hub name, which vLLM looks up
        check_model(Path(model), engine)
    sent = requests[:budget]
    items = []
    for index, tokens in enumerate(_tokenize(sent, settings)):
        item = _item(index, tokens, sent[index], settings)
        if isinstance(item, str):
            done(sent[index], item)
        else:
            items.append(item)
    if not items:
        return
    cluster.connect()
    with cluster.quiet_data():
        for row in _rows(_generate(model, items, engine), model):
            request = sent[row["index"]]
            cache.begin(request.key)  # only now: a run that was killed here cost nothing but time
            if row["error"]:
                done(request, f"the engine failed: {row['error']:.200}")
                continue
            reply = Reply(row["text"], row["whole"], row["prompt_tokens"], row["completion_tokens"])
            cache.keep(request.key, reply)
            done(request, reply)


def _item(
    index: int, tokens: list[int], request: Request, settings: Synthesis
) -> dict[str, Any] | str:
    """Return the engine's input for a tokenized chat, or why it does not fit."""
    limit = engine_kwargs(settings.teacher.engine)["max_model_len"]
    longest = settings.max_tokens or max(1, limit - len(tokens))
    if len(tokens) + longest > limit:
        return (
            f"prompt and answer are {len(tokens) + longest} tokens, more than "
            f"corpus.synthesis.teacher.engine.max_model_len {limit}"
        )
    sampling = {**settings.sampling, "max_tokens": longest, "seed": int(request.key[:8], 16)}
    return {
        "index": index,
        "longest": longest,
        "tokenized_prompt": tokens,
        "sampling_params": sampling,
    }


def _tokenize(requests: Sequence[Request], settings: Synthesis) -> list[list[int]]:
    """Return each chat's tokens, with the opening of the answer."""
    from transformers import AutoTokenizer

    model = settings.teacher_name
    chats = [request.messages(settings.examples_per_product) for request in requests]
    try:
        return chat_ids(AutoTokenizer.from_pretrained(model), chats)
    except (OSError, ValueError) as error:
        raise StageError(
            f"corpus.synthesis.teacher.local: {model}: has no tokenizer with a chat template: "
            f"{error}; use an instruct model"
        ) from error


def _generate(model: str, items: list[dict[str, Any]], engine: EngineConfig) -> "Dataset":
    """Return the lazy dataset of `_result` rows."""
    import ray
    from ray.data import TaskPoolStrategy
    from ray.data.llm import build_processor, vLLMEngineProcessorConfig

    light = {"num_cpus": 0.1, "compute": TaskPoolStrategy(size=1)}  # see ecom/predict/job.py
    processor = build_processor(
        vLLMEngineProcessorConfig(
            model_source=model,
            engine_kwargs=engine_kwargs(engine),
            runtime_env={"env_vars": engine_env(engine)},
            placement_group_config={"bundles": engine_resources(engine)},
            batch_size=BATCH_SIZE,
            concurrency=(1, 1),
            chat_template_stage=False,
            tokenize_stage=False,
            detokenize_stage=False,
            log_engine_metrics=False,
            should_continue_on_error=True,
        ),
        postprocess=_result,
        preprocess_map_kwargs=light,
        postprocess_map_kwargs=light,
    )
    blocks = -(-len(items) // BATCH_SIZE)
    return processor(ray.data.from_items(items, override_num_blocks=blocks))


def _result(row: dict[str, Any]) -> dict[str, Any]:
    """Return the part of the engine's output that a Reply needs."""
    error = row.get("__inference_error__") or ""
    written = 0 if error else len(row["generated_tokens"])
    return {
        "index": row["index"],
        "error": str(error),
        "text": "" if error else row["generated_text"],
        "whole": not error and written < row["longest"],
        "prompt_tokens": 0 if error else int(row["num_input_tokens"]),
        "completion_tokens": written,
    }


def _rows(dataset: "Dataset", model: str) -> Any:
    from ray.exceptions import RayError

    try:
        yield from dataset.iter_rows()
    except RayError as error:
        raise StageError(
            f"{model}: the engine failed: {error}\n"
            "If memory ran out, lower corpus.synthesis.teacher.engine.max_model_len or max_num_seqs"
        ) from error
