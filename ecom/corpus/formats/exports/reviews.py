"""Reviews as Judge.me and Yotpo export them (CSV).

Names, addresses, places and replies are left aside. A review without a text is its title; one
without both, spam and rejected ones are not for training.
"""

import re
from collections.abc import Iterator
from functools import partial
from typing import Any
from urllib.parse import unquote

from ecom.corpus.formats.base import KNOWN_AS
from ecom.corpus.formats.cells import CellError, text
from ecom.corpus.formats.exports.base import (
    Export,
    Row,
    Rows,
    Taken,
    first,
    has,
    ids,
    is_blank,
    plainly,
)
from ecom.shopbench import Rejected

_JUDGE_ME = (
    *("review date", "reviewer name", "reviewer email", "product id", "product handle", "curated"),
    *("picture urls", "reply", "source"),
)
_YOTPO = (
    *("review title", "product title", "product id", "sku", "product url", "reviewer email"),
    *("reviewer display name", "display name", "email", "date", "review creation date"),
)
_END_OF_URL = re.compile(r"/?(?:[?#]|$)")
_REFUSED = {"spam", "rejected", "archived", "deleted"}


def _is_judge_me(row: Row) -> bool:
    return has(row, "body, rating", *_JUDGE_ME, at_least=3)


def _is_yotpo(row: Row) -> bool:
    return has(row, "review content, review score", *_YOTPO, at_least=2)


def _rows(lines: Rows, words: str, title: str, rating: str) -> Iterator[Taken]:
    """Yield the reviews with our names; what names their writers is in none."""
    for line, raw in lines:
        if isinstance(raw, Rejected):
            yield line, Rejected(line, raw.reason, "")
            continue
        row = plainly(raw)
        if is_blank(row):
            continue
        try:
            yield line, _review(row, words, title, rating)
        except CellError as fault:
            yield line, Rejected(line, str(fault), fault.shown)


def _review(row: Row, words: str, title: str, rating: str) -> dict[str, Any]:
    for column in ("curated", "status", "review status"):
        if text(row, column).lower() in _REFUSED:
            raise CellError(f"{column} is {text(row, column).lower()}: not for training")
    said, headline = text(row, words), text(row, title)
    if not (said or headline):
        raise CellError(f"{words} and {title} are missing: not for training")
    handle = unquote(_END_OF_URL.split(text(row, "product url"))[0].rpartition("/")[2])
    names = [*ids(row, "product id", "product handle", "sku", "product sku"), handle]
    return {
        "id": first(row, "review id"),
        "product_id": next(filter(None, names), ""),
        KNOWN_AS: list(filter(None, names)),
        "product_title": text(row, "product title"),
        "title": headline if said else "",
        "text": said or headline,
        "rating": text(row, rating),
        "lang": "",
    }


JUDGE_ME = Export(
    name="Judge.me's reviews",
    fits=_is_judge_me,
    rows=partial(_rows, words="body", title="title", rating="rating"),
)
YOTPO = Export(
    name="Yotpo's reviews",
    fits=_is_yotpo,
    rows=partial(_rows, words="review content", title="review title", rating="review score"),
)
