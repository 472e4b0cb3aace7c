# ruff: noqa: E501
"""Prompts as other public sources ask them, written by someone who had not read the recognition.

Each function writes one prompt in the style of a named source and says what may be answered. The
phrasing follows the sources' documentation and repositories; the contents (products, reviews,
questions, passages) are made up here. A question is kept only if a careful reader can say what may
be answered; a prompt that wants reasoning first is left out.

`labels` holds what is to be written: the mark of a marked option (A, 1, ①), the text of a bare one,
the value of a JSON field that is limited to some values.
"""

import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Asked:
    """A closed question: its source, its prompt and what may be answered."""

    source: str
    prompt: str
    labels: tuple[str, ...]
    choose: int = 1
    is_order: bool = False
    style: str = ""


CLOSED: list[Callable[[random.Random], Asked]] = []
OPEN: list[Callable[[random.Random], str]] = []


def closed(write: Callable[[random.Random], Asked]) -> Callable[[random.Random], Asked]:
    CLOSED.append(write)
    return write


def opened(write: Callable[[random.Random], str]) -> Callable[[random.Random], str]:
    OPEN.append(write)
    return write


# fmt: off
# Contents ----------------------------------------------------------------------------------------

BRANDS = "Alvora Brenk Corvane Dellmar Estrix Fennholt Gralio Hestom Ivaro Jukken Kestrova Lumbard".split()
GOODS = {
    "Kitchen": [
        "Cast Iron Skillet, 10 Inch, Pre-Seasoned",
        "Electric Kettle 1.7L with Temperature Control",
        "Set of 3 Nesting Mixing Bowls (Stainless Steel)",
        "Digital Kitchen Scale, 5 kg / 11 lb",
        "Bamboo Cutting Board with Juice Groove",
        "Hand Blender 800W, 4-in-1",
        "Silicone Baking Mat - 2 Pack",
    ],
    "Garden": [
        "Expandable Garden Hose 50 ft",
        "Solar Path Lights, 8 Pack, Warm White",
        "Pruning Shears with Safety Lock",
        "Raised Bed Planter, Cedar, 4 x 2 ft",
        "Rain Barrel 45 Gallon",
        "Weed Barrier Fabric 3x50ft",
    ],
    "Electronics": [
        "USB-C Charger 65W GaN, 3 Ports",
        "Noise Cancelling Headphones, Over Ear",
        "27\" 4K Monitor (IPS, 60 Hz)",
        "Wireless Mouse, Silent Click",
        "Portable SSD 1TB",
        "Smart Plug Mini 4-Pack, No Hub Required",
        "Bluetooth Speaker IPX7",
    ],
    "Sports": [
        "Yoga Mat 6mm, Non Slip",
        "Adjustable Dumbbell 5-52.5 lb",
        "Running Belt for Phone",
        "Trekking Poles, Collapsible, Pair",
        "Swim Goggles Anti Fog (Adult)",
        "Resistance Bands Set of 5",
    ],
    "Clothing": [
        "Women's Rain Jacket, Hooded, Size M",
        "Men's Merino Socks 3-Pack",
        "Kids Sun Hat UPF 50+",
        "High Waist Leggings with Pockets",
        "Leather Belt 35mm, Brown",
        "Fleece Gloves Touchscreen",
    ],
    "Toys": [
        "Wooden Train Set, 60 Pieces",
        "Glow in the Dark Puzzle, 500 pcs",
        "RC Car 1:16 All Terrain",
        "Plush Elephant, 12 inches",
        "Marble Run for Kids 4-8",
    ],
    "Beauty": [
        "Vitamin C Face Serum 30 ml",
        "Mineral Sunscreen SPF 50",
        "Ceramic Hair Straightener",
        "Lip Balm Variety Pack, 6 ct",
        "Konjac Sponge, Charcoal",
    ],
}
QUERIES = [
    "usb c charger laptop", "non stick pan without teflon", "gift for 5 year old boy", "rain jacket women",
    "4k monitor 27 inch", "solar lights outdoor", "kettle with temperature control", "sunscreen for sensitive skin",
    "quiet mouse for office", "hiking poles lightweight", "socks for winter men", "headphones, not in ear",
    "portable hard drive 1tb", "planter box", "wooden toys", "mat for hot yoga",
]
REVIEWS = [
    ("Stopped after two weeks", "Worked fine at first, then the left side went silent. Support never wrote back."),
    ("Better than expected", "I bought this for the cabin and it boils a full litre in four minutes. Solid lid, no plastic smell."),
    ("it's ok", "Does what it says. The colour is a bit darker than in the photo, but for the price I can live with that."),
    ("Runs small!!", "Ordered my usual M and could not close the zip. Nice fabric though. Sent it back, refund took 3 weeks."),
    ("Five stars from my daughter", "She plays with it every single day, and the pieces are still in one piece :)"),
    ("Do not buy", "Arrived scratched, one screw missing, and the manual is in a language nobody here can read."),
    ("Great mat", "Thick, does not slip, rolls up tight. Would I buy it again? Yes, or its bigger version."),
    ("Mixed feelings", "Sound is superb, the app is a disaster. You have to log in twice and it forgets the settings."),
    ("Exactly as described", "Fits, cuts, done. 1) sharp 2) light 3) cheap. What more do you want from shears?"),
    ("meh", "Neither good nor bad. It holds the phone. I use it for walks."),
]
EXAM: list[tuple[str, str, list[str]]] = [
    ("geography", "Which river flows through Budapest?", ["The Danube", "The Rhine", "The Vistula", "The Po"]),
    ("physics", "What is the SI unit of electrical resistance?", ["Volt", "Ohm", "Farad", "Weber", "Henry"]),
    ("biology", "Which organ produces insulin?", ["Liver", "Kidney", "Pancreas", "Spleen"]),
    ("retail", "What does SKU stand for in a warehouse?", ["Stock keeping unit", "Sales key user", "Standard kilo unit", "Shelf key number"]),
    ("chemistry", "Which gas makes up most of the Earth's atmosphere?", ["Oxygen", "Nitrogen", "Argon", "Carbon dioxide"]),
    ("history", "In which century was the printing press with movable metal type introduced in Europe?", ["13th", "14th", "15th", "16th"]),
    ("astronomy", "Which planet has the shortest year?", ["Mars", "Venus", "Mercury", "Earth"]),
    ("textiles", "Which fibre comes from an animal?", ["Linen", "Cotton", "Merino wool", "Viscose", "Jute"]),
    ("mathematics", "What is the derivative of $x^3$?", ["$x^2$", "$3x^2$", "$3x$", "$x^4/4$"]),
    ("computing", "Which data structure is first in, first out?", ["Stack", "Queue", "Heap", "Trie"]),
    ("electronics", "A charger gives 20 V at 3.25 A. What is its power?", ["20 W", "45 W", "65 W", "100 W"]),
    ("cooking", "Which of these pans must not be put into a dishwasher?", ["A glass lid, heat resistant", "A seasoned cast iron pan", "A stainless steel pot", "A silicone mold"]),
    ("law", "A shop sells a defective kettle. Which statement is correct?", ["The buyer has no rights, since the price was reduced.", "The buyer may ask for repair or replacement.", "Only the manufacturer may be asked.", "The sale is void from the start."]),
    ("music", "How many strings does a standard violin have?", ["Three", "Four", "Five", "Six"]),
    ("economics", "When the price of a complement rises, demand for the good usually", ["rises", "falls", "stays the same", "becomes infinite"]),
]
PASSAGES = [
    (
        "The town of Harlow Bay opened its first repair cafe in 2017. On the last Saturday of each month, volunteers mend lamps, radios and bicycles in the old fire station. Visitors pay nothing, but most leave a few coins in a tin. In its fifth year the cafe repaired 412 objects; about a third of them were kitchen appliances. The city now plans a second one, closer to the railway station.",
        "How often does the cafe take place?", ["Every week", "Once a month", "Twice a year", "On weekdays only"],
        "is the repair in the cafe free of charge", "Most repaired objects were bicycles.",
    ),
    (
        "Cork is the bark of an oak that grows around the western Mediterranean. A tree is first stripped when it is about twenty-five years old, and then every nine to twelve years; the tree is not felled. The first harvests are too rough for bottle stoppers and go into floor tiles, shoe soles and insulation. Stoppers are punched only from the third harvest on.",
        "What are the first harvests used for?", ["Bottle stoppers", "Floor tiles and soles", "Firewood", "Paper"],
        "is a cork oak cut down for its harvest", "Stoppers can be made from a tree's first harvest.",
    ),
    (
        "Dear customer, our warehouse moved from Leeds to Sheffield in March. Orders placed before 10 a.m. leave the same day. Orders with engraving take two more working days. During the sale (June 1-14), parcels may need up to five days. Returns go to the address on the slip, not to the old warehouse in Leeds, which no longer accepts parcels.",
        "Where should returns be sent?", ["To Leeds", "To Sheffield city hall", "To the address on the slip", "To the nearest shop"],
        "does engraving make an order later", "The warehouse in Leeds still accepts parcels.",
    ),
    (
        "A heat pump dryer works at lower temperatures than a vented one. It needs more time, roughly two hours for a full load, yet uses about half the electricity. Since the air circulates in a closed loop, no hole in the wall is needed; the water is collected in a tank or led into the drain. The filter has to be cleaned after every load, and the heat exchanger a few times a year.",
        "What is said about the filter?", ["It lasts ten years.", "It must be cleaned after each load.", "It is not needed.", "It is part of the tank."],
        "does a heat pump dryer need a hole in the wall", "A heat pump dryer is faster than a vented one.",
    ),
]
NLI = [
    ("The lamp comes with a bulb and a two-metre cable.", "The cable is two metres long."),
    ("Nobody in the store could find the missing parcel on Tuesday.", "The parcel was found on Tuesday."),
    ("Two women are choosing apples at a market stall.", "The women are sisters."),
    ("The jacket is made of recycled polyester and can be washed at 30 degrees.", "The jacket is waterproof."),
    ("All bags of this series are vegan except the brown one.", "The brown bag is vegan."),
    ("Mr. Okafor returned the drill because the battery was dead.", "Mr. Okafor bought a drill."),
]
TICKETS = [
    "Hi, I was charged twice for order #88213, once on May 3 and again on May 4. Please give me one of the payments back.",
    "The app crashes as soon as I open the cart. Android 14, version 5.2.0. I reinstalled it, no change.",
    "where is my parcel??? tracking says 'label created' since LAST week",
    "Hello! Do you ship the blue planter to Norway, and what would it cost? Thanks, Ingrid",
    "I can't log in anymore, the reset mail never arrives (checked spam). My address is j.doe@example.org.",
    "It would be lovely if the wish list could be sorted by price or by date.",
    "The vase arrived in pieces. Photos attached. I need a replacement before Saturday, it's a wedding gift.",
    "Please cancel my subscription at the end of this month, and confirm by e-mail.",
]
NEWS = [
    ("Chip maker opens plant in Dresden", "The company will produce sensors for cars and hire 800 people; shares rose by four percent on Monday."),
    ("Late goal saves Northport", "A header in the 93rd minute kept the champions in the cup. The coach spoke of luck and of patience."),
    ("Telescope finds water vapour on a distant planet", "Researchers measured the light of the star for 40 hours and compared it with models."),
    ("Ministers agree on fishing quotas", "After a night of talks in Brussels, the three states settled their dispute about mackerel."),
]


def good(rng: random.Random, kind: str | None = None) -> str:
    kind = kind or rng.choice(list(GOODS))
    name = rng.choice(GOODS[kind])
    return rng.choice([f"{rng.choice(BRANDS)} {name}", f"{name} by {rng.choice(BRANDS)}", name])


def goods(rng: random.Random, count: int) -> list[str]:
    """Return that many different products."""
    names = rng.sample([name for names in GOODS.values() for name in names], count)
    return [f"{rng.choice(BRANDS)} {name}" if rng.random() < 0.6 else name for name in names]


def exam(rng: random.Random) -> tuple[str, str, list[str]]:
    topic, question, options = rng.choice(EXAM)
    return topic, question, rng.sample(options, len(options))


def letters(count: int) -> tuple[str, ...]:
    return tuple("ABCDEFGHIJKLMNOPQRSTUVWXYZ"[:count])


def marked(options: Sequence[str], form: str = "{}. {}", sep: str = "\n", marks: Sequence[str] | None = None) -> str:
    """Write options with their marks: `A. one`, newline, `B. two`."""
    marks = marks or letters(len(options))
    return sep.join(form.format(mark, option) for mark, option in zip(marks, options, strict=False))


def quoted(words: Sequence[str], mark: str = '"', sep: str = ", ", last: str = " or ") -> str:
    told = [f"{mark}{word}{mark}" for word in words]
    return sep.join(told[:-1]) + last + told[-1]


def record(rng: random.Random, kind: str | None = None) -> dict[str, object]:
    """Return a product as shops store it."""
    title = good(rng, kind)
    return {
        "title": title.lower() if rng.random() < 0.4 else title,
        "description": rng.choice([None, f"{title}. Ships in 24 h. Colours: red, blue or grey. Sizes S/M/L.", "see pictures"]),
        "manufacturer": rng.choice([*BRANDS, "nan"]),
        "price": rng.choice(["19.99", "$ 7.50", 129.0, None]),
    }


# Shopping benchmarks -----------------------------------------------------------------------------

ECELLM = "ECInstruct / eCeLLM (templates/alpaca.json, data_processing)"
ECOMEVAL = "EcomEval (data/CLS)"
ECOMGPT = "EcomInstruct / EcomGPT (meta-info.json)"
SMMLU = "Shopping MMLU (task_wise_eval)"
ECOMQA = "ChineseEcomQA (README, prompts)"
ALPACA = "Below is an instruction that describes a task, paired with an input that provides further context. Write a response that appropriately completes the request.\n\n"


def alpaca(instruction: str, given: str, options: str | None = None) -> str:
    middle = f"### Options:\n{options}\n\n" if options else ""
    return f"{ALPACA}### Instruction:\n{instruction}\n\n### Input:\n{given}\n\n{middle}### Response:\n"


@closed
def ecellm_relevance(rng: random.Random) -> Asked:
    texts = rng.sample(
        [
            "The product is relevant to the query, and fulfils everything the query asks for.",
            "The product is somewhat relevant: it misses some wishes of the query, but could be bought instead.",
            "The product does not fulfil the query, but could be used together with a product that does.",
            "The product is irrelevant to the query.",
        ],
        4,
    )
    options = [f"{mark}: {text}" for mark, text in zip("ABCD", texts, strict=True)]
    given = json.dumps({"query": rng.choice(QUERIES), "product title": good(rng)})
    ask = rng.choice(
        [
            "What is the relevance between the query and the product title below? Answer from one of the options.",
            "Predict how well the product title matches the query by choosing one of the options.",
            "Analyze the query and the product title, and output the option that describes their relevance best.",
        ]
    )
    prompt = rng.choice([alpaca(ask, given, json.dumps(options)), f"{ask}\n{given}\n{json.dumps(options)}\nYour answer is:"])
    return Asked(ECELLM, prompt, letters(4), style="json list of lettered options")


@closed
def ecellm_relation(rng: random.Random) -> Asked:
    texts = ["Users who buy product 1 may also buy product 2.", "Users who view product 1 may also view product 2.", "The product 1 is similar with the product 2."]
    options = [f"{mark}: {text}" for mark, text in zip("ABC", rng.sample(texts, 3), strict=True)]
    given = json.dumps({"Product 1:": good(rng), "Product 2:": good(rng)})
    ask = rng.choice(
        [
            "Given the title of two products, predict whether they will be purchased or viewed together, or are similar. Answer only from the options.",
            "Look at the titles of Product 1 and Product 2 and select the option that states their relation.",
        ]
    )
    return Asked(ECELLM, alpaca(ask, given, str(options) if rng.random() < 0.5 else json.dumps(options)), letters(3), style="alpaca with options")


