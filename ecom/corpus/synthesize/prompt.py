"""From a record to a teacher's prompt: the record's facts, and the chat that asks for rows.

    Search(query="wireles earbud") ─► {"query": "wireles earbud", …} ─► [system, user]

Instruction, worked examples and development rows come first and are the same for every record, so
that endpoints and vLLM can cache them; the record comes last.
"""

from collections.abc import Mapping, Sequence
from random import Random
from string import Formatter
from typing import TYPE_CHECKING

from ecom.corpus.records import Dialogue, Product, Review, Search
from ecom.rows import Example

if TYPE_CHECKING:
    from ecom.corpus.synthesize.template import Template

TeacherRecord = Product | Search | Review | Dialogue
MAX_FACT_CHARS = 2_000
LANGUAGES = {
    "de": "German",
    "en": "English",
    "es": "Spanish",
    "fr": "French",
    "it": "Italian",
    "ja": "Japanese",
    "zh": "Chinese",
}
SYSTEM = (
    "You write training data for an online shop's assistant. "
    "You answer with the rows asked for and nothing else."
)


def facts(record: TeacherRecord) -> dict[str, str]:
    """Return the facts of a record by the names in template.FACTS; "" for an unknown one.

    White space becomes single spaces, but each turn of a dialogue keeps its line. "|", the
    delimiter of rows, becomes "/". Texts end after at most 2,000 characters: at a word, dialogues
    at a turn.
    """
    if isinstance(record, Product):
        known = _of_product(record)
    elif isinstance(record, Search):
        exact = next((p.title for p, relevance in record.judged if relevance == "exact"), "")
        known = {"query": record.query, "title": exact}
    elif isinstance(record, Dialogue):
        return _of_dialogue(record)
    else:
        known = {
            "review": record.text,
            "headline": record.title,
            "rating": "" if record.rating is None else str(record.rating),
            "title": record.product.title if record.product else "",
        }
    known["language"] = LANGUAGES.get(record.lang, "")
    return {name: _short(text) for name, text in known.items()}


def drawn(template: "Template", known: Mapping[str, str], rng: Random) -> dict[str, str]:
    """Return one value for each of the template's `draw`; never the record's own language."""
    return {
        name: rng.choice([v for v in values if v != known["language"]] or list(values))
        for name, values in template.draw.items()
    }


def messages(
    template: "Template", known: Mapping[str, str], count: int, shots: Sequence[Example] = ()
) -> list[dict[str, str]]:
    """Return the chat that asks for `count` rows. `known` has facts and drawn values.

    `shots` are development rows: they show the teacher what its rows will become.
    """
    amount = "1 row" if count == 1 else f"{count} rows that differ from each other"
    parts = [
        template.instruction.strip(),
        "Rows are written one a line, each with exactly the fields of this sample output, between "
        'the same "|". Put no "|" into a field, and write no heading and no other text. Keep to '
        "the language of the text given, unless another one is asked for.",
        f"Sample output:\n{template.sample_output.strip()}",
    ]
    for number, shot in enumerate(template.shots, start=1):
        rows = "\n".join(shot.rows)
        parts.append(f"Example {number}\n{fill(template.context, shot.facts)}\n{rows}")
    if template.make.unanswerable:
        parts.append(
            "In one row at most, ask what a customer may want to know and the texts do not tell; "
            f"there the right answer is, letter for letter: {template.make.unanswerable}"
        )
    if shots:
        shown = (f"{row.text()}\n--> {row.output}".replace("|", "/") for row in shots)
        parts += ["Your rows will become questions of this kind:", *shown]
    parts.append(f"Now write {amount} for this:\n{fill(template.context, known)}")
    return [
        {"role": "system", "content": SYSTEM},
        {"role": "user", "content": "\n\n".join(parts)},
    ]


def fill(text: str, values: Mapping[str, str]) -> str:
    r"""Return the text with its {slots} filled; a line whose slots are all empty is left out.

    >>> fill("Title: {title}\nBrand: {brand}", {"title": "Lamp", "brand": ""})
    'Title: Lamp'
    """
    lines = []
    for line in text.strip().splitlines():
        names = [name for _, name, _, _ in Formatter().parse(line) if name]
        if not names or any(values[name] for name in names):
            lines.append(line.format_map(values))
    return "\n".join(lines)


def _of_product(product: Product) -> dict[str, str]:
    price = "" if product.price is None else f"{product.price:g} {product.currency}"
    return {
        "title": product.title,
        "brand": product.brand,
        "category": " > ".join(product.category),
        "categories": "; ".join(product.category),
        "leaf_category": product.category[-1] if product.category else "",
        "description": product.description,
        "attributes": "; ".join(f"{name}: {value}" for name, value in product.attributes),
        "price": price,
    }


def _of_dialogue(dialogue: Dialogue) -> dict[str, str]:
    """Return a dialogue's facts; `asked` ends with the customer's last turn, "" without one."""
    turns = [f"{speaker.title()}: {_short(text)}" for speaker, text in dialogue.turns]
    kept, chars = list[str](), 0
    for turn in turns:
        chars += len(turn) + 1
        if kept and chars > MAX_FACT_CHARS:
            break
        kept.append(turn)
    last = max((n for n, turn in enumerate(kept, 1) if turn.startswith("Customer:")), default=0)
    return {
        "dialogue": "\n".join(kept),
        "asked": "\n".join(kept[:last]),
        "intent": _short(dialogue.intent),
        "language": LANGUAGES.get(dialogue.lang, ""),
    }


def _short(text: str) -> str:
    text = " ".join(text.replace("|", "/").split())
    if len(text) <= MAX_FACT_CHARS:
        return text
    head, space, _ = text[:MAX_FACT_CHARS].rpartition(" ")
    return head if space else text[:MAX_FACT_CHARS]
