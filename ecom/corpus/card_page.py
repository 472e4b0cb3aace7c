"""The data card as a page: Markdown below the YAML header of a Hugging Face dataset card."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ecom.corpus.card_counts import NONE

Card = Mapping[str, Any]  # what card.json holds

NAME = "Instructions for online shopping"
WHAT = (
    "Instructions for online shopping with their answers, to tune a language model on. A row is "
    "one instruction in EcomInstruct's six parts (`description, prompt, input, options, "
    "constraint`, and the answer `output`) with where it comes from (`source, label, transform, "
    "parents`), what it asks (`task, form, paradigm, skill, lang, metric, difficulty`) and its "
    "tokens as the model reads them (`prompt_ids, response_ids`). Loss is meant to be taken on the "
    "response alone. `train/` and `validation/` hold the rows as Parquet, `rejected/` what was "
    "left out."
)
COLUMNS = {
    "skill": "the skill (track of ShopBench) that a row trains; none: its source does not say",
    "form": "the form of the answer",
    "paradigm": "classification, extraction, generation, other",
    "lang": "the language of the row, by its ISO 639-1 code",
    "label": "gold: from the source; pseudo: from a teacher model",
    "difficulty": "as the teacher that wrote the row judged it; none: no teacher wrote it",
    "split": "drawn by the row's id",
    "transform": "Chain-of-Task: what the row was derived by; none: as its source has it",
}
_SIZES = (10**3, 10**4, 10**5, 10**6, 10**7, 10**8, 10**9, 10**10, 10**11, 10**12)
_SIZE_NAMES = ("1K", "10K", "100K", "1M", "10M", "100M", "1B", "10B", "100B", "1T")
_MAX_LINES, _MAX_SOURCES = 60, 6  # in a table of reasons
_SAMPLE_TASKS = 100


def markdown(card: Card, pictures: Mapping[str, str]) -> str:
    """Return the page; `pictures` maps their titles to file names beside it."""
    shown = {name: f"![{title}]({name})" for title, name in pictures.items()}
    parts = [
        ["---", _header(card) + "---", "", f"# {NAME}", "", f"{title(card)}.", ""],
        [*_warnings(card), WHAT, ""],
        ["## Sources", "", *_sources(card), ""],
        ["## Rows", "", *_rows(card)],
        ["### By language and paradigm", "", *_task_kinds(card), ""],
        ["### By task", "", *_tasks(card), "", *_picture(shown, "tasks.png")],
        [*_picture(shown, "languages.png"), *_picture(shown, "transforms.png")],
        ["## Lengths in tokens", "", *_lengths(card), "", *_picture(shown, "lengths.png")],
        ["## What was left out", "", *_rejected(card), "", *_picture(shown, "rejected.png")],
        [*_review(card)],
        ["## What was changed", "", *_fixed(card), ""],
        ["## How it was made", "", *_recipe(card), ""],
        _shots(card),
        ["## Samples", "", *_samples(card)],
    ]
    return "\n".join(line for part in parts for line in part).rstrip() + "\n"


def title(card: Card) -> str:
    """Return the headline."""
    tasks, languages = (len(card["rows_by"][c].keys() - {NONE}) for c in ("task", "lang"))
    tokens = sum(lengths["total"] for lengths in card["tokens"].values())
    return (
        f"{_many(card['rows'], 'row')} of {_many(tasks, 'task')} in "
        f"{_many(languages, 'language')}, {_many(tokens, 'token')}"
    )


def totals(card: Card) -> list[int]:
    """Return rows read, kept and rejected over all sources."""
    return [sum(s[column] or 0 for s in card["sources"]) for column in ("read", "kept", "rejected")]


def more_kept_than_read(card: Card) -> bool:
    """Return whether some source gave more rows than were read of it, which calls for a word."""
    return any(s["read"] is not None and s["kept"] > s["read"] for s in card["sources"])


def _header(card: Card) -> str:
    """Return the YAML that the Hugging Face hub reads."""
    import yaml

    licenses = ", ".join((s["license"] or "unknown").lower() for s in card["sources"]).split(", ")
    unknown = _unknown_licenses(card)
    splits = [split for split in ("train", "validation") if split in card["rows_by"]["split"]]
    files = [{"split": split, "path": f"{split}/*.parquet"} for split in splits]
    fields = {
        "pretty_name": NAME,
        "language": [c for c in card["rows_by"]["lang"] if re.fullmatch("[a-z]{2,3}", c)],
        "license": sorted({name for name in licenses if name}),
        "license_details": f"unknown: {', '.join(unknown)}" if unknown else None,
        "size_categories": [_size(card["rows"])],
        "task_categories": ["text-generation"],
        "tags": ["e-commerce", "instruction-tuning"],
        "configs": [{"config_name": "default", "data_files": files}] if files else None,
    }
    given = {name: value for name, value in fields.items() if value}
    return str(yaml.safe_dump(given, allow_unicode=True, sort_keys=False, width=100))


def _warnings(card: Card) -> list[str]:
    unknown = _unknown_licenses(card)
    if not unknown:
        return []
    return [
        f"> **Licence unknown: {', '.join(map(_cell, unknown))}.** Find out what these sources "
        "allow before the corpus, or a model tuned on it, is passed on; then name it in the recipe "
        "(`license` of the source).",
        "",
    ]


def _unknown_licenses(card: Card) -> list[str]:
    return [source["name"] for source in card["sources"] if not source["license"]]


def _sources(card: Card) -> Iterator[str]:
    head = ("source", "format", "file", "licence", "rows read", "rows kept", "rejected")
    lines = [
        (
            s["name"],
            s["format"],
            s["path"],
            s["license"] or "UNKNOWN",
            "" if s["read"] is None else s["read"],
            s["kept"],
            s["rejected"],
        )
        for s in card["sources"]
    ]
    yield from _table(head, [*lines, ("all", "", "", "", *totals(card))])
    if more_kept_than_read(card):
        yield from ("", "More rows are kept than read where transforms make several of one.")


def _rows(card: Card) -> Iterator[str]:
    for column, meaning in COLUMNS.items():
        lines = [(name, rows, _share(rows, card)) for name, rows in card["rows_by"][column].items()]
        yield from (f"### By {column}", "", f"{meaning[0].upper()}{meaning[1:]}.", "")
        yield from (*_table((column, "rows", "share"), lines), "")


def _task_kinds(card: Card) -> Iterator[str]:
    """Yield EcomInstruct's table of tasks (Table 2 of arXiv 2308.06966)."""
    yield from ("Tasks by their names; and so that a task of two sources is two.", "")
    columns = ("lang", "paradigm", "tasks", "tasks_of_sources", "rows")
    lines = [tuple(kind[column] for column in columns) for kind in card["task_kinds"]]
    counts = (sum(kind[column] for kind in card["task_kinds"]) for column in columns[2:])
    head = ("language", "paradigm", "tasks", "tasks of sources", "rows")
    yield from _table(head, [*lines, ("all", "", *counts)])


