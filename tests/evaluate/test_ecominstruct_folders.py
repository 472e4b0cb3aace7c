"""What a folder of EcomInstruct tasks can do wherever a file of ShopBench questions can."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

from ecom import cli, contamination
from ecom.artifact import Draft
from ecom.corpus.formats.ecominstruct import read_rows as corpus_rows
from ecom.ecominstruct import Row, read_rows
from ecom.errors import DataError, InputError
from ecom.evaluate.config import EvaluateConfig
from ecom.evaluate.job import compare_files, compare_runs, run, score_files
from ecom.rows import Example, to_dict

CONFIG = EvaluateConfig(gold="unused", bootstrap_samples=200)
LABELS = ["Food", "Price", "Place"]
WORDS = ["amber", "birch", "cedar", "denim", "ebony", "flint", "grape", "hazel"]


def write_task(folder: Path, rows: list[dict[str, Any]]) -> None:
    folder.mkdir(parents=True)
    meta = {
        "defi": folder.name.lower(),
        "test_prompt": {"instruction": "### Instruction:\n{sentences}\nAnswer.\n### Response:"},
        "label_set": {"en": LABELS},
        "label_key": "en",
        "label_sep": ", ",
    }
    (folder / "meta-info.json").write_text(json.dumps(meta))
    (folder / "test.json").write_text("\n".join(map(json.dumps, rows)))


@pytest.fixture(scope="module")
def gold(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A task of each paradigm, 40 rows each; every sentence has words of its own."""
    path = tmp_path_factory.mktemp("gold")
    text = [f"{WORDS[i % 8]}{i} {WORDS[i // 5]}{i + 50} by Nord number {i}" for i in range(40)]
    span = [[{"term": sentence.split()[0], "type": LABELS[0]}] for sentence in text]
    tagged = [{"sentences": s, "spans": spans} for s, spans in zip(text, span, strict=True)]
    labels = [LABELS[: 1 + i % 2] for i in range(40)]
    sorted_ = [{"sentences": s, "labels": {"en": k}} for s, k in zip(text, labels, strict=True)]
    write_task(path / "EN-A-CLS-topic", sorted_)
    write_task(path / "EN-B-NER-words", tagged)
    write_task(path / "EN-C-Extract-words", tagged)
    write_task(path / "EN-D-Generate-title", tagged)
    return path


def answers(gold: Path) -> list[str]:
    return [row.answer for row in read_rows(gold) if isinstance(row, Row)]


def write(path: Path, texts: list[str]) -> Path:
    path.write_text("".join(json.dumps({"prediction": text}) + "\n" for text in texts))
    return path


