"""A shop's own dialogues: lines of who said what, and what the customer wanted."""

from pathlib import Path
from typing import Any

from tests.corpus.bazaar import csv_file, products

_WISHES = {
    "return": ("is too small. How do I send it back?", "You can return it for free"),
    "track a parcel": ("has not come yet. Where is it?", "It left our stock"),
    "cancel an order": ("is ordered, but I do not want it any more.", "I have cancelled it"),
    "ask about a product": ("looks good. Is it washable?", "Yes, it is washable"),
    "complain": ("broke after a week. I am angry.", "I am sorry for that"),
}


def write(folder: Path) -> dict[str, Any]:
    rows = []
    for number, product in enumerate(products(80)):
        wish, (asked, answer) = list(_WISHES.items())[number % len(_WISHES)]
        rows.append(
            {
                "id": str(number),
                "lang": "en",
                "intent": wish,
                "turns": f"Customer: My {product.title} {asked}\n"
                f"Shop: {answer} for order {number}.\nCustomer: Thank you, number {number}.",
            }
        )
    return {"path": csv_file(folder / "shop_dialogues.csv", rows)}
