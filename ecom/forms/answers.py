"""Can an answer in numbers be right? Shared by the forms that name options or items."""

from collections.abc import Iterable, Mapping

from ecom.forms.teacher import fold


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
