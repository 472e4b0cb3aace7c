"""Records to make rows of.

shop      small, written by hand; every transform makes something of it, and the examples in
          the docstrings are from it
bazaar    large, by a seed; its titles tell what is right, so that answers can be checked
"""

from collections.abc import Callable
from dataclasses import replace
from itertools import product as combinations
from random import Random

import pytest

from ecom.corpus.atomic import CATALOGUE, Made, Pool
from ecom.corpus.config import Wording
from ecom.corpus.records import (
    Answered,
    Classified,
    Dialogue,
    Paired,
    Product,
    Record,
    Related,
    Relevance,
    Review,
    Rewritten,
    Search,
    Session,
    Summarised,
    Tagged,
)
from ecom.corpus.wording import load

SHOES = ("Clothing", "Shoes")
# (id, title, brand, category, attributes, price, description)
ROWS = [
    (
        "p1",
        "Nordlicht Pegasus road running shoe, red",
        "Nordlicht",
        (*SHOES, "Running"),
        {"color": "red", "surface": "road"},
        89.90,
        "The Pegasus is a light shoe for long runs on asphalt. It dries fast.",
    ),
    (
        "p2",
        "Adler Swift trail running shoe, blue",
        "Adler",
        (*SHOES, "Running"),
        {"color": "blue", "surface": "trail"},
        94.50,
        "Deep lugs give the Swift grip on mud. A trail shoe for wet days.",
    ),
    (
        "p3",
        "Kiruna Glide road running shoe, grey",
        "Kiruna",
        (*SHOES, "Running"),
        {"color": "grey", "surface": "road"},
        79.00,
        "Glide has a soft sole for daily training.",
    ),
    (
        "p4",
        "Kiruna leather sandal, brown",
        "Kiruna",
        (*SHOES, "Sandals"),
        {"color": "brown", "material": "leather"},
        49.00,
        "A summer sandal of soft leather with a cork bed.",
    ),
    (
        "p5",
        "Brisa cork sandal, white",
        "Brisa",
        (*SHOES, "Sandals"),
        {"color": "white", "material": "cork"},
        39.50,
        "This sandal is as light as cork and made for the beach.",
    ),
    (
        "p6",
        "Adler rubber boot, green",
        "Adler",
        (*SHOES, "Boots"),
        {"color": "green", "material": "rubber"},
        35.00,
        "Rubber boot for rain and garden, knee high.",
    ),
    (
        "p7",
        "Nordlicht winter boot, black",
        "Nordlicht",
        (*SHOES, "Boots"),
        {"color": "black", "material": "suede"},
        129.00,
        "Winter boot with a warm lining for ice and snow.",
    ),
    (
        "p8",
        "Brisa merino socks, red, 2 pairs",
        "Brisa",
        ("Clothing", "Socks"),
        {"color": "red", "material": "merino"},
        18.00,
        "Merino socks that keep feet warm and dry.",
    ),
    (
        "p9",
        "Adler running socks, white, 3 pairs",
        "Adler",
        ("Clothing", "Socks"),
        {"color": "white", "material": "cotton"},
        12.00,
        "Cotton socks with a cushion for running.",
    ),
    (
        "p10",
        "Lumo desk lamp with dimmer, white",
        "Lumo",
        ("Home", "Lighting", "Lamps"),
        {"color": "white", "wattage": "9 W"},
        45.00,
        "Desk lamp with warm light that is easy to dim.",
    ),
    (
        "p11",
        "Lumo LED bulb E27",
        "Lumo",
        ("Home", "Lighting", "Bulbs"),
        {"base": "E27", "wattage": "8 W"},
        6.50,
        "A bulb that needs little power and lasts for years.",
    ),
    (
        "p12",
        "Hearth kettle, steel, 1.7 l",
        "Hearth",
        ("Home", "Kitchen", "Kettles"),
        {"material": "steel", "capacity": "1.7 l"},
        39.00,
        "Steel kettle that boils in three minutes and switches itself off.",
    ),
    (
        "p13",
        "Hearth toaster, black",
        "Hearth",
        ("Home", "Kitchen", "Toasters"),
        {"color": "black", "slots": "2"},
        34.00,
        "Toaster with two slots and a tray for crumbs.",
    ),
]
ALSO_BOUGHT = {"p1": ("p8", "p9"), "p10": ("p11",), "p12": ("p13",)}


