"""A shop's products and reviews, written as shop systems export them, with the usual mess.

Each function of WRITERS writes a file into a folder and returns its path. About one product in
FAULTY has a fault for which its row must be rejected; the rest is to be read.
"""

import csv
import gzip
import html
import io
import json
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

FAULTY = 50
_BRANDS = ("Nørdlys", "Adler & Söhne", "Brisa", "Hearth", "Lumo", "Tilia", "Kestrel", "Oak & Iron")
_KINDS = {
    "rain jacket": ("Clothing > Outerwear > Jackets", ("Colour", "Size")),
    "running sock": ("Clothing > Socks", ("Colour", "Size")),
    "leather boot": ("Shoes > Boots, Winter", ("Colour", "Shoe size")),
    "desk lamp": ("Home & Garden > Lighting > Lamps", ("Colour",)),
    "cast-iron pan": ("Home & Garden > Kitchen > Pans", ("Diameter",)),
    "oak shelf": ("Home & Garden > Furniture > Shelves", ()),
    "wool blanket": ("Home & Garden > Textiles", ("Colour",)),
    "garden hose": ("Home & Garden > Garden", ("Length",)),
}
_VALUES = {
    "Colour": ("moss green", "navy", "brick red", "off-white", "black"),
    "Size": ("S", "M", "L", "XL"),
    "Shoe size": ("38", "39.5", "41", "42 ⅔"),
    "Diameter": ("20 cm", "24 cm", "28 cm"),
    "Length": ("10 m", "25 m", "50 m"),
}
_NAMES = (
    "Fjell",
    "Havn",
    "Sund",
    "Tinde",
    "Elv",
    "Skog",
    "Myr",
    "Vidde",
    "Bre",
    "Eng",
    "Li",
    "Nes",
)
_MATERIALS = (
    "organic cotton",
    "merino wool",
    "full-grain leather",
    "powder-coated steel",
    "oiled oak",
)
_SAID = (
    "keeps you dry on the way to work",
    "lasts for many winters",
    "is easy to clean",
    "folds flat",
    "comes with a spare part",
    "is made in a small workshop",
    "feels soft from the first day",
    "fits under a low window",
    "is tested for ten thousand uses",
    "takes no tools to set up",
)


@dataclass(frozen=True)
class Item:
    """What an export says of a product. `price` is that of all variants, or None."""

    number: int
    title: str
    brand: str
    category: str
    said: tuple[str, ...]
    material: str
    options: tuple[tuple[str, tuple[str, ...]], ...]
    price: float
    same_price: bool

    @property
    def handle(self) -> str:
        return f"{self.title.lower().replace(' ', '-')}"

    @property
    def body(self) -> str:
        lines = "".join(f"<li>{html.escape(said)}.</li>\r\n" for said in self.said)
        return (
            '<!-- pasted --><style>p { color: red }</style><p style="margin: 0">'
            f"<strong>{self.title}</strong>&nbsp;&ndash; of {self.material}, 24&quot; wide.</p>\r\n"
            f"<ul>\r\n{lines}</ul>"
        )

    @property
    def text(self) -> str:
        return f"{self.title} – of {self.material}. It " + ". It ".join(self.said) + "."

    @property
    def variants(self) -> list[dict[str, str]]:
        found: list[dict[str, str]] = [{}]
        for name, values in self.options:
            found = [{**one, name: value} for one in found for value in values]
        return found

    def sku(self, variant: int) -> str:
        return f"{self.number:05}-{variant}"

    def price_of(self, variant: int) -> float:
        return self.price if self.same_price else self.price + 2 * variant

    @property
    def is_faulty(self) -> bool:
        return self.number % FAULTY == 17


def items(count: int, seed: int = 0) -> list[Item]:
    rng = Random(seed)
    found = []
    for number in range(1, count + 1):
        kind, (category, options) = rng.choice(list(_KINDS.items()))
        title = f"{rng.choice(_NAMES)} {kind} {number}"
        some = tuple(
            (name, tuple(sorted(rng.sample(_VALUES[name], rng.randint(2, 3))))) for name in options
        )
        found.append(
            Item(
                number=number,
                title=title,
                brand=rng.choice(_BRANDS),
                category=category,
                said=tuple(rng.sample(_SAID, 3)),
                material=rng.choice(_MATERIALS),
                options=some if rng.random() < 0.8 else (),
                price=round(rng.uniform(5, 1500), 2),
                same_price=rng.random() < 0.7,
            )
        )
    return found


