"""Rules that a row must pass, after what can be repaired is repaired.

    Example ─► tags, entities, characters, white space ─► is the answer one that the prompt allows?
                 │ fixed: counted by name                   │ no: the reason
                 ▼                                          ▼
               Cleaned(example, fixes)                    str

Texts that a wrong encoding has spoilt ("Ã¤") are left alone: what they were can only be guessed.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ecom.corpus import markup
from ecom.corpus.config import Clean
from ecom.corpus.options import printed
from ecom.forms import FORMS
from ecom.forms.infer import RATING as RATING
from ecom.rows import FIRST_NUMBER, Example

ILLEGAL_SHARE = 0.01  # of a prompt's characters
SHRINKS = 4  # repairing makes a text shorter, but what is longer than this is not worth the time
_PARTS = ("description", "prompt", "input", "constraint", "output")

# U+FFFD is what a failed decoding leaves; the others are no characters, or nobody knows which.
_ILLEGAL = re.compile(
    "[\ufffd\ud800-\udfff\ue000-\uf8ff\ufdd0-\ufdef\ufffe\uffff\U000f0000-\U0010ffff]"
)
_NEW_LINE = re.compile("\r\n?|[\v\f\x1c-\x1e\x85\u2028\u2029]")
_BLANK = re.compile("[\t\xa0\u1680\u2000-\u200a\u202f\u205f\u3000]")
# Not the joiners U+200C and U+200D: Persian, Hindi and emoji are written with them.
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f\xad\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff]"
)
_BLANKS = re.compile(r" {2,}")
_LINE_END = re.compile(r" +\n")
_EMPTY_LINES = re.compile(r"\n{3,}")


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A row that passes, and the names of what was repaired in it."""

    example: Example
    fixes: tuple[str, ...]


def clean(example: Example, settings: Clean) -> Cleaned | str:
    """Return the row, repaired, or the reason why it is left out.

    A row that was repaired has another id: it depends on the content. Its parents are the same.
    """
    if fault := _size_fault(example, settings, slack=SHRINKS):
        return fault
    changed, fixes, illegal = _repair(example)
    repaired = replace(example, id="", **changed) if changed else example
    if fault := _illegal_fault(repaired, illegal) or _size_fault(repaired, settings):
        return fault
    answer = _answer(repaired)
    if answer is None:
        return f"output is not what the official parser of {repaired.form} reads back"
    if answer != repaired.output:
        repaired = replace(repaired, id="", output=answer)
        fixes.append("answer form")
    return _option_fault(repaired) or Cleaned(repaired, tuple(fixes))


def _repair(example: Example) -> tuple[dict[str, Any], list[str], dict[str, int]]:
    """Return the parts that change, the fixes by name, and how many illegal characters were where.

    The parts are without illegal characters.
    """
    changed: dict[str, Any] = {}
    fixes: dict[str, None] = {}
    illegal = {"prompt": 0, "output": 0}
    for part in _PARTS:
        if text := getattr(example, part):
            repaired, found = _repair_text(text, fixes)
            illegal["output" if part == "output" else "prompt"] += found
            if repaired != text:
                changed[part] = repaired
    if example.options:
        options = [_repair_text(option, fixes) for option in example.options]
        illegal["prompt"] += sum(found for _, found in options)
        lines = tuple(_one_line(option, fixes) for option, _ in options)
        if lines != tuple(example.options):
            changed["options"] = lines
    return changed, list(fixes), illegal


def _repair_text(text: str, fixes: dict[str, None]) -> tuple[str, int]:
    """Return the text repaired and the number of its illegal characters; add to `fixes`.

    What one fix leaves may need another ("&#8203;"), so they are tried until nothing changes.
    """
    illegal = 0
    while True:
        before, text = text, _fixed(text, fixes)
        if not text.isascii():
            text, found = _ILLEGAL.subn("", text)
            if found:
                fixes["illegal characters"] = None
                illegal += found
        if text == before:
            return text, illegal


def _fixed(text: str, fixes: dict[str, None]) -> str:
    """Return the text after one round of fixes; add to `fixes`."""
    for name, fix in _FIXES.items():
        repaired = fix(text)
        if repaired != text:
            fixes[name] = None
            text = repaired
    return text


def has_html(text: str) -> bool:
    """Return whether a text holds tags or entities."""
    return ("<" in text or "&" in text) and markup.without_entities(markup.plain(text)) != text


def without_html(text: str, fixes: dict[str, None]) -> str:
    """Return the text as `clean` repairs it, but for illegal characters; add to `fixes`.

    A text of which nothing would be left stays.
    """
    found, repaired, before = dict[str, None](), text, ""
    while repaired != before:
        before, repaired = repaired, _fixed(repaired, found)
    fixes.update(found if repaired else {})
    return repaired or text


