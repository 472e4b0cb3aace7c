"""Charts of the data card, one PNG each: kinds of rows, their lengths, and the rows left out.

Labels are ASCII, because matplotlib's font has no Chinese or Japanese. Empty charts are not drawn.
"""

import textwrap
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ecom.corpus.card_counts import NONE

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MAX_BARS = 36
MAX_PARTS = 8
Parts = Mapping[str, Mapping[str, int]]  # name of a bar -> its parts, each with a colour -> rows
_LABEL_CHARS, _LABEL_WIDTH, _LEGEND_CHARS = 110, 56, 30


def draw(card: Mapping[str, Any], folder: Path) -> dict[str, Path]:
    """Draw the content of card.json as PNGs into `folder`; return title -> path, in order."""
    by = card["rows_by"]
    drawn = {
        "Rows by task and skill": ("tasks.png", _bars(_skills(card), "rows")),
        "Rows by language": ("languages.png", _bars(_ungrouped(by["lang"]), "rows")),
        "Rows by transform": ("transforms.png", _bars(_groups(by["transform"]), "rows")),
        "Lengths of prompts and responses": ("lengths.png", _lengths(card["tokens"])),
        "Rows left out, by reason": ("rejected.png", _bars(_reasons(card), "rows left out")),
    }
    return {
        title: _save(figure, folder / name) for title, (name, figure) in drawn.items() if figure
    }


def _skills(card: Mapping[str, Any]) -> Parts:
    return {task["task"]: task["skill"] for task in card["tasks"]}


def _ungrouped(counted: Mapping[str, int]) -> Parts:
    return {name: {"": rows} for name, rows in counted.items()}


def _groups(transforms: Mapping[str, int]) -> Parts:
    """Return the rows by transform and group; the group precedes the colon in the name."""
    derived = {name: rows for name, rows in transforms.items() if name != NONE}
    return {name: {name.partition(":")[0]: rows} for name, rows in derived.items()}


def _reasons(card: Mapping[str, Any]) -> Parts:
    """Return reasons by source; the smallest of many sources become one part."""
    sources = Counter({name: sum(found.values()) for name, found in card["rejected"].items()})
    largest = sorted(sources, key=lambda name: (-sources[name], name))[: MAX_PARTS - 1]
    parts: dict[str, Counter[str]] = {}
    for source, found in card["rejected"].items():
        named = source in largest or len(sources) <= MAX_PARTS
        for reason, rows in found.items():
            parts.setdefault(reason, Counter())[source if named else "other sources"] += rows
    return parts


def _bars(found: Parts, unit: str) -> "Figure | None":
    """Draw a bar per name, the longest first, with a colour per part; the legend has the rows."""
    if not found:
        return None
    bars = _cut(found)
    # Sorted by name, so that two cards have the same colours.
    parts = sorted({part for bar in bars.values() for part in bar}, key=lambda p: (p == NONE, p))
    labels = [_label(name) for name in bars]
    high = 0.34 if any("\n" in label for label in labels) else 0.26
    figure, axes = _canvas(1.2 + high * len(bars))
    ends = [0] * len(bars)
    for i, part in enumerate(parts):
        widths = [bar.get(part, 0) for bar in bars.values()]
        axes.barh(
            range(len(bars)),
            widths,
            left=ends,
            color="silver" if part == NONE else f"C{i}",
            label=_legend_label(part, sum(widths)),
        )
        ends = [end + width for end, width in zip(ends, widths, strict=True)]
    for index, end in enumerate(ends):
        axes.annotate(
            f"{end:,}", (end, index), (3, 0), textcoords="offset points", va="center", fontsize=8
        )
    axes.set_yticks(range(len(bars)), labels, fontsize=8)
    axes.set_ylim(len(bars) - 0.4, -0.6)
    axes.set_xlim(0, 1.12 * max(ends))  # room for the numbers after the bars
    axes.locator_params(axis="x", integer=True)
    axes.xaxis.set_major_formatter("{x:,.0f}")
    axes.set_xlabel(unit)
    axes.grid(axis="x", alpha=0.3)
    if parts != [""]:
        _legend(figure, axes)
    return figure