def _tasks(card: Card) -> list[str]:
    lines = [
        (
            task["task"],
            *(", ".join(task[kind]) for kind in ("form", "paradigm", "skill")),
            task["rows"],
            _share(task["rows"], card),
        )
        for task in card["tasks"]
    ]
    return _table(("task", "form", "paradigm", "skill", "rows", "share"), lines)


def _lengths(card: Card) -> Iterator[str]:
    percents = list(card["tokens"]["prompt"]["percentiles"])
    head = ("", "mean", *(f"{percent} %" for percent in percents), "longest", "in all")
    yield from _table(
        head,
        [
            (
                name,
                lengths["mean"],
                *lengths["percentiles"].values(),
                lengths["longest"],
                lengths["total"],
            )
            for name, lengths in card["tokens"].items()
        ],
    )
    yield ""
    yield (
        "A column `p %` is a length that p % of the texts do not exceed (from 64 tokens on, at "
        "most 1/32 too high)."
    )


def _rejected(card: Card) -> list[str]:
    nothing = "Nothing: every row that was read is in."
    return _by_source(card["rejected"], "reason (numbers as N, long values cut)", nothing)


def _review(card: Card) -> Iterator[str]:
    if "review" not in card:
        return
    review = card["review"]
    lines = [
        (name, counts["reviewed"], accepted(counts)) for name, counts in review["sources"].items()
    ]
    yield from ("## What people said", "")
    yield from (
        "Rows of each source were drawn and looked at; those rejected were left out. In brackets: "
        "the 95 % interval of the share of acceptable rows in the source (Wilson).",
        "",
    )
    yield from (*_table(("source", "rows looked at", "accepted"), lines), "")
    if review["unknown"]:
        yield from (f"{_many(review['unknown'], 'verdict')} on rows that are not among these.", "")


def accepted(counts: Mapping[str, Any]) -> str:
    """Return "93.0% [88.6%, 95.8%]": the share of rows accepted, and its interval."""
    low, high = counts["interval"]
    return f"{counts['share']:.1%} [{low:.1%}, {high:.1%}]"


def _fixed(card: Card) -> list[str]:
    return _by_source(card["fixed"], "change", "Nothing: no cleaning rule had to change a row.")


