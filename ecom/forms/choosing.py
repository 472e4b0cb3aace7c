r"""Whether a list that a prompt prints with labels is there to choose from, or is data."""

import re

from ecom.forms.cues import Words, cue
from ecom.forms.headings import OFFERED, may_head
from ecom.forms.options import IN_LINE, LISTED, NUMBERED, STYLES, UNMARKED, Printed, lists
from ecom.forms.question import Question

_IN_QUOTES = re.compile(r"[\[(]\s*[\"'][(]?[A1][.:)、：]")
_QUOTE_BEGINS = [quote + label for quote in "\"'" for label in "A1("]
# A label that a list may begin with, behind a colon or on a new line; and the heading before that.
_FIRST_LABEL = re.compile(
    r"[:：\n]\W{0,12}?(?=[(\[（【*]*(?:[aA01]|①)(?:[.)\]:、．：）】]|(?<=①)))"
)
_UNMARKED_BEGINS = (": A ", ":\nA ", "：A ", ":A ")
_UNMARKED_LABEL = re.compile(r"[:：]\s?(?=A (?:[-–—] )?\S)")
_HEADING = re.compile(rf"(?<!\w)(?:{OFFERED})(?P<below>(?: below)?)[* ]*$", re.IGNORECASE)
_HEADING_CHARS = 60
_IS_LINE = re.compile(r"(?:^|\n)[#* ]*$")


def certain_list(prompt: str) -> Printed | None:
    """Return the list in quotes and brackets, or under a heading such as "Options:"."""
    if (
        ("[" in prompt or "(" in prompt)
        and any(map(prompt.__contains__, _QUOTE_BEGINS))
        and _IN_QUOTES.search(prompt)
        and (found := lists(prompt, LISTED))
    ):
        return found[-1]
    labels = list(_FIRST_LABEL.finditer(prompt))
    if any(map(prompt.__contains__, _UNMARKED_BEGINS)):  # "Options: A boot B lamp"
        labels += _UNMARKED_LABEL.finditer(prompt)
    for label in reversed(labels):
        begin = _heading(prompt, label)
        if begin is None:
            continue
        below = " " * begin + prompt[begin:]  # places stay those of the prompt
        for style in (*STYLES, IN_LINE, NUMBERED, UNMARKED):
            found = lists(below, style)
            if found and found[0].items[0].label_begin <= label.end() + 3:
                return found[0]
    return None


def _heading(prompt: str, label: re.Match[str]) -> int | None:
    """Return where the heading before a list begins: "Options:", or "Options" on its own line."""
    above = prompt[max(0, label.start() - _HEADING_CHARS) : label.start()]
    heading = _HEADING.search(above) if may_head(above) else None
    if not heading:
        return None
    begin = label.start() - len(above) + heading.start()
    if label[0][0] == "\n" and (heading["below"] or not _IS_LINE.search(prompt[:begin])):
        return None
    return begin


