"""16-bit checkpoint -> AWQ 4 bit in AutoAWQ's GEMM format, one decoder layer at a time.

AWQ (Lin et al. 2023, https://arxiv.org/abs/2306.00978) scales the channels that the calibration
rows excite before rounding. For each decoder layer:

    rows' states ─► the 16-bit layer ────────────────────► states of the next layer
          └───────► a model of one layer ─► quantizers/ ─► a shard of 4-bit tensors

Memory use is one layer and the rows' states. `compress.effort: fast` gives each layer the 16-bit
model's states, so it is quantized independently. `best` rounds with GPTQ (quantizers/gptq.py) and
gives each layer the states that the 4-bit layers before it make, to correct what they changed. An
interrupted run resumes at its layer.
"""

import shutil
from collections.abc import Callable, Sequence
from functools import partial
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from ecom.compress import awq, checkpoint, one_layer, streamed, worker
from ecom.compress.config import CompressConfig
from ecom.compress.quantizers import QUANTIZERS
from ecom.compress.quantizers.quantizer import Task
from ecom.compress.sample import Row
from ecom.errors import DataError, StageError
from ecom.models import families
from ecom.models.families import EMBEDDING, LAYERS

if TYPE_CHECKING:
    from torch import Tensor

OnStep = Callable[[int, int, float | None], None]
"""Called with the layers done, the layers in all, and the last one's error, None at the start:
‖y₄ − y‖ / ‖y − x‖ of a decoder layer with input x and output y."""

_ERROR_ROWS = 8  # the error of each layer is measured on these


def calibration_blocks(rows: Sequence[Row], tokens: int) -> list[list[int]]:
    """Join the rows and cut them into blocks of `tokens` tokens, no more blocks than rows.

    An incomplete last block is left out, so there are never more than rows × tokens tokens.
    Quantizers silently drop rows shorter than their block, so rows are joined, not padded. If all
    rows together are shorter than one block, they are one block of their length. Raises DataError
    where there are no tokens.
    """
    stream = list(chain.from_iterable(row.prompt + row.response for row in rows))
    length = min(tokens, len(stream))
    if length < 2:
        raise DataError(
            f"the {len(rows)} calibration rows have {length} tokens, at least 2 are needed; "
            "run the corpus stage on rows with text"
        )
    found = [stream[i : i + length] for i in range(0, len(stream) - length + 1, length)]
    return found[: len(rows)]


def quantize(
    source: Path,
    target: Path,
    blocks: Sequence[Sequence[int]],
    config: CompressConfig,
    seed: int,
    on_step: OnStep,
) -> None:
    """Write `source` as an AWQ checkpoint to the directory `target`; resume where it has layers.

    `blocks` are token ids, all rows of one length. `on_step` is called at the start and after every
    layer. Files of `source` other than weights and config.json are copied unchanged. Raises
    DataError where `blocks` are not of the model's vocabulary, StageError when the quantizer fails,
    or has not written the format that vLLM reads as `awq`.
    """
    shape = checkpoint.read_json(source / "config.json")
    _check_words(blocks, shape["vocab_size"])
    work = target / "work"
    if (target / "config.json").is_file():  # it is written last
        shutil.rmtree(work, ignore_errors=True)
        return
    work.mkdir(parents=True, exist_ok=True)
    causal, read = streamed.skeleton(source), streamed.reader(source)
    scale = streamed.embedding_scale(causal)
    layers = len(causal.get_decoder().layers)
    done, states = _saved(work) or (0, streamed.embed(causal, blocks, read))
    on_step(done, layers, None)
    with worker.started(config.quantizer, work / "log.txt") as send:
        for number in range(done, layers):
            tensors = _quantize_layer(source, number, states, scale, work, config, seed, send)
            four_bit = partial(awq.dequantized, tensors.keys(), tensors.__getitem__)
            error, after = _run_both(causal, number, states, read, four_bit, config.effort)
            checkpoint.save(tensors, target / _shard(number + 1, layers + 2))
            states = after
            rows = {str(row): state for row, state in enumerate(states)}
            checkpoint.save(rows, _states(work), layers=str(number + 1))
            on_step(number + 1, layers, error)
    _finish(source, target, shape, layers + 2, config)
    shutil.rmtree(work)


