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
    "four-bit": {"quantization_config": {"quant_method": "bitsandbytes", "load_in_4bit": True}},
    "six-heads": {"hidden_size": 384, "num_attention_heads": 6},
    "bloom": {"model_type": "bloom", "n_layer": 2, "n_head": 4},
    "needs-bfloat16": {"model_type": "gemma2", "head_dim": 64},
    "labels": {"architectures": ["Qwen2ForSequenceClassification"]},
    "of-tomorrow": {"model_type": "llama9", "architectures": ["Llama9ForCausalLM"]},
}
REFUSED = {
    "four-bit": "quantized already (bitsandbytes)",
    "bloom": "a model of type bloom cannot be padded and quantized; all stages take Qwen 2",
    "labels": "a model of type qwen2 (Qwen2ForSequenceClassification) labels texts and writes none",
    "of-tomorrow": "a model of type llama9 (Llama9ForCausalLM) is not supported; all stages take",
}
# model types of transformers, by what is unsupported about them
UNSUPPORTED = {
    "is a mixture of experts": (
        "mixtral qwen2_moe qwen3_moe deepseek_v2 deepseek_v3 granitemoe olmoe llama4_text gpt_oss "
        "phimoe glm4_moe"
    ),
    "is more than a language model": (
        "qwen2_vl qwen2_5_vl gemma3 llava mllama mistral3 paligemma llama4"
    ),
    "has an encoder and a decoder": "t5 bart mt5",
    "is not supported": (
        "mamba mamba2 falcon_h1 gpt2 gpt_neox gptj opt falcon mpt phi stablelm starcoder2 "
        "cohere olmo bert"
    ),
}
KINDS = [(kind, why) for why, kinds in UNSUPPORTED.items() for kind in kinds.split()]
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
        assert "Traceback" not in output
    assert not (tmp_path / "work").exists()


@pytest.mark.parametrize(("kind", "why"), KINDS)
def test_an_unsupported_type_is_refused_with_those_that_work(
    kind: str, why: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    from transformers import AutoConfig

    AutoConfig.for_model(kind).save_pretrained(tmp_path / "base")
    file = tmp_path / "small.yaml"
    work = {"workdir": str(tmp_path / "work"), "base": str(tmp_path / "base")}
    file.write_text(yaml.safe_dump({**WHOLE, **work}))
    asked_alone = "predict.models=[base]"
    for arguments in (["run"], ["plan"], ["plan", asked_alone]):
        code, output = ecom(capfd, arguments[0], str(file), *arguments[1:])
        assert code == 2
        assert output.count(f"a model of type {kind} {why}") == 1
        for works in ("Qwen 3 (qwen3)", "Gemma 3 for text alone", "also take BLOOM (bloom)"):
            assert works in output
        assert "Traceback" not in output
    assert not (tmp_path / "work").exists()


@pytest.mark.parametrize("method", ["fp8", "gptq", "awq", "compressed-tensors"])
def test_a_quantized_base_is_refused_before_the_first_stage(
    method: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    file = recipe(tmp_path)
    config = json.loads((tmp_path / "qwen2" / "config.json").read_text())
    config["quantization_config"] = {"quant_method": method, "bits": 4, "group_size": 128}
    (tmp_path / "qwen2" / "config.json").write_text(json.dumps(config))
    code, output = ecom(capfd, "run", str(file))
    assert code == 2
    assert f"quantized already ({method})" in output
    assert "name the model that it was made from" in output
    assert not (tmp_path / "work").exists()


def test_a_family_beyond_float16_is_refused_on_a_card_without_bfloat16(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    file = str(recipe(tmp_path, "needs-bfloat16"))
    for command in ("run", "plan"):
        code, output = ecom(capfd, command, file, "engine.accelerator=T4")
        assert code == 2
        assert "vLLM serves no model of type gemma2 in float16" in output
        assert "a T4 has no bfloat16; set engine.accelerator to cpu or a later card" in output
    code, output = ecom(capfd, "run", file, "train.accelerator=T4")
    assert code == 2
    assert "train: the numbers of a model of type gemma2 exceed fp16, in which T4 trains" in output
    code, output = ecom(capfd, "plan", file, "engine.accelerator=L4")
    assert (code, "of type gemma2 in float16" in output) == (0, False)


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
    assert "bitsandbytes: quantized already, so it cannot be trained or compressed" in output
    assert "cannot be padded" not in output
    assert "merged/" not in output


def test_a_model_that_is_made_and_served_is_not_looked_at_again(tmp_path: Path) -> None:
    made = load(recipe(tmp_path, "bloom"))
    for stage in ("compress", "serve"):
        identity = pipeline._step(made, stage).config
        with artifact.writing(pipeline.directory(made, stage), stage, identity, {}):
            pass
    pipeline.check(made, tmp_path)
    changed = Recipe.model_validate({**made.model_dump(), "serve": {"max_batch": 7}})
    with pytest.raises(InputError, match="type bloom cannot be padded"):
        pipeline.check(changed, tmp_path)
