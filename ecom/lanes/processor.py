"""The parts of a lane that run inside vLLM.

NumbersOnly    retrieval and ranking can only write distinct numbers
TextsOnly      a question that offers texts is answered with these
Spelled        a text is written as it is given, to learn how likely it is

vLLM creates one of each in each of its workers (engine.py names them) and calls it before every
token. A grammar could express the same, but xgrammar did not compile one for fifteen items in
minutes.
"""

import json
import re
from collections.abc import Sequence
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from vllm.v1.sample.logits_processor import AdapterLogitsProcessor

from ecom.lanes.likelihood import spell
from ecom.lanes.numbers import Numbers
from ecom.lanes.trie import Trie, build

if TYPE_CHECKING:
    from vllm import SamplingParams

_PIECE = re.compile(r"[0-9,]+")


class NumbersOnly(AdapterLogitsProcessor):
    """Masks all tokens that do not continue a list of numbers, for requests that ask for one."""

    def __init__(self, vllm_config: Any, device: torch.device, is_pin_memory: bool) -> None:
        super().__init__(vllm_config, device, is_pin_memory)
        model = vllm_config.model_config
        self._pieces = _pieces(Path(model.tokenizer) / "tokenizer.json")
        self._ends = _ends(model)
        self._allowed = lru_cache(maxsize=4096)(self._find)
        self._device = device

    def is_argmax_invariant(self) -> bool:
        """Return False: masking can change which token is the likeliest."""
        return False

    def new_req_logits_processor(self, params: "SamplingParams") -> Any:
        """Return the function that masks a request's logits; None where none is masked."""
        rule = (params.extra_args or {}).get("numbers")
        if not rule or not self._pieces or not self._ends:
            return None
        return partial(self._mask, Numbers(**{key: int(value) for key, value in rule.items()}))

    def _mask(self, numbers: Numbers, written: Sequence[int], logits: torch.Tensor) -> torch.Tensor:
        text = "".join(self._pieces.get(token, "") for token in written)
        allowed = self._allowed(numbers, text)
        kept = logits[allowed]
        logits.fill_(-torch.inf)
        logits[allowed] = kept
        return logits

    def _find(self, numbers: Numbers, text: str) -> torch.Tensor:
        """Return the ids of the tokens that may follow."""
        found = [token for token, piece in self._pieces.items() if numbers.can_begin(text + piece)]
        if numbers.can_end(text):
            found += self._ends
        return torch.tensor(found or self._ends, device=self._device)


class TextsOnly(AdapterLogitsProcessor):
    """Masks all tokens that do not continue one of a question's texts, for requests with texts."""

    def __init__(self, vllm_config: Any, device: torch.device, is_pin_memory: bool) -> None:
        super().__init__(vllm_config, device, is_pin_memory)
        self._model = vllm_config.model_config
        self._trie = lru_cache(maxsize=64)(self._build)

    def is_argmax_invariant(self) -> bool:
        """Return False: masking can change which token is the likeliest."""
        return False

    def new_req_logits_processor(self, params: "SamplingParams") -> Any:
        """Return the function that masks a request's logits; None where none is masked."""
        rule = (params.extra_args or {}).get("texts")
        return partial(self._mask, self._trie(rule)) if rule else None

    def _build(self, rule: str) -> Trie:
        """Return the trie of a request (texts.py wrote `rule`); later requests share it."""
        from transformers import AutoTokenizer

        values = json.loads(rule)
        tokenizer = AutoTokenizer.from_pretrained(self._model.tokenizer)
        return build(values["texts"], int(values["least"]), int(values["most"]), tokenizer)

    def _mask(self, trie: Trie, written: Sequence[int], logits: torch.Tensor) -> torch.Tensor:
        allowed = torch.tensor(trie.allowed(written), device=logits.device)
        kept = logits[allowed]
        logits.fill_(-torch.inf)
        logits[allowed] = kept
        return logits


class Spelled(AdapterLogitsProcessor):
    """Writes given texts, for requests that ask how likely they are (likelihood.py).

    vLLM's own `logprob_token_ids` spells nothing. And while one request of a batch has it, those
    with `logprobs` get that of the token they sample, and no others.
    """

    def is_argmax_invariant(self) -> bool:
        """Return False: the given token need not be the likeliest."""
        return False

    def new_req_logits_processor(self, params: "SamplingParams") -> Any:
        """Return the function that changes a request's logits; None where none is changed."""
        spelled = (params.extra_args or {}).get("spelled")
        return partial(spell, list(map(int, spelled))) if spelled else None


def _pieces(file: Path) -> dict[int, str]:
    """Return the tokens that consist of digits and commas only."""
    from tokenizers import Tokenizer

    if not file.is_file():
        return {}
    vocabulary = Tokenizer.from_file(str(file)).get_vocab(with_added_tokens=False)
    return {token: piece for piece, token in vocabulary.items() if _PIECE.fullmatch(piece)}


def _ends(model: Any) -> list[int]:
    """Return the tokens at which the engine stops."""
    settings = [
        (model.try_get_generation_config() or {}).get("eos_token_id"),
        getattr(model.hf_text_config, "eos_token_id", None),
    ]
    lists = [one if isinstance(one, list) else [one] for one in settings if one is not None]
    return sorted({token for one in lists for token in one})
