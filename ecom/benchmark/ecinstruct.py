"""ECInstruct's test splits: ten tasks of eCeLLM (Peng et al. 2024, arXiv 2402.08831).

    one file: split, task, setting, instruction, input, options, output, few_shot_example
    or their folders: TASK/SETTING/test.json
    label.json beside either: the relevance of every product of Query_Product_Ranking, E, S, C or I,
    a list a question, from their repository's data_label/

Of a file with splits the rows of `test` are read. A task is scored for each setting (IND or OOD ×
Single, Diverse or Unseen instruction). The authors' program leaves answers that it cannot read out
of the denominator, by our rules they are wrong.
"""

import json
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path, PurePosixPath
from string import ascii_uppercase
from typing import Any

import numpy as np

from ecom.benchmark.base import (
    Benchmark,
    Measure,
    Question,
    Read,
    Scores,
    Sums,
    Words,
    check_gold,
    divided,
    each,
    mean,
    named,
    not_computed,
    text_of,
)
from ecom.benchmark.measures import accuracy, f1, labelled, precision, recall
from ecom.corpus.formats import ecinstruct
from ecom.corpus.formats.cells import CellError
from ecom.corpus.formats.ecinstruct_parts import as_options, as_prompt, as_text, as_value
from ecom.errors import DataError
from ecom.forms import FormName
from ecom.raw import reading
from ecom.rows import Query
from ecom.shopbench import Place, Rejected

LABELS = "label.json"
MAX_TOKENS = 100  # of inference.py
HEAD = (
    "Below is an instruction that describes a task, paired with an input that provides further "
    "context. Write a response that appropriately completes the request."
)
YES_NO = ("yes", "no")
CHOICES = tuple("ABCDE")
ITEMS = tuple(ascii_uppercase[:20])
GAINS = {"E": 1.0, "S": 0.1, "C": 0.01, "I": 0.0}
RANKING = "Query_Product_Ranking"
VALUES = "Attribute_Value_Extraction"
_SPELLINGS = {  # as in the data, the authors' program and their folders
    "Query_Product_Rank": RANKING,
    "Product_Substitue_Identification": "Product_Substitute_Identification",
    "Product_Relation_Predicition": "Product_Relation_Prediction",
}
_MEASURES = {
    VALUES: "values",
    "Answerability_Prediction": "yes or no",
    "Product_Substitute_Identification": "yes or no",
    "Product_Matching": "yes or no",
    "Sequential_Recommendation": "recall@1",
    "Multiclass_Product_Classification": "choice",
    "Sentiment_Analysis": "choice",
    "Product_Relation_Prediction": "choice",
    RANKING: "ndcg",
    "Answer_Generation": "bertscore",
}
_CONSTRAINTS = {
    "yes or no": "Answer with yes or no.",
    "recall@1": "Answer with the letter of one option.",
    "choice": "Answer with the letter of the right option.",
    "ndcg": "Answer with the letters of all products, the best first, separated by commas.",
}


def read(path: Path) -> Read:
    """Yield the test questions of every file that a path names."""
    found = named(path, wanted="ECInstruct's file or folder")
    labels = _labels(path)
    files = {name: file for name, file in found.items() if PurePosixPath(name).name != LABELS}
    if len(files) > 1:  # of the authors' folders only these are tests
        files = {
            n: f for n, f in files.items() if PurePosixPath(n).stem.startswith("test")
        } or files
    for name, file in files.items():
        yield from _file(name, file, labels)


def _labels(path: Path) -> list[Any]:
    """Return the relevances of the ranked products; [] where there is no label.json."""
    folder = path if path.is_dir() else path.parent
    file = next(iter(sorted(folder.rglob(LABELS))), None) if path.is_dir() else folder / LABELS
    if file is None or not file.is_file():
        return []
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise DataError(f"{file}: not JSON: {error}; download it again") from None
    if not isinstance(found, list):
        raise DataError(f"{file}: not a list of lists; it is data_label/label.json of eCeLLM")
    return found


