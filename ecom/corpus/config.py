"""Settings of the corpus stage."""

from collections.abc import Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from ecom.corpus.formats import FORMATS
from ecom.corpus.source import RawSource, Transforms
from ecom.corpus.synthesize.config import Synthesis
from ecom.rows import Skill
from ecom.settings import Settings

if TYPE_CHECKING:
    FormatName = str
else:
    FormatName = Literal[*FORMATS]  # so that the error for a wrong one lists them
Column = Literal[
    "source", "task", "skill", "paradigm", "form", "lang", "label", "transform", "difficulty"
]
Share = Annotated[float, Field(gt=0, le=1)]


class Source(RawSource):
    """One set of raw rows."""

    format: FormatName
    """Format of the rows. All but sample_shop and ecominstruct read JSON lines, a JSON array, CSV
    or Parquet, plain, .gz or in a .zip."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        format_ = FORMATS[self.format]
        if format_.products and format_.products.required and not self.products:
            raise ValueError(f"format {self.format} needs `products`, the table of its products")
        if self.columns and not format_.columns:
            raise ValueError(f"`columns` is not for {self.format}, which has its own names")
        if format_.labelled:
            self._check_columns(format_.names)
        elif self.task or self.description:
            named = ", ".join(name for name, one in FORMATS.items() if one.labelled)
            key = "task" if self.task else "description"
            raise ValueError(f"`{key}` is for labelled sets ({named}), not for {self.format}")
        if self.labels and not format_.has_labels:
            named = ", ".join(name for name, one in FORMATS.items() if one.has_labels)
            raise ValueError(f"`labels` is for {named}, not for {self.format}")
        return self

    def _check_columns(self, names: Sequence[str]) -> None:
        faults = [
            f"columns.{name}: not a name of {self.format} (near: {', '.join(near) or 'none'})"
            for name in self.columns
            if name not in names
            for near in [get_close_matches(name, names, n=1)]
        ]
        if faults:
            raise ValueError(f"{'; '.join(faults)}; its names are {', '.join(names)}")


class Wording(Settings):
    """How instructions are worded: the switches of EcomGPT's prompt studies.

    `description` and `constraint` apply to every row that has these as separate parts, also from a
    source or a teacher; not to a chat's system message, which may contain the task itself.
    """

    language: Literal["own", "de", "en", "es", "fr", "it", "ja", "zh"] = "en"
    """Language of the instructions that transforms write; own: the row's, or English where it has
    no wording."""
    description: bool = True
    """Rows include a description of their task."""
    constraint: bool = True
    """Rows include a rule of how the answer must be written."""
    variety: Literal["diverse", "one_per_paradigm"] = "diverse"
    """Wordings of transforms. diverse: several for each, drawn at random. one_per_paradigm: one
    sentence for all transforms of a paradigm."""

    @model_validator(mode="before")
    @classmethod
    def _check(cls, given: Any) -> Any:
        if isinstance(given, dict) and "detail" in given:
            raise ValueError("`detail` is no longer a setting; set `description` and `constraint`")
        return given


class Clean(Settings):
    """Rules that a row must pass."""

    max_prompt_chars: int = Field(default=20_000, ge=1)
    """Rows with a longer prompt are rejected. [characters]"""
    max_output_chars: int = Field(default=5_000, ge=1)
    """Rows with a longer answer are rejected. [characters]"""


class Quality(Settings):
    """A model's judgement of every row."""

    by: Literal["classifier", "base_loss"]
    """classifier: probability of `good_label` by `model`. base_loss: how much the prompt helps the
    base model with the answer, 1 minus the answer's mean loss after the prompt over its mean loss
    alone."""
    model: str | None = None
    """Directory or hub name of the judge. For classifier: what transformers loads as
    AutoModelForSequenceClassification, or a sentence encoder with a linear head as SetFit trains
    it, the head in model_head.safetensors (`weight`, `bias`), its labels in config_setfit.json;
    SetFit's own model_head.pkl is a pickle and is refused. For base_loss: null is the base."""
    good_label: str | None = None
    """For classifier: the label of good rows."""
    keep_above: float = 0.0
    """Rows with a lower score are rejected."""
    max_tokens: int = Field(default=512, ge=16)
    """The most tokens of a prompt and its answer that the judge reads; the rest is cut. [tokens]"""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.by == "classifier" and not (self.model and self.good_label):
            raise ValueError("by: classifier needs `model` and the `good_label` of it")
        return self


