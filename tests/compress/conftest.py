"""Small models, adapters and a corpus for the compress stage, and one whole run of it."""

import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ecom.compress.config import CompressConfig
from ecom.rows import EXAMPLE_SCHEMA, Example, to_dict

LAYERS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
FORMS = ("generation", "multiple-choice", "ranking")


@pytest.fixture(params=["qwen2", "llama"])
def random_model(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A random model of a family, whose logits are far from flat.

    Qwen2 ties its embeddings, in two shards; `bloom-decoder` is saved without its lm_head.
    """
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM

    shape: dict[str, Any] = {
        "vocab_size": 128,
        "hidden_size": 64,
        "intermediate_size": 96,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "head_dim": 16,
        "initializer_range": 0.1,
    }
    own: dict[str, dict[str, Any]] = {
        "qwen2": {"tie_word_embeddings": True},
        "llama": {"mlp_bias": True},
        # What they do outside their layers shows: a window shorter than the rows, scales, caps.
        "mistral": {"sliding_window": 4},
        "smollm3": {"no_rope_layer_interval": 2, "pad_token_id": 0},
        "gemma2": {
            "sliding_window": 4,
            "attn_logit_softcapping": 0.5,
            "final_logit_softcapping": 2.0,
            "head_dim": 32,
        },
        "gemma3_text": {"sliding_window": 4, "num_hidden_layers": 6, "head_dim": 32},
        "granite": {
            "embedding_multiplier": 12.0,
            "residual_multiplier": 0.5,
            "attention_multiplier": 0.5,
            "logits_scaling": 4.0,
        },
        "olmo3": {"sliding_window": 4, "num_hidden_layers": 4},
        "phi3": {"pad_token_id": 0, "sliding_window": 4},
        "glm": {"pad_token_id": 0},
        "glm4": {"pad_token_id": 0},
    }
    family, _, part = request.param.partition("-")
    torch.manual_seed(0)
    path = tmp_path / "random"
    config = AutoConfig.for_model(family, **{**shape, **own.get(family, {})})
    model = AutoModelForCausalLM.from_config(config)
    saved = model.base_model if part == "decoder" else model
    saved.save_pretrained(path, max_shard_size="100KB" if family == "qwen2" else "1GB")
    (path / "tokenizer.json").write_bytes(b'{"any": "bytes\xc3\xa9"}\r\n')
    return path


@pytest.fixture
def make_adapter(tmp_path: Path) -> Callable[..., Path]:
    """`make_adapter(model, **LoraConfig)`: a peft LoRA directory with random weights.

    `head_copy` saves the base's lm_head beside an adapter of it, as peft does by default.
    """

    def make(model: Path, head_copy: bool = False, **settings: Any) -> Path:
        import torch
        from peft import LoraConfig, get_peft_model
        from transformers import AutoModelForCausalLM

        options = {"r": 4, "lora_alpha": 8, "target_modules": LAYERS, "init_lora_weights": False}
        torch.manual_seed(1)
        base = AutoModelForCausalLM.from_pretrained(model)
        peft_model = get_peft_model(base, LoraConfig(**{**options, **settings}))
        for name, weight in peft_model.named_parameters():
            if "lora_magnitude_vector" in name:  # new ones are W + s·BA's own norm: no change
                weight.data *= 0.5 + torch.rand_like(weight)
        peft_model.save_pretrained(str(tmp_path / "adapter"), save_embedding_layers=head_copy)
        return tmp_path / "adapter"

    return make


@dataclass(frozen=True)
class Compressed:
    """One finished run: what went in, the directory that came out, the most it filled in bytes."""

    base: Path
    corpus: Path
    path: Path
    metrics: dict[str, Any]
    config: CompressConfig
    disk: int


def fullest(folder: Path, work: Callable[[], None]) -> int:
    """The most bytes of weights below the folder while `work` runs."""
    most, done = 0, threading.Event()

    def look() -> None:
        nonlocal most
        while not done.wait(0.005):
            with suppress(FileNotFoundError):  # gone since it was listed
                files = folder.rglob("*.safetensors*")
                most = max(most, sum(file.stat().st_size for file in files))

    looking = threading.Thread(target=look)
    looking.start()
    try:
        work()
    finally:
        done.set()
        looking.join()
    return most


@pytest.fixture(scope="session")
def compressed(tmp_path_factory: pytest.TempPathFactory) -> Compressed:
    """A briefly trained Qwen2 whose intermediate_size 160 needs both paddings: 192, then 256."""
    from peft import LoraConfig, get_peft_model

    from ecom import artifact
    from ecom.compress.job import run
    from ecom.forms import Prompting
    from ecom.quickstart.base import build_tokenizer, new_model, save
    from ecom.quickstart.config import TinyBase

    folder = tmp_path_factory.mktemp("compressed")
    shape = TinyBase(vocab_size=512, hidden_size=128, intermediate_size=160, layers=2)
    texts = [f"What does the {a} {b} cost? It costs {n}." for n, (a, b) in enumerate(_things())]
    tokenizer = build_tokenizer(texts, shape.vocab_size)
    model = new_model(shape, tokenizer, seed=0)
    rows = _write_corpus(folder / "corpus", tokenizer, texts)
    _train(model, rows, steps=60)
    save(model, tokenizer, folder / "base")
    adapted = get_peft_model(model, LoraConfig(r=4, target_modules=LAYERS))
    _train(adapted, rows, steps=20)
    adapted.save_pretrained(str(folder / "trained" / "adapter"))
    config = CompressConfig(
        tensor_parallel=2,  # of 128 inputs each has 64: group_size auto is 64
        calibration_rows=24,
        calibration_tokens=64,
        parity_rows=30,
    )
    with artifact.writing(folder / "out", "compress", config.model_dump(), {}) as draft:
        disk = fullest(
            draft.path,
            lambda: run(
                config,
                seed=0,
                prompting=Prompting(system="Help."),
                base=str(folder / "base"),
                trained=folder / "trained",
                corpus=folder / "corpus",
                draft=draft,
            ),
        )
    out = folder / "out"
    return Compressed(folder / "base", folder / "corpus", out, draft.metrics, config, disk)


def _things() -> list[tuple[str, str]]:
    colours = ("red", "blue", "green", "white", "black", "golden")
    return [(c, t) for c in colours for t in ("lamp", "chair", "boot", "desk", "tent", "cup")]


def _write_corpus(corpus: Path, tokenizer: Any, texts: list[str]) -> list[list[int]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    ids = pa.list_(pa.int32())
    schema = EXAMPLE_SCHEMA.append(pa.field("prompt_ids", ids)).append(
        pa.field("response_ids", ids)
    )
    rows = []
    for n, text in enumerate(texts):
        question, answer = text.split("? ")
        example = Example(
            source="test",
            task="price",
            form=FORMS[n % 3],  # type: ignore[arg-type]
            paradigm="GEN",
            skill="concepts",
            prompt=question,
            output=answer,
            split="validation" if n % 4 == 0 else "train",
        )
        asked = tokenizer(f"<|im_start|>{question}?")["input_ids"]
        answered = tokenizer(f" {answer}<|im_end|>")["input_ids"]
        rows.append({**to_dict(example), "prompt_ids": asked, "response_ids": answered})
    for split in ("train", "validation"):
        (corpus / split).mkdir(parents=True)
        part = [row for row in rows if row["split"] == split]
        pq.write_table(pa.Table.from_pylist(part, schema=schema), corpus / split / "0.parquet")
    return [row["prompt_ids"] + row["response_ids"] for row in rows if row["split"] == "train"]


def _train(model: Any, rows: list[list[int]], steps: int) -> None:
    import torch

    width = max(map(len, rows))
    ids = torch.tensor([row + [0] * (width - len(row)) for row in rows])
    labels = torch.tensor([row + [-100] * (width - len(row)) for row in rows])
    weights = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(weights, lr=3e-3)
    for _ in range(steps):
        optimizer.zero_grad()
        model(input_ids=ids, labels=labels).loss.backward()
        optimizer.step()