def _file(name: str, file: str, labels: Sequence[Any]) -> Read:
    """Yield the test rows of a file; the place of a ranked row among its like finds its labels."""
    inner = PurePosixPath(file.removeprefix("zip://").partition("::")[0])
    folders = {"task": inner.parent.parent.name, "setting": inner.parent.name}
    seen: dict[tuple[str, str], int] = {}
    for place, row in reading.read_file(file, name):
        if isinstance(row, Rejected):
            yield place, row
            continue
        if as_text(row.get("split")) not in ("", "test"):
            continue
        row = {**row, **{key: as_text(row.get(key)) or known for key, known in folders.items()}}
        row["task"] = _SPELLINGS.get(row["task"], row["task"])
        key = (row["task"], row["setting"])
        number = seen[key] = seen.get(key, -1) + 1
        try:
            yield place, _question(place, row, number, labels)
        except CellError as fault:
            yield place, Rejected(place.line, str(fault), str(row)[:200])


def _question(place: Place, row: Mapping[str, Any], number: int, labels: Sequence[Any]) -> Question:
    task, setting = row["task"], row["setting"] or "test"
    if task not in _MEASURES:
        raise CellError(f"task is {task!r:.60}; it must be one of {', '.join(_MEASURES)}")
    measure = _MEASURES[task]
    parts = [text_of(row, "instruction"), _cell(row, "input"), _cell(row, "options")]
    output = _cell(row, "output").strip()
    if not output:
        raise CellError("output is empty")
    gold, form, answer, metric, offered = _right(measure, output, row)
    check_gold(form, metric, answer)
    if measure == "ndcg":
        gold = _relevances(number, labels, offered)
        measure = measure if gold else "ndcg without labels"
    if measure == "values" and "OOD" in setting:
        measure = "values, loosely"
    heads = ("Instruction", "Input", "Options")
    shown = [f"### {head}:\n{text}" for head, text in zip(heads, parts, strict=True)]
    words = "\n\n".join([HEAD, *(shown if parts[2] else shown[:2]), "### Response:\n"])
    ours = [parts[0], as_prompt(as_value(row.get("input"))), _options(row)]
    ours.append(_CONSTRAINTS.get(_MEASURES[task], ""))
    query = Query(
        "\n".join(part for part in ours if part),
        is_multiple_choice=measure in ("recall@1", "choice"),
        task=task,
        labels=offered or None,
        order=True if _MEASURES[task] == "ndcg" else None,
    )
    _, skill = ecinstruct.TASKS[task]
    name = f"{task} ({setting})"
    return Question(
        place,
        name,
        skill or setting,
        Words(words, MAX_TOKENS),
        gold,
        measure,
        query,
        form,
        answer,
        metric,
    )


def _cell(row: Mapping[str, Any], name: str) -> str:
    """Return a cell as the authors' template prints it."""
    value = row.get(name)
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False)
    return str(value) if as_text(value) else ""


def _options(row: Mapping[str, Any]) -> str:
    marks, options = as_options(row.get("options"))
    return "\n".join(f"{mark}: {text}" for mark, text in zip(marks, options, strict=True))


_Right = tuple[Any, FormName, Any, str, tuple[str, ...]]


def _right(measure: str, output: str, row: Mapping[str, Any]) -> _Right:
    """Return the authors' gold, then our form, answer and metric, and the labels offered."""
    if measure == "values":
        found = value_lists(output)
        if found is None:
            raise CellError(f"output is {output!r:.60}; it must be a JSON list of objects")
        return found, "multi-label", _triples(found), "micro f1", ()
    if measure == "yes or no":
        return _one_of(output, YES_NO), "classification", output, "accuracy", YES_NO
    if measure == "recall@1":
        letters = _letters(row, ITEMS)
        return _one_of(output, letters), "classification", output, "accuracy", letters
    if measure == "choice":
        letters = _letters(row, CHOICES)
        letter = _one_of(output[:1], letters)
        return letter, "classification", letter, "accuracy", letters
    if measure == "ndcg":
        order = [part.strip() for part in output.split(",")]
        letters = tuple(sorted(order))
        if letters != tuple(ascii_uppercase[: len(order)]) or len(order) < 2:
            raise CellError(f"output is {output!r:.60}; it must be an order of letters from A")
        return order, "ordering", order, "ndcg", letters
    return output, "generation", output, "rougel", ()


