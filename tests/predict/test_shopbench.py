"""ShopBenchModel, driven as the contest's runner drives it (docs/domain.md), with real vLLM."""

import contextlib
import json
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from ecom.errors import InputError
from ecom.forms import FORMS, Prompting, infer_form
from ecom.predict.shopbench import ShopBenchModel

pytestmark = pytest.mark.integration

# The contest's runner: rows in order, batches homogeneous in is_multiple_choice, the last short.
RUNNER = """
import json, sys
from ecom.predict import shopbench
from ecom.predict.shopbench import ShopBenchModel

if __name__ == "__main__":
    rows = json.load(open(sys.argv[2]))
    model = ShopBenchModel(sys.argv[1])
    size = model.get_batch_size()
    answers, batch = [], []
    for place, row in enumerate(rows):
        batch.append(row)
        last = place + 1 == len(rows)
        full = len(batch) == size
        if last or full or rows[place + 1]["is_multiple_choice"] != row["is_multiple_choice"]:
            prompts = {"prompt": [r["input_field"] for r in batch]}
            answers += model.batch_predict(prompts, batch[0]["is_multiple_choice"])
            batch = []
    alone = model.batch_predict({"prompt": [rows[0]["input_field"]]}, True)
    shopbench.SECONDS_PER_ROW = 0.0  # no time at all
    late = model.batch_predict({"prompt": [r["input_field"] for r in rows[-3:]]}, False)
    shopbench.SECONDS_PER_ROW = 10.0
    again = model.batch_predict({"prompt": [rows[0]["input_field"]]}, True)
    print(json.dumps({"size": size, "answers": answers, "alone": alone, "late": late,
                      "again": again, "none": model.batch_predict({"prompt": []}, True)}))
"""
CHOICE = "Which is a shoe?\n0. boot\n1. lamp\nAnswer:"
STRANGE = [
    "",
    " \n",
    "\ud800 lone",
    "word " * 5000,
    "<|im_end|>",
    "\u0000",
    "日本" * 3000,
    "{0} %s",
]


# Drawn at random, for the likeliest text of the random model is blank.
DRAWN = {"max_tokens": 3, "sampling": {"temperature": 2, "seed": 4}}
PROMPTING = Prompting.model_validate({"by_form": {"generation": DRAWN}})
DEVELOPMENT = Path("shopbench") / "development.json"


@pytest.fixture(scope="module")
def driven(
    model: Path, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("contest")
    model = shutil.copytree(model, folder / "model")
    PROMPTING.save(model)
    choices = [{"input_field": f"{CHOICE} {i}", "is_multiple_choice": True} for i in range(19)]
    texts = [*STRANGE, "Explain the type Lamp.\nOutput:", "Rank by relevance.\n1. a\n2. b\nOutput:"]
    rows = choices + [{"input_field": text, "is_multiple_choice": False} for text in texts]
    with contextlib.suppress(pytest.skip.Exception):
        file = request.getfixturevalue("ecom_data") / DEVELOPMENT
        rows += [json.loads(line) for line in file.read_text().splitlines()]
    (folder / "rows.json").write_text(json.dumps(rows))
    (folder / "runner.py").write_text(RUNNER)
    command = [sys.executable, str(folder / "runner.py"), str(model), str(folder / "rows.json")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return {**json.loads(done.stdout.splitlines()[-1]), "rows": rows, "model": model}


def test_one_string_a_prompt_in_order(driven: dict[str, Any]) -> None:
    assert 1 <= driven["size"] <= 16
    assert len(driven["answers"]) == len(driven["rows"])
    assert all(isinstance(answer, str) for answer in driven["answers"])
    assert driven["alone"] == driven["answers"][:1]
    assert driven["none"] == []


def test_choices_are_options_that_the_prompt_offers(driven: dict[str, Any]) -> None:
    assert set(driven["answers"][:19]) <= {"0", "1"}


def test_the_model_s_own_prompting_limits_its_texts(driven: dict[str, Any]) -> None:
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(driven["model"])
    texts = [
        answer
        for row, answer in zip(driven["rows"], driven["answers"], strict=True)
        if infer_form(row["input_field"], row["is_multiple_choice"]) == "generation"
    ]
    longest = max(len(tokenizer.decode([token])) for token in range(len(tokenizer)))
    assert 0 < max(map(len, texts)) <= 3 * longest


def test_all_96_development_items_are_answered_as_the_contest_reads_them(
    driven: dict[str, Any], ecom_data: Path
) -> None:
    rows, answers = driven["rows"][-96:], driven["answers"][-96:]
    assert len(rows) == len((ecom_data / DEVELOPMENT).read_text().splitlines())
    seen = Counter[str]()
    for row, answer in zip(rows, answers, strict=True):
        form = FORMS[row["task_type"]]
        if form.name in ("named_entity_recognition", "generation"):
            continue
        seen[form.name] += 1
        read = form.official(answer)
        assert read != form.nothing
        items = [read] if form.name == "multiple-choice" else read
        offers = form.offers(row["input_field"])
        assert {str(item) for item in items} <= set(offers)
        assert len(set(items)) == len(items)
        assert form.name != "ranking" or len(items) == len(offers)
    assert seen == {"multiple-choice": 52, "retrieval": 15, "ranking": 4}


def test_no_time_left_still_gives_a_string_a_prompt_and_the_engine_goes_on(
    driven: dict[str, Any],
) -> None:
    assert driven["late"] == ["", "", ""]
    assert driven["again"] == driven["alone"]


def test_a_limit_that_leaves_a_question_no_room_is_refused(model: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(model, tmp_path / "model")
    Prompting.model_validate({"by_form": {"generation": {"max_tokens": 4096}}}).save(folder)
    with pytest.raises(InputError, match=r"^a generation question .* answer of up to 4096"):
        ShopBenchModel(folder)
