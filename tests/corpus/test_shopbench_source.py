import json
import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from ecom.corpus.config import Source
from ecom.corpus.formats import shopbench
from ecom.corpus.formats.base import Fixed, Item
from ecom.corpus.records import Paired, Review, Tagged
from ecom.errors import DataError
from ecom.forms import FORMS
from ecom.raw import files
from ecom.rows import Example
from ecom.shopbench import Rejected

ROW: dict[str, Any] = {
    "input_field": "Which is a shoe?\n0. boot\n1. lamp\nAnswer: ",
    "output_field": 0,
    "task_type": "multiple-choice",
    "metric": "accuracy",
}
RETRIEVAL = {**ROW, "task_type": "retrieval", "metric": "hit rate@3"}


def read(*rows: dict[str, Any], file: str = "mcq_shoes.jsonl", **source: Any) -> list[Item]:
    settings = Source(format="shopbench", path=file, **source)
    return list(shopbench.read(enumerate(rows, start=1), settings, file))


def read_file(file: Path) -> list[Item]:
    source = Source(format="shopbench", path=str(file))
    return [
        item
        for span in files.spans(str(file))
        for item in shopbench.read(files.rows(span), source, str(file))
    ]


def fixed(row: dict[str, Any], **changes: Any) -> tuple[Example, tuple[str, ...]]:
    item = read({**row, **changes}, file="rows.jsonl")[0]
    assert isinstance(item, Fixed)
    return item.example, item.fixes


def reason(row: dict[str, Any], **changes: Any) -> str:
    (item,) = read({**row, **changes}, file="rows.jsonl")
    assert isinstance(item, Rejected)
    return item.reason


def test_a_row_becomes_an_example_named_after_its_file() -> None:
    (example,) = read(ROW, file="a/b/mcq_shoes.jsonl.gz")
    assert isinstance(example, Example)
    assert (example.task, example.form, example.output) == ("mcq_shoes", "multiple-choice", "0")
    assert (example.source, example.lang) == ("mcq_shoes.jsonl.gz", "")
    assert example.skill is None, "the row does not say, so nobody may guess"
    assert example.prompt == ROW["input_field"].strip()
    (example,) = read({**ROW, "task_name": "shoes"}, name="Shoes", lang="de")
    assert isinstance(example, Example)
    assert (example.source, example.task, example.lang) == ("Shoes", "shoes", "de")


def test_a_bad_row_is_rejected_with_its_line_and_the_rest_goes_on(tmp_path: Path) -> None:
    bad = json.dumps({**ROW, "output_field": "maybe"})
    good = json.dumps(ROW)
    file = tmp_path / "mcq_shoes.jsonl"
    file.write_text("\n".join([good, '{"input_field": "trunc', "", bad, good]), "utf-8")
    result = read_file(file)
    rejected = [row for row in result if isinstance(row, Rejected)]
    assert [row.line for row in rejected] == [2, 4]
    assert "not valid JSON" in rejected[0].reason
    assert "'maybe'" in rejected[1].reason
    assert "int from 0 to 9" in rejected[1].reason
    assert sum(isinstance(row, Example) for row in result) == 2


def test_a_ranking_teaches_the_ideal_order() -> None:
    row = {**ROW, "task_type": "ranking", "output_field": [0.1, 1, 0, 0.01, 1]}
    (example,) = read(row, file="r.jsonl")
    assert isinstance(example, Example)
    assert example.output == "2,5,1,4,3"


def test_a_file_of_other_columns_is_one_error_with_near_names() -> None:
    rows = [{"input": "a", "output_feild": 0, "task_type": "ranking"}] * 1_000
    with pytest.raises(DataError, match=r"shoes.*output_feild for output_field"):
        read(*rows)
    with pytest.raises(DataError, match="input_field"):
        read(*rows[:3])


def test_a_row_without_a_column_is_rejected_alone() -> None:
    bad, good = read({"input_field": "x"}, ROW)
    assert isinstance(bad, Rejected)
    assert isinstance(good, Example)


def test_yes_or_no_becomes_the_word_that_the_prompt_asks_for() -> None:
    example, fixes = fixed(ROW, input_field="Is it? yes or no", output_field="no", metric="bool")
    assert (example.form, example.output, example.metric) == ("classification", "no", "accuracy")
    assert example.paradigm == "CLS"
    assert len(fixes) == 1


