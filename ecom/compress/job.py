"""What was trained -> merged/, model/ (padded AWQ 4 bit, what vLLM serves) and parity.md, .json.

    base + adapters ─merge─► merged/ ─(pad to group)─► quantize ─pad to group · tp─► model/

Where the train stage wrote a whole model in place of an adapter, merged/ is that, or what WiSE-FT
makes of it and the base.

The 16-bit model is padded only as far as the group size itself demands; the rest is padded in
packed form, where it costs no precision. Nothing here needs Ray: one process on one machine.
"""

import json
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from ecom import progress
from ecom.artifact import UNFINISHED, Draft
from ecom.compress import card, check, checkpoint, merge, pad, page, parity, quantize, streamed
from ecom.compress.config import TRAINED, CompressConfig
from ecom.compress.sample import draw
from ecom.errors import DataError
from ecom.forms import Prompting

# Of the 16-bit model's size: merged, padded to the group size, and three times the packed one.
_ROOM = 2.9


def run(
    config: CompressConfig,
    *,
    seed: int,
    prompting: Prompting,
    base: str,
    trained: Path,
    corpus: Path,
    draft: Draft,
) -> None:
    """Write merged/, model/ and the parity below draft.path, its numbers into draft.metrics too.

    `trained` is the train stage's artifact; it holds adapter/ or, trained whole, model/. Raises
    InputError before anything is written where base, trained or corpus cannot be merged, padded and
    served as configured, and StageError where a result is not a number.
    """
    source, adapters = _source(config, base, trained)
    group_size = config.group_size
    quantize.check(config)
    check.model(source, group_size, config.tensor_parallel)
    streamed.check(source)
    checkpoint.check_room(source, draft.path, _ROOM)
    calibration = draw(corpus, "train", config.calibration_rows, seed)
    held_out = draw(corpus, "validation", config.parity_rows, seed)
    blocks = quantize.calibration_blocks(calibration, config.calibration_tokens)
    merged, model, work = draft.path / "merged", draft.path / "model", draft.path / "work"
    work.mkdir(exist_ok=True)
    with _steps() as step:
        step(f"merge {len(adapters)} adapters" if adapters[1:] else "merge")
        _once(merged, work, partial(_merge, config, base, source, adapters))
        grouped, packed = merged, work / "packed"
        if pad.intermediate_size(merged) % group_size:
            step(f"pad to the group size {group_size}")
            grouped = work / "grouped"
            _once(grouped, work, lambda target: pad.pad(merged, target, group_size))
        told = _marking(draft.path, step(f"quantize, calibrated on {len(calibration)} rows"))
        quantize.quantize(grouped, packed, blocks, config, seed, told)
        step(f"pad for tensor parallel {config.tensor_parallel}")
        multiple = group_size * config.tensor_parallel
        _once(model, work, lambda target: pad.pad(packed, target, multiple))
        step(f"measure parity on {len(held_out)} held-out rows")
        report = parity.measure(
            source=source,
            adapter=adapters[0][0] if _is_one_whole(config, adapters) else None,
            merged=merged,
            grouped=grouped,
            packed=packed,
            model=model,
            group_size=group_size,
            rows=held_out,
        )
    shutil.rmtree(work)
    (draft.path / UNFINISHED).unlink(missing_ok=True)
    for made, write in ((merged, card.merged), (model, card.packed)):
        prompting.save(made)
        text = write(config, base, adapters, trained, report)
        (made / "README.md").write_text(text, encoding="utf-8")
    (draft.path / "parity.json").write_text(json.dumps(report, indent=2) + "\n")
    page.write(report, draft.path)
    draft.metrics.update({key: value for key, value in report.items() if key != "layers"})
    for warning in page.warnings(report):
        print(f"warning: {warning}", file=sys.stderr)


def _marking(folder: Path, told: quantize.Told) -> quantize.Told:
    """Also note in the folder that it holds layers worth going on from."""

    def both(done: int, layers: int, error: float | None) -> None:
        told(done, layers, error)
        note = {"done": f"layer {done} of {layers} is quantized"}
        if done:
            (folder / UNFINISHED).write_text(json.dumps(note), encoding="utf-8")

    return both


def _once(target: Path, work: Path, make: Callable[[Path], None]) -> None:
    """Make the directory, unless an interrupted run has made the whole of it."""
    if not target.is_dir():
        unfinished = work / f"{target.name}.partial"
        shutil.rmtree(unfinished, ignore_errors=True)
        make(unfinished)
        unfinished.rename(target)


def _merge(
    config: CompressConfig, base: str, source: Path, adapters: list[tuple[Path, float]],
    target: Path,
) -> None:  # fmt: skip
    if adapters:
        merge.merge(source, adapters, target, config.wise_ft)
    elif config.wise_ft < 1:
        merge.interpolate(checkpoint.locate(base), source, target, config.wise_ft)
    else:
        checkpoint.rewrite(source, target, lambda _, tensor: tensor)


def _source(
    config: CompressConfig, base: str, trained: Path
) -> tuple[Path, list[tuple[Path, float]]]:
    """Return the base and its adapters with their weights, or a model trained whole and none."""
    if config.adapters == CompressConfig().adapters and (trained / "model").is_dir():
        return trained / "model", []
    adapters = []
    for adapter in config.adapters:
        own = adapter.path == TRAINED
        path = trained / "adapter" if own else Path(adapter.path).expanduser().absolute()
        if not (path / "adapter_config.json").is_file():
            remedy = "run it again: ecom train RECIPE" if own else "name the directory of a LoRA"
            raise DataError(
                f"compress.adapters: {path} holds no adapter_config.json"
                + (f", and {trained} no model/" if own else "")
                + f"; {remedy}"
            )
        adapters.append((path, adapter.weight))
    return checkpoint.locate(base), adapters


def _is_one_whole(config: CompressConfig, adapters: list[tuple[Path, float]]) -> bool:
    """Say whether what is merged is what peft runs as base + adapter."""
    return len(adapters) == 1 and adapters[0][1] * config.wise_ft == 1


@contextmanager
def _steps() -> Iterator[Callable[[str], quantize.Told]]:
    """Show the step that is running, its layers, and how long each took."""
    from transformers.utils import logging

    bars = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        with progress.bar() as bar:

            def finish() -> None:
                for task in bar.tasks:
                    if not task.finished:
                        bar.update(task.id, total=1, completed=1)

            def step(name: str) -> quantize.Told:
                finish()
                task = bar.add_task(f"compress: {name}", total=None)

                def told(done: int, layers: int, error: float | None) -> None:
                    note = "" if error is None else f"error {error:.3f}"
                    bar.update(task, total=layers, completed=done, unit="layers", note=note)

                return told

            yield step
            finish()
    finally:
        if bars:
            logging.enable_progress_bar()
