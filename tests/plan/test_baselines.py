"""What the plan says of the money that baselines may cost."""

import json
from collections.abc import Callable
from pathlib import Path

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
