"""Answers in texts on real vLLM: probabilities against transformers, and many labels side by side.

    make bench-closed        (or: python bench/closed.py [--questions 200] [--labels 10000])

1. A random model in 32 bits is asked which of several texts fits. Each text's probability is
   compared with the one that transformers gives by hand: where each token is drawn among those that
   continue a text.
2. The likelihoods of the same texts (`choice: likelihood`, and per token) are compared with those
   by hand, and with lm-evaluation-harness's definition restated: the context and the continuation
   are encoded as one text. The same questions are timed with each choice.
3. The same questions are answered with one of --labels category paths, by ecom's trie and by vLLM's
   own `structured_outputs.choice`, one arm after the other, each in a process of its own.

Last line: {"bench": "closed", …}.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from serve import pinned, quiet

from ecom.engine import EngineConfig, engine_env, engine_kwargs
from ecom.forms import Prompting
from ecom.lanes import Asker, encode, label_ids
from ecom.rows import Query

KINDS = ("shoe", "shirt", "shirt and tie", "trousers", "track suit", "lamp", "desk lamp", "tent")
ENGINE = EngineConfig(max_model_len=512, max_num_seqs=32, vllm_overrides={"dtype": "float32"})


def model(folder: Path) -> Path:
    """Write a random model with a head size that vLLM's CPU attention takes."""
    from ecom.quickstart.base import build_tokenizer, new_model, save
    from ecom.quickstart.config import TinyBase

    shape = TinyBase(
        vocab_size=4096, hidden_size=64, intermediate_size=96, layers=2, heads=2, kv_heads=1
    )
    words = [
        f"Which kind is it? {kind} of size {n}, Home > Kitchen" for n, kind in enumerate(KINDS)
    ]
    tokenizer = build_tokenizer([*words, *paths(500)] * 4, shape.vocab_size)
    save(new_model(shape, tokenizer, seed=0), tokenizer, folder / "model")
    return folder / "model"


def paths(count: int) -> list[str]:
    """Return distinct category paths of four levels, as a shop's tree has them."""
    rng = random.Random(0)
    parts = [
        "Home",
        "Garden",
        "Kitchen",
        "Baby",
        "Shoes",
        "Lamps",
        "Tents",
        "Desks",
        "Cups",
        "Toys",
    ]
    found: dict[str, None] = {}
    while len(found) < count:
        levels = [*rng.choices(parts, k=3), f"{rng.choice(parts)} {rng.randrange(100)}"]
        found[" > ".join(levels)] = None
    return list(found)


def generate(engine: Any, parts: list[Any], **more: Any) -> list[Any]:
    """Return vLLM's output of each part, in order."""
    from vllm import SamplingParams

    prompts = [{"prompt_token_ids": part.tokens} for part in parts]
    params = [SamplingParams(**(part.sampling | more)) for part in parts]
    outputs = engine.generate(prompts, params, use_tqdm=False)
    return [output.outputs[0] for output in outputs]


def encoded(folder: Path, engine: Any, queries: list[Query]) -> list[Any]:
    """Return the questions in tokens."""
    asker = Asker(label_ids(folder), Prompting())
    return encode(engine.get_tokenizer(), [asker.ask(query) for query in queries], 512)


