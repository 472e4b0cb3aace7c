"""Prompts as public sources ask them, written by someone who had not read the recognition.

Each function of `CLOSED` makes a prompt in the style of one source (its documentation or its public
repository) with contents of our own; `OPEN` makes prompts that ask for free text.
"""
# ruff: noqa: E501

from __future__ import annotations

import json
import string
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from random import Random


@dataclass(frozen=True)
class Asked:
    """A closed prompt and what may be answered."""

    source: str
    prompt: str
    labels: tuple[str, ...]
    choose: int = 1
    """How many labels: 0 means any number, k exactly k."""
    is_order: bool = False
    style: str = ""


CLOSED: list[Callable[[Random], Asked]] = []
OPEN: list[Callable[[Random], str]] = []


def closed(make: Callable[[Random], Asked]) -> Callable[[Random], Asked]:
    def made(rng: Random) -> Asked:
        return replace(make(rng), style=make.__name__)

    made.__name__ = make.__name__
    CLOSED.append(made)
    return made


def opened(make: Callable[[Random], str]) -> Callable[[Random], str]:
    OPEN.append(make)
    return make


# ---------------------------------------------------------------------------------------- contents

MCQ = [
    ("Which metal is liquid at room temperature?", ["mercury", "iron", "copper", "zinc", "tin"]),
    (
        "What does the abbreviation SKU stand for in retail?",
        [
            "stock keeping unit",
            "sales key user",
            "store kept upright",
            "standard kit use",
            "single known unit",
        ],
    ),
    (
        "Which of these fabrics comes from an animal?",
        ["merino wool", "linen", "polyester", "cotton", "viscose"],
    ),
    (
        "A customer wants to cook with induction. Which pan will not work?",
        [
            "a pure aluminium pan",
            "a cast iron pan",
            "an enamelled steel pan",
            "a magnetic stainless pan",
            "a carbon steel wok",
        ],
    ),
    ("Which planet has the shortest year?", ["Mercury", "Venus", "Mars", "Jupiter", "Neptune"]),
    ("What is 15% of 240?", ["36", "24", "30", "40", "48"]),
    (
        "Which accessory goes best with a DSLR camera?",
        ["a lens filter", "a toaster rack", "a bicycle pump", "a yoga block", "a bread knife"],
    ),
    ("In which year did the Berlin Wall fall?", ["1989", "1961", "1979", "1991", "1995"]),
    (
        "What should be checked first if a kettle does not heat?",
        [
            "the power supply",
            "the colour of the lid",
            "the age of the water",
            "the shape of the spout",
            "the printed manual",
        ],
    ),
    (
        "Which battery type can be recharged?",
        ["lithium-ion", "alkaline", "zinc-carbon", "silver oxide", "lithium primary"],
    ),
    ("Which size is larger than L in clothing?", ["XL", "M", "S", "XS", "XXS"]),
    (
        "Which vitamin does sunlight help the body to make?",
        ["vitamin D", "vitamin A", "vitamin C", "vitamin K", "vitamin B12"],
    ),
]

REVIEWS = [
    (
        "Great little blender",
        "Crushes ice in seconds and is easy to rinse. The lid is a bit stiff, but I can live with that.",
    ),
    (
        "Broke after a week",
        "The zipper came off on the third trip. I asked the seller for a refund and never heard back.",
    ),
    (
        "It is okay",
        "Sound is fine for the price, battery lasts about four hours. Neither thrilled nor upset.",
    ),
    (
        "Not as pictured!!",
        "Colour is nothing like the photo, and it arrived two days late, in a torn box.",
    ),
    ("Perfect gift", "My sister loves the scarf. Soft, warm, and the wrapping was beautiful."),
    (
        "Pros and cons",
        "Pros:\n- light\n- folds flat\n- charges fast\n\nCons:\n- loud fan\n- short cable\n\nAll in all I would buy it again.",
    ),
    (
        "Five stars? Hardly",
        "People ask me: is it worth it? Yes or no? I say it depends on your kitchen. Mine is small, and this thing is huge.",
    ),
    (
        "Would not recommend",
        "1. The handle gets hot. 2. The coating peels. 3. Customer service told me to read the manual.",
    ),
]

PASSAGES = [
    (
        "Our warehouse in Rotterdam opened in 2014 and ships about 3,000 parcels a day. In spring a second hall was added for garden furniture. Orders placed before 2 p.m. leave on the same day, except on Sundays and public holidays.",
        "When do orders placed at noon on a Tuesday leave?",
        ["on the same day", "on Wednesday", "on Sunday", "within two weeks"],
    ),
    (
        "Espresso is brewed by forcing hot water under pressure through finely ground coffee. The grind matters: if it is too coarse, the water runs through too quickly and the cup tastes sour; if it is too fine, the coffee becomes bitter.",
        "What happens if the grind is too coarse?",
        [
            "the cup tastes sour",
            "the coffee becomes bitter",
            "the machine stops",
            "the water gets cold",
        ],
    ),
    (
        "The first bicycles had no pedals. Riders pushed themselves along with their feet. Pedals were fitted to the front wheel in the 1860s, and the chain drive to the rear wheel came about twenty years later.",
        "Which part came last?",
        ["the chain drive", "the pedals", "the wheels", "the saddle"],
    ),
    (
        "Anna returned the boots because the left one leaked. The shop offered her a voucher, but she insisted on her money, and after a call to the manager she got it. She bought another pair across the street.",
        "What did Anna receive from the first shop?",
        ["her money", "a voucher", "new boots", "nothing"],
    ),
]

SENTENCE_PAIRS = [
    (
        "The parcel was delivered to the neighbour by the courier.",
        "The courier left the parcel with the neighbour.",
    ),
    (
        "The shop opens an hour earlier on Saturdays.",
        "On Saturdays the shop closes an hour earlier.",
    ),
    (
        "Nina bought the jacket although it was expensive.",
        "Although it cost a lot, Nina bought the jacket.",
    ),
    (
        "The red kettle is cheaper than the blue one.",
        "The blue kettle is cheaper than the red one.",
    ),
]

PREMISES = [
    (
        "All our tents are tested in heavy rain before they are shipped.",
        "Some tents are shipped untested.",
    ),
    (
        "The discount applies to orders above 50 euros placed online.",
        "Online orders above 50 euros get a discount.",
    ),
    ("Three of the five lamps in the set were broken on arrival.", "Every lamp arrived intact."),
    ("Mr Ito sells handmade knives in Sakai.", "Mr Ito has a daughter."),
]

COPA = [
    (
        "The customer returned the headphones.",
        "cause",
        "The left side was silent.",
        "The music was cheerful.",
    ),
    ("The shop raised its prices.", "effect", "Fewer people came in.", "The floor was swept."),
    ("The milk was left in the sun.", "effect", "It went sour.", "It froze."),
    (
        "She bought a second umbrella.",
        "cause",
        "She had lost the first one.",
        "She disliked the cinema.",
    ),
]

PRODUCTS = [
    "Nordhaus Stainless Steel Water Bottle, 750 ml, Leak-Proof",
    "Pikko USB-C to HDMI Adapter 4K 60Hz",
    "Lumea LED Desk Lamp, Dimmable, with USB Port (White)",
    "TrailFox Men's Hiking Boots Waterproof Size 43",
    "Casa Verde Bamboo Cutting Board Set of 3",
    "Minim Wireless Mouse, Silent Click, 2.4 GHz",
    "Bella Notte Cotton Duvet Cover 200x200 cm, Grey",
    "KidzJoy Wooden Train Set, 60 Pieces, Ages 3+",
    "AquaPure Replacement Filter Cartridge (Pack of 6)",
    "RunLite Women's Running Shorts with Pocket, Black, M",
    "Gourmet Hill Ground Coffee Dark Roast 500 g",
    "SoundNest Bluetooth Speaker Mini, Blue",
    "Alpina Yoga Mat Non-Slip 6 mm",
    "Oakline Bookshelf 5 Tiers, Walnut",
    "Frisk & Co. Dog Leash, 2 m, Reflective",
]
QUERIES = [
    "leak proof water bottle",
    "usb c hdmi adapter",
    "desk lamp with usb",
    "silent mouse",
    "gift for 4 year old boy",
    "coffee dark roast",
    "non slip yoga mat",
]

TICKETS = [
    "Hi, I was charged twice for order 48213. Please refund one of the payments as soon as possible.",
    "The app closes each time I open my wish list. Phone: Pixel 7, version 5.2.1.",
    "I can't log in any more: the reset mail never arrives, and my account seems to be locked.",
    "Could you add dark mode? It would be nice to have.",
    'Where is my parcel? Tracking has said "in transit" for nine days. Is it lost? Yes? No? Nobody tells me.',
    "I'd like to swap the shoes for a size 42, unworn, with the box.",
]
INTENTS = [
    ("order_status", "the customer wants to know where an order is"),
    ("refund_request", "the customer wants money back"),
    ("exchange_item", "the customer wants another size, colour or item"),
    ("login_problem", "the customer cannot reach the account"),
    ("cancel_order", "the customer wants to cancel before shipping"),
    ("change_address", "the delivery address has to be changed"),
    ("payment_failed", "a payment was refused or taken twice"),
    ("product_question", "a question about a product before buying"),
    ("complaint", "the customer is unhappy, without a concrete wish"),
    ("voucher_not_working", "a code is refused at checkout"),
]
CATEGORIES = [
    "Electronics",
    "Home & Kitchen",
    "Toys",
    "Clothing",
    "Sports & Outdoors",
    "Beauty",
    "Books",
    "Garden",
    "Pet Supplies",
    "Grocery",
]
ARTICLES = [
    "The striker scored twice in the last ten minutes, and the hosts went out of the cup in front of 40,000 spectators.",
    "Shares of the furniture chain rose by four percent after it reported better sales than expected for the spring.",
    "Researchers have built a battery that charges in five minutes and keeps its capacity after a thousand cycles.",
    "The two governments agreed on Tuesday to reopen the border for lorries, after months of talks.",
]

