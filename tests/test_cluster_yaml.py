"""cluster.yaml against Ray's own schema and defaults, without a network."""

from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def cluster() -> dict[str, Any]:
    from ray.autoscaler._private.util import prepare_config

    prepared: dict[str, Any] = prepare_config(yaml.safe_load((ROOT / "cluster.yaml").read_text()))
    return prepared


def test_ray_accepts_it(cluster: dict[str, Any]) -> None:
    from ray.autoscaler._private.util import validate_config

    validate_config(cluster)  # raises where the schema is broken
    assert cluster["head_node_type"] in cluster["available_node_types"]


def test_ray_would_refuse_a_misspelt_key(cluster: dict[str, Any]) -> None:
    from jsonschema import ValidationError
    from ray.autoscaler._private.util import validate_config

    with pytest.raises(ValidationError, match="max_worker"):
        validate_config({**cluster, "max_worker": 4})


def test_the_head_has_no_gpu_and_workers_are_four_t4(cluster: dict[str, Any]) -> None:
    types = {
        name: (node["node_config"]["InstanceType"], node["min_workers"], node["max_workers"])
        for name, node in cluster["available_node_types"].items()
    }

    assert types == {"head": ("m5.2xlarge", 0, 0), "t4": ("g4dn.12xlarge", 1, 4)}


def test_images_carry_the_ray_that_is_pinned(cluster: dict[str, Any]) -> None:
    pins = (ROOT / "pyproject.toml").read_text()

    for key in ("image", "head_image"):
        version = cluster["docker"][key].split(":")[1].split("-")[0]
        assert f'"ray[llm]=={version}"' in pins


def test_what_is_mounted_exists_and_is_all_that_the_installation_needs(
    cluster: dict[str, Any],
) -> None:
    mounts = cluster["file_mounts"]

    assert all((ROOT / local).exists() for local in mounts.values())
    root = "/home/ray/ecom"
    assert mounts[f"{root}/pyproject.toml"] == "pyproject.toml"
    assert mounts[f"{root}/ecom"] == "ecom"
    for role in ("head", "worker"):
        assert f"pip install '{root}[gpu]'" in cluster[f"{role}_setup_commands"]
