import json
from pathlib import Path
from typing import Any, get_args

import pytest

from ecom import hardware
from ecom.engine import (
    EngineConfig,
    check_model,
    engine_env,
    engine_kwargs,
    engine_resources,
    faults,
)
from ecom.errors import InputError
from ecom.models.families import FAMILIES

AWQ = {"quantization_config": {"quant_method": "awq", "bits": 4, "group_size": 128}}
QWEN2_72B = {
    "hidden_size": 8192,
    "intermediate_size": 29_568,
    "num_attention_heads": 64,
    "num_key_value_heads": 8,
    "max_position_embeddings": 32_768,
}
QWEN2_7B = QWEN2_72B | {
    "hidden_size": 3584,
    "intermediate_size": 18_944,
    "num_attention_heads": 28,
    "num_key_value_heads": 4,
}


def found(shape: dict[str, Any], **settings: Any) -> list[str]:
    return list(faults(shape, EngineConfig(**settings)))


def test_the_paper_s_72b_splits_a_group_over_four_gpus_until_it_is_padded() -> None:
    [fault] = found(QWEN2_72B | AWQ, accelerator="T4", tensor_parallel=4)
    assert "intermediate_size 29568" in fault
    assert "tensor_parallel 4 × group_size 128 = 512" in fault
    assert "zero-pad it to 29696" in fault
    padded = QWEN2_72B | {"intermediate_size": 29_696} | AWQ
    assert not found(padded, accelerator="T4", tensor_parallel=4)
    assert not found(QWEN2_72B | AWQ, accelerator="T4")
    assert not found(QWEN2_72B, accelerator="T4", tensor_parallel=4)


def test_every_offender_is_listed_with_a_remedy() -> None:
    listed = found(QWEN2_7B | AWQ, accelerator="T4", tensor_parallel=3)
    assert [fault.split()[0] for fault in listed] == [
        "num_attention_heads",
        "num_key_value_heads",
        "intermediate_size",
        "heads",
    ]
    assert all("set engine.tensor_parallel below 3" in fault for fault in listed)


def test_kv_heads_may_be_fewer_than_ranks() -> None:
    assert not found(QWEN2_7B, accelerator="T4", tensor_parallel=2)
    shape = QWEN2_7B | {"num_attention_heads": 32, "num_key_value_heads": 2, "head_dim": 112}
    assert not found(shape, accelerator="T4", tensor_parallel=4)


def test_a_group_that_does_not_divide_is_refused_on_one_rank_too() -> None:
    [fault] = found(QWEN2_7B | {"intermediate_size": 18_900} | AWQ, accelerator="T4")
    assert "intermediate_size 18900 is not a multiple of group_size 128 (" in fault


def test_the_layers_that_do_not_divide_are_named() -> None:
    listed = found(QWEN2_7B | AWQ | {"num_hidden_layers": 28}, accelerator="T4", tensor_parallel=3)
    named = ("q_proj, o_proj", "k_proj, v_proj", "down_proj", "o_proj")
    for fault, layers in zip(listed, named, strict=True):
        assert f"({layers} of layers 0 to 27)" in fault


def test_a_vocabulary_is_padded_by_vllm_and_must_divide_then() -> None:
    shape = QWEN2_72B | {"num_attention_heads": 48, "num_key_value_heads": 12, "head_dim": 128}
    even = shape | {"intermediate_size": 3 * 1024}
    assert not found(even | {"vocab_size": 3 * 64 - 5}, accelerator="T4", tensor_parallel=3)
    [fault] = found(even | {"vocab_size": 152_064}, accelerator="T4", tensor_parallel=5)[-1:]
    assert "vocab_size 152064, padded to 152064 by vLLM, is not a multiple" in fault


def test_cpu_attention_is_asked_for_its_head_sizes() -> None:
    shape = {"hidden_size": 64, "num_attention_heads": 4, "intermediate_size": 96}
    [fault] = found(shape)
    assert "head_dim 16" in fault
    assert not found(shape | {"num_attention_heads": 2})
    assert not found(shape, accelerator="T4")


def test_a_longer_context_than_the_model_s_is_refused() -> None:
    [fault] = found(QWEN2_7B | {"max_position_embeddings": 512}, max_model_len=1024)
    assert "set engine.max_model_len=512 or less" in fault