@closed
def ecellm_match(rng: random.Random) -> Asked:
    one = record(rng)
    other = dict(one, price="21.00") if rng.random() < 0.5 else record(rng)
    given = json.dumps({"product 1": one, "product 2": other}).replace("null", rng.choice(["null", "NaN"]))
    ask = rng.choice(
        [
            "Given the title, description, manufacturer, and price of two products, identify if they are the same product. Only output yes or no.",
            "Compare the details of the two products and decide whether they are identical. Output yes if they are identical or no otherwise.",
            "Check title, description, manufacturer and price of both products, and provide a simple yes or no answer as the output.",
        ]
    )
    prompt = rng.choice([alpaca(ask, given), f"{ask}\n{given}Your answer is:", f"{ask}\n{given}\n"])
    return Asked(ECELLM, prompt, ("yes", "no"), style="yes or no over two records")


@closed
def ecellm_answerable(rng: random.Random) -> Asked:
    text, question, *_ = rng.choice(PASSAGES)
    reviews = [f"{title}. {body}" for title, body in rng.sample(REVIEWS, 3)]
    given = json.dumps({"question": question, "document": [text, *reviews]})
    ask = rng.choice(
        [
            "Given a question and the related document, predict if the question is answerable based on the information provided in the document. Output only yes or no.",
            "Output yes if the supporting document can answer the given question. Otherwise, output no.",
            "Predict whether it is possible to answer the given question using the supporting document, and output a yes or no response.",
            "Determine if the document addresses the question. Output yes if it does, or no otherwise.",
        ]
    )
    return Asked(ECELLM, alpaca(ask, given), ("yes", "no"), style="yes or no over a long document")


@closed
def ecellm_sentiment(rng: random.Random) -> Asked:
    levels = ["very positive", "positive", "neutral", "negative", "very negative"]
    options = [f"{mark}: {level}" for mark, level in zip("ABCDE", levels, strict=True)]
    ask = rng.choice(
        [
            "Given the user's review, identify the user's sentiment from the listed options. Answer using one of the options.",
            "Carefully assess the review for any tone of praise or complaint, then pick the option that names the sentiment.",
        ]
    )
    return Asked(ECELLM, alpaca(ask, rng.choice(REVIEWS)[1], json.dumps(options)), letters(5), style="alpaca with options")


@closed
def ecellm_next(rng: random.Random) -> Asked:
    count = rng.randint(8, 20)
    names = goods(rng, count + 6)
    history = {"purchase history": [f"{rank}th: {name}" for rank, name in enumerate(names[:6], 4)]}
    options = [f"{mark}: {name}" for mark, name in zip(letters(count), names[6:], strict=True)]
    ask = rng.choice(
        [
            "Estimate the user's intent based on the purchase history, and predict the next product that the user is most likely to purchase from the given options.",
            "Infer the user's interests from the products bought so far, then select the one option that the user will buy next.",
        ]
    )
    return Asked(ECELLM, alpaca(ask, json.dumps(history), json.dumps(options)), letters(count), style="many lettered options")


@closed
def ecellm_rank(rng: random.Random) -> Asked:
    count = rng.randint(3, 9)
    options = [f"{mark}: {name}" for mark, name in zip(letters(count), goods(rng, count), strict=True)]
    given = f"Query: {rng.choice(QUERIES)}\n" + rng.choice([", ", "\n"]).join(options)
    ask = rng.choice(
        [
            "Given a query and a list of products denoted as A, B, C, ... with their titles, rank the products according to their relevance to the query. Output only a ranked list in which the most relevant product is at the top of the list.",
            "Evaluate each product title in the given list, assess its relevance to the given query, and then arrange the products in descending order of relevance to the query. Output the letters only, separated by commas.",
        ]
    )
    return Asked(ECELLM, alpaca(ask, given), letters(count), choose=count, is_order=True, style="ranking of letters")


@closed
def ecomeval_attributes(rng: random.Random) -> Asked:
    title = rng.choice(["山野 家用20升侧拉门微波炉 机械式转盘", "初见 男士长袖衬衫 修身纯棉 免烫", "小鹿家 儿童保温杯 316不锈钢 500ml"])
    facts = rng.choice(["容量#:#20L#;#颜色#:#白色#;#控制方式#:#机械", "袖长#:#长袖#;#材质#:#棉100%#;#版型#:#修身", "净含量#:#900g#;#适用部位#:#足部"])
    ask, labels = rng.choice(
        [
            ("请你判断货物的标题Title和属性Attribute是否匹配？如果匹配请回答“匹配”，如果不匹配请回答“不匹配”。", ("匹配", "不匹配")),
            ("请你判断标题和属性说的是否为同一商品，如果是请回答“相同”，否则请回答“不相同”。", ("相同", "不相同")),
            ("判断下面的标题与属性是否一致，只能回答“一致”或“不一致”，不要输出其他内容。", ("一致", "不一致")),
        ]
    )
    return Asked(ECOMEVAL, f"\n    {ask}\n    Title: {title}, Attribute: {facts}\n你的回答是:", labels, style="chinese pair of words")


@closed
def ecomgpt_topics(rng: random.Random) -> Asked:
    topics = ("Food", "Service", "Price", "Ambience", "Delivery", "Anecdotes/Miscellaneous")
    labels = tuple(rng.sample(topics, rng.randint(4, 6)))
    text = rng.choice(["The soup was cold and nobody came to our table for half an hour.", "Lovely terrace, but 9 euros for a small beer?"])
    several = rng.random() < 0.5
    ask = f"Select all categories for the above sentences that apply from the following topics: {', '.join(labels)}. " if several else f"Select category for the above sentences from the following topics: {', '.join(labels)}. "
    head = "Below is an instruction that describes the review topic category task. Write a response that appropriately completes the request.\n"
    return Asked(ECOMGPT, f"{head}### Instruction:\n{text}\n{ask}\n### Response:", labels, choose=0 if several else 1, style="comma list of topics")


@closed
def ecomgpt_candidates(rng: random.Random) -> Asked:
    pairs = [
        (f"query: {rng.choice(QUERIES)}\ndoc: {good(rng)}", "Determine if query and doc match. Candidate: {}. ", ("not match", "match")),
        (f"item 1: {good(rng)}\nitem 2: {good(rng)}", "Determine whether the item 1 and item 2 refer to the same product. Candidate labels: {}. ", ("not same", "same")),
        ("query：儿童水杯\ndoc：小鹿家 316不锈钢 儿童保温杯 带吸管 500ml", "Determine if query and doc match. Candidate: {}. ", ("不匹配", "匹配")),
    ]
    given, ask, words = rng.choice(pairs)
    labels = tuple(rng.sample(words, 2))
    return Asked(ECOMGPT, f"### Instruction:\n{given}\n{ask.format(', '.join(labels))}\n### Response:", labels, style="candidate pair")


@closed
def ecomgpt_category(rng: random.Random) -> Asked:
    fine = ["键盘", "咖啡机", "桌布", "智能手表", "足浴器", "电热毯/电热垫", "羽绒/羽毛被", "乐福鞋（豆豆鞋）", "自热米饭", "电视柜", "脱毛膏", "雨伞"]
    labels = tuple(rng.sample(fine, rng.randint(4, 11)))
    ask = rng.choice(["Categorize product items. Candidates: {}", "请对商品进行分类。候选类目：{}", "商品属于哪一个类目？从候选中选一个。\n候选: {}"])
    given = rng.choice(["青轴87键机械键盘 有线 办公游戏", "滴漏式咖啡机家用小型 0.6L", "棉麻防水桌布 北欧风 长方形"])
    return Asked(ECOMGPT, f"### Instruction:\n{given}\n{ask.format(rng.choice([', ', ',']).join(labels))}\n### Response:", labels, style="chinese candidates")


@closed
def smmlu_choice(rng: random.Random) -> Asked:
    head = rng.choice(
        [
            "You are a helpful online shopping assistant. Please answer the following question about online shopping and follow the given instructions.\n\n",
            "The following is a multiple choice question about product compatibility.\n\n",
            "",
        ]
    )
    options = goods(rng, 4)
    question = rng.choice(
        [
            f"Which of the following products would a customer who searched for '{rng.choice(QUERIES)}' click on?",
            f"Which product is most likely bought together with the {good(rng)}?",
            "Which of the following products can be taken on a plane as hand luggage without any trouble?",
        ]
    )
    form = rng.choice(["{}. {}", "({}) {}"])
    return Asked(SMMLU, f"{head}{question}\n{marked(options, form)}\n\nPlease answer the question with a single letter indicating the choice. \nAnswer: ", letters(4), style="single letter")


@closed
def smmlu_number(rng: random.Random) -> Asked:
    count = rng.randint(3, 6)
    marks = tuple(str(rank) for rank in range(count))
    question = rng.choice(["Which of the following statements about the review is correct?", f"Which product suits the query '{rng.choice(QUERIES)}' best?"])
    lead = f"Review: {rng.choice(REVIEWS)[1]}\n" if "review" in question else ""
    options = rng.sample(["It praises the price.", "It complains about the size.", "It mentions a refund.", "It is about a toy.", "It speaks of the app.", "It names a defect."], count) if lead else goods(rng, count)
    prompt = f"{lead}{question}\n{marked(options, '{}. {}', marks=marks)}\n(Please output a number only) Output: \n"
    return Asked(SMMLU, prompt, marks, style="numbered from zero")


@closed
def smmlu_rank(rng: random.Random) -> Asked:
    count = rng.choice([4, 5, 5, 6, 8])
    marks = tuple(str(rank) for rank in range(1, count + 1))
    ask = rng.choice(
        [
            f"A user on an online shopping website has just searched for the query '{rng.choice(QUERIES)}'. Rank the {count} products below by their relevance to the query, from the most to the least relevant. Answer with the numbers only, separated with commas.",
            f"You are given a query and {count} products. Sort the products so that the best match for the query '{rng.choice(QUERIES)}' comes first. Output a permutation of 1 to {count}, separated by commas. Give no explanations.",
        ]
    )
    return Asked(SMMLU, f"{ask}\nProduct List: \n{marked(goods(rng, count), '{}. {}', marks=marks)}\nOutput: ", marks, choose=count, is_order=True, style="ranking of numbers")


@closed
def smmlu_retrieve(rng: random.Random) -> Asked:
    count, k = rng.randint(8, 15), rng.choice([2, 3, 3, 4])
    marks = tuple(str(rank) for rank in range(1, count + 1))
    word = {2: "two", 3: "three", 4: "four"}[k]
    ask = rng.choice(
        [
            f"Instructions: Evaluate the following product categories. Choose the top {word} categories that a customer who bought the {good(rng)} would look at next. You should output {k} numbers that correspond to the selected categories, separated with comma.",
            f"A customer has just bought: {good(rng)}. Select the {k} products from the list below that he or she is most likely to buy next. Output only the {k} numbers, separated by commas. Do not give explanations.",
        ]
    )
    return Asked(SMMLU, f"{ask}\n{marked(goods(rng, count), '{}. {}', marks=marks)}\nYou should output {k} numbers. \nOutput: ", marks, choose=k, style="k of many numbers")


@closed
def ecomqa_intent(rng: random.Random) -> Asked:
    labels = tuple(rng.sample(["买什么", "怎么用", "怎么样", "怎么挑", "售后问题", "百科知识"], rng.randint(4, 6)))
    shots = [("跑步鞋底磨平了还能穿吗？", "怎么用"), ("送给外婆的礼物", "买什么"), ("羽绒被的保暖性如何", "怎么样")]
    examples = "\n\n".join(f"***query***：{query}\n***答案***：{label}" for query, label in shots if label in labels)
    ask = f"任务：用户意图问答\n已知query候选意图有'{'、'.join(labels)}'，输出用户query的意图，只能从候选意图中选择一个。\n"
    shown = f"#### 以下是一些示例：\n{examples}\n让我们开始吧！\n" if examples else ""
    return Asked(ECOMQA, f"{ask}{shown}\n***query***：{rng.choice(['小户型适合什么样的沙发？', '破壁机噪音大不大', '退货的运费谁出'])}\n***答案***：", labels, style="chinese intents with examples")


@closed
def ecomqa_fine(rng: random.Random) -> Asked:
    bags = ["胸包", "腿包", "旅行包", "冰包", "骑士包", "腰包", "双肩包", "帆布包", "钥匙包", "电脑包"]
    bikes = ["自行车座管", "自行车轮胎", "自行车链条", "自行车车筐", "自行车灯", "自行车水壶架", "自行车曲柄", "自行车坐垫"]
    title, coarse, pool = rng.choice([("男士多功能防水胸包斜挎小包", "箱包-包", bags), ("山地车加宽软座垫 透气", "自行车配件", bikes)])
    labels = tuple(rng.sample(pool, rng.randint(4, len(pool))))
    shot = "#### 以下是一些示例：\n***商品标题***：不锈钢保温饭盒三层\n***粗粒度品类***：厨房-餐具\n***候选细粒度品类***：筷子,饭盒,汤勺,餐垫\n***答案***：饭盒\n\n" if rng.random() < 0.6 else ""
    prompt = f"任务：商品品类问答\n根据商品信息、已知的粗粒度品类，从候选细粒度品类中选出商品所属的一个品类。\n{shot}***商品标题***：{title}\n***粗粒度品类***：{coarse}\n***候选细粒度品类***：{','.join(labels)}\n***答案***："
    return Asked(ECOMQA, prompt, labels, style="chinese candidates with examples")


@closed
def ecomqa_related(rng: random.Random) -> Asked:
    labels = ("不相关", "相关")
    rules = "不相关：商品和query的品类需求不符，或只是配件、原料\n相关：商品的品类和主要属性都符合query的意图"
    shot = "***query***：仓鼠笼子\n***商品信息***：仓鼠粮 小宠零食 混合坚果\n***答案***：不相关\n\n" if rng.random() < 0.5 else ""
    prompt = f"任务：相关性问答\n已知query和商品相关性分为两档，分别为不相关、相关，定义如下：\n{rules}\n请回答query和商品相关性的档位。\n{shot}***query***：{rng.choice(['七分袖衬衫', '猫砂盆 大号', '电动牙刷头'])}\n***商品信息***：{rng.choice(['夏季新款雪纺衬衫女七分袖', '全封闭猫砂盆防外溅送铲', '声波电动牙刷 充电式'])}\n***答案***："
    return Asked(ECOMQA, prompt, labels, style="chinese pair with definitions")


@closed
def ecomqa_review(rng: random.Random) -> Asked:
    shots = "***用户评论***：裙子颜色好看，就是有点长\n***评论分析维度***：颜色\n***分析维度总结***：颜色满意\n***答案***：正确\n\n***用户评论***：巧克力很苦，我喜欢\n***评论分析维度***：口味\n***分析维度总结***：太甜\n***答案***：错误\n"
    prompt = f"任务：评论知识问答\n已知用户评论、评论分析维度、分析维度总结，回答分析维度总结是否正确，回答“正确”或“错误”。\n#### 以下是一些示例：\n{shots}让我们开始吧！\n***用户评论***：{rng.choice(['冰垫降温效果不错，就是边角会翘', '音质好，戴久了耳朵疼'])}\n***评论分析维度***：{rng.choice(['效果', '舒适度'])}\n***分析维度总结***：{rng.choice(['效果好', '佩戴舒适'])}\n***答案***："
    return Asked(ECOMQA, prompt, ("正确", "错误"), style="chinese pair with examples")


