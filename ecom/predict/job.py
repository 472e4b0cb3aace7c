"""Batch prediction: every model answers every question of a file, with Ray Data and vLLM.

    QUERIES ─► questions.jsonl ─► sorted batches ─► replicas (Ray Data) ─► NAME.kept ─► NAME.jsonl
          └► rejected/queries.jsonl            or ─► a running endpoint ─┤           or .parquet
                               └─► every baseline (baselines.py) ────────┘

A question goes through the lane of its form, with that form's words, token limit and sampling. The
output has one `rows.Prediction` per row, in the order of the questions, with the line (and file) of
its question and the columns of `predict.keep_columns`. Every answer is stored as it comes: after a
run was killed, the next one continues with the rows that have none.

Ray Data sends batches to ecom's replicas (replica.py) and restarts dead ones. Its own
`ray.data.llm` asks vLLM a row at a time over an event loop and a second process: it reached 0.75 of
one `LLM.generate`'s rows/s, 0.87 with larger batches. bench/predict.py compares the three.
"""

import json
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ecom import artifact, cluster, hardware, progress
from ecom.causes import actors
from ecom.engine import (
    EngineConfig,
    check_model,
    engine_env,
    engine_resources,
    less_memory,
    notice,
)
from ecom.errors import StageError
from ecom.forms import Prompting
from ecom.lanes import failed
from ecom.predict import baselines, endpoint, few_shot, starts
from ecom.predict.config import ADAPTERS, ENDPOINT, FEW_SHOT, PredictConfig
from ecom.predict.few_shot import FewShot
from ecom.predict.kept import WRITERS, Kept
from ecom.predict.questions import Questions, put_down
from ecom.predict.replica import Replica
from ecom.predict.routes import Routes
from ecom.rows import to_dict

if TYPE_CHECKING:
    from ray.data import Dataset

Add = Callable[[Iterable[int], Iterable[str]], None]
Why = Callable[[int], str]  # row -> why it has no answer
Took = tuple[dict[str, float], Why]  # metrics of time and cost
Asker = Callable[[Kept, Add], Took]
ReplicaArgs = tuple[str, EngineConfig, Prompting, Path, Routes | None, FewShot | None]

LOST_SHARE = 0.05  # of all rows: the most to be under way at once, as far as the engines are full
LEAST_BATCH = 8  # rows; smaller ones cost more time than they save
ENGINE_LIVES = 3  # engines that may die on a batch before its rows are given up
DEADLY_BATCHES = 3  # more of them end the run: then the rows are not the cause
NOTE_EVERY_S = 60.0
GIVEN_UP = f"{ENGINE_LIVES} engines died over this row's batch"


def run(
    config: PredictConfig,
    engine: EngineConfig,
    *,
    prompting: Prompting,
    models: dict[str, str],
    queries: str | Path,
    draft: artifact.Draft,
    routes: Routes | None = None,
    corpus: Path | None = None,
) -> None:
    """Write `NAME.jsonl` or `.parquet` below the draft for each of `config.names()`.

    `models` are directories or hub names by name; `routes` belong to the one called ADAPTERS, and
    the one called FEW_SHOT is shown examples from `corpus`, the corpus stage's artifact. Bad
    rows go to `rejected/queries.jsonl`. Raises DataError where no question is left, InputError
    where a model cannot be served with these settings or a baseline cannot be asked, and StageError
    where engines or endpoints fail for good, or nothing at all is answered.
    """
    for model in models.values():
        if Path(model).is_dir():  # else a hub name, which vLLM looks up
            check_model(Path(model), engine)
            notice(Path(model), engine)
    typed = config.output == "parquet"
    asked = put_down(queries, draft.path, config.keep_columns, typed=typed, choice=config.choice)
    examples = few_shot.draw(corpus, asked, draft.path) if corpus else None
    askers = _askers(config, engine, prompting, models, asked, draft.path, routes, examples)
    draft.metrics.update(queries=len(asked), rejected=asked.rejected, models={})
    if asked.repeated:
        draft.metrics["repeated_ids"] = asked.repeated
    every = {name: Kept(draft.path / f"{name}.kept", len(asked)) for name in askers}
    for name, kept in every.items():
        missing = len(kept.missing())
        why: Why = _given_up
        found: dict[str, float] = {"kept": len(asked) - missing}
        starting = "the engine starts" if name in models and missing else ""
        with _following(name, kept, draft.path, starting) as add:
            if missing:
                took, why = askers[name](kept, add)
                found |= took
        with progress.waiting(f"predict: write {name}.{config.output}"):
            errors = _write(name, config, asked, kept, draft.path, why)
        draft.metrics["models"][name] = {"errors": errors, **found}
        if routes and name == ADAPTERS:
            draft.metrics["models"][name]["rows_by_adapter"] = routes.counts(asked)
    for kept in every.values():
        kept.drop()
    asked.drop()
    if examples:
        examples.unlink()
    (draft.path / artifact.UNFINISHED).unlink(missing_ok=True)