def _products() -> list[Product]:
    return [
        Product(
            id=id,
            source="shop",
            title=title,
            lang="en",
            brand=brand,
            category=category,
            attributes=tuple(attributes.items()),
            price=price,
            currency="EUR",
            description=description,
            also_bought=ALSO_BOUGHT.get(id, ()),
        )
        for id, title, brand, category, attributes, price, description in ROWS
    ]


def _in_many_of_a_kind() -> list[Product]:
    """Products by the dozen, so that what none of a category has is foreign to it."""
    kinds = {
        ("Toys", "Games", "Puzzles"): "pieces",
        ("Toys", "Games", "Card games"): "players",
        ("Toys", "Figures", "Robots"): "batteries",
        ("Garden", "Tools", "Spades"): "blade",
    }
    return [
        Product(
            id=f"{path[-1]} {number}",
            source="shop",
            lang="en",
            category=path,
            title=f"{path[-1]} model {number}",
            attributes=((name, str(number * 10)),),
        )
        for (path, name), number in combinations(kinds.items(), range(1, 7))
    ]


def _abroad() -> list[Product]:
    """Products that are sold in several countries under one id."""
    titles = {
        "t1": {
            "en": "Tea pot of glass, 1 l",
            "de": "Teekanne aus Glas, 1 l",
            "ja": "ガラスのティーポット 1リットル",
        },
        "t2": {"en": "Garden hose, 20 m", "de": "Gartenschlauch, 20 m"},
        "t3": {"en": "Wool blanket, blue", "de": "Wolldecke, blau"},
        "t4": {"en": "Bread knife of steel", "de": "Brotmesser aus Stahl"},
        "t5": {"en": "Wooden train for children", "de": "Holzeisenbahn für Kinder"},
    }
    texts = {
        "en": "A good thing of the kind number",
        "de": "Ein gutes Ding der Art Nummer",
        "ja": "とても良い品物です 番号",
    }
    return [
        Product(id=id, source="abroad", lang=lang, title=title, description=f"{texts[lang]} {id}.")
        for id, by_lang in titles.items()
        for lang, title in by_lang.items()
    ]


def _reviews(products: dict[str, Product]) -> list[Review]:
    said = [
        ("p1", 5, "My legs love it", "I ran a marathon in this running shoe and had no blister."),
        ("p1", 4, "Good for the road", "A light pegasus indeed, but the laces are short."),
        ("p2", 1, "Fell apart", "The trail ruined this shoe within a week. Not worth it."),
        ("p4", 2, "Too hard", "The leather of the sandal hurt my feet for days."),
        ("p6", 3, "Does its job", "The boot is green and of rubber, what more is there to say."),
        ("p8", 5, "Never cold again", "These merino socks kept me warm in the mountains."),
        ("p10", 1, "Flickers", "The desk lamp flickers as soon as I use the dimmer."),
        ("p12", 5, "Fast and quiet", "The kettle boils the water before I find the tea."),
        ("p13", 2, "Burnt", "This toaster knows only white and black bread."),
    ]
    return [
        Review(
            id=f"r{number}",
            source="shop",
            lang="en",
            rating=rating,
            title=title,
            text=text,
            product=products[product],
        )
        for number, (product, rating, title, text) in enumerate(said)
    ]


def _searches(p: dict[str, Product]) -> list[Search]:
    rows = {
        "red road running shoe": [
            ("p1", "exact"),
            ("p3", "substitute"),
            ("p8", "complement"),
            ("p10", "irrelevant"),
        ],
        "trail shoe": [("p2", "exact"), ("p1", "substitute"), ("p9", "complement")],
        "leather sandal": [("p4", "exact"), ("p5", "substitute"), ("p12", "irrelevant")],
        "socks": [("p8", "exact"), ("p9", "exact"), ("p6", "irrelevant")],
        "winter boot": [("p7", "exact"), ("p6", "substitute")],
        "dimmable lamp": [("p10", "exact"), ("p11", "complement")],
    }
    return [
        Search(
            id=f"s{number}",
            source="shop",
            lang="en",
            query=query,
            judged=tuple((p[id], how) for id, how in judged),  # type: ignore[misc]
        )
        for number, (query, judged) in enumerate(rows.items())
    ]


