"""Small labelled sets, each in the layout of a public one: what `corpus.sources` of a test read.

    write(folder) ─► the sources, as a recipe has them

A set has its bad rows, so that a test can see them rejected: `BAD` says how many.
"""

import csv
import json
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

BRANDS = ("Nordlicht", "Adler", "Kiruna", "Brisa", "Lumo", "Hearth")
COLORS = ("red", "blue", "green", "black", "white", "grey", "brown", "yellow")
KINDS = ("running shoe", "desk lamp", "steel kettle", "wool blanket", "garden hose", "rain jacket")
品牌, 颜色, 商品 = (
    ("华为", "小米", "美的", "苏泊尔", "格力"),
    ("红色", "黑色", "白色", "蓝色"),
    ("手机", "电饭煲", "空调", "耳机", "运动鞋"),
)
TAGS = ("O", "B-brand", "I-brand", "B-color", "I-color", "B-product", "I-product")
BAD = {
    "titles.conll": 1,
    "queries.parquet": 1,
    "cluener.json": 2,
    "squad.json": 1,
    "faq.jsonl": 1,
    "sentiment.csv": 1,
    "aspects.jsonl": 1,
    "matching.tsv": 1,
    "nli.jsonl": 1,
    "sts.csv": 1,
    "sgd": 2,
    "jddc.csv": 1,
    "news.jsonl": 1,
    "rewrites.tsv": 1,
}


def write(folder: Path) -> list[dict[str, Any]]:
    """Write all sets below the folder; return their sources."""
    (folder / "sgd").mkdir()
    sources = []
    for name, (make, source) in SETS.items():
        make(folder / name)
        sources.append({"path": str(folder / name), "license": "MIT", **source})
    return sources


def _goods() -> Iterator[tuple[str, str, str]]:
    yield from product(BRANDS, COLORS, KINDS)


def titles_conll(path: Path) -> None:
    """CoNLL-2003's four columns and its IOB1 tags, with -DOCSTART-."""
    lines = ["-DOCSTART- -X- -X- O", ""]
    for brand, color, kind in list(_goods())[::5]:
        words = [
            (brand, "I-brand"),
            *((word, "I-product") for word in kind.split()),
            ("in", "O"),
            (color, "I-color"),
        ]
        lines += [*(f"{word} NN I-NP {tag}" for word, tag in words), ""]
    path.write_text("\n".join([*lines, "lonely", ""]))


def queries_parquet(path: Path) -> None:
    """The layout of Hugging Face's conll2003: tokens, ner_tags as numbers."""
    rows = []
    for brand, color, kind in list(_goods())[2::7]:
        first, second = kind.split()
        rows.append(
            {"tokens": ["cheap", color, first, second, "by", brand], "ner_tags": [0, 3, 5, 6, 0, 1]}
        )
    rows.append({"tokens": ["one", "two"], "ner_tags": [0]})
    pq.write_table(pa.Table.from_pylist(rows), path)


def cluener_json(path: Path) -> None:
    """CLUENER 2020: type -> term -> [[first, last character]]."""
    rows: list[Any] = []
    for brand, color, thing in product(品牌, 颜色, 商品):
        text = f"想买{brand}的{color}{thing}送给父母"
        label = {
            kind: {term: [[text.index(term), text.index(term) + len(term) - 1]]}
            for kind, term in (("品牌", brand), ("颜色", color), ("商品", thing))
        }
        rows.append({"text": text, "label": label})
    rows.append({"text": "华为手机", "label": {"品牌": {"小米": [[0, 1]]}}})
    rows.append(
        {"text": "华为手机", "label": {"品牌": {"华为手": [[0, 2]]}, "商品": {"手机": [[2, 3]]}}}
    )
    _lines(path, rows)


