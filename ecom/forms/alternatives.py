r"""Questions that name their answers, without a request.

"Is this review positive or negative?"         ─►  positive | negative
"True or False?"                               ─►  True | False
"Which section? Shoes, toys or hats?"          ─►  Shoes | toys | hats
"Is it red or blue?"                           ─►  nothing: the answer may be a sentence
"""

import re
from collections.abc import Iterator

from ecom.forms.cues import Words, has_script
from ecom.forms.lists import ANSWER, OR, Named, are_answers, has_or, named, parted

_YES_NO = (
    r"(?:yes|no|true|false|y|n|ja|nein|oui|non|sí|sì|vrai|faux|wahr|falsch|verdadero|falso|vero)"
)
# "True or False?", "Yes or no?", "(yes/no)": answers alone
_ALONE = re.compile(
    r"(?:^|(?<=[.?!:？] ))(?P<list>(?:yes|true|no|false|ja|oui|sí|sì|vrai|wahr|richtig|verdadero"
    r"|vero|t|y)"
    r"(?:,? (?:or |oder |ou |o )?(?:yes|no|true|false|(?<= or )[fn](?=[?:])|neither|maybe"
    r"|unknown|both|nein|non|faux"
    r"|falsch|falso|not sure|sometimes|inconclusive|unclear|vielleicht|unklar|unbestimmt"
    r"|peut-être"
    r"|indéterminé|quizás|tal vez|indeterminado|forse|indeterminato|incerto)){1,3}) "
    r"?[?.!:]?(?=\s|$)"
    rf"|(?<![\w/])(?P<slashed>{_YES_NO} ?/ ?{_YES_NO}(?: ?/ ?\w+(?: \w+(?=[?.\n]))?)?)(?![\w/-])"
    r"(?! (?!(?:answer|response|label|verdict|decision|question(?=:)|only|please|is|are|does"
    r"|do|can)\b)"
    r"[a-z])"
    r"|(?P<script>(?:是|はい|对)[/／](?:否|いいえ|不是|错))|(?:^|[，。、？?\s])(?P<zh>是或否"
    r"|是还是否|是或不是|对还是错|对或错|正确还是错误)"
    r"|(?P<ja>(?:はい)(?:か|、?または|もしくは|か、|・|、)(?:いいえ))",
    re.MULTILINE,
)
_ALONE_WORDS = frozenset(  # two of them are in each
    "yes no true false y n t f ja nein oui non sí sì vrai faux wahr falsch richtig verdadero "
    "falso vero"
    " neither maybe unknown both".split()
)
# Answers that a question may name without a request: "Is it positive or negative?"
_OPPOSITE = re.compile(
    r"(?:un|dis|in|ir|not |non-?|nicht |pas |no |non |irr?e|very |mostly )?"
    r"(?:positi(?:ve|v|vo|va|f)|n[eé]gati(?:ve|v|vo|va|f)|neutr(?:al|e|o|ale)"
    r"|true|false|yes|no|good|bad|favou?rable|relevant|correct|incorrect|happy|sad|entailment"
    r"|contradiction|neither|mixed|similar|different|same|match(?:ing)?|mismatch|spam|ham"
    r"|subjective"
    r"|objective|satisfied|ja|nein|oui|non|sí|sì|richtig|falsch|verdadero|falso|vrai|faux|vero"
    r"|正面|负面|中性|积极|消极|相关|不相关|是|否|好评|差评|匹配|不匹配|肯定的|否定的|一致"
    r"|不一致)",
    re.IGNORECASE,
)
_ENDS_OPPOSITE = re.compile(rf"{_OPPOSITE.pattern}$", re.IGNORECASE)  # without spaces: 这是正面
_QUESTION = re.compile(
    r"(?:^|(?<=[.?!:。？！\n] )|(?<=\n))([^.?!。？！\n]{2,300})[?？]", re.MULTILINE
)
# "What is the mood? (good/bad/mixed)"
_IN_BRACKETS = re.compile(
    r"(?P<asks>[?？] ?)?[(（\[]"
    r"(?P<list>[^()（）/／\n]{1,20}(?:[/／][^()（）/／\n]{1,20}){1,8})[)）\]]"
)
_LISTED = re.compile(  # "Same product? (yes, no, maybe)"
    r"[?？] ?[(（\[](?P<list>[^()（）\n]{2,60}(?:[,，、|] ?[^()（）\n]{1,60}){1,8})[)）\]]"
)
_HOW = re.compile(r"\W*(?:how|wie|cómo|comment|come)\b", re.IGNORECASE)  # "How do I choose: …?"
# "a negative or positive ▸tone to this review"
_OF_FEELING = re.compile(
    r"(?<=\w) (?:sentiment|tone|feeling|opinion|attitude|polarity|impression|experience"
    r"|review|mood"
    r"|emotion|rating|stimmung|meinung|bewertung|sentimiento|opinión|tono|avis|ton|sentimento"
    r"|opinione)\b.*",
    re.IGNORECASE,
)
_TOPIC = re.compile(
    r"\b(?:(?:is|are) (?:this|it|the \w+|that)(?: \w+)? (?:about|regarding|a piece of \w+"
    r" regarding)"
    r"|(?:put|file|sort|place) \w+ (?:under|in|into)|belongs? to)\b",
    re.IGNORECASE,
)


