r"""Questions that name their answers, without a request.

"Is this review positive or negative?"         ─►  positive | negative
"True or False?"                               ─►  True | False
"Which section? Shoes, toys or hats?"          ─►  Shoes | toys | hats
"Is it red or blue?"                           ─►  nothing: the answer may be a sentence
"""

import re
from collections.abc import Iterator

from ecom.forms.cues import Words
from ecom.forms.lists import ANSWER, Named, has_or, named, parted

_YES_NO = (
    r"(?:yes|no|true|false|y|n|ja|nein|oui|non|sí|sì|vrai|faux|wahr|falsch|verdadero|falso|vero)"
)
# "True or False?", "Yes or no?", "(yes/no)": answers alone
_ALONE = re.compile(
    r"(?:^|(?<=[.?!:？] ))(?P<list>(?:yes|true|no|false|ja|oui|sí|sì|vrai|wahr|richtig|verdadero"
    r"|vero)"
    r"(?:,? (?:or |oder |ou |o )?(?:yes|no|true|false|neither|maybe|unknown|both|nein|non|faux"
    r"|falsch|falso|not sure|sometimes|inconclusive|unclear|vielleicht|unklar|unbestimmt|peut-être"
    r"|indéterminé|quizás|tal vez|indeterminado|forse|indeterminato|incerto)){1,3})[?.!]?(?=\s|$)"
    rf"|(?<![\w/])(?P<slashed>{_YES_NO} ?/ ?{_YES_NO}(?: ?/ ?\w+)?)(?![\w/])"
    r"|(?P<script>(?:是|はい|对)[/／](?:否|いいえ|不是|错))|[，。、？?\s](?P<zh>是或否|是还是否|是或不是)"
    r"|(?P<ja>(?:はい)(?:か|、?または|もしくは|か、|・|、)(?:いいえ))",
    re.MULTILINE,
)
_ALONE_WORDS = frozenset(  # two of them are in each
    "yes no true false y n ja nein oui non sí sì vrai faux wahr falsch richtig verdadero falso vero"
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
    r"|正面|负面|中性|积极|消极|相关|不相关|是|否|好评|差评|匹配|不匹配|肯定的|否定的|一致|不一致)",
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
_HOW = re.compile(r"\W*(?:how|wie|cómo|comment|come)\b", re.IGNORECASE)  # "How do I choose: …?"
# "a negative or positive ▸tone to this review"
_OF_FEELING = re.compile(
    r"(?<=\w) (?:sentiment|tone|feeling|opinion|attitude|polarity|impression|experience|review|mood"
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
_REPLIES = re.compile(
    r"\b(?:provide|give|draft|offer|formulate) (?:an?|the) (?:\w+ ){0,2}"
    r"(?:answer|solution|reply|response|comparison|explanation|overview|list|description|advice"
    r"|recommendation)|\banswer the (?:\w+ )?(?:query|customer|user)\b",
    re.IGNORECASE,
)


def asked(text: str, words: Words) -> Iterator[Named]:
    """Yield the answers that questions name.

    `text` is without data and long quotations, `words` are those of the prompt.
    """
    low = text.lower()
    if len(low) != len(text):  # places in both must be the same
        text = low
    if len(words & _ALONE_WORDS) > 1 or not text.isascii():
        for match in reversed(list(_ALONE.finditer(low))):
            alone = text[match.start(match.lastgroup or 0) : match.end(match.lastgroup or 0)]
            texts = ["はい", "いいえ"] if match["ja"] else named(alone, needs_or=False)
            ends = alone[-1:] in "?.!" or text[match.end() :].lstrip(" ")[:1] in ("", "\n")
            if ends or has_or(alone):  # not "yes, no difference"
                yield Named(texts, alone)
    for match in _IN_BRACKETS.finditer(text) if "/" in text or "／" in text else ():
        parts = re.split(r"\s?[/／]\s?", match["list"])
        if match["asks"] or all(map(_OPPOSITE.fullmatch, parts)):
            yield Named(parts, match[0].strip())
    if not has_or(low, words) or _REPLIES.search(low):
        return
    for match in reversed(list(_QUESTION.finditer(text))):
        if has_or(match[1]):
            texts = _tail(match[1].rstrip(), text[: match.start()].rstrip(), text[match.end() :])
            yield Named(texts, match[0].strip())


def _tail(sentence: str, before: str, behind: str) -> list[str]:
    """Return the answers with which a question ends.

    They are two or three opposites; three or more topics; what follows a colon; or a sentence of
    their own behind a question, as in "Which section? Shoes, toys or hats?"
    """
    head, colon, list_ = sentence.partition(": ")
    if colon and "@" not in list_ and not _HOW.match(head) and (found := named(list_, True)):
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
    is_alone = before.endswith(("?", "？")) and bool(ANSWER.fullmatch(first))
    if len(others) < 2:  # "What is it? lamp or box?"
        is_last = not behind.strip() and all(part.count(" ") < 2 for part in parts)
        return parts if is_alone and is_last else []
    if topic := _TOPIC.search(first):
        return [first[topic.end() :].strip(), *others]
    return parts if is_alone else []
