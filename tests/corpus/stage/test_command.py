"""`ecom corpus RECIPE --export` and `--review`, over one small corpus.

What is exported other trainers read, and the corpus stage reads it back; what people reject on the
page is left out of the next run.
"""

import json
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow.json as pj
import pyarrow.parquet as pq
import pytest

from ecom.cli import main
from ecom.corpus.export import FORMATS
from ecom.rows import Example
from tests.corpus import exports

pytestmark = pytest.mark.integration

OTHERS = ("ecinstruct", "shopbench")  # formats that are no chats
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
def made(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A corpus of a shop's table and of odd chats, and its recipe."""
    folder = tmp_path_factory.mktemp("command")
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
        folder,
        tiny_model,
        sources=sources,
        transforms={"names": ["*"], "per_record": 4},
        validation_fraction=0.2,
    )
    for name in FORMATS:
        main_ok("corpus", settings, "--export", name)
    return folder, settings


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
        {
            "format": name if name in OTHERS else "chat",
            "name": name,
            "path": str(folder / "work" / "export" / name / "train.jsonl"),
        }
        for name in FORMATS
    ]
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
    said.write_text(
        "".join(
            json.dumps({"prediction": row["output"]}) + "\n"
            for row in rows(folder / "work" / "corpus" / "validation")
        )
    )
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
        (("--export", "alpaca", "--to", str(tmp_path)), "is not an artifact"),
        (("--export", "alpaca", "--to", str(made[0] / "work" / "corpus")), "corpus stage"),
        (("--export", "sharegtp"), "'sharegpt'"),
        (("--export", "alpaca", "--review"), "--export or --review"),
        (("--sample", "9"), "--export or --review"),
    ):
        with pytest.raises(SystemExit) as ended:
            main(["corpus", settings, *wrong])
        assert ended.value.code == 2
        assert said in capsys.readouterr().err
    assert [file.name for file in tmp_path.iterdir()] == ["mine.txt"]


def test_pyarrow_reads_the_files_of_one_type_a_column(made: tuple[Path, str]) -> None:
    folder, _ = made
    for name in set(FORMATS) - {"shopbench"}:  # its output_field is a number, a list or a text
        file = folder / "work" / "export" / name / "train.jsonl"
        assert pj.read_json(file).num_rows == len(lines(file))


def page_rows(page: Path) -> list[dict[str, str]]:
    [data] = re.findall(r'id="data">(.*?)</script>', page.read_text(encoding="utf-8"), re.DOTALL)
    found: list[dict[str, str]] = json.loads(data)["rows"]
    return found


def test_a_page_has_so_many_rows_of_each_source_for_people_to_judge(
    made: tuple[Path, str], tmp_path: Path
) -> None:
    folder, settings = made
    corpus = {
        row["id"]: row
        for split in ("train", "validation")
        for row in rows(folder / "work" / "corpus" / split)
    }
    main_ok("corpus", settings, "--review", "--sample", "20", "--to", str(tmp_path / "a.html"))
    drawn = page_rows(tmp_path / "a.html")
    assert Counter(row["source"] for row in drawn) == {"products.csv": 20, "talks.jsonl": 4}
    for row in drawn:
        assert row["prompt"] == example(corpus[row["id"]]).text()
        assert row["output"] == corpus[row["id"]]["output"]
    main_ok("corpus", settings, "--review")
    everything = page_rows(folder / "work" / "review.html")
    assert {row["id"] for row in everything} == corpus.keys()


