"""What was trained -> merged/, model/ (padded AWQ 4 bit, what vLLM serves) and parity.md, .json.

    base + adapters ─merge─► merged/ ─(pad to group)─► quantize ─pad to group · tp─► model/

Where the train stage wrote a full model instead of an adapter, merged/ is that model, or WiSE-FT's
mixture of it and the base. Learned weights of several adapters go to weights.json. Adapters kept
apart go to adapters/, padded like model/; merged/ and model/ are then the base alone.

The 16-bit model is padded only as far as the group size requires; the rest is padded in packed
form, where it costs no precision. Nothing here needs Ray: one process on one machine.
"""

import json
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from ecom import chats, progress
from ecom.artifact import UNFINISHED, Draft
from ecom.compress import (
    apart,
    card,
    check,
    checkpoint,
    learn,
    merge,
    pad,
    page,
    parity,
    quantize,
    quantizers,
    room,
    streamed,
)
from ecom.compress.adapters import Weighted, find
from ecom.compress.config import CompressConfig
from ecom.compress.sample import draw
from ecom.forms import Prompting

WEIGHTS = "weights.json"


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

    `trained` is the train stage's artifact, with adapter/, adapters/ or, for full training, model/.
    Raises InputError before anything is written where base, trained or corpus cannot be merged,
    padded and served as configured, and StageError where a result is not a number.
    """
    source, adapters = find(config, base, trained)
    beside = adapters if config.combine.method == "apart" else []
    group_size = config.group(checkpoint.read_json(source / "config.json"))
    quantizers.check(config.quantizer)
    check.model(source, group_size, config.tensor_parallel)
    streamed.check(source)
    if beside:
        apart.check(source, beside)
    calibration = draw(corpus, "train", config.calibration_rows, seed)
    held_out = draw(corpus, "validation", config.parity_rows, seed)
    blocks = quantize.calibration_blocks(calibration, config.calibration_tokens)
    paths = [one.path for one in beside]
    room.check(source, paths, sum(map(len, blocks)), draft.path, config)
    merged, model, work = draft.path / "merged", draft.path / "model", draft.path / "work"
    work.mkdir(exist_ok=True)
    with _steps() as step:
        learned = _learn(config, source, adapters, corpus, seed, draft.path / WEIGHTS, step)
        joined = [] if beside else adapters
        step(f"merge {len(joined)} adapters" if joined[1:] else "merge")
        _once(merged, work, partial(_merge, config, base, source, joined, learned))
        grouped, packed = merged, work / "packed"
        if pad.intermediate_size(merged) % group_size:
            step(f"pad to the group size {group_size}")
            grouped = work / "grouped"
            _once(grouped, work, lambda target: pad.pad(merged, target, group_size))
        on_step = _marking(draft.path, step(f"quantize, calibrated on {len(calibration)} rows"))
        quantize.quantize(grouped, packed, blocks, config, seed, on_step)
        step(f"pad for tensor parallel {config.tensor_parallel}")
        multiple = group_size * config.tensor_parallel
        _once(model, work, lambda target: pad.pad(packed, target, multiple))
        step(f"measure parity on {len(held_out)} held-out rows")
        report = parity.measure(
            source=source,
            adapter=joined[0].path if _is_one_whole(config, joined) else None,
            merged=merged,
            grouped=grouped,
            packed=packed,
            model=model,
            group_size=group_size,
            rows=held_out,
        )
    if beside:
        write_all = partial(apart.write, beside, model=model, base=source)
        _once(draft.path / "adapters", work, write_all)
    shutil.rmtree(work)
    (draft.path / UNFINISHED).unlink(missing_ok=True)
    for made, write in ((merged, card.merged), (model, card.packed)):
        prompting.save(made)
        chats.save_end(made)
        text = write(config, base, adapters, trained, report)
        (made / "README.md").write_text(text, encoding="utf-8")
    (draft.path / "parity.json").write_text(json.dumps(report, indent=2) + "\n")
    page.write(report, draft.path)
    draft.metrics.update({key: value for key, value in report.items() if key != "layers"})
    if learned:
        draft.metrics["learned"] = learned["loss"]
    for warning in page.warnings(report):
        print(f"warning: {warning}", file=sys.stderr)


def merge_share(
    config: CompressConfig,
    share: float,
    *,
    prompting: Prompting,
    base: str,
    trained: Path,
    compressed: Path,
    target: Path,
) -> None:
    """Write merged/ with this share of what was learned in place of compress.wise_ft's.

    Learned weights of several adapters are those of `compressed`, the stage's artifact.
    """
    source, adapters = find(config, base, trained)
    weights = compressed / WEIGHTS
    learned = checkpoint.read_json(weights) if weights.is_file() else {}
    _merge(config.model_copy(update={"wise_ft": share}), base, source, adapters, learned, target)
    prompting.save(target)
    chats.save_end(target)


def _marking(folder: Path, on_step: quantize.OnStep) -> quantize.OnStep:
    """Also note in the folder that it has layers to resume from."""

    def both(done: int, layers: int, error: float | None) -> None:
        on_step(done, layers, error)
        note = {"done": f"layer {done} of {layers} is quantized"}
        if done:
            (folder / UNFINISHED).write_text(json.dumps(note), encoding="utf-8")

    return both


def _once(target: Path, work: Path, make: Callable[[Path], None]) -> None:
    """Make the directory, unless an interrupted run has completed it."""
    if not target.is_dir():
        unfinished = work / f"{target.name}.partial"
        shutil.rmtree(unfinished, ignore_errors=True)
        make(unfinished)
        unfinished.rename(target)


def _learn(
    config: CompressConfig,
    source: Path,
    adapters: list[Weighted],
    corpus: Path,
    seed: int,
    file: Path,
    step: Callable[..., quantize.OnStep],
) -> Mapping[str, Any]:
    """Return weights.json, from an interrupted run if there; {} where no weights are learned."""
    if config.combine.method != "learned":
        return {}
    if not file.is_file():
        rows = draw(corpus, "train", config.combine.rows, seed)
        name = f"learn the weights of {len(adapters)} adapters on {len(rows)} rows"
        on_step = step(name, unit="steps", number="loss")
        learn.write(learn.learn(source, adapters, rows, config.combine, seed, on_step), file)
    return checkpoint.read_json(file)


def _merge(
    config: CompressConfig,
    base: str,
    source: Path,
    adapters: list[Weighted],
    learned: Mapping[str, Any],
    target: Path,
) -> None:
    if adapters:
        pairs = [(one.path, one.weight) for one in adapters]
        merge.merge(source, pairs, target, config.wise_ft, learned.get("weights"))
    elif config.wise_ft < 1:
        merge.interpolate(checkpoint.locate(base), source, target, config.wise_ft)
    else:
        checkpoint.rewrite(source, target, lambda _, tensor: tensor)


def _is_one_whole(config: CompressConfig, adapters: list[Weighted]) -> bool:
    """Whether the merged model is what peft runs as base + adapter."""
    return len(adapters) == 1 and adapters[0].weight * config.wise_ft == 1


@contextmanager
def _steps() -> Iterator[Callable[..., quantize.OnStep]]:
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

            def step(name: str, unit: str = "layers", number: str = "error") -> quantize.OnStep:
                finish()
                task = bar.add_task(f"compress: {name}", total=None)

                def on_step(done: int, layers: int, error: float | None) -> None:
                    note = "" if error is None else f"{number} {error:.3f}"
                    bar.update(task, total=layers, completed=done, unit=unit, note=note)

                return on_step

            yield step
            finish()
    finally:
        if bars:
            logging.enable_progress_bar()
