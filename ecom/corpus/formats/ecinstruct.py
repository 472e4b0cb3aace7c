"""ECInstruct, eCeLLM's instruction set, and other sets in its format.

`split, task, setting, instruction, input, options, output, few_shot_example`; of these instruction,
input and output are required. A cell may be text, a list, or JSON or a Python list as text: all are
in use. Rows of split `train` are read. Letters become numbers, as in ShopBench:

    task                                     form              the answer
    Product_Relation_Prediction, Sentiment_Analysis,
    Multiclass_Product_Classification        multiple-choice   an option's number, from 0
    Sequential_Recommendation                retrieval         the same, from 1: there are up to 20
    Query_Product_Ranking                    ranking           the products' numbers, from 1
    Product_Matching, Answerability_Prediction,
    Product_Substitute_Identification        classification    yes or no, as the prompt asks
    Attribute_Value_Extraction, Answer_Generation  generation  unchanged

The form of any other task depends on the row: with options it is multiple choice or retrieval, and
with yes or no for an answer, where the instruction names both, it is classification.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ecom.corpus.formats.base import Format, Item, Row
from ecom.corpus.formats.cells import CellError
from ecom.corpus.formats.ecinstruct_parts import (
    RANKING_TASK,
    YES_OR_NO,
    Parts,
    as_prompt,
    as_text,
    as_value,
    take_apart,
)
from ecom.corpus.formats.matching import paired
from ecom.corpus.formats.tables import need
from ecom.corpus.records import (
    RELEVANCES,
    Answered,
    Classified,
    Product,
    Record,
    Relevance,
    Search,
    Tagged,
)
from ecom.corpus.source import RawSource, name_of, stem
from ecom.forms import FORMS, FormName, Paradigm
from ecom.rows import Example, Skill
from ecom.shopbench import Rejected

MAX_CHOICES = 10  # ShopBench's parser reads one digit
# eCeLLM's four options for E, S, C and I, in the order of RELEVANCES.
_RELEVANCE_WORDS = ("satisfies all", "substitute", "combination", "irrelevant")

TASKS: dict[str, tuple[Paradigm, Skill | None]] = {
    "Answerability_Prediction": ("CLS", "reasoning"),
    "Attribute_Value_Extraction": ("EXT", "concepts"),
    "Answer_Generation": ("GEN", "reasoning"),
    "Product_Relation_Prediction": ("CLS", "behavior"),
    "Product_Matching": ("CLS", "reasoning"),
    "Product_Substitute_Identification": ("CLS", "behavior"),
    "Multiclass_Product_Classification": ("CLS", "behavior"),
    RANKING_TASK: ("OTHER", "behavior"),
    "Sequential_Recommendation": ("OTHER", "behavior"),
    "Sentiment_Analysis": ("CLS", "behavior"),
}
_CONSTRAINTS: dict[FormName, str] = {
    "multiple-choice": "Answer with the number of the right option alone.",
    "retrieval": "Answer with the number of the right option alone.",
    "ranking": "Answer with the numbers of the products, the best first, separated by commas.",
}


def read(rows: Iterable[Row], source: RawSource, file: str) -> Iterator[Item]:
    """Yield every training row as an Example, and a Record where its input clearly has one.

    Raises DataError where the file lacks the columns of the format.
    """
    name = name_of(source, file)
    for line, row in need(rows, file, ("instruction", "input", "output")):
        if isinstance(row, Rejected):
            yield row
            continue
        try:
            parts = take_apart(row)
        except CellError as fault:
            yield Rejected(line, str(fault), str(row)[:200].encode("utf-8", "replace").decode())
            continue
        lang = source.lang or ("en" if parts.task in TASKS else "")
        example = _example(parts, name, lang)
        yield example
        yield from _records(parts, f"{stem(file)}:{line}:{example.id[:8]}", name, lang)


def _example(parts: Parts, source: str, lang: str) -> Example:
    form, output = _answer(parts)
    shape: Paradigm = "CLS" if parts.options or FORMS[form].paradigm == "CLS" else "GEN"
    paradigm, skill = TASKS.get(parts.task, (shape, None))
    return Example(
        source=source,
        task=parts.task,
        form=form,
        paradigm=paradigm,
        skill=skill,
        lang=lang,
        description=f"Task: {parts.task.replace('_', ' ').lower()}.",
        prompt=parts.prompt,
        input=parts.input,
        options=parts.options,
        constraint=_CONSTRAINTS.get(form, ""),
        output=output,
        metric="sent-transformer" if FORMS[form].is_text else FORMS[form].metric,
    )


def _answer(parts: Parts) -> tuple[FormName, str]:
    """Return the form, and the output as officially safe text; a list's items count from 1."""
    if parts.order:
        return "ranking", ",".join(str(index + 1) for index in parts.order)
    if parts.index is None:
        return "classification" if _asks_yes_or_no(parts) else "generation", parts.output
    if len(parts.options) <= MAX_CHOICES:
        return "multiple-choice", str(parts.index)
    return "retrieval", str(parts.index + 1)


