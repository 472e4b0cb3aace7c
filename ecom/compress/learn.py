"""Learns the weights of several adapters, one per adapter and linear layer, that lower the loss.

    y = W x + Σᵢ c[layer, i] · sᵢ Bᵢ Aᵢ x        base and adapters frozen, c learned

The weights do not depend on the input, so they fold into the merge exactly, and an ordinary model
is served. LoraHub has such weights per adapter (Huang et al. 2023, arXiv 2307.13269), AdaMerging
per layer (Yang et al. 2023, arXiv 2310.02575); here they are learned by gradient descent on the
loss of labelled training rows. They need not sum to 1, as with a softmax: the loss is lower without
one (bench/adapters.py: 0.94 to 1.03; equal weights: 1.90). A gate that reads the input (MoLE,
arXiv 2404.13628: 0.85 there) cannot be merged, and vLLM does not support it.

The whole base is in memory in its own dtype, on the GPU where there is one.
"""

import json
import random
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ecom import logits
from ecom.compress import lora
from ecom.compress.adapters import Weighted
from ecom.compress.config import Combine
from ecom.compress.quantize import OnStep
from ecom.compress.sample import Row
from ecom.models import attention

if TYPE_CHECKING:
    from torch import Tensor

_Mix = Callable[["Tensor", int], "Tensor"]
"""From a layer's input (B, T, in) and its number to the adapters' weights, (adapters) or
(B, T, adapters)."""


def learn(
    base: Path,
    adapters: Sequence[Weighted],
    rows: Sequence[Row],
    config: Combine,
    seed: int,
    on_step: OnStep,
) -> dict[str, Any]:
    """Return the content of weights.json: adapters, loss before and after, weights by layer.

    `on_step` is called after each step with the steps done, the steps in all and the loss.
    Raises DataError where an adapter does not fit the base, or is more than LoRA of linear layers.
    """
    import torch

    read = [lora.read_plain(base, one.path, "learned weights") for one in adapters]
    names = sorted({name for one in read for name in one})
    model = load(base)
    start = torch.tensor([one.weight for one in adapters], device=model.device)
    weights = start.repeat(len(names), 1).requires_grad_()  # (layers, adapters)
    add(model, names, read, lambda _, layer: weights[layer])
    before = mean_loss(model, rows)
    fit(model, [weights], rows, config, seed, on_step)
    after = mean_loss(model, rows)
    del model
    torch.cuda.empty_cache()  # for the quantizer's process
    learned = [[round(c, 4) for c in layer] for layer in weights.tolist()]
    return {
        "adapters": [one.name for one in adapters],
        "loss": {"start": round(before, 4), "learned": round(after, 4)},
        "weights": dict(zip(names, learned, strict=True)),
    }


def load(base: Path) -> Any:
    """Return the frozen base, ready for gradients of the added weights."""
    import torch
    from transformers import AutoModelForCausalLM

    model: Any = AutoModelForCausalLM.from_pretrained(base, dtype="auto", use_safetensors=True)
    attention.cap(model)
    model.to("cuda" if torch.cuda.is_available() else "cpu").requires_grad_(False)
    model.gradient_checkpointing_enable({"use_reentrant": False})
    return model.train()


def add(
    model: Any, names: Sequence[str], read: Sequence[Mapping[str, lora.Learnt]], mix: _Mix
) -> None:
    """Make every layer add its adapters' outputs, weighted by `mix`; all adapters at once."""
    import torch

    for number, name in enumerate(names):
        found = [(n, one[name]()) for n, one in enumerate(read) if name in one]
        held = [(n, layer) for n, layer in found if isinstance(layer, lora.Layer)]
        a = torch.cat([layer.a.float() for _, layer in held]).to(model.device)  # (Σr, in)
        b = torch.cat([layer.scale * layer.b.float() for _, layer in held], 1).to(model.device)
        whose = [n for n, layer in held for _ in range(len(layer.a))]
        _module(model, name).register_forward_hook(_hook(number, a, b, whose, mix))


def _hook(number: int, a: "Tensor", b: "Tensor", whose: list[int], mix: _Mix) -> Any:
    """Return a forward hook; `whose` is the adapter of each row of `a`."""

    def hook(_: Any, inputs: "tuple[Tensor]", output: "Tensor") -> "Tensor":
        x = inputs[0].float()  # (B, T, in)
        found: Tensor = output + (((x @ a.t()) * mix(x, number)[..., whose]) @ b.t()).to(
            output.dtype
        )
        return found

    return hook


def _module(model: Any, name: str) -> Any:
    """Return the layer of a weight; names in the files of a bare decoder lack the first part."""
    path = name.removesuffix(".weight")
    modules = dict(model.named_modules())
    return modules.get(path) or modules[f"{model.base_model_prefix}.{path}"]


def fit(
    model: Any,
    parameters: "Sequence[Tensor]",
    rows: Sequence[Row],
    config: Combine,
    seed: int,
    on_step: OnStep,
) -> None:
    """Lower the loss per response token with Adam, over rows in random order."""
    import torch

    rng, order = random.Random(seed), list[Row]()
    optimizer = torch.optim.Adam(parameters, lr=config.learning_rate)
    for step in range(1, config.steps + 1):
        while len(order) < config.rows_per_step:
            order += rng.sample(rows, len(rows))
        batch, order = order[: config.rows_per_step], order[config.rows_per_step :]
        loss = _loss(model, batch) / sum(len(row.response) for row in batch)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        on_step(step, config.steps, loss.item())


def mean_loss(model: Any, rows: Sequence[Row], at_once: int = 16) -> float:
    """Return the loss per response token."""
    import torch

    ordered = sorted(rows, key=lambda row: len(row.prompt) + len(row.response))
    parts = [ordered[n : n + at_once] for n in range(0, len(ordered), at_once)]
    with torch.no_grad():
        total = sum(_loss(model, part).item() for part in parts)
    return total / sum(len(row.response) for row in rows)


def _loss(model: Any, rows: Sequence[Row]) -> "Tensor":
    """Return the cross-entropy summed over the responses' tokens.

    Rows are padded on the right, which causal attention never sees: no mask is needed.
    """
    import torch

    width = max(len(row.prompt) + len(row.response) for row in rows)
    ids = torch.zeros((len(rows), width), dtype=torch.long)
    answers = torch.zeros((len(rows), width), dtype=torch.bool)
    for index, row in enumerate(rows):
        end = len(row.prompt) + len(row.response)
        ids[index, :end] = torch.tensor(row.prompt + row.response)
        answers[index, len(row.prompt) : end] = True
    ids, ahead = ids.to(model.device), answers[:, 1:].to(model.device)
    return torch.nn.functional.cross_entropy(
        logits.predicting(model, ids, ahead).float(), ids[:, 1:][ahead], reduction="sum"
    )


def write(found: Mapping[str, Any], file: Path) -> None:
    """Write weights.json, one layer per line."""
    lines = ",\n".join(f"    {json.dumps(k)}: {json.dumps(v)}" for k, v in found["weights"].items())
    head = "".join(f"  {json.dumps(k)}: {json.dumps(found[k])},\n" for k in ("adapters", "loss"))
    file.write_text(f'{{\n{head}  "weights": {{\n{lines}\n  }}\n}}\n', encoding="utf-8")
