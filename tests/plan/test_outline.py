from collections.abc import Callable
from pathlib import Path

import pytest

from ecom.errors import InputError
from ecom.plan import outline
from ecom.plan.base import find
from ecom.recipe import Recipe, load
from ecom.train.config import TrainConfig

RECIPES = Path(__file__).parents[2] / "recipes"
PUBLISHED = {  # what the models' safetensors on the hub hold
    "qwen2-72b": 72_706_203_648,
    "qwen2.5-7b": 7_615_616_512,
    "bloomz-7b1": 7_069_016_064,
    "mistral-7b": 7_241_732_096,
}
MOST = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")


@pytest.mark.parametrize("name", PUBLISHED)
def test_parameters_are_those_published(recipe_of: Callable[..., Recipe], name: str) -> None:
    found = outline.parameters(find(recipe_of(name)).config)

    assert found.total == PUBLISHED[name]
    assert found.trained == 0


@pytest.mark.parametrize(
    ("name", "rank", "trained"),
    [
        ("qwen2.5-7b", 16, 40_370_176),  # as unsloth and LLaMA-Factory print it
        ("qwen2.5-7b", 32, 80_740_352),
        ("mistral-7b", 16, 41_943_040),
    ],
)
def test_adapters_of_all_linear_layers_are_those_published(
    recipe_of: Callable[..., Recipe], name: str, rank: int, trained: int
) -> None:
    config = find(recipe_of(name)).config
    for train in (TrainConfig(rank=rank), TrainConfig(rank=rank, target_modules=MOST)):
        found = outline.parameters(config, train)
        assert found.trained == trained
        assert found.total == PUBLISHED[name] + trained


def test_the_output_layer_and_the_embedding_are_not_for_4_bit(
    recipe_of: Callable[..., Recipe],
) -> None:
    found = outline.parameters(find(recipe_of("mistral-7b")).config)

    assert found.others == 2 * 32_000 * 4096 + 65 * 4096  # and the norms
    assert found.largest == 4096 * 14_336


def test_dora_adds_a_magnitude_a_row(recipe_of: Callable[..., Recipe]) -> None:
    config = find(recipe_of("tiny")).config
    plain, dora = (outline.parameters(config, TrainConfig(dora=dora)) for dora in (False, True))

    rows = 128 + 64 + 64 + 128 + 256 + 256 + 128  # q, k, v, o, gate, up, down
    assert dora.trained - plain.trained == 2 * rows


def test_the_quickstart_s_base_is_the_one_that_its_stage_makes() -> None:
    from ecom.quickstart.base import build_tokenizer, new_model

    recipe = load(RECIPES / "quickstart.yaml")
    assert recipe.quickstart
    assert recipe.quickstart.base
    tokenizer = build_tokenizer(["a shoe, a lamp and a chair"], 512)
    made = new_model(recipe.quickstart.base, tokenizer, seed=0)

    found = outline.parameters(find(recipe).config)
    assert found.total == sum(p.numel() for p in made.parameters())


def test_a_base_without_a_config_says_what_to_name(
    recipe_of: Callable[..., Recipe], tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=r"(?s)base .*config\.json.*base=DIR"):
        find(recipe_of(str(tmp_path)))
    (tmp_path / "config.json").write_text('{"model_type": "no-such-model"}')
    with pytest.raises(InputError, match=r"no-such-model is not supported; all stages take"):
        find(recipe_of(str(tmp_path)))


def test_a_target_that_matches_nothing_names_what_there_is(
    recipe_of: Callable[..., Recipe],
) -> None:
    config = find(recipe_of("bloomz-7b1")).config

    with pytest.raises(InputError, match=r"q_proj.*query_key_value"):
        outline.parameters(config, TrainConfig(target_modules=("q_proj",)))


def test_a_model_of_one_layer_is_counted_too() -> None:
    from transformers import AutoModelForCausalLM, Qwen2Config

    config = Qwen2Config(
        vocab_size=64,
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=1,
        num_attention_heads=2,
        num_key_value_heads=2,
    )
    made = AutoModelForCausalLM.from_config(config)

    assert outline.parameters(config).total == sum(p.numel() for p in made.parameters())
