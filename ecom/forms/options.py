r"""The lists of options or items that a prompt prints: the only parser of them.

    "Which is a shoe?\n0. red boot\n1. lamp\nAnswer:"  ─►  0: "red boot", 1: "lamp"

Cleaning, decoding, guessing and the inference of the form read the same lists, so they cannot
disagree. To support another way to print a list, add an entry to STYLES.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise, zip_longest
from typing import NamedTuple


class Item(NamedTuple):
    """One item of a list, and its place in the prompt.

    word          the word before the label, as in "Product 1: lamp"; else ""
    begin         where the item begins: its line's start, or its label's bracket
    label_begin   where the label begins
    label_end     where the label ends
    end           where its text ends
    """

    label: str
    text: str
    word: str
    begin: int
    label_begin: int
    label_end: int
    end: int


@dataclass(frozen=True, slots=True)
class Printed:
    """A list as the prompt prints it: two items or more, in the prompt's order.

    by_line   whether every item has its own line
    """

    items: tuple[Item, ...]
    by_line: bool = True

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels as they are printed: "0" or "B"."""
        return tuple(item.label for item in self.items)

    @property
    def is_numbered(self) -> bool:
        """Whether the labels are numbers, not letters."""
        return self.items[0].label.isdecimal()

    @property
    def by_number(self) -> dict[int, str]:
        """The texts of a numbered list by the numbers that an answer gives them."""
        return {int(item.label): item.text for item in self.items}


@dataclass(frozen=True)
class Style:
    """One way to print a list.

    pattern   matches an item's beginning, up to its text, with groups `label` and `word`
    by_line   whether every item has its own line; the pattern begins with the line break before it,
              as a search for that is fast. Such a list may skip numbers or be in any order; in one
              line the labels must count up without a gap
    first     the labels, each one character, that a list may begin with
    is_data   whether such a list may be data: a review's complaints
    marks     what may follow such a label, each one character; "": anything. A prompt without both
              has no list: looking for them is far cheaper than searching for the pattern
    """

    pattern: re.Pattern[str]
    by_line: bool = True
    first: str = "01Aa"
    marks: str = ""
    is_data: bool = True

    def may_match(self, text: str) -> bool:
        """Whether a text has the beginning of a list in this style."""
        return any(map(text.__contains__, self._beginnings))

    @cached_property
    def _beginnings(self) -> list[str]:
        return [label + mark for label in self.first for mark in self.marks or ("",)]


