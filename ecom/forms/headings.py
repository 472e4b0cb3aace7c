r"""Lists without labels under a heading.

"Labels: positive | negative"     ─►  positive | negative
"OPTIONS:\n- shoes\n- hats"       ─►  shoes | hats
"候选类目：鞋子,帽子"              ─►  鞋子 | 帽子
"""

import re
from collections.abc import Iterator

from ecom.forms.bullets import names
from ecom.forms.cues import has_script
from ecom.forms.lists import SEPARATOR, Named, bulleted, could_be, items, literal
from ecom.forms.parallel import fills
from ecom.forms.question import Question
from ecom.forms.segments import answers, segment

# Their items are answers, whatever else the prompt says …
OFFERED = (
    r"(?:options?|choices|candidates?|candidate \w+|labels|label set|label options|optionen"
    r"|antwortmöglichkeiten|auswahl(?:möglichkeiten)?|opciones|etiquetas|choix|étiquettes|opzioni"
    r"|etichette|scelte|(?:候选|可选|备选|选择)\w{0,6}|选项\w{0,2}|選択肢|候補|possible "
    r"answers|possibili risposte|mögliche antworten|réponses possibles"
    r"|posibles respuestas|respuestas posibles"
    r"|answer choices|(?:choose|pick|select) (?:(?:your|the|one) )?(?:answer )?from|choose "
    r"one of)"
)
# … and these, where the prompt asks to choose. "Categories: …" may be data, too.
_GROUPS = (
    r"(?:categories|classes|answers|values|sentiments|emotions|topics|types|intents|genres|tags"
    r"|aspects|descriptors|outputs|departments|shelves|sections|kategorien|klassen|themen"
    r"|antworten|categorías|clases|respuestas|temas|catégories"
    r"|classes|thèmes|réponses|categorie|classi|risposte|类别|类目|标签|カテゴリー?|ラベル"
    r"|分類|\w{1,4}(?:类别|类目|标签)"
    r"|emociones|sentimientos|emozioni|sentimenti|émotions|emotionen|gefühle|stimmungen"
    r"|intenciones"
    r"|intenzioni|absichten|temi|sujets|\w{0,4}(?:类别|类目|标签)(?:集合|列表|体系|范围))"
)
_LAST_WORDS = frozenset(  # a heading ends with one of them, but for scripts without spaces
    "set below are include from of following these list option options choice choices candidate"
    " candidates label labels optionen antwortmöglichkeiten auswahl auswahlmöglichkeiten opciones"
    " etiquetas choix étiquettes opzioni etichette scelte"
    " answers categories classes values sentiments emotions topics types intents genres tags"
    " aspects descriptors outputs departments shelves sections"
    " kategorien klassen themen antworten categorías clases respuestas temas catégories thèmes"
    " réponses zu categorie classi risposte among possible possibles posible posibles possibili"
    " disponible disponibles disponibili permitida permitidas siguientes seguenti emociones "
    "sentimientos"
    " emozioni sentimenti émotions emotionen gefühle stimmungen intenciones intenzioni "
    "absichten temi"
    " sujets".split()
)
_ADJECTIVES = (
    r"(?:(?:the|possible|allowed|candidate|available|answer|valid|given|following|these|all"
    r"|product"
    r"|main|mögliche|posibles|possibles|possibili|opciones de|\d+) )*(?:[a-z]+ )?"
)
_AFTER = r"(?: possibles?| posibles?| possibili| disponibles?| disponibili| permitidas?)"
_SURE = r"(?:possible|allowed|candidate|available|answer|valid) "
_NAMES = (  # for an answer, or before answers: "choose from", not "choose a title for"
    r"(?:from|among|between|parmi|entre|tra|fra|aus|von|zwischen|options?|labels?"
    r"|categor(?:y|ies)"
    r"|class(?:es)?|intents?|topics?|tags?|choices?|answers?|sentiments?|emotions?|departments?"
    r"|types?"
    r"|values?|one|antwort\w*|kategorien?|klassen?|stimmung|thema|etiquetas?|categorías?"
    r"|opci(?:ón|ones)"
    r"|respuestas?|sentimientos?|étiquettes?|catégories?|réponses?|choix|etichett[ae]"
    r"|categori[ae]"
    r"|opzion[ei]|rispost[ae]|sentimento)"
)
_HEADING = re.compile(
    r"(?:(?P<line>^|\n)|[.?!;)\]}>」\"][ \t]|[。？！；][ \t]?"
    r"|,[ \t](?=(?:options|choices|candidates|labels)[: ]*$)"
    r"|[ \t*](?=候选|可选|备选|选项|選択肢|候補))"
    r"[ \t]*(?:#+ *)?[*_\"'`\[【<(|{]*"
    rf"(?P<sure>{_SURE})?{_ADJECTIVES}(?:(?P<offered>{OFFERED})|{_GROUPS})"
    rf"(?P<after>{_AFTER})?(?: are| include| is)?[*_]*(?: \([^()]*\))? ?$"
    r"|\b(?P<pick>(?:select|choose|pick)"
    r" (?:(?:the|a|an|one|your|only|best|correct|right|most \w+) )*"
    r"(?:\w+ )?(?:from|of|among)(?: the)?(?: following| these| list)?)(?: below| options)? ?$"
    r"|\b(?:following|these|given|from|of|among|into|are|two|three|four|five|\d|des|dans|der|den"
    r"|die"
    r"|diese[rn]?|folgende[nr]?|estas|estos|ces|queste|questi|parmi|de las|las|los|siguientes"
    r"|delle|dei|tra|fra|entre)(?: the| these| les| le)?(?: following)?(?: \w+)?"
    rf" (?:\w+ )?(?:{OFFERED}|{_GROUPS})(?:{_AFTER}| suivante?s| siguientes| seguenti| zu)? ?$"
    r"|\b(?P<one>(?:one of|any of|un[oa]? de|une? des?|une? de|eine[rsm]?(?: der)?|uno dei"
    r"|una delle"
    r"|una di)\b (?:these|the following|estas|estos|l[ao]s siguientes|ces|dieser|folgenden|queste"
    r"|questi|seguenti)\b[^.?!:\n]{0,30}) ?$"
    r"|\b(?P<choose>(?:choose|pick|select|wähle|wählen sie|elige|elija|escoge|selecciona"
    r"|seleccione|choisis"
    r"|choisissez|sélectionnez?|scegli|seleziona)\b[^.?!:\n]{0,40}?"
    rf"\b{_NAMES}\b[^.?!:\n]{{0,25}}) ?$"
    r"|(?P<script>(?:중|가운데|에서) (?:하나|한 가지)[^.?!:\n]{0,24}"
    r"|(?:类|标签|选项|情感|意图|以下|下列|カテゴリー?|ラベル|選択肢|次の|感情"
    r"|以下)[^。：:\n]{0,12}"
    r"(?:选|挑|判断|分类|選|分類)[^。：:\n]{0,10}) ?$"
    r"|(?P<candidates>(?<=\s)(?:(?:候选|可选|备选)\w{1,6}|选项|選択肢)) ?$"
    r"|[从下列以给]\w{0,12}(?:中|里|之一)\w{0,8} ?$"
    r"|(?:以下|下列)\w{0,4}(?:关系|标签|类别|类型|选项|意图|情感) ?$",
    re.IGNORECASE,
)
_GIVEN = re.compile(r"\b(?:following|these|given|two|three|four|five|\d)\b", re.IGNORECASE)
_COLON = re.compile(r"[:：=→][*_]*[ \t]*")
_IN_BRACKETS = re.compile(r"(?<=[a-zA-Z])\] +(?=\S)")
_ARE = re.compile(r" (?:are|sind|sont|son|sono) (?!the\b|as\b|listed|given|[-–—] )")
_ARE_WORDS = frozenset("are sind sont son sono".split())
_DASH = re.compile(r" [-–—] (?<=\bare [-–—] )")  # "the options are - a, b or c"
_CHOOSES = re.compile(
    r"\b(?:select|choose|pick|classif|kategorie|categor|catégor|label|assign|class|divide|tags?\b"
    r"|belong|section"
    r"|department|value|sentiment|emotion|topic|type|intent|genre|aspect|thema|tema|thème"
    r"|klasse|clase|classe|antwort|respuesta|réponse|risposta|wähle|wählen|ordne|elige|selecciona"
    r"|choisi|scegli)"
    r"|[选判属分择哪类]|どの|選|カテゴリ",
)
_BARE_HEADING = re.compile(r"^[^\w\n]*\w+(?: \w+)? ?[:：]", re.MULTILINE)
_PROSE = re.compile(r"[.?!](?: |$)|。|\"[}\]]")  # it is no list
LABELLED = re.compile(r"[(\[]?(?:[A-Za-z]|\d\d?|[①-⑳])[.．、:：)）\]]")
_PICKS = frozenset(
    "choose pick select wähle wählen elige elija escoge selecciona seleccione choisis choisissez"
    " sélectionne sélectionnez scegli seleziona these following estas estos siguientes ces "
    "suivantes"
    " suivants diese dieser folgenden queste questi seguenti".split()
)
_HEADING_CHARS = 60
_DRESS = " *_\"'`]】>|"  # around a heading: **Labels**:, [選択肢]:, "labels":
_OFFERS = ("offered", "sure", "after", "pick", "candidates", "one", "choose", "script")
_BEGINS = ('["', "['")  # a list of strings is there to choose from


