"""The rows are laid out as eCeLLM's own scripts write them; the set itself is not at hand."""

import csv
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ecom.corpus.config import Source
from ecom.corpus.formats import ecinstruct
from ecom.corpus.formats.base import Item
from ecom.corpus.records import Answered, Classified, Paired, Search, Tagged
from ecom.errors import DataError
from ecom.forms import FORMS, Prompting, messages
from ecom.raw import files
from ecom.rows import Example
from ecom.shopbench import Rejected

RELEVANCE = [
    "A: It satisfies all wishes.",
    "B: It is a substitute.",
    "C: It goes in combination with the right one.",
    "D: It is irrelevant.",
]
SENTIMENT = ["A: very positive", "B: positive", "C: neutral", "D: negative", "E: very negative"]


def row(
    task: str, instruction: str, given: Any, output: Any, options: Any = None
) -> dict[str, Any]:
    return {
        "split": "train",
        "task": task,
        "setting": "IND_Diverse_Instruction",
        "instruction": instruction,
        "input": given,
        "options": options,
        "output": output,
        "few_shot_example": None,
    }


RELATION = row(
    "Product_Relation_Prediction",
    "Select the option that indicates the relation.",
    json.dumps({"Product 1:": "red boot", "Product 2:": "lace"}),
    "C",
    json.dumps(["A: Users buy both.", "B: Users view both.", "C: They are similar."]),
)


def read(*rows: dict[str, Any], **source: Any) -> list[Item]:
    settings = Source(format="ecinstruct", path="x", **source)
    return list(ecinstruct.read(enumerate(rows, start=1), settings, "ec.json"))


def example(given: dict[str, Any]) -> Example:
    found = read(given)[0]
    assert isinstance(found, Example), found
    return found


def record(given: dict[str, Any]) -> Item:
    _, found = read(given)
    return found


def test_letters_become_numbers_and_all_six_parts_are_filled() -> None:
    found = example(RELATION)
    assert (found.form, found.output, found.metric) == ("multiple-choice", "2", "accuracy")
    assert (found.paradigm, found.skill, found.lang) == ("CLS", "behavior", "en")
    assert found.text() == (
        "Task: product relation prediction.\n"
        "Select the option that indicates the relation.\n"
        "Product 1: red boot\n"
        "Product 2: lace\n"
        "0. Users buy both.\n"
        "1. Users view both.\n"
        "2. They are similar.\n"
        "Answer with the number of the right option alone."
    )


@pytest.mark.parametrize(
    "options",
    [
        ["A: buy", "B: view"],
        '["A: buy", "B: view"]',
        "['A: buy', 'B: view']",
        "A: buy\nB: view\n",
        "A) buy\nB) view",
        {"A": "buy", "B": "view"},
        ["buy", "view"],
        "0. buy\n1. view",
    ],
)
@pytest.mark.parametrize("by", ["mark", "text"])
def test_options_may_be_lists_or_texts(options: Any, by: str) -> None:
    mark = {"b": "view", "0": "1"}.get(str(options)[0], "B") if by == "mark" else "View"
    if isinstance(options, list) and options[0] == "buy":
        mark = "view"
    found = example({**RELATION, "options": options, "output": mark})
    assert (found.options, found.output) == (("buy", "view"), "1")


def test_an_output_may_be_the_whole_option() -> None:
    given = row(
        "Sentiment_Analysis",
        "Choose from (A: very positive, B: positive, C: neutral, D: negative, E: very negative).",
        "Nice boot.",
        "B: positive",
        json.dumps(SENTIMENT),
    )
    found, parsed = read(given)
    assert isinstance(found, Example)
    assert found.output == "1"
    assert "0: very positive, 1: positive" in found.prompt
    assert isinstance(parsed, Classified)
    assert (parsed.text, parsed.labels, parsed.topic) == ("Nice boot.", ("positive",), "sentiment")
    assert parsed.candidates[4] == "very negative"


