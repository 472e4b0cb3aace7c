import contextlib
import gzip
import hashlib
import json
import os
import re
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from ecom.artifact import Draft
from ecom.corpus import job
from ecom.corpus.config import CorpusConfig
from ecom.errors import DataError, InputError, StageError
from ecom.forms import Prompting
from ecom.rows import EXAMPLE_SCHEMA, Example
from tests.corpus.endpoint import Endpoint, Said, completion

pytestmark = pytest.mark.integration


def write(path: Path, count: int, *extra: str) -> None:
    rows = [
        {
            "input_field": f"{path.stem}: which is {n}?\n0. none\n1. {n}\nAnswer:",
            "output_field": n % 2,
            "task_type": "multiple-choice",
            "metric": "accuracy",
        }
        for n in range(count)
    ]
    path.write_text("\n".join([*map(json.dumps, rows), *extra]) + "\n")


def run(tmp_path: Path, base: Path, name: str, **changes: object) -> Draft:
    draft = Draft(tmp_path / name)
    draft.path.mkdir(exist_ok=True)
    source = {"format": "shopbench", "path": str(tmp_path / "rows")}
    settings = {"sources": [source], "validation_fraction": 0.2, **changes}
    job.run(
        CorpusConfig.model_validate(settings),
        seed=1,
        prompting=Prompting(),
        base=str(base),
        sample=None,
        draft=draft,
    )
    return draft