def listed(prompt: str, question: Question) -> Iterator[Named]:
    """Yield the lists without labels that follow a heading."""
    chooses: bool | None = None
    colons = list(_COLON.finditer(prompt))
    if not question.words.isdisjoint(_ARE_WORDS):
        colons += [*_ARE.finditer(prompt), *_DASH.finditer(prompt)]
        colons.sort(key=lambda colon: colon.end())
    if "s] " in prompt or "S] " in prompt:  # "[OPTIONS] a || b [QUESTION]"
        colons = sorted([*colons, *_IN_BRACKETS.finditer(prompt)], key=lambda colon: colon.end())
    for colon in reversed(colons):
        begin = colon.end()
        above = prompt[max(0, colon.start() - _HEADING_CHARS) : colon.start()].rstrip(_DRESS)
        if not may_head(above):
            continue
        heading = _HEADING.search(above[max(0, above.rfind("\n")) :])  # of the last line
        if not heading:
            continue
        texts = literal(prompt, begin)
        is_offer = any(heading[name] for name in _OFFERS) or prompt[begin : begin + 2] in _BEGINS
        if not texts and not is_offer and chooses is None:
            last = prompt[-_HEADING_CHARS:].rstrip().rpartition("\n")[2].strip()
            chooses = asks_to_choose(prompt, question.asked) or fills(last, heading[0])
        if not texts and (is_offer or chooses):
            texts = _below(prompt, begin)
            if (heading["line"] is None or colon[0][:1] == " ") and prompt[
                begin : begin + 1
            ] not in ("\n", ""):
                texts = _split_last(texts)
                if not could_be(texts):  # "Options: none, they said."
                    texts = answers(segment(prompt, begin), needs_or=True)
        if texts:
            yield Named(
                texts,
                f"{heading[0].strip(' .?!;)>。？！；')}:".strip(),
                is_offer or bool(_GIVEN.search(heading[0])),
            )