class Dedupe(Settings):
    """Which repeated rows are left out. The first one stays, in the order of the sources."""

    exact: bool = True
    """Leave out rows with the question and answer of an earlier row."""
    near: Share | None = None
    """Leave out rows that are at least this similar to an earlier one (Jaccard similarity), as 0.9;
    null: none."""


class Cap(Settings):
    """A limit on the rows of each value of a column, or of one value."""

    by: Column
    """Column whose values are counted."""
    value: str | None = None
    """The only value that is limited; null: each value."""
    rows: int = Field(ge=0)
    """The most rows that are taken. [rows]"""


class Weight(Settings):
    """The share of the corpus for rows with a value, reached by leaving out other rows."""

    by: Column
    """Column of the value."""
    value: str
    """Value whose rows get the share."""
    share: Share
    """Share of the whole corpus."""


class Mix(Settings):
    """Which rows of the clean ones are taken: first the tasks, then caps in order, then weights.

    With the same seed a smaller corpus is part of a larger one: with fewer `tasks` and a smaller
    cap by task, if nothing else is set; with fewer `rows`, if all else is the same.
    """

    tasks: int | None = Field(default=None, ge=1)
    """Tasks that are kept, drawn at random; null: all. [tasks]"""
    caps: tuple[Cap, ...] = ()
    """Limits to single values, applied in order."""
    weights: tuple[Weight, ...] = ()
    """Shares of single values; other rows have the rest."""
    rows: int | None = Field(default=None, ge=1)
    """The most rows of the whole corpus; null: no limit. [rows]"""


class CorpusConfig(Settings):
    """Raw sources -> rendered, tokenized Parquet shards."""

    sources: tuple[Source, ...] = Field(min_length=1)
    """Sets of raw rows, read in order."""
    transforms: Transforms = Transforms()
    """Chain-of-Task transforms that make further rows from the records; by default none."""
    wording: Wording = Wording()
    """How instructions are worded."""
    skill: dict[str, Skill] | None = None
    """Task name, which may hold *: the ShopBench skill of its rows, where the source gives none,
    and of a labelled set's own rows. Other tasks have the skill of the known task of the same name,
    if there is one."""
    synthesis: Synthesis | None = None
    """Rows that a teacher model writes; null: none."""
    clean: Clean = Clean()
    """Limits that a row must meet."""
    quality: Quality | None = None
    """A model that judges every row; null: none does."""
    dedupe: Dedupe = Dedupe()
    """Which repeated rows are left out."""
    without: tuple[str, ...] = ()
    """Evaluation files; rows that overlap with theirs are left out."""
    review: str | tuple[str, ...] | None = None
    """File of verdicts from a page of `ecom corpus --review`, or several in order of the rounds.
    Rejected rows are left out; a later verdict on a row replaces an earlier one."""
    max_rejected: float = Field(default=0.2, ge=0, le=1)
    """Share of a source's rows, and of its `products`, that may be rejected as they are read; where
    more are, the stage ends with an error that counts the reasons. 1: all."""
    max_rejected_in_review: float | None = Field(default=None, ge=0, lt=1)
    """Share of a source's reviewed rows that may be rejected; where more are, the whole source is
    left out. null: none is."""
    mix: Mix = Mix()
    """Which of the clean rows are taken; by default all."""
    max_tokens: int = Field(default=1024, ge=16)
    """Rows whose prompt and answer together are longer are rejected. [tokens]"""
    validation_fraction: float = Field(default=0.02, ge=0, lt=0.5)
    """Share of the rows that are held out for validation."""
    rows_per_shard: int = Field(default=10_000, ge=1)
    """The most rows of one Parquet file. [rows]"""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.max_rejected_in_review is not None and not self.review:
            raise ValueError("max_rejected_in_review needs `review`, the file of the verdicts")
        return self

    @property
    def review_files(self) -> tuple[str, ...]:
        """The files of verdicts, in the order of the rounds."""
        return (self.review,) if isinstance(self.review, str) else self.review or ()
