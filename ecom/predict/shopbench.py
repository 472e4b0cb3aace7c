"""The contest's submission interface over a compressed model, for the contest's own runner.

    # models/user_config.py of a submission
    from functools import partial
    from ecom.predict.shopbench import ShopBenchModel

    UserModel = partial(ShopBenchModel, "models/my-shop")   # what `ecom compress` wrote as model/

A question goes through the lane of its form, exactly as in `ecom predict`, and its answer is
written so that the contest's parser reads it. vLLM runs inside this process; no Ray.
"""

import os
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ecom.chats import check
from ecom.engine import EngineConfig, check_model, engine_env, engine_kwargs, notice
from ecom.errors import InputError
from ecom.forms import FORMS, OneLabel, Prompting, messages
from ecom.lanes import Asked, Asker, Encoded, Written, encode, label_ids
from ecom.rows import Query

BATCH_SIZE = 16  # the most that the contest allows
SECONDS_PER_ROW = 10.0  # a call's limit is this times its rows
LEAST_PROMPT = 64  # tokens that must remain for a question
RESERVE_S = 2.0  # part of the limit that is kept for the last step and the return


class ShopBenchModel:
    """`get_batch_size()` and `batch_predict(batch, is_multiple_choice)` as the contest calls them.

    model_dir   the folder of a checkpoint; its prompting.json has the words it was trained with
    engine      vLLM's settings; by default all GPUs of this machine, or else its CPU

    Raises InputError where the model cannot be served with them.
    """

    def __init__(self, model_dir: str | Path, engine: EngineConfig | None = None) -> None:
        path = Path(model_dir)
        self._config = engine or default_engine(path)
        check_model(path, self._config)
        notice(path, self._config)
        os.environ.update({"VLLM_LOGGING_LEVEL": "ERROR", **engine_env(self._config)})
        from transformers import AutoTokenizer

        prompting = Prompting.load(path)
        # The contest reads digits only, so letters are no labels here.
        digits = {label: token for label, token in label_ids(path).items() if label.isdigit()}
        self._asker = Asker(digits, prompting, self._config.think_tokens)
        self._tokenizer = AutoTokenizer.from_pretrained(path)
        check(self._tokenizer, prompting.systems(), str(path))
        self._limit = engine_kwargs(self._config)["max_model_len"]
        self._check_room()
        from vllm import LLM

        self._engine = LLM(model=str(path), **engine_kwargs(self._config)).llm_engine
        self._requests = 0

    def _check_room(self) -> None:
        """Raise InputError naming every form whose words and answer leave a question no room."""
        faults = []
        for name, form in FORMS.items():
            empty = self._encode(self._asker.ask(Query("", form=name)))
            around, longest = len(empty.tokens), empty.longest
            if isinstance(form.decoding, OneLabel):
                longest += self._config.think_tokens
            if around + longest + LEAST_PROMPT > self._limit:
                faults.append(
                    f"a {name} question has {around} tokens around it and an answer of up to "
                    f"{longest}, which leaves fewer than {LEAST_PROMPT} of max_model_len "
                    f"{self._limit} for its text"
                )
        if faults:
            remedy = (
                "lower max_tokens or shorten the words in prompting.json, or raise max_model_len"
            )
            raise InputError("\n".join([*faults, remedy]))

    def get_batch_size(self) -> int:
        """Return how many prompts the runner should give at a time."""
        return BATCH_SIZE

    def batch_predict(self, batch: Mapping[str, Any], is_multiple_choice: bool) -> list[str]:
        """Answer `batch["prompt"]`: one string a prompt, in order, within 10 s a prompt.

        A prompt that is too long loses its middle. When time runs out, the text written so far is
        the answer. Where no answer is found in a text, the text itself is returned.
        """
        deadline = time.monotonic() + SECONDS_PER_ROW * len(batch["prompt"]) - RESERVE_S
        questions = [Query(_clean(prompt), bool(is_multiple_choice)) for prompt in batch["prompt"]]
        encoded = self._think([self._fit(self._asker.ask(one)) for one in questions], deadline)
        written = self._generate(encoded, deadline)
        read = [one.asked.read(text) for one, text in zip(encoded, written, strict=True)]
        return [made.answer or made.prediction.strip() for made in read]

    def _think(self, encoded: list[Encoded], deadline: float) -> list[Encoded]:
        """Run the calculations of questions that have one; half of the time is kept for answers."""
        rows = [row for row, one in enumerate(encoded) if one.thinks]
        now = time.monotonic()
        thoughts = self._generate([encoded[row] for row in rows], now + (deadline - now) / 2)
        for row, thought in zip(rows, thoughts, strict=True):
            encoded[row] = encoded[row].after(thought)
        return encoded

    def _generate(self, encoded: list[Encoded], deadline: float) -> list[Written]:
        """Return the texts in order; those not finished at the deadline as far as they are."""
        from vllm import RequestOutput, SamplingParams

        parts = [one.parts() for one in encoded]
        under_way = {}
        for part in (part for of_one in parts for part in of_one):
            self._requests += 1
            under_way[str(self._requests)] = part
            self._engine.add_request(
                str(self._requests),
                {"prompt_token_ids": part.tokens},
                SamplingParams(**part.sampling),
            )
        outputs = {}
        while self._engine.has_unfinished_requests() and time.monotonic() < deadline:
            for output in self._engine.step():
                if isinstance(output, RequestOutput):
                    outputs[output.request_id] = output.outputs[0]
        self._engine.abort_request(list(under_way))
        written = {
            id(part): part.written(outputs[request]) if request in outputs else Written()
            for request, part in under_way.items()
        }
        return [
            one.joined([written[id(part)] for part in of_one])
            for one, of_one in zip(encoded, parts, strict=True)
        ]

    def _fit(self, asked: Asked) -> Encoded:
        """Return the question in tokens; where they are too many, its middle is cut out.

        The question is at the start of a prompt, the form of the answer at its end.
        """
        prompt = asked.lane.prompt(asked.query.prompt)
        found = self._encode(asked)
        budget = self._limit - found.longest
        words = self._tokenizer(prompt, add_special_tokens=False)["input_ids"]
        keep = len(words)
        while len(found.tokens) > budget and keep > 0:
            keep = max(0, keep - max(len(found.tokens) - budget, 1))
            start, end = words[: keep - keep // 2], words[len(words) - keep // 2 :]
            cut = "".join(str(self._tokenizer.decode(part)) for part in (start, end))
            chat = messages(cut, asked.lane.form, self._asker.prompting)
            found = self._encode(replace(asked, messages=chat))
        return replace(found, tokens=found.tokens[-budget:], error=None)

    def _encode(self, asked: Asked) -> Encoded:
        [encoded] = encode(self._tokenizer, [asked], self._limit)
        return encoded


def default_engine(model: Path) -> EngineConfig:
    """Return the settings for this machine: all its GPUs as one replica, or else its CPU."""
    import json

    import torch

    shape = json.loads((model / "config.json").read_text(encoding="utf-8"))
    length = min(4096, shape.get("max_position_embeddings") or 4096)
    gpus = torch.cuda.device_count()
    return EngineConfig(
        accelerator="any-gpu" if gpus else "cpu",
        tensor_parallel=max(1, gpus),
        max_model_len=length,
        max_num_seqs=BATCH_SIZE,
    )


def _clean(prompt: object) -> str:
    """Return the prompt as encodable text: a lone surrogate becomes a question mark."""
    return str(prompt).encode("utf-8", "replace").decode("utf-8")
