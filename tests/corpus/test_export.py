"""`ecom corpus --export`: other trainers read it, and the corpus stage reads it back."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.json as pj
import pyarrow.parquet as pq
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ecom.cli import main
from ecom.corpus import metadata
from ecom.corpus.clean import Cleaned, clean
from ecom.corpus.config import Clean, Source
from ecom.corpus.export import FORMATS
from ecom.corpus.sources import chat, ecinstruct, shopbench
from ecom.forms import Prompting
from ecom.rows import SKILLS, Example
from ecom.shopbench import Rejected

READERS = {"ecinstruct": ecinstruct, "shopbench": shopbench}  # the other formats are chats
KEPT = ("task", "form", "paradigm", "skill", "lang", "metric", "label", "transform", "parents")
RECIPE = """
name: trip
workdir: {workdir}
base: {base}
corpus: {corpus}
predict: {{queries: unused}}
evaluate: {{gold: unused}}
"""


def recipe(folder: Path, base: Path, **corpus: Any) -> str:
    path = folder / "trip.yaml"
    workdir = json.dumps(str(folder / "work"))
    path.write_text(RECIPE.format(workdir=workdir, base=base, corpus=json.dumps(corpus)))
    return str(path)


def rows(folder: Path) -> list[dict[str, Any]]:
    return [row for f in sorted(folder.glob("*.parquet")) for row in pq.read_table(f).to_pylist()]


def lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def example(row: dict[str, Any]) -> Example:
    return Example(**{name: row[name] for name in Example.__slots__})


@pytest.fixture(scope="module")
def made(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """A corpus of a shop's table and of odd chats, and its recipe."""
    folder = tmp_path_factory.mktemp("export")
    table = ["id,title,brand,category,price"]
    for n in range(40):
        kind, shelf = ("Lampe", "Home > Lamps") if n % 2 else ("Boot", "Shoes > Boots")
        table.append(f"{n},Acme {kind} Größe {n},{['Acme', 'Oberon'][n % 3 % 2]},{shelf},{10 + n}")
    (folder / "products.csv").write_text("\n".join(table), encoding="utf-8")
    talks = [
        {"instruction": "[1, 2] = ?", "input": '{"a": [1, 2]}', "output": "Yes"},
        {"instruction": "Say it\nin two lines", "output": 'one "line"\n\nand\tanother \u2028 line'},
        {"instruction": "Which is a shoe?\n0. boot\n1. lamp\nAnswer:", "output": "0"},
        {"system": "Be brief.", "instruction": "{}", "output": "[]"},
    ]
    (folder / "talks.jsonl").write_text("\n".join(map(json.dumps, talks)))
    sources = [
        {"format": "shop_products", "path": str(folder / "products.csv")},
        {"format": "chat", "path": str(folder / "talks.jsonl")},
    ]
    settings = recipe(
        folder, tiny_model,
        sources=sources, transforms={"names": ["*"], "per_record": 4}, validation_fraction=0.2,
    )  # fmt: skip
    for name in FORMATS:
        main_ok("corpus", settings, "--export", name)
    yield folder, settings
    import ray

    ray.shutdown()


def main_ok(*arguments: str) -> None:
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    assert not ended.value.code


def test_each_split_is_a_file_with_all_rows_and_what_they_are(made: tuple[Path, str]) -> None:
    folder, _ = made
    for split in ("train", "validation"):
        corpus = rows(folder / "work" / "corpus" / split)
        assert len(corpus) > 20
        for name in FORMATS:
            written = lines(folder / "work" / "export" / name / f"{split}.jsonl")
            assert [row["ecom"]["id"] for row in written] == [row["id"] for row in corpus]
            assert [row["ecom"]["skill"] for row in written] == [r["skill"] or "" for r in corpus]


