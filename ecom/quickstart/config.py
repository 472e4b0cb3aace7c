"""Settings of the quickstart stage: a sample shop, and maybe a tiny base that has read it."""

from pydantic import Field

from ecom.settings import Settings


class TinyBase(Settings):
    """A Qwen2-architecture language model small enough to train on a laptop's CPU."""

    vocab_size: int = Field(default=2048, ge=512)
    """Size of its tokenizer's vocabulary. [tokens]"""
    hidden_size: int = Field(default=128, multiple_of=32)
    """Width of the residual stream."""
    intermediate_size: int = Field(default=352, multiple_of=32)
    """Width of the feed-forward layers."""
    layers: int = Field(default=4, ge=1)
    """Number of decoder layers."""
    heads: int = Field(default=4, ge=1)
    """Attention heads of a layer; vLLM on a CPU takes a head size of hidden_size / heads = 32, 64
    and some more."""
    kv_heads: int = Field(default=2, ge=1)
    """Key-value heads of a layer, which the attention heads share."""
    max_position_embeddings: int = Field(default=1024, ge=128)
    """Longest text that it can read. [tokens]"""
    steps: int = Field(default=300, ge=1)
    """Steps of plain language-model training on the shop's texts. [steps]"""
    rows_per_step: int = Field(default=32, ge=1)
    """Texts of one step. [rows]"""
    learning_rate: float = Field(default=3e-3, gt=0)
    """Largest step size of the optimizer."""


class QuickstartConfig(Settings):
    """The sample shop and the tiny base that has read its texts."""

    train_products: int = Field(default=1500, ge=50)
    """Products that corpus and base are made from. [products]"""
    test_products: int = Field(default=300, ge=50)
    """Further products, used only for the questions of the test. [products]"""
    test_rows_per_task: int = Field(default=40, ge=4)
    """Questions of each task in the test. [rows]"""
    base: TinyBase | None = TinyBase()
    """The tiny base model; null: the shop alone, for another base."""