def _asks_yes_or_no(parts: Parts) -> bool:
    """Whether the answer is yes or no, and nothing else could be."""
    if parts.output not in YES_OR_NO:
        return False
    if parts.task in TASKS:
        return TASKS[parts.task][0] == "CLS"
    return set(YES_OR_NO) <= set(re.findall(r"\w+", parts.prompt.casefold()))


def _records(parts: Parts, mark: str, source: str, lang: str) -> Iterator[Record]:
    """Yield the records that a row of the ten tasks determines."""
    known: Any = {"source": source, "lang": lang}
    texts = {name: as_prompt(value) for name, value in parts.fields.items()}
    query = texts.get("query", "")
    judged = _judged(parts, texts)
    if query and judged:
        products = [
            (Product(id=f"{mark}:{index}", title=title, **known), relevance)
            for index, (title, relevance) in enumerate(judged)
        ]
        yield Search(id=mark, query=query, judged=tuple(products), **known)
    elif parts.task == "Product_Matching" and parts.output in YES_OR_NO:
        pair = [parts.fields.get(name) for name in ("product 1", "product 2")]
        if all(isinstance(product, dict) for product in pair):
            found = paired(*pair, same=parts.output == "yes", id=mark, **known)  # type: ignore[arg-type]
            yield from [found] if found else []
    elif parts.task == "Sentiment_Analysis" and parts.index is not None:
        labels = (parts.options[parts.index],)
        yield Classified(
            id=mark,
            text=parts.input,
            labels=labels,
            candidates=parts.options,
            topic="sentiment",
            **known,
        )
    elif parts.task == "Answer_Generation" and texts.get("question"):
        yield Answered(
            id=mark,
            question=texts["question"],
            answer=parts.output,
            context=texts.get("document", ""),
            **known,
        )
    elif parts.task == "Attribute_Value_Extraction":
        yield from _tagged(parts, texts, mark, source, lang)


def _judged(parts: Parts, texts: Mapping[str, str]) -> list[tuple[str, Relevance]]:
    """Return (title, relevance) of the products whose relevance to the query the row determines."""
    title = texts.get("product title") or texts.get("product") or ""
    if parts.task == "Multiclass_Product_Classification" and parts.index is not None and title:
        is_judged = len(parts.options) == len(RELEVANCES) and all(
            word in option for word, option in zip(_RELEVANCE_WORDS, parts.options, strict=True)
        )
        return [(title, RELEVANCES[parts.index])] if is_judged else []
    if parts.task == "Product_Substitute_Identification" and title:
        return [(title, "substitute")] if parts.output == "yes" else []
    if len(parts.order) == len(RELEVANCES):  # all different, so the order determines each
        return [
            (parts.options[index], relevance)
            for index, relevance in zip(parts.order, RELEVANCES, strict=True)
        ]
    return []


def _tagged(
    parts: Parts, texts: Mapping[str, str], mark: str, source: str, lang: str
) -> Iterator[Tagged]:
    """Yield each text of the product in which values were found, with the text's own case."""
    found = as_value(parts.output)
    entries = (
        [entry for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []
    )
    types = tuple(dict.fromkeys(as_text(entry.get("attribute")) for entry in entries))
    for name, text in texts.items():
        here = [entry for entry in entries if as_text(entry.get("source")) == name.lower()]
        at = [text.lower().find(as_text(entry.get("value")).lower()) for entry in here]
        if here and min(at) >= 0 and len(text.lower()) == len(text):
            spans = tuple(
                (as_text(entry["attribute"]), text[start : start + len(as_text(entry["value"]))])
                for entry, start in zip(here, at, strict=True)
            )
            yield Tagged(
                id=f"{mark}:{name}", source=source, text=text, spans=spans, types=types, lang=lang
            )


FORMAT = Format(
    name="ecinstruct",
    about="eCeLLM's ten tasks: split, task, instruction, input, options, output",
    read=read,
)
