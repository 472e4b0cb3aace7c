r"""Answers that a prompt names in quotation marks, and answers that it names with a condition.

'Is it "good" or "bad"?'                            ─►  good | bad
'Grade it "yes" if it fits, "no" otherwise.'        ─►  yes | no
'请从“蕴含”、“中立”、“矛盾”中选择一个'                 ─►  蕴含 | 中立 | 矛盾
'Output 0 for unrelated, 1 for related.'            ─►  0 | 1
'Rispondi Vero se è nuovo, altrimenti Falso.'       ─►  Vero | Falso
"""

import re
from collections.abc import Iterator
from itertools import pairwise

from ecom.forms.cues import Words, has_script
from ecom.forms.lists import Named, bare

_ONE = (
    r"(?:\"[^\"\n]{1,120}\"|“[^”\n]{1,120}”|„[^“”\n]{1,120}[“”]|«[^»\n]{1,120}»"
    r"|「[^」\n]{1,120}」"
    r"|‘[^’\n]{1,120}’|'(?<!\w')[^'\n]{1,120}'(?!\w)|`[^`\n]{1,120}`)"
)
_QUOTED = re.compile(_ONE)
_EITHER = re.compile(  # "a", "b" or "c"
    rf"{_ONE}(?:\s*[,;，、/|]\s*{_ONE}){{0,30}}"
    r"(?:,?\s+(?:or|oder|ou|o|u)\s+(?:par |con |mit |als |as )?"
    r"|\s*(?:或者?|还是|または|もしくは|か)\s*)"
    rf"{_ONE}"
)
# "(1) 'Hate speech', (2) 'Offensive' and (3) 'Neither'": what is in quotation marks is written
_NUMBERED = re.compile(rf"\(1\) {_ONE}(?:,? ?(?:and |or )?\(\d\) {_ONE}){{1,20}}")
_AMONG = re.compile(  # “a”、“b”、“c”中
    rf"(?:{_ONE}\s*[,，、/]?\s*){{2,30}}(?=(?:中|里|之间|のうち|の中|から|のいずれ|のどれ"
    rf"|のどちら))"
)
_ITEM = r"[^\s、，。,/・|:：“”「」\[\]【】（）をはがに]{1,20}?"
_FROM = re.compile(  # 从正面、负面、中性中选择
    rf"(?:^|[をは：:\s、。])[【\[「]?(?P<list>{_ITEM}(?:\s?(?:[、,，/・]|か(?!ら)、?"
    rf"|または)\s?{_ITEM}){{1,12}})[】\]」]?"
    r"か?\s?(?:の中から|のうち|のいずれか|のどれか|のどちらか|から)(?:一つ|1つ|ひとつ|のみ|だけ)?"
    r"[^\n。]{0,14}(?:選|答|出力|分類|判定)"
    rf"|(?:从|在|由)(?:以下)?[【\[“（]?(?P<zh>{_ITEM}(?:\s?[、,，/|]\s?{_ITEM}){{1,20}})[】\]”）]?"
    r"\s?(?:等?[几两二三四五六]?[个种类]?\w{0,4})?(?:之中|当中|中|里)[^\n，。]{0,8}[选挑]",
    re.MULTILINE,
)
_OR_WORDS = frozenset("or oder ou o u".split())
# What precedes answers in quotation marks: 'Is it "a" or "b"?', not 'Replace "a" or "b"'
_BEFORE = re.compile(
    r"(?<!that )(?<!which )(?<!who )\b(?:(?:is|are) (?:this|it|that|these)|to an?|is|are|was"
    r"|were|be|being|as|about|either|answer|respond"
    r"|reply"
    r"|output|return|print|say|says|write|give|state|predict|answering|replying|saying"
    r"|writing|returning|outputting|with|values?|of|from|among|score|label|class"
    r"|category"
    r"|verdict|into|by saying|choose|select|pick|both|just|only|exactly|ist|sei|als|mit|entweder"
    r"|nur|es"
    r"|sea|como|con|solo|est|comme|par|soit|è|come|antworte|responde|réponds|rispondi|gib|scrivi"
    r"|(?<!difference )between|pode[mn]? (?:ser|estar)|pued?en? ser|peu(?:ven)?t être"
    r"|zijn|(?:kan|kunnen) .{0,20}|(?:words?|labels?|options?|answers?|following|these|one|classes"
    r"|categories"
    r"|values):)[ :]*$|[?？。，、：(（]\s*$"
    r"|[是用以从为选出答]\s*$|(?:^|\n)\s*$|(?:回答|输出|返回)[：:]?\s*$",
    re.IGNORECASE,
)
_IF = (
    r"(?:if|when|for|in case|whenever|wenn|falls|bei|si|cuando|para|quand|pour|lorsque|se|quando"
    r"|per)"
)
_ELSE = (
    r"(?:otherwise|else|sonst|andernfalls|ansonsten|de lo contrario|en caso contrario|si no|sinon"
    r"|autrement|dans le cas contraire|altrimenti|in caso contrario)"
)
_IF_WORDS = frozenset(
    "if when whenever otherwise else wenn falls sonst andernfalls si cuando sinon quand se"
    " quando altrimenti".split()
)
_FOR = [f"{mark} for" for mark in "\"'”`01A"]
_YES_NO = r"(?:yes|no|true|false|ja|nein|wahr|falsch|sí|verdadero|falso|oui|non|vrai|faux|sì|vero)"
_VERB = (
    r"(?:answer|respond|reply|output|return|print|say|write|generate|give|state|label|mark|grade"
    r"|score"
    r"|rate|indicate|classify|verdict|format|antworte|antworten|gib|schreibe|responde|contesta"
    r"|escribe"
    r"|devuelve|indica|réponds|répondez|répondre|écris|écrivez|indique|rispondi|rispondere|scrivi"
    r"|restituisci)"
)
_VERBS = re.compile(rf"\b{_VERB}\b", re.IGNORECASE)
_MAY_MARK = re.compile(  # a condition behind what may be an answer: a search for a space is fast
    rf" (?=(?:{_IF}|{_ELSE})\b)(?:(?<=[\"'”“»」’`)] )|(?<=[\"'”“»」’`)], )|(?<=aus, )|(?<=\W\w )"
    r"|(?<=\W\w, )|(?<=\b(?:no|ja|sí|sì) )|(?<=\b(?:yes|oui|non) )|(?<=\b(?:true|nein|wahr|vrai"
    r"|faux|vero) )"
    r"|(?<=\b(?:false|falso) )|(?<=falsch )|(?<=verdadero )"
    r"|(?<=\b(?:no|ja|sí|sì), )|(?<=\b(?:yes|oui|non), )|(?<=\b(?:true|nein|wahr|vrai|faux|vero),"
    r" ))",
    re.IGNORECASE,
)
# … and right before an answer without quotation marks: "If you return 1 for 2" is no request
_IF_FIRST = re.compile(  # "If it fits, answer `POS`. If it does not, answer `NEG`."
    rf", (?:then |please |you (?:should|must) |bitte )?{_VERB}"
    rf"(?: (?:with|only|just|as|mit|nur|con|par|solo|the label|the word)){{0,2}}"
    rf" (?P<answer>{_ONE}|\d|(?-i:[A-Z]{{1,12}})|{_YES_NO})(?=[.,;\n]|$)",
    re.IGNORECASE,
)
_IF_BEFORE = re.compile(rf"\b{_IF} [^.?!\n]{{2,150}}$", re.IGNORECASE)
_ASKS_NEXT = re.compile(
    r"(?:^|[.?!:;,>)] |\b(?:please|and|then|or|must|should|will|to|just|only|bitte|nur|e|y|et) )"
    rf"{_VERB}\b[^.?!\n]{{0,40}}$",
    re.IGNORECASE,
)
_MARKED = re.compile(  # `POS` if it is positive, `NEG` otherwise; else the last of them
    rf"(?P<quoted>{_ONE})(?=(?: aus)?,? (?:{_IF}|{_ELSE})\b)|\b{_ELSE}\b[, ]*(?:\w+"
    rf" ){{0,3}}(?P<last>{_ONE})"
    rf"|(?<![\w.,$€£#-])(?<!\bfor )(?P<bare>\d|(?-i:[A-Z])|{_YES_NO})(?=,? (?:{_IF}|{_ELSE})\b)"
    rf"|\b{_ELSE}\b[, ]*(?:\w+ ){{0,3}}?(?P<bare_last>\d|(?-i:[A-Z])|{_YES_NO})(?=[\s.,;:]|$)",
    re.IGNORECASE,
)
_EITHER_JA = re.compile(  # "○か×で答えて"
    rf"(?:^|[をは：:\s、。])(?P<one>{_ITEM})(?:か(?!ら)、?|または|もしくは)(?P<two>{_ITEM})か?"
    r"(?:の(?:どちらか|いずれか))?で(?:お?答|回答|判定|分類)",
    re.MULTILINE,
)
_TOKEN = r"(?:[A-Za-z0-9_]{1,20}|“[^”\n]{1,20}”|「[^」\n]{1,20}」|\"[^\"\n]{1,20}\"|'[^'\n]{1,20}')"
_RESPONDS = re.compile(  # 正しければ1と答え、…0と答え; 匹配请回答“匹配”，…请回答“不匹配”
    rf"(?:回答|输出|返回|标记为|标为|记为|判为|打)[：: ]?(?P<zh>{_TOKEN})(?=[，。；;,.\s]|$)"
    rf"|(?P<ja>{_TOKEN})(?:と|を)(?:答え|出力|回答|返|し|判定)"
    rf"|(?:れば|場合は?|なら|ときは|ない場合は)、?(?P<if>{_TOKEN})(?=[、,])"
)
# "classify it as positive if it is glad, and negative otherwise"
_OTHERWISE = re.compile(
    r"\b(?:as|with|output|answer|say|return|print|write|label|respond|reply) "
    r"(?P<yes>[\w-]{2,20}) (?:if|when)\b[^.?!\n]{3,150}?[, ](?:and|or)? ?"
    r"(?:(?:otherwise|else),? (?:as |with |output |answer |say |return |print "
    r")?(?P<no_>[\w-]{2,20})"
    r"(?=[.\n]|$)|(?:as )?(?P<no>[\w-]{2,20}),? (?:otherwise|if not|else)\b)",
    re.IGNORECASE,
)
_CASE = re.compile(
    rf"(?P<yes>{_ONE})[^\n。]{{0,30}}?(?:そうで(?:は)?ない場合は?|それ以外(?:の場合)?は?"
    rf"|でなければ|否则[^“\n]{{0,6}})"
    rf"(?P<no>{_ONE})|(?:回答|输出|返回|为)(?P<plain>是|对|相关"
    rf"|匹配)[，,；;。]?[^\n。]{{0,20}}?否则"
    r"(?:[请则]?(?:回答|输出|返回|为))?(?P<plain_no>否|不是|错|不相关|不匹配)"
)
_KEY = re.compile(r"(?<![\w.,$€£-])(?P<key>\d|[A-Z]) ?[=＝] ?(?=[^\W\d_])")  # 0 = bad, 1 = good
_MOST_CHARS = 2_000  # a prompt asks at its beginning or at its end


