"""The same questions, asked by the endpoint's replica, by `ecom predict` and by the contest.

The engine is a recording: it writes the same for the same prompt, and keeps what it was asked.
"""

import asyncio
import json
import math
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest

from ecom.engine import EngineConfig
from ecom.forms import Prompting
from ecom.forms.offer import Choice
from ecom.lanes import Asker, label_ids
from ecom.predict import starts
from ecom.predict.few_shot import FewShot
from ecom.predict.questions import put_down
from ecom.predict.replica import Replica
from ecom.predict.shopbench import ShopBenchModel
from ecom.serve import protocol
from ecom.serve.protocol import ShopQuery
from ecom.serve.scheduler import Scheduler

pytestmark = pytest.mark.model

ENGINE = EngineConfig(max_model_len=512, max_num_seqs=16, think_tokens=8)
PROMPTING = Prompting.model_validate(
    {
        "system": "S",
        "sampling": {"open_ended": {"temperature": 0.5, "seed": 3}},
        "by_form": {"generation": {"max_tokens": 20}},
    }
)
CHOICES = [
    "Which is a shoe?\n0. boot\n1. lamp\n2. cup\nAnswer:",
    "Soup, 9 oz (Pack of 6). What is the total weight?\n0. 8 oz\n1. 54 oz\nAnswer:",
]
TEXTS = [
    "Explain the type Lamp.\nOutput:",
    "Rank these by relevance to 'boot'.\n1. boot\n2. lamp\n3. cup\nOutput:",
    "Extract phrases of the entity type 'brand' from the query: blue Nordlicht lamp",
]


class Recording:
    """An engine of vLLM that computes nothing, and its AsyncLLM."""

    def __init__(self, model: Path) -> None:
        from transformers import AutoTokenizer

        self.tokenizer = AutoTokenizer.from_pretrained(model)
        self.asked: list[tuple[list[int], str]] = []
        self._waiting: list[Any] = []

    def add_request(self, mark: str, prompt: Any, params: Any, lora_request: None = None) -> None:
        self._waiting.append(self._output(mark, prompt["prompt_token_ids"], params))

    def has_unfinished_requests(self) -> bool:
        return bool(self._waiting)

    def step(self) -> list[Any]:
        made, self._waiting = self._waiting, []
        return made

    def abort_request(self, marks: list[str]) -> None:
        assert not self._waiting

    def get_tokenizer(self) -> Any:
        return self.tokenizer

    async def generate(
        self, prompt: Any, params: Any, mark: str, priority: int
    ) -> AsyncIterator[Any]:
        yield self._output(mark, prompt["prompt_token_ids"], params)

    def _output(self, mark: str, tokens: list[int], params: Any) -> Any:
        from vllm import CompletionOutput, RequestOutput
        from vllm.logprobs import Logprob
        from vllm.sampling_params import RequestOutputKind

        params = params.clone()
        params.output_kind = RequestOutputKind.CUMULATIVE  # how often one is told of it
        self.asked.append((tokens, str(params)))
        if spelled := (params.extra_args or {}).get("spelled"):
            text, ids = "", spelled
            shares: Any = [{one: Logprob(-0.1), one + 1: Logprob(-2.1)} for one in spelled]
        elif labels := params.allowed_token_ids:
            text, ids = "", labels[-1:]
            shares = [{label: Logprob(math.log(1 / len(labels))) for label in labels}]
        else:
            text = "3,1,2" if params.extra_args else f" A lamp, {len(tokens)}\n"
            ids, shares = self.tokenizer(text)["input_ids"], None
        made = CompletionOutput(0, text, ids, None, shares, finish_reason="stop")
        return RequestOutput(mark, None, tokens, None, [made], finished=True)


@pytest.fixture
def prompted(model: Path, tmp_path: Path) -> Iterator[Path]:
    """A model that was taught to be asked in words of its own."""
    folder = tmp_path / "model"
    folder.mkdir()
    for file in model.iterdir():
        (folder / file.name).symlink_to(file)
    PROMPTING.save(folder)
    with patch.dict(os.environ):  # engines set some variables
        yield folder


def contest(model: Path, engine: Recording) -> list[str]:
    with patch("vllm.LLM", lambda **_: SimpleNamespace(llm_engine=engine)):
        shop = ShopBenchModel(model, ENGINE)
    return [
        *shop.batch_predict({"prompt": CHOICES}, True),
        *shop.batch_predict({"prompt": TEXTS}, False),
    ]


