"""Which texts are lists of distinct item numbers, "3,1,2", and which can still become one."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Numbers:
    """From `least` to `most` distinct numbers between `first` and `last`, joined by commas."""

    first: int
    last: int
    least: int
    most: int

    def can_end(self, text: str) -> bool:
        """Whether the text is such a list.

        >>> Numbers(1, 12, 1, 3).can_end("12,1"), Numbers(1, 12, 1, 3).can_end("12,")
        (True, False)
        """
        parts = text.split(",")
        return self.least <= len(parts) and self._are_items(parts)

    def can_begin(self, text: str) -> bool:
        """Whether the text is such a list, or the beginning of one.

        >>> [Numbers(1, 12, 1, 3).can_begin(text) for text in ("", "1", "1,", "1,1", "2,2", "13")]
        [True, True, True, True, False, False]
        """
        *items, begun = text.split(",")
        if not self._are_items(items) or len(items) >= self.most:
            return False
        return any(
            item.startswith(begun) and item not in items
            for item in map(str, range(self.first, self.last + 1))
        )

    def _are_items(self, parts: list[str]) -> bool:
        return (
            len(parts) <= self.most
            and len(set(parts)) == len(parts)
            and all(
                part.isascii()
                and part.isdigit()
                and str(int(part)) == part
                and self.first <= int(part) <= self.last
                for part in parts
            )
        )
