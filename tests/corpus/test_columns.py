"""Columns that `columns` names wrongly end the stage before a source is read."""

import json
from pathlib import Path

import pytest

from ecom.cli import main

RECIPE = """
name: columns
workdir: {folder}/work
base: {base}
corpus: {corpus}
predict: {{queries: unused}}
evaluate: {{gold: unused}}
"""


def test_all_wrong_columns_of_all_sources_are_one_error_before_anything_is_read(
    tmp_path: Path, tiny_model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "p.csv").write_text("Nummer,Titel,Marke\n1,Red lamp,Lumo\n")
    (tmp_path / "r.jsonl").write_text('{"text": "Good.", "Stars": 5}\n')
    (tmp_path / "t.csv").write_text("body,class\nGood.,fine\n")
    shard = tmp_path / "shop"
    shard.mkdir()
    for number in range(5):
        (shard / f"{number}.csv").write_text("id,titel\n1,Lamp\n")
    sources = [
        {"format": "shop_products", "path": "p.csv", "columns": {"id": "Nr", "title": "Titel"}},
        {
            "format": "shop_reviews",
            "path": "r.jsonl",
            "products": "p.csv",
            "columns": {"rating": "stars", "products.title": "Title", "products.id": "Nummer"},
        },
        {"format": "labels", "path": "t.csv", "columns": {"text": "body", "label": "klass"}},
        {"format": "shop_products", "path": "shop", "columns": {"brand": "Marke"}},
        {"format": "shop_products", "path": "p.csv", "columns": {"titel": "Titel"}},
        {"format": "shop_products", "path": "p.csv", "columns": {"id": "Nummer", "title": "Titel"}},
    ]
    for source in sources:
        for name in ("path", "products"):
            if name in source:
                source[name] = str(tmp_path / str(source[name]))
    recipe = tmp_path / "recipe.yaml"
    corpus = json.dumps({"sources": sources})
    recipe.write_text(RECIPE.format(folder=tmp_path, base=tiny_model, corpus=corpus))
    with pytest.raises(SystemExit) as ended:
        main(["corpus", str(recipe)])
    assert ended.value.code == 2
    said = " ".join(capsys.readouterr().err.split())
    for fault in (
        f"sources.0.columns: {tmp_path}/p.csv: the table lacks 'Nr'",
        f"sources.1.columns: {tmp_path}/r.jsonl: the table lacks 'stars' (near: 'Stars')",
        f"sources.1.columns: {tmp_path}/p.csv: the table lacks 'Title' (near: 'Titel'); it has "
        "'Nummer', 'Titel', 'Marke'",
        f"sources.2.columns: {tmp_path}/t.csv: the table lacks 'klass' (near: 'class')",
        f"sources.3.columns: {tmp_path}/shop/0.csv: the table lacks 'Marke', 'title' "
        "(near: 'titel')",
        "and 2 more files of this source",
        "columns.titel: not a name of shop_products (near: title)",
    ):
        assert fault in said
    assert "sources.5" not in said
    assert not list((tmp_path / "work").glob("**/*.parquet"))