DE_MCQ = [
    ("Welches Material leitet Wärme am besten?", ["Kupfer", "Glas", "Holz", "Kork"]),
    (
        "Was gehört zum Zubehör einer Bohrmaschine?",
        ["ein Bohrfutter", "eine Teekanne", "ein Kopfkissen", "ein Notizbuch"],
    ),
    ("Wie heißt die Hauptstadt von Norwegen?", ["Oslo", "Bergen", "Stockholm", "Kopenhagen"]),
]
FR_MCQ = [
    ("Quel tissu est d'origine végétale ?", ["le lin", "la laine", "la soie", "le cachemire"]),
    ("Quelle est la capitale de l'Australie ?", ["Canberra", "Sydney", "Melbourne", "Perth"]),
    (
        "Quel accessoire convient à une cafetière à piston ?",
        ["un moulin à café", "un tournevis", "une raquette", "un oreiller"],
    ),
]
ES_MCQ = [
    (
        "¿Qué prenda se lleva en los pies?",
        ["los calcetines", "la bufanda", "el cinturón", "los guantes"],
    ),
    (
        "¿Cuál es el río más largo de la península ibérica?",
        ["el Tajo", "el Ebro", "el Duero", "el Júcar"],
    ),
    (
        "¿Qué producto sirve para proteger la pantalla de un móvil?",
        ["un cristal templado", "una sartén", "una toalla", "un paraguas"],
    ),
]
IT_MCQ = [
    (
        "Quale di questi è un utensile da cucina?",
        ["il mestolo", "il cacciavite", "la racchetta", "il righello"],
    ),
    ("In quale regione si trova Bologna?", ["Emilia-Romagna", "Toscana", "Lazio", "Puglia"]),
    ("Quale materiale è impermeabile?", ["la gomma", "la carta", "il cotone", "la lana"]),
]
JA_MCQ = [
    ("日本で一番高い山はどれですか。", ["富士山", "北岳", "浅間山", "阿蘇山", "白山"]),
    ("雨の日に使うものはどれですか。", ["傘", "枕", "冷蔵庫", "ピアノ", "辞書"]),
    ("コーヒー豆を粉にする道具は何ですか。", ["ミル", "やかん", "箸", "毛布", "定規"]),
]
ZH_MCQ = [
    ("下列哪种材料最适合做冬季外套的填充物？", ["羽绒", "玻璃", "石膏", "铝箔"]),
    ("中国面积最大的省级行政区是", ["新疆", "四川", "广东", "云南"]),
    ("网购商品七天无理由退货的起算日期是", ["签收次日", "下单当日", "付款当日", "发货当日"]),
    ("以下属于小家电的是", ["电热水壶", "双人床", "羽毛球拍", "牛仔裤"]),
]
LOCAL_REVIEWS = {
    "de": [
        "Die Jacke ist warm und sitzt gut, nur der Reißverschluss hakt ein wenig.",
        "Nach zwei Tagen kaputt. Geld zurück gab es erst nach drei Mails.",
        "Ganz in Ordnung für den Preis, mehr aber nicht.",
    ],
    "fr": [
        "Très bon aspirateur, silencieux et maniable. Je recommande !",
        "Livraison en retard et article cassé, je suis déçu.",
        "Correct, sans plus : la couleur diffère un peu de la photo.",
    ],
    "es": [
        "La batería dura poco y el cargador se calienta. No lo compraría otra vez.",
        "Llegó antes de tiempo y funciona de maravilla.",
        "Ni bien ni mal, cumple.",
    ],
    "it": [
        "Ottima qualità, spedizione veloce, consigliatissimo.",
        "Si è rotto subito, che delusione!",
        "Prodotto discreto, niente di speciale.",
    ],
    "ja": [
        "とても軽くて使いやすいです。買ってよかった。",
        "三日で壊れました。返品したいです。",
        "普通です。値段相応だと思います。",
    ],
    "zh": [
        "面料柔软，做工精细，很满意。",
        "物流太慢，包装破损，客服也不理人。",
        "一般般吧，对得起这个价格。",
    ],
}


def letters(count: int) -> tuple[str, ...]:
    return tuple(string.ascii_uppercase[:count])


def mixed(rng: Random, options: Sequence[str], count: int | None = None) -> list[str]:
    return rng.sample(list(options), count or len(options))


def listed(labels: Sequence[str], options: Sequence[str], mark: str = "{}. ") -> str:
    return "\n".join(
        mark.format(label) + option for label, option in zip(labels, options, strict=True)
    )


def review(rng: Random) -> str:
    return rng.choice(REVIEWS)[1]


def mcq(rng: Random, count: int = 4) -> tuple[str, list[str]]:
    question, options = rng.choice(MCQ)
    return question, mixed(rng, options, count)


def or_list(words: Sequence[str], comma: bool = True, last: str = "or") -> str:
    return (
        ", ".join(words[:-1]) + ("," if comma and len(words) > 2 else "") + f" {last} {words[-1]}"
    )


# ------------------------------------------------------------------------------------- promptsource


@closed
def ps_polarity_would_you_say(rng: Random) -> Asked:
    title, text = rng.choice(REVIEWS)
    words = rng.choice(
        [("satisfied", "dissatisfied"), ("happy", "unhappy"), ("positive", "negative")]
    )
    words = (words[0], words[1]) if rng.random() < 0.5 else (words[1], words[0])
    prompt = f"Here is a review left by a customer on a product. Would you say he was {words[0]} or {words[1]}?\nTitle: {title}\nReview: {text}\n"
    return Asked("promptsource amazon_polarity", prompt, words)


@closed
def ps_polarity_tone(rng: Random) -> Asked:
    title, text = rng.choice(REVIEWS)
    head = f"Title: {title}\nReview: {text}\n"
    form = rng.randrange(3)
    if form == 0:
        return Asked(
            "promptsource amazon_polarity",
            f"{head}Is the review positive or negative?",
            ("positive", "negative"),
        )
    if form == 1:
        return Asked(
            "promptsource amazon_polarity",
            f"{head}Does this product review convey a negative or positive sentiment?",
            ("negative", "positive"),
        )
    return Asked(
        "promptsource amazon_polarity",
        f"Is there a negative or positive tone to this product review?\n===\n{head}Answer:",
        ("negative", "positive"),
    )


TOPICS = [
    "company",
    "educational institution",
    "artist",
    "athlete",
    "means of transportation",
    "building",
    "natural place",
    "village",
    "animal",
    "plant",
    "album",
    "film",
    "written work",
]
THINGS = [
    (
        "Halvorsen Lake",
        "Halvorsen Lake lies in the north of the county, between two low hills, and freezes over in most winters.",
    ),
    (
        "Blue Crate Records",
        "Blue Crate Records is a mail-order firm that sells used vinyl from a former dairy in Leeds.",
    ),
    (
        "Quercus parva",
        "Quercus parva is a small oak that grows on dry, sandy slopes and keeps its leaves until spring.",
    ),
    (
        "The Ninth Ferry",
        "The Ninth Ferry is a novel about three sisters who run a harbour café after the war.",
    ),
]


@closed
def ps_dbpedia_pick_one(rng: Random) -> Asked:
    title, text = rng.choice(THINGS)
    topics = mixed(rng, TOPICS, rng.randint(5, 13))
    prompt = f"Pick one category for the following text. The options are - {or_list(topics, comma=False)}. {title} - {text}"
    return Asked("promptsource dbpedia_14", prompt, tuple(topics))


@closed
def ps_dbpedia_given_list(rng: Random) -> Asked:
    title, text = rng.choice(THINGS)
    topics = mixed(rng, TOPICS, rng.randint(4, 12))
    said = or_list(topics, comma=False)
    prompt = rng.choice(
        [
            f"{text} Given a list of categories: {said}, what category does the paragraph belong to?",
            f"{title} - {text} Given a choice of categories {said}, the text refers to which one?",
        ]
    )
    return Asked("promptsource dbpedia_14", prompt, tuple(topics))


@closed
def ps_ag_news_sections(rng: Random) -> Asked:
    sections = mixed(rng, ["World News", "Sports", "Business", "Science and Technology"])
    prompt = f"{rng.choice(ARTICLES)} \n\nWhich of the following sections of a newspaper would this article likely appear in? {or_list(sections)}?"
    return Asked("promptsource ag_news", prompt, tuple(sections))


@closed
def ps_app_reviews_friend(rng: Random) -> Asked:
    words = ("Not at all", "No", "Maybe", "Yes", "Definitely")
    return Asked(
        "promptsource app_reviews",
        f'Given this review: "{review(rng)}"\nWould you recommend this app to a friend? {or_list(words)}?',
        words,
    )


@closed
def ps_app_reviews_scale(rng: Random) -> Asked:
    prompt = f'On a scale of 1-5 (with 1 being least favorable and 5 being most favorable), how would you rate this review? "{review(rng)}"'
    return Asked("promptsource app_reviews", prompt, tuple("12345"))


@closed
def ps_paws_yes_no(rng: Random) -> Asked:
    one, two = rng.choice(SENTENCE_PAIRS)
    prompt = rng.choice(
        [
            f"Sentence 1: {one}\nSentence 2: {two}\nQuestion: Does Sentence 1 paraphrase Sentence 2? Yes or No?",
            f"Sentence 1: {one}\nSentence 2: {two}\nQuestion: Do Sentence 1 and Sentence 2 express the same meaning? Yes or No?",
            f"{one}\nIs that a paraphrase of the following sentence?\n{two}?\nYes or No.",
        ]
    )
    return Asked("promptsource paws", prompt, ("Yes", "No"))


@closed
def ps_rte(rng: Random) -> Asked:
    premise, claim = rng.choice(PREMISES)
    if rng.random() < 0.4:
        return Asked(
            "promptsource super_glue/rte",
            f"{premise}\nQuestion: {claim} True or False?",
            ("True", "False"),
        )
    prompt = rng.choice(
        [
            f'{premise} Using only the above description and what you know about the world, is "{claim}" definitely correct? Yes or no?',
            f'Given {premise} Is it guaranteed true that "{claim}"? Yes or no?',
            f'{premise} \n\nQuestion: Does this imply that "{claim}"? Yes or no?',
        ]
    )
    return Asked("promptsource super_glue/rte", prompt, ("Yes", "no"))


@closed
def ps_copa_dashes(rng: Random) -> Asked:
    premise, asked, one, two = rng.choice(COPA)
    prompt = rng.choice(
        [
            f"{premise} \n\nI am hesitating between two options. Help me choose the more likely {asked}:\n- {one}\n- {two}",
            f"Exercise: choose the most plausible alternative.\n\n{premise} {'because...' if asked == 'cause' else 'so...'}\n- {one}\n- {two}",
            f"{premise} {'This happened because...' if asked == 'cause' else 'As a consequence...'}\nHelp me pick the more plausible option:\n- {one}\n- {two}",
        ]
    )
    return Asked("promptsource super_glue/copa", prompt, (one, two))


@closed
def ps_copa_quotes(rng: Random) -> Asked:
    premise, asked, one, two = rng.choice(COPA)
    prompt = rng.choice(
        [
            f'{premise} {"Why did it happen" if asked == "cause" else "What could happen next"}, "{one}" or "{two}"?',
            f'"{one}" or "{two}"? {premise} {"because" if asked == "cause" else "so"}',
        ]
    )
    return Asked("promptsource super_glue/copa", prompt, (one, two))


@closed
def ps_cosmos_qa(rng: Random) -> Asked:
    text, question, options = rng.choice(PASSAGES)
    options = mixed(rng, options)
    head = f"Read the following context and choose the best option to answer the question.\nContext: {text}\nQuestion: {question}\nOptions: \n"
    if rng.random() < 0.5:
        return Asked("promptsource cosmos_qa", head + "- " + "\n - ".join(options), tuple(options))
    return Asked("promptsource cosmos_qa", head + listed(letters(4), options), letters(4))


@closed
def ps_trec(rng: Random) -> Asked:
    words = mixed(rng, ["Abbreviation", "Entity", "Description", "Person", "Location", "Quantity"])
    prompt = f"Categories: {', '.join(words)}\n\nWhat category best describes: {rng.choice(MCQ)[0]} \nAnswer:"
    return Asked("promptsource trec", prompt, tuple(words))


@closed
def ps_qqp_pick_one(rng: Random) -> Asked:
    one, two = rng.sample(
        [
            "How do I return shoes?",
            "What is the way to send shoes back?",
            "Can I pay by invoice?",
            "Do you ship to Malta?",
        ],
        2,
    )
    return Asked(
        "promptsource glue/qqp",
        f'{one}\n{two}\nPick one: These questions are "duplicates" or "not duplicates".',
        ("duplicates", "not duplicates"),
    )


