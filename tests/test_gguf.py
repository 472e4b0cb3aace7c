"""A base in a GGUF file, written here with llama.cpp's own library."""

import json
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import pytest

from ecom import pipeline
from ecom.errors import InputError
from ecom.models import gguf
from ecom.recipe import load

pytestmark = pytest.mark.model
NAMES = {  # transformers' names of a layer's tensors, and GGUF's
    "input_layernorm": "attn_norm",
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "post_attention_layernorm": "ffn_norm",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}
LLAMA_3: dict[str, Any] = {
    "rope_type": "llama3",
    "rope_theta": 500_000.0,
    "factor": 8.0,
    "low_freq_factor": 1.0,
    "high_freq_factor": 4.0,
    "original_max_position_embeddings": 8192,
}


@pytest.fixture(scope="module")
def tokenizer() -> Any:
    from ecom.quickstart.base import build_tokenizer

    return build_tokenizer(["Which is a shoe?\n0. boot\n1. lamp\nAnswer: 1"] * 4, 512)


def random_model(tokenizer: Any, kind: str = "llama", **settings: Any) -> Any:
    from transformers import CONFIG_MAPPING, AutoModelForCausalLM, set_seed

    shape = {
        "vocab_size": len(tokenizer),
        "hidden_size": 64,
        "intermediate_size": 96,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "max_position_embeddings": 512,
        "tie_word_embeddings": True,
        "eos_token_id": tokenizer.eos_token_id,
        "pad_token_id": tokenizer.pad_token_id,
    }
    set_seed(0)
    model = AutoModelForCausalLM.from_config(CONFIG_MAPPING[kind](**{**shape, **settings}))
    for weight in model.parameters():
        weight.data.normal_(0, 0.2)
    return model.eval()


