"""Rows of every format that `ecom corpus --export` writes, read back by our own readers."""

import json
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from ecom.corpus import metadata
from ecom.corpus.clean import Cleaned, clean
from ecom.corpus.config import Clean, Source
from ecom.corpus.export import FORMATS
from ecom.corpus.sources import chat, ecinstruct, shopbench
from ecom.forms import FORMS, Prompting
from ecom.rows import SKILLS, Example
from ecom.shopbench import Rejected

READERS = {"ecinstruct": ecinstruct, "shopbench": shopbench}  # the other formats are chats
KEPT = ("task", "form", "paradigm", "skill", "lang", "label", "transform", "parents")

# No "<": where two parts are put together, "<a" and ">" may become a tag, which cleaning takes out.
texts = st.text("ab 0.:,\"'[]{}\\é商\u2028\n", min_size=1, max_size=30)
parts = st.fixed_dictionaries({
    "source": st.just("s"), "task": st.sampled_from(["t", "a task: 商"]),
    "paradigm": st.sampled_from(["CLS", "EXT", "GEN", "OTHER"]),
    "skill": st.sampled_from([None, *SKILLS]), "lang": st.sampled_from(["en", "zh"]),
    "description": st.one_of(st.just(""), texts), "input": st.one_of(st.just(""), texts),
    "constraint": st.one_of(st.just(""), texts), "prompt": texts,
    "label": st.sampled_from(["gold", "pseudo"]),
    "transform": st.sampled_from([None, "reverse:qa"]),
    "parents": st.sampled_from([(), ("0a", "1b")]),
})  # fmt: skip
OPTIONS = ("red boot", "B: lamp", "2. chair", "商品", "a {desk}")
answers = st.one_of(
    st.fixed_dictionaries({
        "form": st.just("multiple-choice"), "options": st.just(OPTIONS),
        "output": st.sampled_from("01234"),
    }),
    st.fixed_dictionaries({
        "form": st.just("retrieval"), "options": st.just(OPTIONS), "output": st.just("5,1"),
    }),
    st.fixed_dictionaries({
        "form": st.just("ranking"), "options": st.just(OPTIONS),
        "output": st.permutations("12345").map(",".join),
    }),
    st.fixed_dictionaries({"form": st.just("named_entity_recognition"), "output": texts}),
    st.fixed_dictionaries({"form": st.just("generation"), "output": texts}),
)  # fmt: skip


@given(parts, answers, st.sampled_from(list(FORMATS)))
def test_any_clean_row_comes_back_as_it_was(
    asked: dict[str, Any], answered: dict[str, Any], name: str
) -> None:
    cleaned = clean(Example(**asked, **answered), Clean())
    assume(isinstance(cleaned, Cleaned))
    assert isinstance(cleaned, Cleaned)
    row = json.loads(json.dumps(FORMATS[name](cleaned.example, Prompting())))
    source = Source(format=name if name in READERS else "chat", path="x", name="s")  # type: ignore[arg-type]
    found = next(iter(READERS.get(name, chat).read([(1, row)], source, "x.jsonl")))
    back = metadata.restored(found, row, 1)
    assert isinstance(back, Example)
    again = clean(back, Clean())
    assert isinstance(again, Cleaned)
    for field in KEPT:
        assert getattr(again.example, field) == getattr(cleaned.example, field)
    assert again.example.text() == cleaned.example.text()
    read = FORMS[cleaned.example.form].official  # "a,b" may come back as "a, b"
    assert read(again.example.output) == read(cleaned.example.output)


def test_a_wrong_column_of_ours_rejects_the_row() -> None:
    row = FORMATS["alpaca"](Example("s", "t", "generation", "GEN", None, "ask", "say"), Prompting())
    row["ecom"]["form"] = "essay"
    found = next(iter(chat.read([(7, row)], Source(format="chat", path="x"), "x.jsonl")))
    back = metadata.restored(found, row, 7)
    assert isinstance(back, Rejected)
    assert back.line == 7
    assert "ecom.form" in back.reason
