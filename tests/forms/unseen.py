"""More styles of the same sources, written after the code that reads them: a check on styles unseen."""

import json
from random import Random

from tests.forms.elsewhere import (
    CHINESE,
    CLASSES,
    GOODS,
    LONG,
    REVIEWS,
    Asked,
    Registered,
    letters,
    question,
    some,
)

UNSEEN = Registered()


# MMLU, ARC, HellaSwag, OpenBookQA as evaluation suites ask them


@UNSEEN.style
def helm(rng: Random) -> Asked:
    options = some(rng, GOODS, 4, 4)
    lines = "\n".join(f"{a}. {b}" for a, b in zip("ABCD", options, strict=True))
    head = "Answer the following multiple choice question. The last line of your response should be of the form 'Answer: $LETTER' (without quotes)."
    return Asked("MMLU", f"{head}\n\n{question(rng)}\n\n{lines}", tuple("ABCD"))


@UNSEEN.style
def arc_choices(rng: Random) -> Asked:
    options = some(rng, LONG, 4, 4)
    lines = "\n".join(f" {a}) {b}" for a, b in zip("ABCD", options, strict=True))
    return Asked(
        "ARC",
        f"Question: {question(rng)}\nChoices:\n{lines}\nAnswer with the letter only:",
        tuple("ABCD"),
    )


@UNSEEN.style
def openbook_numbers(rng: Random) -> Asked:
    options = some(rng, GOODS, 4, 4)
    line = " ".join(f"[{n}] {b}" for n, b in enumerate(options, 1))
    return Asked(
        "OpenBookQA",
        f"{question(rng)} {line} Reply with the number of the correct choice.",
        tuple("1234"),
    )


# FLAN


@UNSEEN.style
def flan_multi(rng: Random) -> Asked:
    options = some(rng, GOODS)
    lines = "\n".join(f" * {one}" for one in options)
    head = rng.choice(
        [
            "Pick from these options:",
            "Select from the following:",
            "Available choices:",
            "Options to choose from:",
        ]
    )
    return Asked("FLAN", f"{question(rng)}\n{head}\n{lines}", tuple(options))


@UNSEEN.style
def flan_inline_or(rng: Random) -> Asked:
    prompt = f"{rng.choice(REVIEWS)} Does the text say that it is new? yes/no/maybe"
    return Asked("FLAN", prompt, ("yes", "no", "maybe"))


@UNSEEN.style
def flan_dialect(rng: Random) -> Asked:
    pair = rng.choice([("positive", "negative"), ("acceptable", "unacceptable")])
    prompt = f"Sentence: {rng.choice(LONG)}\nWould a linguist rate this sentence to be {pair[0]} or {pair[1]}?\nOPTIONS:\n- {pair[0]}\n- {pair[1]}"
    return Asked("FLAN", prompt, pair)


# P3 / T0


@UNSEEN.style
def t0_imdb(rng: Random) -> Asked:
    ask = rng.choice(
        [
            "The sentiment expressed for the product is positive or negative? Answer positive or negative.",
            'Does it seem like the reviewer liked it? Answer "yes" or "no".',
        ]
    )
    labels = ("yes", "no") if "yes" in ask else ("positive", "negative")
    return Asked("P3", f"{rng.choice(REVIEWS)} {ask}", labels)


@UNSEEN.style
def t0_entail(rng: Random) -> Asked:
    prompt = f'Suppose {rng.choice(LONG)}. Can we infer that "it is new"? Yes, no, or maybe?'
    return Asked("P3", prompt, ("yes", "no", "maybe"))


@UNSEEN.style
def t0_topic(rng: Random) -> Asked:
    options = some(rng, CLASSES, 4, 5)
    listed = f"{', '.join(options[:-1])}, or {options[-1]}"
    return Asked(
        "P3",
        f"{rng.choice(LONG)}\nWhich of the following sections would it be in: {listed}?",
        tuple(options),
    )


# Super-NaturalInstructions


@UNSEEN.style
def natural_indicate(rng: Random) -> Asked:
    pair = rng.choice([("Yes", "No"), ("True", "False"), ("Correct", "Incorrect")])
    how = rng.choice(
        [
            "Indicate your answer as '{}' or '{}'.",
            "Your answer must be either '{}' or '{}'.",
            "Based on this, say '{}' or '{}'.",
            "The answer will be '{}' if they agree, otherwise '{}'.",
        ]
    )
    return Asked(
        "NI",
        f"Definition: You are given a title and a review of a product. Judge if they agree. {how.format(*pair)}\nInput: {rng.choice(REVIEWS)}\nOutput:",
        pair,
    )