# --------------------------------------------------------------------------------------------- FLAN


@closed
def flan_yes_no_options(rng: Random) -> Asked:
    premise, claim = rng.choice(PREMISES)
    one, two = rng.choice(SENTENCE_PAIRS)
    words = rng.choice([("yes", "no"), ("no", "yes")])
    head = rng.choice(
        [
            f'{premise}\n\nBased on the paragraph above can we conclude that "{claim}"?\n\n',
            f"{premise}\n\nCan we draw the following conclusion?\n{claim}\n\n",
            f"1. {one}\n2. {two}\n\nAre these two sentences paraphrases of each other?\n",
            f"(1) {one}\n(2) {two}\n\nDo these two sentences mean the same thing?\n\n",
        ]
    )
    return Asked("FLAN templates", f"{head}OPTIONS:\n- {words[0]}\n- {words[1]}", words)


@closed
def flan_three_way(rng: Random) -> Asked:
    premise, claim = rng.choice(PREMISES)
    words = mixed(rng, ["Yes", "It's impossible to say", "No"])
    prompt = (
        f"Premise: {premise}\n\nHypothesis: {claim}\n\nIs the hypothesis entailed by the premise?\n\nOPTIONS:\n- "
        + "\n- ".join(words)
    )
    return Asked("FLAN templates", prompt, tuple(words))


@closed
def flan_sentiment(rng: Random) -> Asked:
    words = mixed(rng, ["negative", "positive"])
    text = review(rng)
    head = rng.choice(
        [
            f"{text}\nIs this review positive or negative?\n",
            f"What is the sentiment of the following review?\n{text}\n\n",
            f"{text}\nHow would this review be described in terms of sentiment?\n",
        ]
    )
    return Asked("FLAN templates", f"{head}OPTIONS:\n- {words[0]}\n- {words[1]}", tuple(words))


@closed
def flan_arc(rng: Random) -> Asked:
    question, options = mcq(rng)
    options = [option[0].upper() + option[1:] for option in options]
    head = rng.choice(
        [
            f"Question: {question}\n\nWhat is the correct answer to the question from the following choices?\n",
            f"{question}\n\nPick the answer from these options\n\n",
            f"Q: {question}\nWhat is the correct answer to this question?\n",
        ]
    )
    mark = rng.choice(["- ", "({}). ", "{}). ", "({}) ", "[{}]. "])
    title = rng.choice(["OPTIONS:\n", "Options:\n", "Choices:\n", "Possible answers:\n"])
    if mark == "- ":
        return Asked(
            "FLAN templates",
            head + title + "\n".join(f"- {option}" for option in options),
            tuple(options),
        )
    return Asked("FLAN templates", head + title + listed(letters(4), options, mark), letters(4))


@closed
def flan_please_check(rng: Random) -> Asked:
    one, two = rng.choice(SENTENCE_PAIRS)
    return Asked(
        "FLAN templates",
        f'Please check if these have the same meaning. Answer "yes" if they do, otherwise "no".\n{one}\n{two}',
        ("yes", "no"),
    )


# ----------------------------------------------------------------------------- Super-NaturalInstructions


@closed
def ni_two_classes(rng: Random) -> Asked:
    texts = rng.sample([text for _, text in REVIEWS], 3)
    what = rng.choice(["food products", "kitchen goods", "products in the category Garden"])
    prompt = (
        f"Definition: In this task, you are given a review of a shop's {what}. Your task is to divide them into two classes: negative or positive, depending on the content of the review.\n\n"
        f"Positive Example 1 -\nInput: {texts[0]}\nOutput: positive\n\nPositive Example 2 -\nInput: {texts[1]}\nOutput: negative\n\n"
        f"Now complete the following example -\nInput: {texts[2]}\nOutput:"
    )
    return Asked("Super-NaturalInstructions", prompt, ("negative", "positive"))


@closed
def ni_indicate_with(rng: Random) -> Asked:
    premise, claim = rng.choice(PREMISES)
    prompt = (
        'Definition: Indicate with `Yes` if the given claim follows from the sentence. Indicate with `No`, otherwise. A claim follows if a reader who knows nothing else must believe it. For example, "he sold his car" means that he once owned a car.\n\n'
        f"Positive Example 1 -\nInput: Sentence: The bakery is closed on Mondays. \nClaim: One cannot buy bread there on Monday.\nOutput: Yes.\n\nNow complete the following example -\nInput: Sentence: {premise} \nClaim: {claim}\nOutput: "
    )
    return Asked("Super-NaturalInstructions", prompt, ("Yes", "No"))


@closed
def ni_generate_label(rng: Random) -> Asked:
    text = review(rng)
    prompt = (
        'Definition: In this task, you\'re given a customer review. Generate "POS" if the review is positive, "NEG" if it is negative, and "NEU" if it is neither.\n\n'
        f"Now complete the following example -\nInput: {text}\nOutput:"
    )
    return Asked("Super-NaturalInstructions", prompt, ("POS", "NEG", "NEU"))


@closed
def ni_option_number(rng: Random) -> Asked:
    premise, asked, one, two = rng.choice(COPA)
    prompt = (
        f"Definition: In this task you are given a premise and two alternatives in which one of them is the {asked} of the premise. Identify the right alternative, and output 1 for the first alternative or 2 for the second.\n\n"
        f"Now complete the following example -\nInput: Premise: {premise} (1) {one} (2) {two}\nOutput:"
    )
    return Asked("Super-NaturalInstructions", prompt, ("1", "2"))


# ---------------------------------------------------------------------------------------- BIG-bench


@closed
def bbh_options(rng: Random) -> Asked:
    count = rng.randint(3, 5)
    question, options = mcq(rng, count)
    shot, others = "Which of the following is made of paper?", ["a book", "a spoon", "a window"]
    prompt = f"Q: {question}\nOptions:\n{listed(letters(count), options, '({}) ')}\nA:"
    if rng.random() < 0.5:
        prompt = f"Choose the option that answers the question.\n\nQ: {shot}\nOptions:\n{listed(letters(3), others, '({}) ')}\nA: (A)\n\n{prompt}"
    return Asked("BIG-bench Hard", prompt, letters(count))


@closed
def bbh_causal(rng: Random) -> Asked:
    story = rng.choice(
        [
            "Two clerks share one till. The rule says that only one may use it at a time. Both use it at nine, and it crashes. Did the first clerk cause the crash?",
            "A shopkeeper puts a ladder outside. The wind blows it over, and it scratches a parked van. Did the shopkeeper scratch the van intentionally?",
        ]
    )
    return Asked(
        "BIG-bench Hard",
        f"Answer questions about causal attribution.\n\nQ: How would a typical person answer each of the following questions about causation?\n{story}\nOptions:\n- Yes\n- No\nA:",
        ("Yes", "No"),
    )


@closed
def bbh_valid_invalid(rng: Random) -> Asked:
    made = rng.choice(
        [
            "Every lamp in stock is dimmable. Whatever is dimmable is expensive. Therefore, every lamp in stock is expensive.",
            "No mug is a bottle. Some bottles leak. Therefore, no mug leaks.",
        ]
    )
    prompt = f'Q: "{made}"\nIs the argument, given the explicitly stated premises, deductively valid or invalid?\nOptions:\n- valid \n- invalid\nA:'
    return Asked("BIG-bench Hard", prompt, ("valid", "invalid"))


# -------------------------------------------------------------------------- lm-evaluation-harness


@closed
def lmeval_mmlu(rng: Random) -> Asked:
    shots = rng.choice([0, 2, 3])
    picked = rng.sample(MCQ, shots + 1)
    text = f"The following are multiple choice questions (with answers) about {rng.choice(['miscellaneous', 'marketing', 'consumer goods'])}.\n\n"
    for question, options in picked[:-1]:
        text += f"{question}\n{listed(letters(4), options[:4])}\nAnswer: A\n\n"
    question, options = picked[-1]
    return Asked(
        "lm-evaluation-harness mmlu",
        f"{text}{question}\n{listed(letters(4), mixed(rng, options, 4))}\nAnswer:",
        letters(4),
    )


@closed
def lmeval_mmlu_pro(rng: Random) -> Asked:
    start = rng.randint(3, 60)
    step = rng.randint(2, 9)
    price = rng.randint(20, 90)
    options = [f"${start + step * place}.00" for place in range(10)]
    prompt = f"Question:\nA jacket costs ${price} before a discount of {rng.choice([5, 10, 20])}% and a tax of 8%. Shipping is free above $50 and costs $4 otherwise. What does the customer pay, rounded to the nearest option?\nOptions:\n{listed(letters(10), mixed(rng, options))}\nAnswer:"
    return Asked("lm-evaluation-harness mmlu_pro", prompt, letters(10))


@closed
def lmeval_gpqa(rng: Random) -> Asked:
    question, options = mcq(rng)
    return Asked(
        "lm-evaluation-harness gpqa",
        f"What is the correct answer to this question:{question}\nChoices:\n{listed(letters(4), options, '({}) ')}\nAnswer:",
        letters(4),
    )


LOCAL_PASSAGES = {
    "en": PASSAGES[0],
    "de": (
        "Das Lager in Ulm öffnet um sechs Uhr. Pakete, die bis zehn Uhr gepackt sind, verlassen das Haus noch am Vormittag; alles andere geht erst am nächsten Tag auf die Reise.",
        "Wann verlässt ein um neun Uhr gepacktes Paket das Lager?",
        ["am Vormittag", "am nächsten Tag", "um sechs Uhr", "gar nicht"],
    ),
    "fr": (
        "La boutique de Lyon vend surtout du fromage. Depuis l'an dernier, on y trouve aussi des confitures faites par une voisine, qui partent toujours avant midi.",
        "Qui fait les confitures ?",
        ["une voisine", "le patron", "un fromager", "une usine"],
    ),
    "es": (
        "El mercado abre los martes y los viernes. Los puestos de fruta cierran a las dos, pero los de ropa siguen hasta la noche.",
        "¿Qué puestos cierran antes?",
        ["los de fruta", "los de ropa", "todos", "ninguno"],
    ),
    "it": (
        "Il negozio di Torino ripara biciclette dal 1987. D'inverno, quando il lavoro è poco, il proprietario costruisce telai su misura.",
        "Che cosa fa il proprietario d'inverno?",
        ["costruisce telai", "vende sci", "va in vacanza", "ripara scarpe"],
    ),
    "ja": (
        "この店は朝九時に開きます。月曜日は休みですが、祝日の月曜日は営業し、次の日に休みます。",
        "祝日の月曜日、店はどうなりますか。",
        ["営業する", "休む", "午後だけ開く", "早く閉まる"],
    ),
    "zh": (
        "这家店每天上午十点开门，周末提前一小时。会员日当天，前五十名顾客可以领取购物袋。",
        "周六几点开门？",
        ["九点", "十点", "十一点", "八点"],
    ),
}


@closed
def lmeval_belebele(rng: Random) -> Asked:
    passage, question, options = LOCAL_PASSAGES[rng.choice(list(LOCAL_PASSAGES))]
    return Asked(
        "lm-evaluation-harness belebele",
        f"P: {passage}\nQ: {question}\n{listed(letters(4), mixed(rng, options), '{}: ')}\nAnswer:",
        letters(4),
    )


