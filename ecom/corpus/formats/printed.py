r"""The numbered list that a prompt prints, and the same prompt with other numbers.

"Products: 0. a lamp\n1. a boot\nOutput:" ─► numbers [0, 1] ─► "Products: 1. a lamp\n2. a boot…"
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Self

_MARK = re.compile(r"^[ \t]*(\d\d?)(?=[.)] )", re.MULTILINE)
_FIRST = re.compile(r"(?<=:)[ \t]*(0)(?=[.)] )")  # "Products: 0. …": the first on its title's line
_COUNT = re.compile(
    r"\b(?:\d+|two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen|twenty)\b", re.IGNORECASE
)


@dataclass(frozen=True)
class PrintedList:
    """A list whose items begin lines. `marks` are the places of its numbers in the prompt."""

    prompt: str
    numbers: list[int]
    marks: list[tuple[int, int]]

    @classmethod
    def of(cls, prompt: str) -> Self | None:
        r"""Return the last list of the prompt that counts upwards from 0 or 1, if there is one.

        >>> PrintedList.of("Which?\n0. a\n1. b\n3. c\nAnswer:").numbers
        [0, 1, 3]
        """
        found: list[re.Match[str]] = []
        for mark in reversed(list(_MARK.finditer(prompt))):
            if found and int(mark[1]) >= int(found[-1][1]):
                break
            found.append(mark)
        if not found:
            return None
        found.reverse()
        line_above = prompt.rfind("\n", 0, max(found[0].start() - 1, 0)) + 1
        first = _FIRST.search(prompt, line_above, found[0].start())
        if first and found[0][1] == "1":
            found.insert(0, first)
        numbers = [int(mark[1]) for mark in found]
        if len(numbers) < 2 or numbers[0] > 1:
            return None
        return cls(prompt, numbers, [mark.span(1) for mark in found])

    def renumbered(self, start: int, without: Collection[int] = ()) -> str:
        """Return the prompt with the list counted from `start`, items `without` left out."""
        end_of_list = self.prompt.find("\n", self.marks[-1][1])
        ends = [begin for begin, _ in self.marks[1:]]
        ends.append(len(self.prompt) if end_of_list < 0 else end_of_list + 1)
        pieces = [self.prompt[: self.marks[0][0]]]
        kept = 0
        for number, (_, mark_end), end in zip(self.numbers, self.marks, ends, strict=True):
            if number not in without:
                pieces.append(f"{start + kept}{self.prompt[mark_end:end]}")
                kept += 1
        return "".join(pieces) + self.prompt[ends[-1] :]

    def places(self, without: Collection[int] = ()) -> dict[int, int]:
        """Return each number's place among those that stay, from 0."""
        kept = [number for number in self.numbers if number not in without]
        return {number: place for place, number in enumerate(kept)}

    def is_counted_in_words(self) -> bool:
        """Whether the words around the list may say how long it is, or quote its numbers."""
        return bool(_COUNT.search(self._around()))

    def speaks_of_zero(self) -> bool:
        """Whether the words around the list quote 0, as in "counting from 0"."""
        return bool(re.search(r"\b(?:0|zero)\b", self._around(), re.IGNORECASE))

    def _around(self) -> str:
        end = self.prompt.find("\n", self.marks[-1][1])
        return self.prompt[: self.marks[0][0]] + (self.prompt[end:] if end >= 0 else "")
