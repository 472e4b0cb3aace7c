"""One real endpoint: ray.serve.llm and vLLM's CPU backend over an untrained model."""

import json
import math
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from tenacity import Retrying, stop_after_delay, wait_fixed

from ecom.artifact import Draft
from ecom.engine import EngineConfig
from ecom.errors import InputError
from ecom.forms import FORMS, Prompting, messages
from ecom.predict import job as predict
from ecom.predict.config import PredictConfig
from ecom.serve import client, job, launch
from ecom.serve.config import ServeConfig
from ecom.serve.metrics import METRICS

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


def chat(url: str, body: Any) -> httpx.Response:
    return httpx.post(f"{url}/v1/chat/completions", json=body, timeout=60)


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


KINDS = ["shoe", "shirt", "shirt and tie", "trousers", "track suit"]
TREE = [f"Home > {room} > {n}" for room in ("Kitchen", "Garden", "Bath") for n in range(40)]


@pytest.mark.parametrize(
    ("says", "form", "counts"),
    [
        ({"options": KINDS}, "classification", {1}),
        ({"options": TREE}, "classification", {1}),
        ({"options": ["a shoe", "a lamp"], "labels": ["A", "B"]}, "multiple-choice", {1}),
        ({"options": KINDS, "choose": "any"}, "multi-label", {1, 2, 3, 4, 5}),
        ({"options": KINDS, "choose": 2}, "multi-label", {2}),
        ({"labels": ["A", "B", "C"], "order": True}, "ordering", {3}),
        ({"labels": [str(n) for n in range(1, 13)], "order": True}, "ordering", {12}),
    ],
)
@pytest.mark.parametrize("flag", [None, True])
def test_the_answer_is_among_what_the_caller_offers_whatever_the_model(
    url: str, says: dict[str, Any], form: str, counts: set[int], flag: bool | None
) -> None:
    queries = [{"prompt": f"Article {n}?", "is_multiple_choice": flag, **says} for n in range(8)]
    offered = says.get("labels") or says["options"]
    for reply in client.ask_all(url, queries):
        assert (reply.form, reply.outcome, reply.error) == (form, "answered", None)
        chosen = reply.answer.split(", ") if form != "classification" else [reply.answer]
        assert set(chosen) <= set(offered)
        assert len(set(chosen)) == len(chosen)
        assert len(chosen) in counts
        shares = reply.confidences or {}
        if counts == {1} and len(offered) <= 64:
            assert list(shares) == offered
            assert sum(shares.values()) == pytest.approx(1, abs=1e-3)
            assert shares[reply.answer] == max(shares.values())
        else:
            assert list(shares) == [reply.answer]
            assert 0 < shares[reply.answer] <= 1


def test_what_cannot_be_offered_is_refused_with_the_field_s_name(url: str) -> None:
    offers: list[dict[str, Any]] = [
        {"options": ["one"]},
        {"options": ["a", "a"]},
        {"options": ["a", "b"], "labels": ["A"]},
        {"options": ["a", "b"], "choose": 3},
        {"choose": "all", "options": ["a", "b"]},
        {"order": True},
    ]
    bad = [{"prompt": "Which?", **says} for says in offers]
    answers = answer(url, {"queries": [*bad, CHOICE]}).json()["answers"]
    assert [one["outcome"] for one in answers] == ["refused"] * len(bad) + ["answered"]
    named = ["options", "options.1", "labels", "choose", "choose", "order"]
    assert all(name in one["error"] for name, one in zip(named, answers, strict=False))
    assert answers[4]["error"] == (
        "choose is 'all': input should be 'one' or 'any', or input should be a valid integer"
    )
    single = answer(url, bad[-1])
    assert (single.status_code, "order" in single.text) == (400, True)


LETTERED = "Which is it?\nA. a red boot\nB. a desk lamp with a shade\nC. cup"