def _check_words(blocks: Sequence[Sequence[int]], words: int) -> None:
    largest = max(map(max, blocks))
    if largest >= words:
        raise DataError(
            f"the calibration rows have token {largest}, but the model has {words}: they were made "
            "with another tokenizer; run the corpus stage with this base"
        )


def _shard(number: int, of: int) -> str:
    return f"model-{number + 1:05}-of-{of:05}.safetensors"


def _states(work: Path) -> Path:
    return work / "states.safetensors"


def _saved(work: Path) -> "tuple[int, list[Tensor]] | None":
    """Return how many layers an earlier run finished, and the states after them."""
    if not _states(work).is_file():
        return None
    with checkpoint.tensors(_states(work)) as file:
        rows = [file.get_tensor(str(row)) for row in range(len(file.keys()))]
        return int(file.metadata()["layers"]), rows


def _quantize_layer(
    source: Path,
    number: int,
    states: "Sequence[Tensor]",
    scale: float,
    work: Path,
    config: CompressConfig,
    seed: int,
    send: worker.Send,
) -> "dict[str, Tensor]":
    group_size = config.group(checkpoint.read_json(source / "config.json"))
    with TemporaryDirectory(dir=work) as temporary:
        model, written = Path(temporary) / "model", Path(temporary) / "written"
        model.mkdir()
        blocks = one_layer.write(source, number, states, model, scale)
        send(
            Task(
                str(model),
                str(written),
                blocks,
                group_size,
                config.iterations,
                seed,
                config.effort,
            )
        )
        found = [file.parent for file in written.rglob("config.json")]
        if len(found) != 1:
            raise StageError(
                f"{written}: {config.quantizer} wrote {len(found)} models, not one; install "
                f"{QUANTIZERS[config.quantizer].package}"
            )
        awq.check(found[0], group_size, QUANTIZERS[config.quantizer].package)
        return one_layer.read(found[0], number)


def _run_both(
    causal: Any,
    number: int,
    states: "list[Tensor]",
    read: streamed.Read,
    four_bit: streamed.Read,
    effort: str,
) -> "tuple[float, list[Tensor]]":
    """Return the layer's error on the first rows, and the states that enter the next layer."""
    rows, some = states, states[:_ERROR_ROWS]
    plain, packed = (some, rows) if effort == "best" else (rows, some)
    after = streamed.run_layer(causal, number, plain, read)
    made = streamed.run_layer(causal, number, packed, four_bit)
    compared = list(zip(some, after, made, strict=False))
    wrong = sum((y4 - y).square().sum().item() for _, y, y4 in compared)
    change = sum((y - x).square().sum().item() for x, y, _ in compared)
    return float((wrong / max(change, 1e-30)) ** 0.5), made if effort == "best" else after


def _finish(
    source: Path, target: Path, shape: dict[str, Any], shards: int, config: CompressConfig
) -> None:
    """Write the tensors before and after the layers, the index, all other files, config.json."""
    files = checkpoint.shard_of(source)
    outside = [name for name in files if not name.startswith(f"{LAYERS}.")]
    before = [name for name in outside if name.startswith(EMBEDDING)]
    for number, names in ((0, before), (shards - 1, [n for n in outside if n not in before])):
        tensors = {n: one_layer.half(n, checkpoint.tensor(files[n], n)) for n in names}
        checkpoint.save(tensors, target / _shard(number, shards))
    index: dict[str, str] = {}
    for number in range(shards):
        with checkpoint.tensors(target / _shard(number, shards)) as file:
            index |= dict.fromkeys(file.keys(), _shard(number, shards))
    size = sum((target / _shard(number, shards)).stat().st_size for number in range(shards))
    checkpoint.copy_files(source, target)
    checkpoint.write_json(
        target / checkpoint.INDEX, {"metadata": {"total_size": size}, "weight_map": index}
    )
    kept = {key: value for key, value in shape.items() if key != "torch_dtype"}
    dtype = "float16" if families.of(shape).float16 else "bfloat16"
    quantization = {
        **awq.quantization_config(config.group(shape)),
        "modules_to_not_convert": ["lm_head"],
    }
    checkpoint.write_json(
        target / "config.json",
        {**kept, "dtype": dtype, "quantization_config": quantization},
    )