def predict(model: Path, engine: Recording, folder: Path, choice: Choice = "label") -> list[Any]:
    rows = [{"input_field": prompt, "is_multiple_choice": True} for prompt in CHOICES]
    rows += [{"input_field": prompt, "is_multiple_choice": False} for prompt in TEXTS]
    (folder / "q.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    asked = put_down(folder / "q.jsonl", folder, choice=choice)
    starts.begin(folder)
    with patch("vllm.LLM", lambda **_: SimpleNamespace(llm_engine=engine)):
        replica = Replica(str(model), ENGINE, PROMPTING, asked.file)
    made = replica({"row": np.arange(len(asked)), "start": asked.starts})
    return list(map(json.loads, made["prediction"]))


def test_as_many_examples_are_shown_as_fit(model: Path, tmp_path: Path) -> None:
    """The examples least like the question are left out first; the answer counts too."""
    short, long = ["generation", "t", "Explain lamp.", "A"], ["generation", "t", "word " * 300, "B"]
    (tmp_path / "shots.jsonl").write_text("\n".join(map(json.dumps, [short, long])))
    (tmp_path / "q.jsonl").write_text(json.dumps({"input_field": TEXTS[0]}))
    asked = put_down(tmp_path / "q.jsonl", tmp_path)
    starts.begin(tmp_path)
    engine = Recording(model)
    with patch("vllm.LLM", lambda **_: SimpleNamespace(llm_engine=engine)):
        few_shot = FewShot(tmp_path / "shots.jsonl", 2, "bm25")
        replica = Replica(str(model), ENGINE, PROMPTING, asked.file, None, few_shot)
    [made] = replica({"row": np.arange(1), "start": asked.starts})["prediction"]

    [(tokens, _)] = engine.asked
    chat = engine.tokenizer.decode(tokens)
    assert json.loads(made)["error"] is None
    assert "word word" not in chat
    assert chat.index("Explain lamp.") < chat.index("Explain the type Lamp.")


def serve(
    model: Path, engine: Recording, choice: Choice | None = None
) -> list[protocol.ShopAnswer]:
    asker = Asker(label_ids(model), PROMPTING, ENGINE.think_tokens)

    async def answers(prompts: list[str], is_choice: bool) -> list[protocol.ShopAnswer]:
        queries = [
            ShopQuery(prompt=prompt, is_multiple_choice=is_choice, choice=choice)
            for prompt in prompts
        ]
        asked = [protocol.ask(query, asker) for query in queries]
        written = await Scheduler(engine, 512, 16).write(asked)
        return list(map(protocol.answer, asked, written))

    return [*asyncio.run(answers(CHOICES, True)), *asyncio.run(answers(TEXTS, False))]


def test_all_three_ask_the_model_the_same_and_read_the_same(prompted: Path, tmp_path: Path) -> None:
    engines = [Recording(prompted) for _ in range(3)]
    submitted = contest(prompted, engines[0])
    predicted = predict(prompted, engines[1], tmp_path)
    served = serve(prompted, engines[2])
    first, *others = [sorted(engine.asked) for engine in engines]
    assert len(first) == len(CHOICES) + len(TEXTS) + 1  # one of them calculates first
    assert others == [first, first]
    assert submitted == [row["answer"] for row in predicted] == [row.answer for row in served]
    assert submitted[:2] == ["2", "1"]
    assert submitted[3] == "3,1,2"
    assert [row["prediction"] for row in predicted] == [row.prediction for row in served]
    sure = [(row.confidences or {}).get(row.prediction) for row in served]
    assert [row["confidence"] for row in predicted] == sure
    assert sure[:2] == pytest.approx([1 / 3, 1 / 2])


@pytest.mark.parametrize("choice", ["likelihood", "likelihood_per_token"])
def test_predict_and_the_endpoint_ask_for_the_same_likelihoods(
    prompted: Path, tmp_path: Path, choice: Choice
) -> None:
    engines = [Recording(prompted) for _ in range(2)]
    predicted = predict(prompted, engines[0], tmp_path, choice)
    served = serve(prompted, engines[1], choice)
    assert sorted(engines[0].asked) == sorted(engines[1].asked)
    assert [row["answer"] for row in predicted] == [row.answer for row in served]
    assert [list(row.confidences or {}) for row in served[:2]] == [["0", "1", "2"], ["0", "1"]]
    sure = [(row.confidences or {}).get(row.prediction) for row in served]
    assert [row["confidence"] for row in predicted] == sure
    if choice == "likelihood_per_token":  # every token of this engine is as likely
        assert sure[:2] == pytest.approx([1 / 3, 1 / 2])