@closed
def lmeval_cb(rng: Random) -> Asked:
    premise, claim = rng.choice(PREMISES)
    return Asked(
        "lm-evaluation-harness super_glue/cb",
        f"{premise}\nQuestion: {claim} True, False, or Neither?\nAnswer:",
        ("True", "False", "Neither"),
    )


@closed
def lmeval_longbench(rng: Random) -> Asked:
    text = "\n\n".join(
        f"Section {place}. {passage[0]} {rng.choice(REVIEWS)[1]}"
        for place, passage in enumerate(rng.sample(PASSAGES, 4) * 3, 1)
    )
    passage, question, options = rng.choice(PASSAGES)
    prompt = f"Please read the following text and answer the question below.\n\n<text>\n{text}\n{passage}\n</text>\n\nWhat is the correct answer to this question: {question}\nChoices:\n{listed(letters(4), mixed(rng, options), '({}) ')}\n\nAnswer:"
    return Asked("lm-evaluation-harness longbench2", prompt, letters(4))


@closed
def lmeval_french_bench(rng: Random) -> Asked:
    premise, claim = rng.choice(
        [
            ("Le colis est arrivé lundi.", "Le colis n'est jamais arrivé."),
            ("Toutes les lampes sont en verre.", "Cette lampe est en verre."),
            ("Paul vend des vélos.", "Paul aime le thé."),
        ]
    )
    options = mixed(rng, ["En accord", "Neutre", "En contradiction"])
    return Asked(
        "lm-evaluation-harness french_bench",
        f"\nPrémisse: {premise}\n\nHypothèse: {claim}\n\nLa prémisse et l'hypothèse sont:\n{listed(letters(3), options)}\nRéponse:",
        letters(3),
    )


@closed
def lmeval_evalita_sentiment(rng: Random) -> Asked:
    text = rng.choice(LOCAL_REVIEWS["it"])
    options = mixed(rng, ["Positivo", "Negativo", "Neutro", "Misto"])
    return Asked(
        "lm-evaluation-harness evalita_llm",
        f"Devi svolgere un compito di analisi del sentiment. Qual è il sentiment espresso nel seguente tweet: '{text}'?\n{listed(letters(4), options, '{}: ')}\nRisposta:",
        letters(4),
    )


@closed
def lmeval_evalita_true_false(rng: Random) -> Asked:
    text = rng.choice(LOCAL_REVIEWS["it"])
    return Asked(
        "lm-evaluation-harness evalita_llm",
        f"Dato il seguente testo, rispondi Vero se il testo contiene una lamentela, altrimenti rispondi Falso. Testo:\n{text} Risposta:",
        ("Vero", "Falso"),
    )


@closed
def lmeval_evalita_one_line(rng: Random) -> Asked:
    question, options = rng.choice(IT_MCQ)
    prompt = (
        f"Rispondi alla domanda a scelta multipla considerando le informazioni del testo seguente.\nTesto: {LOCAL_PASSAGES['it'][0]}\nDomanda: {question}\nOpzioni: "
        + listed(letters(4), mixed(rng, options), "{}: ").replace("\n", " ")
    )
    return Asked("lm-evaluation-harness evalita_llm", prompt, letters(4))


@closed
def lmeval_jcommonsenseqa(rng: Random) -> Asked:
    question, options = rng.choice(JA_MCQ)
    options = mixed(rng, options)
    prompt = (
        "以下は、タスクを説明する指示と、文脈のある入力の組み合わせです。要求を適切に満たす応答を書きなさい。\n\n### 指示：\n出力は以下から選択してください：\n"
        + "".join(f"- {option}\n" for option in options)
        + f"\n### 入力：\n{question}\n\n### 応答："
    )
    return Asked("lm-evaluation-harness japanese_leaderboard", prompt, tuple(options))


@closed
def lmeval_mmlu_prox(rng: Random) -> Asked:
    head, title, answer, pool = rng.choice(
        [
            ("Frage:", "Optionen:", "Antwort:", DE_MCQ),
            ("Question :", "Options :", "Réponse :", FR_MCQ),
            ("Pregunta:", "Opciones:", "Respuesta:", ES_MCQ),
            ("質問：", "選択肢：", "回答：", JA_MCQ),
            ("问题：", "选项：", "答案：", ZH_MCQ),
            ("Domanda:", "Opzioni:", "Risposta:", IT_MCQ),
        ]
    )
    question, options = rng.choice(pool)
    return Asked(
        "lm-evaluation-harness mmlu_prox",
        f"{head}\n{question}\n{title}\n{listed(letters(len(options)), mixed(rng, options))}\n{answer}",
        letters(len(options)),
    )


@closed
def lmeval_llama_mmlu(rng: Random) -> Asked:
    question, options = mcq(rng)
    prompt = f"Given the following question and four candidate answers (A, B, C and D), choose the best answer.\nQuestion: {question}\n{listed(letters(4), options)}\nYour response should be one of A, B, C or D, nothing else.\nThe best answer is"
    return Asked("lm-evaluation-harness llama3", prompt, letters(4))


@closed
def lmeval_polemo_dash(rng: Random) -> Asked:
    text = rng.choice(
        [
            "Szybka dostawa, telefon działa bez zarzutu.",
            "Buty rozkleiły się po tygodniu.",
            "Hotel jak hotel, nic szczególnego.",
        ]
    )
    options = ["Neutralny", "Negatywny", "Pozytywny", "Niejednoznaczny"]
    return Asked(
        "lm-evaluation-harness polemo2",
        f'Opinia: "{text}"\nOkreśl sentyment podanej opinii. Możliwe odpowiedzi:\n{listed(letters(4), options, "{} - ")}\nPrawidłowa odpowiedź:',
        letters(4),
    )


# --------------------------------------------------------------------------------------------- HELM


@closed
def helm_letter_answer(rng: Random) -> Asked:
    picked = rng.sample(MCQ, 2)
    text = "Give a letter answer among A, B, C, or D.\n\n"
    if rng.random() < 0.6:
        text += f"Question: {picked[0][0]}\n{listed(letters(4), picked[0][1][:4])}\nAnswer: A\n\n"
    return Asked(
        "HELM",
        f"{text}Question: {picked[1][0]}\n{listed(letters(4), mixed(rng, picked[1][1], 4))}\nAnswer:",
        letters(4),
    )


@closed
def helm_raft(rng: Random) -> Asked:
    names = [name for name, _ in rng.sample(INTENTS, rng.randint(4, 8))]
    one, two, three = rng.sample(TICKETS, 3)
    prompt = (
        "The following is a customer service query of an online shop. Classify the query into one of the categories available.\nPossible labels:\n"
        + "\n".join(f"{place}. {name}" for place, name in enumerate(names, 1))
        + f"\n\nQuery: {one}\nLabel: {names[1]}\n\nQuery: {two}\nLabel: {names[3]}\n\nQuery: {three}\nLabel:"
    )
    return Asked("HELM raft", prompt, tuple(names))


# --------------------------------------------------------------------- OpenCompass, CMMLU, CLUE


@closed
def oc_c3(rng: Random) -> Asked:
    passage, question, options = LOCAL_PASSAGES["zh"]
    return Asked(
        "OpenCompass CLUE_C3",
        f"{passage}\n问：{question}\n{listed(letters(4), mixed(rng, options))}\n请从“A”，“B”，“C”，“D”中进行选择。\n答：",
        letters(4),
    )


@closed
def oc_afqmc(rng: Random) -> Asked:
    one, two = rng.sample(
        ["订单怎么取消", "怎样取消订单", "优惠券过期了怎么办", "发货后可以改地址吗"], 2
    )
    return Asked(
        "OpenCompass CLUE_afqmc",
        f"语句一：“{one}”\n语句二：“{two}”\n语句一与语句二是关于购物的疑问，两者所询问的内容是否完全一致？\nA. 不完全一致\nB. 完全一致\n请从“A”，“B”中进行选择。\n答：",
        ("A", "B"),
    )


@closed
def oc_eprstmt(rng: Random) -> Asked:
    text = rng.choice(LOCAL_REVIEWS["zh"])
    return Asked(
        "OpenCompass FewCLUE_eprstmt",
        f'内容： "{text}"。请对上述内容进行情绪分类。\nA. 积极\nB. 消极\n请从”A“，”B“中进行选择。\n答：',
        ("A", "B"),
    )


@closed
def oc_tnews(rng: Random) -> Asked:
    names = mixed(
        rng,
        [
            "农业新闻",
            "旅游新闻",
            "游戏新闻",
            "科技公司新闻",
            "体育类新闻",
            "升学教育新闻",
            "娱乐圈新闻",
            "投资资讯",
            "军事类常识",
            "楼市新闻",
            "汽车新闻",
        ],
        rng.randint(6, 11),
    )
    marks = letters(len(names))
    said = "，".join(f"“{mark}”" for mark in marks)
    return Asked(
        "OpenCompass FewCLUE_tnews",
        f"国产新能源车上半年销量同比增长三成\n请判断上述内容属于什么新闻？\n{listed(marks, names)}\n请从{said}中进行选择。\n答：",
        marks,
    )


@closed
def oc_cmmlu(rng: Random) -> Asked:
    picked = rng.sample(ZH_MCQ, 2)
    text = f"以下是关于{rng.choice(['电子商务', '生活常识', '地理'])}的单项选择题，请直接给出正确答案的选项。\n\n"
    if rng.random() < 0.6:
        text += f"题目：{picked[0][0]}\n{listed(letters(4), picked[0][1])}\n答案是：A\n\n"
    return Asked(
        "CMMLU",
        f"{text}题目：{picked[1][0]}\n{listed(letters(4), mixed(rng, picked[1][1]))}\n答案是：",
        letters(4),
    )


@closed
def oc_ceval(rng: Random) -> Asked:
    question, options = rng.choice(ZH_MCQ)
    return Asked(
        "C-Eval",
        f"以下是中国关于经济学考试的单项选择题，请选出其中的正确答案。\n\n{question}\n{listed(letters(4), mixed(rng, options))}\n答案：",
        letters(4),
    )


@closed
def oc_ops_multi(rng: Random) -> Asked:
    if rng.random() < 0.5:
        prompt = f"下列哪些商品可以寄往海外？\n{listed(letters(5), mixed(rng, ['纸质图书', '锂电池', '棉质衬衫', '鲜活海鲜', '陶瓷茶杯']))}\n请直接给出所有正确答案的选项并用英文逗号分隔，例如：“B,C”。"
    else:
        prompt = f"You should select all appropriate option letters separated by commas to answer this question. Example of a possible answer: B,C.\nWhich of the following are made of wood?\n{listed(letters(5), mixed(rng, ['a violin', 'a pencil', 'a window pane', 'a rubber boot', 'a chopping board']))}"
    return Asked("OpenCompass OpsQA", prompt, letters(5), choose=0)


@closed
def clue_similar(rng: Random) -> Asked:
    one, two = rng.sample(
        ["订单怎么取消", "怎样取消订单", "优惠券过期了怎么办", "发货后可以改地址吗"], 2
    )
    return Asked(
        "PromptCLUE",
        f"以下两句话是否表达相同意思：\n文本1：{one}\n文本2：{two}\n选项：相似，不相似\n答案：",
        ("相似", "不相似"),
    )