def _askers(
    config: PredictConfig,
    engine: EngineConfig,
    prompting: Prompting,
    models: dict[str, str],
    asked: Questions,
    folder: Path,
    routes: Routes | None,
    examples: Path | None,
) -> dict[str, Asker]:
    """Return a function per name that asks. Raises InputError where a baseline cannot be asked."""
    found: dict[str, Asker] = {}
    for name, baseline in config.baselines.items():
        cache = folder.parent / "baselines" / f"{name}.sqlite"
        asking = baselines.Asking(name, baseline, prompting, asked, cache)
        baselines.check(asking)
        found[name] = partial(_ask_baseline, asking)
    if config.endpoint:
        found[ENDPOINT] = partial(_ask_endpoint, config, prompting, asked)
    for name, model in models.items():
        beside = routes if name == ADAPTERS else None
        shown = None
        if examples and name == FEW_SHOT:
            shown = FewShot(examples, config.few_shot, config.few_shot_by)
        replica = (model, engine, prompting, asked.file, beside, shown)
        found[name] = partial(_ask_engines, name, replica, config, asked)
    return found


def under_way(rows: int, replicas: int, seats: int, most: int) -> tuple[int, int]:
    """Return the rows per batch, and the batches per engine at once.

    An engine of `seats` sequences should be full, with two batches waiting, because Ray takes a
    while to deliver another. And the rows under way should be at most LOST_SHARE of all rows, or
    what fills the engines, where that is more.
    """
    spare = LOST_SHARE * rows / replicas - seats
    size = min(most, max(LEAST_BATCH, int(spare / 3)))
    return size, -(-seats // size) + 2


def _ask_baseline(asking: baselines.Asking, kept: Kept, add: Add) -> Took:
    """Ask a baseline; return requests, tokens and cost, and why a row has no answer."""
    start = time.monotonic()
    figures, reasons = baselines.ask(asking, add)
    return {**figures, "generate_s": round(time.monotonic() - start, 1)}, reasons.__getitem__


def _ask_engines(
    name: str,
    replica: ReplicaArgs,
    config: PredictConfig,
    asked: Questions,
    kept: Kept,
    add: Add,
) -> Took:
    """Ask replicas for the missing rows; return the seconds of start-up and generation."""
    from ray.exceptions import RayError

    cluster.connect()
    gpus = config.replicas * replica[1].tensor_parallel
    cluster.check_gpus("engine", replica[1].accelerator, gpus)
    starts.begin(asked.file.parent)
    start, first = time.time(), float("inf")
    size, calls = under_way(len(asked), config.replicas, replica[1].max_num_seqs, config.batch_size)
    try:
        with cluster.quiet_data():
            batches = list(_batches(asked, kept.missing(), size))
            answered = _answered(batches, replica, config.replicas, calls)
            for block in answered.iter_batches(batch_size=None, batch_format="numpy"):
                first = min(first, float(block["ready"][0]))
                add(block["row"].tolist(), block["prediction"].tolist())
        died = _last_death(asked.file.parent, config.replicas)
    except RayError as error:
        cause = _cause(error, asked.file.parent)
        raise StageError(
            f"{name}: the engine failed: {cause}{less_memory(cause)}\nThe answers so far are kept; "
            "run the stage again for the rest"
        ) from None
    finally:
        starts.end(asked.file.parent)
    first = min(first, time.time())
    return {
        "startup_s": round(first - start, 1),
        "generate_s": round(time.time() - first, 1),
    }, partial(_given_up, died=died)


def _given_up(row: int, died: str = "") -> str:
    """Return why a row has no answer; `died` is why the last engine died."""
    return f"{GIVEN_UP}; the last one's {died.splitlines()[0]}" if died else GIVEN_UP


def _last_death(folder: Path, replicas: int) -> str:
    """Return why an engine of this run died on this machine, or "".

    The engines that started last ended normally, with the work.
    """
    import ray

    pids = starts.dead(folder)[:-replicas]
    return actors.of_process(pids[-1], ray.util.get_node_ip_address()) if pids else ""


def _cause(error: Exception, folder: Path) -> str:
    """Return why engines failed, from Ray's error, or from the log of the one that died."""
    import ray
    from ray.exceptions import ActorUnavailableError

    said = str(error)
    if found := starts.died(said):
        return actors.of_process(found[0], _address(found[1]))
    if isinstance(error, ActorUnavailableError) and (pids := starts.dead(folder)):
        # Ray was about to restart it
        return actors.of_process(pids[-1], ray.util.get_node_ip_address())
    return actors.why(said)


def _address(host: str) -> str:
    """Return the address that Ray uses for a node."""
    import ray

    known = {node["NodeManagerHostname"]: node["NodeManagerAddress"] for node in ray.nodes()}
    return str(known.get(host, ray.util.get_node_ip_address()))


def _answered(batches: list[Any], replica: ReplicaArgs, replicas: int, calls: int) -> "Dataset":
    """Return the lazy dataset of the replicas' output, a block per batch.

    Ray restarts a dead replica and repeats its calls; a block that stays without an answer is left
    out.
    """
    import ray
    from ray.data import ActorPoolStrategy

    resources = engine_resources(replica[1])
    with warnings.catch_warnings():
        # Ray 2.60 deprecates its own options here, but offers no other way to set the last one.
        warnings.filterwarnings("ignore", "`ray_remote_args` is deprecated")
        answered: Dataset = ray.data.from_blocks(batches).map_batches(
            Replica,
            batch_size=batches[0].num_rows,  # that of a block; Ray requires it for GPUs
            fn_constructor_args=replica,
            compute=ActorPoolStrategy(
                size=replicas,
                max_concurrent_calls_per_actor=calls,
                enable_true_multi_threading=True,
            ),
            num_cpus=sum(bundle["CPU"] for bundle in resources),
            num_gpus=sum(bundle.get("GPU", 0) for bundle in resources),
            accelerator_type=hardware.ray_type(replica[1].accelerator),
            runtime_env={"env_vars": engine_env(replica[1])},
            max_task_retries=ENGINE_LIVES - 1,
        )
    answered.context.max_errored_blocks = DEADLY_BATCHES
    return answered


def _batches(asked: Questions, rows: np.ndarray, size: int) -> Iterator[Any]:
    """Yield Arrow tables {row, start} of at most `size` related rows."""
    import pyarrow as pa

    order = asked.sort(rows)
    for first in range(0, len(order), size):
        part = order[first : first + size]
        yield pa.table({"row": part, "start": asked.starts[part]})


def _ask_endpoint(
    config: PredictConfig, prompting: Prompting, asked: Questions, kept: Kept, add: Add
) -> Took:
    """Ask the endpoint for the missing rows; return the seconds."""
    assert config.endpoint
    start = time.monotonic()
    size, _ = under_way(len(asked), endpoint.AT_ONCE, 0, config.batch_size)
    tables = _batches(asked, kept.missing(), size)
    batches = ((table["row"].to_pylist(), table["start"].to_pylist()) for table in tables)
    endpoint.ask(config.endpoint, asked.file, batches, add, prompting.by_task.keys())
    return {"generate_s": round(time.monotonic() - start, 1)}, _given_up


@contextmanager
def _following(name: str, kept: Kept, folder: Path, at_first: str) -> Iterator[Add]:
    """Yield a function that stores answers, moves the bar and at times logs the progress.

    `at_first` is the bar's text until the first answer.
    """
    total, missing = kept.rows, len(kept.missing())
    noted = time.monotonic()
    with progress.bar(rate=True) as bar:
        task = bar.add_task(
            f"predict: {name}", total=total, completed=total - missing, unit="rows", note=at_first
        )

        def add(rows: Iterable[int], predictions: Iterable[str]) -> None:
            nonlocal missing, noted
            new = kept.add(rows, predictions)
            missing -= new
            bar.update(task, advance=new, note="")
            if time.monotonic() - noted > NOTE_EVERY_S:
                noted = time.monotonic()
                note = {"done": f"{name} has answered {total - missing} of {total} rows"}
                (folder / artifact.UNFINISHED).write_text(json.dumps(note), encoding="utf-8")

        yield add


def _write(
    name: str,
    config: PredictConfig,
    asked: Questions,
    kept: Kept,
    folder: Path,
    why: Why,
) -> int:
    """Write the predictions in the order of the questions; return how many are errors.

    why    row -> why it has no answer
    """
    errors = Counter[str]()

    def answers() -> Iterator[dict[str, Any]]:
        for row, (text, beside) in enumerate(zip(kept.predictions(), asked.beside(), strict=True)):
            made = json.loads(text) if text else to_dict(failed(asked.query(row), why(row)))
            if made["error"]:
                errors[made["error"]] += 1
            yield {**made, **beside}

    WRITERS[config.output](folder / f"{name}.{config.output}", answers(), asked.columns)
    if errors.total() == len(asked):
        first = next(iter(errors))
        raise StageError(f"{name} answers none of {len(asked)} questions; the first: {first}")
    return errors.total()
