r"""What every body of a request has in common: no unknown key, and only whole texts. Pure; no ray.

JSON can spell half a character ("\ud83d" is half an emoji). No tokenizer reads it and no reply can
contain it, so it is refused here, with the name of its field, wherever in a body it is.
"""

import re
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator
from pydantic_core import PydanticCustomError

STRICT = ConfigDict(frozen=True, extra="forbid", strict=True, use_attribute_docstrings=True)
_HALF = re.compile("[\ud800-\udfff]")


class Body(BaseModel):
    """A request's body, or a query in one."""

    model_config = STRICT

    @model_validator(mode="before")
    @classmethod
    def _of_whole_texts(cls, value: Any) -> Any:
        if where := half(value):
            fault = PydanticCustomError(
                "half_character", "It contains half a character; send whole Unicode characters"
            )
            line: Any = {"type": fault, "loc": where, "input": "…"}
            raise ValidationError.from_exception_data(cls.__name__, [line])
        return value


def is_whole(text: str) -> bool:
    r"""Whether a text has no half of a surrogate pair.

    >>> is_whole("a 🥾"), is_whole("a \ud83e")
    (True, False)
    """
    return text.isascii() or not _HALF.search(text)


def half(value: Any) -> tuple[str | int, ...] | None:
    r"""Return the path of the first text in JSON data, a key or a value, that has half a character.

    >>> half({"messages": [{"content": "a \ud83d"}]})
    ('messages', 0, 'content')
    """
    path: list[str | int] = []
    open_: list[Iterator[tuple[str | int, Any]]] = [iter([("", value)])]  # JSON may be deep
    while open_:
        for key, one in open_[-1]:
            if isinstance(key, str) and not is_whole(key):
                return (*path[1:], key.encode("ascii", "backslashreplace").decode())
            if isinstance(one, str) and not is_whole(one):
                return (*path[1:], key)
            if isinstance(one, dict | list):
                path.append(key)
                open_.append(iter(one.items() if isinstance(one, dict) else enumerate(one)))
                break
        else:
            open_.pop()
            del path[-1:]
    return None
