"""Parity's numbers against transformers, peft and plain torch."""

import json
import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ecom.compress import awq, page, parity, streamed
from ecom.compress.layers import Layers
from ecom.compress.sample import Row
from ecom.errors import InputError

pytestmark = pytest.mark.model

torch = pytest.importorskip("torch")

ENDS = ("self_attn.o_proj", "mlp.down_proj")
ROWS = [Row([5, 9, 70, 3], [8, 1], "ranking"), Row([7, 7, 100], [2, 60, 4, 90], "generation")]


def _response_logits(model: Any) -> list[Any]:
    with torch.inference_mode():
        return [
            model.eval()(input_ids=torch.tensor([row.prompt + row.response])).logits[
                0, len(row.prompt) - 1 : -1
            ]
            for row in ROWS
        ]


def _assert_alike(ours: list[Any], theirs: list[Any]) -> None:
    for one, other, row in zip(ours, theirs, ROWS, strict=True):
        assert one.shape == (len(row.response), 128)
        assert (one - other).abs().max() <= 1e-5


FAMILIES = [
    "qwen2",
    "llama",
    "mistral",
    "qwen3",
    "gemma2",
    "gemma3_text",
    "granite",
    "olmo3",
]


@pytest.mark.parametrize("random_model", FAMILIES, indirect=True)
def test_a_layer_at_a_time_gives_the_whole_models_logits(random_model: Path) -> None:
    from transformers import AutoModelForCausalLM

    causal, read = streamed.skeleton(random_model), streamed.reader(random_model)
    theirs = _response_logits(
        AutoModelForCausalLM.from_pretrained(random_model, attn_implementation="eager")
    )
    for _ in range(2):  # the skeleton is one again afterwards
        _assert_alike(streamed.response_logits(causal, read, ROWS), theirs)
        assert all(weight.is_meta for weight in causal.parameters())


@pytest.mark.parametrize("family", ["gpt_neox", "phi", "gpt2"])
def test_a_family_that_cannot_be_run_in_pieces_is_refused(family: str, tmp_path: Path) -> None:
    from transformers import AutoConfig

    AutoConfig.for_model(family, hidden_size=64, num_attention_heads=4).save_pretrained(tmp_path)
    with pytest.raises(InputError, match=f"type {family} cannot be run a layer at a time"):
        streamed.check(tmp_path)


@pytest.mark.parametrize("random_model", ["granite"], indirect=True)
def test_pieces_that_leave_something_out_are_refused(
    random_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def bare(causal: Any, state: Any, positions: int) -> Any:  # no logits_scaling
        return causal.lm_head(causal.model.norm(state[:, -positions:]))

    monkeypatch.setattr(streamed, "_outputs", bare)
    with pytest.raises(InputError, match=r"granite .* logits would differ by"):
        streamed.check(random_model)


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"use_dora": True, "use_rslora": True},
        {"target_modules": ["lm_head", "v_proj"]},
        {"target_modules": ["embed_tokens"], "modules_to_save": ["norm"]},
    ],
)
@pytest.mark.parametrize("random_model", ["llama"], indirect=True)
def test_an_adapter_runs_as_peft_runs_it(
    random_model: Path, make_adapter: Callable[..., Path], settings: dict[str, Any]
) -> None:
    from peft import PeftModel
    from transformers import AutoModelForCausalLM

    adapter = make_adapter(random_model, **settings)
    causal = streamed.skeleton(random_model, adapter)
    ours = streamed.response_logits(causal, streamed.reader(random_model), ROWS)
    base = AutoModelForCausalLM.from_pretrained(random_model, attn_implementation="eager")
    before = _response_logits(base)
    theirs = _response_logits(PeftModel.from_pretrained(base, adapter))
    assert parity.difference(before, theirs) > 0.1
    _assert_alike(ours, theirs)