LABELS = ["Food", "Price", "Style"]


@pytest.mark.parametrize(
    ("form", "gold", "offers", "output"),
    [
        ("classification", "Food", {"options": LABELS}, "Food"),
        ("classification", "B", {"options": LABELS, "labels": ["A", "B", "C"]}, "B"),
        ("classification", "Food", {}, "Food"),
        ("multi-label", ["Style", "Food"], {"options": LABELS}, "Style, Food"),
        ("multi-label", ["C", "A"], {"labels": ["A", "B", "C"], "choose": 2}, "C, A"),
        ("ordering", ["Style", "Food", "Price"], {"options": LABELS, "order": True},
         "Style, Food, Price"),
    ],
)  # fmt: skip
def test_an_answer_in_texts_is_one_that_the_row_offers(
    form: str, gold: Any, offers: dict[str, Any], output: str
) -> None:
    asked = {**ROW, "input_field": "About?", "task_name": "about", "metric": None}
    row = {**asked, "task_type": form, "output_field": gold, **offers}
    (example,) = read(row)
    assert isinstance(example, Example), example
    assert (example.form, example.output, example.prompt) == (form, output, "About?")


@pytest.mark.parametrize(
    ("form", "gold", "offers", "said"),
    [
        ("classification", "Drink", {"options": LABELS}, "'Drink' is none of the 3 texts offered"),
        ("classification", ["Food"], {"options": LABELS}, "output_field is ['Food'], not a text"),
        ("classification", "Food", {"options": "Food"}, "options is 'Food': Input should be"),
        ("classification", "Food", {"options": ["Food"]}, "options has 1 entries; give 2 to"),
        ("multi-label", ["Food", "Drink"], {"labels": LABELS}, "'Drink' is none of"),
        ("multi-label", ["Food"], {"options": LABELS, "choose": 2}, "names 1 of the texts offered"),
        ("multi-label", ["Food"], {"options": LABELS, "choose": 9}, "choose is 9; with 3 texts"),
        ("ordering", ["Food", "Food"], {"options": LABELS}, "not a list of distinct texts"),
    ],
)
def test_an_answer_that_the_row_does_not_offer_is_named(
    form: str, gold: Any, offers: dict[str, Any], said: str
) -> None:
    row = {"input_field": "About?", "task_type": form, "output_field": gold, **offers}
    assert said in reason(ROW, **row)


def test_a_gold_in_digits_becomes_a_number_and_has_to_be_an_option() -> None:
    example, _ = fixed(ROW, output_field="1")
    assert example.output == "1"
    assert reason(ROW, output_field="3") == "gold 3 is not among the printed options"
    assert "not among" in reason(ROW, input_field="What weight?\nAnswer: ", output_field="0")


def test_a_rating_prints_no_options() -> None:
    prompt = "Rate this review from 1 to 5.\nReview: 1. bad\n2. worse\nOutput:"
    (example, record) = read({**ROW, "input_field": prompt, "output_field": 4}, file="r.jsonl")
    assert isinstance(example, Example)
    assert isinstance(record, Review)
    assert (record.text, record.rating) == ("1. bad\n2. worse", 4)
    assert "not among" in reason(ROW, input_field="Rate from 1 to 5.\nReview: x", output_field=7)


@pytest.mark.parametrize(("gold", "index"), [(0, "0"), (1, "1"), (2, "2"), (3, "2")])
def test_options_that_skip_a_number_are_numbered_afresh(gold: int, index: str) -> None:
    prompt = "Titles: 1. a\n0. buy\n1. view\n3. similar\nAnswer: "
    example, _ = fixed(ROW, input_field=prompt, output_field=gold)
    assert example.output == index
    assert example.prompt == "Titles: 1. a\n0. buy\n1. view\n2. similar\nAnswer:"


def test_options_that_skip_a_number_stay_where_two_may_be_meant() -> None:
    prompt = "Which?\n0. a\n2. b\n3. c\nAnswer: "
    (example,) = read({**ROW, "input_field": prompt, "output_field": 2}, file="r.jsonl")
    assert isinstance(example, Example)
    assert example.output == "2", "2 is printed, and as a place it would be the one after"
    assert "not among" in reason(ROW, input_field=prompt, output_field=5)


