"""schema.org's Product in JSON-LD: in files, in an @graph, in the scripts of HTML pages.

Products are found wherever they stand for themselves: in a list, an @graph, an ItemList, a page's
mainEntity; not where another one only refers to them (isRelatedTo, itemReviewed). The variants of a
ProductGroup are one product with it. What several pages say of one product is taken together.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ecom.corpus.formats.cells import text
from ecom.corpus.formats.exports.base import Export, Listing, Row, Rows, Taken, is_blank, path
from ecom.rows import content_id
from ecom.shopbench import Rejected

_TYPES = {"Product", "ProductGroup", "ProductModel", "IndividualProduct"}
_WITHIN = ("@graph", "mainEntity", "itemListElement", "item", "about")
_IDS = ("productGroupID", "sku", "productID", "gtin", "gtin13", "gtin14", "gtin12", "gtin8")
_ATTRIBUTES = {
    "color": "Color",
    "size": "Size",
    "material": "Material",
    "pattern": "Pattern",
    "model": "Model",
    "weight": "Weight",
    "width": "Width",
    "height": "Height",
    "depth": "Depth",
    "countryOfOrigin": "Country of origin",
    "suggestedGender": "Gender",
    "suggestedAge": "Age",
}
# UN/CEFACT's codes of units.
_UNITS = {
    **{"KGM": "kg", "GRM": "g", "LBR": "lb", "ONZ": "oz", "CMT": "cm", "MMT": "mm", "MTR": "m"},
    **{"INH": "in", "FOT": "ft", "LTR": "l", "MLT": "ml", "CLT": "cl", "WTT": "W", "VLT": "V"},
}
_URL = re.compile(r"https?://\S+|//\S+|#\S*|_:\S+")


def _fits(row: Row) -> bool:
    return bool({"@type", "@graph", "@context"} & row.keys())


def _rows(lines: Rows) -> Iterator[Taken]:
    found = _Found()
    for number, (line, row) in enumerate(lines):
        if isinstance(row, Rejected):
            yield line, row
            continue
        for node in _products(row):
            found.add(line, node, number)
    for one in found.products():
        yield one.taken("name")


class _Found:
    """The products of all documents, and which of them are variants of which."""

    def __init__(self) -> None:
        self._listings: dict[str, Listing] = {}
        self._named: dict[str, Listing] = {}  # by any of their ids, and by @id
        self._taken_in: dict[str, Listing] = {}  # by the id of a variant
        self._variants: list[tuple[str, str]] = []  # names of (a group, a variant of it)

    def add(self, line: int, node: Row, document: int) -> None:
        """Add a node of a document; an @id such as "#product" means another one in each."""
        one = _listing(line, node)
        known = self._listings.setdefault(one.id, one)
        if known is not one:
            known.merge(one)
        here = _names(node, document)
        for name in (one.id, *one.known_as, *here):
            self._named.setdefault(name, known)
        self._variants += [(group, one.id) for group in _groups_of(node, document)]
        for variant in _list(node.get("hasVariant")):
            if isinstance(variant, Mapping):
                self._variants += [(one.id, name) for name in _names(variant, document)]

    def products(self) -> Iterator[Listing]:
        """Yield the products; a variant of a group that no document has stands for it."""
        for group, variant in self._variants:
            of, one = self._known(group), self._known(variant)
            if one and not of:
                self._named[group] = one
            elif one and of and one is not of:
                del self._listings[one.id]
                self._taken_in[one.id] = of
                one.title = ""
                of.merge(one)
        yield from self._listings.values()

    def _known(self, name: str) -> Listing | None:
        """Return the product of a name, or the one that it was taken into."""
        one = self._named.get(name)
        while one and one.id in self._taken_in:
            one = self._taken_in[one.id]
        return one


def _names(node: Row, document: int) -> list[str]:
    """Return the names by which other nodes refer to a node of a document."""
    ids = _texts(node, "@id")
    return [name if _is_global(name) else f"{document} {name}" for name in ids]


def _groups_of(node: Row, document: int) -> list[str]:
    """Return the names of the group of which a product is a variant."""
    names = _texts(node, "inProductGroupWithID")
    for group in _list(node.get("isVariantOf")):
        if isinstance(group, Mapping):
            names += [*_names(group, document), *_texts(group, "productGroupID", "url")]
        else:
            names.append(_text(group))
    return names[:1]


def _products(found: Any) -> Iterator[Mapping[str, Any]]:
    """Yield the nodes that are products and stand for themselves."""
    if isinstance(found, list):
        for one in found:
            yield from _products(one)
    elif isinstance(found, Mapping) and not is_blank(found):
        if _types(found) & _TYPES:
            if found.keys() - {"@type", "@id"}:  # else it only refers to a product
                yield found
            return
        for key in _WITHIN:
            yield from _products(found.get(key))


def _types(node: Row) -> set[str]:
    found = node.get("@type")
    names = found if isinstance(found, list) else [found]
    return {re.split(r"[/#:]", name)[-1] for name in names if isinstance(name, str)}


def _listing(line: int, node: Row) -> Listing:
    """Return the listing of a product, with its variants."""
    title = _text(node.get("name"))
    own = [*_texts(node, *_IDS), *filter(_is_global, _texts(node, "@id")), *_texts(node, "url")]
    one = Listing(line, own[0] if own else content_id(title, _text(node.get("description"))))
    one.also(*own, *_texts(node, "mpn"))
    one.title, one.description = title, _text(node.get("description"))
    one.brand = _text(node.get("brand")) or _text(node.get("manufacturer"))
    one.category = _category(node.get("category"))
    one.lang = _lang(node)
    for key, name in _ATTRIBUTES.items():
        one.add(name, *_values(node.get(key)))
    audience = node.get("audience")
    for key in ("suggestedGender", "suggestedAge"):
        if isinstance(audience, Mapping):
            one.add(_ATTRIBUTES[key], *_values(audience.get(key)))
    for detail in _list(node.get("additionalProperty")):
        if isinstance(detail, Mapping):
            one.add(_text(detail.get("name")), *_values(detail))
    _offers(one, node.get("offers"))
    for variant in _products(node.get("hasVariant")):
        of_it = _listing(line, variant)
        of_it.title = ""
        one.merge(of_it)
    return one


def _is_global(name: str) -> bool:
    return "//" in name


def _offers(one: Listing, found: Any) -> None:
    """Take the prices of offers; an aggregate of different prices has none."""
    for offer in _list(found):
        if not isinstance(offer, Mapping):
            continue
        low, high = offer.get("lowPrice"), offer.get("highPrice")
        amounts = [offer.get("price"), low, high]
        for part in _list(offer.get("priceSpecification")):
            if isinstance(part, Mapping) and not _text(offer.get("price")):
                amounts.append(part.get("price"))
                one.currency = one.currency or _text(part.get("priceCurrency"))
        for amount in amounts:
            if isinstance(amount, str | int | float) and not isinstance(amount, bool):
                one.priced(amount)
        one.currency = one.currency or _text(offer.get("priceCurrency"))
        _offers(one, offer.get("offers"))


def _category(found: Any) -> tuple[str, ...]:
    """Return the longest of a product's categories; a URL is none."""
    paths = []
    for one in _list(found):
        written = _text(one)
        if written and not _URL.fullmatch(written):
            paths.append(path(written, ">" if ">" in written else "/"))
    return max(paths, key=len, default=())


