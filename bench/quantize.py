"""Seconds and memory to quantize one model: ecom beside plain auto-round, GPTQModel and others.

    make bench-compress         (or: python bench/quantize.py [--quick] [--layers 12])

A Llama-like model of random bfloat16 weights is made on the fly, 512 wide, and quantized to 4 bit
AWQ in groups of 128 on the same 512 tokens, on CPU, by

    ecom              ecom.compress.quantize.quantize: a layer at a time, auto-round in its worker
    auto-round        0.15.1, the whole model at once; it scales, and does not clip by default
    GPTQModel         7.6.0, method AWQ, its torch kernels
    llm-compressor    0.14.0, AWQModifier (its format is not AutoAWQ's), repaired: it pins memory
                      even without a GPU
    AutoAWQ           0.2.9, repaired: on a CPU its own code never restores the weights it tries

Each runs in a separate process; the peak is the resident memory of that process and its children,
sampled every 200 ms. The last three are not part of ecom: uv installs them into a temporary folder,
and one that does not install or run is reported and left out.

Last line: {"bench": "quantize", …}; the ratios are each one's seconds and peak over ecom's.
"""

import argparse
import inspect
import json
import os
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
from rich.console import Console
from rich.table import Table

GROUP, ROWS, LENGTH, WORDS = 128, 4, 128, 32_000
PEERS = {  # what uv installs, and what of it this environment has already
    "GPTQModel": ["--no-build-isolation", "gptqmodel==7.6.0"],
    "llm-compressor": ["llmcompressor==0.14.0"],
    "AutoAWQ": ["--no-build-isolation", "--no-deps", "autoawq==0.2.9"],
}
OWN = (
    "torch",
    "transformers",
    "accelerate",
    "datasets",
    "numpy",
    "pandas",
    "pyarrow",
    "safetensors",
    "tokenizers",
    "huggingface-hub",
    "torchvision",
    "triton",
)


def make(target: Path, layers: int) -> None:
    """Write the model and a tokenizer of as many words."""
    import torch
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from transformers import AutoModelForCausalLM, LlamaConfig, PreTrainedTokenizerFast

    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=WORDS,
        hidden_size=512,
        intermediate_size=1408,
        num_hidden_layers=layers,
        num_attention_heads=8,
        num_key_value_heads=8,
        max_position_embeddings=2048,
        tie_word_embeddings=False,
    )
    model = AutoModelForCausalLM.from_config(config, dtype=torch.bfloat16)
    model.save_pretrained(target)
    words = WordLevel({f"w{n}": n for n in range(WORDS)}, unk_token="w0")
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=Tokenizer(words), unk_token="w0", pad_token="w0", eos_token="w1"
    )
    tokenizer.save_pretrained(target)


def blocks() -> list[list[int]]:
    """Return the calibration rows, token ids."""
    import torch

    numbers = torch.Generator().manual_seed(1)
    rows: list[list[int]] = torch.randint(WORDS, (ROWS, LENGTH), generator=numbers).tolist()
    return rows


def ecom(model: Path, out: Path) -> None:
    """Quantize with ecom."""
    from ecom.compress.config import CompressConfig
    from ecom.compress.quantize import quantize

    quantize(model, out, blocks(), CompressConfig(group_size=GROUP), 0, print)


def auto_round(model: Path, out: Path) -> None:
    """Quantize with auto-round, which holds the whole model."""
    import torch
    from auto_round import AutoRound
    from transformers import AutoModelForCausalLM, AutoTokenizer

    AutoRound(
        AutoModelForCausalLM.from_pretrained(model, dtype="auto"),
        AutoTokenizer.from_pretrained(model),
        scheme="W4A16",
        bits=4,
        group_size=GROUP,
        sym=False,
        alg_configs=["awq"],
        dataset=[torch.tensor([row]) for row in blocks()],
        nsamples=ROWS,
        seqlen=LENGTH,
        device_map="cpu",
        enable_torch_compile=False,
    ).quantize_and_save(str(out), format="auto_awq")


def gptqmodel(model: Path, out: Path) -> None:
    """Quantize with GPTQModel."""
    from gptqmodel import BACKEND, GPTQModel, QuantizeConfig
    from gptqmodel.quantization.config import FORMAT, METHOD

    config = QuantizeConfig(
        bits=4,
        group_size=GROUP,
        sym=False,
        desc_act=False,
        method=METHOD.AWQ,
        format=FORMAT.GEMM,
        device="cpu",
    )
    loaded = GPTQModel.load(str(model), config)
    rows = [{"input_ids": row, "attention_mask": [1] * LENGTH} for row in blocks()]
    loaded.quantize(rows, backend=BACKEND.AWQ_TORCH, batch_size=8)
    loaded.save(str(out))


