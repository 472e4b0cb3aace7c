r"""Requests: what a prompt says in a sentence about its answer.

    "Answer yes or no."                       ─►  yes | no
    "Classify it as shoes, hats or toys."     ─►  shoes | hats | toys
    "Output yes if it fits, otherwise no."    ─►  yes | no
    "Summarise the review."                   ─►  a text

Each pattern is tried only where the text has one of its words: searching for a word is far cheaper.
What is no list of answers after all is left to the caller.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ecom.forms.cues import Words, cue, has_script
from ecom.forms.lists import QUOTES, Named, bare, has_or
from ecom.forms.segments import answers, segment


@dataclass(frozen=True, slots=True, eq=False)  # compared by identity, which is fast
class _Request:
    """A way to name the answers in a sentence.

    words       the text has one of them, in lower case, wherever `pattern` matches; none for a
                script without spaces between words: the pattern is tried where not all is ASCII
    pattern     matches up to the first character of the answers, which is its group `list`
    needs_or    whether the answers are joined by "or": "a, b" could be anything
    """

    words: Words
    pattern: re.Pattern[str]
    needs_or: bool = True


def _request(words: str, pattern: str, needs_or: bool = True) -> _Request:
    return _Request(frozenset(words.split()), re.compile(pattern), needs_or)


# Where a request begins.
_DO = (
    r"(?:^|(?<=[.?!:;,)>@。-] )|(?<=\n)|\b(?:please|and|then|or|must|should|only|to|just"
    r"|always|can"
    r"|will|bitte|nur) )"
)
_VERB = (
    r"(?:answer|respond|reply|output|return|print|say|write|generate|give|state|use|choose|pick"
    r"|select|provide|tell me|indicate|specify)"
)
_HOW = (
    r"(?:(?:(?:\w+ )?(?:output|response|reply|decision|result|answer|verdict|judge?ment|choice)"
    r" (?:of|as|in the form of)|a(?! or\b|,)|an|the|your|back|with|by|only|just|simply|exactly"
    r"|either|strictly|solely|label|word|single|capital|letter|number|digit|character|among|answer"
    r"|using|whether|as|one word|token|term|simple|plain|binary|choice|verdict"
    r"|(?:reply|answer|return|respond|say|writ|print|output|choos|select|pick)ing)[ :,]+)*"
)
_ONE_OF = (
    r"(?:one|1) of\b(?: the| these| those)?(?: (?:following|given|listed|possible|\d+|two|three"
    r"|four|five|six))*(?: \w+)?(?: (?:options|labels|categories|classes|values|choices|answers"
    r"|words|sentiments|emotions|topics|types|intents))?"
)
_REQUESTS: tuple[_Request, ...] = (
    # "Answer with exactly one of: a, b", "one of [a, b]"
    # … "one of the following options, and add nothing else (no dots): a, b"
    _request(
        "one 1 any",
        pattern=r"\b(?:(?:one|any) of (?:the|these)(?: following| given)? [^.?!:\n]{3,120}"
        rf"(?: \([^()\n]*\)| \.{3}\))?: |{_ONE_OF}[: ]+)(?P<list>[^\s:])",
        needs_or=False,
    ),
    # "Return only one label from this list: a, b"
    _request(
        "list set",
        pattern=r"\b(?:one|single|best|correct|right|label|category|option) (?:\w+ ){0,3}?"
        r"(?:from|of|in) (?:this|the)(?: following)? (?:list|set)(?: of "
        r"\w+)?[: ]+(?P<list>[^\s:])",
        needs_or=False,
    ),
    # "Given a choice of categories a, b or c"
    _request(
        "choice list set selection choices",
        pattern=r"\b(?:choice|list|set|selection|choices) of (?:the )?(?:following )?(?:\w+ )?"
        r"(?:categories|labels|options|classes|topics|types|tags|intents|sentiments|emotions"
        r"|values"
        r"|answers)[: ]+(?P<list>\w)",
    ),
    # "Pick the right emotion from joy, anger and fear"
    _request(
        "pick choose select",
        pattern=rf"{_DO}(?:pick|choose|select) (?:(?!from|among|between)\w+ ){{1,5}}?"
        r"(?:from|among|between|out of):? (?P<list>(?!(?:the|a|an|these|those|this|your|my|our"
        r"|its|it"
        r"|one|all|any)\b)[a-z])",
        needs_or=False,
    ),
    # "Pick one: a, b", "Choose between a and b"
    _request(
        "pick choose select decide",
        pattern=rf"{_DO}(?:pick|choose|select|decide) (?:one|between|from|among)\b[: ]+"
        r"(?P<list>\S)",
        needs_or=False,
    ),
    # "Classify the text as a, b or c"
    _request(
        "classify categorise categorize label tag mark sort rate score grade",
        pattern=rf"{_DO}(?:classify|categori[sz]e|label|tag|mark|sort|rate|score|grade)\b[^.?!\n]{{0,80}}?"
        r" (?:as|into)(?: (?:either|being))?:? +(?P<list>(?!one of)\S)",
        needs_or=False,
    ),
    # "Decide whether it is a or b"
    _request(
        "if whether",
        pattern=rf"{_DO}(?:decide|determine|say|state|judge|tell|predict|check|identify)(?: me)?"
        r" (?:if|whether)\b[^.?!\n]{0,80}? (?:is|are|was|were|sounds|seems|expresses)(?: either)?"
        r" +(?P<list>\S)",
    ),
    # "Answer yes or no."
    _request(
        "answer respond reply output return print say write generate give state use choose pick"
        " select provide tell indicate specify",
        pattern=rf"{_DO}{_VERB} {_HOW}(?P<list>(?!(?:one|any) of)\S)",
    ),
    # "The answer should be yes or no."
    _request(
        "answer output response label result reply",
        pattern=r"\b(?:answer|output|response|label|result|reply) (?:\w+ )?(?:should|must|can|may"
        r"|has to|is|will|needs to) (?:only )?(?:be )?(?:either |just |only )*"
        r"(?P<list>(?!(?:one|any) of)\S)",
    ),
    # "Severity must be high or low."
    _request(
        "must should can may",
        pattern=r"\b(?:severity|priority|rating|score|result|field|verdict|value|category|class|sentiment"
        r"|type|status|level|decision|intent|topic|tag|key) (?:must|should|can|may)"
        r" (?:only )?be (?:either )?(?P<list>(?!(?:one|any) of)\S)",
    ),
    # "in the form of the letters E, C and N"
    _request(
        "letters labels numbers digits symbols",
        pattern=r"\b(?:letters|labels|numbers|digits|symbols) (?P<list>[a-z\d\"'](?=[,\"']))",
        needs_or=False,
    ),
    # "Predict high or low."
    _request(
        "decide predict guess judge",
        pattern=rf"{_DO}(?:decide|predict|guess|judge)(?: on| either)? (?P<list>(?!if|whether)\S)",
    ),
    # "Set it to true or false."
    _request("set", pattern=rf"{_DO}set \S+(?: \w+)? to (?P<list>\S)"),
    # "restricted to yes or no"
    _request(
        "restrict restricted restricts limit limited limits constrain constrained constrains",
        pattern=r"\b(?:restrict|limit|constrain)\w*(?: \w+){0,3} to (?P<list>\S)",
    ),
    # "one word only, yes or no"
    _request(
        "word words",
        pattern=r"\b(?:one|single|1) word(?: only| answer)?[:,]? (?P<list>\S)",
    ),
    # "Elige entre a, b o c"
    _request(
        "elige escoge wähle wählen choisis choisissez scegli entscheide",
        pattern=r"\b(?:elige|escoge|wählen? sie|wähle|choisis|choisissez|scegli|entscheide)"
        r" (?:entre|zwischen|tra|fra|parmi) (?P<list>[^\s:])",
    ),
    # "Rispondi con una sola parola tra: a, b"
    _request(
        "tra fra entre parmi zwischen folgenden",
        pattern=rf"{_DO}(?:rispondi|rispondere|responde|responda|réponds|répondez|antworte"
        r"|antworten sie|escribe|scrivi|indica|indique|utilise|usa)\b[^.?!:\n]{0,40}"
        r" (?:tra|fra|entre|parmi|zwischen)\b[^.?!:\n]{0,20}: ?(?P<list>[^\s:])",
        needs_or=False,
    ),
    # "Antworte nur mit Ja oder Nein.", "Gib „ja“ oder „nein“ aus."
    _request(
        "antworte antworten beantworte beantworten gib geben",
        pattern=rf"{_DO}(?:(?:be)?antworten?(?: sie)?|gib|geben sie)(?: bitte)?"
        r"(?: nur| ausschließlich)?(?: mit)? (?P<list>\S)",
    ),
    # "Responde solo con sí o no."
    _request(
        "responde responda contesta conteste",
        pattern=rf"{_DO}(?:responde|contesta|responda|conteste)"
        r"(?: (?:solo|sólo|solamente|únicamente))?(?: con)? (?P<list>\S)",
    ),
    # "Réponds par oui ou par non."
    _request(
        "répond réponds répondez répondre",
        pattern=rf"{_DO}(?:réponds?|répondez|répondre)"
        r"(?: (?:uniquement|seulement|simplement))?(?: par)? (?P<list>\S)",
    ),
    # "Rispondi solo sì o no."
    _request(
        "rispondi risponda rispondere",
        pattern=rf"{_DO}(?:rispondi|risponda|rispondere)"
        r"(?: (?:solo|soltanto|solamente))?(?: con)? (?P<list>\S)",
    ),
    # "Klassifiziere die Bewertung als a, b oder c", and the same in Spanish, French, Italian
    _request(
        "klassifiziere klassifizieren clasifica classe classer classez classifiez classifica",
        pattern=rf"{_DO}(?:klassifizieren?(?: sie)?|clasifica|classe[rz]?|classifi(?:ez|ca))\b"
        r"[^.?!\n]{0,60}? (?:als|como|comme|come)(?: entweder)? +(?P<list>\S)",
        needs_or=False,
    ),
    # "请回答是或否。", "用“是”或“否”回答"
    # "请判断情感是正面还是负面。"
    _request(
        "",
        pattern=r"(?:判断|确定|识别|分析|判定)[^。\n]{0,30}?(?:是|属于|为)(?P<list>[^，。：:\n还]{1,12}还是)",
    ),
    _request(
        "",
        pattern=r"(?:回答|输出|返回|选择|给出|只能是|必须是|判断为|分类为|标记为)[：: ]?"
        r"(?P<list>[^\s，。：:])",
    ),
    _request(
        "",
        pattern=r"[用以](?P<list>[^\s，。：:用以][^，。：:\n]{1,40}?)(?:来)?(?:回答|作答)",
    ),
    # "「はい」か「いいえ」で答えてください", "はい、またはいいえで答えて"
    _request(
        "",
        pattern=r"(?P<list>(?:「[^」\n]{1,20}」(?:か、?|、|または|もしくは)?){2,12})(?:の(?:どちらか|いずれか))?で(?:お?答|回答)",
    ),
)
_BY_WORD = {
    word: [request for request in _REQUESTS if word in request.words or not (word or request.words)]
    for word in ("", *(word for request in _REQUESTS for word in request.words))
}
_REQUEST_WORDS = frozenset(_BY_WORD)
_IF_WORDS = frozenset(("if", "when"))
_QUOTED_IF = re.compile(r"[\"'”“»」’`*] (?:if|when)\b")
_PLAIN_IF = re.compile(r"[yt1](?:es|rue|) (?:if|when)\b")
# "Output yes if …, otherwise no", with any two texts in quotes
_IF = re.compile(
    rf"(?:{_DO}{_VERB} {_HOW}|\b(?:answer|output|response|label) (?:will|should|must) be )"
    rf"(?P<yes>{QUOTES}) (?:if|when)\b[^\n]{{1,300}}?"
    rf"\b(?:otherwise|else|and|or)\b[, ]*(?:{_VERB} {_HOW})?(?P<no>{QUOTES})",
    re.IGNORECASE,
)
_IF_CHINESE = re.compile(
    rf"则?(?:回答|输出|返回|为)(?P<yes>{QUOTES})[^\n。]{{1,20}}则(?:回答|输出|返回"
    rf"|为)?(?P<no>{QUOTES})"
)
_YES_IF = re.compile(
    rf"{_DO}{_VERB} (?:an? (?:output|answer|response) of )?{_HOW}(?P<yes>yes|true|1) (?:if"
    rf"|when)\b"
    rf"[^\n]{{1,300}}?(?:\b(?:otherwise|else|and|or)\b[, ]*|, )(?:{_VERB} {_HOW})?"
    r"(?P<no>no|false|0)\b",
    re.IGNORECASE,
)
_UNWANTED = re.compile(
    r"\b(?:do not|don't(?! (?:care|know|mind)\b)|should not|must not|without|never|nothing"
    r"|no (?:explanations?|other"
    r"|additional|further|extra|need))\b[^.;:\n]*",
    re.IGNORECASE,
)
_UNWANTED_WORDS = frozenset("not don never nothing without no".split())
_LONG_QUOTE = re.compile(
    r"\"(?<!\w\")(?:[^\"\\\n]|\\.){1,4000}\"|“[^”\n]{1,4000}”|「[^」\n]{1,400}」"
    r"|'(?<!\w')[^'\n]{1,400}'(?!\w)"
)


def without_quotations(text: str, words: Words) -> str:
    """Return the text with "@" for each quotation that is too long to be an answer.

    What the answer must not be is left out. `words` are those of the prompt.
    """
    if '"' in text or "'" in text or not text.isascii():
        text = _LONG_QUOTE.sub(_short, text)
    return text if words.isdisjoint(_UNWANTED_WORDS) else _UNWANTED.sub("", text)


def _short(quotation: re.Match[str]) -> str:
    return quotation[0] if len(quotation[0]) <= 42 else "@"


_MOST = 100  # requests in a prompt


def said(text: str, words: Words) -> Iterator[Named]:
    """Yield the answers that requests name.

    `text` is without data and long quotations, `words` are those of the prompt.
    """
    low = text.lower()
    if len(low) != len(text):  # places in both must be the same
        text = low
    if "则" in low and (chinese := _IF_CHINESE.search(text)):
        yield Named([bare(chinese["yes"]), bare(chinese["no"])], chinese[0])
    for begins, pattern in ((_QUOTED_IF, _IF), (_PLAIN_IF, _YES_IF)):
        if not words.isdisjoint(_IF_WORDS) and begins.search(low):
            for match in pattern.finditer(text):
                yield Named([bare(match["yes"]), bare(match["no"])], match[0])
    joins = has_or(low, words)
    may_join = joins or "[" in low or "「" in low
    requests = {request for word in _REQUEST_WORDS & words for request in _BY_WORD[word]}
    found = [
        (match.start("list"), match.start(), request.needs_or)
        for request in ((*requests, *_BY_WORD[""]) if has_script(low) else requests)
        if may_join or not request.needs_or
        for match in request.pattern.finditer(low)
    ]
    for begin, request_begin, needs_or in sorted(found, reverse=True)[:_MOST]:
        if joins or not needs_or or text[begin] in "[{(「":
            rest = segment(text, begin)
            yield Named(answers(rest, needs_or), text[request_begin:begin] + rest)


# Where a request for a text begins: not "a pen to write with"
_WANT = (
    r"(?:^|(?<=[.?!:;,)>@。#] )|(?<=\n)|\b(?:please|and|then|must|should|bitte|por favor|per "
    r"favore"
    r"|(?:is|are|you|me|need|want|like|asked) to) )"
)
_AN_ANSWER = (  # "write only the label": no text is asked for
    r"(?! (?:only |just |down |out |a |the |your |one |exactly |with |back |whether |their "
    r"|its )*"
    r"(?:(?:correct|right|best|product|item|corresponding|single) )?(?:label|letters?|answer"
    r"|an? output|output of|response of|option|numbers?|index|indices|word|category|class"
    r"|(?:true|false|yes|no)(?![/-]\w+ (?!answer|response|label|only|based|for|to|if|as)[a-z])"
    r"|either|[\"'“`@]|one\b))"
)
_WRITES = cue(
    {
        "write rewrite draft compose summarise summarize translate explain describe paraphrase"
        " rephrase continue suggest create generate produce design discuss elaborate invent"
        " extract list"
        " implement complete turn edit correct fix expand outline compare": (
            rf"(?:{_WANT}|(?<=\byou )(?<!would you )|(?<=@ ))(?:(?:re)?write|draft|compose"
            r"|summari[sz]e|translate|explain|describe|paraphrase|rephrase|continue|suggest"
            r"|create"
            r"|generate|produce|design|discuss|elaborate|invent|extract|list|implement|complete"
            r"|turn|edit|correct the|fix"
            r"|expand|outline|compare\b(?![^.?!\n]*\b(?:determine|decide|identify|if|whether"
            rf"|output|answer)\b|[^?!\n]*\b(?:determine|decide) (?:if|whether)\b))\b{_AN_ANSWER}"
            rf"(?![^.?!\n]*(?:, or state|\bby (?:choos|pick"
            r"|select)ing|\b(?:from|using) (?:the|these|one of the) (?:options|choices)))"
        ),
        "propose plan brainstorm prepare convert make recommend come": (
            rf"{_WANT}(?:propose (?:an? |\w+s )|plan an? |brainstorm|prepare an? |convert"
            r"|make an? (?!prediction|decision|choice|judge?ment|guess|classification)|come up with"
            r"|recommend (?:me|an? ))"
        ),
        "translate summarise summarize paraphrase rephrase rewrite discuss": (
            rf"{_WANT}(?:translate|summari[sz]e|paraphrase|rephrase|rewrite|discuss)\b"
        ),
        "words phrases": (
            r"\bwhich (?:words|phrases)(?: or (?:words|phrases))? (?:of|in) (?:this|the) \w+ "
            r"are\b"
        ),
        "explain detail step common full own justify each pros main key": (
            r"\b(?:explain (?:your|why)|in detail|step by step|have in common|full sentences?"
            r"|in your own words|justify|each of the following|for each|pros and cons|identify"
            r" the (?:main|key)"
            r"|classify each)\b"
        ),
        "tl tldr": r"\btl;?dr\b",
        # what the prompt ends with is to be continued: "The reason for this choice is that:"
        "rationale reason reasoning explanation justification reasons": (
            r"\b(?:rationale|reasons?|reasoning|explanation|justification)\b[^.?!\n]{0,200}"
            r"\b(?:is|are|that|because)\b(?<!reason is)(?<!reasons are)[: ]*\Z"
        ),
        "sql select def": r"\n\W*(?:select|def \w+\(.*|```\w*)\s*\Z",
        "json": r"\bjson\b[^.?!\n]{0,60}\b(?:keys|properties|fields|attributes)\b",
        "classify": r"\bclassify the following (?:\w+ )?(?!news)\w{3,}s\b",
        "schreib schreibe schreiben fasse fassen übersetze übersetzen beschreibe erkläre "
        "formuliere"
        " erstelle erstellen verfasse entwirf rédige rédigez crée créez redigi crea prepara "
        "propose"
        " escribe resume traduce explica redacta écris écrivez résume résumez traduis"
        " traduisez décris explique scrivi riassumi traduci descrivi spiega": (
            rf"{_WANT}(?:erstellen?|verfasse|entwirf|rédige[rz]?|crée[rz]?|redigi|crea"
            rf"|prepara|propose"
            r"|schreiben? sie|schreibe|fasse|fassen sie|übersetzen? sie|übersetze"
            r"|beschreibe|erkläre|formuliere|escribe|resume|traduce|describe|explica|redacta"
            r"|écris|écrivez"
            r"|résume|résumez|traduis|traduisez|décris|explique|scrivi|riassumi|traduci|descrivi"
            r"|spiega)\b"
            r"(?!(?: (?:nur|bitte|solo|seulement|uniquement|die|den|das|el|la|le|il|lo|l'"
            r"|una?|une"
            r"|bonne|richtige|correcta|buena|giusta|corretta|bon|buona))*[ ']"
            r"(?:option|opción|opzione|label|étiquette|etiqueta|etichetta|antwort|réponse"
            r"|respuesta"
            r"|risposta|nummer|numéro|número|numero|kategorie|catégorie|categoría|categoria)\b)"
        ),
    },
    script=r"(?:^|[。，：\n])请?(?:帮我|为我)?(?:出|编|拟|设计|命制)(?![售现自口版])[^。，\n]{0,14}(?:题|问卷|试卷)|"
    r"(?:^|[。，：\n])(?:请)?(?:帮我|为我|给[^。，\n]{1,8})?(?:写|列出|翻译|总结|概括|改写|续写|描述|提取|抽取|解释|生成|把)"
    r"(?!.{0,6}(?:字母|序号|选项|标签|答案))|(?:書いて|要約して|翻訳して|説明して)",
)


_FIELDS = re.compile(r"\bjson\b[^.?!\n]{0,60}\b(?:keys|properties|fields|attributes)\b")
_BEGINNING = 60  # characters
_ENDS_CHARS = 500  # a prompt asks at its beginning or at its end


@dataclass(frozen=True, slots=True)
class Wanted:
    """A text that a prompt asks for. `is_first`: the prompt begins, or ends, with that."""

    is_first: bool


def wants_text(text: str, words: Words) -> Wanted | None:
    """Return whether a prompt asks for a text of its own; None where it does not.

    `text` is in lower case, `words` are those of the prompt.
    """
    if len(text) > 2 * _ENDS_CHARS:  # between them are data
        text = f"{text[:_ENDS_CHARS]}\n{text[-_ENDS_CHARS:]}"
    found = [match.span() for match in _WRITES.each(text, words)]
    if not found:
        return None
    is_end = any(end >= len(text.rstrip()) for _, end in found)
    reasons = "step by step" in text or ("json" in words and _FIELDS.search(text))
    return Wanted(min(found)[0] < _BEGINNING or is_end or bool(reasons))
