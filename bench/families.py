"""A tiny model of each family: merged, in 4 bits, and as vLLM answers on one rank and on two.

    make bench-families         (or: python bench/families.py [MODEL_TYPE …])

A model of two to six layers is trained on 72 sentences of 108, an adapter on top of it for a few
steps more. The compress stage merges it, pads its MLP from 144 neurons to 160 and 192 and quantizes
it in groups of 32, for two ranks. Columns:

    merge       largest difference of logits: the merged model and base + adapter, as peft runs it
    padding     the same: padded and not padded
    perplexity  of held-out answers: merged, AWQ, round-to-nearest
    vLLM        of the AWQ model in vLLM, on one rank and on two, beside transformers' own: its
                perplexity, and how many of its greedy answers are transformers' token by token

transformers runs the AWQ model's weights, unpacked, in fp32, and vLLM computes in bfloat16, as it
does on CPUs: where two tokens are about equally likely an answer may differ.

Last line: {"bench": "families", …}.
"""

import argparse
import json
import math
import os
import random
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rich.console import Console
from rich.table import Table

from ecom.models import families

RANKS = (1, 2)
TYPES = [kind for family in families.FAMILIES if family.compressed for kind in family.model_types]
SHAPE: dict[str, Any] = {
    "hidden_size": 128,
    "intermediate_size": 144,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 32,
    "max_position_embeddings": 512,
    "initializer_range": 0.05,
}
WIDE = {"head_dim": 64, "query_pre_attn_scalar": 64}  # heads × head_dim is not the hidden size
OWN: dict[str, dict[str, Any]] = {  # what sets a family apart is large enough to be seen
    "llama": {
        "rope_parameters": {
            "rope_type": "llama3",
            "rope_theta": 10000.0,
            "factor": 8.0,
            "low_freq_factor": 1.0,
            "high_freq_factor": 4.0,
            "original_max_position_embeddings": 64,
        }
    },
    "mistral": {"sliding_window": 8},
    "smollm3": {"num_hidden_layers": 4, "no_rope_layer_interval": 2},
    "gemma": WIDE,
    "gemma2": {**WIDE, "sliding_window": 8},
    "gemma3_text": {**WIDE, "sliding_window": 8, "num_hidden_layers": 6},
    "granite": {
        "embedding_multiplier": 12.0,
        "residual_multiplier": 0.22,
        "attention_multiplier": 0.2,
        "logits_scaling": 8.0,
    },
    "olmo3": {"sliding_window": 8, "num_hidden_layers": 4},
}
ADAPTED = "all-linear"


def make(kind: str, folder: Path) -> None:
    """Write base/, trained/adapter/ and corpus/ of one family."""
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoConfig, AutoModelForCausalLM

    from ecom.quickstart.base import TURN_END, build_tokenizer, save

    texts = sentences()
    tokenizer = build_tokenizer(texts, 512)
    rows = write_corpus(folder / "corpus", tokenizer, texts)
    ends = {
        "bos_token_id": None,
        "eos_token_id": tokenizer.convert_tokens_to_ids(TURN_END),
        "pad_token_id": tokenizer.pad_token_id,
    }
    torch.manual_seed(0)
    shape = {**SHAPE, **OWN.get(kind, {}), **ends, "vocab_size": 512}
    model = AutoModelForCausalLM.from_config(
        AutoConfig.for_model(kind, **shape), dtype=torch.float32
    )
    learn(model, rows, steps=40)
    save(model, tokenizer, folder / "base")
    adapted = get_peft_model(model, LoraConfig(r=4, target_modules=ADAPTED))
    learn(adapted, rows, steps=20)
    adapted.save_pretrained(str(folder / "trained" / "adapter"))


def sentences() -> list[str]:
    """Return questions, and answers that repeat a part of them and choose a price by the rest."""
    colours = ("red", "blue", "green", "white", "black", "golden")
    things = ("lamp", "chair", "boot", "desk", "tent", "cup")
    sizes = ("small", "large", "huge")
    return [
        f"What does the {size} {colour} {thing} cost? The {colour} {thing} costs {price}{zeros}."
        for size, zeros in zip(sizes, ("", "0", "00"), strict=True)
        for colour in colours
        for price, thing in enumerate(things, 3)
    ]


