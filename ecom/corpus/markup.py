r"""Text out of HTML: tags go, and with them what a browser does not show.

    without_tags('<p>Oak &amp; <del>pine</del><br>5 &lt; 6</p>')    '\nOak &amp; pine\n5 &lt; 6\n'

Tags are those of the HTML standard's tokenizer, for the standard's elements (also obsolete ones,
and those of Microsoft Office, MathML and SVG): "<system>", "a <b and c> d" and "<5 cm" are text. So
is "<product-name>" in a text without other HTML: it may be a web component, or a slot in a prompt.
No tree is built, since its repairs would move text. Python's html.parser is not used: it reads
comments, CDATA and scripts differently in different patch releases, and the same recipe must give
the same corpus.
"""

import re
from html import unescape
from html.entities import html5

_BREAKS = (
    "address|article|aside|blockquote|body|br|caption|center|dd|details|dialog|dir|div|dl|dt|"
    "fieldset|figcaption|figure|footer|form|h1|h2|h3|h4|h5|h6|head|header|hgroup|hr|html|legend|"
    "li|listing|main|menu|nav|ol|optgroup|option|p|pre|section|summary|table|tbody|td|tfoot|th|"
    "thead|title|tr|ul|xmp"
)
_INLINE = (
    "a|abbr|acronym|applet|area|audio|b|base|basefont|bdi|bdo|bgsound|big|blink|button|canvas|"
    "cite|code|col|colgroup|data|datalist|del|dfn|em|embed|font|frame|frameset|i|iframe|img|"
    "input|ins|kbd|label|link|map|mark|marquee|meta|meter|nobr|noframes|noscript|object|output|"
    "param|picture|progress|q|rb|rp|rt|rtc|ruby|s|samp|script|search|select|slot|small|source|"
    "span|strike|strong|style|sub|sup|svg|template|textarea|time|track|tt|u|var|video|wbr"
)
_MATH = (
    "annotation|annotation-xml|maction|math|menclose|merror|mfenced|mfrac|mi|mmultiscripts|mn|mo|"
    "mover|mpadded|mphantom|mprescripts|mroot|mrow|ms|mspace|msqrt|mstyle|msub|msubsup|msup|"
    "mtable|mtd|mtext|mtr|munder|munderover|semantics"
)
_DRAWING = (  # SVG elements outside of <svg>
    "animate|circle|clippath|defs|ellipse|g|image|line|lineargradient|mask|path|polygon|polyline|"
    "radialgradient|rect|stop|symbol|text|tspan|use"
)
# Names that also mark slots in a prompt: "Write it into <output>".
_ALSO_WORDS = re.compile(
    "annotation|circle|data|ellipse|image|line|mask|object|output|param|path|polygon|rect|search|"
    "semantics|slot|source|stop|symbol|template|text|use|var"
)
# Attributes that need no value, and any with a "-" or ":" in its name.
_BARE = re.compile(
    r"\S*[-:]\S*|"
    "allowfullscreen|allowtransparency|alt|async|autofocus|autoplay|checked|cite|class|compact|"
    "controls|crossorigin|default|defer|disabled|download|hidden|href|id|inert|ismap|itemscope|"
    "loop|mozallowfullscreen|multiple|muted|nohref|noresize|noshade|novalidate|nowrap|open|"
    "playsinline|readonly|required|reversed|selected|src|style|title|webkitallowfullscreen"
)
_OFFICE = r"(?:[ovwx]|st\d):\w+"
# Up to the first ">" outside of quotes; with unpaired quotes, up to the first ">".
_REST = r"""(?:[\s/](?:[^<>"']|"[^"<]*"|'[^'<]*')*+|[\s/][^<>]*)?"""
_NAME = rf"(?:({_BREAKS})|({_INLINE}|{_MATH}|{_DRAWING}|{_OFFICE}))"
_TAG = re.compile(rf"<(?:/\s*)?{_NAME}({_REST})>", re.IGNORECASE)
# A tag that is cut off or never closed: up to its last attribute.
_OPEN = re.compile(
    rf"""<{_NAME}((?:\s+[\w:-]+\s*=\s*(?:"[^"<>]*(?:"|(?=<|\Z))|'[^'<>]*(?:'|(?=<|\Z))))+\s*/?)""",
    re.IGNORECASE,
)
_COMPONENT = re.compile(r"</?[a-z][a-z0-9]*-[a-z0-9-]*(?:\s[^<>]*)?/?>", re.IGNORECASE)
_VALUE = re.compile(r"[^\s\"'<>/=]\s*=\s*[^\s=]")
_DECLARATION = re.compile(
    r"<(?:!doctype\b|\?(?:xml|php)\b|!\[(?:if|endif)\b)[^<>]*>", re.IGNORECASE
)
_HIDING = re.compile(rf"<!--|<(script|style|svg|template){_REST}>", re.IGNORECASE)
_HIDDEN_TO = {
    "!--": re.compile("-->"),
    **{
        name: re.compile(rf"</{name}\s*>", re.IGNORECASE)
        for name in ("script", "style", "svg", "template")
    },
}
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][\da-fA-F]{1,6}|[A-Za-z][A-Za-z\d]{1,31});")
# Entities that a tokenizer has split, "& amp ; nbsp ;". Only these: "A & b ;" has none.
_CUT = re.compile(r"&[ \t]?((?:amp[ \t]?;[ \t]?)*)(#\d{1,7}|amp|nbsp|quot|apos|lt|gt)[ \t]?;")
_ITEM = re.compile(r"[ \t]*[(\[]?\d{1,2}[.):\]]")


