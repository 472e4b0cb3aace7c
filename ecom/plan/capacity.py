"""Whether an adapter is large enough for what it is to learn.

An adapter that has fewer weights than the answers have tokens learns more slowly than all weights
would; with as many it learns as fast, at any rank from there (Schulman and Thinking Machines Lab,
"LoRA Without Regret", 2025). The same work found that adapters on every linear layer learn more
than larger ones on some, and that their best learning rate is about ten times that of training all
weights, whatever the rank.
"""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ecom.plan import outline
from ecom.recipe import Recipe

if TYPE_CHECKING:
    from transformers import PretrainedConfig


@dataclass(frozen=True)
class Capacity:
    """The adapter of a recipe beside its corpus.

    weights         of the adapter
    answer_tokens   of the training rows' answers
    rank            the recipe's
    least_rank      the smallest power of 2 with a weight for each answer token
    every_layer     whether every linear layer has a part of the adapter
    """

    weights: int
    answer_tokens: int
    rank: int
    least_rank: int
    every_layer: bool

    def to_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        return asdict(self)


def plan(config: "PretrainedConfig", recipe: Recipe) -> Capacity | None:
    """Return it; None without an adapter, with several, or before the corpus is made."""
    train = recipe.train
    if train.method == "full" or train.per is not None:
        return None
    tokens = _answer_tokens(Path(recipe.workdir) / "corpus" / "train")
    if not tokens:
        return None
    weights = outline.parameters(config, train).trained
    rank = 1
    while rank * weights < tokens * train.rank:  # an adapter grows with its rank
        rank *= 2
    return Capacity(weights, tokens, train.rank, rank, train.target_modules == "all-linear")


def lines(found: Capacity) -> list[tuple[str, str]]:
    """Return the rows of the table: the adapter's size, and what to change."""
    enough = found.rank >= found.least_rank
    remedy = "enough" if enough else f"train.rank={found.least_rank} would be enough"
    shown = [
        ("weights", f"{found.weights:,} at rank {found.rank}"),
        ("tokens of answers to learn", f"{found.answer_tokens:,}: {remedy}"),
    ]
    if not found.every_layer:
        better = "train.target_modules=all-linear learns more at the same size"
        shown.append(("layers", f"some; {better}"))
    return shown


def _answer_tokens(folder: Path) -> int:
    """Return the tokens of all training rows' answers; 0 where there is no corpus."""
    import pyarrow.compute as pc
    import pyarrow.dataset as ds

    if not any(folder.glob("*.parquet")):
        return 0
    batches = ds.dataset(folder, format="parquet").to_batches(columns=["response_ids"])
    return sum(
        pc.sum(pc.list_value_length(batch["response_ids"])).as_py() or 0 for batch in batches
    )
