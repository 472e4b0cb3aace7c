from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ecom.errors import InputError, StageError
from ecom.train import batches, loop, model
from ecom.train.config import TrainConfig
from ecom.train.ddp import Ddp
from tests.train.test_batches import rows_of

ROWS = rows_of([[5, 6, 7, 9], [8, 4], [11, 12, 13]], [[1, 2, 3], [3], [4, 5]])
WORKER = loop.Worker(rank=0, world=1, pad_id=0)


def config(**changes: object) -> TrainConfig:
    return TrainConfig.model_validate({"rank": 4, "workers": 1, **changes})


def strategy(base: Path, settings: TrainConfig) -> Ddp:
    import torch

    return Ddp(model.load(str(base), settings, seed=0), settings, torch.device("cpu"))


def losses(base: Path, settings: TrainConfig, seeds: Sequence[int]) -> list[float]:
    """The losses of one step a seed, all on the same three rows."""
    trained = strategy(base, settings)
    return [
        loop.train_step(
            trained, ROWS, [0, 1, 2], settings, WORKER, rate=settings.learning_rate, seed=[seed]
        ).loss
        for seed in seeds
    ]


def labels(batch: dict[str, Any]) -> Any:
    return batch["input_ids"].masked_fill(batch["weights"] == 0, -100)


FAMILIES = {
    "qwen2": {"num_key_value_heads": 2},
    "qwen3": {"num_key_value_heads": 2, "head_dim": 16},
    "llama": {"num_key_value_heads": 2},
    "mistral": {"num_key_value_heads": 2, "sliding_window": 4},
    "bloom": {},
}


@pytest.mark.parametrize("family", FAMILIES)
def test_the_loss_of_every_family_is_what_transformers_says_it_is(
    family: str, tmp_path: Path
) -> None:
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM

    shape = AutoConfig.for_model(
        family,
        vocab_size=64,
        hidden_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=96,
        n_layer=2,
        n_head=4,
        bos_token_id=1,
        eos_token_id=2,
        pad_token_id=0,
        **FAMILIES[family],
    )
    torch.manual_seed(1)
    reference = AutoModelForCausalLM.from_config(shape)
    reference.save_pretrained(tmp_path)
    batch = batches.collate(ROWS, [0, 1, 2], 0, 0.0)
    mask = torch.tensor([[1] * n + [0] * (7 - n) for n in (7, 3, 5)])
    with torch.no_grad():
        expected = reference(
            input_ids=batch["input_ids"], attention_mask=mask, labels=labels(batch)
        ).loss.item()
    settings = config(learning_rate=0.003)
    found = losses(tmp_path, settings, range(4))
    assert found[0] == pytest.approx(expected, abs=1e-5)
    assert found[-1] < found[0]


