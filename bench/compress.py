"""Memory and seconds to merge and to pad a checkpoint of 6 GB: ecom beside peft.

    make bench-compress         (or: python bench/compress.py [--quick] [--gib 6.5])

A Llama-like model of random bfloat16 weights is made on the fly, in shards of about 1 GB, and a
LoRA adapter of all its linear layers:

    ecom merge     ecom.compress.merge.merge: tensor by tensor
    ecom pad       ecom.compress.pad.pad of what was merged, intermediate_size to group 128 × 4
    peft           from_pretrained, merge_and_unload, save_pretrained: the whole model in memory

Each runs in a separate process; its peak is the resident memory that the system counted for it
(ru_maxrss, which includes mapped files). The results of both merges are compared tensor by tensor
at the end. Needs three times the model's size on disk.

Last line: {"bench": "compress", …}; the ratios are peft's peak and seconds over ecom merge's.
"""

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from torch import Tensor

SHARD_BYTES = 10**9
ARMS = ("ecom merge", "ecom pad", "peft")
SHAPE = {
    "architectures": ["LlamaForCausalLM"],
    "model_type": "llama",
    "vocab_size": 32_000,
    "hidden_size": 2048,
    "intermediate_size": 11_008,  # 86 groups of 128: no multiple of 128 × 4
    "num_attention_heads": 16,
    "num_key_value_heads": 16,
    "max_position_embeddings": 2048,
    "tie_word_embeddings": False,
    "dtype": "bfloat16",
}
RANK, GROUP, RANKS = 16, 128, 4


def make(folder: Path, gib: float) -> None:
    """Write the base, with as many layers as `gib` take, and the adapter."""
    base, adapter = folder / "base", folder / "adapter"
    base.mkdir(parents=True)
    adapter.mkdir()
    hidden, inner = SHAPE["hidden_size"], SHAPE["intermediate_size"]
    assert isinstance(hidden, int)
    assert isinstance(inner, int)
    layer = 2 * (4 * hidden * hidden + 3 * hidden * inner)
    layers = max(1, round(gib * 2**30 / layer))
    (base / "config.json").write_text(json.dumps({**SHAPE, "num_hidden_layers": layers}))
    _write_shards(base, layers)
    config = {
        "peft_type": "LORA",
        "task_type": "CAUSAL_LM",
        "base_model_name_or_path": str(base),
        "r": RANK,
        "lora_alpha": 2 * RANK,
        "target_modules": [name.split(".")[-1] for name in _linear(hidden, inner)],
        "inference_mode": True,
    }
    (adapter / "adapter_config.json").write_text(json.dumps(config))
    _save(adapter / "adapter_model.safetensors", dict(_pairs(layers)))


def _linear(hidden: int, inner: int) -> dict[str, tuple[int, int]]:
    """Return one layer's linear weights (out, in)."""
    attention = {f"self_attn.{side}_proj": (hidden, hidden) for side in "qkvo"}
    mlp = {"mlp.gate_proj": (inner, hidden), "mlp.up_proj": (inner, hidden)}
    return {**attention, **mlp, "mlp.down_proj": (hidden, inner)}


def _weights(layers: int) -> Iterator[tuple[str, tuple[int, ...]]]:
    hidden, inner, words = SHAPE["hidden_size"], SHAPE["intermediate_size"], SHAPE["vocab_size"]
    assert isinstance(hidden, int)
    assert isinstance(inner, int)
    assert isinstance(words, int)
    yield "model.embed_tokens.weight", (words, hidden)
    for number in range(layers):
        for name, shape in _linear(hidden, inner).items():
            yield f"model.layers.{number}.{name}.weight", shape
        for norm in ("input_layernorm", "post_attention_layernorm"):
            yield f"model.layers.{number}.{norm}.weight", (hidden,)
    yield "model.norm.weight", (hidden,)
    yield "lm_head.weight", (words, hidden)


def _pairs(layers: int) -> Iterator[tuple[str, "Tensor"]]:
    import torch

    numbers = torch.Generator().manual_seed(2)
    for name, shape in _weights(layers):
        if name.endswith("_proj.weight"):
            rows, columns = shape
            module = f"base_model.model.{name.removesuffix('.weight')}"
            yield f"{module}.lora_A.weight", torch.randn(RANK, columns, generator=numbers) * 0.02
            yield f"{module}.lora_B.weight", torch.randn(rows, RANK, generator=numbers) * 0.02


