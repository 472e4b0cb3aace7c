import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecom.compress import check
from ecom.compress.pad import pad
from ecom.errors import InputError
from ecom.models.divisibility import faults_when_compressed, group_size, padded_size

torch = pytest.importorskip("torch")


def _logits(path: Path) -> Any:
    from transformers import AutoModelForCausalLM

    ids = torch.randint(0, 128, (2, 24), generator=torch.Generator().manual_seed(2))
    with torch.inference_mode():
        return AutoModelForCausalLM.from_pretrained(path).eval()(input_ids=ids).logits


def test_qwen2_72b_is_padded_as_in_the_paper() -> None:
    assert padded_size(29_568, 128 * 4) == 29_696
    assert padded_size(29_696, 128 * 4) == 29_696


def test_padded_model_is_the_same_function(random_model: Path, tmp_path: Path) -> None:
    pad(random_model, tmp_path / "padded", 128)
    assert json.loads((tmp_path / "padded/config.json").read_text())["intermediate_size"] == 128
    before = _logits(random_model)
    assert before.std() > 0.1
    assert (_logits(tmp_path / "padded") - before).abs().max() <= 1e-5


def test_only_the_mlp_grows(random_model: Path, tmp_path: Path) -> None:
    from transformers import AutoModelForCausalLM

    pad(random_model, tmp_path / "padded", 128)
    old = AutoModelForCausalLM.from_pretrained(random_model).state_dict()
    new = AutoModelForCausalLM.from_pretrained(tmp_path / "padded").state_dict()
    for name, tensor in new.items():
        corner = tensor[tuple(slice(0, n) for n in old[name].shape)]
        assert torch.equal(corner, old[name])
        assert torch.count_nonzero(tensor) == torch.count_nonzero(old[name])
        assert (tensor.shape != old[name].shape) == (".mlp." in name and "down_proj.b" not in name)


def test_index_counts_the_new_bytes(tmp_path: Path, random_model: Path) -> None:
    pad(random_model, tmp_path / "padded", 128)
    index = tmp_path / "padded" / "model.safetensors.index.json"
    if index.is_file():
        from safetensors.torch import load_file

        shards = [load_file(f) for f in (tmp_path / "padded").glob("*.safetensors")]
        size = sum(t.numel() * t.element_size() for shard in shards for t in shard.values())
        assert json.loads(index.read_text())["metadata"]["total_size"] == size


def test_padded_packed_layers_compute_the_same(tmp_path: Path) -> None:
    from safetensors.torch import save_file

    from ecom.compress.awq import dequantized_weights

    numbers = torch.Generator().manual_seed(0)

    def packed(inner: int, out: int) -> dict[str, Any]:
        bits = {"generator": numbers, "dtype": torch.int32}
        return {
            "qweight": torch.randint(-(2**31), 2**31 - 1, (inner, out // 8), **bits),
            "qzeros": torch.randint(-(2**31), 2**31 - 1, (inner // 32, out // 8), **bits),
            "scales": torch.rand(inner // 32, out, generator=numbers).half(),
        }

    sides = {"gate": packed(64, 96), "up": packed(64, 96), "down": packed(96, 64)}
    tensors = {
        f"model.layers.0.mlp.{side}_proj.{kind}": tensor
        for side, parts in sides.items()
        for kind, tensor in parts.items()
    }
    source = tmp_path / "packed"
    source.mkdir()
    save_file(tensors, source / "model.safetensors")
    config = {"intermediate_size": 96, "quantization_config": {"group_size": 32}}
    (source / "config.json").write_text(json.dumps(config))
    pad(source, tmp_path / "padded", 64)
    old, new = dequantized_weights(source), dequantized_weights(tmp_path / "padded")
    gate, up, down = (f"model.layers.0.mlp.{side}_proj.weight" for side in sides)
    for name in (gate, up):
        assert new[name].shape == (128, 64)
        assert torch.equal(new[name][:96], old[name])
        assert not new[name][96:].any()
    assert new[down].shape == (64, 128)
    assert torch.equal(new[down][:, :96], old[down])
    assert not new[down][:, 96:].any()


def test_a_group_is_never_split_by_padding_packed_tensors(tmp_path: Path) -> None:
    config = {"intermediate_size": 80, "quantization_config": {"group_size": 32}}
    (tmp_path / "config.json").write_text(json.dumps(config))
    with pytest.raises(InputError, match=r"80.*group_size 32"):
        pad(tmp_path, tmp_path / "padded", 64)


@pytest.mark.parametrize("random_model", ["qwen2"], indirect=True)
def test_check_names_every_dimension_that_does_not_divide(random_model: Path) -> None:
    check.model(random_model, group_size=32, tensor_parallel=2)
    with pytest.raises(InputError) as caught:
        check.model(random_model, group_size=128, tensor_parallel=3)
    for part in ("hidden_size 64", "num_attention_heads 4", "num_key_value_heads 2", "head_dim 64"):
        assert part in str(caught.value)
    assert "set compress.tensor_parallel below 3" in str(caught.value)


@given(st.integers(1, 80), st.integers(1, 8), st.sampled_from([16, 48, 64, 96, 128]), st.data())
def test_the_chosen_group_is_the_largest_that_the_sizes_divide_by(
    hidden: int, heads: int, head_dim: int, data: st.DataObject
) -> None:
    ranks = data.draw(st.sampled_from([n for n in (1, 2, 4) if heads % n == 0]))
    shape = {
        "hidden_size": 16 * hidden,
        "intermediate_size": data.draw(st.integers(1, 5000)),
        "num_attention_heads": heads,
        "head_dim": head_dim,
        "num_hidden_layers": 2,
        "vocab_size": 256,
    }
    chosen = group_size(shape, ranks)
    fit = [size for size in (128, 64, 32) if not faults_when_compressed(shape, size, ranks)]
    assert chosen == (fit[0] if fit else 32)


def test_only_what_does_not_divide_is_named_and_no_group_that_there_is_not() -> None:
    smollm = {"hidden_size": 576, "intermediate_size": 1536, "num_attention_heads": 9}
    shape = {**smollm, "num_key_value_heads": 3, "num_hidden_layers": 30, "vocab_size": 49152}
    found = faults_when_compressed(shape, group_size(shape, 2), 2)
    assert ["hidden_size" in fault for fault in found] == [False] * len(found)
    odd = {**shape, "hidden_size": 80, "num_attention_heads": 5, "num_key_value_heads": 5}
    found = faults_when_compressed(odd, group_size(odd, 1), 1)
    assert any("hidden_size 80 is not a multiple of group_size 32" in fault for fault in found)
    assert not any("smaller compress.group_size" in fault for fault in found)


@pytest.mark.parametrize("random_model", ["llama"], indirect=True)
def test_check_names_an_mlp_it_cannot_pad(random_model: Path) -> None:
    from safetensors.torch import load_file, save_file

    file = random_model / "model.safetensors"
    tensors = load_file(file)
    tensors["model.layers.0.mlp.experts.0.up_proj.weight"] = torch.zeros(8, 64)
    save_file(tensors, file, metadata={"format": "pt"})
    with pytest.raises(InputError, match=r"mlp\.experts\.0\.up_proj\.weight"):
        check.model(random_model, group_size=32, tensor_parallel=1)
