"""A price as people and programs write it: 12.99, "$12.99", "12,99 €", "1.299,00 EUR", "1 299,–".

An ambiguous text is no price: "from 5 to 9", "free", "1.299" (which may be 1299).
"""

import math
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from ecom.corpus.formats.cells import CellError, number, value

# $ and ¥ belong to several currencies.
_CURRENCIES = {"€": "EUR", "£": "GBP"} | {code: code for code in ("EUR", "GBP", "JPY", "USD")}
_NUMBER = re.compile(r"\d+(?:[.,'’\s]\d+)*")
_MARK = re.compile("|".join(_CURRENCIES))
# Only signs and codes of currencies may surround it: no minus, no "from", no "pack of".
_SIGN = r"(?:[A-Z]{2,3}|[€£$¥￥₹₩₽₺₫₪₱฿円元]|[Ee]uros?|kr|zł|Kč|Rs)"
_BEFORE = re.compile(rf"\s*(?:{_SIGN}\s*){{,2}}")
_AFTER = re.compile(rf"(?:[.,][-–])?\s*(?:{_SIGN}\s*){{,2}}")


def price(row: Mapping[str, Any], column: str) -> float | None:
    """Return the price in the currency's unit, to its hundredth; None where none is given.

    A price is above 0. Raises CellError where the cell is neither number nor text.
    """
    found = value(row, column)
    if isinstance(found, str):
        found = read(found)
    elif isinstance(found, bool) or not isinstance(found, int | float | Decimal | None):
        raise CellError(f"{column} must be a price: a {type(found).__name__}", f"{found!r:.100}")
    amount = number(found)
    if amount is None or not math.isfinite(amount):
        return None
    return round(amount, 2) if round(amount, 2) > 0 else None


def currency(row: Mapping[str, Any], column: str) -> str:
    """Return the ISO 4217 code that a price's text names unambiguously, else ""."""
    found = value(row, column)
    match = _MARK.search(found) if isinstance(found, str) else None
    return _CURRENCIES[match[0]] if match else ""


def read(text: str) -> float | None:
    """Return the one amount in a text, None where there is none or it is ambiguous."""
    match = _NUMBER.search(text)
    if not match:
        return None
    before, after = text[: match.start()], text[match.end() :]
    if not (_BEFORE.fullmatch(before) and _AFTER.fullmatch(after)):
        return None
    return _amount(match[0], bare=not (before.strip() or after.strip()))


def _amount(digits: str, bare: bool) -> float | None:
    """Return the value of digits with marks between them; the last mark may be the decimal one.

    A last . or , is decimal if it occurs once and is not followed by exactly three digits, or if
    another mark or a single 0 precedes it. Three digits after one mark are thousands; only a bare
    "1.299" is ambiguous, because programs write decimals like that.
    """
    *groups, last = re.split(r"[.,'’\s]", digits)
    marks = re.sub(r"\d", "", digits)
    if not marks:
        return float(last)
    mark, whole = marks[-1], "".join(groups)
    once = mark in ".," and marks.count(mark) == 1
    if once and (len(last) != 3 or len(marks) > 1 or int(whole) == 0):
        return float(f"{whole}.{last}")
    if len(last) != 3 or len(set(marks)) > 1 or (bare and marks == "."):
        return None
    return float(whole + last)
