"""Intel's AutoRound, which implements AWQ and its own SignRound on CPUs and GPUs.

On import auto-round 0.15.1 patches transformers, torch and datasets and switches on PyTorch's
deterministic mode. It also leaves folders in the current directory, prints its own progress bars
and calls exit().
"""

import gc
import json
import sys
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from ecom.compress.quantizers.quantizer import Quantizer, Task
from ecom.models import families


def quantize(task: Task) -> None:
    """Quantize with AWQ, and tune with SignRound where iterations are set."""
    _import()
    import torch
    from auto_round import AutoRound, AWQConfig
    from transformers import AutoModelForCausalLM, AutoTokenizer

    options: dict[str, Any] = {"iters": task.iterations} if task.iterations else {}
    pairs = scaled(Path(task.source))
    AutoRound(
        # fp32 even for 16-bit models: scales are then multiplied in without loss of precision,
        # and a bfloat16 model's numbers may be beyond fp16.
        AutoModelForCausalLM.from_pretrained(task.source, dtype=torch.float32),
        AutoTokenizer.from_pretrained(task.source),  # required, but not used
        scheme="W4A16",
        bits=4,
        group_size=task.group_size,
        sym=False,
        # AWQ scales and clips as AutoAWQ does, then rounds to nearest; SignRound tunes the rounding
        # and the range. Clips found on 64 tokens were as good as on AutoAWQ's 512, and that search
        # takes most of the time without a GPU.
        alg_configs=[AWQConfig(mappings=pairs), "signround"]
        if task.iterations
        else [AWQConfig(apply_clip=True, clip_n_sample_token=64, mappings=pairs)],
        dataset=[torch.tensor([block]) for block in task.blocks],
        nsamples=len(task.blocks),
        seqlen=len(task.blocks[0]),
        device_map="auto" if torch.cuda.is_available() else "cpu",
        amp=False,
        enable_torch_compile=False,
        seed=task.seed,
        **options,
    ).quantize_and_save(task.target, format="auto_awq")


def scaled(model: Path) -> list[dict[str, Any]] | None:
    """Return which layers AWQ scales with which; None where auto-round knows the family."""
    pairs = families.of(json.loads((model / "config.json").read_text())).scaled
    found = [{"smooth_layer": f"{one}$", "balance_layers": [f"{of}$"]} for one, of in pairs.items()]
    return found or None


@cache
def _import() -> None:
    """Import auto-round, and hide the objects of all libraries from the garbage collector.

    auto-round runs it a dozen times a layer, and it would go through all of them each time: 4 s a
    layer on a CPU. DeepSpeed, where it is installed, would be imported too, for nothing: 2 s.
    """
    sys.modules["deepspeed"] = None  # type: ignore[assignment]
    import_module("auto_round.calibration")  # and what auto-round itself imports only later
    gc.freeze()


QUANTIZER = Quantizer(
    package="auto-round==0.15.1",
    module="auto_round",
    install="pip install auto-round==0.15.1",
    quantize=quantize,
    tunes=True,
)
