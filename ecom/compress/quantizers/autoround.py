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
from ecom.models import attention, families


def quantize(task: Task) -> None:
    """Quantize with AWQ, with GPTQ's rounding for `best`, with SignRound's for iterations."""
    _import()
    import torch
    from auto_round import AutoRound
    from transformers import AutoModelForCausalLM, AutoTokenizer

    options: dict[str, Any] = {"iters": task.iterations} if task.iterations else {}
    model = AutoModelForCausalLM.from_pretrained(task.source, dtype=torch.float32)
    attention.cap(model)
    AutoRound(
        # fp32 even for 16-bit models: scales are then multiplied in without loss of precision,
        # and a bfloat16 model's numbers may be beyond fp16.
        model,
        AutoTokenizer.from_pretrained(task.source),  # required, but not used
        scheme="W4A16",
        bits=4,
        group_size=task.group_size,
        sym=False,
        alg_configs=_algorithms(task),
        dataset=[torch.tensor([block]) for block in task.blocks],
        nsamples=len(task.blocks),
        seqlen=len(task.blocks[0]),
        device_map="auto" if torch.cuda.is_available() else "cpu",
        amp=False,
        enable_torch_compile=False,
        seed=task.seed,
        **options,
    ).quantize_and_save(task.target, format="auto_awq")


def _algorithms(task: Task) -> list[Any]:
    """Return auto-round's algorithms: AWQ scales as AutoAWQ does, the last one rounds."""
    from auto_round import AWQConfig

    pairs = _scaled(Path(task.source))
    if task.effort == "best":
        from ecom.compress.quantizers.autoround_gptq import GPTQConfig

        # GPTQ chooses the ranges, so AWQ need not clip.
        return [AWQConfig(mappings=pairs), GPTQConfig()]
    if task.iterations:
        # SignRound tunes the rounding and the range.
        return [AWQConfig(mappings=pairs), "signround"]
    # AWQ clips as AutoAWQ does, then rounds to nearest. Clips found on 64 tokens were as good as on
    # AutoAWQ's 512, and that search takes most of the time without a GPU.
    return [AWQConfig(apply_clip=True, clip_n_sample_token=64, mappings=pairs)]


def _scaled(model: Path) -> list[dict[str, Any]] | None:
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