@closed
def clue_nli(rng: Random) -> Asked:
    words = mixed(rng, ["矛盾", "蕴含", "中立"])
    return Asked(
        "PromptCLUE",
        f"推理关系判断：\n前提：快递明天送到上海\n假设：快递{rng.choice(['今天', '后天', '明天'])}送到{rng.choice(['上海', '北京'])}\n选项：{'，'.join(words)}\n答案：",
        tuple(words),
    )


@closed
def clue_news(rng: Random) -> Asked:
    words = mixed(
        rng,
        [
            "故事",
            "文化",
            "娱乐",
            "体育",
            "财经",
            "房产",
            "汽车",
            "教育",
            "科技",
            "军事",
            "旅游",
            "国际",
            "股票",
            "农业",
            "游戏",
        ],
        rng.randint(5, 15),
    )
    return Asked(
        "PromptCLUE",
        f"这是关于哪方面的新闻： \n{rng.choice(['新款折叠屏手机今日开售', '客队补时绝杀晋级八强', '古镇推出夜游路线'])}？\n选项：{rng.choice([',', '，', '、']).join(words)}\n答案:",
        tuple(words),
    )


# -------------------------------------------------------------------------- ECInstruct and EcomGPT


def alpaca(instruction: str, given: str, options: str | None) -> str:
    text = f"Below is an instruction that describes a task, paired with an input that provides further context. Write a response that appropriately completes the request.\n\n### Instruction:\n{instruction}\n\n### Input:\n{given}\n\n"
    return text + (f"### Options:\n{options}\n\n" if options else "") + "### Response:\n"


@closed
def ec_sentiment(rng: Random) -> Asked:
    options = ["A: very positive", "B: positive", "C: neutral", "D: negative", "E: very negative"]
    instruction = rng.choice(
        [
            "Given the user's review, identify the user's sentiment from the listed options. Answer using one of the options.",
            "Analyze the user's review and determine the sentiment based on the listed options.",
            "Assess the user's sentiment in the provided review and select the appropriate sentiment option from the list as the answer.",
        ]
    )
    return Asked("ECInstruct", alpaca(instruction, review(rng), json.dumps(options)), letters(5))


@closed
def ec_query_relevance(rng: Random) -> Asked:
    options = [
        "A: The product is relevant to the query, and satisfies all the query specifications.",
        "B: The product is somewhat relevant. It fails to fulfill some aspects of the query but the product can be used as a functional substitute.",
        "C: The product does not fulfill the query, but could be used in combination with a product exactly matching the query.",
        "D: The product is irrelevant to the query.",
    ]
    given = json.dumps({"query": rng.choice(QUERIES), "product title": rng.choice(PRODUCTS)})
    instruction = rng.choice(
        [
            "What is the relevance between the query and the product title below? Answer from one of the options.",
            "Determine the relevance between the query and the product title provided, and select your response from one of the available options.",
        ]
    )
    if rng.random() < 0.5:
        return Asked("ECInstruct", alpaca(instruction, given, json.dumps(options)), letters(4))
    return Asked(
        "ECInstruct",
        f"{instruction}\n\n{given}\n\nOptions:\n" + "\n".join(options) + "\n\nAnswer:",
        letters(4),
    )


@closed
def ec_same_product(rng: Random) -> Asked:
    one, two = rng.sample(PRODUCTS, 2)
    given = json.dumps(
        {
            "product 1": {"title": one, "price": f"{rng.randint(5, 90)}.99"},
            "product 2": {"title": two, "manufacturer": "", "price": "12.50"},
        }
    )
    instruction = rng.choice(
        [
            "Given the title, description, manufacturer, and price of two products, identify if they are the same product. Only output yes or no.",
            "Based on the product information, predict if the two products are identical or not. Output yes if they are identical or no otherwise.",
            "Analyze the title, description, manufacturer, and price between the two products below and generate an output of yes if the two products are the same, otherwise respond with no.",
        ]
    )
    return Asked("ECInstruct", alpaca(instruction, given, None), ("yes", "no"))


@closed
def ec_answerable(rng: Random) -> Asked:
    given = json.dumps(
        {"question": "Is it dishwasher safe?", "document": [review(rng), review(rng)]}
    )
    instruction = rng.choice(
        [
            "Output yes if the supporting document can answer the given question. Otherwise, output no.",
            "Given a question and the related document, predict if the question is answerable based on the information provided in the document. Output only yes or no.",
            "Predict whether it is possible to answer the given question using the supporting document, and output a yes or no response.",
        ]
    )
    return Asked("ECInstruct", alpaca(instruction, given, None), ("yes", "no"))


@closed
def ec_ranking(rng: Random) -> Asked:
    count = rng.randint(4, 8)
    given = f"Query: {rng.choice(QUERIES)}, " + ", ".join(
        f"product {mark}: {title}"
        for mark, title in zip(letters(count), mixed(rng, PRODUCTS, count), strict=True)
    )
    if rng.random() < 0.5:
        given = f"Query: {rng.choice(QUERIES)}\n" + listed(
            letters(count), mixed(rng, PRODUCTS, count), "{}: "
        )
    instruction = "Given a query and a list of products denoted as A, B, C, ... with their titles, rank the products according to their relevance to the query. Output only a ranked list in which the most relevant product is at the top of the list."
    return Asked(
        "ECInstruct", alpaca(instruction, given, None), letters(count), choose=count, is_order=True
    )


@closed
def ec_next_item(rng: Random) -> Asked:
    count = rng.choice([10, 15])
    titles = mixed(rng, PRODUCTS)
    history = "\n".join(
        f"{place}: {title}" for place, title in zip(["1st", "2nd", "3rd"], titles[:3], strict=True)
    )
    options = [
        f"{mark}: {title}"
        for mark, title in zip(letters(count), mixed(rng, PRODUCTS, count), strict=True)
    ]
    instruction = rng.choice(
        [
            "Given the products the user has purchased in history, rank the items in the listed options and output the item that the user is most likely to purchase next. Answer from one of the options.",
            "Estimate the user's intent based on the user's purchase history, and predict the next product that the user is most likely to purchase from the given options.",
        ]
    )
    return Asked("ECInstruct", alpaca(instruction, history, str(options)), letters(count))


@closed
def ecomgpt_candidates(rng: Random) -> Asked:
    if rng.random() < 0.5:
        names = mixed(rng, ["美妆洗护", "大服饰", "消费电子", "食品", "大百货"])
        title = rng.choice(
            ["纯棉条纹男士短袖衬衫夏季新款", "无线蓝牙耳机入耳式降噪", "桂花味手工糕点礼盒500g"]
        )
    else:
        names = mixed(rng, CATEGORIES, 6)
        title = rng.choice(PRODUCTS)
    return Asked(
        "EcomGPT",
        f"### Instruction:\n{title}\nCategorize product items. Candidates: {names}\n### Response:",
        tuple(names),
    )


@closed
def ecomgpt_match(rng: Random) -> Asked:
    words = rng.choice([("match", "not match"), ("not match", "match")])
    return Asked(
        "EcomGPT",
        f"### Instruction:\nQuery: {rng.choice(QUERIES)}\nDoc: {rng.choice(PRODUCTS)}\nDoes the product match the query? Select the label from: {words[0]}, {words[1]}.\n### Response:",
        words,
    )


# ------------------------------------------------------------------------ Shopping MMLU, IntentionQA


@closed
def smmlu_choice(rng: Random) -> Asked:
    question, options = mcq(rng)
    head = rng.choice(
        [
            "",
            "You are a helpful online shop assistant. Please answer the following question about online shopping and follow the given instructions.\n\n",
        ]
    )
    return Asked(
        "Shopping MMLU", f"{head}{question}\n{listed('0123', options)}\nAnswer:", tuple("0123")
    )


@closed
def smmlu_retrieval(rng: Random) -> Asked:
    count, wanted = rng.choice([(10, 3), (15, 3), (8, 2)])
    word = {2: "two", 3: "three"}[wanted]
    marks = tuple(str(place) for place in range(1, count + 1))
    prompt = f'You are a helpful online shop assistant. A user has just bought "{rng.choice(PRODUCTS)}". Which {word} of the following products is the user most likely to buy next?\n{listed(marks, mixed(rng, PRODUCTS, count))}\nYou should output {wanted} numbers, separated by commas. Do not give explanations.\nOutput:'
    return Asked("Shopping MMLU", prompt, marks, choose=wanted)


@closed
def smmlu_ranking(rng: Random) -> Asked:
    marks = tuple("12345")
    prompt = f'Instructions: You are a shopping assistant. A user on an online shopping website makes a query. Rank the following five products according to their relevance to the query, from the most to the least relevant. Output a permutation of 1 to 5, separated by commas.\nQuery: "{rng.choice(QUERIES)}"\nProduct List:\n{listed(marks, mixed(rng, PRODUCTS, 5))}\nOutput:'
    return Asked("Shopping MMLU", prompt, marks, choose=5, is_order=True)


@closed
def intentionqa(rng: Random) -> Asked:
    one, two = rng.sample(PRODUCTS, 2)
    if rng.random() < 0.5:
        options = mixed(
            rng,
            [
                "because they both are used for camping",
                "because they both have a property of being waterproof",
                "because the customer is planning a party",
                "because they both are made of steel",
            ],
        )
        return Asked(
            "IntentionQA",
            f"A customer buys {one} and {two}. What is the most likely intention for buying them?\n{listed(letters(4), options)}\nAnswer A or B or C or D only without any other word.",
            letters(4),
        )
    return Asked(
        "IntentionQA",
        f"A customer buys {one}, because it is needed for a trip.\nWhat is the customer's most probable additional purchase?\n{listed(letters(4), mixed(rng, PRODUCTS, 4))}\nAnswer A or B or C or D only without any other word.",
        letters(4),
    )


# ------------------------------------------------------------------------ search relevance, ranking


@closed
def esci_letter(rng: Random) -> Asked:
    prompt = f"""You judge search results of a shop.

Query: {rng.choice(QUERIES)}
Product: {rng.choice(PRODUCTS)}

Label the product with one of:
E (Exact): relevant, and satisfies all the specifications of the query
S (Substitute): somewhat relevant, fails some aspects but can stand in
C (Complement): does not fulfil the query, but could be used together with a matching product
I (Irrelevant): none of the above

Answer with a single letter: E, S, C or I."""
    return Asked("ESCI", prompt, ("E", "S", "C", "I"))


@closed
def esci_words(rng: Random) -> Asked:
    words = ("Exact", "Substitute", "Complement", "Irrelevant")
    body = f"Query: {rng.choice(QUERIES)}\nProduct title: {rng.choice(PRODUCTS)}\n"
    prompt = rng.choice(
        [
            f"Classify the relevance of the product to the query as Exact, Substitute, Complement, or Irrelevant.\n\n{body}\nRelevance:",
            f"{body}\nHow relevant is the product? Reply with exactly one of these labels and nothing else:\n- Exact\n- Substitute\n- Complement\n- Irrelevant",
            f"Given a query and a product, output the ESCI label (one of: Exact | Substitute | Complement | Irrelevant).\n{body}Label:",
        ]
    )
    return Asked("ESCI", prompt, words)