@pytest.mark.parametrize("random_model", ["qwen2"], indirect=True)
def test_errors_and_ranges_are_those_of_plain_torch(random_model: Path) -> None:
    from transformers import AutoModelForCausalLM

    read = streamed.reader(random_model)

    def rounded(size: int) -> streamed.Read:
        def of(name: str) -> Any:
            weight = read(name)
            return awq.round_to_nearest(weight, size) if "_proj.weight" in name else weight

        return of

    layers = Layers(read, rounded(16), rounded(32), ENDS)
    streamed.response_logits(streamed.skeleton(random_model), read, ROWS, layers)
    found = layers.report()["layers"]
    model = AutoModelForCausalLM.from_pretrained(random_model, attn_implementation="sdpa")
    inputs, turns, plain = _layer_inputs(model, 1)
    for key, size in (("awq_error", 16), ("rtn_error", 32)):
        layer, seen = model.model.layers[1], {}
        state = {n: rounded(size)(f"model.layers.1.{n}") for n, _ in layer.named_parameters()}
        layer.load_state_dict(state)
        for name, module in layer.named_modules():
            seen[name] = _listen(module)
        with torch.inference_mode():
            for hidden, turn in zip(inputs, turns, strict=True):
                layer(hidden, position_embeddings=turn)
        for end in ("self_attn.o_proj", "mlp.down_proj"):
            ours, theirs = (torch.cat([y[0] for _, y in one[end]]) for one in (plain, seen))
            expected = ((theirs - ours).norm() / ours.norm()).item()
            part = f"model.layers.1.{end.split('.')[0]}"
            assert found[part][key] == pytest.approx(expected, rel=1e-3)
        if key == "awq_error":
            x, y = (torch.cat([one[side][0] for one in seen["mlp.up_proj"]]) for side in (0, 1))
            sums = (x.unsqueeze(1) * layer.mlp.up_proj.weight).abs().sum(-1)
            up = found["model.layers.1.mlp.up_proj"]
            assert up["largest_output"] == pytest.approx(y.abs().max().item(), rel=1e-3)
            assert up["largest_sum"] == pytest.approx(sums.max().item(), rel=1e-3)


def _listen(module: Any) -> list[Any]:
    """Return a list that fills with (inputs, outputs)."""
    seen: list[Any] = []
    module.register_forward_hook(
        lambda _, x, y: seen.append((x[0] if x else None, y[0] if isinstance(y, tuple) else y))
    )
    return seen


def _layer_inputs(model: Any, number: int) -> tuple[list[Any], list[Any], dict[str, list[Any]]]:
    """Return a decoder layer's input states, its rotary embeddings, and what its modules made."""
    layer = model.model.layers[number]
    seen = {name: _listen(module) for name, module in layer.named_modules()}
    rotary: list[Any] = []
    model.model.rotary_emb.register_forward_hook(lambda _, x, y: rotary.append(y))
    _response_logits(model)
    return [x for x, _ in seen[""]], rotary, {name: list(one) for name, one in seen.items()}


@pytest.mark.parametrize("random_model", ["llama"], indirect=True)
def test_what_fp16_cannot_hold_is_found_and_told(random_model: Path) -> None:
    read = streamed.reader(random_model)

    def loud(name: str) -> Any:
        return read(name) * (1e6 if name == "model.layers.1.mlp.up_proj.weight" else 1)

    layers = Layers(read, loud, read, ENDS)
    streamed.response_logits(streamed.skeleton(random_model), read, ROWS, layers)
    report = layers.report()
    assert set(report["fp16"]["overflows"]) == {
        "model.layers.1.mlp.up_proj",
        "model.layers.1.mlp.down_proj",
        "model.layers.1",
    }
    assert report["layers"]["model.layers.0.mlp"] == {"awq_error": 0.0, "rtn_error": 0.0}
    loss = {"merged": 2.0, "awq": 3.0, "rtn": 2.5}
    told = page.warnings({**report, "perplexity": loss})
    assert "model.layers.1.mlp.up_proj" in told[0]
    assert "above round-to-nearest's 2.5" in told[1]


