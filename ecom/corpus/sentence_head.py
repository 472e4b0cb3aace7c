"""A quality classifier like SetFit's: a sentence encoder with a linear head, without a pickle.

    modules.json, …            the encoder, as sentence-transformers saves it
    config_setfit.json         {"labels": ["bad", "good"], "normalize_embeddings": false}
    model_head.safetensors     weight (labels, width), bias (labels); for two labels one row is
                               enough, as in logistic regression: it is that of the second label

SetFit itself saves the head as model_head.pkl. A pickle can run any code, so it is never opened.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ecom.errors import InputError

HEAD, SETTINGS, PICKLE, MODULES = (
    "model_head.safetensors",
    "config_setfit.json",
    "model_head.pkl",
    "modules.json",
)
_REMEDY = (
    f"if you trust the file, write the head's coef_ and intercept_ as `weight` and `bias` of "
    f"{HEAD}, or give a sequence classifier (config.json, *.safetensors, a tokenizer)"
)


def is_one(name: str) -> bool:
    """Say whether a directory or hub name holds a sentence encoder."""
    return _file(name, MODULES) is not None


Probabilities = Callable[[Sequence[tuple[str, str]]], list[list[float]]]


def load(name: str, max_tokens: int) -> tuple[list[str], Probabilities]:
    """Return the labels, and a function from (prompt, output) pairs to their probabilities.

    Raises InputError for what is missing, and for a head that does not fit.
    """
    import torch
    from safetensors.torch import load_file

    head_file, settings_file = _file(name, HEAD), _file(name, SETTINGS)
    if head_file is None or settings_file is None:
        has = f"{PICKLE}, a pickle, which can run any code" if _file(name, PICKLE) else "no head"
        raise InputError(
            f"corpus.quality.model: {name} is a sentence encoder with {has}, and "
            f"{HEAD if head_file is None else SETTINGS} is missing; {_REMEDY}"
        )
    settings, head = json.loads(settings_file.read_text("utf-8")), load_file(head_file)
    labels = list(map(str, settings.get("labels") or []))
    encoder = _encoder(name)
    weight, bias = _checked(head, labels, encoder.get_embedding_dimension(), name)
    encoder.max_seq_length = min(max_tokens, encoder.max_seq_length or max_tokens)
    normal = bool(settings.get("normalize_embeddings"))

    @torch.inference_mode()
    def probabilities(pairs: Sequence[tuple[str, str]]) -> list[list[float]]:
        texts = [f"{prompt}\n{output}" for prompt, output in pairs]
        states = encoder.encode(
            texts, convert_to_tensor=True, normalize_embeddings=normal, show_progress_bar=False
        )
        found: list[list[float]] = (states.float().cpu() @ weight.T + bias).softmax(-1).tolist()
        return found

    return labels, probabilities


def _encoder(name: str) -> Any:
    import torch

    try:
        from sentence_transformers import SentenceTransformer

        device = "cuda" if torch.cuda.is_available() else "cpu"
        return SentenceTransformer(name, device=device, model_kwargs={"use_safetensors": True})
    except ImportError:
        what = "needs sentence-transformers; pip install 'ecom[embeddings]'"
    except (OSError, ValueError) as error:
        what = f"cannot be loaded ({str(error).splitlines()[0]}); name another encoder"
    raise InputError(f"corpus.quality.model: {name} {what}")


def _checked(tensors: Mapping[str, Any], labels: Sequence[str], width: int, name: str) -> Any:
    """Return weight (labels, width) and bias (labels); a single row gets one of zeros before it."""
    import torch

    weight, bias = (tensors.get(part, torch.empty(0)).float() for part in ("weight", "bias"))
    rows = 1 if len(labels) == 2 and len(weight) == 1 else len(labels)
    if not labels or weight.shape != (rows, width) or bias.shape != (rows,):
        raise InputError(
            f"corpus.quality.model: {name}/{HEAD} holds weight {list(weight.shape)} and bias "
            f"{list(bias.shape)}; for the {len(labels)} labels of {SETTINGS} and the encoder's "
            f"width they must be [{len(labels)}, {width}] and [{len(labels)}]"
        )
    if rows < len(labels):
        return torch.cat([torch.zeros_like(weight), weight]), torch.cat([torch.zeros(1), bias])
    return weight, bias


def _file(name: str, file: str) -> Path | None:
    """Return a file of a directory or hub repository; None where it does not exist."""
    from transformers.utils.hub import cached_file

    quiet = ("missing_entries", "gated_repo", "connection_errors")
    found = cached_file(name, file, **{f"_raise_exceptions_for_{kind}": False for kind in quiet})
    return Path(found) if found else None