def test_twenty_options_are_a_retrieval_from_1() -> None:
    history = str(["1st: Boot. Shoes.", "2nd: Kid's 15\" lamp."])
    options = str([f"{chr(65 + n)}: item {n}" for n in range(20)])
    given = row("Sequential_Recommendation", "What is next?", history, "K", options)
    (found,) = read(given)
    assert isinstance(found, Example)
    assert (found.form, found.output, len(found.options)) == ("retrieval", "11", 20)
    assert found.input == "1st: Boot. Shoes.\n2nd: Kid's 15\" lamp."
    assert "\n11. item 10\n" in found.text()


@pytest.mark.parametrize("task", ["Query_Product_Ranking", "Query_Product_Rank"])
def test_a_ranking_is_of_numbers_from_1(task: str) -> None:
    listed = ["A: lamp", "B: boot", "C: lace", "D: red boot"]
    fields = json.dumps({"query": "red boot", "product list": listed})
    found, parsed = read(
        row(task, "Rank the products A, B, C, ... by relevance.", fields, "D,B,C,A")
    )
    assert isinstance(found, Example)
    assert (found.form, found.task, found.output) == ("ranking", "Query_Product_Ranking", "4,2,3,1")
    assert found.prompt == "Rank the products 1, 2, 3, ... by relevance."
    assert "query: red boot\n1. lamp\n2. boot\n3. lace\n4. red boot\n" in found.text()
    assert isinstance(parsed, Search)
    assert [(p.title, relevance) for p, relevance in parsed.judged] == [
        ("red boot", "exact"),
        ("boot", "substitute"),
        ("lace", "complement"),
        ("lamp", "irrelevant"),
    ]
    fewer = json.dumps({"query": "red boot", "product list": listed[:3]})
    assert len(read(row(task, "Rank.", fewer, "B,C,A"))) == 1, "three tell only an order"


def test_yes_and_no_stay_words() -> None:
    product = {"title": "tax 2007", "description": float("nan"), "price": "19.99"}
    other = {"title": "tax '07", "manufacturer": "nan", "price": "0.0"}
    fields = json.dumps({"product 1": product, "product 2": other})
    found, parsed = read(row("Product_Matching", "Same? Only output yes or no.", fields, "yes"))
    assert isinstance(found, Example)
    assert (found.form, found.output, found.metric) == ("classification", "yes", "accuracy")
    assert (found.paradigm, found.skill) == ("CLS", "reasoning")
    assert "product 1: title: tax 2007, price: 19.99" in found.input
    assert isinstance(parsed, Paired)
    assert (parsed.left.price, parsed.right.price, parsed.right.brand) == (19.99, None, "")
    assert (parsed.left.description, parsed.same) == ("", True)


@pytest.mark.parametrize(
    ("task", "asked", "output", "form"),
    [
        ("Answerability_Prediction", "Can it be answered?", "No", "classification"),
        ("Answer_Generation", "Answer yes, no or in a sentence.", "yes", "generation"),
        ("Gift_Check", "Is it a gift? Output yes or no.", "no", "classification"),
        ("Gift_Check", "Is it a gift?", "yes", "generation"),
        ("Gift_Check", "Is it a gift? Output yes or no.", "Perhaps", "generation"),
    ],
)
def test_yes_and_no_are_classes_where_nothing_else_is_asked_for(
    task: str, asked: str, output: str, form: str
) -> None:
    found = next(iter(read(row(task, asked, "A candle.", output))))
    assert isinstance(found, Example)
    assert found.form == form
    assert (found.paradigm == "CLS") == (form == "classification")


@pytest.mark.parametrize("index", range(4))
def test_relevance_to_a_query_is_a_search(index: int) -> None:
    fields = json.dumps({"query": "boot", "product title": "red boot"})
    given = row(
        "Multiclass_Product_Classification",
        "How relevant?",
        fields,
        RELEVANCE[index],
        json.dumps(RELEVANCE),
    )
    parsed = record(given)
    assert isinstance(parsed, Search)
    ((product, relevance),) = parsed.judged
    assert product.title == "red boot"
    assert relevance == ("exact", "substitute", "complement", "irrelevant")[index]


def test_a_substitute_is_known_by_yes_alone() -> None:
    fields = json.dumps({"query": "boot", "product": "shoe"})
    given = row("Product_Substitute_Identification", "Substitute?", fields, "yes")
    parsed = record(given)
    assert isinstance(parsed, Search)
    assert parsed.judged[0][1] == "substitute"
    assert len(read({**given, "output": "no"})) == 1, "no may mean three things"