def test_a_choice_by_likelihood_is_the_options_likelihood_and_its_neighbours_notice_nothing(
    url: str, model: Path
) -> None:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    texts = ["a red boot", "a desk lamp with a shade", "cup"]
    tokenizer = AutoTokenizer.from_pretrained(model)
    network = AutoModelForCausalLM.from_pretrained(model, dtype=torch.bfloat16)
    chat = messages(LETTERED, FORMS["multiple-choice"], Prompting())
    ids: Any = tokenizer.apply_chat_template(chat, add_generation_prompt=True, return_dict=False)
    logs = []
    for text in texts:
        own = tokenizer(text)["input_ids"]
        with torch.inference_mode():
            every = network(torch.tensor([[*ids, *own]])).logits[0].float().log_softmax(-1)
        logs.append(every[range(len(ids) - 1, len(ids) - 1 + len(own)), own])
    expected = {
        "likelihood": torch.stack([one.sum() for one in logs]).softmax(0).tolist(),
        "likelihood_per_token": torch.stack([one.mean() for one in logs]).softmax(0).tolist(),
    }
    plain = client.ask(url, **CHOICE)
    queries: list[dict[str, Any]] = [{"prompt": LETTERED, "choice": name} for name in expected]
    answers = client.ask_all(url, [*queries, CHOICE, TEXT] * 8)
    for number, shares in enumerate(expected.values()):
        for reply in answers[number::4]:
            assert (reply.form, reply.outcome) == ("multiple-choice", "answered")
            found = reply.confidences or {}
            assert list(found) == ["A", "B", "C"]
            assert [*found.values()] == pytest.approx(shares, abs=0.03)
            assert found[reply.answer] == max(found.values())
    for reply in answers[2::4]:
        assert reply.confidences == pytest.approx(plain.confidences, abs=1e-2)
    assert {reply.form for reply in answers[3::4]} == {"generation"}


def test_a_likelihood_chooses_one_of_a_few_texts_and_draws_none(url: str) -> None:
    by: dict[str, Any] = {"prompt": "What is it?", "choice": "likelihood"}
    offers: list[tuple[dict[str, Any], str]] = [
        ({"options": KINDS, "choose": "any"}, "a likelihood chooses one text"),
        ({"options": TREE}, "up to 64 texts, and this question offers 120"),
        ({"options": KINDS, "temperature": 1}, "temperature is 1.0: with choice=likelihood"),
        ({"options": KINDS, "choice": "best"}, "choice is 'best'"),
    ]
    for says, rule in offers:
        reply = answer(url, {**by, **says})
        assert (reply.status_code, rule in reply.text) == (400, True), reply.text
    chat_of = {"model": "shop", "messages": [{"role": "user", "content": "What is it?"}]}
    asked = {**chat_of, "options": KINDS, "choice": "likelihood"}
    reply = chat(url, asked).json()
    assert reply["choices"][0]["message"]["content"] in KINDS
    alone = answer(url, {**by, "options": KINDS}).json()
    assert reply["shop"]["confidences"] == pytest.approx(alone["confidences"], abs=1e-2)
    refused = chat(url, {**asked, "model": "ecom"})
    assert (refused.status_code, "options, choice: only for" in refused.text) == (400, True)


def test_openai_s_route_takes_options_and_answers_with_one_of_them(url: str) -> None:
    chat = {
        "model": "shop",
        "messages": [{"role": "user", "content": "What is it?"}],
        "options": KINDS,
    }
    reply = httpx.post(f"{url}/v1/chat/completions", json=chat, timeout=60).json()
    assert reply["choices"][0]["message"]["content"] in KINDS
    assert list(reply["shop"]["confidences"]) == KINDS
    assert reply["shop"]["form_because"] == "the question says what may be answered"
    refused = httpx.post(f"{url}/v1/chat/completions", json={**chat, "choose": 9}, timeout=60)
    assert (refused.status_code, "choose is 9" in refused.text) == (400, True)


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


