"""EcomEval: Chinese and English e-commerce tasks (github.com/guankaisi/EcomEval).

    data/CLS/*.json, data/GEN/*.json, data/RAG/rag.json,
    data/IE/AVE/ave.json, data/IE/NER/ner.json           JSON lines: instruction, answer

The other files of data/IE are what these two were made of, and are not read. The authors' program
for GEN scores all its three files together, whichever it is asked for; here each is a task.
"""

import re
from collections.abc import Sequence
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any

from ecom.benchmark.base import (
    Benchmark,
    Measure,
    Question,
    Read,
    Words,
    check_gold,
    mean,
    named,
    questions,
    text_of,
)
from ecom.corpus.formats.cells import CellError
from ecom.errors import DataError
from ecom.forms import FORMS, FormName, OneText
from ecom.rows import Query
from ecom.shopbench import Place

SHORT, LONG = 10, 200  # tokens
_LETTERS = tuple("ABCD")
_YES_NO = ("yes", "no")
# file's name -> its task, skill, and what its answers are made of
_CLASSES: dict[str, tuple[str, tuple[str, ...]]] = {
    "ecellm-mpc": ("relevance of a product", _LETTERS),
    "ecellm-prp": ("relation of two products", _LETTERS[:3]),
    "ecellm-pm": ("same product, English", _YES_NO),
    "ecellm-psi": ("substitute", _YES_NO),
    "openbg": ("same product, Chinese", ("相同", "不相同")),
    "openbg-2": ("title and attributes", ("匹配", "不匹配")),
}
_TEXTS = {
    "price_gen": ("unit price", "generation", LONG, "part"),
    "qa": ("question answering", "generation", LONG, "part"),
    "title_gen": ("title", "generation", LONG, "rouge-1"),
    "rag": ("answer with passages", "retrieval augmented", LONG, "rouge-1"),
    "ave": ("attribute value", "extraction", SHORT, "part"),
    "ner": ("entities", "extraction", SHORT, "parts"),
}
# What rouge_chinese breaks a text after, in its order.
_ENDS = tuple(
    re.compile(rule)
    for rule in (
        "([。！？?])([^”’])",
        r"(\.{6})([^”’])",
        "(…{2})([^”’])",
        "([。！？?][”’])([^，。！？?])",
    )
)


def read(path: Path) -> Read:
    """Yield the questions of every file that the authors' program reads."""
    found = named(path, wanted="the folder data of EcomEval, or a file of it")
    stems = {name: PurePosixPath(name).name.partition(".")[0] for name in found}
    known = {name: stem for name, stem in stems.items() if stem in _CLASSES or stem in _TEXTS}
    if not known:
        raise DataError(f"{path}: no file of EcomEval in it; give its folder data")
    for name, stem in known.items():
        make = partial(_choice if stem in _CLASSES else _text, stem)
        yield from questions(name, found[name], make)


def _choice(stem: str, place: Place, row: dict[str, Any]) -> Question:
    task, labels = _CLASSES[stem]
    prompt, gold = text_of(row, "instruction"), text_of(row, "answer").strip()
    if gold not in labels:
        raise CellError(f"answer is {gold!r:.60}; it must be one of {', '.join(labels)}")
    return Question(
        place=place,
        task=task,
        skill="classification",
        authors=Words(prompt, SHORT),
        gold=text_of(row, "answer"),
        measure="part",
        ours=Query(prompt, labels is _LETTERS, task=task, labels=labels),
        form="classification",
        answer=gold,
        metric="accuracy",
    )


def _text(stem: str, place: Place, row: dict[str, Any]) -> Question:
    task, skill, limit, measure = _TEXTS[stem]
    prompt, gold = text_of(row, "instruction"), row.get("answer")
    if measure == "parts":
        if not isinstance(gold, list) or not gold or not all(isinstance(e, str) for e in gold):
            raise CellError(f"answer is {gold!r:.60}; it must be a list of texts")
    else:
        gold = text_of(row, "answer")
    form, answer, metric = _ours(stem, gold)
    check_gold(form, metric, answer)
    return Question(
        place=place,
        task=task,
        skill=skill,
        authors=Words(prompt, limit),
        gold=gold,
        measure=measure,
        ours=Query(prompt, is_multiple_choice=False, form=_asked(form), task=task),
        form=form,
        answer=answer,
        metric=metric,
    )


def _ours(stem: str, gold: Any) -> tuple[FormName, Any, str]:
    """Return form, answer and metric by our rules."""
    if stem in ("ave", "ner"):
        return "named_entity_recognition", [gold] if stem == "ave" else gold, "micro f1"
    if stem == "price_gen":
        return "classification", gold.strip(), "accuracy"
    return "generation", gold, "rougel" if stem == "qa" else "multilingual-sent-transformer"


def _asked(form: FormName) -> FormName:
    """Return the form in which a question is asked: a price is free text."""
    return "generation" if isinstance(FORMS[form].decoding, OneText) else form


def part(text: str, gold: str) -> float:
    """Return 1 where the answer contains the right one."""
    return float(gold in text)


def parts(text: str, gold: Sequence[str]) -> float:
    """Return the share of the right entities that the answer contains."""
    return sum(entity in text for entity in gold) / len(gold)


def rouge_1(text: str, gold: str) -> float:
    """Return F of ROUGE-1 by rouge_chinese on texts that nobody has cut into words.

    Its words are what stands between white space, or between ends of sentences.
    """
    written, right = _words(text), _words(gold)
    if not written or not right:
        return 0.0
    same = len(written & right)
    p, r = same / len(written), same / len(right)
    return 2.0 * ((p * r) / (p + r + 1e-8))


def _words(text: str) -> set[str]:
    for rule in _ENDS:
        text = rule.sub(r"\1\n\2", text)
    sentences = [" ".join(line.split()) for line in text.rstrip().split("\n") if line]
    return {word for sentence in sentences for word in sentence.split(" ")}


BENCHMARK = Benchmark(
    name="ecom-eval",
    about="Chinese and English classification, extraction, generation, answers with passages",
    where="https://github.com/guankaisi/EcomEval (data/)",
    licence="none given: you may use it as its authors allow you to",
    questions="17,697",
    scored_by="the right answer is part of the text; ROUGE-1",
    read=read,
    measures={
        "part": Measure("contained", "1 where the answer contains the right one.", mean(part)),
        "parts": Measure(
            "contained, share", "Share of the right entities that the answer contains.", mean(parts)
        ),
        "rouge-1": Measure(
            "ROUGE-1",
            "F of the words between white space, so that of Chinese mostly whole sentences. The "
            "authors' BLEU needs jieba's words, and is left out.",
            mean(rouge_1),
        ),
    },
    notes=(
        "不相同 contains 相同: by the authors' rules that answer is right for both golds.",
        "The authors sample at temperature 0.7; here the likeliest token is taken.",
    ),
    pooled=True,
)
