"""Settings of the corpus stage."""

import codecs
from difflib import get_close_matches
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, field_validator, model_validator

from ecom.corpus.synthesize.config import Synthesis
from ecom.rows import Skill
from ecom.settings import Settings

Format = Literal[
    "sample_shop",
    "shopbench",
    "ecinstruct",
    "ecominstruct",
    "chat",
    "esci",
    "amazon_m2_products",
    "amazon_m2_sessions",
    "amazon_meta",
    "amazon_reviews",
    "shop_products",
    "shop_reviews",
    "shop_queries",
    "shop_dialogues",
    "shop_sessions",
    "ner",
    "qa",
    "labels",
    "pairs",
    "dialogues",
    "summaries",
    "rewrites",
]
ABOUT: dict[Format, str] = {
    "sample_shop": "`path: sample`: the tables that the quickstart stage made",
    "shopbench": "ShopBench's development format: input_field, output_field, task_type, metric",
    "ecinstruct": "eCeLLM's ten tasks: split, task, instruction, input, options, output",
    "ecominstruct": "EcomInstruct's task folders (meta-info.json, test.json): its TEST rows",
    "chat": "Alpaca (instruction, input, output), ShareGPT (conversations) or messages",
    "esci": "Amazon's shopping queries with judged products; `products` is the second table",
    "amazon_m2_products": "KDD Cup 2023's products",
    "amazon_m2_sessions": "KDD Cup 2023's sessions; `products` is the second table",
    "amazon_meta": "Amazon Reviews 2023: products (meta)",
    "amazon_reviews": "Amazon Reviews 2023: reviews; `products` may name the meta file",
    "shop_products": "a shop's own products: id, title, brand, category, description, price, …",
    "shop_reviews": "a shop's own reviews: title, text, rating; product_id leads to `products`",
    "shop_queries": "a shop's own queries; judged ones: product_id, relevance, and `products`",
    "shop_dialogues": "a shop's own dialogues: turns, intent",
    "shop_sessions": "a shop's own sessions: viewed, next; `products` is the second table",
    "ner": "labelled entities: CoNLL columns (.conll, .bio, .txt); tokens, tags; or text, spans",
    "qa": "labelled questions: context, question, answers; or SQuAD's data, paragraphs, qas",
    "labels": "labelled texts: text and label, or text and labels (several)",
    "pairs": "labelled pairs of texts: first, second and label, or first, second and score",
    "dialogues": "labelled dialogues: session, role, text, intent; or SGD's dialogue_id, turns",
    "summaries": "texts with summaries: text, summary",
    "rewrites": "search queries put better: query, rewritten",
}
# Our names of the columns of an ordinary labelled set. A row has to have those of one group.
SHAPES: dict[Format, tuple[tuple[str, ...], ...]] = {
    "ner": (("tokens", "tags"), ("text", "spans")),
    "qa": (("question", "answers"),),
    "labels": (("text", "label"), ("text", "labels")),
    "pairs": (("first", "second", "label"), ("first", "second", "score")),
    "dialogues": (("session", "role", "text"), ("dialogue_id", "turns")),
    "summaries": (("text", "summary"),),
    "rewrites": (("query", "rewritten"),),
}
ALSO: dict[Format, tuple[str, ...]] = {
    **dict.fromkeys(SHAPES, ("id", "lang")),
    "qa": ("id", "lang", "context", "is_impossible"),
    "dialogues": ("lang", "intent"),
}
HAS_LABELS: tuple[Format, ...] = ("ner", "labels", "pairs", "dialogues")
NEEDS_PRODUCTS: tuple[Format, ...] = ("amazon_m2_sessions", "esci", "shop_sessions")
Column = Literal[
    "source", "task", "skill", "paradigm", "form", "lang", "label", "transform", "difficulty"
]
Share = Annotated[float, Field(gt=0, le=1)]


def _key(found: object) -> str:
    """Return a label's id as a text: YAML reads 1 as a number, true and yes as a boolean."""
    return str(found).lower() if isinstance(found, bool) else str(found)


Key = Annotated[str, BeforeValidator(_key)]