def squad_json(path: Path) -> None:
    """SQuAD 2.0, over many lines; every fourth question has no answer."""
    articles: list[dict[str, Any]] = []
    for number, (brand, color, kind) in enumerate(list(_goods())[::11]):
        days, years = f"{number + 3} days", f"{number + 2} years"
        context = (
            f"The {kind} by {brand} comes in {color}. It is delivered within {days}. "
            f"The maker gives a warranty of {years} on it. It can be returned to any shop."
        )

        def asked(question: str, answer: str, context: str = context, n: int = number) -> Any:
            start = context.find(answer)
            return {
                "id": f"{n}-{len(question)}",
                "question": question,
                "answers": [{"text": answer, "answer_start": start}] if answer else [],
                "is_impossible": not answer,
            }

        questions = [
            asked(f"When is the {kind} delivered?", days),
            asked(f"How long is the warranty on the {kind}?", years),
            asked(f"Which color does the {kind} by {brand} have?", color),
            asked(f"How heavy is the {kind}?", ""),
        ]
        articles.append({"title": kind, "paragraphs": [{"context": context, "qas": questions}]})
    articles[0]["paragraphs"][0]["qas"].append(
        {"id": "x", "question": "Who?", "answers": [{"text": "nobody here", "answer_start": 3}]}
    )
    path.write_text(json.dumps({"version": "v2.0", "data": articles}, indent=1))


def faq_jsonl(path: Path) -> None:
    """Questions of shoppers with answers in words of their own, without a text."""
    answers = (
        "Yes, the {} is easy to clean.",
        "The {} fits every kitchen, mine included.",
        "My {} lasted for years without a fault.",
    )
    questions = (
        "Is the {} easy to clean?",
        "Does the {} fit a small kitchen?",
        "How many years does the {} last?",
    )
    rows: list[dict[str, Any]] = [
        {"q": question.format(f"{brand} {kind}"), "a": answer.format(kind)}
        for brand, kind in product(BRANDS, KINDS)
        for question, answer in zip(questions, answers, strict=True)
    ]
    _lines(path, [*rows, {"q": "Why?", "a": ""}])


def sentiment_csv(path: Path) -> None:
    """A label a text, as a number."""
    said = (("broke after a week", 0), ("does what it should", 1), ("is the best I ever had", 2))
    rows = [
        {"review": f"The {color} {kind} by {brand} {words}.", "label": label}
        for n, (brand, color, kind) in enumerate(_goods())
        if n % 4 == 0
        for words, label in [said[n % 3]]
    ]
    _table(path, [*rows, {"review": "No such grade.", "label": 7}], ",")


def aspects_jsonl(path: Path) -> None:
    """Several labels a text, as a list."""
    parts: dict[str, str] = {
        "delivery": "it came late",
        "price": "it was cheap",
        "quality": "it is well made",
        "size": "it is too small",
        "service": "the shop answered at once",
        "look": "it is pretty",
    }
    names = list(parts)
    rows: list[dict[str, Any]] = []
    for n, (brand, kind) in enumerate(product(BRANDS, KINDS)):
        its = [names[n % 6], *([names[(n * 5 + 2) % 6]] if n % 2 else [])]
        its = list(dict.fromkeys(its))
        words = f"About the {kind} by {brand}: {' and '.join(parts[name] for name in its)}."
        rows.append({"text": words, "labels": its})
    _lines(path, [*rows, {"text": "Nothing to say.", "labels": []}])


def matching_tsv(path: Path) -> None:
    """LCQMC: two questions, and whether they mean the same."""
    ways = (
        ("怎么退{}", "{}如何办理退货"),
        ("{}什么时候发货", "我买的{}几天能寄出"),
        ("{}有没有优惠", "现在买{}可以便宜吗"),
    )
    rows: list[dict[str, Any]] = []
    for n, (brand, thing) in enumerate(product(品牌, 商品)):
        (first, second), (other, _) = ways[n % 3], ways[(n + 1) % 3]
        name = brand + thing
        rows.append({"first": first.format(name), "second": second.format(name), "label": 1})
        rows.append({"first": first.format(name), "second": other.format(name), "label": 0})
    _table(path, [*rows, {"first": "怎么退", "second": "", "label": 1}], "\t")


