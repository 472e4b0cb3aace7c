"""Seconds and memory to quantize one model: ecom beside plain auto-round, GPTQModel and others.

    make bench-compress         (or: python bench/quantize.py [--quick] [--layers 12])
    python bench/quantize.py --model RUN/compress/merged --corpus RUN/corpus

A Llama-like model of random bfloat16 weights is made on the fly, 512 wide, and quantized to 4 bit
AWQ in groups of 128 on the same 512 tokens, on CPU, by

    ecom              ecom.compress.quantize.quantize, effort fast: a layer at a time, auto-round in
                      its worker
    ecom best         the same, effort best: GPTQ's rounding over AWQ's scales
    auto-round        0.15.1, the whole model at once; it scales, and does not clip by default
    GPTQModel         7.6.0, method AWQ, its torch kernels
    llm-compressor    0.14.0, AWQModifier (its format is not AutoAWQ's), repaired: it pins memory
                      even without a GPU
    AutoAWQ           0.2.9, repaired: on a CPU its own code never restores the weights it tries

With --model and --corpus it is a real one, calibrated on 128 training rows in blocks of 256 tokens
and groups of 64, and 16 bit and each 4-bit form in AutoAWQ's format get their perplexity on 200
validation rows, which takes a minute each.

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
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

import psutil
from rich.console import Console
from rich.table import Table

ROWS, LENGTH, WORDS = 4, 128, 32_000
CALIBRATED, TOKENS, HELD_OUT = 128, 256, 200  # of a real model
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


def random_blocks() -> list[list[int]]:
    """Return calibration rows of random words, token ids."""
    import torch

    numbers = torch.Generator().manual_seed(1)
    rows: list[list[int]] = torch.randint(WORDS, (ROWS, LENGTH), generator=numbers).tolist()
    return rows


def real_blocks(corpus: Path) -> list[list[int]]:
    """Return blocks of a corpus's training rows."""
    from ecom.compress.quantize import calibration_blocks
    from ecom.compress.sample import draw

    return calibration_blocks(draw(corpus, "train", CALIBRATED, seed=0), TOKENS)


def blocks(model: Path) -> list[list[int]]:
    """Return the calibration rows, written beside the model."""
    found: list[list[int]] = json.loads((model.parent / "blocks.json").read_text())
    return found


def group(model: Path) -> int:
    """Return the group size, which divides the model's sizes."""
    from ecom.models.divisibility import group_size

    return group_size(json.loads((model / "config.json").read_text()), ranks=1)


def ecom(effort: Literal["fast", "best"], model: Path, out: Path) -> None:
    """Quantize with ecom."""
    from ecom.compress.config import CompressConfig
    from ecom.compress.quantize import quantize

    quantize(model, out, blocks(model), CompressConfig(effort=effort), 0, print)


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
        group_size=group(model),
        sym=False,
        alg_configs=["awq"],
        dataset=[torch.tensor([row]) for row in blocks(model)],
        nsamples=len(blocks(model)),
        seqlen=len(blocks(model)[0]),
        device_map="cpu",
        enable_torch_compile=False,
    ).quantize_and_save(str(out), format="auto_awq")


def gptqmodel(model: Path, out: Path) -> None:
    """Quantize with GPTQModel."""
    from gptqmodel import BACKEND, GPTQModel, QuantizeConfig
    from gptqmodel.quantization.config import FORMAT, METHOD

    config = QuantizeConfig(
        bits=4,
        group_size=group(model),
        sym=False,
        desc_act=False,
        method=METHOD.AWQ,
        format=FORMAT.GEMM,
        device="cpu",
    )
    loaded = GPTQModel.load(str(model), config)
    rows = [{"input_ids": row, "attention_mask": [1] * len(row)} for row in blocks(model)]
    loaded.quantize(rows, backend=BACKEND.AWQ_TORCH, batch_size=8)
    loaded.save(str(out))


