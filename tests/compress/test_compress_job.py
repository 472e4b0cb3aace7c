import json
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from ecom.artifact import Draft
from ecom.compress import checkpoint
from ecom.compress.adapters import find
from ecom.compress.config import CompressConfig
from ecom.compress.job import run
from ecom.errors import DataError, InputError
from ecom.forms import Prompting

if TYPE_CHECKING:
    from conftest import Compressed

pytestmark = pytest.mark.integration


def test_parity_is_measured_and_small(compressed: "Compressed") -> None:
    report = json.loads((compressed.path / "parity.json").read_text())
    assert {k: v for k, v in report.items() if k != "layers"} == compressed.metrics
    assert report["merge_max_logit_difference"] < 1e-3
    assert report["padding_max_logit_difference"] < 1e-3
    assert report["group_size"] == 64
    assert "64 weights share a scale" in (compressed.path / "parity.md").read_text()
    perplexity = report["perplexity"]
    assert perplexity["merged"] < 20  # of 512: the model has learnt something to lose
    assert perplexity["awq"] == pytest.approx(perplexity["merged"], rel=0.1)
    assert perplexity["rtn"] == pytest.approx(perplexity["merged"], rel=0.1)


def test_model_is_autoawqs_format_padded_for_two_gpus(compressed: "Compressed") -> None:
    config = json.loads((compressed.path / "model/config.json").read_text())
    assert config["intermediate_size"] == 256
    wanted = {"quant_method": "awq", "bits": 4, "group_size": 64, "zero_point": True}
    assert config["quantization_config"].items() >= {**wanted, "version": "gemm"}.items()
    shapes = checkpoint.shapes(compressed.path / "model")
    down = "model.layers.1.mlp.down_proj"
    assert shapes[f"{down}.qweight"] == [256, 128 // 8]
    assert shapes[f"{down}.scales"] == [256 // 64, 128]
    merged = json.loads((compressed.path / "merged/config.json").read_text())
    assert merged["intermediate_size"] == 160


def test_tokenizer_is_the_bases_byte_for_byte(compressed: "Compressed") -> None:
    for name in ("tokenizer.json", "tokenizer_config.json", "chat_template.jinja"):
        original = (compressed.base / name).read_bytes()
        assert (compressed.path / "merged" / name).read_bytes() == original
        assert (compressed.path / "model" / name).read_bytes() == original


def test_nothing_else_is_left_behind(compressed: "Compressed") -> None:
    assert sorted(p.name for p in compressed.path.iterdir()) == [
        "artifact.json",
        "errors.png",
        "fp16.png",
        "merged",
        "model",
        "parity.json",
        "parity.md",
    ]
    assert "auto_round" not in sys.modules


def test_models_carry_the_words_they_were_taught_with(compressed: "Compressed") -> None:
    for name in ("merged", "model"):
        assert Prompting.load(compressed.path / name) == Prompting(system="Help.")
    assert Prompting.load(compressed.base) == Prompting()


def test_impossible_tensor_parallel_is_refused_before_anything_is_written(
    compressed: "Compressed", tmp_path: Path
) -> None:
    with pytest.raises(InputError, match="num_attention_heads 4"):
        run(
            CompressConfig(group_size=32, tensor_parallel=3),
            seed=0,
            prompting=Prompting(system="Help."),
            base=str(compressed.base),
            trained=compressed.base.parent / "trained",
            corpus=compressed.corpus,
            draft=Draft(tmp_path),
        )
    assert not list(tmp_path.iterdir())


def test_a_model_that_was_trained_whole_is_compressed_as_it_is(
    compressed: "Compressed", tmp_path: Path
) -> None:
    import torch
    from safetensors.torch import load_file
    from transformers import AutoModelForCausalLM

    trained, out = tmp_path / "trained" / "model", tmp_path / "out"
    shutil.copytree(compressed.path / "merged", trained)
    model = AutoModelForCausalLM.from_pretrained(trained, dtype=torch.bfloat16)
    model.save_pretrained(trained)
    out.mkdir()
    run(
        compressed.config.model_copy(update={"tensor_parallel": 1, "calibration_rows": 4}),
        seed=0,
        prompting=Prompting(system="Help."),
        base="no/such-base",  # nothing of it is needed
        trained=trained.parent,
        corpus=compressed.corpus,
        draft=Draft(out),
    )
    before, after = (load_file(d / "model.safetensors") for d in (trained, out / "merged"))
    assert before.keys() == after.keys()
    for name, tensor in before.items():
        assert after[name].dtype == torch.bfloat16
        assert torch.equal(after[name], tensor)
    for name in ("tokenizer.json", "tokenizer_config.json", "chat_template.jinja"):
        original = (compressed.base / name).read_bytes()
        assert (out / "merged" / name).read_bytes() == original
        assert (out / "model" / name).read_bytes() == original
    report = json.loads((out / "parity.json").read_text())
    assert report["merge_max_logit_difference"] is None
    theirs = compressed.metrics["perplexity"]
    assert report["perplexity"] == pytest.approx(theirs, rel=0.1)


def test_a_folder_with_nothing_trained_in_it_is_refused(
    compressed: "Compressed", tmp_path: Path
) -> None:
    with pytest.raises(DataError, match=r"has no adapter_config\.json, and .* no model/"):
        run(
            compressed.config,
            seed=0,
            prompting=Prompting(),
            base=str(compressed.base),
            trained=tmp_path,
            corpus=compressed.corpus,
            draft=Draft(tmp_path),
        )
    assert not list(tmp_path.iterdir())


def test_cards_tell_where_the_models_are_from(compressed: "Compressed") -> None:
    for name, kind in (("merged", "16-bit"), ("model", "4-bit")):
        text = (compressed.path / name / "README.md").read_text()
        front = yaml.safe_load(text.split("---")[1])
        assert front["base_model"] == str(compressed.base)
        assert ("awq" in front["tags"]) == (name == "model")
        assert f"# Shopping expert, {kind} model" in text
        assert ("AWQ (groups of 64, " in text) == (name == "model")
        perplexity = compressed.metrics["perplexity"]
        right = compressed.metrics["exact_match"]
        assert (
            f"| all | 9 | {perplexity['merged']:.3f} | {perplexity['awq']:.3f} "
            f"| {right['merged']:.1%} | {right['awq']:.1%} |"
        ) in text


def test_adapters_are_the_recipes_own_and_others_by_their_path(
    compressed: "Compressed", tmp_path: Path
) -> None:
    trained, other = compressed.base.parent / "trained", tmp_path / "other"
    shutil.copytree(trained / "adapter", other)
    settings = compressed.config.model_dump() | {
        "adapters": [{"path": "train", "weight": 0.5}, {"path": str(other), "weight": -1}]
    }
    config = CompressConfig.model_validate(settings)
    source, found = find(config, str(compressed.base), trained)
    assert source == compressed.base
    assert found == [("adapter", trained / "adapter", 0.5), ("other", other, -1.0)]
    (other / "adapter_config.json").unlink()
    with pytest.raises(DataError, match=r"compress\.adapters: .*other has no adapter_config"):
        find(config, str(compressed.base), trained)
