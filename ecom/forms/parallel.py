r"""Parallel items that a prompt refers to as its answers, whatever marks them. The last reader.

"Sentiment (positive/negative):"                     a slot to fill that names its values
"Return the priority only (low, high)."              a sentence that asks for one of them
"Use these labels.\nlow: can wait\nhigh: today"      lines below or above such a sentence
"| Label | Meaning |\n|---|---|\n| low | … |"        the first column of a table
'{"label": "spam|ham"}'                              the values of a JSON field, or of XML elements

Each needs two things: items that are alike and short, and words that ask for one of them. Lines
that are alike alone are data.
"""

import json
import re
from collections.abc import Iterator

from ecom.forms.alternatives import REPLIES
from ecom.forms.bullets import names
from ecom.forms.cues import Words, has_script, words_of
from ecom.forms.lists import Named, bare, could_be, literal, named

_OPEN, _SHUT = r"[(\[{（【［]", r"[)\]}）】］]"
_INSIDE = r"[^()\[\]{}（）【】［］\n]"
_BRACKETS = re.compile(rf"{_OPEN}({_INSIDE}{{3,300}}){_SHUT}")
_SLOT = re.compile(  # "Label (a, b):" as the last line; without a colon "(a/b)"
    rf"[^()（）\n]{{1,80}}?{_OPEN}(?P<list>{_INSIDE}{{3,300}}){_SHUT}[*_ ]*"
    r"(?P<ends>[:：=]?)[*_ ]*"
)
_SLASHED = re.compile(r"[/／|｜]")
# What is asked for, and what may be answered
_ASK_WORDS = frozenset(
    "choose chooses choosing chosen pick picks picking picked select selects selecting selected"
    " classify classifies classifying classified categorize categorise categorized categorised"
    " assign assigns assigning assigned label tag mark tick rate grade decide decision determine"
    " predict judge which what use return output respond reply answer print give state report"
    " indicate route wähle wählen ordne ordnen welche welcher welches gib antworte klassifiziere"
    " klassifizieren bestimme elige selecciona clasifica indica responde cuál choisis choisissez"
    " sélectionne sélectionnez classe classer classez indique indiquez réponds répondez quel "
    "quelle"
    " quels quelles scegli seleziona classifica rispondi qual quale".split()
)
_ASKS_IN_SCRIPT = re.compile("[选選判哪]|属于|分类[为到]|どれ|どの|答え|回答|出力|输出")
_NOUN = (
    r"(?:options?|labels?|categor(?:y|ies)|class(?:es)?|intents?|topics?|tags?|choices?|answers?"
    r"|outputs?|values?|sentiments?|emotions?|priorit(?:y|ies)|levels?|statuses|status|codes?"
    r"|types?|genres?|departments?|verdicts?|decisions?|grades?|relations?|polarit(?:y|ies)"
    r"|aspects?|themes?|sections?|teams?|queues?|actions?|languages?|antwort\w*|kategorien?"
    r"|klassen?|optionen|themen|thema|stimmung|etiquetas?|categorías?|opci(?:ón|ones)|respuestas?"
    r"|clases?|étiquettes?|catégories?|réponses?|etichett[ae]|categori[ae]|opzion[ei]"
    r"|rispost[ae])"
)
_ONE_NOUN = re.compile(_NOUN)
_NAMES_ANSWERS = re.compile(
    rf"\b{_NOUN}\b|\b(?:only|one|exactly|single|nur|eine[rs]?|solo|una?|seulement)\b"
    r"|类|標籤|标签|选项|等级|档|选项|意图|情感|関係|ラベル|カテゴリ|選択",
    re.IGNORECASE,
)
_EXAMPLES = re.compile(
    r"(?:e\.g|i\.e|such as|like|for example|including|z\. ?B)\b|如|例", re.IGNORECASE
)
# "Which of them is it: a, b, c?", "Rate it: low, medium, high."
_COLON = re.compile(r"[:：] ?(?P<list>[^.?!\n:：]{3,200})(?=[.?!]|\n|$)")
_BEFORE_COLON = re.compile(r"[^.?!\n:：]{3,160}$")
_RATE_WORDS = frozenset(
    "rate grade pick choose select output reply respond return give say state answer "
    "classify categorise categorize assign label tag route odd which what determine decide"
    " predict identify".split()
)
_OR = re.compile(r"\s(?:or|oder|ou|o)\s")
_RATES = re.compile(
    r"\b(?:(?:pick|choose|select) (?:the|one|exactly)\b(?!.*\b(?:title|name)\b)|rate|grade"
    r"|classify|categori[sz]e|assign|label|tag|route|odd one out|(?:which|what)"
    r"(?: of| is| \w+)|determine|decide|predict|identify)\b",
    re.IGNORECASE,
)
_NO_CHOICE = re.compile(
    r"\b(?<!to )how\b(?! relevant| likely| well| satisfied)|\bdifference|\bin common"
    r"|\bideas?\b|\bexamples?\b|\bmean(?:s|ing)?\b|\bentit|\battribut|\bkeywords?\b|\bnames?\b"
    r"|\bfor (?:me|us|my)\b|\b(?:for|with|to|about|of|in|from|on|and|into)$",
    re.IGNORECASE,
)
_CHINESE_COLON = re.compile(  # "等级分为：高、低。", "分别为相关、不相关，"
    r"(?:分类到|分类为|归类为|归为|(?:级|型|类|档)分为|分别为|分别是|只能是|取值为?"
    r"|(?:候选|可选|备选)\w{0,6}(?:有|为|是|包括))(?:以下)?[:：]?\s?[“'\"【\[（]?"
    r"(?P<list>[^\s。，,;；:：、/【“”']{1,12}"
    r"(?:[、,，/|]\s?(?![定其请并])[^\s。，,;；:：、/】”'\"]{1,12}){1,20})"
)


