"""Shopping MMLU: 57 tasks of four shopping skills (Jin et al. 2024, arXiv 2410.20745).

    data/skills/SKILL.json                   JSON lines: input_field, output_field, task_name,
                                             task_type, metric
    data/multiple_choice/TASK_dataset.csv    question, choices "['a', 'b', 'c', 'd']", answer
    data/retrieval, ranking, named_entity_recognition, generation/TASK_dataset.json
                                             JSON lines: input_field, target_field

Both layouts hold the same questions, so of a folder with both the skills are read. Their programs
score them by different rules: skill_wise_eval/ those of the first, task_wise_eval/ those of the
second. The rules here are those of the program that reads the file.
"""

import ast
from collections.abc import Sequence
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any, get_args

import numpy as np

from ecom.benchmark.base import (
    Benchmark,
    Measure,
    Published,
    Question,
    Read,
    Sums,
    Words,
    check_gold,
    each,
    mean,
    named,
    questions,
    text_of,
)
from ecom.benchmark.measures import encoded, lacks
from ecom.corpus.formats.cells import CellError
from ecom.errors import DataError
from ecom.evaluate.config import EncoderMetric, Encoders
from ecom.forms import FORMS, OneLabel
from ecom.forms.scores import bleu, rouge_l
from ecom.rows import Query
from ecom.shopbench import Place

SYSTEM = (
    "You are a helpful online shopping assistant. Please answer the following question about "
    "online shopping and follow the given instructions.\n\n"
)
SKILLS = {
    "concept": "concepts",
    "reasoning": "reasoning",
    "behavior": "behavior",
    "multilingual": "multilingual",
}
# The limits of both programs: tokens by task_type, and by folder.
_LIMITS = {"multiple-choice": 1}
_OF_TASKS = {
    "multiple_choice": ("multiple-choice", 4),
    "retrieval": ("retrieval", 15),
    "ranking": ("ranking", 20),
    "named_entity_recognition": ("named_entity_recognition", 20),
    "generation": ("generation", 128),
}
_METRICS = {
    "multiple-choice": "accuracy",
    "retrieval": "hit rate@3",
    "ranking": "ndcg",
    "named_entity_recognition": "micro f1",
}
_RATINGS = "review_rating_prediction"
CHOICES = 4


def read(path: Path) -> Read:
    """Yield the questions of the skills or, where a path has none, of the tasks' own files."""
    found = named(path, wanted="data.zip, its folder data, or a file of it")
    tasks = {name: file for name, file in found.items() if "_dataset." in name}
    skills = {name: file for name, file in found.items() if name not in tasks and _is_json(name)}
    if not skills and not tasks:
        raise DataError(
            f"{path}: no file of Shopping MMLU in it; unzip its data.zip and give the folder data"
        )
    for name, file in (skills or tasks).items():
        make = partial(_of_skill, _skill(name)) if skills else partial(_of_task, file)
        yield from questions(name, file, make)


def _is_json(name: str) -> bool:
    return name.endswith((".json", ".jsonl"))


def _skill(name: str) -> str:
    stem = PurePosixPath(name).stem
    return next((skill for part, skill in SKILLS.items() if part in stem), stem)


def _of_skill(skill: str, place: Place, row: dict[str, Any]) -> Question:
    prompt, task, form = (text_of(row, name) for name in ("input_field", "task_name", "task_type"))
    metric, gold = text_of(row, "metric"), row.get("output_field")
    if metric not in _SKILL_WISE:
        raise CellError(f"metric is {metric!r:.60}; it must be one of {', '.join(_SKILL_WISE)}")
    words = Words(SYSTEM + prompt, _LIMITS.get(form, 100))
    return _question(place, task, skill, words, prompt, form, metric, metric, gold)


def _of_task(file: str, place: Place, row: dict[str, Any]) -> Question:
    inner = PurePosixPath(file.removeprefix("zip://").partition("::")[0])
    task, kind = inner.stem.partition(".")[0].removesuffix("_dataset"), inner.parent.name
    if kind not in _OF_TASKS:
        raise CellError(f"its folder is {kind!r:.60}; it must be one of {', '.join(_OF_TASKS)}")
    form, limit = _OF_TASKS[kind]
    gold: Any
    if kind == "multiple_choice":
        prompt, gold = _choice(task, row)
    else:
        prompt = text_of(row, "input_field")
        gold = row.get("target_field")
    metric = _METRICS.get(form) or _metric(task)
    words = Words(SYSTEM + prompt, limit)
    measure = f"{metric}{_BY_TASK}"
    return _question(
        place, task, kind.replace("_", " "), words, prompt, form, metric, measure, gold
    )