@closed
def ecomqa_page(rng: random.Random) -> Asked:
    labels = tuple(rng.sample(["网球", "飞镖/桌上足球", "自行车", "拉丁舞", "登山鞋", "露营帐篷", "钓鱼竿", "瑜伽垫"], rng.randint(4, 8)))
    page = rng.choice(["出一支旧球拍，拍面100，成色如图，手感舒适，二手非质量问题不退", "周末去山里住一晚，需要带的东西：帐篷、睡袋、炉头"])
    prompt = f"任务：电商网页类目问答\n给定电商网页，从候选类目列表中选出与该网页相关的商品类目，可多选，用英文逗号分隔。\n***电商网页***：{page}\n***候选类目***：{','.join(labels)}\n***答案***："
    return Asked(ECOMQA, prompt, labels, choose=0, style="chinese several of many")


@closed
def intention_why(rng: random.Random) -> Asked:
    options = rng.sample(
        ["because they both are used for a trip to the mountains.", "because they both are a kind of \"kitchen helper\".", "because they both can keep him dry, warm and safe.", "because PersonX wanted a gift for a child.", "because they both are defined as outdoor gear."], 4
    )
    prompt = f"A customer buys {good(rng)} and {good(rng)}. What is the most likely intention for buying them?\n{marked(options)}\nAnswer A or B or C or D only without any other word."
    return Asked("IntentionQA (evaluation/prompt_utils.py)", prompt, letters(4), style="answer A or B or C or D only")


@closed
def intention_what(rng: random.Random) -> Asked:
    ask = rng.choice(["What is the customer's most probable additional purchase?", "Which product is the customer most inclined to buy alongside?"])
    prompt = f"A customer buys {good(rng)}, because he or she wants to be ready for the summer.\n{ask}\n{marked(goods(rng, 4))}\nAnswer A or B or C or D only without any other word."
    return Asked("IntentionQA (evaluation/prompt_utils.py)", prompt, letters(4), style="answer A or B or C or D only")


@closed
def esci_words(rng: random.Random) -> Asked:
    names = ["Exact", "Substitute", "Complement", "Irrelevant"]
    rules = {
        "Exact": "the item satisfies all the query specifications (e.g., a water bottle that matches material and size)",
        "Substitute": "the item fails to fulfil some aspects of the query, but can be used instead",
        "Complement": "the item does not fulfil the query, but could be used with what was searched, e.g. track pants for \"running shoe\"",
        "Irrelevant": "the item fails to fulfil a central aspect of the query",
    }
    bullet = rng.choice(["- {}: {}", "* **{}**: {}", "{}: {}"])
    lines = "\n".join(bullet.format(name, rules[name]) for name in names)
    tail = rng.choice(["Respond with exactly one of: Exact, Substitute, Complement, Irrelevant.", "Label (Exact/Substitute/Complement/Irrelevant):"])
    prompt = f"You judge search results of an online shop. Given a query and a product, assign one of four relevance labels.\n\n{lines}\n\nQuery: {rng.choice(QUERIES)}\nProduct: {good(rng)}\n{tail}"
    return Asked("ESCI (amazon-science/esci-data README)", prompt, tuple(names), style="labels with descriptions")


@closed
def esci_letters(rng: random.Random) -> Asked:
    lines = "E = exact match, S = substitute, C = complement, I = irrelevant"
    prompt = f"ESCI task 2. {lines}.\n\nquery\tproduct_title\tesci_label\n{rng.choice(QUERIES)}\t{good(rng)}\tE\n{rng.choice(QUERIES)}\t{good(rng)}\tI\n\nNow label this pair. Answer with E, S, C or I.\n\n{rng.choice(QUERIES)}\t{good(rng)}\t"
    return Asked("ESCI (amazon-science/esci-data README)", prompt, ("E", "S", "C", "I"), style="initials")


@closed
def m2_next(rng: random.Random) -> Asked:
    wares = {
        "de": (["Kaffeefilter Gr. 4, 100 Stück", "Handmixer 300 W, weiß", "Backform 26 cm", "Sparschäler", "Topflappen, 2er-Set", "Teekanne 1,2 l"], "Ein Kunde hat nacheinander folgende Artikel angesehen:", "Welchen der folgenden Artikel sieht er sich als Nächstes an? Gib nur die Nummer aus."),
        "fr": (["Filtres à café n° 4", "Moule à tarte 26 cm", "Batteur à main, 300 W", "Économe", "Théière 1,2 L", "Gants de cuisine"], "Un client a consulté successivement les articles suivants :", "Lequel des articles suivants consultera-t-il ensuite ? Donnez uniquement le numéro."),
        "es": (["Filtros de café n.º 4", "Molde de 26 cm", "Batidora de mano", "Pelador", "Tetera 1,2 l", "Manoplas, 2 uds."], "Un cliente ha visto sucesivamente estos artículos:", "¿Cuál de los siguientes artículos verá a continuación? Escribe solo el número."),
        "it": (["Filtri da caffè n. 4", "Tortiera 26 cm", "Sbattitore 300 W", "Pelapatate", "Teiera 1,2 l", "Presine, 2 pz"], "Un cliente ha visto in sequenza i seguenti articoli:", "Quale dei seguenti articoli vedrà dopo? Rispondi soltanto con il numero."),
        "ja": (["コーヒーフィルター 100枚", "ハンドミキサー 300W", "ケーキ型 26cm", "ピーラー", "ティーポット 1.2L", "鍋つかみ 2枚組"], "ある顧客は次の商品を順番に閲覧しました。", "次に閲覧する商品は以下のどれですか。番号のみを出力してください。"),
    }
    names, before, ask = wares[rng.choice(list(wares))]
    names = rng.sample(names, 6)
    marks = ("1", "2", "3", "4")
    prompt = f"{before}\n- {names[0]}\n- {names[1]}\n\n{ask}\n{marked(names[2:], rng.choice(['{}. {}', '{}) {}']), marks=marks)}"
    return Asked("Amazon-M2 (KDD Cup 2023; its task 1 and 2 put into words)", prompt, marks, style="numbered, five languages")


# Instruction collections -------------------------------------------------------------------------

P3 = "P3 / promptsource (templates.yaml)"
FLAN = "FLAN 2022 (flan/v2/flan_templates_branched.py)"
NIV2 = "Super-NaturalInstructions (task definitions)"
XP3 = "xP3 (multilingual promptsource templates)"


@closed
def p3_polarity(rng: random.Random) -> Asked:
    title, body = rng.choice(REVIEWS)
    prompt, labels = rng.choice(
        [
            (f"Title: {title}\nReview: {body}\nIs the review positive or negative?", ("positive", "negative")),
            (f"Title: {title}\nReview: {body}\nDoes this product review convey a negative or positive sentiment?", ("negative", "positive")),
            (f"Is there a negative or positive tone to this product review?\n===\nTitle: {title}\nReview: {body}\nAnswer:", ("negative", "positive")),
            (f"You are considering whether to buy a product. You look at the reviews. Would the following review decrease or increase the chances of you buying the product?\nReview title: {title}\nProduct review: {body}\n", ("decrease", "increase")),
        ]
    )
    return Asked(P3, prompt, labels, style="alternatives inside the question")


@closed
def p3_stars(rng: random.Random) -> Asked:
    title, body = rng.choice(REVIEWS)
    scale = "\n".join(f"- {star}" for star in range(1, 6))
    prompt = rng.choice(
        [
            f"Given the following review:\n{body}\npredict the associated rating from the following choices (1 being lowest and 5 being highest)\n{scale} \n",
            f"Given the following review headline \n{title}\npredict the the associated rating from the following choices\n{scale} \n(1 being lowest and 5 being highest)\n",
            f'On a scale of 1-5 (with 1 being least favorable and 5 being most favorable), how would you rate this review? "{body}"\n',
        ]
    )
    return Asked(P3, prompt, tuple("12345"), style="ratings")


@closed
def p3_inference(rng: random.Random) -> Asked:
    premise, hypothesis = rng.choice(NLI)
    prompt, labels = rng.choice(
        [
            (f'{premise} Based on the previous passage, is it true that "{hypothesis}"? Yes, no, or maybe?', ("Yes", "no", "maybe")),
            (f'Suppose {premise} Can we infer that "{hypothesis}"? Yes, no, or maybe?', ("Yes", "no", "maybe")),
            (f"{premise}\nQuestion: {hypothesis} True, False, or Neither?", ("True", "False", "Neither")),
            (f'Take the following as truth: {premise}\nThen the following statement: "{hypothesis}" is "true", "false", or "inconclusive"?', ("true", "false", "inconclusive")),
            (f'Assume it is true that {premise} \n\nTherefore, "{hypothesis}" is "guaranteed", "possible", or "impossible"?', ("guaranteed", "possible", "impossible")),
            (f"{premise} \n\nKeeping in mind the above text, consider: {hypothesis} Is this \"always\", \"sometimes\", or \"never\" correct?", ("always", "sometimes", "never")),
        ]
    )
    return Asked(P3, prompt, labels, style="alternatives at the end")


@closed
def p3_recommend(rng: random.Random) -> Asked:
    prompt = f'Given this review: "{rng.choice(REVIEWS)[1]}"\nWould you recommend this app to a friend? Not at all, No, Maybe, Yes, or Definitely?'
    return Asked(P3, prompt, ("Not at all", "No", "Maybe", "Yes", "Definitely"), style="five alternatives")


@closed
def p3_section(rng: random.Random) -> Asked:
    title, body = rng.choice(NEWS)
    text = f"{title} {body}"
    prompt, labels = rng.choice(
        [
            (f"{text} \n\nWhich of the following sections of a newspaper would this article likely appear in? World News, Sports, Business, or Science and Technology?", ("World News", "Sports", "Business", "Science and Technology")),
            (f"Would you recommend the following article to a \"politician\", an \"athlete\", a \"business executive\", or a \"scientist\"?\n\n{text}", ("politician", "athlete", "business executive", "scientist")),
            (f"{text} \nIs this a piece of news regarding world politics, sports, business, or science and technology?", ("world politics", "sports", "business", "science and technology")),
        ]
    )
    return Asked(P3, prompt, labels, style="alternatives inside the question")


@closed
def p3_category(rng: random.Random) -> Asked:
    labels = tuple(rng.sample(["Abbreviation", "Entity", "Description", "Person", "Location", "Quantity"], 6))
    question = rng.choice(["How many grams are in a pound ?", "Who designed the first zip fastener ?", "What does HDMI stand for ?", "Where is oolong tea grown ?"])
    prompt = rng.choice(
        [
            f"Categories: {', '.join(labels)}\n\nWhat category best describes: {question} \nAnswer: ",
            f"Question: {question}\n\nDescriptors: {', '.join(labels)}\n\nBest Descriptor?",
            f"Which category best describes the following question: {question} \n\nChoose from the following list: \n{', '.join(labels)} \n",
        ]
    )
    return Asked(P3, prompt, labels, style="comma list")


@closed
def p3_bullets(rng: random.Random) -> Asked:
    text, question, options, *_ = rng.choice(PASSAGES)
    options = rng.sample(options, 4)
    bullets = "\n- ".join(options)
    prompt = rng.choice(
        [
            f"Read the following context and choose the best option to answer the question.\nContext: {text}\nQuestion: {question}\nOptions: \n- {bullets}\n",
            f"{text}\nAccording to the above context, choose the best option to answer the following question.\nQuestion: {question}\nOptions:\n- {bullets}\n",
            f"Read the article and answer the question, choosing one of the options.\n\n{text}\n\nQuestion: {question} \n\n- " + "\n\n- ".join(options) + "\n",
        ]
    )
    return Asked(P3, prompt, tuple(options), style="bullets after a passage")


@closed
def p3_refer(rng: random.Random) -> Asked:
    sentence, one, two = rng.choice(
        [
            ("The mug did not fit into the box because the _ was too wide.", "mug", "box"),
            ("Laura sold the scooter to Mina since _ needed money.", "Laura", "Mina"),
            ("I took the wool blanket and not the cotton one, as the _ is warmer.", "wool blanket", "cotton one"),
        ]
    )
    prompt = rng.choice(
        [
            f"{sentence} In the previous sentence, does _ refer to {one} or  {two}?",
            f"In the sentence below, does the _ stand for {one} or {two}?\n{sentence}",
            f"{sentence}\nWhat does the _ in the above sentence refer to? {one} or {two}?",
            f"Fill in the _ in the below sentence:\n{sentence}\n\nChoices:\n- {one}\n- {two}\n\nAnswer:",
            f"{sentence}\nReplace the _ in the above sentence with the correct option: \n- {one}\n- {two}\n",
        ]
    )
    return Asked(P3, prompt, (one, two), style="two alternatives")


@closed
def p3_cause(rng: random.Random) -> Asked:
    premise, one, two = rng.choice(
        [
            ("The shop put a large sign into its window.", "More people came in.", "The window broke."),
            ("My phone would not charge.", "I cleaned the port with a brush.", "I bought a new case, a red one."),
        ]
    )
    prompt = rng.choice(
        [
            f"{premise}\n\nI am hesitating between two options. Help me choose the more likely effect: \n- {one}\n- {two}",
            f"Pick the more likely continuation to the following sentence:\n{premise} so...\n- {one}\n- {two}",
            f'{premise}\n\nWhat\'s the best option?\n- {one}\n- {two}\n\nWe are looking for an effect',
        ]
    )
    return Asked(P3, prompt, (one, two), style="two bullets")


@closed
def p3_tweet(rng: random.Random) -> Asked:
    text = rng.choice(["Oh great, the parcel is 'out for delivery' for the third day #blessed", "New kettle, new me. Love it @Brenk"])
    prompt, labels = rng.choice(
        [
            (f"Is this tweet ironic? Answer with either yes or no. \n\n{text}", ("yes", "no")),
            (f"In this test, you need to answer with either yes or no. \n\nQ: Is this an ironic tweet? \n{text}\n\nA: ", ("yes", "no")),
            (f"Does this tweet contain irony or non-irony?\n\n{text}", ("irony", "non-irony")),
        ]
    )
    return Asked(P3, prompt, labels, style="yes or no")


@closed
def p3_paraphrase(rng: random.Random) -> Asked:
    one = "The blue bag is larger than the red one."
    two = rng.choice(["The red bag is smaller than the blue one.", "The red bag is larger than the blue one."])
    tail = rng.choice(["Question: Do Sentence 1 and Sentence 2 express the same meaning? Yes or No? \n", "Question: Can we rewrite Sentence 1 to Sentence 2? Yes or No? \n"])
    return Asked(P3, f"Sentence 1: {one}\nSentence 2: {two}\n{tail}", ("Yes", "No"), style="yes or no")


@closed
def flan_entailment(rng: random.Random) -> Asked:
    premise, hypothesis = rng.choice([*NLI, (rng.choice(PASSAGES)[0], rng.choice(PASSAGES)[4])])
    labels = rng.choice([("yes", "no"), ("yes", "it is not possible to tell", "no"), ("Yes", "It's impossible to say", "No")])
    labels = tuple(rng.sample(labels, len(labels)))
    options = "OPTIONS:\n- " + "\n- ".join(labels)
    prompt = rng.choice(
        [
            f'{premise}\n\nBased on the paragraph above can we conclude that "{hypothesis}"?\n\n{options}',
            f"{premise}\n{options}\nQuestion: Can we infer the following?\n{hypothesis}",
            f"Read the following paragraph and determine if the hypothesis is true. Select from options at the end:\n\n{premise}\n\nHypothesis: {hypothesis}\n{options}\nThe answer is",
            f"Determine if the sentence is true based on the text below. Choose from options.\n{hypothesis}\n\n{premise}\n{options}",
        ]
    )
    return Asked(FLAN, prompt, labels, style="OPTIONS with dashes")


