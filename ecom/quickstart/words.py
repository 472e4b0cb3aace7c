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


# English | German | French | department | materials | use | what goes with it
_TYPES = """
tent|Zelt|tente|outdoor|nylon cotton|sleeping outside|lantern backpack thermos
backpack|Rucksack|sac|outdoor|nylon leather|carrying things on a hike|tent thermos jacket
lantern|Laterne|lanterne|outdoor|steel glass|light at night|tent candle battery
thermos|Thermosflasche|thermos|outdoor|steel plastic|keeping drinks hot|mug backpack teapot
mug|Becher|tasse|kitchen|ceramic steel|drinking coffee|teapot plate thermos
teapot|Teekanne|théière|kitchen|ceramic glass|making tea|mug tray kettle
kettle|Wasserkocher|bouilloire|kitchen|steel plastic|boiling water|teapot mug tray
pan|Pfanne|poêle|kitchen|steel iron|frying food|knife plate apron
knife|Messer|couteau|kitchen|steel ceramic|cutting vegetables|pan apron tray
plate|Teller|assiette|kitchen|ceramic wood|serving meals|mug knife tray
tray|Tablett|plateau|kitchen|wood plastic|carrying cups|mug teapot plate
apron|Schürze|tablier|kitchen|cotton leather|keeping clothes clean|pan knife kettle
jacket|Jacke|veste|clothing|wool leather|staying warm|scarf boots gloves
scarf|Schal|écharpe|clothing|wool cotton|a warm neck|jacket gloves hat
gloves|Handschuhe|gants|clothing|wool leather|warm hands|scarf hat jacket
hat|Hut|chapeau|clothing|wool cotton|shade on sunny days|scarf gloves shirt
shirt|Hemd|chemise|clothing|cotton linen|everyday wear|belt hat jacket
belt|Gürtel|ceinture|clothing|leather nylon|holding trousers up|shirt boots jacket
boots|Stiefel|bottes|clothing|leather rubber|walking in the rain|belt jacket gloves
lamp|Lampe|lampe|home|steel wood|reading in the evening|desk chair battery
desk|Schreibtisch|bureau|home|wood glass|working at home|chair lamp shelf
chair|Stuhl|chaise|home|wood plastic|sitting at a table|desk cushion lamp
shelf|Regal|étagère|home|wood steel|storing books|desk vase lamp
cushion|Kissen|coussin|home|cotton linen|a soft seat|chair blanket vase
blanket|Decke|couverture|home|wool cotton|cosy evenings|cushion candle lamp
vase|Vase|vase|home|glass ceramic|fresh flowers|candle shelf tray
candle|Kerze|bougie|home|wax soy|a quiet light|vase lantern blanket
battery|Batterie|pile|electronics|lithium zinc|power on the road|radio lantern speaker
radio|Radio|radio|electronics|wood plastic|listening to the news|battery speaker headphones
speaker|Lautsprecher|enceinte|electronics|wood plastic|music in every room|radio battery headphones
headphones|Kopfhörer|casque|electronics|plastic leather|music without noise|radio speaker battery
keyboard|Tastatur|clavier|electronics|plastic steel|typing all day|desk headphones lamp
"""


def _of(row: str) -> ProductType:
    """Return the kind of product of a row of the table."""
    en, de, fr, department, materials, use, complements = row.split("|")
    return ProductType(
        en, de, fr, department, tuple(materials.split()), use, tuple(complements.split())
    )


TYPES = tuple(_of(row) for row in _TYPES.strip().splitlines())

TYPE_BY_NAME = {kind.en: kind for kind in TYPES}

BRANDS = (
    "Nordlicht Alpina Bramble Cedarline Dovetail Elmswood Fjordia Grovely "
    "Hearthco Iverson Juniper Kestrel Lumina Marlow Novato Orchard "
    "Pinecrest Quillon Rivage Solvane Tamarind Umberto Velora Wexford"
).split()

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

_KINDS = {
    "metal": "steel iron zinc lithium",
    "textile": "cotton wool linen nylon",
    "wood": "wood",
    "plastic": "plastic rubber",
    "glass or ceramic": "glass ceramic",
}
MATERIAL_KINDS = {name: kind for kind, names in _KINDS.items() for name in names.split()}

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
