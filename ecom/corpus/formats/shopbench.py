"""ShopBench's development format, for training rows.

`input_field, output_field, task_type, metric`, maybe `task_name` and `track`. A file of training
rows often has no task name: its own name stands in.

Public training rows have faults that a reader can put right without guessing. Each is counted:

    a gold written "2"                     2
    yes or no as multiple choice           generation, scored by rougel: the prompt asks for the
                                           word, and ROUGE-L of one word is equality
    options numbered 0, 1, 3               0, 1, 2: without the rows whose gold is 2, the model
                                           would learn that the last option is never right
    a retrieval list from 0                from 1, prompt and gold: ShopBench's lists count from 1
    a retrieval gold of 4 or 5             the right items over 3 leave the list: an answer has 3
    bleu for a Japanese text               jp-bleu
    free text in a file of multiple choice a task of its own, so that a recipe can cap it
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from ecom.corpus.formats.base import Fixed, Format, Item, Row
from ecom.corpus.formats.matching import paired
from ecom.corpus.formats.printed import PrintedList
from ecom.corpus.formats.tables import need
from ecom.corpus.records import Paired, Review, Tagged
from ecom.corpus.source import RawSource, name_of, stem
from ecom.forms import FORMS, ranking, retrieval
from ecom.rows import Example, FormName, Paradigm
from ecom.shopbench import Rejected, question_fault, skill_of

MAX_RECORD_CHARS = 10_000  # the patterns of records try every quotation: no more than this
_PARADIGMS: dict[FormName, Paradigm] = {
    "multiple-choice": "CLS",
    "retrieval": "EXT",
    "ranking": "OTHER",
    "named_entity_recognition": "OTHER",
    "generation": "GEN",
}
# EC-Guide's files are named after the form: mcq_sa.jsonl.
_FILES: dict[str, FormName] = {
    "mcq": "multiple-choice",
    "ner": "named_entity_recognition",
    "retrieval": "retrieval",
    "ranking": "ranking",
    "generation": "generation",
}
_KANA = re.compile("[\u3041-\u30ff]")
_NUMBER = re.compile(r"(?<!\w)\d{1,4}(?!\w)")
_RANGE = re.compile(r"\b(\d) ?(?:to|and|-|–) ?(\d)\b")
_ENTITY = [
    re.compile(r"'(?P<type>[^'\n]+)'[^'\n]*\n(?:.*\n)*?Query: *(?P<text>.+)"),
    re.compile(r"'(?P<type>[^']+)' (?:[a-z]+ ){1,5}title:? '(?P<text>.+)'\W*$"),
    re.compile(r"title '(?P<text>.+)'.*'(?P<type>[^']+)'\W*$"),
]
_RATED = re.compile(
    r"\b1 (?:to|and) 5\b[^\n]*\n(?:Input|Review): *(?P<text>.+)\n\w+:\s*$", re.DOTALL
)
_PRODUCT = re.compile(
    r"^product [12]: \{title: \"?(?P<title>.*?)\"?, description: \"?(?P<description>.*?)\"?, "
    r"manufacturer: \"?(?P<manufacturer>.*?)\"?, price: \"?(?P<price>.*?)\"?\}$",
    re.MULTILINE,
)


def read(rows: Iterable[Row], source: RawSource, file: str) -> Iterator[Item]:
    """Yield every row as an Example or Rejected, and a Record where its prompt is plainly of one.

    Raises DataError where the file has not the columns of the format.
    """
    name, file_name = name_of(source, file), stem(file)
    for line, row in need(rows, file, ("input_field", "output_field", "task_type")):
        if isinstance(row, Rejected):
            yield row
            continue
        fault = question_fault(row)
        row, fixes = (row, []) if fault else _repaired(row)
        if fault := fault or _answer_fault(row):
            yield Rejected(line, fault, str(row)[:200])
            continue
        task = _task(row, file_name, fixes)
        lang = source.lang or ""
        example = to_example(row, source=name, task=task, lang=lang)
        yield Fixed(example, tuple(fixes)) if fixes else example
        record = _record(row, f"{file_name}:{line}:{example.id[:8]}", name, lang)
        if record:
            yield record


def to_example(row: dict[str, Any], *, source: str, task: str, lang: str = "en") -> Example:
    """Return a sound row as an Example; `task` names it where the row has no `task_name`."""
    form: FormName = row["task_type"]
    gold = row["output_field"]
    return Example(
        source=source,
        task=row.get("task_name") or task,
        form=form,
        paradigm=_PARADIGMS[form],
        skill=skill_of(str(row.get("track", ""))),
        lang=lang,
        prompt=row["input_field"].strip(),
        output=FORMS[form].emit(ranking.order(gold) if form == "ranking" else gold),
        metric=row.get("metric") or "",
    )


def _answer_fault(row: dict[str, Any]) -> str | None:
    form, gold = row.get("task_type"), row.get("output_field")
    if form not in FORMS:
        return f"task_type is {form!r:.60}, not one of {', '.join(FORMS)}"
    if not FORMS[form].is_gold(gold):
        return f"output_field is {gold!r:.60}, not {FORMS[form].gold_rule}"
    if not FORMS[form].emit(gold).strip():
        return "output_field is empty"
    if not isinstance(row.get("metric"), str | None):
        return f"metric is {row['metric']!r:.60}, not a text"
    return _unprinted(form, row["input_field"], gold)


def _unprinted(form: FormName, prompt: str, gold: Any) -> str | None:
    """Say that a gold is no number of the options, in the words of a reason, or None."""
    golds = {"multiple-choice": [gold], "retrieval": gold}.get(form, [])
    if not golds or any(int(low) <= gold <= int(high) for low, high in _ranges(form, prompt)):
        return None
    printed = PrintedList.of(prompt)
    numbers = printed.numbers if printed else [int(n) for n in _NUMBER.findall(prompt)]
    lacking = [number for number in golds if number not in numbers]
    if not lacking:
        return None
    return f"gold {lacking[0]} is not among the printed options"


def _ranges(form: FormName, prompt: str) -> list[tuple[str, str]]:
    """A rating prints no options: it says "from 1 to 5"."""
    return _RANGE.findall(prompt) if form == "multiple-choice" else []


def _repaired(row: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Return the row with its known faults put right, and what was done."""
    form, gold, prompt = row.get("task_type"), row.get("output_field"), row["input_field"]
    fixes = []
    if form == "multiple-choice" and isinstance(gold, str):
        if _is_yes_or_no(gold):
            row = {**row, "task_type": "generation", "metric": "rougel"}
            fixes.append("yes or no of type multiple-choice: now generation, scored by rougel")
        elif gold.strip().isdecimal():
            gold = int(gold)
            fixes.append("gold is a text of digits: now a number")
            row = {**row, "output_field": gold}
    if row.get("metric") == "bleu" and isinstance(gold, str) and _KANA.search(gold):
        row = {**row, "metric": "jp-bleu"}
        fixes.append("metric bleu for a Japanese text: now jp-bleu")
    if form == "multiple-choice" and type(gold) is int:
        return _without_gap(row, prompt, gold, fixes)
    if form == "retrieval" and isinstance(gold, list) and all(type(n) is int for n in gold):
        return _from_one(row, prompt, gold, fixes)
    return row, fixes


