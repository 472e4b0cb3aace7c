"""AutoRound, Intel's, which carries AWQ and its own SignRound out on CPUs and GPUs.

auto-round 0.15.1 changes transformers, torch and datasets when it is imported, switches PyTorch's
deterministic mode on, leaves folders in the current directory, draws its own progress bars and
calls exit().
"""

from typing import Any

from ecom.compress.quantizers.quantizer import Quantizer, Task


def quantize(task: Task) -> None:
    """Quantize by AWQ, and tune by SignRound where iterations are asked for."""
    import torch
    from auto_round import AutoRound, AWQConfig
    from transformers import AutoModelForCausalLM, AutoTokenizer

    options: dict[str, Any] = {"iters": task.iterations} if task.iterations else {}
    AutoRound(
        # fp32 also where the model is not: scales that are multiplied in cost no precision then,
        # and what a bfloat16 model computes may be beyond fp16.
        AutoModelForCausalLM.from_pretrained(task.source, dtype=torch.float32),
        AutoTokenizer.from_pretrained(task.source),  # required, and not used
        scheme="W4A16",
        bits=4,
        group_size=task.group_size,
        sym=False,
        # AWQ scales and clips as AutoAWQ does, then rounds to nearest; SignRound tunes the rounding
        # and the range. Clips sought on 64 tokens were as good as on AutoAWQ's 512, and that search
        # takes most of the time where there is no GPU.
        alg_configs=["awq", "signround"]
        if task.iterations
        else [AWQConfig(apply_clip=True, clip_n_sample_token=64)],
        dataset=[torch.tensor([block]) for block in task.blocks],
        nsamples=len(task.blocks),
        seqlen=len(task.blocks[0]),
        device_map="auto" if torch.cuda.is_available() else "cpu",
        amp=False,
        enable_torch_compile=False,
        seed=task.seed,
        **options,
    ).quantize_and_save(task.target, format="auto_awq")


QUANTIZER = Quantizer(
    package="auto-round==0.15.1",
    module="auto_round",
    install="pip install auto-round==0.15.1",
    quantize=quantize,
    tunes=True,
)
