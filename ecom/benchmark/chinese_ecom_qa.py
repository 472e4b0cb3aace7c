"""ChineseEcomQA: ten e-commerce concepts in Chinese (Chen et al. 2025, arXiv 2502.20196).

    data/ChineseEcomQA.jsonl   JSON lines: system_prompt, prompt, gt, task

The authors publish no scorer: their paper has a language model judge the answers. So there are only
scores by our rules. Some right answers of relevance have a reason below them; their first line is
what is compared.
"""

from pathlib import Path
from typing import Any

from ecom.benchmark.base import (
    Benchmark,
    Question,
    Read,
    Words,
    check_gold,
    named,
    questions,
    text_of,
)
from ecom.corpus.formats.cells import CellError
from ecom.forms import FORMS, FormName, SeveralTexts
from ecom.rows import Query
from ecom.shopbench import Place

MAX_TOKENS = 128
# Their names in the paper, and what an answer is made of: labels, one text, several, or free text.
TASKS: dict[str, tuple[str, FormName, str, tuple[str, ...]]] = {
    "IC": ("industry categorization", "multi-label", "set f1", ()),
    "IDC": ("industry concept", "generation", "multilingual-sent-transformer", ()),
    "CC": ("category concept", "classification", "accuracy", ()),
    "BC": ("brand concept", "generation", "multilingual-sent-transformer", ()),
    "AC": ("attribute concept", "classification", "accuracy", ()),
    "SC": ("spoken concept", "classification", "accuracy", ()),
    "ITC": ("intention concept", "classification", "accuracy", ()),
    "RVC": ("review concept", "classification", "accuracy", ("正确", "错误")),
    "RLC": ("relevance concept", "classification", "accuracy", ()),
    "PC": ("personalized concept", "classification", "accuracy", tuple("ABCD")),
}


def read(path: Path) -> Read:
    """Yield the questions of every file that a path names."""
    found = named(path, wanted="ChineseEcomQA.jsonl")
    for name, file in found.items():
        yield from questions(name, file, _question)


def _question(place: Place, row: dict[str, Any]) -> Question:
    short = text_of(row, "task")
    if short not in TASKS:
        raise CellError(f"task is {short!r:.20}; it must be one of {', '.join(TASKS)}")
    name, form, metric, labels = TASKS[short]
    given, prompt = row.get("system_prompt"), text_of(row, "prompt")
    system = given if isinstance(given, str) else ""  # a hundred rows have none
    gold = text_of(row, "gt").strip().split("\n")[0].strip()
    answer: Any = gold
    if isinstance(FORMS[form].decoding, SeveralTexts):
        answer = list(dict.fromkeys(part.strip() for part in gold.split(",") if part.strip()))
    if labels and gold not in labels:
        raise CellError(f"gt is {gold!r:.20}; it must be one of {', '.join(labels)}")
    check_gold(form, metric, answer)
    return Question(
        place=place,
        task=f"{short}: {name}",
        skill="concepts",
        authors=Words(prompt, MAX_TOKENS, system),
        gold=gold,
        measure="",
        ours=Query(
            f"{system.strip()}\n{prompt}".lstrip(),
            False,
            task=name,
            labels=labels or None,
            form=None if labels else "generation",
        ),
        form=form,
        answer=answer,
        metric=metric,
    )


BENCHMARK = Benchmark(
    name="chinese-ecom-qa",
    about="ten e-commerce concepts in Chinese: brands, categories, attributes, intentions, …",
    where="https://github.com/OpenStellarTeam/ChineseEcomQA (data/ChineseEcomQA.jsonl)",
    licence="CC-BY-NC-SA-4.0",
    questions="1,800",
    scored_by="none published; their paper's judge is a language model",
    read=read,
    notes=(
        "By our rules a short answer must be the right one but for case, spaces and a full stop; "
        "free answers are compared by embeddings.",
    ),
)