def _legend_label(part: str, rows: int) -> str:
    """Return "part: n rows"; matplotlib hides a label that starts with _."""
    return f"{_ascii(part, _LEGEND_CHARS).lstrip('_')}: {rows:,} rows"


def _legend(figure: "Figure", axes: "Axes") -> None:
    """Draw the legend above the chart, in as many columns as fit its longest line."""
    longest = max(len(text) for text in axes.get_legend_handles_labels()[1])
    figure.legend(
        ncols=max(1, 120 // (longest + 9)), loc="outside upper left", frameon=False, fontsize=9
    )


def _cut(found: Parts) -> Parts:
    """Return the names in order of rows; those after MAX_BARS become one."""
    ordered = sorted(found.items(), key=lambda pair: (-sum(pair[1].values()), pair[0]))
    if len(ordered) <= MAX_BARS:
        return dict(ordered)
    rest = sum((Counter(parts) for _, parts in ordered[MAX_BARS - 1 :]), Counter[str]())
    name = f"other ({len(ordered) - MAX_BARS + 1} more)"
    return {**dict(ordered[: MAX_BARS - 1]), name: rest}


def _lengths(tokens: Mapping[str, Mapping[str, Any]]) -> "Figure | None":
    """Draw texts by length, with a pair of bars per octave: 0, 1, 2–3, 4–7, …"""
    octaves = {name: _octaves(lengths["bins"]) for name, lengths in tokens.items()}
    found = [octave for counted in octaves.values() for octave in counted]
    if not found:
        return None
    shown = range(min(found), max(found) + 1)
    figure, axes = _canvas(4.2)
    for i, (name, counted) in enumerate(octaves.items()):
        lengths = tokens[name]
        label = f"{name}: median {lengths['percentiles']['50']:,}, longest {lengths['longest']:,}"
        indices = [x + (i - 0.5) * 0.42 for x in range(len(shown))]
        heights = [100 * counted[octave] / counted.total() for octave in shown]
        axes.bar(indices, heights, 0.42, label=label)
    axes.set_xticks(range(len(shown)), [_octave_name(octave) for octave in shown], fontsize=8)
    axes.set_xlabel("tokens")
    axes.set_ylabel("% of rows")
    axes.grid(axis="y", alpha=0.3)
    _legend(figure, axes)
    return figure


def _octaves(bins: Sequence[Sequence[int]]) -> Counter[int]:
    """Return bit length -> texts; no bin of `Lengths` spans two octaves."""
    counted = Counter[int]()
    for first, texts in bins:
        counted[first.bit_length()] += texts
    return counted


def _octave_name(bits: int) -> str:
    return str(bits) if bits < 2 else f"{1 << (bits - 1):,}–\n{(1 << bits) - 1:,}"


def _label(name: str) -> str:
    """Return a name on two lines at most."""
    text = _ascii(name, _LABEL_CHARS)
    return "\n".join(textwrap.wrap(text, _LABEL_WIDTH, max_lines=2, placeholder="..."))


def _ascii(name: str, chars: int) -> str:
    """Return a name in printable ASCII, without accents and $, which would start a formula."""
    plain = unicodedata.normalize("NFKD", name.replace("ß", "ss").replace("…", "..."))
    kept = "".join(c for c in plain if not unicodedata.combining(c))
    text = kept.encode("unicode_escape").decode("ascii").replace(r"\\", "\\")
    cut = text if len(text) <= chars else f"{text[: chars - 3]}..."
    return cut.replace("$", r"\$")


def _canvas(height: float) -> "tuple[Figure, Axes]":
    """Return an empty chart of that height, inches."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, height), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    axes.spines[["top", "right"]].set_visible(False)
    axes.set_axisbelow(True)
    return figure, axes


def _save(figure: "Figure", path: Path) -> Path:
    figure.savefig(path, dpi=120)
    return path
