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
from operator import itemgetter

from ecom.forms.cues import Words, cue, words_of
from ecom.forms.options import MARK, Printed, begins_items, printed, without_items

# What precedes an imperative: "Rank …", "…, and rank …", "Your task is to rank …".
DO = r"(?:^|[.?!:;,>)] |\b(?:please|and|or|then|must|should|only|(?:is|are|asked|need|have) to) )"
# The texts that words can be copied from.
SOURCE = r"\b(?:query|title|text|sentence|description|message|review)\b"
_CHOOSE = (
    r"\b(?:select|choose|pick|find|retrieve|recommend|suggest|keep|return|identify|which|top"
    r"|welche"
    r"|wählen? sie|wähle|elige|selecciona|qué|sélectionnez|choisissez|quel(?:le)?s|scegli"
    r"|quali)\b"
)
_NUMBERS = cue(  # some numbers of the list: "indices", "comma-separated", "select two", "2,4,5"
    {
        "indices indexes indexs numbers ids identifiers letters by": r"\b(?:indices|indexe?s"
        r"|numbers|ids|identifiers|letters of|by (?:their )?(?:number|index))\b",
        "comma commas komma coma comas virgule virgules virgola virgole índices números numéros"
        " indizes nummern indici "
        "numeri": r"\b(?:commas?|komma|comas?|virgules?|virgol[ae]|índices"
        r"|números|numéros|indizes|nummern|indici|numeri)\b",
        "two three all several 2 3 4 5 zwei drei alle dos tres deux trois tre": rf"{_CHOOSE}"
        r"[^.?!\n]{0,25}?\b(?:two|three|all|several|[2-5]|zwei|drei|alle|dos|tres|deux|trois|tre)"
        r"\b(?!-)",
        " ".join((*map(str, range(100)), *"abcde")): (
            r"[\da-e](?<!\w.)(?:(?<=\d)\d)? ?, ?\w\w? ?, ?\w\b"
            r"(?!(?: ?, ?\w)*,? (?:or|and|oder|und|ou|et|o|u|y|e) \w\b)"
        ),
        "output like g example": r"\b(?:output|like|e\.g\.|example)[:,]? *\d+ ?, ?\d",
    },
    script="カンマ|逗号|[2-5二三两四五][个つ件種种]",
)
# "Review: …" is data, on its line or below it, up to the next request; "Task: …" is not.
_REQUEST = r"(?:Please|Extract|Find|Select|Choose|Pick|Retrieve|Rank|Sort|Give|Output|Print|Return)"
_NO_DATA = (
    r"(?!(?i:(?:\w+ )?(?:instructions?|definition|task|questions?|note|format|answer|output|q|a"
    r"|constraints?|options?|choices|labels|candidates|system|rules?|requirements?|codes?|legend|scale"
    r"|keys?|(?:allowed|valid|possible) \w+|打分|评分|frage|aufgabe|anweisung"
    r"|pregunta|tarea|instrucci(?:ón|ones)|consigne|tâche|domanda|compito|istruzion[ei]|問題"
    r"|質問|指示"
    rf"|问题|任务|指令|要求|说明|提示|请?\w{{0,3}}回答)\b)|\AInput|{_REQUEST} \w)"
)
_CAPITAL = r"[A-Z_\u00aa-\uffff](?<=[^\W\d])"  # or a letter of a script without capitals
_MORE = r"\w*(?: [\w()]+){0,2} ?[:：]"
_ENDS = (  # where data end within a line
    rf"[.?!'\"] (?:{_REQUEST}\b|(?:Answer|Respond|Reply|Classify|Only|Labels|Write|Draft"
    rf"|Summari[sz]e"
    r"|Explain|Translate|Describe|Predict|Assign|Determine|Decide|Which|Sortiere|Ordne|Wähle|Gib"
    r"|Antworte|Bewerte|Classez?|Triez?|Choisi\w+|Répond\w+|Donne[rz]?|Ordena|Elige"
    r"|Clasifica|Responde"
    r"|Ordina|Scegli|Classifica|Rispondi"
    r"|Based on|True or False)\b|[A-Z]\w+:)|。(?:请|只|次の|以下|最も|从)"
)
_DATA = re.compile(  # what must precede the capital is checked behind it: a search for it is fast
    rf"(?P<label>{_CAPITAL}(?<=(?:^|(?<=[.?!] "
    rf")).)(?={_MORE})(?<={_NO_DATA}.){_MORE}(?!\s*{MARK}))"
    rf"(?:[ \t]*\n(?:(?!{MARK}|{_NO_DATA}{_CAPITAL}{_MORE}|{_REQUEST} )\S.*\n)+"
    r"| ?(?P<quote>['\"]).{0,400}?(?P=quote)(?!\w)"
    rf"|(?:[^\n.?!'\"0。]+|(?!{_ENDS}|(?<=\s)0[.)]\s)[.?!'\"0。])*(?={_ENDS}|\s0[.)]\s|$))",
    re.MULTILINE,
)
_QUOTED = re.compile(
    r"(?:\"(?<!\w\").{0,400}?\"+|'(?<!\w').{0,400}?'+|“(?<!\w“).{0,400}?[”»」]"
    r"|«(?<!\w«).{0,400}?[”»」]|「(?<!\w「).{0,400}?[”»」])(?!\w)"
)
_UNWANTED_WORDS = frozenset("not don without no never nothing appropriately".split())
_UNWANTED = re.compile(
    r"\b(?<!/)(?<!\bor )(?:do not|don't|should not|not|without|no|never|nothing)\b[^.,;:\n]*"
    r"|\bwrite a response that appropriately completes\b"  # Alpaca's frame around any request
)


