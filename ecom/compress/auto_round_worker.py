"""The process in which auto-round runs. quantize.py starts it and writes one JSON line to stdin.

auto-round 0.15.1 changes transformers, torch and datasets when it is imported, switches PyTorch's
deterministic mode on, leaves folders in the current directory, draws its own progress bars and
calls exit(). In a process of its own none of that reaches the pipeline, and the memory comes back.
"""

import json
import os
import sys
from threading import Thread
from typing import Any


def quantize(
    source: str,
    target: str,
    blocks: list[list[int]],
    group_size: int,
    iterations: int,
    seed: int,
) -> None:
    """Write `source` somewhere below `target`; `blocks` are token ids, all of one length."""
    import torch
    from auto_round import AutoRound
    from transformers import AutoModelForCausalLM, AutoTokenizer

    model = AutoModelForCausalLM.from_pretrained(source, dtype="auto")
    options: dict[str, Any] = {"iters": iterations} if iterations else {}
    AutoRound(
        model,
        AutoTokenizer.from_pretrained(source),
        scheme="W4A16",
        bits=4,
        group_size=group_size,
        sym=False,
        # Plain AWQ scales, then rounds to nearest; SignRound tunes that rounding.
        alg_configs=["awq", "signround"] if iterations else ["awq"],
        dataset=[torch.tensor([block]) for block in blocks],
        nsamples=len(blocks),
        seqlen=len(blocks[0]),
        device_map="auto" if torch.cuda.is_available() else "cpu",
        # Compute in the stored dtype: auto-round would take fp32 models to bf16.
        amp=model.dtype != torch.float32,
        enable_torch_compile=False,
        seed=seed,
        **options,
    ).quantize_and_save(target, format="auto_awq")


def _end_with_parent() -> None:
    sys.stdin.read()  # returns when the other end is closed, be it by kill -9
    os._exit(1)


if __name__ == "__main__":
    request = json.loads(sys.stdin.readline())
    Thread(target=_end_with_parent, daemon=True).start()
    quantize(**request)
