"""A real pretrained model, stories260K, tells its story token for token after what changes nothing.

Random models, in the other tests here, have no text to keep: a wrong head or a stray neuron of a
trained one is seen in what it writes.
"""

import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ecom.compress.merge import merge
from ecom.compress.pad import pad

pytestmark = pytest.mark.model

torch = pytest.importorskip("torch")

START, TOKENS = 1, 200  # <s>, and how much of the story
# How llama2.c's own doc/stories260K.md begins, from the same weights at temperature 0.
OPENING = (
    "Once upon a time, there was a little girl named Lily. She loved to play outside in the park. "
    "One day, she saw a big, red ball."
)


@pytest.fixture(scope="module")
def storyteller(ecom_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The model as a Hugging Face directory, read from llama2.c's own format."""
    from transformers import LlamaConfig, LlamaForCausalLM

    raw = (ecom_data / "tiny_lm" / "stories260K.bin").read_bytes()
    dim, inner, layers, heads, kv_heads, words, length = struct.unpack_from("7i", raw)
    model = LlamaForCausalLM(
        LlamaConfig(
            vocab_size=words,
            hidden_size=dim,
            intermediate_size=inner,
            num_hidden_layers=layers,
            num_attention_heads=heads,
            num_key_value_heads=kv_heads,
            rms_norm_eps=1e-5,
            max_position_embeddings=length,
            tie_word_embeddings=True,
        )
    )
    numbers = torch.frombuffer(bytearray(raw[28:]), dtype=torch.float32)
    model.load_state_dict(_tensors(numbers, model), strict=False)  # lm_head is the embedding
    path = tmp_path_factory.mktemp("story") / "base"
    model.save_pretrained(path)
    return path


def _tensors(numbers: Any, model: Any) -> dict[str, Any]:
    """Cut the file's numbers into tensors; the order is that of llama2.c's memory_map_weights."""
    stacks = [
        "input_layernorm",
        "self_attn.q_proj",
        "self_attn.k_proj",
        "self_attn.v_proj",
        "self_attn.o_proj",
        "post_attention_layernorm",
        "mlp.gate_proj",
        "mlp.down_proj",
        "mlp.up_proj",
    ]
    config, shapes = model.config, model.state_dict()
    heads_of = {"q_proj": config.num_attention_heads, "k_proj": config.num_key_value_heads}
    layers = range(config.num_hidden_layers)
    names = [f"model.layers.{i}.{stack}.weight" for stack in stacks for i in layers]
    found, at = {}, 0
    for name in ["model.embed_tokens.weight", *names, "model.norm.weight"]:
        shape = shapes[name].shape
        found[name] = numbers[at : at + shape.numel()].view(shape)
        at += shape.numel()
        if heads := heads_of.get(name.split(".")[-2]):
            found[name] = _halves(found[name], heads)
    return found


def _halves(weight: Any, heads: int) -> Any:
    """Rotary pairs as transformers has them: one half of a head against the other, not in turns."""
    rows, columns = weight.shape
    pairs = weight.view(heads, rows // heads // 2, 2, columns)
    return pairs.transpose(1, 2).reshape(rows, columns)


def _story(path: Path) -> Any:
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(path, dtype=torch.float32).eval()
    [told] = model.generate(
        torch.tensor([[START]]), do_sample=False, min_new_tokens=TOKENS, max_new_tokens=TOKENS
    )
    return told


def _logits(path: Path, ids: Any) -> Any:
    """In fp64: in fp32, sums of another length round 2e-5 apart at logits of 17."""
    from transformers import AutoModelForCausalLM

    with torch.inference_mode():
        model = AutoModelForCausalLM.from_pretrained(path, dtype=torch.float64)
        return model.eval()(input_ids=ids[None]).logits


def _assert_same_story(base: Path, changed: Path) -> None:
    story = _story(base)
    assert len(story) == 1 + TOKENS
    assert torch.equal(_story(changed), story)
    assert (_logits(changed, story) - _logits(base, story)).abs().max() <= 1e-6


def _text(ids: Any, ecom_data: Path) -> str:
    """Spell tokens by llama2.c's own vocabulary: (score, length, bytes) each."""
    raw, at, words = (ecom_data / "tiny_lm" / "tok512.bin").read_bytes(), 4, []
    while at < len(raw):
        _, size = struct.unpack_from("fi", raw, at)
        words.append(raw[at + 8 : at + 8 + size])
        at += 8 + size
    return b"".join(words[i] for i in ids.tolist()[1:]).decode().replace("▁", " ").strip()


def test_the_base_tells_a_real_story(storyteller: Path, ecom_data: Path) -> None:
    text = _text(_story(storyteller), ecom_data)

    assert text.startswith(OPENING)
    assert len(set(text.split())) > 30


def test_an_adapter_that_has_learnt_nothing_changes_nothing(
    storyteller: Path, make_adapter: Callable[..., Path], tmp_path: Path
) -> None:
    from safetensors.torch import load_file

    adapter = make_adapter(storyteller, init_lora_weights=True)  # peft starts with B = 0
    weights = load_file(adapter / "adapter_model.safetensors")
    assert len(weights) == 2 * 7 * 5  # A and B, of seven linear layers, in five decoder layers
    assert all(bool(w.any()) == ("lora_A" in name) for name, w in weights.items())
    merge(storyteller, [(adapter, 1.0)], tmp_path / "merged")

    _assert_same_story(storyteller, tmp_path / "merged")


def test_zero_padding_changes_nothing(storyteller: Path, tmp_path: Path) -> None:
    from transformers import AutoConfig

    pad(storyteller, tmp_path / "padded", 128)
    sizes = [
        AutoConfig.from_pretrained(path).intermediate_size
        for path in (storyteller, tmp_path / "padded")
    ]
    assert sizes == [172, 256]

    _assert_same_story(storyteller, tmp_path / "padded")