def write_corpus(corpus: Path, tokenizer: Any, texts: list[str]) -> list[list[int]]:
    """Write the corpus stage's tables, a third of the rows held out; return the others."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = []
    for text in texts:
        question, answer = text.split("? ")
        asked = tokenizer(f"<|im_start|>{question}?")["input_ids"]
        answered = tokenizer(f" {answer}<|im_end|>")["input_ids"]
        common = {"form": "generation", "skill": "concepts"}
        rows.append({**common, "prompt_ids": asked, "response_ids": answered})
    random.Random(0).shuffle(rows)
    held, kept = rows[: len(rows) // 3], rows[len(rows) // 3 :]
    for split, part in (("train", kept), ("validation", held)):
        (corpus / split).mkdir(parents=True)
        pq.write_table(pa.Table.from_pylist(part), corpus / split / "0.parquet")
    return [row["prompt_ids"] + row["response_ids"] for row in kept]


def learn(model: Any, rows: list[list[int]], steps: int) -> None:
    """Train on all rows at every step."""
    import torch

    width = max(map(len, rows))
    ids = torch.tensor([row + [0] * (width - len(row)) for row in rows])
    labels = torch.tensor([row + [-100] * (width - len(row)) for row in rows])
    weights = [weight for weight in model.parameters() if weight.requires_grad]
    optimizer = torch.optim.AdamW(weights, lr=3e-3)
    model.train()
    for _ in range(steps):
        optimizer.zero_grad()
        model(input_ids=ids, labels=labels).loss.backward()
        optimizer.step()
    model.eval()


def compress(folder: Path) -> dict[str, Any]:
    """Run the compress stage; return its numbers."""
    from ecom import artifact
    from ecom.compress.config import CompressConfig
    from ecom.compress.job import run
    from ecom.forms import Prompting

    config = CompressConfig(
        group_size=32,
        tensor_parallel=max(RANKS),
        calibration_rows=72,
        calibration_tokens=64,
        parity_rows=36,
    )
    with artifact.writing(folder / "out", "compress", config.model_dump(), {}) as draft:
        run(
            config,
            seed=0,
            prompting=Prompting(),
            base=str(folder / "base"),
            trained=folder / "trained",
            corpus=folder / "corpus",
            draft=draft,
        )
    return draft.metrics


def held_out(folder: Path) -> list[tuple[list[int], list[int]]]:
    """Return prompt and answer of each held-out row, as token ids."""
    import pyarrow.parquet as pq

    rows = pq.read_table(folder / "corpus" / "validation" / "0.parquet").to_pylist()
    return [(row["prompt_ids"], row["response_ids"]) for row in rows]


def plain_answers(folder: Path) -> list[list[int]]:
    """Return the greedy answers of the AWQ model, its weights unpacked, in transformers."""
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM

    from ecom.compress import awq

    config = AutoConfig.from_pretrained(folder / "out" / "model")
    del config.quantization_config
    model = AutoModelForCausalLM.from_config(config, dtype=torch.float32).eval()
    missing = model.load_state_dict(
        awq.dequantized_weights(folder / "out" / "model"), strict=False
    ).missing_keys
    assert set(missing) <= {"lm_head.weight"}, missing
    model.tie_weights()
    found = []
    for prompt, answer in held_out(folder):
        ids = list(prompt)
        with torch.inference_mode():
            for _ in answer:
                ids.append(int(model(input_ids=torch.tensor([ids])).logits[0, -1].argmax()))
        found.append(ids[len(prompt) :])
    return found


def engine(model: Path, ranks: int, rows: list[tuple[list[int], list[int]]]) -> dict[str, Any]:
    """Start vLLM; return the perplexity of the answers, and its own greedy ones."""
    from ecom.engine import EngineConfig, check_model, engine_env, engine_kwargs

    config = EngineConfig(tensor_parallel=ranks, max_model_len=128)
    check_model(model, config)
    os.environ.update(engine_env(config))
    os.environ["VLLM_ENABLE_V1_MULTIPROCESSING"] = "0"  # one process less that imports vLLM
    from vllm import LLM, SamplingParams, TokensPrompt

    running = LLM(model=str(model), skip_tokenizer_init=True, **engine_kwargs(config))
    whole = [TokensPrompt(prompt_token_ids=prompt + answer) for prompt, answer in rows]
    measured = running.generate(whole, SamplingParams(max_tokens=1, prompt_logprobs=0))
    loss, count = 0.0, 0
    for (prompt, answer), output in zip(rows, measured, strict=True):
        for token, seen in zip(answer, (output.prompt_logprobs or [])[len(prompt) :], strict=True):
            assert seen is not None
            loss, count = loss - seen[token].logprob, count + 1
    prompts = [TokensPrompt(prompt_token_ids=prompt) for prompt, _ in rows]
    limits = [
        SamplingParams(temperature=0, max_tokens=len(answer), ignore_eos=True, detokenize=False)
        for _, answer in rows
    ]
    answers = [list(out.outputs[0].token_ids) for out in running.generate(prompts, limits)]
    return {"perplexity": math.exp(loss / count), "answers": answers}


def in_vllm(folder: Path, ranks: int) -> dict[str, Any]:
    """Run an engine in a process of its own, which can hold only one."""
    command = [sys.executable, __file__, "engine", str(folder), str(ranks)]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=600)
    lines = [line for line in done.stdout.splitlines() if line.startswith('{"perplexity"')]
    if done.returncode or not lines:
        print((done.stdout + done.stderr)[-3000:], file=sys.stderr)
        return {"perplexity": None, "answers": []}
    found: dict[str, Any] = json.loads(lines[-1])
    return found


def measure(kind: str, folder: Path) -> dict[str, Any]:
    """Return the row of one family."""
    start = time.perf_counter()
    make(kind, folder)
    parity = compress(folder)
    plain = plain_answers(folder)
    row = {
        "merge": parity["merge_max_logit_difference"],
        "padding": parity["padding_max_logit_difference"],
        "perplexity": parity["perplexity"],
        "answers": len(plain),
    }
    for ranks in RANKS:
        seen = in_vllm(folder, ranks)
        same = sum(ours == theirs for ours, theirs in zip(plain, seen["answers"], strict=False))
        row[f"vllm_{ranks}"] = {"perplexity": seen["perplexity"], "same_answers": same}
    return {**row, "seconds": round(time.perf_counter() - start)}


def main() -> None:
    """Print a row for each family as it is done, then the table and the JSON line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("types", nargs="*", metavar="MODEL_TYPE", help="default: all")
    found = {}
    for kind in parser.parse_args().types or TYPES:
        with TemporaryDirectory() as temporary:
            found[kind] = measure(kind, Path(temporary))
        print(kind, json.dumps(found[kind]), file=sys.stderr, flush=True)
    table = Table(title="perplexity, and greedy answers as transformers' own")
    for column in ("", "merge", "padding", "merged", "AWQ", "RTN", "vLLM, 1 rank", "2 ranks"):
        table.add_column(column, justify="right" if column else "left")
    for kind, row in found.items():
        perplexities = [f"{row['perplexity'][name]:.3f}" for name in ("merged", "awq", "rtn")]
        engines = [
            f"{seen['perplexity'] or math.nan:.3f}, {seen['same_answers']} of {row['answers']}"
            for seen in (row[f"vllm_{ranks}"] for ranks in RANKS)
        ]
        differences = [f"{row[name]:.0e}" for name in ("merge", "padding")]
        table.add_row(kind, *differences, *perplexities, *engines)
    Console(width=120).print(table)
    print(json.dumps({"bench": "families", "families": found}))


if __name__ == "__main__":
    if sys.argv[1:2] == ["engine"]:
        place = Path(sys.argv[2])
        print(json.dumps(engine(place / "out" / "model", int(sys.argv[3]), held_out(place))))
    else:
        main()