def shopify(folder: Path, count: int) -> Path:
    """UTF-8 with a mark, CRLF, images in lines of their own, cells left out at their ends."""
    names = (
        "Handle,Title,Body (HTML),Vendor,Product Category,Type,Tags,Published,Option1 Name,"
        "Option1 Value,Option1 Linked To,Option2 Name,Option2 Value,Option2 Linked To,Option3 Name,"
        "Option3 Value,Option3 Linked To,Variant SKU,Variant Grams,Variant Inventory Tracker,"
        "Variant Inventory Policy,Variant Fulfillment Service,Variant Price,"
        "Variant Compare At Price,Variant Requires Shipping,Variant Taxable,Variant Barcode,"
        "Image Src,Image Position,Image Alt Text,Gift Card,SEO Title,SEO Description,"
        "Google Shopping / Google Product Category,Google Shopping / Gender,"
        "Google Shopping / Age Group,Material (product.metafields.custom.material),"
        "Variant Image,Variant Weight Unit,Variant Tax Code,Cost per item,Status"
    ).split(",")
    rows: list[list[str]] = []
    for one in items(count):
        for at, variant in enumerate(one.variants):
            row = dict.fromkeys(names, "")
            row |= {
                "Handle": one.handle,
                "Variant SKU": f"'{one.sku(at)}",
                "Variant Grams": "500.0",
                "Variant Price": f"{one.price_of(at):.2f}",
                "Variant Inventory Policy": "deny",
                "Variant Weight Unit": "kg",
            }
            values = list(variant.values())
            for place, value in enumerate(values or ["Default Title"], start=1):
                row[f"Option{place} Value"] = value
            if at == 0:
                row |= {
                    "Title": "" if one.is_faulty else html.escape(one.title),
                    "Body (HTML)": one.body,
                    "Vendor": one.brand,
                    "Product Category": one.category,
                    "Type": one.category.rpartition("> ")[2],
                    "Tags": "sale, new, winter-26",
                    "Published": "TRUE",
                    "Gift Card": "FALSE",
                    "Image Src": f"https://cdn.example/{one.handle}.jpg?v=1",
                    "Material (product.metafields.custom.material)": one.material,
                    "Google Shopping / Gender": "Unisex" if "Clothing" in one.category else "",
                    "Status": "active",
                }
                for place, name in enumerate([*variant] or ["Title"], start=1):
                    row[f"Option{place} Name"] = name
            rows.append(list(row.values()))
        image = dict.fromkeys(names, "") | {
            "Handle": one.handle,
            "Image Src": f"https://cdn.example/{one.handle}-2.jpg",
            "Image Position": "2",
        }
        cells = list(image.values())
        rows.append(cells[: names.index("Image Position") + 1] if one.number % 3 else cells)
    return _csv(folder / "products_export_1.csv", names, rows, encoding="utf-8-sig")


def shopify_json(folder: Path, count: int) -> Path:
    """One line; prices are texts, a product without options has "Default Title"."""
    found = [
        {
            "id": 7_000_000_000 + one.number,
            "title": None if one.is_faulty else one.title,
            "handle": one.handle,
            "body_html": one.body,
            "vendor": one.brand,
            "product_type": one.category.rpartition("> ")[2],
            "tags": ["sale", "new"],
            "variants": [
                {
                    "id": 40_000_000_000 + 100 * one.number + at,
                    "title": " / ".join(variant.values()) or "Default Title",
                    **{
                        f"option{place}": value
                        for place, value in enumerate([*variant.values()] or ["Default Title"], 1)
                    },
                    "sku": one.sku(at),
                    "price": f"{one.price_of(at):.2f}",
                    "compare_at_price": None,
                }
                for at, variant in enumerate(one.variants)
            ],
            "images": [{"src": "https://cdn.example/a.jpg"}],
            "options": [
                {"name": name, "position": place, "values": list(values)}
                for place, (name, values) in enumerate(one.options or (("Title", ()),), 1)
            ],
        }
        for one in items(count)
    ]
    path = folder / "products.json"
    path.write_text(json.dumps({"products": found}), "utf-8")
    return path