def _write_shards(base: Path, layers: int) -> None:
    import torch

    numbers = torch.Generator().manual_seed(1)
    shards: list[dict[str, tuple[int, ...]]] = [{}]
    size = 0
    for name, shape in _weights(layers):
        count = 2 * torch.Size(shape).numel()
        if size + count > SHARD_BYTES:
            shards, size = [*shards, {}], 0
        shards[-1][name] = shape
        size += count
    index: dict[str, str] = {}
    for number, shard in enumerate(shards, 1):
        file = f"model-{number:05}-of-{len(shards):05}.safetensors"
        tensors = {
            name: (torch.randn(shape, generator=numbers) * 0.02).bfloat16()
            for name, shape in shard.items()
        }
        _save(base / file, tensors)
        index |= dict.fromkeys(tensors, file)
    (base / "model.safetensors.index.json").write_text(
        json.dumps({"metadata": {}, "weight_map": index})
    )


def _save(file: Path, tensors: dict[str, "Tensor"]) -> None:
    from safetensors.torch import save_file

    save_file(tensors, file, {"format": "pt"})


def work(arm: str, folder: Path) -> None:
    """Do one arm's work in this process."""
    base, adapter = folder / "base", folder / "adapter"
    if arm == "ecom merge":
        from ecom.compress.merge import merge

        merge(base, [(adapter, 1.0)], folder / "ecom")
    elif arm == "ecom pad":
        from ecom.compress.pad import pad

        pad(folder / "ecom", folder / "padded", GROUP * RANKS)
    else:
        import torch
        from peft import PeftModel
        from transformers import AutoModelForCausalLM

        loaded = AutoModelForCausalLM.from_pretrained(base, dtype=torch.bfloat16)
        model = PeftModel.from_pretrained(loaded, str(adapter))
        model.merge_and_unload().save_pretrained(folder / "peft", max_shard_size="1GB")


def measure(arm: str, folder: Path) -> dict[str, float]:
    """Run one arm in a process of its own; return its seconds and its peak in GB."""
    start = time.perf_counter()
    command = [sys.executable, __file__, "work", arm, str(folder)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{arm} failed:\n{done.stderr[-3000:]}")
    peak = float(done.stdout.strip().splitlines()[-1])
    return {"seconds": time.perf_counter() - start, "peak_gb": peak}


def difference(folder: Path) -> float:
    """Return the largest difference of what ecom and peft merged, one tensor at a time."""
    from ecom.compress import checkpoint

    theirs = checkpoint.shard_of(folder / "peft")
    largest = 0.0
    for shard in checkpoint.shards(folder / "ecom"):
        with checkpoint.tensors(shard) as ours:
            for name in ours.offset_keys():
                with checkpoint.tensors(theirs[name]) as file:
                    gap = ours.get_tensor(name).float() - file.get_tensor(name).float()
                largest = max(largest, float(gap.abs().max()))
    return largest


def show(size: float, found: dict[str, dict[str, float]]) -> None:
    """Print the table."""
    table = Table(title=f"A checkpoint of {size:.1f} GB", title_justify="left")
    for column in ("", "seconds", "peak, GB resident"):
        table.add_column(column, justify="right" if column else "left")
    for arm, run in found.items():
        table.add_row(arm, f"{run['seconds']:.0f}", f"{run['peak_gb']:.2f}")
    Console(width=100).print(table)


def main() -> None:
    """Make the checkpoint, run the arms, print the table and the JSON line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="half a GiB, to try it")
    parser.add_argument("--gib", type=float, default=6.0, help="of the layers; embeddings besides")
    parser.add_argument("--folder", type=Path, help="on a disk with room; default: the system's")
    options = parser.parse_args()
    with TemporaryDirectory(dir=options.folder) as temporary:
        folder = Path(temporary)
        make(folder, 0.5 if options.quick else options.gib)
        size = sum(file.stat().st_size for file in (folder / "base").iterdir()) / 1e9
        found: dict[str, Any] = {arm: measure(arm, folder) for arm in ARMS}
        gap = difference(folder)
    show(size, found)
    print(f"largest difference between both merged models' weights: {gap:g}")
    ours, theirs = found["ecom merge"], found["peft"]
    ratios = {f"peft / ecom merge: {key}": theirs[key] / ours[key] for key in ours}
    raw = {"model_gb": size, "difference": gap, "runs": found}
    print(json.dumps({"bench": "compress", "ratios": ratios, "raw": raw}))


if __name__ == "__main__":
    if sys.argv[1:2] == ["work"]:
        work(sys.argv[2], Path(sys.argv[3]))
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6)
    else:
        main()