def test_check_model_names_the_directory_and_all_faults(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"has no config\.json"):
        check_model(tmp_path, EngineConfig())
    (tmp_path / "config.json").write_text("{")
    with pytest.raises(InputError, match="not valid JSON"):
        check_model(tmp_path, EngineConfig())
    (tmp_path / "config.json").write_text(json.dumps(QWEN2_7B | AWQ))
    with pytest.raises(InputError) as caught:
        check_model(tmp_path, EngineConfig(accelerator="T4", tensor_parallel=3))
    assert str(tmp_path) in str(caught.value)
    assert str(caught.value).count("\n") == 4


def test_a_t4_gets_half_precision_and_ray_s_executor() -> None:
    kwargs = engine_kwargs(EngineConfig(accelerator="T4", tensor_parallel=4))
    assert kwargs["dtype"] == "half"
    assert kwargs["tensor_parallel_size"] == 4
    assert "distributed_executor_backend" not in kwargs
    assert (
        engine_resources(EngineConfig(accelerator="T4", tensor_parallel=4))
        == [{"CPU": 1, "GPU": 1}] * 4
    )


CARDS = set(get_args(hardware.Name)) - {"cpu"}


@pytest.mark.parametrize("name", sorted(CARDS))
def test_every_card_serves_what_the_checkpoint_holds(name: Any) -> None:
    kwargs = engine_kwargs(EngineConfig(accelerator=name, gpu_memory_utilization=0.8))
    # cards without bfloat16 get half precision; others take the checkpoint's own number format
    assert kwargs["dtype"] == ("half" if name in ("T4", "V100") else "auto")
    assert kwargs["gpu_memory_utilization"] == 0.8
    assert "enforce_eager" not in kwargs
    assert engine_resources(EngineConfig(accelerator=name)) == [{"CPU": 1, "GPU": 1}]
    assert bool(found(QWEN2_7B | AWQ, accelerator=name)) == (name == "V100")


def test_ray_knows_every_card_s_name() -> None:
    from ray.util.accelerators import accelerators

    known = {value for key, value in vars(accelerators).items() if key.startswith("NVIDIA_")}
    assert {card.ray_type for card in hardware.GPUS.values()} <= known


def test_a_v100_is_too_old_for_vllm_whatever_else_is_set() -> None:
    [fault] = found(QWEN2_7B, accelerator="V100", vllm_overrides={"dtype": "bfloat16"})
    assert "a V100 has compute capability 7.0" in fault
    assert "begin at 7.5" in fault
    assert "set engine.accelerator" in fault


@pytest.mark.parametrize(
    ("name", "overrides", "refused"),
    [
        ("A10G", {"dtype": "bfloat16"}, ""),
        ("A10G", {"attention_backend": "FLASHINFER"}, ""),
        ("A100-80G", {"attention_backend": "FLASH_ATTN"}, ""),
        ("A100-80G", {"kv_cache_dtype": "fp8"}, ""),  # FlashInfer has it
        ("A10G", {"kv_cache_dtype": "fp8", "attention_backend": "TRITON_ATTN"}, "kv_cache_dtype"),
        ("L4", {"kv_cache_dtype": "fp8", "attention_backend": "TRITON_ATTN"}, ""),
        ("L40S", {"kv_cache_dtype": "fp8", "attention_backend": "FLASH_ATTN"}, "kv_cache_dtype"),
        ("H100", {"kv_cache_dtype": "fp8", "attention_config": {"backend": "FLASH_ATTN"}}, ""),
        ("any-gpu", {"kv_cache_dtype": "fp8", "dtype": "bfloat16"}, ""),  # vLLM's to say
    ],
)
def test_what_later_cards_have_is_taken(name: str, overrides: dict[str, Any], refused: str) -> None:
    listed = found(QWEN2_7B, accelerator=name, vllm_overrides=overrides)
    if not refused:
        assert not listed
        return
    [fault] = listed
    assert refused in fault
    assert f"set engine.vllm_overrides.{refused}=auto" in fault


