"""What the documentation says is there: commands, recipe keys, files, make targets, links.

A page is read as its readers do: fenced blocks are commands, recipes or trees of files, `code` in a
line is a key, a file or a command. RECIPE stands for any recipe, NAME and OWNER for a name.
"""

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml
from typer.testing import CliRunner

from ecom.cli import app
from ecom.corpus import reading
from ecom.corpus.records import Product
from ecom.errors import RecipeError
from ecom.plan import report
from ecom.recipe import Recipe, load

ROOT = Path(__file__).parents[1]
QUICKSTART = ROOT / "recipes" / "quickstart.yaml"
PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")),
    *sorted(path for path in (ROOT / "docs").rglob("*.md") if path.parent.name != "reference"),
]  # the reference is generated from the code
EVERY_PAGE = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))

BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"^(?:[A-Z_]+=\S+ +)*(ecom|make|python|ray|\.venv/bin/python) ")
FILE = re.compile(r"^(ecom|tests|bench|recipes|ray_jobs|docs)/[\w./-]*$")
ENDING = re.compile(r"\.(html|jsonl?|jinja|j2|md|parquet|png|py|ya?ml)$")
KEY = re.compile(rf"^({'|'.join(Recipe.model_fields)})(\.\w+)+(=|$)")
PLACEHOLDER = re.compile(r"NAME|OWNER|VALUE")
LINK = re.compile(r"\]\(([^)\s]+)\)")
TREE = re.compile(r"^ecom/$", re.MULTILINE)


def blocks(page: Path) -> Iterator[tuple[str, str]]:
    """Yield (language, text) of every fenced block."""
    yield from BLOCK.findall(page.read_text(encoding="utf-8"))


def commands(page: Path) -> Iterator[list[str]]:
    """Yield the words of every command in a fenced block, without variables and comments."""
    for language, text in blocks(page):
        for line in text.replace("\\\n", " ").splitlines():
            if language in ("", "bash") and COMMAND.match(line):
                words = shlex.split(line, comments=True)
                while "=" in words[0]:
                    del words[0]
                yield words


def code(page: Path) -> set[str]:
    """Return what stands in `code` outside of fenced blocks."""
    return set(re.findall(r"`([^`\n]+)`", BLOCK.sub("", page.read_text(encoding="utf-8"))))


def recipes(page: Path) -> Iterator[dict[str, Any]]:
    """Yield every block that is a recipe or a part of one, with what a recipe needs at least."""
    for language, text in blocks(page):
        if language == "yaml":
            yield {"name": "part", "workdir": "runs/part", "base": "base", **yaml.safe_load(text)}


def parsed(words: list[str]) -> dict[str, Any]:
    """Return the parameters that typer finds in a command, which is not run."""
    group = typer.main.get_command(app)
    command = group.commands.get(words[1])  # type: ignore[attr-defined]
    assert command is not None, f"{shlex.join(words)}: no such command"
    found: dict[str, Any] = command.make_context(words[1], words[2:]).params
    return found


def written(recipe: dict[str, Any], folder: Path) -> Path:
    path = folder / "recipe.yaml"
    path.write_text(yaml.safe_dump(recipe), encoding="utf-8")
    return path


def recipe_named(name: str, folder: Path) -> Path:
    """Return the recipe that a command names: one of ours, or that of docs/own-data.md."""
    if name == "RECIPE":
        return QUICKSTART
    if name == "my-shop.yaml":
        return written(next(recipes(ROOT / "docs" / "own-data.md")), folder)
    return ROOT / name


@EVERY_PAGE
def test_every_command_parses_and_its_recipe_loads(page: Path, tmp_path: Path) -> None:
    for words in commands(page):
        if words[0] != "ecom":
            continue
        found = parsed(words)
        if found.get("recipe"):
            load(recipe_named(str(found["recipe"]), tmp_path), found.get("overrides") or ())


@EVERY_PAGE
def test_every_command_in_a_line_of_text_has_its_name_and_options(page: Path) -> None:
    group = typer.main.get_command(app)
    for words in map(str.split, code(page)):
        if words[0] == "ecom" and len(words) > 1 and not words[1].startswith("-"):
            command = group.commands[words[1]]  # type: ignore[attr-defined]
            options = {name for parameter in command.params for name in parameter.opts}
            assert {word for word in words if word.startswith("--")} <= options | {"--help"}, words


@EVERY_PAGE
def test_every_recipe_loads(page: Path, tmp_path: Path) -> None:
    for recipe in recipes(page):
        load(written(recipe, tmp_path))


@EVERY_PAGE
def test_every_recipe_key_exists(page: Path) -> None:
    for text in code(page):
        if KEY.match(text) and not ENDING.search(text):
            assert "no such key" not in faults(text.partition("=")[0]), text


def faults(key: str) -> str:
    """Return what is wrong with a recipe that has this key; "" where nothing is."""
    try:
        load(QUICKSTART, [f"{key}=null"])
    except RecipeError as error:
        return str(error)
    return ""


@EVERY_PAGE
def test_every_file_exists(page: Path) -> None:
    named = {word for words in commands(page) for word in words} | code(page)
    files = {word for word in named if FILE.match(word) and not PLACEHOLDER.search(word)}
    assert not [file for file in files if not (ROOT / file).exists()]


