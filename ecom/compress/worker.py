"""The process in which auto-round or AutoAWQ runs. quantize.py starts it.

Requests come as JSON lines on stdin, one model each; a line on stdout says that it is done, all
else goes to the log. auto-round 0.15.1 changes transformers, torch and datasets when it is
imported, switches PyTorch's deterministic mode on, leaves folders in the current directory, draws
its own progress bars and calls exit(). In a process of its own none of that reaches the pipeline,
and the memory comes back.
"""

import json
import os
import sys
from collections.abc import Callable
from queue import Queue
from threading import Thread
from typing import Any


def quantize(quantizer: str, **request: Any) -> None:
    """Write request["source"] somewhere below request["target"], in AutoAWQ's GEMM format."""
    quantizers: dict[str, Callable[..., None]] = {"auto-round": _auto_round, "autoawq": _autoawq}
    quantizers[quantizer](**request)


def _auto_round(
    source: str,
    target: str,
    blocks: list[list[int]],
    group_size: int,
    iterations: int,
    seed: int,
) -> None:
    """`blocks` are token ids, all rows of one length."""
    import torch
    from auto_round import AutoRound, AWQConfig
    from transformers import AutoModelForCausalLM, AutoTokenizer

    options: dict[str, Any] = {"iters": iterations} if iterations else {}
    AutoRound(
        # fp32 also where the model is not: scales that are multiplied in cost no precision then,
        # and what a bfloat16 model computes may be beyond fp16.
        AutoModelForCausalLM.from_pretrained(source, dtype=torch.float32),
        AutoTokenizer.from_pretrained(source),  # it wants one, and asks it nothing
        scheme="W4A16",
        bits=4,
        group_size=group_size,
        sym=False,
        # AWQ scales and clips as AutoAWQ does, then rounds to nearest; SignRound tunes the rounding
        # and the range. Clips sought on 64 tokens were as good as on AutoAWQ's 512, and that search
        # takes most of the time where there is no GPU.
        alg_configs=["awq", "signround"]
        if iterations
        else [AWQConfig(apply_clip=True, clip_n_sample_token=64)],
        dataset=[torch.tensor([block]) for block in blocks],
        nsamples=len(blocks),
        seqlen=len(blocks[0]),
        device_map="auto" if torch.cuda.is_available() else "cpu",
        amp=False,
        enable_torch_compile=False,
        seed=seed,
        **options,
    ).quantize_and_save(target, format="auto_awq")


def _autoawq(source: str, target: str, blocks: list[list[int]], group_size: int, **_: int) -> None:
    """AutoAWQ 0.2.9 computes in fp16; it draws no random numbers, and has no iterations."""
    from awq import AutoAWQForCausalLM
    from torch import nn

    model = AutoAWQForCausalLM.from_pretrained(source, device_map="cpu", trust_remote_code=False)
    widths = [layer.out_features for layer in model.modules() if isinstance(layer, nn.Linear)]
    model.quantize(
        None,
        quant_config={
            "zero_point": True,
            "q_group_size": group_size,
            "w_bit": 4,
            "version": "GEMM",
        },
        calib_data=blocks,
        max_calib_samples=len(blocks),
        max_calib_seq_len=len(blocks[0]),
        apply_clip=not any(width % 64 for width in widths[:-1]),  # it asserts so; the last: lm_head
    )
    model.save_quantized(target)


def _serve() -> None:
    """Answer requests until stdin ends; then end at once, be it in the middle of one."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what libraries print is no answer
    requests: Queue[str] = Queue()

    def listen() -> None:
        for line in sys.stdin:
            requests.put(line)
        os._exit(1)  # the parent has gone, be it by kill -9

    Thread(target=listen, daemon=True).start()
    while True:
        quantize(**json.loads(requests.get()))
        print("done", file=answers, flush=True)


if __name__ == "__main__":
    _serve()