@closed
def flan_lettered(rng: random.Random) -> Asked:
    _, question, options = exam(rng)
    shown = rng.choice(
        [
            "OPTIONS:\n" + marked(options, "({}) {}"),
            "Available options:\n" + marked(options, " ({}) {}", ";\n"),
            "Possible answers:\n " + marked(options, "[{}]. {}", ";\n "),
            "Choices\n" + marked(options, "({}). {}"),
        ]
    )
    ask = rng.choice(["Pick the answer from these options", "Which is the correct answer?", "Choose your answer:", "What is the answer to this multiple choice question?"])
    return Asked(FLAN, rng.choice([f"{question}\n\n{ask}\n\n{shown}", f"{ask}\n{question}\n{shown}\nA:", f"Q: {question}\n{shown}\n{ask}"]), letters(len(options)), style="OPTIONS with letters")


@closed
def flan_ending(rng: random.Random) -> Asked:
    start = rng.choice(["She put the kettle on the stove, went to the door and", "The courier rang twice. Since nobody answered, he"])
    ends = rng.sample(["took the parcel back to his van.", "painted the whole street blue.", "was made of stainless steel.", "found a note from her neighbour.", "sang the weather report, twice."], 4)
    ask = rng.choice(["What happens next in this paragraph?", "Continue writing the next sentence.", "How does this text end? Choose one of the options."])
    prompt = f"{ask}\n\n{start}\nOPTIONS:\n- " + "\n- ".join(ends)
    return Asked(FLAN, prompt, tuple(ends), style="OPTIONS with dashes")


@closed
def flan_fewshot(rng: random.Random) -> Asked:
    shots = rng.sample(REVIEWS, 4)
    labels = rng.choice([("negative", "positive"), ("positive", "negative")])
    options = "OPTIONS:\n- " + "\n- ".join(labels)
    blocks = [f"Review: {body}\nIs this review positive or negative?\n{options}\nA: {rng.choice(labels)}" for _, body in shots[:3]]
    blocks.append(f"Review: {shots[3][1]}\nIs this review positive or negative?\n{options}\nA:")
    return Asked(FLAN, "\n\n\n".join(blocks), labels, style="few examples before the question")


def definition(rng: random.Random, text: str, shots: Sequence[tuple[str, str]], given: str) -> str:
    """Write a task as Super-NaturalInstructions does."""
    kept = shots[: rng.randint(0, len(shots))]
    lines = [f"Definition: {text}"]
    lines += [f"Positive Example {rank} -\nInput: {put}\nOutput: {out}" for rank, (put, out) in enumerate(kept, 1)]
    lines.append(f"{'Now complete the following example -' + chr(10) if kept else ''}Input: {given}\nOutput:")
    return rng.choice(["\n\n", "\n"]).join(lines)


@closed
def niv2_words(rng: random.Random) -> Asked:
    title, body = rng.choice(REVIEWS)
    text, labels, shots = rng.choice(
        [
            ("In this task, you must classify if a given review is positive/negative, indicating your answer as P or N.", ("P", "N"), [("Broke on day one.", "N"), ("Love it, love it.", "P")]),
            ("In this task, you're given a review from an online shop. Your task is to classify it as 'spam' or 'not spam'. Answer using 'spam' or 'not spam'.", ("spam", "not spam"), [("BUY FOLLOWERS www.example.com", "spam")]),
            ('Given a review and its title, generate "True" if the title fits the review, otherwise generate "False".', ("True", "False"), []),
            ("You are given a review text. Indicate your answer with Y for yes if it mentions the delivery and N for no if it does not.", ("Y", "N"), [("Came late, box was wet.", "Y")]),
            ("You are given a product review. You need to predict its sentiment. Output a 0 for negative sentiment and a 1 for positive sentiment.", ("0", "1"), [("Never again", "0")]),
        ]
    )
    return Asked(NIV2, definition(rng, text, shots, f"Title: {title}<sep>Review: {body}"), labels, style="definition with two labels")


@closed
def niv2_rating(rng: random.Random) -> Asked:
    text = "In this task, you're given a review of a product. Your task is to generate a rating for the product on a scale of 1-5 based on the review. The rating means 1: extremely poor, 2: poor, 3: neutral, 4: good, 5: extremely good."
    return Asked(NIV2, definition(rng, text, [("Nice lamp, cable too short.", "4")], rng.choice(REVIEWS)[1]), tuple("12345"), style="ratings with meanings")


@closed
def niv2_topics(rng: random.Random) -> Asked:
    text = 'In this task, you\'re given a short article. Your job is to classify the article based on its category. Use the following classification labels, 0. World, 1. Sports, 2. Business, 3. Science or Technical. Label the text "0" if it contains information related to world. Label the text "1" if it contains information related to sports. Label the text "2" if it contains information related business. Label the text "3" if it contains science or technical related information.'
    title, body = rng.choice(NEWS)
    return Asked(NIV2, definition(rng, text, [("Rower wins gold in Porto.", "1")], f"{title} {body}"), tuple("0123"), style="labels with descriptions")


@closed
def niv2_value(rng: random.Random) -> Asked:
    text = "The input is a conversation between an automated system and a user looking for a hotel. Given such a dialogue, output the price range the user is looking for, which can take one of four values: Cheap, Moderate, Expensive and Don't Care. Output cannot be any other value than the four values."
    given = "user: I need a room near the station, and money is no object.\nsystem: Sure, for how many nights?\nuser: Two, or three if there is a pool."
    return Asked(NIV2, definition(rng, text, [("user: the cheaper the better", "Cheap")], given), ("Cheap", "Moderate", "Expensive", "Don't Care"), style="values named in a definition")


@closed
def niv2_language(rng: random.Random) -> Asked:
    language, question, options = rng.choice(
        [
            ("Spanish", "¿Dónde se guarda normalmente la leche?", ["en el armario", "en la nevera", "en el coche", "en la biblioteca", "en el jardín"]),
            ("German", "Womit schneidet man Papier?", ["Löffel", "Schere", "Kissen", "Lampe", "Schnur"]),
            ("French", "Que met-on aux pieds quand il pleut ?", ["des bottes", "une casquette", "un parapluie", "des gants", "une bague"]),
            ("Italian", "Dove si compra il pane?", ["in farmacia", "dal panettiere", "in banca", "allo stadio", "in stazione"]),
            ("Japanese", "雨の日に使うものはどれですか。", ["傘", "扇風機", "望遠鏡", "冷蔵庫", "花火"]),
            ("Chinese", "下雨的时候人们常常用什么？", ["雨伞", "电风扇", "望远镜", "冰箱", "烟花"]),
        ]
    )
    text = f'In this task, you will be presented with a question having multiple possible answers in {language} language. And you should choose a most suitable option out of "A", "B", "C", "D", and "E" based on your commonsense knowledge.'
    given = f"Question: {question} \n Options: {marked(options, '{} {}', ' ')}"
    return Asked(NIV2, definition(rng, text, [], given), letters(5), style="letters without punctuation")


@closed
def niv2_odd(rng: random.Random) -> Asked:
    words = rng.choice([["kettle", "teapot", "mug", "lawnmower", "saucer"], ["wool", "linen", "silk", "granite", "cotton"], ["ruler", "pencil", "eraser", "salmon", "notebook"]])
    words = rng.sample(words, 5)
    text = "Given a set of five words, generate the word from the set that does not belong (i.e. is the least relevant) with the other words. Words are separated by commas."
    return Asked(NIV2, definition(rng, text, [("apple, pear, hammer, plum, cherry", "hammer")], ", ".join(words)), tuple(words), style="one of the given words")


@closed
def niv2_options(rng: random.Random) -> Asked:
    _, question, options = exam(rng)
    lower = tuple(mark.lower() for mark in letters(len(options)))
    names = ", ".join(f"'{mark}'" for mark in lower[:-1]) + f", and '{lower[-1]}'"
    text = f"In this task, you need to answer the given multiple-choice question. Classify your answers into {names}."
    given = f"Problem: {question} \nOptions: {marked(options, '{} ) {}', ' , ', lower)}"
    return Asked(NIV2, definition(rng, text, [], given), lower, style="small letters in a row")


@closed
def xp3_inference(rng: random.Random) -> Asked:
    prompt, labels = rng.choice(
        [
            ('Supposons que Le colis est arrivé mardi, un jour plus tôt que prévu. Pouvons-nous déduire que "Le colis est arrivé en retard." ? Oui, non ou peut-être ?', ("Oui", "non", "peut-être")),
            ('Supongamos que El bolso es de cuero y cuesta 80 euros. ¿Podemos inferir que "El bolso es caro."? Sí, no, o tal vez?', ("Sí", "no", "tal vez")),
            ('Angenommen, Die Lampe wird ohne Leuchtmittel geliefert. Können wir daraus schließen, dass „Man muss ein Leuchtmittel kaufen."? Ja, nein oder vielleicht?', ("Ja", "nein", "vielleicht")),
            ("假设 这款水壶可以装1.7升水。 我们可以推断“这款水壶很重。”吗？是、否、或也许？", ("是", "否", "也许")),
            ("Supponiamo che Il negozio apra alle nove. Possiamo dedurre che \"Alle otto il negozio è chiuso.\"? Sì, no o forse?", ("Sì", "no", "forse")),
        ]
    )
    return Asked(XP3, prompt, labels, style="alternatives in other languages")


@closed
def xp3_paws(rng: random.Random) -> Asked:
    prompt, labels = rng.choice(
        [
            ("Satz 1: Der Tisch steht links vom Regal.\nSatz 2: Das Regal steht rechts vom Tisch.\nFrage: Drücken Satz 1 und Satz 2 dieselbe Bedeutung aus? Ja oder nein?\n", ("Ja", "nein")),
            ("Oración 1: Pedro vendió la moto a Juan.\nOración 2: Juan vendió la moto a Pedro.\nPregunta: ¿La oración 1 parafrasea la oración 2? ¿Sí o no?\n", ("Sí", "no")),
            ("文1：机は棚の左にある。\n文2：棚は机の右にある。\n質問：文1と文2は同じ意味ですか？「はい」か「いいえ」で答えてください。\n", ("はい", "いいえ")),
            ("Phrase 1 : La table est à gauche de l'étagère.\nPhrase 2 : L'étagère est à droite de la table.\nQuestion : la phrase 1 paraphrase-t-elle la phrase 2 ? Oui ou non ?\n", ("Oui", "non")),
        ]
    )
    return Asked(XP3, prompt, labels, style="yes or no in other languages")


@closed
def niv2_texts(rng: random.Random) -> Asked:
    text, question, options, *_ = rng.choice(PASSAGES)
    one, two = rng.sample(options, 2)
    rules = 'You are given a paragraph (Passage), a question (Question) and two answer options (Option1 and Option2). Your task is to choose the correct answer to the question based on the passage. Do not answer with words other than the two options, and do not answer with option titles(e.g. "option1" or "1" are not acceptable answers.)'
    return Asked(NIV2, definition(rng, rules, [], f"Passage: {text} \n Question: {question} \n Option1: {one} Option2: {two}"), (one, two), style="texts of named options")


@closed
def xcopa(rng: random.Random) -> Asked:
    ask, premise, one, two = rng.choice(
        [
            ("Qual è l'effetto più probabile?", "Il negozio ha abbassato i prezzi.", "Sono venuti più clienti.", "La vetrina è diventata verde."),
            ("Qual è la causa più probabile?", "La tazza si è rotta.", "È caduta dal tavolo.", "Era piena di tè, caldo e dolce."),
            ("哪一个更可能是原因？", "快递晚到了两天。", "路上下了大雪。", "包裹是蓝色的。"),
            ("Was ist die wahrscheinlichere Ursache?", "Der Akku war leer.", "Das Licht brannte die ganze Nacht.", "Das Fahrrad ist rot."),
        ]
    )
    prompt = rng.choice([f"{premise}\n\n{ask}\n- {one}\n- {two}\n", f"{ask}\n{premise}\nA. {one}\nB. {two}\n答案：" if "哪" in ask else f"{premise}\n{ask}\nA) {one}\nB) {two}\n"])
    return Asked("XCOPA (lm_eval/tasks/xcopa, xP3)", prompt, (one, two) if "- " in prompt else ("A", "B"), style="cause or effect in other languages")


# Evaluation suites -------------------------------------------------------------------------------

HARNESS = "lm-evaluation-harness (lm_eval/tasks)"
COMPASS = "OpenCompass (configs/datasets)"
HELM = "HELM (multiple_choice_joint adapter)"
BBH = "BIG-bench Hard (lm_eval/tasks/bbh)"


@closed
def harness_mmlu(rng: random.Random) -> Asked:
    shots = rng.sample([row for row in EXAM if len(row[2]) == 4], rng.randint(1, 5))
    blocks = [f"{question}\n{marked(options)}\nAnswer: {rng.choice('ABCD')}" for _, question, options in shots[:-1]]
    topic, question, options = shots[-1]
    blocks.append(f"{question}\n{marked(options)}\nAnswer:")
    return Asked(HARNESS, f"The following are multiple choice questions (with answers) about {topic}.\n\n" + "\n\n".join(blocks), letters(4), style="few examples before the question")


@closed
def harness_gpqa(rng: random.Random) -> Asked:
    _, question, options = exam(rng)
    gap = rng.choice(["", " "])
    return Asked(HARNESS, f"What is the correct answer to this question:{gap}{question}\nChoices:\n{marked(options, '({}) {}')}\nAnswer:", letters(len(options)), style="gpqa")


@closed
def harness_belebele(rng: random.Random) -> Asked:
    text, question, options = rng.choice(
        [
            *[(row[0], row[1], row[2]) for row in PASSAGES],
            ("Der Hofladen in Brennau verkauft seit 1998 Käse und Brot. Samstags gibt es auch Blumen. Wer mit dem Rad kommt, bekommt einen Apfel geschenkt.", "Was gibt es nur samstags?", ["Käse", "Brot", "Blumen", "Äpfel"]),
            ("La boutique ferme à 19 heures, sauf le jeudi où elle reste ouverte jusqu'à 21 heures. Les retours sont acceptés sous trente jours avec le ticket.", "Quel jour la boutique ferme-t-elle plus tard ?", ["lundi", "mardi", "jeudi", "samedi"]),
            ("El taller arregla zapatos y bolsos. Un par de suelas cuesta doce euros y se entrega en dos días; los bolsos tardan una semana.", "¿Cuánto tarda un bolso?", ["Un día", "Dos días", "Una semana", "Un mes"]),
            ("La bottega vende olio e miele. L'olio arriva a novembre, il miele da maggio a luglio. Chi porta la propria bottiglia paga meno.", "Quando arriva l'olio?", ["A maggio", "A luglio", "A novembre", "A gennaio"]),
        ]
    )
    return Asked(HARNESS, f"P: {text}\nQ: {question}\n{marked(options, '{}: {}')}\nAnswer:", letters(4), style="belebele")


@closed
def harness_truth(rng: random.Random) -> Asked:
    premise, hypothesis = rng.choice(NLI)
    prompt, labels = rng.choice(
        [
            (f"{premise}\nQuestion: {hypothesis} True or False?\nAnswer:", ("True", "False")),
            (f"{premise}\nQuestion: {hypothesis.rstrip('.')}. True, False, or Neither?\nAnswer:", ("True", "False", "Neither")),
            (f'Question: Would most people believe this reasonable or unreasonable to say? "I should get a refund because {hypothesis[0].lower()}{hypothesis[1:]}"\nAnswer:', ("reasonable", "unreasonable")),
        ]
    )
    return Asked(HARNESS, prompt, labels, style="true or false")


@closed
def harness_logic(rng: random.Random) -> Asked:
    text, _, _, _, _ = rng.choice(PASSAGES)
    options = rng.sample(["All visitors pay.", "Some objects are mended.", "Nothing can be concluded.", "The city is closed.", "None of the above follows."], 4)
    return Asked(HARNESS, f"Passage: {text}\nQuestion: Which of the following follows from the passage?\nChoices:\n{marked(options)}\nAnswer:", letters(4), style="logiqa")


