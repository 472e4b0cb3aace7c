"""What a prompt asks for, apart from its data: the part that determines the answer form.

    prompt ─┬► its instruction: what is left without the data ─► asked
            └► the longest list to choose from ────────────────► items

"Review: …", items and quotations are data: a review may well mention its rank in a list. What the
answer must not contain ("no explanations") does not count either. Cues are in the shop's languages:
English, German, Spanish, French, Italian, Japanese, Chinese.
"""

import re
from dataclasses import dataclass
from functools import cached_property

from ecom.forms.options import MARK, printed, without_items


def cue(*patterns: str) -> re.Pattern[str]:
    """Return a pattern of any of the patterns, to search lower case; ^ and $ match at lines.

    Ignoring case instead would take almost twice the time.
    """
    return re.compile("|".join(patterns), re.MULTILINE)


# What precedes an imperative: "Rank …", "…, and rank …", "Your task is to rank …".
DO = r"(?:^|[.?!:;,>)] |\b(?:please|and|or|then|must|should|only|(?:is|are|asked|need|have) to) )"
# The texts that words can be copied from.
SOURCE = r"\b(?:query|title|text|sentence|description|message|review)\b"
_CHOOSE = (
    r"\b(?:select|choose|pick|find|retrieve|recommend|suggest|keep|return|identify|which|top|welche"
    r"|wählen? sie|wähle|elige|selecciona|qué|sélectionnez|choisissez|quel(?:le)?s|scegli|quali)\b"
)
_NUMBERS = cue(  # some numbers of the list: "indices", "comma-separated", "select two", "2,4,5"
    r"\b(?:indices|indexe?s|numbers|ids|identifiers|letters of|by (?:their )?(?:number|index))\b",
    r"\b(?:commas?|komma|comas?|virgules?|virgol[ae]|índices|números|numéros|indizes|nummern)\b",
    rf"\b(?:indici|numeri)\b|カンマ|逗号|{_CHOOSE}[^.?!\n]{{0,25}}?\b(?:two|three|all|several|[2-5]"
    r"|zwei|drei|alle|dos|tres|deux|trois|tre)\b(?!-)|[2-5二三两四五][个つ件種种]",
    r"\b(?:\d\d?|[a-e]) ?, ?\w\w? ?, ?\w\b|\b(?:output|like|e\.g\.|example)[:,]? *\d+ ?, ?\d",
)
# "Review: …" is data, on its line or below it, up to the next request; "Task: …" is not.
_REQUEST = r"(?:Please|Extract|Find|Select|Choose|Pick|Retrieve|Rank|Sort|Give|Output|Print|Return)"
_LABEL = (
    r"(?!(?i:(?:\w+ )?(?:instructions?|definition|task|questions?|note|format|answer|output|q|a"
    r"|options?|choices|labels|candidates|system|rules?|requirements?|frage|aufgabe|anweisung|pregunta|tarea|instrucci(?:ón|ones)"
    r"|consigne|tâche|domanda|compito|istruzion[ei]|問題|質問|指示|问题|任务|指令|要求|说明|提示)\b)|\AInput"
    rf"|{_REQUEST} \w)[^\W\da-z]\w*(?: [\w()]+){{0,2}} ?[:：]"
)
_DATA = re.compile(
    rf"(?:^|(?<=[.?!] ))(?P<label>{_LABEL}(?!\s*{MARK}))(?:[ \t]*\n(?:(?!{MARK}|{_LABEL}"
    rf"|{_REQUEST} )\S.*\n)+| ?(?P<quote>['\"]).{{0,400}}?(?P=quote)(?!\w)"
    rf"|.*?(?=[.?!'\"] (?:{_REQUEST}\b|(?:Answer|Respond|Reply|Classify|Only|Labels)\b|[A-Z]\w+:)"
    r"|\s0[.)]\s|$))",
    re.MULTILINE,
)
_QUOTED = re.compile(r"(?<!\w)(?:(['\"]).{0,400}?\1+|[“«「].{0,400}?[”»」])(?!\w)")
_UNWANTED = cue(
    r"\b(?:do not|don't|should not|not|without|no|never|nothing)\b[^.,;:\n]*",
    r"\bwrite a response that appropriately completes\b",  # Alpaca's frame around any request
)


@dataclass(frozen=True)
class Question:
    """The parts of a prompt.

    text          the prompt without its data and items
    asked         `text` in lower case, without what is unwanted, and with "@" for quotations
    items         number of items in the longest list, or 0
    may_choose    whether it may be a multiple choice: False where the caller says it is none
    """

    text: str
    asked: str
    items: int
    may_choose: bool

    @classmethod
    def of(cls, prompt: str, may_choose: bool) -> "Question":
        """Parse a prompt."""
        dataless = _DATA.sub(r"\g<label>", prompt)
        text = without_items(dataless)
        asked = _UNWANTED.sub("", _QUOTED.sub("@", text).lower())
        return cls(text, asked, _longest_list(prompt, dataless), may_choose)

    @cached_property
    def wants_numbers(self) -> bool:
        """Whether it asks for several numbers of a list."""
        return bool(_NUMBERS.search(self.asked))


def _longest_list(prompt: str, dataless: str) -> int:
    """Return the number of items in the longest list, or 0.

    A list in one line may be data. Two named items, as "Product 1: …", are no list.
    """
    lists = [found.items for found in printed(prompt, inline_in=dataless)]
    return max((len(items) for items in lists if len(items) > 2 or not items[-1].word), default=0)
