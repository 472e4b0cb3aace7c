"""`ecom benchmark` on small files in the authors' formats: recorded answers, endpoints, reports."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from ecom.benchmark import BENCHMARKS
from ecom.benchmark.base import Question
from ecom.cli import main
from tests.benchmark.made import MADE, Made
from tests.corpus.endpoint import Endpoint, Said, completion, refusal


def command(*arguments: object, code: int = 0) -> None:
    with pytest.raises(SystemExit) as ended:
        main([str(one) for one in ("benchmark", *arguments)])
    assert ended.value.code == code


def asked(name: str, path: Path) -> list[Question]:
    return [item for _, item in BENCHMARKS[name].read(path) if isinstance(item, Question)]


def recorded(file: Path, answers: Any, ids: Any = None) -> Path:
    rows = [{"prediction": text} for text in answers]
    for row, id_ in zip(rows, ids or (), strict=False):
        row["id"] = id_
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return file


@pytest.mark.parametrize("case", MADE)
def test_recorded_answers_get_the_scores_of_the_authors_program(
    case: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name, made = MADE[case]
    path, to = made.write(tmp_path / "their"), tmp_path / "out"
    answers = recorded(tmp_path / "answers.jsonl", made.answers)
    command(name, path, "--answers", answers, "--to", to, "--json")
    scores = json.loads(capsys.readouterr().out)
    assert scores["questions"] == len(made.answers)
    run = scores["runs"]["answers"]
    if made.authors:
        found = {task: entry["score"] for task, entry in run["authors"]["tasks"].items()}
        known = {task: score for task, score in found.items() if score is not None}
        assert known == pytest.approx(dict(made.authors), abs=1e-9)
        assert set(found) - set(known) == set(run["authors"]["not_computed"])
    else:
        assert run["authors"] is None
    # what breaks a rule is left out, with the reason, and counted
    left_out = (to / "rejected" / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    reasons = [json.loads(line)["reason"] for line in left_out]
    assert len(reasons) == len(made.rejected)
    for part, reason in zip(made.rejected, reasons, strict=True):
        assert part in reason
    report = (to / "report.md").read_text(encoding="utf-8")
    if made.rejected:
        assert f"{len(reasons)} rows left out" in report
    assert (to / "report.html").read_text(encoding="utf-8").count("<table>") >= 2


@pytest.mark.parametrize("case", [case for case in MADE if MADE[case][1].words])
def test_the_authors_words_are_asked_to_the_letter(case: str, tmp_path: Path) -> None:
    name, made = MADE[case]
    first = asked(name, made.write(tmp_path))[0]
    assert first.authors
    assert first.authors.prompt == made.words


@pytest.mark.parametrize("case", MADE)
def test_right_answers_in_our_form_are_right_by_our_rules(
    case: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from ecom.forms import FORMS

    name, made = MADE[case]
    path = made.write(tmp_path / "their")
    questions = asked(name, path)
    texts = [FORMS[q.form].emit(FORMS[q.form].ideal(q.answer)) for q in questions]
    if name == "ecinstruct":  # its values are read from the JSON that the authors ask for
        texts = [
            json.dumps(q.gold) if q.measure.startswith("values") else text
            for q, text in zip(questions, texts, strict=True)
        ]
    answers = recorded(tmp_path / "a.jsonl", texts, [q.id for q in questions])
    command(name, path, "--answers", answers, "--to", tmp_path / "out", "--json")
    ours = json.loads(capsys.readouterr().out)["runs"]["answers"]["ours"]
    found = {task: entry["score"] for task, entry in ours["tasks"].items()}
    assert {task: score for task, score in found.items() if score is not None} == pytest.approx(
        {task: 1.0 for task in found if task not in ours["not_computed"]}
    )


def test_the_list_says_where_and_under_which_licence(capsys: pytest.CaptureFixture[str]) -> None:
    command("--list", "--json")
    listed = {one["name"]: one for one in json.loads(capsys.readouterr().out)["benchmarks"]}
    assert set(listed) == {name for name, _ in MADE.values()}
    assert listed["shopping-mmlu"]["licence"] == "Apache-2.0"
    for one in listed.values():
        assert one["where"].startswith("https://")
        assert one["questions"]
        assert one["scored_by"]


def test_both_wordings_are_asked_and_reported_side_by_side(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Another's endpoint: it answers the authors' words with a sentence, ours with a letter."""

    def answer(prompt: str, seen: int) -> Said:
        theirs = "only without any other word" in prompt
        return completion("The answer is B." if theirs else "B")

    _, made = MADE["intention-qa"]
    path, to = made.write(tmp_path / "their"), tmp_path / "out"
    with Endpoint(answer) as endpoint:
        common = ("intention-qa", path, "--endpoint", endpoint.url, "--served-model", "tiny")
        command(*common, "--to", to)
        table = capsys.readouterr().out
        bodies = list(endpoint.bodies)
        command(*common, "--to", to)  # nothing has changed: nothing is asked
        assert len(endpoint.log) == len(bodies)
    theirs = [b for b in bodies if "only without any other word" in b["messages"][-1]["content"]]
    ours = [b for b in bodies if b not in theirs]
    assert theirs
    assert ours
    assert all([turn["role"] for turn in b["messages"]] == ["user"] for b in theirs)
    assert {(b["max_tokens"], b["temperature"]) for b in theirs} == {(10, 0)}
    assert all(b["messages"][0]["role"] == "system" for b in ours)
    scores = json.loads((to / "scores.json").read_text())
    runs = scores["runs"]
    assert set(runs) == {"authors' words", "our words"}
    # "The answer is B." begins with T: wrong by the authors' rules, right by ours
    assert runs["authors' words"]["authors"]["tasks"]["intention"]["score"] == 0
    assert runs["authors' words"]["ours"]["tasks"]["intention"]["score"] == pytest.approx(1 / 3)
    assert runs["our words"]["authors"]["tasks"]["intention"]["score"] == pytest.approx(1 / 3)
    assert runs["authors' words"]["ours"]["intervals"]["tasks"]["intention"] is not None
    assert scores["failures"]["authors' words"]["intention"]["lost to format"] == 1
    assert "overall" in table
    # the answers that were asked for can be scored again
    command("intention-qa", path, "--answers", to / "authors.jsonl", "--to", tmp_path / "again")
    again = json.loads((tmp_path / "again" / "scores.json").read_text())
    assert again["runs"]["answers"]["authors"] == runs["authors' words"]["authors"]


