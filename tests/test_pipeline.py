"""What a stage's identity hangs on."""

import json
from pathlib import Path
from typing import Any

import pytest

from ecom import pipeline, recipe

RECIPE = """
name: shop
workdir: runs
base: {base}
corpus: {{sources: [{{format: shopbench, path: rows.jsonl}}]}}
predict: {{queries: rows.jsonl}}
evaluate: {{gold: rows.jsonl}}
"""


@pytest.fixture
def settings(tmp_path: Path) -> recipe.Recipe:
    base = tmp_path / "base"
    base.mkdir()
    for name in ("model.safetensors", "tokenizer.json"):
        (base / name).write_text("as it was")
    file = tmp_path / "recipe.yaml"
    file.write_text(RECIPE.format(base=base))
    return recipe.load(file)


@pytest.mark.parametrize(
    ("changed", "stages"),
    [
        ("model.safetensors", {"train", "compress", "predict"}),
        ("tokenizer.json", {"corpus", "train", "compress", "predict"}),
    ],
)
def test_another_base_at_the_same_path_is_noticed(
    settings: recipe.Recipe, changed: str, stages: set[str]
) -> None:
    names = ("corpus", "train", "compress", "serve", "predict", "evaluate")
    before = {name: pipeline._step(settings, name).config for name in names}
    (Path(settings.base) / changed).write_text("trained again")
    after = {name: pipeline._step(settings, name).config for name in names}
    assert {name for name in names if before[name] != after[name]} == stages


@pytest.mark.parametrize("stage", ["corpus", "evaluate"])
def test_another_judge_at_the_same_path_is_noticed(
    settings: recipe.Recipe, tmp_path: Path, stage: str
) -> None:
    weights = tmp_path / "judge" / "model.safetensors"
    weights.parent.mkdir()
    quality = {"by": "classifier", "model": str(weights.parent), "good_label": "good"}
    encoders = {"sent-transformer": str(weights.parent)}
    judged = recipe.load(
        tmp_path / "recipe.yaml",
        [f"corpus.quality={json.dumps(quality)}", f"evaluate.encoders={json.dumps(encoders)}"],
    )
    found = []
    for content in ("as it was", "as it was", "trained again"):
        weights.write_text(content)
        found.append(pipeline._step(judged, stage).config)
    assert found[0] == found[1]
    assert found[1] != found[2]
    assert "judges" not in pipeline._step(settings, stage).config, "nothing new for other recipes"


def test_the_tasks_that_an_endpoint_gets_are_part_of_the_identity(
    settings: recipe.Recipe,
) -> None:
    def identity(predict: dict[str, Any], **prompting: Any) -> object:
        data = settings.model_dump() | {"prompting": prompting}
        data["predict"] = {"queries": "rows.jsonl", **predict}
        return pipeline._step(recipe.Recipe.model_validate(data), "predict").config

    shop = {"endpoint": "http://shop:8000"}
    plain = identity(shop)
    assert identity(shop, system="Other words: the endpoint has its own.") == plain
    assert identity(shop, by_task={"Slogans": {"max_tokens": 9}}) != plain
