r"""Lists without labels under a sentence that asks to choose, and lists between tags.

"Assign one of these intents and nothing else:\n- refund\n- other"     ─►  refund | other
"Qual è l'opzione più plausibile?\n- rosso\n- blu"                      ─►  rosso | blu
"Choose one tag.\n<tags>\nprice\nsize\n</tags>"                         ─►  price | size
"Intents:\n- refund: wants money back\n- other: none of these"          ─►  refund | other
"""

import re
from collections.abc import Iterator

from ecom.forms.lists import Named, bare, bulleted

_BLOCK = re.compile(r"\n[ \t]*[-*•·] +\S")
_CHOOSES = re.compile(
    r"\b(?:pick\w*|choos\w+|select\w*|classif\w*|categori[sz]\w*|assign|assigned|label|tag|decide"
    r"|best|most|more|correct|right|predict\w*|one of|any of|either of|which|wähle|wählen"
    r"|klassifizier\w*"
    r"|ordne|welche[rs]?|eine[rs]? der|elige|escoge"
    r"|selecciona|clasifica|cuál|una de|choisi\w*|sélectionne\w*|classe[rz]?|quel(?:le)?s?"
    r"|une des"
    r"|l'une?|scegli|seleziona|classifica|qual[ei]?|una delle)\b"
    r"|选|選|分类|分類|哪|どれ|どの|いずれ|之一|のうち",
    re.IGNORECASE,
)
_ANSWERS = re.compile(
    r"\b(?:options?|labels?|categor(?:y|ies)|class(?:es)?|intents?|topics?|tags?|choices?"
    r"|answers?"
    r"|alternatives?|sentiments?|emotions?|departments?|types?|values?|following|these|genres?"
    r"|aspects?"
    r"|antwort\w*|option\w*|kategorie\w*|klassen?|folgenden|opci(?:ón|ones)|categorías?"
    r"|etiquetas?"
    r"|siguientes|respuestas?|catégories?|étiquettes?|suivante?s|réponses?|opzion[ei]"
    r"|categori[ae]"
    r"|etichett[ae]|seguenti|rispost[ae])\b"
    r"|选项|类|标签|以下|下列|選択|カテゴリ|ラベル|次の",
    re.IGNORECASE,
)
_ASKED = re.compile(r"\W*(?:question|q|frage|pregunta|domanda|问题|質問)\W*[:：]", re.IGNORECASE)
_OURS = re.compile(r"\b(?:i|my|we|our|us|me|you|your)\b", re.IGNORECASE)
_HOW = re.compile(r"\W*(?:how|wie|cómo|comment|come|如何|怎么|どう)\b", re.IGNORECASE)
_ANSWER = re.compile(
    r"\W*(?:answer|a|response|antwort|respuesta|réponse|risposta|答案|答え)\W*", re.I
)
_ITEM = re.compile(r"[ \t]*(?:[-*•·] |\(?\w{1,2}[.):、])")
_AT_END = re.compile(
    r"(?:[^-*•·\n].*\n|\n)*(?:[ \t]*[-*•·] .*(?:\n|$)\n*){2,}\W*(?:\w+ ?[:：]?\W*)?"
)
_TAGGED = re.compile(
    r"<(?P<tag>(?:\w+_)?(?:tags|labels|options|categories|classes|choices|intents|topics"
    r"|candidates"
    r"|answers))>(?P<lines>.{1,20000}?)</(?P=tag)>",
    re.DOTALL | re.IGNORECASE,
)
_LEAF = re.compile(r"<(\w+)[^<>]*>([^<>]*)</\1>")
_INNER_TAG = re.compile(r"</?\w+>")
_DESCRIBED = re.compile(
    r"(?P<name>[`*\"“「]{1,2}[^`*\"”」\n]{1,60}[`*\"”」]{1,2}|[^:：\n]{1,40}?)"
    r"\s*(?:[:：]\**\s*\S+\s*\S.*| [-–—=] \S.*| ?[(（].+[)）]\.?)"
)


def under_sentences(prompt: str) -> Iterator[Named]:
    """Yield the lists in lines with bullets under a line that asks to choose, the last first."""
    begins = [block.start() for block in _BLOCK.finditer(prompt)]
    for begin in reversed(begins):
        above = prompt[:begin].rstrip()
        line = above[above.rfind("\n") + 1 :]
        if (_ITEM.match(line) and not _ASKED.match(line)) or not line.rstrip("* ").endswith(
            (":", "：", "?", "？", ".", ")", "。")
        ):
            continue
        compares = line.endswith(("?", "？")) and _ends_in_items(prompt, begin, line)
        chooses = _CHOOSES.search(line) and _ANSWERS.search(line) and not _is_how(line)
        if compares or chooses:
            yield Named(names(bulleted(prompt, begin + 1)), line, is_offer=True)
    first, _, rest = prompt.partition("\n")
    if (
        begins
        and _AT_END.fullmatch(rest)
        and _CHOOSES.search(first)
        and _ANSWERS.search(first)
        and not _is_how(first)
    ):
        last = bulleted(prompt, prompt.index("\n", max(0, begins[0])) + 1)
        yield Named(last, first, is_offer=True)


def _ends_in_items(prompt: str, begin: int, line: str) -> bool:
    """Whether the items below a question are its answers: nothing but "Pick one." follows them.

    Nothing else is asked for, and no customer asks about things of their own.
    """
    if not _ASKED.match(line) and (_OURS.search(line) or _is_how(line)):
        return False
    rest = [one for one in prompt[begin:].split("\n") if one.strip() and not _ITEM.match(one)]
    rest = [] if rest and _ANSWER.fullmatch(rest[-1]) and len(rest) == 1 else rest
    return not rest or (len(rest) == 1 and len(rest[0]) < 60 and bool(_CHOOSES.search(rest[0])))


def _is_how(line: str) -> bool:
    return bool(_HOW.match(re.split(r"(?<=[.?!。？！]) ", line.strip())[-1]))


def between_tags(prompt: str) -> Iterator[Named]:
    """Yield the lists between tags such as <labels>, an answer a line."""
    if "</" in prompt:
        for match in _TAGGED.finditer(prompt):
            leaves = _LEAF.findall(match["lines"])
            tags = list(dict.fromkeys(tag for tag, _ in leaves))
            if len(leaves) > len(tags) > 1:  # <label>…</label><description>…</description>
                yield Named([text.strip() for tag, text in leaves if tag == tags[0]], match["tag"])
                continue
            lines = [_INNER_TAG.sub("", line).strip() for line in match["lines"].split("\n")]
            texts = [bare(line.lstrip("-*•· ")) for line in lines if line]
            yield Named(names(texts), f"<{match['tag']}>")


def names(texts: list[str]) -> list[str]:
    """Return the names of answers that are all described: "refund: wants money back"."""
    described = [_DESCRIBED.fullmatch(text) for text in texts]
    if len(texts) > 1 and all(described):
        return [bare(bare(found["name"].strip(" *"))) for found in described if found]
    return texts
