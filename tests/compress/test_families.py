"""Every architecture of ecom/models/families.py that can be compressed, from padding to 4 bits."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ecom.compress import apart, awq, check, merge, one_layer, pad, parity, quantize, streamed
from ecom.compress.adapters import Weighted
from ecom.compress.config import CompressConfig
from ecom.compress.sample import Row
from ecom.errors import InputError
from ecom.models import families
from ecom.quickstart.base import build_tokenizer
from ecom.train import check as train_check
from ecom.train.config import TrainConfig

pytestmark = pytest.mark.model

torch = pytest.importorskip("torch")

TYPES = [kind for family in families.FAMILIES if family.compressed for kind in family.model_types]
ROWS = [[5, 9, 70, 3, 8, 1], [7, 7, 100, 2, 60, 4]]
every_type = pytest.mark.parametrize("random_model", TYPES, indirect=True)


def loaded(path: Path) -> Any:
    from transformers import AutoModelForCausalLM

    return AutoModelForCausalLM.from_pretrained(path)


def logits(model: Any) -> Any:
    with torch.inference_mode():
        return model.eval()(input_ids=torch.tensor(ROWS)).logits


@every_type
def test_nothing_stands_against_it(random_model: Path) -> None:
    assert families.refusal_to_compress(loaded(random_model).config.to_dict()) is None
    check.model(random_model, group_size=32, tensor_parallel=2)
    streamed.check(random_model)
    assert not train_check.look(TrainConfig(), str(random_model)).faults


@every_type
def test_a_size_that_does_not_divide_names_its_layers(random_model: Path) -> None:
    with pytest.raises(InputError) as caught:
        check.model(random_model, group_size=128, tensor_parallel=3)
    family = families.of({"model_type": loaded(random_model).config.model_type})
    for layer in (*family.inputs, family.attention_output):
        assert layer in str(caught.value)


@every_type
def test_padded_it_is_the_same_function(random_model: Path, tmp_path: Path) -> None:
    pad.pad(random_model, tmp_path / "padded", 128)
    padded, before = loaded(tmp_path / "padded"), logits(loaded(random_model))
    assert padded.config.intermediate_size == 128
    assert before.std() > 0.1
    assert (logits(padded) - before).abs().max() <= 1e-5


@every_type
def test_one_of_its_layers_computes_what_it_does_in_the_whole(
    random_model: Path, tmp_path: Path
) -> None:
    seen: list[Any] = []
    whole = loaded(random_model)
    whole.model.layers[1].register_forward_hook(lambda _, x, y: seen.append((x[0], y)))
    logits(whole)
    (states, expected), *_ = seen
    (tmp_path / "one").mkdir()
    scale = streamed.embedding_scale(streamed.skeleton(random_model))
    ids = one_layer.write(random_model, 1, list(states.split(1)), tmp_path / "one", scale)
    alone = loaded(tmp_path / "one")
    alone.model.layers[0].register_forward_hook(lambda _, x, y: seen.append((x[0], y)))
    alone(input_ids=torch.tensor(ids))
    assert (seen[1][1] - expected).abs().max() < 1e-5


@every_type
def test_an_adapter_is_merged_and_padded_as_peft_runs_it(
    random_model: Path, make_adapter: Callable[..., Path], tmp_path: Path
) -> None:
    from peft import PeftModel

    adapter = make_adapter(random_model, target_modules="all-linear")
    before = logits(PeftModel.from_pretrained(loaded(random_model), adapter))
    assert (before - logits(loaded(random_model))).abs().max() > 0.1
    merge.merge(random_model, [(adapter, 1.0)], tmp_path / "merged")
    assert (logits(loaded(tmp_path / "merged")) - before).abs().max() <= 1e-4
    pad.pad(random_model, tmp_path / "padded", 128)
    beside = [Weighted("one", adapter, 1.0)]
    apart.check(random_model, beside)
    apart.write(beside, tmp_path / "out", model=tmp_path / "padded", base=random_model)
    padded = PeftModel.from_pretrained(loaded(tmp_path / "padded"), tmp_path / "out" / adapter.name)
    assert (logits(padded) - before).abs().max() <= 1e-5


@pytest.mark.integration
@pytest.mark.parametrize("random_model", ["glm4"], indirect=True)  # gate and up are one tensor
def test_in_4_bits_it_is_close_and_padding_changes_nothing(
    random_model: Path, tmp_path: Path
) -> None:
    build_tokenizer(["a shoe"], 300).save_pretrained(random_model)  # a quantizer loads one
    blocks = torch.randint(0, 128, (16, 32), generator=torch.Generator().manual_seed(3)).tolist()
    config = CompressConfig(group_size=32, tensor_parallel=2)
    packed, model = tmp_path / "packed", tmp_path / "model"
    quantize.quantize(random_model, packed, blocks, config, 0, lambda *_: None)
    pad.pad(packed, model, 128)
    rows = [Row(row[:3], row[3:], "generation") for row in ROWS]
    report = parity.measure(
        source=random_model,
        adapter=None,
        merged=random_model,
        grouped=random_model,
        packed=packed,
        model=model,
        group_size=32,
        rows=rows,
    )
    assert json.loads((model / "config.json").read_text())["dtype"] == "bfloat16"
    assert report["padding_max_logit_difference"] <= 1e-4
    errors = [found for found in report["layers"].values() if "awq_error" in found]
    assert len(errors) == 2 * 2  # attention and MLP of two layers
    assert all(0 < found["awq_error"] < 0.3 for found in errors)
    plain, whole = awq.dequantized_weights(model), loaded(random_model).state_dict()
    assert plain.keys() <= whole.keys()
    assert whole.keys() - plain.keys() <= {"lm_head.weight"}  # tied to the embedding