_ASKS = cue(
    {
        "which what who where when how choose select pick identify determine find following best"
        " correct option options question decide predict classify match answer guess": (
            r"\b(?:which|what|who|where|when|how|choose|select|pick|identify|determine|find"
            r"|following|best|correct|options?|question|decide|predict|classify|match|answer"
            r"|guess)\b"
        ),
        "welche welcher welches was wer wo wann wie wähle wählen bestimme folgende folgenden"
        " richtig"
        " richtige frage qué cuál cuáles quién dónde elige selecciona siguiente siguientes "
        "correcta"
        " pregunta quel quelle quels quelles qui où choisis choisissez suivant suivante suivantes"
        " bonne question quale quali cosa chi dove scegli seguente seguenti corretta domanda": (
            r"\b(?:welche[rs]?|was|wer|wo|wann|wie|wählen?|bestimme|folgenden?|richtige?"
            r"|frage|qué"
            r"|cuál(?:es)?|quién|dónde|elige|selecciona|siguientes?|correcta|pregunta"
            r"|quel(?:le)?s?|qui"
            r"|où|choisis|choisissez|suivante?s?|bonne|quale|quali|cosa|chi|dove|scegli"
            r"|seguent[ei]"
            r"|corretta|domanda)\b"
        ),
    },
    script="哪|什么|选|下列|以下|判断|どれ|どの|選",
)
_ASKING_MARK = re.compile("[?？:：_]")
_ANSWER_CUE = re.compile(
    r"\W*(?:(?:your|the|correct|final|my)? ?(?:answer|output|response|choice|label|solution"
    r"|option"
    r"|a|antwort|respuesta|réponse|risposta|答案|回答|答え|输出|出力)(?: is)?)?\W*",
    re.IGNORECASE,
)
_SLOT = re.compile(r"\s*[#* ]*\w+(?: \w+)?[*]* ?[:：=][*\s]*")  # "Relevance:"
_ENDS_IN_CUE = re.compile(
    rf"\n(?:{_ANSWER_CUE.pattern}|[#* ]*\w+(?: \w+)?[*]* ?[:：=][*\s]*)$", re.IGNORECASE
)
_CHOOSES = cue(
    {
        "option options letter letters number numbers choice choices choose select pick "
        "which index"
        " above one digit label buchstabe buchstaben nummer nummern letra número lettre numéro"
        " lettera numero": r"\b(?:options?|letters?|numbers?|choices?|choose|select|pick|which"
        r"|index|above|one of|digit|label|buchstaben?|nummern?|letra|número|lettre|numéro|lettera"
        r"|numero)"
        r"\b"
    },
    script="选|字母|序号|哪|選|番号|記号",
)
_LABEL = cue(
    {"letter letters option options choice choices": r"\b(?:letters?|options?|choices?)\b"},
    script="选项|字母|序号",
)
_WANTS_TEXTS = cue(
    {
        "title titles": r"\boption titles?\b",
        "name": r"\b(?:category|label|intent|class|topic|option|department) name\b"
        r"|\bname of the (?:\w+ )?(?:category|label|intent|class|topic|option|department)\b",
        "text texts": r"\b(?:option|selected|answer|choice)s? texts?\b|\bcopy the texts?\b",
        "text content wording word words": r"\b(?:text|content|wording|full text|exact words?) of"
        r" (?:the|your) (?:\w+ )?(?:option|answer|choice|item)|\b(?:option|choice|answer)(?:'s)?"
        r" (?:text|content)\b|\bfull (?:option|answer) text",
        "not": r"\bnot (?:just |only )?(?:the|its|a) (?:letter|label|number|index)\b",
    },
    script="选项(?:的)?内容",
)


def is_asked(prompt: str, found: Printed, words: Words) -> bool:
    """Whether a prompt asks to choose from a list: before it, or behind it."""
    before = prompt[: found.items[0].begin].lower()
    last = found.items[-1]
    behind = prompt[last.end :].lower()
    rest = behind if found.by_line else prompt[last.label_end :].lower()
    if _ANSWER_CUE.fullmatch(behind) or _SLOT.fullmatch(behind) or _CHOOSES.search(rest, words):
        return True
    line = before.rstrip()[before.rstrip().rfind("\n") + 1 :]
    is_data = (  # a review's complaints
        found.labels[0] == "1"
        and not _ENDS_IN_CUE.search(behind[-100:])
        and not (line.endswith(("?", "？", ":", "：")) and _CHOOSES.search(line))
    )
    return not is_data and bool(_ASKING_MARK.search(before) or _ASKS.search(before, words))


def asks_for_label(question: Question) -> bool:
    """Whether a prompt asks for a letter, an option or a choice."""
    return bool(_LABEL.search(question.asked, question.words))


def wants_texts(question: Question) -> bool:
    """Whether the answer is to be an option's text, not its label."""
    return bool(_WANTS_TEXTS.search(question.low, question.words))


def shows_texts(prompt: str, found: Printed) -> bool:
    """Whether examples behind a list answer with a text of it: "Label: shoes"."""
    behind = prompt[found.items[-1].end :]
    return any(f": {clean(item.text)}\n" in behind for item in found.items if item.text)


def clean(text: str) -> str:
    """Return an item's text without what separates it from the next."""
    return text.strip(" \t\"',;，；、|]）}").removesuffix(".")
