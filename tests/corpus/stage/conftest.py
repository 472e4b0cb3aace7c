"""The whole stage, in one process and on one Ray, which takes seconds to start."""

from collections.abc import Iterator

import pytest


@pytest.fixture(scope="package", autouse=True)
def one_ray() -> Iterator[None]:
    """End the Ray that the first run of a stage starts and the others find."""
    import ray

    yield
    ray.shutdown()