def examples(folder: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = pq.read_table(folder, columns=EXAMPLE_SCHEMA.names).to_pylist()
    return found


def ids(folder: Path) -> list[str]:
    return [i for f in sorted(folder.glob("*.parquet")) for i in pq.read_table(f)["id"].to_pylist()]


def test_good_rows_become_shards_and_bad_ones_are_kept_with_their_reason(
    tmp_path: Path, tiny_model: Path
) -> None:
    (tmp_path / "rows").mkdir()
    write(tmp_path / "rows" / "a.jsonl", 40, '{"input_field": "cut', "17")
    write(tmp_path / "rows" / "b.jsonl", 60)
    draft = run(tmp_path, tiny_model, "first")
    rejected = [
        json.loads(line)
        for file in (draft.path / "rejected").iterdir()
        for line in file.read_text().splitlines()
    ]
    assert [(r["source"], r["line"]) for r in rejected] == [("a.jsonl", 41), ("a.jsonl", 42)]
    train, validation = ids(draft.path / "train"), ids(draft.path / "validation")
    assert draft.metrics["rows"] == {"train": len(train), "validation": len(validation)}
    assert len(train) + len(validation) == 100
    assert 5 <= len(validation) <= 40, "a draw of about a fifth"
    assert sum(draft.metrics["rejected"].values()) == 2

    again = run(tmp_path, tiny_model, "second")
    assert sorted(ids(again.path / "train")) == sorted(train), "the split hangs on the rows alone"


def test_a_row_longer_than_the_limit_is_rejected(tmp_path: Path, tiny_model: Path) -> None:
    (tmp_path / "rows").mkdir()
    write(tmp_path / "rows" / "a.jsonl", 3)
    with pytest.raises(DataError, match=r"corpus\.max_tokens"):
        run(tmp_path, tiny_model, "out", max_tokens=16)


def test_an_empty_corpus_names_what_most_rows_were_rejected_for(
    tmp_path: Path, tiny_model: Path
) -> None:
    (tmp_path / "t.csv").write_text("id,title\n1;Lampe\n2;Stuhl\n3;Tisch\n")
    source = {"format": "shop_products", "path": str(tmp_path / "t.csv")}
    wrong = r"3 of 3 rows \(100%\) .*1 columns where the header has 2 .first: line 2.(.|\n)*`delim"
    with pytest.raises(StageError, match=wrong) as caught:
        run(tmp_path, tiny_model, "out", sources=[source])
    assert "max_tokens" not in str(caught.value)


def test_a_limit_is_a_draw_spread_over_the_files(tmp_path: Path, tiny_model: Path) -> None:
    (tmp_path / "rows").mkdir()
    for name in ("a", "b"):
        write(tmp_path / "rows" / f"{name}.jsonl", 50)
    source = {"format": "shopbench", "path": str(tmp_path / "rows"), "limit_rows": 11}
    draft = run(tmp_path, tiny_model, "out", sources=[source], validation_fraction=0)
    assert draft.metrics["tasks"] == {"a": 6, "b": 5}


def digests(folder: Path) -> dict[str, str]:
    """Name -> hash of every shard and of the rejected rows."""
    return {
        f"{kind}/{file.name}": hashlib.sha256(file.read_bytes()).hexdigest()
        for kind in ("train", "validation", "rejected")
        for file in sorted((folder / kind).glob("*"))
    }


def many(folder: Path) -> dict[str, Any]:
    """Twelve files with repeated and bad rows; settings for several shards."""
    folder.mkdir()
    for n in range(12):
        write(folder / f"f{n:02}.jsonl", 400, '{"input_field": "cut', json.dumps({"a": n}))
    write(folder / "f12.jsonl", 400)
    (folder / "f13.jsonl").write_bytes((folder / "f12.jsonl").read_bytes())
    return {"rows_per_shard": 500, "mix": {"rows": 4000}, "dedupe": {"near": 0.95}}


def test_the_bytes_are_the_same_whatever_the_number_of_workers(
    tmp_path: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = many(tmp_path / "rows")
    found = []
    for workers in (1, 3):
        monkeypatch.setattr("ecom.cluster.cpus", lambda n=workers: n)
        found.append(digests(run(tmp_path, tiny_model, f"by{workers}", **settings).path))
    assert len(found[0]) > 8
    assert found[0] == found[1]


DRIVER = """
import json, sys
from pathlib import Path
from ecom.artifact import Draft
from ecom.corpus import job
from ecom.corpus.config import CorpusConfig
from ecom.forms import Prompting
from tests.corpus.endpoint import Endpoint, Said, completion
out, base, settings = Path(sys.argv[1]), sys.argv[2], json.loads(sys.argv[3])
out.mkdir(exist_ok=True)
job.run(CorpusConfig.model_validate(settings), seed=1, prompting=Prompting(), base=base,
        sample=None, draft=Draft(out))
"""


def test_a_killed_run_resumes_and_ends_with_the_same_bytes(
    tmp_path: Path, tiny_model: Path
) -> None:
    settings = many(tmp_path / "rows")
    whole = run(tmp_path, tiny_model, "whole", **settings)
    out = tmp_path / "killed"
    source = {"format": "shopbench", "path": str(tmp_path / "rows")}
    asked = {"sources": [source], "validation_fraction": 0.2, **settings}
    command = [sys.executable, "-c", DRIVER, str(out), str(tiny_model), json.dumps(asked)]
    process = subprocess.Popen(command, start_new_session=True, stderr=subprocess.DEVNULL)
    try:
        written = wait_for(out / ".work" / "shards", 3, process)
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    assert not (out / "card.json").exists()
    whole_ones = [out / "train" / f"{file.stem.split('-')[1]}.parquet" for file in written]
    before = [file.stat().st_mtime_ns for file in whole_ones]
    again = run(tmp_path, tiny_model, "killed", **settings)
    assert digests(again.path) == digests(whole.path)
    assert again.metrics == whole.metrics
    assert [file.stat().st_mtime_ns for file in whole_ones] == before, "none is written again"
    assert not (out / ".work").exists()


def wait_for(folder: Path, count: int, process: "subprocess.Popen[bytes]") -> list[Path]:
    """Return the tallies in a folder once there are `count` of them."""
    while len(tallies := sorted(folder.glob("*.json"))) < count:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=0.05)
        assert process.poll() is None, "the run ended before it could be killed"
    return tallies


def test_all_broken_sources_are_named_in_one_error(tmp_path: Path, tiny_model: Path) -> None:
    (tmp_path / "rows").mkdir()
    write(tmp_path / "rows" / "good.jsonl", 5)
    (tmp_path / "empty.jsonl").write_text("")
    (tmp_path / "cut.parquet").write_bytes(b"PAR1 and no more")
    paths = ["rows", "empty.jsonl", "cut.parquet", "nowhere"]
    sources = [{"format": "shopbench", "path": str(tmp_path / path)} for path in paths]
    with pytest.raises(DataError) as caught:
        run(tmp_path, tiny_model, "out", sources=sources)
    for path in paths[1:]:
        assert path in str(caught.value)
    assert "good.jsonl" not in str(caught.value)


def test_what_can_be_read_of_a_broken_file_is_kept(tmp_path: Path, tiny_model: Path) -> None:
    (tmp_path / "rows").mkdir()
    write(tmp_path / "good.jsonl", 300)
    text = (tmp_path / "good.jsonl").read_bytes()
    zipped = gzip.compress(text)
    (tmp_path / "rows" / "cut.jsonl.gz").write_bytes(zipped[: len(zipped) // 2])
    lines = text.replace(b"good", b"other").splitlines()[:5]
    latin = lines[0].replace(b"other", "größer".encode("latin-1"))
    huge = b'{"input_field": "' + b"x" * 50_000_000 + b'"}'
    (tmp_path / "rows" / "odd.jsonl").write_bytes(b"\n".join([*lines, latin, huge]))
    draft = run(tmp_path, tiny_model, "out")
    reasons = " ".join(draft.metrics["rejected"])
    assert ".gz is cut" in reasons
    assert "not UTF-8: byte N" in reasons
    assert "longer than N bytes" in reasons
    rows = sum(draft.metrics["rows"].values())
    assert 5 < rows < 305


def test_a_table_of_another_format_is_one_error_with_near_names(
    tmp_path: Path, tiny_model: Path
) -> None:
    (tmp_path / "rows").mkdir()
    rows = [json.dumps({"input_fields": "?", "output_field": 1}) for _ in range(200)]
    (tmp_path / "rows" / "a.jsonl").write_text("\n".join(rows))
    with pytest.raises(DataError, match="input_field") as caught:
        run(tmp_path, tiny_model, "out")
    assert len(str(caught.value).splitlines()) < 5


def test_a_shops_tables_become_instructions_with_a_card(
    tmp_path: Path, tiny_model: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    table = tmp_path / "products.csv"
    lines = ["sep=;", "Nummer;Name;Kategorie;Marke;Preis;;"]  # as Excel writes it
    for n in range(60):
        kind, shelf = ("Lamp", "Home > Lamps") if n % 2 else ("Boot", "Shoes > Boots")
        brand = ["Nördlicht", "Acme", "Tamsin", "Oberon"][n % 4]
        lines.append(f'{n};{brand} {kind} {n}" wide;{shelf};{brand};{10 + n},50;;')
    table.write_text("\r\n".join(lines), "cp1252")
    columns = {
        "id": "Nummer",
        "title": "Name",
        "category": "Kategorie",
        "brand": "Marke",
        "price": "Preis",
    }
    source = {
        "format": "shop_products",
        "path": str(table),
        "columns": columns,
        "name": "my shop",
        "lang": "en",
    }
    quality = {"by": "base_loss", "keep_above": -100}
    draft = run(
        tmp_path, tiny_model, "out", sources=[source], transforms={"names": ["*"]}, quality=quality
    )
    assert {"simplify:top_category", "recombine:odd_one_out"} <= set(draft.metrics["transforms"])
    card = json.loads((draft.path / "card.json").read_text())
    assert card["sources"][0]["name"] == "my shop"
    assert card["sources"][0]["read"] == 60
    assert card["fixed"]["my shop"]["file read as cp1252, not UTF-8"] == 1
    said = [line for line in capfd.readouterr().err.splitlines() if line.startswith("note:")]
    assert said == [
        f"note: {table}: read as cp1252, not UTF-8; if that is wrong, set the source's "
        "`encoding`, such as cp1250 or mac-roman"
    ]
    assert not card["rejected"]
    asked = "\n".join(Example(**row).text() for row in examples(draft.path / "train"))
    assert re.search(r'Nördlicht Boot \d+" wide', asked)
    assert card["rows"] == sum(draft.metrics["rows"].values())
    assert (draft.path / "card.md").is_file()
    assert (draft.path / "transforms.png").is_file()


def test_what_other_programs_export_is_learnt_as_it_was_meant(
    tmp_path: Path, tiny_model: Path
) -> None:
    said = ["<p>Oak</ p>desk", '<path d="M0"></path>Oak rug', "<math><mi>x</mi></math> Oak pan"]
    talks: list[dict[str, Any]] = [
        {"instruction": "Name one.", "output": text, "meta_instruction": f"Be brief {n}."}
        for n, text in enumerate(said)
    ]
    talks.append({"instruction": "What cost?", "output": "20 EUR.", "documents": [{"text": "20"}]})
    (tmp_path / "talks.jsonl").write_text("\n".join(map(json.dumps, talks)))
    goods = ["id,title,category", '0,Prints of the sea,"Books &gt; Art, Music"']
    goods += [f'{n},Item number {n} of ours,"Home > Kind {n}, small"' for n in range(1, 9)]
    goods += ['lamp,"Oak,#NV', "rug,Wool,#NV", "pan,Steel,#NV", 'desk,Oak",#NV']
    (tmp_path / "goods.csv").write_text("\n".join(goods))
    draft = run(
        tmp_path,
        tiny_model,
        "out",
        transforms={"names": ["plain:product_category"]},
        max_rejected=0.25,
        sources=[
            {"format": "chat", "path": str(tmp_path / "talks.jsonl")},
            {"format": "shop_products", "path": str(tmp_path / "goods.csv"), "lang": "en"},
        ],
    )
    rows = rows_of(draft)
    talked = {row["description"]: row["output"] for row in rows if row["source"] == "talks.jsonl"}
    assert talked == {
        "Be brief 0.": "Oak\ndesk",
        "Be brief 1.": "Oak rug",
        "Be brief 2.": "x Oak pan",
    }
    (art,) = [row for row in rows if "Prints of the sea" in row["input"]]
    assert art["options"][int(art["output"])] == "Art, Music"
    assert not any("#NV" in option for row in rows for option in row["options"] or ())
    reasons = " ".join(draft.metrics["rejected"])
    assert "the row has documents" in reasons
    assert "a quote opens a value of N lines" in reasons


def shelf(path: Path) -> dict[str, Any]:
    """A table of products whose ids begin with the file's name."""
    rows = [f"{path.stem}{n},red lamp {n},Home > Lamps,{n + 1},EUR" for n in range(12)]
    rows += [f"{path.stem}{n},dry boot {n},Shoes > Boots,{n + 1},EUR" for n in range(12, 24)]
    path.write_text("\n".join(["id,title,category,price,currency", *rows]))
    return {"format": "shop_products", "path": str(path), "name": path.stem, "lang": "en"}


def rows_of(draft: Draft) -> list[dict[str, Any]]:
    return [row for f in draft.path.glob("*/*.parquet") for row in pq.read_table(f).to_pylist()]


def test_a_source_has_transforms_of_its_own_and_they_see_its_records_alone(
    tmp_path: Path, tiny_model: Path
) -> None:
    a, b, c = (shelf(tmp_path / f"{name}.csv") for name in "abc")
    draft = run(
        tmp_path,
        tiny_model,
        "out",
        transforms={"names": ["recombine:rank_prices"]},
        sources=[
            a,
            {**b, "transforms": {"names": ["recombine:cheapest"]}},
            {**c, "transforms": {}},
        ],
    )
    rows = rows_of(draft)
    assert {(row["source"], row["transform"]) for row in rows} == {
        ("a", "recombine:rank_prices"),
        ("b", "recombine:cheapest"),
    }
    assert {(row["source"], id_[0]) for row in rows for id_ in row["parents"]} == {
        ("a", "a"),
        ("b", "b"),
    }


def test_each_part_of_an_instruction_is_left_out_by_itself(
    tmp_path: Path, tiny_model: Path
) -> None:
    alpaca = {"instruction": "How many?", "input": "", "output": "five", "system": "Count boots."}
    (tmp_path / "chat.json").write_text(json.dumps([alpaca]))
    choice = {
        "task": "Sentiment_Analysis",
        "instruction": "How does it sound?",
        "input": "Good.",
        "options": ["A: glad", "B: sad"],
        "output": "A",
    }
    (tmp_path / "ec.json").write_text(json.dumps([choice]))
    sources = [
        shelf(tmp_path / "shelf.csv"),
        {"format": "ecinstruct", "path": str(tmp_path / "ec.json"), "name": "ec"},
        {"format": "chat", "path": str(tmp_path / "chat.json"), "name": "chat"},
    ]
    found = {}
    for off in ("", "description", "constraint"):
        draft = run(
            tmp_path,
            tiny_model,
            f"without-{off}",
            sources=sources,
            transforms={"names": ["simplify:top_category"], "without": []},
            wording={off: False} if off else {},
        )
        found[off] = sorted(
            (row["source"], row["input"], row["prompt"], row["description"], row["constraint"])
            for row in rows_of(draft)
        )
    whole = found[""]
    assert {row[0] for row in whole if row[3]} == {"shelf", "ec", "chat"}
    assert {row[0] for row in whole if row[4]} == {"shelf", "ec"}
    no_description = [(*row[:3], row[3] if row[0] == "chat" else "", row[4]) for row in whole]
    assert found["description"] == no_description, "a system message may hold the task: it stays"
    assert found["constraint"] == [(*row[:4], "") for row in whole]


def test_rows_get_the_skill_that_the_recipe_names_and_can_be_chosen_by_it(
    tmp_path: Path, tiny_model: Path
) -> None:
    (tmp_path / "rows").mkdir()
    for name in ("mcq_pks", "review_stars", "review_of_maths", "sentiment-analysis", "other"):
        write(tmp_path / "rows" / f"{name}.jsonl", 6)
    skill = {"*review*": "behavior", "review_of_maths": "reasoning", "mcq_pks": "concepts"}
    draft = run(
        tmp_path,
        tiny_model,
        "out",
        skill=skill,
        mix={"caps": [{"by": "skill", "value": "concepts", "rows": 0}]},
    )
    assert {(row["task"], row["skill"]) for row in rows_of(draft)} == {
        ("review_stars", "behavior"),
        ("review_of_maths", "reasoning"),
        ("other", None),
        ("sentiment-analysis", "behavior"),
    }
    with pytest.raises(InputError) as caught:
        run(tmp_path, tiny_model, "wrong", skill={"mcq_pk": "concepts", **skill, "x*": "behavior"})
    assert "'mcq_pk': no such task; did you mean mcq_pks?" in str(caught.value)
    assert "'x*': no such task" in str(caught.value)
    assert "'mcq_pks'" not in str(caught.value)


def rewritten(prompt: str, seen: int) -> Said:
    query = re.findall(r"Query: (.+)", prompt)[-1]
    return completion(f"|Easy|bright {query} for a home|" if "4" not in query else "no idea")


def test_a_teacher_adds_rows_and_is_paid_once(tmp_path: Path, tiny_model: Path) -> None:
    table = tmp_path / "queries.csv"
    table.write_text("\n".join(["query,lang", *(f"lamp {n},en" for n in range(9))]))
    source = {"format": "shop_queries", "path": str(table)}
    with Endpoint(rewritten) as endpoint:
        teacher = {"url": endpoint.url, "model": "m", "first_wait_s": 0.01}
        synthesis = {"teacher": teacher, "tasks": ["query_rewriting"], "max_requests": 20}
        asked = {"sources": [source], "synthesis": synthesis, "validation_fraction": 0}
        first = run(tmp_path, tiny_model, "first", **asked)
        again = run(tmp_path, tiny_model, "again", **asked)
    assert len(endpoint.log) == 9
    assert first.metrics["rows"] == {"train": 8}
    assert sum(first.metrics["rejected"].values()) == 1
    rows = pq.read_table(first.path / "train").to_pylist()
    assert {row["label"] for row in rows} == {"pseudo"}
    assert "bright lamp 0 for a home" in {row["output"] for row in rows}
    assert digests(again.path) == digests(first.path)


def by_task(prompt: str, seen: int) -> Said:
    """What a teacher says that is asked about products and dialogues."""
    if "Category, from the widest" in prompt:
        kind = re.findall(r"widest to the narrowest: (.+)", prompt)[-1]
        return completion(f"|Easy|{kind}|Things of {kind}.|\n|hard|{kind} in oak|Heavier ones.|")
    last = re.findall(r"Customer: (.+)", prompt)[-1]
    return completion(f"|Medium|Summary of: {last}|")


def test_a_teacher_is_shown_development_rows_and_asked_what_the_recipe_wants(
    tmp_path: Path, tiny_model: Path
) -> None:
    """Few German products among many, dialogues, and a development file with evaluated rows."""
    english = [f"e{n},Oak shelf number {n},Home;Shelf {n},en" for n in range(300)]
    german = [f"d{n},Eichenregal Nummer {n},Haus;Regal {n},de" for n in range(3)]
    table = ["id,title,category,lang", *english, *german]
    (tmp_path / "products.csv").write_text("\n".join(table).replace(";", " > "))
    talks = [{"turns": f"Customer: Where is parcel {n}?", "lang": "en"} for n in range(4)]
    (tmp_path / "talks.jsonl").write_text("\n".join(map(json.dumps, talks)))
    kinds = ["a toggle switch", "a watch band made of leather", "a wall mounted bottle opener"]
    development = [
        {
            "input_field": f"Tell me what this is about: {kind}",
            "output_field": f"{kind} it is.",
            "task_type": "generation",
            "task_name": "task1",
            "metric": "sent-transformer",
        }
        for kind in kinds
    ]
    lines = [*map(json.dumps, development), "no JSON"]
    (tmp_path / "development.jsonl").write_text("\n".join(lines))
    (tmp_path / "evaluation.jsonl").write_text(lines[1])
    with Endpoint(by_task) as endpoint:
        draft = run(
            tmp_path,
            tiny_model,
            "out",
            sources=[
                {"format": "shop_products", "path": str(tmp_path / "products.csv")},
                {"format": "shop_dialogues", "path": str(tmp_path / "talks.jsonl")},
            ],
            synthesis={
                "teacher": {"url": endpoint.url, "model": "m"},
                "tasks": [
                    {"name": "category_explanation", "langs": ["de"], "min_records": 3},
                    "dialogue_summary",
                ],
                "shots": {"path": str(tmp_path / "development.jsonl"), "per_task": 5},
                "max_requests": 8,
            },
            without=[str(tmp_path / "evaluation.jsonl")],
            mix={"caps": [{"by": "difficulty", "value": "Hard", "rows": 1}]},
            validation_fraction=0,
        )
    about_products = [prompt for prompt in endpoint.log if "Regal" in prompt]
    assert len(about_products) == 3, "all German products are found, though the draw is of 8"
    assert len(endpoint.log) == 7
    assert not any("Oak shelf" in prompt for prompt in endpoint.log)
    for prompt in about_products:
        assert "toggle switch" in prompt
        assert "bottle opener" in prompt
        assert "watch band" not in prompt, "it is asked in the evaluation"
    rows = pq.read_table(draft.path / "train").to_pylist()
    by_difficulty = Counter(row["difficulty"] for row in rows)
    assert by_difficulty == {"Easy": 3, "Medium": 4, "Hard": 1}
    assert draft.metrics["left out by the mixture"] == 2
    card = json.loads((draft.path / "card.json").read_text())
    assert card["rows_by"]["difficulty"] == by_difficulty
    assert [row["template"] for row in card["shots"]] == ["category_explanation"] * 2
    assert {row["output"] for row in card["shots"]} == {f"{k} it is." for k in kinds[::2]}
    page = (draft.path / "card.md").read_text()
    assert "### By difficulty" in page
    assert "### Shown to the teacher" in page
    rejected = (draft.path / "rejected" / "part-teacher.jsonl").read_text()
    assert "overlaps with an evaluation row (exact)" in rejected
    assert "not shown to the teacher: not valid JSON" in rejected


@pytest.mark.parametrize(
    ("shots", "said"),
    [
        ({}, "can be shown: none of its 1 rows is of a task that the templates are like"),
        ({"tasks": {"query_rewriting": ["task9"]}}, "'task9' has no row in .*its tasks: task1"),
        ({"tasks": {"product_faq": ["task1"]}}, "product_faq: not among corpus.synthesis.tasks"),
    ],
)
def test_shots_that_do_not_exist_are_an_error_before_anything_is_asked(
    tmp_path: Path, tiny_model: Path, shots: dict[str, Any], said: str
) -> None:
    (tmp_path / "queries.csv").write_text("query,lang\nlamp,en\n")
    row = {
        "input_field": "Explain: lamp",
        "output_field": "It gives light.",
        "task_name": "task1",
        "task_type": "generation",
        "metric": "sent-transformer",
    }
    (tmp_path / "development.jsonl").write_text(json.dumps(row))
    synthesis = {
        "teacher": {"url": "http://127.0.0.1:1/v1", "model": "m"},
        "tasks": ["query_rewriting"],
        "shots": {"path": str(tmp_path / "development.jsonl"), **shots},
        "max_requests": 1,
    }
    source = {"format": "shop_queries", "path": str(tmp_path / "queries.csv")}
    with pytest.raises(DataError, match=said):
        run(tmp_path, tiny_model, "out", sources=[source], synthesis=synthesis)