def woocommerce(folder: Path, count: int) -> Path:
    """As Excel saves it again: Windows-1252, semicolons, decimal commas; variations at the end."""
    names = (
        "ID,Type,SKU,Name,Published,Is featured?,Visibility in catalog,Short description,"
        "Description,Date sale price starts,Date sale price ends,Tax status,Tax class,In stock?,"
        "Stock,Weight (kg),Length (cm),Sale price,Regular price,Categories,Tags,Shipping class,"
        "Images,Parent,Grouped products,Upsells,Cross-sells,External URL,Position,"
        "Attribute 1 name,Attribute 1 value(s),Attribute 1 visible,Attribute 1 global,"
        "Attribute 2 name,Attribute 2 value(s),Attribute 2 visible,Attribute 2 global,"
        "Attribute 3 name,Attribute 3 value(s),Attribute 3 visible,Attribute 3 global"
    ).split(",")
    rows: list[list[str]] = []
    variations: list[list[str]] = []
    for one in items(count):
        brand = one.brand.upper() if one.number % 2 else one.brand
        many = bool(one.options)
        attributes = [("Material", (one.material,)), *one.options, ("Brand", (brand,))][:3]
        category = one.category.replace(",", "\\,")
        row = dict.fromkeys(names, "") | {
            "ID": str(10 * one.number * 100),
            "Type": "variable" if many else "simple",
            "SKU": one.sku(0)[:-2],
            "Name": "" if one.is_faulty and not many else _cp1252(one.title),
            "Published": "1",
            "Is featured?": "0",
            "Visibility in catalog": "visible",
            "Short description": f"<p>{_cp1252(one.said[0])}</p>",
            "Description": _cp1252(one.body).replace("\r\n", "\\n"),
            "Date sale price starts": "45992",  # Excel's number of a day
            "Weight (kg)": "0,5",
            "Regular price": "" if many else _local(one.price),
            "Categories": f"Sale, {category}, {category.partition(' > ')[0]}",
            "Images": "https://shop.example/a.jpg, https://shop.example/b.jpg",
        }
        for place, (name, values) in enumerate(attributes, start=1):
            row[f"Attribute {place} name"] = name
            row[f"Attribute {place} value(s)"] = _cp1252(", ".join(values))
        rows.append(list(row.values()))
        for at, variant in enumerate(one.variants if many else []):
            variation = dict.fromkeys(names, "") | {
                "ID": str(10 * one.number * 100 + at + 1),
                "Type": "variation, virtual" if at % 2 else "variation",
                "SKU": one.sku(at),
                "Name": _cp1252(f"{one.title} - {', '.join(variant.values())}"),
                "Regular price": _local(one.price_of(at)),
                "Parent": "gone"
                if one.is_faulty and at == 0
                else (f"id:{10 * one.number * 100}" if one.number % 2 else one.sku(0)[:-2]),
            }
            for place, (name, value) in enumerate(variant.items(), start=2):
                variation[f"Attribute {place} name"] = name
                variation[f"Attribute {place} value(s)"] = _cp1252(value)
            variations.append(list(variation.values()))
    path = folder / "wc-product-export.csv"
    return _csv(path, names, [*rows, *variations], delimiter=";", encoding="cp1252")