def test_sampling_is_the_query_s_own_and_confidences_are_what_is_drawn_from(url: str) -> None:
    plain = client.ask(url, **CHOICE).confidences or {}
    flat = {label: math.sqrt(share) for label, share in plain.items()}  # a temperature of 2
    warm = answer(url, {**CHOICE, "temperature": 2, "seed": 1}).json()
    shares = {label: share / sum(flat.values()) for label, share in flat.items()}
    assert warm["confidences"] == pytest.approx(shares, abs=0.02)
    assert warm["answer"] in plain

    drawn = [{**TEXT, "temperature": 1.5, "seed": seed, "max_tokens": 9} for seed in (1, 1, 2)]
    same, again, other = (answer(url, query).json()["prediction"] for query in drawn)
    assert same == again
    assert len({same, other, client.ask(url, **TEXT).prediction}) == 3


def test_the_shop_obeys_openai_s_sampling(url: str) -> None:
    openai = pytest.importorskip("openai")
    asked: dict[str, Any] = {
        "model": "shop",
        "messages": [{"role": "user", "content": TEXT["prompt"]}],
        "temperature": 1.5,
        "top_p": 0.9,
        "max_tokens": 9,
    }
    with openai.OpenAI(base_url=f"{url}/v1", api_key="none") as shop:
        same, again, other = (
            shop.chat.completions.create(
                **asked, seed=seed, extra_body={"is_multiple_choice": False}
            )
            for seed in (1, 1, 2)
        )
        assert same.shop["form"] == "generation"
        texts = [found.choices[0].message.content for found in (same, again, other)]
        assert texts[0] == texts[1] != texts[2]
        assert (same.choices[0].finish_reason, same.usage.completion_tokens) == ("length", 9)
        parts = shop.chat.completions.create(**asked, seed=1, stream=True)
        streamed = "".join(part.choices[0].delta.content or "" for part in parts)
        assert streamed.strip() == texts[0]
        with pytest.raises(openai.BadRequestError, match="stop: not for model"):
            shop.chat.completions.create(**asked, stop="x")
        with pytest.raises(openai.BadRequestError, match="logprobs: this question was read as"):
            shop.chat.completions.create(**asked, logprobs=True)
        with pytest.raises(openai.BadRequestError, match="task: only for model"):
            shop.chat.completions.create(**(asked | {"model": "ecom"}), extra_body={"task": "t"})


def test_a_shop_s_endpoint_can_be_the_baseline_of_another(url: str, tmp_path: Path) -> None:
    rows = [{"input_field": TEXT["prompt"], "is_multiple_choice": False}]
    queries = tmp_path / "q.jsonl"
    queries.write_text("".join(json.dumps(row) + "\n" for row in rows))
    rival = {"url": f"{url}/v1", "model": "ecom", "max_requests": 1, "max_tokens": 1}
    config = PredictConfig.model_validate(
        {"queries": str(queries), "models": [], "baselines": {"rival": rival}}
    )
    draft = Draft(tmp_path / "predict")
    draft.path.mkdir()
    drawn = {"temperature": 2, "seed": 3}  # an untrained model's likeliest text is blank
    prompting = Prompting.model_validate({"sampling": {"open_ended": drawn}})
    predict.run(config, ENGINE, prompting=prompting, models={}, queries=queries, draft=draft)
    [made] = map(json.loads, (draft.path / "rival.jsonl").read_text().splitlines())
    assert made["prediction"] == answer(url, {**TEXT, **drawn}).json()["prediction"]
    assert draft.metrics["models"]["rival"]["completion_tokens"] > 1


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
        models = list(shop.models.list())
        assert [model.id for model in models] == ["ecom", "shop"]
        assert all(model.created > 1_600_000_000 for model in models)
        assert shop.models.retrieve("shop") == models[1]
        limits = {"model": "ecom", "max_tokens": 6, "temperature": 0}
        whole = shop.chat.completions.create(messages=chat, **limits)
        stream = shop.chat.completions.create(messages=chat, stream=True, **limits)
        text = "".join(chunk.choices[0].delta.content or "" for chunk in stream)
        assert text == whole.choices[0].message.content != ""
        assert shop.completions.create(prompt="hello", **limits).usage.completion_tokens == 6
        with pytest.raises(openai.NotFoundError):
            shop.chat.completions.create(messages=chat, **(limits | {"model": "other"}))


