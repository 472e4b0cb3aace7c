"""The interface of a quantizer."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Task:
    """One model of one decoder layer (one_layer.py) to quantize.

    source      the model's directory
    target      a directory, somewhere below which the quantized model is written
    blocks      token ids to calibrate on, all rows of one length
    iterations  tuning steps, 0 where there is no tuning
    effort      compress.effort: fast or best
    """

    source: str
    target: str
    blocks: list[list[int]]
    group_size: int
    iterations: int
    seed: int
    effort: str = "fast"


def nothing() -> str:
    """Return "": nothing prevents a quantizer from running here."""
    return ""


@dataclass(frozen=True)
class Quantizer:
    """A library that quantizes a whole model in memory to AutoAWQ's GEMM format.

    awq.py checks that format and reads it back, whichever library wrote it.

    package    the supported version, as pip names it
    module     the module to import
    install    the command that installs it
    quantize   carries out a task, in the process of worker.py
    tunes      whether it uses `compress.iterations` and has a `compress.effort` of best
    refusal    returns why it cannot run on this machine, and what to do; or ""
    """

    package: str
    module: str
    install: str
    quantize: Callable[[Task], None]
    tunes: bool = False
    refusal: Callable[[], str] = nothing