@closed
def rankgpt(rng: Random) -> Asked:
    count = rng.randint(4, 9)
    query = rng.choice(QUERIES)
    texts = [passage for passage, _, _ in PASSAGES] + PRODUCTS
    passages = "\n".join(
        f"[{place}] {text}" for place, text in enumerate(mixed(rng, texts, count), 1)
    )
    prompt = f"You are RankGPT, an intelligent assistant that can rank passages based on their relevancy to the query.\n\nI will provide you with {count} passages, each indicated by number identifier []. Rank the passages based on their relevance to query: {query}.\n\n{passages}\n\nSearch Query: {query}.\nRank the {count} passages above based on their relevance to the search query. The passages should be listed in descending order using identifiers. The most relevant passages should be listed first. The output format should be [] > [], e.g., [1] > [2]. Only response the ranking results, do not say any word or explain."
    return Asked(
        "RankGPT",
        prompt,
        tuple(str(place) for place in range(1, count + 1)),
        choose=count,
        is_order=True,
    )


@closed
def app_rank_products(rng: Random) -> Asked:
    count = rng.randint(5, 8)
    marks = tuple(str(place) for place in range(1, count + 1))
    titles = [
        f"{title} (${rng.randint(5, 99)}.{rng.randint(0, 99):02d}, {rng.randint(30, 50) / 10}★)"
        for title in mixed(rng, PRODUCTS, count)
    ]
    prompt = f"""You are a product relevance expert. Given a user's search query, rank the following products from most to least relevant.

User Query: "{rng.choice(QUERIES)}"

Products:
{listed(marks, titles)}

Instructions:
- Consider how well each product matches the user's intent
- Consider price, rating, and brand if mentioned in the query
- Return ONLY the product numbers in order of relevance, comma-separated
- Example response: {", ".join(mixed(rng, marks))}

Most relevant to least relevant:"""
    return Asked("application code (re-ranking)", prompt, marks, choose=count, is_order=True)


# -------------------------------------------------------------------- application developers, cookbooks


@closed
def app_triage_json(rng: Random) -> Asked:
    names = mixed(
        rng,
        [
            "Billing",
            "Shipping",
            "Returns",
            "Technical Issue",
            "Account Access",
            "Change Request",
            "Other",
        ],
    )
    prompt = f"""You are a support ticket classifier.

Your task is to classify a given user-submitted ticket into one of the following exact categories (use these strings verbatim):

{chr(10).join("- " + name for name in names)}

Respond ONLY with valid JSON matching this schema (no additional text):
{{
  "category": "<one of the categories above>"
}}

Rules:
- If you are unsure, choose exactly "Other" for the category.
- Do not invent new category names or synonyms.

Examples (use exact category strings):
Input: "The parcel has not come."
Output: {{"category": "Shipping"}}

Now classify this ticket and return valid JSON only: {rng.choice(TICKETS)}"""
    return Asked("application code (ticket triage)", prompt, tuple(names))


@closed
def app_triage_described(rng: Random) -> Asked:
    picked = rng.sample(INTENTS, rng.randint(4, 7))
    mark = rng.choice(["- {}: {}", "- `{}` - {}", "* {} — {}", "- **{}**: {}"])
    prompt = f'You are an assistant in the support team of a shoe shop. Decide what the customer wants.\n\nIntents:\n{chr(10).join(mark.format(*pair) for pair in picked)}\n\nCustomer message:\n"""\n{rng.choice(TICKETS)}\n"""\n\nRespond with the name of exactly one intent and nothing else.'
    return Asked("application code (intents)", prompt, tuple(name for name, _ in picked))


@closed
def app_intents_any(rng: Random) -> Asked:
    names = [name for name, _ in rng.sample(INTENTS, rng.randint(5, 8))]
    prompt = f'You are an intent classification agent for customer support.\n\nClassify the customer\'s message into any of these intents; if the message has more than one intent, return all of them:\n{chr(10).join("- " + name for name in names)}\n\nRespond ONLY with the list of intents as a comma-separated string.\n\nCustomer message: "{rng.choice(TICKETS)} {rng.choice(TICKETS)}"'
    return Asked("application code (intents)", prompt, tuple(names), choose=0)


@closed
def app_tags_xml(rng: Random) -> Asked:
    names = mixed(
        rng,
        [
            "packaging",
            "size and fit",
            "delivery time",
            "customer service",
            "price",
            "quality of material",
            "instructions",
        ],
        5,
    )
    title, text = rng.choice(REVIEWS)
    body = "\n".join(names)
    prompt = f"You are tasked with selecting an appropriate tag from the given list based on user feedback.\n\nHere is the list of potential tags:\n<tags>\n{body}\n</tags>\n\n<title>\n{title}\n</title>\n\n<feedback>\n{text}\n</feedback>\n\nPlease choose only one tag from the tag list. No explanation is required. No need to echo the tag list or the feedback."
    return Asked("aws-samples feedback tagging", prompt, tuple(names))


@closed
def app_finance_quotes(rng: Random) -> Asked:
    words = mixed(rng, ["NEGATIVE", "POSITIVE", "NEUTRAL"])
    said = f"'{words[0]}', '{words[1]}', or '{words[2]}'"
    prompt = f"Discard all the previous instructions. Behave like you are an expert sentence sentiment classifier. Classify the following sentence into {said} class. Label 'NEGATIVE' if it is corresponding to negative sentiment, 'POSITIVE' if it is corresponding to positive sentiment, or 'NEUTRAL' if the sentiment is neutral. Provide only the label. The sentence: {rng.choice(ARTICLES)}"
    return Asked("zero-shot-finance", prompt, tuple(words))


@closed
def guide_classify_into(rng: Random) -> Asked:
    words = mixed(rng, ["neutral", "negative", "positive"])
    prompt = rng.choice(
        [
            f"Classify the text into {or_list(words)}.\nText: {review(rng)}\nSentiment:",
            f"Classify the text into {or_list(words)}. \n\nText: {review(rng)}\n\nSentiment:\n",
            f'Classify the sentiment of this review as {or_list(words, comma=False)}: "{review(rng)}"',
        ]
    )
    return Asked("Prompt Engineering Guide", prompt, tuple(words))


@closed
def cookbook_delimiters(rng: Random) -> Asked:
    names = mixed(rng, CATEGORIES, rng.randint(4, 8))
    shape = rng.randrange(3)
    said = [", ".join(names), "\n".join(f"- {name}" for name in names), json.dumps(names)][shape]
    prompt = f"You will be provided with a product title, delimited by triple backticks. Classify it into exactly one of the following categories:\n{said}\n\nOnly answer with the name of the category, without any explanation.\n\n```{rng.choice(PRODUCTS)}```"
    return Asked("OpenAI cookbook", prompt, tuple(names))


@closed
def cookbook_json_label(rng: Random) -> Asked:
    words = mixed(rng, ["positive", "negative", "neutral"])
    said = " | ".join(f'"{word}"' for word in words)
    prompt = f'Classify the sentiment of the review below. Return a JSON object with a single key, "sentiment", whose value is one of {said}.\n\nReview: {review(rng)}\n\nJSON:'
    return Asked("OpenAI cookbook", prompt, tuple(words))


@closed
def langchain_router(rng: Random) -> Asked:
    names = mixed(rng, ["Orders", "Products", "Returns", "Other"])
    prompt = f"Given the user question below, classify it as either being about `{names[0]}`, `{names[1]}`, `{names[2]}`, or `{names[3]}`.\n\nDo not respond with more than one word.\n\n<question>\n{rng.choice(TICKETS)}\n</question>\n\nClassification:"
    return Asked("LangChain routing", prompt, tuple(names))


@closed
def langchain_grader(rng: Random) -> Asked:
    passage, question, _ = rng.choice(PASSAGES)
    prompt = f"You are a grader assessing relevance of a retrieved document to a user question. \n Here is the retrieved document: \n\n {passage} \n\nHere is the user question: {question} \nIf the document contains keyword(s) or semantic meaning related to the user question, grade it as relevant. \nGive a binary score 'yes' or 'no' score to indicate whether the document is relevant to the question."
    return Asked("LangGraph retrieval grader", prompt, ("yes", "no"))


@closed
def judge_pairwise(rng: Random) -> Asked:
    question = rng.choice(MCQ)[0]
    prompt = f'Please act as an impartial judge and evaluate the quality of the responses provided by two AI assistants to the user question displayed below. Avoid any position biases. Output your final verdict by strictly following this format: "[[A]]" if assistant A is better, "[[B]]" if assistant B is better, and "[[C]]" for a tie. Do NOT provide any explanation.\n\n[User Question]\n{question}\n\n[The Start of Assistant A\'s Answer]\n{review(rng)}\n[The End of Assistant A\'s Answer]\n\n[The Start of Assistant B\'s Answer]\n{rng.choice(ARTICLES)}\n[The End of Assistant B\'s Answer]'
    return Asked("MT-Bench judge", prompt, ("A", "B", "C"))


@closed
def judge_zero_to_three(rng: Random) -> Asked:
    passage, question, _ = rng.choice(PASSAGES)
    top = rng.choice([3, 4])
    prompt = f"You are a RELEVANCE grader; providing the relevance of the given RESPONSE to the given PROMPT.\nRespond only as a number from 0 to {top}, where 0 is the lowest score according to the criteria and {top} is the highest possible score.\n\nA few additional scoring guidelines:\n- Long RESPONSES should score equally well as short RESPONSES.\n- RESPONSE that is relevant to none of the PROMPT should get a minimum score of 0.\n- Never elaborate.\n\nPROMPT: {question}\n\nRESPONSE: {passage}\n\nRELEVANCE:"
    return Asked("TruLens relevance", prompt, tuple(str(score) for score in range(top + 1)))


@closed
def umbrela_scale(rng: Random) -> Asked:
    prompt = f"""Given a query and a passage, you must provide a score on an integer scale of 0 to 3 with the following meanings:
0 = represent that the passage has nothing to do with the query,
1 = represents that the passage seems related to the query but does not answer it,
2 = represents that the passage has some answer for the query, but the answer may be a bit unclear, or hidden amongst extraneous information and
3 = represents that the passage is dedicated to the query and contains the exact answer.

Query: {rng.choice(PASSAGES)[1]}
Passage: {rng.choice(PASSAGES)[0]}

Do not provide any code or reasoning in the result. Just the score.
##final score:"""
    return Asked("UMBRELA", prompt, tuple("0123"))


@closed
def unitxt_classify(rng: Random) -> Asked:
    names = mixed(rng, CATEGORIES, rng.randint(3, 6))
    text = rng.choice(PRODUCTS)
    prompt = rng.choice(
        [
            f"Classify the category of the following product title to one of these options: {', '.join(names)}. product title: {text}",
            f"Text: {text}, Choices: {', '.join(names)}.",
            f"What is the category of the following product title? Options: {', '.join(names)}.\nproduct title: {text}\nThe category is ",
        ]
    )
    return Asked("unitxt", prompt, tuple(names))


@closed
def unitxt_relation(rng: Random) -> Asked:
    premise, claim = rng.choice(PREMISES)
    words = mixed(rng, ["entailment", "neutral", "contradiction"])
    return Asked(
        "unitxt",
        f"Given a premise and hypothesis classify the entailment of the hypothesis to one of {', '.join(words)}.\npremise: {premise}\nhypothesis: {claim}\nThe entailment class is ",
        tuple(words),
    )


