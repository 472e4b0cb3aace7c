"""Every shipped recipe is one that `ecom run` accepts."""

from importlib import import_module
from pathlib import Path

import pytest
import yaml

from ecom.corpus import reading
from ecom.corpus.config import Source
from ecom.corpus.records import Product, Review
from ecom.corpus.synthesize import tasks
from ecom.corpus.synthesize.plan import plan
from ecom.plan import report
from ecom.recipe import load

ROOT = Path(__file__).parents[1]
RECIPES = sorted((ROOT / "recipes").glob("*.yaml"))


def test_the_three_sizes_are_shipped() -> None:
    names = {path.stem for path in RECIPES}

    assert {"quickstart", "qwen2.5-7b-4xt4", "qwen2-72b-4xt4"} <= names


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_it_loads_under_its_own_name(path: Path) -> None:
    recipe = load(path)

    assert recipe.name == path.stem
    assert recipe.workdir.endswith(f"runs/{path.stem}")


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_it_opens_with_its_launch_command(path: Path) -> None:
    first = path.read_text().splitlines()[0]

    assert first.startswith(("# ecom run ", "# ray job submit "))
    assert f"recipes/{path.name}" in first


@pytest.mark.parametrize("name", ["qwen2.5-7b-4xt4", "qwen2-72b-4xt4"])
def test_replicas_use_up_a_node_of_four_t4(name: str) -> None:
    recipe = load(ROOT / "recipes" / f"{name}.yaml")

    assert recipe.corpus
    assert recipe.predict
    assert recipe.engine.accelerator == "T4"
    for replicas in (recipe.serve.max_replicas, recipe.predict.replicas):
        assert replicas * recipe.engine.tensor_parallel == 4
    assert recipe.compress.tensor_parallel == recipe.engine.tensor_parallel
    assert recipe.corpus.max_tokens <= recipe.engine.max_model_len


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_a_recipe_stands_alone(path: Path) -> None:
    data = yaml.safe_load(path.read_text())

    assert {"name", "workdir", "seed", "base", "corpus", "train", "engine"} <= set(data)


def test_innova_trains_on_one_gpu_of_48_gb_on_rows_of_a_teacher(tmp_path: Path) -> None:
    recipe = load(ROOT / "recipes" / "qwen2-72b-4xt4.yaml")

    assert (recipe.train.method, recipe.train.workers) == ("qlora", 1)
    assert report.make(recipe, beside=ROOT / "recipes").fits
    assert recipe.corpus
    settings = recipe.corpus.synthesis
    assert settings
    # a hundredth of its requests, about small files in the formats of its sources
    shared = settings.model_copy(
        update={
            "max_requests": settings.max_requests // 100,
            "tasks": tuple(
                task.model_copy(update={"min_records": task.min_records // 100})
                for task in settings.tasks
            ),
        }
    )
    records = [
        item
        for source in recipe.corpus.sources
        for task in reading.tasks([small(source, tmp_path)], None)
        for _, item in reading.items(task, tmp_path / "cache", 0)
        if isinstance(item, Product | Review)
    ]
    asked = tasks.load(shared)
    requests = plan(records, asked, shared, recipe.seed)
    assert {r.template.name for r in requests} == {task.template.name for task in asked}
    assert len(requests) == shared.max_requests


def small(source: Source, folder: Path) -> Source:
    """Return the source with a small file of its format in place of its own."""
    written = import_module(f"tests.corpus.formats.{source.format}").write(folder)
    return source.model_copy(update={key: written.get(key) for key in ("path", "products")})


def test_ecomgpt_takes_800_rows_of_each_task() -> None:
    """As the paper does of its 122 data sets, each of which is one task."""
    recipe = load(ROOT / "recipes" / "ecomgpt-bloomz-7b.yaml")

    assert recipe.corpus
    [cap] = recipe.corpus.mix.caps
    assert (cap.by, cap.value, cap.rows) == ("task", None, 800)
