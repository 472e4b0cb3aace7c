"""What a closed question may be answered with: as its prompt says, or as the caller does."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from ecom.errors import InputError

Choose = Literal["one", "any"] | int
# How one of several is chosen: by what the model writes, or by the likelihood of each text.
Choice = Literal["label", "likelihood", "likelihood_per_token"]
MAX_TEXTS = 20_000
MAX_CHARS = 500  # of a text


@dataclass(frozen=True, slots=True)
class Offer:
    """The texts that may be written, and how many of them.

    texts     labels such as "B", or texts such as "positive"; distinct
    least     the fewest that an answer names
    most      the most
    ordered   whether their order is part of the answer: best first
    """

    texts: tuple[str, ...]
    least: int = 1
    most: int = 1
    ordered: bool = False

    def fault(self, answer: str | Sequence[str]) -> str | None:
        """Return why an answer, a text or several, is not one that is offered, or None.

        >>> Offer(("red", "blue")).fault("green")
        "'green' is none of the 2 texts offered"
        """
        named = [answer] if isinstance(answer, str) else answer
        for text in named:
            if text not in self.texts:
                return f"{text!r:.60} is none of the {len(self.texts)} texts offered"
        if not self.least <= len(named) <= self.most:
            several = f"{self.least} to {self.most}" if self.least < self.most else f"{self.most}"
            return f"it names {len(named)} of the texts offered, not {several}"
        return None


def offered(
    options: Sequence[str] | None,
    labels: Sequence[str] | None,
    choose: Choose | None,
    order: bool | None,
    printed: Offer | None = None,
) -> Offer | None:
    """Return what the caller offers; None where the caller says nothing.

    options   the texts to choose from
    labels    what is written for each of them; None: the texts themselves
    choose    how many: "one" (the default), "any" number from one, or exactly this many
    order     whether the answer is an order, best first; of all texts unless `choose` is a number
    printed   what the prompt offers, where the caller names no texts

    Raises InputError that names the field, its value and the rule.

    >>> offered(["shirt", "shoes"], None, None, None)
    Offer(texts=('shirt', 'shoes'), least=1, most=1, ordered=False)
    >>> offered(None, ["A", "B", "C"], 2, True)
    Offer(texts=('A', 'B', 'C'), least=2, most=2, ordered=True)
    """
    if options is None and labels is None and choose is None and not order:
        return None
    texts = _texts("options", options)
    written = _texts("labels", labels)
    if texts and written and len(texts) != len(written):
        raise InputError(
            f"labels has {len(written)} entries and options {len(texts)}; give a label for each "
            "option, or leave labels out"
        )
    found = written or texts or (printed.texts if printed else ())
    if not found:
        raise InputError(
            f"{'order' if choose is None else 'choose'} is set, but the prompt prints no "
            f"list that "
            "is recognised; give the texts in options"
        )
    least, most = _counts(choose, bool(order), len(found))
    return Offer(found, least, most, bool(order))


def _counts(choose: Choose | None, order: bool, texts: int) -> tuple[int, int]:
    if choose is None:
        return (texts, texts) if order else (1, 1)
    if choose == "any":
        return 1, texts
    count = 1 if choose == "one" else int(choose)
    if not 1 <= count <= texts:
        raise InputError(f"choose is {choose!r}; with {texts} texts it is 1 to {texts}")
    return count, count


def _texts(name: str, given: Sequence[str] | None) -> tuple[str, ...]:
    """Return the texts without white space around them."""
    if given is None:
        return ()
    if not 2 <= len(given) <= MAX_TEXTS:
        raise InputError(f"{name} has {len(given)} entries; give 2 to {MAX_TEXTS}, or leave it out")
    texts = tuple(text.strip() for text in given)
    seen: dict[str, int] = {}
    for index, text in enumerate(texts):
        if not text or len(text) > MAX_CHARS or not text.isprintable():
            raise InputError(
                f"{name}.{index} is {text!r:.60}; give 1 to {MAX_CHARS} characters on one line"
            )
        if seen.setdefault(text, index) != index:
            raise InputError(
                f"{name}.{index} is {text!r:.60}, as {name}.{seen[text]}; give it once"
            )
    return texts