def llm_compressor(model: Path, out: Path) -> None:
    """Quantize with llm-compressor."""
    from datasets import Dataset
    from llmcompressor import oneshot
    from llmcompressor.modifiers.awq import AWQModifier
    from llmcompressor.pipelines.cache import IntermediatesCache

    IntermediatesCache._pin_intermediate = lambda *_: None
    given = blocks(model)
    rows = {"input_ids": given, "attention_mask": [[1] * len(row) for row in given]}
    recipe = AWQModifier(ignore=["lm_head"], scheme="W4A16_ASYM", targets=["Linear"])
    oneshot(
        model=str(model),
        dataset=Dataset.from_dict(rows),
        recipe=[recipe],
        output_dir=str(out),
        max_seq_length=len(given[0]),
        num_calibration_samples=len(given),
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
        {"zero_point": True, "q_group_size": group(model), "w_bit": 4, "version": "GEMM"},
        calib_data=blocks(model),
        max_calib_samples=len(blocks(model)),
        max_calib_seq_len=len(blocks(model)[0]),
    )
    loaded.save_quantized(str(out))


ARMS: dict[str, Callable[[Path, Path], None]] = {
    "ecom": partial(ecom, "fast"),
    "ecom best": partial(ecom, "best"),
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


def perplexity(corpus: Path, model: Path, packed: Path | None) -> float | None:
    """Return the model's perplexity on validation rows, with the weights of `packed` if given.

    None where these are in another format than AutoAWQ's.
    """
    from ecom.compress import awq, parity, streamed
    from ecom.compress.sample import draw

    read = streamed.reader(model)
    if packed is not None:
        made = next((file.parent for file in packed.rglob("config.json")), None)
        if made is None or not any(made.glob("*.safetensors")):
            return None
        config = json.loads((made / "config.json").read_text())
        if config.get("quantization_config", {}).get("quant_method") != "awq":
            return None
        read = awq.reader(made)
    rows = draw(corpus, "validation", HELD_OUT, seed=0)
    said = streamed.response_logits(streamed.skeleton(model), read, rows)
    return parity.perplexity(said, rows)


def main() -> None:
    """Make the model, run the arms, print the table and the JSON line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="two layers, to try it")
    parser.add_argument("--layers", type=int, default=12)
    parser.add_argument("--model", type=Path, help="a 16-bit model's directory; with --corpus")
    parser.add_argument("--corpus", type=Path, help="the corpus stage's directory")
    options = parser.parse_args()
    if (options.model is None) != (options.corpus is None):
        parser.error("--model and --corpus belong together")
    found: dict[str, dict[str, float]] = {}
    with TemporaryDirectory() as temporary:
        folder = Path(temporary)
        model = folder / "model"
        if options.model:
            model.symlink_to(options.model.absolute())
            rows = real_blocks(options.corpus.absolute())
        else:
            make(model, 2 if options.quick else options.layers)
            rows = random_blocks()
        (folder / "blocks.json").write_text(json.dumps(rows))
        size = sum(file.stat().st_size for file in model.glob("*.safetensors")) / 1e9
        if options.corpus:
            found["16 bit"] = {"perplexity": perplexity(options.corpus, model, None) or 0.0}
        for arm in ARMS:
            run = measure(arm, folder)
            if run is None:
                continue
            found[arm] = run
            if options.corpus and (loss := perplexity(options.corpus, model, folder / arm)):
                run["perplexity"] = loss
    table = Table(title=f"{size:.2f} GB, {sum(map(len, rows)):,} tokens", title_justify="left")
    for column in ("", "seconds", "peak, GB resident", "perplexity"):
        table.add_column(column, justify="right" if column else "left")
    for arm, run in found.items():
        numbers = (("seconds", ".0f"), ("peak_gb", ".2f"), ("perplexity", ".3f"))
        table.add_row(arm, *(format(run[key], as_) if key in run else "" for key, as_ in numbers))
    Console(width=100).print(table)
    ratios = {
        f"{arm} / ecom: {key}": run[key] / found["ecom"][key]
        for arm, run in found.items()
        if arm != "ecom"
        for key in run
        if key in found["ecom"]
    }
    print(json.dumps({"bench": "quantize", "ratios": ratios, "raw": {"model_gb": size, **found}}))


if __name__ == "__main__":
    if sys.argv[1:2] == ["work"]:
        ARMS[sys.argv[2]](Path(sys.argv[3]) / "model", Path(sys.argv[3]) / sys.argv[2])
    else:
        main()
