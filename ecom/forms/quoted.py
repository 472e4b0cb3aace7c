r"""Answers that a prompt names in quotation marks, and answers that it names with a condition.

'Is it "good" or "bad"?'                            ─►  good | bad
'Grade it "yes" if it fits, "no" otherwise.'        ─►  yes | no
'请从“蕴含”、“中立”、“矛盾”中选择一个'                 ─►  蕴含 | 中立 | 矛盾
'Output 0 for unrelated, 1 for related.'            ─►  0 | 1
'Rispondi Vero se è nuovo, altrimenti Falso.'       ─►  Vero | Falso
"""

import re
from collections.abc import Iterator

from ecom.forms.cues import Words
from ecom.forms.lists import Named, bare

_ONE = (
    r"(?:\"[^\"\n]{1,120}\"|“[^”\n]{1,120}”|„[^“”\n]{1,120}[“”]|«[^»\n]{1,120}»|「[^」\n]{1,120}」"
    r"|‘[^’\n]{1,120}’|(?<!\w)'[^'\n]{1,120}'(?!\w)|`[^`\n]{1,120}`)"
)
_QUOTED = re.compile(_ONE)
_EITHER = re.compile(  # "a", "b" or "c"
    rf"{_ONE}(?:\s*[,;，、/|]\s*{_ONE}){{0,30}}"
    r"(?:,?\s+(?:or|oder|ou|o|u)\s+(?:par |con |mit |als |as )?"
    r"|\s*(?:或者?|还是|または|もしくは|か)\s*)"
    rf"{_ONE}|(?:{_ONE}\s*[,，、/]?\s*){{2,30}}(?=(?:中|里|之间|のうち|の中|から|のいずれ|のどれ|のどちら))"
)
_FROM = re.compile(  # 从正面、负面、中性中选择
    r"(?:^|[从在由を：:\s，。])(?P<list>[^\s、，。,:：“”「」\n]{1,20}(?:\s?[、,，/]\s?[^\s、，。,:：“”「」\n]{1,20}){1,12}?)"
    r"\s?(?:(?:の中から|のうち|のいずれか|のどれか|のどちらか)[^\n。]{0,12}(?:選|答|出力)"
    r"|(?:之中|当中|中|里|这[几两二三四五]个\w{0,4}中)[^\n，。]{0,6}选)",
    re.MULTILINE,
)
_OR_WORDS = frozenset("or oder ou o u".split())
_EXAMPLES = re.compile(
    r"\b(?:difference between|words? like|phrases? like|such as|for example,?|e\.g\.,?"
    r"|examples?:)\s*$",
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
    "if when for whenever otherwise else wenn falls sonst andernfalls si cuando sinon quand se"
    " quando altrimenti".split()
)
_YES_NO = r"(?:yes|no|true|false|ja|nein|wahr|falsch|sí|verdadero|falso|oui|non|vrai|faux|sì|vero)"
_VERB = (
    r"(?:answer|respond|reply|output|return|print|say|write|generate|give|state|label|mark|grade|score"
    r"|rate|indicate|classify|verdict|format|antworte|antworten|gib|schreibe|responde|contesta|escribe"
    r"|devuelve|indica|réponds|répondez|répondre|écris|écrivez|indique|rispondi|rispondere|scrivi"
    r"|restituisci)"
)
_VERBS = re.compile(rf"\b{_VERB}\b", re.IGNORECASE)
_MARKED = re.compile(  # `POS` if it is positive, `NEG` otherwise; else the last of them
    rf"(?P<quoted>{_ONE})(?=,? (?:{_IF}|{_ELSE})\b)|\b{_ELSE}\b[, ]*(?:\w+ ){{0,3}}(?P<last>{_ONE})"
    rf"|(?<![\w.,$€£#-])(?P<bare>\d|[A-Z]|{_YES_NO})(?=,? (?:{_IF}|{_ELSE})\b)"
    rf"|\b{_ELSE}\b[, ]*(?:\w+ ){{0,3}}?(?P<bare_last>\d|[A-Z]|{_YES_NO})(?=[\s.,;:]|$)",
    re.IGNORECASE,
)
_CASE = re.compile(
    rf"(?P<yes>{_ONE})[^\n。]{{0,30}}?(?:そうで(?:は)?ない場合は?|それ以外(?:の場合)?は?|でなければ|否则[^“\n]{{0,6}})"
    rf"(?P<no>{_ONE})|(?:回答|输出|返回|为)(?P<plain>是|对|相关|匹配)[，,；;。]?[^\n。]{{0,20}}?否则"
    r"(?:[请则]?(?:回答|输出|返回|为))?(?P<plain_no>否|不是|错|不相关|不匹配)"
)
_MOST_CHARS = 2_000  # a prompt asks at its beginning or at its end


def quoted(text: str, words: Words) -> Iterator[Named]:
    """Yield the answers in quotation marks, or with conditions.

    `text` is without data, `words` are those of the prompt.
    """
    if len(text) > 2 * _MOST_CHARS:
        text = f"{text[:_MOST_CHARS]}\n{text[-_MOST_CHARS:]}"
    if not words.isdisjoint(_OR_WORDS) or not text.isascii():
        for match in reversed(list(_EITHER.finditer(text))):
            if not _EXAMPLES.search(text, max(0, match.start() - 40), match.start()):
                yield Named([bare(one) for one in _QUOTED.findall(match[0])], match[0])
    if not words.isdisjoint(_IF_WORDS):
        yield from _conditions(text)
    if not text.isascii():
        for case in _CASE.finditer(text):
            yes, no = case["yes"] or case["plain"], case["no"] or case["plain_no"]
            yield Named([bare(yes), bare(no)], case[0])
        for match in _FROM.finditer(text):
            found = match["list"].removeprefix("从")
            yield Named([bare(one) for one in re.split(r"[、,，/]|或者?|和|与", found)], match[0])


def _conditions(text: str) -> Iterator[Named]:
    """Yield the answers of a line that names each with its condition."""
    for line in text.split("\n"):
        found = list(_MARKED.finditer(line))
        if len(found) < 2 or not _VERBS.search(line, 0, found[0].start()):
            continue
        for groups in (("quoted", "last"), ("bare", "bare_last")):
            marked = [mark for mark in found if any(mark[group] for group in groups)]
            texts = [bare(mark[groups[0]] or mark[groups[1]]).strip("[]") for mark in marked]
            if len(texts) > 1:
                yield Named(list(dict.fromkeys(texts)), line[marked[0].start() : marked[-1].end()])