def test_a_run_that_was_stopped_asks_only_what_has_no_answer(tmp_path: Path) -> None:
    path = MADE["intention-qa"][1].write(tmp_path / "their")
    refused = [True]

    def answer(prompt: str, seen: int) -> Said:
        if refused[0] and endpoint.log:  # of two distinct questions the second
            return refusal(401, "wrong key")
        return completion("B")

    with Endpoint(answer) as endpoint:
        common = ("intention-qa", path, "--endpoint", endpoint.url, "--served-model", "tiny")
        asked_for = (*common, "--prompt", "authors", "--to", tmp_path / "out")
        command(*asked_for, code=2)
        assert not (tmp_path / "out").exists()
        answered = set(endpoint.log[:1])
        refused[0] = False
        before = len(endpoint.log)
        command(*asked_for)
        assert answered.isdisjoint(endpoint.log[before:])
    said = (tmp_path / "out" / "authors.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["prediction"] for line in said] == ["B"] * 6


class OurOwn(BaseHTTPRequestHandler):
    """Speaks as `ecom serve`: its own route answers A, the model as it is writes a sentence."""

    def do_GET(self) -> None:
        self.reply({"data": [{"id": "shop"}, {"id": "tiny"}]})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path == "/v1/shop/answer":
            answer = {"outcome": "answered", "answer": "A", "prediction": "A"}
            form = {"form": "multiple-choice", "confidences": {"A": 1.0}, "error": None}
            self.reply({"answers": [answer | form for _ in body["queries"]]})
        else:
            assert (self.path, body["model"]) == ("/v1/chat/completions", "tiny")
            message = {"role": "assistant", "content": "B. It rains."}
            self.reply({"choices": [{"message": message, "finish_reason": "stop"}]})

    def reply(self, body: Any) -> None:
        raw = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, *_: object) -> None:
        pass