def test_a_list_from_0_is_counted_from_1() -> None:
    prompt = "Pick indices.\nProducts: 0. a 3. x\n1. b\n2. c\nOutput:"
    example, fixes = fixed(RETRIEVAL, input_field=prompt, output_field=[0, 2])
    assert example.prompt == "Pick indices.\nProducts: 1. a 3. x\n2. b\n3. c\nOutput:"
    assert example.output == "1,3"
    assert len(fixes) == 1


def test_a_list_from_0_whose_words_speak_of_0_is_rejected() -> None:
    prompt = "Pick indices, counting from 0.\n0. a\n1. b\nOutput:"
    assert "[0]" in reason(RETRIEVAL, input_field=prompt, output_field=[0])


def test_right_items_over_three_leave_the_list() -> None:
    prompt = "Pick all.\n1. a\n2. b\n3. c\n4. d\n5. e\nOutput:"
    example, _ = fixed(RETRIEVAL, input_field=prompt, output_field=[1, 2, 4, 5])
    assert example.prompt == "Pick all.\n1. a\n2. b\n3. c\n4. d\nOutput:"
    assert example.output == "1,2,4"
    counted = prompt.replace("all", "from these 5")
    assert "list of 1 to 3" in reason(RETRIEVAL, input_field=counted, output_field=[1, 2, 4, 5])


def test_a_gold_outside_the_list_is_rejected() -> None:
    prompt = "Pick.\n1. a\n2. b\nOutput:"
    assert reason(RETRIEVAL, input_field=prompt, output_field=[0, 1]).startswith("output_field")
    assert "gold 3 is not among" in reason(RETRIEVAL, input_field=prompt, output_field=[1, 3])


def test_a_japanese_translation_is_scored_as_japanese() -> None:
    row = {**ROW, "task_type": "generation", "metric": "bleu"}
    example, _ = fixed(row, output_field="赤いランプ")
    assert example.metric == "jp-bleu"
    (item,) = read({**row, "output_field": "eine rote Lampe"}, file="r.jsonl")
    assert isinstance(item, Example)
    assert item.metric == "bleu"


@pytest.mark.parametrize(
    ("prompt", "text", "kind"),
    [
        (
            "Extract phrases of the entity type 'size'.\nDo so.\nQuery: red boot 9\nOutput: ",
            "red boot 9",
            "size",
        ),
        ("Locate the 'size' in the product title 'Kid's boot 9'.", "Kid's boot 9", "size"),
        ("From the title 'Kid's boot 9', which is the 'size'?", "Kid's boot 9", "size"),
    ],
)
def test_entities_that_stand_in_the_text_are_tagged(prompt: str, text: str, kind: str) -> None:
    row = {**ROW, "task_type": "named_entity_recognition", "input_field": prompt}
    _, record = read({**row, "output_field": ["9"]}, file="ner.jsonl", lang="en")
    assert isinstance(record, Tagged)
    assert (record.text, record.spans, record.types) == (text, ((kind, "9"),), (kind,))
    assert len(read({**row, "output_field": ["10"]}, file="ner.jsonl")) == 1


def test_a_prompt_of_megabytes_is_read_in_no_time() -> None:
    prompt = "Extract 'size'\n" + "'a' b\n" * 500_000
    row = {**ROW, "task_type": "named_entity_recognition", "input_field": prompt}
    (item,) = read({**row, "output_field": ["a"]}, file="ner.jsonl")
    assert isinstance(item, Example)


def test_all_public_contest_items_are_read_with_their_skill(ecom_data: Path) -> None:
    rows = read_file(ecom_data / "shopbench" / "development.json")
    examples = [row for row in rows if isinstance(row, Example)]
    assert not [row for row in rows if isinstance(row, Fixed | Rejected)]
    assert len(examples) == 96
    assert {e.skill for e in examples} == {"concepts", "reasoning", "behavior", "multilingual"}
    assert Counter(e.form for e in examples)["multiple-choice"] == 52


