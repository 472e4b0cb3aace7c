import json
import os
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ecom.hardware import GPUS, Name

pytestmark = pytest.mark.model

RECIPES = Path(__file__).parents[2] / "recipes"
Command = Callable[..., tuple[int, str, str]]


@pytest.mark.parametrize("path", sorted(RECIPES.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_shipped_recipe_fits_and_is_planned_without_a_network(
    ecom: Command, path: Path
) -> None:
    assert os.environ["HF_HUB_OFFLINE"] == "1"
    code, shown, told = ecom("plan", str(path), "--json")

    assert code == 0, shown + told
    found = json.loads(shown)
    assert found["fits"]
    shipped = path.stem != "quickstart"
    assert found["base"]["config"].startswith((str(RECIPES / "bases"), "package:")) == shipped


@pytest.mark.parametrize("name", GPUS)
def test_every_accelerator_is_planned_for(ecom: Command, name: Name) -> None:
    recipe = str(RECIPES / "qwen2.5-7b-4xt4.yaml")
    overrides = (f"engine.accelerator={name}", f"train.accelerator={name}")
    code, shown, _ = ecom("plan", recipe, *overrides, "--json")

    found = json.loads(shown)
    for part in ("train", "engine"):
        assert found[part]["usable_gib"] == GPUS[name].usable_gib
        assert found[part]["total_gib"] < found[part]["allowed_gib"]  # it fits the smallest of them
    assert found["train"]["fits"]
    if name == "V100":
        [fault] = found["engine"]["faults"]
        assert "compute capability 7.0" in fault
        assert "begin at 7.5" in fault
        assert ["engine.accelerator=T4"] in [o["overrides"] for o in found["engine"]["advice"]]
    assert (code, found["engine"]["fits"]) == ((2, False) if name == "V100" else (0, True))


def test_any_gpu_is_the_smallest_that_this_machine_has(
    ecom: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    cards = [
        SimpleNamespace(total_memory=24 * 2**30, major=8, minor=9),
        SimpleNamespace(total_memory=12 * 2**30, major=8, minor=6),
    ]
    monkeypatch.setattr("torch.cuda.device_count", lambda: len(cards))
    monkeypatch.setattr("torch.cuda.get_device_properties", cards.__getitem__)
    recipe = str(RECIPES / "qwen2.5-7b-4xt4.yaml")
    overrides = ("engine.accelerator=any-gpu", "train.accelerator=any-gpu", "train.precision=bf16")
    code, shown, _ = ecom("plan", recipe, *overrides, "--json")

    found = json.loads(shown)
    assert code == 0
    assert found["engine"]["usable_gib"] == found["train"]["usable_gib"] == 12
    flashy = ecom(
        "plan",
        recipe,
        *overrides,
        "engine.vllm_overrides.kv_cache_dtype=fp8",
        "engine.vllm_overrides.attention_backend=TRITON_ATTN",
        "--json",
    )[1]
    [fault] = json.loads(flashy)["engine"]["faults"]
    assert "this machine's GPU has compute capability 8.6, and fp8 begins at 8.9" in fault


@pytest.mark.parametrize("part", ["engine", "train"])
def test_any_gpu_without_a_gpu_says_what_to_name(
    ecom: Command, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    monkeypatch.setattr("torch.cuda.device_count", lambda: 0)
    recipe = str(RECIPES / "qwen2.5-7b-4xt4.yaml")
    code, shown, told = ecom(
        "plan",
        recipe,
        f"{part}.accelerator=any-gpu",
        "train.precision=bf16" if part == "train" else "train.precision=auto",
    )

    assert (code, shown) == (2, "")
    assert "name one of T4, V100" in " ".join(told.split())
    assert f"{part}.accelerator=" in told


def test_where_the_base_s_sizes_came_from_is_said(ecom: Command, tmp_path: Path) -> None:
    recipe = RECIPES / "ecomgpt-bloomz-7b.yaml"
    _, shown, _ = ecom("plan", str(recipe))
    first = " ".join(shown.split("train:")[0].split())
    assert first.startswith("base: /mnt/ecom/models/bloomz-7b1, sizes from ")
    assert "bigscience/bloomz-7b1/config.json" in first

    # a directory that is there has the last word, and a recipe elsewhere has other neighbours
    shape = json.loads((RECIPES / "bases/Qwen/Qwen2-7B-Instruct/config.json").read_text())
    own = tmp_path / "own"
    own.mkdir()
    (own / "config.json").write_text(json.dumps(shape | {"num_hidden_layers": 14}))
    other = tmp_path / "recipe.yaml"
    other.write_bytes((RECIPES / "diversity-qwen2-7b.yaml").read_bytes())
    _, shown, _ = ecom("plan", str(other), f"base={own}", "--json")
    whole = json.loads(ecom("plan", str(RECIPES / "diversity-qwen2-7b.yaml"), "--json")[1])
    assert json.loads(shown)["base"]["config"] == str(own / "config.json")
    assert json.loads(shown)["compress"]["parameters"] < whole["compress"]["parameters"]
    code, _, told = ecom("plan", str(other))
    assert code == 2
    assert "base=DIR" in told


def test_the_command_prints_lines_and_verdict_and_ends_with_0(ecom: Command) -> None:
    code, shown, _ = ecom("plan", str(RECIPES / "qwen2.5-7b-4xt4.yaml"))

    assert code == 0
    for part in ("one T4 each", "weights of the base", "activations", "KV cache", "fits"):
        assert part in shown
    assert "does not fit" not in shown


def test_what_does_not_fit_ends_with_2_and_says_what_would(ecom: Command) -> None:
    recipe = str(RECIPES / "qwen2.5-7b-4xt4.yaml")
    code, shown, _ = ecom("plan", recipe, "train.method=lora", "--json")

    assert code == 2
    found: dict[str, Any] = json.loads(shown)
    assert not found["fits"]
    assert not found["train"]["fits"]
    assert found["engine"]["fits"]
    total = sum(line["gib"] for line in found["train"]["lines"])
    assert found["train"]["total_gib"] == pytest.approx(total, abs=0.01)
    assert ["train.method=qlora"] in [option["overrides"] for option in found["train"]["advice"]]


def test_a_base_that_is_nowhere_ends_with_2(ecom: Command, tmp_path: Path) -> None:
    code, shown, told = ecom("plan", str(RECIPES / "quickstart.yaml"), f"base={tmp_path}")

    assert (code, shown) == (2, "")
    assert "base=DIR" in told


def test_help_has_an_example(ecom: Command) -> None:
    _, shown, _ = ecom("plan", "--help")

    assert "ecom plan recipes/" in " ".join(shown.split())


def test_adapters_are_counted_in_the_corpus(ecom: Command, tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    arguments = (
        str(RECIPES / "quickstart.yaml"),
        f"workdir={tmp_path}",
        "train.per=skill",
        "compress.combine.method=learned",
        "train.epochs=3",
        "--json",
    )
    before = json.loads(ecom("plan", *arguments)[1])["train"]["adapters"]
    assert (before["most"], before["steps"], before["rows"]) == (4, None, {})
    (tmp_path / "corpus" / "train").mkdir(parents=True)
    rows = pa.table({"skill": ["concepts"] * 40 + ["behavior"] * 20 + [None] * 5})
    pq.write_table(rows, tmp_path / "corpus" / "train" / "0.parquet")
    after = json.loads(ecom("plan", *arguments)[1])["train"]["adapters"]
    assert after["rows"] == {"concepts": 40, "behavior": 20}
    assert after["steps"] == 3 * (40 // 16 + 20 // 16)
    assert after["disk_gib"] < before["disk_gib"]
    assert after["learn_gib"] > 0.8
    assert "adapters" not in json.loads(ecom("plan", arguments[0], "--json")[1])["train"]


def test_adapters_beside_a_four_bit_model_take_memory_of_their_own(ecom: Command) -> None:
    recipe = str(RECIPES / "qwen2.5-7b-4xt4.yaml")
    apart = ("train.per=skill", "compress.combine.method=apart", "predict.models=[adapters]")
    alone, beside = (
        {line["name"]: line["gib"] for line in json.loads(found)["engine"]["lines"]}
        for _, found, _ in (ecom("plan", recipe, "--json"), ecom("plan", recipe, *apart, "--json"))
    )
    assert beside["weights"] == alone["weights"]
    assert 0.1 < beside["adapters"] < 5
