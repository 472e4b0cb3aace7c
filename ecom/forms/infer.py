"""Which form does a prompt ask for? ShopBench's hidden rows say only whether it is multiple choice.

The rules look at what any such prompt must say, not at known templates:

    prompt ─┬► its instruction ─► the kind of answer asked for ─┬► form
            └► the length of the list to choose from ───────────┘

The instruction is what is left without the data ("Review: …", items, quotations), for a review may
well speak of its rank in a list, and without what the answer must not hold ("no explanations").
Cues are in the shop's languages: English, German, Spanish, French, Italian, Japanese, Chinese.
"""

import re

from ecom.rows import FormName


def _cue(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.IGNORECASE | re.MULTILINE)


# Where an imperative stands: "Rank …", "…, and rank …", "Your task is to rank …".
_DO = r"(?:^|[.?!:;,>)] |\b(?:please|and|or|then|must|should|only|(?:is|are|asked|need|have) to) )"
_CHOOSE = (
    r"\b(?:select|choose|pick|find|retrieve|recommend|suggest|keep|return|identify|which|top|welche"
    r"|wählen? sie|wähle|elige|selecciona|qué|sélectionnez|choisissez|quel(?:le)?s|scegli|quali)\b"
)
_KIND = (
    r"\b(?:words?|phrases?|tokens?|terms?|spans?|substring|segment|mentions?|mentioned|part|brands?"
    r"|names?|colou?rs?|materials?|sizes?|ingredients?|attribute values?|occur|appear)\b"
)
_ORDER = _cue(  # the whole list in a new order
    rf"{_DO}(?:order|sequence)\b|\b(?:re-?)?rank(?:ed|ings?)?\b|\bpermut|\b(?:re)?arrange\b|^order:",
    r"\bsort(?:ed|ing)?\b(?! of)|\border(?:ing)? (?:of (?![#\d])|in which|these|them|the (?:\w+ )?"
    r"(?:items|products|results))|\bordered (?:by|such)|\bprioriti[sz]e|\bre-?order|\bprecede",
    r"\bhigh to low|\b(?:what|which|that|new|ideal|correct|best|\w+cending) order\b|\bonly once",
    r"\b\d(?: ?[,>] ?\d){3}|\b[a-e](?: ?[,>] ?[a-e]){3}\b|\b(?:de|in)creasing|\bfirst, second",
    r"\b(?:best|most|highest)\b[^.?!\n]{0,60}\b(?:least|worst|lowest)\b|\bstart(?:ing)? with the",
    r"\b(?:best|most|favou?rite|\w+est)\b[^.?!\n]{0,60}\b(?:first|at the top)\b|\bbeginning with",
    r"\bfrom (?:the )?(?:most|\w+est)\b[^.\n]{1,60} to\b|順に|並べ|順位|排序|排列|高到低",
    r"\b(?:sortier|(?:an)?ordne|\w{0,9}reihenfolge|rang(?:folge|liste)|absteigend|orden(?:a|e|ar)\b|ordina\b)",
    r"\b(?:en qué orden|del más|de mayor a|class(?:e[rz]?\b|ement)|ordre|du plus)|\bin ordine",
)
_NUMBERS = _cue(  # some numbers of the list: "indices", "comma-separated", "select two", "2,4,5"
    r"\b(?:indices|indexe?s|numbers|ids|identifiers|letters of|by (?:their )?(?:number|index))\b",
    r"\b(?:commas?|komma|comas?|virgules?|virgol[ae]|índices|números|numéros|indizes|nummern)\b",
    rf"\b(?:indici|numeri)\b|カンマ|逗号|{_CHOOSE}[^.?!\n]{{0,25}}?\b(?:two|three|all|several|[2-5]"
    r"|zwei|drei|alle|dos|tres|deux|trois|tre)\b(?!-)|[2-5二三两四五][个つ件種种]",
    r"\b(?:\d\d?|[a-e]) ?, ?\w\w? ?, ?\w\b|\b(?:output|like|e\.g\.|example)[:,]? *\d+ ?, ?\d",
)
_PROSE = _cue(  # words of the model's own
    rf"{_DO}(?:summari[sz]e|explain|describe|translate|paraphrase|convert|re(?:write|phrase)|(?:make"
    r"|come) up|reply to|answer the (?:customer|user)|give \w+ \w+ an?)\b",
    rf"{_DO}(?:write|generate|compose|devise|create|develop|craft|provide|produce) (?!(?:down|out"
    r"|only|your|the|them|all|just) |(?:an? |one )?(?:rank|order|permut|list|comma|sort|num))",
    r"\b(?:an?|one) (?:short |brief )?(?:sentence|paragraph|summary)\b|\bin (?:an?|one) \w+ phrase",
    r"\b(?:in (?:\w+ ){0,2}words|free text|natural language)\b|翻译|翻訳|总结|要約|描述|説明",
    rf"{_DO}(?:beschreib|erklär|übersetz|fasse|escrib[ae] una?|traduc|explica|résume|décri|rédige"
    r"|expliqu|tradui|scrivi una?|descrivi|riassum|spiega)|写一|起一?个",
)
_REASONING = "let's think step by step"
_ENTITY = _cue(r"\bentit(?:y|ies)\b|\bslot (?:filling|extraction|value)")
_SOURCE = r"\b(?:query|title|text|sentence|description|message|review)\b"
_LIFTED = _cue(  # words of a text …
    rf"{_DO}(?:extract|detect|recogni[sz]e|pinpoint)\b(?! (?:if|whether)\b)|\bverbatim\b",
    rf"{_DO}(?:tag|mark|highlight|spot|copy|locate|pull|pick|label)(?: out)?(?: of)?"
    r" (?:the|all|any|every|each)\b",
    r"\b(?:find|identify|list|select|output|return|give|name|write (?:down|the)|answer with the)\b"
    rf"(?:(?! an? )[^?!\n]){{0,40}}?{_KIND}",
    rf"\b(?:which|what)\b(?=[^?!\n]{{0,60}}{_SOURCE})[^?!\n]{{0,40}}?{_KIND}",
    r"\b(?:find|identify|list)\b[^?!\n]{0,9} (?:all|any|every)\b[^?!\n]{1,60} in\b",
    r"\b(?:find|identify|select|determine)\b[^?!\n]{0,40}?\b(?:the|as)"
    r" (?:(?!title|query|text|product|review)\w+ )?@",
    r"\b(?:find|identify|list|return|output|tell me|what|which)\b[^?!\n]{0,50}\b(?:in|from)"
    r" (?:the|this)(?: \w+){0,2} (?:query|title)\b",
    r"\b(?:extrahier|extra(?:e|iga|yez|is)\b|estra[ei]|relevez)|抽出|抜き出|抽取|提取|找出|识别",
    r"\b(?:nenne|finde|welche|gib|identifi(?:ca|e)|encuentra|indica|trouve[rz]?|repère|trova)\b.{0,60}"
    r"(?:titel|anfrage|consulta|título|requête|titre|titolo|ricerca)\b",
)
_GIST = _cue(  # … but a keyphrase, a feature, a whole sentence is scored as free text
    r"\b(?:key|key ?-?(?:phrases?|words?)|features?|aspects?|elements|characteristics|complaints?"
    r"|categor\w+|sentences? (?:that|which|where)|benefits|reasons?|opinion|summary|intent|json)\b",
)
_ONE = _cue(r"\bwhich (?:one|option|answer)\b|\bone (?:digit|number|letter)\b|\bthe options\b")
RATING = _cue(r"\b1 ?(?:\([^)\n]{1,40}\) ?)?(?:to|and|bis|al?|à|-|–|, 2, 3, 4,? or) ?5\b")

