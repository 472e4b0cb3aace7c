"""Can an answer be right? Shared by the forms that name options or items, or write their texts."""

from collections.abc import Iterable, Mapping, Sequence

from ecom.forms.teacher import fold

SHOWN = 10  # options that a fault names


def unprinted(options: Mapping[int, str], chosen: Iterable[int]) -> str | None:
    """Return a fault where a chosen number is not among the options, or None."""
    if not options:
        return "no list of options or items is found in the prompt"
    for number in chosen:
        if number not in options:
            return f"answer {number} is not among the {len(options)} numbers printed"
    return None


def twins(options: Mapping[int, str], chosen: Iterable[int]) -> str | None:
    """Return which right option and which wrong one have the same text, or None."""
    seen: dict[str, int] = {}
    right = set(chosen)
    for number, option in options.items():
        twin = seen.setdefault(fold(option), number)
        if twin != number and (twin in right) != (number in right):
            return f"options {twin} and {number} say the same, and only one of them is right"
    return None


def unoffered(own: Mapping[int, str], written: Sequence[str]) -> str | None:
    """Return a fault where a text of the answer is none of the options, or None.

    A question without options of its own says in its prompt what it may be answered with.
    """
    if not own:
        return None
    options = list(own.values())
    for text in written:
        if text not in options:
            shown = ", ".join(options[:SHOWN]) + (", …" if len(options) > SHOWN else "")
            return f"answer {text!r:.60} is none of the {len(options)} options: {shown}"
    return twins(own, [number for number, option in own.items() if option in written])
