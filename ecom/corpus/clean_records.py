"""Records without HTML: transforms and teachers read a description as a buyer does.

    Product(description="Oak. <b>Holds</b> 5&nbsp;kg.") ─► Product(description="Oak. Holds 5 kg.")

Examples are cleaned again when they are made; here it is for what transforms decide by a text: its
sentences, its length, whether a brand occurs in it. A record without HTML stays as it is; in one
that has some all texts are repaired alike, for an entity has to occur in its text.
"""

from collections.abc import Iterator
from dataclasses import fields, replace
from typing import Any, TypeVar

from ecom.corpus.clean import has_html, without_html
from ecom.corpus.records import Product, Record

R = TypeVar("R", bound=Record)
_NO_TEXTS = ("id", "source", "lang", "label", "own", "also_bought")


def clean_record(record: R) -> tuple[R, tuple[str, ...]]:
    """Return the record with its texts repaired, also those of its products, and the fixes."""
    fixes: dict[str, None] = {}
    return _repaired(record, fixes), tuple(fixes)


def _repaired(record: R, fixes: dict[str, None]) -> R:
    names = [field.name for field in fields(record) if field.name not in _NO_TEXTS]
    values = {name: getattr(record, name) for name in names}
    html = any(map(has_html, _texts(tuple(values.values()))))
    changed: dict[str, Any] = {}
    for name, before in values.items():
        if (after := _value(before, html, fixes)) != before:
            changed[name] = after
    return replace(record, **changed) if changed else record


def _value(value: Any, html: bool, fixes: dict[str, None]) -> Any:
    if isinstance(value, str):
        return without_html(value, fixes) if html else value
    if isinstance(value, tuple):
        return tuple(_value(item, html, fixes) for item in value)
    return _repaired(value, fixes) if isinstance(value, Product) else value


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for item in value if isinstance(value, tuple) else ():
        yield from _texts(item)
