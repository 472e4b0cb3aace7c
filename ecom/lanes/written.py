"""What an engine wrote for a question, or for a part of it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Written:
    """What an engine wrote for one question.

    token       id of the first token written; None where nothing was written
    logprobs    of the first token, by token id
    tokens      numbers of tokens of the prompt and of the text
    cut         whether the text ended at its token limit
    chances     the probability of each text that could be written, or of the one that was, where
                the question offers texts
    likelihood  log probability of a text that was to be spelled
    error       why nothing was written
    """

    text: str = ""
    token: int | None = None
    logprobs: Mapping[int, float] = field(default_factory=dict)
    tokens: tuple[int, int] = (0, 0)
    cut: bool = False
    chances: Mapping[str, float] = field(default_factory=dict)
    likelihood: float = 0.0
    error: str | None = None

    @property
    def confidence(self) -> float | None:
        """The probability of the text, or else of its first token, if the engine returned it."""
        if self.chances:
            return self.chances.get(self.text)
        return None if self.token is None else math.exp(self.logprobs[self.token])
