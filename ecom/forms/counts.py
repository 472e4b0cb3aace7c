"""How many of the printed or named answers a prompt asks for."""

from ecom.forms.cues import Words, cue, words_of

_WORDS = {
    word: number
    for number, words in {
        2: "two zwei dos deux due 两 二",
        3: "three drei tres trois tre 三",
        4: "four vier cuatro quatre quattro 四",
        5: "five fünf cinco cinq cinque 五",
        6: "six sechs seis sei 六",
        7: "seven sieben siete sept sette 七",
        8: "eight acht ocho huit otto 八",
        9: "nine neun nueve neuf nove 九",
        10: "ten zehn diez dix dieci 十",
    }.items()
    for word in words.split()
}
_NUMBER = (
    rf"(?P<{{}}>10|[2-9]|{'|'.join(word for word in _WORDS if word.isascii() or 'ü' in word)})"
)
_ALL = cue(
    {
        "all any every each": r"\b(?:all|any|every|each)\b[^.?!\n]{0,40}?"
        r" (?:that |which |of them )?(?:may |might |could )?(?:appl(?:y|ies|icable)|that fit)\b",
        "all": r"\ball (?:the )?(?:matching|correct|applicable|appropriate|suitable"
        r"|fitting) (?:\w+ )?(?:\w+s\b|letters|numbers|options)"
        r"|\b(?:select|choose|pick|check|tick|mark) all (?!of (?:the )?\d)",
        "more least multiple any many several": r"\b(?:one or more|at least one|more than one|zero"
        r" or more|multiple (?:answers|labels|options|choices|categories|may|can|are)|any "
        r"number of"
        r"|as many as (?:apply|fit)|several (?:answers|labels|options|categories)"
        r" (?:may|can|are))\b",
        "alle mehrere todas varias toutes plusieurs tutte più": r"\b(?:alle (?:zutreffenden"
        r"|passenden|die zutreffen)|mehrere (?:antworten|labels|optionen)|todas las (?:que"
        r"|opciones que|etiquetas que)|varias (?:respuestas|opciones)|toutes les (?:réponses"
        r"|options|étiquettes)|plusieurs (?:réponses|options)|tutte le (?:risposte|opzioni"
        r"|etichette)"
        r"|più (?:risposte|opzioni))\b",
    },
    script="多选|可多选|选择?出?所有|所有(?:适用|符合|正确)|一个或多个|すべて選|全て選|当てはまるものを?すべて|複数選択",
)
_SOME = cue(
    {
        " ".join((*map(str, range(2, 11)), *_WORDS)): (
            r"\b(?:which|what|select|choose|pick|find|name|identify|retrieve|recommend"
            r"|suggest|give"
            r"|output|return|provide|predict|keep|top|wählen? sie|wähle|nennen? sie|nenne|welche"
            r"|elige|escoge|selecciona|qué|choisis|choisissez|choisir|sélectionnez|quels|quelles"
            r"|scegli|seleziona|quali)\b"
            r"(?: (?:only|the|me|exactly|any|out|your|top|best|die|los|las|les|le|i|gli|are "
            r"the))*"
            r"(?P<bound> (?:up to|at most|no more than|at least|bis zu|höchstens|hasta|jusqu'à"
            rf"|fino a))? {_NUMBER.format('k')}\b(?!(?<=\d)[.,](?!\s*$)|[-/:)%]|\d| ?stars?\b"
            r"| (?:options|choices|candidates) (?:is|below))"
        ),
    },
    script=r"(?:选|挑|找|列|推荐|给)(?:出|择)?(?P<zh>[2-9]|10|[两二三四五六七八九十])[个件种项款]"
    r"|(?P<ja>[2-9２-９]|[二三四五六七八九])(?:つ|個|点|品|件)(?:を?(?:選|え|挙|答))",
)
_AT_MOST = ("up to", "at most", "no more than", "bis zu", "höchstens", "hasta", "jusqu'à", "fino a")


def several(asked: str, of: int, words: Words | None = None) -> tuple[int, int] | None:
    """Return how many of `of` answers are asked for, least and most; None for one.

    `asked` is in lower case, `words`: at least those of `asked`, if they are at hand.

    >>> several("which 3 of these would she buy?", 5), several("select all that apply.", 4)
    ((3, 3), (1, 4))
    >>> several("pick up to two.", 4), several("which one of these four is it?", 4)
    ((1, 2), None)
    """
    words = words_of(asked) if words is None else words
    if _ALL.search(asked, words):
        return 1, of
    if not (found := _SOME.search(asked, words)):
        return None
    groups = found.groupdict()
    number = groups.get("k") or groups.get("zh") or groups.get("ja") or ""
    count = _WORDS.get(number) or int(number)
    if not 1 < count <= of:
        return None
    bound = (groups.get("bound") or "").strip()
    if not bound:
        return count, count
    return (1, count) if bound in _AT_MOST else (count, of)
