"""Settings of the corpus stage."""

import codecs
from difflib import get_close_matches
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from ecom.corpus.synthesize.config import Synthesis
from ecom.rows import Skill

Format = Literal[
    "sample_shop", "shopbench", "ecinstruct", "ecominstruct", "chat", "esci",
    "amazon_m2_products", "amazon_m2_sessions", "amazon_meta", "amazon_reviews",
    "shop_products", "shop_reviews", "shop_queries", "shop_dialogues",
    "shop_sessions",
    "ner", "qa", "labels", "pairs", "dialogues", "summaries", "rewrites",
]  # fmt: skip
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


class Transforms(BaseModel):
    """Which Chain-of-Task transforms run: those that fit every list given (`ecom corpus --list`).

    The default is none; `names: ["*"]` is all of them. `names` may end in *, as "simplify:*".
    Those that recombine records take them from one source: rows of two sources never meet.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    names: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    paradigms: tuple[Literal["CLS", "EXT", "GEN", "OTHER"], ...] | None = None
    skills: tuple[Literal["concepts", "reasoning", "behavior", "multilingual"], ...] | None = None
    langs: tuple[str, ...] | None = None
    per_record: int | None = Field(default=None, ge=1, description="at most so many of a record")


class Source(BaseModel):
    """One set of raw rows: a file, a folder of files, or a URL that pyarrow or fsspec reads.

    `ABOUT` says what each format reads; all but sample_shop and ecominstruct take JSON lines, a
    JSON array, CSV or Parquet, plain or .gz. In a shop_… format `columns` maps our names to the
    table's own, `attributes.NAME` to further ones, `products.NAME` to those of the second table;
    in a labelled set (`SHAPES`) it maps our names to the set's own.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Format
    path: str
    products: str | None = Field(default=None, description="the table that product ids lead to")
    columns: dict[str, str] = Field(default={}, description="our column: the table's own")
    name: str | None = Field(default=None, description="of the set, on the data card")
    license: str | None = Field(default=None, description="for the data card")
    lang: str | None = Field(default=None, description="of all rows; else given or detected")
    encoding: str | None = Field(
        default=None, description="of text files, as cp1250; else detected: UTF or Windows-1252"
    )
    delimiter: str | None = Field(
        default=None, min_length=1, max_length=1, description="of CSV and TSV; else detected"
    )
    limit_rows: int | None = Field(default=None, ge=1, description="a random draw of so many rows")
    transforms: Transforms | None = Field(
        default=None, description="of this source, in place of corpus.transforms; {}: none"
    )
    task: str | None = Field(default=None, description="what a labelled set's task is called")
    description: str | None = Field(default=None, description="of that task, above its prompts")
    labels: tuple[str, ...] | dict[Key, str] = Field(
        default=(), description="of a labelled set: all, in order of their ids; or id: name"
    )

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


class Wording(BaseModel):
    """How instructions are put: the switches of EcomGPT's prompt studies.

    `language` and `variety` are for the words that transforms are put into. `description` and
    `constraint` hold for every row that has these as parts of their own: also for those of a
    source or a teacher. Not for a chat's system message, which may hold the task itself.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    language: Literal["own", "de", "en", "es", "fr", "it", "ja", "zh"] = Field(
        default="en", description="own: the row's language, English where it has no wording"
    )
    description: bool = Field(default=True, description="rows say what their task is about")
    constraint: bool = Field(default=True, description="rows say how the answer is to be written")
    variety: Literal["diverse", "one_per_paradigm"] = "diverse"

    @model_validator(mode="before")
    @classmethod
    def _check(cls, given: Any) -> Any:
        if isinstance(given, dict) and "detail" in given:
            raise ValueError("`detail` is no setting any more; set `description` and `constraint`")
        return given


class Clean(BaseModel):
    """Rules that a row must pass."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    max_prompt_chars: int = Field(default=20_000, ge=1)
    max_output_chars: int = Field(default=5_000, ge=1)


class Quality(BaseModel):
    """A model's judgement of every row; rows below `keep_above` are rejected.

    classifier    probability of `good_label` by `model`, a directory or hub name: what
                  transformers loads as AutoModelForSequenceClassification, or a sentence encoder
                  with a linear head, as SetFit trains it: the head in model_head.safetensors
                  (`weight`, `bias`), its labels in config_setfit.json. SetFit's own
                  model_head.pkl is a pickle and is refused
    base_loss     how much the prompt helps the base model with the response: 1 minus the response's
                  mean loss after the prompt over its mean loss alone
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    by: Literal["classifier", "base_loss"]
    model: str | None = Field(default=None, description="the classifier; for base_loss: the base")
    good_label: str | None = None
    keep_above: float = 0.0
    max_tokens: int = Field(default=512, ge=16)

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.by == "classifier" and not (self.model and self.good_label):
            raise ValueError("by: classifier needs `model` and the `good_label` of it")
        return self


class Dedupe(BaseModel):
    """Which repeated rows go. The first one stays, in the order of the sources."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    exact: bool = True
    near: Share | None = Field(default=None, description="Jaccard similarity from which, as 0.9")


class Cap(BaseModel):
    """At most so many rows of each value of a column, or of the one named."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    by: Column
    value: str | None = None
    rows: int = Field(ge=0)


class Weight(BaseModel):
    """The share of the whole corpus that rows with this value shall have, by leaving out others."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    by: Column
    value: str
    share: Share


class Mix(BaseModel):
    """Which rows of the clean ones are taken: first the tasks, then caps in order, then weights.

    With the same seed a smaller corpus is part of a larger one: of fewer `tasks` and a smaller cap
    by task, where nothing else is set; of fewer `rows`, where all else is the same.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    tasks: int | None = Field(default=None, ge=1, description="a random draw of so many tasks")
    caps: tuple[Cap, ...] = ()
    weights: tuple[Weight, ...] = ()
    rows: int | None = Field(default=None, ge=1, description="of the whole corpus, at most")


class CorpusConfig(BaseModel):
    """Raw sources -> rendered, tokenized Parquet shards."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sources: tuple[Source, ...] = Field(min_length=1)
    transforms: Transforms = Transforms()
    wording: Wording = Wording()
    skill: dict[str, Skill] | None = Field(
        default=None,
        description="task, which may hold *: the skill of its rows, where the source gives none, "
        "and of a labelled set's own rows. "
        "Tasks left out get the skill of the known task of the same name, if there is one.",
    )
    synthesis: Synthesis | None = None
    clean: Clean = Clean()
    quality: Quality | None = None
    dedupe: Dedupe = Dedupe()
    without: tuple[str, ...] = Field(
        default=(), description="evaluation files: rows that overlap with them are left out"
    )
    review: str | tuple[str, ...] | None = Field(
        default=None,
        description="verdicts.jsonl of a page by --review, or several in order, one a round: "
        "rejected rows are left out, and later verdicts on a row replace earlier ones",
    )
    max_rejected: float | None = Field(
        default=None,
        ge=0,
        lt=1,
        description="share of a source's reviewed rows; where more are rejected, all its rows go",
    )
    mix: Mix = Mix()
    max_tokens: int = Field(
        default=1024, ge=16, description="prompt and response; longer: rejected"
    )
    validation_fraction: float = Field(default=0.02, ge=0, lt=0.5)
    rows_per_shard: int = Field(default=10_000, ge=1)

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.max_rejected is not None and not self.review:
            raise ValueError("max_rejected needs `review`, the verdicts that it is about")
        return self

    @property
    def review_files(self) -> tuple[str, ...]:
        """The files of verdicts, in the order of the rounds."""
        return (self.review,) if isinstance(self.review, str) else self.review or ()
