"""The models that are asked: base, merged, awq, and shares of what training changed (WiSE-FT).

A share is merged in 16 bits when its turn comes, and removed after it.
"""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ecom import pipeline, progress
from ecom.compress import job as compress
from ecom.errors import InputError

if TYPE_CHECKING:
    from ecom.recipe import Recipe

MODELS = ("base", "merged", "awq")


@dataclass(frozen=True)
class Point:
    """A model by its name in tables and files.

    share    of the change that training made, 0 for the base; None: it is on no curve
    folder   the model's directory or hub name; None: it is merged first
    """

    name: str
    share: float | None
    folder: str | None


def shares(texts: Sequence[str]) -> list[float]:
    """Return the shares that are written. Raises InputError."""
    found = []
    for text in texts:
        try:
            share = float(text)
        except ValueError:
            share = -1.0
        if not 0 <= share <= 1:
            raise InputError(
                f"--shares {text!r:.60}: give shares from 0, the base, to 1, as 0.3,0.5"
            )
        found.append(share)
    return found


def find(recipe: "Recipe", models: Sequence[str], wanted: Sequence[float]) -> list[Point]:
    """Return the points, by share, the 4-bit model last. The base is always one of them.

    A share that a model has already is that model. Raises InputError for other names, and where a
    stage that they need has not been run.
    """
    if unknown := [name for name in models if name not in MODELS]:
        raise InputError(f"--model {', '.join(unknown)}: give some of {', '.join(MODELS)}")
    if (method := recipe.compress.combine.method) == "apart":
        raise InputError(
            f"compress.combine.method is {method}: each question has the adapter of its task, and "
            "lm-eval's tasks have none; set it to merge and run compress again"
        )
    folders, whole = pipeline.models(recipe), recipe.compress.wise_ft
    by_share = {whole: "merged", 0.0: "base"}
    named = {"base", *models} | {by_share[share] for share in wanted if share in by_share}
    found = [Point("base", 0.0, folders["base"])]
    found += [Point("merged", whole, folders["merged"])] if "merged" in named else []
    found += [
        Point(f"share-{share:g}", share, None)
        for share in dict.fromkeys(wanted)
        if share not in by_share
    ]
    found.sort(key=lambda point: point.share if point.share is not None else 1.0)
    if "awq" in named:
        found.append(Point("awq", None, folders["awq"]))
    _check(recipe, found)
    return found


def _check(recipe: "Recipe", found: Sequence[Point]) -> None:
    for point in found:
        folder = Path(point.folder or str(pipeline.directory(recipe, "train")))
        if folder.is_absolute() and not folder.is_dir():
            raise InputError(f"{point.name}: {folder} is not there yet; run: ecom run RECIPE")


@contextmanager
def made(recipe: "Recipe", point: Point, beside: Path) -> Iterator[str]:
    """Yield the model's directory or hub name; one that is merged for it lies in `beside`."""
    if point.folder:
        yield point.folder
        return
    assert point.share is not None
    folder = beside / "share"
    shutil.rmtree(folder, ignore_errors=True)
    with progress.waiting(f"benchmark: merge {point.share:g} of what was learned"):
        compress.merge_share(
            recipe.compress,
            point.share,
            prompting=recipe.prompting,
            base=pipeline.base(recipe),
            trained=pipeline.directory(recipe, "train"),
            compressed=pipeline.directory(recipe, "compress"),
            target=folder,
        )
    try:
        yield str(folder.absolute())
    finally:
        shutil.rmtree(folder, ignore_errors=True)