@pytest.mark.parametrize("asked", ["ecom", "shop"])
def test_special_tokens_that_a_shopper_types_are_words(url: str, asked: str) -> None:
    def tokens(content: str, **more: Any) -> int:
        body = {"model": asked, "max_tokens": 1, "messages": [{"role": "user", "content": content}]}
        reply = httpx.post(f"{url}/v1/chat/completions", json={**body, **more}, timeout=60).text
        return int(re.findall(r'"prompt_tokens":(\d+)', reply)[-1])

    typed = "Describe a lamp.<|im_end|>"
    alone = tokens("Describe a lamp.")
    streamed = {"stream": True, "stream_options": {"include_usage": True}}
    for how in ({}, streamed):
        assert tokens(typed, **how) > alone + 2, "one token would end the turn"


def test_a_chat_with_the_shop_goes_down_its_lane(url: str) -> None:
    openai = pytest.importorskip("openai")
    asked = [{"role": "user", "content": CHOICE["prompt"]}]
    alone = client.ask(url, **CHOICE)
    with openai.OpenAI(base_url=f"{url}/v1", api_key="none") as shop:
        whole = shop.chat.completions.create(model="shop", messages=asked)
        assert whole.choices[0].message.content == alone.answer
        assert whole.usage.completion_tokens == 1
        assert whole.choices[0].finish_reason == "stop"
        assert whole.shop["confidences"] == pytest.approx(alone.confidences, abs=1e-3)
        parts = shop.chat.completions.create(model="shop", messages=asked, stream=True)
        text = "".join(part.choices[0].delta.content or "" for part in parts)
        assert text == alone.answer
        sure = {"logprobs": True, "top_logprobs": 2}
        whole = shop.chat.completions.create(model="shop", messages=asked, **sure)
        [token] = whole.choices[0].logprobs.content
        assert token.token == alone.answer
        shares = {one.token: math.exp(one.logprob) for one in token.top_logprobs}
        assert shares == pytest.approx(alone.confidences, abs=1e-3)
        back = [*asked, whole.choices[0].message.model_dump(), *asked]
        for model in ("shop", "ecom"):
            assert shop.chat.completions.create(model=model, messages=back, max_tokens=1).choices
        asked = [{"role": "user", "content": TEXT["prompt"]}]
        options = {"include_usage": True}
        parts = list(
            shop.chat.completions.create(
                model="shop", messages=asked, stream=True, stream_options=options, max_tokens=9
            )
        )
        text = "".join(part.choices[0].delta.content or "" for part in parts if part.choices)
        assert text
        assert client.ask(url, **TEXT).prediction.startswith(text)
        assert parts[-1].usage.completion_tokens == 9
        assert len(parts) > 3  # it can be read while it is written


def test_a_chat_that_cannot_be_rendered_is_refused_and_its_neighbours_are_answered(
    url: str,
) -> None:
    said = [{"role": "assistant", "content": "a"}] * 2
    bad = {"model": "shop", "messages": [*said, {"role": "user", "content": CHOICE["prompt"]}]}

    def ask(number: int) -> httpx.Response:
        return chat(url, bad) if number % 4 == 0 else answer(url, CHOICE)

    with ThreadPoolExecutor(32) as pool:
        found = list(pool.map(ask, range(200)))
    assert {reply.status_code for n, reply in enumerate(found) if n % 4} == {200}
    for reply in found[::4]:
        assert reply.status_code == 400
        assert "roles must alternate" in reply.json()["error"]["message"]
    for asked in ({"stream": True}, {"model": "ecom"}, {"model": "ecom", "stream": True}):
        text = {**bad, "messages": [*said, {"role": "user", "content": TEXT["prompt"]}], **asked}
        assert chat(url, text).status_code == 400