def _question(
    place: Place,
    task: str,
    skill: str,
    words: Words,
    prompt: str,
    form: str,
    metric: str,
    measure: str,
    gold: Any,
) -> Question:
    name: Any = form
    is_choice = form in FORMS and isinstance(FORMS[name].decoding, OneLabel)
    if is_choice and isinstance(gold, str) and gold.strip().isdecimal():
        gold = int(gold)
    check_gold(name, metric, gold)
    if metric in ("rougel", "bleu", "jp-bleu") and not isinstance(gold, str):
        raise CellError(f"the right answer is {gold!r:.60}; for {metric} it must be one text")
    ours = Query(prompt, is_choice, skill=skill, task=task)
    return Question(place, task, skill, words, gold, measure, ours, name, gold, metric)


def _choice(task: str, row: dict[str, Any]) -> tuple[str, int]:
    """Return the prompt of a row of multiple choice, and the right number."""
    prompt, answer = text_of(row, "question"), str(row.get("answer")).strip().removesuffix(".0")
    right = range(1, 6) if _RATINGS in task else range(CHOICES)
    if answer not in map(str, right):
        raise CellError(f"answer is {answer!r:.20}; it must be {right[0]} to {right[-1]}")
    if _RATINGS not in task:
        for number, text in enumerate(_choices(row.get("choices"))):
            prompt += f"\n{number}. {text}"
    return f"{prompt}\nAnswer: ", int(answer)


def _choices(cell: Any) -> Sequence[str]:
    """Return the four choices of a Python list literal."""
    try:
        found = ast.literal_eval(cell) if isinstance(cell, str) else cell
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        found = None
    if not isinstance(found, list) or len(found) < CHOICES:
        raise CellError(f"choices is {cell!r:.60}; it must be a Python list of {CHOICES} texts")
    return [str(text) for text in found[:CHOICES]]


def _metric(task: str) -> str:
    """Return the metric that the authors' program takes for a task of generation, by its name."""
    if "extraction" in task:
        return "rougel"
    if "translation" in task:
        return "jp-bleu" if "JP" in task else "bleu"
    return "multilingual-sent-transformer" if "multilingual" in task else "sent-transformer"


def first_character(text: str, gold: int) -> float:
    """1 where the first character but spaces is the right number; "2. boot" is 2, "10" is 1."""
    return float(text.strip(" ")[:1] == str(gold))


def first_number(text: str, gold: int) -> float:
    """1 where the first numeric character is the right number; without one, the text itself."""
    found = next((character for character in text if character.isnumeric()), text)
    return float(found == str(gold))


def integers(parts: Sequence[str]) -> list[int]:
    """Return the parts that Python reads as an integer ("1_0" and "٣" too)."""
    found = []
    for part in parts:
        try:
            found.append(int(part))
        except ValueError:
            continue
    return found


def hits(text: str, gold: Sequence[int]) -> float:
    """Return the share of the right numbers among the first three between commas, lines ignored."""
    return _share(text.strip().split(","), gold)


def hits_in_line(text: str, gold: Sequence[int]) -> float:
    """Return the same of the first line."""
    return _share(text.strip().split("\n")[0].split(","), gold)


def _share(parts: Sequence[str], gold: Sequence[int]) -> float:
    return len(set(gold) & set(integers(parts)[:3])) / len(gold)


def order_gain(text: str, gold: Sequence[float], *, cut: bool) -> float:
    """Return nDCG of the numbers in the first line; repeated ones count again, 0 is the last item.

    `cut`: only as many numbers as there are candidates. A number below the list's begin, at which
    the authors' program ends with an error, gains nothing.
    """
    line = text.strip("\n").split("\n")[0] if "\n" in text else text
    numbers = integers(line.strip().split(","))
    numbers = numbers[: len(gold)] if cut else numbers
    shown = [gold[n - 1] if -len(gold) <= n - 1 < len(gold) else 0.0 for n in numbers]
    ideal = _gain(sorted(gold, reverse=True))
    return _gain(shown) / ideal if ideal else 0.0


def _gain(relevances: Sequence[float]) -> float:
    return float(sum((2**rel - 1) / np.log2(at + 2) for at, rel in enumerate(relevances)))


