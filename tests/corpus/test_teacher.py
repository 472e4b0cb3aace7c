"""The teacher's client against a real HTTP server on this machine."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from ecom import progress
from ecom.corpus.records import Product, Search
from ecom.corpus.synthesize import tasks
from ecom.corpus.synthesize.config import Synthesis
from ecom.corpus.synthesize.synthesis import Spent, synthesize
from ecom.errors import EcomError, InputError, StageError
from ecom.rows import Example
from ecom.shopbench import Rejected
from tests.corpus.endpoint import Answer, Endpoint, Said, completion, refusal

KEY = "sk-very-secret-0123456789"
RECORDS = [Search(id=f"q{i}", source="shop", lang="en", query=f"lamp {i}") for i in range(30)]


def number(prompt: str) -> str:
    """The record that a prompt is about: its query comes last."""
    return str(re.findall(r"Query: lamp (\d+)", prompt)[-1])


def good(prompt: str, seen: int = 0) -> Said:
    return completion(f"|Easy|bright lamp {number(prompt)}|")


def settings(url: str, **changes: Any) -> Synthesis:
    teacher = {"url": url, "model": "m", "first_wait_s": 0.01, **changes.pop("teacher", {})}
    given = {"tasks": ["query_rewriting"], "max_requests": 1000, **changes}
    return Synthesis.model_validate({"teacher": teacher, **given})


def run(url: str, cache: Path, records: int = 5, **changes: Any) -> tuple[list[Any], Spent]:
    rows, asked = [], settings(url, **changes)
    asking = synthesize(RECORDS[:records], tasks.load(asked), asked, cache, 0)
    while True:
        try:
            rows.append(next(asking))
        except StopIteration as end:
            return rows, end.value


def outputs(rows: list[Any]) -> list[str]:
    return [row.output for row in rows if isinstance(row, Example)]


def reasons(rows: list[Any]) -> Counter[str]:
    return Counter(row.reason for row in rows if isinstance(row, Rejected))


ALL_FIVE = [f"bright lamp {i}" for i in range(5)]


def test_an_endpoint_is_asked_as_openai_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEACHER_KEY", KEY)
    with Endpoint(good) as endpoint:
        rows, _ = run(
            endpoint.url + "/",
            tmp_path,
            1,
            teacher={"api_key_env": "TEACHER_KEY"},
            max_tokens=77,
            request_overrides={"top_p": 0.9},
        )
    (body,) = endpoint.bodies
    assert endpoint.keys == [f"Bearer {KEY}"]
    assert (body["path"], body["model"]) == ("/v1/chat/completions", "m")
    assert (body["temperature"], body["max_tokens"], body["top_p"]) == (0.8, 77, 0.9)
    assert [message["role"] for message in body["messages"]] == ["system", "user"]
    assert outputs(rows) == ["bright lamp 0"]


def test_what_is_null_is_not_sent_and_no_key_means_no_header(tmp_path: Path) -> None:
    with Endpoint(good) as endpoint:
        run(endpoint.url, tmp_path, 1, max_tokens=None, temperature=None)
    assert endpoint.keys == [None]
    assert set(endpoint.bodies[0]) == {"path", "model", "messages"}


def test_rows_come_in_the_records_order_whenever_the_answers_came(tmp_path: Path) -> None:
    all_asked = threading.Event()

    def answer(prompt: str, seen: int) -> Said:
        said = good(prompt)
        if number(prompt) in "03":  # these two are answered when all others were asked
            said.hold = all_asked
        if len(endpoint.log) == 4:
            all_asked.set()
        return said

    with Endpoint(answer) as endpoint:
        rows, _ = run(endpoint.url, tmp_path)
    assert outputs(rows) == ALL_FIVE


def test_tokens_and_cost_so_far_are_counted_and_shown_on_stderr(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "MOMENT_S", 0.001)  # else a log has no line of so little work
    price = {"prompt": 0.15, "completion": 0.60}
    with Endpoint(good) as endpoint:
        run(endpoint.url, tmp_path, 2, price_per_million_tokens=price)
        _, spent = run(endpoint.url, tmp_path, 4, price_per_million_tokens=price)
    shown = capfd.readouterr()
    assert (spent.planned, spent.tries, spent.answered, spent.kept) == (4, 4, 4, 4)
    assert (spent.prompt_tokens, spent.completion_tokens) == (400, 200)
    assert spent.cost == pytest.approx(400 * 0.15e-6 + 200 * 0.60e-6)
    assert shown.out == ""
    assert "4 rows kept" in shown.err
    assert "600 tokens" in shown.err


@pytest.mark.parametrize("usage", [None, ("many", -1)])
def test_an_endpoint_that_does_not_count_tokens_is_taken_too(tmp_path: Path, usage: Any) -> None:
    with Endpoint(lambda prompt, seen: completion("|Easy|a|", usage=usage)) as endpoint:
        rows, spent = run(endpoint.url, tmp_path, 1)
    assert outputs(rows) == ["a"]
    assert (spent.prompt_tokens, spent.completion_tokens) == (0, 0)


@pytest.mark.parametrize(
    "text", ["I am sorry.", "", None, "{'a': 1}", "|Easy|", "\x00\ud83d", "|" * 9_000]
)
def test_garbage_is_paid_once_and_rejected_with_its_reason(tmp_path: Path, text: Any) -> None:
    with Endpoint(lambda prompt, seen: completion(text)) as endpoint:
        rows, _ = run(endpoint.url, tmp_path, 1)
        again, _ = run(endpoint.url, tmp_path, 1)
    assert len(endpoint.log) == 1
    assert rows == again
    assert rows
    assert all(isinstance(row, Rejected) and row.reason for row in rows)


def test_an_answer_that_was_cut_keeps_its_whole_rows(tmp_path: Path) -> None:
    cut = completion("|Easy|a red lamp|\n|Hard|a lamp tha", finish="length")
    with Endpoint(lambda prompt, seen: cut) as endpoint:
        rows, _ = run(endpoint.url, tmp_path, 1)
    assert outputs(rows) == ["a red lamp"]
    assert list(reasons(rows)) == ["the teacher's answer was cut here, at its token limit"]


FAULTS = {
    "429": refusal(429, "slow down"),
    "429 with Retry-After": refusal(429, "slow down", Retry_After="0"),
    "500": refusal(500, "oops"),
    "503 in HTML": Said(b"<html>busy</html>", 503),
    "closed connection": Said(drop=True),
    "broken JSON": Said(b'{"choices": [{"mess'),
    "no choices": Said(b'{"choices": []}'),
    "other JSON": Said(b"[1, 2]"),
    "not UTF-8": Said(b"\xff\xfe{"),
    "content is a list": completion([1]),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_passing_fault_is_tried_again(tmp_path: Path, fault: str) -> None:
    with Endpoint(lambda prompt, seen: good(prompt) if seen == 2 else FAULTS[fault]) as endpoint:
        rows, spent = run(endpoint.url, tmp_path)
    assert outputs(rows) == ALL_FIVE
    assert spent.tries == len(endpoint.log) == 15


REFUSALS = {
    "Azure": refusal(400, "filtered", code="content_filter"),
    "vLLM": refusal(400, "This model's maximum context length is 512 tokens; you asked for 900"),
}


@pytest.mark.parametrize("endpoint_of", REFUSALS)
def test_a_record_that_the_endpoint_refuses_costs_one_try_and_ends_nothing(
    tmp_path: Path, endpoint_of: str
) -> None:
    def answer(prompt: str, seen: int) -> Said:
        return REFUSALS[endpoint_of] if number(prompt) == "2" else good(prompt)

    with Endpoint(answer) as endpoint:
        rows, spent = run(endpoint.url, tmp_path)
    assert outputs(rows) == [text for text in ALL_FIVE if text != "bright lamp 2"]
    assert spent.tries == len(endpoint.log) == 5
    (reason,) = reasons(rows)
    assert "the teacher failed: HTTP 400" in reason


def test_an_endpoint_that_refuses_everything_is_asked_ten_times(tmp_path: Path) -> None:
    with (
        Endpoint(lambda prompt, seen: REFUSALS["vLLM"]) as endpoint,
        pytest.raises(InputError, match=r"refused 10 requests in a row.*max_tokens"),
    ):
        run(endpoint.url, tmp_path, 30, teacher={"concurrency": 1})
    assert len(endpoint.log) == 10


def test_a_refusal_in_words_is_kept_in_the_rejected_row(tmp_path: Path) -> None:
    message = {"role": "assistant", "content": None, "refusal": "I cannot write about weapons."}
    body = json.dumps({"choices": [{"message": message, "finish_reason": "stop"}]})
    with Endpoint(lambda prompt, seen: Said(body.encode())) as endpoint:
        ((row,), _) = run(endpoint.url, tmp_path, 1)
    assert isinstance(row, Rejected)
    assert "weapons" in row.text


def test_an_answer_cut_before_its_first_row_says_so(tmp_path: Path) -> None:
    thinking = completion("<think>Let me see", finish="length")
    with Endpoint(lambda prompt, seen: thinking) as endpoint:
        ((row,), _) = run(endpoint.url, tmp_path, 1)
    assert isinstance(row, Rejected)
    assert "cut at its token limit" in row.reason


def product_question(prompt: str, seen: int) -> Said:
    """Of every two rows one asks what the title does not say."""
    answerable = "|Easy|How long is it in metres?|1 m|2 m|3 m|4 m|1 m|"
    unanswerable = "|Hard|Is it dimmable?|Yes|No|With a remote|Halfway|It cannot be inferred.|"
    return completion(f"{answerable}\n{unanswerable}")


def test_that_the_text_does_not_say_is_an_answer_up_to_a_share(tmp_path: Path) -> None:
    shop = [Product(id=str(i), source="shop", title=f"Lamp {i}, 1 m") for i in range(60)]
    with Endpoint(product_question) as endpoint:
        asked = settings(endpoint.url, tasks=["product_question"], unanswerable_share=0.2)
        rows = list(synthesize(shop, tasks.load(asked), asked, tmp_path, 0))
    assert all("letter for letter: It cannot be inferred." in prompt for prompt in endpoint.log)
    made = [row for row in rows if isinstance(row, Example)]
    right = Counter(row.options[int(row.output)] for row in made)
    assert set(right) == {"1 m", "It cannot be inferred."}
    assert 0.15 < right["It cannot be inferred."] / len(made) <= 0.2
    assert set(reasons(rows)) == {
        "the text does not say, beyond corpus.synthesis.unanswerable_share"
    }
    offered = [row for row in made if "It cannot be inferred." in row.options]
    assert len(offered) > 2 * right["It cannot be inferred."], "it is a wrong option, too"


def test_a_silent_endpoint_is_given_up_and_asked_again(tmp_path: Path) -> None:
    never = threading.Event()
    silent = Said(hold=never)
    with Endpoint(lambda prompt, seen: good(prompt) if seen else silent) as endpoint:
        rows, _ = run(endpoint.url, tmp_path, teacher={"timeout_s": 0.3})
        never.set()
    assert outputs(rows) == ALL_FIVE
    assert len(endpoint.log) == 10


def test_retry_after_is_waited_for_by_all_requests(tmp_path: Path) -> None:
    times: list[float] = []

    def answer(prompt: str, seen: int) -> Said:
        times.append(time.monotonic())
        return good(prompt) if len(times) > 1 else refusal(429, "slow", Retry_After="1")

    with Endpoint(answer) as endpoint:
        rows, _ = run(endpoint.url, tmp_path, teacher={"concurrency": 1})
    assert outputs(rows) == ALL_FIVE
    assert times[1] - times[0] >= 0.99


def test_an_endpoint_that_wants_to_be_left_alone_for_long_ends_the_run(tmp_path: Path) -> None:
    with (
        Endpoint(lambda prompt, seen: refusal(429, "x", Retry_After="86400")) as endpoint,
        pytest.raises(StageError, match="asks to wait 86400 s; run again then"),
    ):
        run(endpoint.url, tmp_path, teacher={"concurrency": 1})
    assert len(endpoint.log) == 1


def test_a_request_that_keeps_failing_is_rejected_and_the_others_go_on(tmp_path: Path) -> None:
    with Endpoint(
        lambda prompt, seen: refusal(500, "x") if number(prompt) == "2" else good(prompt)
    ) as endpoint:
        rows, spent = run(endpoint.url, tmp_path, teacher={"tries": 3})
        assert spent.tries == len(endpoint.log) == 4 + 3
        run(endpoint.url, tmp_path, teacher={"tries": 3})
    assert outputs(rows) == [text for text in ALL_FIVE if "2" not in text]
    assert reasons(rows) == {"the teacher failed: HTTP 500": 1}
    assert len(endpoint.log) == 4 + 3 + 3, "a failed request is open for the next run"


@pytest.mark.parametrize(
    ("status", "remedy"),
    [
        (400, "check corpus.synthesis"),
        (401, "check the key in the variable of corpus.synthesis.teacher.api_key_env"),
        (403, "what the key is allowed to"),
        (404, "it ends with the version, as /v1"),
        (302, "redirects are not followed"),
    ],
)
def test_a_refusal_ends_the_run_at_once(tmp_path: Path, status: int, remedy: str) -> None:
    said = refusal(status, "the words of the endpoint", Location="http://127.0.0.1:1/")
    with (
        Endpoint(lambda prompt, seen: said) as endpoint,
        pytest.raises(InputError, match=f"replied {status}: the words of the endpoint") as caught,
    ):
        run(endpoint.url, tmp_path, 30, teacher={"concurrency": 2})
    assert remedy in str(caught.value)
    assert len(endpoint.log) <= 2


def test_a_quota_that_is_used_up_is_not_waited_for(tmp_path: Path) -> None:
    said = Said(b'{"error": {"message": "pay first", "code": "insufficient_quota"}}', 429)
    with (
        Endpoint(lambda prompt, seen: said) as endpoint,
        pytest.raises(InputError, match="quota of this key is used up"),
    ):
        run(endpoint.url, tmp_path, teacher={"concurrency": 1})
    assert len(endpoint.log) == 1


def test_answers_under_way_when_another_is_refused_are_kept(tmp_path: Path) -> None:
    refused = threading.Event()

    def answer(prompt: str, seen: int) -> Said:
        if len(endpoint.log) == 1:
            threading.Timer(0.3, refused.set).start()  # the first one's answer comes later still
            return refusal(401, "no") if not seen else good(prompt)
        said = good(prompt)
        said.hold = refused
        return said

    with Endpoint(answer) as endpoint:
        with pytest.raises(InputError):
            run(endpoint.url, tmp_path, 2, teacher={"concurrency": 2})
        rows, _ = run(endpoint.url, tmp_path, 2)
    assert outputs(rows) == ALL_FIVE[:2]
    assert len(endpoint.log) == 3


def test_an_endpoint_that_is_down_ends_the_run_and_costs_little(tmp_path: Path) -> None:
    with Endpoint(lambda prompt, seen: refusal(500, "x")) as endpoint:
        with pytest.raises(StageError, match=r"10 requests in a row failed.*HTTP 500; run again"):
            run(endpoint.url, tmp_path, 30, teacher={"tries": 2, "concurrency": 4})
        assert len(endpoint.log) <= 2 * (10 + 3)


def test_no_endpoint_at_all_is_one_clear_error(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    for budget in (3, 100):
        with pytest.raises(StageError, match=r"the connection failed \(ConnectError\)"):
            run(f"http://127.0.0.1:{port}/v1", tmp_path, max_requests=budget)


# --- the budget, and what is paid ----------------------------------------------------------------


def test_a_finished_request_is_never_asked_again(tmp_path: Path) -> None:
    with Endpoint(good) as endpoint:
        first, _ = run(endpoint.url, tmp_path)
        second, _ = run(endpoint.url, tmp_path)
    assert first == second
    assert len(endpoint.log) == 5
    third, _ = run(endpoint.url, tmp_path, teacher={"api_key_env": "UNSET_KEY"})
    assert third == first, "what is all there needs neither endpoint nor key"


@pytest.mark.parametrize("concurrency", [1, 8])
def test_the_budget_holds_exactly_failed_tries_included(tmp_path: Path, concurrency: int) -> None:
    teacher = {"concurrency": concurrency}
    with Endpoint(lambda prompt, seen: good(prompt) if seen else refusal(500, "x")) as endpoint:
        rows, spent = run(endpoint.url, tmp_path, 30, max_requests=11, teacher=teacher)
        assert len(endpoint.log) == spent.tries == 11
        assert len(rows) == spent.planned == 11, "each planned request is accounted for"
        run(endpoint.url, tmp_path, 30, max_requests=11, teacher=teacher)
        assert len(endpoint.log) == 11, "of all runs together"
        more, spent = run(endpoint.url, tmp_path, 30, max_requests=60, teacher=teacher)
    assert sorted(Counter(endpoint.log).values()) == [2] * 30
    assert len(outputs(more)) == 30


def test_a_request_beyond_the_budget_is_reported(tmp_path: Path) -> None:
    failing = refusal(500, "x")
    with Endpoint(
        lambda prompt, seen: good(prompt) if endpoint.log[:2].count(prompt) else failing
    ) as endpoint:
        rows, _ = run(endpoint.url, tmp_path, 4, max_requests=5, teacher={"concurrency": 1})
    counts = reasons(rows)
    assert sum(counts.values()) + len(outputs(rows)) == 4
    assert counts["max_requests was used up before its turn"] >= 1


CLIENT = """
import sys
from pathlib import Path
from tests.corpus.test_teacher import run
rows, spent = run(sys.argv[1], Path(sys.argv[2]), 30, teacher={"concurrency": 3})
"""


def test_kill_9_half_way_loses_only_what_was_under_way(tmp_path: Path) -> None:
    root = Path(__file__).parents[2]
    freed = threading.Event()

    def answer(prompt: str, seen: int) -> Said:
        said = good(prompt)
        if len(endpoint.log) >= 12:  # the 13th to 15th are under way when the kill comes
            said.hold = freed
        return said

    with Endpoint(answer) as endpoint:
        client = subprocess.Popen(
            [sys.executable, "-c", CLIENT, endpoint.url, str(tmp_path)],
            cwd=root,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": str(root)},
        )
        endpoint.wait_for(15)
        os.kill(client.pid, signal.SIGKILL)
        client.wait()
        freed.set()
        rows, spent = run(endpoint.url, tmp_path, 30)
    asked = Counter(endpoint.log)
    assert len(outputs(rows)) == 30
    assert [asked[prompt] for prompt in endpoint.log[:12]] == [1] * 12, "the finished ones"
    assert len(endpoint.log) == spent.tries == 30 + 3, "the three under way, once more each"


# --- the key -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "answer",
    [
        lambda prompt, seen: refusal(401, f"Incorrect API key provided: {KEY}"),
        lambda prompt, seen: Said(f"<b>{KEY}</b>".encode() * 40, 401),
        lambda prompt, seen: refusal(429, KEY, Retry_After="9999"),
        lambda prompt, seen: completion(f"|Easy|{KEY}|"),
        lambda prompt, seen: Said(f'{{"choices": "{KEY}"}}'.encode()),
        lambda prompt, seen: refusal(500, KEY),
    ],
)
def test_the_key_stands_nowhere_even_if_the_endpoint_repeats_it(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    answer: Answer,
) -> None:
    monkeypatch.setenv("TEACHER_KEY", KEY)
    teacher = {"api_key_env": "TEACHER_KEY", "tries": 2}
    texts = []
    with Endpoint(answer) as endpoint:
        try:
            texts.append(repr(run(endpoint.url, tmp_path, teacher=teacher)))
        except EcomError as error:
            texts += [str(error), repr(error.__cause__), repr(error.__context__)]
        assert endpoint.keys[0] == f"Bearer {KEY}"
        texts.append(repr(settings(endpoint.url, teacher=teacher)))
    texts += [*capfd.readouterr(), *map(str, tmp_path.iterdir())]
    files = [file.read_bytes() for file in tmp_path.iterdir()]
    assert files
    assert not any(KEY in text for text in texts)
    assert not any(KEY.encode() in file for file in files)


def test_a_placeholder_for_a_key_is_no_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEACHER_KEY", "lamp")
    with Endpoint(good) as endpoint:
        rows, _ = run(endpoint.url, tmp_path, teacher={"api_key_env": "TEACHER_KEY"})
    assert outputs(rows) == ALL_FIVE


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("TEACHER_KEY", None, "TEACHER_KEY is not set; export TEACHER_KEY="),
        ("TEACHER_KEY", "  ", "TEACHER_KEY is not set"),
        ("TEACHER_KEY", f"{KEY}\nHost: x", "characters that no key has"),
    ],
)
def test_a_missing_key_is_reported_without_showing_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str, value: str | None, said: str
) -> None:
    monkeypatch.delenv("TEACHER_KEY", raising=False)
    if value is not None:
        monkeypatch.setenv("TEACHER_KEY", value)
    with Endpoint(good) as endpoint:
        with pytest.raises(InputError, match=re.escape(said)) as caught:
            run(endpoint.url, tmp_path, teacher={"api_key_env": variable})
        assert not endpoint.log
    assert KEY not in str(caught.value)
