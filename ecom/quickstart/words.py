"""The vocabulary of the sample shop: product types, brands, colours, phrases of reviews.

Everything here was written for this project. Each word that a shopper may use comes in English,
German and French.
"""

from dataclasses import dataclass
from typing import Literal

Lang = Literal["en", "de", "fr"]
LANGS: tuple[Lang, ...] = ("en", "de", "fr")
LANGUAGE_NAMES: dict[Lang, str] = {"en": "English", "de": "German", "fr": "French"}


@dataclass(frozen=True)
class ProductType:
    """A kind of product: names by language, department, materials, use, what goes with it."""

    en: str
    de: str
    fr: str
    department: str
    materials: tuple[str, ...]
    use: str
    complements: tuple[str, ...]

    def name(self, lang: Lang) -> str:
        """Return the name in a language."""
        return {"en": self.en, "de": self.de, "fr": self.fr}[lang]


TYPES: tuple[ProductType, ...] = (
    ProductType("tent", "Zelt", "tente", "outdoor", ("nylon", "cotton"), "sleeping outside", ("lantern", "backpack", "thermos")),
    ProductType("backpack", "Rucksack", "sac", "outdoor", ("nylon", "leather"), "carrying things on a hike", ("tent", "thermos", "jacket")),
    ProductType("lantern", "Laterne", "lanterne", "outdoor", ("steel", "glass"), "light at night", ("tent", "candle", "battery")),
    ProductType("thermos", "Thermosflasche", "thermos", "outdoor", ("steel", "plastic"), "keeping drinks hot", ("mug", "backpack", "teapot")),
    ProductType("mug", "Becher", "tasse", "kitchen", ("ceramic", "steel"), "drinking coffee", ("teapot", "plate", "thermos")),
    ProductType("teapot", "Teekanne", "théière", "kitchen", ("ceramic", "glass"), "making tea", ("mug", "tray", "kettle")),
    ProductType("kettle", "Wasserkocher", "bouilloire", "kitchen", ("steel", "plastic"), "boiling water", ("teapot", "mug", "tray")),
    ProductType("pan", "Pfanne", "poêle", "kitchen", ("steel", "iron"), "frying food", ("knife", "plate", "apron")),
    ProductType("knife", "Messer", "couteau", "kitchen", ("steel", "ceramic"), "cutting vegetables", ("pan", "apron", "tray")),
    ProductType("plate", "Teller", "assiette", "kitchen", ("ceramic", "wood"), "serving meals", ("mug", "knife", "tray")),
    ProductType("tray", "Tablett", "plateau", "kitchen", ("wood", "plastic"), "carrying cups", ("mug", "teapot", "plate")),
    ProductType("apron", "Schürze", "tablier", "kitchen", ("cotton", "leather"), "keeping clothes clean", ("pan", "knife", "kettle")),
    ProductType("jacket", "Jacke", "veste", "clothing", ("wool", "leather"), "staying warm", ("scarf", "boots", "gloves")),
    ProductType("scarf", "Schal", "écharpe", "clothing", ("wool", "cotton"), "a warm neck", ("jacket", "gloves", "hat")),
    ProductType("gloves", "Handschuhe", "gants", "clothing", ("wool", "leather"), "warm hands", ("scarf", "hat", "jacket")),
    ProductType("hat", "Hut", "chapeau", "clothing", ("wool", "cotton"), "shade on sunny days", ("scarf", "gloves", "shirt")),
    ProductType("shirt", "Hemd", "chemise", "clothing", ("cotton", "linen"), "everyday wear", ("belt", "hat", "jacket")),
    ProductType("belt", "Gürtel", "ceinture", "clothing", ("leather", "nylon"), "holding trousers up", ("shirt", "boots", "jacket")),
    ProductType("boots", "Stiefel", "bottes", "clothing", ("leather", "rubber"), "walking in the rain", ("belt", "jacket", "gloves")),
    ProductType("lamp", "Lampe", "lampe", "home", ("steel", "wood"), "reading in the evening", ("desk", "chair", "battery")),
    ProductType("desk", "Schreibtisch", "bureau", "home", ("wood", "glass"), "working at home", ("chair", "lamp", "shelf")),
    ProductType("chair", "Stuhl", "chaise", "home", ("wood", "plastic"), "sitting at a table", ("desk", "cushion", "lamp")),
    ProductType("shelf", "Regal", "étagère", "home", ("wood", "steel"), "storing books", ("desk", "vase", "lamp")),
    ProductType("cushion", "Kissen", "coussin", "home", ("cotton", "linen"), "a soft seat", ("chair", "blanket", "vase")),
    ProductType("blanket", "Decke", "couverture", "home", ("wool", "cotton"), "cosy evenings", ("cushion", "candle", "lamp")),
    ProductType("vase", "Vase", "vase", "home", ("glass", "ceramic"), "fresh flowers", ("candle", "shelf", "tray")),
    ProductType("candle", "Kerze", "bougie", "home", ("wax", "soy"), "a quiet light", ("vase", "lantern", "blanket")),
    ProductType("battery", "Batterie", "pile", "electronics", ("lithium", "zinc"), "power on the road", ("radio", "lantern", "speaker")),
    ProductType("radio", "Radio", "radio", "electronics", ("wood", "plastic"), "listening to the news", ("battery", "speaker", "headphones")),
    ProductType("speaker", "Lautsprecher", "enceinte", "electronics", ("wood", "plastic"), "music in every room", ("radio", "battery", "headphones")),
    ProductType("headphones", "Kopfhörer", "casque", "electronics", ("plastic", "leather"), "music without noise", ("radio", "speaker", "battery")),
    ProductType("keyboard", "Tastatur", "clavier", "electronics", ("plastic", "steel"), "typing all day", ("desk", "headphones", "lamp")),
)  # fmt: skip

