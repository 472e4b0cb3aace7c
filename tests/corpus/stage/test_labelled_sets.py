"""Every labelled set, once through the whole corpus stage with every transform."""

import json
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from scipy.stats import chisquare

from ecom.artifact import Draft
from ecom.corpus import job, parts, reading
from ecom.corpus.config import CorpusConfig
from ecom.forms import FORMS, Prompting, infer_form
from ecom.rows import Example
from tests.corpus.labelled_sets import BAD, write

pytestmark = pytest.mark.integration

Rows = list[dict[str, Any]]


@pytest.fixture(scope="module")
def corpus(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("labelled")
    (folder / "sets").mkdir()
    draft = Draft(folder / "out")
    draft.path.mkdir()
    settings = {
        "sources": write(folder / "sets"),
        "transforms": {"names": ["*"]},
        "wording": {"language": "own"},
        "max_tokens": 4_000,
    }
    job.run(
        CorpusConfig.model_validate(settings),
        seed=1,
        prompting=Prompting(),
        base=str(tiny_model),
        sample=None,
        draft=draft,
    )
    return draft.path


@pytest.fixture(scope="module")
def rows(corpus: Path) -> Rows:
    files = [file for split in ("train", "validation") for file in (corpus / split).iterdir()]
    return [row for file in files for row in pq.read_table(file).to_pylist()]


@pytest.fixture(scope="module")
def rejected(corpus: Path) -> Rows:
    files = (corpus / "rejected").iterdir()
    return [json.loads(line) for file in files for line in file.read_text("utf-8").splitlines()]


def set_of(row: dict[str, Any]) -> str:
    return str(row["source"])


def as_asked(row: dict[str, Any]) -> Example:
    names = Example.__slots__
    return Example(**{name: row[name] for name in names})


def test_every_row_of_every_set_is_kept_or_rejected_with_its_reason(
    corpus: Path, rows: Rows, rejected: Rows
) -> None:
    card = json.loads((corpus / "card.json").read_text("utf-8"))
    read = {source["name"]: source["read"] for source in card["sources"]}
    own = Counter(set_of(row) for row in rows if row["transform"] is None)
    # What has no line was made by a transform; what repeats a row has the row's line.
    bad = Counter(set_of(row) for row in rejected if row["line"])
    assert read == {name: own[name] + bad[name] for name in read}
    assert min(own.values()) >= 25
    assert bad == BAD, [row for row in rejected if row["line"]]


def test_transforms_make_more_of_every_set_and_little_is_rejected(
    rows: Rows, rejected: Rows
) -> None:
    assert {set_of(row) for row in rows if row["transform"]} == set(BAD)
    derived = {row["transform"] for row in rows}
    new = (
        "has_relation",
        "texts_match",
        "matching_text",
        "summary_match",
        "summary_choice",
        "text_from_summary",
        "rewrite_match",
        "rewrite_choice",
        "answerable",
    )
    assert {str(name).partition(":")[2] for name in derived} >= set(new)
    unasked = [row for row in rejected if not row["line"]]
    assert len(unasked) < 0.02 * len(rows), Counter(row["reason"] for row in unasked)


def test_every_form_that_labelled_sets_can_give_is_there_and_reads_back(rows: Rows) -> None:
    assert {row["form"] for row in rows} >= set(FORMS) - {"ranking", "ordering"}
    assert {row["paradigm"] for row in rows} == {"CLS", "EXT", "GEN", "OTHER"}
    for row in rows:
        form = FORMS[row["form"]]
        assert form.official(row["output"]) != form.nothing


def test_serving_infers_the_form_of_every_row_asked_in_english(rows: Rows) -> None:
    for row in rows:
        if row["lang"] == "en":
            prompt = as_asked(row).text()
            # Several labels of a list without a heading are asked for as a text is.
            alike = {row["form"], "generation"} if row["form"] == "multi-label" else {row["form"]}
            choice = None if FORMS[row["form"]].chosen else row["form"] == "multiple-choice"
            assert infer_form(prompt, choice) in alike, prompt


def test_the_right_choice_is_at_each_position_equally_often(rows: Rows) -> None:
    indices: dict[int, Counter[int]] = defaultdict(Counter)
    for row in rows:
        if row["form"] == "multiple-choice":
            indices[len(row["options"])][int(row["output"])] += 1
    assert indices.keys() >= {2, 3, 4}
    for count, counter in indices.items():
        if counter.total() >= 10 * count:
            assert chisquare([counter[index] for index in range(count)]).pvalue > 1e-4, counter


@pytest.mark.parametrize(
    ("source", "form", "paradigm", "metric", "asked", "answers"),
    [
        (
            "titles.conll",
            "generation",
            "OTHER",
            "rougel",
            "Text: Nordlicht running shoe in red",
            {"brand: Nordlicht", "color: red", "product: running shoe"},
        ),
        (
            "queries.parquet",
            "generation",
            "OTHER",
            "rougel",
            "Text: cheap red steel kettle by",
            {"brand: Nordlicht", "color: red", "product: steel kettle"},
        ),
        (
            "cluener.json",
            "generation",
            "OTHER",
            "rougel",
            "文本: 想买华为的红色手机送给父母",
            {"品牌: 华为", "颜色: 红色", "商品: 手机"},
        ),
        (
            "squad.json",
            "generation",
            "EXT",
            "rougel",
            "Question: How heavy is the desk lamp?",
            {"The text does not say."},
        ),
        (
            "squad.json",
            "generation",
            "EXT",
            "rougel",
            "Question: How long is the warranty on the running shoe?",
            {"2 years"},
        ),
        (
            "faq.jsonl",
            "generation",
            "GEN",
            "rougel",
            "Question: Is the Lumo rain jacket easy to",
            {"Yes, the rain jacket is easy to clean."},
        ),
        (
            "sentiment.csv",
            "multiple-choice",
            "CLS",
            "accuracy",
            "The red running shoe by Nordlicht broke after",
            {"unhappy"},
        ),
        (
            "aspects.jsonl",
            "multi-label",
            "CLS",
            "set f1",
            "the wool blanket by Nordlicht: it is",
            {"size, look"},
        ),
        (
            "matching.tsv",
            "multiple-choice",
            "CLS",
            "accuracy",
            "文本一: 怎么退华为手机\n文本二: 华为手机如何办理退货",
            {"匹配"},
        ),
        (
            "nli.jsonl",
            "multiple-choice",
            "CLS",
            "accuracy",
            "First text: This red wool blanket is made by Nordlicht.",
            {"entailment"},
        ),
        ("sts.csv", "generation", "CLS", "rougel", "On the table stands a", {"5.0"}),
        (
            "sgd",
            "generation",
            "EXT",
            "rougel",
            "Customer: I look for a desk lamp in blue.",
            {"Intent: FindProduct", "product: desk lamp", "color: blue"},
        ),
        ("jddc.csv", "multiple-choice", "CLS", "accuracy", "顾客: 我想把华为手机退掉", {"退货"}),
        (
            "news.jsonl",
            "generation",
            "GEN",
            "rougel",
            "Adler has brought out a new desk lamp",
            {"New yellow desk lamp by Adler for the hallway"},
        ),
        (
            "rewrites.tsv",
            "generation",
            "GEN",
            "rougel",
            "Query: unning shoes red nordlich",
            {"Nordlicht running shoe red"},
        ),
    ],
)
def test_a_sets_own_row_asks_what_the_set_asks(
    rows: Rows, source: str, form: str, paradigm: str, metric: str, asked: str, answers: set[str]
) -> None:
    own = [row for row in rows if row["source"] == source and row["transform"] is None]
    assert {(row["form"], row["paradigm"], row["metric"]) for row in own} == {
        (form, paradigm, metric)
    }
    assert all(row["description"] and row["prompt"] for row in own)
    found = [row for row in own if asked in as_asked(row).text()]
    said = [
        row["options"][int(row["output"])] if form == "multiple-choice" else row["output"]
        for row in found
    ]
    assert answers in [set(text.splitlines()) for text in said], said


@pytest.mark.parametrize(
    ("name", "row", "why"),
    [
        ("ner", {"text": "boots " * 900, "spans": [[0, 5_399, "product"]]}, "the answer is longer"),
        (
            "qa",
            {"question": "Which?", "context": "so long " * 900, "answers": ["so long " * 700]},
            "the answer is longer",
        ),
        ("summaries", {"text": "a lamp", "summary": "so long " * 700}, "the summary is longer"),
        ("rewrites", {"query": "a lamp", "rewritten": "so long " * 700}, "the rewritten query is"),
    ],
)
def test_a_row_of_which_no_question_is_made_says_why(
    tmp_path: Path, name: str, row: dict[str, Any], why: str
) -> None:
    file = tmp_path / "rows.jsonl"
    other = {"text": "red boots", "spans": [[0, 3, "color"]]}
    known = [row, other] if name == "ner" else [row]
    file.write_text("".join(json.dumps(row) + "\n" for row in known))
    source = {"format": name, "path": str(file)}
    config = CorpusConfig.model_validate({"sources": [source]})
    [task] = reading.tasks(config.sources, None)
    parts.make(task, config, 0, tmp_path, tmp_path / "cache")
    [rejected] = map(json.loads, (tmp_path / "00000.jsonl").read_text("utf-8").splitlines())
    assert why in rejected["reason"]


def test_task_and_description_of_a_source_are_those_of_its_own_rows_alone(rows: Rows) -> None:
    of_set = [row for row in rows if row["source"] == "sentiment.csv"]
    own = [row for row in of_set if row["transform"] is None]
    assert {(row["task"], row["description"]) for row in own} == {
        ("satisfaction", "Satisfaction of buyers: three grades.")
    }
    derived = [row for row in of_set if row["transform"]]
    assert "satisfaction" not in {row["task"] for row in derived}
    assert "Satisfaction of buyers: three grades." not in {row["description"] for row in derived}


def test_the_card_counts_tasks_by_language_and_paradigm(corpus: Path, rows: Rows) -> None:
    card = json.loads((corpus / "card.json").read_text("utf-8"))
    for kind in card["task_kinds"]:
        here = [r for r in rows if (r["lang"], r["paradigm"]) == (kind["lang"], kind["paradigm"])]
        assert kind["rows"] == len(here)
        assert kind["tasks"] == len({row["task"] for row in here})
        assert kind["tasks_of_sources"] == len({(row["task"], row["source"]) for row in here})
    assert sum(kind["rows"] for kind in card["task_kinds"]) == len(rows)
    assert "| zh | CLS |" in (corpus / "card.md").read_text("utf-8")