_MARK = r"[(\[]?(\d\d?|(?!Q)[A-Za-z])(?:[).\]:](?!\d)| -(?= ))"  # "1." "(a)" "[0]" "B:"
_ITEM = _cue(rf"^[ \t]*(?:[-*•] *)?((?:[^\W\d]+ )?)(?:{_MARK}|(\d\d?) (?=\w)).*$")
_INLINE = _cue(r"(?<!\S)[(\[]?(\d|[a-e])[.)\]](?=\s+\S)")
# "Review: …" is data, on its line or below it, up to the next request; "Task: …" is none.
_REQUEST = r"(?:Please|Extract|Find|Select|Choose|Pick|Retrieve|Rank|Sort|Give|Output|Print|Return)"
_LABEL = (
    r"(?!(?i:(?:\w+ )?(?:instructions?|task|questions?|note|format|answer|output|q|a)\b)|\AInput"
    rf"|{_REQUEST} \w)[^\W\da-z]\w*(?: [\w()]+){{0,2}} ?[:：]"
)
_DATA = re.compile(
    rf"(?:^|(?<=[.?!] ))(?P<label>{_LABEL}(?!\s*{_MARK}))(?:[ \t]*\n(?:(?!{_MARK}|{_LABEL}"
    rf"|{_REQUEST} )\S.*\n)+| ?(?P<quote>['\"]).{{0,400}}?(?P=quote)(?!\w)"
    rf"|.*?(?=[.'\"] (?:{_REQUEST}\b|[A-Z]\w+:)|\s0[.)]\s|$))",
    re.MULTILINE,
)
_QUOTED = re.compile(r"(?<!\w)(?:(['\"]).{0,400}?\1+|[“«「].{0,400}?[”»」])(?!\w)")
_UNWANTED = _cue(r"\b(?:do not|don't|should not|not|without|no|never|nothing)\b[^.,;:\n]*")