_LABEL = r"[(\[]?(?P<label>\d\d?|(?!Q)[A-Za-z])"  # "Q:" begins a question
_ENDED = r"(?:[).\]:](?!\d)| [-–=|](?= ))"
_BEGIN = r"\n[ \t]*(?:[-*•] *)?(?P<word>(?:[^\W\d]+ )?)"
MARK = re.sub(r"\?P<\w+>", "?:", _LABEL + _ENDED)  # "1.", "(a)", "[0]", "B:", "2 -"
# '["A: boot", "B: lamp"]', "候选：A.靴子;B.灯": behind what separates items
LISTED = Style(
    re.compile(
        r"(?P<word>)(?:(?<=[\[(（{;；,，、:：|\"'“。?？\n])|(?<=[;；,，、:：?？.|] )"
        r"|(?<=\s)(?=\w[.．、] ?[\u3040-\u9fff]))"
        r"[(（]?(?P<label>[A-Z])[.．、:：)）][ \t]*(?=\S)"
    ),
    by_line=False,
    first="A",
    marks=".．、:：)）",
)
STYLES: tuple[Style, ...] = (
    # "0. a", "(A) a", "- [1] a", "Product 1: a"
    Style(re.compile(rf"{_BEGIN}{_LABEL}{_ENDED}[ \t]*")),
    # "0 exact"
    Style(re.compile(r"\n[ \t]*(?:[-*•] *)?(?P<word>)(?P<label>\d\d?) (?=[^\W\d_])")),
    # "Which? (A) boot (B) lamp"
    Style(
        re.compile(
            r"(?P<word>)(?<!\S)[(\[]?(?P<label>\d\d?|[a-eA-E]|(?<=[(\[])[f-zF-Z](?=[)\]]))[.)\]]"
            r"(?=\s+\S)[ \t]*"
        ),
        by_line=False,
        marks=".)]",
    ),
    # "**A.** a", "**1**: a"
    Style(
        re.compile(
            rf"\n[ \t]*(?:[-*•·] *)?(?P<word>)\*\*{_LABEL}(?:[).\]:]\*\*|\*\*(?:[.):]|(?= "
            rf")))[ \t]*"
        )
    ),
    # "A、靴", "（1）靴", "【A】靴"
    Style(
        re.compile(r"\n[ \t]*(?P<word>)[（【]?(?P<label>\d\d?|[A-Z])[、．：）】][ \t]*"),
        marks="、．：）】",
    ),
    # "ア　靴"
    Style(
        re.compile(r"\n[ \t　]*(?P<word>)[（(]?(?P<label>[アイウエオカ])[　．.、）):：] *(?=\S)"),
        first="ア",
        marks="　．.、）):：",
    ),
    # "① boot ② lamp"
    Style(re.compile(r"(?P<word>)(?P<label>[①-⑳])[ \t]*"), by_line=False, first="①"),
    LISTED,
    # '{"product A": "boot", "product B": "lamp"}'
    Style(
        re.compile(r"[\"'](?P<word>[A-Za-z]+ )(?P<label>\d\d?|[A-Z])[\"']: ?"),
        by_line=False,
        marks="\"'",
    ),
    # "product A: boot, product B: lamp"
    Style(
        re.compile(
            r"(?<=[,;:] )(?P<word>(?:[Pp]roduct|[Ii]tem|[Cc]andidate) )(?P<label>\d\d?|[A-Z]): ?"
        ),
        by_line=False,
        marks=":",
        is_data=False,
    ),
    # "II. a"
    Style(
        re.compile(
            r"\n[ \t]*(?:[-*•] *)?(?P<word>)[(\[]?(?P<label>[IVX]+|[ivx]+)[).\]:][ \t]+(?=\S)"
        ),
        first="Ii",
        marks=").]:",
    ),
    # "Option 1: a. Option 2: b"
    Style(
        re.compile(
            r"(?<!\w)(?P<word>(?:[Oo]ption|[Cc]hoice|[Ee]nding|[Ss]olution|[Aa]lternative"
            r"|[Aa]nswer|[Oo]pción|[Oo]pzione) ?)(?P<label>\d\d?|[A-Z])[:.)][ \t]*(?=\S)"
        ),
        by_line=False,
        first="1A",
        marks=":.)",
        is_data=False,
    ),
    # "A靴 B灯"
    Style(
        re.compile(r"(?P<word>)(?<![^\s，,；;。？?：:])(?P<label>[A-H])(?=[\u3040-\u9fff])"),
        by_line=False,
        first="A",
        is_data=False,
    ),
)
_LINES = [re.compile(f"{style.pattern.pattern}.*") for style in STYLES if style.by_line]
# A line that begins as some item of a list by lines does. Searching for a line break is fast.
_ITEM_LINE = re.compile(
    r"\n[ \t]*(?:[-*•·] *)?(?:[^\W\d]+ )?(?:[(\[（【]|\*\*[(\[]?)?"
    r"(?:\d\d?[ ).\]:、．：）】*]|[A-Za-z](?: [-–=|]|[).\]:、．：）】*])"
    r"|[IVXivx]+[).\]:]|[アイ][　．.、）):：])"
)
_FIRST = re.compile(  # what some list in one line begins with
    f"[{''.join({label for style in STYLES if not style.by_line for label in style.first})}]"
    f"(?:(?<=①)|(?<=A)[\u3040-\u9fff]|[{re.escape(''.join(style.marks for style in STYLES))}])"
)
# "Options: A: boot B: lamp", under a heading only
IN_LINE = Style(
    re.compile(r"(?P<word>)(?<!\S)(?P<label>[A-Ja-j])(?:[:：]| [-–—](?= ))[ \t]*(?=\S)"),
    by_line=False,
    first="Aa",
    marks=":： ",
)
# "Options: A boot B lamp", "选项：0.靴子,1.灯", under a heading only
UNMARKED = Style(
    re.compile(r"(?P<word>)(?<!\S)(?P<label>[A-J])[ \t]+(?=\S)"),
    by_line=False,
    first="A",
    marks=" ",
)
NUMBERED = Style(
    re.compile(
        r"(?P<word>)(?<=[,;，；、:：])[ \t]?(?P<label>\d\d?)[.．、:：)）](?!\d)[ \t]*(?=\S)"
    ),
    by_line=False,
    first="01",
    marks=".．、:：)）",
)
# "Products: 0. a lamp": the first item may be on the line of the list's heading.
_HEADED = re.compile(r"(?P<word>)(?<=[:：?？])[ \t]*[(\[]?(?P<label>[01Aa])(?:[.)\]]| [-–=])[ \t]+")


def printed(
    prompt: str, inline_in: str | None = None, has_lines: bool | None = None
) -> list[Printed]:
    r"""Return the lists that the prompt prints, in its order: all of the first matching style.

    Lists in one line are searched in `inline_in`, or in the prompt if that is None. `has_lines`:
    what `begins_items` says, if it is known.

    >>> [found.labels for found in printed("Which? (A) boot (B) lamp")]
    [('A', 'B')]
    >>> [found.by_number for found in printed("Goods: 1. cup\n2. pan\nWhich?\n0. boot\n1. cup")]
    [{1: 'cup', 2: 'pan'}, {0: 'boot', 1: 'cup'}]
    """
    has_lines = begins_items(prompt) if has_lines is None else has_lines
    in_line: bool | None = None
    for style in STYLES:
        if not style.by_line and in_line is None:
            in_line = bool(_FIRST.search(prompt))
        text = inline_in if style.is_data and not style.by_line and inline_in else prompt
        if (has_lines if style.by_line else in_line) and (found := lists(text, style)):
            return found
    return []