_PARTS = re.compile(r"[,、，/／|｜;]|\s(?:or|oder|ou|o)\s")
_THEM = re.compile(r"\b(?:them|each|every)\b", re.IGNORECASE)
# "Sentiment (a, b or c) of the review: …"
_NOUN_ALONE = re.compile(rf"[*#\s]*(?:\w+ )?{_NOUN} ", re.IGNORECASE)
_SLOT_BEHIND = re.compile(r"(?: [\w'’]+){0,5} ?[:：]")
_FITS = re.compile(r"\b(?:choose|pick|select)\b", re.IGNORECASE)
_ENDS = re.compile(r"[*_\s]*(?:[.:：。?？!,，]|\n|$|\s(?:of|for|to|that|which|del?|des|der|zu)\b)")
_OURS = re.compile(r"\b(?:i|my|we|our)\b", re.IGNORECASE)


def _asks(text: str) -> bool:
    """Whether a text asks for something: its words say so at once."""
    if not _ASK_WORDS.isdisjoint(words_of(text.lower())):
        return True
    return not text.isascii() and bool(_ASKS_IN_SCRIPT.search(text))


def sentences(text: str, words: Words) -> Iterator[Named]:
    """Yield the lists in brackets, or behind a colon, in sentences that ask for one of them."""
    for found in _BRACKETS.finditer(text):
        limit = max(0, found.start() - _LONGEST_HEADING)
        start = max(limit, *(text.rfind(one, limit, found.start()) + 1 for one in "\n.?!。？！"))
        before = text[start : found.start()]
        inside = found[1]
        is_slot = _NOUN_ALONE.fullmatch(before) and _SLOT_BEHIND.match(text, found.end())
        # "Choose the word that fits: she (go/goes) home"
        is_gap = bool(_SLASHED.search(inside) and _FITS.search(before))
        if not _PARTS.search(inside) or not (is_slot or is_gap or _ENDS.match(text, found.end())):
            continue
        is_sure = bool(_SLASHED.search(inside)) or _NAMES_ANSWERS.search(before[-60:])
        if is_slot or (
            is_sure
            and _asks(before)
            and not _EXAMPLES.match(inside.strip())
            and not _OURS.search(before)
            and not _THEM.search(before)
        ):
            yield Named(_parts(inside), before.strip() + found[0])
    if '["' in text or "['" in text:
        for found in _OF_STRINGS.finditer(text):
            before = text[max(0, found.start() - 20) : found.end()].lstrip()
            yield Named(literal(text, found.end()) or [], before, is_offer=True)
    if has_script(text):
        for found in _CHINESE_COLON.finditer(text):
            yield Named(named(found["list"], needs_or=False), found[0])
    if words.isdisjoint(_RATE_WORDS):
        return
    for found in _COLON.finditer(text):
        if not _PARTS.search(found["list"]):
            continue
        head = _BEFORE_COLON.search(text, max(0, found.start() - 160), found.start())
        ask = head[0].strip() if head else ""
        joins = bool(_OR.search(found["list"]))
        if _NO_CHOICE.search(ask) or not (_asks(ask) if joins else _RATES.search(ask)):
            continue
        texts = named(found["list"], needs_or=False)
        is_list = len(texts) > 2 or (len(texts) == 2 and joins)
        if is_list and not REPLIES.search(text.lower()):
            yield Named(texts, ask + found[0])


