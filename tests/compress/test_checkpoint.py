from pathlib import Path

import pytest

from ecom.compress.checkpoint import locate
from ecom.errors import DataError


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
