"""Requests and replies of POST /v1/shop/answer. Pure; no ray.

    body ─► read ─► ShopQuery ─► ask ─► Asked ─► (a replica) ─► Written ─► answer ─► ShopAnswer
              └► ShopAnswer with an error: a bad query in a list affects only itself

Multiple-choice and open-ended queries have separate lanes: each with its prompt suffix, token
limit and decoding (ecom/lanes) and, in scheduler.py, its seats in the engine, so that long texts do
not delay a question that one token answers.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from ecom.errors import InputError
from ecom.forms import FormName
from ecom.forms.offer import Choice, Choose, offered
from ecom.lanes import SAMPLING, Asked, Asker, LaneName, Written
from ecom.lanes.numbers import Numbers
from ecom.rows import Query
from ecom.serve import border

Outcome = Literal["answered", "no-answer", "refused", "failed", "late"]


class ShopQuery(border.Body):
    """One question. Sampling settings that it leaves out are those of the recipe's `prompting`."""

    prompt: str = Field(min_length=1)
    """The question, with its options or items if it has any."""
    is_multiple_choice: bool | None = None
    """Whether one of the printed options is the answer; null: the text decides."""
    id: str | int | None = None
    """Returned with the answer."""
    task: str | None = Field(default=None, max_length=200)
    """Name of a task; its settings in prompting.by_task are used, if there are any."""
    options: list[str] | None = None
    """Texts to choose from; null: those that the prompt names."""
    labels: list[str] | None = None
    """What is written for each option; null: the option itself."""
    choose: Choose | None = None
    """How many: "one", "any" number from one, or exactly this many; null: one."""
    order: bool | None = None
    """Whether the answer is an order, best first."""
    choice: Choice | None = None
    """How one of several is chosen: label (or null), by what the model writes among them;
    likelihood, by the log probability of each option's text, summed over its tokens;
    likelihood_per_token, by its mean."""
    max_tokens: int | None = Field(default=None, ge=1)
    """Longest answer; it can only lower the limit of the answer form. [tokens]"""
    temperature: float | None = Field(default=None, ge=0, le=2)
    """Randomness of the draw; 0: always the likeliest token."""
    top_p: float | None = Field(default=None, gt=0, le=1)
    """Draw among the likeliest tokens that together have this probability."""
    seed: int | None = Field(default=None, ge=0, lt=2**63)
    """Makes the draws for the same question the same."""

    @field_validator("prompt")
    @classmethod
    def _not_blank(cls, prompt: str) -> str:
        if not prompt.strip():
            raise ValueError("the prompt is blank; write the question there")
        return prompt

    @model_validator(mode="after")
    def _draws(self) -> Self:
        if self.temperature and self.choice not in (None, "label"):
            raise ValueError(
                f"temperature is {self.temperature}: with choice={self.choice} nothing is drawn, "
                "the likeliest text is the answer; leave temperature out"
            )
        return self

    @model_validator(mode="after")
    def _offers(self) -> Self:
        """Check what may be answered, as far as the prompt is not needed for it."""
        if self.options or self.labels:
            try:
                offered(self.options, self.labels, self.choose, self.order)
            except InputError as error:
                raise ValueError(str(error)) from None
        return self


class ShopAnswer(BaseModel):
    """One answer."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    id: str | int | None = None
    """The question's id."""
    outcome: Outcome = "refused"
    """no-answer: the text contains no answer of the form, not even for a careful reader. refused:
    the question is invalid. failed: the engine did not answer. late: no answer before the deadline.
    Ask again after failed and late."""
    answer: str = ""
    """The answer, written so that the contest's official parser reads it."""
    form: FormName | None = None
    """Answer form that the question was read as."""
    lane: LaneName | None = None
    """Whether one token was the answer, or a text was written."""
    prediction: str = ""
    """The model's raw text."""
    confidences: dict[str, float] | None = None
    """Probability of each option, where one is chosen; of the answer alone where they are many,
    or where it names several. Chosen by likelihood, they are the shares of the likelihoods."""
    form_because: str | None = None
    """Why the question was read as one of this form."""
    error: str | None = None
    """Why there is no answer, in words."""


@dataclass(frozen=True)
class Body:
    """A request: its queries in order, bad ones already answered; `single` if it is not a list.

    `stream`: a list's answers as JSON lines, each as soon as all before it are there.
    """

    queries: Sequence[ShopQuery | ShopAnswer]
    single: bool
    stream: bool = False


