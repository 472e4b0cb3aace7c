"""Small files in the formats of the benchmarks' authors, made here; a few rows of each are broken.

`MADE` has for each benchmark: what writes its files and returns the path for the command; messy
answers in the order of the questions; the scores that the authors' program would print for them;
the first question as the authors put it to a model; and why rows are left out.
"""

import csv
import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

SHOP = (
    "You are a helpful online shopping assistant. Please answer the following question about "
    "online shopping and follow the given instructions.\n\n"
)


@dataclass(frozen=True)
class Made:
    write: Callable[[Path], Path]
    answers: Sequence[str]
    authors: Mapping[str, float]  # by task
    words: str = ""
    rejected: Sequence[str] = ()  # a part of each reason


def lines(path: Path, rows: Sequence[Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = "".join(row if isinstance(row, str) else json.dumps(row) + "\n" for row in rows)
    path.write_text(text, encoding="utf-8")


def skill_row(task: str, form: str, metric: str, prompt: str, gold: Any) -> dict[str, Any]:
    return {
        "input_field": prompt,
        "output_field": gold,
        "task_name": task,
        "task_type": form,
        "metric": metric,
    }


def shopping_mmlu(folder: Path) -> Path:
    choice = ("shoes", "multiple-choice", "accuracy")
    boot = "Which is a shoe?\n0. boot\n1. lamp\n2. cup\n3. bed\nAnswer: "
    concepts = [
        skill_row(*choice, boot, 0),
        skill_row(*choice, boot.replace("boot", "sandal"), 0),
        skill_row("names", "named_entity_recognition", "micro f1", "Brands in: a b", ["a", "b"]),
        "{broken\n",
        skill_row("shoes", "multiple-choice", "speed", boot, 0),
    ]
    behavior = [
        skill_row("next", "retrieval", "hit rate@3", "Which 3 come next?\n1. a\n2. b", [1, 2]),
        skill_row("order", "ranking", "ndcg", "Rank.\n1. a\n2. b\n3. c", [0, 1, 0.1]),
        skill_row("order", "ranking", "ndcg", "Rank these.\n1. d\n2. e\n3. f", [1, 0.1, 0]),
        skill_row("texts", "generation", "rougel", "Sum up.", "a red boot"),
    ]
    lines(folder / "data" / "skills" / "skill1_concept.json", concepts)
    lines(folder / "data" / "skills" / "skill3_behavior.json", behavior)
    # the same questions by task: a folder that has the skills is not read twice
    table(folder / "data" / "multiple_choice" / "shoes_dataset.csv", [("Which?", "['a']", 0)])
    return folder / "data"


def table(path: Path, rows: Sequence[tuple[Any, ...]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(("question", "choices", "answer"))
        writer.writerows(rows)


def shopping_mmlu_tasks(folder: Path) -> Path:
    data = folder / "data"
    rows = [
        ("Which is a shoe?", "['boot', 'lamp', \"a 'cup'\", 'bed']", 2),
        ("Which is a bed?", "['boot', 'lamp', 'cup', 'bed']", 3),
        ("Which is a cup?", "['boot', 'lamp']", 1),
    ]
    table(data / "multiple_choice" / "shoes_dataset.csv", rows)
    rated = [("Rate it from 1 to 5: fine.", "", 4)]
    table(data / "multiple_choice" / "review_rating_prediction_dataset.csv", rated)
    ranked = [{"input_field": "Rank.\n1. a\n2. b\n3. c", "target_field": [1, 0.1, 0]}]
    lines(data / "ranking" / "query_product_ranking_dataset.json", ranked)
    found = [{"input_field": "Which?\n1. a\n2. b\n3. c", "target_field": [2, 3]}]
    lines(data / "retrieval" / "keyphrase_dataset.json", found)
    return data


def instruct(
    task: str, output: str, setting: str = "IND_Diverse_Instruction", **more: Any
) -> dict[str, Any]:
    return {
        "split": "test",
        "task": task,
        "setting": setting,
        "instruction": "Do the task.",
        "input": '{"product": "a red boot"}',
        "options": "",
        "output": output,
        "few_shot_example": "",
        **more,
    }


def ecinstruct(folder: Path) -> Path:
    value = {"attribute": "Color", "value": "dark red", "source": "product title"}
    letters = {"options": '["A: good", "B: fair", "C: bad"]'}
    rows: list[Any] = [
        instruct("Product_Matching", "yes"),
        instruct("Product_Matching", "no"),
        instruct("Product_Matching", "yes"),
        instruct("Product_Matching", "no", split="train"),
        instruct("Sentiment_Analysis", "A", **letters),
        instruct("Sentiment_Analysis", "B", **letters),
        instruct("Sentiment_Analysis", "E", **letters),
        instruct("Sequential_Recommendation", "T"),
        instruct("Query_Product_Rank", "B,A,C"),
        instruct("Query_Product_Rank", "A,B"),
        instruct("Attribute_Value_Extraction", json.dumps([value])),
        instruct("Attribute_Value_Extraction", json.dumps([value]), "OOD_Diverse_Instruction"),
        instruct("Answer_Generation", "It is red."),
        instruct("Dancing", "yes"),
    ]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "ECInstruct.json").write_text(json.dumps(rows), encoding="utf-8")
    (folder / "label.json").write_text(json.dumps([["S", "E", "I"], ["E", "C"]]), "utf-8")
    return folder


def intention_qa(folder: Path) -> Path:
    def row(gold: str, options: Mapping[str, str], **more: Any) -> dict[str, Any]:
        return {
            "id": "FS_1",
            "item_a_name": "boots",
            "item_b_name": "wax",
            "relation": "all",
            "assertion": "PersonX bought both because they both care for leather.",
            "gold_ind": gold,
            "options": dict(options),
            **more,
        }

    four = {"A": "because of rain.", "B": "because of leather.", "C": "because.", "D": "no reason."}
    data = folder / "data"
    one = data / "QA_task1" / "QA_fullInfo"
    three = {letter: four[letter] for letter in "ABC"}
    first = [row("B", four), row("A", four), row("C", four), row("A", three), row("E", four)]
    lines(one / "QA_fullInfo_task1.jsonl", first)
    related = [row("B", four, relation="isA"), row("B", four, relation="cause")]
    lines(one / "QA_fullInfo_task1_byRelation.jsonl", related)
    second = data / "QA_task2" / "QA_fullInfo"
    lines(second / "QA_fullInfo_task2.jsonl", [row("D", four)])
    return data


def ecom_eval(folder: Path) -> Path:
    data = folder / "data"
    question = {"instruction": "same?\nYour answer is:", "answer": "yes"}
    lines(
        data / "CLS" / "ecellm-pm.json",
        [question, {**question, "answer": "no"}, {**question, "answer": "maybe"}],
    )
    lines(data / "CLS" / "openbg.json", [{"instruction": "相同？", "answer": "相同"}])
    lines(data / "IE" / "NER" / "ner.json", [{"instruction": "品牌？", "answer": ["红牛", "雀巢"]}])
    lines(data / "IE" / "NER" / "ner_test.json", [{"sentence": "红牛", "label": []}])
    lines(data / "GEN" / "price_gen.json", [{"instruction": "单价？", "answer": "2.31"}])
    return data


def esci(folder: Path) -> Path:
    def example(number: int, query: str, label: str, locale: str = "us", **more: Any) -> Any:
        return {
            "example_id": number,
            "query": query,
            "query_id": len(query),
            "product_id": f"B{number}",
            "product_locale": locale,
            "esci_label": label,
            "small_version": 1,
            "large_version": 1,
            "split": "test",
            **more,
        }

    examples = [
        example(1, "boots", "I"),
        example(2, "boots", "E"),
        example(3, "boots", "C"),
        example(4, "wax", "S", small_version=0),
        example(5, "boots", "E", split="train"),
        example(6, "boots", "X"),
        example(9, "boots", "E"),
    ]
    products = [
        {"product_id": f"B{n}", "product_title": f"thing {n}", "product_locale": "us"}
        for n in range(1, 7)
    ]
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in (("examples", examples), ("products", products)):
        file = folder / f"shopping_queries_dataset_{name}.parquet"
        pq.write_table(pa.Table.from_pylist(rows), file)
    return folder


def chinese_ecom_qa(folder: Path) -> Path:
    def row(task: str, prompt: str, gold: str) -> dict[str, str]:
        return {"system_prompt": "任务：回答。\n", "prompt": prompt, "gt": gold, "task": task}

    rows = [
        row("PC", "选项 A B C D", "C"),
        row("RLC", "相关吗？", "功能\n\n#答案逻辑链"),
        row("IC", "类目？", "网球,羽毛球"),
        row("ZZ", "？", "A"),
    ]
    lines(folder / "data" / "ChineseEcomQA.jsonl", rows)
    return folder / "data"


def ecominstruct(folder: Path) -> Path:
    task = folder / "ABSA" / "tasks" / "EN-ABSA-CLS-topic"
    task.mkdir(parents=True)
    meta = {
        "task": "EN-ABSA-CLS-topic",
        "defi": "topic",
        "test_prompt": {"instruction": "### Instruction:\n{sentences} {label_set}\n### Response:"},
        "label_set": {"main": ["Food", "Service"]},
        "label_key": "main",
        "label_sep": ", ",
    }
    (task / "meta-info.json").write_text(json.dumps(meta), encoding="utf-8")
    rows = [
        {"sentences": "Slow and cold.", "labels": {"main": ["Food", "Service"]}},
        {"sentences": "Tasty.", "labels": {"main": ["Food"]}},
        {"sentences": "Hm.", "labels": {"main": []}},
    ]
    lines(task / "test.json", rows)
    return folder


def amazon_m2(folder: Path) -> Path:
    titles = ["red leather boot for winter", "black wax for leather boots", "lamp"]
    products = [{"id": f"B{n}", "locale": "UK", "title": text} for n, text in enumerate(titles)]
    lines(folder / "products_train.jsonl", products)
    sessions = [
        {"prev_items": ["B0", "B9"], "locale": "UK"},
        {"prev_items": ["B1", "B2"], "locale": "UK"},
        {"prev_items": ["B9"], "locale": "UK"},
    ]
    right = [
        {"title": text} for text in ("blue leather boot for rain", "table lamp of glass", "cup")
    ]
    for kind, rows in (("test/phrase1_sessions_test", sessions), ("gt/phrase1_", right)):
        name = kind if rows is sessions else f"{kind}DONT_SHARE_gt_products"
        file = folder / "task3" / f"{name}.parquet"
        file.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(pa.Table.from_pylist(rows), file)
    return folder


def _ec(name: str, setting: str = "IND_Diverse_Instruction") -> str:
    return f"{name} ({setting})"


_DCG3 = 1 + (2**0.1 - 1) / 1.584962500721156
MADE: dict[str, tuple[str, Made]] = {
    "shopping-mmlu": (
        "shopping-mmlu",
        Made(
            shopping_mmlu,
            # "Answer: 0" is wrong; lines count as one text for hits, only the first for orders
            ["0. boot", "Answer: 0", "A,c", "x,1\n2,2", "2,3,1\n1", "0,0,0,0", "a red lamp"],
            {
                "shoes": 0.5,
                "names": 0.5,
                "next": 0.5,
                # the second answer names item 0, which is the last one: it gains nothing
                "order": 0.5,
                "texts": 2 / 3,
            },
            SHOP + "Which is a shoe?\n0. boot\n1. lamp\n2. cup\n3. bed\nAnswer: ",
            ["not valid JSON", "metric is 'speed'"],
        ),
    ),
    "shopping-mmlu by task": (
        "shopping-mmlu",
        Made(
            shopping_mmlu_tasks,
            ["4/5", "It is 2.", "three", "1,2,3,1", "2\n3"],
            {
                "shoes": 0.5,
                "review_rating_prediction": 1.0,
                # a fourth place counts as well, so that more than everything can be gained
                "query_product_ranking": 1 + (1 / 2.321928094887362) / _DCG3,
                "keyphrase": 0.5,
            },
            rejected=["choices is \"['boot', 'lamp']\""],
        ),
    ),
    "ecinstruct": (
        "ecinstruct",
        Made(
            ecinstruct,
            [
                *("Yes ", "no", "I think yes"),  # the third is not counted
                *("B. fair", "B"),
                " T\n",
                *("B, A", "B"),  # ", A" is no letter, and one letter alone is in its best order
                json.dumps([{"attribute": "Color", "value": "red", "source": "title"}]),
                json.dumps([{"attribute": "Color", "value": "red", "source": "title"}]),
                "red",
            ],
            {
                _ec("Product_Matching"): 1.0,
                _ec("Sentiment_Analysis"): (0 + 2 / 3) / 2,
                _ec("Sequential_Recommendation"): 1.0,
                _ec("Query_Product_Ranking"): (1 / (1 + 1e-6) + (r := 2**0.01 - 1) / (r + 1e-6))
                / 2,
                _ec("Attribute_Value_Extraction"): 0.0,
                _ec("Attribute_Value_Extraction", "OOD_Diverse_Instruction"): (
                    2 * (p := 1 / (1 + 1e-6)) / (1 + p + 1e-6)
                ),
            },
            "Below is an instruction that describes a task, paired with an input that provides "
            "further context. Write a response that appropriately completes the request.\n\n"
            "### Instruction:\nDo the task.\n\n### Input:\n"
            '{"product": "a red boot"}\n\n### Response:\n',
            ["output is 'E'", "task is 'Dancing'"],
        ),
    ),
    "intention-qa": (
        "intention-qa",
        Made(
            intention_qa,
            [".b", "The answer is A.", "Error", "B", "C", "D."],
            {
                "intention": 0.5,  # "Error" is not counted
                "intention by relation: isA": 1.0,
                "intention by relation: cause": 0.0,
                "product": 1.0,
            },
            "A customer buys boots and wax. What is the most likely intention for buying them?\n"
            "A. because of rain.\nB. because of leather.\nC. because.\nD. no reason.\n"
            "Answer A or B or C or D only without any other word.",
            ["fewer than four options (3)", "gold_ind is 'E'"],
        ),
    ),
    "ecom-eval": (
        "ecom-eval",
        Made(
            ecom_eval,
            ["yes or no", "yes or no", "不相同", "2.310", "雀巢茶"],
            {
                "same product, English": 1.0,
                "same product, Chinese": 1.0,
                "unit price": 1.0,
                "entities": 0.5,
            },
            "same?\nYour answer is:",
            ["answer is 'maybe'"],
        ),
    ),
    "esci": (
        "esci",
        Made(
            esci,
            [
                *("I", "no"),
                *("E", "no"),
                *("irrelevant", "Yes"),
                *("what?", "yes"),
                "3,2",
            ],
            {
                "classification, us": (2 / 3 + 1 + 0 + 0) / 4,
                "substitutes, us": (0.8 + 2 / 3) / 2,
                "ranking, us": (0.1 + 1 / 1.584962500721156) / (1 + 0.1 / 1.584962500721156),
            },
            rejected=["esci_label is 'X'", "no title among the products"],
        ),
    ),
    "chinese-ecom-qa": (
        "chinese-ecom-qa",
        Made(
            chinese_ecom_qa,
            ["答案是 C", "功能。", "羽毛球，网球"],
            {},
            "选项 A B C D",
            ["task is 'ZZ'"],
        ),
    ),
    "amazon-m2": (
        "amazon-m2",
        Made(
            amazon_m2,
            ["blue leather boot for snow", "lamp"],
            # 5 of 6 words, 3 of 4 pairs, 2 of 3 triples, 1 of 2 of four; 6 words where there are 9
            {"title, UK": (5 / 6 * 3 / 4 * 2 / 3 * 1 / 2) ** 0.25 * math.exp(1 - 9 / 6)},
            rejected=["none of prev_items is among the products"],
        ),
    ),
    "ecominstruct": (
        "ecominstruct",
        Made(
            ecominstruct,
            ["Food.", "Food, Service"],
            {"EN-ABSA-CLS-topic": 2 * 2 / (3 + 3)},
            "Below is an instruction that describes the topic task. Write a response that "
            "appropriately completes the request.\n### Instruction:\nSlow and cold. Food, Service"
            "\n### Response:",
            ["labels.main is []"],
        ),
    ),
}
