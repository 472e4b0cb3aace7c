import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ecom.compress.merge import merge
from ecom.errors import DataError

torch = pytest.importorskip("torch")


def _logits(model: Any) -> Any:
    ids = torch.randint(0, 128, (2, 24), generator=torch.Generator().manual_seed(2))
    with torch.inference_mode():
        return model.eval()(input_ids=ids).logits


def _assert_answers_as_pefts_own_merge(model: Path, adapter: Path, target: Path) -> None:
    from peft import PeftModel
    from transformers import AutoModelForCausalLM

    merge(model, adapter, target)
    ours = _logits(AutoModelForCausalLM.from_pretrained(target))
    base = AutoModelForCausalLM.from_pretrained(model)
    before = _logits(base)
    theirs = _logits(PeftModel.from_pretrained(base, adapter).merge_and_unload())
    assert (theirs - before).abs().max() > 0.1
    assert (ours - theirs).abs().max() <= 1e-6 * max(1.0, theirs.abs().max().item())


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"use_rslora": True},
        {"use_dora": True},
        {"use_dora": True, "use_rslora": True},
        {"alpha_pattern": {"q_proj": 32}, "rank_pattern": {r"layers\.1\.mlp\.up_proj": 2}},
    ],
    ids=["plain", "rslora", "dora", "rslora-dora", "patterns"],
)
def test_merged_model_answers_as_pefts_own_merge(
    random_model: Path, make_adapter: Callable[..., Path], tmp_path: Path, settings: dict[str, Any]
) -> None:
    adapter = make_adapter(random_model, **settings)
    _assert_answers_as_pefts_own_merge(random_model, adapter, tmp_path / "merged")


@pytest.mark.parametrize("dora", [False, True], ids=["lora", "dora"])
@pytest.mark.parametrize(
    "random_model", ["mistral", "qwen3", "bloom", "bloom-decoder"], indirect=True
)
def test_every_family_merges_as_pefts_own(
    random_model: Path, make_adapter: Callable[..., Path], tmp_path: Path, dora: bool
) -> None:
    adapter = make_adapter(random_model, target_modules="all-linear", use_dora=dora)
    _assert_answers_as_pefts_own_merge(random_model, adapter, tmp_path / "merged")


@pytest.mark.parametrize("head_copy", [False, True])
@pytest.mark.parametrize("random_model", ["llama"], indirect=True)
def test_lm_head_merges_as_pefts_own(
    random_model: Path, make_adapter: Callable[..., Path], tmp_path: Path, head_copy: bool
) -> None:
    adapter = make_adapter(random_model, head_copy, target_modules=["q_proj", "lm_head"])
    _assert_answers_as_pefts_own_merge(random_model, adapter, tmp_path / "merged")


@pytest.mark.parametrize("dora", [False, True], ids=["lora", "dora"])
@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
@pytest.mark.parametrize("random_model", ["qwen2"], indirect=True)
def test_16_bit_weights_are_rounded_once(
    random_model: Path, make_adapter: Callable[..., Path], tmp_path: Path, dtype: str, dora: bool
) -> None:
    from peft import PeftModel
    from safetensors.torch import load_file
    from transformers import AutoModelForCausalLM

    half_dtype = getattr(torch, dtype)
    half = AutoModelForCausalLM.from_pretrained(random_model, dtype=half_dtype)
    half.save_pretrained(tmp_path / "half")
    adapter = make_adapter(tmp_path / "half", use_dora=dora)
    merge(tmp_path / "half", adapter, tmp_path / "merged")
    exact = PeftModel.from_pretrained(half.double(), adapter).double().merge_and_unload()
    for name, merged in load_file(tmp_path / "merged" / "model.safetensors").items():
        assert merged.dtype == half_dtype
        # In 64-bit numbers only a tie of the rounding may fall to the other side.
        assert (merged != exact.state_dict()[name].to(merged.dtype)).float().mean() < 0.001