def _sessions(p: dict[str, Product]) -> list[Session]:
    rows = [(("p2", "p3"), "p1"), (("p4", "p6"), "p5"), (("p10",), "p11"), (("p12", "p10"), "p13")]
    return [
        Session(
            id=f"v{number}",
            source="shop",
            lang="en",
            viewed=tuple(p[id] for id in viewed),
            next=p[after],
        )
        for number, (viewed, after) in enumerate(rows)
    ]


def _dialogues() -> list[Dialogue]:
    intents = ("return an item", "track a parcel", "change an order", "ask about a product")
    talks = [
        (
            "Hello, my boots are too small. How do I send them back?",
            "You can return them for free within 30 days.",
        ),
        (
            "Where is my parcel? It should have come on Monday.",
            "It left our stock today and arrives tomorrow.",
        ),
        (
            "I ordered the red lamp but want the white one.",
            "I have changed the colour in your order.",
        ),
        ("Does the kettle switch itself off?", "Yes, it does so as soon as the water boils."),
    ]
    return [
        Dialogue(
            id=f"d{number}",
            source="shop",
            lang="en",
            intent=intents[number],
            intents=intents,
            turns=(("customer", asked), ("shop", told), ("customer", "Thank you!")),
        )
        for number, (asked, told) in enumerate(talks)
    ]


def _tagged() -> list[Tagged]:
    types = ("brand", "color", "product type", "material")
    rows = [
        (
            "red adler running shoe",
            [("color", "red"), ("brand", "adler"), ("product type", "running shoe")],
        ),
        (
            "kiruna sandals brown and white",
            [
                ("brand", "kiruna"),
                ("product type", "sandals"),
                ("color", "brown"),
                ("color", "white"),
            ],
        ),
        ("steel kettle", [("material", "steel"), ("product type", "kettle")]),
    ]
    return [
        Tagged(
            id=f"n{number}", source="queries", lang="en", text=text, spans=tuple(spans), types=types
        )
        for number, (text, spans) in enumerate(rows)
    ]


def _answered() -> list[Answered]:
    rows = [
        (
            "How long does the kettle take to boil?",
            "in three minutes",
            "Steel kettle. It boils in three minutes. It holds 1.7 litres.",
        ),
        (
            "Which washing programme do the socks stand?",
            "wool programme at 30 degrees",
            "Merino socks. Use the wool programme at 30 degrees. Do not tumble dry.",
        ),
        (
            "Is the lamp bright enough for reading?",
            "It was fine for me with the dimmer wide open.",
            "The lamp has a dimmer. With the dimmer wide open it was fine for books.",
        ),
        (
            "Do the boots keep feet warm?",
            "they have a warm lining",
            "I wore the boots all winter. Indeed they have a warm lining. The soles are thick.",
        ),
    ]
    return [
        Answered(
            id=f"q{number}",
            source="faq",
            lang="en",
            question=question,
            answer=answer,
            context=context,
        )
        for number, (question, answer, context) in enumerate(rows)
    ]


def _classified() -> list[Classified]:
    candidates = ("delivery", "price", "quality", "service", "size")
    rows = [
        ("The parcel came two days late.", ("delivery",)),
        ("Cheap, but it broke at once.", ("price", "quality")),
        ("The shop answered my mail within the hour.", ("service",)),
        ("One size too small.", ("size",)),
        ("It is well made.", ("quality",)),
        ("It came quickly and was cheaper than anywhere else.", ("delivery", "price")),
    ]
    return [
        Classified(
            id=f"c{number}",
            source="aspects",
            lang="en",
            text=text,
            labels=labels,
            candidates=candidates,
            topic="aspect",
        )
        for number, (text, labels) in enumerate(rows)
    ]