def _without_gap(
    row: dict[str, Any], prompt: str, gold: int, fixes: list[str]
) -> tuple[dict[str, Any], list[str]]:
    """Number options that skip a number afresh, where that leaves no doubt which is right.

    A gold may be the number printed or the place in the list. Where they are not the same option,
    the row stays as it is: with its gold among the numbers, so nothing is known to be wrong.
    """
    printed = PrintedList.of(prompt)
    numbers = printed.numbers if printed else []
    if not printed or numbers[0] != 0 or numbers == list(range(len(numbers))):
        return row, fixes
    by_number = numbers.index(gold) if gold in numbers else None
    by_place = gold if 0 <= gold < len(numbers) else None
    meant = {place for place in (by_number, by_place) if place is not None}
    if len(meant) != 1:
        return row, fixes
    prompt = printed.renumbered(0)
    fix = "options that skip a number: now numbered 0, 1, 2, …"
    return {**row, "input_field": prompt, "output_field": meant.pop()}, [*fixes, fix]


def _from_one(
    row: dict[str, Any], prompt: str, gold: list[int], fixes: list[str]
) -> tuple[dict[str, Any], list[str]]:
    """Count a list from 1 that counts from 0, and leave at most three right items in it."""
    printed = PrintedList.of(prompt)
    if not printed or not set(gold) <= set(printed.numbers) or len(set(gold)) < len(gold):
        return row, fixes
    first, surplus = printed.numbers[0], gold[retrieval.MAX_ITEMS :]
    if surplus and printed.is_counted_in_words():
        return row, fixes
    if first == 0 and not printed.speaks_of_zero():
        fixes = [*fixes, "list counted from 0: now from 1"]
    elif first == 0:
        return row, fixes
    if surplus:
        fixes = [*fixes, f"more than {retrieval.MAX_ITEMS} right items: the others left the list"]
    if first == 1 and not surplus:
        return row, fixes
    prompt = printed.renumbered(1, without=surplus)
    places = printed.places(without=surplus)
    kept = [places[number] + 1 for number in gold if number in places]
    return {**row, "input_field": prompt, "output_field": kept}, fixes


def _task(row: dict[str, Any], file_name: str, fixes: list[str]) -> str:
    """Return the task's name: the file's, and the form where it is not the file's."""
    form, file_form = row["task_type"], _FILES.get(file_name.split("_")[0])
    if row.get("task_name") or file_form in (None, form):
        return file_name
    if not fixes:
        fixes.append(f"{form} in a file of {file_form}: a task of its own")
    return f"{file_name}:{form}"


def _record(
    row: dict[str, Any], mark: str, source: str, lang: str
) -> Tagged | Review | Paired | None:
    """Return what the row tells of a text or of products, where there is no doubt."""
    prompt, gold, form = row["input_field"], row["output_field"], row["task_type"]
    if len(prompt) > MAX_RECORD_CHARS:
        return None
    if form == "named_entity_recognition":
        found = next((m for pattern in _ENTITY if (m := pattern.search(prompt))), None)
        if not found:
            return None
        kind, text = found["type"], found["text"].strip()
        spans = tuple((kind, term.strip()) for term in gold)
        if all(term and term in text for _, term in spans):
            return Tagged(id=mark, source=source, text=text, spans=spans, types=(kind,), lang=lang)
    if form == "multiple-choice" and (rated := _RATED.search(prompt)):
        return Review(id=mark, source=source, text=rated["text"].strip(), rating=gold, lang=lang)
    if form == "generation" and _is_yes_or_no(gold):
        two = [product.groupdict() for product in _PRODUCT.finditer(prompt)]
        same = gold.strip().casefold() == "yes"
        if len(two) == 2:
            return paired(*two, same=same, id=mark, source=source, lang=lang)
    return None


def _is_yes_or_no(gold: Any) -> bool:
    return isinstance(gold, str) and gold.strip().casefold() in ("yes", "no")


FORMAT = Format(
    name="shopbench",
    about="ShopBench's development format: input_field, output_field, task_type, metric",
    read=read,
)
