"""Checks of a recipe before anything is spent: missing sections, a base that a stage refuses.

`ecom run` checks all its stages at the start; a stage that is run alone checks itself.
"""

from collections.abc import Sequence
from pathlib import Path

from ecom.errors import InputError
from ecom.recipe import Recipe

# The sections that stages read and that have no defaults.
_READ = {
    "quickstart": ("quickstart",),
    "corpus": ("corpus",),
    "serve": ("predict",),
    "predict": ("predict",),
    "evaluate": ("predict", "evaluate"),
    "plan": ("corpus",),
}


def sections(recipe: Recipe, readers: Sequence[str]) -> None:
    """Raise one InputError for all sections that these stages read and the recipe lacks."""
    lacking: dict[str, list[str]] = {}
    for reader in readers:
        for section in _READ.get(reader, ()):
            if getattr(recipe, section) is None:
                lacking.setdefault(section, []).append(reader)
    if lacking:
        lines = [
            f"  {section}: missing, and needed by {', '.join(names)}: add a section "
            f"`{section}:`, or run only the stages that do not read it"
            for section, names in lacking.items()
        ]
        raise InputError("\n".join(["the recipe lacks a section:", *lines]))


def base(recipe: Recipe, beside: Path) -> None:
    """Raise one InputError with every reason why train, compress or the engine refuses the base.

    The base's config.json holds all of them. Where it cannot be read, the stages report that.
    """
    from ecom.plan import base, refusals

    try:
        config = base.find(recipe, beside).config
    except InputError:
        found = [why] if (why := base.unsupported(recipe.base)) else []
    else:
        found = refusals.find(config, recipe)
    if found:
        lines = [f"  {fault}" for fault in found]
        raise InputError(
            "\n".join([f"base {recipe.base} cannot go through all stages of `ecom run`:", *lines])
        )