def test_everything_else_is_kept(
    random_model: Path, make_adapter: Callable[..., Path], tmp_path: Path
) -> None:
    from safetensors.torch import load_file

    adapter = make_adapter(random_model, target_modules=["q_proj"])
    merge(random_model, adapter, tmp_path / "merged")
    names = sorted(f.name for f in random_model.iterdir())
    assert sorted(f.name for f in (tmp_path / "merged").iterdir()) == names
    for file in (random_model / name for name in names):
        copy = tmp_path / "merged" / file.name
        if file.suffix != ".safetensors":
            if file.name != "model.safetensors.index.json":
                assert copy.read_bytes() == file.read_bytes()
            continue
        old, new = load_file(file), load_file(copy)
        assert set(old) == set(new)
        changed = {name for name in old if not torch.equal(old[name], new[name])}
        assert changed == {name for name in old if "q_proj.weight" in name}


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"bias": "all"}, "bias='all'"),
        ({"modules_to_save": ["norm"]}, "modules_to_save=['norm']"),
        ({"target_modules": ["q_proj", "embed_tokens"]}, "embed_tokens"),
    ],
)
@pytest.mark.parametrize("random_model", ["llama"], indirect=True)
def test_unsupported_adapters_are_refused_by_name(
    random_model: Path,
    make_adapter: Callable[..., Path],
    tmp_path: Path,
    settings: dict[str, Any],
    named: str,
) -> None:
    adapter = make_adapter(random_model, **settings)
    with pytest.raises(DataError) as caught:
        merge(random_model, adapter, tmp_path / "merged")
    assert named in str(caught.value)
    assert not (tmp_path / "merged").exists()


@pytest.mark.parametrize("random_model", ["qwen2", "bloom"], indirect=True)
def test_lm_head_that_is_tied_to_the_embedding_is_refused(
    random_model: Path, make_adapter: Callable[..., Path], tmp_path: Path
) -> None:
    with pytest.warns(UserWarning, match="tied"):  # peft's own word on it
        adapter = make_adapter(random_model, target_modules=["lm_head"])
    with pytest.raises(DataError, match=r"leave lm_head out of train\.target_modules"):
        merge(random_model, adapter, tmp_path / "merged")
    assert not (tmp_path / "merged").exists()


@pytest.mark.parametrize(
    ("saved", "said", "named"),
    [
        (True, False, "q_proj.lora_magnitude_vector: adapter_config.json says no use_dora"),
        (False, True, "q_proj.lora_magnitude_vector: is missing"),
    ],
)
@pytest.mark.parametrize("random_model", ["llama"], indirect=True)
def test_magnitudes_that_do_not_go_with_the_settings_are_refused(
    random_model: Path,
    make_adapter: Callable[..., Path],
    tmp_path: Path,
    saved: bool,
    said: bool,
    named: str,
) -> None:
    adapter = make_adapter(random_model, use_dora=saved)
    config = json.loads((adapter / "adapter_config.json").read_text())
    (adapter / "adapter_config.json").write_text(json.dumps({**config, "use_dora": said}))
    with pytest.raises(DataError) as caught:
        merge(random_model, adapter, tmp_path / "merged")
    assert str(caught.value).count(named) == 2  # one a layer
    assert not (tmp_path / "merged").exists()


@pytest.mark.parametrize("random_model", ["qwen2"], indirect=True)
def test_adapter_of_another_base_is_refused_with_every_tensor_named(
    random_model: Path, make_adapter: Callable[..., Path], tmp_path: Path
) -> None:
    from safetensors.torch import load_file, save_file

    adapter = make_adapter(random_model)
    file = adapter / "adapter_model.safetensors"
    pairs = load_file(file)
    pairs["base_model.model.model.layers.7.mlp.up_proj.lora_A.weight"] = torch.zeros(4, 64)
    pairs["base_model.model.model.layers.8.mlp.up_proj.lora_B.weight"] = torch.zeros(96, 4)
    pairs["base_model.model.model.layers.0.mlp.up_proj.lora_B.weight"] = torch.zeros(80, 4)
    save_file(pairs, file)
    with pytest.raises(DataError) as caught:
        merge(random_model, adapter, tmp_path / "merged")
    for part in (
        "layers.7.mlp.up_proj.lora_A",
        "layers.8.mlp.up_proj.lora_B",
        "80 × 4, must be 96 × 4",
    ):
        assert part in str(caught.value)


@pytest.mark.parametrize("random_model", ["qwen2"], indirect=True)
def test_a_cut_or_missing_shard_is_named(
    random_model: Path, make_adapter: Callable[..., Path], tmp_path: Path
) -> None:
    adapter = make_adapter(random_model)
    index = json.loads((random_model / "model.safetensors.index.json").read_text())
    first, second = sorted(set(index["weight_map"].values()))[:2]
    (random_model / first).write_bytes((random_model / first).read_bytes()[:5000])
    with pytest.raises(DataError, match=first):
        merge(random_model, adapter, tmp_path / "merged")
    (random_model / second).unlink()
    with pytest.raises(DataError, match=second):
        merge(random_model, adapter, tmp_path / "merged")
