"""Several adapters: summed, weighed by learning, kept apart."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ecom.artifact import Draft
from ecom.compress import apart, learn, pad
from ecom.compress.adapters import Weighted, find
from ecom.compress.config import CompressConfig
from ecom.compress.job import run
from ecom.compress.merge import merge
from ecom.compress.sample import Row
from ecom.errors import DataError, InputError
from ecom.forms import Prompting

if TYPE_CHECKING:
    from conftest import Compressed

pytestmark = pytest.mark.model

torch = pytest.importorskip("torch")


def config(**combine: Any) -> CompressConfig:
    return CompressConfig.model_validate(
        {
            "group_size": 64,
            "calibration_rows": 4,
            "calibration_tokens": 64,
            "parity_rows": 9,
            "combine": combine,
        }
    )


def logits(model: Any) -> Any:
    ids = torch.randint(0, 128, (2, 24), generator=torch.Generator().manual_seed(2))
    with torch.inference_mode():
        return model.eval()(input_ids=ids).logits


def loaded(path: Path) -> Any:
    from transformers import AutoModelForCausalLM

    return AutoModelForCausalLM.from_pretrained(path)


@pytest.fixture
def per_skill(random_model: Path, make_adapter: Callable[..., Path], tmp_path: Path) -> Path:
    """What the train stage leaves with train.per: adapters of two skills."""
    trained = tmp_path / "trained"
    (trained / "adapters").mkdir(parents=True)
    make_adapter(random_model, r=2).rename(trained / "adapters" / "behavior")
    make_adapter(random_model, target_modules=["q_proj", "up_proj"]).rename(
        trained / "adapters" / "concepts"
    )
    return trained


@pytest.mark.parametrize("random_model", ["qwen2"], indirect=True)
def test_weights_are_the_recipes_or_all_alike(random_model: Path, per_skill: Path) -> None:
    def weights(**combine: Any) -> dict[str, float]:
        _, found = find(config(**combine), str(random_model), per_skill)
        return {one.name: one.weight for one in found}

    assert weights() == {"behavior": 0.5, "concepts": 0.5}
    assert weights(weights={"concepts": 0.4, "behavior": -1}) == {"concepts": 0.4, "behavior": -1}
    assert weights(weights={"concepts": 1}) == {"concepts": 1}
    halved = config().model_dump() | {"adapters": [{"path": "train", "weight": 0.5}]}
    _, found = find(CompressConfig.model_validate(halved), str(random_model), per_skill)
    assert [one.weight for one in found] == [0.25, 0.25]


@pytest.mark.parametrize("random_model", ["qwen2"], indirect=True)
def test_settings_that_do_not_fit_what_was_trained_are_refused(
    random_model: Path, per_skill: Path
) -> None:
    with pytest.raises(InputError, match="weights names price; the trained adapters are behavior,"):
        find(config(weights={"price": 1}), str(random_model), per_skill)
    single = per_skill / "single"
    shutil.copytree(per_skill / "adapters" / "behavior", single / "adapter")
    for combine in ({"weights": {"concepts": 1}}, {"method": "apart"}):
        with pytest.raises(InputError, match=r"has no adapters/.*set train\.per"):
            find(config(**combine), str(random_model), single)
    with pytest.raises(InputError, match="learned, and there is one adapter"):
        find(config(method="learned"), str(random_model), single)
    with pytest.raises(ValueError, match="are not weighted"):
        config(method="apart", weights={"concepts": 1})
    with pytest.raises(ValueError, match="leave adapters and wise_ft out"):
        CompressConfig.model_validate(config(method="apart").model_dump() | {"wise_ft": 0.5})


def test_weights_by_layer_answer_as_pefts_own_scalings(
    random_model: Path, per_skill: Path, tmp_path: Path
) -> None:
    from peft import PeftModel

    folders = sorted((per_skill / "adapters").iterdir())
    weights = {
        f"model.layers.{n}.{name}.weight": [0.3 + n, -0.7]
        for n in range(2)
        for name in ("self_attn.q_proj", "mlp.down_proj")
    }
    merge(random_model, [(path, 0.5) for path in folders], tmp_path / "merged", by_layer=weights)
    model = PeftModel.from_pretrained(loaded(random_model), folders[0], adapter_name="behavior")
    model.load_adapter(folders[1], "concepts")
    for name, module in model.get_base_model().named_modules():
        for n, adapter in enumerate(("behavior", "concepts")):
            if isinstance(scaling := getattr(module, "scaling", None), dict) and adapter in scaling:
                scaling[adapter] *= weights.get(f"{name}.weight", [0.5, 0.5])[n]
    whole = model.merge_and_unload(adapter_names=["behavior", "concepts"])
    ours, theirs = logits(loaded(tmp_path / "merged")), logits(whole)
    assert (ours - theirs).abs().max() <= 2e-6 * max(1.0, theirs.abs().max().item())


@pytest.mark.parametrize("random_model", ["qwen2"], indirect=True)
def test_an_adapter_padded_as_its_model_is_the_same_function(
    random_model: Path, per_skill: Path, tmp_path: Path
) -> None:
    from peft import PeftModel

    pad.pad(random_model, tmp_path / "padded", 128)
    adapters = [Weighted(path.name, path, 1.0) for path in (per_skill / "adapters").iterdir()]
    apart.check(random_model, adapters)
    apart.write(adapters, tmp_path / "out", model=tmp_path / "padded", base=random_model)
    for one in adapters:
        before = logits(PeftModel.from_pretrained(loaded(random_model), one.path))
        padded = PeftModel.from_pretrained(loaded(tmp_path / "padded"), tmp_path / "out" / one.name)
        assert padded.config.intermediate_size == 128
        assert (logits(padded) - before).abs().max() <= 1e-5


@pytest.mark.parametrize("random_model", ["qwen2"], indirect=True)
def test_what_vllm_cannot_run_beside_the_base_is_refused(
    random_model: Path, make_adapter: Callable[..., Path]
) -> None:
    adapter = make_adapter(random_model, use_dora=True)
    with pytest.raises(DataError, match="adapters kept apart support only LoRA of linear layers"):
        apart.check(random_model, [Weighted("one", adapter, 1.0)])


@pytest.fixture(scope="module")
def learned(compressed: "Compressed", tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A whole run over an adapter that has learnt the corpus, and one that is noise."""
    from safetensors.torch import load_file, save_file

    folder = tmp_path_factory.mktemp("learned")
    for name in ("good", "noise"):
        trained = compressed.base.parent / "trained" / "adapter"
        shutil.copytree(trained, folder / "trained" / "adapters" / name)
    file = folder / "trained" / "adapters" / "noise" / "adapter_model.safetensors"
    torch.manual_seed(0)
    save_file({k: 0.1 * torch.randn_like(v) for k, v in load_file(file).items()}, file)
    (folder / "out").mkdir()
    run(
        config(method="learned", rows=100, rows_per_step=8, steps=30),
        seed=0,
        prompting=Prompting(),
        base=str(compressed.base),
        trained=folder / "trained",
        corpus=compressed.corpus,
        draft=Draft(folder / "out"),
    )
    return folder


