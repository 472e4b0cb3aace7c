"""16-bit checkpoint -> AWQ 4 bit in AutoAWQ's GEMM format, written by auto-round.

AWQ (Lin et al. 2023, https://arxiv.org/abs/2306.00978) scales the channels that the calibration
rows excite before rounding. auto-round finds the scales, one decoder layer at a time, in a process
of its own (auto_round_worker.py says why).
"""

import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from itertools import chain
from pathlib import Path

from ecom.compress import auto_round_worker, checkpoint
from ecom.compress.sample import Row
from ecom.errors import DataError, StageError


def calibration_blocks(rows: Sequence[Row], tokens: int) -> list[list[int]]:
    """Join the rows and cut them into blocks of `tokens` tokens; a rest is left out.

    auto-round drops rows shorter than its block without a word, so rows are joined, not padded.
    Rows that together are shorter than one block make one block of their length. Raises DataError
    where there are no tokens.
    """
    stream = list(chain.from_iterable(row.prompt + row.response for row in rows))
    length = min(tokens, len(stream))
    if length < 2:
        raise DataError(
            f"the {len(rows)} calibration rows hold {length} tokens, 2 are the least; "
            "run the corpus stage on rows with text"
        )
    return [stream[i : i + length] for i in range(0, len(stream) - length + 1, length)]


def quantize(
    source: Path,
    target: Path,
    blocks: Sequence[Sequence[int]],
    group_size: int,
    iterations: int,
    seed: int,
) -> None:
    """Write `source` as an AWQ checkpoint to the new directory `target`.

    Every file of `source` but weights and config.json is copied as it is. Raises StageError when
    auto-round fails, or has not written the format that vLLM reads as `awq`.
    """
    target.mkdir(parents=True)
    work = target / "auto-round"
    work.mkdir()
    _run_worker(
        work,
        {
            "source": str(source),
            "target": str(work / "out"),
            "blocks": blocks,
            "group_size": group_size,
            "iterations": iterations,
            "seed": seed,
        },
    )
    found = [file.parent for file in (work / "out").rglob("config.json")]
    if len(found) != 1:
        raise StageError(f"{work}: auto-round wrote {len(found)} models; run the stage again")
    written = _check_format(found[0], group_size)
    for file in [*checkpoint.shards(found[0]), found[0] / checkpoint.INDEX]:
        if file.is_file():
            file.rename(target / file.name)
    shutil.rmtree(work)
    checkpoint.copy_files(source, target)
    config = checkpoint.read_json(source / "config.json")
    config.pop("torch_dtype", None)
    config |= {"dtype": "float16", "quantization_config": written}
    text = json.dumps(config, indent=2, ensure_ascii=False)
    (target / "config.json").write_text(text + "\n", encoding="utf-8")


def _run_worker(work: Path, request: dict[str, object]) -> None:
    log = work / "log.txt"
    # -P: the worker's siblings in this folder must not hide packages of the same name.
    command = [sys.executable, "-P", auto_round_worker.__file__]
    with (
        log.open("w") as output,
        subprocess.Popen(
            command, cwd=work, stdin=subprocess.PIPE, stdout=output, stderr=output, text=True
        ) as worker,
    ):
        assert worker.stdin is not None
        try:
            worker.stdin.write(json.dumps(request) + "\n")
            worker.stdin.flush()
            code = worker.wait()  # stdin stays open: the worker ends when this process does
        except BrokenPipeError:
            code = worker.wait()
        except BaseException:
            worker.kill()
            raise
    if code:
        raise StageError(
            f"auto-round ended with exit code {code} on {request['source']}. Its last words:\n"
            + log.read_text(errors="replace")[-2000:]
        )


def _check_format(written: Path, group_size: int) -> dict[str, object]:
    """Return AutoAWQ's quantization_config. Raises StageError where auto-round wrote another."""
    config = checkpoint.read_json(written / "config.json").get("quantization_config") or {}
    wanted: dict[str, object] = {
        "quant_method": "awq",
        "bits": 4,
        "group_size": group_size,
        "zero_point": True,
        "version": "gemm",
    }
    wrong = [f"{k}={config.get(k)!r}, not {v!r}" for k, v in wanted.items() if config.get(k) != v]
    if wrong:
        raise StageError(
            f"{written}: this is not AutoAWQ's GEMM format: {'; '.join(wrong)}. "
            "Install the version that this stage was written for: auto-round==0.15.1"
        )
    return {**wanted, "modules_to_not_convert": sorted(config.get("modules_to_not_convert") or [])}