def quoted(text: str, words: Words) -> Iterator[Named]:
    """Yield the answers in quotation marks, or with conditions.

    `text` is without data, `words` are those of the prompt.
    """
    if len(text) > 2 * _MOST_CHARS:
        text = f"{text[:_MOST_CHARS]}\n{text[-_MOST_CHARS:]}"
    is_script = has_script(text)
    if not words.isdisjoint(_OR_WORDS) or is_script:
        among = list(_AMONG.finditer(text)) if is_script else []
        for match in reversed([*_EITHER.finditer(text), *among]):
            before = text[max(0, match.start() - 40) : match.start()]
            if (
                match in among
                or _BEFORE.search(before)
                or text[match.end() : match.end() + 1] == "?"
            ):
                yield Named([bare(one) for one in _QUOTED.findall(match[0])], match[0])
    if "(1) '" in text or '(1) "' in text:
        for match in _NUMBERED.finditer(text):
            texts = [bare(one) for one in _QUOTED.findall(match[0])]
            yield Named(texts, match[0], is_offer=True)
    if "otherwise" in words or "else" in words:
        for match in _OTHERWISE.finditer(text):
            yield Named([match["yes"], match["no"] or match["no_"]], match[0])
    may_mark = not words.isdisjoint(_IF_WORDS) or any(map(text.__contains__, _FOR))
    if may_mark and _MAY_MARK.search(text):
        yield from _conditions(text)
    if not words.isdisjoint(_IF_WORDS):
        texts = [
            bare(found["answer"])
            for found in _IF_FIRST.finditer(text)
            if _IF_BEFORE.search(text[max(0, found.start() - 160) : found.start()])
        ]
        yield Named(list(dict.fromkeys(texts)), " … ".join(texts))
    if "=" in text:
        keys = [match["key"] for match in _KEY.finditer(text)]
        digits = all(map(str.isdigit, keys))
        if (len(keys) > 2 and not any(map(str.isdigit, keys))) or (
            len(keys) > 1 and digits and all(abs(int(a) - int(b)) == 1 for a, b in pairwise(keys))
        ):
            yield Named(keys, " ".join(f"{key} =" for key in keys))
    if is_script:
        for case in _CASE.finditer(text):
            yes, no = case["yes"] or case["plain"], case["no"] or case["plain_no"]
            yield Named([bare(yes), bare(no)], case[0])
        for match in _FROM.finditer(text):
            found = match["list"] or match["zh"]
            signs = r"[、,，/・|]|か、?|または" if match["list"] else r"[、,，/|]|或者?|和|与"
            yield Named([bare(one) for one in re.split(signs, found) if one], match[0])
        for match in _EITHER_JA.finditer(text):
            yield Named([bare(match["one"]), bare(match["two"])], match[0])
        responses = [
            match["zh"] or match["ja"] or match["if"] for match in _RESPONDS.finditer(text)
        ]
        distinct = list(dict.fromkeys(map(bare, responses)))
        if 1 < len(distinct) < 8:
            yield Named(distinct, " … ".join(distinct))


def _conditions(text: str) -> Iterator[Named]:
    """Yield the answers of a line that names each with its condition."""
    for line in text.split("\n"):
        found = list(_MARKED.finditer(line))
        if len(found) < 2 or not _VERBS.search(line, 0, found[0].start()):
            continue
        for groups in (("quoted", "last"), ("bare", "bare_last")):
            marked = [mark for mark in found if any(mark[group] for group in groups)]
            texts = [bare(mark[groups[0]] or mark[groups[1]]).strip("[]") for mark in marked]
            if len(texts) < 2:
                continue
            if groups[0] == "quoted" or _ASKS_NEXT.search(line[: marked[0].start()]):
                yield Named(list(dict.fromkeys(texts)), line[marked[0].start() : marked[-1].end()])
