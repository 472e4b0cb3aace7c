"""Every format and every transform, once through `ecom corpus`.

A new format joins by a file formats/NAME.py with

    write(folder) -> dict     makes a small file of the format, hardly a row wrong, in the folder;
                              returns the settings of its source, at least `path`
"""

import importlib
import json
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import yaml
from scipy.stats import chisquare
from typer.testing import CliRunner

from ecom import artifact
from ecom.cli import app
from ecom.corpus import formats
from ecom.corpus.atomic import CATALOGUE
from ecom.forms import FORMS

pytestmark = pytest.mark.integration

FOLDER = Path(__file__).parents[1] / "formats"
FORMATS = sorted(file.stem for file in FOLDER.glob("*.py"))
# Good rows that go: several sources and transforms may ask the same, and some of it tells nothing.
EXPLAINED = ("the same prompt",)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path) -> Path:
    """The corpus of all formats with all transforms, as the command leaves it."""
    work = tmp_path_factory.mktemp("formats")
    (work / "files").mkdir()
    sources = [_source(name, work / "files") for name in FORMATS]
    with artifact.writing(work / "quickstart", "quickstart", {}, {}) as draft:
        (work / "files" / "shop").rename(draft.path / "shop")  # where sample_shop is read from
    recipe = {
        "name": "formats",
        "workdir": str(work),
        "base": str(tiny_model),
        "quickstart": {},
        "corpus": {"sources": sources, "transforms": {"names": ["*"]}, "max_tokens": 8192},
        "predict": {"queries": "sample"},
        "evaluate": {"gold": "sample"},
    }
    (work / "recipe.yaml").write_text(yaml.safe_dump(recipe))
    result = CliRunner().invoke(app, ["corpus", str(work / "recipe.yaml")], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return work / "corpus"


def _source(name: str, folder: Path) -> dict[str, Any]:
    module = importlib.import_module(f"tests.corpus.formats.{name}")
    return {"format": name, "name": name, **module.write(folder)}


@pytest.fixture(scope="module")
def rows(corpus: Path) -> list[dict[str, Any]]:
    columns = ["source", "transform", "form", "options", "output"]
    files = (pq.read_table(file, columns=columns) for file in sorted(corpus.glob("*/*.parquet")))
    return [row for table in files for row in table.to_pylist()]


def test_every_format_is_tried() -> None:
    assert sorted(formats.FORMATS) == FORMATS, f"write {FOLDER}/NAME.py for a new format"


def test_every_format_and_every_transform_gives_rows_and_every_form_is_there(
    rows: list[dict[str, Any]],
) -> None:
    assert {row["source"] for row in rows} == set(FORMATS)
    assert {row["transform"] for row in rows} == {None, *CATALOGUE}
    for made in (True, False):
        forms = {row["form"] for row in rows if (row["transform"] is not None) == made}
        assert forms == set(FORMS) - ({"multi-label"} if made else set())


def test_the_sample_shop_has_rows_of_its_own_and_records_to_make_more_of(
    corpus: Path, rows: list[dict[str, Any]]
) -> None:
    made = [row for row in rows if row["source"] == "sample_shop" and row["transform"]]
    assert "ordering" in {row["form"] for row in made}
    card = json.loads((corpus / "card.json").read_text("utf-8"))
    (read,) = [one["read"] for one in card["sources"] if one["name"] == "sample_shop"]
    assert read == 150, "records are no rows that were read"


def test_right_answers_stand_anywhere_alike(rows: list[dict[str, Any]]) -> None:
    """Chi-square for each transform and number of options, and for all of a form together."""
    indices: dict[tuple[str, int], Counter[int]] = defaultdict(Counter)
    for row in rows:
        if row["transform"] and (count := len(row["options"])):
            answer = FORMS[row["form"]].official(row["output"])
            answer = row["options"].index(answer) if row["form"] == "classification" else answer
            right = answer if row["form"] == "retrieval" else [answer]
            right = answer[:1] if row["form"] == "ranking" else right
            first = FORMS[row["form"]].first_number or 0
            for name in (row["transform"], row["form"]):
                indices[name, count].update(number - first for number in right)
    assert {name for name, _ in indices} >= {"multiple-choice", "retrieval", "ranking"}
    for (name, count), counter in indices.items():
        if counter.total() >= 5 * count:
            assert chisquare([counter[index] for index in range(count)]).pvalue > 1e-4, name


def test_yes_and_no_are_both_right_somewhere(rows: list[dict[str, Any]]) -> None:
    answers: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        if row["transform"] and set(row["options"]) == {"Yes", "No"}:
            answers[row["transform"]].add(row["options"][int(row["output"])])
        elif row["transform"] and row["form"] == "classification" and not row["options"]:
            answers[row["transform"]].add(row["output"])
    assert len(answers) > 5
    assert {name for name, given in answers.items() if given != {"Yes", "No"}} == set()


def test_hardly_a_good_row_is_rejected(corpus: Path) -> None:
    card = json.loads((corpus / "card.json").read_text())
    kept = card["rows_by"]["source"]
    for source, reasons in card["rejected"].items():
        unexplained = {r: n for r, n in reasons.items() if not r.startswith(EXPLAINED)}
        assert sum(unexplained.values()) <= 0.02 * kept[source], (source, unexplained)
    repeated = sum(sum(reasons.values()) for reasons in card["rejected"].values())
    assert repeated < 0.1 * card["rows"], card["rejected"]