TYPE_BY_NAME = {kind.en: kind for kind in TYPES}

BRANDS = (
    "Nordlicht", "Alpina", "Bramble", "Cedarline", "Dovetail", "Elmswood", "Fjordia", "Grovely",
    "Hearthco", "Iverson", "Juniper", "Kestrel", "Lumina", "Marlow", "Novato", "Orchard",
    "Pinecrest", "Quillon", "Rivage", "Solvane", "Tamarind", "Umberto", "Velora", "Wexford",
)  # fmt: skip

# colour -> (English, German, French)
COLOURS: dict[str, tuple[str, str, str]] = {
    "red": ("red", "rot", "rouge"),
    "blue": ("blue", "blau", "bleu"),
    "green": ("green", "grün", "vert"),
    "black": ("black", "schwarz", "noir"),
    "white": ("white", "weiß", "blanc"),
    "yellow": ("yellow", "gelb", "jaune"),
    "grey": ("grey", "grau", "gris"),
    "brown": ("brown", "braun", "brun"),
    "orange": ("orange", "orange", "orange"),
    "purple": ("purple", "lila", "violet"),
}

MATERIALS: dict[str, tuple[str, str, str]] = {
    "nylon": ("nylon", "Nylon", "nylon"),
    "cotton": ("cotton", "Baumwolle", "coton"),
    "leather": ("leather", "Leder", "cuir"),
    "steel": ("steel", "Stahl", "acier"),
    "glass": ("glass", "Glas", "verre"),
    "plastic": ("plastic", "Kunststoff", "plastique"),
    "ceramic": ("ceramic", "Keramik", "céramique"),
    "iron": ("iron", "Eisen", "fer"),
    "wood": ("wood", "Holz", "bois"),
    "wool": ("wool", "Wolle", "laine"),
    "linen": ("linen", "Leinen", "lin"),
    "rubber": ("rubber", "Gummi", "caoutchouc"),
    "wax": ("wax", "Wachs", "cire"),
    "soy": ("soy", "Soja", "soja"),
    "lithium": ("lithium", "Lithium", "lithium"),
    "zinc": ("zinc", "Zink", "zinc"),
}

MATERIAL_KINDS = {
    "steel": "metal", "iron": "metal", "zinc": "metal", "lithium": "metal",
    "cotton": "textile", "wool": "textile", "linen": "textile", "nylon": "textile",
    "wood": "wood",
    "plastic": "plastic", "rubber": "plastic",
    "glass": "glass or ceramic", "ceramic": "glass or ceramic",
}  # fmt: skip

# What a review may talk about -> phrases that talk about it without naming it.
ASPECTS: dict[str, tuple[str, ...]] = {
    "price": ("it costs far too much", "a bargain for the money", "cheaper than elsewhere"),
    "delivery": ("it arrived two days late", "the parcel came quickly", "shipping took a week"),
    "size": ("it runs small", "bigger than I thought", "it fits just right"),
    "colour": ("the shade looks different", "it faded in the sun", "bright like in the picture"),
    "weight": ("so light to carry", "too heavy for me", "it feels solid in the hand"),
    "durability": ("it broke after a month", "still like new after years", "it will last forever"),
    "packaging": ("the box was torn", "wrapped with great care", "no dents thanks to the foam"),
    "service": ("the seller never replied", "support helped me at once", "the refund was easy"),
    "smell": ("it stinks of chemicals", "a pleasant scent", "no odour at all"),
    "comfort": ("so soft to touch", "it hurts after an hour", "cosy all day long"),
}

# rating -> one sentence by language
OPINIONS: dict[int, dict[Lang, tuple[str, ...]]] = {
    1: {
        "en": ("Terrible, I want my money back.", "The worst I ever bought.", "Useless, avoid it."),
        "de": (
            "Furchtbar, ich will mein Geld zurück.",
            "Das Schlechteste überhaupt.",
            "Unbrauchbar.",
        ),
        "fr": ("Horrible, je veux être remboursé.", "Le pire achat.", "Inutile, à éviter."),
    },
    2: {
        "en": ("Rather disappointing.", "Not what I hoped for.", "Below my expectations."),
        "de": ("Eher enttäuschend.", "Nicht was ich erhofft hatte.", "Unter meinen Erwartungen."),
        "fr": ("Plutôt décevant.", "Pas ce que j'espérais.", "En dessous de mes attentes."),
    },
    3: {
        "en": ("It is okay, nothing special.", "Average, neither good nor bad.", "So so."),
        "de": (
            "Ganz okay, nichts Besonderes.",
            "Durchschnitt, weder gut noch schlecht.",
            "Mittelmäßig.",
        ),
        "fr": ("Correct, rien de spécial.", "Moyen, ni bon ni mauvais.", "Bof."),
    },
    4: {
        "en": ("Good, with small flaws.", "I like it, nearly perfect.", "A solid choice."),
        "de": ("Gut, mit kleinen Schwächen.", "Gefällt mir, fast perfekt.", "Eine solide Wahl."),
        "fr": ("Bien, avec de petits défauts.", "Je l'aime, presque parfait.", "Un choix solide."),
    },
    5: {
        "en": ("Fantastic, I love it.", "The best I ever owned.", "Wonderful, buy it."),
        "de": ("Fantastisch, ich liebe es.", "Das Beste, was ich je hatte.", "Wunderbar, kaufen."),
        "fr": ("Fantastique, je l'adore.", "Le meilleur que j'ai eu.", "Merveilleux, achetez-le."),
    },
}