def write(
    path: Path,
    model: Any,
    tokenizer: Any,
    *,
    arch: str | None = None,
    pre: str | None = "qwen2",
    without: Collection[str] = (),
    more: Mapping[str, Any] = {},
    facts: Mapping[str, Any] = {},
) -> Path:
    import numpy as np
    from gguf import GGUFWriter, TokenType

    shape = model.config
    writer = GGUFWriter(path, arch or shape.model_type)
    writer.add_block_count(shape.num_hidden_layers)
    writer.add_context_length(shape.max_position_embeddings)
    writer.add_embedding_length(shape.hidden_size)
    writer.add_feed_forward_length(shape.intermediate_size)
    writer.add_head_count(shape.num_attention_heads)
    writer.add_head_count_kv(shape.num_key_value_heads)
    writer.add_layer_norm_rms_eps(shape.rms_norm_eps)
    writer.add_rope_dimension_count(_head_dim(shape))
    writer.add_rope_freq_base(shape.rope_parameters["rope_theta"])
    for key, value in facts.items():
        writer.add_key_value(key, *value)
    _write_tokenizer(writer, tokenizer, pre, TokenType)
    for name, tensor in model.state_dict().items():
        named = _named(name)
        if named not in without and not (named == "output.weight" and shape.tie_word_embeddings):
            array = _as_llama_cpp(name, tensor.numpy(), shape)
            writer.add_tensor(named, np.ascontiguousarray(array, dtype=np.float32))
    for named, array in more.items():
        writer.add_tensor(named, np.asarray(array, dtype=np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _write_tokenizer(writer: Any, tokenizer: Any, pre: str | None, types: Any) -> None:
    ids = tokenizer.get_vocab()
    words = sorted(ids, key=ids.__getitem__)
    special = set(tokenizer.all_special_tokens) | set(tokenizer.get_added_vocab())
    merges = json.loads(tokenizer.backend_tokenizer.to_str())["model"]["merges"]
    writer.add_tokenizer_model("gpt2")
    if pre:
        writer.add_tokenizer_pre(pre)
    writer.add_token_list(words)
    writer.add_token_types([types.CONTROL if word in special else types.NORMAL for word in words])
    writer.add_token_merges([" ".join(pair) for pair in merges])
    writer.add_eos_token_id(tokenizer.eos_token_id)
    writer.add_pad_token_id(tokenizer.pad_token_id)
    writer.add_chat_template(tokenizer.get_chat_template())


def _head_dim(shape: Any) -> int:
    return int(getattr(shape, "head_dim", None) or shape.hidden_size / shape.num_attention_heads)


def _as_llama_cpp(name: str, array: Any, shape: Any) -> Any:
    """Return a Llama's queries and keys with the halves of each head interleaved."""
    if shape.model_type != "llama":
        return array
    heads = {"q": shape.num_attention_heads, "k": shape.num_key_value_heads}
    for kind, count in heads.items():
        if f"{kind}_proj" in name:
            halves = array.reshape(count, 2, _head_dim(shape) // 2, *array.shape[1:])
            return halves.swapaxes(1, 2).reshape(array.shape)
    return array


def _named(name: str) -> str:
    if name.startswith("model.layers."):
        _, _, number, rest = name.split(".", 3)
        part, _, kind = rest.rpartition(".")
        return f"blk.{number}.{NAMES[part]}.{kind}"
    return {
        "model.embed_tokens.weight": "token_embd.weight",
        "model.norm.weight": "output_norm.weight",
        "lm_head.weight": "output.weight",
    }[name]


def furthest(folder: Path, model: Any) -> float:
    """Return the largest difference of the logits of a text, relative to the largest logit."""
    import torch
    from transformers import AutoModelForCausalLM

    made = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    tokens = torch.arange(200)[None] % model.config.vocab_size
    with torch.inference_mode():
        ours, theirs = made(tokens).logits, model(tokens).logits
    return float((ours - theirs).abs().max() / theirs.abs().max())


@pytest.mark.parametrize(
    ("kind", "settings"),
    [
        ("qwen2", {}),
        ("llama", {"head_dim": 32}),
        ("llama", {"tie_word_embeddings": False}),
    ],
)
def test_the_directory_is_the_model_of_the_file(
    kind: str, settings: dict[str, Any], tokenizer: Any, tmp_path: Path
) -> None:
    from transformers import AutoTokenizer

    model = random_model(tokenizer, kind, **settings)
    gguf.convert(str(write(tmp_path / "tiny.gguf", model, tokenizer)), tmp_path / "made")
    assert furthest(tmp_path / "made", model) < 2e-3  # fp16
    words = AutoTokenizer.from_pretrained(tmp_path / "made")
    chat = [{"role": "user", "content": "Which is a shoe?\n0. boot\n1. lamp"}]
    ids: list[Any] = [
        one.apply_chat_template(chat, add_generation_prompt=True, return_dict=False)
        for one in (tokenizer, words)
    ]
    assert ids[0] == ids[1]
    assert words.eos_token_id == tokenizer.eos_token_id
    kept = json.loads((tmp_path / "made" / "config.json").read_text())
    assert "quantization_config" not in kept
    [weights] = tmp_path.glob("made/*model*")
    assert (weights.name, weights.stat().st_mode & 0o777) == ("model.safetensors", 0o644)


def test_weights_too_large_for_fp16_are_kept_in_bf16(tokenizer: Any, tmp_path: Path) -> None:
    model = random_model(tokenizer)
    model.model.embed_tokens.weight.data[0, 0] = 1e6
    gguf.convert(str(write(tmp_path / "large.gguf", model, tokenizer)), tmp_path / "made")
    kept = json.loads((tmp_path / "made" / "config.json").read_text())
    assert kept["dtype"] == "bfloat16"


def test_a_llama_3_has_its_scaled_positions(tokenizer: Any, tmp_path: Path) -> None:
    import torch
    from transformers.modeling_rope_utils import ROPE_INIT_FUNCTIONS

    longer: dict[str, Any] = {
        "max_position_embeddings": 131_072,
        "rope_parameters": LLAMA_3,
        "head_dim": 64,
    }
    model = random_model(tokenizer, **longer)
    scaled, _ = ROPE_INIT_FUNCTIONS["llama3"](model.config, "cpu")
    factors = LLAMA_3["rope_theta"] ** -(torch.arange(32) / 32) / scaled
    file = write(tmp_path / "3.gguf", model, tokenizer, more={"rope_freqs.weight": factors})
    gguf.convert(str(file), tmp_path / "made")
    kept = json.loads((tmp_path / "made" / "config.json").read_text())
    assert kept["rope_parameters"] == LLAMA_3
    assert furthest(tmp_path / "made", model) < 2e-3


def test_what_lies_beside_the_file_is_no_part_of_it(tokenizer: Any, tmp_path: Path) -> None:
    from transformers import AutoTokenizer

    model = random_model(tokenizer)
    file = write(tmp_path / "tiny.gguf", model, tokenizer)
    others = {
        "adapter_config.json": {"base_model_name_or_path": "/nowhere", "peft_type": "LORA"},
        "config.json": {"model_type": "bert", "auto_map": {"AutoConfig": "theirs.Config"}},
        "tokenizer_config.json": {"tokenizer_class": "BertTokenizer", "chat_template": "theirs"},
    }
    for name, content in others.items():
        (tmp_path / name).write_text(json.dumps(content))
    gguf.convert(str(file), tmp_path / "made")
    assert furthest(tmp_path / "made", model) < 2e-3
    words = AutoTokenizer.from_pretrained(tmp_path / "made")
    assert words.get_chat_template() == tokenizer.get_chat_template()


def test_it_is_made_once_and_made_again_for_another_file(
    tokenizer: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write(tmp_path / "tiny.gguf", random_model(tokenizer, "qwen2"), tokenizer)
    recipe = load(Path("recipes/laptop.yaml"), [f"base={file}", f"workdir={tmp_path}"])
    first, reused = pipeline.run_stage(recipe, pipeline.BASE)
    assert not reused
    assert pipeline.base(recipe) == str(tmp_path / "base")
    assert (tmp_path / "base" / "model.safetensors").is_file()
    with monkeypatch.context() as nothing:
        nothing.setattr(gguf, "convert", None)
        again, reused = pipeline.run_stage(recipe, pipeline.BASE)
    assert (again.fingerprint, reused) == (first.fingerprint, True)
    write(file, random_model(tokenizer, "qwen2", num_hidden_layers=1), tokenizer)
    other, reused = pipeline.run_stage(recipe, pipeline.BASE)
    assert (other.fingerprint != first.fingerprint, reused) == (True, False)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"<html>not found</html>", "not a GGUF file"),
        (b"GGUF", "transformers cannot read it"),
        (None, r"no such file.*other\.gguf"),
    ],
)
def test_a_file_that_is_none_is_an_error(tmp_path: Path, content: bytes | None, said: str) -> None:
    path = tmp_path / "model.gguf"
    (tmp_path / "other.gguf").touch()
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match=said):
        gguf.convert(str(path), tmp_path / "out")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"arch": "rwkv7"}, "transformers cannot read it: .*rwkv7"),
        ({"without": ["blk.1.ffn_up.weight"]}, r"it lacks model\.layers\.1\.mlp\.up_proj"),
        ({"more": {"blk.0.attn_q.bias": [0.0] * 64}}, r"does not use blk\.0\.attn_q\.bias"),
        ({"more": {"rope_freqs.weight": [4.0] * 8}}, r"rope_freqs\.weight is not that of a Llama"),
        ({"facts": {"llama.rope.scaling.type": ("yarn", 8)}}, r"rope scaling \(yarn\)"),
        ({"facts": {"split.count": (3, 2)}}, "one of 3 parts of a model"),
        ({"pre": "deepseek-llm"}, r"how its tokenizer splits \(deepseek-llm\)"),
        ({"pre": None}, "how its tokenizer splits"),
    ],
)
def test_what_would_become_another_model_is_refused(
    changed: dict[str, Any], said: str, tokenizer: Any, tmp_path: Path
) -> None:
    file = write(tmp_path / "other.gguf", random_model(tokenizer), tokenizer, **changed)
    with pytest.raises(InputError, match=f"{said}.*; "):
        gguf.convert(str(file), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_truncated_file_is_an_error(tokenizer: Any, tmp_path: Path) -> None:
    file = write(tmp_path / "cut.gguf", random_model(tokenizer), tokenizer)
    file.write_bytes(file.read_bytes()[:-50_000])
    with pytest.raises(InputError, match="transformers cannot read it: "):
        gguf.convert(str(file), tmp_path / "out")


def test_a_package_that_is_not_installed_is_named_and_the_recipe_can_be_planned(
    tmp_path: Path,
) -> None:
    from ecom.plan import base

    with pytest.raises(InputError, match="pip install no-such-thing"):
        gguf.find("package:no_such_thing/model.gguf")
    name = "package:no_such_thing/SmolLM2-135M-Instruct.Q4_1.gguf"
    recipe = load(Path("recipes/laptop.yaml"), [f"base={name}", f"workdir={tmp_path}"])
    found = base.find(recipe, Path("recipes"))
    assert (found.config.hidden_size, recipe.compress.group(found.config.to_dict())) == (576, 64)
    broken = tmp_path / "smollm2-135m-instruct-q8_0.gguf"
    recipe = load(Path("recipes/laptop.yaml"), [f"base={broken}", f"workdir={tmp_path}"])
    assert base.find(recipe, Path("recipes")).config.hidden_size == 576
    broken.write_bytes(b"GGUF")
    with pytest.raises(InputError, match="transformers cannot read it"):
        base.find(recipe, Path("recipes"))
