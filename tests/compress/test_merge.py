import json
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ecom.compress.merge import interpolate, merge
from ecom.errors import DataError

pytestmark = pytest.mark.model

torch = pytest.importorskip("torch")


def _logits(model: Any) -> Any:
    ids = torch.randint(0, 128, (2, 24), generator=torch.Generator().manual_seed(2))
    with torch.inference_mode():
        return model.eval()(input_ids=ids).logits


def _assert_answers_as_pefts_own_merge(model: Path, adapter: Path, target: Path) -> None:
    from peft import PeftModel
    from transformers import AutoModelForCausalLM

    merge(model, [(adapter, 1.0)], target)
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


@pytest.mark.parametrize(
    "settings",
    [{"target_modules": ["q_proj", "embed_tokens"]}, {"modules_to_save": ["lm_head", "norm"]}],
    ids=["embedding", "saved"],
)
@pytest.mark.parametrize("random_model", ["llama"], indirect=True)
def test_what_was_learnt_outside_linear_layers_merges_as_pefts_own(
    random_model: Path, make_adapter: Callable[..., Path], tmp_path: Path, settings: dict[str, Any]
) -> None:
    adapter = make_adapter(random_model, **settings)
    _assert_answers_as_pefts_own_merge(random_model, adapter, tmp_path / "merged")


def _two_adapters(model: Path, make_adapter: Callable[..., Path], folder: Path) -> list[Path]:
    """Adapters of different ranks, of layers that are partly the same."""
    first = make_adapter(model, target_modules=["q_proj", "up_proj"]).rename(folder / "first")
    second = make_adapter(model, r=2, lora_alpha=3, target_modules=["up_proj", "o_proj"])
    return [first, second.rename(folder / "second")]


def test_weighted_adapters_answer_as_pefts_own_sum(
    random_model: Path, make_adapter: Callable[..., Path], tmp_path: Path
) -> None:
    from peft import PeftModel
    from transformers import AutoModelForCausalLM

    adapters, weights = _two_adapters(random_model, make_adapter, tmp_path), [0.75, 0.5]
    merge(random_model, list(zip(adapters, weights, strict=True)), tmp_path / "merged")
    ours = _logits(AutoModelForCausalLM.from_pretrained(tmp_path / "merged"))
    base = AutoModelForCausalLM.from_pretrained(random_model)
    model = PeftModel.from_pretrained(base, adapters[0], adapter_name="first")
    model.load_adapter(adapters[1], "second")
    model.add_weighted_adapter(["first", "second"], weights, "sum", combination_type="cat")
    model.set_adapter("sum")
    theirs = _logits(model.merge_and_unload())
    assert (ours - theirs).abs().max() <= 2e-6 * max(1.0, theirs.abs().max().item())


@pytest.mark.parametrize("settings", [{}, {"use_dora": True}], ids=["lora", "dora"])
def test_wise_ft_lies_between_base_and_tuned_model(
    random_model: Path, make_adapter: Callable[..., Path], tmp_path: Path, settings: dict[str, Any]
) -> None:
    adapter = make_adapter(random_model, **settings)
    for name, keep in (("whole", 1.0), ("part", 0.3), ("none", 0.0)):
        merge(random_model, [(adapter, 1.0)], tmp_path / name, keep)
    interpolate(random_model, tmp_path / "whole", tmp_path / "interpolated", 0.3)
    base, whole, part, none, interpolated = (
        _state(folder)
        for folder in (
            random_model,
            *(tmp_path / n for n in ("whole", "part", "none")),
            tmp_path / "interpolated",
        )
    )
    for name, weight in base.items():
        expected = torch.lerp(weight, whole[name], 0.3)
        assert (part[name] - expected).abs().max() <= 1e-6
        assert (interpolated[name] - expected).abs().max() <= 1e-6
        assert torch.equal(none[name], weight)


def _state(model: Path) -> dict[str, Any]:
    from transformers import AutoModelForCausalLM

    state: dict[str, Any] = AutoModelForCausalLM.from_pretrained(model).state_dict()
    return state


def test_only_models_of_one_shape_are_interpolated(
    random_model: Path, make_adapter: Callable[..., Path], tmp_path: Path
) -> None:
    from safetensors.torch import load_file, save_file

    whole = tmp_path / "whole"
    merge(random_model, [(make_adapter(random_model), 1.0)], whole)
    shard = sorted(whole.glob("*.safetensors"))[0]
    name, tensor = sorted(load_file(shard).items())[0]
    save_file({**load_file(shard), name: tensor[:-1].clone()}, shard, {"format": "pt"})
    with pytest.raises(DataError, match=name):
        interpolate(random_model, whole, tmp_path / "out", 0.5)
    assert not (tmp_path / "out").exists()


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
    merge(tmp_path / "half", [(adapter, 1.0)], tmp_path / "merged")
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
    merge(random_model, [(adapter, 1.0)], tmp_path / "merged")
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
        ({"target_modules": ["embed_tokens"], "use_dora": True}, "DoRA of embeddings"),
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
        merge(random_model, [(adapter, 1.0)], tmp_path / "merged")
    assert named in str(caught.value)
    assert not (tmp_path / "merged").exists()


def _model_type(model: Path) -> str:
    return str(json.loads((model / "config.json").read_text())["model_type"])


@pytest.mark.parametrize("random_model", ["qwen2", "bloom"], indirect=True)
@pytest.mark.parametrize("module", ["lm_head", "embedding"])
def test_one_of_lm_head_and_embedding_cannot_change_where_they_are_tied(
    random_model: Path, make_adapter: Callable[..., Path], tmp_path: Path, module: str
) -> None:
    embedding = "embed_tokens" if _model_type(random_model) == "qwen2" else "word_embeddings"
    target = embedding if module == "embedding" else module
    with warnings.catch_warnings():  # peft's own word on it, for some families
        warnings.simplefilter("ignore")
        adapter = make_adapter(random_model, target_modules=[target])
    with pytest.raises(DataError, match=r"leave both out of train\.target_modules"):
        merge(random_model, [(adapter, 1.0)], tmp_path / "merged")
    assert not (tmp_path / "merged").exists()


@pytest.mark.parametrize(
    ("saved", "said", "named"),
    [
        (True, False, "q_proj.lora_magnitude_vector: adapter_config.json does not set use_dora"),
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
        merge(random_model, [(adapter, 1.0)], tmp_path / "merged")
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
        merge(random_model, [(adapter, 1.0)], tmp_path / "merged")
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
        merge(random_model, [(adapter, 1.0)], tmp_path / "merged")
    (random_model / second).unlink()
    with pytest.raises(DataError, match=second):
        merge(random_model, [(adapter, 1.0)], tmp_path / "merged")