# A reply in whole sentences is asked for, whatever the question in it says
REPLIES = re.compile(
    r"\b(?:provide|give|draft|offer|formulate) (?:an?|the) (?:\w+ ){0,2}"
    r"(?:answer|solution|reply|response|comparison|explanation|overview|list|description|advice"
    r"|recommendation)|\banswer the (?:\w+ )?(?:query|customer|user)\b",
    re.IGNORECASE,
)


def asked(text: str, words: Words) -> Iterator[Named]:
    """Yield the answers that questions name.

    `text` is without data and long quotations, `words` are those of the prompt.
    """
    if '."' in text:  # "It rains." is a title here, no sentence
        text = text.replace('."', '"')
    low = text.lower()
    if len(low) != len(text):  # places in both must be the same
        text = low
    if len(words & _ALONE_WORDS) > 1 or not text.isascii():
        for match in reversed(list(_ALONE.finditer(low))):
            alone = text[match.start(match.lastgroup or 0) : match.end(match.lastgroup or 0)]
            texts = ["はい", "いいえ"] if match["ja"] else named(alone, needs_or=False)
            ends = alone[-1:] in "?.!:" or text[match.end() :].lstrip(" ")[:1] in ("", "\n")
            if ends or has_or(alone):  # not "yes, no difference"
                yield Named(texts, alone)
    for match in _LISTED.finditer(text) if "(" in text or "（" in text or "[" in text else ():
        yield Named(named(match["list"], needs_or=False), match[0].strip())
    for match in _IN_BRACKETS.finditer(text) if "/" in text or "／" in text else ():
        parts = re.split(r"\s?[/／]\s?", match["list"])
        if match["asks"] or all(map(_OPPOSITE.fullmatch, parts)):
            yield Named(parts, match[0].strip())
    if has_script(text):
        yield from _in_script(text)
    if not has_or(low, words) or REPLIES.search(low):
        return
    for match in _BEHIND.finditer(text) if "? " in text or "？" in text else ():
        yield Named(named(match["list"], needs_or=True), match[0].strip())
    for match in reversed(list(_QUESTION.finditer(text))):
        if has_or(match[1]) and not _NO_CHOICE.search(match[1]):
            texts = _tail(match[1].rstrip(), text[: match.start()].rstrip(), text[match.end() :])
            if not are_answers(texts):
                texts = either(match[1])
                if not all(map(_OPPOSITE.fullmatch, texts)) and not _is_about_text(match, text):
                    texts = []
            yield Named(texts, match[0].strip())
    for match in _INDIRECT.finditer(text) if not words.isdisjoint(_IF_WORDS) else ():
        clause = _VERB_BEHIND.sub("", match[1])
        if has_or(clause):
            texts = either(clause)
            if all(map(_OPPOSITE.fullmatch, texts)) or _is_about_text(match, text):
                yield Named(texts, match[0].strip())


