"""One replica: questions go in by where they stand, predictions come out. No Ray here.

    places ─► Query ─► lane, chat, tokens ─┐ (several calls at once, each in a thread of its own)
                                           ├─► vLLM, stepping in one thread ─► text ─► prediction
    places ─► Query ─► lane, chat, tokens ─┘

While one call's last texts are written, the next one's questions are in the engine already, so that
it never runs dry between two batches.
"""

import os
from collections.abc import Mapping
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
from ecom.chats import chat_ids, check
from ecom.engine import EngineConfig, engine_env, engine_kwargs
from ecom.errors import StageError
from ecom.forms import Prompting, messages
from ecom.lanes import Lane, label_ids, lane, thinking, too_long
from ecom.predict import lanes, starts
from ecom.predict.questions import take
from ecom.predict.routes import Routes
from ecom.rows import Query


class Replica:
    """An engine of vLLM for `model`, a directory or a hub name; calls may overlap.

    With `routes` each question is answered by its adapter.
    Raises StageError where the model has no chat template, where the engine does not start, and
    where the last one died as it started (starts.py).
    Ends the whole process when the engine dies: whoever started it starts another one.
    """

    def __init__(
        self,
        model: str,
        engine: EngineConfig,
        prompting: Prompting,
        questions: Path,
        routes: Routes | None = None,
    ) -> None:
        os.environ.update({"VLLM_LOGGING_LEVEL": "ERROR", **engine_env(engine)})
        from transformers import AutoTokenizer

        self._questions, self._prompting, self._routes = questions, prompting, routes
        self._limit = engine_kwargs(engine)["max_model_len"]
        self._think_tokens = engine.think_tokens
        self._labels = label_ids(Path(model)) if Path(model).is_dir() else {}
        try:
            self._tokenizer = AutoTokenizer.from_pretrained(model)
            self._tokenizer.get_chat_template()
        except (OSError, ValueError) as error:
            raise StageError(f"{model}: no tokenizer with a chat template here: {error}") from error
        check(self._tokenizer, prompting.systems(), model)
        self._asked: SimpleQueue[tuple[list[int], dict[str, Any], Any, Future[Any]]] = SimpleQueue()
        ready: Future[float] = Future()
        with starts.marked(questions.parent):
            Thread(target=self._run, args=(model, engine, ready), daemon=True).start()
            self._ready = ready.result()

    def __call__(self, batch: Mapping[str, np.ndarray]) -> dict[str, Any]:
        """Answer a batch {row, start}: return {row, prediction: JSON, ready: Unix time}.

        A question that cannot be asked carries its error; ready is when the engine was.
        """
        queries = take(self._questions, batch["start"].tolist())
        asked = [
            lane(
                q.prompt,
                self._labels,
                form=q.form,
                max_tokens=q.max_tokens,
                task=q.task,
                prompting=self._prompting,
                think_tokens=self._think_tokens,
            )
            for q in queries
        ]
        adapters = [self._routes.request(q) if self._routes else None for q in queries]
        found = self._answers(self._tokens(queries, asked), asked, adapters)
        wait(found)  # once for all: to wake up for each takes the engine's thread from its work
        made = [self._prediction(*one) for one in zip(queries, asked, found, strict=True)]
        return {
            "row": batch["row"],
            "prediction": made,
            "ready": np.full(len(made), self._ready),
        }

    def _tokens(self, queries: list[Query], asked: list[Lane]) -> list[list[int]]:
        """Return each question's chat as tokens, the answer's opening included."""
        chats = [
            messages(one.prompt(q.prompt), one.form, self._prompting, q.task)
            for q, one in zip(queries, asked, strict=True)
        ]
        return chat_ids(self._tokenizer, chats)

    def _answers(
        self, tokens: list[list[int]], asked: list[Lane], adapters: list[Any]
    ) -> list[Future[Any]]:
        """Return what will be vLLM's outputs, or the ValueErrors that say why there are none."""
        every = list(zip(tokens, asked, adapters, strict=True))
        first = [self._ask(*one) for one in every]
        return [
            self._go_on(ids, one, adapter, thought) if one.think else thought
            for (ids, one, adapter), thought in zip(every, first, strict=True)
        ]

    def _ask(self, tokens: list[int], asked: Lane, adapter: Any) -> Future[Any]:
        if error := too_long(tokens, asked, self._limit):
            refused: Future[Any] = Future()
            refused.set_exception(ValueError(error))
            return refused
        first = thinking.sampling(asked.think) if asked.think else _sampling(asked)
        return self._put(tokens, first, adapter)

    def _go_on(
        self, tokens: list[int], asked: Lane, adapter: Any, thought: Future[Any]
    ) -> Future[Any]:
        """Ask for the choice, with the calculation written."""
        if thought.exception():
            return thought
        text = thought.result().outputs[0].text
        onward = thinking.onward(tokens, text, self._tokenizer)
        return self._put(onward, _sampling(asked), adapter)

    def _put(self, tokens: list[int], sampling: dict[str, Any], adapter: Any) -> Future[Any]:
        answer: Future[Any] = Future()
        self._asked.put((tokens, sampling, adapter, answer))
        return answer

    def _prediction(self, query: Query, asked: Lane, answer: Future[Any]) -> str:
        try:
            first = answer.result().outputs[0]
        except ValueError as error:
            return lanes.to_json(lanes.failed(query, str(error)))
        text = str(self._tokenizer.decode(first.token_ids)) if asked.labels else first.text
        sure = lanes.confidence(first.token_ids, first.logprobs)
        return lanes.to_json(lanes.prediction(query, asked, text, sure))

    def _run(self, model: str, config: EngineConfig, ready: Future[float]) -> None:
        """Start the engine and step it for ever.

        It is made in the thread that steps it: OpenMP keeps threads, bound to their cores, for
        each thread that computes.
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
        except BaseException as error:  # the engine is dead, and nothing brings it back
            _end(explain(error))

    def _step(self, engine: Any) -> None:
        waiting: dict[str, Future[Any]] = {}
        count = 0
        while True:
            while not waiting or not self._asked.empty():
                tokens, sampling, adapter, answer = self._asked.get()
                count += 1
                waiting[str(count)] = answer
                if error := _add(engine, str(count), tokens, sampling, adapter):
                    waiting.pop(str(count)).set_exception(error)
            for output in engine.step():
                waiting.pop(output.request_id).set_result(output)


def end_with(processes: list[BaseProcess]) -> None:
    """End when one of the engine's own processes does; vLLM would wait for its answers for ever."""
    if processes:
        connection.wait([process.sentinel for process in processes])
        _end(explain())


def _end(reason: str) -> None:
    """Ray starts an actor again whose process ended, and asks it what this one was asked."""
    print(f"{VERDICT}{reason}", flush=True)
    os._exit(1)


def _own(config: EngineConfig) -> dict[str, Any]:
    """Return vLLM's settings for an engine inside one actor: its ranks are processes of its own."""
    kwargs = engine_kwargs(config)
    if config.tensor_parallel > 1:
        kwargs.setdefault("distributed_executor_backend", "mp")
    return kwargs


def _add(
    engine: Any, mark: str, tokens: list[int], sampling: dict[str, Any], adapter: Any
) -> ValueError | None:
    """Hand a question to the engine; return why it does not take it."""
    from vllm import SamplingParams
    from vllm.sampling_params import RequestOutputKind

    params = SamplingParams(**sampling, output_kind=RequestOutputKind.FINAL_ONLY)
    try:
        engine.add_request(mark, {"prompt_token_ids": tokens}, params, lora_request=adapter)
    except ValueError as error:
        return error
    return None


def _sampling(asked: Lane) -> dict[str, Any]:
    """A label is one token: there is nothing to put together while it is written."""
    return asked.sampling | {"detokenize": not asked.labels}