def magento(folder: Path, count: int) -> Path:
    """Simple products before their configurable one, views of a store; packed with gzip."""
    names = (
        "sku,store_view_code,attribute_set_code,product_type,categories,product_websites,name,"
        "description,short_description,weight,product_online,tax_class_name,visibility,price,"
        "special_price,url_key,meta_title,base_image,created_at,additional_attributes,qty,"
        "is_in_stock,related_skus,configurable_variations,configurable_variation_labels"
    ).split(",")
    rows: list[list[str]] = []
    for one in items(count):
        category = "Default Category/" + one.category.replace(" > ", "/")
        common = {
            "attribute_set_code": "Default",
            "categories": f"Default Category,{category},Default Category/Sale",
            "product_websites": "base",
            "product_online": "1",
            "tax_class_name": "Taxable Goods",
            "created_at": "11/30/26, 4:05 PM",
        }
        fixed = (
            f"has_options=0,manufacturer={one.brand},material={one.material}|recycled,"
            "care=Wash, then dry"
        )
        variations = []
        for at, variant in enumerate(one.variants if one.options else []):
            codes = {name.lower().replace(" ", "_"): value for name, value in variant.items()}
            pairs = ",".join(f"{code}={value}" for code, value in codes.items())
            variations.append(f"sku={one.sku(at)},{pairs}")
            rows.append(
                _row(
                    names,
                    **common,
                    sku=one.sku(at),
                    product_type="simple",
                    name=f"{one.title}-{'-'.join(variant.values())}",
                    visibility="Not Visible Individually",
                    price=f"{one.price_of(at):.6f}",
                    additional_attributes=f"{fixed},{pairs}",
                )
            )
        labels = ",".join(f"{name.lower().replace(' ', '_')}={name}" for name, _ in one.options)
        main = _row(
            names,
            **common,
            sku=f"P{one.number:05}",
            product_type="configurable" if one.options else "simple",
            name="" if one.is_faulty else one.title,
            description=one.body,
            short_description=f"<p>{one.said[0]}</p>",
            visibility="Catalog, Search",
            price="" if one.options else f"{one.price:.6f}",
            additional_attributes=fixed,
            configurable_variations="|".join(variations),
            configurable_variation_labels=labels if one.options else "",
        )
        rows.append(main)
        if one.number % 4 == 0:
            view = _row(
                names, sku=f"P{one.number:05}", store_view_code="de", name=f"DE {one.title}"
            )
            rows.append(view)
    path = folder / "catalog_product.csv.gz"
    path.write_bytes(gzip.compress(_written(names, rows).encode(), mtime=0))
    return path


def google_tsv(folder: Path, count: int) -> Path:
    """A .txt with tabs, an offer a variant; quotes are ordinary characters in it."""
    names = (
        "id,title,description,link,image link,availability,price,sale price,brand,gtin,condition,"
        "google product category,product type,item group id,color,size,material,gender,age group,"
        "shipping,product detail"
    ).split(",")
    lines = ["\t".join(names)]
    for one in items(count):
        for at, variant in enumerate(one.variants):
            row = _offer(one, at, variant)
            row["product detail"] = f'General:Width:24",General:Made for:{one.said[0]}'
            lines.append("\t".join(row.get(name, "").replace("\n", " ") for name in names))
    path = folder / "feed.txt"
    path.write_text("\r\n".join(lines) + "\r\n", "utf-8")
    return path


def google_rss(folder: Path, count: int) -> Path:
    """RSS in Windows-1252 with bare "&", HTML's entities and a control character."""
    parts = [
        '<?xml version="1.0" encoding="ISO-8859-1"?>\n<rss version="2.0" '
        'xmlns:g="http://base.google.com/ns/1.0"><channel><title>Shop & Co</title>\n'
        "<link>https://shop.example</link>\n"
    ]
    for one in items(count):
        for at, variant in enumerate(one.variants):
            row = {name: _cp1252(value) for name, value in _offer(one, at, variant).items()}
            tags = "".join(
                f"<g:{name.replace(' ', '_')}>{value}</g:{name.replace(' ', '_')}>\n"
                for name, value in row.items()
                if name not in ("title", "description")
            )
            parts.append(
                f"<item><title>{row['title']}</title>\n<description><![CDATA[<p>{row['description']}"
                f"&nbsp;&eacute;</p>]]></description>\n{tags}<g:product_highlight>{one.said[1]} "
                "&amp; caf&eacute; &ndash; \x0bnew</g:product_highlight><g:shipping>"
                "<g:country>DE</g:country><g:price>4.90 EUR</g:price></g:shipping>"
                "<g:product_detail><g:attribute_name>Width"
                '</g:attribute_name><g:attribute_value>24"</g:attribute_value></g:product_detail>'
                "</item>\n"
            )
    path = folder / "feed.xml"
    path.write_bytes("".join([*parts, "</channel></rss>"]).encode("cp1252"))
    return path