@closed
def unitxt_mmlu_local(rng: Random) -> Asked:
    head, title, answer, pool = rng.choice(
        [
            (
                "Las siguientes son preguntas de opción múltiple (con respuestas) sobre cultura general.",
                "Respuestas:",
                "Respuesta:",
                ES_MCQ,
            ),
            ("次は 一般常識に関する選択式の問題です。", "選択肢:", "答え:", JA_MCQ),
            (
                "Voici des questions à choix multiples (avec réponses) à propos de la consommation.",
                "Réponses :",
                "Réponse :",
                FR_MCQ,
            ),
        ]
    )
    question, options = rng.choice(pool)
    return Asked(
        "unitxt",
        f"{head}\n{question}\n{title} \n{listed(letters(len(options)), mixed(rng, options))}\n{answer}",
        letters(len(options)),
    )


@closed
def banking_labels(rng: Random) -> Asked:
    names = [name for name, _ in mixed_pairs(rng)]
    prompt = f"You classify customer messages. Allowed labels: {', '.join(names)}\n\nReturn exactly one label from the list, lowercase, without punctuation.\n\nMessage: {rng.choice(TICKETS)}\nLabel:"
    return Asked("Banking77 zero-shot", prompt, tuple(names))


def mixed_pairs(rng: Random) -> list[tuple[str, str]]:
    return rng.sample(INTENTS, rng.randint(5, len(INTENTS)))


@closed
def tweet_labels_numbered(rng: Random) -> Asked:
    names = ["Extremely Positive", "Positive", "Neutral", "Negative", "Extremely Negative"]
    prompt = f"1.You are a Classifier. Your task is to assign one label out of the given labels: {names} to the given text.\n2. Please ONLY PROVIDE LABEL as the response.\n3. Examples of the text and labels are given below:\nText: 'Best shop in town'\nLabel: Extremely Positive\nText: 'Queue was long, staff was kind'\nLabel: Neutral\n4. You can use the above examples to assign a label to the given text.\nText: '{review(rng)}'\nLabel:"
    return Asked("application code (sentiment)", prompt, tuple(names))


@closed
def spam_two_words(rng: Random) -> Asked:
    text = rng.choice(
        [
            "WIN a phone!!! Reply NOW",
            "Your parcel arrives tomorrow between 9 and 12.",
            "Dear friend, I have a business proposal",
        ]
    )
    prompt = rng.choice(
        [
            f"Is the following message spam? Reply with exactly one word: `spam` or `not_spam`.\n\n{text}",
            f"Decide whether the message is spam.\nMessage: {text}\nAnswer (spam / not_spam):",
            f'Label the message below as "spam" or "not_spam".\n---\n{text}\n---',
        ]
    )
    return Asked("application code (moderation)", prompt, ("spam", "not_spam"))


# ---------------------------------------------------------------------- other languages (xP3, XNLI …)


@closed
def xnli_local(rng: Random) -> Asked:
    form = rng.randrange(5)
    if form == 0:
        return Asked(
            "xP3 xnli",
            "Prämisse: Das Paket kam am Montag an.\nHypothese: Das Paket kam vor dem Wochenende an.\n\nFolgt die Hypothese aus der Prämisse? Antworte mit Ja, Nein oder Vielleicht.",
            ("Ja", "Nein", "Vielleicht"),
        )
    if form == 1:
        return Asked(
            "xP3 xnli",
            "Le magasin ferme à midi le samedi.\nQuestion : Le magasin est ouvert le samedi matin. Vrai, faux ou indéterminé ?",
            ("Vrai", "faux", "indéterminé"),
        )
    if form == 2:
        return Asked(
            "xP3 xnli",
            "Premisa: Todas las tazas son de cerámica.\nHipótesis: Esta taza es de plástico.\n¿La hipótesis se deduce de la premisa? Responde sí, no o quizás.",
            ("sí", "no", "quizás"),
        )
    if form == 3:
        return Asked(
            "xP3 xnli",
            "前提：快递昨天已经送到。\n假设：快递还在路上。\n前提和假设是什么关系？请从“蕴含”、“中立”、“矛盾”中选择一个。",
            ("蕴含", "中立", "矛盾"),
        )
    return Asked(
        "xP3 xnli",
        "前提：この店は現金しか使えません。\n仮説：この店ではカードで払えます。\n前提と仮説の関係を entailment、contradiction、neutral の中から選んでください。",
        ("entailment", "contradiction", "neutral"),
    )


@closed
def pawsx_local(rng: Random) -> Asked:
    form = rng.randrange(4)
    if form == 0:
        return Asked(
            "xP3 paws-x",
            "Satz 1: Der Tisch ist billiger als der Stuhl.\nSatz 2: Der Stuhl ist billiger als der Tisch.\nHaben Satz 1 und Satz 2 dieselbe Bedeutung? Ja oder Nein?",
            ("Ja", "Nein"),
        )
    if form == 1:
        return Asked(
            "xP3 paws-x",
            "Phrase 1 : La robe est arrivée avant le sac.\nPhrase 2 : Le sac est arrivé après la robe.\nQuestion : Les deux phrases ont-elles le même sens ? Oui ou non ?",
            ("Oui", "non"),
        )
    if form == 2:
        return Asked(
            "xP3 paws-x",
            "Frase 1: El vendedor llamó al cliente.\nFrase 2: El cliente llamó al vendedor.\nPregunta: ¿La frase 1 es una paráfrasis de la frase 2? ¿Sí o no?",
            ("Sí", "no"),
        )
    return Asked(
        "xP3 paws-x",
        "文1：鞄は靴より高い。\n文2：靴は鞄より安い。\n二つの文は同じ意味ですか。「はい」か「いいえ」で答えてください。",
        ("はい", "いいえ"),
    )


@closed
def xcopa_local(rng: Random) -> Asked:
    form = rng.randrange(3)
    if form == 0:
        one, two = mixed(rng, ["la scatola era rotta", "il sole splendeva"])
        return Asked(
            "xP3 xcopa",
            f"Il cliente ha rifiutato il pacco perché...\nQual è l'opzione più plausibile?\n- {one}\n- {two}",
            (one, two),
        )
    if form == 1:
        one, two = mixed(rng, ["他换了一部新手机", "他去买了面包"])
        return Asked(
            "xP3 xcopa",
            f"他的手机屏幕碎了，所以……\n请选择更合理的结果：\nA. {one}\nB. {two}\n答案：",
            ("A", "B"),
        )
    one, two = mixed(rng, ["Der Akku war leer.", "Das Regal war weiß."])
    return Asked(
        "xP3 xcopa",
        f"Die Kamera ging aus. Was war die Ursache?\n\nA) {one}\nB) {two}\n\nAntwort:",
        ("A", "B"),
    )


@closed
def stars_local(rng: Random) -> Asked:
    form = rng.choice(["de", "fr", "es", "it", "ja", "zh"])
    text = rng.choice(LOCAL_REVIEWS[form])
    prompt = {
        "de": f"Wie viele Sterne (1 bis 5) vergibt der Kunde? Antworte nur mit der Zahl.\n\nRezension: {text}\nSterne:",
        "fr": f"Attribuez une note de 1 à 5 à l'avis suivant (1 = très mauvais, 5 = excellent). Répondez uniquement par le chiffre.\n\nAvis : {text}\nNote :",
        "es": f"Puntúa la siguiente reseña del 1 al 5, donde 1 es muy negativa y 5 muy positiva. Responde solo con el número.\n\nReseña: {text}",
        "it": f"Dai un voto da 1 a 5 alla recensione seguente. Rispondi solo con il numero.\n\nRecensione: {text}\nVoto:",
        "ja": f"次のレビューの評価を1から5の数字で答えてください。数字のみを出力してください。\n\nレビュー：{text}\n評価：",
        "zh": f"请根据以下商品评论，给出1到5的评分，只输出数字。\n\n评论：{text}\n评分：",
    }[form]
    return Asked("Amazon reviews, multilingual", prompt, tuple("12345"))


@closed
def sentiment_local(rng: Random) -> Asked:
    form = rng.choice(["de", "fr", "es", "ja", "zh"])
    text = rng.choice(LOCAL_REVIEWS[form])
    prompt, words = {
        "de": (
            f"Ist die folgende Bewertung positiv, negativ oder neutral?\n\n{text}",
            ("positiv", "negativ", "neutral"),
        ),
        "fr": (
            f"Classez l'avis suivant dans l'une des catégories : positif, négatif, neutre.\n\nAvis : {text}\nCatégorie :",
            ("positif", "négatif", "neutre"),
        ),
        "es": (
            f"Clasifica el sentimiento de la reseña como positivo, negativo o neutro.\nReseña: {text}\nSentimiento:",
            ("positivo", "negativo", "neutro"),
        ),
        "ja": (
            f"以下の製品レビューを「ポジティブ」「ネガティブ」「ニュートラル」のいずれかに分類してください。\n\nレビュー：{text}\n分類：",
            ("ポジティブ", "ネガティブ", "ニュートラル"),
        ),
        "zh": (
            f"判断下面这条评论的情感倾向，答案只能是“正面”、“负面”或“中性”。\n评论：{text}\n答案：",
            ("正面", "负面", "中性"),
        ),
    }[form]
    return Asked("sentiment, multilingual", prompt, words)


@closed
def circled_numbers(rng: Random) -> Asked:
    question, options = rng.choice(JA_MCQ + ZH_MCQ)
    options = mixed(rng, options, 4)
    marks = tuple("①②③④")
    tail = (
        rng.choice(["正しいものを①～④の中から一つ選びなさい。\n", ""])
        if question in [asked for asked, _ in JA_MCQ]
        else ""
    )
    return Asked(
        "JMMLU and school exams",
        f"{question}\n{tail}{listed(marks, options, '{} ')}\n{'答え：' if question in [asked for asked, _ in JA_MCQ] else '答案：'}",
        marks,
    )


@closed
def winogrande_blank(rng: Random) -> Asked:
    text, one, two = rng.choice(
        [
            ("The lamp did not fit into the box because the _ was too small.", "lamp", "box"),
            ("Mia lent Eva her drill, and a week later _ brought it back.", "Mia", "Eva"),
            (
                "He chose the wool socks over the nylon ones because the _ were warmer.",
                "wool socks",
                "nylon ones",
            ),
        ]
    )
    prompt = rng.choice(
        [
            f"{text}\nWhat does the _ in the above sentence refer to? {one} or {two}?",
            f"The _ in the sentence below refers to {one}. True or False?\n{text}",
            f"Fill in the _ in the below sentence:\n{text}\n\nChoices:\n- {one}\n- {two}\n\nAnswer:",
        ]
    )
    return Asked(
        "promptsource winogrande",
        prompt,
        ("True", "False") if "True or False" in prompt else (one, two),
    )


@closed
def quoted_commas(rng: Random) -> Asked:
    names = mixed(
        rng,
        [
            "Home, Kitchen & Bath",
            "Toys, Games",
            "Health, Beauty",
            "Tools, DIY & Garden",
            "Music, Film",
        ],
        rng.randint(3, 5),
    )
    said = ", ".join(f'"{name}"' for name in names)
    prompt = rng.choice(
        [
            f"Assign the product to one of the following departments: {said}.\n\nProduct: {rng.choice(PRODUCTS)}\nDepartment:",
            f"Product: {rng.choice(PRODUCTS)}\n\nWhich department does it belong to? Choose from [{said}].",
        ]
    )
    return Asked("application code (taxonomy)", prompt, tuple(names))