@closed
def compass_pair(rng: random.Random) -> Asked:
    text, _, _, question, claim = rng.choice(PASSAGES)
    prompt, count = rng.choice(
        [
            (f"{text}\nQuestion: {question}\nA. Yes\nB. No\nAnswer:", 2),
            (f"{text}\n{claim}\nIs the sentence below entailed by the sentence above?\nA. Yes\nB. No\nAnswer:", 2),
            (f"{text}\n{claim}\nWhat is the relation between the two sentences?\nA. Contradiction\nB. Entailment\nC. Neutral\nAnswer:", 3),
            ("Question: The mug did not fit into the box because the mug was too wide. Or was it the box that was too wide?\nA. the mug\nB. the box\nAnswer:", 2),
        ]
    )
    return Asked(COMPASS, prompt, letters(count), style="lettered yes and no")


@closed
def compass_ending(rng: random.Random) -> Asked:
    count = rng.choice([2, 4])
    ends = rng.sample(["He put the new chain on and rode off.", "The sea was made of linen.", "She asked for a receipt.", "The receipt asked for her.", "They closed at nine, as always."], count)
    names = quoted(letters(count), "'", last=" and ")
    return Asked(COMPASS, f"The cyclist stops at the workshop. The chain is torn. A mechanic looks for a new one.\nQuestion: Which ending makes the most sense?\n{marked(ends)}\nYou may choose between {names}.\nAnswer:", letters(count), style="you may choose between")


@closed
def compass_race(rng: random.Random) -> Asked:
    text, question, options, *_ = rng.choice(PASSAGES)
    return Asked(COMPASS, f"Read the article, and answer the question by replying A, B, C or D.\n\nArticle:\n{text}\n\nQ: {question}\n\n{marked(options)}", letters(4), style="race")


@closed
def compass_single(rng: random.Random) -> Asked:
    topic, question, options = rng.choice([row for row in EXAM if len(row[2]) == 4])
    return Asked(COMPASS, f"There is a single choice question about {topic}. Answer the question by replying A, B, C or D.\nQuestion: {question}\n{marked(options)}\nAnswer: ", letters(4), style="single choice")


@closed
def compass_several(rng: random.Random) -> Asked:
    count = rng.randint(4, 6)
    options = rng.sample(["Cotton", "Polyester", "Wool", "Nylon", "Linen", "Silk"], count)
    prompt = rng.choice(
        [
            f"You should select all appropriate option letters separated by commas to answer this question. Example of a possible answer: B,C.\nWhich of these fibres are natural?\n{marked(options)}\n",
            f"The following is a multiple-answer question; more than one option may be correct. Which of these fibres are natural?\n{marked(options, '{}) {}')}\nGive all correct letters.\nAnswer:",
        ]
    )
    return Asked(COMPASS, prompt, letters(count), choose=0, style="several letters")


@closed
def mmlu_pro(rng: random.Random) -> Asked:
    numbers = rng.sample(range(3, 99), 10)
    question = f"A shop buys {numbers[0]} lamps for {numbers[1]} euros each and sells all of them at a markup of {numbers[2]} percent. What is its profit, rounded to whole euros?"
    options = [f"{number * 7} euros" for number in numbers]
    return Asked("MMLU-Pro (TIGER-AI-Lab repository)", f"Question:\n{question}\nOptions:\n{marked(options)}\nRespond with the letter of the correct option only.\nAnswer:", letters(10), style="ten options")


@closed
def agieval_among(rng: random.Random) -> Asked:
    _, question, options = exam(rng)
    last = "ABCDE"[len(options) - 1]
    return Asked("AGIEval (prompts of the paper's repository)", f"Q: {question} Answer Choices: {marked(options, '({}){}', ' ')}\nA: Among A through {last}, the answer is", letters(len(options)), style="answer choices in a row")


@closed
def helm_joint(rng: random.Random) -> Asked:
    topic, question, options = exam(rng)
    first = rng.choice(EXAM)
    shot = f"Question: {first[1]}\n{marked(first[2])}\nAnswer: B\n\n" if rng.random() < 0.6 else ""
    return Asked(HELM, f"Answer with only a single letter.\n\nThe following are multiple choice questions (with answers) about {topic}.\n\n{shot}Question: {question}\n{marked(options)}\nAnswer:", letters(len(options)), style="only a single letter")


@closed
def truthfulqa(rng: random.Random) -> Asked:
    question, options = rng.choice(
        [
            ("What happens if you swallow chewing gum?", ["It stays inside you for seven years.", "It leaves the body after some days.", "It sticks to the heart.", "You cannot sing any more."]),
            ("Does a microwave oven make food radioactive?", ["Yes, a little.", "No, it only heats the water in it.", "Only if the door is open.", "Only plastic becomes radioactive."]),
        ]
    )
    options = rng.sample(options, 4)
    prompt = rng.choice(
        [
            f"Question: {question}\n{marked(options)}\nWhich of the answers is true? Reply with A, B, C or D.\nAnswer:",
            f"{question}\n\n{marked(options, '{}) {}', marks=('1', '2', '3', '4'))}\n\nPick the true answer and give its number only.",
        ]
    )
    return Asked("TruthfulQA MC1 (repository)", prompt, letters(4) if "A. " in prompt else tuple("1234"), style="marked options")


@closed
def bbh_options(rng: random.Random) -> Asked:
    prompt, labels = rng.choice(
        [
            ("Clarify the meaning of sentences with ambiguous pronouns.\n\nQ: In the following sentences, explain the antecedent of the pronoun (which thing the pronoun refers to), or state that it is ambiguous.\nSentence: The clerk told the customer that she had left the bag.\nOptions:\n(A) The clerk had left the bag\n(B) The customer had left the bag\n(C) Ambiguous\nA:", letters(3)),
            ("Given a series of navigation instructions, determine whether one would end up back at the starting point.\n\nQ: If you follow these instructions, do you return to the starting point? Take 4 steps. Turn right. Turn right. Take 4 steps.\nOptions:\n- Yes\n- No\nA:", ("Yes", "No")),
            ("Infer the date from context.\n\nQ: The parcel was sent on 2/27/2019 and came two days later. What is the date of its arrival in MM/DD/YYYY?\nOptions:\n(A) 02/28/2019\n(B) 03/01/2019\n(C) 03/02/2019\n(D) 02/29/2019\n(E) 03/11/2019\n(F) 01/03/2019\nA:", letters(6)),
            ("Q: Which sentence has the correct adjective order:\nOptions:\n(A) large old brown leather bag\n(B) leather old large brown bag\nA:", letters(2)),
            ("Distinguish deductively valid arguments from formal fallacies.\n\nQ: \"Every kettle of this brand is red. Nothing red is cheap. So no kettle of this brand is cheap.\"\nIs the argument, given the explicitly stated premises, deductively valid or invalid?\nOptions:\n- valid \n- invalid\nA:", ("valid", "invalid")),
        ]
    )
    return Asked(BBH, prompt, labels, style="Options after Q:")


@closed
def bbh_fewshot(rng: random.Random) -> Asked:
    items = ["toaster", "yoga mat", "hammer", "pillow", "bicycle pump", "teapot"]
    blocks = []
    for rank in range(3):
        names = rng.sample(items, 3)
        shown = marked([f"The {name} is the cheapest" for name in names], "({}) {}")
        text = f"Q: A shelf holds three things: a {names[0]}, a {names[1]}, and a {names[2]}. The {names[1]} costs less than the {names[0]}. The {names[2]} costs the most.\nOptions:\n{shown}\nA:"
        blocks.append(text if rank == 2 else f"{text} (B)")
    return Asked(BBH, "A logical deduction task which requires deducing the order of a sequence of objects.\n\n" + "\n\n".join(blocks), letters(3), style="few examples before the question")


# Chinese suites ----------------------------------------------------------------------------------

ZH_EXAM = [
    ("日用品常识", "下列哪一种材料最适合做不粘锅的涂层？", ["特氟龙", "玻璃", "纸板", "棉布"]),
    ("中国地理", "长江的入海口在哪座城市附近？", ["上海", "成都", "兰州", "昆明"]),
    ("初中物理", "力的国际单位是____。", ["焦耳", "牛顿", "瓦特", "帕斯卡"]),
    ("市场营销", "“满200减30”属于哪一类促销？", ["降价促销", "样品试用", "会员积分", "抽奖"]),
    ("食品科学", "下列食物中，维生素C含量最高的是", ["鲜枣", "米饭", "鸡蛋", "牛奶"]),
]
CLUE = "CLUE / FewCLUE as OpenCompass asks them"


@closed
def ceval(rng: random.Random) -> Asked:
    topic, question, options = rng.choice(ZH_EXAM)
    options = rng.sample(options, 4)
    shots = [f"{row[1]}\n{marked(row[2])}\n答案：{rng.choice('ABCD')}" for row in rng.sample(ZH_EXAM, rng.randint(0, 3)) if row[1] != question]
    blocks = [*shots, f"{question}\n{marked(options)}\n答案："]
    return Asked("C-Eval", f"以下是中国关于{topic}考试的单项选择题，请选出其中的正确答案。\n\n" + "\n\n".join(blocks), letters(4), style="chinese single choice")


@closed
def cmmlu(rng: random.Random) -> Asked:
    topic, question, options = rng.choice(ZH_EXAM)
    shown = marked(rng.sample(options, 4), rng.choice(["{}. {}", "{}、{}", "{}．{}", "（{}）{}"]))
    return Asked("CMMLU", f"以下是关于{topic}的单项选择题，请直接给出正确答案的选项。\n题目：{question}\n{shown}\n答案是：", letters(4), style="chinese single choice")


@closed
def chinese_circled(rng: random.Random) -> Asked:
    _, question, options = rng.choice(ZH_EXAM)
    shown = rng.choice(["  ", "\n", "；"]).join(f"{mark}{option}" for mark, option in zip("①②③④", options, strict=True))
    return Asked("C-Eval style, circled options", f"单选题：{question}\n{shown}\n请只回答选项的序号（①、②、③或④）。\n答案：", ("①", "②", "③", "④"), style="circled")


@closed
def chinese_several(rng: random.Random) -> Asked:
    options = rng.sample(["纯棉", "涤纶", "羊毛", "锦纶", "亚麻"], rng.choice([4, 5]))
    return Asked("OpenCompass OpsQA / exam with several answers", f"多项选择题：下列哪些属于天然纤维？\n{marked(options)}\n请直接给出所有正确答案的选项并用英文逗号分隔，例如：“B,C”。", letters(len(options)), choose=0, style="chinese several letters")


@closed
def clue_pair(rng: random.Random) -> Asked:
    one, two = rng.choice([("花呗怎么还款", "花呗可以提前还款吗"), ("退货要几天到账", "退款多久能收到"), ("这个尺码偏大吗", "衣服偏小吗")])
    prompt, count = rng.choice(
        [
            (f"语句一：“{one}”\n语句二：“{two}”\n语句一与语句二是关于购物的疑问，两者所询问的内容是否完全一致？\nA. 不完全一致\nB. 完全一致\n请从“A”，“B”中进行选择。\n答：", 2),
            (f"语句一：“{one}”\n语句二：“{two}”\n请判断语句一和语句二说的是否是一个意思？\nA. 无关\nB. 相关\n请从“A”，“B”中进行选择。\n答：", 2),
            (f"语句一：“{one}”\n语句二：“{two}”\n请问这两句话是什么关系？\nA. 蕴含\nB. 矛盾\nC. 无关\n请从“A”，“B”，“C”中进行选择。\n答：", 3),
            (f"阅读文章：{one}。客服说三天以内。\n根据上文，回答如下问题：{two}\nA. 对\nB. 错\nC. 可能\n请从“A”，“B”，“C”中进行选择。\n答：", 3),
        ]
    )
    return Asked(CLUE, prompt, letters(count), style="choose from the quoted letters")


@closed
def clue_news(rng: random.Random) -> Asked:
    topics = rng.sample(["农业新闻", "旅游新闻", "游戏新闻", "科技类别公司新闻", "体育类别新闻", "初升高教育新闻", "娱乐圈新闻", "投资资讯", "军事类别常识", "车辆新闻", "楼市新闻", "环球不含中国类别新闻", "书籍文化历史类别新闻", "故事类别新闻", "股票市场类别新闻"], rng.choice([8, 12, 15]))
    title = rng.choice(["今年苹果丰收，果农却笑不出来", "这款新车续航超过600公里，售价公布", "冬天去哪里看雪最便宜"])
    prompt = f"{title}\n请判断上述内容属于什么新闻？\n{marked(topics)}\n请从{'，'.join(f'“{mark}”' for mark in letters(len(topics)))}中进行选择。\n答："
    return Asked(CLUE, prompt, letters(len(topics)), style="many lettered options")


@closed
def clue_sentiment(rng: random.Random) -> Asked:
    text = rng.choice(["房间很干净，离地铁也近，就是早餐一般", "用了三天就坏了，客服还不理人", "物流很快，包装完好，孩子很喜欢"])
    prompt, labels = rng.choice(
        [
            (f"内容： \"{text}\"。请对上述内容进行情绪分类。\nA. 积极\nB. 消极\n请从”A“，”B“中进行选择。\n答：", ("A", "B")),
            (f"评论：{text}\n这条评论的情感倾向是正面还是负面？", ("正面", "负面")),
            (f"请判断下面评论的情感极性，从【正向, 中性, 负向】中选择一个，不要解释。\n评论：{text}\n情感：", ("正向", "中性", "负向")),
            (f"情感分析任务。只能输出“好评”或“差评”。\n\n{text}", ("好评", "差评")),
        ]
    )
    return Asked("ChnSentiCorp / EPRSTMT", prompt, labels, style="chinese sentiment")


@closed
def lcqmc(rng: random.Random) -> Asked:
    ask, labels = rng.choice([("判断两个问题的意思是否相同，回答“是”或“否”。", ("是", "否")), ("下面两句话语义是否相似？请输出1（相似）或0（不相似），只输出数字。", ("1", "0")), ("这两个问句是同一个意思吗？选项：相同，不同。", ("相同", "不同"))])
    return Asked("LCQMC", f"{ask}\n句子1：{rng.choice(['怎么开发票', '鞋子能换码吗'])}\n句子2：{rng.choice(['如何开发票', '鞋子可以退吗'])}\n答案：", labels, style="chinese pair of words")


# Japanese suites ---------------------------------------------------------------------------------

JA_EXAM = [
    ("お湯を沸かすときに使うものはどれ？", ["やかん", "枕", "はさみ", "靴下", "時計"]),
    ("本を借りることができる場所は？", ["図書館", "銀行", "病院", "プール", "駅"]),
    ("雪の日に滑りにくい履物は？", ["長靴", "帽子", "手袋", "眼鏡", "財布"]),
]


