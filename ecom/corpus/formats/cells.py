r"""One cell of a raw table: its value in the requested type, or the rule that it breaks.

The same column is text in CSV, a number in JSON and perhaps NaN in Parquet, so every reader asks by
type. A value is missing if there is no such column, or if it is null, NaN (also as pandas' text),
white space, or a usual placeholder (NULL, N/A, #N/A, k.A.). A "\n" of two characters is a line
break.

    text(row, "size")      17, 17.0, "17"                        -> "17"       a struct: CellError
    identifier(row, "id")  17, 17.0, "17", "17.0"                -> "17"
    texts(row, "features") ["a", "b"], '["a", "b"]', "['a' 'b']" -> ("a", "b")
    ids(row, "viewed")     the same, and "B1, B2"                -> ("B1", "B2")
    rating(row, "stars")   5, 5.0, "5.0"                         -> 5          6: CellError
"""

import ast
import json
import math
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

# A printed list of quoted texts, by Python (commas) or NumPy (white space).
_QUOTED = r"'[^'\\]*(?:\\.[^'\\]*)*'|\"[^\"\\]*(?:\\.[^\"\\]*)*\""
_PRINTED = re.compile(rf"\[[\s,]*(?:(?:{_QUOTED})[\s,]*)*\]", re.DOTALL)
_ITEM = re.compile(_QUOTED, re.DOTALL)
# Placeholders of pandas, databases, programs and people. "None" and "NA" may be values.
_NOTHING = [
    *r"nan NaN null NULL (null) (NULL) N/A n/a <NA> \N nil undefined TBD k.A.".split(),
    "",
    "k. A.",
]
# Errors of Excel in English, German, French, Spanish and Italian.
_ERRORS = (
    "#N/A #NULL! #REF! #VALUE! #DIV/0! #NAME? #NUM! #NV #BEZUG! #WERT! #ZAHL! "
    "#NUL! #VALEUR! #NOM? #NOMBRE! #N/D #¡NULO! #¡REF! #¡VALOR! #¡DIV/0! #¿NOMBRE? #¡NUM! "
    "#NULLO! #RIF! #VALORE! #NOME?"
).split()
_NO_VALUE = frozenset((*_NOTHING, *_ERRORS))
_PANDAS_ID = re.compile(r"(-?\d+)\.0")  # a whole number in a column that has nulls
_OTHER_BACKSLASH = re.compile(r":\\|\\(?![nrt])")  # of a path, say
_BETWEEN_IDS = re.compile(r"[\s,;|]+")
_LANG = re.compile(r"([a-z]{2})(?:[-_][a-z0-9]+)*", re.IGNORECASE)
_KINDS = {bool: "a boolean", dict: "a struct", list: "a list", tuple: "a list"}


class CellError(ValueError):
    """A cell, or a row as a whole, breaks a rule: `str()` is the reason to reject the row.

    The rule comes first and a short value last, so that equal faults can be counted. `shown` is the
    value where it would make every reason different.
    """

    def __init__(self, reason: str, shown: str = "") -> None:
        super().__init__(reason)
        self.shown = shown


def value(row: Mapping[str, Any], column: str) -> Any:
    """Return the cell, text stripped of white space, or None where it has no value."""
    return _value(row.get(column), column)


def text(row: Mapping[str, Any], column: str) -> str:
    """Return the cell as a text, "" where it has no value. A whole number loses its ".0"."""
    return _text(row.get(column), column)


def identifier(row: Mapping[str, Any], column: str) -> str:
    """Return the cell as an id, "" where it has no value; pandas' "17.0" is "17"."""
    return _identifier(text(row, column))


def needed(
    row: Mapping[str, Any], column: str, read: Callable[[Mapping[str, Any], str], str] = text
) -> str:
    """Return the cell as a non-empty text, or as `read` returns it. Raises CellError."""
    found = read(row, column)
    if not found:
        raise CellError(f"{column} is missing")
    return found


def texts(row: Mapping[str, Any], column: str) -> tuple[str, ...]:
    """Return the texts of a list, also of a printed one; another text is a list of one."""
    found = value(row, column)
    if isinstance(found, str):
        items = _parsed_list(found)
        found = [found] if items is None else items
    return _items(found, column)