def test_an_answer_rests_on_its_document() -> None:
    fields = json.dumps({"question": "Fits size 9?", "document": ["It fits.", "Small."]})
    parsed = record(row("Answer_Generation", "Answer.", fields, "Yes, it does."))
    assert isinstance(parsed, Answered)
    assert (parsed.question, parsed.answer) == ("Fits size 9?", "Yes, it does.")
    assert parsed.context == "It fits.\nSmall."


def test_attribute_values_are_tagged_in_the_text_that_they_come_from() -> None:
    fields = {"product title": "Red LEATHER boot", "target attributes": "Material and Size"}
    values = [
        {"attribute": "material", "value": "leather", "source": "product title"},
        {"attribute": "size", "value": "None", "source": "None"},
    ]
    found, parsed = read(
        row("Attribute_Value_Extraction", "Extract.", json.dumps(fields), json.dumps(values))
    )
    assert isinstance(found, Example)
    assert (found.form, json.loads(found.output)) == ("generation", values)
    assert isinstance(parsed, Tagged)
    assert (parsed.text, parsed.spans) == ("Red LEATHER boot", (("material", "LEATHER"),))
    assert parsed.types == ("material", "size")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"split": "test"}, "split test: not for training"),
        ({"split": "val"}, "split val: not for training"),
        ({"output": "D"}, "none of the options"),
        ({"output": ""}, "output is empty"),
        ({"output": None}, "output is empty"),
        ({"instruction": " "}, "instruction is empty"),
        ({"options": [{"A": 1}, 2]}, "not a list of texts"),
        ({"input": '{"a": "\\ud800"}'}, "surrogate"),
        (
            {"task": "Query_Product_Ranking", "options": None, "input": {"product list": ["A: x"]}},
            "no order of the products",
        ),
    ],
)
def test_what_cannot_be_trained_on_is_rejected(changes: dict[str, Any], said: str) -> None:
    bad, good, *_ = read({**RELATION, **changes}, RELATION)
    assert isinstance(bad, Rejected)
    assert said in bad.reason
    assert isinstance(good, Example)


def test_rows_of_other_tasks_are_read_by_their_shape() -> None:
    choice = row("multiple-choice", "Pick.", "A lamp.", "1", ["red", "blue"])
    found = example({**choice, "options": "0. red\n1. blue", "few_shot_example": "null"})
    assert (found.form, found.output, found.lang) == ("multiple-choice", "1", "")
    found = example(row("NER", "Extract.", "red boot", "boot", "null"))
    assert (found.form, found.paradigm, found.skill) == ("generation", "GEN", None)
    odd = example({**RELATION, "task": "", "input": "[[VIDEOID:1]] fine \\d"})
    assert odd.input == "[[VIDEOID:1]] fine \\d"


def test_json_csv_and_parquet_say_the_same(tmp_path: Path) -> None:
    rows = [RELATION, {**RELATION, "options": None, "output": "Ünder"}]
    (tmp_path / "a.json").write_text(json.dumps(rows), "utf-8")
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, rows)), "utf-8")
    with (tmp_path / "a.csv").open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, list(RELATION))
        writer.writeheader()
        writer.writerows(rows)
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "a.parquet")
    source = Source(format="ecinstruct", path="a", name="EC")
    found = []
    for file in files.find(str(tmp_path)):
        (span,) = files.spans(file)
        found.append(list(ecinstruct.read(files.rows(span), source, file)))
    assert len(found) == 4
    assert all(items == found[0] for items in found)
    assert [item.output for item in found[0] if isinstance(item, Example)] == ["2", "Ünder"]


def test_every_answer_is_read_back_by_the_contest() -> None:
    found = example(RELATION)
    form = FORMS[found.form]
    assert form.official(found.output) == 2
    assert found.text() in messages(found.text(), form, Prompting())[-1]["content"]


def test_a_file_of_other_columns_is_one_error() -> None:
    with pytest.raises(DataError, match=r"ec\.json.*instructions for instruction"):
        read(*[{"instructions": "a", "input": "b", "output": "c"}] * 200)
