"""What a shop knows before it is put into words: the rows that Chain-of-Task transforms read.

The four base data types of EcomGPT (arXiv 2308.06966) are product information, reviews, dialogue
and search queries; the labelled sets add entities, questions with answers, classes and matched
pairs.

    Product   Review   Dialogue   Search   Session          a shop's own tables
    Tagged    Answered   Classified   Paired                 labelled sets
    Related   Summarised   Rewritten                        texts that belong together

A source reader yields them; `corpus/atomic` makes Examples of them. `lang` is an ISO 639-1 code, ""
where the source does not say (it is detected then). `source` names the set a record comes from;
`label` is pseudo where a teacher gave the answer. Every `id` is unique within its source. `own` is
set where a record stands for a row of a labelled set.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Relevance = Literal["exact", "substitute", "complement", "irrelevant"]
RELEVANCES: tuple[Relevance, ...] = ("exact", "substitute", "complement", "irrelevant")
Label = Literal["gold", "pseudo"]


@dataclass(frozen=True, slots=True)
class Own:
    """What the row of a labelled set asks for, beside what transforms derive from its record.

    by            the transform that puts the row as the set has it, as `plain:classify_text`
    task          what the set's task is called
    description   of the task; "" for that of the transform
    line          where the row stands in its file
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
    """A shopper's query, and what products were judged for it (perhaps none).

    it joins so many `rows` of the table.
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
    """A talk between customer and shop: (speaker, text) in order; `intent` is the label, if any."""

    turns: tuple[tuple[Literal["customer", "shop"], str], ...]
    intent: str = ""
    intents: tuple[str, ...] = ()  # all there may be; (): those of its chunk
    slots: tuple[tuple[str, str], ...] = ()  # (name, value) of what the customer said


@dataclass(frozen=True, slots=True, kw_only=True)
class Tagged(_Known):
    """A text with its entities: `spans` are (type, term), `types` are all that are looked for.

    A term occurs in the text, letter for letter.
    """

    text: str
    spans: tuple[tuple[str, str], ...]
    types: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered(_Known):
    """A question with its answer; `context` is what the answer rests on (reviews, a title).

    The answer is "" where the context is known not to hold one.
    """

    question: str
    answer: str
    context: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Classified(_Known):
    """A text with its right labels out of `candidates`; `topic` says by what, as in "sentiment"."""

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

    `match` says whether they belong together (a paraphrase, the document for a query, what follows
    from a premise), None where that is not known. `score` lies between the two numbers of `scale`.
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
    """A search query as a shopper typed it, and the same wish put better."""

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
    """Yield the texts of a record that tell its language."""
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