class Transforms(Settings):
    """Which Chain-of-Task transforms run: those that fit every list given (`ecom corpus --list`).

    Those that recombine records take them from one source: rows of two sources never meet.
    """

    names: tuple[str, ...] = ()
    """Transforms to run; a name may end in *, as "simplify:*", and ["*"] is all. []: none."""
    without: tuple[str, ...] = ()
    """Transforms to leave out of those, written like `names`."""
    paradigms: tuple[Literal["CLS", "EXT", "GEN", "OTHER"], ...] | None = None
    """Only transforms of these paradigms: classification, extraction, generation, other. null:
    all."""
    skills: tuple[Literal["concepts", "reasoning", "behavior", "multilingual"], ...] | None = None
    """Only rows of these ShopBench skills; null: all."""
    langs: tuple[str, ...] | None = None
    """Only records in these languages, by ISO 639-1 code; null: all."""
    per_record: int | None = Field(default=None, ge=1)
    """Rows made of one record, at most, by transforms drawn at random; null: no limit. [rows]"""


class Source(Settings):
    """One set of raw rows."""

    format: Format
    """What the rows look like. All but sample_shop and ecominstruct take JSON lines, a JSON array,
    CSV or Parquet, plain or .gz."""
    path: str
    """A file, a folder of files, or a URL that pyarrow or fsspec reads; `sample` for the shop that
    the quickstart made."""
    products: str | None = None
    """Second table, which product ids lead to; some formats need it."""
    columns: dict[str, str] = Field(default={})
    """Column names: ecom's name to the table's own. For shop_… formats also `attributes.NAME`, a
    further attribute, and `products.NAME`, a column of the second table. {}: they are ecom's."""
    name: str | None = None
    """Name of the set on the data card and in the rows; null: the file's name."""
    license: str | None = None
    """Licence of the set, for the data card."""
    lang: str | None = None
    """Language of all rows, by ISO 639-1 code; null: the row's own, else detected."""
    encoding: str | None = None
    """Encoding of text files, as cp1250; null: detected (UTF or Windows-1252)."""
    delimiter: str | None = Field(default=None, min_length=1, max_length=1)
    """Character between the cells of CSV and TSV files; null: detected."""
    limit_rows: int | None = Field(default=None, ge=1)
    """Rows that are read, drawn at random; null: all. [rows]"""
    transforms: Transforms | None = None
    """Transforms of this source, in place of corpus.transforms; {}: none."""
    task: str | None = None
    """For a labelled set: name of its task; null: the file's name."""
    description: str | None = None
    """For a labelled set: description of its task, above its prompts; null: a general one."""
    labels: tuple[str, ...] | dict[Key, str] = ()
    """For a labelled set: all its labels in order of their ids, or a mapping of id to name. []: as
    they stand in the rows."""

    @field_validator("encoding")
    @classmethod
    def _one_spelling(cls, encoding: str | None) -> str | None:
        """Return Python's name of the encoding: utf-8 for UTF8."""
        if encoding is None:
            return None
        try:
            "a".encode(encoding)  # base64 is none of texts
            codecs.getincrementaldecoder(encoding)("surrogateescape").decode(b"a\n")
            return codecs.lookup(encoding).name
        except (LookupError, TypeError, ValueError):
            raise ValueError(
                f"encoding {encoding!r} is none of texts that Python reads; name one as utf-8, "
                "cp1250, utf-16-le or shift_jis"
            ) from None

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.format in NEEDS_PRODUCTS and not self.products:
            raise ValueError(f"format {self.format} needs `products`, the table of its products")
        if self.format in SHAPES:
            self._check_columns()
        elif self.columns and not self.format.startswith("shop_"):
            raise ValueError(f"`columns` is not for {self.format}, which has its own names")
        unused = [name for name in ("task", "description") if getattr(self, name)]
        if unused and self.format not in SHAPES:
            raise ValueError(
                f"`{unused[0]}` is for labelled sets ({', '.join(SHAPES)}), not for {self.format}"
            )
        if self.labels and self.format not in HAS_LABELS:
            raise ValueError(f"`labels` is for {', '.join(HAS_LABELS)}, not for {self.format}")
        return self

    def _check_columns(self) -> None:
        groups = SHAPES[self.format]
        names = list(dict.fromkeys([*(n for group in groups for n in group), *ALSO[self.format]]))
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

    `description` and `constraint` hold for every row that has these as parts of their own, also of
    a source or a teacher; not for a chat's system message, which may hold the task itself.
    """

    language: Literal["own", "de", "en", "es", "fr", "it", "ja", "zh"] = "en"
    """Language of the instructions that transforms write; own: that of the row, English where it
    has no wording."""
    description: bool = True
    """Rows say what their task is about."""
    constraint: bool = True
    """Rows say how the answer must be written."""
    variety: Literal["diverse", "one_per_paradigm"] = "diverse"
    """Wordings of transforms. diverse: several for each, drawn at random. one_per_paradigm: one
    sentence for all transforms of a paradigm."""

    @model_validator(mode="before")
    @classmethod
    def _check(cls, given: Any) -> Any:
        if isinstance(given, dict) and "detail" in given:
            raise ValueError("`detail` is no setting any more; set `description` and `constraint`")
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
    """What the judge reads of a prompt and its answer; the rest is cut off. [tokens]"""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.by == "classifier" and not (self.model and self.good_label):
            raise ValueError("by: classifier needs `model` and the `good_label` of it")
        return self


class Dedupe(Settings):
    """Which repeated rows are left out. The first one stays, in the order of the sources."""

    exact: bool = True
    """Leave out rows whose question and answer came before."""
    near: Share | None = None
    """Leave out rows that are at least this similar to an earlier one (Jaccard similarity), as 0.9;
    null: none."""


class Cap(Settings):
    """A limit to the rows of each value of a column, or of one value."""

    by: Column
    """Column of the rows that is counted by."""
    value: str | None = None
    """The one value that is limited; null: each value is."""
    rows: int = Field(ge=0)
    """Rows that are taken, at most. [rows]"""


class Weight(Settings):
    """The share that rows with a value have of the corpus, by leaving out others."""

    by: Column
    """Column of the rows that holds the value."""
    value: str
    """Value whose rows get the share."""
    share: Share
    """Share of the whole corpus."""


class Mix(Settings):
    """Which rows of the clean ones are taken: first the tasks, then caps in order, then weights.

    With the same seed a smaller corpus is part of a larger one: of fewer `tasks` and a smaller cap
    by task, where nothing else is set; of fewer `rows`, where all else is the same.
    """

    tasks: int | None = Field(default=None, ge=1)
    """Tasks that are kept, drawn at random; null: all. [tasks]"""
    caps: tuple[Cap, ...] = ()
    """Limits to single values, applied in order."""
    weights: tuple[Weight, ...] = ()
    """Shares of single values; the rest of the rows has the rest."""
    rows: int | None = Field(default=None, ge=1)
    """Rows of the whole corpus, at most; null: no limit. [rows]"""


class CorpusConfig(Settings):
    """Raw sources -> rendered, tokenized Parquet shards."""

    sources: tuple[Source, ...] = Field(min_length=1)
    """Sets of raw rows, read in order."""
    transforms: Transforms = Transforms()
    """Chain-of-Task transforms that make further rows of the records; by default none."""
    wording: Wording = Wording()
    """How instructions are worded."""
    skill: dict[str, Skill] | None = None
    """Task name, which may hold *: the ShopBench skill of its rows, where the source gives none,
    and of a labelled set's own rows. Other tasks have the skill of the known task of the same name,
    if there is one."""
    synthesis: Synthesis | None = None
    """Rows that a teacher model writes; null: none."""
    clean: Clean = Clean()
    """Limits that a row must keep."""
    quality: Quality | None = None
    """A model that judges every row; null: none does."""
    dedupe: Dedupe = Dedupe()
    """Which repeated rows are left out."""
    without: tuple[str, ...] = ()
    """Evaluation files; rows that overlap with theirs are left out."""
    review: str | tuple[str, ...] | None = None
    """File of verdicts from a page of `ecom corpus --review`, or several in order of the rounds.
    Rejected rows are left out; a later verdict on a row replaces an earlier one."""
    max_rejected: float | None = Field(default=None, ge=0, lt=1)
    """Share of a source's reviewed rows that may be rejected; where more are, the whole source is
    left out. null: none is."""
    mix: Mix = Mix()
    """Which of the clean rows are taken; by default all."""
    max_tokens: int = Field(default=1024, ge=16)
    """Rows whose prompt and answer together are longer are rejected. [tokens]"""
    validation_fraction: float = Field(default=0.02, ge=0, lt=0.5)
    """Share of the rows that are held out for validation."""
    rows_per_shard: int = Field(default=10_000, ge=1)
    """Rows of one Parquet file, at most. [rows]"""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.max_rejected is not None and not self.review:
            raise ValueError("max_rejected needs `review`, the verdicts that it is about")
        return self

    @property
    def review_files(self) -> tuple[str, ...]:
        """The files of verdicts, in the order of the rounds."""
        return (self.review,) if isinstance(self.review, str) else self.review or ()