def begins_items(prompt: str) -> bool:
    """Whether a line begins as items of a list do."""
    return bool(_ITEM_LINE.search(f"\n{prompt}"))


def lists(prompt: str, style: Style) -> list[Printed]:
    """Return the lists that the prompt prints in one style."""
    may_match = (style.by_line and not style.marks) or style.may_match(prompt)
    return [Printed(items, style.by_line) for items in _lists(prompt, style)] if may_match else []


def without_items(text: str) -> str:
    """Return the text with every line emptied that begins like an item."""
    text = f"\n{text}"
    for pattern in _LINES:
        text = pattern.sub("\n", text)
    return text[1:]


def last_numbered(prompt: str) -> dict[int, str]:
    r"""Return the last numbered list that the prompt prints, items by number, or {}.

    >>> last_numbered("Product 1: a\nProduct 2: b\n0. alike\n1. bought together\n3. not related")
    {0: 'alike', 1: 'bought together', 3: 'not related'}
    """
    numbered = [found for found in printed(prompt) if found.is_numbered]
    return numbered[-1].by_number if numbered else {}


def _lists(prompt: str, style: Style) -> Iterator[tuple[Item, ...]]:
    """Yield groups of at least two items, one of them with a label that a list may begin with."""
    group: list[Item] = []
    for item in [*_items(prompt, style), None]:
        if group and not (item and _continues(prompt, group[-1], item, style)):
            for items in _split(group, style):
                heading = _heading(prompt, items[0]) if style.by_line else ()
                found = (*heading, *items)
                if len(found) > 1 and any(item.label in style.first for item in found):
                    yield found
            group = []
        if item:
            group.append(item)


def _items(prompt: str, style: Style) -> Iterator[Item]:
    before = 1 if style.by_line else 0
    marks = list(style.pattern.finditer("\n" + prompt if before else prompt))
    for mark, following in zip_longest(marks, marks[1:]):
        limit = following.start() if following else len(prompt)
        yield _item(prompt, mark, limit, before)


def _item(prompt: str, mark: re.Match[str], limit: int, before: int = 0) -> Item:
    """Return the item whose text ends with its line, and before `limit`.

    `before` is the number of characters that preceded the prompt where the mark was found.
    """
    begin = mark.end() - before
    line_end = prompt.find("\n", begin, limit)
    end = limit if line_end < 0 else line_end
    label_begin, label_end = mark.span("label")
    return Item(
        mark["label"],
        prompt[begin:end].strip(),
        mark["word"],
        mark.start(),
        label_begin - before,
        label_end - before,
        end,
    )


def _continues(prompt: str, last: Item, item: Item, style: Style) -> bool:
    """Whether an item may belong to the same list as the one before it.

    On consecutive lines labels may be in any order.
    """
    if last.word != item.word or last.label.isdecimal() != item.label.isdecimal():
        return False
    is_next = _rank(item.label) == _rank(last.label) + 1
    return is_next or (style.by_line and prompt[last.end : item.begin].isspace())


def _split(group: list[Item], style: Style) -> list[list[Item]]:
    """Return the lists of a group: one list in any order, or several that each count up.

    There are several where a label occurs twice, or where the last of them starts at the first
    label: in "3. Which is it?", "0. boot", "1. lamp" only two are options.
    """
    starts = [0]
    for index, (last, item) in enumerate(pairwise(group), start=1):
        if _rank(item.label) <= _rank(last.label):
            starts.append(index)
    runs = [group[begin:end] for begin, end in zip_longest(starts, starts[1:])]
    is_list = len(runs[-1]) > 1 and runs[-1][0].label in style.first
    return runs if is_list or len({item.label for item in group}) < len(group) else [group]


def _heading(prompt: str, first: Item) -> tuple[Item, ...]:
    """Return the item before `first` if it follows the list's heading on the line above."""
    end = first.begin
    while end and prompt[end - 1] == "\n":
        end -= 1
    mark = _HEADED.search(prompt, prompt.rfind("\n", 0, end) + 1, end)
    if not mark or first.word or _rank(mark["label"]) + 1 != _rank(first.label):
        return ()
    return (_item(prompt, mark, end),)


def _rank(label: str) -> int:
    """Return the label's position in counting order; letters come far after all numbers."""
    if label.isdecimal():
        return int(label)
    if len(label) == 1:
        kana = "アイウエオカ".find(label)
        return 1_000 + (ord(label) if kana < 0 else kana)
    values = ["IVX".index(sign) for sign in label.upper()]
    amounts = [(1, 5, 10)[value] for value in values]
    total = sum(
        -amount if amount < max(amounts[place:]) else amount for place, amount in enumerate(amounts)
    )
    five = total >= 5  # behind the letter V
    return (
        1_000
        + ord(label[0] if not five else "v" if label.islower() else "V")
        + total
        - (5 if five else 1)
    )
