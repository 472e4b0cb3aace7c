"""Asking a model: a query becomes a chat with decoding settings, the engine's text an answer.

    Query ─► Asker.ask ─► Asked ─► encode ─► Encoded ─► (vLLM) ─► Written ─► read ─► Prediction
                                                ▲                    │
                                                └─── after(thought) ─┘ where it thinks

Serving, prediction and the contest's interface all ask in this way, so they give the same answers.
Each drives its own engine: for every one of `Encoded.parts()` it generates from its `tokens` with
its `sampling`, and `joined` makes one answer of them. A question has one part, unless it chooses
among texts: then one a branch (branches.py), or one a text where their likelihoods decide
(likelihood.py). Where a calculation comes first, that is generated before.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from ecom.chats import ids_or_why
from ecom.errors import InputError
from ecom.forms import Prompting, messages
from ecom.forms.prompting import Shot
from ecom.lanes import thinking
from ecom.lanes.branches import Branch
from ecom.lanes.decoding import Lane, confidences, lane, read, too_long
from ecom.lanes.likelihood import Spellings, likelihood, spelling, spellings
from ecom.lanes.texts import Texts, in_tokens, one_token
from ecom.lanes.written import Written
from ecom.rows import Prediction, Query

LaneName = Literal["multiple-choice", "open-ended"]
LANES: tuple[LaneName, ...] = ("multiple-choice", "open-ended")
SAMPLING = ("temperature", "top_p", "seed")  # as OpenAI and vLLM name them
_NOTHING: Mapping[str, Any] = {}


@dataclass(frozen=True)
class Asked:
    """One question as put to the model: its lane and the chat around it."""

    query: Query
    lane: Lane
    messages: list[dict[str, str]]

    @property
    def lane_name(self) -> LaneName:
        """Whether one token is the answer, or the model writes a text."""
        return "open-ended" if self.lane.form.open_ended else "multiple-choice"

    def read(self, written: Written) -> Prediction:
        """Return what a careful reader finds in the text, in the officially safe form."""
        if written.error is not None:
            return failed(self.query, written.error)
        answer = self.lane.answer(written.text)
        sure = written.confidence if self.lane.labels or self.lane.offer else None
        return Prediction(self.query.id, written.text, answer, self.lane.form.name, sure)

    def confidences(self, written: Written) -> dict[str, float] | None:
        """Return the probability of each label or text; None where the lane has neither."""
        if self.lane.offer or self.lane.scored:
            return dict(written.chances) or None
        ids = dict(
            zip(self.lane.labels, self.lane.sampling.get("allowed_token_ids", ()), strict=True)
        )
        return confidences(self.lane, ids, written.logprobs)


@dataclass(frozen=True)
class Asker:
    """Asks a model whose `label_ids` these are, in the words and with the sampling of `prompting`.

    think_tokens    the engine's limit for a calculation before a choice
    """

    label_ids: Mapping[str, int]
    prompting: Prompting
    think_tokens: int = 0

    def ask(
        self,
        query: Query,
        sampling: Mapping[str, Any] = _NOTHING,
        examples: Sequence[Shot] | None = None,
    ) -> Asked:
        """Return the question as put to the model.

        `sampling` is the caller's and overrides that of `prompting`; its `max_tokens` can only
        lower the limit. `examples`, if given, are shown in place of those of `prompting`.
        """
        found = lane(query, self.label_ids, self.prompting, self.think_tokens)
        if sampling:
            longest = found.sampling["max_tokens"]
            limit = min(sampling.get("max_tokens", longest), longest)
            found = replace(found, sampling={**found.sampling, **sampling, "max_tokens": limit})
        prompt = found.prompt(query.prompt)
        chat = messages(prompt, found.form, self.prompting, query.task, examples)
        return Asked(query, found, chat)


@dataclass(frozen=True)
class Encoded:
    """A question in tokens: what the engine generates from next.

    tokens      those of the chat, with the beginning of the answer
    thought     number of these that are the calculation; None: there is none yet
    texts       the texts that may be written, in tokens; None: the question offers none
    branch      which of the points where these part this is a part for
    spellings   the texts whose likelihoods decide, in tokens; None: they don't
    spelled     which of these this is a part for
    error       why the question cannot be asked
    """

    asked: Asked
    tokens: list[int]
    tokenizer: Any
    thought: int | None = None
    texts: Texts | None = None
    branch: Branch | None = None
    spellings: Spellings | None = None
    spelled: tuple[int, ...] = ()
    error: str | None = None

    @property
    def longest(self) -> int:
        """The most tokens that may follow the chat."""
        own = self.asked.lane
        if self.spellings:
            return self.spellings.longest + own.thought
        return self.texts.longest if self.texts else own.longest

    @property
    def thinks(self) -> bool:
        """Whether a calculation comes first; `after` then returns the question that includes it."""
        return bool(self.asked.lane.think) and self.thought is None

    @property
    def sampling(self) -> dict[str, Any]:
        """SamplingParams of vLLM, as plain values."""
        asked = self.asked.lane
        if self.thinks:
            return thinking.sampling(asked.think)
        if self.spelled:
            return spelling(self.spelled)
        if self.branch:
            return asked.sampling | one_token(self.branch)
        if self.texts:
            return asked.sampling | self.texts.sampling()
        # A label is one token: there is nothing to detokenize step by step.
        return asked.sampling | {"detokenize": not asked.labels}

    def after(self, thought: Written) -> "Encoded":
        """Return the question with its calculation and the beginning of the answer."""
        tokens = thinking.onward(self.tokens, thought.text, self.tokenizer)
        return replace(self, tokens=tokens, thought=thought.tokens[1])

    def parts(self) -> "list[Encoded]":
        """Return what the engine generates for an answer.

        One text, a token at each branch, or each of the texts whose likelihoods decide; before all
        of these the calculation, where there is to be one.
        """
        if self.error or self.thinks:
            return [self]
        if self.spellings:
            return [replace(self, spelled=ids) for ids in self.spellings.ids]
        if not self.texts or not self.texts.branches:
            return [self]
        return [
            replace(self, tokens=[*self.tokens, *branch.prefix], branch=branch)
            for branch in self.texts.branches
        ]

    def written(self, output: Any) -> Written:
        """Return what the engine wrote for a part; `output` is vLLM's CompletionOutput."""
        ids, thought = output.token_ids, self.thought or 0
        if self.spelled:
            tokens = (len(self.tokens) - thought, len(ids))
            return Written(tokens=tokens, likelihood=likelihood(self.spelled, output.logprobs))
        is_text = self.sampling.get("detokenize", True)
        made = Written(
            output.text if is_text else str(self.tokenizer.decode(ids)),
            ids[0] if ids else None,
            {token: one.logprob for token, one in (output.logprobs or [{}])[0].items()},
            (len(self.tokens) - thought, len(ids) + thought),
            output.finish_reason == "length",
        )
        return self.texts.named(made, output) if self.texts and not self.branch else made

    def joined(self, parts: Sequence[Written]) -> Written:
        """Return the answer that the parts make."""
        if error := next((one for one in parts if one.error), None):
            return error
        if self.spellings:
            text, chances = self.spellings.chosen([one.likelihood for one in parts])
            spelled = sum(one.tokens[1] for one in parts)
            tokens = (parts[0].tokens[0], spelled + (self.thought or 0))
            return Written(text, tokens=tokens, chances=chances)
        if not self.texts or not self.texts.branches:
            return parts[0]
        is_drawn = self.asked.lane.sampling.get("temperature", 0) > 0
        text, chances = self.texts.chosen(parts, is_drawn)
        written = sum(one.tokens[1] for one in parts)
        return Written(text, tokens=(len(self.tokens), written), chances=chances)


def encode(tokenizer: Any, asked: Sequence[Asked], limit: int) -> list[Encoded]:
    """Return the questions in tokens; one without, or over `limit` tokens, has an error."""
    chats = ids_or_why(tokenizer, [one.messages for one in asked])
    return [
        _encoded(one, tokens, tokenizer, limit) for one, tokens in zip(asked, chats, strict=True)
    ]


def _encoded(asked: Asked, tokens: list[int] | InputError, tokenizer: Any, limit: int) -> Encoded:
    if isinstance(tokens, InputError):
        return Encoded(asked, [], tokenizer, error=str(tokens))
    own = asked.lane
    if own.error:
        return Encoded(asked, tokens, tokenizer, error=own.error)
    found = Encoded(asked, tokens, tokenizer)
    if own.scored:
        found = replace(found, spellings=spellings(own.scored, tokenizer))
    elif own.offer:
        found = replace(found, texts=in_tokens(own.offer, tokenizer))
    return replace(found, error=too_long(tokens, own.form.name, found.longest, limit))


def failed(query: Query, error: str) -> Prediction:
    """Return the prediction for a question that was not answered, with the reason."""
    form = query.form or read(query).form
    return Prediction(query.id, "", "", form, error=error)