@EVERY_PAGE
def test_every_name_in_a_tree_is_a_file_or_folder(page: Path) -> None:
    there = {
        name
        for folder in ("ecom", "tests", "bench", "docs", "recipes", "ray_jobs")
        for path in (ROOT / folder, *(ROOT / folder).rglob("*"))
        for name in [path.name + "/" if path.is_dir() else path.name]
    } | {path.name for path in ROOT.iterdir()}
    for _, text in blocks(page):
        if TREE.search(text):
            assert {*re.findall(r"[\w.-]+(?:\.py|\.ya?ml|/)(?!\w)", text)} <= there


@EVERY_PAGE
def test_every_make_target_exists(page: Path) -> None:
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    named = (*commands(page), *map(str.split, code(page)))
    wanted = {words[1] for words in named if words[0] == "make" and len(words) > 1}
    assert {target for target in wanted if "…" not in target} <= set(targets)


@EVERY_PAGE
def test_every_link_leads_somewhere(page: Path) -> None:
    for link in LINK.findall(BLOCK.sub("", page.read_text(encoding="utf-8"))):
        if "://" in link:
            continue
        path, _, heading = link.partition("#")
        target = (page.parent / path) if path else page
        assert target.exists(), f"{page.name}: {link}"
        if heading:
            assert heading in headings(target), f"{page.name}: {link}"


def headings(page: Path) -> set[str]:
    """Return what links to the page's headings are called."""
    found = re.findall(r"^#+ (.+)$", BLOCK.sub("", page.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in found}


def test_nothing_points_to_what_a_stranger_does_not_have() -> None:
    absent = re.compile(r"\b(DESIGN|DOMAIN|STACK)\.md|\bpapers/|/work/")
    folders = ("ecom", "bench", "ray_jobs", "recipes", "docs")
    files = [*PAGES, *(path for name in folders for path in (ROOT / name).rglob("*"))]
    texts = [path for path in files if path.suffix in (".md", ".py", ".yaml")]
    assert not [path for path in texts if absent.search(path.read_text(encoding="utf-8"))]


# -------------------------------------------------------------------------------------- carried out


def documented(command: str, *pages: str) -> list[str]:
    """Return a command's arguments; it stands in one of the pages."""
    words = shlex.split(command)
    assert words in [found for page in pages for found in commands(ROOT / page)]
    return words[1:]


def test_the_lists_that_pages_count_are_as_long_as_they_say() -> None:
    arguments = documented("ecom corpus --list", "docs/stages/corpus.md")
    listed = json.loads(CliRunner().invoke(app, [*arguments, "--json"]).stdout)
    formats, transforms = (len(listed[name]) for name in ("sources", "transforms"))
    for page in ("docs/own-data.md", "docs/stages/corpus.md"):
        text = (ROOT / page).read_text(encoding="utf-8")
        assert f"{formats} " in text
        assert f"{transforms} " in text


def test_the_question_of_your_own_data_is_scored_and_compared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (ROOT / "docs" / "own-data.md").read_text(encoding="utf-8")
    gold = json.loads(next(line for line in text.splitlines() if line.startswith('{"input_field"')))
    monkeypatch.chdir(tmp_path)
    Path("G.jsonl").write_text(json.dumps(gold) + "\n")
    for name, answer in {"P": "0", "A": "1", "B": "0"}.items():
        Path(f"{name}.jsonl").write_text(json.dumps({"prediction": answer}) + "\n")
    page = "docs/stages/evaluate.md"

    score = documented("ecom evaluate --gold G.jsonl --predictions P.jsonl --json", page)
    found = CliRunner().invoke(app, score, catch_exceptions=False)
    assert json.loads(found.stdout)["official"]["overall"] == 1
    compare = documented("ecom evaluate --gold G.jsonl --compare A.jsonl B.jsonl", page)
    found = CliRunner().invoke(app, [*compare, "--json"], catch_exceptions=False)
    assert found.exit_code == 0


def test_the_table_of_your_own_data_is_read(tmp_path: Path) -> None:
    page = ROOT / "docs" / "own-data.md"
    table = next(text for _, text in blocks(page) if text.startswith("sku,"))
    (tmp_path / "products.csv").write_text(table, encoding="utf-8")
    recipe = next(recipes(page))
    recipe["corpus"]["sources"] = recipe["corpus"]["sources"][:1]
    recipe["corpus"]["sources"][0]["path"] = str(tmp_path / "products.csv")
    config = load(written(recipe, tmp_path)).corpus
    assert config
    (task,) = reading.tasks(config.sources, None)
    ((_, product),) = reading.items(task, tmp_path, seed=0)
    assert isinstance(product, Product)
    assert (product.id, product.title) == ("A-001", "Adler rubber boot, green")
    assert ("Colour", "green") in product.attributes


@pytest.mark.parametrize("page", ["README.md", "docs/own-data.md"])
def test_the_recipe_of_ones_own_shop_fits_its_gpus(page: str, tmp_path: Path) -> None:
    recipe = load(written(next(recipes(ROOT / page)), tmp_path))
    assert report.make(recipe, beside=ROOT / "recipes").fits


def test_the_plan_that_is_shown_is_the_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    page = "docs/stages/plan.md"
    monkeypatch.chdir(ROOT)
    plan = documented("ecom plan recipes/qwen2.5-7b-4xt4.yaml", page)
    found = CliRunner().invoke(app, [*plan, "--json"], catch_exceptions=False)
    assert found.exit_code == 0
    engine = json.loads(found.stdout)["engine"]
    shown = next(text for _, text in blocks(ROOT / page) if text.startswith("engine: "))
    for line in engine["lines"]:
        assert f"{line['gib']:.2f}" in shown
        assert line["about"] in shown