def _paired(p: dict[str, Product]) -> list[Paired]:
    twin = Product(
        id="x1",
        source="rival",
        lang="en",
        title="PEGASUS runner by Nordlicht (red)",
        brand="Nordlicht",
        category=p["p1"].category,
        attributes=(("color", "red"),),
    )
    return [
        Paired(id="m1", source="offers", lang="en", left=p["p1"], right=twin, same=True),
        Paired(id="m2", source="offers", lang="en", left=p["p2"], right=twin, same=False),
    ]


def _related() -> list[Related]:
    matches = ("match", "not match")
    asked = [
        ("how do I return shoes", "shoe returns: how does it work", True),
        ("red shoe for running", "running shoe in red", True),
        ("track my parcel please", "where is my parcel right now", True),
        ("lamp that I can dim", "dimmable desk lamp wanted", True),
        ("pay by invoice", "change the colour of my order", False),
    ]
    claims = [("metal", "entailment"), ("plastic", "contradiction"), ("new make", "neutral")]
    return [
        *(
            Related(
                id=f"h{number}",
                source="help",
                lang="en",
                first=first,
                second=second,
                topic="match",
                relation=matches[not same],
                relations=matches,
                match=same,
            )
            for number, (first, second, same) in enumerate(asked)
        ),
        *(
            Related(
                id=f"i{number}",
                source="claims",
                lang="en",
                first="The kettle is of steel.",
                second=f"The kettle is of {claim}.",
                relation=relation,
                topic="inference",
                relations=("contradiction", "entailment", "neutral"),
                match=number == 0,
            )
            for number, (claim, relation) in enumerate(claims)
        ),
        Related(
            id="g0",
            source="alike",
            lang="en",
            first="red shoe for running",
            second="running shoe in red",
            score=4.75,
            scale=(0, 5),
            topic="label",
        ),
    ]


def _summarised() -> list[Summarised]:
    rows = {
        "Fast steel kettle": "The kettle of steel holds 1.7 litres and boils in three minutes.",
        "Warm boots with thick soles": "I wore these boots all winter. Warm, with thick soles.",
        "Lamp that can be dimmed": "The desk lamp has warm light and a dimmer, and can be turned.",
        "Socks that dry fast": "These merino socks are dry an hour after washing, and dry fast.",
        "Sandals for the beach": "Light sandals with a cork bed, made for summer and the beach.",
    }
    return [
        Summarised(id=f"z{number}", source="texts", lang="en", text=text, summary=summary)
        for number, (summary, text) in enumerate(rows.items())
    ]


def _rewritten() -> list[Rewritten]:
    rows = {
        "shoos 4 runing": "running shoes",
        "kettel electric": "electric kettle",
        "lamp u can dim": "dimmable lamp",
        "woolen sox merino": "merino wool socks",
        "bred knive": "bread knife",
    }
    return [
        Rewritten(id=f"w{number}", source="searches", lang="en", query=query, rewritten=better)
        for number, (query, better) in enumerate(rows.items())
    ]


def build() -> list[Record]:
    """Return the records of the small shop."""
    products = _products()
    known = {product.id: product for product in products}
    return [
        *products,
        *_in_many_of_a_kind(),
        *_abroad(),
        *_reviews(known),
        *_searches(known),
        *_sessions(known),
        *_dialogues(),
        *_tagged(),
        *_answered(),
        *_classified(),
        *_paired(known),
        *_related(),
        *_summarised(),
        *_rewritten(),
    ]


@pytest.fixture(scope="session")
def shop() -> list[Record]:
    return build()


@pytest.fixture(scope="session")
def labelled(shop: list[Record]) -> list[Record]:
    """The small shop, and what labelled sets alone have: a question without answer, slots."""
    [kettle] = [r for r in shop if isinstance(r, Answered) and "boil" in r.question]
    return [
        *shop,
        replace(kettle, id="q9", question="Is the kettle dishwasher safe?", answer=""),
        Dialogue(
            id="d9",
            source="hotels",
            lang="en",
            intent="FindHotel",
            intents=("BookFlight", "FindHotel"),
            slots=(("city", "Rome"), ("nights", "two"), ("stars", "4")),
            turns=(
                ("customer", "I need a hotel in Rome for two nights."),
                ("shop", "Roma Inn has a room."),
            ),
        ),
    ]


