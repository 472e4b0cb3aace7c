"""Ratings: "from 1 to 5", "1-10 stars", "von 1 bis 5", "1から5". Their options are not printed."""

import re

_SCALE = re.compile(
    r"(?P<first>[01])(?<![A-Za-z0-9.,/$€£-].)(?: ?\([^)\n]{1,40}\)| ?stars?| =[^,;\n]{1,30},?"
    r"| (?:being|is|means) [^,;)\n]{1,25}?,?)?"
    r" ?(?:(?:, ?[1-9] ?){2,9}(?:,? or)?(?<=, )|,(?: ?[2-9] ?,){1,8}|to|and|through|bis|und"
    r"|al?|et?|y|à|-|–|—|~|〜|～|から|到|至|或|, 2, 3, 4,? or) ?"
    r"(?P<last>10|[2-9])(?![\w.,]?\d|[%/]| ?(?:days?|weeks?|months?|years?|hours?|minutes?|items?"
    r"|inch|cm|mm|kg|people))",
)
_RATES = re.compile(
    r"\b(?:rat(?:e|ed|es|ing|ings)|scores?|scored|scoring|stars?|scale|grade|evaluate|assess"
    r"|how (?:satisfied|content|happy|likely|relevant|similar|well|positive|useful|helpful)"
    r"|likert|bewerte?|bewertung|sterne|skala|note|estrellas|puntuación|puntúa|escala|califica"
    r"|étoiles|échelle|notez|noter|stelle|valuta|voto|valutazione|scala|punteggio|sternen?"
    r"|punkte|valora"
    r"|valoración|nota)\b"
    r"|评分|打分|几颗?星|分数|星级|評価|点数|段階|星",
)


# "Your task is to rate the summary. … Coherence (1-5): …"
_IN_BRACKETS = re.compile(r"\w \([01] ?[-–] ?(?:10|[2-9])\)")
_TASK = re.compile(r"\b(?:task is to|please|you will|must) (?:rate|score|grade) (?:the|this|one)\b")


def rating(asked: str) -> tuple[str, ...] | None:
    """Return the grades of the scale that a prompt asks for, or None. `asked` is in lower case.

    >>> rating("rate the review from 1 to 5."), rating("size 1 to 5 all fit.")
    (('1', '2', '3', '4', '5'), None)
    """
    scale = _SCALE.search(asked) if "0" in asked or "1" in asked else None
    if not scale:
        return None
    line_end = asked.find("\n", scale.end())
    line = asked[asked.rfind("\n", 0, scale.start()) + 1 : line_end if line_end >= 0 else None]
    if not _RATES.search(line) and not (
        _IN_BRACKETS.search(line) and _TASK.search(asked, 0, scale.start())
    ):
        return None
    return tuple(map(str, range(int(scale["first"]), int(scale["last"]) + 1)))