def ids(row: Mapping[str, Any], column: str) -> tuple[str, ...]:
    """Return the ids of a list, of a printed list, or of a text with , ; | or blanks between."""
    found = value(row, column)
    if isinstance(found, str):
        items = _parsed_list(found) if found[0] == "[" else _BETWEEN_IDS.split(found)
        if items is None:
            raise CellError(f"{column} must be a list of ids", repr(found))
        found = items
    return tuple(map(_identifier, _items(found, column)))


def mapping(row: Mapping[str, Any], column: str) -> Mapping[str, Any]:
    """Return a struct, or the JSON object in a text; empty where there is no value."""
    found = value(row, column)
    if isinstance(found, str):
        try:
            found = json.loads(found)
        except (ValueError, RecursionError):
            raise CellError(f"{column} must be a JSON object", repr(found)) from None
    if not isinstance(found, Mapping | None):
        raise _fault(column, "a struct or a JSON object", found)
    return found or {}


def rating(row: Mapping[str, Any], column: str) -> int | None:
    """Return a whole number of stars from 1 to 5, None where there is none."""
    found = value(row, column)
    if found is None:
        return None
    stars = number(found)
    if stars not in (1, 2, 3, 4, 5):
        raise _fault(column, "a whole number from 1 to 5", found)
    return int(stars)


def lang(row: Mapping[str, Any], column: str) -> str:
    """Return the ISO 639-1 code in "de", "DE" or "de-AT"; "" where there is no value."""
    found = text(row, column)
    match = _LANG.fullmatch(found)
    if found and not match:
        raise _fault(column, "a language code of two letters", found)
    return match[1].lower() if match else ""


def number(found: Any) -> float | None:
    """Return a number, also from a text; None for anything else."""
    if isinstance(found, bool) or not isinstance(found, int | float | Decimal | str):
        return None
    try:
        return float(found)
    except (ValueError, OverflowError):
        return None


def _value(found: Any, column: str) -> Any:
    if isinstance(found, bytes):  # some Parquet writers store text as bytes
        try:
            found = found.decode()
        except UnicodeDecodeError:
            raise CellError(f"{column} must be UTF-8", repr(found[:100])) from None
    if isinstance(found, str):
        found = found.strip()
        if not found.isascii() and re.search(r"[\ud800-\udfff]", found):
            raise CellError(f"{column} holds a lone surrogate (\\ud800 to \\udfff), no character")
        return None if found in _NO_VALUE else found
    if isinstance(found, float | Decimal) and math.isnan(found):
        return None
    return found


def _text(cell: Any, column: str) -> str:
    found = _value(cell, column)
    if found is None or isinstance(found, str):
        return _with_breaks(found or "")
    if isinstance(found, bool) or not isinstance(found, int | float | Decimal):
        raise _fault(column, "a text", found)
    if not math.isfinite(found):
        raise _fault(column, "a finite number", found)
    return str(int(found)) if found == int(found) else str(found)


def _with_breaks(found: str) -> str:
    r"""Return the text with escaped line breaks replaced, if it has no other backslash."""
    if "\\n" not in found or _OTHER_BACKSLASH.search(found):
        return found
    return found.replace("\\r\\n", "\n").replace("\\n", "\n").strip()


def _identifier(found: str) -> str:
    match = _PANDAS_ID.fullmatch(found)
    return match[1] if match else found


def _items(found: Any, column: str) -> tuple[str, ...]:
    if not isinstance(found, list | tuple | None):
        raise _fault(column, "a list of texts", found)
    return tuple(item for cell in found or () if (item := _text(cell, column)))


def _parsed_list(found: str) -> list[Any] | None:
    """Return the items of a list in JSON, or as Python or NumPy print it; None if it is none."""
    if found[0] != "[":
        return None
    try:
        items = json.loads(found)
    except (ValueError, RecursionError):
        if not _PRINTED.fullmatch(found):
            return None
        return [
            ast.literal_eval(item) if "\\" in item else item[1:-1] for item in _ITEM.findall(found)
        ]
    return items if isinstance(items, list) else None


def _fault(column: str, rule: str, found: Any) -> CellError:
    kind = _KINDS.get(type(found))
    shown = f"{found!r:.60}" if isinstance(found, str | int | float | Decimal) else ""
    return CellError(
        f"{column} must be {rule}: {kind or shown or type(found).__name__}", f"{found!r:.100}"
    )
