"""The libraries that quantize: each has a module with its QUANTIZER, and a line here."""

import importlib.util
from typing import Literal

from ecom.compress.quantizers import autoawq, autoround
from ecom.compress.quantizers.quantizer import Quantizer
from ecom.errors import InputError

Name = Literal["auto-round", "autoawq"]

QUANTIZERS: dict[Name, Quantizer] = {
    "auto-round": autoround.QUANTIZER,
    "autoawq": autoawq.QUANTIZER,
}


def check(name: Name) -> None:
    """Raise InputError where the quantizer cannot run here."""
    one = QUANTIZERS[name]
    if why := one.refusal():
        raise InputError(f"compress.quantizer: {name} {why}")
    if not importlib.util.find_spec(one.module):
        raise InputError(f"compress.quantizer: {name} is not installed; {one.install}")