@closed
def google_taxonomy(rng: Random) -> Asked:
    paths = mixed(
        rng,
        [
            "Home & Garden > Kitchen & Dining > Tableware",
            "Electronics > Audio > Speakers",
            "Apparel & Accessories > Shoes",
            "Animals & Pet Supplies > Pet Supplies > Dog Supplies",
            "Toys & Games > Toys",
            "Sporting Goods > Exercise & Fitness",
        ],
        rng.randint(3, 6),
    )
    prompt = f"Tu es un expert en catégorisation de produits pour Google Shopping.\n\nProduit : {rng.choice(PRODUCTS)}\n\nCatégories possibles :\n{chr(10).join('- ' + path for path in paths)}\n\nRÈGLES STRICTES :\n1. Tu DOIS choisir une catégorie de la liste fournie.\n2. Tu DOIS répondre avec le chemin complet, sans commentaire.\n\nCatégorie :"
    return Asked("application code (Google Shopping)", prompt, tuple(paths))


@closed
def select_all(rng: Random) -> Asked:
    names = mixed(
        rng, ["price", "quality", "delivery", "packaging", "customer service", "ease of use"], 5
    )
    marks = letters(5)
    if rng.random() < 0.5:
        return Asked(
            "survey coding (multi-label)",
            f"Review: {review(rng)}\n\nWhich aspects does the review mention? Select all that apply.\n{listed(marks, names, '{}) ')}\n\nAnswer with the letters, separated by commas.",
            marks,
            choose=0,
        )
    return Asked(
        "survey coding (multi-label)",
        f"Assign all labels that apply to the feedback below. The labels are: {', '.join(names)}. Separate several labels with commas.\n\nFeedback: {review(rng)}\nLabels:",
        tuple(names),
        choose=0,
    )


# --------------------------------------------------------------------------------------------- open


@opened
def summary_of_lists(rng: Random) -> str:
    title, text = rng.choice(REVIEWS[5:])
    return rng.choice(
        [
            f"Summarize the following customer review in one sentence.\n\n{title}\n{text}\n\nSummary:",
            f"{title}\n\n{text}\n\n===\n\nGiven the above text, write one sentence to summarize:",
            f"TL;DR of this review?\n\n{text}",
        ]
    )


@opened
def title_from_attributes(rng: Random) -> str:
    if rng.random() < 0.5:
        return f"### Instruction:\n颜色分类#:#{rng.choice(['图片色', '黑色', '米白'])}#;#裤长#:#长裤#;#腰型#:#高腰#;#适用季节#:#秋季#;#风格#:#通勤\n根据以上属性生成商品标题。\n### Response:"
    return f"Write a product title of at most 80 characters.\n\nBrand: Nordhaus\nMaterial: steel\nColours: {or_list(mixed(rng, ['red', 'blue', 'black', 'green'], 3), last='and')}\nSizes: 500 ml, 750 ml, 1 l\n\nTitle:"


@opened
def named_entities(rng: Random) -> str:
    text = rng.choice(PRODUCTS)
    return rng.choice(
        [
            f"You are a helpful shop assistant. Identify the entities of the type 'brand' in the following product title and output them exactly as written.\nProduct title: {text}\nOutput:",
            f"Extract all named entities from the text. Entity types: Brand, Product, Component, Attribute.\n\nText: {text}\n\nOutput one entity per line in the format `type: term`.",
            f"信息抽取：\n{rng.choice(LOCAL_REVIEWS['zh'])}\n问题：品牌，颜色，材质，尺码\n答案：",
        ]
    )


@opened
def attributes_of_page(rng: Random) -> str:
    sizes = ", ".join(rng.sample(["XS", "S", "M", "L", "XL"], 4))
    return f"Given the product page below, extract the material, the fit and the washing temperature as key: value lines. Write 'none' if the page does not say.\n\n{rng.choice(PRODUCTS)}\n\nChoose a size: {sizes}\nColour options:\n- Navy\n- Sand\n- Olive\n\nAbout this item\n1. Soft cotton ({rng.randint(60, 95)}%) with elastane\n2. Machine wash at 30 degrees\n3. Regular fit\n\nOutput:"


@opened
def answer_from_document(rng: Random) -> str:
    passage, question, _ = rng.choice(PASSAGES)
    if rng.random() < 0.5:
        return alpaca(
            "Given a question and the related document, and generate the answer to the question based on the information provided in the document.",
            json.dumps({"question": question, "document": passage}),
            None,
        )
    return f"Answer the question using only the context. If the answer is not in the context, say that you don't know.\n\nContext: {passage}\n\nQuestion: {question}\nAnswer:"


@opened
def translate_quiz(rng: Random) -> str:
    question, options = mcq(rng)
    return rng.choice(
        [
            f"Translate the following quiz question into {rng.choice(['German', 'French', 'Italian'])}.\n\n{question}\n{listed(letters(4), options)}",
            f"Übersetze ins Englische:\n\n{rng.choice(LOCAL_REVIEWS['de'])}",
            f"翻译成英文：\n{rng.choice(LOCAL_REVIEWS['zh'])}\n答案：",
        ]
    )


@opened
def chat_yes_or_no(rng: Random) -> str:
    return rng.choice(
        [
            "My boss wants a plain yes or no whether we ship to Norway, but it depends on the item. How do I tell her politely?",
            "hey, quick one: I bought the boots in 42 and they're tight. what should i do?? return or stretch them? tell me about both",
            "Yes or no questions annoy me. Can you explain how the warranty works for refurbished phones?",
            "Guten Tag, ich suche ein Geschenk für meine Oma, sie mag Tee und Krimis. Haben Sie eine Idee?",
        ]
    )


@opened
def write_a_list(rng: Random) -> str:
    return rng.choice(
        [
            f"List five advantages of {rng.choice(['cast iron pans', 'LED lamps', 'cotton bedding'])}.",
            "Give me 10 keywords for this product, separated by commas:\n" + rng.choice(PRODUCTS),
            "Trova 10 parole che possono sostituire la parola racchiusa tra i marcatori <head> nella seguente frase: 'Una giacca <head>leggera</head> per l'estate', mantenendo lo stesso significato. Elenca i lemmi, separandoli con una virgola, ad esempio: lemma1, lemma2, lemma3. Risposta:",
            "Suggest three names for a shop that sells tea. Answer with a numbered list.",
        ]
    )


@opened
def rewrite_features(rng: Random) -> str:
    return f"Rewrite the following product description so that it sounds more {rng.choice(['elegant', 'casual', 'technical'])}. Keep it under 100 words.\n\n{rng.choice(PRODUCTS)}\n\nFeatures:\n1. Keeps drinks cold for 24 hours\n2. Fits into most cup holders\n3. Comes in {rng.randint(3, 8)} colours: A choice for everyone!\n\nRewritten description:"


@opened
def faq_reply(rng: Random) -> str:
    return f"You are a friendly support agent. Use the FAQ to write a reply to the customer.\n\nFAQ\nQ: Can I return worn shoes?\nA: No, only unworn ones, within 30 days.\nQ: Is shipping free?\nA: Yes, above 50 euros.\nQ: Which carriers do you use?\nA: DHL or UPS.\n\nCustomer: {rng.choice(TICKETS)}\n\nReply:"


@opened
def write_review(rng: Random) -> str:
    return rng.choice(
        [
            f"Generate a {rng.randint(1, 5)}-star review (1 being lowest and 5 being highest) about an app with package com.example.{rng.choice(['shop', 'notes', 'maps'])}.",
            f"Write a {rng.choice(['positive', 'negative'])} review of this product: {rng.choice(PRODUCTS)}",
            f"Compose a tweet that is {rng.choice(['positive', 'negative', 'neutral'])} about a new pair of running shoes.",
        ]
    )


@opened
def make_question(rng: Random) -> str:
    passage, question, options = rng.choice(PASSAGES)
    return rng.choice(
        [
            f"Based on the context and the answer, generate a question. \n\nContext: {passage}\n\nAnswer:\n{options[0]}",
            f"Write a multiple choice question with four options (A, B, C, D) about the following text. Mark the correct answer.\n\n{passage}",
            f'Given the question "{question}" and the answer "{options[0]}", write a conversation that might have happened.',
        ]
    )


@opened
def explain_answer(rng: Random) -> str:
    question, options = mcq(rng)
    return f"Question: {question}\n{listed(letters(4), options)}\nThe correct answer is {rng.choice('ABCD')}.\n\nExplain in two or three sentences why this is so."


@opened
def triage_with_free_fields(rng: Random) -> str:
    return f"""You are an AI designed to assist in interpreting customer support tickets.
Your task is to analyze the text of a ticket and extract three details in JSON format:

1. **Product Name**: Identify the product mentioned in the ticket. If no product name is mentioned, return "Unknown."
2. **Brief Description**: Summarize the issue in a few words based on the ticket's content.
3. **Issue Classification**: Classify the nature of the issue into one of the following categories:
    - Packaging and Shipping
    - Product Defect or Problem
    - General Dissatisfaction

Return the information as a JSON object with 3 properties: `product_name`, `brief_description`, `issue_classification`.

Ticket: {rng.choice(TICKETS)}"""


@opened
def word_problem(rng: Random) -> str:
    return f"Question: A shop sells {rng.randint(12, 80)} mugs a day at ${rng.randint(3, 9)} each and {rng.randint(2, 9)} teapots at $24 each. How much does it earn in a week?\nAnswer:"


@opened
def compare_two(rng: Random) -> str:
    one, two = rng.sample(PRODUCTS, 2)
    return rng.choice(
        [
            f"What is the difference between A) {one} and B) {two}? Explain for a beginner.",
            f"Compare these products in a short paragraph and say who each one is for.\n\n1. {one}\n2. {two}",
            f"Option 1: {one}\nOption 2: {two}\n\nWrite the pros and cons of both options.",
        ]
    )


@opened
def query_work(rng: Random) -> str:
    return rng.choice(
        [
            f"Rewrite the search query so that a shop finds more products: {rng.choice(QUERIES)}\nRewritten query:",
            f'A user searches for "{rng.choice(QUERIES)}". What might the user be planning? Describe the intention in one sentence.',
            f"Correct the spelling of the query. Output only the corrected query.\nQuery: {rng.choice(['blutooth speeker', 'womans runing shorts', 'wireles mouse'])}",
        ]
    )


@opened
def keywords_and_gist(rng: Random) -> str:
    return rng.choice(
        [
            f"抽取关键词：\n{rng.choice(LOCAL_REVIEWS['zh'])}\n关键词：",
            f"次の文章を一文で要約してください。\n\n{LOCAL_PASSAGES['ja'][0]}\n\n要約：",
            f"Résume l'avis suivant en une phrase :\n{rng.choice(LOCAL_REVIEWS['fr'])}",
            f"Resume el texto en una frase.\n\nTexto: {LOCAL_PASSAGES['es'][0]}\n\n¿Qué puestos cierran antes? (no hace falta responder)\n\nResumen:",
        ]
    )


@opened
def next_turn(rng: Random) -> str:
    return f"Read the below conversation.\n\nCustomer: {rng.choice(TICKETS)}\n\nAgent: Would you like a refund or a replacement?\n\nCustomer: What would you do?\n\nWhat would the agent say?"


@opened
def span_of_review(rng: Random) -> str:
    return f"Review: {review(rng)}\n\nQuote the part of the review that best shows whether the customer is satisfied or dissatisfied. Copy it word for word."
