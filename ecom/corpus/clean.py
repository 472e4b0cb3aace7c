"""Rules that a row must pass after repairs.

    Example ─► tags, entities, characters, white space ─► is the answer one that the prompt allows?
                 │ fixed: counted by name                   │ no: the reason
                 ▼                                          ▼
               Cleaned(example, fixes)                    str

Texts that a wrong encoding has spoilt ("Ã¤") are not repaired: the original can only be guessed.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from ecom.corpus import markup
from ecom.corpus.config import Clean
from ecom.forms import FORMS
from ecom.rows import Example

ILLEGAL_SHARE = 0.01  # of a prompt's characters
SHRINKS = 4  # repairs shorten a text; one this many times over its limit is not tried
_PARTS = ("description", "prompt", "input", "constraint", "output")

# U+FFFD is left by a failed decoding; the others are not characters, or for private use.
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
    """A row that passes, and the names of its repairs."""

    example: Example
    fixes: tuple[str, ...]


def clean(example: Example, settings: Clean) -> Cleaned | str:
    """Return the row, repaired, or the reason why it is left out.

    A repaired row has a new id, which depends on the content. Its parents stay the same.
    """
    if fault := _size_fault(example, settings, slack=SHRINKS):
        return fault
    changed, fixes, illegal = _repair(example)
    repaired = replace(example, id="", **changed) if changed else example
    if fault := _illegal_fault(repaired, illegal) or _size_fault(repaired, settings):
        return fault
    form = FORMS[repaired.form]
    output = form.tidy(repaired.output)
    if output is None:
        return f"output is not what the official parser of {form.name} reads back"
    if output != repaired.output:
        repaired = replace(repaired, id="", output=output)
        fixes.append("answer form")
    options = repaired.numbered() if repaired.options else {}
    answer = form.read(output, repaired.options)
    fault = form.fault(repaired.text(), options, answer)
    return fault or Cleaned(repaired, tuple(fixes))


def _repair(example: Example) -> tuple[dict[str, Any], list[str], dict[str, int]]:
    """Return the changed parts, the names of the fixes, and the illegal characters by part.

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

    One fix may make another one necessary ("&#8203;"), so they are repeated until nothing changes.
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
    """Return whether a text contains tags or entities."""
    return ("<" in text or "&" in text) and markup.without_entities(
        markup.without_tags(text)
    ) != text


def without_html(text: str, fixes: dict[str, None]) -> str:
    """Return the text as `clean` repairs it, except for illegal characters; add to `fixes`.

    A text that would become empty stays.
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
    """Remove control and invisible characters; make all blanks alike, and all line breaks."""
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
    "tags": markup.without_tags,  # before entities: one may be a quote in an attribute
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
