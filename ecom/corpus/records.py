"""Records: a shop's data before it is put into words, as Chain-of-Task transforms read it.

The four base data types of EcomGPT (arXiv 2308.06966) are product information, reviews, dialogue
and search queries; the labelled sets add entities, questions with answers, classes and matched
pairs.

    Product   Review   Dialogue   Search   Session          a shop's own tables
    Tagged    Answered   Classified   Paired                 labelled sets
    Related   Summarised   Rewritten                        texts that belong together

Source readers yield records; `corpus/atomic` makes Examples from them. `lang` is an ISO 639-1 code,
"" where the source does not say (then it is detected). `source` names the set of a record; `label`
is pseudo where a teacher gave the answer. Every `id` is unique within its source. `own` is set
where a record comes from a row of a labelled set.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Relevance = Literal["exact", "substitute", "complement", "irrelevant"]
RELEVANCES: tuple[Relevance, ...] = ("exact", "substitute", "complement", "irrelevant")
Label = Literal["gold", "pseudo"]


@dataclass(frozen=True, slots=True)
class Own:
    """The question of a labelled set's own row, beside those that transforms derive from it.

    by            the transform that words the row as in the set, e.g. `plain:classify_text`
    task          name of the task in the set
    description   of the task; "" for that of the transform
    line          line of the row in its file
    """

    by: str
    task: str
    description: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    id: str
    source: str
    lang: str = ""
    label: Label = "gold"
    own: Own | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Product(_Known):
    """One thing for sale. `category` leads from the root to the leaf; `price` is above 0."""

    title: str
    brand: str = ""
    category: tuple[str, ...] = ()
    description: str = ""
    attributes: tuple[tuple[str, str], ...] = ()  # (name, value)
    price: float | None = None
    currency: str = ""
    also_bought: tuple[str, ...] = ()  # ids


@dataclass(frozen=True, slots=True, kw_only=True)
class Review(_Known):
    """What one buyer wrote. `rating` is 1 to 5."""

    text: str
    title: str = ""
    rating: int | None = None
    product: Product | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Search(_Known):
    """A shopper's query, and the products that were judged for it (perhaps none).

    `rows` is the number of table rows that were joined into it.
    """

    query: str
    judged: tuple[tuple[Product, Relevance], ...] = ()
    rows: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Session(_Known):
    """Products that one shopper looked at, in order, and the one that came next (if known)."""

    viewed: tuple[Product, ...]
    next: Product | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialogue(_Known):
    """A conversation of customer and shop: (speaker, text) in order; `intent` is its label."""

    turns: tuple[tuple[Literal["customer", "shop"], str], ...]
    intent: str = ""
    intents: tuple[str, ...] = ()  # all possible ones; (): those of its chunk
    slots: tuple[tuple[str, str], ...] = ()  # (name, value) of what the customer said


@dataclass(frozen=True, slots=True, kw_only=True)
class Tagged(_Known):
    """A text with its entities: `spans` are (type, term), `types` are all types searched for.

    A term occurs in the text letter for letter.
    """

    text: str
    spans: tuple[tuple[str, str], ...]
    types: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered(_Known):
    """A question with its answer; `context` is the basis of the answer (reviews, a title).

    The answer is "" where the context is known not to contain one.
    """

    question: str
    answer: str
    context: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Classified(_Known):
    """A text with its right labels out of `candidates`; `topic` is their theme: "sentiment"."""

    text: str
    labels: tuple[str, ...]
    candidates: tuple[str, ...]
    topic: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Paired(_Known):
    """Two products, and whether they are the same thing."""

    left: Product
    right: Product
    same: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Related(_Known):
    """Two texts and how they relate: a label out of `relations`, or a score.

    `match` says whether they belong together (a paraphrase, the document for a query, a conclusion
    from a premise), None where that is unknown. `score` is between the two numbers of `scale`.
    """

    first: str
    second: str
    relation: str = ""
    relations: tuple[str, ...] = ()
    topic: str = ""
    score: float | None = None
    scale: tuple[float, float] = (0, 1)
    match: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Summarised(_Known):
    """A text and its summary or headline."""

    text: str
    summary: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewritten(_Known):
    """A search query as a shopper typed it, and a better wording of it."""

    query: str
    rewritten: str


Record = (
    Product
    | Review
    | Search
    | Session
    | Dialogue
    | Tagged
    | Answered
    | Classified
    | Paired
    | Related
    | Summarised
    | Rewritten
)


def texts(record: Record) -> Iterator[str]:
    """Yield the texts of a record from which its language is detected."""
    match record:
        case Product():
            yield from (record.title, record.description)
        case Review():
            yield from (record.title, record.text)
        case Search():
            yield from (record.query, *(product.title for product, _ in record.judged))
        case Session():
            yield from (product.title for product in record.viewed)
        case Dialogue():
            yield from (text for _, text in record.turns)
        case Tagged() | Classified():
            yield record.text
        case Answered():
            yield from (record.question, record.answer)
        case Paired():
            yield from (record.left.title, record.right.title)
        case Related():
            yield from (record.first, record.second)
        case Summarised():
            yield from (record.text, record.summary)
        case Rewritten():
            yield from (record.query, record.rewritten)
