"""Predict by a running endpoint: a small server that speaks as ecom's own does."""

import csv
import datetime
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from ecom import pipeline
from ecom.artifact import Draft
from ecom.engine import EngineConfig
from ecom.errors import DataError, InputError, StageError
from ecom.evaluate.gold import read_gold, read_predictions
from ecom.forms import Prompting
from ecom.predict import columns, endpoint, kept
from ecom.predict.config import Output, PredictConfig
from ecom.predict.job import run
from ecom.recipe import load
from ecom.rows import Query

ROWS = [
    {
        "id": f"row {n}",
        "input_field": f"Which is {n}?\n0. a\n1. b\nAnswer:",
        "is_multiple_choice": True,
        "task_name": "t",
        "task_type": "multiple-choice",
        "metric": "accuracy",
        "output_field": n % 2,
        "track": "x",
    }
    for n in range(1000)
]


class Shop(ThreadingHTTPServer):
    """Answers {prompt: number % 2}; `trouble` holds replies to be given first, one a request."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.asked = Counter[str]()
        self.keys: set[str | None] = set()
        self.trouble: list[tuple[int, dict[str, str], bytes] | None] = []
        self.outcomes: dict[str, list[str]] = {}
        self.lives = sys.maxsize  # requests until it answers 500 only
        self.full = threading.Event()
        self.at = sys.maxsize  # questions until `full`


class Handler(BaseHTTPRequestHandler):
    server: Shop

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def do_GET(self) -> None:
        if self.path.startswith("http://"):  # as to a proxy
            self.reply(502, {})
            return
        self.reply(200, {"data": [{"id": "shop"}]})

    def do_POST(self) -> None:
        shop = self.server
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        shop.keys.add(self.headers["Authorization"])
        shop.lives -= 1
        if shop.lives < 0:
            self.reply(500, {})
            return
        if shop.trouble:
            trouble = shop.trouble.pop()
            if trouble is None:
                self.close_connection = True
                return  # hangs up
            status, headers, raw = trouble
            self.reply(status, json.loads(raw), headers)
            return
        answers = [self.answer(**query) for query in body["queries"]]
        if sum(shop.asked.values()) >= shop.at:
            shop.full.set()
        late = any(answer["outcome"] == "late" for answer in answers)
        self.reply(504 if late else 200, {"answers": answers})

    def answer(self, prompt: str, is_multiple_choice: bool) -> dict[str, Any]:
        self.server.asked[prompt] += 1
        outcome = (self.server.outcomes.get(prompt) or ["answered"]).pop()
        if outcome != "answered":
            return {"outcome": outcome, "error": f"it was {outcome}", "prediction": ""}
        said = str(int(prompt.split("?")[0].split()[-1]) % 2)
        return {
            "id": None,
            "outcome": outcome,
            "answer": said,
            "prediction": said,
            "form": "multiple-choice",
            "lane": "multiple-choice",
            "error": None,
            "confidences": {"0": 0.25, "1": 0.75},
        }

    def reply(self, status: int, body: Any, headers: dict[str, str] | None = None) -> None:
        raw = json.dumps(body).encode()
        self.send_response(status)
        for name, value in {"Content-Length": str(len(raw)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(raw)


@pytest.fixture
def shop() -> Iterator[Shop]:
    with Shop() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def questions(tmp_path: Path, rows: list[dict[str, Any]]) -> Path:
    path = tmp_path / "q.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def predict(
    shop: Shop, tmp_path: Path, rows: list[dict[str, Any]] | Path, output: Output, **more: Any
) -> Draft:
    """Ask the endpoint these rows, or those in a file or folder."""
    out = Draft(tmp_path / "out")
    out.path.mkdir(exist_ok=True)
    config = PredictConfig(queries="unused", endpoint=f"{shop.url}/", output=output, **more)
    run(
        config,
        EngineConfig(),
        prompting=Prompting(),
        models={},
        queries=rows if isinstance(rows, Path) else questions(tmp_path, rows),
        draft=out,
    )
    return out


@pytest.mark.parametrize("output", ["jsonl", "parquet"])
def test_answers_come_in_order_and_evaluate_reads_them(
    shop: Shop, tmp_path: Path, output: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ECOM_API_KEY", "sesame")
    out = predict(shop, tmp_path, ROWS[:200], output)
    golds, _ = read_gold(tmp_path / "q.jsonl")
    answers, faults = read_predictions(out.path / f"endpoint.{output}", golds)
    assert not faults
    assert [answer.text for answer in answers] == [str(gold.answer) for gold in golds]
    assert answers[0].confidence == 0.25
    assert shop.keys == {"Bearer sesame"}
    assert out.metrics["models"]["endpoint"]["errors"] == 0
    assert sorted(path.name for path in out.path.iterdir()) == [f"endpoint.{output}", "rejected"]


def shards(folder: Path, rows: list[dict[str, Any]]) -> Path:
    """Two Parquet files with a shop's own columns; the first row of the second asks nothing."""
    folder.mkdir()
    for number, part in enumerate((rows[:30], [{**rows[0], "input_field": ""}, *rows[30:]])):
        own = [
            {
                **row,
                "price": Decimal(n) / 4,
                "sold": datetime.datetime(2026, 3, 1 + n % 9, tzinfo=datetime.UTC),
                "attributes": {"size": str(n), "tags": ["a"] * (n % 3)},
            }
            for n, row in enumerate(part)
        ]
        table = pa.Table.from_pylist(own)
        table = table.cast(table.schema.set(table.schema.get_field_index("price"), PRICE))
        pq.write_table(table, folder / f"part-{number}.parquet", row_group_size=7)
    return folder


