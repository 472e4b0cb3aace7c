r"""Renumbers the list that a finished prompt prints.

"Products: 0. a lamp\n1. a boot\nOutput:" ─► numbers [0, 1] ─► "Products: 1. a lamp\n2. a boot…"
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Self

from ecom.forms.options import Item, printed

_COUNT = re.compile(
    r"\b(?:\d+|two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen|twenty)\b", re.IGNORECASE
)


@dataclass(frozen=True)
class PrintedList:
    """The last numbered list of a prompt, which counts up from 0 or 1."""

    prompt: str
    items: tuple[Item, ...]

    @classmethod
    def of(cls, prompt: str) -> Self | None:
        r"""Return the list, or None where the prompt prints none.

        >>> PrintedList.of("Which?\n0. a\n1. b\n3. c\nAnswer:").numbers
        [0, 1, 3]
        """
        lists = [found for found in printed(prompt) if found.is_numbered]
        found = cls(prompt, lists[-1].items) if lists else None
        return found if found and found.numbers == sorted(found.numbers) else None

    @property
    def numbers(self) -> list[int]:
        """The items' numbers."""
        return [int(item.label) for item in self.items]

    def renumbered(self, start: int, without: Collection[int] = ()) -> str:
        """Return the prompt with the list counted from `start`, without the items `without`."""
        last = self.items[-1].end
        ends = [item.begin for item in self.items[1:]]
        ends.append(min(last + 1, len(self.prompt)))
        pieces = [self.prompt[: self.items[0].begin]]
        kept = 0
        for item, end in zip(self.items, ends, strict=True):
            if int(item.label) not in without:
                before = self.prompt[item.begin : item.label_begin]
                pieces.append(f"{before}{start + kept}{self.prompt[item.label_end : end]}")
                kept += 1
        return "".join(pieces) + self.prompt[ends[-1] :]

    def indices(self, without: Collection[int] = ()) -> dict[int, int]:
        """Return each remaining number's place, from 0."""
        kept = [number for number in self.numbers if number not in without]
        return {number: index for index, number in enumerate(kept)}

    def is_counted_in_words(self) -> bool:
        """Whether the words around the list may give its length, or quote its numbers."""
        return bool(_COUNT.search(self._around()))

    def speaks_of_zero(self) -> bool:
        """Whether the words around the list quote 0, as in "counting from 0"."""
        return bool(re.search(r"\b(?:0|zero)\b", self._around(), re.IGNORECASE))

    def _around(self) -> str:
        return self.prompt[: self.items[0].begin] + self.prompt[self.items[-1].end :]
