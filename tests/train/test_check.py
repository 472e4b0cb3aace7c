import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pydantic import ValidationError

from ecom.errors import InputError
from ecom.train import check, tracking
from ecom.train.config import TrainConfig


def write(folder: Path, lengths: list[int], token: int = 5) -> Path:
    (folder / "train").mkdir(parents=True)
    table = pa.table(
        {
            "id": [f"row{n}" for n in range(len(lengths))],
            "prompt_ids": [[token] * (length - 1) for length in lengths],
            "response_ids": [[2]] * len(lengths),
        }
    )
    pq.write_table(table, folder / "train" / "0.parquet")
    return folder


def config(**changes: object) -> TrainConfig:
    return TrainConfig.model_validate({"rank": 4, "workers": 1, **changes})


def before(config: TrainConfig, base: str, corpus: Path, rejected: Path) -> check.Plan:
    return check.before(config, check.look(config, base), corpus, rejected)


def test_what_will_be_done_is_known_before(tiny_model: Path, tmp_path: Path) -> None:
    corpus = write(tmp_path, [10] * 50)
    plan = before(config(rows_per_step=8, epochs=3), str(tiny_model), corpus, tmp_path / "r")
    assert (plan.rows, plan.rejected, plan.steps, plan.longest) == (50, 0, 18, 512)
    assert not (tmp_path / "r").exists()


def test_rows_that_the_base_cannot_read_are_rejected_with_the_reason(
    tiny_model: Path, tmp_path: Path
) -> None:
    corpus = write(tmp_path, [10, 600, 20])
    plan = before(config(), str(tiny_model), corpus, tmp_path / "rejected")
    assert (plan.rows, plan.rejected) == (2, 1)
    line = json.loads((tmp_path / "rejected" / "train.jsonl").read_text())
    assert line == {"id": "row1", "reason": "600 tokens, the base reads 512 at most"}


def test_all_that_does_not_fit_is_reported_at_once(tiny_model: Path, tmp_path: Path) -> None:
    corpus = write(tmp_path, [10, 300], token=900)
    with pytest.raises(InputError) as error:
        before(config(workers=4, tokens_per_batch=128), str(tiny_model), corpus, tmp_path / "r")
    text = str(error.value)
    assert "token id 900" in text
    assert "embeddings of 0 to 511" in text
    assert "train.workers is 4, but a step has only 2 rows" in text
    assert "the longest row has 300 tokens" in text


def test_a_target_that_matches_nothing_is_found_without_weights(
    tiny_model: Path, tmp_path: Path
) -> None:
    corpus, bare = write(tmp_path / "corpus", [10] * 4), tmp_path / "bare"
    bare.mkdir()
    (bare / "config.json").write_bytes((tiny_model / "config.json").read_bytes())
    (bare / "model.safetensors").touch()
    with pytest.raises(InputError, match=r"train\.target_modules: \('query',\)"):
        before(config(target_modules=["query"]), str(bare), corpus, tmp_path / "r")


@pytest.mark.parametrize("family", ["granite", "gemma2"])
def test_a_loss_that_is_not_the_models_own_is_refused(
    family: str, tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM

    sizes = {"vocab_size": 512, "hidden_size": 64, "intermediate_size": 96, "num_hidden_layers": 2}
    heads = {"num_attention_heads": 4, "num_key_value_heads": 2, "logits_scaling": 8.0}
    shape = AutoConfig.for_model(family, **sizes, **heads)
    AutoModelForCausalLM.from_config(shape).save_pretrained(tmp_path / "base")
    base, corpus = str(tmp_path / "base"), write(tmp_path / "corpus", [10] * 4)
    assert before(config(), base, corpus, tmp_path / "r").rows == 4

    def by_hand(model: Any) -> Any:  # decoder and output layer, and nothing behind them
        def loss(ids: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
            logits = model.lm_head(model.model(input_ids=ids).last_hidden_state)
            losses = torch.nn.functional.cross_entropy(
                logits[:, :-1].transpose(1, 2), ids[:, 1:], reduction="none"
            )
            return (losses * weights[:, 1:]).sum()

        return loss

    monkeypatch.setattr(check, "weighted_loss", by_hand)
    with pytest.raises(InputError, match=rf"type {family} has loss .* in transformers' own"):
        before(config(), base, corpus, tmp_path / "r")


def test_what_could_not_be_merged_is_said_before_training(tiny_model: Path, tmp_path: Path) -> None:
    corpus, old = write(tmp_path / "corpus", [10] * 4), tmp_path / "old"
    old.mkdir()
    (old / "config.json").write_bytes((tiny_model / "config.json").read_bytes())
    (old / "pytorch_model.bin").touch()
    with pytest.raises(InputError) as error:
        before(config(target_modules=["q_proj", "lm_head"]), str(old), corpus, tmp_path / "r")
    assert "has no *.safetensors" in str(error.value)
    assert "names lm_head" in str(error.value)


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"model_type": "qwen3_moe", "num_experts": 4}, "type qwen3_moe is a mixture of experts"),
        ({"model_type": "t5", "is_encoder_decoder": True}, "type t5 has an encoder and a decoder"),
        ({"model_type": "llama9"}, "type llama9 is not supported; all stages take Qwen 2"),
        (
            {"model_type": "qwen2", "quantization_config": {"quant_method": "fp8"}},
            r"quantized already \(fp8\)",
        ),
    ],
)
def test_an_unsupported_base_is_not_trained(
    settings: dict[str, Any], why: str, tmp_path: Path
) -> None:
    (tmp_path / "config.json").write_text(json.dumps(settings))
    with pytest.raises(InputError, match=why):
        before(config(), str(tmp_path), write(tmp_path / "corpus", [10]), tmp_path / "r")


def test_a_base_that_is_no_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="base nowhere/to-be-found"):
        before(config(), "nowhere/to-be-found", write(tmp_path, [10]), tmp_path / "r")


def test_a_package_that_is_not_there_is_named_with_its_remedy(
    tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(tracking.MODULES, "wandb", "no_such_package")
    with pytest.raises(InputError, match=r"names wandb.*pip install no_such_package"):
        before(config(trackers=["wandb"]), str(tiny_model), tmp_path, tmp_path / "r")


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"workers": (3, 2)}, "1 <= min <= max"),
        ({"workers": (1, 2), "strategy": "deepspeed-zero2"}, "adapt under ddp only"),
        ({"offload_optimizer": True}, "offload_optimizer needs a strategy"),
        ({"method": "qlora", "strategy": "deepspeed-zero3"}, "cannot cut 4-bit weights"),
        ({"method": "full", "dora": True}, "method is full"),
        ({"patience": 3}, "validate_every_steps"),
        ({"precision": "bf16", "accelerator": "T4"}, "a T4 has no bfloat16; write precision: fp16"),
        ({"accelerator": "any-gpu"}, "any-gpu does not say.*write precision: bf16"),
    ],
)
def test_settings_that_do_not_fit_together_are_refused(
    changes: dict[str, object], rule: str
) -> None:
    with pytest.raises(ValidationError, match=rule):
        config(**changes)


@pytest.mark.parametrize(
    ("accelerator", "expected"),
    [("cpu", "fp32"), ("T4", "fp16"), ("V100", "fp16"), ("A100-80G", "bf16"), ("L40S", "bf16")],
)
def test_the_precision_is_the_best_that_the_accelerator_has(
    accelerator: str, expected: str
) -> None:
    assert config(accelerator=accelerator).number_format() == expected
    named = config(accelerator="any-gpu", precision=expected)
    assert named.identity() == config(accelerator=accelerator).identity()
