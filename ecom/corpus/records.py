"""What a shop knows before it is put into words: the rows that Chain-of-Task transforms read.

The four base data types of papers/ecomgpt.txt are product information, reviews, dialogue and search
queries; the labelled sets add entities, questions with answers, classes and matched pairs.

    Product   Review   Dialogue   Search   Session          a shop's own tables
    Tagged    Answered   Classified   Paired                 labelled sets

A source reader yields them; `corpus/atomic` makes Examples of them. `lang` is an ISO 639-1 code, ""
where the source does not say (it is detected then). `source` names the set a record comes from;
`label` is pseudo where a teacher gave the answer. Every `id` is unique within its source.
"""

from dataclasses import dataclass
from typing import Literal

Relevance = Literal["exact", "substitute", "complement", "irrelevant"]
RELEVANCES: tuple[Relevance, ...] = ("exact", "substitute", "complement", "irrelevant")
Label = Literal["gold", "pseudo"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """One thing for sale. `category` leads from the root to the leaf; `price` is above 0."""

    id: str
    source: str
    title: str
    lang: str = ""
    brand: str = ""
    category: tuple[str, ...] = ()
    description: str = ""
    attributes: tuple[tuple[str, str], ...] = ()  # (name, value)
    price: float | None = None
    currency: str = ""
    also_bought: tuple[str, ...] = ()  # ids
    label: Label = "gold"


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """What one buyer wrote. `rating` is 1 to 5."""

    id: str
    source: str
    text: str
    lang: str = ""
    title: str = ""
    rating: int | None = None
    product: Product | None = None
    label: Label = "gold"


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """A shopper's query, and what products were judged for it (perhaps none)."""

    id: str
    source: str
    query: str
    lang: str = ""
    judged: tuple[tuple[Product, Relevance], ...] = ()
    label: Label = "gold"


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """Products that one shopper looked at, in order, and the one that came next (if known)."""

    id: str
    source: str
    viewed: tuple[Product, ...]
    next: Product | None = None
    lang: str = ""
    label: Label = "gold"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialogue:
    """A talk between customer and shop: (speaker, text) in order; `intent` is the label, if any."""

    id: str
    source: str
    turns: tuple[tuple[Literal["customer", "shop"], str], ...]
    intent: str = ""
    intents: tuple[str, ...] = ()  # all labels that the source has
    lang: str = ""
    label: Label = "gold"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tagged:
    """A text with its entities: `spans` are (type, term), `types` are all that are looked for.

    A term stands in the text letter for letter.
    """

    id: str
    source: str
    text: str
    spans: tuple[tuple[str, str], ...]
    types: tuple[str, ...]
    lang: str = ""
    label: Label = "gold"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """A question with its answer; `context` is what the answer rests on (reviews, a title)."""

    id: str
    source: str
    question: str
    answer: str
    context: str = ""
    lang: str = ""
    label: Label = "gold"


@dataclass(frozen=True, slots=True, kw_only=True)
class Classified:
    """A text with its right labels out of `candidates`; `topic` says by what, as in "sentiment"."""

    id: str
    source: str
    text: str
    labels: tuple[str, ...]
    candidates: tuple[str, ...]
    topic: str
    lang: str = ""
    label: Label = "gold"


@dataclass(frozen=True, slots=True, kw_only=True)
class Paired:
    """Two products, and whether they are the same thing."""

    id: str
    source: str
    left: Product
    right: Product
    same: bool
    lang: str = ""
    label: Label = "gold"


Record = Product | Review | Search | Session | Dialogue | Tagged | Answered | Classified | Paired