def read(raw: bytes, *, max_batch: int, max_prompt_chars: int) -> Body:
    """Read a request's body. Raises InputError where it is neither a query nor a list of them."""
    shape = 'send {"prompt": "…"} or {"queries": [{"prompt": "…"}, …]}'
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise InputError(f"the body is not valid JSON ({error}); {shape}") from None
    if not isinstance(body, dict):
        raise InputError(f"the body is a JSON {_kind(body)}, not an object; {shape}")
    if "queries" not in body:
        query = _query(body, max_prompt_chars)
        if isinstance(query, ShopAnswer):
            raise InputError(f"{query.error}; {shape}" if "prompt" not in body else query.error)
        return Body([query], single=True)
    if extra := sorted(set(body) - {"queries", "stream"}):
        raise InputError(f"{extra[0]!r} is beside 'queries'; put it into each query")
    stream = body.get("stream", False)
    if not isinstance(stream, bool):
        raise InputError(f"stream is a JSON {_kind(stream)}; give true or false")
    queries = body["queries"]
    if not isinstance(queries, list):
        raise InputError(f"queries is a JSON {_kind(queries)}, not a list; {shape}")
    if not 1 <= len(queries) <= max_batch:
        raise InputError(
            f"queries has {len(queries)} entries, the rule is 1 to {max_batch}; "
            "split the list, or start the server with a larger serve.max_batch"
        )
    return Body([_query(query, max_prompt_chars) for query in queries], False, stream)


def ask(query: ShopQuery, asker: Asker) -> Asked:
    """Return what to ask the model."""
    # An id is text or a number, and is returned unchanged.
    asked = Query(
        query.prompt,
        query.is_multiple_choice,
        json.dumps(query.id),
        task=query.task,
        options=query.options,
        labels=query.labels,
        choose=query.choose,
        order=query.order,
        choice=query.choice or "label",
    )
    own = query.model_dump(include={*SAMPLING, "max_tokens"}, exclude_none=True)
    return asker.ask(asked, own)


def answer(asked: Asked, written: Written) -> ShopAnswer:
    """Return what a careful reader finds in the text, written so that the contest reads it."""
    made = asked.read(written)
    if made.error is not None:
        return unanswered(asked, "refused", made.error)
    found: dict[str, Any] = {"outcome": "answered", "answer": made.answer}
    if not made.answer:
        error = f"the model's text {made.prediction!r:.80} contains no {made.form} answer"
        found = {"outcome": "no-answer", "error": error}
    sure = asked.confidences(written)
    return _reply(asked, prediction=made.prediction, confidences=sure, **found)


def is_cut(asked: Asked, written: Written) -> bool:
    """Say whether the token limit ended an answer that could go on.

    A label is whole, and so is a list of as many numbers as may be written.
    """
    if not written.cut or asked.lane.labels:
        return False
    rule = asked.lane.sampling.get("extra_args", {}).get("numbers")
    return not rule or not Numbers(**rule | {"least": rule["most"]}).can_end(written.text)


def unanswered(asked: Asked, outcome: Outcome, error: str) -> ShopAnswer:
    """Return the answer to a query that the model did not answer."""
    return _reply(asked, outcome=outcome, error=error)


def _reply(asked: Asked, **fields: Any) -> ShopAnswer:
    mark = json.loads(asked.query.id)
    lane = asked.lane
    return ShopAnswer(
        id=mark,
        form=lane.form.name,
        form_because=lane.because or None,
        lane=asked.lane_name,
        **fields,
    )


def _query(value: Any, max_prompt_chars: int) -> ShopQuery | ShopAnswer:
    """Return the query, or an answer that names every fault in it."""
    if not isinstance(value, dict):
        return ShopAnswer(error=f"a query is a JSON object, not a {_kind(value)}")
    mark = value.get("id")
    known = mark if isinstance(mark, str | int) and not isinstance(mark, bool) else None
    if isinstance(known, str) and not border.is_whole(known):
        known = None
    try:
        query = ShopQuery.model_validate(value)
    except ValidationError as error:
        return ShopAnswer(id=known, error=explain(error))
    if len(query.prompt) > max_prompt_chars:
        return ShopAnswer(
            id=known,
            error=f"prompt has {len(query.prompt)} characters, the limit is {max_prompt_chars}; "
            "shorten it, or start the server with a larger serve.max_prompt_chars",
        )
    return query


def explain(error: ValidationError) -> str:
    """Return what pydantic found: each field, its value and the rules that it breaks."""
    said: dict[str, list[str]] = {}
    for fault in error.errors():
        named, colon, rule = _explain(fault).partition(": ")
        said.setdefault(named + colon, []).append(rule)
    return "; ".join(named + ", or ".join(rules) for named, rules in said.items())


def _explain(fault: Any) -> str:
    if not fault["loc"]:  # of several fields together: the message names them
        return str(fault["msg"]).removeprefix("Value error, ")
    name = str(fault["loc"][0])
    if fault["type"] == "half_character":
        return f"{'.'.join(map(str, fault['loc'])):.100}: {_lower(fault['msg'])}"
    if fault["type"] == "missing":
        return f"{name} is missing"
    if fault["type"] == "extra_forbidden":
        return f"{name} is not a field of a query ({', '.join(ShopQuery.model_fields)})"
    return f"{name} is {fault['input']!r:.60}: {_lower(fault['msg'])}"


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def _kind(value: Any) -> str:
    kinds = {list: "list", str: "text", bool: "boolean", int: "number", float: "number"}
    return kinds.get(type(value), "null" if value is None else "object")
