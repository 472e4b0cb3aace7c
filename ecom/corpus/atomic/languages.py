"""The same product in several languages: titles and descriptions, recognised and translated."""

from collections.abc import Iterator, Mapping
from random import Random

from ecom.corpus.atomic import answers
from ecom.corpus.atomic.answers import MAX_OPTION
from ecom.corpus.atomic.base import Made, Option, transform
from ecom.corpus.atomic.pool import Pool, shared_id
from ecom.corpus.atomic.relations import near_products, product_option
from ecom.corpus.atomic.shelves import gathered
from ecom.corpus.atomic.texts import key, labelled, one_line, opening, telling, words_of
from ecom.corpus.records import Product


def _translated(product: Product, pool: Pool) -> list[Product]:
    """Return the product in other languages, if its title is translated."""
    return [o for o in pool.translations(product) if key(o.title) != key(product.title)]


def _said(product: Product) -> str:
    """Return the beginning of a description, as shown."""
    return opening(product.description, MAX_OPTION)


@transform("recombine", Product, skill="multilingual")
def title_in_other_language(product: Product, pool: Pool, rng: Random) -> Iterator[Made]:
    """The title of the same product in another language, among near titles in that language.

    from     Product id <t2>, lang <en>, title <Garden hose, 20 m>
    input    Product title: Garden hose, 20 m
    options  Wolldecke, blau | Brotmesser aus Stahl | Teekanne aus Glas, 1 l | Gartenschlauch, 20 m
    output   3
    """
    if not (found := _translated(product, pool)):
        return
    right, id = rng.choice(found), shared_id(product)

    def is_another(other: Product) -> bool:
        alike = (
            one for same in pool.titled(words_of(other.title)) for one in pool.translations(same)
        )
        return shared_id(other) != id and key(product.title) not in {key(o.title) for o in alike}

    wrong = near_products(right, pool, rng, is_another)(3)
    given = pool.show(product, title=product.title)
    yield from answers.choice(product_option(right), wrong, rng, given)


@transform("recombine", Product, skill="multilingual")
def description_in_other_language(product: Product, pool: Pool, rng: Random) -> Iterator[Made]:
    """The description of the same product in another language, among near ones in that language.

    from     Product id <t1>, lang <en>, description <A good thing of the kind number t1.>
    input    Product description: A good thing of the kind number t1.
    options  Ein gutes Ding der Art Nummer t2. | Ein gutes Ding der Art Nummer t1. | Ein gutes Ding
             der Art Nummer t4. | Ein gutes Ding der Art Nummer t5.
    output   1
    """
    own, found = _said(product), pool.translations(product)
    found = [one for one in found if telling(_said(one)) and key(_said(one)) != key(own)]
    if not telling(own) or not found:
        return
    right, id = rng.choice(found), shared_id(product)
    texts = {key(_said(right))}
    also = pool.once(_descriptions)[key(own)]

    def is_another(other: Product) -> bool:
        text = _said(other)
        new = telling(text) and key(text) not in texts | also and shared_id(other) != id
        texts.add(key(text))
        return new

    wrong = near_products(right, pool, rng, is_another, _said)(3)
    given = pool.show(product, description=own)
    yield from answers.choice(Option(_said(right), right.id), wrong, rng, given)


def _descriptions(pool: Pool) -> Mapping[str, set[str]]:
    """Return a description, as shown -> those of the same products in other languages."""
    return gathered(
        (key(_said(product)), key(_said(other)))
        for product in pool.products
        if product.description
        for other in pool.translations(product)
    )


@transform("recombine", Product, "generation", skill="multilingual", metric="bleu")
def translate_title(product: Product, pool: Pool, rng: Random) -> Iterator[Made]:
    """The title of the same product in another language, any but Japanese.

    from     Product id <t3>, lang <de>, title <Wolldecke, blau>
    input    Product title: Wolldecke, blau
    slots    language: English
    output   Wool blanket, blue
    """
    words = pool.words(product)
    found = [
        (words[name], other)
        for other in _translated(product, pool)
        if other.lang != "ja" and (name := f"language_{other.lang}") in words
    ]
    if found:
        language, right = rng.choice(found)
        given, slots = labelled(words, title=product.title), {"language": language}
        yield from answers.text(one_line(right.title), given, slots=slots, parents=[right.id])


@transform("recombine", Product, "generation", skill="multilingual", metric="jp-bleu")
def translate_title_to_japanese(product: Product, pool: Pool, rng: Random) -> Iterator[Made]:
    """The title of the same product in Japanese, which ShopBench scores by a metric of its own.

    from     Product id <t1>, lang <en>, title <Tea pot of glass, 1 l>
    input    Product title: Tea pot of glass, 1 l
    output   ガラスのティーポット 1リットル
    """
    given = pool.show(product, title=product.title)
    for right in _translated(product, pool):
        if right.lang == "ja":
            yield from answers.text(one_line(right.title), given, parents=[right.id])