def test_perplexity_and_agreement_of_known_logits() -> None:
    rows = [Row([0], [0, 1], "a"), Row([0], [1], "b")]
    sure = [torch.tensor([[20.0, 0.0], [0.0, 20.0]]), torch.tensor([[0.0, 20.0]])]
    even = [torch.zeros(2, 2), torch.zeros(1, 2)]
    assert parity.perplexity(sure, rows) == pytest.approx(1, abs=1e-6)
    assert parity.perplexity(even, rows) == pytest.approx(2)
    by_form = parity._by_form({"merged": sure, "awq": sure, "rtn": even}, rows)
    assert by_form["a"]["agreement"] == {"awq": 1.0, "rtn": 0.5}
    assert by_form["b"]["agreement"] == {"awq": 1.0, "rtn": 0.0}
    assert by_form["b"]["perplexity"]["rtn"] == pytest.approx(2)
    assert by_form["a"]["exact_match"] == {"merged": 1.0, "awq": 1.0, "rtn": 0.0}  # one of two
    wrong = [sure[0], sure[0][:1]]
    assert parity.exact_match({"awq": wrong}, rows) == {"awq": 0.5}


def _known(probabilities: list[float]) -> tuple[list[Any], list[Row]]:
    """Logits that give the one response token of each row this probability, and the rows."""
    said = [torch.tensor([[p, 1 - p]]).log() for p in probabilities]
    return said, [Row([0], [0], "a") for _ in said]


@pytest.mark.parametrize(
    ("four_bit", "mean", "verdict"),
    [
        ([0.4] * 40, 0.2231, r"cost 0.2231 nats .* a real loss, larger than its interval"),
        ([0.6] * 40, -0.1823, r"gained 0.1823 nats .* a real gain"),
        ([0.5] * 40, 0.0, r"0.0000 to 0.0000\).* no difference"),
        ([0.1] + [0.501] * 39, 0.0383, r"cost 0.0383 .* contains 0: these rows show no difference"),
    ],
)
def test_a_loss_is_told_from_chance(four_bit: list[float], mean: float, verdict: str) -> None:
    merged, rows = _known([0.5] * 40)
    found = parity.loss(merged, _known(four_bit)[0], rows)
    assert found["mean"] == pytest.approx(mean, abs=1e-4)
    assert found["low"] - 1e-9 <= found["mean"] <= found["high"] + 1e-9
    assert re.search(verdict, page.verdict(found))


def test_rows_count_by_their_tokens() -> None:
    rows = [Row([0], [0, 0, 0], "a"), Row([0], [0], "b")]
    sure, even = (torch.tensor([[p, 1 - p]]).log() for p in (0.8, 0.5))
    merged, four_bit = [sure.repeat(3, 1), sure], [even.repeat(3, 1), sure]
    found = parity.loss(merged, four_bit, rows)
    assert found["mean"] == pytest.approx(0.75 * math.log(0.8 / 0.5), abs=1e-6)
    # a sample has the first row twice, once, or never
    assert (found["low"], found["high"]) == pytest.approx((0, math.log(0.8 / 0.5)), abs=1e-6)


@pytest.mark.integration
def test_a_page_shows_the_numbers(compressed: Any) -> None:
    report = json.loads((compressed.path / "parity.json").read_text())
    text = (compressed.path / "parity.md").read_text()
    assert f"{abs(report['loss']['mean']):.4f} nats per response token" in text
    for picture in ("errors.png", "fp16.png"):
        assert f"]({picture})" in text
        assert (compressed.path / picture).read_bytes().startswith(b"\x89PNG")
    for form, found in report["by_form"].items():
        assert f"| {form.replace('_', ' ')} | {found['rows']} |" in text
        assert f"{found['perplexity']['awq']:.4f}" in text
        assert f"{found['exact_match']['rtn']:.1%} |" in text
    errors = [found for found in report["layers"].values() if "awq_error" in found]
    assert len(errors) == 2 * 2  # attention and MLP of two layers
    assert all(0 < found[key] < 0.2 for found in errors for key in ("awq_error", "rtn_error"))