def _by_source(counted: Mapping[str, Mapping[str, int]], what: str, nothing: str) -> list[str]:
    """Return a table with a line a name: its rows over all sources, and in which sources."""
    by_name: dict[str, Counter[str]] = {}
    for source, names in counted.items():
        for name, rows in names.items():
            by_name.setdefault(name, Counter())[source] += rows
    if not by_name:
        return [nothing]
    lines = [
        (name, rows.total(), _listed(rows))
        for name, rows in sorted(by_name.items(), key=lambda pair: (-pair[1].total(), pair[0]))
    ]
    shown = _table((what, "rows", "sources"), lines[:_MAX_LINES])
    more = sum(line[1] for line in lines[_MAX_LINES:])
    return [*shown, "", f"{more:,} rows more: see card.json."] if more else shown


def _listed(rows: Counter[str]) -> str:
    """Return "b 300, a 20": the sources with the most rows."""
    named = sorted(rows.items(), key=lambda pair: (-pair[1], pair[0]))
    listed = ", ".join(f"{name} {count:,}" for name, count in named[:_MAX_SOURCES])
    return listed + (f" and {len(named) - _MAX_SOURCES} more" if named[_MAX_SOURCES:] else "")


def _recipe(card: Card) -> list[str]:
    import yaml

    text = yaml.safe_dump(card["recipe"], allow_unicode=True, sort_keys=False, width=100)
    return [
        "Read, put into words (`transforms`, `wording`), cleaned, judged (`quality`), "
        "deduplicated, cleared of evaluation rows (`without`), mixed, rendered and tokenized with "
        "these settings of the recipe (paths cut to their last part):",
        "",
        *_fenced(text.rstrip(), "yaml"),
    ]


def _shots(card: Card) -> list[str]:
    """Return the development rows that a teacher was shown; nothing where there are none."""
    if not card["shots"]:
        return []
    lines = [
        (row["template"], row["task"], row["id"], f"{row['prompt'][:80]} --> {row['output'][:40]}")
        for row in card["shots"]
    ]
    return [
        "### Shown to the teacher",
        "",
        "Rows of a development file that the teacher saw as examples, so no evaluation may ask "
        "them. They are no rows of this corpus.",
        "",
        *_table(("template", "task", "row", "prompt and answer, cut"), lines),
        "",
    ]


def _samples(card: Card) -> Iterator[str]:
    for task in list(card["samples"])[:_SAMPLE_TASKS]:
        yield from (f"### {_cell(task)}", "")
        for row_id, row in card["samples"][task].items():
            columns = ("source", "lang", "form", "label", "transform")
            facts = (f"{name} {row[name]}" for name in columns if row[name])
            yield from (f"{_cell(row_id)}: {_cell(', '.join(facts))}", "")
            yield from (*_fenced(f"{row['prompt']}\n--> {row['output']}", "text"), "")
    if len(card["samples"]) > _SAMPLE_TASKS:
        yield f"Samples of {len(card['samples']) - _SAMPLE_TASKS} more tasks are in card.json."


def _picture(shown: Mapping[str, str], name: str) -> list[str]:
    return [shown[name], ""] if name in shown else []


def _table(head: Sequence[str], lines: Iterable[Sequence[Any]]) -> list[str]:
    """Return a Markdown table; columns that hold a number or a share stand to the right."""
    rows = list(lines)
    right = [any(isinstance(row[i], int | float) for row in rows) for i in range(len(head))]
    marks = [
        "---:" if is_right or name == "share" else "---"
        for name, is_right in zip(head, right, strict=True)
    ]
    cells = [[_cell(value) for value in row] for row in (head, *rows)]
    body = [f"| {' | '.join(row)} |" for row in cells]
    return [body[0], f"|{'|'.join(marks)}|", *body[1:]]


def _cell(value: Any) -> str:
    """Return a value as Markdown that says what it is and nothing else."""
    if isinstance(value, int | float):
        return f"{value:,}"
    text = " ".join(str(value).split()).replace("&", "&amp;").replace("<", "&lt;")
    return re.sub(r"([\\|`*\[]|(?<!\w)_|_(?!\w))", r"\\\1", text)


def _fenced(text: str, kind: str) -> list[str]:
    """Return the text in a code block whose fence does not stand in it."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return [f"{fence}{kind}", text, fence]


def _share(rows: int, card: Card) -> str:
    return f"{rows / card['rows']:.1%}"


def _size(rows: int) -> str:
    """Return the hub's name of a size: n<1K, 1K<n<10K, …"""
    place = sum(rows >= size for size in _SIZES)
    if place == 0:
        return f"n<{_SIZE_NAMES[0]}"
    if place == len(_SIZES):
        return f"n>{_SIZE_NAMES[-1]}"
    return f"{_SIZE_NAMES[place - 1]}<n<{_SIZE_NAMES[place]}"


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"