@UNSEEN.style
def natural_categories(rng: Random) -> Asked:
    options = some(rng, CLASSES, 3, 5)
    return Asked(
        "NI",
        f"Definition: In this task, you need to choose the category of a product. There are {len(options)} categories: {', '.join(options[:-1])} and {options[-1]}. Output the category.\nInput: {rng.choice(LONG)}\nOutput:",
        tuple(options),
    )


@UNSEEN.style
def natural_one_two(rng: Random) -> Asked:
    return Asked(
        "NI",
        f'Definition: Two sentences are given. Print "1" if the first is about a product, otherwise print "0".\nInput: {rng.choice(REVIEWS)}\nOutput:',
        ("1", "0"),
    )


# BIG-bench


@UNSEEN.style
def big_bench_true(rng: Random) -> Asked:
    return Asked(
        "BIG-bench",
        f"Is the following statement true or false?\n{rng.choice(LONG)} fits into a car.",
        ("true", "false"),
    )


@UNSEEN.style
def big_bench_cot_free(rng: Random) -> Asked:
    options = some(rng, GOODS, 3, 7)
    marks = letters(options)
    line = ", ".join(f"({a}) {b}" for a, b in zip(marks, options, strict=True))
    return Asked("BIG-bench", f"Q: {question(rng)} Options: {line}\nA:", tuple(marks))


# ECInstruct


@UNSEEN.style
def ecinstruct_relation(rng: Random) -> Asked:
    options = [
        "Users who buy one may also buy two.",
        "Users who view one may also buy two.",
        "One is similar to two.",
    ]
    listed = json.dumps([f"{a}: {b}" for a, b in zip("ABC", options, strict=True)])
    data = json.dumps({"Product 1:": rng.choice(LONG), "Product 2:": rng.choice(LONG)})
    task = rng.choice(
        [
            "Analyze the titles and say if they are bought together. Answer only from the options.",
            "Predict whether both are purchased or viewed together. Choose your answer from the options.",
        ]
    )
    return Asked("ECInstruct", f"{task}\nInput: {data}\nOptions: {listed}\nAnswer:", tuple("ABC"))


@UNSEEN.style
def ecinstruct_class(rng: Random) -> Asked:
    options = [
        "It is relevant, and satisfies all of the query.",
        "It is somewhat relevant.",
        "It goes with what was asked for.",
        "It is irrelevant.",
    ]
    listed = str([f"{a}: {b}" for a, b in zip("ABCD", options, strict=True)])
    data = json.dumps({"query": "usb lamp", "product title": rng.choice(LONG)})
    return Asked(
        "ECInstruct",
        f"What is the relevance between the query and the product title below? Answer from one of the options. {data} {listed} Your answer is:",
        tuple("ABCD"),
    )


@UNSEEN.style
def ecinstruct_substitute(rng: Random) -> Asked:
    how = rng.choice(
        [
            "Output yes if it can be one, or no otherwise.",
            "Answer yes if it is a substitute and no otherwise.",
            "Please respond with yes if it suits, and no if it does not.",
            "Provide a binary output of yes or no.",
        ]
    )
    data = json.dumps({"query": "usb lamp", "product": rng.choice(LONG)})
    return Asked(
        "ECInstruct",
        f"Given a query and a product, identify if it is a functional substitute. {how}\n{data}\n",
        ("yes", "no"),
    )


@UNSEEN.style
def ecinstruct_rank_plain(rng: Random) -> Asked:
    options = some(rng, GOODS, 3, 6)
    marks = letters(options)
    data = json.dumps(
        {"query": "warm light", **{f"product {a}": b for a, b in zip(marks, options, strict=True)}}
    )
    return Asked(
        "ECInstruct",
        f"Rank the products A, B, C, … based on their relevance to the provided query, and produce a ranked list with the most relevant product positioned at the top of the list. {data}",
        tuple(marks),
        choose=len(marks),
        is_order=True,
    )


# C-Eval, CMMLU, EcomInstruct


@UNSEEN.style
def cmmlu(rng: Random) -> Asked:
    options = some(rng, CHINESE, 4, 4)
    lines = "\n".join(f"{a}. {b}" for a, b in zip("ABCD", options, strict=True))
    return Asked(
        "CMMLU",
        f"以下是关于零售的单项选择题，请直接给出正确答案的选项。\n题目：哪个适合露营？\n{lines}\n答案是：",
        tuple("ABCD"),
    )


@UNSEEN.style
def chinese_brackets(rng: Random) -> Asked:
    options = some(rng, CHINESE, 3, 4)
    marks = letters(options)
    line = rng.choice(["  ", "\n"]).join(f"（{a}）{b}" for a, b in zip(marks, options, strict=True))
    return Asked("CMMLU", f"下列哪个商品适合户外？{line}\n请只输出选项字母。", tuple(marks))