_OF_STRINGS = re.compile(  # "Print a single choice from ["a", "b"]"
    rf"\b{_NOUN} (?:from|of|among|in):? (?=\[[\"'])", re.IGNORECASE
)
_GENERIC = frozenset(
    "answer output response reply result input question query text product".split()
)


def agreeing(prompt: str) -> Iterator[Named]:
    """Yield the list behind a heading that the last line has in the singular: "Acts: …", "Act:"."""
    tail = prompt[-100:].rstrip()
    words = _slot_words(tail[tail.rfind("\n") + 1 :])
    if not words or "\n" not in prompt or len(words[-1]) < 3 or words[-1] in _GENERIC:
        return
    if prompt.lower().count(_stem(words[-1])) < 2:
        return
    heading = re.compile(
        rf"(?:^|\n)[*#\s]*(?:\w+ ){{0,2}}{re.escape(_stem(words[-1]))}(?:e?s|ies)?[*]* "
        rf"?[:=：][*]* *(?P<list>[^\n]{{3,400}})\n",
        re.IGNORECASE,
    )
    for found in heading.finditer(prompt):
        listed = found["list"]
        if _SLASHED.search(listed) or "," in listed or "、" in listed or "，" in listed:
            yield Named(_parts(listed.strip(" {}[]()")), found[0].strip())


def slot(prompt: str) -> Iterator[Named]:
    """Yield the values that the last line names for what is to be filled in."""
    last = prompt[-400:].rstrip()
    found = _SLOT.fullmatch(last[last.rfind("\n") + 1 :])
    if found and (found["ends"] or _SLASHED.search(found["list"])):
        yield Named(_parts(found["list"]), found[0].strip())


_KEYED = re.compile(r"\s*[\"'(]?(?P<key>\d\d?|[A-Z])[\"')]?\s?(?:[:=]|\s[-–—]|\s)\s*[^\W\d].*")


def _parts(inside: str) -> list[str]:
    """Return the answers between brackets, or their keys: "0: no, 1: yes"."""
    pieces = re.split(r"[,;，；]\s*|\s\|\s", inside)
    keyed = [_KEYED.fullmatch(piece) for piece in pieces]
    if len(keyed) > 1 and all(keyed):
        return [found["key"] for found in keyed if found]
    return named(inside, needs_or=False)