BRANDS = [f"{a}{b}" for a, b in combinations(("Nor", "Kir", "Lum", "Ada"), ("dal", "vex", "mia"))]
COLORS = ("red", "blue", "green", "black", "white", "grey")
KINDS = {
    ("Clothing", "Shoes", "Sneakers"): "sneaker",
    ("Clothing", "Shoes", "Sandals"): "sandal",
    ("Clothing", "Shoes", "Boots"): "boot",
    ("Clothing", "Shoes", "Slippers"): "slipper",
    ("Clothing", "Hats", "Caps"): "cap",
    ("Home", "Lighting", "Lamps"): "lamp",
    ("Home", "Lighting", "Candles"): "candle",
    ("Home", "Kitchen", "Kettles"): "kettle",
    ("Garden", "Tools", "Spades"): "spade",
    ("Garden", "Tools", "Rakes"): "rake",
}


def build_bazaar(count: int, seed: int = 0) -> list[Record]:
    """Return `count` products whose titles tell all, then searches, sessions and reviews on them.

    A title is "BRAND COLOR KIND NUMBER": what is right and wrong can be read from it.
    """
    rng = Random(seed)
    products = []
    for number in range(count):
        (path, kind), brand, color = (
            rng.choice(list(KINDS.items())),
            rng.choice(BRANDS),
            rng.choice(COLORS),
        )
        products.append(
            Product(
                id=f"b{number}",
                source="bazaar",
                lang="en",
                brand=brand,
                category=path,
                title=f"{brand} {color} {kind} {number}",
                description=f"This {kind} in {color} is number {number} made by {brand} itself.",
                attributes=(("color", color), ("kind", kind)),
                price=round(rng.uniform(1, 200), 2),
                currency=rng.choice(("EUR", "USD")),
                also_bought=tuple(f"b{rng.randrange(count)}" for _ in range(3)),
            )
        )
    records: list[Record] = list(products)
    for number, product in enumerate(rng.sample(products, count // 3)):
        _, color, kind, _ = product.title.split()
        found = [p for p in products if p.title.split()[1:3] == [color, kind]]
        kin = [p for p in products if p.category == product.category and p not in found]
        judged: list[tuple[Product, Relevance]] = [(p, "exact") for p in found] + [
            (p, "substitute") for p in kin[:2]
        ]
        records.append(
            Search(
                id=f"s{number}",
                source="bazaar",
                lang="en",
                query=f"{color} {kind}",
                judged=tuple(judged),
            )
        )
    for number in range(count // 3):
        *viewed, last = rng.sample(products, rng.randint(3, 6))
        records.append(
            Session(id=f"v{number}", source="bazaar", lang="en", viewed=tuple(viewed), next=last)
        )
        bought = rng.choice(products)
        kind = bought.title.split()[2]
        records.append(
            Review(
                id=f"r{number}",
                source="bazaar",
                lang="en",
                product=bought,
                rating=rng.randint(1, 5),
                title=f"Heading {number}",
                text=f"I have had this {kind} for {number} days. So far it is fine.",
            )
        )
    return records


@pytest.fixture(scope="session")
def bazaar() -> list[Record]:
    return build_bazaar(300)


Rows = list[tuple[Record, Made]]


def some(rows: Rows) -> Rows:
    """Return the rows; without any, a loop over them would hold nothing."""
    assert rows, "no row was made"
    return rows


@pytest.fixture(scope="session")
def rows_of() -> Callable[[str, list[Record]], Rows]:
    """Return a function (transform, records) -> what it makes of them, with ten seeds."""

    def make(name: str, records: list[Record]) -> Rows:
        pool = Pool(records, lambda lang: load(Wording(), lang).words)
        return [
            (record, made)
            for record in records
            if type(record) is CATALOGUE[name].reads
            for seed in range(10)
            for made in CATALOGUE[name].make(record, pool, Random(f"{seed}:{record.id}"))
        ]

    return make
