"""Can an answer in numbers be right? Shared by the forms that name options or items."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any


def agreed(
    official: Callable[[str], Any],
    lenient: Callable[[str], Any],
    emit: Callable[[Any], str],
    nothing: Any,
    output: str,
) -> str | None:
    r"""Return an output as `emit` writes it, or None where the contest misreads it.

    The official parser must find what a careful reader finds: "2. boot" is 2, but "6\n8" is 68.
    """
    answer = official(output)
    if answer == nothing:
        return None
    safe = emit(answer)
    return safe if safe == output or lenient(output) == answer else None


def unprinted(options: Mapping[int, str], chosen: Iterable[int]) -> str | None:
    """Return which number is not among the options, or None."""
    if not options:
        return "no list of options or items is found in the prompt"
    for number in chosen:
        if number not in options:
            return f"answer {number} is not among the {len(options)} numbers printed"
    return None


def twins(options: Mapping[int, str], chosen: Iterable[int]) -> str | None:
    """Return which two options say the same, one of them right and one wrong, or None."""
    seen: dict[str, int] = {}
    right = set(chosen)
    for number, option in options.items():
        twin = seen.setdefault(" ".join(option.casefold().split()), number)
        if twin != number and (twin in right) != (number in right):
            return f"options {twin} and {number} say the same, and only one of them is right"
    return None
