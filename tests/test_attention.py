"""Attention in blocks, against transformers' function for torch's fused kernel."""

from types import SimpleNamespace
from typing import Any

import pytest
import torch
from transformers.integrations.sdpa_attention import sdpa_attention_forward

from ecom.models import attention

SHAPES = [(1, 9, 3, 1, 64), (2, 4, 4, 7, 16), (2, 8, 2, 128, 32), (1, 9, 3, 300, 64)]


def both(shape: tuple[int, ...], **more: Any) -> list[list[torch.Tensor]]:
    """What blocks and the fused kernel make of the same numbers: result and gradients."""
    rows, heads, keys, tokens, width = shape
    generator = torch.Generator().manual_seed(1)

    def drawn(*sizes: int) -> torch.Tensor:
        return torch.randn(*sizes, generator=generator)

    module: Any = SimpleNamespace(is_causal=True, num_key_value_groups=heads // keys)
    query = drawn(rows, heads, tokens, width).requires_grad_()
    key, value = (drawn(rows, keys, tokens, width).requires_grad_() for _ in range(2))
    gradient = drawn(rows, tokens, heads, width)
    made = []
    for attend in (attention.attend, sdpa_attention_forward):
        query.grad = key.grad = value.grad = None
        found, _ = attend(module, query, key, value, None, **more)
        found.backward(gradient)
        made.append([found.detach(), *(x.grad for x in (query, key, value) if x.grad is not None)])
    return made


@pytest.mark.parametrize("shape", SHAPES)
def test_blocks_attend_as_the_fused_kernel_does(shape: tuple[int, ...]) -> None:
    for ours, theirs in zip(*both(shape), strict=True):
        torch.testing.assert_close(ours, theirs, atol=1e-5, rtol=1e-5)


def test_a_models_own_scale_is_used() -> None:
    for ours, theirs in zip(*both(SHAPES[1], scaling=0.7), strict=True):
        torch.testing.assert_close(ours, theirs, atol=1e-5, rtol=1e-5)


def test_positions_that_see_each_other_are_left_to_the_fused_kernel() -> None:
    for ours, theirs in zip(*both(SHAPES[2], is_causal=False), strict=True):
        assert torch.equal(ours, theirs)


def test_padding_on_the_left_is_masked_in_a_model_too() -> None:
    from transformers import AutoModelForCausalLM, LlamaConfig

    torch.manual_seed(1)
    config = LlamaConfig(
        vocab_size=64,
        hidden_size=32,
        intermediate_size=48,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
    )
    model = AutoModelForCausalLM.from_config(config)
    ids = torch.randint(3, 64, (2, 9))
    mask = torch.ones_like(ids)
    mask[1, :4] = 0
    with torch.no_grad():
        fused = [model(ids).logits, model(ids, attention_mask=mask).logits[:, 4:]]
        attention.use_blocks(model)
        blocks = [model(ids).logits, model(ids, attention_mask=mask).logits[:, 4:]]
        made = model.generate(ids, attention_mask=mask, max_new_tokens=4, do_sample=False)
        model.set_attn_implementation("sdpa")
        expected = model.generate(ids, attention_mask=mask, max_new_tokens=4, do_sample=False)
    for ours, theirs in zip(blocks, fused, strict=True):
        torch.testing.assert_close(ours, theirs, atol=1e-5, rtol=1e-5)
    assert torch.equal(made, expected)


def test_capped_scores_are_capped() -> None:
    from transformers import AutoModelForCausalLM, Gemma2Config

    torch.manual_seed(1)
    config = Gemma2Config(
        vocab_size=64,
        hidden_size=32,
        intermediate_size=48,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        head_dim=8,
        attn_logit_softcapping=0.01,
        query_pre_attn_scalar=1,
    )
    model = AutoModelForCausalLM.from_config(config)
    ids = torch.randint(3, 64, (2, 9))
    with torch.no_grad():
        model.set_attn_implementation("eager")
        expected = model(ids).logits
        model.set_attn_implementation("sdpa")
        uncapped = model(ids).logits
        attention.cap(model)
        attention.use_blocks(model)
        assert torch.equal(model(ids).logits, expected)
    assert not torch.allclose(uncapped, expected, atol=1e-4)