@UNSEEN.style
def ecom_choose(rng: Random) -> Asked:
    options = some(rng, CHINESE)
    ask = rng.choice(
        ["请从以下类目中选择：{}", "从下列选项中选出最合适的类目：{}", "候选列表：[{}]"]
    )
    return Asked(
        "EcomInstruct",
        f"商品标题：便携式加热器\n这个商品属于哪个类目？{ask.format('，'.join(options))}",
        tuple(options),
    )


@UNSEEN.style
def ecom_whether(rng: Random) -> Asked:
    how = rng.choice(
        [
            "相关则回答“是”，不相关则回答“否”。",
            "请用“是”或“否”回答。",
            "输出是或否。",
            "回答是/否。",
        ]
    )
    return Asked(
        "EcomInstruct",
        f"查询：帐篷\n标题：三角露营装备\n请判断标题与查询是否相关，{how}",
        ("是", "否"),
    )


# Chats, and other languages


@UNSEEN.style
def json_schema(rng: Random) -> Asked:
    labels = some(rng, CLASSES, 3, 5)
    ask = rng.choice(
        [
            "You are a classifier. Assign the text to one of these categories: {}.",
            "Return only one label from this list: {}",
            "Valid labels: {}",
        ]
    )
    return Asked(
        "chat", f"{ask.format(', '.join(labels))}\n\nText: {rng.choice(REVIEWS)}", tuple(labels)
    )


@UNSEEN.style
def abroad_more(rng: Random) -> Asked:
    ask, labels = rng.choice(
        [
            (
                "Passt das Produkt zur Anfrage? Bitte antworten Sie nur mit „Ja“ oder „Nein“.",
                ("Ja", "Nein"),
            ),
            (
                "Klassifiziere die Bewertung als positiv, neutral oder negativ.",
                ("positiv", "neutral", "negativ"),
            ),
            ("¿La reseña es positiva o negativa?", ("positiva", "negativa")),
            ("Réponds uniquement par « oui » ou « non ».", ("oui", "non")),
            ("L'avis est-il positif ou négatif ?", ("positif", "négatif")),
            ("La recensione è positiva o negativa?", ("positiva", "negativa")),
            (
                "Clasifica la reseña como positiva, neutra o negativa.",
                ("positiva", "neutra", "negativa"),
            ),
            ("はい、またはいいえで答えてください。", ("はい", "いいえ")),
        ]
    )
    return Asked("abroad", f"{ask}\n\n{rng.choice(REVIEWS)}", labels)


@UNSEEN.style
def two_of_letters(rng: Random) -> Asked:
    options = some(rng, GOODS, 4, 6)
    marks = letters(options)
    lines = "\n".join(f"{a}. {b}" for a, b in zip(marks, options, strict=True))
    return Asked(
        "several",
        f"Choose two items a camper needs. Give both letters.\n{lines}",
        tuple(marks),
        choose=2,
    )


# Open


@UNSEEN.open_kind
def dolly_open(rng: Random) -> str:
    return rng.choice(
        [
            "What are some good options for a winter jacket?",
            "Tell me whether it is better to buy or rent a drill.",
            "Who won, and was it close?",
            f"Given this review, what would you ask the seller? {rng.choice(REVIEWS)}",
            "Name a city in Italy or Spain.",
            "Why do people choose wool or cotton?",
            "Identify the main points.\n1. It is loud\n2. It is heavy",
            "Come up with labels for these photos: a lamp, a boot, a cup",
            "What is the difference between yes and no in this form?",
        ]
    )


@UNSEEN.open_kind
def open_data(rng: Random) -> str:
    ask = rng.choice(
        [
            "What does the customer want?",
            "Answer the customer's question politely.",
            "Which brand is it?",
            "Give a title to this review.",
            "How would you improve the product?",
        ]
    )
    return f"{ask}\n\nProduct: {rng.choice(LONG)}\nCategories: {', '.join(some(rng, CLASSES))}\nReview: {rng.choice(REVIEWS)}"


@UNSEEN.open_kind
def open_chinese(rng: Random) -> str:
    return (
        rng.choice(
            ["这款商品有什么优点？", "请回答买家的问题：", "标题：", "给下面的商品起一个标题："]
        )
        + "、".join(some(rng, CHINESE))
        + rng.choice(["", "。是红色还是蓝色？"])
    )


@UNSEEN.open_kind
def open_json(rng: Random) -> str:
    data = json.dumps(
        {"question": "Does it come in red or blue, yes or no?", "reviews": rng.sample(REVIEWS, 2)}
    )
    return f"Given the question and the reviews, answer the question. {data} Your answer is:"
