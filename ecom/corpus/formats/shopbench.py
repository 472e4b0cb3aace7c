"""ShopBench's development format, for training rows.

`input_field, output_field, task_type, metric`, optionally `task_name` and `track`. A file of
training rows often has no task name: the file's name is used.

The gold of a classification is a text, that of a multi-label or ordering row a list of texts. They
must be among those that the row's `options` or `labels` offer (with `choose` and `order`, as in a
question to the endpoint), or else its prompt.

Public training rows have faults that can be repaired without guessing. Each repair is counted:

    a gold written "2"                     2
    yes or no as multiple choice           classification: the prompt asks for the word
    options numbered 0, 1, 3               0, 1, 2: without the rows whose gold is 2, the model
                                           would learn that the last option is never right
    a retrieval list from 0                from 1, prompt and gold: ShopBench's lists count from 1
    a retrieval gold of 4 or 5             the right items over 3 leave the list: an answer has 3
    bleu for a Japanese text               jp-bleu
    free text in a file of multiple choice a separate task, so that a recipe can cap it
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any

from pydantic import TypeAdapter, ValidationError

from ecom.corpus import metadata
from ecom.corpus.formats.base import Fixed, Format, Item, Row
from ecom.corpus.formats.matching import paired
from ecom.corpus.formats.printed import PrintedList
from ecom.corpus.formats.tables import need
from ecom.corpus.records import Paired, Record, Review, Tagged
from ecom.corpus.source import RawSource, name_of, stem
from ecom.errors import InputError
from ecom.forms import FORMS, FormName, OneLabel, infer, retrieval
from ecom.forms.offer import Choose, offered
from ecom.rows import Example
from ecom.shopbench import Rejected, question_fault, skill_of

Fields = dict[str, Any]
MAX_RECORD_CHARS = 10_000  # the patterns of records try every quotation: only up to this length
# EC-Guide's files are named after the form: mcq_sa.jsonl.
_FILES: dict[str, FormName] = {
    "mcq": "multiple-choice",
    "ner": "named_entity_recognition",
    "retrieval": "retrieval",
    "ranking": "ranking",
    "generation": "generation",
}
_OFFER_FIELDS = ("options", "labels", "choose", "order")
_OFFER = TypeAdapter(tuple[list[str] | None, list[str] | None, Choose | None, bool | None])
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
    """Yield every row as an Example or Rejected, and a Record where its prompt clearly has one.

    Raises DataError where the file lacks the columns of the format.
    """
    name, file_name = name_of(source, file), stem(file)
    for line, row in need(rows, file, ("input_field", "output_field", "task_type")):
        if isinstance(row, Rejected):
            yield row
            continue
        fault = question_fault(row)
        kept = fault or metadata.COLUMN in row  # an exported row was repaired when it was read
        row, fixes = (row, []) if kept else _repaired(row)
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


def to_example(row: Fields, *, source: str, task: str, lang: str = "en") -> Example:
    """Return a valid row as an Example; `task` is used where the row has no `task_name`."""
    form: FormName = row["task_type"]
    gold = row["output_field"]
    return Example(
        source=source,
        task=row.get("task_name") or task,
        form=form,
        paradigm=FORMS[form].paradigm,
        skill=skill_of(str(row.get("track", ""))),
        lang=lang,
        prompt=row["input_field"].strip(),
        output=FORMS[form].emit(FORMS[form].ideal(gold)),
        metric=row.get("metric") or "",
    )


def _answer_fault(row: Fields) -> str | None:
    form, gold = row.get("task_type"), row.get("output_field")
    if form not in FORMS:
        return f"task_type is {form!r:.60}, not one of {', '.join(FORMS)}"
    if not FORMS[form].is_gold(gold):
        return f"output_field is {gold!r:.60}, not {FORMS[form].gold_rule}"
    if not FORMS[form].emit(gold).strip():
        return "output_field is empty"
    if not isinstance(row.get("metric"), str | None):
        return f"metric is {row['metric']!r:.60}, not a text"
    if FORMS[form].chosen:
        return _unoffered(row, row["output_field"])
    return _unprinted(form, row["input_field"], gold)


def _unoffered(row: Fields, gold: str | list[str]) -> str | None:
    """Return the reason where a gold is not what may be answered, or None."""
    prompt = row["input_field"]
    said = infer(prompt).offer if len(prompt) <= MAX_RECORD_CHARS else None
    try:
        given = _OFFER.validate_python([row.get(name) for name in _OFFER_FIELDS])
        offer = offered(*given, said) or said
        if offer and row.get("choose") is None:  # any number of them is right
            offer = replace(offer, least=1, most=len(offer.texts))
    except (InputError, ValidationError) as error:
        return _said(error)
    fault = offer.fault(gold) if offer else None
    return f"output_field is {gold!r:.60}: {fault}" if fault else None


def _said(error: InputError | ValidationError) -> str:
    """Return which field is wrong, and why."""
    if isinstance(error, InputError):
        return str(error)
    fault = error.errors()[0]
    return f"{_OFFER_FIELDS[int(fault['loc'][0])]} is {fault['input']!r:.60}: {fault['msg']}"


def _unprinted(form: FormName, prompt: str, gold: Any) -> str | None:
    """Return the reason where a gold is not a number of the options, or None.

    A rating prints no options, only "from 1 to 5".
    """
    golds = _NUMBERS_IN[form](gold) if form in _NUMBERS_IN else []
    ranges = _RANGE.findall(prompt) if isinstance(FORMS[form].decoding, OneLabel) else []
    if not golds or any(int(low) <= gold <= int(high) for low, high in ranges):
        return None
    printed = PrintedList.of(prompt)
    numbers = printed.numbers if printed else [int(n) for n in _NUMBER.findall(prompt)]
    lacking = [number for number in golds if number not in numbers]
    return f"gold {lacking[0]} is not among the printed options" if lacking else None


def _repaired(row: Fields) -> tuple[Fields, list[str]]:
    """Return the row with its known faults repaired, and the repairs."""
    gold, fixes = row.get("output_field"), list[str]()
    if row.get("metric") == "bleu" and isinstance(gold, str) and _KANA.search(gold):
        row = {**row, "metric": "jp-bleu"}
        fixes.append("metric bleu for a Japanese text: now jp-bleu")
    repair = _REPAIRS.get(str(row.get("task_type")))
    return repair(row, row["input_field"], gold, fixes) if repair else (row, fixes)


def _repair_choice(
    row: Fields, prompt: str, gold: Any, fixes: list[str]
) -> tuple[Fields, list[str]]:
    if _is_yes_or_no(gold):
        fix = "yes or no of type multiple-choice: now classification, scored by accuracy"
        return {**row, "task_type": "classification", "metric": "accuracy"}, [*fixes, fix]
    if isinstance(gold, str) and gold.strip().isdecimal():
        gold = int(gold)
        row = {**row, "output_field": gold}
        fixes = [*fixes, "gold is a text of digits: now a number"]
    return _without_gap(row, prompt, gold, fixes) if type(gold) is int else (row, fixes)


def _without_gap(row: Fields, prompt: str, gold: int, fixes: list[str]) -> tuple[Fields, list[str]]:
    """Renumber options that skip a number, where that leaves no doubt which one is right.

    A gold may be the printed number or the place in the list. Where these are different options,
    the row stays unchanged: its gold is among the numbers, so nothing is known to be wrong.
    """
    printed = PrintedList.of(prompt)
    numbers = printed.numbers if printed else []
    if not printed or numbers[0] != 0 or numbers == list(range(len(numbers))):
        return row, fixes
    by_number = numbers.index(gold) if gold in numbers else None
    by_place = gold if 0 <= gold < len(numbers) else None
    meant = {index for index in (by_number, by_place) if index is not None}
    if len(meant) != 1:
        return row, fixes
    prompt = printed.renumbered(0)
    fix = "options that skip a number: now numbered 0, 1, 2, …"
    return {**row, "input_field": prompt, "output_field": meant.pop()}, [*fixes, fix]


def _from_one(row: Fields, prompt: str, gold: Any, fixes: list[str]) -> tuple[Fields, list[str]]:
    """Renumber a list that counts from 0 to count from 1, and keep at most three right items."""
    if not isinstance(gold, list) or not all(type(n) is int for n in gold):
        return row, fixes
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
    indices = printed.indices(without=surplus)
    kept = [indices[number] + 1 for number in gold if number in indices]
    return {**row, "input_field": prompt, "output_field": kept}, fixes


def _task(row: Fields, file_name: str, fixes: list[str]) -> str:
    """Return the task's name: the file's, with the form where it is not the file's."""
    form, file_form = row["task_type"], _FILES.get(file_name.split("_")[0])
    if row.get("task_name") or file_form in (None, form):
        return file_name
    if not fixes:
        fixes.append(f"{form} in a file of {file_form}: a task of its own")
    return f"{file_name}:{form}"


