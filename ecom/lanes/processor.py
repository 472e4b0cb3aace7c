"""The part of a lane that runs inside vLLM: retrieval and ranking can only write distinct numbers.

vLLM creates one in each of its workers (engine.py names it) and calls it before every token.
A grammar could express the same, but xgrammar did not compile one for fifteen items in minutes.
"""

import re
from collections.abc import Sequence
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from vllm.v1.sample.logits_processor import AdapterLogitsProcessor

from ecom.lanes.numbers import Numbers

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
