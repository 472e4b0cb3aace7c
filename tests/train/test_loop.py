from pathlib import Path
from typing import Any

import pytest

from ecom.errors import InputError, StageError
from ecom.train import batches, loop
from ecom.train.config import TrainConfig
from ecom.train.model import load_lora, response_loss
from tests.train.test_batches import rows_of

ROWS = rows_of([[5, 6, 7, 9], [8, 4], [11, 12, 13]], [[1, 2, 3], [3], [4, 5]])
PLACE = {"rank": 0, "world": 1, "pad_id": 0}


def config(**changes: object) -> TrainConfig:
    return TrainConfig.model_validate({"rank": 4, "workers": 1, **changes})


def steps(base: Path, settings: TrainConfig, count: int) -> list[float]:
    import torch

    model = load_lora(str(base), settings, seed=0)
    optimizer = torch.optim.SGD([p for p in model.parameters() if p.requires_grad], lr=0.05)
    scaler = torch.amp.GradScaler("cpu", enabled=False)
    module = response_loss(model)
    return [
        loop.train_step(module, optimizer, scaler, ROWS, [0, 1, 2], settings, **PLACE)
        for _ in range(count)
    ]


def test_the_loss_is_what_transformers_says_it_is(tiny_model: Path) -> None:
    import torch
    from transformers import AutoModelForCausalLM

    reference = AutoModelForCausalLM.from_pretrained(tiny_model)
    with torch.no_grad():
        expected = reference(**batches.collate(ROWS, [0, 1, 2], pad_id=0)).loss.item()
    assert steps(tiny_model, config(), 1)[0] == pytest.approx(expected, abs=1e-5)


def test_how_rows_fall_into_batches_changes_nothing(tiny_model: Path) -> None:
    together = steps(tiny_model, config(tokens_per_batch=4096), 4)
    apart = steps(tiny_model, config(tokens_per_batch=16), 4)
    assert together == pytest.approx(apart, abs=1e-5)
    assert together[-1] < together[0]


def test_validation_is_the_mean_over_all_response_tokens(tiny_model: Path) -> None:
    settings = config(tokens_per_batch=16)
    module = response_loss(load_lora(str(tiny_model), settings, seed=0))
    value = loop.validation_loss(module, ROWS, settings, **PLACE)
    assert value == pytest.approx(steps(tiny_model, settings, 1)[0], abs=1e-5)


def test_the_rate_warms_up_and_falls_to_nothing() -> None:
    settings = config(learning_rate=1.0, warmup_fraction=0.1)
    rates = [loop.learning_rate(settings, step, 100) for step in range(100)]
    assert rates[:10] == sorted(rates[:10])
    assert rates[10] == pytest.approx(1.0)
    assert rates[10:] == sorted(rates[10:], reverse=True)
    assert rates[-1] < 0.01


def test_a_loss_that_is_no_number_ends_training_at_once(tiny_model: Path) -> None:
    import torch

    model = load_lora(str(tiny_model), config(), seed=0)
    with torch.no_grad():
        base: Any = model.get_base_model()
        base.get_input_embeddings().weight.fill_(float("nan"))
    optimizer = torch.optim.SGD([p for p in model.parameters() if p.requires_grad], lr=0.1)
    scaler = torch.amp.GradScaler("cpu", enabled=False)
    with pytest.raises(StageError, match=r"train\.learning_rate"):
        loop.train_step(response_loss(model), optimizer, scaler, ROWS, [0], config(), **PLACE)


def test_a_target_that_matches_nothing_names_what_is_there(tiny_model: Path) -> None:
    with pytest.raises(InputError, match="q_proj"):
        load_lora(str(tiny_model), config(target_modules=("query",)), seed=0)