def nli_jsonl(path: Path) -> None:
    """A premise, a hypothesis and one of three labels."""
    rows: list[dict[str, Any]] = []
    for n, (brand, color, kind) in enumerate(list(_goods())[3::7]):
        other = COLORS[(COLORS.index(color) + 1) % len(COLORS)]
        claim, label = [
            (f"{brand} makes a {kind}.", "entailment"),
            (f"The {kind} by {brand} is {other}.", "contradiction"),
            (f"Many people buy the {kind} by {brand}.", "neutral"),
        ][n % 3]
        rows.append(
            {
                "premise": f"This {color} {kind} is made by {brand}.",
                "hypothesis": claim,
                "gold": label,
            }
        )
    _lines(path, [*rows, {"premise": "Nothing follows.", "hypothesis": "Nothing.", "gold": None}])


def sts_csv(path: Path) -> None:
    """STS-B: two sentences and a score from 0 to 5."""
    rows = []
    for n, (brand, color, kind) in enumerate(list(_goods())[1::7]):
        first = f"A {color} {kind} by {brand} stands on the table."
        second, score = [
            (f"On the table stands a {kind} by {brand} in {color}.", "5.0"),
            (f"A {kind} stands on a table.", "3.2"),
            (f"Somebody carries water to house number {n}.", "0.0"),
        ][n % 3]
        rows.append({"first": first, "second": second, "score": score})
    _table(path, [*rows, {"first": "a", "second": "b", "score": "high"}], ",")


def sgd(path: Path) -> None:
    """Schema-Guided Dialogue: two wishes a dialogue, with spans and the state; and its schema."""
    talks = []
    for n, (brand, kind) in enumerate(product(BRANDS, KINDS)):
        color, days = COLORS[n % 8], ("Monday", "Friday", "Sunday")[n % 3]
        said = f"I look for a {kind} in {color}."
        wish = f"Please deliver it by {days} to house {n}."
        talks.append(
            {
                "dialogue_id": f"1_{n:05}",
                "services": ["Shops_1", "Parcels_1"],
                "turns": [
                    _sgd_user(said, "FindProduct", {"product": kind, "color": color}),
                    {"speaker": "SYSTEM", "utterance": f"The one by {brand} fits.", "frames": []},
                    _sgd_user(wish, "OrderDelivery", {"day": days, "house": f"house {n}"}),
                    {
                        "speaker": "SYSTEM",
                        "utterance": f"It will be there on {days}.",
                        "frames": [],
                    },
                ],
            }
        )
    broken = {"dialogue_id": "1_99999", "turns": [{"speaker": "CAT", "utterance": "Meow."}]}
    (path / "dialogues_001.json").write_text(json.dumps([*talks, broken], indent=1))
    schema = [{"service_name": "Shops_1", "slots": [], "intents": []}]
    (path / "schema.json").write_text(json.dumps(schema, indent=1))


def _sgd_user(said: str, intent: str, slots: dict[str, str]) -> dict[str, Any]:
    indices = {slot: said.index(term) for slot, term in slots.items()}
    spans = [
        {"slot": slot, "start": start, "exclusive_end": start + len(slots[slot])}
        for slot, start in indices.items()
    ]
    values = {slot: [term] for slot, term in slots.items()}
    state = {"active_intent": intent, "requested_slots": [], "slot_values": values}
    return {"speaker": "USER", "utterance": said, "frames": [{"slots": spans, "state": state}]}


def jddc_csv(path: Path) -> None:
    """A turn a row, as in JDDC, with the customer's intent."""
    asked = (
        ("退货", "我想把{}退掉，怎么操作"),
        ("查询物流", "我的{}到哪里了"),
        ("修改订单", "{}的地址填错了，帮我改一下"),
        ("咨询商品", "{}是正品吗"),
    )
    replies = (
        "您好，{}支持七天无理由退货",
        "您的{}已经在派送中",
        "好的，{}的地址已经改好了",
        "亲，{}是官方正品，请放心",
    )
    rows: list[dict[str, Any]] = []
    for n, (brand, thing) in enumerate(product(品牌, 商品)):
        (intent, words), answer, name = asked[n % 4], replies[n % 4], brand + thing
        rows += [
            {"session": n, "role": 0, "text": "你好，在吗", "intent": ""},
            {"session": n, "role": 1, "text": f"在的，这里是{brand}旗舰店", "intent": ""},
            {"session": n, "role": 0, "text": words.format(name), "intent": intent},
            {"session": n, "role": 1, "text": answer.format(name), "intent": ""},
        ]
    rows.append({"session": 999, "role": "猫", "text": "喵", "intent": ""})
    _table(path, rows, ",")