def may_head(above: str) -> bool:
    """Whether the words before a colon may be a heading: its words say so at once."""
    words = above[above.rfind("\n") + 1 :].lower().replace("_", " ").split()
    if not words:
        return has_script(above)
    if words[-1].strip("*#\"'`[]") in _LAST_WORDS or "candidate" in words[-2:][0]:
        return True
    if has_script(above):
        return True
    return not _PICKS.isdisjoint(words[-8:])


def asks_to_choose(prompt: str, asked: str) -> bool:
    """Whether a prompt asks to choose, or ends in a heading such as "Label:"."""
    last = prompt[-_HEADING_CHARS:].rstrip().rpartition("\n")[2].lower().rstrip(":： ")
    return bool(_CHOOSES.search(f"{_BARE_HEADING.sub('', asked)}\n{last}"))


def _split_last(texts: list[str]) -> list[str]:
    """Return "hats", "shoes" for the "hats and shoes" with which a list in a sentence ends."""
    if len(texts) < 2:
        return texts
    *others, last = texts
    split = re.split(r" (?:or|oder|o|u|ou) ", last)
    return [*others, *(split if len(split) > 1 else re.split(r" (?:and|und|y|et|e) ", last))]


def _below(prompt: str, begin: int) -> list[str]:
    """Return the list that begins behind a heading's colon, or on the next line."""
    end = prompt.find("\n", begin)
    line = prompt[begin : len(prompt) if end < 0 else end].strip()
    if prompt[:begin].endswith("] "):
        line = line.partition(" [")[0]
    if not line:
        return (
            (
                names(bulleted(prompt, end + 1))
                or literal(prompt, end + 1)
                or _line_below(prompt, end + 1)
            )
            if end >= 0
            else []
        )
    if LABELLED.match(line) or len(line) > 20_000 or line.startswith('{"'):
        return []
    sentence = _PROSE.search(line)
    if not sentence:
        return items(line)
    before = line[: sentence.start()]  # "Candidates: a, b. Response:"
    return items(before) if any(comma in before for comma in ",，、") else []


def _line_below(prompt: str, begin: int) -> list[str]:
    end = prompt.find("\n", begin)
    line = prompt[begin : len(prompt) if end < 0 else end].strip()
    is_list = line and line[0] != "|" and not LABELLED.match(line) and not _PROSE.search(line)
    return items(line) if is_list and SEPARATOR.search(line) else []