@pytest.mark.parametrize(
    ("overrides", "begins", "remedy"),
    [
        ({"dtype": "bfloat16"}, "bfloat16 begins at 8.0", "dtype=half"),
        ({"kv_cache_dtype": "fp8"}, "fp8 begins at 8.9", "kv_cache_dtype=auto"),
        ({"kv_cache_dtype": "fp8_e5m2"}, "fp8 begins at 8.9", "kv_cache_dtype=auto"),
        ({"kv_cache_dtype": "bfloat16"}, "bfloat16 begins at 8.0", "kv_cache_dtype=auto"),
        ({"attention_backend": "flash_attn"}, "FlashAttention", "attention_backend=TRITON_ATTN"),
        ({"attention_backend": "FLASHINFER"}, "FlashInfer", "attention_backend=TRITON_ATTN"),
        (
            {"attention_config": {"backend": "FLASH_ATTN"}},
            "begin at 8.0",
            "attention_config.backend=TRITON_ATTN",
        ),
    ],
)
def test_what_a_t4_does_not_have_is_refused(
    overrides: dict[str, Any], begins: str, remedy: str
) -> None:
    [fault] = found(QWEN2_7B, accelerator="T4", vllm_overrides=overrides)
    assert begins in fault
    assert "a T4 has compute capability 7.5" in fault
    assert f"set engine.vllm_overrides.{remedy}" in fault
    assert not found(QWEN2_7B, vllm_overrides=overrides)  # a rule of this GPU's


def test_a_t4_s_own_settings_stand_and_all_faults_are_listed() -> None:
    fine = {"dtype": "half", "kv_cache_dtype": "auto", "attention_backend": "TRITON_ATTN"}
    bfloat16 = QWEN2_7B | {"dtype": "bfloat16"}
    assert not found(bfloat16, accelerator="T4", vllm_overrides=fine)
    # vLLM makes half precision of it by itself
    assert not found(bfloat16, accelerator="T4", vllm_overrides={"dtype": "auto"})
    wrong = {"dtype": "bfloat16", "kv_cache_dtype": "fp8", "attention_backend": "FLASH_ATTN"}
    assert len(found(QWEN2_7B, accelerator="T4", vllm_overrides=wrong)) == 3


@pytest.mark.parametrize("kind", ["gemma2", "gemma3_text", "glm4"])
def test_a_family_that_vllm_refuses_in_float16_needs_bfloat16(kind: str) -> None:
    shape = QWEN2_7B | {"model_type": kind}
    for four_bit in ({}, AWQ):
        [fault] = found(shape | four_bit, accelerator="T4")
        assert f"no model of type {kind} in float16" in fault
        assert "a T4 has no bfloat16; set engine.accelerator to cpu or a later card" in fault
        assert not found(shape | four_bit, accelerator="L4")
    [fault] = found(shape, accelerator="L4", vllm_overrides={"dtype": "half"})
    assert "set engine.vllm_overrides.dtype=bfloat16" in fault


def test_overrides_have_the_last_word() -> None:
    kwargs = engine_kwargs(EngineConfig(vllm_overrides={"dtype": "float32", "block_size": 32}))
    assert (kwargs["dtype"], kwargs["block_size"]) == ("float32", 32)


def test_ranks_on_a_cpu_share_its_cores_without_overlap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.sched_getaffinity", lambda _: {0, 1, 2, 3, 6, 7})
    env = engine_env(EngineConfig(tensor_parallel=2, cpu_kv_cache_gib=3))
    assert env["VLLM_CPU_OMP_THREADS_BIND"] == "0,1,2|3,6,7"
    assert env["VLLM_CPU_KVCACHE_SPACE"] == "3"
    [fault] = found(QWEN2_72B, tensor_parallel=8)
    assert "over this machine's 6 CPU cores" in fault


@pytest.mark.integration  # imports vLLM: 10 s
def test_vllm_knows_every_setting() -> None:
    arguments = pytest.importorskip("vllm.engine.arg_utils").AsyncEngineArgs
    known = set(arguments.__dataclass_fields__)
    for accelerator in get_args(hardware.Name):
        assert set(engine_kwargs(EngineConfig(accelerator=accelerator))) <= known
    # the settings that are refused on a T4, and the remedy
    assert {"dtype", "kv_cache_dtype", "attention_backend", "attention_config"} <= known
    backends = pytest.importorskip("vllm.v1.attention.backends.registry").AttentionBackendEnum
    assert {"FLASH_ATTN", "FLASHINFER", "TRITON_ATTN"} <= set(backends.__members__)
    narrow = {kind for one in FAMILIES if not one.float16 for kind in one.model_types}
    every = {kind for one in FAMILIES for kind in one.model_types}
    settings = pytest.importorskip("vllm.config.model")
    assert narrow == every & settings._FLOAT16_NOT_SUPPORTED_MODELS.keys()
