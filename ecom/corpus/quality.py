"""A model's judgement of how good a row is.

    classifier    "prompt" [SEP] "output" ──► probability of the good label, by a sequence
                  classifier (transformers); of "prompt output" by a sentence encoder with a head
    base_loss     loss of the output after the prompt, and alone ──► 1 - after / alone

base_loss is the share of the output's loss that the prompt removes: 1 where the prompt determines
the output, 0 where it does not help, below 0 where it misleads. Li et al. 2023 ("From Quantity to
Quality", arXiv:2308.12032) call after / alone the instruction-following difficulty (IFD) and look
for rows where it is high but below 1; here it serves to reject rows whose output does not follow
from their prompt.

A row's score depends on its batch by rounding only: the same batches give the same bytes.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from ecom.corpus import sentence_head
from ecom.corpus.config import Quality
from ecom.errors import InputError

Pair = tuple[str, str]  # prompt, output
Scorer = Callable[[Sequence[Pair]], list[float]]

# What to give as a model, by the class of transformers that loads it.
_REMEDY = {
    "AutoModelForSequenceClassification": "give a directory or hub name of a sequence classifier "
    "(config.json with id2label, *.safetensors, a tokenizer), or of a sentence encoder with "
    f"{sentence_head.HEAD} and {sentence_head.SETTINGS}",
    "AutoModelForCausalLM": "give a directory or hub name of a causal language model (config.json, "
    "*.safetensors, a tokenizer)",
}
BATCH_TOKENS = 4096  # with padding
BATCH_LOGITS = 2**27  # of a batch's outputs: 512 MiB in 32 bits


def scorer(settings: Quality, base: str) -> Scorer:
    """Return a function that scores (prompt, output) pairs; without a named model, `base` scores.

    The model is loaded here, on a GPU if there is one. Raises InputError where a classifier lacks
    the label, or a model cannot be loaded completely.
    """
    if settings.by == "classifier":
        assert settings.model, "config.Quality refuses a classifier without a model"
        if sentence_head.is_one(settings.model):
            return _sentence_classifier(settings, settings.model)
        return _classifier(settings, settings.model)
    return _base_loss(settings.model or base, settings.max_tokens)


def _sentence_classifier(settings: Quality, name: str) -> Scorer:
    labels, probabilities = sentence_head.load(name, settings.max_tokens)
    good = _good_label(dict(enumerate(labels)), settings)

    def score(pairs: Sequence[Pair]) -> list[float]:
        return [found[good] for found in probabilities(pairs)] if pairs else []

    return score


def _classifier(settings: Quality, name: str) -> Scorer:
    import torch
    from transformers import AutoModelForSequenceClassification

    model, tokenizer = _load(AutoModelForSequenceClassification, name)
    good = _good_label(model.config.id2label, settings)
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    model.config.pad_token_id = tokenizer.pad_token_id
    max_tokens = min(settings.max_tokens, tokenizer.model_max_length)

    @torch.inference_mode()
    def score(pairs: Sequence[Pair]) -> list[float]:
        encoded = [
            tokenizer(prompt, output, truncation=True, max_length=max_tokens)
            for prompt, output in pairs
        ]
        scores = [0.0] * len(pairs)
        for batch in _batches([len(row.input_ids) for row in encoded]):
            inputs = tokenizer.pad([encoded[i] for i in batch], return_tensors="pt")
            logits = model(**inputs.to(model.device)).logits.float()
            found = logits.softmax(-1)[:, good].tolist()
            for i, value in zip(batch, found, strict=True):
                scores[i] = value
        return scores

    return score


def _good_label(labels: dict[int, str], settings: Quality) -> int:
    """Return the label's number. The probability of a single label would always be 1."""
    good = [number for number, label in labels.items() if label == settings.good_label]
    if not good or len(labels) < 2:
        raise InputError(
            f"corpus.quality.good_label: {settings.good_label!r} is not one of two or more labels "
            f"of {settings.model}; its labels are {', '.join(map(repr, labels.values()))}"
        )
    return good[0]


