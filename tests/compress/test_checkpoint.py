import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecom.compress.checkpoint import locate, rewrite
from ecom.errors import DataError

pytestmark = pytest.mark.model


@pytest.fixture
def cached_hub_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A model of the name `org/tiny` in the hub's local cache."""
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    revision = "0" * 40
    snapshot = tmp_path / "models--org--tiny" / "snapshots" / revision
    snapshot.mkdir(parents=True)
    (snapshot / "config.json").write_text("{}")
    refs = tmp_path / "models--org--tiny" / "refs"
    refs.mkdir()
    (refs / "main").write_text(revision)
    return snapshot


def test_a_hub_name_is_found_in_the_local_cache(cached_hub_model: Path) -> None:
    assert locate("org/tiny") == cached_hub_model


def test_a_folder_is_found_by_its_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path.parent)
    assert locate(tmp_path.name) == tmp_path


@pytest.mark.usefixtures("cached_hub_model")
@pytest.mark.parametrize("base", ["org/other", "no/such/folder"])
def test_a_base_that_is_nowhere_is_refused_by_name(base: str) -> None:
    with pytest.raises(DataError, match=base):
        locate(base)


SHAPES = st.lists(st.integers(0, 5), min_size=0, max_size=3)
DTYPES = st.sampled_from(["float32", "float16", "bfloat16", "int32", "int64", "uint8", "bool"])
TENSORS = st.dictionaries(
    st.text(min_size=1, max_size=12).filter(lambda name: name != "__metadata__"),
    st.tuples(DTYPES, SHAPES),
    min_size=1,
    max_size=6,
)


def written(folder: Path, tensors: dict[str, Any]) -> Path:
    from safetensors.torch import save_file

    folder.mkdir(parents=True)
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt", "by": "ä"})
    return folder


@given(TENSORS)
@settings(max_examples=60)
def test_what_is_written_is_what_safetensors_reads(
    tmp_path_factory: pytest.TempPathFactory, kinds: dict[str, tuple[str, list[int]]]
) -> None:
    import torch
    from safetensors import safe_open
    from safetensors.torch import load_file

    folder = tmp_path_factory.mktemp("rewrite")
    before = {
        name: (torch.rand(shape) * 100).to(getattr(torch, dtype))
        for name, (dtype, shape) in kinds.items()
    }
    source = written(folder / "source", before)

    def twice(_: str, tensor: Any) -> Any:
        return torch.cat([tensor, tensor]) if tensor.ndim else tensor

    rewrite(source, folder / "target", twice)
    after = load_file(folder / "target" / "model.safetensors")
    assert after.keys() == before.keys()
    for name, tensor in before.items():
        assert torch.equal(after[name], twice(name, tensor))
        assert after[name].dtype == tensor.dtype
    with safe_open(folder / "target" / "model.safetensors", "pt") as file:
        assert file.metadata() == {"format": "pt", "by": "ä"}


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ("rewrite(source, target, lambda name, tensor: tensor)", "target: the disk is full"),
        ("save({'a': torch.zeros(9000)}, target)", "target: cannot be written"),
    ],
)
def test_a_full_disk_is_told_and_nothing_half_is_left(
    tmp_path: Path, call: str, message: str
) -> None:
    import torch

    source = written(tmp_path / "source", {"a": torch.zeros(1000), "b": torch.zeros(1000)})
    (source / "config.json").write_text(json.dumps({"any": "thing"}))
    script = (
        "import resource, signal, sys\n"
        "from pathlib import Path\n"
        "import torch\n"
        "from ecom.compress.checkpoint import rewrite, save\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))\n"
        f"source, target = Path('source').absolute(), Path('target').absolute()\n{call}\n"
    )
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=tmp_path)
    assert "StageError" in done.stderr
    assert message in done.stderr
    assert [file.name for file in tmp_path.iterdir()] == ["source"]


def test_a_cut_shard_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    import torch

    source = written(tmp_path / "source", {"a": torch.zeros(1000)})
    file = source / "model.safetensors"
    file.write_bytes(file.read_bytes()[:-100])
    with pytest.raises(DataError, match="not a complete safetensors file"):
        rewrite(source, tmp_path / "target", lambda _, tensor: tensor)
    assert not (tmp_path / "target").exists()
