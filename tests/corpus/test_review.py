from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from scipy.stats import binomtest

from ecom.corpus.config import CorpusConfig
from ecom.corpus.review import sample
from ecom.corpus.review.verdicts import Verdicts, wilson
from ecom.rows import EXAMPLE_SCHEMA, Example, to_dict


@pytest.mark.parametrize(("accepted", "rows"), [(0, 5), (5, 5), (186, 200), (1, 3), (1, 1)])
def test_the_interval_is_scipys(accepted: int, rows: int) -> None:
    peer = binomtest(accepted, rows).proportion_ci(method="wilson")
    assert wilson(accepted, rows) == pytest.approx((peer.low, peer.high), abs=1e-12)


def shards(folder: Path, rows: list[Example], size: int) -> Path:
    (folder / "train").mkdir(parents=True)
    for number, start in enumerate(range(0, len(rows), size)):
        dicts = [to_dict(row) for row in rows[start : start + size]]
        table = pa.Table.from_pylist(dicts, schema=EXAMPLE_SCHEMA)
        pq.write_table(table, folder / "train" / f"{number:05}.parquet")
    return folder


def test_a_sample_has_each_tasks_share_and_depends_on_the_seed_alone(tmp_path: Path) -> None:
    tasks = ["rare"] * 10 + ["often"] * 60 + ["some"] * 30
    made = [
        Example(
            source,
            task,
            "generation",
            "GEN",
            None,
            f"{source} {n}",
            "x",
            transform=[None, "reverse:qa"][n % 2],
        )
        for source in ("a", "b")
        for n, task in enumerate(tasks)
    ]
    small = Example("small", "t", "generation", "GEN", None, "ask", "x")
    first = sample.draw(shards(tmp_path / "one", [*made, small], 64), 20, 3)
    of_a = [row for row in first if row.source == "a"]
    counts = {task: sum(row.task == task for row in of_a) for task in ("rare", "often", "some")}
    assert counts == {"rare": 2, "often": 12, "some": 6}
    assert 9 <= sum(row.transform is None for row in of_a) <= 11
    assert len(first) == 41, "20 of a, 20 of b, all of a small source"
    again = sample.draw(shards(tmp_path / "two", [small, *reversed(made)], 30), 20, 3)
    assert [row.id for row in again] == [row.id for row in first]
    assert [r.id for r in sample.draw(tmp_path / "one", 20, 4)] != [r.id for r in first]


def test_later_rounds_go_before_earlier_ones(tmp_path: Path) -> None:
    first, second = tmp_path / "first.jsonl", tmp_path / "second.jsonl"
    first.write_text(
        '{"id": "a", "verdict": "reject", "reason": "wrong"}\n{"id": "b", "verdict": "reject"}\n'
    )
    second.write_text('{"id": "b", "verdict": "accept"}\n{"id": "c", "verdict": "reject"}\n')
    known = {"sources": [{"format": "chat", "path": "x"}], "review": [str(first), str(second)]}
    config = CorpusConfig.model_validate(known)
    found = Verdicts.read(config.review_files)
    assert found.reasons == {"a": "wrong", "b": None, "c": "no reason given"}
    assert config.model_copy(update={"review": str(first)}).review_files == (str(first),)


def test_a_rejected_text_goes_under_every_id() -> None:
    table = pa.table({"id": ["a", "b", "c"], "key": pa.array([1, 2, 1], pa.uint64())})
    verdicts = Verdicts({"a": "broken text", "b": None})
    masks = verdicts.gone(table, same_text=True)
    assert {reason: mask.tolist() for reason, mask in masks.items()} == {
        "rejected in review: broken text": [True, False, True]
    }
    assert verdicts.gone(table, same_text=False)[next(iter(masks))].tolist() == [True, False, False]