def _values(found: Any) -> list[str]:
    """Return the values of a property: texts, numbers with their units, names of things."""
    values = []
    for one in _list(found):
        written = _text(one)
        if isinstance(one, Mapping) and "value" in one:
            unit = _text(one.get("unitText")) or _text(one.get("unitCode"))
            parts = [_text(part) for part in _list(one["value"])]
            written = ", ".join(filter(None, parts))
            written = f"{written} {_UNITS.get(unit, unit)}".strip() if written else ""
        if written and not _URL.fullmatch(written):
            values.append(written)
    return values


def _texts(node: Row, *keys: str) -> list[str]:
    return [written for key in keys for one in _list(node.get(key)) if (written := _text(one))]


def _text(found: Any) -> str:
    """Return the text of a value: its own, that of its @value, or the name of a thing."""
    if isinstance(found, list):
        return next(filter(None, map(_text, found)), "")
    if isinstance(found, Mapping):
        return _text(found.get("@value")) or _text(found.get("name"))
    if isinstance(found, bool):
        return "yes" if found else "no"
    return text({"value": found}, "value") if isinstance(found, str | int | float) else ""


def _lang(node: Row) -> str:
    """Return the language that the node or its name gives, else ""."""
    name = node.get("name")
    given = _text(node.get("inLanguage"))
    if not given and isinstance(name, Mapping):
        given = _text(name.get("@language"))
    return given if re.fullmatch(r"[A-Za-z]{2}(?:[-_]\w+)*", given) else ""


def _list(found: Any) -> list[Any]:
    return found if isinstance(found, list) else [] if found is None else [found]


PRODUCTS = Export(name="schema.org's products in JSON-LD", fits=_fits, rows=_rows)