@pytest.fixture(scope="module")
def files(gold: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Answers of two models: one is often wrong, the other never where the first one is right."""
    folder = tmp_path_factory.mktemp("answers")
    right = answers(gold)
    rng = np.random.default_rng(4)
    worse = ["Food, Place" if rng.random() < 0.4 else text for text in right]
    better = [text if rng.random() < 0.6 else one for text, one in zip(right, worse, strict=True)]
    return write(folder / "a.jsonl", worse), write(folder / "b.jsonl", better)


def test_means_take_the_tasks_that_the_paper_scores_by_the_metric(
    gold: Path, files: tuple[Path, Path]
) -> None:
    found = score_files(gold, files[0], CONFIG)["ecominstruct"]
    tasks = found["tasks"]
    for metric in ("micro_precision", "micro_recall", "micro_f1", "macro_f1"):
        scored = [tasks["EN-A-CLS-topic"][metric], tasks["EN-B-NER-words"][metric]]
        assert found["mean"][metric] == pytest.approx(sum(scored) / 2)
        assert found["counted"][metric] == 2
    for metric in ("rouge_l", "rouge_l_chars"):
        assert found["mean"][metric] == pytest.approx(
            sum(task[metric] for task in tasks.values()) / 4
        )
    alone = score_files(
        gold / "EN-D-Generate-title", write(files[0].parent / "d.jsonl", ["x"] * 40), CONFIG
    )["ecominstruct"]
    assert alone["mean"]["micro_f1"] is None
    assert alone["counted"] == {
        **dict.fromkeys(alone["counted"], 0),
        "rouge_l": 1,
        "rouge_l_chars": 1,
    }


def test_two_files_of_answers_are_compared_on_the_command_line(
    gold: Path, files: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    a, b = files
    with pytest.raises(SystemExit) as ended:
        cli.main(["evaluate", "--gold", str(gold), "--compare", str(a), str(b), "--json"])
    assert ended.value.code == 0
    found = json.loads(capsys.readouterr().out)["ecominstruct"]
    one, two = (score_files(gold, file, CONFIG)["ecominstruct"] for file in files)
    assert set(found["mean"]) == set(one["mean"])
    for metric, row in found["mean"].items():
        assert (row["a"], row["b"]) == pytest.approx((one["mean"][metric], two["mean"][metric]))
        assert row["real"]
        assert row["interval"][0] > 0
    assert set(found["tasks"]["EN-C-Extract-words"]) == {"rouge_l", "rouge_l_chars", "n"}
    with pytest.raises(SystemExit):
        cli.main(["evaluate", "--gold", str(gold), "--compare", str(a), str(b)])
    shown = capsys.readouterr().out
    assert "micro F1" in shown
    assert "better" in shown


def test_intervals_are_scipys_paired_bootstrap_of_the_whole_metric(
    gold: Path, files: tuple[Path, Path]
) -> None:
    folder = gold / "EN-A-CLS-topic"
    parts = [
        write(
            file.parent / f"{file.stem}.part.jsonl",
            [json.loads(line)["prediction"] for line in file.read_text().splitlines()[:40]],
        )
        for file in files
    ]
    config = EvaluateConfig(gold="unused", bootstrap_samples=20_000)
    found, _ = compare_files(folder, parts[0], parts[1], config, seed=1)
    difference = found["ecominstruct"]["tasks"]["EN-A-CLS-topic"]

    wanted = [set(text.split(", ")) for text in answers(folder)]
    rows = []
    for part in parts:
        said = [set(json.loads(line)["prediction"].split(", ")) for line in part.open()]
        pairs = list(zip(said, wanted, strict=True))
        rows.append(np.array([[len(s & w), len(s), len(w)] for s, w in pairs], float))

    def macro(counts: Any) -> Any:
        precision = (counts[..., 0] / counts[..., 1]).mean(-1)
        recall = (counts[..., 0] / counts[..., 2]).mean(-1)
        return 2 * precision * recall / (precision + recall)

    def micro(counts: Any) -> Any:
        return 2 * counts[..., 0].sum(-1) / (counts[..., 1] + counts[..., 2]).sum(-1)

    for name, metric in (("macro_f1", macro), ("micro_f1", micro)):
        reference = stats.bootstrap(
            (np.arange(40),),
            lambda indices, axis=-1, metric=metric: (
                metric(rows[1][indices]) - metric(rows[0][indices])
            ),
            method="percentile",
            n_resamples=20_000,
            rng=2,
            vectorized=True,
        ).confidence_interval
        interval = difference[name]["interval"]
        assert interval == pytest.approx([reference.low, reference.high], abs=0.01)


def evaluated(folder: Path, gold: Path, file: Path, corpus: Path | None = None) -> Path:
    draft = Draft(folder / "evaluate")
    draft.path.mkdir(parents=True)
    run(CONFIG, seed=0, gold=gold, predictions={"awq": file}, corpus=corpus, draft=draft)
    return draft.path


def test_runs_are_compared_as_their_files_are(
    gold: Path, files: tuple[Path, Path], tmp_path: Path
) -> None:
    one = evaluated(tmp_path / "one", gold, files[0])
    two = evaluated(tmp_path / "two", gold, files[1])
    found, names = compare_runs(str(one.parent), f"{two}:awq", samples=200)
    assert found == compare_files(gold, *files, CONFIG)[0]
    assert names[1].endswith(":awq")
    part = write(tmp_path / "part.jsonl", answers(gold / "EN-A-CLS-topic"))
    less = evaluated(tmp_path / "less", gold / "EN-A-CLS-topic", part)
    with pytest.raises(DataError, match="different questions or golds"):
        compare_runs(str(one), str(less))


def test_the_stage_writes_a_report_and_says_what_was_trained_on(gold: Path, tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    learnt = [item for items in corpus_rows(gold / "EN-B-NER-words") for item in items]
    rows = [to_dict(item) for item in learnt if isinstance(item, Example)][:7]
    (tmp_path / "corpus" / "train").mkdir(parents=True)
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "corpus" / "train" / "0.parquet")
    texts = answers(gold)
    texts[0], texts[1], texts[40] = "<script>alert(1)</script>", "", "Food: None"
    out = evaluated(tmp_path, gold, write(tmp_path / "p.jsonl", texts), tmp_path / "corpus")

    scores = json.loads((out / "scores.json").read_text())
    found = scores["contamination"]["overlaps"]
    assert {o["evaluation_source"] for o in found} >= {f"EN-B-NER-words:{n}" for n in range(1, 8)}
    page = (out / "report.html").read_text()
    for text in (page, (out / "report.md").read_text()):
        assert "CONTAMINATED" in text
        assert "micro P" in text
        assert "EN-D-Generate-title" in text
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>" not in page
    failures = scores["failures"]["awq"]
    assert failures["EN-A-CLS-topic"] == {
        "engine error": 0,
        "no answer": 1,
        "wrong": 1,
        "partly right": 0,
        "right": 38,
    }
    assert failures["EN-B-NER-words"]["wrong"] == 1


def test_contamination_reads_folders(gold: Path, tmp_path: Path) -> None:
    corpus = tmp_path / "c.jsonl"
    row = next(row for row in read_rows(gold) if isinstance(row, Row))
    corpus.write_text(json.dumps({"input_field": row.prompt, "output_field": row.answer}) + "\n")
    report = contamination.find(corpus, gold)
    assert report.evaluation_rows == 160
    assert report.overlaps[0].evaluation_id == row.id
    assert report.overlaps[0].kind == "exact"


def test_settings_for_shopbench_rows_are_refused(gold: Path, files: tuple[Path, Path]) -> None:
    config = EvaluateConfig(gold="unused", map_metrics={"bool": "rougel"})
    with pytest.raises(InputError, match="map_metrics"):
        score_files(gold, files[0], config)