def test_each_of_several_prompts_has_its_choices(url: str) -> None:
    openai = pytest.importorskip("openai")
    limits: dict[str, Any] = {"model": "ecom", "max_tokens": 5, "temperature": 0}
    prompts = ["a red boot", "Which is a shoe?", "lamp"]
    with openai.OpenAI(base_url=f"{url}/v1", api_key="none") as shop:
        alone = [shop.completions.create(prompt=prompt, **limits) for prompt in prompts]
        found = shop.completions.create(prompt=prompts, **limits)
        texts = [one.choices[0].text for one in alone]
        assert [(choice.index, choice.text) for choice in found.choices] == [*enumerate(texts)]
        assert found.usage.completion_tokens == 15
        assert found.usage.prompt_tokens == sum(one.usage.prompt_tokens for one in alone)
        drawn = shop.completions.create(prompt=prompts, n=2, **(limits | {"temperature": 1}))
        assert [choice.index for choice in drawn.choices] == list(range(6))
        streamed = ["", "", ""]
        for part in shop.completions.create(prompt=prompts, stream=True, **limits):
            for choice in part.choices:
                streamed[choice.index] += choice.text
        assert streamed == texts
        with pytest.raises(openai.BadRequestError, match="shorten"):
            shop.completions.create(prompt=["a", "b" * 20_001], **limits)


def test_arithmetic_reckons_first_and_then_chooses(url: str) -> None:
    openai = pytest.importorskip("openai")
    ask = "Soup, 9.24 oz (Pack of 6). What is the total weight?\n0. 8 ounce\n1. 55.44 ounce"
    with openai.OpenAI(base_url=f"{url}/v1", api_key="none") as shop:
        asked = [{"role": "user", "content": ask}]
        found = shop.chat.completions.create(model="shop", messages=asked)
    assert found.choices[0].message.content in ("0", "1")
    assert found.usage.completion_tokens == 5  # four of the reckoning, and the label
    assert sum(found.shop["confidences"].values()) == pytest.approx(1, abs=1e-3)


def test_a_list_s_answers_come_as_lines(url: str) -> None:
    queries = [{**(TEXT if i % 3 else CHOICE), "id": i} for i in range(20)] + [{"prompt": ""}]
    body = {"queries": queries, "stream": True}
    with httpx.stream("POST", f"{url}/v1/shop/answer", json=body, timeout=60) as reply:
        assert reply.headers["content-type"].startswith("application/x-ndjson")
        lines = [json.loads(line) for line in reply.iter_lines()]
    whole = answer(url, {"queries": queries}).json()["answers"]
    for line, one in zip(lines, whole, strict=True):
        assert {**line, "confidences": None} == {**one, "confidences": None}
    assert [line["id"] for line in lines[:-1]] == list(range(20))
    assert lines[-1]["outcome"] == "refused"


def scraped(port: int) -> dict[str, float]:
    """Ray's metrics of ours, summed over processes: "name{tag="value",…}" with our tags alone."""
    found: dict[str, float] = {}
    text = httpx.get(f"http://127.0.0.1:{port}/metrics", timeout=60).text
    for line in text.splitlines():
        if line.startswith("ray_ecom_"):
            name, value = line.rsplit(" ", 1)
            tags = re.findall(r'[{,](lane|outcome|form|kind)="([^"]*)"', name)
            key = f"{name.partition('{')[0]} {dict(sorted(tags))}"
            found[key] = found.get(key, 0) + float(value)
    return found


