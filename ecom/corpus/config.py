"""Settings of the corpus stage."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from ecom.corpus.synthesize.config import Synthesis

Format = Literal[
    "sample_shop", "shopbench", "ecinstruct", "ecominstruct", "chat", "esci",
    "amazon_m2_products", "amazon_m2_sessions", "amazon_meta", "amazon_reviews",
    "shop_products", "shop_reviews", "shop_queries", "shop_dialogues",
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
}
NEEDS_PRODUCTS: tuple[Format, ...] = ("amazon_m2_sessions", "esci")
Share = Annotated[float, Field(gt=0, le=1)]


class Source(BaseModel):
    """One set of raw rows: a file, a folder of files, or a URL that pyarrow or fsspec reads.

    `ABOUT` says what each format reads; all but sample_shop and ecominstruct take JSON lines, a
    JSON array, CSV or Parquet, plain or .gz. In a shop_… format `columns` maps our names to the
    table's own, `attributes.NAME` to further ones, `products.NAME` to those of the second table.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Format
    path: str
    products: str | None = Field(default=None, description="the table that product ids lead to")
    columns: dict[str, str] = Field(default={}, description="our column: the table's own")
    name: str | None = Field(default=None, description="of the set, on the data card")
    license: str | None = Field(default=None, description="for the data card")
    lang: str | None = Field(default=None, description="of all rows; else told or detected")
    limit_rows: int | None = Field(default=None, ge=1, description="a random draw of so many rows")

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.format in NEEDS_PRODUCTS and not self.products:
            raise ValueError(f"format {self.format} needs `products`, the table of its products")
        if self.columns and not self.format.startswith("shop_"):
            raise ValueError(f"`columns` is for shop_… formats; {self.format} has its own names")
        return self


class Transforms(BaseModel):
    """Which Chain-of-Task transforms run: those that fit every list given (`ecom corpus --list`).

    The default is none; `names: ["*"]` is all of them. `names` may end in *, as "simplify:*".
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    names: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    paradigms: tuple[Literal["CLS", "EXT", "GEN", "OTHER"], ...] | None = None
    skills: tuple[Literal["concepts", "reasoning", "behavior", "multilingual"], ...] | None = None
    langs: tuple[str, ...] | None = None
    per_record: int | None = Field(default=None, ge=1, description="at most so many of a record")


class Wording(BaseModel):
    """How the transforms' instructions are put: the switches of EcomGPT's prompt studies."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    language: Literal["en", "own"] = Field(default="en", description="own: the row's language")
    detail: Literal["informative", "bare"] = Field(
        default="informative", description="bare: neither task description nor output constraint"
    )
    variety: Literal["diverse", "one_per_paradigm"] = "diverse"


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

    by: Literal["source", "task", "skill", "paradigm", "form", "lang", "label", "transform"]
    value: str | None = None
    rows: int = Field(ge=0)


class Weight(BaseModel):
    """The share of the whole corpus that rows with this value shall have, by leaving out others."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    by: Literal["source", "task", "skill", "paradigm", "form", "lang", "label", "transform"]
    value: str
    share: Share


class Mix(BaseModel):
    """Which rows of the clean ones are taken: first the caps, in order, then the weights."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    caps: tuple[Cap, ...] = ()
    weights: tuple[Weight, ...] = ()
    rows: int | None = Field(default=None, ge=1, description="of the whole corpus, at most")


class CorpusConfig(BaseModel):
    """Raw sources -> rendered, tokenized Parquet shards."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sources: tuple[Source, ...] = Field(min_length=1)
    transforms: Transforms = Transforms()
    wording: Wording = Wording()
    synthesis: Synthesis | None = None
    clean: Clean = Clean()
    quality: Quality | None = None
    dedupe: Dedupe = Dedupe()
    without: tuple[str, ...] = Field(
        default=(), description="evaluation files: rows that overlap with them are left out"
    )
    mix: Mix = Mix()
    max_tokens: int = Field(
        default=1024, ge=16, description="prompt and response; longer: rejected"
    )
    validation_fraction: float = Field(default=0.02, ge=0, lt=0.5)
    rows_per_shard: int = Field(default=10_000, ge=1)