def _letters(row: Mapping[str, Any], known: tuple[str, ...]) -> tuple[str, ...]:
    """Return the letters of the options, or all where the row has none of its own."""
    _, options = as_options(row.get("options"))
    return known[: len(options)] if 2 <= len(options) <= len(known) else known


def _one_of(output: str, known: Sequence[str]) -> str:
    if output not in known:
        raise CellError(f"output is {output!r:.60}; it must be one of {', '.join(known)}")
    return output


def _relevances(number: int, labels: Sequence[Any], offered: Sequence[str]) -> dict[str, float]:
    """Return the gain of each letter; {} without labels."""
    if not labels:
        return {}
    found = labels[number] if number < len(labels) else None
    if not isinstance(found, list) or len(found) != len(offered) or not set(found) <= set(GAINS):
        raise CellError(
            f"{LABELS} has {found!r:.60} for question {number + 1} of the ranking; it must have "
            f"E, S, C or I for each of {len(offered)} products"
        )
    return {letter: GAINS[one] for letter, one in zip(offered, found, strict=True)}


def value_lists(text: str) -> list[Any] | None:
    """Return the list that a text is as JSON; None where it is none."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, list) else None


def _triples(entries: Sequence[Any]) -> list[str]:
    """Return each distinct attribute, value and source as one text."""
    found = [
        " = ".join(as_text(entry.get(key)) for key in ("attribute", "value", "source"))
        for entry in entries
        if isinstance(entry, dict)
    ]
    return list(dict.fromkeys(found))


def read_values(text: str) -> str:
    """Return the values of an answer as our rules compare them, also between other words."""
    start, end = text.find("["), text.rfind("]")
    found = as_value(text[start : end + 1]) if 0 <= start < end else []
    return json.dumps(_triples(found if isinstance(found, list) else []), ensure_ascii=False)


def count_values(text: str, gold: Sequence[Any], *, loosely: bool) -> tuple[float, float, float]:
    """Return hits, right values and found values. An answer that is no JSON list has no value.

    Each found value that equals a right one is a hit, a repeated one again. `loosely`, of the OOD
    settings: the value and the source may be part of the right ones, or they of these.
    """
    found = [one for one in value_lists(text) or [] if isinstance(one, dict)]
    pairs = ((one, right) for right in gold if isinstance(right, dict) for one in found)
    hits = sum(_is_hit(one, right, loosely) for one, right in pairs)
    return hits, len(gold), sum("attribute" in one for one in found)


def _is_hit(one: Mapping[str, Any], right: Mapping[str, Any], loosely: bool) -> bool:
    keys = ("attribute", "value", "source")
    if not all(key in one for key in keys):
        return False
    if all(one[key] == right.get(key) for key in keys):
        return True
    if not loosely or one["attribute"] != right.get("attribute") or one["value"] is None:
        return False
    source, of_right = one["source"], right.get("source")
    if not isinstance(source, str) or not isinstance(of_right, str):
        return False
    value, known = str(one["value"]), str(right.get("value"))
    return (value in known or known in value) and (source in of_right or of_right in source)


def values_f1(sums: Sums) -> Scores:
    """Return F1 with the authors' small numbers in the divisors."""
    r, p = values_recall(sums), values_precision(sums)
    return divided(2 * r * p, r + p + 1e-6)


def values_recall(sums: Sums) -> Scores:
    """Return hits over right values."""
    return divided(sums[..., 0], sums[..., 1])


def values_precision(sums: Sums) -> Scores:
    """Return hits over found values."""
    return divided(sums[..., 0], sums[..., 2] + 1e-6)


def yes_or_no(text: str) -> str | None:
    """Return yes or no; None, which is not counted, for any other answer."""
    found = text.lower().strip()
    return found if found in YES_NO else None