PRICE = pa.field("price", pa.decimal128(12, 2))
COLUMNS = ("price", "sold", "attributes", "output_field")


def test_answers_are_joined_back_by_place_and_carry_columns_with_their_types(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(columns, "CHUNK_ROWS", 16)
    monkeypatch.setattr(kept, "CHUNK_ROWS", 16)
    folder = shards(tmp_path / "rows", ROWS[:50])
    out = predict(shop, tmp_path, folder, "parquet", keep_columns=COLUMNS)
    asked = pa.concat_tables(pq.read_table(file) for file in sorted(folder.iterdir()))
    asked = asked.filter(pc.not_equal(asked["input_field"], ""))
    made = pq.read_table(out.path / "endpoint.parquet")
    assert made.select(COLUMNS).equals(asked.select(COLUMNS))
    assert made["id"].to_pylist() == asked["id"].to_pylist()
    places = [("part-0.parquet", n) for n in range(1, 31)]
    places += [("part-1.parquet", n) for n in range(2, 22)]
    assert list(zip(*made.select(["file", "line"]).to_pydict().values(), strict=True)) == places
    assert made["prediction"].to_pylist() == [str(n % 2) for n in range(50)]
    assert sorted(path.name for path in out.path.iterdir()) == ["endpoint.parquet", "rejected"]
    [bad] = (out.path / "rejected" / "queries.jsonl").read_text().splitlines()
    assert (json.loads(bad)["file"], json.loads(bad)["line"]) == ("part-1.parquet", 1)


def test_questions_that_share_an_id_are_answered_and_scored_each(
    shop: Shop, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A shop's file: an id a session, several questions each, as Excel saves it."""
    folder = tmp_path / "rows"
    folder.mkdir()
    for name, part in (("a.csv", ROWS[:20]), ("b.csv", ROWS[20:40])):
        with (folder / name).open("w", newline="", encoding="cp1252") as stream:
            writer = csv.DictWriter(stream, [*ROWS[0], "shelf"], delimiter=";")
            writer.writeheader()
            rows = [{**row, "id": n // 3, "shelf": f"Größe {n}"} for n, row in enumerate(part)]
            writer.writerows(rows)
    page = {
        "name": "shop",
        "workdir": str(tmp_path / "work"),
        "base": "none/here",
        "corpus": {"sources": [{"format": "shopbench", "path": str(folder)}]},
        "predict": {
            "queries": f"{folder}/*.csv",
            "keep_columns": ["shelf"],
            "endpoint": shop.url,
        },
        "evaluate": {"gold": f"{folder}/*.csv"},
    }
    (tmp_path / "recipe.yaml").write_text(json.dumps(page))
    recipe = load(tmp_path / "recipe.yaml")
    predicted, _ = pipeline.run_stage(recipe, "predict")
    assert predicted.metrics["repeated_ids"] == 40 - 7
    made = [
        json.loads(line) for line in (predicted.path / "endpoint.jsonl").read_text().splitlines()
    ]
    assert [(row["id"], row["file"], row["line"], row["shelf"]) for row in made] == [
        (str(n // 3), file, 2 + 4 * n, f"Größe {n}")
        for file in ("a.csv", "b.csv")
        for n in range(20)
    ]
    assert "33 questions have the id of an earlier one" in (said := capsys.readouterr().err)
    assert "b.csv: read as cp1252, not UTF-8" in said
    scored, _ = pipeline.run_stage(recipe, "evaluate")
    assert scored.metrics["overall"]["endpoint"] == 1.0
    with (folder / "b.csv").open("a") as stream:
        stream.write("a changed file is another input\n")
    scored, reused = pipeline.run_stage(recipe, "evaluate")
    assert (reused, scored.metrics["gold_rejected"]) == (False, 1)
    [bad] = (scored.path / "rejected" / "gold.jsonl").read_text().splitlines()
    assert (json.loads(bad)["file"], json.loads(bad)["line"]) == ("b.csv", 82)


def test_an_endpoint_that_is_busy_or_breaks_off_is_asked_again(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(endpoint, "FIRST_WAIT_S", 0.01)
    later = {"Retry-After": "0"}
    shop.trouble = [(429, later, b'{"error": {"message": "full"}}'), (503, later, b"{}"), None]
    shop.outcomes = {str(ROWS[3]["input_field"]): ["late", "failed"]}
    out = predict(shop, tmp_path, ROWS[:40], "jsonl")
    made = [json.loads(line) for line in (out.path / "endpoint.jsonl").read_text().splitlines()]
    assert [row["id"] for row in made] == [row["id"] for row in ROWS[:40]]
    assert all(row["error"] is None for row in made)


def test_a_question_that_fails_for_good_carries_its_error(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(endpoint, "PATIENCE_S", 0.0)
    shop.outcomes = {
        str(ROWS[0]["input_field"]): ["refused"],
        str(ROWS[2]["input_field"]): ["late"],
    }
    out = predict(shop, tmp_path, ROWS[:4], "jsonl")
    made = [json.loads(line) for line in (out.path / "endpoint.jsonl").read_text().splitlines()]
    assert [row["error"] for row in made] == ["it was refused", None, "it was late", None]
    assert out.metrics["models"]["endpoint"]["errors"] == 2


def test_where_nothing_is_answered_the_run_fails_with_the_first_reason(
    shop: Shop, tmp_path: Path
) -> None:
    shop.outcomes = {str(row["input_field"]): ["refused"] for row in ROWS[:4]}
    with pytest.raises(StageError, match=r"endpoint answers none of 4 questions.*it was refused"):
        predict(shop, tmp_path, ROWS[:4], "jsonl")


@pytest.mark.parametrize("alive", [True, False])
def test_a_proxy_never_sees_an_endpoint_on_this_machine_and_is_named_elsewhere(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, alive: bool
) -> None:
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with socket.create_server(("127.0.0.1", 0)) as closed:
        proxy = f"127.0.0.1:{shop.server_port if alive else closed.getsockname()[1]}"
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://me:secret@{proxy}")
    assert predict(shop, tmp_path, ROWS[:4], "jsonl").metrics["models"]["endpoint"]["errors"] == 0
    shop.url = "http://shop.test"
    with pytest.raises(StageError, match=f"shop.test through the proxy http://{proxy} of") as said:
        predict(shop, tmp_path, ROWS[:4], "jsonl")
    assert "secret" not in str(said.value)


def test_an_endpoint_that_is_not_there_is_told_at_once(shop: Shop, tmp_path: Path) -> None:
    shop.server_close()
    with pytest.raises(StageError, match=r"nothing answers at http.*predict\.endpoint"):
        predict(shop, tmp_path, ROWS[:4], "jsonl")


def test_a_wrong_key_ends_the_run_with_the_remedy(shop: Shop, tmp_path: Path) -> None:
    shop.trouble = [(401, {}, b'{"error": {"message": "no such key"}}')]
    with pytest.raises(InputError, match=r"replied 401: no such key; .*ECOM_API_KEY"):
        predict(shop, tmp_path, ROWS[:4], "jsonl")


def test_an_endpoint_that_stays_away_ends_the_run_and_the_next_one_goes_on(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(endpoint, "PATIENCE_S", 0.0)
    shop.lives = 3
    with pytest.raises(StageError, match=r"a batch got no answer .*answers so far are kept"):
        predict(shop, tmp_path, ROWS[:100], "jsonl")
    shop.lives = sys.maxsize
    out = predict(shop, tmp_path, ROWS[:100], "jsonl")
    assert len((out.path / "endpoint.jsonl").read_text().splitlines()) == 100
    assert sum(shop.asked.values()) == 100


def test_a_recipe_with_an_endpoint_needs_no_model_and_is_scored(shop: Shop, tmp_path: Path) -> None:
    rows = questions(tmp_path, ROWS[:60])
    page = {
        "name": "shop",
        "workdir": str(tmp_path / "work"),
        "base": "none/here",
        "corpus": {"sources": [{"format": "shopbench", "path": str(rows)}]},
        "predict": {"queries": str(rows), "endpoint": shop.url, "output": "parquet"},
        "evaluate": {"gold": str(rows)},
    }
    (tmp_path / "recipe.yaml").write_text(json.dumps(page))
    recipe = load(tmp_path / "recipe.yaml")
    pipeline.run_stage(recipe, "predict")
    scored, _ = pipeline.run_stage(recipe, "evaluate")
    assert scored.metrics["overall"]["endpoint"] == 1.0
    assert pipeline.run_stage(recipe, "predict")[1]  # it is not asked again


def test_questions_with_a_form_of_their_own_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"'q' has its own form .*predict\.endpoint=null"):
        endpoint._body(Query("?", False, "q", "generation", 384))


DRIVER = """
import sys
from pathlib import Path
from ecom import pipeline
from ecom.artifact import Draft
from ecom.engine import EngineConfig
from ecom.forms import Prompting
from ecom.predict.config import PredictConfig
from ecom.predict.job import run

run(PredictConfig(queries="unused", endpoint=sys.argv[1]), EngineConfig(), prompting=Prompting(),
    models={}, queries=Path(sys.argv[2]), draft=Draft(Path(sys.argv[3])))
"""


def test_after_a_kill_at_most_5_percent_are_asked_again(shop: Shop, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    shop.at = 600
    driver = [sys.executable, "-c", DRIVER, shop.url, str(questions(tmp_path, ROWS))]
    with subprocess.Popen([*driver, str(tmp_path / "out")], start_new_session=True) as process:
        assert shop.full.wait(120)
        os.killpg(process.pid, signal.SIGKILL)
    assert 600 <= sum(shop.asked.values()) < 1000
    out = predict(shop, tmp_path, ROWS, "jsonl")
    made = [json.loads(line) for line in (out.path / "endpoint.jsonl").read_text().splitlines()]
    assert [row["id"] for row in made] == [row["id"] for row in ROWS]
    assert [row["prediction"] for row in made] == [str(n % 2) for n in range(1000)]
    assert [row["line"] for row in made] == list(range(1, 1001))
    assert len(shop.asked) == 1000
    assert sum(shop.asked.values()) - 1000 <= 50
