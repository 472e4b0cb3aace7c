"""Named entities: strings found in the text, joined by commas on one line."""

import ast
import re
import warnings
from collections.abc import Sequence
from random import Random
from typing import Any

from ecom.forms.base import Form, Metric
from ecom.forms.cues import cue
from ecom.forms.question import DO, SOURCE, Question
from ecom.forms.reading import MAX_RESPONSE_CHARS, after_cue, spoken
from ecom.forms.scores import micro_f1
from ecom.forms.teacher import Laid, Teacher, Written, listed

_BULLET = re.compile(r"^(?:[-•*]\s+|\d{1,2}[.)]\s+|and\s+)")
_LABELLED = re.compile(r"^[A-Za-z][\w /&-]{0,30}:\s+(\S.*)$")
_QUOTED = re.compile(r"(?<!\w)(['\"])([^'\"\n]{1,80})\1(?!\w)")
_PAIRS = [("'", "'"), ('"', '"'), ("“", "”"), ("‘", "’"), ("[", "]"), ("(", ")"), ("{", "}")]
_KIND = (
    r"\b(?:words?|phrases?|tokens?|terms?|spans?|substring|segment|mentions?|mentioned|part"
    r"|brands?"
    r"|names?|colou?rs?|materials?|sizes?|ingredients?|attribute values?|occur|appear)\b"
)
_ENTITY = cue(
    {"entity entities slot": r"\bentit(?:y|ies)\b|\bslot (?:filling|extraction|value)"},
)
_LIFTED = cue(  # words of a text …
    {
        "extract detect recognise recognize pinpoint verbatim": (
            rf"{DO}(?:extract|detect|recogni[sz]e|pinpoint)\b(?! (?:if|whether)\b)|\bverbatim\b"
        ),
        "tag mark highlight spot copy locate pull pick label": (
            rf"{DO}(?:tag|mark|highlight|spot|copy|locate|pull|pick|label)(?: out)?(?: of)?"
            r" (?:the|all|any|every|each)\b"
        ),
        "find identify list select output return give name write answer": (
            r"\b(?:find|identify|list|select|output|return|give|name|write (?:down|the)"
            rf"|answer with the)\b(?:(?! an? )[^?!\n]){{0,40}}?{_KIND}"
        ),
        "which what": (rf"\b(?:which|what)\b(?=[^?!\n]{{0,60}}{SOURCE})[^?!\n]{{0,40}}?{_KIND}"),
        "all any every": (
            r"\b(?:find|identify|list)\b[^?!\n]{0,9} (?:all|any|every)\b[^?!\n]{1,60} in\b"
        ),
        "find identify select determine": (
            r"\b(?:find|identify|select|determine)\b[^?!\n]{0,40}?\b(?:the|as)"
            r" (?:(?!title|query|text|product|review)\w+ )?@"
        ),
        "query title": (
            r"\b(?:find|identify|list|return|output|tell me|what"
            r"|which)\b[^?!\n]{0,50}\b(?:in|from)"
            r" (?:the|this)(?: \w+){0,2} (?:query|title)\b"
        ),
        "extrahiere extrahieren extrahier extrae extraiga extrayez extrais estrai estrae relevez": (
            r"\b(?:extrahier|extra(?:e|iga|yez|is)\b|estra[ei]|relevez)"
        ),
        "nenne finde welche gib identifica identifie encuentra indica trouve trouver trouvez "
        "repère"
        " trova": r"\b(?:nenne|finde|welche|gib|identifi(?:ca|e)|encuentra|indica|trouve[rz]?"
        r"|repère"
        r"|trova)\b.{0,60}"
        r"(?:titel|anfrage|consulta|título|requête|titre|titolo|ricerca)\b",
    },
    script="抽出|抜き出|抽取|提取|找出|识别",
)
_GIST = re.compile(  # … but a keyphrase, a feature, a whole sentence is scored as free text
    r"\b(?:key|key ?-?(?:phrases?|words?)|features?|aspects?|elements|characteristics|complaints?"
    r"|categor\w+|sentences? (?:that|which|where)|benefits|reasons?|opinion|summary|intent"
    r"|json)\b",
)
_ANSWER_CUE = re.compile(r"^\W*(output|answer|result|response)\W*$", re.IGNORECASE)
PROSE_WORDS = 9  # a piece this long is a sentence, not an entity


def official(text: str) -> list[str]:
    """Return a literal list of strings as it is, else the stripped pieces between commas.

    >>> official("['a', 'b']"), official("red, shoe ,"), official("'red'")
    (['a', 'b'], ['red', 'shoe'], ["'red'"])
    """
    text = text[:MAX_RESPONSE_CHARS].strip()
    found = _literal(text)
    return found if found is not None else [p.strip() for p in text.split(",") if p.strip()]


