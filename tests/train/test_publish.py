"""What training leaves behind is read by peft and transformers as they are."""

from pathlib import Path
from typing import Any

import pytest

from ecom.train import loop, model
from ecom.train.config import TrainConfig
from ecom.train.ddp import Ddp
from ecom.train.publish import publish
from tests.train.test_loop import ROWS, WORKER

IDS = [[5, 6, 7, 9, 1]]


def trained(base: Path, settings: TrainConfig, folder: Path) -> Any:
    """One step in, as a checkpoint in `folder`; return the logits that the model gives."""
    import torch

    strategy = Ddp(model.load(str(base), settings, seed=0), settings, torch.device("cpu"))
    loop.train_step(strategy, ROWS, [0, 1, 2], settings, WORKER, rate=0.05, seed=[0])
    strategy.save(folder, first=True)
    with strategy.evaluating():
        return strategy.model(input_ids=torch.tensor(IDS)).logits


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"rslora": True},
        {"dora": True},
        {"target_modules": ["q_proj", "down_proj"]},
    ],
)
def test_peft_reads_the_adapter(settings: Any, tiny_model: Path, tmp_path: Path) -> None:
    import torch
    from peft import PeftModel
    from transformers import AutoModelForCausalLM

    config = TrainConfig.model_validate({"rank": 4, **settings})
    expected = trained(tiny_model, config, tmp_path)
    publish(tmp_path, str(tiny_model), config, tmp_path / "adapter")
    base = AutoModelForCausalLM.from_pretrained(tiny_model)
    with torch.no_grad():
        untrained = base(torch.tensor(IDS)).logits
        found = PeftModel.from_pretrained(base, str(tmp_path / "adapter"))(torch.tensor(IDS)).logits
    torch.testing.assert_close(found, expected)
    assert (found - untrained).abs().max() > 1e-3


def test_transformers_reads_the_whole_model(tiny_model: Path, tmp_path: Path) -> None:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    config = TrainConfig(method="full")
    expected = trained(tiny_model, config, tmp_path)
    publish(tmp_path, str(tiny_model), config, tmp_path / "model")
    with torch.no_grad():
        found = AutoModelForCausalLM.from_pretrained(tmp_path / "model")(torch.tensor(IDS)).logits
    torch.testing.assert_close(found, expected)
    tokenizer = AutoTokenizer.from_pretrained(tmp_path / "model")
    assert tokenizer.chat_template == AutoTokenizer.from_pretrained(tiny_model).chat_template


def test_a_strategy_goes_on_from_what_it_saved(tiny_model: Path, tmp_path: Path) -> None:
    import torch

    config = TrainConfig(rank=4, dropout=0.2)

    def fresh() -> Ddp:
        return Ddp(model.load(str(tiny_model), config, seed=0), config, torch.device("cpu"))

    def steps(strategy: Ddp, seeds: range) -> list[float]:
        return [
            loop.train_step(strategy, ROWS, [0, 1, 2], config, WORKER, rate=0.05, seed=[s]).loss
            for s in seeds
        ]

    whole = steps(fresh(), range(6))
    first, second = fresh(), fresh()
    assert steps(first, range(3)) == whole[:3]
    first.save(tmp_path, first=True)
    second.load(tmp_path)
    assert steps(second, range(3, 6)) == whole[3:]