@closed
def jcommonsense(rng: random.Random) -> Asked:
    question, options = rng.choice(JA_EXAM)
    options = rng.sample(options, 5)
    numbers = tuple("01234")
    numbered = ",".join(f"{mark}.{option}" for mark, option in zip(numbers, options, strict=True))
    words = tuple(options)
    prompt, labels = rng.choice(
        [
            (f"質問と回答の選択肢を入力として受け取り、選択肢から回答を選択してください。なお、回答は選択肢の番号（例：0）でするものとします。 回答となる数値をint型で返し、他には何も含めないことを厳守してください。\n\n質問：{question}\n選択肢：{numbered}\n回答：", numbers),
            (f"質問と回答の選択肢を入力として受け取り、選択肢から回答を選択してください。回答の他には何も含めないことを厳守してください。\n\n### 入力：\n質問：{question}\n選択肢：{','.join(options)}\n### 回答：\n", words),
            (f"[問題]に対する[答え]を[選択肢]の中から選んでください。\n\n[問題]:{question}\n[選択肢]:[{', '.join(options)}]\n[答え]:", words),
            ("与えられた選択肢の中から、最適な答えを選んでください。 \n\n質問：" + question + "\n選択肢：\n" + "\n".join(f"- {option}" for option in options) + "\n回答：", words),
            (f"[問題]に対する[答え]を[選択肢]の中から記号で選んでください。\n\n[問題]:{question}\n[選択肢]:[{marked(options, '{}:{}', ', ')}]\n[答え]:", letters(5)),
        ]
    )
    return Asked("JCommonsenseQA (JGLUE, llm-jp-eval, flexeval)", prompt, labels, style="japanese options")


@closed
def jnli(rng: random.Random) -> Asked:
    premise, hypothesis = rng.choice([("男性が店で傘を買っている。", "外は雨が降っている。"), ("机の上に本が二冊ある。", "机の上に本がある。")])
    names = rng.choice([("entailment", "contradiction", "neutral"), ("含意", "矛盾", "中立")])
    listed = "、".join(f"「{name}」" for name in names) if names[0] == "含意" else "、".join(names)
    rules = f"制約:\n- 前提から仮説が導出可能である場合は{names[0]}と出力\n- 前提と仮説が両立しえない場合は{names[1]}と出力\n- そのいずれでもない場合は{names[2]}と出力\n"
    return Asked("JNLI (JGLUE)", f"前提と仮説の関係を{listed}の中から回答してください。それ以外には何も含めないことを厳守してください。\n\n{rules}\n前提：{premise}\n仮説：{hypothesis}\n関係：", names, style="japanese labels with rules")


@closed
def marc_ja(rng: random.Random) -> Asked:
    text = rng.choice(["届いた翌日に壊れました。二度と買いません。", "軽くて使いやすい。色も写真の通りで満足です。", "値段の割に音が良い。ただし説明書がない。"])
    ask, labels = rng.choice(
        [
            ("製品レビューをnegativeかpositiveのいずれかのセンチメントに分類してください。出力は小文字化してください。", ("negative", "positive")),
            ("以下の製品レビューを、ポジティブまたはネガティブの感情クラスに分類してください。", ("ポジティブ", "ネガティブ")),
            ("次のレビューの評価は「良い」「普通」「悪い」のどれですか。一つだけ答えてください。", ("良い", "普通", "悪い")),
        ]
    )
    return Asked("MARC-ja (JGLUE)", f"{ask}\n\n製品レビュー：{text}\nセンチメント：", labels, style="japanese sentiment")


@closed
def jcola(rng: random.Random) -> Asked:
    return Asked("JCoLA (JGLUE)", f"与えられた日本語の文章の文法が正しければ1と答え、間違っている場合は0と答えてください。それ以外には何も含めないことを厳守してください。\n文章:{rng.choice(['私は店で靴を買った。', '店が靴で私に買った。', '昨日届いた箱はまだ開けていない。', '彼は本が読むを好きだ。', 'この鍋は軽くて使いやすい。'])}", ("1", "0"), style="japanese one or zero")


# German, French, Spanish and Italian ones --------------------------------------------------------


@closed
def evalita(rng: random.Random) -> Asked:
    text = rng.choice(["Il pacco è arrivato in ritardo e aperto, ma il rimborso è stato veloce", "Che bella lampada, la consiglio a tutti", "Ho ordinato martedì."])
    lead = rng.choice(["", "Devi svolgere un compito di analisi del sentiment. "])
    prompt, labels = rng.choice(
        [
            (f"{lead}Qual è il sentiment espresso nel seguente tweet: '{text}'?\nA: Positivo\nB: Negativo\nC: Neutro\nD: Misto\nRisposta:", letters(4)),
            (f"Opinione: '{text}' Determinare la sentiment dell'opinione data. Possibili risposte: A – neutrale B – negativo C – positivo D – misto Risposta:", letters(4)),
            (f"Task di Text Entailment. Rispondi Vero o Falso in base alla correttezza dell'ipotesi rispetto al testo.\nTesto: {text}\nIpotesi: L'ordine è stato fatto di martedì.\nRisposta:", ("Vero", "Falso")),
            (f"La frase: '{text}' implica logicamente che la frase: 'Il cliente è contento' sia vera?\nA: Sì\nB: No\nRisposta:", letters(2)),
            (f"Dato il seguente testo, rispondi Vero se il testo contiene insulti, altrimenti rispondi Falso. Testo:\n{text} Risposta:", ("Vero", "Falso")),
        ]
    )
    return Asked("EVALITA-LLM (lm_eval/tasks/evalita_llm)", prompt, labels, style="italian")


@closed
def french_bench(rng: random.Random) -> Asked:
    text = rng.choice(["Livraison rapide, mais le vendeur ne répond jamais. La qualité du sac est correcte.", "Très déçue : la lampe clignote et la notice est en anglais."])
    prompt, labels = rng.choice(
        [
            (f'\nAvis Client: {text}\n\nEn considérant uniquement le thème "service client", l\'avis client est plutôt:\nA. Positif \nB. Négatif\nC. Mitigé \nD. Neutre\nE. Absent\n\nRéponse:', letters(5)),
            ("\nPrémisse: La robe est en lin et se lave à trente degrés.\n\nHypothèse: La robe ne se lave pas.\n\nLa prémisse et l'hypothèse sont:\nA. En accord\nB. Neutre\nC. En contradiction\nRéponse:", letters(3)),
            (f"\nContexte: {text}\n\nQuestion: le vendeur répond-il aux messages ?\n\nD'après l'information dans le contexte, la réponse est:\nA. Oui \nB. Non\n\nRéponse:", letters(2)),
            (f"A propos du thème spécifié, l'avis client est il positif, négatif, ou neutre ?\nAvis Client: {text}\nThème: livraison\nRéponse:", ("positif", "négatif", "neutre")),
        ]
    )
    return Asked("FrenchBench (lm_eval/tasks/french_bench)", prompt, labels, style="french")


@closed
def german_triage(rng: random.Random) -> Asked:
    labels = tuple(rng.sample(["Lieferung", "Rückgabe/Umtausch", "Rechnung & Zahlung", "Produktfrage", "Beschwerde", "Sonstiges"], rng.randint(4, 6)))
    text = rng.choice(["Guten Tag, ich habe die Tasche vor drei Wochen bestellt und noch immer nichts gehört.", "Auf der Rechnung fehlt die Steuernummer. Können Sie das ändern oder muss ich neu bestellen?"])
    listed = rng.choice([", ".join(labels), "\n" + "\n".join(f"- {label}" for label in labels), "[" + ", ".join(labels) + "]"])
    ask = rng.choice(
        [
            "Klassifiziere die folgende Kundenanfrage in GENAU EINE der folgenden Kategorien. Antworte nur mit dem exakten Kategorienamen, nichts anderes.",
            "Ordne die Nachricht einer Kategorie zu und gib ausschließlich deren Namen aus.",
        ]
    )
    return Asked("German support tools (public repositories)", f"{ask}\nKategorien: {listed}\n\nAnfrage: „{text}“\nKategorie:", labels, style="german categories")


@closed
def german_exam(rng: random.Random) -> Asked:
    question, options = rng.choice([("Welcher Stoff leitet Wärme am besten?", ["Holz", "Kupfer", "Kork", "Glas"]), ("Was gehört in den Biomüll?", ["Kaffeesatz", "Batterien", "Joghurtbecher", "Altöl"]), ("Wer haftet bei Sachmängeln gegenüber dem Käufer?", ["Der Verkäufer", "Der Spediteur", "Die Bank", "Niemand"])])
    options = rng.sample(options, 4)
    form = rng.choice(["{}) {}", "{}. {}", "({}) {}"])
    marks = rng.choice([letters(4), tuple("abcd"), tuple("1234")])
    kind = "der Nummer" if marks[0] == "1" else "dem Buchstaben"
    return Asked("German MMLU / INCLUDE style", f"Die folgende Frage ist eine Multiple-Choice-Frage. Antworten Sie nur mit {kind} der richtigen Lösung.\n\nFrage: {question}\n{marked(options, form, marks=marks)}\n\nAntwort:", marks, style="german marked options")


@closed
def german_yes(rng: random.Random) -> Asked:
    prompt, labels = rng.choice(
        [
            ("Passt das Produkt zur Suchanfrage? Antworte ausschließlich mit \"Ja\" oder \"Nein\".\nSuchanfrage: regenjacke damen\nProdukt: Herren-Softshelljacke, atmungsaktiv, Gr. L", ("Ja", "Nein")),
            ("Aussage: „Edelstahl rostet nie.“\nIst die Aussage wahr oder falsch? Nur ein Wort.", ("wahr", "falsch")),
            (f"Bewertung: {rng.choice(['Schöner Stoff, aber nach dem Waschen eingelaufen.', 'Kam pünktlich, passt, gerne wieder!', 'Geht so.'])}\nStimmung (positiv, neutral, negativ):", ("positiv", "neutral", "negativ")),
            (f"Ist diese Bewertung hilfreich? Antworten Sie mit Ja oder Nein.\n\n{rng.choice(['Nach drei Wochen ist der Griff abgebrochen.', 'super', 'Ich habe die Kanne für meine Mutter gekauft.'])}", ("Ja", "Nein")),
            ("Sind die beiden Artikel gleich? Auswahl: identisch / Variante / verschieden\n1: Teekanne Glas 1,2 l\n2: Teekanne, Glas, 1,5 Liter", ("identisch", "Variante", "verschieden")),
        ]
    )
    return Asked("German shop prompts", prompt, labels, style="german pair")


@closed
def spanish_category(rng: random.Random) -> Asked:
    labels = tuple(rng.sample(["Envíos", "Devoluciones", "Pagos y facturas", "Productos", "Cuenta", "Otros"], rng.randint(4, 6)))
    listed = rng.choice([", ".join(labels) + ".", "\n" + "\n".join(f'- "{label}"' for label in labels)])
    prompt = rng.choice(
        [
            f"Analiza el siguiente mensaje y clasifícalo en UNA de las siguientes categorías: {listed}\n\nTexto:\n¿Cuánto tarda el envío a Canarias, y se puede pagar en dos plazos?\n\nResponde ÚNICAMENTE con el nombre de la categoría que mejor se ajuste al texto. No añadas ninguna explicación.\nCategoría:",
            f"Eres el asistente de una tienda. Debes elegir ÚNICAMENTE una de las categorías listadas.\nCategorías: {listed}\nMensaje del cliente: «Me han cobrado dos veces la misma compra.»\nRespuesta:",
        ]
    )
    return Asked("Spanish classification prompts (public repositories)", prompt, labels, style="spanish categories")


@closed
def spanish_pair(rng: random.Random) -> Asked:
    prompt, labels = rng.choice(
        [
            ("¿Son el mismo producto? Responde únicamente con 'true' si lo es, o 'false' si no lo es.\nA: Tornillo 1/4\" x 2\", zincado, caja 100 un.\nB: Tornillo 3/8\" x 2\", zincado, caja 100 un.", ("true", "false")),
            ("Pregunta de verdadero o falso. Afirmación: la lana es una fibra sintética.\nContesta Verdadero o Falso.", ("Verdadero", "Falso")),
            ("Opinión: el bolso llegó tarde, pero es precioso.\n¿El sentimiento de la opinión es positivo, negativo o neutro?", ("positivo", "negativo", "neutro")),
            ("Pregunta: ¿Qué mar baña la costa de Valencia?\na) El Cantábrico\nb) El Mediterráneo\nc) El Báltico\nd) El Negro\nRespuesta (solo la letra):", tuple("abcd")),
        ]
    )
    return Asked("Spanish benches and shop prompts", prompt, labels, style="spanish")


@closed
def french_route(rng: random.Random) -> Asked:
    labels = tuple(rng.sample(["suivi_commande", "retour", "paiement", "conseil_produit", "reclamation", "autre"], rng.randint(4, 6)))
    listed = rng.choice([" | ".join(labels), ", ".join(labels), "\n" + "\n".join(f"• {label}" for label in labels)])
    return Asked("French support tools (public repositories)", f"Tu es un routeur sémantique. Classe la demande de l'utilisateur dans une seule des catégories suivantes : {listed}\nRéponds UNIQUEMENT par le nom de la catégorie. Aucune autre phrase.\n\nDemande : « Bonjour, ma commande n'est jamais arrivée, ou alors chez le voisin ? »", labels, style="french intents")


@closed
def italian_category(rng: random.Random) -> Asked:
    labels = tuple(rng.sample(["Spedizione", "Reso", "Pagamento", "Prodotto difettoso", "Altro"], rng.randint(3, 5)))
    return Asked("Italian classification prompts (public repositories)", f"Sei un classificatore. Data la richiesta di un cliente, rispondi SOLO con una delle seguenti categorie: {', '.join(labels)}. Nient'altro.\n\nRichiesta: {rng.choice(['La tazza è arrivata rotta.', 'Posso pagare alla consegna?'])}", labels, style="italian categories")


# Prompts of applications -------------------------------------------------------------------------

TRIAGE = {
    "billing": "payment issues, invoices, double charges, refunds",
    "technical": "bugs, crashes, error messages, \"page not found\"",
    "account": "login, password reset, profile changes",
    "shipping": "tracking, delays, lost parcels, delivery address",
    "product_question": "size, material, availability, price",
    "feature_request": "ideas for new functions",
    "other": "anything else",
}


@closed
def triage(rng: random.Random) -> Asked:
    labels = tuple(rng.sample(list(TRIAGE), rng.randint(4, 7)))
    shown = rng.choice(
        [
            "\n".join(f"- {label}: {TRIAGE[label]}" for label in labels),
            "\n".join(f"{rank}. **{label}** - {TRIAGE[label]}" for rank, label in enumerate(labels, 1)),
            "\n".join(f"* `{label}` ({TRIAGE[label]})" for label in labels),
            "| Category | Description |\n|---|---|\n" + "\n".join(f"| {label} | {TRIAGE[label]} |" for label in labels),
        ]
    )
    text = rng.choice(TICKETS)
    prompt = rng.choice(
        [
            f"You are an expert support ticket router for an online shop.\n\nGoal: classify the customer support ticket into exactly one of these categories:\n{shown}\n\nTicket:\n\"\"\"\n{text}\n\"\"\"\n\nRespond with only the category name, nothing else.",
            f"# Ticket\n{text}\n\n# Categories\n{shown}\n\n# Instructions\nPick the single best category. Use the category name verbatim. Do not invent new names. Do not explain.",
        ]
    )
    return Asked("Ticket triage prompts (public repositories)", prompt, labels, style="labels with descriptions")


@closed
def triage_tags(rng: random.Random) -> Asked:
    labels = tuple(rng.sample(["Billing Inquiries", "Shipping & Delivery", "Returns", "Account Access", "Product Advice"], rng.randint(3, 5)))
    tags = "\n".join(f"<category>\n    <label>{label}</label>\n    <content>Messages about {label.lower()}, complaints included</content>\n</category>" for label in labels)
    return Asked("Ticket routing with XML tags (Anthropic cookbook style)", f"You will be acting as a customer support ticket classification system. Here are the categories:\n\n<categories>\n{tags}\n</categories>\n\nHere is the customer's request:\n<request>{rng.choice(TICKETS)}</request>\n\nAnswer with the label of the one category that fits best. Output the label text only, without tags.", labels, style="labels in tags")