_BEHIND = re.compile(  # "Sentiment? positive / negative": behind a question, up to the line's end
    r"[?？] (?P<list>[^.?!:。？！：\n]{3,80})(?:\n|$)"
)
_ARTICLE = re.compile(r"(?<!\w)(?:an?|the) (?=\w)", re.IGNORECASE)
_NO_CHOICE = re.compile(r"\bdifference|\btypos?\b|\bhow many\b|\bin common", re.IGNORECASE)
# A question about a text that is at hand, not about the world: "this review", "the sentence below"
_TEXTS = (
    r"(?:review|tweet|text|sentence|message|comment|post|article|passage|paragraph|statement"
    r"|claim"
    r"|question|title|headline|query|e-?mail|ticket|news|story|conversation|dialogue|argument"
    r"|answer|response|reply|hypothesis|premise|pair|pronoun|word|phrase|relation\w*|sentiment"
    r"|bewertung|satz|text|aussage|nachricht|kommentar|frage|avis|phrase|texte|commentaire|énoncé"
    r"|reseña|frase|texto|oración|afirmación|comentario|recensione|testo|commento|affermazione)"
)
_ABOUT_TEXT = re.compile(
    rf"\b(?:this|these|the|diese[rs]?|cette?|est[ea]|questa?)\s(?:\w+ ){{0,2}}{_TEXTS}s?\b"
    r"|\b(?:following|above|below|previous|preceding|folgende\w?|suivante?|siguiente|seguente)\b"
    r"|\bis this @|@|(?<!\w)_(?!\w)|\b(?:most people|someone) believe\b"
    rf"|\b(?:based on|given) (?:this|that|the) (?:information|{_TEXTS})\b",
    re.IGNORECASE,
)
_LABEL = re.compile(r"^[*#\s]*(?:[a-z]\w* )?([a-z]\w*) ?\d?[*\s]*[:：]", re.MULTILINE)
_THE = re.compile(r"\b(?:the|der|die|das|le|la|el|il|lo|l') ?(\w+)(?: (\w+))?")
_INDIRECT = re.compile(  # "Decide whether the sentence is in active or passive voice."
    r"\b(?:decide|determine|say|state|judge|predict|check|identify|indicate|tell me|specify"
    r"|classify|find out"
    r"|bestimme|entscheide|sag|gib an|beurteile|indica|di|determina|decide|señala"
    r"|indique[rz]?|dis"
    r"|détermine[rz]?|précise[rz]?|indicare|stabilisci|dimmi)\b[^.?!:\n]{0,20}?,? "
    r"(?:whether|if|ob|si|se)\b ([^.?!:\n]{5,200})",
    re.IGNORECASE,
)
_IF_WORDS = frozenset("whether if ob si se".split())
_VERB_BEHIND = re.compile(r",? (?:ist|sind|war|hat|beschreibt|ausdrückt)$")
_OURS = re.compile(
    r"\b(?:i|my|we|our|us|me|do you|can you|could you|have you|are you|should)\b", re.IGNORECASE
)


_QUOTATION = re.compile(r"(?<!\w)([\"'])[^\"'\n]{2,}\1(?!\w)|“[^”\n]{2,}”|@")


def _is_about_text(match: re.Match[str], text: str) -> bool:
    """Whether a question asks about something else that the prompt shows."""
    sentence = match[1]
    if '": ' in sentence or _OURS.search(sentence) or _HOW.match(sentence):
        return False
    if _QUOTATION.search(sentence):
        return True
    others = len(text) - len(match[0])
    if others > 4 and _ABOUT_TEXT.search(sentence):
        return True
    labels = set(_LABEL.findall(text.lower()))
    named_ = {word for words in _THE.findall(sentence.lower()) for word in words}
    return not labels.isdisjoint(named_)


_LIMIT = re.compile(  # what stands before the first of several answers
    r".*(?:\b(?:is|are|was|were|be|being|as|to|of|in|for|with|by|about|between|from|either"
    r"|contains?"
    r"|express\w*|regarding|whether|say|sounds?|seems?|ist|sind|als|est|sont|es|son|è|sono)"
    r"|[:：@_])\s+",
    re.IGNORECASE,
)
_OR_WORD = re.compile(rf"\s{OR}\s", re.IGNORECASE)
_QUOTES_AROUND = re.compile(r"[\"“„«'‘`]([^\"“”„«»'‘’`]{1,60})[\"”“»'’`]")


_NOT = ("not ", "no ", "non ", "very ", "it ")


def either(clause: str) -> list[str]:
    """Return the alternatives with which a clause ends, which are alike, or [].

    >>> either("Is it in active or passive voice"), either("Does _ refer to a mug or a box")
    (['active', 'passive'], ['mug', 'box'])
    >>> either("Would it decrease or increase sales"), either("Is it red or does it need a bulb")
    (['decrease', 'increase'], [])
    """
    if not _OR_WORD.search(clause):
        return []
    if paired := _PAIR.search(clause):
        return [paired["one"], paired["two"]]
    pieces = [piece.strip() for piece in re.split(rf",\s*(?:{OR}\s+)?|\s+{OR}\s+", clause)]
    if len(pieces) < 2:
        return []
    if all(map(_QUOTES_AROUND.search, pieces[-2:])):
        return [one[1] for one in map(_QUOTES_AROUND.search, pieces) if one]
    bare = [_ARTICLE.sub("", piece) for piece in pieces]
    begin = len(bare) - 1
    while begin and ANSWER.fullmatch(bare[begin]) and not _LIMIT.match(pieces[begin]):
        begin -= 1
    others = bare[begin + 1 :]
    if not others or len(others) < min(2, len(bare) - 2):
        return []
    most = max(len(one.split()) - one.startswith(_NOT) for one in others)
    first = _first(pieces[begin], most)
    if " " not in first and all(" " not in one for one in others[:-1]):
        last = others[-1]  # "active or passive voice", "always, sometimes or never true"
        others[-1] = last if last.startswith(_NOT) or last.count(" ") > 2 else last.split()[0]
    texts = [first, *others]
    return texts if all(map(ANSWER.fullmatch, texts)) else []


