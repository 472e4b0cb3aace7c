'''The base of every model in a recipe, and the list of its settings that people read.

    class Clean(Settings):
        max_prompt_chars: int = Field(default=20_000, ge=1)
        """Longer prompts are rejected. [characters]"""

The docstring below a field explains it and ends with a unit in brackets. `ecom settings` and
docs/reference/settings.md both show what `listed` yields.
'''

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import groupby
from types import UnionType
from typing import TYPE_CHECKING, Annotated, Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt, MinLen, MultipleOf
from pydantic import BaseModel, ConfigDict
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined, to_jsonable_python

from ecom.errors import InputError

if TYPE_CHECKING:
    from rich.console import Group

INDEX, NAME = "N", "NAME"  # in a key: an index of a list, a key of a mapping
_UNIT = re.compile(r"\s*\[([^\[\]]+)\]$")
_PLAIN = {str: "text", int: "integer", float: "number", bool: "true or false"}
_SIGNS = (
    (Ge, "ge", "≥"),
    (Gt, "gt", ">"),
    (Le, "le", "≤"),
    (Lt, "lt", "<"),
    (MultipleOf, "multiple_of", "multiple of"),
)


class Settings(BaseModel):
    """A frozen section of a recipe, which refuses unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


@dataclass(frozen=True)
class Setting:
    """One key of a recipe.

    key        as an override names it: `corpus.sources.N.path`, `predict.baselines.NAME.url`
    type       the type of its values, with limits
    unit       of its numbers; "" where there is none
    default    as written in YAML; "" for a section that exists without being named
    """

    key: str
    type: str
    unit: str
    default: str
    required: bool
    meaning: str

    @property
    def name(self) -> str:
        """The last part of the key."""
        return self.key.rpartition(".")[2]

    @property
    def takes(self) -> str:
        """Type and unit."""
        return f"{self.type}, {self.unit}" if self.unit else self.type

    @property
    def otherwise(self) -> str:
        """What applies where it is not given."""
        return "required" if self.required else self.default and f"default: {self.default}"


def listed(model: type[BaseModel]) -> Iterator[Setting]:
    """Yield a model's settings, section by section."""
    for key, section, values in sections(model):
        yield from fields(section, key, values)


def sections(
    model: type[BaseModel], key: str = "", values: BaseModel | None = None
) -> Iterator[tuple[str, type[BaseModel], BaseModel | None]]:
    """Yield each section's key and model, beginning with "" and the given model.

    `values` holds the defaults where they differ from the model's own.
    """
    yield key, model, values
    for name, field in model.model_fields.items():
        default = _value(name, field, values)
        for inner, infix in _models(field.annotation):
            given = default if isinstance(default, inner) else None
            yield from sections(inner, f"{key}.{name}{infix}".lstrip("."), given)


def fields(
    model: type[BaseModel], key: str = "", values: BaseModel | None = None
) -> Iterator[Setting]:
    """Yield the settings of one section, without those of the sections in it."""
    for name, field in model.model_fields.items():
        meaning = " ".join((field.description or "").split())
        unit = _UNIT.search(meaning)
        yield Setting(
            key=f"{key}.{name}".lstrip("."),
            type=_type(field.annotation, field.metadata),
            unit=unit[1] if unit else "",
            default=_default(_value(name, field, values)),
            required=field.is_required(),
            meaning=_UNIT.sub("", meaning),
        )


def below(settings: Sequence[Setting], prefix: str) -> list[Setting]:
    """Return the setting with that key and those below it. Raises InputError if there is none."""
    parts = prefix.split(".") if prefix else []
    if chosen := [one for one in settings if _begins(one.key.split("."), parts)]:
        return chosen
    keys = [one.key for one in settings]
    same = [key for key in keys if key.endswith(f".{parts[-1]}")]
    near = list(dict.fromkeys([*same, *get_close_matches(prefix, keys, n=3, cutoff=0.5)]))[:4]
    hint = f"did you mean {', '.join(near)}?" if near else "`ecom settings` lists all"
    raise InputError(f"{prefix!r:.80}: no setting of a recipe begins like this; {hint}")