def test_what_people_reject_is_left_out_of_the_next_run(
    made: tuple[Path, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, settings = made
    corpus = [r for s in ("train", "validation") for r in rows(folder / "work" / "corpus" / s)]
    shop = [row["id"] for row in corpus if row["source"] == "products.csv"]
    talks = [row["id"] for row in corpus if row["source"] == "talks.jsonl"]
    file = tmp_path / "verdicts.jsonl"

    def run(*lines: dict[str, str], more: Sequence[str] = ()) -> tuple[Any, list[str]]:
        file.write_text("".join(json.dumps(line) + "\n" for line in lines))
        work = tmp_path / "work"
        main_ok("corpus", settings, f"workdir={work}", f"corpus.review={file}", *more, "--json")
        [found] = json.loads(capsys.readouterr().out)
        left = [row["id"] for s in ("train", "validation") for row in rows(work / "corpus" / s)]
        return found, left

    bad = {"id": shop[0], "verdict": "reject", "reason": "wrong answer"}
    changed_mind = [{"id": shop[1], "verdict": "reject"}, {"id": shop[1], "verdict": "accept"}]
    lines = [bad, *changed_mind, {"id": talks[0], "verdict": "reject"}]
    found, left = run(*lines, {"id": "of another corpus", "verdict": "accept"})
    assert set(left) == {*shop, *talks} - {shop[0], talks[0]}
    assert found["metrics"]["verdicts on unknown rows"] == 1
    rejected = tmp_path / "work" / "corpus" / "rejected" / "left-out.jsonl"
    reasons = {row["id"]: row["reason"] for row in map(json.loads, rejected.open())}
    assert reasons == {
        shop[0]: "rejected in review: wrong answer",
        talks[0]: "rejected in review: no reason given",
    }
    card = json.loads((tmp_path / "work" / "corpus" / "card.json").read_text())
    counts = card["review"]["sources"]["products.csv"]
    assert (counts["reviewed"], counts["accepted"], counts["share"]) == (2, 1, 0.5)
    page = (tmp_path / "work" / "corpus" / "card.md").read_text()
    assert r"| products.csv | 2 | 50.0% \[9.5%, 90.5%] |" in page
    assert "1 verdict on rows that are not among these" in page

    again, left = run(*lines[:2])
    assert not again["reused"], "other verdicts, another corpus"
    assert again["fingerprint"] != found["fingerprint"]
    assert set(left) == {*shop, *talks} - {shop[0], shop[1]}

    first = tmp_path / "first.jsonl"
    first.write_text(json.dumps({"id": shop[2], "verdict": "reject"}) + "\n" + json.dumps(bad))
    both = f"corpus.review=[{first}, {file}]"
    _, left = run({"id": shop[0], "verdict": "accept"}, more=[both])
    assert set(left) == {*shop, *talks} - {shop[2]}, "the second round has the last word"
    to = str(tmp_path / "page.html")
    main_ok("corpus", settings, f"workdir={tmp_path}/work", both, "--review", "--to", to)
    said = capsys.readouterr().err
    assert f"'corpus.review=[{first}, {file}, verdicts-3.jsonl]'" in said

    _, left = run(*lines, more=["corpus.max_rejected_in_review=0.5"])
    assert set(left) == set(shop) - {shop[0]}, "all of the one source, half of the other"
    with pytest.raises(SystemExit):
        main(
            [
                "corpus",
                settings,
                f"workdir={tmp_path}/work",
                f"corpus.review={file}",
                "corpus.max_rejected_in_review=0.1",
            ]
        )
    said = capsys.readouterr().err
    assert "1 rows: rejected in review: wrong answer" in said
    assert said.rstrip().endswith(
        "raise corpus.max_rejected_in_review, or correct the rows of the source"
    )


def test_verdicts_that_cannot_be_read_are_named_together(
    made: tuple[Path, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, settings = made
    file = tmp_path / "v.jsonl"
    file.write_text('{"id": "a", "verdict": "maybe"}\n\n{"verdict": "accept"}\n{"id": ')
    with pytest.raises(SystemExit) as ended:
        main(["corpus", settings, f"workdir={tmp_path}/w", f"corpus.review={file}"])
    assert ended.value.code == 2
    said = capsys.readouterr().err
    for fault in (f"{file}:1: verdict is 'maybe'", f"{file}:3: id is None", f"{file}:4: not valid"):
        assert fault in said


def test_a_shops_exports_are_read_as_they_are_unless_too_many_rows_are_bad(
    tmp_path: Path, tiny_model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    products, reviews = exports.shopify(tmp_path, 120), exports.judge_me(tmp_path, 120)
    bad = "\r\n".join(f",Without a handle {n},," for n in range(40))
    products.write_text(products.read_text("utf-8-sig") + bad, "utf-8")
    settings = recipe(
        tmp_path,
        tiny_model,
        sources=[
            {"format": "shop_products", "path": str(products)},
            {"format": "shop_reviews", "path": str(reviews), "products": str(products)},
        ],
        transforms={"names": ["*"], "per_record": 2},
    )
    with pytest.raises(SystemExit) as ended:
        main(["corpus", settings])
    assert ended.value.code == 1
    said = " ".join(capsys.readouterr().err.split())
    assert "read as Shopify's product export" in said
    assert "read as Judge.me's reviews" in said
    assert "43 of 160 rows (27%) are rejected: 40 × Handle is missing" in said
    assert "corpus.max_rejected=0.27" in said
    kept = next(tmp_path.glob("work/**/rejected/part-00000.jsonl"))
    assert {row["reason"] for row in lines(kept)} >= {"Handle is missing", "Title is missing"}

    main_ok("corpus", settings, "corpus.max_rejected=0.27")
    assert "43 of 160 rows (27%) are rejected" in " ".join(capsys.readouterr().err.split())
    card = json.loads((tmp_path / "work" / "corpus" / "card.json").read_text())
    assert [(one["format"], one["read"]) for one in card["sources"]] == [
        ("shop_products, as Shopify's product export", 160),
        ("shop_reviews, as Judge.me's reviews", 120),
    ]
    made = rows(tmp_path / "work" / "corpus" / "train")
    assert len(made) > 200
    whole = " ".join(str(row) for row in made)
    whole += " ".join(file.read_text() for file in (tmp_path / "work/corpus").glob("*/*.jsonl"))
    for gone in ("Erika", "mail.example", "<li>", "&ndash;", "cdn.example", "Default Title"):
        assert gone not in whole
