"""Every quantizer in ecom/compress/quantizers, by the same interface."""

import tomllib
from functools import partial
from pathlib import Path

import pytest

from ecom.compress import awq, one_layer, streamed, worker
from ecom.compress.config import CompressConfig
from ecom.compress.quantizers import QUANTIZERS, Name, check
from ecom.compress.quantizers.quantizer import Task
from ecom.errors import InputError, StageError
from ecom.quickstart.base import build_tokenizer

pytestmark = pytest.mark.model

torch = pytest.importorskip("torch")

BLOCKS = torch.randint(0, 128, (8, 32), generator=torch.Generator().manual_seed(3)).tolist()
every_one = pytest.mark.parametrize("name", QUANTIZERS)


@every_one
def test_its_package_is_the_one_that_is_pinned(name: Name) -> None:
    project = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"].values()
    pinned = {*project["dependencies"], *(package for extra in extras for package in extra)}
    assert QUANTIZERS[name].package in pinned
    assert QUANTIZERS[name].package in QUANTIZERS[name].install


@every_one
def test_a_refusal_says_what_to_do(name: Name) -> None:
    why = QUANTIZERS[name].refusal()
    assert not why or "; " in why


@every_one
def test_iterations_are_taken_where_it_tunes(name: Name) -> None:
    if QUANTIZERS[name].tunes:
        assert CompressConfig(quantizer=name, effort="fast", iterations=10).iterations == 10
        with pytest.raises(ValueError, match=r"iterations .*set effort=fast"):
            CompressConfig(quantizer=name, effort="best", iterations=10)
    else:
        with pytest.raises(ValueError, match="set iterations=0"):
            CompressConfig(quantizer=name, effort="fast", iterations=10)
        with pytest.raises(ValueError, match="has no effort=best; set effort=fast"):
            CompressConfig(quantizer=name, effort="best")


def test_autoawq_is_refused_where_it_writes_garbage() -> None:
    if torch.cuda.is_available():
        pytest.skip("a GPU is here, and autoawq right on it")
    with pytest.raises(InputError, match=r"autoawq .*CPU.* compress\.quantizer=auto-round"):
        check("autoawq")


@pytest.mark.integration
@pytest.mark.parametrize(
    ("name", "random_model"),
    [(name, "llama" if name == "autoawq" else "olmo2") for name in QUANTIZERS],
    indirect=["random_model"],
)
def test_what_it_writes_of_a_layer_is_read_back_close_to_the_weights(
    name: Name, random_model: Path, tmp_path: Path
) -> None:
    try:
        check(name)
    except InputError as error:
        pytest.skip(str(error))
    build_tokenizer(["a shoe"], 300).save_pretrained(random_model)
    causal, read = streamed.skeleton(random_model), streamed.reader(random_model)
    states = streamed.embed(causal, BLOCKS, read)
    for state in states:
        state[..., :4] *= 30  # for such inputs AWQ scales what comes before the layer
    (tmp_path / "model").mkdir()
    blocks = one_layer.write(random_model, 0, states, tmp_path / "model")
    with worker.started(name, tmp_path / "log.txt") as send:
        errors = {}
        for effort in ("fast", "best") if QUANTIZERS[name].tunes else ("fast",):
            out = tmp_path / effort
            send(Task(str(tmp_path / "model"), str(out), blocks, 32, 0, seed=0, effort=effort))
            [written] = {file.parent for file in out.rglob("config.json")}
            awq.check(written, 32, QUANTIZERS[name].package)
            tensors = one_layer.read(written, 0)
            four_bit = partial(awq.dequantized, tensors.keys(), tensors.__getitem__)
            wrong = change = 0.0
            for state, before, after in zip(
                states,
                streamed.run_layer(causal, 0, states, read),
                streamed.run_layer(causal, 0, states, four_bit),
                strict=True,
            ):
                wrong += (after - before).square().sum().item()
                change += (before - state).square().sum().item()
            errors[effort] = (wrong / change) ** 0.5
    # 0.16 for fast; 0.28 where AWQ takes the norm after OLMo 2's attention for the MLP's
    assert 0 < errors["fast"] < 0.22
    assert 0 < errors.get("best", 0.01) < errors["fast"]


@pytest.mark.parametrize("name", ["auto-round"])
def test_another_format_is_refused_by_the_version_to_install(name: Name, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"quantization_config": {"quant_method": "gptq"}}')
    with pytest.raises(StageError, match=r"quant_method='gptq', not 'awq'.*auto-round==0"):
        awq.check(tmp_path, 32, QUANTIZERS[name].package)