def llm_compressor(model: Path, out: Path) -> None:
    """Quantize with llm-compressor."""
    from datasets import Dataset
    from llmcompressor import oneshot
    from llmcompressor.modifiers.awq import AWQModifier
    from llmcompressor.pipelines.cache import IntermediatesCache

    IntermediatesCache._pin_intermediate = lambda *_: None
    rows = {"input_ids": blocks(), "attention_mask": [[1] * LENGTH] * ROWS}
    recipe = AWQModifier(ignore=["lm_head"], scheme="W4A16_ASYM", targets=["Linear"])
    oneshot(
        model=str(model),
        dataset=Dataset.from_dict(rows),
        recipe=[recipe],
        output_dir=str(out),
        max_seq_length=LENGTH,
        num_calibration_samples=ROWS,
    )


def autoawq(model: Path, out: Path) -> None:
    """Quantize with AutoAWQ, its backup of the weights made a copy."""
    from awq import AutoAWQForCausalLM
    from awq.quantize import quantizer

    method = quantizer.AwqQuantizer._compute_best_scale
    text = textwrap.dedent(inspect.getsource(method)).replace("v.cpu() for", "v.cpu().clone() for")
    names = dict(vars(quantizer))
    exec(text, names)
    quantizer.AwqQuantizer._compute_best_scale = names[method.__name__]
    loaded = AutoAWQForCausalLM.from_pretrained(str(model), device_map="cpu")
    loaded.quantize(
        None,
        {"zero_point": True, "q_group_size": GROUP, "w_bit": 4, "version": "GEMM"},
        calib_data=blocks(),
        max_calib_samples=ROWS,
        max_calib_seq_len=LENGTH,
    )
    loaded.save_quantized(str(out))


ARMS: dict[str, Callable[[Path, Path], None]] = {
    "ecom": ecom,
    "auto-round": auto_round,
    "GPTQModel": gptqmodel,
    "llm-compressor": llm_compressor,
    "AutoAWQ": autoawq,
}


def install(arm: str, folder: Path) -> Path | None:
    """Return a folder with the packages that an arm needs beside this environment's."""
    target, own = folder / "packages" / arm, folder / "own.txt"
    own.write_text("\n".join(OWN))
    done = subprocess.run(
        [
            "uv",
            "pip",
            "install",
            "--python",
            sys.executable,
            "--target",
            str(target),
            "--excludes",
            str(own),
            *PEERS[arm],
        ],
        check=False,
        capture_output=True,
        text=True,
        env={**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
    )
    if done.returncode:
        print(f"{arm} does not install:\n{done.stderr[-1000:]}", file=sys.stderr)
        return None
    return target


def measure(arm: str, folder: Path) -> dict[str, float] | None:
    """Run one arm in a process of its own; return its seconds and its peak in GB."""
    packages = install(arm, folder) if arm in PEERS else None
    if arm in PEERS and packages is None:
        return None
    env = {**os.environ, "GPTQMODEL_CPU_WORKERS": "2", "PYTHONPATH": str(packages or "")}
    command = [sys.executable, __file__, "work", arm, str(folder)]
    log, start, peak = folder / f"{arm}.log", time.perf_counter(), 0.0
    with log.open("w") as output:
        process = psutil.Popen(command, env=env, stdout=output, stderr=output, cwd=folder)
        while process.poll() is None:
            peak = max(peak, resident(process))
            time.sleep(0.2)
    if process.returncode:
        print(f"{arm} failed:\n{log.read_text()[-1500:]}", file=sys.stderr)
        return None
    return {"seconds": time.perf_counter() - start, "peak_gb": peak}


def resident(process: psutil.Popen) -> float:
    """Return the GB of a process and its children, 0 where it has just ended."""
    try:
        family = [process, *process.children(recursive=True)]
        return float(sum(one.memory_info().rss for one in family)) / 1e9
    except psutil.Error:
        return 0.0


def main() -> None:
    """Make the model, run the arms, print the table and the JSON line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="two layers, to try it")
    parser.add_argument("--layers", type=int, default=12)
    options = parser.parse_args()
    layers = 2 if options.quick else options.layers
    found: dict[str, dict[str, float]] = {}
    with TemporaryDirectory() as temporary:
        folder = Path(temporary)
        make(folder / "model", layers)
        size = sum(file.stat().st_size for file in folder.glob("model/*.safetensors")) / 1e9
        for arm in ARMS:
            run = measure(arm, folder)
            if run:
                found[arm] = run
    table = Table(title=f"{layers} layers, {size:.2f} GB", title_justify="left")
    for column in ("", "seconds", "peak, GB resident"):
        table.add_column(column, justify="right" if column else "left")
    for arm, run in found.items():
        table.add_row(arm, f"{run['seconds']:.0f}", f"{run['peak_gb']:.2f}")
    Console(width=100).print(table)
    ratios = {
        f"{arm} / ecom: {key}": run[key] / found["ecom"][key]
        for arm, run in found.items()
        if arm != "ecom"
        for key in run
    }
    print(json.dumps({"bench": "quantize", "ratios": ratios, "raw": {"model_gb": size, **found}}))


if __name__ == "__main__":
    if sys.argv[1:2] == ["work"]:
        ARMS[sys.argv[2]](Path(sys.argv[3]) / "model", Path(sys.argv[3]) / sys.argv[2])
    else:
        main()
