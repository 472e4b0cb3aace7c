"""One replica: offsets of questions' lines go in, predictions come out. No Ray here.

    starts ─► Query ─► lane, chat, tokens ─┐ (several calls at once, each in its own thread)
                                           ├─► vLLM, stepping in one thread ─► text ─► prediction
    starts ─► Query ─► lane, chat, tokens ─┘

While one call's last texts are written, the next call's questions are already in the engine, so it
is never idle between two batches.
"""

import os
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, wait
from multiprocessing import active_children, connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from time import time
from typing import Any

import numpy as np

from ecom.causes.last_words import VERDICT
from ecom.causes.processes import explain
from ecom.chats import check
from ecom.engine import EngineConfig, engine_env, engine_kwargs
from ecom.errors import StageError
from ecom.forms import Prompting
from ecom.lanes import Asker, Encoded, Written, encode, label_ids
from ecom.predict import starts
from ecom.predict.few_shot import FewShot
from ecom.predict.kept import to_json
from ecom.predict.questions import take
from ecom.predict.routes import Routes
from ecom.rows import Query


class Replica:
    """A vLLM engine for `model`, a directory or a hub name; calls may overlap.

    With `routes` each question is answered by its adapter; with `few_shot` it is shown examples.
    Raises StageError where the model has no chat template, where the engine does not start, and
    where the last one died during its start (starts.py).
    Ends the whole process when the engine dies; Ray then starts another one.
    """

    def __init__(
        self,
        model: str,
        engine: EngineConfig,
        prompting: Prompting,
        questions: Path,
        routes: Routes | None = None,
        few_shot: FewShot | None = None,
    ) -> None:
        os.environ.update({"VLLM_LOGGING_LEVEL": "ERROR", **engine_env(engine)})
        from transformers import AutoTokenizer

        self._questions, self._routes, self._few_shot = questions, routes, few_shot
        self._limit = engine_kwargs(engine)["max_model_len"]
        labels = label_ids(Path(model)) if Path(model).is_dir() else {}
        self._asker = Asker(labels, prompting, engine.think_tokens)
        try:
            self._tokenizer = AutoTokenizer.from_pretrained(model)
            self._tokenizer.get_chat_template()
        except (OSError, ValueError) as error:
            raise StageError(
                f"{model}: has no tokenizer with a chat template: {error}; copy tokenizer.json, "
                "tokenizer_config.json and the template of its base there"
            ) from error
        check(self._tokenizer, prompting.systems(), model)
        self._waiting: SimpleQueue[tuple[Encoded, Any, Future[Any]]] = SimpleQueue()
        ready: Future[float] = Future()
        with starts.marked(questions.parent):
            Thread(target=self._run, args=(model, engine, ready), daemon=True).start()
            self._ready = ready.result()

    def __call__(self, batch: Mapping[str, np.ndarray]) -> dict[str, Any]:
        """Answer a batch {row, start}: return {row, prediction: JSON, ready: Unix time}.

        A question that cannot be asked gets an error; ready is when the engine was ready.
        """
        queries = take(self._questions, batch["start"].tolist())
        adapters = [self._routes.request(query) if self._routes else None for query in queries]
        encoded = self._encode(queries)
        made = [one.asked.read(written) for one, written in self._write(encoded, adapters)]
        return {
            "row": batch["row"],
            "prediction": list(map(to_json, made)),
            "ready": np.full(len(made), self._ready),
        }

    def _encode(self, queries: list[Query]) -> list[Encoded]:
        """Return the questions in tokens; examples that do not fit are left out."""
        if self._few_shot is None:
            return encode(self._tokenizer, list(map(self._asker.ask, queries)), self._limit)
        shots = list(map(self._few_shot.of, queries))
        found: dict[int, Encoded] = {}
        while again := [row for row in range(len(queries)) if row not in found or found[row].error]:
            asked = [self._asker.ask(queries[row], examples=shots[row]) for row in again]
            found |= zip(again, encode(self._tokenizer, asked, self._limit), strict=True)
            if not any(shots[row] for row in again):
                break
            for row in again:
                shots[row] = shots[row][1:]
        return [found[row] for row in range(len(queries))]

    def _write(
        self, encoded: list[Encoded], adapters: list[Any]
    ) -> Iterator[tuple[Encoded, Written]]:
        """Yield what the engine writes for each question, once all are done."""
        parts = list(map(self._start, encoded, adapters))
        for row, one in enumerate(encoded):
            [(_, thought), *_] = parts[row]
            if one.thinks and not thought.exception():
                encoded[row] = one.after(one.written(thought.result()))
                parts[row] = self._start(encoded[row], adapters[row])
        # Once for all: to wake up for each would disturb the engine's thread.
        wait([output for started in parts for _, output in started])
        for one, started in zip(encoded, parts, strict=True):
            yield one, one.joined([_written(part, output) for part, output in started])

    def _start(self, encoded: Encoded, adapter: Any) -> list[tuple[Encoded, Future[Any]]]:
        """Let the engine generate the parts of an answer."""
        return [(part, self._generate(part, adapter)) for part in encoded.parts()]

    def _generate(self, encoded: Encoded, adapter: Any) -> Future[Any]:
        """Return a future of vLLM's CompletionOutput, or of the ValueError that refuses it."""
        output: Future[Any] = Future()
        if encoded.error:
            output.set_exception(ValueError(encoded.error))
        else:
            self._waiting.put((encoded, adapter, output))
        return output

    def _run(self, model: str, config: EngineConfig, ready: Future[float]) -> None:
        """Start the engine and step it for ever.

        The thread that steps it also creates it: for each thread that computes, OpenMP keeps worker
        threads bound to cores.
        """
        try:
            from vllm import LLM

            adapted = self._routes.engine_settings() if self._routes else {}
            engine = LLM(model=model, **{**_own(config), **adapted}).llm_engine
        except BaseException as error:
            ready.set_exception(StageError(explain(error)))
            return
        ready.set_result(time())
        Thread(target=end_with, args=(active_children(),), daemon=True).start()
        try:
            self._step(engine)
        except BaseException as error:  # the engine is dead and cannot be revived
            _end(explain(error))

    def _step(self, engine: Any) -> None:
        generating: dict[str, Future[Any]] = {}
        count = 0
        while True:
            while not generating or not self._waiting.empty():
                encoded, adapter, output = self._waiting.get()
                count += 1
                generating[str(count)] = output
                if error := _add(engine, str(count), encoded, adapter):
                    generating.pop(str(count)).set_exception(error)
            for made in engine.step():
                generating.pop(made.request_id).set_result(made.outputs[0])