def test_ecom_serve_is_asked_our_words_at_its_own_route(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = MADE["intention-qa"][1].write(tmp_path / "their")
    with ThreadingHTTPServer(("127.0.0.1", 0), OurOwn) as http:
        thread = threading.Thread(target=http.serve_forever, args=(0.01,))
        thread.start()
        url = f"http://127.0.0.1:{http.server_port}"
        command("intention-qa", path, "--endpoint", url, "--to", tmp_path / "out", "--json")
        http.shutdown()
        thread.join()
    runs = json.loads(capsys.readouterr().out)["runs"]
    # right are B, A and C
    for words in ("authors' words", "our words"):
        for rules in ("authors", "ours"):
            assert runs[words][rules]["tasks"]["intention"]["score"] == pytest.approx(1 / 3)
    said = (tmp_path / "out" / "authors.jsonl").read_text(encoding="utf-8")
    assert "B. It rains." in said


def test_published_scores_stand_beside_ours(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, made = MADE["shopping-mmlu"]
    answers = recorded(tmp_path / "a.jsonl", made.answers)
    path = made.write(tmp_path / "their")
    command("shopping-mmlu", path, "--answers", answers, "--to", tmp_path / "out")
    row = next(line for line in capsys.readouterr().out.splitlines() if "concepts: mean" in line)
    assert "0.807" in row or "0.808" in row
    report = (tmp_path / "out" / "report.md").read_text()
    assert "huggingface.co/spaces/KL4805/shopping_mmlu_leaderboard" in report


def test_a_few_questions_of_each_task_are_drawn_alike(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, made = MADE["intention-qa"]
    path = made.write(tmp_path / "their")
    with Endpoint(lambda prompt, seen: completion("A")) as endpoint:
        common = ("intention-qa", path, "--endpoint", endpoint.url, "--served-model", "tiny")
        command(*common, "--prompt", "ours", "--per-task", 1, "--to", tmp_path / "out", "--json")
    scores = json.loads(capsys.readouterr().out)
    assert {entry["n"] for entry in scores["runs"]["our words"]["ours"]["tasks"].values()} == {1}
    assert set(scores["runs"]) == {"our words"}
    assert "of each task at most 1" in (tmp_path / "out" / "report.md").read_text()


def test_the_skills_can_be_read_from_their_zip(tmp_path: Path) -> None:
    import zipfile

    _, made = MADE["shopping-mmlu"]
    data = made.write(tmp_path)
    with zipfile.ZipFile(tmp_path / "data.zip", "w") as zipped:
        for file in sorted(data.rglob("*")):
            zipped.write(file, file.relative_to(data))
    packed, plain = (
        [(q.task, q.skill, q.gold, q.id) for q in asked("shopping-mmlu", path)]
        for path in (tmp_path / "data.zip", data)
    )
    assert packed == plain
    assert {skill for _, skill, _, _ in plain} == {"concepts", "behavior"}


def test_ranked_products_without_labels_are_in_no_mean(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, made = MADE["ecinstruct"]
    path = made.write(tmp_path / "their")
    (path / "label.json").unlink()
    answers = recorded(tmp_path / "a.jsonl", made.answers)
    command("ecinstruct", path, "--answers", answers, "--to", tmp_path / "out", "--json")
    authors = json.loads(capsys.readouterr().out)["runs"]["answers"]["authors"]
    task = "Query_Product_Ranking (IND_Diverse_Instruction)"
    assert authors["tasks"][task]["score"] is None
    assert "label.json" in authors["not_computed"][task]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("dancing", "x", "--answers", "a"), "no such benchmark"),
        (("esci", "THEIR", "--prompt", "authors", "--model", "m"), "ask no language model"),
        (("esci", "THEIR", "--prompt", "theirs", "--model", "m"), "give authors, ours or both"),
        (("intention-qa", "THEIR", "--answers", "THEIR"), "no file with task1 or task2"),
        (("intention-qa", "THEIR"), "one of --model, --endpoint and --answers"),
        (("esci", "THEIR", "--answers", "nowhere.jsonl"), "no such file"),
    ],
)
def test_what_is_wrong_is_named(
    arguments: tuple[str, ...], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = MADE["esci"][1].write(tmp_path / "their")
    file = folder / "shopping_queries_dataset_examples.parquet"
    given = [str(file if one == "THEIR" and n > 1 else folder if one == "THEIR" else one)
             for n, one in enumerate(arguments)]  # fmt: skip
    command(*given, "--to", tmp_path / "out", code=2)
    assert said in " ".join(capsys.readouterr().err.split())


def test_another_stages_folder_is_not_replaced(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from ecom import artifact

    with artifact.writing(tmp_path / "train", "train", {}, {}) as draft:
        (draft.path / "adapter").write_text("weights")
    made = MADE["intention-qa"][1]
    path, answers = made.write(tmp_path / "their"), recorded(tmp_path / "a.jsonl", made.answers)
    command("intention-qa", path, "--answers", answers, "--to", tmp_path / "train", code=2)
    assert "ecom train" in capsys.readouterr().err
    assert (tmp_path / "train" / "adapter").read_text() == "weights"


def test_too_few_answers_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made: Made = MADE["intention-qa"][1]
    path = made.write(tmp_path / "their")
    answers = recorded(tmp_path / "a.jsonl", made.answers[:-1])
    command("intention-qa", path, "--answers", answers, "--to", tmp_path / "out", code=2)
    assert "the answers do not fit the questions" in capsys.readouterr().err