_BULLET = r"(?:[-*•·+◦▪‣] +)?(?:\[[ xX]?\] ?|[☐□◻○] ?)|[-*•·+◦▪‣] +"
_MARKED = re.compile(rf"\s*(?:{_BULLET})(?P<text>\S.*)")
_CHECKED = re.compile(r"\s*(?:[-*•·+] +)?(?:\[[ xX]?\] ?|[☐□◻○] ?)(?P<text>\S.*)")
_ROW = re.compile(r"\s*\|(?P<cells>.+)\|\s*")
_RULE = re.compile(r"[\s|:=-]+")
_SAID = re.compile(  # "refund: wants money", "low - can wait", "`bug` (crashes)", "E = exact"
    r"\W{0,3}(?P<name>[\w'’&/+-]+(?: [\w'’&/+-]+){0,3})[`*\"')\]]{0,3}\s?(?::|：| [-–—]|=| ="
    r"|\s\()\s*\S.*"
)
_BARE = re.compile(r"\s*(?P<text>[^\s:：?？!！|][^:：?？!！|\n]{0,80})")
# A line above the items: "Labels", "# Intents", "Choose from the options below."
_SCRIPT = re.compile("类|标签|选项|意图|如下|下列|以下|次の|ラベル|選択肢|カテゴリ")
_OF_THE_ABOVE = re.compile(r"\b(?:one of|from) (?:the|these) (?:\w+ )?(?:above|listed)\b")
_LINE_WORDS = frozenset(  # what stands above the items, or asks for one of them, has such a word
    "option options label labels category categories class classes intent intents topic topics"
    " tags choices answers outputs values levels statuses scale codes departments sections genres"
    " following these below listed box boxes apply taxonomy meaning legend sentiments "
    "emotions types verdicts kategorie kategorien thema etiquetas categoría categorías respuesta"
    " étiquettes catégorie catégories réponse etichette categoria categorie risposta"
    " antwort".split()
)
_IS_HEADING = re.compile(r"\s*(?:#+ .*|\*\*.*\*\*|.*[:：]\**|\w+(?: \w+){0,2})\s*")
_ELSEWHERE_WORDS = frozenset(
    "above below listed following verbatim apply only these name label single best right correct"
    " matching".split()
)
_ELSEWHERE = re.compile(  # "one of the options above", "the labels below", "as written above"
    rf"\b(?:above|below|listed|following|verbatim|all that apply|only the (?:code|label|name|key)"
    rf"|the (?:code|label|name|key) only|these {_NOUN}|the \w+ ?(?:name|label|text|code)"
    rf"|(?:single|one|best|right|correct|matching) (?:\w+ )?(?:{_NOUN}|box(?:es)?))\b|以上"
    rf"|上述|以下|下列",
    re.IGNORECASE,
)
_LAST_SLOT = re.compile(r"(?P<words>\w[\w ]{0,40}?)\s*[:：=?？][*_\s]*")
_SURE_WORDS = frozenset("allowed valid possible available permitted candidate".split())
_SURE = re.compile(r"\b(?:allowed|valid|possible|available|permitted|candidate)\b", re.IGNORECASE)
_DATA = re.compile(  # "Query: lamp" is what is asked about
    r"(?:\w+ )?(?:q|a|query|product|title|text|sentence|description|message|review|input"
    r"|output|premise"
    r"|hypothesis|context|question|item|ticket|user|customer|assistant|article|passage|type|claim"
    r"|evidence|entity|brand|price|name|attributes?|comment|tweet|answer|options?|label|category|email"
    r"|e-mail|anfrage|produkt|bewertung|texto|producto|produit|avis|prodotto|recensione"
    r"|\w{0,4}(?:商品|评论|标题|文本|句子|输入|前提|仮説|文章|問題|质量))\w{0,2}(?: ?[A-Z\d])?",
    re.IGNORECASE,
)
_LONGEST_HEADING = 300  # characters
_LONGEST = 20_000  # characters of a prompt whose lines are read


def lines(prompt: str, asked: str, words: Words) -> Iterator[Named]:
    """Yield the items of lines that are alike, if a line above them or the question names them.

    `asked` is what the prompt asks, in lower case and without its data, `words` are those of the
    prompt.
    """
    breaks = prompt.count("\n")
    if breaks < 2 or len(prompt) > _LONGEST:
        return
    tail = prompt[-100:].rstrip()
    slot_words = _slot_words(tail[tail.rfind("\n") + 1 :])
    is_named = not words.isdisjoint(_ELSEWHERE_WORDS) and bool(_ELSEWHERE.search(asked))
    has_boxes = "[ ]" in prompt or "☐" in prompt or "□" in prompt
    if slot_words and breaks < 3 and not is_named:  # a heading, two items and the slot
        return
    is_generic = not slot_words or slot_words[-1] in _GENERIC
    may_head = is_named or has_script(prompt) or not _LINE_WORDS.isdisjoint(words)
    if is_generic and not may_head:
        return
    if not (is_named or slot_words or has_boxes or _SURE_WORDS & words):
        return
    stem = _stem(slot_words[-1]) if slot_words else ""
    ends_in = is_named and bool(_OF_THE_ABOVE.search(asked))
    shown = prompt.split("\n")
    for place in range(len(shown) - 2, -1, -1):
        above = shown[place]
        if not above or len(above) > _LONGEST_HEADING:
            continue
        if not (
            _heads(above)
            or (stem and stem in above.lower() and _IS_HEADING.fullmatch(above))
            or (ends_in and above.rstrip().endswith(("?", "？")))
            or (
                has_boxes
                and not _CHECKED.fullmatch(above)
                and _CHECKED.fullmatch(shown[place + 1] or shown[place + 2])
            )
        ):
            continue
        begin = place if above.lstrip()[:1] == "|" else place + 1
        while begin < len(shown) - 2 and not shown[begin].strip():
            begin += 1
        if _refers(above, shown[begin], asked, is_named, slot_words):
            yield Named(_block(shown, begin), above.strip()[:80], is_offer=True)