def item(text: str) -> str | None:
    """Return the letter that the answer is, A to T; None for any other answer."""
    return text.strip() if text.strip() in ITEMS else None


def choice(text: str) -> str | None:
    """Return the letter, A to E, that the answer begins with; None for any other answer."""
    found = text.strip()[:1]
    return found if found in CHOICES else None


def order_gain(text: str, gold: Mapping[str, float]) -> float:
    """Return DCG over that of the same letters in their best order.

    The first character of each part between commas is its letter: that of ", B" is a space, which
    is none, and is left out.
    """
    gains = [gold[part[0]] for part in text.strip().split(",") if part and part[0] in gold]
    return _dcg(gains) / (_dcg(sorted(gains, reverse=True)) + 1e-6)


def _dcg(gains: Sequence[float]) -> float:
    return float(sum((2**gain - 1) / np.log2(at + 2) for at, gain in enumerate(gains)))


def _specificity(sums: Sums) -> Scores:
    """Return the share of right "no" that are found."""
    return divided(sums[..., 1], sums[..., 1] + sums[..., 2] + 1e-8)


def _negatives(sums: Sums) -> Scores:
    """Return the share of found "no" that are right."""
    return divided(sums[..., 1], sums[..., 1] + sums[..., 3] + 1e-8)


_YES = slice(0, 1)
_ORDERED = (
    "Gain of the letters named, over the best order of the same letters: one letter alone has 1, "
    "unless its gain is 0."
)
MEASURES = {
    "values": Measure(
        "F1",
        "F1 of the values of all questions together; an answer that is no JSON list has none.",
        each(partial(count_values, loosely=False)),
        values_f1,
        {"recall": values_recall, "precision": values_precision},
    ),
    "values, loosely": Measure(
        "F1, loosely",
        "The same; value and source may be part of the right ones, or they of these.",
        each(partial(count_values, loosely=True)),
        values_f1,
        {"recall": values_recall, "precision": values_precision},
    ),
    "yes or no": Measure(
        "F1 of yes",
        "F1 of the answer yes; an answer that is neither yes nor no is not counted.",
        labelled(YES_NO, yes_or_no),
        partial(f1, of=_YES),
        {
            "accuracy": accuracy,
            "recall": partial(recall, of=_YES),
            "precision": partial(precision, of=_YES),
            "specificity": _specificity,
            "NPR": _negatives,
        },
    ),
    "recall@1": Measure(
        "recall@1",
        "Share of right letters; an answer that is no letter is not counted.",
        labelled(ITEMS, item),
        accuracy,
    ),
    "choice": Measure(
        "macro F1",
        "Mean of F1 over the letters; an answer that begins with none is not counted.",
        labelled(CHOICES, choice),
        f1,
        {"accuracy": accuracy, "recall": recall, "precision": precision},
    ),
    "ndcg": Measure(
        "nDCG",
        _ORDERED,
        mean(order_gain),
    ),
    "ndcg without labels": Measure(
        "nDCG",
        _ORDERED,
        **not_computed(f"needs {LABELS} beside the file: data_label/label.json of ninglab/eCeLLM"),
    ),
    "bertscore": Measure(
        "BERTScore F1",
        "Not computed: it needs a model of 1.4 GB that no package carries.",
        **not_computed("BERTScore needs roberta-large, which this program does not run"),
    ),
}

BENCHMARK = Benchmark(
    name="ecinstruct",
    about="ten e-commerce tasks in and out of domain: extraction, matching, ranking, answers",
    where="https://huggingface.co/datasets/NingLab/ECInstruct",
    licence="CC-BY-4.0",
    questions="9,253 in domain, 6,000 out of domain",
    scored_by="F1, macro F1, recall@1, nDCG, BERTScore",
    read=read,
    measures=MEASURES,
    reads={"values": read_values, "values, loosely": read_values},
    notes=(
        "The authors leave answers that their program cannot read out of the denominator, so by "
        "their rules a model gains by them; by ours they are wrong.",
        "The authors sample at temperature 0.15; here the likeliest token is taken.",
    ),
)