def infer_form(prompt: str, is_multiple_choice: bool | None = None) -> FormName:
    """Return the form's name as ShopBench's `task_type` gives it.

    `is_multiple_choice` settles that form either way; None lets the text decide.
    """
    if is_multiple_choice:
        return "multiple-choice"
    untold = is_multiple_choice is None
    dataless = _DATA.sub(r"\g<label>", prompt)
    text = _ITEM.sub("", dataless)
    asked = _UNWANTED.sub("", _QUOTED.sub("@", text))  # "@": something is quoted here
    items = _longest_list(prompt, dataless)
    numbers = _NUMBERS.search(asked)
    if _REASONING in asked.lower():
        return "generation"
    if _ENTITY.search(text) and not (items and untold):
        return "named_entity_recognition"
    if _PROSE.search(asked) and not numbers:
        return "generation"
    if items and _ORDER.search(asked) and not (untold and _ONE.search(asked)):
        return "ranking"
    # A long list that is known to be no multiple choice is there to have numbers picked from it.
    if items and (numbers or items > (10 if untold else 3)):
        return "retrieval"
    if untold and (items or RATING.search(asked)):
        return "multiple-choice"
    # Without a list, "separated by commas" asks for words of "the query", "this title".
    lifted = _LIFTED.search(asked) or (numbers and re.search(_SOURCE, asked))
    if lifted and not _GIST.search(asked):
        return "named_entity_recognition"
    return "generation"


def _longest_list(prompt: str, dataless: str) -> int:
    """Return how many items the longest list has that counts upwards from 0, 1 or A, else 0."""
    lines = [(word, mark or bare) for word, mark, bare in _ITEM.findall(prompt)]
    unnamed = [mark for word, mark in lines if not word]
    named = _run([mark for _, mark in lines])  # "Product 1: …": two of them are no list
    return max(_run(unnamed), _run(_INLINE.findall(dataless)), named if named > 2 else 0)


def _run(marks: list[str]) -> int:
    longest = length = last = 0
    for mark in marks:
        number = int(mark) if mark.isdigit() else ord(mark.upper()) - ord("A") + 1
        starts = number == 0 or (number == 1 and last != 0) or not length
        length = int(number <= 1) if starts else length + (number > last)
        last = number
        longest = max(longest, length)
    return longest if longest > 1 else 0