def probabilities(folder: Path) -> dict[str, float]:
    """Return the greatest difference between vLLM's probabilities and those by hand."""
    import torch
    from transformers import AutoModelForCausalLM
    from vllm import LLM

    engine = LLM(model=str(folder), **engine_kwargs(ENGINE))
    plain = AutoModelForCausalLM.from_pretrained(folder, dtype="float32").eval()
    tokenizer = engine.get_tokenizer()
    rng, worst, asked, parts_asked = random.Random(1), 0.0, 0, 0
    for n in range(40):
        texts = rng.sample(KINDS, rng.randint(2, len(KINDS)))
        [one] = encoded(folder, engine, [Query(f"What is article {n}?", options=texts)])
        parts = one.parts()
        outputs = generate(engine, parts)
        made = one.joined([p.written(o) for p, o in zip(parts, outputs, strict=True)])
        ended = {text: [*tokenizer(text)["input_ids"], tokenizer.eos_token_id] for text in texts}
        for text, ids in ended.items():
            with torch.no_grad():
                logits = plain(torch.tensor([[*one.tokens, *ids]])).logits[0].double()
            chance = 1.0
            for depth, token in enumerate(ids):
                may = sorted({o[depth] for o in ended.values() if o[:depth] == ids[:depth]})
                shares = torch.softmax(logits[len(one.tokens) - 1 + depth, may], 0)
                chance *= float(shares[may.index(token)])
            worst = max(worst, abs(chance - made.chances[text]))
            asked += 1
        parts_asked += len(parts)
    return {"texts": asked, "tokens": parts_asked, "greatest_difference": worst}


def likelihoods(folder: Path, questions: int) -> dict[str, float]:
    """Return the greatest differences of log likelihoods from those by hand, and the times.

    sum, per_token    in log probability, by hand: every text in a forward of its own
    shares            of the probabilities that an answer comes with
    lm_eval           in log probability, by lm-evaluation-harness's definition, for texts that
                      begin no other one: it has no end token
    """
    import torch
    from transformers import AutoModelForCausalLM
    from vllm import LLM

    engine = LLM(model=str(folder), **engine_kwargs(ENGINE))
    plain = AutoModelForCausalLM.from_pretrained(folder, dtype="float32").eval()
    tokenizer = engine.get_tokenizer()

    def logs(tokens: list[int], begin: int) -> torch.Tensor:
        with torch.no_grad():
            found = plain(torch.tensor([tokens])).logits[0].double().log_softmax(-1)
        own: torch.Tensor = found[range(begin - 1, len(tokens) - 1), tokens[begin:]]
        return own

    rng, worst, asked = random.Random(1), dict.fromkeys(_DIFFERENCES, 0.0), 0
    for n in range(questions):
        texts = rng.sample(KINDS, rng.randint(2, len(KINDS)))
        for choice in ("likelihood", "likelihood_per_token"):
            query = Query(f"What is article {n}?", options=texts, choice=choice)
            [one] = encoded(folder, engine, [query])
            parts = one.parts()
            written = [p.written(o) for p, o in zip(parts, generate(engine, parts), strict=True)]
            totals = one.spellings.scores([found.likelihood for found in written])
            chances = one.joined(written).chances
            by_hand = []
            context = tokenizer.decode(one.tokens)
            for text, total in zip(texts, totals, strict=True):
                ids = tokenizer(text)["input_ids"]
                others = [tokenizer(other)["input_ids"] for other in texts if other != text]
                begins = any(other[: len(ids)] == ids for other in others)
                end = [tokenizer.eos_token_id] if begins else []
                found = logs([*one.tokens, *ids, *end], len(one.tokens))
                by_hand.append(float(found.sum() if choice == "likelihood" else found.mean()))
                key = "sum" if choice == "likelihood" else "per_token"
                worst[key] = max(worst[key], abs(by_hand[-1] - total))
                if choice == "likelihood" and not begins:
                    whole = tokenizer(context + text)["input_ids"]
                    before = len(tokenizer(context)["input_ids"])
                    theirs = float(logs(whole, before).sum())
                    worst["lm_eval"] = max(worst["lm_eval"], abs(theirs - total))
                asked += 1
            shares = torch.tensor(by_hand).softmax(0).tolist()
            differences = [abs(chances[t] - s) for t, s in zip(texts, shares, strict=True)]
            worst["shares"] = max(worst["shares"], *differences)
    return {"texts": asked, **worst, **_times(folder, engine, questions)}


_DIFFERENCES = ("sum", "per_token", "shares", "lm_eval")


