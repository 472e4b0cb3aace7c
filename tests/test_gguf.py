"""A base in a GGUF file, written here with llama.cpp's own library."""

import json
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


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A random Qwen2 and its tokenizer, saved by transformers."""
    from transformers import AutoModelForCausalLM, AutoTokenizer

    from ecom.quickstart.base import build_tokenizer, new_model, save
    from ecom.quickstart.config import TinyBase

    shape = TinyBase(
        vocab_size=512, hidden_size=64, intermediate_size=96, layers=2, heads=2, kv_heads=1
    )
    folder = tmp_path_factory.mktemp("source")
    tokenizer = build_tokenizer(["Which is a shoe?\n0. boot\n1. lamp\nAnswer: 1"] * 4, 512)
    save(new_model(shape, tokenizer, seed=0), tokenizer, folder)
    network = AutoModelForCausalLM.from_pretrained(folder)
    network.resize_token_embeddings(len(tokenizer))
    return network, AutoTokenizer.from_pretrained(folder)


@pytest.fixture(scope="module")
def file(model: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return put_down(model, tmp_path_factory.mktemp("gguf") / "tiny-Q8_0.gguf")


def put_down(model: tuple[Any, Any], path: Path, arch: str = "qwen2") -> Path:
    import numpy as np
    from gguf import GGUFWriter, TokenType

    network, tokenizer = model
    shape, writer = network.config, GGUFWriter(path, arch)
    writer.add_block_count(shape.num_hidden_layers)
    writer.add_context_length(shape.max_position_embeddings)
    writer.add_embedding_length(shape.hidden_size)
    writer.add_feed_forward_length(shape.intermediate_size)
    writer.add_head_count(shape.num_attention_heads)
    writer.add_head_count_kv(shape.num_key_value_heads)
    writer.add_layer_norm_rms_eps(shape.rms_norm_eps)
    writer.add_rope_freq_base(shape.rope_parameters["rope_theta"])
    ids = tokenizer.get_vocab()
    words = sorted(ids, key=ids.__getitem__)
    special = set(tokenizer.all_special_tokens) | set(tokenizer.get_added_vocab())
    merges = json.loads(tokenizer.backend_tokenizer.to_str())["model"]["merges"]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("qwen2")
    writer.add_token_list(words)
    writer.add_token_types(
        [TokenType.CONTROL if word in special else TokenType.NORMAL for word in words]
    )
    writer.add_token_merges([" ".join(pair) for pair in merges])
    writer.add_eos_token_id(tokenizer.eos_token_id)
    writer.add_pad_token_id(tokenizer.pad_token_id)
    writer.add_chat_template(tokenizer.get_chat_template())
    for name, tensor in network.state_dict().items():
        if not name.startswith("lm_head"):
            writer.add_tensor(_named(name), tensor.float().numpy().astype(np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _named(name: str) -> str:
    if name.startswith("model.layers."):
        _, _, number, rest = name.split(".", 3)
        part, _, kind = rest.rpartition(".")
        return f"blk.{number}.{NAMES[part]}.{kind}"
    return {
        "model.embed_tokens.weight": "token_embd.weight",
        "model.norm.weight": "output_norm.weight",
    }[name]


def test_the_directory_is_the_model_of_the_file(model: Any, file: Path, tmp_path: Path) -> None:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    gguf.convert(str(file), tmp_path)
    network, tokenizer = model
    made = AutoModelForCausalLM.from_pretrained(tmp_path, dtype=torch.float32)
    words = AutoTokenizer.from_pretrained(tmp_path)
    chat = [{"role": "user", "content": "Which is a shoe?\n0. boot\n1. lamp"}]
    ids: list[Any] = [
        one.apply_chat_template(chat, add_generation_prompt=True, return_dict=False)
        for one in (tokenizer, words)
    ]
    assert ids[0] == ids[1]
    with torch.inference_mode():
        tokens = torch.tensor([ids[0]])
        ours, theirs = (one.float()(tokens).logits for one in (made, network))
    assert (ours - theirs).abs().max() < 2e-3 * theirs.abs().max()  # fp16
    kept = json.loads((tmp_path / "config.json").read_text())
    assert "quantization_config" not in kept
    assert words.eos_token_id == tokenizer.eos_token_id
    assert [path.suffix for path in tmp_path.glob("*model*")] == [".safetensors"]


def test_it_is_made_once_and_the_corpus_stage_reads_it(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = load(Path("recipes/laptop.yaml"), [f"base={file}", f"workdir={tmp_path}"])
    first, reused = pipeline.run_stage(recipe, pipeline.BASE)
    assert not reused
    assert pipeline.base(recipe) == str(tmp_path / "base")
    assert (tmp_path / "base" / "model.safetensors").is_file()
    monkeypatch.setattr(gguf, "convert", None)
    again, reused = pipeline.run_stage(recipe, pipeline.BASE)
    assert (again.fingerprint, reused) == (first.fingerprint, True)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"<html>not found</html>", "not a GGUF file"),
        (b"GGUF", "transformers cannot read it"),
        (None, "no such file"),
    ],
)
def test_a_file_that_is_none_is_an_error(tmp_path: Path, content: bytes | None, said: str) -> None:
    path = tmp_path / "model.gguf"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match=said):
        gguf.convert(str(path), tmp_path / "out")


def test_a_truncated_file_and_an_unknown_architecture_are_errors(
    model: Any, file: Path, tmp_path: Path
) -> None:
    cut = tmp_path / "cut.gguf"
    cut.write_bytes(file.read_bytes()[:-50_000])
    other = put_down(model, tmp_path / "other.gguf", arch="rwkv7")
    for path in (cut, other):
        with pytest.raises(InputError, match="transformers cannot read it: "):
            gguf.convert(str(path), tmp_path / "out")


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
