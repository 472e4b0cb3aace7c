"""AutoAWQ, AWQ's own implementation for whole models: archived, and correct only on GPUs."""

from ecom.compress.quantizers.quantizer import Quantizer, Task


def quantize(task: Task) -> None:
    """Quantize in fp16; AutoAWQ 0.2.9 draws no random numbers and has no iterations."""
    from awq import AutoAWQForCausalLM
    from torch import nn

    model = AutoAWQForCausalLM.from_pretrained(
        task.source, device_map="cpu", trust_remote_code=False
    )
    widths = [layer.out_features for layer in model.modules() if isinstance(layer, nn.Linear)]
    model.quantize(
        None,
        quant_config={
            "zero_point": True,
            "q_group_size": task.group_size,
            "w_bit": 4,
            "version": "GEMM",
        },
        calib_data=task.blocks,
        max_calib_samples=len(task.blocks),
        max_calib_seq_len=len(task.blocks[0]),
        apply_clip=not any(width % 64 for width in widths[:-1]),  # it asserts so; the last: lm_head
    )
    model.save_quantized(task.target)


def refusal() -> str:
    """Return why it cannot run here, or ""."""
    import torch

    if torch.cuda.is_available():
        return ""
    return (
        "writes garbage on a CPU without a warning (the weights that it tries scales on are never "
        "restored); use a GPU, or compress.quantizer=auto-round"
    )


QUANTIZER = Quantizer(
    package="autoawq==0.2.9",
    module="awq",
    install="pip install --no-build-isolation --no-deps autoawq==0.2.9",
    quantize=quantize,
    refusal=refusal,
)