def google_atom(folder: Path, count: int) -> Path:
    """Atom in UTF-8, in a zip."""
    parts = [
        '<?xml version="1.0"?>\n<feed xmlns="http://www.w3.org/2005/Atom" '
        'xmlns:g="http://base.google.com/ns/1.0">\n<title>Shop</title>\n'
    ]
    for one in items(count):
        for at, variant in enumerate(one.variants):
            tags = "".join(
                f"<g:{name.replace(' ', '_')}>{html.escape(value)}</g:{name.replace(' ', '_')}>"
                for name, value in _offer(one, at, variant).items()
            )
            parts.append(f"<entry>{tags}</entry>\n")
    path = folder / "atom.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as unpacked:
        unpacked.writestr("__MACOSX/._feed.xml", "x")
        unpacked.writestr("feed.xml", "".join([*parts, "</feed>"]))
    return path


def json_ld(folder: Path, count: int) -> Path:
    """A page for each product, some with an @graph, a ProductGroup or a script that is broken."""
    pages = folder / "pages"
    pages.mkdir()
    for one in items(count):
        node = _node(one)
        written = json.dumps(node, ensure_ascii=False)
        if one.is_faulty:
            written = written[:-1]
        elif one.number % 3 == 0:
            graph = [{"@type": "WebPage", "name": "Shop"}, {"@type": "BreadcrumbList"}, node]
            written = json.dumps({"@context": "https://schema.org", "@graph": graph}, indent=2)
        if one.number % 5 == 0:
            written = f"/*<![CDATA[*/ {written} /*]]>*/"
        (pages / f"{one.number:05}.html").write_text(
            f"<!doctype html><html><head><meta charset='utf-8'><title>{one.title}</title>\n"
            "<script>var a = {};</script>\n"
            '<script type="application/ld+json">{"@type": "Organization"}</script>\n'
            f'<script type="application/ld+json">\n{written}\n</script></head><body></body></html>',
            "utf-8",
        )
    (pages / "about.html").write_text("<html><p>About us</p></html>")
    return pages


def judge_me(folder: Path, count: int) -> Path:
    """Reviews with names and addresses that must not be kept; some spam, some without a text."""
    names = (
        "title,body,rating,review_date,source,curated,reviewer_name,reviewer_email,product_id,"
        "product_handle,reply,reply_date,picture_urls,ip_address,location"
    ).split(",")
    rng = Random(1)
    rows = [
        _row(
            names,
            title=rng.choice(("Love it!", "", "Not for me", "Très bien", "5 stars ⭐")),
            body=""
            if one.number % 10 == 0
            else f"The {one.title} {rng.choice(one.said)}.\n\nThanks!",
            rating="7" if one.is_faulty else str(rng.randint(1, 5)),
            review_date="2026-03-04 10:00:00 UTC" if one.number % 2 else "46085.41667",
            source="email",
            curated="spam" if one.number % 40 == 0 else "ok",
            reviewer_name="Erika Mustermann",
            reviewer_email=f"erika{one.number}@mail.example",
            product_id=str(7_000_000_000 + one.number),
            product_handle=one.handle,
            ip_address="203.0.113.7",
            location="Berlin, Germany",
        )
        for one in items(count)
    ]
    return _csv(folder / "judgeme.csv", names, rows, encoding="utf-8-sig")


def yotpo(folder: Path, count: int) -> Path:
    """Reviews with semicolons and in Windows-1252; products by SKU, title and URL."""
    names = (
        "Review ID;Review Creation Date;Review Title;Review Content;Review Score;Review Status;"
        "Product ID;Product Title;Product URL;SKU;Reviewer Display Name;Reviewer Email;"
        "Published Image URL;Comment Content"
    ).split(";")
    rng = Random(2)
    rows = [
        [
            str(one.number),
            "46085",
            rng.choice(("Good", "So-so", "“Great” quality")),
            _cp1252(f"The {one.title} {rng.choice(one.said)} &amp; it&#39;s nice; café colour."),
            "" if one.is_faulty else str(rng.randint(1, 5)),
            "Published" if one.number % 30 else "Rejected",
            str(7_000_000_000 + one.number),
            one.title,
            f"https://shop.example/products/{one.handle}?variant=1",
            one.sku(0),
            "Erika M.",
            f"erika{one.number}@mail.example",
            "",
            "Thank you, Erika",
        ]
        for one in items(count)
    ]
    return _csv(folder / "yotpo.csv", names, rows, delimiter=";", encoding="cp1252")


