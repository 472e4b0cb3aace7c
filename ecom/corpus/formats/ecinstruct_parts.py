"""Parses a row of ECInstruct's format: the question, the options, and which one is right.

    {"input": '{"query": "lamp", …}', "options": '["A: …", "B: …"]', "output": "B"}
        ─► Parts(input="query: lamp …", options=("…", "…"), index=1)

A cell may be text, a list, or JSON or a Python list as text: all four are in use.
"""

import ast
import json
import math
import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from string import ascii_uppercase
from typing import Any

from ecom.corpus.formats.cells import CellError
from ecom.forms import ranking

MAX_LITERAL_CHARS = 200_000  # Python's parser takes a hundred times the text's memory
YES_OR_NO = ("yes", "no")
RANKING_TASK = "Query_Product_Ranking"
_MARKED = re.compile(r"([A-Z]|\d\d?)\s*[:.)]\s*(\S.*)", re.DOTALL)
_NONE = ("", "null", "nan")
_SURROGATE = re.compile("[\ud800-\udfff]")
_SPELLINGS = {  # as in files and in the authors' scripts
    "Query_Product_Rank": RANKING_TASK,
    "Product_Substitue_Identification": "Product_Substitute_Identification",
    "Product_Relation_Predicition": "Product_Relation_Prediction",
}


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of a row; options are without their letters and numbers.

    fields   the input where it is an object, else {}
    options  the options to choose from, or the products to rank
    place    of the right option, from 0; None where there are no options
    order    the products of a ranking, the best first, from 0; () where it is none
    """

    task: str
    prompt: str
    input: str
    fields: Mapping[str, Any]
    options: tuple[str, ...]
    output: str
    index: int | None = None
    order: tuple[int, ...] = ()


def take_apart(row: Mapping[str, Any]) -> Parts:
    """Return a row's parts. Raises CellError where it is not for training, or unusable."""
    split = as_text(row.get("split")) or "train"
    if split != "train":
        raise CellError(f"split {split:.20}: not for training")
    task = as_text(row.get("task")) or "instruction"
    task = _SPELLINGS.get(task, task)
    prompt, output = as_text(row.get("instruction")), _output(row)
    if not prompt:
        raise CellError("instruction is empty")
    given = as_value(row.get("input"))
    marks, options = as_options(row.get("options"))
    index: int | None = None
    order: tuple[int, ...] = ()
    if options:
        index = _place(output, marks, options)
        for number, (mark, option) in enumerate(zip(marks, options, strict=True)):
            prompt = prompt.replace(f"{mark}: {option}", f"{number}: {option}")
    elif task == RANKING_TASK and isinstance(given, dict):
        marks, options = as_options(given.get("product list"))
        order = _order(output, marks)
        given = {name: value for name, value in given.items() if name != "product list"}
        prompt = re.sub(r"\bA, B, C\b", "1, 2, 3", prompt)
    fields = given if isinstance(given, dict) else {}
    parts = Parts(task, prompt, as_prompt(given), fields, options, output, index, order)
    if _SURROGATE.search("".join((prompt, parts.input, output, *options))):
        raise CellError("it holds a lone surrogate (\\ud800 to \\udfff), which is no character")
    return parts


def _output(row: Mapping[str, Any]) -> str:
    """Return the output as text; JSON is written without escapes."""
    value = as_value(row.get("output"))
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False)
    text = as_text(value)
    if not text:
        raise CellError("output is empty")
    return text.lower() if text.lower() in YES_OR_NO else text


def as_options(cell: Any) -> tuple[list[str], tuple[str, ...]]:
    """Return the options' marks and their texts. Raises CellError.

    >>> as_options('["A: very good", "B: bad"]')
    (['A', 'B'], ('very good', 'bad'))
    """
    value = as_value(cell)
    if isinstance(value, dict):
        value = [f"{mark}: {text}" for mark, text in value.items()]
    elif isinstance(value, str):
        value = [line for line in value.splitlines() if line.strip()]
    if not isinstance(value, list) or not all(isinstance(v, str | int | float) for v in value):
        raise CellError(f"options is {cell!r:.60}, which is not a list of texts")
    texts = [str(option).strip() for option in value]
    marked = [_MARKED.fullmatch(text) for text in texts]
    marks = [found[1] for found in marked if found]
    size = len(texts)
    if size < 2:
        return [], ()
    counted = [[str(start + n) for n in range(size)] for start in (0, 1)]
    if marks in (list(ascii_uppercase[:size]), *counted):
        return marks, tuple(found[2].strip() for found in marked if found)
    return texts, tuple(texts)


def _place(output: str, marks: list[str], options: tuple[str, ...]) -> int:
    """Return which option the output is: its mark, its text, or both. Raises CellError."""
    for known in (marks, options):
        folded = [text.casefold() for text in known]
        if folded.count(output.casefold()) == 1:
            return folded.index(output.casefold())
    both = _MARKED.fullmatch(output)
    if both and both[1] in marks and options[marks.index(both[1])] == both[2].strip():
        return marks.index(both[1])
    raise CellError(f"output is {output!r:.60}, which is none of the options")


def _order(output: str, marks: list[str]) -> tuple[int, ...]:
    """Return the indices of the products, the best first. Raises CellError."""
    best_first = [mark.strip() for mark in output.split(",")]
    if not 2 <= len(marks) <= ranking.MAX_ITEMS or sorted(best_first) != sorted(marks):
        raise CellError(f"output is {output!r:.60}, which is no order of the products")
    return tuple(marks.index(mark) for mark in best_first)


def as_value(cell: Any) -> Any:
    """Return a cell's list or object, also from a text; else the text."""
    text = as_text(cell)
    if isinstance(cell, list | dict):
        return cell
    if text[:1] not in ("[", "{") or len(text) > MAX_LITERAL_CHARS:
        return text
    for parse in (json.loads, ast.literal_eval):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # odd escapes warn while compiling
                value = parse(text)
        except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
            continue
        return value if isinstance(value, list | dict) else text
    return text


def as_text(cell: Any) -> str:
    """Return a cell as text, "" where it has none: pandas writes nan, Innova's rows "null"."""
    if cell is None or (isinstance(cell, float) and math.isnan(cell)):
        return ""
    text = str(cell).strip()
    return "" if text.lower() in _NONE else text


def as_prompt(value: Any) -> str:
    """Return an input as a prompt shows it: one line per field, one line per item."""
    if isinstance(value, dict):
        lines = []
        for name, inner in value.items():
            if isinstance(inner, dict):
                inner = ", ".join(f"{key}: {as_text(v)}" for key, v in inner.items() if as_text(v))
            text = as_prompt(inner)
            gap = "\n" if "\n" in text else " "
            lines.append(f"{str(name).rstrip(':')}:{gap}{text}")
        return "\n".join(lines)
    if isinstance(value, list):
        return "\n".join(as_text(item) for item in value)
    return as_text(value)
