"""One real endpoint: ray.serve.llm and vLLM's CPU backend over an untrained model."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from ecom.artifact import Draft
from ecom.engine import EngineConfig
from ecom.errors import InputError
from ecom.forms import FORMS, Prompting
from ecom.serve import app, client, job
from ecom.serve.config import ServeConfig

# Ray and vLLM warn of their own and of pydantic's future.
pytestmark = [pytest.mark.integration, pytest.mark.filterwarnings("ignore")]

ENGINE = EngineConfig(max_model_len=512)
CHOICE: dict[str, Any] = {
    "prompt": "Which is a shoe?\n0. red boot\n1. lamp",
    "is_multiple_choice": True,
}
TEXT: dict[str, Any] = {"prompt": "Describe a lamp.", "is_multiple_choice": False}


def answer(url: str, body: Any) -> httpx.Response:
    return httpx.post(f"{url}/v1/shop/answer", json=body, timeout=60)


@pytest.mark.parametrize(
    ("prompt", "labels"),
    [
        (CHOICE["prompt"], "01"),
        ("Which is a shoe?\nA. red boot\nB. lamp\nC. cup", "ABC"),
        ("How satisfied is the customer, 1 to 5?\nReview: it is fine", "12345"),
    ],
)
def test_multiple_choice_is_answered_by_an_option_and_tells_how_sure_it_is(
    url: str, prompt: str, labels: str
) -> None:
    reply = client.ask(url, prompt, True, id="q1")
    assert (reply.id, reply.form, reply.lane) == ("q1", "multiple-choice", "multiple-choice")
    assert reply.answer == reply.prediction
    assert reply.confidences is not None
    assert "".join(reply.confidences) == labels
    assert sum(reply.confidences.values()) == pytest.approx(1, abs=1e-3)
    assert reply.answer == max(reply.confidences, key=lambda label: reply.confidences[label])  # type: ignore[index]


@pytest.mark.parametrize("items", [3, 5, 12])
@pytest.mark.parametrize("form", ["retrieval", "ranking"])
def test_retrieval_and_ranking_are_distinct_numbers_whatever_the_model(
    url: str, form: str, items: int
) -> None:
    if form == "ranking" and items > 5:
        pytest.skip("five are ranked at most")
    listed = "\n".join(f"{n}. thing {n * 7 % 11}" for n in range(1, items + 1))
    asks = {
        "retrieval": "Which three of these products are bought with a lamp? Output their numbers, "
        f"separated by commas.\n{listed}\nOutput:",
        "ranking": f"Rank these by relevance to the query 'lamp'.\n{listed}\nOutput:",
    }
    reply = client.ask(url, asks[form], False)
    assert (reply.form, reply.error) == (form, None)
    numbers = FORMS[reply.form].official(reply.prediction)  # type: ignore[index]
    assert reply.prediction == reply.answer == ",".join(map(str, numbers))
    assert len(set(numbers)) == len(numbers)
    assert set(numbers) <= set(range(1, items + 1))
    assert len(numbers) == items if form == "ranking" else 1 <= len(numbers) <= 3


def test_open_ended_queries_go_down_their_own_lane(url: str) -> None:
    reply = client.ask(url, **TEXT)
    assert (reply.form, reply.lane) == ("generation", "open-ended")
    assert len(reply.prediction) > 1


def test_a_list_is_answered_in_order_and_as_single_queries_are(url: str) -> None:
    queries = [{**(TEXT if i % 3 else CHOICE), "id": i} for i in range(40)]
    answers = client.ask_all(url, queries)
    assert [a.id for a in answers] == list(range(40))
    assert {a.prediction for a in answers[::3]} == {client.ask(url, **CHOICE).prediction}
    assert {a.lane for a in answers[1::3]} == {"open-ended"}


def test_a_bad_query_does_not_fail_its_list(url: str) -> None:
    too_long = {"prompt": "shoe " * 3000, "is_multiple_choice": False}
    good, missing, long = answer(url, {"queries": [CHOICE, {}, too_long]}).json()["answers"]
    assert good["error"] is None
    assert missing["error"] == "prompt is missing"
    assert "more than engine.max_model_len=512" in long["error"]


@pytest.mark.parametrize(
    "body", [[1], {}, {"prompt": ""}, {"queries": "x"}, {"queries": [CHOICE] * 65}]
)
def test_a_malformed_body_is_refused(url: str, body: Any) -> None:
    reply = answer(url, body)
    assert reply.status_code == 400
    assert reply.json()["error"]["message"]


def test_a_body_that_is_no_json_is_refused(url: str) -> None:
    reply = httpx.post(f"{url}/v1/shop/answer", content=b"{'prompt'", timeout=60)
    assert reply.status_code == 400
    assert "not valid JSON" in reply.json()["error"]["message"]


def test_openai_s_own_client_works(url: str) -> None:
    openai = pytest.importorskip("openai")
    chat = [{"role": "user", "content": "hello"}]
    with openai.OpenAI(base_url=f"{url}/v1", api_key="none") as shop:
        assert [model.id for model in shop.models.list()] == ["ecom", "shop"]
        limits = {"model": "ecom", "max_tokens": 6, "temperature": 0}
        whole = shop.chat.completions.create(messages=chat, **limits)
        stream = shop.chat.completions.create(messages=chat, stream=True, **limits)
        text = "".join(chunk.choices[0].delta.content or "" for chunk in stream)
        assert text == whole.choices[0].message.content != ""
        assert shop.completions.create(prompt="hello", **limits).usage.completion_tokens == 6
        with pytest.raises(openai.NotFoundError):
            shop.chat.completions.create(messages=chat, **(limits | {"model": "other"}))


def test_a_taken_port_is_named_before_anything_starts(url: str, model: Path) -> None:
    config = ServeConfig(port=httpx.URL(url).port or 0)
    with (
        pytest.raises(InputError, match=r"choose a free one with serve\.port"),
        app.running(model, config, ENGINE, Prompting()),
    ):
        pass


@pytest.fixture
def job_on(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The stage asks the endpoint that already runs: starting one more would take a minute."""
    from contextlib import nullcontext

    monkeypatch.setattr(app, "running", lambda *_: nullcontext(url))


@pytest.mark.usefixtures("job_on")
def test_the_stage_asks_one_question_of_each_form(tmp_path: Path, model: Path) -> None:
    rows = [
        {"input_field": "broken", "is_multiple_choice": 3},
        {"input_field": CHOICE["prompt"], "is_multiple_choice": True},
        {"input_field": "Again?\n0. a\n1. b", "is_multiple_choice": True},
        {"input_field": "Describe a lamp.", "is_multiple_choice": False, "id": "lamp"},
    ]
    queries = tmp_path / "queries.jsonl"
    queries.write_text("\n".join(["not json", *map(json.dumps, rows)]))
    draft = Draft(tmp_path)
    job.run(ServeConfig(), ENGINE, prompting=Prompting(), model=model, queries=queries, draft=draft)
    record = json.loads((tmp_path / "answers.json").read_text())
    assert [a["form"] for a in record["single"]] == ["multiple-choice", "generation"]
    assert [a["id"] for a in record["batch"]] == [a["id"] for a in record["single"]]
    assert record["batch"][1]["id"] == "lamp"
    assert set(draft.metrics["single_ms"]) == {"multiple-choice", "generation"}
