"""Measures what each step changed, on held-out rows in fp32: the numbers of parity.json.

    merged against base + adapter, padded against not padded    largest difference of the logits
    merged, AWQ and round-to-nearest (RTN)                      perplexity, exact match, by form
    AWQ and RTN against merged                                  how often the likeliest token agrees
    AWQ against merged                                          log-likelihood lost, its interval
    every decoder layer                                         output error of both; fp16's range

Models are run a decoder layer at a time (streamed.py); the logits at the positions that predict the
response are kept: rows × response tokens × vocabulary × 4 bytes.
"""

import math
from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ecom.compress import awq, checkpoint, streamed
from ecom.compress.layers import Layers
from ecom.compress.sample import Row
from ecom.compress.streamed import Read, Watch
from ecom.errors import StageError
from ecom.models import families

if TYPE_CHECKING:
    from torch import Tensor

Logits = list["Tensor"]  # (response tokens, vocabulary) of each row

_RESAMPLES = 2000


def measure(
    *,
    source: Path,
    adapter: Path | None,
    merged: Path,
    grouped: Path,
    packed: Path,
    model: Path,
    group_size: int,
    rows: Sequence[Row],
) -> dict[str, Any]:
    """Return the numbers of parity.json.

    `merged` is `source` with its adapter; without one the difference made by merging is None.
    `grouped` is `merged` padded to the group size (or `merged` itself), `packed` its AWQ form,
    `model` that padded for tensor parallelism. Raises StageError where a number is not finite.
    """
    read = streamed.reader(grouped)
    rounded = _rounded(read, packed, group_size)
    ends = families.of(checkpoint.read_json(grouped / "config.json")).outputs
    layers = Layers(read, awq.reader(packed), rounded, ends)
    whole = _logits(grouped, read, rows, layers)
    if grouped == merged:
        padding = 0.0
    else:
        padding = difference(_logits(merged, streamed.reader(merged), rows), whole)
    merge = _merge_difference(source, adapter, whole, rows)
    answers = {
        "merged": whole,
        "awq": _logits(model, awq.reader(model), rows),
        "rtn": _logits(grouped, rounded, rows),
    }
    if packed != model:
        without = _logits(packed, awq.reader(packed), rows)
        padding = max(padding, difference(without, answers["awq"]))
    report = {
        "merge_max_logit_difference": merge,
        "padding_max_logit_difference": padding,
        "perplexity": {name: perplexity(said, rows) for name, said in answers.items()},
        "exact_match": exact_match(answers, rows),
        "agreement": _agreement(answers),
        "loss": loss(answers["merged"], answers["awq"], rows),
        "group_size": group_size,
        "held_out_rows": len(rows),
        "response_tokens": sum(len(row.response) for row in rows),
        "by_form": _by_form(answers, rows),
        **layers.report(),
    }
    _check_finite(report)
    return report


def _logits(model: Path, read: Read, rows: Sequence[Row], watch: Watch | None = None) -> Logits:
    return streamed.response_logits(streamed.skeleton(model), read, rows, watch)


def _merge_difference(
    source: Path, adapter: Path | None, merged: Logits, rows: Sequence[Row]
) -> float | None:
    """Compare with base + adapter as peft runs them, unmerged."""
    if adapter is None:
        return None
    causal = streamed.skeleton(source, adapter)
    return difference(streamed.response_logits(causal, streamed.reader(source), rows), merged)


def _rounded(read: Read, packed: Path, group_size: int) -> Read:
    """Return a reader of weights that rounds to nearest those that the AWQ model packs."""
    in_16_bit = checkpoint.shard_of(packed).keys()

    def rounded(name: str) -> "Tensor":
        weight = read(name)
        return weight if name in in_16_bit else awq.round_to_nearest(weight, group_size)

    return rounded


def _by_form(answers: dict[str, Logits], rows: Sequence[Row]) -> dict[str, Any]:
    found = {}
    for form in sorted({row.form for row in rows}):
        indices = [index for index, row in enumerate(rows) if row.form == form]
        some = {name: [said[index] for index in indices] for name, said in answers.items()}
        theirs = [rows[index] for index in indices]
        found[form] = {
            "rows": len(theirs),
            "perplexity": {name: perplexity(said, theirs) for name, said in some.items()},
            "exact_match": exact_match(some, theirs),
            "agreement": _agreement(some),
        }
    return found


def exact_match(answers: dict[str, Logits], rows: Sequence[Row]) -> dict[str, float]:
    """Return the share of rows that each model answers exactly, with greedy decoding.

    Greedy decoding gives the response exactly where each of its tokens is the likeliest after those
    before it. For multiple choice that is the accuracy. Longer answers can differ and be right; the
    evaluate stage scores them by the contest's rules.
    """
    return {
        name: round(
            sum(
                one.argmax(-1).tolist() == row.response for one, row in zip(said, rows, strict=True)
            )
            / len(rows),
            4,
        )
        for name, said in answers.items()
    }


def loss(merged: Logits, awq: Logits, rows: Sequence[Row]) -> dict[str, float]:
    """Return how much log-likelihood AWQ loses, in nats per response token: mean, low and high.

    95 % of samples of as many rows, drawn with replacement, lie between low and high; both models
    are compared on the same rows of each sample.
    """
    import numpy as np

    lost = np.array(_surprise(awq, rows)) - np.array(_surprise(merged, rows))
    tokens = np.array([len(row.response) for row in rows])
    drawn = np.random.default_rng(0).integers(len(rows), size=(_RESAMPLES, len(rows)))
    samples = lost[drawn].sum(axis=1) / tokens[drawn].sum(axis=1)
    low, high = np.quantile(samples, [0.025, 0.975])
    return {"mean": float(lost.sum() / tokens.sum()), "low": float(low), "high": float(high)}


def _surprise(said: Logits, rows: Sequence[Row]) -> list[float]:
    """Return the negative log-likelihood of each row's response, in nats."""
    import torch

    return [
        torch.nn.functional.cross_entropy(
            one, torch.tensor(row.response, device=one.device), reduction="sum"
        ).item()
        for one, row in zip(said, rows, strict=True)
    ]


def _agreement(answers: dict[str, Logits]) -> dict[str, float]:
    """Return the share of response tokens where merged and 4 bit have the same likeliest token.

    Each position follows the true response up to there.
    """
    import torch

    best = {name: torch.cat([one.argmax(-1) for one in said]) for name, said in answers.items()}
    return {
        name: round((best[name] == best["merged"]).float().mean().item(), 4)
        for name in ("awq", "rtn")
    }


def _check_finite(report: dict[str, Any]) -> None:
    numbers = {
        "merge": report["merge_max_logit_difference"],
        "padding": report["padding_max_logit_difference"],
        **report["perplexity"],
    }
    for name, value in numbers.items():
        if value is not None and not math.isfinite(value):
            raise StageError(
                f"parity: {name} is {value} on held-out rows; the weights overflow or contain NaN: "
                "look at the training loss, and train with a lower train.learning_rate"
            )


def difference(a: Logits, b: Logits) -> float:
    """Return the largest absolute difference between two models' logits; NaN if any is NaN."""
    import torch

    return torch.stack([(x - y).abs().max() for x, y in zip(a, b, strict=True)]).max().item()


def perplexity(logits: Logits, rows: Sequence[Row]) -> float:
    """Return exp of the mean negative log-likelihood of all response tokens."""
    import torch

    targets = torch.tensor(list(chain.from_iterable(row.response for row in rows)))
    loss = torch.nn.functional.cross_entropy(torch.cat(list(logits)), targets)
    return math.exp(min(loss.item(), 700.0))  # exp(710) exceeds a double
