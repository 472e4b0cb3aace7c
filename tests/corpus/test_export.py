"""Rows of every format that `ecom corpus --export` writes, read back by our own readers."""

import json
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from ecom.artifact import Artifact
from ecom.corpus import metadata, reading
from ecom.corpus.clean import Cleaned, clean
from ecom.corpus.config import Clean, Source
from ecom.corpus.export import FORMATS, write
from ecom.corpus.formats import chat, ecinstruct, shopbench
from ecom.forms import FORMS, Prompting
from ecom.forms.prompting import Override
from ecom.rows import EXAMPLE_SCHEMA, SKILLS, Example, to_dict
from ecom.shopbench import Rejected

READERS = {"ecinstruct": ecinstruct, "shopbench": shopbench}  # the other formats are chats
KEPT = (
    "task",
    "form",
    "paradigm",
    "skill",
    "lang",
    "metric",
    "label",
    "transform",
    "parents",
    "difficulty",
)
SHOT = {"question": "Which is red?\n1. sky\n2. rose", "answer": "2"}
PROMPTINGS = (
    Prompting(),
    Prompting(system="", by_form={"generation": Override(system="Be brief.", suffix="Say:")}),
    Prompting.model_validate(
        {
            "by_form": {"retrieval": {"examples": [SHOT, SHOT], "suffix": ""}},
            "by_task": {"t": {"system": "", "suffix": "Now:", "examples": [SHOT]}},
        }
    ),
)

# No "<": where two parts are put together, "<a" and ">" may become a tag, which cleaning takes out.
texts = st.text("ab 0.:,\"'[]{}\\é商\u2028\n", min_size=1, max_size=30)
parts = st.fixed_dictionaries(
    {
        "source": st.just("s"),
        "task": st.sampled_from(["t", "a task: 商"]),
        "paradigm": st.sampled_from(["CLS", "EXT", "GEN", "OTHER"]),
        "skill": st.sampled_from([None, *SKILLS]),
        "lang": st.sampled_from(["en", "zh"]),
        "description": st.one_of(st.just(""), texts),
        "input": st.one_of(st.just(""), texts),
        "constraint": st.one_of(st.just(""), texts),
        "prompt": texts,
        "label": st.sampled_from(["gold", "pseudo"]),
        "transform": st.sampled_from([None, "reverse:qa"]),
        "parents": st.sampled_from([(), ("0a", "1b")]),
        "metric": st.sampled_from(["", "accuracy"]),
        "difficulty": st.sampled_from([None, "Hard"]),
    }
)
ASKED = {"source": "s", "task": "t", "paradigm": "CLS", "skill": None, "lang": "en"}
OPTIONS = ("red boot", "B: lamp", "2. chair", "商品", "a {desk}")
answers = st.one_of(
    st.fixed_dictionaries(
        {
            "form": st.just("multiple-choice"),
            "options": st.just(OPTIONS),
            "output": st.sampled_from("01234"),
        }
    ),
    st.fixed_dictionaries(
        {
            "form": st.just("retrieval"),
            "options": st.just(OPTIONS),
            "output": st.just("5,1"),
        }
    ),
    st.fixed_dictionaries(
        {
            "form": st.just("ranking"),
            "options": st.just(OPTIONS),
            "output": st.permutations("12345").map(",".join),
        }
    ),
    st.fixed_dictionaries(
        {
            "form": st.just("classification"),
            "options": st.just(OPTIONS),
            "output": st.sampled_from(OPTIONS),
        }
    ),
    st.fixed_dictionaries(
        {
            "form": st.sampled_from(["multi-label", "ordering"]),
            "options": st.just(OPTIONS),
            "output": st.permutations(OPTIONS).map(lambda order: ", ".join(order[:3])),
        }
    ),
    st.fixed_dictionaries({"form": st.just("classification"), "output": texts}),
    st.fixed_dictionaries({"form": st.just("named_entity_recognition"), "output": texts}),
    st.fixed_dictionaries({"form": st.just("generation"), "output": texts}),
)


@given(parts, answers, st.sampled_from(list(FORMATS)), st.sampled_from(PROMPTINGS))
@example(  # "0:" is a question, not the first of the items that it asks about
    {**ASKED, "prompt": "0:"},
    {"form": "retrieval", "options": OPTIONS, "output": "5,1"},
    "shopbench",
    PROMPTINGS[0],
)
def test_any_clean_row_comes_back_as_it_was(
    asked: dict[str, Any], answered: dict[str, Any], name: str, prompting: Prompting
) -> None:
    cleaned = clean(Example(**asked, **answered), Clean())
    assume(isinstance(cleaned, Cleaned))
    assert isinstance(cleaned, Cleaned)
    row = json.loads(json.dumps(FORMATS[name](cleaned.example, prompting)))
    source = Source(format=name if name in READERS else "chat", path="x", name="s")
    found = next(iter(READERS.get(name, chat).read([(1, row)], source, "x.jsonl")))
    back = metadata.restored(found, row, 1)
    assert isinstance(back, Example)
    again = clean(back, Clean())
    assert isinstance(again, Cleaned)
    for field in KEPT:
        assert getattr(again.example, field) == getattr(cleaned.example, field)
    assert again.example.text() == cleaned.example.text()
    read = FORMS[cleaned.example.form].official  # "a,b" may come back as "a, b"
    assert read(again.example.output) == read(cleaned.example.output)