def news_jsonl(path: Path) -> None:
    """A text and its headline."""
    rows: list[dict[str, Any]] = []
    for n, (brand, kind) in enumerate(product(BRANDS, KINDS)):
        color, index = COLORS[n % 8], ("kitchen", "garden", "office", "hallway")[n % 4]
        text = (
            f"{brand} has brought out a new {kind}. It comes in {color} and was made for the "
            f"{index}. Buyers say that it is easy to use, and the maker takes it back for "
            f"{n + 10} days."
        )
        rows.append({"body": text, "summary": f"New {color} {kind} by {brand} for the {index}"})
    _lines(path, [*rows, {"body": "A text that nobody summed up.", "summary": None}])


def rewrites_tsv(path: Path) -> None:
    """Queries with slips, and as a shop would put them."""
    rows = [
        {
            "query": f"{kind[1:]}s {color} {brand.lower()[:-1]}",
            "rewritten": f"{brand} {kind} {color}",
        }
        for n, (brand, color, kind) in enumerate(_goods())
        if n % 7 == 0
    ]
    _table(path, [*rows, {"query": "shoos", "rewritten": ""}], "\t")


def _lines(path: Path, rows: list[Any]) -> None:
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), "utf-8")


def _table(path: Path, rows: list[dict[str, Any]], delimiter: str) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]), delimiter=delimiter)
        writer.writeheader()
        writer.writerows(rows)


SETS: dict[str, tuple[Callable[[Path], None], dict[str, Any]]] = {
    "titles.conll": (titles_conll, {"format": "ner", "task": "title NER", "lang": "en"}),
    "queries.parquet": (
        queries_parquet,
        {"format": "ner", "columns": {"tags": "ner_tags"}, "labels": TAGS, "lang": "en"},
    ),
    "cluener.json": (cluener_json, {"format": "ner", "columns": {"spans": "label"}, "lang": "zh"}),
    "squad.json": (squad_json, {"format": "qa", "lang": "en"}),
    "faq.jsonl": (
        faq_jsonl,
        {"format": "qa", "columns": {"question": "q", "answers": "a"}, "lang": "en"},
    ),
    "sentiment.csv": (
        sentiment_csv,
        {
            "format": "labels",
            "columns": {"text": "review"},
            "task": "satisfaction",
            "lang": "en",
            "labels": ["unhappy", "content", "delighted"],
            "description": "Satisfaction of buyers: three grades.",
        },
    ),
    "aspects.jsonl": (aspects_jsonl, {"format": "labels", "task": "aspect", "lang": "en"}),
    "matching.tsv": (
        matching_tsv,
        {"format": "pairs", "labels": {0: "不匹配", 1: "匹配"}, "task": "同义", "lang": "zh"},
    ),
    "nli.jsonl": (
        nli_jsonl,
        {
            "format": "pairs",
            "task": "inference",
            "lang": "en",
            "columns": {"first": "premise", "second": "hypothesis", "label": "gold"},
        },
    ),
    "sts.csv": (sts_csv, {"format": "pairs", "task": "similarity", "lang": "en"}),
    "sgd": (sgd, {"format": "dialogues", "name": "sgd", "lang": "en"}),
    "jddc.csv": (jddc_csv, {"format": "dialogues", "lang": "zh"}),
    "news.jsonl": (news_jsonl, {"format": "summaries", "columns": {"text": "body"}, "lang": "en"}),
    "rewrites.tsv": (rewrites_tsv, {"format": "rewrites", "lang": "en"}),
}