def without_tags(text: str) -> str:
    """Return the text without HTML tags; entities stay.

    A tag that breaks the line becomes a line break or, in an item of a numbered list, a space.
    """
    if "<" not in text:
        return text
    if "<![CDATA[" in text and "]]>" in text:
        text = text.replace("<![CDATA[", "").replace("]]>", "")
    text = _DECLARATION.sub("", _shown(text))
    names = {_name(tag) for tag in _TAG.finditer(text) if _is_tag(tag)}

    def instead(tag: re.Match[str]) -> str:
        ends = tag[0][1] == "/" and _name(tag) in names  # "</path>", where "<path d=…>" is a tag
        return _instead(tag) if ends or _is_tag(tag) else tag[0]

    text = _OPEN.sub(_instead, _TAG.sub(instead, text))
    return _COMPONENT.sub("", text) if names else text


def without_entities(text: str) -> str:
    """Return the text with entities replaced. They end in ";": "AT&T" and "?a=1&copy=2" stay."""
    if "&" not in text or ";" not in text:
        return text
    text = _CUT.sub(lambda cut: f"&{cut[2]};", text)
    return _ENTITY.sub(lambda entity: _entity(entity[0]), text)


def _entity(entity: str) -> str:
    """Return the character of an entity; an unknown entity stays as it is."""
    return unescape(entity) if entity[1] == "#" else html5.get(entity[1:], entity)


def _shown(text: str) -> str:
    """Return the text without comments, scripts and the like; one that is not closed stays."""
    kept, at = [], 0
    never_closed = set[str]()
    for start in _HIDING.finditer(text):
        name = (start[1] or "!--").lower()
        if start.start() < at or name in never_closed:
            continue
        if end := _HIDDEN_TO[name].search(text, start.end()):
            kept += [text[at : start.start()], " "]
            at = end.end()
        else:
            never_closed.add(name)
    return "".join([*kept, text[at:]])


def _instead(tag: re.Match[str]) -> str:
    if tag[2]:
        return ""
    line = tag.string.rfind("\n", 0, tag.start()) + 1
    return " " if _ITEM.match(tag.string, line) else "\n"


def _name(tag: re.Match[str]) -> str:
    return (tag[1] or tag[2]).lower()


def _is_tag(tag: re.Match[str]) -> bool:
    """Say whether the text between a name and ">" consists of attributes, not words."""
    rest = tag[3] or ""
    words = rest.lower().strip(" \t\r\n/").split()
    if not words:
        return not _ALSO_WORDS.fullmatch(_name(tag))
    return bool(_VALUE.search(rest)) or all(map(_BARE.fullmatch, words))