@closed
def priority(rng: random.Random) -> Asked:
    labels, rules = rng.choice(
        [
            (("P1", "P2", "P3", "P4"), "- P1: shop is down or data is lost\n- P2: a customer cannot order\n- P3: minor bug\n- P4: question or wish"),
            (("low", "medium", "high", "urgent"), "low - can wait a week\nmedium - this week\nhigh - today\nurgent - now"),
        ]
    )
    return Asked("Ticket triage prompts (public repositories)", f"Assign a priority to the ticket below.\n\n{rules}\n\nTicket: {rng.choice(TICKETS)}\n\nReturn the priority only ({', '.join(labels)}).", labels, style="priorities with rules")


@closed
def intents(rng: random.Random) -> Asked:
    labels = tuple(rng.sample(["TRACK_ORDER", "CANCEL_ORDER", "RETURN_ITEM", "PRODUCT_SEARCH", "COMPARE_PRODUCTS", "SMALL_TALK", "OUT_OF_SCOPE"], rng.randint(4, 7)))
    shown = rng.choice([", ".join(labels), str(list(labels)), json.dumps(labels), " / ".join(labels), "\n".join(labels)])
    history = "Conversation so far:\nUser: hi\nAssistant: Hello! How can I help you?\n" if rng.random() < 0.5 else ""
    prompt = f"Classify the last user message into exactly one intent.\n\nAllowed intents:\n{shown}\n\n{history}User: {rng.choice(TICKETS)}\n\nIntent:"
    return Asked("Intent routing prompts (public repositories)", prompt, labels, style="bare names")


@closed
def moderation(rng: random.Random) -> Asked:
    text = rng.choice(["you people are thieves, I'll find out where you live", "Great shears, they cut like a dream", "Buy 1000 followers at cheap-likes dot example!!"])
    prompt, labels = rng.choice(
        [
            (f"You are an AI security filter for product reviews. Analyze the text and determine if it contains threats, insults or personal data.\nOnly respond with SAFE or UNSAFE.\n\n{text}", ("SAFE", "UNSAFE")),
            (f"Moderate this review before it is published.\nReview: \"{text}\"\nDecision (approve / reject / escalate):", ("approve", "reject", "escalate")),
            (f"Is the following comment toxic? Reply 'toxic' or 'non-toxic' and nothing else.\n\nComment: {text}", ("toxic", "non-toxic")),
            (f"Return exactly one of: spam, abuse, off-topic, fine.\n\nReview to check:\n{text}", ("spam", "abuse", "off-topic", "fine")),
        ]
    )
    return Asked("Moderation prompts (public repositories)", prompt, labels, style="verdict words")


@closed
def grade_document(rng: random.Random) -> Asked:
    text, question, *_ = rng.choice(PASSAGES)
    prompt, labels = rng.choice(
        [
            (f"You are a grader assessing relevance of a retrieved document to a user question. \n If the document contains keyword(s) or semantic meaning related to the user question, grade it as relevant. \n It does not need to be a stringent test. \n Give a binary score 'yes' or 'no' score to indicate whether the document is relevant to the question.\n\nRetrieved document: \n\n {text} \n\n User question: {question}", ("yes", "no")),
            (f"Grade how relevant this document is to the query.\nQuery: {question}\nDocument: {text}\n\nReturn exactly one of: RELEVANT, PARTIAL, IRRELEVANT", ("RELEVANT", "PARTIAL", "IRRELEVANT")),
            (f'Mark the document as relevant ("yes") if:\n- it holds words or ideas of the question, OR\n- it could help to answer it.\n\nMark it as not relevant ("no") if:\n- it is about another topic.\n\nQuestion: {question}\nDocument: {text}\n\nRespond with ONLY one word:\n"yes" or "no"', ("yes", "no")),
        ]
    )
    return Asked("RAG graders (LangGraph tutorials and others)", prompt, labels, style="grading of a document")


@closed
def relevance_scale(rng: random.Random) -> Asked:
    meanings = ["has nothing to do with the query", "seems related to the query but does not answer it", "has some answer for the query, but hidden among other information", "is dedicated to the query and contains the exact answer"]
    lines = ",\n".join(f"{rank} = represents that the passage {meaning}" for rank, meaning in enumerate(meanings))
    text, question, *_ = rng.choice(PASSAGES)
    prompt = f"Given a query and a passage, you must provide a score on an integer scale of 0 to 3 with the following meanings:\n{lines}.\n\nQuery: {question}\nPassage: {text}\n\nDo not provide any reasoning; output the score as a single integer.\nScore:"
    return Asked("UMBRELA (castorini/umbrela)", prompt, tuple("0123"), style="scale with meanings")


@closed
def rank_passages(rng: random.Random) -> Asked:
    count = rng.randint(3, 8)
    query = rng.choice(QUERIES)
    shown = "\n".join(f"[{rank}] {name}" for rank, name in enumerate(goods(rng, count), 1))
    prompt = f"I will provide you with {count} passages, each indicated by number identifier []. \nRank the passages based on their relevance to query: {query}.\n\n{shown}\n\nSearch Query: {query}. \nRank the {count} passages above based on their relevance to the search query. All the passages should be included and listed in descending order using identifiers. The most relevant passages should be listed first. The output format should be [] > [], e.g., [2] > [1]. Only respond with the ranking results, do not say any word or explain."
    return Asked("RankGPT", prompt, tuple(str(rank) for rank in range(1, count + 1)), choose=count, is_order=True, style="ranking of identifiers")


@closed
def judge_pair(rng: random.Random) -> Asked:
    one, two = rng.sample(["Wash it at 30 degrees, and do not tumble dry.", "It depends. Some do, others do not.", "1. Open the lid. 2. Fill in water. 3. Press the button.", "I am sorry, I cannot help with that."], 2)
    prompt, labels = rng.choice(
        [
            (f'Please act as an impartial judge and evaluate the quality of the responses provided by two AI assistants to the user question displayed below. Do not explain. Output only your final verdict by strictly following this format: "[[A]]" if assistant A is better, "[[B]]" if assistant B is better, and "[[C]]" for a tie.\n\n[User Question]\nHow do I clean the mat?\n\n[The Start of Assistant A\'s Answer]\n{one}\n[The End of Assistant A\'s Answer]\n\n[The Start of Assistant B\'s Answer]\n{two}\n[The End of Assistant B\'s Answer]', letters(3)),
            (f"Which reply is better for the customer?\n\nReply A:\n{one}\n\nReply B:\n{two}\n\nRespond with a single token: A, B or TIE.", ("A", "B", "TIE")),
        ]
    )
    return Asked("LLM as a judge (MT-bench and others)", prompt, labels, style="pairwise verdict")


@closed
def judge_answer(rng: random.Random) -> Asked:
    text, question, options, *_ = rng.choice(PASSAGES)
    prompt, labels = rng.choice(
        [
            (f"Your job is to look at a question, a gold target, and a predicted answer, and then assign a grade.\n\nQuestion: {question}\nGold target: {options[1]}\nPredicted answer: {options[0]}\n\nGrade the predicted answer of this new question as one of:\nA: CORRECT\nB: INCORRECT\nC: NOT_ATTEMPTED\n\nJust return the letters \"A\", \"B\", or \"C\", with no text around it.", letters(3)),
            (f"You are checking a support bot for hallucinations.\n\nContext: {text}\n\nClaim: {options[2]}\n\nReply with one word, either SUPPORTED or UNSUPPORTED.", ("SUPPORTED", "UNSUPPORTED")),
            (f"Evaluate if the answer is faithful to the context. Verdict must be one of PASS|FAIL.\n\n<context>{text}</context>\n<answer>{options[0]}</answer>\n\nVerdict:", ("PASS", "FAIL")),
        ]
    )
    return Asked("LLM as a judge (SimpleQA grader and others)", prompt, labels, style="verdict words")


@closed
def judge_score(rng: random.Random) -> Asked:
    top = rng.choice([5, 10])
    title, body = rng.choice(REVIEWS)
    prompt = rng.choice(
        [
            f"Rate the helpfulness of this review from 1 to {top}, where 1 is useless and {top} is extremely helpful. Return ONLY the numeric score, without any additional text.\n\nTitle: {title}\n{body}\n\nScore:",
            f"On a scale of 1 to {top}, how likely is it that the customer buys here again? Reply with one integer and nothing else.\n\n\"{body}\"",
        ]
    )
    return Asked("LLM as a judge (pointwise scores)", prompt, tuple(str(score) for score in range(1, top + 1)), style="score")


@closed
def json_value(rng: random.Random) -> Asked:
    labels = tuple(rng.sample(["billing", "bug", "feature_request", "account_access", "general_inquiry"], rng.randint(3, 5)))
    form = rng.choice(
        [
            f'Respond with JSON only: {{"category": one of {json.dumps(labels)}}}',
            'Return a JSON object with exactly one key, "category". Its value must be one of: ' + ", ".join(f'"{label}"' for label in labels) + ".",
            "Answer in JSON that follows this schema:\n" + json.dumps({"type": "object", "properties": {"category": {"type": "string", "enum": labels}}, "required": ["category"], "additionalProperties": False}, indent=rng.choice([None, 2])),
            'Output format:\n{"category": "' + "|".join(labels) + '"}',
        ]
    )
    return Asked("JSON with an enum (public repositories)", f"Classify the support ticket.\n\nTicket: {rng.choice(TICKETS)}\n\n{form}", labels, style="json enum")


@closed
def shelf(rng: random.Random) -> Asked:
    paths = ["Home & Kitchen > Cookware > Skillets", "Home & Kitchen > Small Appliances > Kettles", "Garden > Lighting", "Electronics > Accessories > Chargers", "Sports > Fitness > Mats", "Toys & Games > Puzzles", "Beauty > Skin Care > Sunscreen", "Clothing, Shoes & Jewelry > Women > Jackets"]
    labels = tuple(rng.sample(paths, rng.randint(4, 8)))
    shown = rng.choice(["\n".join(labels), "\n".join(f"- {label}" for label in labels), json.dumps(labels)])
    prompt = rng.choice(
        [
            f"Assign the product to the right shelf of our shop.\n\nShelves:\n{shown}\n\nProduct: {good(rng)}\n\nAnswer with the full path of one shelf, exactly as written above.",
            f"Product title: {good(rng)}\nProduct description: Ships in 24 h. Colours: red, blue or grey. 2-year warranty.\n\nChoose the most specific category from this list and copy it verbatim:\n{shown}\n\nCategory:",
        ]
    )
    return Asked("Product categorisation (taxonomy prompts)", prompt, labels, style="category paths")


@closed
def checkbox(rng: random.Random) -> Asked:
    labels = tuple(rng.sample(["Waterproof", "Machine washable", "Vegan", "Made of recycled material", "For children", "Rechargeable"], rng.randint(4, 6)))
    shown, written = rng.choice(
        [
            (marked(labels, "{}. {}", marks=[str(rank) for rank in range(1, len(labels) + 1)]), "Respond with the selected option texts separated by commas."),
            ("\n".join(f"[ ] {label}" for label in labels), "List the options that apply, separated by commas; write them exactly as above."),
            (", ".join(labels), "Give all that apply, comma-separated, with no other words."),
        ]
    )
    return Asked("Survey and tagging prompts (public repositories)", f"Product: {good(rng)}. Washable at 30 degrees, made from old bottles, charged by USB.\n\nSelect all that apply from the following options:\n{shown}\n\n{written}", labels, choose=0, style="several texts")


@closed
def tags_numbers(rng: random.Random) -> Asked:
    texts = rng.sample(["price", "size and fit", "quality", "delivery", "customer service", "packaging", "battery"], rng.randint(4, 7))
    marks = tuple(str(rank) for rank in range(1, len(texts) + 1))
    k = rng.choice([0, 2])
    ask = "Which two aspects does the review speak about most? Return exactly 2 numbers, separated by a comma." if k else "Which aspects does the review mention? Return all matching numbers, separated by commas."
    return Asked("Aspect tagging prompts", f"{ask}\n\n{marked(texts, '{}) {}', marks=marks)}\n\nReview: {rng.choice(REVIEWS)[1]}\nNumbers:", marks, choose=k, style="several numbers")


@closed
def piped(rng: random.Random) -> Asked:
    labels = rng.choice([("positive", "neutral", "negative"), ("happy", "annoyed", "angry", "unclear"), ("complaint", "praise", "question")])
    sep = rng.choice([" | ", "|", " / "])
    prompt = rng.choice([f"Sentiment of the review?\nLabels: {sep.join(labels)}\n\n{rng.choice(REVIEWS)[1]}", f"Text: {rng.choice(TICKETS)}\n\nTone ({sep.join(labels)}):"])
    return Asked("Review sentiment prompts", prompt, labels, style="piped labels")


@closed
def casual(rng: random.Random) -> Asked:
    prompt, labels = rng.choice(
        [
            ("quick one, pls answer with just one word: for a 6 year old who loves dinosaurs, puzzle or plush?", ("puzzle", "plush")),
            ("My kitchen walls are light green. Which kettle goes best with them: red, black, or white? Reply with the colour only.", ("red", "black", "white")),
            (f"Yes or no: {rng.choice(['can a cast iron pan go on an induction stove', 'is merino wool itchy', 'do I need a hub for the smart plug'])}?", ("Yes", "No")),
            ("settle this for us: is a hot dog a sandwich? one word only, yes or no", ("yes", "no")),
            ("True or false? Merino wool is a synthetic fibre. Just say true or false.", ("true", "false")),
            ("Pick one for me and only tell me the letter.\na) beach chair\nb) hammock\nc) picnic blanket", ("a", "b", "c")),
        ]
    )
    return Asked("Chat users (WildChat and LMSYS style)", prompt, labels, style="casual")


@closed
def odd_marks(rng: random.Random) -> Asked:
    _, question, options = exam(rng)
    count = len(options)
    marks, form, sep, ask = rng.choice(
        [
            (tuple("abcde"[:count]), "{}) {}", "\n", "Answer with a letter."),
            (tuple("abcde"[:count]), "({}) {}", "  ", "Answer with a letter."),
            (tuple("12345"[:count]), "[{}] {}", "\n", "Give the number of the correct option."),
            (("I", "II", "III", "IV", "V")[:count], "{}. {}", "\n", "Give only the Roman numeral of the correct option."),
            (tuple("①②③④⑤"[:count]), "{} {}", "\n", "Reply with the circled number only."),
            (tuple("12345"[:count]), "{}: {}", "\n", "Write the number of your choice."),
        ]
    )
    return Asked("Quiz sheets and apps", f"{question}\n{marked(options, form, sep, marks)}\n{ask}", marks, style="other marks")


@closed
def option_names(rng: random.Random) -> Asked:
    one, two = rng.sample(["Take the train: 3 h, 49 euros.", "Take the bus; it is cheaper, but slow.", "Fly. It is fast, \"but\" dirty."], 2)
    prompt = f'Please choose the one you think is better from the two answers Option A and Option B corresponding to the question below. You should only output "Option A" or "Option B" without any additional explanations.\n\n[Question]: How do I get to the trade fair in Lyon?\n[Option A]: {one}\n[Option B]: {two}\n'
    return Asked("Preference data prompts (public repositories)", prompt, ("Option A", "Option B"), style="options with names")


@closed
def quoted_list(rng: random.Random) -> Asked:
    names = ["Pots, pans and lids", "Knives, forks & spoons", "Cups/Mugs", "Towels (kitchen, bath)", "Storage, other", "Lamps - indoor"]
    labels = tuple(rng.sample(names, rng.randint(3, 6)))
    shown = rng.choice([json.dumps(labels), str(list(labels)), quoted(labels), quoted(labels, last=", ")])
    title, body = rng.choice(REVIEWS)
    prompt = rng.choice(
        [
            f"Options: {shown}\n\nWhich of the options is the category of this product? {good(rng)}\n\nThe latest review of it, for context:\n{title}\n{body}",
            f"Select the category of: {good(rng)}\nCategories = {shown}\nOutput one category exactly as given.",
        ]
    )
    return Asked("Product categorisation (taxonomy prompts)", prompt, labels, style="quoted options with commas inside")