@pytest.mark.parametrize(
    ("form", "output", "gold", "choose"),
    [
        ("classification", "red, dark", "red, dark", None),
        ("multi-label", "red, dark, blue", ["red, dark", "blue"], "any"),
        ("ordering", "blue, red, dark", ["blue", "red, dark"], 2),
    ],
)
def test_an_exported_question_says_what_may_be_answered(
    form: Any, output: str, gold: Any, choose: Any
) -> None:
    options = ("blue", "red, dark", "green")
    row = Example("s", "t", form, "CLS", None, "Colours?", output, options=options)
    made = FORMATS["shopbench"](row, Prompting())
    assert (made["output_field"], made["options"], made.get("choose")) == (
        gold,
        list(options),
        choose,
    )
    assert (made["is_multiple_choice"], made.get("order")) == (False, None if choose is None
        else form == "ordering")  # fmt: skip
    (back,) = shopbench.read([(1, made)], Source(format="shopbench", path="x"), "x.jsonl")
    assert isinstance(back, Example), back
    assert back.form == form


def said(row: dict[str, Any]) -> list[str]:
    """Return the texts of a chat in order, the system message first."""
    if "messages" in row:
        return [turn["content"] for turn in row["messages"]]
    if "conversations" in row:
        return [row["system"], *(turn["value"] for turn in row["conversations"])]
    asked = "\n".join(filter(None, (row["instruction"], row["input"])))
    return [
        row["system"],
        *(text for pair in row["history"] for text in pair),
        asked,
        row["output"],
    ]


@pytest.mark.parametrize("name", ["alpaca", "sharegpt", "messages"])
def test_a_chat_has_what_its_form_and_task_are_asked_with(name: str) -> None:
    prompting = Prompting.model_validate(
        {
            "by_form": {"retrieval": {"suffix": "Numbers:", "examples": [SHOT]}},
            "by_task": {"shelf": {"system": "Think of shelves."}},
        }
    )
    row = Example(
        "s",
        "shelf",
        "retrieval",
        "EXT",
        None,
        "Which fit?",
        "1,2",
        options=("boot", "shoe", "lamp"),
    )
    assert said(FORMATS[name](row, prompting)) == [
        "Think of shelves.",
        "Which is red?\n1. sky\n2. rose\nNumbers:",
        "2",
        f"{row.text()}\nNumbers:",
        "1,2",
    ]


def test_options_of_ecinstruct_have_letters_and_so_has_the_answer() -> None:
    asked = Example(
        "s",
        "t",
        "multiple-choice",
        "CLS",
        None,
        "Which is red?",
        "1",
        options=("sky", "rose"),
        constraint="Answer with a number.",
    )
    row = FORMATS["ecinstruct"](asked, Prompting())
    assert json.loads(row["options"]) == ["A: sky", "B: rose"]
    assert row["output"] == "B"
    assert row["instruction"] == "Which is red?"


def small_corpus(folder: Path) -> Artifact:
    splits: tuple[Literal["train", "validation"], ...] = ("train", "validation")
    for split in splits:
        (folder / split).mkdir(parents=True)
        row = Example("s", "t", "generation", "GEN", None, f"ask {split}", "say", split=split)
        table = pa.Table.from_pylist([to_dict(row)], schema=EXAMPLE_SCHEMA)
        pq.write_table(table, folder / split / "0.parquet")
    return Artifact(folder, "corpus", "0", {}, {}, {}, {"rows": dict.fromkeys(splits, 1)}, 0)


@pytest.mark.parametrize("name", FORMATS)
def test_the_folder_of_an_export_is_a_source_with_all_its_rows(tmp_path: Path, name: str) -> None:
    write(small_corpus(tmp_path / "corpus"), name, tmp_path / "out", Prompting(), "shop")
    source = Source.model_validate(
        {"format": name if name in READERS else "chat", "path": str(tmp_path / "out")}
    )
    found = [
        item
        for task in reading.tasks([source], None)
        for _, item in reading.items(task, tmp_path / "cache", 0)
    ]
    assert [getattr(item, "prompt", item) for item in found] == ["ask train", "ask validation"]


def test_other_sampling_leaves_an_export_as_it_is(tmp_path: Path) -> None:
    corpus = small_corpus(tmp_path / "corpus")
    kept = [
        write(corpus, "alpaca", tmp_path / "out", Prompting.model_validate(prompting), "shop")[1]
        for prompting in (
            {},
            {"by_form": {"ranking": {"max_tokens": 9}}},
            {"by_task": {"t": {"suffix": "Say:"}}},
        )
    ]
    assert kept == [False, True, False]


def test_a_wrong_column_of_ours_rejects_the_row() -> None:
    row = FORMATS["alpaca"](Example("s", "t", "generation", "GEN", None, "ask", "say"), Prompting())
    row["ecom"]["form"] = "essay"
    found = next(iter(chat.read([(7, row)], Source(format="chat", path="x"), "x.jsonl")))
    back = metadata.restored(found, row, 7)
    assert isinstance(back, Rejected)
    assert back.line == 7
    assert "ecom.form" in back.reason