def _times(folder: Path, engine: Any, questions: int) -> dict[str, float]:
    """Return seconds per 1,000 lettered questions of four options, by each choice."""
    found = {}
    for choice in ("label", "likelihood"):
        queries = []
        for n in range(questions):
            printed = zip("ABCD", KINDS[:4], strict=True)
            options = "\n".join(f"{label}. {kind} of size {n}" for label, kind in printed)
            prompt = f"Which kind is article {choice} {n}?\n{options}\nAnswer:"
            queries.append(Query(prompt, True, choice=choice))
        ready = encoded(folder, engine, queries)
        parts = [part for one in ready for part in one.parts()]
        start = time.monotonic()
        generate(engine, parts)
        found[f"{choice}_s_per_1000"] = round((time.monotonic() - start) / questions * 1000, 2)
        found[f"{choice}_requests"] = round(len(parts) / questions, 1)
    return found


def many(folder: Path, arm: str, questions: int, labels: int) -> dict[str, float]:
    """Return seconds per 1,000 questions with one of many labels, and how many were inside."""
    from vllm import LLM, SamplingParams
    from vllm.sampling_params import StructuredOutputsParams

    engine = LLM(model=str(folder), **engine_kwargs(ENGINE))
    tree = paths(labels)
    queries = [Query(f"Where does article {n} belong?", options=tree) for n in range(questions + 1)]
    start = time.monotonic()
    ready = encoded(folder, engine, queries)
    tokenized_s = time.monotonic() - start

    def answers(asked: list[Any]) -> list[str]:
        if arm == "ecom":
            outputs = generate(engine, asked)
            return [one.written(o).text for one, o in zip(asked, outputs, strict=True)]
        rule = StructuredOutputsParams(choice=tree)
        params = SamplingParams(temperature=0, max_tokens=64, structured_outputs=rule)
        prompts: Any = [{"prompt_token_ids": one.tokens} for one in asked]
        outputs = engine.generate(prompts, params, use_tqdm=False)
        return [output.outputs[0].text for output in outputs]

    start = time.monotonic()
    answers(ready[:1])  # builds the trie, or compiles the grammar
    first_s = time.monotonic() - start
    start = time.monotonic()
    found = answers(ready[1:])
    seconds = time.monotonic() - start
    inside = sum(text in set(tree) for text in found)
    return {
        "first_s": round(first_s + tokenized_s, 2),
        "s_per_1000": round(seconds / questions * 1000, 2),
        "inside": inside / questions,
    }


def main() -> None:
    """Run each arm in a process of its own, and print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--questions", type=int, default=200)
    parser.add_argument("--labels", type=int, default=10_000)
    parser.add_argument("--arm", default="")
    parser.add_argument("--model", type=Path)
    chosen = parser.parse_args()
    if chosen.arm:
        os.environ |= engine_env(ENGINE)
        with quiet() as out:
            if chosen.arm == "probabilities":
                found = probabilities(chosen.model)
            elif chosen.arm == "likelihoods":
                found = likelihoods(chosen.model, chosen.questions)
            else:
                found = many(chosen.model, chosen.arm, chosen.questions, chosen.labels)
            print(json.dumps(found), file=out, flush=True)
        return
    table = Table("", "first question, s", "s per 1,000", "answers inside")
    results: dict[str, Any] = {"bench": "closed", "labels": chosen.labels}
    with tempfile.TemporaryDirectory() as folder:
        made = model(Path(folder))
        for arm in ("probabilities", "likelihoods", "ecom", "structured_outputs.choice"):
            args = [f"--arm={arm}", f"--model={made}", f"--questions={chosen.questions}"]
            command = [sys.executable, __file__, *args, f"--labels={chosen.labels}"]
            done = subprocess.run(
                command, check=True, capture_output=True, text=True, env=pinned(1)
            )
            results[arm] = found = json.loads(done.stdout.splitlines()[-1])
            if "first_s" in found:
                cells = (found["first_s"], found["s_per_1000"], found["inside"])
                table.add_row(arm, *map(str, cells))
    Console().print(table)
    print(json.dumps(results))


if __name__ == "__main__":
    main()