def _heads(line: str) -> bool:
    """Whether a line may stand above the answers: its words say so at once."""
    if not line.isascii() and _SCRIPT.search(line):
        return True
    return not _LINE_WORDS.isdisjoint(words_of(line.lower()))


def _block(shown: list[str], begin: int) -> list[str]:
    """Return the answers of the lines of one kind that begin at a place, or []."""
    if begin >= len(shown):
        return []
    start = shown[begin].lstrip()
    if start.startswith(('["', "['")):
        return literal(start, 0) or []
    kind = _kind(shown[begin])
    end = begin + 1
    while end < len(shown) and kind and _kind(shown[end]) == kind:
        end += 1
    texts = _texts(shown[begin:end], kind) if end - begin > 1 else []
    is_data = kind != "row" and any(map(_DATA.fullmatch, texts))
    return [] if is_data or any(len(text) > 100 for text in texts) else texts


def _refers(above: str, first: str, asked: str, is_named: bool, slot_words: list[str]) -> bool:
    """Whether the line above the items, or the question, says that one of them is asked for.

    is_named     whether the question names the items: "the labels below"
    slot_words   the words of the last line if it is a slot: "Best label:"
    """
    if _CHECKED.fullmatch(first):
        return is_named and _asks(asked)
    is_filled = is_named or _fills(slot_words, above)
    if above.lstrip()[:1] == "|":
        return is_filled
    if (_heads(above) or is_filled) and (is_filled or _SURE.search(above)):
        is_heading = bool(_IS_HEADING.fullmatch(above)) and not _MARKED.match(above)
        if is_heading or _asks(above):
            agrees = slot_words and _stem(slot_words[-1]) in map(_stem, words_of(above.lower()))
            return bool(agrees or _SURE.search(above)) or _asks(f"{above} {asked}")
    return above.rstrip().endswith(("?", "？")) and bool(_OF_THE_ABOVE.search(asked))


def fills(last: str, above: str) -> bool:
    """Whether the last line is a slot for what the heading names: "Labels", "Best label?"."""
    return _fills(_slot_words(last), above)


def _slot_words(last: str) -> list[str]:
    """Return the words of a line such as "Best label:", or []."""
    found = _LAST_SLOT.fullmatch(last)
    wanted = found["words"].lower().split() if found else []
    return wanted if len(wanted) < 4 else []


def _fills(slot_words: list[str], above: str) -> bool:
    if not slot_words:
        return False
    heads = {_stem(word) for word in words_of(above.lower())}
    return _stem(slot_words[-1]) in heads or bool(_ONE_NOUN.fullmatch(slot_words[-1]))


def _stem(word: str) -> str:
    return word.removesuffix("ies") + "y" if word.endswith("ies") else word.removesuffix("s")


def _kind(line: str) -> str:
    if not line.strip():
        return ""
    if _ROW.fullmatch(line):
        return "row"
    if _MARKED.fullmatch(line):
        return "marked"
    if _SAID.fullmatch(line):
        return "said"
    return "bare" if _BARE.fullmatch(line) and not line.rstrip().endswith((".", "。", ",")) else ""


