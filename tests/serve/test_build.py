from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest
import yaml

from ecom import hardware
from ecom.deploy import build
from ecom.engine import EngineConfig
from ecom.errors import InputError, RecipeError
from ecom.forms import Prompting
from ecom.serve.app import application
from ecom.serve.config import ServeConfig

RECIPE = """
name: shop
workdir: {workdir}
base: somewhere
corpus: {{sources: [{{format: shopbench, path: rows.jsonl}}]}}
predict: {{queries: rows.jsonl}}
evaluate: {{gold: rows.jsonl}}
"""


def test_serve_config_deploys_this_application() -> None:
    config = yaml.safe_load((Path(__file__).parents[2] / "serve_config.yaml").read_text())
    [shop] = config["applications"]
    assert shop["import_path"] == f"{build.__module__}:{build.__name__}"
    assert config["http_options"]["host"] == "127.0.0.1"


def test_a_recipe_without_its_model_names_the_command_that_makes_it(tmp_path: Path) -> None:
    recipe = tmp_path / "r.yaml"
    recipe.write_text(RECIPE.format(workdir=tmp_path / "runs"))
    with pytest.raises(InputError, match=f"make it with `ecom run {recipe}`"):
        build({"recipe": str(recipe)})


def test_wrong_arguments_are_named() -> None:
    with pytest.raises(InputError, match=r"args\.recipe is missing"):
        build({})
    with pytest.raises(InputError, match=r"args\.recipy is unknown"):
        build({"recipy": "x"})
    with pytest.raises(RecipeError, match="no such recipe"):
        build({"recipe": "nowhere.yaml"})


@pytest.fixture
def no_ray_stays() -> Iterator[None]:
    """`ray.serve.llm` connects to Ray where it is asked for a GPU."""
    yield
    import ray

    ray.shutdown()


@pytest.mark.integration  # imports ray.serve.llm and with it vLLM: 10 s
def test_ray_serve_takes_every_accelerator_that_vllm_runs_on(
    model: Path, no_ray_stays: None
) -> None:
    for name in get_args(hardware.Name):
        engine = EngineConfig(accelerator=name, max_model_len=512)
        if name == "V100":
            with pytest.raises(InputError, match=r"begin at 7\.5"):
                application(model, ServeConfig(), engine, Prompting())
        else:
            application(model, ServeConfig(), engine, Prompting())
