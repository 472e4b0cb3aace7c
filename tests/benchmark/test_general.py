"""`ecom benchmark RECIPE --general`: models and shares asked in turn, the table, the picture.

lm-eval's and the predict stage's engines are replaced; tests/integration runs both.
"""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from ecom.artifact import Draft
from ecom.benchmark.general import harness
from ecom.benchmark.general.harness import Asked, Score
from ecom.cli import main
from ecom.engine import EngineConfig
from ecom.errors import InputError, StageError

GOLD: list[dict[str, Any]] = [
    {
        "input_field": f"Which is number {n}?\n0. boot\n1. lamp\nAnswer:",
        "output_field": n % 2,
        "task_name": "choose",
        "task_type": "multiple-choice",
        "metric": "accuracy",
        "is_multiple_choice": True,
        "track": "concepts",
    }
    for n in range(20)
]


def weight(folder: str) -> Any:
    from safetensors.torch import load_file

    tensors: dict[str, Any] = {}
    for file in Path(folder).glob("*.safetensors"):
        tensors |= load_file(file)
    return tensors["model.layers.0.self_attn.q_proj.weight"].double()


@pytest.fixture(scope="module")
def trained(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A work directory with an adapter, and the model merged with it."""
    import torch
    from safetensors.torch import save_file

    from ecom.compress.merge import merge

    work = tmp_path_factory.mktemp("general")
    adapter = work / "train" / "adapter"
    adapter.mkdir(parents=True)
    config = {"peft_type": "LORA", "r": 2, "lora_alpha": 2, "target_modules": ["q_proj"]}
    (adapter / "adapter_config.json").write_text(json.dumps(config))
    layer = "base_model.model.model.layers.0.self_attn.q_proj"
    out, into = weight(str(tiny_model)).shape
    torch.manual_seed(0)
    learned = {"A": torch.randn(2, into), "B": torch.randn(out, 2)}
    tensors = {f"{layer}.lora_{name}.weight": one for name, one in learned.items()}
    save_file(tensors, adapter / "adapter_model.safetensors")
    (work / "compress").mkdir()
    merge(tiny_model, [(adapter, 1.0)], work / "compress" / "merged")
    shutil.copytree(tiny_model, work / "compress" / "model")
    return work


class Asking:
    """Answers in place of the engines: the more was learned, the better in shopping alone."""

    def __init__(self, base: Path, work: Path) -> None:
        self.plain = weight(str(base))
        self.learned = weight(str(work / "compress" / "merged")) - self.plain
        self.shares: list[float] = []
        self.fails_at = 2.0

    def share(self, folder: str) -> float:
        change = (weight(folder) - self.plain).norm() / self.learned.norm()
        return round(float(change), 2)

    def general(self, asked: Asked, engine: EngineConfig, log: Path, key: str) -> dict[str, Score]:
        share = self.share(asked.arguments["pretrained"])
        if share == self.fails_at:
            raise StageError("lm-eval ended with exit code 1")
        self.shares.append(share)
        rows = tuple(float(n >= 4 * share) for n in range(10))
        return {
            "trivia": Score("acc", sum(rows) / 10, True, 0.1, 10, rows),
            "fluency": Score("perplexity", 9.0, False, None, 10),
        }

    def shopping(self, *_: Any, models: dict[str, str], draft: Draft, **__: Any) -> None:
        right = round(10 + 10 * self.share(models["base"]))
        answers = [str((row["output_field"] + (n >= right)) % 2) for n, row in enumerate(GOLD)]
        text = "".join(json.dumps({"prediction": one}) + "\n" for one in answers)
        (draft.path / "base.jsonl").write_text(text)


@pytest.fixture
def asking(tiny_model: Path, trained: Path, monkeypatch: pytest.MonkeyPatch) -> Asking:
    found = Asking(tiny_model, trained)
    monkeypatch.setattr(harness, "check", lambda: None)
    monkeypatch.setattr(harness, "run", found.general)
    monkeypatch.setattr("ecom.benchmark.general.job.metadata.version", lambda name: "0.4.13")
    monkeypatch.setattr("ecom.predict.job.run", found.shopping)
    return found


@pytest.fixture
def recipe(tiny_model: Path, trained: Path, tmp_path: Path) -> Path:
    gold = tmp_path / "gold.jsonl"
    gold.write_text("".join(json.dumps(row) + "\n" for row in GOLD), encoding="utf-8")
    path = tmp_path / "recipe.yaml"
    path.write_text(
        f"name: shop\nworkdir: {trained}\nbase: {tiny_model}\n"
        f"predict: {{queries: {gold}}}\nevaluate: {{gold: {gold}}}\n"
    )
    return path


def command(*arguments: object, code: int = 0) -> None:
    with pytest.raises(SystemExit) as ended:
        main([str(one) for one in ("benchmark", *arguments)])
    assert ended.value.code == code


def test_shares_are_merged_asked_and_put_on_one_picture(
    recipe: Path, asking: Asking, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    to = tmp_path / "out"
    given = (recipe, "--general", "trivia", "--shares", "0,0.5,0.25,1", "--to", to, "--json")
    command(*given)
    models = json.loads(capsys.readouterr().out)["models"]
    assert {name: one["share"] for name, one in models.items()} == {
        "base": 0,
        "share-0.25": 0.25,
        "share-0.5": 0.5,
        "merged": 1,
        "awq": None,
    }
    assert asking.shares == [0, 0.25, 0.5, 1, 0]  # what was merged when it was asked
    assert not list(to.rglob("*.safetensors"))  # and removed after
    gains = [one["shopping"]["gain"] for one in models.values()]
    assert gains == pytest.approx([0, 0.1, 0.25, 0.5, 0])  # 12.5 rows are 12
    general = models["merged"]["general"]
    assert general["score"] == pytest.approx(0.6)  # the mean has no perplexity in it
    assert general["change"] == pytest.approx(-0.4)
    low, high = general["interval"]
    assert low == pytest.approx(-0.4 - 1.96 * (0.24 / 9) ** 0.5, abs=1e-3)
    assert high < 0
    assert (to / "tradeoff.png").read_bytes().startswith(b"\x89PNG")
    report = (to / "report.md").read_text(encoding="utf-8")
    assert "fluency: perplexity (less is better)" in report
    assert "| share-0.5 | 0.5 | 0.750 |" in report
    command(*given[:-1])
    assert len(asking.shares) == 5  # kept
    assert "+50.0" in capsys.readouterr().out


def test_a_stopped_run_goes_on_with_the_models_that_it_has_not_asked(
    recipe: Path, asking: Asking, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = (recipe, "--general", "trivia", "--model", "merged", "--to", tmp_path / "out", "--json")
    asking.fails_at = 1
    command(*given, code=1)
    asking.fails_at = 2
    command(*given)
    assert asking.shares == [0, 1]
    models = json.loads(capsys.readouterr().out)["models"]
    assert list(models) == ["base", "merged"]


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (["--shares", "0.3,2"], "--shares '2': give shares from 0, the base, to 1"),
        (["--model", "tuned"], "--model tuned: give some of base, merged, awq"),
        (["--tasks-dir", "nowhere"], "--tasks-dir nowhere: no such folder"),
        (["workdir=nowhere"], "run: ecom run RECIPE"),
        (["compress.combine.method=apart", "train.per=skill"], "combine.method is apart"),
    ],
)
def test_what_cannot_be_asked_is_refused_before_anything_is(
    given: list[str],
    why: str,
    recipe: Path,
    asking: Asking,
    capsys: pytest.CaptureFixture[str],
) -> None:
    keys = [one for one in given if "=" in one]
    command(recipe, *keys, "--general", "trivia", *(o for o in given if o not in keys), code=2)
    assert why in capsys.readouterr().err
    assert not asking.shares


def test_without_lm_eval_the_error_says_how_to_install_it(
    recipe: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    command(recipe, "--general", "trivia", code=2)
    assert "pip install 'ecom[general]'" in capsys.readouterr().err


@pytest.fixture
def tasks(tmp_path: Path) -> Path:
    pytest.importorskip("lm_eval")
    folder = tmp_path / "tasks"
    folder.mkdir()
    for name, kind in (("picks", "multiple_choice"), ("writes", "generate_until")):
        (folder / f"{name}.yaml").write_text(
            f"task: {name}\ndataset_path: json\noutput_type: {kind}\ntest_split: test\n"
            f"dataset_kwargs: {{data_files: {{test: {folder}/{name}.jsonl}}}}\n"
            'doc_to_text: q\ndoc_to_target: a\ndoc_to_choice: ["x", "y"]\n'
        )
    (folder / "picks.jsonl").write_text('{"q": "Which?", "a": 0}\n')
    return folder


@pytest.mark.filterwarnings("ignore")  # of lm-eval's and its libraries'
@pytest.mark.parametrize(
    ("task", "why"),
    [
        ("picks", "picks (multiple_choice): a chat's answer has no log probabilities"),
        ("writes", "writes: cannot be loaded: "),
    ],
)
def test_a_task_that_cannot_be_asked_is_refused_before_the_model_is(
    task: str, why: str, tasks: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_DATASETS_CACHE", str(tmp_path / "cache"))
    with pytest.raises(InputError) as refused:
        harness.evaluate(Asked(harness.CHAT, {}, (task,), str(tasks)))
    assert why in str(refused.value)


def test_a_group_counts_in_place_of_its_tasks() -> None:
    row = {"name": "x", "alias": "x", "sample_len": 2}
    found = {
        "results": {
            "all": {"acc,none": 0.5, "acc_stderr,none": 0.1},
            "one": {**row, "acc,none": 0.25, "acc_stderr,none": "N/A"},
            "other": {**row, "acc,none": 0.75},
            "maths": {**row, "exact,strict": 0.5, "exact_stderr,strict": 0.2, "exact,loose": 1.0},
            "text": {**row, "word_perplexity,none": 12.0},
            "folder": {"alias": "folder"},
        },
        "group_subtasks": {"all": ["one", "other"], "folder": ["maths"]},
        "higher_is_better": {"text": {"word_perplexity": False}, "all": {"acc": True}},
        "samples": {
            "one": [{"filter": "none", "acc": 1}] * 3,
            "other": [{"filter": "none", "acc": 0}],
            "maths": [
                {"filter": "strict", "exact": 1},
                {"filter": "loose", "exact": 0},
                {"filter": "strict", "exact": 0},
            ],
            "text": [{"filter": "none", "word_perplexity": [-3.0, 2]}],
        },
    }
    scores = harness.scores(found)
    assert list(scores) == ["all", "maths", "text"]
    assert (scores["all"].value, scores["all"].stderr, scores["all"].n) == (0.5, 0.1, 4)
    assert scores["maths"] == Score("exact (strict)", 0.5, True, 0.2, 2, (1.0, 0.0))
    assert not scores["text"].higher
    assert scores["text"].rows == ()