def _texts(shown: list[str], kind: str) -> list[str]:
    """Return the answers that lines of one kind name: of a table, its first column."""
    if kind == "row":
        rows = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in shown]
        return [bare(row[0]) for row in rows[2:]] if _RULE.fullmatch(shown[1]) else []
    if kind == "marked":
        marked = map(_MARKED.fullmatch, shown)
        return names([found["text"].strip() for found in marked if found])
    if kind == "said":
        return [found["name"] for found in map(_SAID.fullmatch, shown) if found]
    return [line.strip() for line in shown]


_FIELD = re.compile(  # {"label": "a|b"}, {"label": "a" | "b"}, {"label": one of "a", "b"}
    r"\{\s*\"\w+\"\s*:\s*(?:\"(?P<list>[^\"{}\n]{1,40}(?:\s?[|/]\s?[^\"{}|/\n]{1,40}){1,20})\""
    r"|(?P<each>\"[^\"\n]{1,40}\"(?:\s*(?:[|/]|,? or)\s*\"[^\"\n]{1,40}\"){1,20})"
    r"|<?\s*(?:one of|either)\s*:?\s*(?P<any>[^{}\n]{3,400}?)>?)\s*\}"
)
_ENUM = re.compile(
    r"\"(?:enum|(?:\w+_)?(?:labels?|categories|classes|options|choices|candidates|intents|topics"
    r"|tags|values))\"\s*:\s*(?=\[)"
)
_KEYS = re.compile(  # {"options": {"A": "ice", "B": "fire"}}
    r"\"(?:options|choices|answers|candidates)\"\s*:\s*\{(?P<keys>[^{}]{5,2000})\}"
)
_ONE_KEY = re.compile(r"\"(\w{1,3})\"\s*:")
_ELEMENT = re.compile(r"<(?P<tag>\w+)(?P<more>[^<>]*)>(?P<text>[^<>]{0,200})</(?P=tag)>")
_OPTION = re.compile(
    r"(?:option|choice|answer|candidate|label|category|class|intent|topic|tag|name|title)s?\d?",
    re.IGNORECASE,
)
_ID = re.compile(r"\b(?:id|key|letter|value|label|name|code)\s*=\s*[\"']([^\"']{1,40})[\"']")


_RECORD_IDS = re.compile(
    r"\"(?P<key>(?:\w+_)?(?:id|identifier))\"\s*:\s*\"?(?P<id>[^\",{}\[\]\n]{1,40})\"?\s*[,}]"
)
_ASKS_ID = re.compile(
    r"\b(?:reply|answer|respond|output|return|print|choose|select|pick|give)\b[^.?!\n]{0,40}"
    r"\b(?:id|identifier) of (?:the|this) (?!following|user|order)"
)


def fields(prompt: str, asked: str) -> Iterator[Named]:
    """Yield the values to which a JSON schema, records or XML elements limit the answer."""
    if '_id"' in prompt or '"id"' in prompt or 'identifier"' in prompt:
        ids = list(_RECORD_IDS.finditer(prompt))
        if len({one["key"] for one in ids}) == 1 and _ASKS_ID.search(asked):
            yield Named([one["id"] for one in ids], f'"{ids[0]["key"]}":')
    if '"' in prompt and "{" in prompt:
        for found in _FIELD.finditer(prompt):
            listed = found["list"] or found["each"] or found["any"]
            parts = re.split(r"\s?[|/]\s?", listed) if found["list"] else named(listed, False)
            yield Named([bare(part) for part in parts], found[0])
        for found in _KEYS.finditer(prompt):
            yield Named(_ONE_KEY.findall(found["keys"]), found[0])
        for found in _ENUM.finditer(prompt):
            yield Named(_strings(prompt, found.end()), found[0])
    if "</" in prompt:
        yield from _elements(prompt)


def _strings(prompt: str, begin: int) -> list[str]:
    """Return the strings of a JSON list, on one line or several."""
    end = prompt.find("]", begin)
    try:
        found = json.loads(prompt[begin : end + 1])
    except ValueError:
        return literal(prompt, begin) or []
    return found if all(isinstance(one, str) for one in found) else []