def _record(row: Fields, mark: str, source: str, lang: str) -> Record | None:
    """Return the record in a row, about a text or products, where there is no doubt."""
    prompt, reader = row["input_field"], _RECORDS.get(row["task_type"])
    if not reader or len(prompt) > MAX_RECORD_CHARS:
        return None
    return reader(prompt, row["output_field"], {"id": mark, "source": source, "lang": lang})


def _tagged(prompt: str, gold: list[str], known: Any) -> Tagged | None:
    found = next((m for pattern in _ENTITY if (m := pattern.search(prompt))), None)
    if not found:
        return None
    kind, text = found["type"], found["text"].strip()
    spans = tuple((kind, term.strip()) for term in gold)
    if not all(term and term in text for _, term in spans):
        return None
    return Tagged(text=text, spans=spans, types=(kind,), **known)


def _review(prompt: str, gold: int, known: Any) -> Review | None:
    rated = _RATED.search(prompt)
    return Review(text=rated["text"].strip(), rating=gold, **known) if rated else None


def _pair(prompt: str, gold: Any, known: Any) -> Paired | None:
    if not _is_yes_or_no(gold):
        return None
    two = [product.groupdict() for product in _PRODUCT.finditer(prompt)]
    same = gold.strip().casefold() == "yes"
    return paired(*two, same=same, **known) if len(two) == 2 else None


def _is_yes_or_no(gold: Any) -> bool:
    return isinstance(gold, str) and gold.strip().casefold() in ("yes", "no")


# By task_type: the option numbers in a gold, repairs, records.
_NUMBERS_IN: dict[str, Callable[[Any], list[int]]] = {
    "multiple-choice": lambda gold: [gold],
    "retrieval": list,
}
_REPAIRS: dict[str, Callable[[Fields, str, Any, list[str]], tuple[Fields, list[str]]]] = {
    "multiple-choice": _repair_choice,
    "retrieval": _from_one,
}
_RECORDS: dict[str, Callable[[str, Any, Any], Tagged | Review | Paired | None]] = {
    "named_entity_recognition": _tagged,
    "multiple-choice": _review,
    "classification": _pair,
    "generation": _pair,
}
FORMAT = Format(
    name="shopbench",
    about="ShopBench's development format: input_field, output_field, task_type, metric",
    read=read,
)
