import json
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from ecom.artifact import Draft
from ecom.corpus import job
from ecom.corpus.config import CorpusConfig
from ecom.errors import DataError
from ecom.forms import Prompting


@pytest.fixture(scope="module", autouse=True)
def ray_ends() -> Iterator[None]:
    yield
    import ray

    ray.shutdown()


def write(path: Path, count: int, *extra: str) -> None:
    rows = [
        {"input_field": f"{path.stem}: which is {n}?\n0. none\n1. {n}\nAnswer:", "output_field": n % 2,
         "task_type": "multiple-choice", "metric": "accuracy"}
        for n in range(count)
    ]  # fmt: skip
    path.write_text("\n".join([*map(json.dumps, rows), *extra]) + "\n")


def run(tmp_path: Path, base: Path, name: str, **changes: object) -> Draft:
    draft = Draft(tmp_path / name)
    draft.path.mkdir()
    source = {"format": "shopbench", "path": str(tmp_path / "rows")}
    settings = {"sources": [source], "validation_fraction": 0.2, **changes}
    job.run(
        CorpusConfig.model_validate(settings),
        seed=1, prompting=Prompting(), base=str(base), sample=None, draft=draft,
    )  # fmt: skip
    return draft


def ids(folder: Path) -> list[str]:
    return [i for f in sorted(folder.glob("*.parquet")) for i in pq.read_table(f)["id"].to_pylist()]


def test_good_rows_become_shards_and_bad_ones_are_kept_with_their_reason(
    tmp_path: Path, tiny_model: Path
) -> None:
    (tmp_path / "rows").mkdir()
    write(tmp_path / "rows" / "a.jsonl", 40, '{"input_field": "cut', "17")
    write(tmp_path / "rows" / "b.jsonl", 60)
    draft = run(tmp_path, tiny_model, "first")
    rejected = [
        json.loads(line)
        for file in (draft.path / "rejected").iterdir()
        for line in file.read_text().splitlines()
    ]
    assert [(r["source"], r["line"]) for r in rejected] == [("a.jsonl", 41), ("a.jsonl", 42)]
    train, validation = ids(draft.path / "train"), ids(draft.path / "validation")
    assert draft.metrics["rows"] == {"train": len(train), "validation": len(validation)}
    assert len(train) + len(validation) == 100
    assert 5 <= len(validation) <= 40, "a draw of about a fifth"
    assert sum(draft.metrics["rejected"].values()) == 2

    again = run(tmp_path, tiny_model, "second")
    assert sorted(ids(again.path / "train")) == sorted(train), "the split hangs on the rows alone"


def test_a_row_longer_than_the_limit_is_rejected(tmp_path: Path, tiny_model: Path) -> None:
    (tmp_path / "rows").mkdir()
    write(tmp_path / "rows" / "a.jsonl", 3)
    with pytest.raises(DataError, match=r"corpus\.max_tokens"):
        run(tmp_path, tiny_model, "out", max_tokens=16)


def test_a_limit_is_a_draw_spread_over_the_files(tmp_path: Path, tiny_model: Path) -> None:
    (tmp_path / "rows").mkdir()
    for name in ("a", "b"):
        write(tmp_path / "rows" / f"{name}.jsonl", 50)
    source = {"format": "shopbench", "path": str(tmp_path / "rows"), "limit_rows": 11}
    draft = run(tmp_path, tiny_model, "out", sources=[source], validation_fraction=0)
    assert draft.metrics["tasks"] == {"a": 6, "b": 5}