@closed
def before_mail(rng: random.Random) -> Asked:
    labels = tuple(rng.sample(["refund", "replacement", "repair", "information", "none"], rng.randint(3, 5)))
    mail = f"From: t.miller@example.org\nSubject: my order\n\nDear team,\n\n{rng.choice(TICKETS)}\n\nI have two more questions:\n1. Is there a shop in Leeds?\n2. Do you sell gift cards, yes or no?\n\nKind regards\nT. Miller\n--\nSent from my phone"
    prompt = rng.choice(
        [
            f"Read the e-mail at the end and say what the customer wants. Valid answers are {quoted(labels, rng.choice([chr(34), chr(39)]))}. Output nothing but the answer.\n\n{mail}",
            f"{mail}\n\n---\nWhat does the customer ask us for? Choose one: {', '.join(labels)}.",
        ]
    )
    return Asked("E-mail routing prompts (public repositories)", prompt, labels, style="a long e-mail before or after")


@closed
def exactly_two(rng: random.Random) -> Asked:
    options = rng.sample(["Oven", "Dishwasher", "Microwave", "Freezer", "Induction hob", "Open fire"], rng.choice([4, 5, 6]))
    k, word = rng.choice([(2, "TWO"), (2, "two"), (3, "THREE")])
    prompt = rng.choice([f"Where can a glass baking dish be used safely? (Choose {word}.)\n{marked(options)}\nAnswer with the letters only, separated by commas.", f"Select {word} answers.\n\nWhich of these places are too hot for a silicone mat?\n{marked(options, '{}) {}')}\n\nAnswer:"])
    return Asked("Certification exams (exam-style prompts)", prompt, letters(len(options)), choose=k, style="k of many letters")


@closed
def rank_elsewhere(rng: random.Random) -> Asked:
    texts, ask = rng.choice(
        [
            (["儿童保温杯 500ml", "玻璃水杯 两只装", "运动水壶 1L", "马克杯 陶瓷", "咖啡杯 带碟"], "搜索词：儿童水杯。请将下列商品按与搜索词的相关性从高到低排序，只输出编号，用英文逗号分隔。"),
            (["Regenjacke Damen, rot", "Softshelljacke Herren", "Regenschirm, klein", "Gummistiefel Gr. 39", "Strickjacke Damen"], "Suchanfrage: regenjacke damen. Sortiere alle Produkte nach ihrer Relevanz, das passendste zuerst. Gib nur die Nummern aus, durch Kommas getrennt."),
            (["Cafetière à piston 1 L", "Moulin à café", "Filtres n° 4", "Théière en fonte", "Tasses, lot de 6"], "Requête : cafetière. Classez tous les produits du plus pertinent au moins pertinent. Donnez uniquement les numéros, séparés par des virgules."),
            (["雨傘 60cm", "日傘 軽量", "レインコート", "長靴 24cm", "折りたたみ傘"], "検索クエリ：折りたたみ傘。次の商品を関連度の高い順に並べ替え、番号だけをカンマ区切りで出力してください。"),
        ]
    )
    texts = rng.sample(texts, rng.choice([3, 4, 5]))
    marks = tuple(str(rank) for rank in range(1, len(texts) + 1))
    return Asked("Shopping MMLU, multi-lingual abilities", f"{ask}\n{marked(texts, rng.choice(['{}. {}', '{}) {}']), marks=marks)}", marks, choose=len(texts), is_order=True, style="ranking in other languages")


# Open questions ----------------------------------------------------------------------------------
#
# From FLAN and promptsource (summaries, subject lines), EcomInstruct and ECInstruct (entities,
# attributes, titles, answers), ChineseEcomQA (facts), No Robots, UltraChat and Tulu (chat, ideas,
# rewriting, code), shops' own pages and mails. A number or a word that is sought freely is open.


@opened
def open_summary(rng: random.Random) -> str:
    text = rng.choice(PASSAGES)[0]
    return rng.choice([f"{text}\n\nWrite a brief summary in a sentence or less", f"Summarize:\n\n{text}", f"Article: {text}\n\nA summary of the above article is?", f"阅读以下文章，并给出简短的摘要：{text}\n摘要如下："])


@opened
def open_title(rng: random.Random) -> str:
    facts = "颜色分类#:#白色#;#裤长#:#长裤#;#腰型#:#高腰#;#适用季节#:#秋季#;#面料#:#棉"
    return rng.choice(
        [
            f"以下是商品信息，请根据商品信息填写商品标题。\n{facts}\n商品标题为：",
            "Colour: red, blue, black | Size: S, M, L, XL | Material: cotton\nGenerate a product title based on the above attribute information. \n### Response:",
            f"{rng.choice(TICKETS)}\n\nGenerate a subject line for this email.",
            f"Generate a {rng.randint(1, 5)}-star review headline (1 being lowest and 5 being highest) about this product: \n{good(rng)}        \n",
        ]
    )


@opened
def open_entities(rng: random.Random) -> str:
    return rng.choice(
        [
            f"### Instruction:\n{good(rng)}\nExtract all named entity with type about Attribute, Brand, Component, Product in the sentence. \n### Response:",
            "### Instruction:\n圆领拼接连衣裙 中长款 收腰\nExtract all attribute value with attribute name about 领型, 裙长, 颜色, 风格 in the sentence. \n### Response:",
            f"You are given a product title and an entity type. Find the phrase of the title that belongs to the type. Output only the phrase.\nTitle: {good(rng)}\nEntity type: brand\nOutput: ",
        ]
    )


@opened
def open_attributes(rng: random.Random) -> str:
    ask = "Given the title, description, feature, price, and brand of a product and a set of target attributes, extract the value of each target attribute from the product information. Output the extracted value and the corresponding source (e.g., title or feature) denoting where the value is extracted."
    return alpaca(ask, json.dumps({"product": record(rng), "target attributes": rng.sample(["Color", "Capacity", "Material", "Pack size"], 2)}))


@opened
def open_answer(rng: random.Random) -> str:
    text, question, *_ = rng.choice(PASSAGES)
    return rng.choice(
        [
            f"Read this and answer the question. If the question is unanswerable, say \"unanswerable\".\n\n{text}\n\n{question}",
            f"Context: {text}\nQuestion: {question}\n    Extract spans from context to answer the question. You are only allowed to extract information from the context.\n    Your answer is:\n    ",
            alpaca("Given a question and the related document, and generate the answer to the question based on the information provided in the document.", json.dumps({"question": question, "document": [text]})),
            "質問に対する回答を文章から一言で抽出してください。回答は名詞で答えてください。\n\n文章：修理カフェは毎月最後の土曜日に古い消防署で開かれる。\n質問：修理カフェはどこで開かれますか。\n回答：",
        ]
    )


@opened
def open_translation(rng: random.Random) -> str:
    body = rng.choice(REVIEWS)[1]
    tongue = rng.choice(["German", "French", "Spanish", "Italian", "Japanese", "Chinese"])
    return rng.choice([f"Translate the following product review to {tongue}, keep the tone:\n\n{body}", f"Translate this text from English to {tongue}:\nIs it red or blue? Choose one of the options: yes or no.\n\nTranslation:", "将下面的商品标题翻译成英文：\n小鹿家 儿童保温杯 316不锈钢 500ml 蓝色/粉色"])


@opened
def open_chat(rng: random.Random) -> str:
    return rng.choice(
        [
            "hey, can you help me find a gift for my dad? he likes fishing and cooking, budget around 50",
            "I'm thinking about buying a heat pump dryer. What should I look at before I decide?",
            "Hola, ¿qué me recomiendas para regalar a una amiga que se muda de piso?",
            "Ich ziehe um und brauche eine Checkliste für die erste Wohnung.",
            "周末想去露营，第一次，需要准备些什么？",
            "A friend says my pan is ruined since it has rust spots. Is it, and what can I do about it?",
        ]
    )


@opened
def open_ideas(rng: random.Random) -> str:
    count = rng.randint(3, 10)
    return rng.choice([f"Give me {count} ideas for the window of a small {rng.choice(['bookshop', 'bakery', 'toy shop'])} in December.", f"Brainstorm {count} names for a brand of vegan soap. List them with numbers.", f"Generate 3 queries that a shopper would type to find this product, in this order:\n   a. Short query (3-5 words)\n   b. Long query (5-8 words)\n   c. A question\n\nProduct: {good(rng)}"])


@opened
def open_code(rng: random.Random) -> str:
    return rng.choice(
        [
            "Write a Python function `pick(options: list[str], answer: str) -> int` that returns the index of the answer in the options, or -1.",
            "What does this regular expression match, and where does it fail?\n\n```python\nre.compile(r'^([A-D])\\. (.+)$', re.M)\n```",
            "Fix this SQL so that it returns products of category 'A', 'B' or 'C' only:\n\nSELECT * FROM products WHERE category = 'A' OR 'B' OR 'C';",
        ]
    )


@opened
def open_rewrite(rng: random.Random) -> str:
    return rng.choice(
        [
            "Rewrite the instructions below in plain English.\n\n1. Remove the lid (A) from the body (B).\n2. Insert the filter (C).\n3. Answer the safety questions with yes or no.\n4. Press the button.",
            f"Make this review sound more polite, but keep all facts:\n\n{rng.choice(REVIEWS)[1]}",
            "Paraphrase the sentence: The red bag is smaller than the blue one.",
            "Correct the spelling of this form: \"Are you satisfyed? Yes / No. Woud you recomend us? Yes / No / Maybe\"",
        ]
    )


@opened
def open_page(rng: random.Random) -> str:
    page = f"{good(rng)}\nColours: Black | White | Sage\nSizes: XS, S, M, L, XL\nRating: 4.3 out of 5 (212 ratings)\n- Free returns within 30 days\n- Choose: gift wrap yes/no\n1. Warm\n2. Light\n3. Made in Portugal"
    return rng.choice([f"Write a product description of about 80 words for this page, for buyers who hike.\n\n{page}", f"{page}\n\nWhat could be improved on this product page? Explain.", f"{page}\n\nCustomer: does it run small, and is M or L better for 1.80 m? Write the shop's reply."])


@opened
def open_faq(rng: random.Random) -> str:
    faq = "FAQ\nQ: Can I return a sale item?\nA: Yes, within 14 days.\nQ: Do you deliver on Saturdays?\nA: No.\nQ: Which cards do you take?\nA: Visa, Mastercard or Amex."
    return rng.choice([f"{faq}\n\nTurn this FAQ into a friendly paragraph for our newsletter.", f"{faq}\n\nWrite three more questions with answers in the same style.", f"Using the FAQ below, reply to the customer in two or three sentences.\n\n{faq}\n\nCustomer: I bought trousers in the sale last week, and they do not fit. What now?"])


@opened
def open_compare(rng: random.Random) -> str:
    one, two = goods(rng, 2)
    return rng.choice(
        [
            f"Compare the {one} and the {two}: price, durability, and for whom each one is suited. A table, please.",
            "What is the difference between ceramic or PTFE coatings, and how long does either last?",
            "Should I rent or buy a carpet cleaner for a flat of 60 square metres? Explain your reasoning with numbers.",
            "Gas oder Induktion: Was sind die Vor- und Nachteile? Bitte ausführlich.",
            "Vaut-il mieux acheter une tente pour deux ou pour trois personnes ? Donnez vos arguments.",
        ]
    )


@opened
def open_mail(rng: random.Random) -> str:
    return rng.choice(
        [
            f"Draft a helpful response to the following ticket. Be kind and brief.\n\nTicket Category: billing\nTicket: {rng.choice(TICKETS)}\n\nResponse:",
            "Reply to this e-mail as the shop's owner:\n\nDear team,\nI have three questions:\n1) Is the planter frost-proof, yes or no?\n2) Do you have it in grey or in green?\n3) Could I pick it up on Friday?\nBest, Tom",
            "Schreibe eine Antwort auf diese E-Mail:\n\nHallo, ist die Jacke auch in Größe 44 lieferbar oder muss ich warten? Und was kostet der Versand nach Wien?",
        ]
    )


@opened
def open_essay(rng: random.Random) -> str:
    return rng.choice(
        [
            "Explain to a ten-year-old why the sky is blue.",
            "Write a short story about a parcel that is delivered to the wrong door. It should end with a yes or no question.",
            "Write a haiku about an old kettle.",
            "Explain how multiple choice tests with the options A, B, C and D are scored, and why guessing pays.",
            "What are the main causes of inflation? Discuss at least three of them.",
        ]
    )


@opened
def open_arithmetic(rng: random.Random) -> str:
    count, price = rng.randint(3, 40), rng.randint(20, 900) / 10
    return rng.choice([f"以下是商品信息，请你计算出商品的单价，单价=总价/数量，保留两位小数。\n商品信息：纯牛奶 250ml*{count}盒，\n商品总价为：{price}元，\n商品单价为：", f"Question: A shop sells {count} lamps at {price} euros each and gives 10% off. How much does it take in?\nAnswer:", f"Solve this math problem\n\nWhat is {count} * {count + 3} - 7?"])


@opened
def open_fact(rng: random.Random) -> str:
    return rng.choice(["***query***：虚构品牌“山野”的主营业务是什么？***答案***：", "What is the capital of Slovenia?", "Trivia question: which metal is liquid at room temperature?\nAnd the answer is?", "输出query中属于特定属性的词语。\n***query***：儿童泡沫地垫\n***属性***：材质\n***答案***：", "Q: who wrote the first cookbook printed in English A:"])


@opened
def open_explain_score(rng: random.Random) -> str:
    body = rng.choice(REVIEWS)[1]
    return rng.choice([f"Read the review and tell me in your own words why the customer gave the stars that he gave.\n\nReview (2 of 5 stars): {body}", f"List the pros and the cons that this review names:\n\n{body}", "Analyze the quiz below and write one more question of the same kind, with four options.\n\n1. Which pan may go into the oven?\nA. plastic\nB. cast iron\nC. wood\nD. paper"])


@opened
def open_fields(rng: random.Random) -> str:
    return f"Analyze the text of the ticket and extract three details in JSON format:\n1. product_name: the product that is mentioned\n2. brief_description: the issue in a few words\n3. order_number: the number, or null\n\nTicket: {rng.choice(TICKETS)}"


@opened
def open_minutes(rng: random.Random) -> str:
    talk = "Ana: Shall we take the blue or the green boxes?\nBen: Green. Or do you mind?\nAna: No, green is fine.\nBen: And do we ship on Monday, yes or no?\nAna: Yes."
    return rng.choice([f"Dialogue:\n{talk}\n\nWhat is a summary of this dialogue?", f"{talk}\n\nWrite the minutes of this talk with all decisions as a list.", f"{talk}\nWhat might Ben say next?"])


@opened
def open_plan(rng: random.Random) -> str:
    return rng.choice(["Plan a weekly menu for two vegetarians. Each day: breakfast, lunch or dinner, and a snack.", "Create a packing list for a week in Iceland (1. clothes 2. gear 3. papers).", "Erstelle einen Trainingsplan für Anfänger mit Hanteln, drei Tage pro Woche.", "Propose a marketing plan for the launch of a solar lamp. Sections: A. Audience, B. Channels, C. Budget."])


@opened
def open_quiz(rng: random.Random) -> str:
    return rng.choice([f"Create {rng.randint(3, 6)} multiple-choice questions about coffee, each with options A to D, and mark the right answer.", "Based on the context and the answer, generate a question. \n\nContext: " + rng.choice(PASSAGES)[0] + "\n\nAnswer:\nYes", "Write a yes/no survey with ten questions for the customers of a bike shop."])