def end_with(processes: list[BaseProcess]) -> None:
    """End when one of the engine's processes ends; vLLM would wait for its answers for ever."""
    if processes:
        connection.wait([process.sentinel for process in processes])
        _end(explain())


def _written(part: Encoded, output: Future[Any]) -> Written:
    error = output.exception()
    return Written(error=str(error)) if error else part.written(output.result())


def _end(reason: str) -> None:
    """End this process; Ray restarts the actor and repeats its calls."""
    print(f"{VERDICT}{reason}", flush=True)
    os._exit(1)


def _own(config: EngineConfig) -> dict[str, Any]:
    """Return vLLM's settings for an engine inside one actor: each rank is a process."""
    kwargs = engine_kwargs(config)
    if config.tensor_parallel > 1:
        kwargs.setdefault("distributed_executor_backend", "mp")
    return kwargs


def _add(engine: Any, request_id: str, encoded: Encoded, adapter: Any) -> ValueError | None:
    """Give a question to the engine; return why it does not accept it, or None."""
    from vllm import SamplingParams
    from vllm.sampling_params import RequestOutputKind

    params = SamplingParams(**encoded.sampling, output_kind=RequestOutputKind.FINAL_ONLY)
    prompt = {"prompt_token_ids": encoded.tokens}
    try:
        engine.add_request(request_id, prompt, params, lora_request=adapter)
    except ValueError as error:
        return error
    return None