def test_the_known_faults_of_the_real_rows_are_put_right_and_nothing_else(ecom_data: Path) -> None:
    found = {Path(f).name: read_file(Path(f)) for f in files.find(str(ecom_data / "ec_guide"))}
    raw = {name: lines(ecom_data / "ec_guide" / name) for name in found}

    def count(kind: type, *names: str) -> int:
        return sum(isinstance(item, kind) for name in names for item in found[name])

    sound = found.keys() - {
        "generation_epk.jsonl",
        "generation_mt.jsonl",
        "mcq_acr.jsonl",
        "mcq_prp.jsonl",
        "mcq_qprj.jsonl",
        "mcq_sap.jsonl",
        "ner_ner.jsonl",
        "retrieval_pr.jsonl",
        "retrieval_rrs.jsonl",
    }
    assert count(Fixed, *sound) == count(Rejected, *sound) == 0
    # NOTICE.txt: golds (=2) not among 0, 1, 3, and yes/no rows
    prp = [item.example for item in found["mcq_prp.jsonl"] if isinstance(item, Fixed)]
    assert Counter(e.output for e in prp) == Counter(
        str(row["output_field"]) for row in raw["mcq_prp.jsonl"]
    )
    assert all("\n2. " in e.prompt and "\n3. " not in e.prompt for e in prp if e.output in "012")
    assert count(Fixed, "mcq_qprj.jsonl") == len(raw["mcq_qprj.jsonl"])
    # rows of type generation in a file of multiple choice
    free = [item.example for item in found["mcq_acr.jsonl"] if isinstance(item, Fixed)]
    assert {e.task for e in free} == {"mcq_acr:generation"}
    assert len(free) == sum(row["task_type"] == "generation" for row in raw["mcq_acr.jsonl"])
    # golds that are strings: three name an option
    assert count(Fixed, "mcq_sap.jsonl") + count(Rejected, "mcq_sap.jsonl") == 8
    # an empty text, or [""], is no answer
    for name in ("generation_epk.jsonl", "ner_ner.jsonl"):
        empty = sum(row["output_field"] in (" ", "", [""]) for row in raw[name])
        assert count(Rejected, name) == empty > 0
    japanese = [
        row for row in raw["generation_mt.jsonl"] if re.search("[ぁ-ヿ]", row["output_field"])
    ]
    assert count(Fixed, "generation_mt.jsonl") == len(japanese) > 0
    for name in ("retrieval_pr.jsonl", "retrieval_rrs.jsonl"):
        pairs = zip(found[name], raw[name], strict=True)
        for item, row in pairs:
            if isinstance(item, Fixed):
                assert answer_texts(item.example.prompt, item.example.output) == [
                    option(row["input_field"], number) for number in row["output_field"][:3]
                ]
    assert count(Rejected, "retrieval_pr.jsonl", "retrieval_rrs.jsonl") == 1
    for items in found.values():
        for item in items:
            example = item.example if isinstance(item, Fixed) else item
            if isinstance(example, Example):
                form = FORMS[example.form]
                assert form.emit(form.official(example.output)) == example.output.strip()[:5000]


def test_real_rows_give_records(ecom_data: Path) -> None:
    folder = ecom_data / "ec_guide"
    reviews = [r for r in read_file(folder / "mcq_sa.jsonl") if isinstance(r, Review)]
    assert len(reviews) == len(lines(folder / "mcq_sa.jsonl"))
    tagged = [t for t in read_file(folder / "ner_ner.jsonl") if isinstance(t, Tagged)]
    assert len(tagged) > 0.99 * len(lines(folder / "ner_ner.jsonl"))
    assert all(term in t.text for t in tagged for _, term in t.spans)
    pairs = [p for p in read_file(folder / "mcq_prp.jsonl") if isinstance(p, Paired)]
    assert Counter(p.same for p in pairs) == {True: 206, False: 198}
    assert all(p.left.title and p.right.title for p in pairs)
    for records in (reviews, tagged, pairs):
        assert len({r.id for r in records}) == len(records)


def lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]


def option(prompt: str, number: int) -> str:
    (text,) = re.findall(rf"(?:^|: ){number}\. (.*)$", prompt, re.MULTILINE)
    return str(text)


def answer_texts(prompt: str, output: str) -> Iterable[str]:
    return [option(prompt, int(number)) for number in output.split(",")]
