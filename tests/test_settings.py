"""Every key of a recipe is described, and `ecom settings` shows what is."""

import json
import re
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from ecom.cli import app
from ecom.errors import InputError
from ecom.recipe import Recipe
from ecom.settings import Setting, below, listed

ALL = list(listed(Recipe))
RECIPES = sorted((Path(__file__).parents[1] / "recipes").glob("*.yaml"))
# A name that ends so counts something; its unit must be said.
COUNTED = ("_s", "_gib", "_mib", "_tokens", "_chars", "_rows", "_steps", "_requests")


def words(text: str) -> set[str]:
    return {word.rstrip("s") for word in re.findall(r"[a-z]+", text.lower())}


def keys(data: object, before: str = "") -> list[str]:
    """Return the dotted keys of a recipe's YAML."""
    if isinstance(data, list) and any(isinstance(one, dict) for one in data):
        return [key for index, one in enumerate(data) for key in keys(one, f"{before}.{index}")]
    if not isinstance(data, dict):
        return [before]
    return [key for name, one in data.items() for key in keys(one, f"{before}.{name}".strip("."))]


def only(key: str) -> Setting:
    [one] = below(ALL, key)
    return one


@pytest.mark.parametrize("one", ALL, ids=lambda one: one.key)
def test_a_setting_is_described_by_more_than_its_name(one: Setting) -> None:
    assert len(words(one.meaning) - words(one.name) - {"the", "a", "of", "default"}) >= 2
    assert one.meaning.rstrip(")'\"")[-1] in ".:", "a whole sentence"
    assert one.unit or not one.key.endswith(COUNTED) or "section" in one.type


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_every_key_of_the_shipped_recipes_is_listed(path: Path) -> None:
    for key in keys(yaml.safe_load(path.read_text())):
        found = known(key) or known(key.rpartition(".")[0])
        assert found, key
        # what is below a mapping of the reader's own names is not listed by name
        assert known(key) or found[0].type.startswith("mapping of")


def known(key: str) -> list[Setting]:
    try:
        return below(ALL, key)
    except InputError:
        return []


def test_type_unit_and_default_are_those_of_the_recipe() -> None:
    rank, length = only("train.rank"), only("engine.max_model_len")
    assert (rank.type, rank.unit, rank.default, rank.required) == ("integer ≥ 1", "", "16", False)
    assert (length.unit, length.default) == ("tokens", "1024")
    assert only("corpus.synthesis.teacher.engine.max_model_len").default == "4096"
    assert only("compress.wise_ft").type == "number, 0 to 1"
    assert only("corpus.dedupe.near").type == "number > 0, ≤ 1 or null"
    assert only("evaluate.gold").required


def test_a_key_as_an_override_writes_it_is_found() -> None:
    assert only("corpus.sources.0.path") == only("corpus.sources.N.path")
    assert only("predict.baselines.gpt-4o.url").required
    with pytest.raises(InputError):
        below(ALL, "corpus.sources.first.path")


def test_a_prefix_shows_what_is_below_it() -> None:
    shown = CliRunner().invoke(app, ["settings", "train", "--json"])
    found = json.loads(shown.stdout)["settings"]
    assert {one["key"] for one in found} == {"train"} | {
        f"train.{name}" for name in type(Recipe.model_fields["train"].default).model_fields
    }


def test_the_tables_name_every_setting_in_100_columns() -> None:
    shown = CliRunner().invoke(app, ["settings"]).stdout
    assert max(map(len, shown.splitlines())) <= 100
    assert "…" not in shown.replace("shop_…", "")
    for one in ALL:
        assert f"│ {one.name} " in shown


@pytest.mark.parametrize(
    ("wrong", "near"),
    [("train.rnak", "train.rank"), ("rank", "train.rank"), ("corpus.mix.rowz", "corpus.mix.rows")],
)
def test_an_unknown_prefix_names_near_ones(wrong: str, near: str) -> None:
    with pytest.raises(InputError, match=re.escape(near)) as found:
        below(ALL, wrong)
    assert found.value.exit_code == 2
