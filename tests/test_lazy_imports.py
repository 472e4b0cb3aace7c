"""`ecom --help` must answer at once, so nothing heavy may be imported before it is used."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

import ecom

PACKAGE = Path(ecom.__file__).parent
HEAVY = {"matplotlib", "pandas", "peft", "ray", "torch", "transformers", "vllm"}
CONFIGS = [f"ecom.{path.parent.name}.config" for path in sorted(PACKAGE.glob("*/config.py"))]


def loaded_by(code: str) -> set[str]:
    """Names of the packages that a fresh process has loaded after running `code`."""
    full = (
        f"{code}\nimport json, sys\nprint()\n"
        "print(json.dumps(sorted({m.split('.')[0] for m in sys.modules})))"
    )
    done = subprocess.run([sys.executable, "-c", full], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_the_probe_sees_what_is_loaded() -> None:
    assert "matplotlib" in loaded_by("import matplotlib")


def test_every_stage_has_its_settings() -> None:
    assert len(CONFIGS) >= 7


@pytest.mark.parametrize(
    "module", ["ecom", "ecom.recipe", "ecom.cli", "ecom.engine", "ecom.hardware", *CONFIGS]
)
def test_importing_it_loads_nothing_heavy(module: str) -> None:
    assert loaded_by(f"import {module}") & HEAVY == set()


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys\nfrom ecom.cli import main\nsys.argv = ['ecom', '--help']\n"
        "try:\n    main()\nexcept SystemExit as end:\n    assert not end.code, end.code"
    )

    assert loaded_by(code) & HEAVY == set()
