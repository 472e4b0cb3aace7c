"""The contest's submission interface over a compressed model, so that its own runner can drive it.

    # models/user_config.py of a submission
    from functools import partial
    from ecom.predict.shopbench import ShopBenchModel

    UserModel = partial(ShopBenchModel, "models/my-shop")   # what `ecom compress` wrote as model/

A question goes down the lane of its form, exactly as in `ecom predict`, and its answer comes back
in the form that the contest's parser is sure to read. vLLM runs inside this process; no Ray.
"""

import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ecom.chats import chat_ids, check
from ecom.engine import EngineConfig, check_model, engine_env, engine_kwargs, notice
from ecom.errors import InputError
from ecom.forms import FORMS, Form, OneLabel, Prompting, messages
from ecom.lanes import Lane, label_ids, lane, thinking

BATCH_SIZE = 16  # the most that the contest allows
SECONDS_PER_ROW = 10.0  # a call's limit is this times its rows
LEAST_PROMPT = 64  # tokens that must be left for a question
RESERVE_S = 2.0  # kept of the limit for the last step and the way back


class ShopBenchModel:
    """`get_batch_size()` and `batch_predict(batch, is_multiple_choice)` as the contest calls them.

    model_dir   the folder of a checkpoint; its prompting.json says how it was taught to be asked
    engine      vLLM's settings; by default all GPUs of this machine, or else its CPU

    Raises InputError where the model cannot be served so.
    """

    def __init__(self, model_dir: str | Path, engine: EngineConfig | None = None) -> None:
        path = Path(model_dir)
        self._config = engine or default_engine(path)
        check_model(path, self._config)
        notice(path, self._config)
        os.environ.update({"VLLM_LOGGING_LEVEL": "ERROR", **engine_env(self._config)})
        from transformers import AutoTokenizer

        self._prompting = Prompting.load(path)
        # The contest reads digits only, so letters are no labels here.
        ids = label_ids(path)
        self._ids = {label: token for label, token in ids.items() if label.isdigit()}
        self._tokenizer = AutoTokenizer.from_pretrained(path)
        check(self._tokenizer, self._prompting.systems(), str(path))
        self._limit = engine_kwargs(self._config)["max_model_len"]
        self._check_room()
        from vllm import LLM

        self._engine = LLM(model=str(path), **engine_kwargs(self._config)).llm_engine
        self._asked = 0

    def _check_room(self) -> None:
        """Raise InputError naming every form whose words and answer leave a question no room."""
        faults = []
        for name, form in FORMS.items():
            around = len(self._chat("", form))
            longest = lane("", self._ids, form=name, prompting=self._prompting).longest
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
        """Return how many prompts the runner shall give at a time."""
        return BATCH_SIZE

    def batch_predict(self, batch: Mapping[str, Any], is_multiple_choice: bool) -> list[str]:
        """Answer `batch["prompt"]`: one string a prompt, in order, within 10 s a prompt.

        A prompt that is too long loses its middle. When time runs out, what has been written so
        far is the answer. An answer that no reader finds in the text stays the model's own text.
        """
        deadline = time.monotonic() + SECONDS_PER_ROW * len(batch["prompt"]) - RESERVE_S
        prompts = [_clean(prompt) for prompt in batch["prompt"]]
        asked = [
            lane(
                prompt,
                self._ids,
                is_multiple_choice=bool(is_multiple_choice),
                prompting=self._prompting,
                think_tokens=self._config.think_tokens,
            )
            for prompt in prompts
        ]
        tokens = [self._fit(prompt, one) for prompt, one in zip(prompts, asked, strict=True)]
        self._think(tokens, asked, deadline)
        texts = self._generate(tokens, [one.sampling for one in asked], deadline)
        pairs = zip(asked, texts, strict=True)
        return [one.answer(text) or text.strip() for one, text in pairs]

    def _think(self, tokens: list[list[int]], asked: Sequence[Lane], deadline: float) -> None:
        """Let those questions calculate that may; half of the time is kept for the answers."""
        rows = [row for row, one in enumerate(asked) if one.think]
        now = time.monotonic()
        how = [thinking.sampling(asked[row].think) for row in rows]
        thoughts = self._generate([tokens[row] for row in rows], how, now + (deadline - now) / 2)
        for row, thought in zip(rows, thoughts, strict=True):
            tokens[row] = thinking.onward(tokens[row], thought, self._tokenizer)

    def _generate(
        self, tokens: Sequence[list[int]], how: Sequence[Mapping[str, Any]], deadline: float
    ) -> list[str]:
        """Return the texts in order; those that are not done at the deadline as far as they are."""
        from vllm import RequestOutput, SamplingParams

        places = {}
        for row, (ids, sampling) in enumerate(zip(tokens, how, strict=True)):
            self._asked += 1
            places[str(self._asked)] = row
            self._engine.add_request(
                str(self._asked),
                {"prompt_token_ids": ids},
                SamplingParams(**sampling),
            )
        texts = [""] * len(tokens)
        while self._engine.has_unfinished_requests() and time.monotonic() < deadline:
            for output in self._engine.step():
                if isinstance(output, RequestOutput):
                    texts[places[output.request_id]] = output.outputs[0].text
        self._engine.abort_request(list(places))
        return texts

    def _fit(self, prompt: str, asked: Lane) -> list[int]:
        """Return the tokens of the chat; a middle part of the prompt goes where they are too many.

        What is asked stands at the start of a prompt, and the form of the answer at its end.
        """
        budget = self._limit - asked.longest
        prompt = asked.prompt(prompt)
        chat = self._chat(prompt, asked.form)
        words = self._tokenizer(prompt, add_special_tokens=False)["input_ids"]
        keep = len(words)
        while len(chat) > budget and keep > 0:
            keep = max(0, keep - max(len(chat) - budget, 1))
            start, end = words[: keep - keep // 2], words[len(words) - keep // 2 :]
            cut = "".join(str(self._tokenizer.decode(part)) for part in (start, end))
            chat = self._chat(cut, asked.form)
        return chat[-budget:]

    def _chat(self, prompt: str, form: Form) -> list[int]:
        [tokens] = chat_ids(self._tokenizer, [messages(prompt, form, self._prompting)])
        return tokens


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
    """Return the prompt as a text that can be encoded: a lone surrogate becomes a question mark."""
    return str(prompt).encode("utf-8", "replace").decode("utf-8")