# "decrease or increase the chances": two words that share their end, or but for a prefix
_PAIR = re.compile(
    r"\b(?P<one>\w*?(?P<stem>\w{5,})) or (?P<two>[\w-]*(?P=stem))\b",
    re.IGNORECASE,
)


def _first(piece: str, most: int) -> str:
    """Return the first alternative, at the end of its piece: at most as long as the others."""
    limit = _LIMIT.match(piece)
    rest = piece[limit.end() :] if limit else piece
    articles = list(_ARTICLE.finditer(rest))
    rest = rest[articles[-1].end() :] if articles else rest
    words = rest.split()
    return " ".join(words if len(words) <= max(most, 1) else words[-most:])


_CHINESE = re.compile(  # "情感是积极的还是消极的？", "售前、售后还是投诉？", "是、否、或也许？"
    r"(?:[是，。？：！“”」\s]|属于|为"
    r"|^)(?P<list>(?:[^\s，。？：、是]{1,10}、)*[^\s，。？：、是]{1,10}?、?"
    r"(?:，?还是|、?或者?)(?:属于|是)?[^\s，。？：、]{1,10})[?？]"
)
_TEXTS_IN_SCRIPT = re.compile(
    "문장|리뷰|감정|제목|글|情感|情绪|评论|句|文|语义|态度|意图|关系|类|推断|感情|レビュー|発言|ツイート|意図|関係"
)
_JAPANESE = re.compile(  # "ポジティブですか、ネガティブですか？"
    r"(?:[はが、。：]|^)(?P<one>[^\s、。：はが]{1,15}?)(?:です|でしょう"
    r"|なの)?か、(?:それとも、?)?"
    r"(?P<two>[^\s、。：はが]{1,15}?)(?:です|でしょう|なの)か"
)
_KOREAN = re.compile(  # "긍정일까요 부정일까요?"
    r"(?P<one>[^\s,.?]{1,15}?)(?P<end>일까요|인가요|입니까|인지|인가),? (?:아니면 )?"
    r"(?P<two>[^\s,.?]{1,15}?)(?P=end)"
)


def _is_of_text(text: str, match: re.Match[str]) -> bool:
    """Whether the sentence asks about a text, not about the world."""
    begin = max(text.rfind(mark, 0, match.start()) for mark in "。？！\n") + 1
    return bool(_TEXTS_IN_SCRIPT.search(text, begin, match.end()))


def _in_script(text: str) -> Iterator[Named]:
    """Yield the alternatives of questions in Chinese, Japanese and Korean."""
    for match in _CHINESE.finditer(text):
        texts = [
            one for one in re.split(r"、?(?:，?还是|或者?)(?:属于|是)?|、", match["list"]) if one
        ]
        if len(texts) > 2 or _is_of_text(text, match):
            yield Named(texts, match["list"])
    for match in (*_JAPANESE.finditer(text), *_KOREAN.finditer(text)):
        if _is_of_text(text, match):
            yield Named([match["one"], match["two"]], match[0])


def _tail(sentence: str, before: str, behind: str) -> list[str]:
    """Return the answers with which a question ends.

    They are two or three opposites; three or more topics; what follows a colon; or a sentence of
    their own behind a question, as in "Which section? Shoes, toys or hats?"
    """
    head, colon, list_ = sentence.partition(": ")
    if not colon:
        head, colon, list_ = sentence.partition(" - ")
        colon = colon if re.search(r"\s(?:or|oder|ou|o)\s", list_) and "'" not in list_ else ""
    list_ = _ARTICLE.sub("", list_)
    if (
        colon
        and not _NO_CHOICE.search(head)
        and "@" not in list_
        and not _HOW.match(head)
        and (found := named(list_, True))
    ):
        return found
    parts = [part.strip() for part in parted(sentence)]
    parts[-1] = _OF_FEELING.sub("", parts[-1])
    if len(parts) < 2 or not all(map(ANSWER.fullmatch, parts[1:])):
        return []
    first, *others = parts
    if all(map(_OPPOSITE.fullmatch, others)):
        words = first.split()
        for count in (2, 1):
            opposite = " ".join(words[-count:])
            if _OPPOSITE.fullmatch(opposite):
                return [opposite, *others]
        if last := _ENDS_OPPOSITE.search(first):
            return [last[0], *others]
        return others if len(others) > 1 else []
    is_alone = bool(ANSWER.fullmatch(first)) and (
        before.endswith(("?", "？")) or (len(others) > 1 and bool(before) and not behind.strip())
    )
    if len(others) < 2:  # "What is it? lamp or box?"
        is_last = not behind.strip() and all(part.count(" ") < 2 for part in parts)
        return parts if is_alone and is_last else []
    if topic := _TOPIC.search(first):
        return [first[topic.end() :].strip(), *others]
    return parts if is_alone else []
