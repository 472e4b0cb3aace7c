"""Which adapter answers a question: the one trained on the rows of its skill, task or form.

    compress/adapters/VALUE/     loaded beside compress/model by vLLM, several in one batch

A question without a value, or whose value has no adapter, goes to `otherwise`: an adapter, or the
base alone. The form is always known: where the question does not name it, it is inferred.
"""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from urllib.parse import unquote

from ecom.errors import InputError
from ecom.predict.config import ADAPTERS_AT_ONCE
from ecom.rows import Query

ROUTED = ("skill", "task", "form")  # the columns that a question can name
BASE = "base"
_RANKS = (8, 16, 32, 64, 128, 256, 320, 512)  # those of vLLM's LoRAConfig


@dataclass(frozen=True)
class Routes:
    """The adapters by the value of `column`; `otherwise` is one of them, or None for the base."""

    column: Literal["skill", "task", "form"]
    adapters: dict[str, Path]
    otherwise: str | None = None

    def of(self, query: Query) -> str | None:
        """Return the value whose adapter answers the question, or None for the base."""
        value: str | None = getattr(query, self.column)
        return value if value in self.adapters else self.otherwise

    def engine_settings(self) -> dict[str, Any]:
        """Return vLLM's settings for these adapters."""
        count, rank = len(self.adapters), max(map(_rank, self.adapters.values()))
        return {
            "enable_lora": True,
            "max_loras": min(count, ADAPTERS_AT_ONCE),
            "max_cpu_loras": count,
            "max_lora_rank": next(allowed for allowed in _RANKS if rank <= allowed),
        }

    def request(self, query: Query) -> Any:
        """Return vLLM's LoRARequest for a question, or None."""
        from vllm.lora.request import LoRARequest

        if (value := self.of(query)) is None:
            return None
        number = list(self.adapters).index(value) + 1
        return LoRARequest(value, number, str(self.adapters[value]))

    def counts(self, queries: Iterable[Query]) -> dict[str, int]:
        """Return how many questions go to each adapter and to the base."""
        return dict(sorted(Counter(self.of(query) or BASE for query in queries).items()))


def find(folder: Path, column: str, otherwise: str | None) -> Routes:
    """Return the routes to the adapters below `folder`.

    Raises InputError where there are none, or `otherwise` is none of them.
    """
    adapters = {unquote(path.name): path for path in sorted(folder.glob("*/"))}
    if not adapters:
        raise InputError(
            f"predict.models names adapters, but {folder} has none; run the compress stage with "
            "compress.combine.method=apart"
        )
    if otherwise is not None and otherwise not in adapters:
        raise InputError(
            f"predict.default_adapter {otherwise!r} is not one of {', '.join(adapters)}; name one, "
            "or leave it out for the base"
        )
    assert column in ROUTED
    return Routes(column, adapters, otherwise)  # type: ignore[arg-type]


def _rank(adapter: Path) -> int:
    config = json.loads((adapter / "adapter_config.json").read_text(encoding="utf-8"))
    ranks: list[int] = [config["r"], *(config.get("rank_pattern") or {}).values()]
    return max(ranks)