@pytest.mark.parametrize("name", ["alpaca", "sharegpt", "messages"])
def test_another_trainer_asks_what_our_own_training_asks(
    made: tuple[Path, str], tiny_model: Path, name: str
) -> None:
    """The rows are put together as LLaMA-Factory documents it, by what dataset_info.json says."""
    from datasets import load_dataset
    from transformers import AutoTokenizer

    folder, _ = made
    export = folder / "work" / "export" / name
    info = json.loads((export / "dataset_info.json").read_text())
    assert set(info) == {"trip_train", "trip_validation"}
    entry = info["trip_train"]
    read = load_dataset(
        "json", data_files=str(export / entry["file_name"]), cache_dir=str(folder / "cache")
    )["train"]
    tokenizer = AutoTokenizer.from_pretrained(tiny_model)
    corpus = rows(folder / "work" / "corpus" / "train")
    assert len(read) == len(corpus)
    for row, trained in zip(read, corpus, strict=True):
        system, question, answer = chat_of(row, entry)
        asked = [{"role": "system", "content": system}, {"role": "user", "content": question}]
        ids = tokenizer.apply_chat_template(asked, add_generation_prompt=True, return_dict=False)
        assert ids == trained["prompt_ids"]
        assert answer == trained["output"]


def chat_of(row: dict[str, Any], entry: dict[str, Any]) -> tuple[str, str, str]:
    columns = entry["columns"]
    if "messages" not in columns:
        asked = [row[columns["prompt"]], row[columns["query"]]]
        return row[columns["system"]], "\n".join(filter(None, asked)), row[columns["response"]]
    tags = {"role_tag": "from", "content_tag": "value", **entry.get("tags", {})}
    said = [turn[tags["content_tag"]] for turn in row[columns["messages"]]]
    roles = [turn[tags["role_tag"]] for turn in row[columns["messages"]]]
    if "system" in columns:
        said, roles = [row[columns["system"]], *said], ["system", *roles]
    assert roles in (["system", "human", "gpt"], ["system", "user", "assistant"])
    return said[0], said[1], said[2]


def test_every_format_read_back_gives_the_same_rows(
    made: tuple[Path, str], tiny_model: Path, tmp_path: Path
) -> None:
    folder, _ = made
    sources = [
        {"format": name if name in READERS else "chat", "name": name,
         "path": str(folder / "work" / "export" / name / "train.jsonl")}
        for name in FORMATS
    ]  # fmt: skip
    settings = recipe(
        tmp_path, tiny_model, sources=sources, dedupe={"exact": False}, validation_fraction=0
    )
    main_ok("corpus", settings)
    again = rows(tmp_path / "work" / "corpus" / "train")
    corpus = rows(folder / "work" / "corpus" / "train")
    for name in FORMATS:
        back = [row for row in again if row["source"] == name]
        assert len(back) == len(corpus), name
        for got, meant in zip(back, corpus, strict=True):
            assert example(got).text() == example(meant).text()
            for field in ("output", "prompt_ids", "response_ids", *KEPT):
                assert got[field] == meant[field], (name, field)
    assert not (tmp_path / "work" / "corpus" / "rejected").exists()


def test_the_dev_rows_are_a_gold_file(made: tuple[Path, str], tmp_path: Path) -> None:
    folder, _ = made
    gold = folder / "work" / "export" / "shopbench" / "validation.jsonl"
    said = tmp_path / "said.jsonl"
    said.write_text("".join(
        json.dumps({"prediction": row["output"]}) + "\n"
        for row in rows(folder / "work" / "corpus" / "validation")
    ))  # fmt: skip
    from ecom.evaluate import job
    from ecom.evaluate.config import EvaluateConfig

    scores = job.score_files(gold, said, EvaluateConfig(gold="unused", bootstrap_samples=100))
    assert scores["official"]["overall"] == pytest.approx(1)


def test_a_second_export_is_kept_until_the_corpus_changes(
    made: tuple[Path, str], capsys: pytest.CaptureFixture[str]
) -> None:
    folder, settings = made
    to = folder / "elsewhere"
    for reused, arguments in ((False, ()), (True, ()), (False, ("corpus.mix={rows: 30}",))):
        main_ok("corpus", settings, *arguments, "--export", "alpaca", "--to", str(to), "--json")
        corpus, export = json.loads(capsys.readouterr().out)
        assert export["reused"] is reused
        assert export["path"] == str(to)
        assert corpus["metrics"]["rows"]["train"] == export["metrics"]["train rows"]
    assert len(lines(to / "train.jsonl")) + len(lines(to / "validation.jsonl")) == 30
    main_ok("corpus", settings)
    first = folder / "work" / "export" / "alpaca" / "train.jsonl"
    before = first.read_bytes()
    main_ok("corpus", settings, "--export", "alpaca", "--to", str(to))
    assert (to / "train.jsonl").read_bytes() == before