def table(settings: Sequence[Setting]) -> "Group":
    """Return a table for each section."""
    from rich.console import Group, RenderableType
    from rich.markup import escape
    from rich.table import Table

    tables: list[RenderableType] = []
    for section, rows in groupby(settings, key=lambda one: one.key.rpartition(".")[0]):
        shown = Table(title=section or "recipe", title_justify="left", show_lines=True, width=100)
        shown.add_column("setting", no_wrap=True)
        shown.add_column("type and default", width=28, overflow="fold")
        shown.add_column("meaning", ratio=1)
        for one in rows:
            cells = (one.name, "\n".join(filter(None, [one.takes, one.otherwise])), one.meaning)
            shown.add_row(*map(escape, cells))
        tables.append(shown)
    if any({INDEX, NAME} & {*one.key.split(".")} for one in settings):
        tables.append(f"{INDEX}: an index of a list, from 0. {NAME}: a key of a mapping.")
    return Group(*tables)


def _begins(key: Sequence[str], given: Sequence[str]) -> bool:
    """Say whether a key begins with the given parts: `sources.0` is `sources.N`."""
    return len(given) <= len(key) and all(
        part in (wanted, INDEX, NAME) and (part != INDEX or wanted.isdigit() or wanted == INDEX)
        for part, wanted in zip(key, given, strict=False)
    )


def _value(name: str, field: FieldInfo, values: BaseModel | None) -> Any:
    return getattr(values, name) if values else field.get_default(call_default_factory=True)


def _default(value: Any) -> str:
    if value is PydanticUndefined or isinstance(value, BaseModel):
        return ""
    plain = to_jsonable_python(value, exclude_none=True) if value is not None else None
    if isinstance(value, tuple):
        plain = [
            one.model_dump(mode="json", exclude_unset=True) if isinstance(one, BaseModel) else one
            for one in value
        ]
    return plain if isinstance(plain, str) and plain else json.dumps(plain, ensure_ascii=False)


def _models(annotation: Any) -> Iterator[tuple[type[BaseModel], str]]:
    """Yield the models that a value may hold, and what precedes their keys: ".N", ".NAME" or ""."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation, ""
        return
    origin, inner = get_origin(annotation), get_args(annotation)
    infix = {tuple: f".{INDEX}", list: f".{INDEX}", dict: f".{NAME}"}.get(origin, "")
    for one in inner if origin is not Literal else ():
        for model, further in _models(one):
            yield model, infix + further


def _type(annotation: Any, limits: Sequence[Any] = ()) -> str:
    """Return the words for a type and its limits: "integer ≥ 1 or null"."""
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _type(inner[0], [*limits, *inner[1:]])
    if origin is Literal:
        return " | ".join(map(str, inner))
    if origin in (Union, UnionType):
        known = [_type(one, limits) for one in inner if one is not type(None)]
        return " or ".join([*known, "null"] if type(None) in inner else known)
    if origin is tuple and inner[-1] is not Ellipsis:
        return f"[{', '.join(_type(one) for one in inner)}]"
    if origin in (tuple, list):
        fewest = next((limit.min_length for limit in limits if isinstance(limit, MinLen)), 0)
        return f"list of {_plural(inner[0])}" + (f", {fewest} or more" if fewest else "")
    if origin is dict:
        return f"mapping of {_plural(inner[0])} to {_plural(inner[1])}"
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return "section"
    return _PLAIN.get(annotation, "any value") + _limits(limits)


def _plural(annotation: Any) -> str:
    kind = _type(annotation)
    return f"({kind})" if " " in kind and kind != "any value" else f"{kind}s"


def _limits(limits: Sequence[Any]) -> str:
    """Return ", 0 to 1" or " ≥ 1"."""
    flat = [part for one in limits for part in getattr(one, "metadata", [one])]
    low = next((one.ge for one in flat if isinstance(one, Ge)), None)
    high = next((one.le for one in flat if isinstance(one, Le)), None)
    if low is not None and high is not None:
        return f", {low} to {high}"
    shown = [
        f"{sign} {_number(getattr(one, name))}"
        for one in flat
        for kind, name, sign in _SIGNS
        if isinstance(one, kind)
    ]
    joined = ", ".join(shown)
    return f", {joined}" if joined.startswith("multiple") else f" {joined}".rstrip()


def _number(value: float) -> str:
    return "2⁶³" if value == 2**63 else str(value)
