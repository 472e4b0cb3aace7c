"""Another model behind an OpenAI-compatible endpoint: a real HTTP server on this machine."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from ecom import pipeline
from ecom.artifact import Draft
from ecom.cli import main
from ecom.engine import EngineConfig
from ecom.errors import EcomError, InputError, StageError
from ecom.forms import FORMS, Prompting, messages
from ecom.predict.config import PredictConfig
from ecom.predict.job import run
from ecom.recipe import load
from tests.corpus.endpoint import Endpoint, Said, completion, refusal

KEY = "sk-very-secret-0123456789"
PROMPTING = Prompting.model_validate(
    {
        "system": "S",
        "open_ended_suffix": "Only Answer.",
        "by_task": {
            "Slogans": {
                "max_tokens": 300,
                "examples": [{"question": "Describe a cup.", "answer": "A cup."}],
                "sampling": {"temperature": 0.7, "seed": 3},
            }
        },
    }
)


def choice(number: int, **more: Any) -> dict[str, Any]:
    return {
        "id": f"row {number}",
        "input_field": f"Which is {number}?\n0. a\n1. b\nAnswer:",
        "is_multiple_choice": True,
        "task_name": "t",
        "task_type": "multiple-choice",
        "metric": "accuracy",
        "output_field": number % 2,
        "track": "x",
        **more,
    }


ROWS = [choice(number) for number in range(40)]
SLOGAN = {
    "id": "slogan",
    "input_field": "Describe a lamp.",
    "is_multiple_choice": False,
    "task_name": "Slogans",
    "task_type": "generation",
    "metric": "rougel",
    "output_field": "A lamp.",
    "track": "x",
}


def right(prompt: str, seen: int = 0) -> Said:
    """As chat models answer: in a sentence."""
    return completion(f"The answer is: {int(prompt.split('?')[0].split()[-1]) % 2}", usage=(30, 6))


def predict(
    endpoint: Endpoint, folder: Path, rows: list[dict[str, Any]], **baseline: Any
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    queries = folder / "q.jsonl"
    queries.write_text("".join(json.dumps(row) + "\n" for row in rows))
    given = {"url": endpoint.url, "model": "big", "max_requests": 100, "first_wait_s": 0.01}
    config = PredictConfig.model_validate(
        {"queries": str(queries), "models": [], "baselines": {"big-1": {**given, **baseline}}}
    )
    out = Draft(folder / "predict")
    out.path.mkdir(exist_ok=True)
    run(config, EngineConfig(), prompting=PROMPTING, models={}, queries=queries, draft=out)
    lines = (out.path / "big-1.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines], out.metrics["models"]["big-1"]


def test_it_is_asked_as_our_models_are_and_read_by_the_same_forms(tmp_path: Path) -> None:
    def answer(prompt: str, seen: int) -> Said:
        return completion("A lamp.") if "lamp" in prompt else right(prompt)

    with Endpoint(answer) as endpoint:
        made, _ = predict(endpoint, tmp_path, [*ROWS[:3], SLOGAN], concurrency=1)
    assert [row["id"] for row in made] == ["row 0", "row 1", "row 2", "slogan"]
    assert made[1] == {
        "id": "row 1",
        "prediction": "The answer is: 1",
        "answer": "1",
        "form": "multiple-choice",
        "confidence": None,
        "error": None,
        "line": 2,
    }
    first, slogan = endpoint.bodies[0], endpoint.bodies[-1]
    asked = messages(ROWS[0]["input_field"], FORMS["multiple-choice"], PROMPTING)
    assert first == {
        "path": "/v1/chat/completions",
        "model": "big",
        "messages": asked,
        "temperature": 0,
        "max_tokens": 256,
    }
    assert [turn["content"] for turn in slogan["messages"]] == [
        "S",
        "Describe a cup.\nOnly Answer.",
        "A cup.",
        "Describe a lamp.\nOnly Answer.",
    ]
    assert (slogan["temperature"], slogan["seed"], slogan["max_tokens"]) == (0.7, 3, 300)


def test_an_option_s_letter_is_read_as_of_our_models(tmp_path: Path) -> None:
    prompt = "Which is a shoe?\nA. lamp\nB. boot\nC. pan\nAnswer:"
    said = ["B", "B. boot", "The answer is (B).", "A boot is.", "D"]
    rows = [choice(n, input_field=f"{n}: {prompt}") for n in range(len(said))]

    with Endpoint(lambda prompt, seen: completion(said[int(prompt[0])])) as endpoint:
        made, _ = predict(endpoint, tmp_path, rows)
    assert [row["answer"] for row in made] == ["B", "B", "B", "", ""]


def test_overrides_are_sent_and_null_ones_left_out(tmp_path: Path) -> None:
    overrides = {"temperature": None, "max_tokens": None, "max_completion_tokens": 2000}
    with Endpoint(right) as endpoint:
        predict(endpoint, tmp_path, ROWS[:1], request_overrides=overrides)
    (body,) = endpoint.bodies
    assert set(body) == {"path", "model", "messages", "max_completion_tokens"}


def test_what_was_answered_is_never_paid_again(tmp_path: Path) -> None:
    price = {"prompt": 2.0, "completion": 10.0}
    twins = [*ROWS[:10], choice(3, id="the same once more")]
    with Endpoint(right) as endpoint:
        first, took = predict(endpoint, tmp_path, twins, price_per_million_tokens=price)
        again, told = predict(
            endpoint, tmp_path, twins, price_per_million_tokens=price, api_key_env="UNSET_KEY"
        )
    assert first == again
    assert len(endpoint.log) == 10
    assert (took["requests"], took["prompt_tokens"], took["completion_tokens"]) == (10, 300, 60)
    assert took["cost"] == told["cost"] == pytest.approx((300 * 2 + 60 * 10) / 1e6)


def test_another_wording_model_or_address_is_another_question(tmp_path: Path) -> None:
    with Endpoint(right) as endpoint, Endpoint(right) as other:
        predict(endpoint, tmp_path, ROWS[:2])
        predict(endpoint, tmp_path, ROWS[:2], model="bigger")
        predict(endpoint, tmp_path, ROWS[:2], request_overrides={"top_p": 0.5})
        predict(other, tmp_path, ROWS[:2])
    assert (len(endpoint.log), len(other.log)) == (6, 2)


def test_a_budget_that_cannot_be_enough_is_refused_before_it_is_spent(tmp_path: Path) -> None:
    with Endpoint(right) as endpoint:
        with pytest.raises(InputError, match=r"max_requests 9: 10 questions .* set it to 10"):
            predict(endpoint, tmp_path, ROWS[:10], max_requests=9)
        assert not endpoint.log
        predict(endpoint, tmp_path, ROWS[:10], max_requests=10)
        with pytest.raises(InputError, match=r"5 questions .* 10 requests .* set it to 15"):
            predict(endpoint, tmp_path, ROWS[:15], max_requests=14)
    assert len(endpoint.log) == 10


def test_a_budget_used_up_by_failures_ends_the_run_and_a_larger_one_goes_on(tmp_path: Path) -> None:
    with Endpoint(lambda prompt, seen: right(prompt) if seen else refusal(500, "x")) as endpoint:
        with pytest.raises(StageError, match=r"max_requests 10 was used up .* 5 questions") as told:
            predict(endpoint, tmp_path, ROWS[:10], max_requests=10, concurrency=1)
        assert "set it to 15 or more and run again" in str(told.value)
        made, took = predict(endpoint, tmp_path, ROWS[:10], max_requests=20)
    assert all(row["error"] is None for row in made)
    assert took["requests"] == len(endpoint.log) == 20


ROW_ERRORS = {
    "HTTP 500": (refusal(500, "oops"), "HTTP 500"),
    "an empty answer": (completion(""), "the answer is empty"),
    "no content": (completion(None), "the answer is empty"),
    "all tokens thought away": (
        completion("", finish="length"),
        "the answer is empty, because it ended at its token limit; raise max_tokens",
    ),
    "a refusal": (
        Said(
            b'{"choices": [{"message": {"content": null, "refusal": "I cannot help."}, '
            b'"finish_reason": "stop"}]}'
        ),
        "the model refused: 'I cannot help.'",
    ),
    "a content filter": (completion("", finish="content_filter"), "the model refused: ''"),
    "a filtered prompt": (
        Said(b'{"error": {"message": "no", "code": "content_filter"}}', 400),
        "HTTP 400: no (content_filter)",
    ),
    "too long": (refusal(400, "maximum context length is 9"), "maximum context length"),
}


@pytest.mark.parametrize("kind", ROW_ERRORS)
def test_what_is_wrong_with_one_question_stands_on_its_row(tmp_path: Path, kind: str) -> None:
    said, error = ROW_ERRORS[kind]

    def answer(prompt: str, seen: int) -> Said:
        return said if "Which is 2?" in prompt else right(prompt)

    with Endpoint(answer) as endpoint:
        made, took = predict(endpoint, tmp_path, ROWS[:4], tries=2, concurrency=1)
    assert [row["error"] is None for row in made] == [True, True, False, True]
    assert error in made[2]["error"]
    assert (made[2]["prediction"], made[2]["answer"], took["errors"]) == ("", "", 1)


def test_429_and_a_silent_endpoint_are_waited_for(tmp_path: Path) -> None:
    never = threading.Event()

    def answer(prompt: str, seen: int) -> Said:
        first = Said(hold=never) if "is 1?" in prompt else refusal(429, "slow", Retry_After="0")
        return right(prompt) if seen else first

    with Endpoint(answer) as endpoint:
        made, _ = predict(endpoint, tmp_path, ROWS[:4], timeout_s=0.5)
        never.set()
    assert [row["answer"] for row in made] == ["0", "1", "0", "1"]


@pytest.mark.parametrize(
    ("said", "kind", "message"),
    [
        (refusal(401, f"no such key: {KEY}"), InputError, r"401: .*\[key\].*big-1\.api_key_env"),
        (refusal(404, "no such model"), InputError, r"404: no such model; check predict\.baselin"),
        (
            refusal(400, "temperature?"),
            InputError,
            r"400: .*check predict\.baselines\.big-1",
        ),
        (refusal(429, "x", Retry_After="86400"), StageError, "asks to wait 86400 s"),
        (refusal(503, "x"), StageError, "10 requests in a row failed"),
    ],
)
def test_what_is_wrong_with_all_of_them_ends_the_run(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    said: Said,
    kind: type[EcomError],
    message: str,
) -> None:
    monkeypatch.setenv("BIG_KEY", KEY)
    with Endpoint(lambda prompt, seen: said) as endpoint:
        with pytest.raises(kind, match=message) as caught:
            predict(endpoint, tmp_path, ROWS, api_key_env="BIG_KEY", tries=1, concurrency=2)
        assert set(endpoint.keys) == {f"Bearer {KEY}"}
    assert len(endpoint.log) <= 12
    files = [file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()]
    assert not any(KEY.encode() in file for file in files)
    assert not any(KEY in text for text in (str(caught.value), *capfd.readouterr()))


def test_the_key_must_be_there_before_anything_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("BIG_KEY", raising=False)
    with Endpoint(right) as endpoint:
        with pytest.raises(InputError, match=r"big-1\.api_key_env: BIG_KEY is not set"):
            predict(endpoint, tmp_path, ROWS[:2], api_key_env="BIG_KEY")
        assert not endpoint.log


def test_a_proxy_sees_nothing_of_an_endpoint_on_this_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with Endpoint(lambda prompt, seen: refusal(407, "proxy")) as proxy, Endpoint(right) as endpoint:
        for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url.removesuffix("/v1"))
        made, _ = predict(endpoint, tmp_path, ROWS[:2])
    assert not proxy.log
    assert [row["answer"] for row in made] == ["0", "1"]


# --- through the command -------------------------------------------------------------------------


def recipe(folder: Path, url: str, **baseline: Any) -> Path:
    rows = folder / "q.jsonl"
    rows.write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    given = {"url": url, "model": "big", "max_requests": 100, "first_wait_s": 0.01, **baseline}
    page = {
        "name": "shop",
        "workdir": str(folder / "work"),
        "base": "none/here",
        "corpus": {"sources": [{"format": "shopbench", "path": str(rows)}]},
        "predict": {
            "queries": str(rows),
            "models": [],
            "baselines": {"gpt-4.1": given, "other": {**given, "model": "worse"}},
        },
        "evaluate": {"gold": str(rows), "bootstrap_samples": 100},
    }
    (folder / "recipe.yaml").write_text(json.dumps(page))
    return folder / "recipe.yaml"


def ecom(*arguments: str) -> int:
    try:
        main(list(arguments))
    except SystemExit as end:
        return int(end.code or 0)
    return 0


def test_two_baselines_are_asked_scored_and_compared(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def answer(prompt: str, seen: int) -> Said:
        return completion("0") if seen else right(prompt)  # the second baseline says no more

    with Endpoint(answer) as endpoint:
        file = str(recipe(tmp_path, endpoint.url))
        assert ecom("predict", file) == 0
        assert ecom("predict", file) == 0, "the finished stage is kept"
    assert Counter(body["model"] for body in endpoint.bodies) == {"big": 40, "worse": 40}
    elsewhere = tmp_path / "job" / "files"
    elsewhere.mkdir(parents=True)
    monkeypatch.chdir(elsewhere)  # as `ray job submit` does
    assert ecom("evaluate", file) == 0
    said = capfd.readouterr().out
    assert "gpt-4.1" in said
    assert "../" not in said, "the artifact's path is whole"
    scores = json.loads((tmp_path / "work/evaluate/scores.json").read_text())
    assert list(scores["models"]) == ["guess", "gpt-4.1", "other"]
    first, second = scores["models"]["gpt-4.1"], scores["models"]["other"]
    assert (first["official"]["overall"], first["lenient"]["overall"]) == (0, 1)
    assert (second["official"]["overall"], second["lenient"]["overall"]) == (0.5, 0.5)
    work = tmp_path / "work"
    assert ecom("evaluate", "--compare", f"{work}:other", f"{work}:gpt-4.1", "--json") == 0
    found = json.loads(capfd.readouterr().out)["lenient"]["overall"]
    assert (found["difference"], found["real"]) == (0.5, True)


def test_examples_that_are_among_the_questions_end_the_run_before_anyone_is_asked(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    shown = f"[{{question: {json.dumps(ROWS[7]['input_field'])}, answer: '1'}}]"
    with Endpoint(right) as endpoint:
        file = str(recipe(tmp_path, endpoint.url))
        code = ecom(
            "predict", file, f"prompting.by_form={{multiple-choice: {{examples: {shown}}}}}"
        )
        assert not endpoint.log
    assert code == 2
    said = capfd.readouterr().err
    assert "prompting.by_form.multiple-choice.examples.0: exact, row row 7" in said
    assert "take other examples" in said


DRIVER = "import sys; from ecom.cli import main; main(['predict', sys.argv[1]])"


def test_after_a_kill_only_what_was_under_way_is_asked_again(tmp_path: Path) -> None:
    freed = threading.Event()

    def answer(prompt: str, seen: int) -> Said:
        said = right(prompt)
        if len(endpoint.log) >= 12:
            said.hold = freed
        return said

    with Endpoint(answer) as endpoint:
        file = recipe(tmp_path, endpoint.url, concurrency=3)
        with subprocess.Popen(
            [sys.executable, "-c", DRIVER, str(file)], stderr=subprocess.DEVNULL
        ) as process:
            endpoint.wait_for(15)
            os.kill(process.pid, signal.SIGKILL)
        freed.set()
        done, _ = pipeline.run_stage(load(file), "predict")
    assert done.metrics["models"]["gpt-4.1"]["errors"] == 0
    asked = Counter((body["model"], body["messages"][-1]["content"]) for body in endpoint.bodies)
    assert sorted(asked.values()) == [1] * 77 + [2] * 3
    assert done.metrics["models"]["gpt-4.1"]["requests"] == 43
