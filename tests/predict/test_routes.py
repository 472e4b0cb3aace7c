"""Questions go to the adapter of their skill, by real vLLM."""

import json
from pathlib import Path
from typing import Any

import pytest

from ecom import queries
from ecom.artifact import Draft
from ecom.engine import EngineConfig
from ecom.errors import InputError
from ecom.forms import FORMS, Prompting, messages
from ecom.predict.config import PredictConfig
from ecom.predict.job import run
from ecom.predict.routes import find
from ecom.rows import Query

PROMPT = "Which is a shoe?\n0. boot\n1. lamp\n2. desk\n3. chair\n4. tent\nAnswer:"
SKILLS = ("concepts", "behavior", None, "reasoning")
TRACKS = (  # as ShopBench's rows name them
    "amazon-kdd-cup-24-understanding-shopping-concepts",
    "amazon-kdd-cup-24-user-behavior-alignment",
    None,
    "amazon-kdd-cup-24-shopping-knowledge-reasoning",
)


@pytest.fixture(scope="session")
def adapters(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two random adapters of the model that choose differently from each other and from it."""
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    folder = tmp_path_factory.mktemp("adapters")
    for seed, name in enumerate(("concepts", "behavior"), start=1):
        torch.manual_seed(seed)
        base = AutoModelForCausalLM.from_pretrained(model)
        lora = LoraConfig(r=4, lora_alpha=64, target_modules="all-linear", init_lora_weights=False)
        get_peft_model(base, lora).save_pretrained(str(folder / name))
    return folder


def test_a_question_without_an_adapter_goes_to_the_declared_one(adapters: Path) -> None:
    routes = find(adapters, "skill", "behavior")
    asked = [Query("?", skill=skill) for skill in SKILLS]
    assert [routes.of(query) for query in asked] == ["concepts", "behavior", "behavior", "behavior"]
    alone = find(adapters, "skill", None)
    assert [alone.of(query) for query in asked] == ["concepts", "behavior", None, None]
    assert alone.counts(asked) == {"base": 2, "behavior": 1, "concepts": 1}
    with pytest.raises(InputError, match="default_adapter 'price' is not one of behavior, conc"):
        find(adapters, "skill", "price")
    with pytest.raises(InputError, match=r"compress\.combine\.method=apart"):
        find(adapters / "nothing", "skill", None)


def test_a_row_s_track_names_the_adapter_of_its_skill(adapters: Path, tmp_path: Path) -> None:
    file, routes = tmp_path / "q.jsonl", find(adapters, "skill", None)
    file.write_text("".join(json.dumps({"input_field": "?", "track": t}) + "\n" for t in TRACKS))
    asked = [query for _, query, _ in queries.read(file) if isinstance(query, Query)]
    assert [routes.of(query) for query in asked] == ["concepts", "behavior", None, None]


@pytest.mark.integration
@pytest.mark.filterwarnings("default")  # Ray Data and vLLM warn about themselves
def test_each_skill_is_answered_by_its_own_adapter(
    model: Path, adapters: Path, tmp_path: Path
) -> None:
    queries, out = tmp_path / "q.jsonl", tmp_path / "out"
    rows = [{"input_field": PROMPT, "is_multiple_choice": True, "track": t} for t in TRACKS]
    queries.write_text("".join(json.dumps(row) + "\n" for row in rows))
    out.mkdir()
    draft = Draft(out)
    run(
        PredictConfig(queries="unused", models=("adapters",)),
        EngineConfig(max_model_len=512, max_num_seqs=8),
        prompting=Prompting(),
        models={"adapters": str(model)},
        queries=queries,
        draft=draft,
        routes=find(adapters, "skill", None),
    )
    made = [json.loads(line) for line in (out / "adapters.jsonl").read_text().splitlines()]
    expected = {skill: shares(model, adapters, skill) for skill in SKILLS}
    assert len({max(one, key=one.__getitem__) for one in expected.values()}) > 1
    for skill, row in zip(SKILLS, made, strict=True):
        likely = expected[skill]
        assert row["confidence"] == pytest.approx(likely[row["answer"]], abs=0.03)
        assert likely[row["answer"]] > max(likely.values()) - 0.03
    assert draft.metrics["models"]["adapters"]["rows_by_adapter"] == {
        "base": 2,
        "behavior": 1,
        "concepts": 1,
    }


def shares(model: Path, adapters: Path, skill: str | None) -> dict[str, float]:
    """The probability of each option by transformers and peft, in bfloat16 as vLLM on a CPU."""
    import torch
    from peft import PeftModel
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(model)
    network: Any = AutoModelForCausalLM.from_pretrained(model)
    if skill in ("concepts", "behavior"):
        network = PeftModel.from_pretrained(network, adapters / skill)
    chat = messages(PROMPT, FORMS["multiple-choice"], Prompting())
    ids = tokenizer.apply_chat_template(chat, add_generation_prompt=True, return_dict=False)
    options = [str(n) for n in range(5)]
    with torch.inference_mode():
        logits = network.eval()(torch.tensor([ids])).logits[0, -1]
    found = logits[tokenizer.convert_tokens_to_ids(options)].float().softmax(0).tolist()
    return dict(zip(options, found, strict=True))
