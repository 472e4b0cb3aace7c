"""What the plan says of the money that baselines may cost."""

import json
from collections.abc import Callable
from pathlib import Path

from ecom.completions.cache import Cache, Reply
from ecom.recipe import load
from ecom.rows import Query

RECIPES = Path(__file__).parents[2] / "recipes"
Command = Callable[..., tuple[int, str, str]]
PRICE = "{prompt: 2.5, completion: 10}"


def settings(queries: Path, max_requests: int) -> tuple[str, ...]:
    baseline = (
        f"{{url: 'http://127.0.0.1:1/v1', model: big, max_requests: {max_requests}, "
        f"max_tokens: 50, price_per_million_tokens: {PRICE}}}"
    )
    return f"predict.queries={queries}", f"predict.baselines={{big: {baseline}}}"


def test_the_most_that_a_baseline_takes_is_said_before_anything_is_asked(
    ecom: Command, tmp_path: Path
) -> None:
    prompts = ["Which is a shoe?\n0. boot\n1. lamp", "Describe a lamp für Köln.", "Describe a cup."]
    rows = [{"id": n, "input_field": text} for n, text in enumerate([*prompts, prompts[0]])]
    queries = tmp_path / "q.jsonl"
    queries.write_text("".join(json.dumps(row) + "\n" for row in rows))
    recipe = str(RECIPES / "qwen2.5-7b-4xt4.yaml")
    code, shown, _ = ecom("plan", recipe, *settings(queries, 3), "--json")
    [bill] = json.loads(shown)["baselines"]
    assert code == 0
    assert (bill["fits"], bill["questions"], bill["max_requests"]) == (True, 3, 3)
    assert bill["answer_tokens"] == 50 + 96 + 96, "a question's own limit where that is higher"
    assert bill["prompt_tokens"] > sum(len(text.encode()) for text in prompts)
    cost = (bill["prompt_tokens"] * 2.5 + bill["answer_tokens"] * 10) / 1e6
    assert abs(bill["cost"] - cost) < 1e-4

    code, shown, _ = ecom("plan", recipe, *settings(queries, 2))
    assert code == 2
    assert "set predict.baselines.big.max_requests=3 or more" in shown

    code, shown, _ = ecom("plan", recipe, *settings(tmp_path / "later.jsonl", 2))
    assert code == 0
    assert "the questions are not there yet" in shown


def test_only_what_is_not_answered_yet_is_still_to_pay(ecom: Command, tmp_path: Path) -> None:
    queries = tmp_path / "q.jsonl"
    rows = [{"id": n, "input_field": f"Describe lamp {n}."} for n in range(3)]
    queries.write_text("".join(json.dumps(row) + "\n" for row in rows))
    recipe = str(RECIPES / "qwen2.5-7b-4xt4.yaml")
    more = f"workdir={tmp_path}"
    loaded = load(Path(recipe), [*settings(queries, 9), more])
    assert loaded.predict
    baseline = loaded.predict.baselines["big"]
    with Cache(tmp_path / "baselines" / "big.sqlite") as cache:
        for text in ("Describe lamp 0.", "Describe lamp 1."):
            key = baseline.key(baseline.body(Query(text), loaded.prompting))
            for _ in range(2):
                cache.begin(key)
            cache.keep(key, Reply("A lamp.", whole=True))

    code, shown, _ = ecom("plan", recipe, *settings(queries, 5), more, "--json")
    [bill] = json.loads(shown)["baselines"]
    assert (code, bill["fits"], bill["questions"], bill["answer_tokens"]) == (0, True, 1, 96)
    code, shown, _ = ecom("plan", recipe, *settings(queries, 4), more)
    assert code == 2
    assert "set predict.baselines.big.max_requests=5 or more" in shown
    queries.write_text("".join(json.dumps(row) + "\n" for row in rows[:2]))
    code, shown, _ = ecom("plan", recipe, *settings(queries, 2), more, "--json")
    assert code == 0, "nothing is left to be asked"