WRITERS: dict[str, Callable[[Path, int], Path]] = {
    one.__name__: one
    for one in (
        *(
            shopify,
            shopify_json,
            woocommerce,
            magento,
            google_tsv,
            google_rss,
            google_atom,
            json_ld,
        ),
        *(judge_me, yotpo),
    )
}
REVIEWS = ("judge_me", "yotpo")


def _offer(one: Item, at: int, variant: dict[str, str]) -> dict[str, str]:
    size = next((value for name, value in variant.items() if name != "Colour"), "")
    many = " - ".join([one.title, *variant.values()])
    return {
        "id": one.sku(at),
        "title": "" if one.is_faulty else many,
        "description": one.text,
        "link": f"https://shop.example/{one.handle}?utm_source=feed&utm_medium=cpc",
        "image link": f"https://cdn.example/{one.handle}.jpg",
        "availability": "in_stock",
        "price": f"{one.price_of(at):.2f} USD"
        if one.number % 7
        else f"{_local(one.price_of(at))} €",
        "sale price": "1.00 USD",
        "brand": one.brand,
        "gtin": f"40{one.number:06}{at:05}",
        "condition": "new",
        "google product category": "2271",
        "product type": one.category,
        "item group id": f"G{one.number}" if len(one.variants) > 1 else "",
        "color": variant.get("Colour", ""),
        "size": size,
        "material": one.material,
    }


def _node(one: Item) -> dict[str, Any]:
    offer = {
        "@type": "Offer",
        "price": one.price,
        "priceCurrency": "EUR",
        "availability": "https://schema.org/InStock",
    }
    node: dict[str, Any] = {
        "@context": "https://schema.org/",
        "@type": ["Product"],
        "@id": f"https://shop.example/p/{one.handle}#product",
        "name": one.title,
        "image": ["https://cdn.example/a.jpg"],
        "description": one.body,
        "sku": f"P{one.number:05}",
        "brand": {"@type": "Brand", "name": one.brand},
        "category": one.category,
        "material": one.material,
        "weight": {"@type": "QuantitativeValue", "value": 0.5, "unitCode": "KGM"},
        "additionalProperty": [
            {"@type": "PropertyValue", "name": "Made for", "value": one.said[0]},
            {"@type": "PropertyValue", "name": "Washable", "value": True},
        ],
        "offers": offer,
        "isRelatedTo": {"@type": "Product", "name": "Another one"},
        "review": {"@type": "Review", "author": {"name": "Erika"}},
    }
    if one.options:
        node |= {
            "@type": "ProductGroup",
            "productGroupID": f"P{one.number:05}",
            "hasVariant": [
                {
                    "@type": "Product",
                    "sku": one.sku(at),
                    "name": f"{one.title} {' '.join(variant.values())}",
                    "color": variant.get("Colour"),
                    "size": next((v for n, v in variant.items() if n != "Colour"), None),
                    "offers": {**offer, "price": f"{one.price_of(at):.2f}"},
                }
                for at, variant in enumerate(one.variants)
            ],
        }
        del node["offers"], node["sku"]
    return node


def _row(names: Sequence[str], **cells: str) -> list[str]:
    return [cells.get(name, "") for name in names]


def _local(price: float) -> str:
    """Return 1.299,00 as it is written in much of Europe."""
    return f"{price:,.2f}".replace(",", " ").replace(".", ",").replace(" ", ".")


def _cp1252(text: str) -> str:
    return text.encode("cp1252", "replace").decode("cp1252")


def _written(names: Sequence[str], rows: Sequence[Sequence[str]], delimiter: str = ",") -> str:
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=delimiter, lineterminator="\r\n")
    writer.writerows([names, *rows])
    return stream.getvalue()


def _csv(
    path: Path,
    names: Sequence[str],
    rows: Sequence[Sequence[str]],
    delimiter: str = ",",
    encoding: str = "utf-8",
) -> Path:
    path.write_bytes(_written(names, rows, delimiter).encode(encoding))
    return path