def _base_loss(name: str, max_tokens: int) -> Scorer:
    import torch
    from transformers import AutoModelForCausalLM

    model, tokenizer = _load(AutoModelForCausalLM, name)
    start = tokenizer.bos_token_id
    start = tokenizer.eos_token_id if start is None else start
    max_tokens = min(max_tokens, getattr(model.config, "max_position_embeddings", max_tokens))

    @torch.inference_mode()
    def score(pairs: Sequence[Pair]) -> list[float]:
        after, alone = [], []
        for prompt, output in pairs:
            # Both begin with the token that separates documents, so that the output's first token
            # has something before it in both. A long prompt loses its beginning.
            answer = tokenizer(output, add_special_tokens=False).input_ids[: max_tokens // 2]
            question = tokenizer(f"{prompt}\n", add_special_tokens=False).input_ids
            after.append(([start, *question[-(max_tokens - 1 - len(answer)) :]], answer))
            alone.append(([start], answer))
        losses = zip(_losses(model, after), _losses(model, alone), strict=True)
        return [1 - prompted / bare if bare else 0.0 for prompted, bare in losses]

    return score


def _losses(model: Any, rows: Sequence[tuple[list[int], list[int]]]) -> list[float]:
    """Return the mean loss, in nats a token, of each row's second part after its first."""
    import torch

    losses = [0.0] * len(rows)
    vocabulary = model.get_output_embeddings().weight.shape[0]
    sizes = [len(before) + len(answer) for before, answer in rows]
    answers = [len(answer) for _, answer in rows]
    for batch in _batches(sizes, [(n + 1) * vocabulary for n in answers]):
        length, kept = max(sizes[i] for i in batch), max(answers[i] for i in batch) + 1
        ids = torch.zeros((len(batch), length), dtype=torch.long)  # (rows, tokens), left-padded
        mask = torch.zeros_like(ids)
        for n, i in enumerate(batch):
            ids[n, length - sizes[i] :] = torch.tensor([*rows[i][0], *rows[i][1]])
            mask[n, length - sizes[i] :] = 1
        ids, mask = ids.to(model.device), mask.to(model.device)
        logits = model(
            input_ids=ids,
            attention_mask=mask,
            position_ids=(mask.cumsum(-1) - 1).clamp(min=0),
            logits_to_keep=kept,
            use_cache=False,
        ).logits[:, :-1]
        token_losses = torch.nn.functional.cross_entropy(
            logits.float().transpose(1, 2), ids[:, length - kept + 1 :], reduction="none"
        )  # (rows, kept - 1)
        for n, i in enumerate(batch):
            if answers[i]:
                losses[i] = float(token_losses[n, -answers[i] :].mean())
    return losses


def _batches(sizes: Sequence[int], logits: Sequence[int] | None = None) -> Iterator[list[int]]:
    """Yield the rows' numbers in batches of similar size, longest first, within the two limits."""
    batch: list[int] = []
    widest = most_logits = 0
    for i in sorted(range(len(sizes)), key=lambda i: (-sizes[i], i)):
        wider = max(widest, sizes[i])
        more_logits = max(most_logits, logits[i] if logits else 0)
        count = len(batch) + 1
        if batch and (count * wider > BATCH_TOKENS or count * more_logits > BATCH_LOGITS):
            yield batch
            batch, wider, more_logits = [], sizes[i], logits[i] if logits else 0
        batch.append(i)
        widest, most_logits = wider, more_logits
    if batch:
        yield batch


def _load(kind: Any, name: str) -> tuple[Any, Any]:
    """Return model and tokenizer: in 32 bits on a CPU, in the saved type on a GPU."""
    import torch
    from transformers import AutoTokenizer

    device = "cuda" if torch.cuda.is_available() else "cpu"
    try:
        tokenizer = AutoTokenizer.from_pretrained(name)
        model, loading = kind.from_pretrained(
            name,
            use_safetensors=True,
            trust_remote_code=False,
            dtype="auto" if device == "cuda" else torch.float32,
            output_loading_info=True,
        )
    except (OSError, ValueError) as error:
        raise InputError(
            f"corpus.quality.model: {name} cannot be loaded: {str(error).splitlines()[0]}; "
            f"{_REMEDY[kind.__name__]}"
        ) from None
    if loading["missing_keys"]:  # transformers draws them at random
        raise InputError(
            f"corpus.quality.model: {name} has no weights for "
            f"{', '.join(sorted(loading['missing_keys'])[:3])}; {_REMEDY[kind.__name__]}"
        )
    return model.eval().to(device), tokenizer
