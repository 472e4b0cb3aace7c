"""What the machine's facts mean for each kind of work, in one line each."""

from collections.abc import Mapping, Sequence
from typing import Any

from ecom import hardware
from ecom.doctor.finding import Finding, gb

# Qwen2.5-7B has 7.6 billion parameters. 1.1 billion are in embeddings, which stay in 16 bits; AWQ
# in groups of 128 takes 4.16 bits for each of the others.
SEVEN_B_BYTES = {True: 5_570_000_000, False: 15_230_000_000}  # by whether 4-bit


def say(facts: Mapping[str, Any], findings: Sequence[Finding]) -> dict[str, str]:
    """Return a line for the quickstart, and for training, compressing and serving.

    `facts` holds what the checks' `look` returned, by name; a check that failed is absent.
    """
    return {
        "quickstart": _quickstart(findings),
        "train": _train(facts),
        "compress": _compress(facts),
        "serve": _serve(facts),
    }


def _quickstart(findings: Sequence[Finding]) -> str:
    problems = dict.fromkeys(f.what for f in findings if f.level == "problem")
    return f"no: {', '.join(problems)}" if problems else "yes"


def _train(facts: Mapping[str, Any]) -> str:
    if gpu := _gpu(facts):
        count = len(facts["gpus"].found)
        precision = "bf16" if gpu.bfloat16 else "fp16 with loss scaling"
        name = hardware.name_of(gpu.name, gpu.memory)
        named = f"train.workers={count}, train.accelerator={name}"
        if name == "any-gpu":
            named += f", train.precision={'bf16' if gpu.bfloat16 else 'fp16'}"
        return f"on {count} × {gpu.name} in {precision}: {named}"
    workers = max(1, int(facts["processor"].cores)) if "processor" in facts else 1
    return f"on the CPU in fp32, one core for each worker: train.workers={workers}, or fewer"


def _compress(facts: Mapping[str, Any]) -> str:
    where = f"on {gpu.name}" if (gpu := _gpu(facts)) else "on the CPU"
    room = f"; {gb(facts['memory'].available)} of memory for it" if "memory" in facts else ""
    return f"{where}, one layer after the other{room}"


def _serve(facts: Mapping[str, Any]) -> str:
    if gpu := _gpu(facts):
        if not hardware.vllm(gpu.capability):
            return f"not on {gpu.name}: vLLM begins at compute capability 7.5"
        named = f"engine.accelerator={hardware.name_of(gpu.name, gpu.memory)}"
        return f"on {gpu.name}, 4-bit, {named}; {_left(gpu.memory, True)}"
    processor = facts.get("processor")
    if not processor or processor.kernels in ("", "none"):
        return "not here"
    four_bit = processor.four_bit_kernel
    weights = "4-bit" if four_bit else "4-bit weights expanded to 16 bits, and slower"
    room = f"; {_left(facts['memory'].available, four_bit)}" if "memory" in facts else ""
    return f"on the CPU, {weights}{room}"


def _left(room: int, four_bit: bool) -> str:
    weights = SEVEN_B_BYTES[four_bit]
    if weights >= room:
        return f"a 7B model's weights, {gb(weights)}, do not fit"
    return f"a 7B model's weights take {gb(weights)}, which leaves {gb(room - weights)}"


def _gpu(facts: Mapping[str, Any]) -> Any:
    """Return the first GPU that torch can use."""
    gpus = facts.get("gpus")
    return gpus.found[0] if gpus and gpus.usable else None
