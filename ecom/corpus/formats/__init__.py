"""The formats of raw rows, by their names in recipes. Each is a record in its own module."""

from ecom.corpus.formats import (
    amazon_m2,
    amazon_reviews,
    chat,
    dialogues,
    ecinstruct,
    ecominstruct,
    esci,
    labels,
    ner,
    pairs,
    qa,
    rewrites,
    sample_shop,
    shop_tables,
    shopbench,
    summaries,
)
from ecom.corpus.formats.base import Format

FORMATS: dict[str, Format] = {
    format_.name: format_
    for format_ in (
        sample_shop.FORMAT,
        shopbench.FORMAT,
        ecinstruct.FORMAT,
        ecominstruct.FORMAT,
        chat.FORMAT,
        esci.FORMAT,
        amazon_m2.PRODUCTS,
        amazon_m2.SESSIONS,
        amazon_reviews.META,
        amazon_reviews.REVIEWS,
        shop_tables.PRODUCTS,
        shop_tables.REVIEWS,
        shop_tables.QUERIES,
        shop_tables.DIALOGUES,
        shop_tables.SESSIONS,
        ner.FORMAT,
        qa.FORMAT,
        labels.FORMAT,
        pairs.FORMAT,
        dialogues.FORMAT,
        summaries.FORMAT,
        rewrites.FORMAT,
    )
}