def entities(text: str, gold: Sequence[str]) -> tuple[float, float]:
    """Return numerator and denominator of F1 of the entities between commas in the first line.

    Only spaces are stripped, and an entity of spaces counts as a wrong one.
    """
    line = text.lstrip("\n").split("\n")[0].strip(" ")
    parts = [part.strip(" ") for part in line.split(",") if part]
    found, right = [part.lower() for part in parts], {item.lower() for item in gold}
    same = len(set(found) & right)
    return 2 * same, len(found) + len(gold)


def japanese_bleu(answers: Sequence[str], golds: Sequence[Any], _: Encoders) -> Sums:
    """Return what each row adds to the mean of BLEU with MeCab's words; NaN without MeCab."""
    if no_mecab():
        return np.full((len(answers), 2), np.nan)
    pairs = zip(answers, golds, strict=True)
    return np.array([(bleu(answer, gold, "ja-mecab"), 1.0) for answer, gold in pairs])


def no_mecab(_: Any = None) -> str | None:
    """Return what is missing for Japanese words, or None."""
    try:
        import ipadic  # noqa: F401
        import MeCab  # noqa: F401
    except ImportError:
        return "needs MeCab: pip install 'sacrebleu[ja]'"
    return None


def _texts(suffix: str, *, floor: bool) -> dict[str, Measure]:
    """Return the measures of texts; those of embeddings are at least 0 where `floor`."""
    found = [
        Measure("micro f1", "F1 of the entities between commas in the first line.", each(entities)),
        Measure("rougel", "ROUGE-L F of rouge_score, stemmed, of the whole text.", mean(rouge_l)),
        Measure("bleu", "sacrebleu of the first line, lowercase.", mean(bleu)),
        Measure("jp-bleu", "The same, with MeCab's words.", japanese_bleu, missing=no_mecab),
    ]
    encoders: tuple[EncoderMetric, ...] = get_args(EncoderMetric)
    found += [
        Measure(one, "Cosine of embeddings.", encoded(one, floor=floor), missing=lacks(one))
        for one in encoders
    ]
    return {f"{one.name}{suffix}": one for one in found}


_SKILL_WISE = {
    "accuracy": Measure(
        "accuracy", "1 where the first character is the right number.", mean(first_character)
    ),
    "hit rate@3": Measure(
        "hit rate@3", "Share of the right numbers among the first three of the text.", mean(hits)
    ),
    "ndcg": Measure("ndcg", "nDCG of the first line.", mean(partial(order_gain, cut=True))),
    **_texts("", floor=True),
}
_BY_TASK = ", by task"
_TASK_WISE = {
    f"accuracy{_BY_TASK}": Measure(
        "accuracy", "1 where the first numeric character is the right number.", mean(first_number)
    ),
    f"hit rate@3{_BY_TASK}": Measure(
        "hit rate@3",
        "Share of the right numbers among the first three of the first line.",
        mean(hits_in_line),
    ),
    f"ndcg{_BY_TASK}": Measure(
        "ndcg",
        "nDCG of the first line; further numbers than candidates count too.",
        mean(partial(order_gain, cut=False)),
    ),
    **_texts(_BY_TASK, floor=False),
}
_BOARD = (
    "https://huggingface.co/spaces/KL4805/shopping_mmlu_leaderboard (ShoppingMMLU_overall.json)"
)


def _board(system: str, *scores: float) -> Published:
    return Published(system, _BOARD, dict(zip(SKILLS.values(), scores, strict=True)))


BENCHMARK = Benchmark(
    name="shopping-mmlu",
    about="57 tasks of four shopping skills: concepts, reasoning, behavior, multilingual",
    where="https://github.com/KL4805/ShoppingMMLU (data.zip)",
    licence="Apache-2.0",
    questions="20,799",
    scored_by="accuracy, hit rate@3, nDCG, micro F1, ROUGE-L, BLEU, sentence embeddings",
    read=read,
    measures={**_SKILL_WISE, **_TASK_WISE},
    published=(
        _board("Claude 3 Sonnet", 0.8075, 0.7163, 0.7017, 0.6776),
        _board("Claude 2", 0.7546, 0.6550, 0.6353, 0.6524),
        _board("ChatGPT", 0.7563, 0.6497, 0.5979, 0.6081),
    ),
    notes=(
        "The authors send their text to the model without a chat template; here it is the user's "
        "only turn.",
    ),
)