def test_what_stands_in_the_way_is_not_touched(
    made: tuple[Path, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, settings = made
    (tmp_path / "mine.txt").write_text("mine")
    for wrong, said in (
        (("--export", "alpaca", "--to", str(tmp_path)), "is none"),
        (("--export", "alpaca", "--to", str(made[0] / "work" / "corpus")), "corpus stage"),
        (("--export", "sharegtp"), "'sharegpt'"),
    ):
        with pytest.raises(SystemExit) as ended:
            main(["corpus", settings, *wrong])
        assert ended.value.code == 2
        assert said in capsys.readouterr().err
    assert [file.name for file in tmp_path.iterdir()] == ["mine.txt"]


texts = st.text("ab 0.:,\"'[]{}\\<>é商\u2028\n", min_size=1, max_size=30)
parts = st.fixed_dictionaries({
    "source": st.just("s"), "task": st.sampled_from(["t", "a task: 商"]),
    "paradigm": st.sampled_from(["CLS", "EXT", "GEN", "OTHER"]),
    "skill": st.sampled_from([None, *SKILLS]), "lang": st.sampled_from(["en", "zh"]),
    "description": st.one_of(st.just(""), texts), "input": st.one_of(st.just(""), texts),
    "constraint": st.one_of(st.just(""), texts), "prompt": texts,
    "label": st.sampled_from(["gold", "pseudo"]),
    "transform": st.sampled_from([None, "reverse:qa"]),
    "parents": st.sampled_from([(), ("0a", "1b")]),
})  # fmt: skip
OPTIONS = ("red boot", "B: lamp", "2. chair", "商品", "a {desk}")
answers = st.one_of(
    st.fixed_dictionaries({
        "form": st.just("multiple-choice"), "options": st.just(OPTIONS),
        "output": st.sampled_from("01234"),
    }),
    st.fixed_dictionaries({
        "form": st.just("retrieval"), "options": st.just(OPTIONS), "output": st.just("5,1"),
    }),
    st.fixed_dictionaries({
        "form": st.just("ranking"), "options": st.just(OPTIONS),
        "output": st.permutations("12345").map(",".join),
    }),
    st.fixed_dictionaries({"form": st.just("named_entity_recognition"), "output": texts}),
    st.fixed_dictionaries({"form": st.just("generation"), "output": texts}),
)  # fmt: skip


@given(parts, answers, st.sampled_from(list(FORMATS)))
def test_any_clean_row_comes_back_as_it_was(
    asked: dict[str, Any], answered: dict[str, Any], name: str
) -> None:
    cleaned = clean(Example(**asked, **answered), Clean())
    assume(isinstance(cleaned, Cleaned))
    assert isinstance(cleaned, Cleaned)
    row = json.loads(json.dumps(FORMATS[name](cleaned.example, Prompting())))
    source = Source(format=name if name in READERS else "chat", path="x", name="s")  # type: ignore[arg-type]
    found = next(iter(READERS.get(name, chat).read([(1, row)], source, "x.jsonl")))
    back = metadata.restored(found, row, 1)
    assert isinstance(back, Example)
    again = clean(back, Clean())
    assert isinstance(again, Cleaned)
    for field in ("output", *KEPT):
        if field != "metric":  # ShopBench's rows always have one
            assert getattr(again.example, field) == getattr(cleaned.example, field)
    assert again.example.text() == cleaned.example.text()


def test_a_wrong_column_of_ours_rejects_the_row() -> None:
    row = FORMATS["alpaca"](Example("s", "t", "generation", "GEN", None, "ask", "say"), Prompting())
    row["ecom"]["form"] = "essay"
    found = next(iter(chat.read([(7, row)], Source(format="chat", path="x"), "x.jsonl")))
    back = metadata.restored(found, row, 7)
    assert isinstance(back, Rejected)
    assert back.line == 7
    assert "ecom.form" in back.reason


def test_pyarrow_reads_the_files_of_one_type_a_column(made: tuple[Path, str]) -> None:
    folder, _ = made
    for name in set(FORMATS) - {"shopbench"}:  # its output_field is a number, a list or a text
        file = folder / "work" / "export" / name / "train.jsonl"
        assert pj.read_json(file).num_rows == len(lines(file))