def _one_line(option: str, fixes: dict[str, None]) -> str:
    line = " ".join(option.split())
    if line != option:
        fixes["white space"] = None
    return line


def _normal_form(text: str) -> str:
    """Return the text in Unicode's normal form C: an "e" and its accent are one character."""
    if text.isascii() or unicodedata.is_normalized("NFC", text):
        return text
    return unicodedata.normalize("NFC", text)


def _characters(text: str) -> str:
    """Return the text without control characters and what is not seen, blanks and breaks as one."""
    if text.replace("\n", "").isprintable():
        return text
    return _UNSEEN.sub("", _BLANK.sub(" ", _NEW_LINE.sub("\n", text)))


def _white_space(text: str) -> str:
    """Return the text with single blanks, none at line ends, and at most one empty line."""
    repaired = text.strip()
    if "  " in repaired:
        repaired = _BLANKS.sub(" ", repaired)
    if " \n" in repaired:
        repaired = _LINE_END.sub("\n", repaired)
    if "\n\n\n" in repaired:
        repaired = _EMPTY_LINES.sub("\n\n", repaired)
    return repaired


_FIXES: dict[str, Callable[[str], str]] = {
    "tags": markup.plain,  # before entities: one may be a quote in an attribute
    "entities": markup.without_entities,
    "characters": _characters,
    "normal form": _normal_form,
    "white space": _white_space,
}


def _illegal_fault(example: Example, illegal: dict[str, int]) -> str | None:
    if illegal["output"]:
        return f"output has {illegal['output']} illegal characters (U+FFFD, private use, …)"
    if illegal["prompt"] and illegal["prompt"] > ILLEGAL_SHARE * len(example.text()):
        return (
            f"prompt has {illegal['prompt']} illegal characters (U+FFFD, private use, …), "
            f"more than {ILLEGAL_SHARE:.0%} of it"
        )
    return None


def _size_fault(example: Example, settings: Clean, slack: int = 1) -> str | None:
    prompt, output = len(example.text()), len(example.output)
    if not prompt:
        return "prompt is empty"
    if not output:
        return "output is empty"
    if prompt > slack * settings.max_prompt_chars:
        return (
            f"prompt has {prompt} characters, "
            f"more than clean.max_prompt_chars {settings.max_prompt_chars}"
        )
    if output > slack * settings.max_output_chars:
        return (
            f"output has {output} characters, "
            f"more than clean.max_output_chars {settings.max_output_chars}"
        )
    return None


def _answer(example: Example) -> str | None:
    r"""Return the output as the form's `emit` writes it, or None where the contest misreads it.

    Of numbers, the official parser must find what a careful reader finds ("2. boot" is 2, but
    "6\n8" is 68). Of entities, none may hold a line break.
    """
    form, output = FORMS[example.form], example.output
    if example.form in FIRST_NUMBER:
        answer = form.official(output)
        if answer == form.nothing:
            return None
        safe = form.emit(answer)
        return safe if safe == output or form.lenient(output) == answer else None
    if example.form == "named_entity_recognition" and ("[" in output or "\n" in output):
        entities = form.official(output)
        return output if entities and form.official(form.emit(entities)) == entities else None
    return output if form.official(output) else None


def _option_fault(example: Example) -> str | None:
    """Return what is wrong with an answer in numbers, or None. A rating needs no options."""
    if example.form not in FIRST_NUMBER:
        return None
    prompt = example.text()
    options = example.numbered() or printed(prompt)
    answer = FORMS[example.form].official(example.output)
    chosen = answer if isinstance(answer, list) else [answer]
    if example.form == "multiple-choice" and not example.options and RATING.search(prompt):
        return (
            None if answer in range(1, 6) or answer in options else f"rating {answer} is not 1 to 5"
        )
    if not options:
        return "no list of options or items is found in the prompt"
    for number in chosen:
        if number not in options:
            return f"answer {number} is not among the {len(options)} numbers printed"
    return None if example.form == "ranking" else _twin_fault(options, chosen)


def _twin_fault(options: dict[int, str], chosen: Sequence[int]) -> str | None:
    """Return which two options say the same, one of them right and one wrong."""
    seen: dict[str, int] = {}
    for number, option in options.items():
        twin = seen.setdefault(" ".join(option.casefold().split()), number)
        if twin != number and (twin in chosen) != (number in chosen):
            return f"options {twin} and {number} say the same, and only one of them is right"
    return None
