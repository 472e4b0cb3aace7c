"""What a recipe is refused for before anything is spent."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from ecom import artifact, cli, pipeline
from ecom.errors import InputError
from ecom.recipe import Recipe, load

SHAPE = {
    "hidden_size": 256,
    "intermediate_size": 512,
    "num_hidden_layers": 2,
    "vocab_size": 1024,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 4096,
}
BASES: dict[str, dict[str, Any]] = {
    "qwen2": {},
    "mixture": {
        "model_type": "qwen3_moe",
        "num_experts": 4,
        "moe_intermediate_size": 64,
        "head_dim": 64,
    },
    "dense-at-first": {
        "model_type": "deepseek_v3",
        "n_routed_experts": 4,
        "first_k_dense_replace": 1,
        "moe_intermediate_size": 64,
    },
    "no-gate": {"model_type": "starcoder2"},
    "four-bit": {"quantization_config": {"quant_method": "bitsandbytes", "load_in_4bit": True}},
    "six-heads": {"hidden_size": 384, "num_attention_heads": 6},
    "no-attention": {"model_type": "bamba"},
    "bloom": {"model_type": "bloom", "n_layer": 2, "n_head": 4},
    # all sizes in its parts
    "images": dict.fromkeys(SHAPE) | {"model_type": "gemma3"},
    "images-by-section": dict.fromkeys(SHAPE) | {"model_type": "qwen2_vl"},
}
REFUSED = {
    "mixture": "a qwen3_moe model's MLP is experts.",
    "dense-at-first": "a deepseek_v3 model's MLP is experts,",
    "no-attention": "transformers generates no text with a model of type bamba",
    "no-gate": "a starcoder2 model's MLP is c_fc, c_proj, and only gate_proj",
    "four-bit": "quantized already (bitsandbytes)",
    "bloom": "a bloom model's MLP is dense_4h_to_h, dense_h_to_4h",
    "images": "a model of type gemma3 is more than a language model",
    "images-by-section": "a model of type qwen2_vl is more than a language model",
}
WHOLE: dict[str, Any] = {
    "name": "small",
    "corpus": {"sources": [{"format": "shopbench", "path": "rows.jsonl"}]},
    "compress": {"group_size": 32, "tensor_parallel": 4},
    "predict": {"queries": "q.jsonl"},
    "evaluate": {"gold": "g.jsonl"},
}


def recipe(folder: Path, base: str = "qwen2", **changes: Any) -> Path:
    """Write a recipe; a section that is None is left out."""
    (folder / base).mkdir()
    known = {"model_type": "qwen2", **SHAPE, **BASES[base]}
    config = {key: value for key, value in known.items() if value is not None}
    (folder / base / "config.json").write_text(json.dumps(config))
    data = {**WHOLE, "workdir": str(folder / "work"), "base": str(folder / base), **changes}
    file = folder / "small.yaml"
    file.write_text(yaml.safe_dump({key: value for key, value in data.items() if value}))
    return file


def ecom(capfd: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    capfd.readouterr()
    with pytest.raises(SystemExit) as ended:
        cli.main(list(arguments))
    shown = capfd.readouterr()
    return int(ended.value.code or 0), " ".join(f"{shown.err} {shown.out}".split())


def test_a_run_names_the_sections_that_its_stages_lack(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    file = recipe(tmp_path, predict=None, evaluate=None)
    code, output = ecom(capfd, "run", str(file))
    assert code == 2
    assert "predict: missing, and needed by serve, predict, evaluate" in output
    assert "evaluate: missing, and needed by evaluate" in output
    assert not (tmp_path / "work").exists()
    code, output = ecom(capfd, "evaluate", str(file), "evaluate.gold=g.jsonl")
    assert code == 2
    assert "predict: missing, and needed by evaluate" in output
    assert "evaluate: missing" not in output


@pytest.mark.parametrize("stage", ["corpus", "train", "compress"])
def test_a_stage_needs_its_own_sections_only(
    stage: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    own: dict[str, Any] = {
        name: WHOLE[name] if name == stage else None for name in WHOLE if name != "name"
    }
    code, output = ecom(capfd, stage, str(recipe(tmp_path, **own)))
    assert code == 2
    assert "rows.jsonl" in output if stage == "corpus" else "run it first: ecom corpus" in output
    assert "missing" not in output


def test_sections_of_other_stages_leave_a_fingerprint_as_it_is(tmp_path: Path) -> None:
    whole = load(recipe(tmp_path))
    part = Recipe.model_validate({**whole.model_dump(), "predict": None, "evaluate": None})
    for stage in ("corpus", "train", "compress"):
        assert pipeline._step(part, stage).config == pipeline._step(whole, stage).config


@pytest.mark.parametrize("base", REFUSED)
def test_a_base_that_cannot_be_compressed_is_refused_at_once(
    base: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    file = str(recipe(tmp_path, base, train={"dropout": 0.1}))
    for command in ("run", "plan"):
        code, output = ecom(capfd, command, file)
        assert code == 2
        assert REFUSED[base] in output
    assert not (tmp_path / "work").exists()


def test_what_does_not_divide_is_refused_before_the_first_stage(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    file = str(recipe(tmp_path, "six-heads"))
    code, output = ecom(capfd, "run", file, "engine.max_model_len=8192")
    assert code == 2
    assert "compress: num_attention_heads 6 is not a multiple of tensor_parallel 4" in output
    assert "engine: engine.max_model_len 8192 is over" in output
    assert not (tmp_path / "work").exists()


def test_a_plan_names_what_a_run_would_refuse_beside_what_it_counts(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    file = str(recipe(tmp_path, "six-heads"))
    code, output = ecom(capfd, "plan", file)
    assert code == 2
    assert "compress: num_attention_heads 6 is not a multiple of tensor_parallel 4" in output
    assert "set compress.tensor_parallel below 4" in output
    assert "KV cache, at least" in output
    assert " fits" not in output
    code, output = ecom(capfd, "plan", file, "--json")
    found = json.loads(output)
    assert (code, found["fits"]) == (2, False)
    assert "num_attention_heads 6" in found["refused"][0]
    code, output = ecom(capfd, "plan", file, "predict.models=[base]")
    assert (code, "multiple" in output) == (0, False)


def test_both_a_compressed_model_and_a_whole_one_are_looked_at_by_a_plan(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    file = str(recipe(tmp_path, predict={"queries": "q", "models": ["merged", "awq"]}))
    sizes = ("compress.group_size=96", "compress.tensor_parallel=1", "engine.accelerator=L4")
    code, output = ecom(capfd, "plan", file, *sizes)
    assert code == 2
    assert "compress: hidden_size 256 is not a multiple of group_size 96" in output
    assert "engine: hidden_size 256 is not a multiple of group_size 96" in output


def test_a_quantized_base_that_is_asked_alone_is_planned_as_it_is_stored(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    file = str(recipe(tmp_path, "four-bit", predict={"queries": "q", "models": ["base"]}))
    code, output = ecom(capfd, "plan", file)
    assert code == 0
    assert "bitsandbytes, 4 bit, as the base is" in output
    assert "bitsandbytes: quantized already, so it cannot be compressed" in output
    assert "cannot be padded" not in output
    assert "merged/" not in output


@pytest.mark.parametrize(
    ("base", "why"),
    [
        ("mixture", "a mixture of experts, which is not supported"),
        ("dense-at-first", "a mixture of experts, which is not supported"),
        ("images", "gemma3 is more than a language model"),
    ],
)
def test_an_unsupported_kind_of_model_is_never_planned(
    base: str, why: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    file = str(recipe(tmp_path, base, predict={"queries": "q", "models": ["base"]}))
    code, output = ecom(capfd, "plan", file)
    assert code == 2
    assert why in output


def test_a_model_that_is_made_and_served_is_not_looked_at_again(tmp_path: Path) -> None:
    made = load(recipe(tmp_path, "bloom"))
    for stage in ("compress", "serve"):
        identity = pipeline._step(made, stage).config
        with artifact.writing(pipeline.directory(made, stage), stage, identity, {}):
            pass
    pipeline.check(made, tmp_path)
    changed = Recipe.model_validate({**made.model_dump(), "serve": {"max_batch": 7}})
    with pytest.raises(InputError, match="bloom model's MLP"):
        pipeline.check(changed, tmp_path)
