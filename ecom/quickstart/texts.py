"""Training texts of the tiny base: the shop's own pages, without a single instruction.

Product pages, reviews, search logs, packing lists, chats with customers, a small dictionary, and
questions without their answers. They teach the base the shop's words, and what a numbered list and
a turn of a chat are, but nothing of how a question of the contest is answered.
"""

import random
from collections.abc import Callable, Iterator

from ecom.quickstart import tasks
from ecom.quickstart.base import TURN_END, TURN_START
from ecom.quickstart.shop import Tables, with_article
from ecom.quickstart.words import (
    COLOURS,
    LANGS,
    LANGUAGE_NAMES,
    MATERIALS,
    TYPE_BY_NAME,
    TYPES,
    Lang,
)

Page = Callable[[Tables, random.Random], str]


def pages(tables: Tables, count: int, seed: int) -> Iterator[str]:
    """Yield `count` pages of all kinds in equal shares, the same for the same seed."""
    rng = random.Random(f"{seed}/pages")
    for number in range(count):
        yield _PAGES[number % len(_PAGES)](tables, rng)


def product_page(tables: Tables, rng: random.Random) -> str:
    """Title in three languages, some properties, description."""
    product = rng.choice(tables.products)
    titles = [f"{lang}: {product.titles[lang]}" for lang in rng.sample(LANGS, 3)]
    facts = [f"Category: {product.department}", f"Price: {product.price_eur}"]
    return "\n".join([*titles, *rng.sample(facts, 1), product.description])


def data_sheet(tables: Tables, rng: random.Random) -> str:
    """A title, then what each of its words is."""
    product = rng.choice(tables.products)
    facts = {
        "brand": product.brand,
        "color": product.colour,
        "material": product.material,
        "product type": product.type,
    }
    named = rng.sample(list(facts), 4)
    return "\n".join([product.titles["en"], *(f"{name}: {facts[name]}" for name in named)])


def review_page(tables: Tables, rng: random.Random) -> str:
    """A review, its stars and what it is about."""
    review = rng.choice(tables.reviews)
    about = f"\nAbout: {', '.join(sorted(review.aspects))}" if review.aspects else ""
    return f"Review: {review.text}\nStars: {review.rating}{about}"


def bought_together(tables: Tables, rng: random.Random) -> str:
    """What goes with a product type."""
    kind = TYPE_BY_NAME[rng.choice(tables.products).type]
    return f"With the {kind.en} from {kind.department} people buy: {', '.join(kind.complements)}"


def delivery_note(tables: Tables, rng: random.Random) -> str:
    """Titles as they were ordered, and the same titles as they were packed, in another order."""
    lang = rng.choice(LANGS)
    ordered = [product.titles[lang] for product in rng.sample(tables.products, rng.randint(3, 6))]
    packed = rng.sample(ordered, len(ordered))
    return "\n".join(["Ordered:", *ordered, "Packed:", *packed])


def packing_list(tables: Tables, rng: random.Random) -> str:
    """Numbered items, then each looked up again by its name."""
    start, lang = rng.choice((0, 1)), rng.choice(LANGS)
    kinds = rng.sample(TYPES, rng.randint(4, 8))
    numbered = [(number, kind.name(lang)) for number, kind in enumerate(kinds, start)]
    lines = [f"{number}. {item}" for number, item in numbered]
    checks = [f"{item}: {number}" for number, item in rng.sample(numbered, len(numbered))]
    return "\n".join(["Packing list:", *lines, "Check:", *checks])


def search_log(tables: Tables, rng: random.Random) -> str:
    """A query and its results from best to worst."""
    query = rng.choice(tables.queries)
    titles = {p.id: p.titles["en"] for p in tables.products}
    ranked = sorted(zip(query.relevances, query.product_ids, strict=True), reverse=True)
    lines = [f"{number}. {titles[i]}" for number, (_, i) in enumerate(ranked, 1)]
    return "\n".join([f"Search: {query.text}", *lines])


def dictionary(tables: Tables, rng: random.Random) -> str:
    """Words in English, German and French."""
    known: list[Callable[[Lang], str]] = [kind.name for kind in TYPES]
    known += [_word(names) for names in (*COLOURS.values(), *MATERIALS.values())]
    words = rng.sample(known, 5)
    return "\n".join(" = ".join(word(lang) for lang in LANGS) for word in words)


def chat(tables: Tables, rng: random.Random) -> str:
    """A customer's question and the assistant's answer, in the turns of the chat template."""
    product = rng.choice(tables.products)
    kind, title = TYPE_BY_NAME[product.type], product.titles["en"]
    thing = with_article(f"{product.colour} {kind.en}")
    lang = rng.choice(LANGS)
    review = rng.choice(tables.reviews)
    question, answer = rng.choice(
        (
            (f"Do you have {thing}?", f"Yes, the {title}."),
            (
                f"I look for something for {kind.use}.",
                f"{with_article(kind.en).capitalize()}: {title}.",
            ),
            (f"Who makes the {title}?", product.brand),
            (f"Which color has the {title}?", product.colour),
            (f"Of what is the {title} made?", product.material),
            (f"Tell me about the {title}.", product.description),
            (f"How do you call the {title} in {LANGUAGE_NAMES[lang]}?", product.titles[lang]),
            (f"What do I need with {with_article(kind.en)}?", ", ".join(kind.complements)),
            (f"How many stars come with this: {review.text}", str(review.rating)),
        )
    )
    turns = (("user", question), ("assistant", answer))
    return "".join(f"{TURN_START}{role}\n{text}{TURN_END}\n" for role, text in turns)


def question(tables: Tables, rng: random.Random) -> str:
    """A question of the contest's kind, without an answer."""
    return rng.choice(tasks.TASKS).draw(tables, rng)[0]


def _word(names: tuple[str, str, str]) -> Callable[[Lang], str]:
    return dict(zip(LANGS, names, strict=True)).__getitem__


_PAGES: tuple[Page, ...] = (
    product_page,
    chat,
    question,
    delivery_note,
    review_page,
    chat,
    data_sheet,
    question,
    packing_list,
    dictionary,
    chat,
    search_log,
    review_page,
    question,
    data_sheet,
    bought_together,
)