def test_who_goes_away_is_counted_and_holds_nothing_and_metrics_tell_of_every_lane(
    url: str, model: Path
) -> None:
    import ray

    port = ray.nodes()[0]["MetricsExportPort"]
    chat = [{"role": "user", "content": "Describe a lamp."}]
    end = json.loads((model / "config.json").read_text())["eos_token_id"]
    long = {
        "model": "ecom",
        "messages": chat,
        "max_tokens": 450,
        "n": 8,
        "logit_bias": {end: -100},
        "stream": True,
    }
    with httpx.stream("POST", f"{url}/v1/chat/completions", json=long, timeout=60) as reply:
        next(reply.iter_lines())  # it is being written, and goes on for a second or more
    client.ask(url, **CHOICE)
    short = {"model": "ecom", "messages": chat, "max_tokens": 2}
    httpx.post(f"{url}/v1/chat/completions", json=short, timeout=60).raise_for_status()
    cancelled = "ray_ecom_requests_total {'lane': 'open-ended', 'outcome': 'cancelled'}"
    queue = "ray_ecom_queue {'lane': 'open-ended'}"
    for attempt in Retrying(wait=wait_fixed(0.5), stop=stop_after_delay(60)):
        with attempt:  # Ray's processes report every few seconds
            found = scraped(port)
            assert found[cancelled] >= 8
            assert found[queue] == 0
            names = {key.split()[0].removeprefix("ray_").removesuffix("_total") for key in found}
            for name in METRICS.keys() - {"ecom_parse_failures"}:  # no text fails at will
                histogram = METRICS[name].kind == "Histogram"
                ends = ("_bucket", "_count", "_sum") if histogram else ("",)
                assert {f"{name}{end}" for end in ends} <= names
            for lane in ("multiple-choice", "open-ended"):
                assert any(lane in key and "tokens" in key for key in found)
                assert any(lane in key and "'answered'" in key for key in found)


def test_no_log_holds_what_was_asked_or_answered(url: str) -> None:
    import ray

    secret = "Zwiebelturm4711"
    client.ask(url, f"Which is a {secret}?\n0. boot\n1. lamp")
    client.ask(url, f"Describe a {secret}.")
    answer(url, {"prompt": secret * 2000})
    answer(url, {"prompt": [secret]})
    chat = {"model": "ecom", "max_tokens": 2, "messages": [{"role": "user", "content": secret}]}
    httpx.post(f"{url}/v1/chat/completions", json=chat, timeout=60)
    logs = Path(ray.nodes()[0]["RayletSocketName"]).parents[1] / "logs"
    files = [file for file in logs.rglob("*") if file.is_file()]
    assert any("shop_ShopIngress" in file.name for file in files)
    assert not [file for file in files if secret.encode() in file.read_bytes()]


def test_a_taken_port_is_named_before_anything_starts(url: str, model: Path) -> None:
    config = ServeConfig(port=httpx.URL(url).port or 0)
    with (
        pytest.raises(InputError, match=r"choose a free one with serve\.port"),
        launch.running(model, config, ENGINE, Prompting()),
    ):
        pass


@pytest.fixture
def job_on(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The stage asks the endpoint that already runs: starting one more would take a minute."""
    from contextlib import nullcontext

    monkeypatch.setattr(launch, "running", lambda *_: nullcontext(url))


@pytest.mark.usefixtures("job_on")
def test_the_stage_asks_one_question_of_each_form(tmp_path: Path, model: Path) -> None:
    rows = [
        {"input_field": "broken", "is_multiple_choice": 3},
        {"input_field": CHOICE["prompt"], "is_multiple_choice": True},
        {"input_field": "Again?\n0. a\n1. b", "is_multiple_choice": True},
        {"input_field": "Describe a lamp.", "is_multiple_choice": False, "id": "lamp"},
        {"input_field": "What is Runner 5?", "options": KINDS, "choose": 2},
    ]
    queries = tmp_path / "queries.jsonl"
    queries.write_text("\n".join(["not json", *map(json.dumps, rows)]))
    draft = Draft(tmp_path)
    job.run(ServeConfig(), ENGINE, prompting=Prompting(), model=model, queries=queries, draft=draft)
    record = json.loads((tmp_path / "answers.json").read_text())
    forms = ["multiple-choice", "generation", "multi-label"]
    assert [a["form"] for a in record["single"]] == forms
    assert set(record["single"][2]["answer"].split(", ")) <= set(KINDS)
    assert [a["id"] for a in record["batch"]] == [a["id"] for a in record["single"]]
    assert record["batch"][1]["id"] == "lamp"
    assert list(draft.metrics["single_ms"]) == forms
