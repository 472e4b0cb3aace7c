"""Prices of similar products in one currency: compared, ranked, added."""

from collections.abc import Iterator
from decimal import ROUND_DOWN, Decimal
from random import Random

from ecom.corpus.atomic import answers
from ecom.corpus.atomic.base import Made, Option, transform
from ecom.corpus.atomic.pool import Pool
from ecom.corpus.atomic.texts import listed, one_line
from ecom.corpus.records import Product


@transform("recombine", Product, skill="reasoning")
def cheapest(product: Product, pool: Pool, rng: Random) -> Iterator[Made]:
    """The cheapest of four products of near prices in one currency.

    from     Product title <Lumo LED bulb E27>, price <6.5>
    options  Lumo desk lamp with dimmer, white (45 EUR) | Hearth toaster, black (34 EUR) | Hearth
             kettle, steel, 1.7 l (39 EUR) | Lumo LED bulb E27 (6.50 EUR)
    output   3
    """
    if shelf := sorted(_priced(product, pool, rng, 4), key=_amount):
        first, *rest = map(_tagged, shelf)
        yield from answers.choice(first, rest, rng)


@transform("recombine", Product, "ranking", skill="reasoning")
def rank_prices(product: Product, pool: Pool, rng: Random) -> Iterator[Made]:
    """Five products of near prices in one currency, from the cheapest on.

    from     Product title <Lumo LED bulb E27>, price <6.5>
    options  Lumo LED bulb E27 (6.50 EUR) | Lumo desk lamp with dimmer, white (45 EUR) | Hearth
             toaster, black (34 EUR) | Hearth kettle, steel, 1.7 l (39 EUR) | Adler rubber boot,
             green (35 EUR)
    output   1,3,5,4,2
    """
    shelf = _priced(product, pool, rng, 5)
    yield from answers.ranking([(-float(_amount(one)), _tagged(one)) for one in shelf], rng)


@transform("recombine", Product, "ordering", skill="reasoning")
def order_prices(product: Product, pool: Pool, rng: Random) -> Iterator[Made]:
    """Three to ten products of near prices in one currency, from the cheapest on.

    from     Product title <Lumo LED bulb E27>, price <6.5>
    input    A. Lumo desk lamp with dimmer, white (45 EUR) / B. Lumo LED bulb E27 (6.50 EUR) / C.
             Hearth toaster, black (34 EUR)
    output   B, C, A
    """
    shelf = sorted(_priced(product, pool, rng, rng.randint(3, answers.MAX_OPTIONS)), key=_amount)
    yield from answers.order(list(map(_tagged, shelf)), rng)


@transform("recombine", Product, "retrieval", skill="reasoning")
def within_budget(product: Product, pool: Pool, rng: Random) -> Iterator[Made]:
    """One to three products that a budget is enough for, in a list of up to eight.

    from     Product title <Lumo LED bulb E27>, price <6.5>
    slots    budget: 15 EUR
    options  Brisa cork sandal, white (39.50 EUR) | Lumo desk lamp with dimmer, white (45 EUR) |
             Adler rubber boot, green (35 EUR) | Hearth toaster, black (34 EUR) | Adler running
             socks, white, 3 pairs (12 EUR) | Lumo LED bulb E27 (6.50 EUR) | Hearth kettle, steel,
             1.7 l (39 EUR) | Brisa merino socks, red, 2 pairs (18 EUR)
    output   5,6
    """
    shelf = sorted(_priced(product, pool, rng, 8), key=_amount)
    count = rng.randint(1, 3)
    if len(shelf) < count + 3:
        return
    enough, too_dear = _amount(shelf[count - 1]), _amount(shelf[count])
    is_whole = enough == int(enough) and too_dear == int(too_dear)  # like prices in yen
    between = ((enough + too_dear) / 2).quantize(Decimal(1 if is_whole else "0.01"), ROUND_DOWN)
    budget = between if enough <= between < too_dear else enough
    options, slots = list(map(_tagged, shelf)), {"budget": money(budget, product.currency)}
    yield from answers.numbers(options[:count], options[count:], rng, slots=slots)


@transform("recombine", Product, paradigm="OTHER", skill="reasoning")
def basket_total(product: Product, pool: Pool, rng: Random) -> Iterator[Made]:
    """The total price of two to four products, among totals that are wrong by a typical slip.

    from     Product title <Hearth toaster, black>, price <34.0>
    input    In the basket: / Hearth toaster, black (34 EUR) / Hearth kettle, steel, 1.7 l (39 EUR)
    options  74 EUR | 73 EUR | 83 EUR | 63 EUR
    output   1
    """
    basket = _priced(product, pool, rng, rng.randint(2, 4))
    if len(basket) < 2:
        return
    prices = [_amount(one) for one in basket]
    total = sum(prices, Decimal(0))
    step = Decimal(10) ** (len(str(int(total))) - 1)
    by = [-step, step, -step / 10, step / 10, *prices]
    slips = dict.fromkeys(money(total - slip, product.currency) for slip in by if total > slip)
    right = money(total, product.currency)
    wrong = [Option(slip) for slip in slips if slip != right]
    yield from answers.choice(
        Option(right),
        rng.sample(wrong, min(3, len(wrong))),
        rng,
        listed(pool.words(product)["basket"], [_tagged(one).text for one in basket]),
        parents=[one.id for one in basket[1:]],
    )


def money(amount: Decimal, currency: str) -> str:
    """Return "12.50 EUR"; whole amounts without decimals.

    >>> money(Decimal("12.5"), "EUR"), money(Decimal("1200"), "JPY")
    ('12.50 EUR', '1200 JPY')
    """
    cents = amount.quantize(Decimal("0.01"))
    shown = cents.quantize(Decimal(1)) if cents == cents.to_integral_value() else cents
    return f"{shown} {currency}".strip()


def _amount(product: Product) -> Decimal:
    return Decimal(str(product.price)).quantize(Decimal("0.01"))


def _tagged(product: Product) -> Option:
    """Return a product's title with its price tag."""
    price = money(_amount(product), product.currency)
    return Option(f"{one_line(product.title)} ({price})", product.id)


def _is_sensible(product: Product) -> bool:
    """Whether the price is usable: a cent to 100 million, no placeholder like 1e30."""
    return product.price is not None and 0.01 <= product.price < 1e8


def _priced(product: Product, pool: Pool, rng: Random, n: int) -> list[Product]:
    """Return the product and up to n - 1 near ones, all of different prices in one currency."""
    if not product.currency or not _is_sensible(product):
        return []
    prices = {_amount(product)}

    def sound(other: Product) -> bool:
        if other.currency != product.currency or not _is_sensible(other):
            return False
        new = _amount(other) not in prices
        prices.add(_amount(other))
        return new

    return [product, *pool.products_like(product, n - 1, rng, sound)]