def _elements(prompt: str) -> Iterator[Named]:
    """Yield the ids, or the texts, of XML elements of one name, two or more."""
    groups: dict[str, list[re.Match[str]]] = {}
    for found in _ELEMENT.finditer(prompt):
        groups.setdefault(found["tag"].lower(), []).append(found)
    for tag, group in groups.items():
        if len(group) > 1 and _OPTION.fullmatch(tag):
            ids = [_ID.search(found["more"]) for found in group]
            texts = (
                [found[1] for found in ids if found]
                if all(ids)
                else [found["text"].strip() for found in group]
            )
            yield Named(texts, f"<{tag}>")


_REPEATED = re.compile(  # "choice: red\nchoice: blue"
    r"\n[ \t]*(?:[-*•] )?(?P<key>choice|option|candidate|ending|alternative|category|class)"
    r"[:：] *(?P<text>\S[^\n]*)",
    re.IGNORECASE,
)
_REPEATED_WORDS = frozenset("choice option candidate ending alternative category class".split())


def repeated(prompt: str, asked: str, words: Words) -> Iterator[Named]:
    """Yield the texts of lines that begin with the same word for an answer."""
    if not words.isdisjoint(_REPEATED_WORDS) and not _THEM.search(asked):
        found = list(_REPEATED.finditer(prompt))
        is_end = found and len(prompt[found[-1].end() :].strip()) < 20  # "Answer:"
        if is_end and len({one["key"] for one in found}) == 1:
            yield Named([one["text"].strip() for one in found], f"{found[0]['key']}:")


_LIST_LINE = re.compile(  # "Granite, Teal, Maroon", "Passages = [a, b, c]"
    r"(?P<head>(?:input|words|list|items): |)(?:\w+ = )?\[?"
    r"(?P<list>[^\W_][\w'’&.() -]{0,40}?(?: ?, ?[^\W_][\w'’&.() -]{0,40}?){2,60})\]?",
    re.IGNORECASE,
)
_FROM_LIST = re.compile(  # "the word from the following list", "the best of the candidates"
    r"\b(?:select|choose|pick|find|which|identify|generate) (?:(?!\w+s )[\w@()-]+ ){0,10}?"
    r"(?:from|of|in|among) (?:the|this|these) (?:following |given |candidate )?"
    r"(?:list|set|candidates|options|items|words|choices)\b|\bodd one out\b"
)
_LIST_WORDS = frozenset("list set candidates options items words choices odd belong".split())


def list_line(prompt: str, asked: str, words: Words) -> Iterator[Named]:
    """Yield the list that stands alone in a line, if one of "the list" is asked for."""
    if not words.isdisjoint(_LIST_WORDS) and _FROM_LIST.search(asked):
        yield from alone(prompt, asked)


def alone(prompt: str, asked: str) -> Iterator[Named]:
    """Yield the list of three or more that stands alone in a line, if there is one such line.

    Of several behind the same word all but the last are examples': "Input: a, b, c".
    """
    if len(prompt) > _LONGEST or _OURS.search(asked):  # a customer asks about things of their own
        return
    shown = [line.strip() for line in prompt.split("\n") if line.count(",") > 1]
    found = [match for match in map(_LIST_LINE.fullmatch, shown) if match]
    found = [match for match in found if match[0].endswith("]")] or found
    if len(found) == 1 or (
        found and found[-1]["head"] and len({one["head"] for one in found}) == 1
    ):
        texts = [text.strip() for text in found[-1]["list"].split(",")]
        spaces = [text.count(" ") for text in texts]
        if max(spaces) < 5 and spaces[0] < max(spaces[1:]) + 2:
            yield Named(texts, found[-1][0])


def found(prompt: str, text: str, asked: str, words: Words, has_labels: bool) -> Iterator[Named]:
    """Yield the answers of the whole prompt, the surest first.

    `text` is the prompt without data and long quotations, `asked` what it asks, in lower case,
    `words` are those of the prompt. `has_labels`: it prints a list with labels.
    """
    if any(mark in prompt for mark in "/|,(（、："):
        yield from slot(prompt)
    yield from agreeing(prompt)
    yield from repeated(prompt, asked, words)
    yield from list_line(prompt, asked, words)
    yield from fields(prompt, asked)
    if not has_labels:
        yield from lines(prompt, asked, words)
    for one in sentences(text, words):
        if one.is_offer or could_be(one.texts):
            yield one