def lenient(text: str) -> list[str]:
    r"""Return the distinct entities that the text lists, without quotes, bullets or labels.

    Commas of any script, semicolons and line breaks separate them. From whole sentences only
    quotations are taken, if there are any, or else the short pieces around the sentences.

    >>> lenient("Entities: 'Red shoe', \"lamp\""), lenient("- red\n- blue."), lenient("赤，青")
    (['Red shoe', 'lamp'], ['red', 'blue'], ['赤', '青'])
    >>> lenient("Brand: Sony\nColor: red"), lenient("[Nike Pegasus, Adidas]")
    (['Sony', 'red'], ['Nike Pegasus', 'Adidas'])
    >>> lenient("The brand in this title is clearly the well known 'Sony'.")
    ['Sony']
    """
    text = after_cue(spoken(text))
    pieces = _literal(text)
    if pieces is None:
        pieces = _pieces(_unwrap(text.removesuffix(".")))
    pieces = [_BULLET.sub("", piece.strip()) for piece in pieces]
    labelled = [_LABELLED.match(piece) for piece in pieces]
    if all(labelled):
        pieces = [found[1] for found in labelled if found]
    cleaned = [" ".join(_unwrap(piece).split()) for piece in pieces]
    return list({piece.casefold(): piece for piece in reversed(cleaned) if piece}.values())[::-1]


def emit(answer: Any) -> str:
    """Return the entities joined by ", " on one line.

    The contest's parser can read an entity with a comma only in a literal list.
    """
    entities = [" ".join(str(item).split()) for item in answer]
    return repr(entities) if any("," in item for item in entities) else ", ".join(entities)


def is_gold(value: Any) -> bool:
    """A list of strings."""
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def tidy(output: str) -> str | None:
    """Return the output, or None where an entity contains a line break or cannot be read."""
    entities = official(output)
    if not entities:
        return None
    plain = "[" not in output and "\n" not in output
    return output if plain or official(emit(entities)) == entities else None


def guess(prompt: str, gold: Sequence[str], answers: Sequence[str], rng: Random) -> str:
    """Return one or two consecutive words of the prompt's last line of text."""
    lines = [line for line in prompt.splitlines() if line.strip() and not _ANSWER_CUE.match(line)]
    text = re.sub(r"^\s*\w+:", "", lines[-1] if lines else prompt)
    words = text.replace(",", " ").split() or [text]
    length = min(rng.randint(1, 2), len(words))
    start = rng.randint(0, len(words) - length)
    return emit([" ".join(words[start : start + length])])


def lay_out(row: Written, rng: Random) -> Laid | str:
    """Return the entities. They are distinct, unless they must be all entities of a text."""
    entities = listed(row.answer)
    if len({entity.casefold() for entity in entities}) < len(entities) and not row.covers:
        return "an entity is named twice"
    return Laid(entities)


def _pieces(text: str) -> list[str]:
    """Return the text between separators; of sentences only their quotations, if any."""
    pieces = [piece for piece in re.split(r"[,，;；、\n]", text) if piece.strip()]
    short = [piece for piece in pieces if len(piece.split()) < PROSE_WORDS]
    quoted = [found[2] for found in _QUOTED.finditer(text)]
    return pieces if short == pieces else quoted or short or pieces


def _unwrap(text: str) -> str:
    """Remove quotes or brackets that enclose the whole text: not those of 15.6" or (a) (b)."""
    text = text.strip()
    for left, right in _PAIRS:
        inner = text[1:-1]
        if len(text) > 1 and text[0] == left and text[-1] == right and left not in inner:
            return _unwrap(inner)
    return text


def _literal(text: str) -> list[str] | None:
    """Return the list of strings whose Python literal the text is, or None."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # odd escapes and `1is` warn while compiling
            value = ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return None
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return value
    return None


def names_entities(question: Question) -> bool:
    """Whether a prompt asks for the entities of a text, by that name."""
    is_choice = question.items and question.may_choose
    return not is_choice and bool(_ENTITY.search(question.low, question.words))


def _lifts_words(question: Question) -> bool:
    """Whether the question asks for words of a text.

    Without a list, "separated by commas" asks for words of "the query", "this title".
    """
    asked = question.asked
    lifted = _LIFTED.search(asked, question.words) or (
        question.wants_numbers and re.search(SOURCE, asked)
    )
    return bool(lifted and not _GIST.search(asked))


FORM = Form(
    name="named_entity_recognition",
    paradigm="OTHER",
    max_tokens=48,
    open_ended=True,
    metrics={
        "micro f1": Metric(
            micro_f1, "F1 of the entities of all rows of a task together, compared in lower case."
        )
    },
    official=official,
    lenient=lenient,
    emit=emit,
    nothing=[],
    is_gold=is_gold,
    gold_rule="a list of strings",
    own_tidy=tidy,
    cues={20: names_entities, 70: _lifts_words},
    guess=guess,
    teacher=Teacher(lay_out, is_list=True),
)
