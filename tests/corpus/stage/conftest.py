"""The whole stage, in one process and on one Ray, which takes seconds to start."""

from pathlib import Path

import pytest


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """End the Ray that these files share, before files with a Ray of their own.

    (The folder is no package, so a fixture of that scope would end with the session.)
    """
    here = Path(__file__).parent
    if nextitem is None or not nextitem.path.is_relative_to(here):
        import ray

        ray.shutdown()