@pytest.mark.integration
def test_learned_weights_prefer_what_has_learnt(learned: Path) -> None:
    found = json.loads((learned / "out" / "weights.json").read_text())
    assert found["adapters"] == ["good", "noise"]
    assert found["loss"]["learned"] < found["loss"]["start"]
    good, noise = (sum(abs(w[n]) for w in found["weights"].values()) for n in range(2))
    assert good > 2 * noise
    assert len(found["weights"]) == 2 * 7


@pytest.mark.integration
def test_the_merged_model_has_the_loss_that_was_learned(
    learned: Path, compressed: "Compressed"
) -> None:
    import pyarrow.parquet as pq

    rows = pq.read_table(compressed.corpus / "train" / "0.parquet").to_pylist()
    model, total, count = loaded(learned / "out" / "merged"), 0.0, 0
    for row in rows:
        ids = torch.tensor([row["prompt_ids"] + row["response_ids"]])
        labels = ids.clone()
        labels[:, : len(row["prompt_ids"])] = -100
        with torch.inference_mode():
            loss = model(input_ids=ids, labels=labels).loss.item()
        total, count = total + loss * len(row["response_ids"]), count + len(row["response_ids"])
    told = json.loads((learned / "out" / "weights.json").read_text())["loss"]["learned"]
    assert total / count == pytest.approx(told, abs=1e-3)


@pytest.mark.parametrize("random_model", ["granite", "gemma2"], indirect=True)
def test_weights_are_learned_by_the_models_own_loss(random_model: Path) -> None:
    model = loaded(random_model)
    rows = [Row([5, 9, 70, 3], [8, 1], "ranking"), Row([7, 7], [2, 60, 4, 90], "generation")]
    total = 0.0
    for row in rows:
        ids = torch.tensor([row.prompt + row.response])
        with torch.no_grad():
            found = model(input_ids=ids).logits[0, len(row.prompt) - 1 : -1]
        target = torch.tensor(row.response)
        total += torch.nn.functional.cross_entropy(found, target, reduction="sum").item()
    assert learn.mean_loss(model, rows) == pytest.approx(total / 6, rel=1e-5)