@pytest.mark.parametrize(
    "change",
    [
        {"tokens_per_batch": 16},
        {"gradient_checkpointing": True},
        {"accelerator": "T4", "precision": "fp32"},  # key and value are repeated
        {"accelerator": "any-gpu", "precision": "fp32"},
    ],
)
def test_how_a_step_is_carried_out_changes_nothing(
    tiny_model: Path, change: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from transformers.integrations import sdpa_attention

    monkeypatch.setattr(sdpa_attention, "use_gqa_in_sdpa", sdpa_attention.use_gqa_in_sdpa)
    old = SimpleNamespace(total_memory=2**30, major=7, minor=5)
    monkeypatch.setattr("torch.cuda.device_count", lambda: 1)
    monkeypatch.setattr("torch.cuda.get_device_properties", lambda _: old)
    plain = losses(tiny_model, config(learning_rate=0.01), range(4))
    other = losses(tiny_model, config(learning_rate=0.01, **change), range(4))
    assert plain == pytest.approx(other, abs=1e-5)
    assert plain[-1] < plain[0]


def test_a_step_with_dropout_can_be_made_again(tiny_model: Path) -> None:
    settings = config(dropout=0.5, learning_rate=0.05)
    first = losses(tiny_model, settings, [1, 2, 3, 4])
    assert losses(tiny_model, settings, [1, 2, 3, 4]) == first
    assert losses(tiny_model, settings, [1, 5, 6, 7]) != first


def test_a_prompts_weight_is_its_share_in_the_mean(tiny_model: Path) -> None:
    import torch
    from transformers import AutoModelForCausalLM

    batch = batches.collate(ROWS, [0, 1, 2], 0, 0.25)
    with torch.no_grad():
        logits = AutoModelForCausalLM.from_pretrained(tiny_model)(batch["input_ids"]).logits
    each = torch.nn.functional.cross_entropy(
        logits[:, :-1].transpose(1, 2), batch["input_ids"][:, 1:], reduction="none"
    )
    weights = batch["weights"][:, 1:]
    expected = (each * weights).sum() / weights.sum()
    found = losses(tiny_model, config(prompt_weight=0.25), [0])[0]
    assert found == pytest.approx(expected.item(), abs=1e-5)


def test_validation_is_the_mean_over_all_response_tokens(tiny_model: Path) -> None:
    settings = config(tokens_per_batch=16, prompt_weight=0.5)
    value = loop.validation_loss(strategy(tiny_model, settings), ROWS, settings, WORKER)
    assert value == pytest.approx(losses(tiny_model, config(), [0])[0], abs=1e-5)


def test_padding_is_counted(tiny_model: Path) -> None:
    settings = config(tokens_per_batch=4096)
    step = loop.train_step(
        strategy(tiny_model, settings), ROWS, [0, 1, 2], settings, WORKER, rate=1e-4, seed=[0]
    )
    assert (step.tokens, step.padded_tokens) == (7 + 3 + 5, 3 * 7)


@pytest.mark.parametrize(
    ("schedule", "middle", "end"), [("cosine", 0.5, 0), ("linear", 0.5, 0), ("constant", 1, 1)]
)
def test_the_rate_warms_up_and_follows_its_schedule(
    schedule: str, middle: float, end: float
) -> None:
    settings = config(learning_rate=1.0, warmup_fraction=0.1, schedule=schedule)
    rates = [loop.learning_rate(settings, step, 100) for step in range(100)]
    assert rates[:10] == sorted(rates[:10])
    assert rates[10] == pytest.approx(1.0)
    assert rates[10:] == sorted(rates[10:], reverse=True)
    assert rates[55] == pytest.approx(middle, abs=0.01)
    assert rates[99] == pytest.approx(end, abs=0.02)


def test_a_loss_that_is_no_number_ends_training_at_once(tiny_model: Path) -> None:
    import torch

    trained = strategy(tiny_model, config())
    with torch.no_grad():
        base: Any = trained.model.get_base_model()
        base.get_input_embeddings().weight.fill_(float("nan"))
    with pytest.raises(StageError, match=r"the loss is nan; lower train\.learning_rate"):
        loop.train_step(trained, ROWS, [0], config(), WORKER, rate=1e-4, seed=[0])


def test_a_gradient_that_is_no_number_changes_no_weight(tiny_model: Path) -> None:
    import torch

    trained = strategy(tiny_model, config())
    parameters = [p for p in trained.model.parameters() if p.requires_grad]
    before = [p.detach().clone() for p in parameters]
    parameters[0].register_hook(lambda gradient: gradient * float("inf"))
    with pytest.raises(StageError, match="gradient's norm is"):
        loop.train_step(trained, ROWS, [0], config(), WORKER, rate=1e-4, seed=[0])
    assert all(torch.equal(p, b) for p, b in zip(parameters, before, strict=True))


def test_a_target_that_matches_nothing_names_what_is_there(tiny_model: Path) -> None:
    with pytest.raises(InputError, match="q_proj"):
        model.load(str(tiny_model), config(target_modules=("query",)), seed=0)