@dataclass(frozen=True)
class Question:
    """The parts of a prompt.

    text          the prompt without its data and items
    low           `text` in lower case
    asked         `low` without what is unwanted, and with "@" for quotations
    words         the words of `low`
    lists         the lists that the prompt prints; one in a line may be data, and is left out there
    items         number of items in the longest list, or 0
    may_choose    whether it may be a multiple choice: False where the caller says it is none
    """

    text: str
    low: str
    asked: str
    words: Words
    lists: list[Printed]
    items: int
    may_choose: bool

    @classmethod
    def of(cls, prompt: str, may_choose: bool) -> "Question":
        """Parse a prompt."""
        dataless = text = _DATA.sub(itemgetter("label"), prompt)
        has_items = begins_items(prompt)
        if has_items:
            text = without_items(dataless)
        low = text.lower()
        words = words_of(low)
        has_quotes = '"' in low or "'" in low or not low.isascii()
        asked = _QUOTED.sub("@", low) if has_quotes else low
        if not words.isdisjoint(_UNWANTED_WORDS):
            asked = _UNWANTED.sub("", asked)
        lists = printed(prompt, inline_in=dataless, has_lines=has_items)
        return cls(text, low, asked, words, lists, _longest(lists), may_choose)

    @cached_property
    def wants_numbers(self) -> bool:
        """Whether it asks for several numbers of a list."""
        return bool(_NUMBERS.search(self.asked, self.words))


_OPTION_WORDS = frozenset(
    "|option|choice|answer|ending|solution|alternative|reply|response|conclusion|continuation"
    "|opción|opzione|möglichkeit|lösung|réponse|respuesta|risposta|antwort".split("|")
)


def _longest(found: list[Printed]) -> int:
    """Return the number of items in the longest list, or 0.

    Two named items, as "Product 1: …", are no list.
    """
    lists = [one.items for one in found]
    return max(
        (
            len(items)
            for items in lists
            if len(items) > 2 or items[-1].word.strip().lower() in _OPTION_WORDS
        ),
        default=0,
    )
