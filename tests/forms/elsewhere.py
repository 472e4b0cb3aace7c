"""Questions in the styles of public sources, with what may be answered; and open ones.

Each style is written down from the documentation of its source, with contents of our own:

    MMLU, ARC and RACE as lm-evaluation-harness asks them      C-Eval and CMMLU (Chinese exams)
    FLAN's templates ("OPTIONS:")                              P3 / T0's templates
    Super-NaturalInstructions (definition, input, output)      BIG-bench ("options: (A) …")
    ECInstruct (a list of "A: …", yes and no)                  EcomInstruct (候选…)
    Alpaca, Dolly and OpenAssistant: open requests
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from random import Random

GOODS = (
    "desk lamp|usb cable|rubber boot|wool scarf|steel kettle|oak shelf|tea mug|rain jacket".split(
        "|"
    )
)
LONG = [
    "Nordlicht desk lamp with USB port, 12 W (black)",
    "Acme A/C cable, 2 m; for phones, tablets and cameras",
    "Rubber boot 'Fjord', size 42.5",
    'Shelf of oak, 36" wide',
    "Kettle, 1.7 l: boils in 3 minutes",
    "Scarf for her & him - merino",
]
CLASSES = "shirts|trousers|shoes|hats|kitchen|garden|toys|books|music".split("|")
MOODS = [
    ["positive", "negative"],
    ["positive", "neutral", "negative"],
    ["happy", "sad", "angry", "afraid"],
]
CHINESE = "帐篷|瑜伽服|绿植|沙滩裙|母婴厨房小家电|商厨加热类设备|软水机|登山鞋".split("|")
REVIEWS = [
    "It broke after a month, and the seller never replied.",
    "Great shoes! Size 1 to 5 all fit; yes or no, I cannot decide which is best.",
    "1. It is loud\n2. It is heavy\nBut I love it.",
    "Bought A and B, returned C. Options: none, they said.",
    "Answer: it is fine.",
]


@dataclass(frozen=True)
class Asked:
    """A closed question: what may be written, and how many (0: any number)."""

    source: str
    prompt: str
    labels: tuple[str, ...]
    choose: int = 1
    is_order: bool = False
    style: str = ""


class Registered:
    """Styles of closed questions and kinds of open requests, by decorator."""

    def __init__(self) -> None:
        self.styles: list[Callable[[Random], Asked]] = []
        self.kinds: list[Callable[[Random], str]] = []

    def style(self, make: Callable[[Random], Asked]) -> Callable[[Random], Asked]:
        self.styles.append(make)
        return make

    def open_kind(self, make: Callable[[Random], str]) -> Callable[[Random], str]:
        self.kinds.append(make)
        return make

    def closed_questions(self, each: int = 12) -> Iterator[Asked]:
        """Yield `each` questions of every style."""
        for make in self.styles:
            for number in range(each):
                yield replace(make(Random(f"{make.__name__}:{number}")), style=make.__name__)

    def open_requests(self, each: int = 12) -> Iterator[str]:
        """Yield `each` requests of every kind: none of them says what may be answered."""
        for make in self.kinds:
            for number in range(each):
                yield make(Random(f"{make.__name__}:{number}"))


KNOWN = Registered()


def some(rng: Random, of: list[str], least: int = 3, most: int = 5) -> list[str]:
    return rng.sample(of, rng.randint(least, min(most, len(of))))


def letters(options: list[str]) -> list[str]:
    return list("ABCDEFGHIJ"[: len(options)])


def question(rng: Random) -> str:
    return rng.choice(
        [
            "Which of these suits the query 'warm light' best?",
            "What would a camper buy next?",
            "The product that is made of metal is",
            'A customer says: "It leaks." What do they mean?',
            "Which brand makes it?",
            "Name the odd one out.",
        ]
    )


# lm-evaluation-harness ---------------------------------------------------------------------------


@KNOWN.style
def mmlu(rng: Random) -> Asked:
    options = some(rng, rng.choice([GOODS, LONG]), 4, 4)
    lines = "\n".join(f"{a}. {b}" for a, b in zip("ABCD", options, strict=True))
    head = "The following are multiple choice questions (with answers) about retail.\n\n"
    return Asked("MMLU", f"{head}{question(rng)}\n{lines}\nAnswer:", tuple("ABCD"))


@KNOWN.style
def mmlu_brackets(rng: Random) -> Asked:
    options = some(rng, rng.choice([GOODS, LONG]), 3, 5)
    marks = letters(options)
    lines = "\n".join(f"({a}) {b}" for a, b in zip(marks, options, strict=True))
    return Asked("RACE", f"Question: {question(rng)}\n{lines}\nAnswer:", tuple(marks))


@KNOWN.style
def race(rng: Random) -> Asked:
    options = some(rng, GOODS, 4, 4)
    lines = "\n".join(f"{a}) {b}" for a, b in zip("ABCD", options, strict=True))
    story = f"Article: {rng.choice(REVIEWS)} {rng.choice(REVIEWS)}"
    return Asked("RACE", f"{story}\n\nQuestion: {question(rng)}\n{lines}\n\nAnswer:", tuple("ABCD"))


@KNOWN.style
def commonsense(rng: Random) -> Asked:
    options = some(rng, GOODS, 5, 5)
    line = " ".join(f"({a}) {b}" for a, b in zip("abcde", options, strict=True))
    return Asked("CommonsenseQA", f"{question(rng)} {line}", tuple("abcde"))


@KNOWN.style
def boolq(rng: Random) -> Asked:
    ask = rng.choice(["Answer yes or no.", "Answer with yes or no only.", "Yes or no?"])
    prompt = f"{rng.choice(REVIEWS)}\nQuestion: does it fit a small kitchen? {ask}\nAnswer:"
    return Asked("BoolQ", prompt, ("yes", "no"))


@KNOWN.style
def rte(rng: Random) -> Asked:
    prompt = f"{rng.choice(REVIEWS)}\nQuestion: The buyer is content. True or False?\nAnswer:"
    return Asked("RTE", prompt, ("True", "False"))


@KNOWN.style
def cb(rng: Random) -> Asked:
    prompt = (
        f"{rng.choice(REVIEWS)}\nQuestion: The buyer is content. True, False, or Neither?\nAnswer:"
    )
    return Asked("CB", prompt, ("True", "False", "Neither"))


# FLAN --------------------------------------------------------------------------------------------


@KNOWN.style
def flan_dash(rng: Random) -> Asked:
    options = some(rng, rng.choice([GOODS, CLASSES, LONG]))
    head = rng.choice(["OPTIONS:", "Options:", "Possible answers:", "Choose your answer from:"])
    lines = "\n".join(f"- {one}" for one in options)
    return Asked("FLAN", f"{question(rng)}\n\n{head}\n{lines}", tuple(options))


@KNOWN.style
def flan_nli(rng: Random) -> Asked:
    options = ["Yes", "It's impossible to say", "No"]
    lines = "\n".join(f"- {one}" for one in options)
    prompt = f"{rng.choice(REVIEWS)}\n\nBased on the paragraph above can we conclude that it is new?\n\nOPTIONS:\n{lines}"
    return Asked("FLAN", prompt, tuple(options))


@KNOWN.style
def flan_letters(rng: Random) -> Asked:
    options = some(rng, GOODS)
    marks = letters(options)
    lines = "\n".join(f"({a}). {b}." for a, b in zip(marks, options, strict=True))
    return Asked("FLAN", f"Q: {question(rng)}\n\nOPTIONS:\n{lines}\nA:", tuple(marks))


# P3 / T0 -----------------------------------------------------------------------------------------


@KNOWN.style
def t0_review(rng: Random) -> Asked:
    pair = rng.choice([("positive", "negative"), ("favorable", "unfavorable"), ("good", "bad")])
    ask = f"Is this review {pair[0]} or {pair[1]}?"
    text = rng.choice(REVIEWS)
    prompt = rng.choice(
        [f"{ask} Review: {text}", f"{text}\n{ask}", f"Review: {text}\n{ask} Answer:"]
    )
    return Asked("P3", prompt, pair)


@KNOWN.style
def t0_paraphrase(rng: Random) -> Asked:
    first, second = rng.sample(LONG, 2)
    prompt = (
        f"I want to know whether the following two titles mean the same thing.\n{first}\n{second}\n"
        "Do they? Yes or no?"
    )
    return Asked("P3", prompt, ("Yes", "no"))


@KNOWN.style
def t0_news(rng: Random) -> Asked:
    options = some(rng, CLASSES, 3, 5)
    listed = f"{', '.join(options[:-1])} or {options[-1]}"
    ask = rng.choice(
        [
            f"Is this about {listed}?",
            f"Which section of a shop would this appear in? {listed}?",
            f"Would you put it under {listed}?",
        ]
    )
    return Asked("P3", f"{rng.choice(LONG)}\n\n{ask}", tuple(options))


@KNOWN.style
def t0_choices(rng: Random) -> Asked:
    options = some(rng, GOODS)
    lines = "\n- ".join(options)
    return Asked(
        "P3",
        f"Pick the most correct option to answer.\n\n{question(rng)}\n\nOptions:\n- {lines}",
        tuple(options),
    )


# Super-NaturalInstructions -----------------------------------------------------------------------


@KNOWN.style
def natural_labels(rng: Random) -> Asked:
    labels = rng.choice(MOODS)
    quoted = ", ".join(f"'{one}'" for one in labels[:-1]) + f" or '{labels[-1]}'"
    how = rng.choice(
        [
            f"Classify the review into {quoted}.",
            f"Your task is to label the review as {quoted}.",
            f"Generate a label: {quoted}.",
            f"Answer with {quoted}.",
        ]
    )
    prompt = f"Definition: In this task, you're given a review of a product. {how}\nInput: {rng.choice(REVIEWS)}\nOutput:"
    return Asked("NI", prompt, tuple(labels))


@KNOWN.style
def natural_otherwise(rng: Random) -> Asked:
    yes, no = rng.choice(
        [("Yes", "No"), ("True", "False"), ("1", "0"), ("entailed", "not entailed")]
    )
    prompt = (
        "Definition: In this task, you're given a title and a description. Generate "
        f'"{yes}" if they are of the same product, otherwise generate "{no}".\n'
        f"Input: Title: {rng.choice(LONG)} Description: {rng.choice(REVIEWS)}\nOutput:"
    )
    return Asked("NI", prompt, (yes, no))


# BIG-bench ---------------------------------------------------------------------------------------


@KNOWN.style
def big_bench(rng: Random) -> Asked:
    options = some(rng, GOODS)
    marks = letters(options)
    lines = "\n".join(f"({a}) {b}" for a, b in zip(marks, options, strict=True))
    return Asked("BIG-bench", f"{question(rng)}\nOptions:\n{lines}", tuple(marks))


@KNOWN.style
def big_bench_yes(rng: Random) -> Asked:
    prompt = f"{rng.choice(REVIEWS)} Would most people be content?\nOptions:\n- Yes\n- No"
    return Asked("BIG-bench", prompt, ("Yes", "No"))


# ECInstruct --------------------------------------------------------------------------------------


@KNOWN.style
def ecinstruct_list(rng: Random) -> Asked:
    options = some(rng, rng.choice([GOODS, LONG]), 3, 5)
    marks = letters(options)
    listed = json.dumps([f"{a}: {b}" for a, b in zip(marks, options, strict=True)])
    task = rng.choice(
        [
            "What fits the query best?",
            "Given the products that a user bought, choose the next one from the options.",
            "Which of the options is the sentiment of the review?",
        ]
    )
    data = json.dumps({"query": "usb lamp", "review": rng.choice(REVIEWS)})
    shape = rng.choice(
        [
            "{task} {data} {listed} Your answer is:",
            "{task}\n{data}\nOptions: {listed}\n",
            "{task}\nOptions: {listed}\nInput: {data}\nAnswer:",
        ]
    )
    return Asked("ECInstruct", shape.format(task=task, data=data, listed=listed), tuple(marks))


@KNOWN.style
def ecinstruct_yes(rng: Random) -> Asked:
    how = rng.choice(
        [
            "Only output yes or no.",
            "Output yes or no.",
            'Answer "yes" or "no" only.',
            "Respond with yes or no.",
        ]
    )
    data = json.dumps({"query": "usb lamp", "product": rng.choice(LONG)})
    prompt = f"Given a query and a product, say whether the product suits it. {how} {data} Your answer is:"
    return Asked("ECInstruct", prompt, ("yes", "no"))


# Chinese exams and EcomInstruct ------------------------------------------------------------------


@KNOWN.style
def ceval(rng: Random) -> Asked:
    options = some(rng, CHINESE, 4, 4)
    lines = "\n".join(f"{a}. {b}" for a, b in zip("ABCD", options, strict=True))
    head = "以下是中国关于零售考试的单项选择题，请选出其中的正确答案。"
    return Asked("C-Eval", f"{head}\n\n以下哪个是户外用品？____\n{lines}\n答案：", tuple("ABCD"))


@KNOWN.style
def ceval_inline(rng: Random) -> Asked:
    options = some(rng, CHINESE, 4, 4)
    line = rng.choice([";", "；", " ", "，"]).join(
        f"{a}{d}{b}" for d in [rng.choice(".、．")] for a, b in zip("ABCD", options, strict=True)
    )
    return Asked(
        "CMMLU",
        f"请为商品选择正确的品类。\n商品：三角露营装备\n候选品类：{line}\n答案：",
        tuple("ABCD"),
    )


@KNOWN.style
def ecom_candidates(rng: Random) -> Asked:
    options = some(rng, CHINESE)
    head = rng.choice(["候选类目：", "候选标签：", "候选品类：", "选项：", "可选类别："])
    between = rng.choice([",", "，", "、", ";", "；", " | "])
    ask = rng.choice(["请判断商品属于哪个类目。", "给出商品所属的类目。", "请从候选项中选择一个。"])
    return Asked(
        "EcomInstruct",
        f"{ask}\n商品标题：便携式加热器\n{head}{between.join(options)}\n答案：",
        tuple(options),
    )


@KNOWN.style
def ecom_only(rng: Random) -> Asked:
    pair = rng.choice([("相关", "不相关"), ("是", "否"), ("匹配", "不匹配"), ("正面", "负面")])
    how = rng.choice(
        [
            '只回答"{}"或"{}"。',
            "只需回答“{}”或“{}”。",
            "请回答{}或{}。",
            "请输出“{}”或者“{}”。",
            "答案只能是{}或{}。",
        ]
    )
    return Asked(
        "EcomInstruct",
        f"判断标题是否与查询相关。{how.format(*pair)}\n查询：帐篷\n标题：三角露营装备",
        pair,
    )


@KNOWN.style
def circled(rng: Random) -> Asked:
    options = some(rng, GOODS, 3, 5)
    line = rng.choice(["  ", " ", "\n"]).join(
        f"{'①②③④⑤'[n]} {one}" for n, one in enumerate(options)
    )
    ask = rng.choice(["Which brand makes it?", "哪个品牌生产它？", "Which one is it?"])
    return Asked("exam", f"{ask} {line}", tuple("①②③④⑤"[: len(options)]))


# Chats and programs ------------------------------------------------------------------------------


@KNOWN.style
def python_list(rng: Random) -> Asked:
    options = some(rng, rng.choice([CLASSES, GOODS]))
    head = rng.choice(
        ["Options", "Choices", "Candidates", "Labels", "Categories", "Classes", "Possible labels"]
    )
    ask = rng.choice(
        [
            "Select the category of: Runner 5",
            "Classify the product: Runner 5",
            "What is it? Runner 5",
        ]
    )
    listed = str(options) if rng.random() < 0.5 else json.dumps(options)
    shape = rng.choice(
        ["{head}: {listed}   {ask}", "{ask}\n{head}: {listed}\nAnswer:", "{ask}\n{head}:\n{listed}"]
    )
    return Asked("chat", shape.format(head=head, listed=listed, ask=ask), tuple(options))


@KNOWN.style
def piped(rng: Random) -> Asked:
    options = some(rng, rng.choice([CLASSES, *MOODS]), 2, 5)
    head = rng.choice(["Labels", "Options", "Categories", "Allowed values", "Choices"])
    between = rng.choice([" | ", ", ", "; ", " / "])
    text = rng.choice(REVIEWS)
    shape = rng.choice(
        [
            "Classify the sentiment: {text} {head}: {listed}",
            "{head}: {listed}\nText: {text}\nLabel:",
            "Choose the label of the text.\n{head}: {listed}\n\n{text}",
        ]
    )
    return Asked(
        "chat", shape.format(head=head, listed=between.join(options), text=text), tuple(options)
    )


@KNOWN.style
def into(rng: Random) -> Asked:
    labels = rng.choice([*MOODS, some(rng, CLASSES, 3, 5)])
    listed = ", ".join(labels[:-1]) + rng.choice([", or ", " or ", ", and "]) + labels[-1]
    ask = rng.choice(
        [
            "Classify the following text as {}",
            "Categorize this as one of {}",
            "Label the text as {}",
            "Decide if the text is {}",
            "Choose between {}",
        ]
    )
    return Asked("Dolly", f"{ask.format(listed)}.\n\n{rng.choice(REVIEWS)}", tuple(labels))


@KNOWN.style
def one_of(rng: Random) -> Asked:
    labels = some(rng, CLASSES, 3, 5)
    listed = rng.choice([", ", " / ", " | "]).join(labels)
    ask = rng.choice(
        [
            "Answer with exactly one of: {}.",
            "Respond with one of the following: {}.",
            "The answer must be one of [{}].",
            "Return one of {{{}}}.",
            "Pick one: {}.",
        ]
    )
    return Asked("chat", f"Product: {rng.choice(LONG)}\n{ask.format(listed)}", tuple(labels))


@KNOWN.style
def stars(rng: Random) -> Asked:
    ask = rng.choice(
        [
            "Rate the review from 1 to 5.",
            "How many stars does it give (1-5)?",
            "Give a score between 1 and 5.",
            "On a scale of 1 to 5, how content is the buyer?",
        ]
    )
    return Asked("chat", f"{ask}\nReview: {rng.choice(REVIEWS)}", tuple("12345"))


@KNOWN.style
def numbered(rng: Random) -> Asked:
    options = some(rng, GOODS, 3, 6)
    mark = rng.choice(["{}. ", "{}) ", "({}) ", "{}: ", "[{}] "])
    lines = "\n".join(f"{mark.format(n)}{one}" for n, one in enumerate(options, start=1))
    return Asked(
        "chat", f"{question(rng)}\n{lines}\nAnswer:", tuple(map(str, range(1, len(options) + 1)))
    )


@KNOWN.style
def abroad(rng: Random) -> Asked:
    """Ask in another language of the shop."""
    text = rng.choice(REVIEWS)
    options = some(rng, CLASSES, 3, 4)
    listed = ", ".join(options)
    question, labels = rng.choice(
        [
            ("Ist das ein Schuh? Antworte nur mit Ja oder Nein.", ["Ja", "Nein"]),
            (f"Zu welcher Kategorie gehört das Produkt?\nKategorien: {listed}", options),
            ("Ist die Bewertung positiv oder negativ?", ["positiv", "negativ"]),
            ("¿Es un zapato? Responde sí o no.", ["sí", "no"]),
            (f"¿Qué categoría tiene?\nOpciones: {listed}", options),
            ("Est-ce une chaussure ? Répondez par oui ou non.", ["oui", "non"]),
            (f"Quelle est la catégorie ?\nCatégories : {listed}", options),
            ("È una scarpa? Rispondi solo sì o no.", ["sì", "no"]),
            (f"Qual è la categoria?\nOpzioni: {listed}", options),
            ("これは靴ですか。「はい」か「いいえ」で答えてください。", ["はい", "いいえ"]),
            (f"商品のカテゴリを選んでください。\n選択肢：{'、'.join(options)}", options),
            ("这条评论是正面还是负面？", ["正面", "负面"]),
        ]
    )
    prompt = f"{question}\n{text}" if rng.random() < 0.5 else f"{text}\n{question}"
    return Asked("abroad", prompt, tuple(labels))


# Several -----------------------------------------------------------------------------------------


@KNOWN.style
def three_of(rng: Random) -> Asked:
    options = some(rng, GOODS, 5, 7)
    line = rng.choice([" ", "\n"]).join(f"{n}) {one}" for n, one in enumerate(options, start=1))
    ask = rng.choice(
        [
            "Which 3 of the following would she buy next? Return the indices.",
            "Select three products that go together. Output their numbers.",
        ]
    )
    return Asked("several", f"{ask} {line}", tuple(map(str, range(1, len(options) + 1))), choose=3)


@KNOWN.style
def all_that_apply(rng: Random) -> Asked:
    options = some(rng, CLASSES, 4, 6)
    marks = letters(options)
    lines = "\n".join(f"{a}. {b}" for a, b in zip(marks, options, strict=True))
    ask = rng.choice(
        [
            "Which of these fit? Select all that apply.",
            "Choose all labels that apply to the product.",
            "Which ones fit? More than one may be right.",
        ]
    )
    return Asked(
        "several", f"Product: {rng.choice(LONG)}\n{ask}\n{lines}\nAnswer:", tuple(marks), choose=0
    )


@KNOWN.style
def rank_seven(rng: Random) -> Asked:
    options = some(rng, GOODS, 4, 8)
    lines = "\n".join(f"{n}. {one}" for n, one in enumerate(options, start=1))
    ask = rng.choice(
        [
            "Rank the items by how well they fit the query 'warm light', best first.",
            "Sort these products from most to least relevant. Output only the numbers, separated by commas.",
        ]
    )
    labels = tuple(map(str, range(1, len(options) + 1)))
    return Asked("ranking", f"{ask}\n{lines}\nAnswer:", labels, choose=len(options), is_order=True)


# More of ECInstruct, EcomInstruct and chats ------------------------------------------------------

ALPACA = (
    "Below is an instruction that describes a task, paired with an input that provides further "
    "context. Write a response that appropriately completes the request.\n\n### Instruction:\n"
)


@KNOWN.style
def ecinstruct_next(rng: Random) -> Asked:
    """Ask for the next product, among up to 20 from A to T."""
    count = rng.randint(6, 20)
    goods = [f"{rng.choice(LONG)} no. {n}" for n in range(count)]
    marks = [chr(ord("A") + n) for n in range(count)]
    listed = json.dumps([f"{a}: {b}" for a, b in zip(marks, goods, strict=True)])
    bought = json.dumps([f"{n}st: {one}" for n, one in enumerate(some(rng, LONG), start=1)])
    task = "Estimate what the user is up to from the purchases, and predict the next product among the options."
    shape = rng.choice(
        [
            "{task} {bought} {listed} Your answer is:",
            ALPACA + "{task}\n\n### Input:\n{bought}\n\n### Options:\n{listed}\n\n### Response:",
        ]
    )
    return Asked("ECInstruct", shape.format(task=task, bought=bought, listed=listed), tuple(marks))


@KNOWN.style
def ecinstruct_mood(rng: Random) -> Asked:
    options = ["very good", "good", "neither good nor bad", "bad", "very bad"]
    listed = json.dumps([f"{a}: {b}" for a, b in zip("ABCDE", options, strict=True)])
    task = "Given the user's review, identify the sentiment from the listed options. Answer using one of the options."
    return Asked(
        "ECInstruct",
        f"{task} {json.dumps(rng.choice(REVIEWS))} {listed} Your answer is:",
        tuple("ABCDE"),
    )


@KNOWN.style
def ecinstruct_rank(rng: Random) -> Asked:
    options = some(rng, GOODS, 3, 6)
    marks = letters(options)
    data = json.dumps(
        {"query": "warm light", **{f"product {a}": b for a, b in zip(marks, options, strict=True)}}
    )
    task = (
        "Evaluate each product for the query and rank the products by relevance. Output only a ranked list "
        "in which the most relevant product is at the top of the list."
    )
    return Asked(
        "ECInstruct",
        f"{task} {data} Your answer is:",
        tuple(marks),
        choose=len(marks),
        is_order=True,
    )


@KNOWN.style
def ecinstruct_same(rng: Random) -> Asked:
    data = json.dumps(
        {f"product {n}": f"Title - {one}" for n, one in enumerate(rng.sample(LONG, 2), start=1)}
    )
    how = rng.choice(
        [
            "identify if they are the same product. Only output yes or no.",
            "check if they are one product. Generate yes if they are the same, and no otherwise.",
            "say whether they are the same, with the output restricted to yes or no.",
            "tell if they are the same product. Your response should be yes or no.",
        ]
    )
    return Asked(
        "ECInstruct",
        f"Given the details of two products, {how} {data} Your answer is:",
        ("yes", "no"),
    )


@KNOWN.style
def ecinstruct_answerable(rng: Random) -> Asked:
    data = json.dumps(
        {"question": "does it fit a small kitchen?", "document": rng.sample(REVIEWS, 3)}
    )
    task = "Given the question and the reviews, identify if the question can be answered. Only output yes or no."
    frame = rng.choice(
        ["{task} {data} Your answer is:", ALPACA + "{task}\n\n### Input:\n{data}\n\n### Response:"]
    )
    return Asked("ECInstruct", frame.format(task=task, data=data), ("yes", "no"))


@KNOWN.style
def ecominstruct_english(rng: Random) -> Asked:
    labels, ask = rng.choice(
        [
            (["not match", "match"], "Determine if query and doc match. Candidate: {}. "),
            (
                some(rng, CLASSES),
                "Select category for the above sentences from the following topics: {}. ",
            ),
            (
                some(rng, CLASSES),
                "Which of these categories does the product belong to? Candidate labels: {}",
            ),
        ]
    )
    head = "Below is an instruction that describes the matching task. Write a response that appropriately completes the request."
    body = f"Query: lamp\nDoc: {rng.choice(LONG)}"
    return Asked(
        "EcomInstruct",
        f"{head}\n\n### Instruction:\n{body}\n{ask.format(', '.join(labels))}\n### Response:",
        tuple(labels),
    )


@KNOWN.style
def ecominstruct_several(rng: Random) -> Asked:
    options = some(rng, CHINESE, 4, 6)
    ask = rng.choice(["请选出所有适用的标签（可多选）。", "选择所有符合的标签。"])
    return Asked(
        "EcomInstruct",
        f"{ask}\n标题：户外露营装备\n候选标签：{'，'.join(options)}\n答案：",
        tuple(options),
        choose=0,
    )


@KNOWN.style
def flan_short(rng: Random) -> Asked:
    options = rng.choice(
        [["yes", "no"], ["yes", "it is not possible to tell", "no"], ["negative", "positive"]]
    )
    lines = "\n".join(f"- {one}" for one in options)
    head = rng.choice(
        ["Choose from:", "Options are:", "Available options:", "Pick your answer from:", "OPTIONS:"]
    )
    return Asked(
        "FLAN",
        f"{rng.choice(REVIEWS)}\nIs the buyer content?\n{head}\n{lines}\nAnswer:",
        tuple(options),
    )


@KNOWN.style
def t0_stars(rng: Random) -> Asked:
    options = ["1 star", "2 stars", "3 stars", "4 stars", "5 stars"]
    prompt = f"{rng.choice(REVIEWS)}\nHow would you rate it, {', '.join(options[:-1])} or {options[-1]}? Choose one of: {', '.join(options)}."
    return Asked("P3", prompt, tuple(options))


@KNOWN.style
def t0_title(rng: Random) -> Asked:
    first, second = rng.choice([("yes", "no"), ("true", "false")])
    ask = rng.choice(
        [
            "Can we say that it fits? {} or {}?",
            "Does it fit? Answer {} or {}.",
            "Do you agree that it fits? ({}/{})",
        ]
    )
    return Asked(
        "P3",
        f"Given that {rng.choice(LONG)} is on the table. {ask.format(first, second)}",
        (first, second),
    )


@KNOWN.style
def natural_indices(rng: Random) -> Asked:
    options = some(rng, GOODS, 3, 5)
    marks = letters(options)
    line = " ".join(f"({a}) {b}" for a, b in zip(marks, options, strict=True))
    task = f"Definition: You are given a question and some choices. Answer with the letter of the right choice, {', '.join(marks[:-1])} or {marks[-1]}."
    return Asked("NI", f"{task}\nInput: {question(rng)} {line}\nOutput:", tuple(marks))


@KNOWN.style
def natural_two(rng: Random) -> Asked:
    pair = rng.choice(
        [("POS", "NEG"), ("Agree", "Disagree"), ("Toxic", "Non-toxic"), ("SAME", "DIFFERENT")]
    )
    how = rng.choice(
        [
            'You should label it as either "{}" or "{}".',
            'Classify your answer into "{}" or "{}".',
            "Return '{}' if it is one, else return '{}'.",
            'The output should be "{}" or "{}".',
        ]
    )
    return Asked(
        "NI",
        f"Definition: You get a sentence of a review. {how.format(*pair)}\nInput: {rng.choice(REVIEWS)}\nOutput:",
        pair,
    )


@KNOWN.style
def bold(rng: Random) -> Asked:
    options = some(rng, GOODS, 3, 5)
    marks = letters(options)
    mark = rng.choice(["**{}.** {}", "**{})** {}", "**{}**: {}", "- {}) {}", "* {}. {}"])
    lines = "\n".join(mark.format(a, b) for a, b in zip(marks, options, strict=True))
    return Asked(
        "chat",
        f"**Question:** {question(rng)}\n\n{lines}\n\nReply with a single letter.",
        tuple(marks),
    )


@KNOWN.style
def scale(rng: Random) -> Asked:
    last, ask = rng.choice(
        [
            (10, "On a scale from 1 to 10, how relevant is the product to the query?"),
            (3, "Rate the relevance from 1 (poor) to 3 (perfect)."),
            (5, "Bewerte die Zufriedenheit von 1 bis 5."),
            (5, "Note l'avis de 1 à 5."),
            (5, "Califica la reseña de 1 a 5."),
            (5, "Valuta la recensione da 1 a 5."),
            (5, "このレビューを1から5で評価してください。"),
            (5, "请给评论打分，从1到5。"),
        ]
    )
    return Asked(
        "chat", f"{ask}\nReview: {rng.choice(REVIEWS)}", tuple(map(str, range(1, last + 1)))
    )


@KNOWN.style
def texts_of_letters(rng: Random) -> Asked:
    options = some(rng, GOODS, 3, 5)
    lines = "\n".join(f"{a}. {b}" for a, b in zip(letters(options), options, strict=True))
    return Asked(
        "chat",
        f"{question(rng)}\n{lines}\nAnswer with the text of the option, not its letter.",
        tuple(options),
    )


@KNOWN.style
def abroad_lists(rng: Random) -> Asked:
    options = some(rng, CLASSES, 3, 5)
    marks = letters(options)
    lines = "\n".join(f"{a}) {b}" for a, b in zip(marks, options, strict=True))
    ask = rng.choice(
        [
            "Welche Kategorie passt? Antworte mit dem Buchstaben.",
            "¿Qué categoría es la correcta? Responde solo con la letra.",
            "Quelle catégorie convient ? Réponds par la lettre.",
            "Quale categoria è giusta? Rispondi con la lettera.",
            "どのカテゴリですか。記号で答えてください。",
            "属于哪个类别？请回答字母。",
        ]
    )
    return Asked("abroad", f"{ask}\n{lines}", tuple(marks))


@KNOWN.style
def labels_in_text(rng: Random) -> Asked:
    options = some(rng, CLASSES, 3, 6)
    ask = rng.choice(
        [
            "Assign all labels that apply, separated by commas.",
            "Which tags fit? Select one or more.",
        ]
    )
    head = rng.choice(["Labels", "Tags to choose from", "Candidate labels"])
    return Asked(
        "several",
        f"{ask}\n{head if head != 'Tags to choose from' else 'Options'}: {', '.join(options)}\nText: {rng.choice(LONG)}",
        tuple(options),
        choose=0,
    )


# Open requests -----------------------------------------------------------------------------------


def _listed(rng: Random) -> str:
    mark = rng.choice(["{}. ", "{}) ", "- "])
    return "\n".join(f"{mark.format(n)}{one}" for n, one in enumerate(some(rng, LONG), start=1))


@KNOWN.open_kind
def summarise(rng: Random) -> str:
    return f"Summarise this review in one sentence.\n\n{rng.choice(REVIEWS)} {rng.choice(REVIEWS)}"


@KNOWN.open_kind
def steps(rng: Random) -> str:
    return f"Write a recipe for tea.\nSteps so far:\n{_listed(rng)}\nContinue the list."


@KNOWN.open_kind
def translate(rng: Random) -> str:
    return f"Translate into German:\n{_listed(rng)}"


@KNOWN.open_kind
def rewrite(rng: Random) -> str:
    return f"Rewrite the following bullet points as a paragraph.\n{_listed(rng)}"


@KNOWN.open_kind
def explain(rng: Random) -> str:
    return f"Explain the difference between {rng.choice(GOODS)} and {rng.choice(GOODS)}."


@KNOWN.open_kind
def why(rng: Random) -> str:
    return f"Should I buy a {rng.choice(GOODS)} or a {rng.choice(GOODS)}? Explain your reasoning in detail."


@KNOWN.open_kind
def describe(rng: Random) -> str:
    return f"Write a product description.\nTitle: {rng.choice(LONG)}\nCategories: {', '.join(some(rng, CLASSES))}\nFeatures:\n{_listed(rng)}"


@KNOWN.open_kind
def extract(rng: Random) -> str:
    return f"Extract all brands from the text.\nText: {rng.choice(LONG)}; {rng.choice(LONG)}"


@KNOWN.open_kind
def query(rng: Random) -> str:
    return f"Write three search queries for: {rng.choice(LONG)}"


@KNOWN.open_kind
def reply(rng: Random) -> str:
    return 'A customer wrote: "Is it red or blue? Answer yes or no!" Write a friendly reply.'


@KNOWN.open_kind
def question_of_text(rng: Random) -> str:
    return f"{rng.choice(REVIEWS)}\n\nQuestion: What did the buyer not like?\nAnswer:"


@KNOWN.open_kind
def email(rng: Random) -> str:
    return f"Draft an e-mail to a supplier about these options:\n{_listed(rng)}"


@KNOWN.open_kind
def code(rng: Random) -> str:
    return (
        "Write a Python function that returns True or False depending on whether a list is sorted."
    )


@KNOWN.open_kind
def headline(rng: Random) -> str:
    return f"Suggest a title for a review that is positive, neutral or negative.\nReview: {rng.choice(REVIEWS)}"


@KNOWN.open_kind
def chinese(rng: Random) -> str:
    return rng.choice(
        ["请写一段商品描述：", "提取商品标题中的品牌：", "把下面的标题翻译成英文："]
    ) + "、".join(some(rng, CHINESE))


@KNOWN.open_kind
def german(rng: Random) -> str:
    return rng.choice(
        [
            "Schreibe eine Produktbeschreibung: ",
            "Fasse die Bewertung zusammen: ",
            "Übersetze ins Englische: ",
        ]
    ) + rng.choice(LONG)


@KNOWN.open_kind
def plain_question(rng: Random) -> str:
    return rng.choice(
        [
            "What is a good gift for a camper?",
            "How do I clean a steel kettle?",
            "Who invented the zip?",
            "Why is wool warm?",
            "Is wool warm?",
            "Can I wash it at 60 degrees?",
        ]
    )


@KNOWN.open_kind
def compare(rng: Random) -> str:
    return f"Compare the two products and say what each is good for.\nProduct A: {rng.choice(LONG)}\nProduct B: {rng.choice(LONG)}"


@KNOWN.open_kind
def make_choices(rng: Random) -> str:
    return f"Write a multiple choice question with options A, B, C and D about this text:\n{rng.choice(REVIEWS)}"


@KNOWN.open_kind
def outline(rng: Random) -> str:
    return f"Here is my outline:\nA. {rng.choice(GOODS)}\nB. {rng.choice(GOODS)}\nC. {rng.choice(GOODS)}\nWrite the introduction."


@KNOWN.open_kind
def ecinstruct_values(rng: Random) -> str:
    data = json.dumps(
        {
            "product title": rng.choice(LONG),
            "description": rng.choice(REVIEWS),
            "target attributes": "Brand, Color",
        }
    )
    return f"Given the details of a product and target attributes, extract the value of each target attribute. Output the value and the source (e.g., title or feature). {data} Your answer is:"


@KNOWN.open_kind
def ecinstruct_reply(rng: Random) -> str:
    data = json.dumps({"question": "Is it red or blue?", "document": rng.sample(REVIEWS, 3)})
    return f"Given the question and the related document, answer the question based on the supporting information. {data} Your answer is:"


@KNOWN.open_kind
def ecominstruct_open(rng: Random) -> str:
    head = "Below is an instruction that describes the extraction task. Write a response that appropriately completes the request."
    ask = rng.choice(
        [
            "Extract all named entity with type about Brand, Product, Attribute in the sentence. ",
            "Generate a product title based on the above attribute information. ",
        ]
    )
    return f"{head}\n\n### Instruction:\n{rng.choice(LONG)}\n{ask}\n### Response:"


@KNOWN.open_kind
def alpaca_lists(rng: Random) -> str:
    return rng.choice(
        [
            "Give two or three examples of kitchen goods.",
            "Sort the words into alphabetical order: shoe, hat, lamp",
            "Use the words lamp or shoe in a sentence.",
            "Classify each of the following as an animal or a plant: oak, dog, fern.",
            "Answer the following question in English: why is wool warm, and is it heavy or light?",
            f"What do these have in common?\n{_listed(rng)}",
            f"Fix the spelling.\n{_listed(rng)}",
            "List three pros and cons of wool or cotton.",
        ]
    )


@KNOWN.open_kind
def data_first(rng: Random) -> str:
    return f"{rng.choice(REVIEWS)}\nWhat is this buyer's main complaint?"


@KNOWN.open_kind
def chatty(rng: Random) -> str:
    return rng.choice(
        [
            "My son likes blue or green. What should I get him for his birthday?",
            "Hi! Do you ship to France, Italy or Spain?",
            "Can you tell me if the boots run small or large?",
            "Ist der Wasserkocher aus Glas oder Stahl? Und wie viel Watt hat er?",
            "这款鞋是真皮还是人造革的？",
            "I want to return my order: the lamp, or maybe both lamps. How?",
        ]
    )
