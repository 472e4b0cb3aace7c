import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from io import StringIO
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ecom.corpus.card import Counts, SourceFacts, table, write
from ecom.corpus.card_counts import MAX_NAMES, MAX_REASONS, countable
from ecom.corpus.config import CorpusConfig
from ecom.rows import SKILLS, Example

Event = Callable[[Counts], None]
HOSTILE = "a|b `c` <d> $e_1$ $f *g* [h](i) \\ \x07 商品 Größe\n\nnext"


def example(i: int = 0, **changes: Any) -> Example:
    row = Example("shop", "t", "generation", "GEN", "concepts", f"ask {i}", f"say {i}")
    return replace(row, id=f"{i:04d}", **changes)


def facts(name: str = "shop", license: str | None = "MIT", read: int = 10) -> SourceFacts:
    path = f"/secret/place/{name}.jsonl.gz"
    return {"name": name, "format": "shopbench", "path": path, "license": license, "read": read}


def counted(events: Sequence[Event]) -> Counts:
    counts = Counts()
    for event in events:
        event(counts)
    return counts


def merged(parts: Sequence[Counts]) -> Counts:
    whole = Counts()
    for part in parts:
        whole.merge(part)
    return whole


examples = st.builds(
    example,
    st.integers(0, 12),
    source=st.sampled_from(["a", "b"]),
    task=st.sampled_from(["t", "u", "商"]),
    skill=st.sampled_from([*SKILLS, None]),
    lang=st.sampled_from(["en", "zh", ""]),
    output=st.sampled_from(["x", "y"]),
    transform=st.sampled_from([None, "reverse:qa"]),
    split=st.sampled_from(["train", "validation"]),
)
lengths = st.one_of(st.integers(0, 70), st.integers(0, 5_000))
names = st.text("ab1'\" /", max_size=6)
events: st.SearchStrategy[Event] = st.one_of(
    st.builds(lambda e, p, r: lambda c: c.add(e, p, r), examples, lengths, lengths),
    st.builds(lambda s, reason: lambda c: c.reject(s, reason), st.sampled_from("ab"), names),
    st.builds(lambda s, name: lambda c: c.fix(s, name), st.sampled_from("ab"), names),
)


@given(st.lists(st.lists(events, max_size=12), max_size=5), st.randoms(use_true_random=False))
def test_merging_the_counts_of_any_split_is_counting_all_at_once(
    parts: list[list[Event]], random: Random
) -> None:
    whole = counted([event for part in parts for event in part])
    tallied = [counted(part) for part in parts]
    random.shuffle(tallied)
    assert merged(tallied).to_json() == whole.to_json()
    assert merged([merged(tallied[:2]), merged(tallied[2:])]) == whole
    assert Counts.from_json(json.loads(json.dumps(whole.to_json()))) == whole


@pytest.mark.parametrize("parts", range(1, 7))
def test_more_names_than_are_kept_merge_alike_whatever_the_split(parts: int) -> None:
    random = Random(parts)
    letters = ["".join(random.choices("abcdef", k=random.randint(1, 6))) for _ in range(1_600)]
    events: list[Event] = [lambda c, n=n: c.reject("s", n) for n in letters]  # type: ignore[misc]
    events += [
        lambda c, i=i, n=n: c.add(example(i, task=n), 1, 1)  # type: ignore[misc]
        for i, n in enumerate(letters)
    ]
    whole = counted(events)
    random.shuffle(events)
    split = merged([counted(events[part::parts]) for part in range(parts)])
    assert split == whole
    true = Counter(letters)
    rejected = whole.rejected["s"]
    assert len(rejected.names) == min(MAX_REASONS, len(true))
    assert all(true[name] == count for name, count in rejected.names.items())
    assert rejected.total() == 1_600, "what has no name is counted as well"
    assert whole.samples.keys() == whole.rows["task"].names.keys()
    assert len(whole.samples) == min(MAX_NAMES, len(true))


def test_counts_go_on_from_their_json_where_names_were_full() -> None:
    letters = [f"{a}{b}{c}" for a in "abcdefgh" for b in "abcdefgh" for c in "abcdefgh"]
    whole, first = Counts(), Counts()
    for counts, seen in ((whole, letters), (first, letters[:300])):
        for name in seen:
            counts.reject("s", name)
    again = Counts.from_json(first.to_json())
    for name in letters[300:]:
        again.reject("s", name)
    assert again == whole


@given(st.lists(st.integers(0, 200_000), min_size=1, max_size=200), st.sampled_from([1, 50, 99]))
def test_percentiles_are_numpys_or_a_32nd_too_high(lengths: list[int], percent: int) -> None:
    counts = Counts()
    for length in lengths:
        counts.add(example(), length, length)
    exact = int(np.percentile(lengths, percent, method="inverted_cdf"))
    assert exact <= counts.prompt.percentile(percent) <= exact * 33 / 32
    assert (counts.prompt.total, counts.prompt.longest) == (sum(lengths), max(lengths))
    assert len(counts.prompt.bins) < 64 + 32 * 12


@pytest.mark.parametrize(
    ("one", "other", "reason"),
    [
        ("1,302 tokens, more than 1024", "9 tokens, more than 512", "N tokens, more than N"),
        ("repeats row 'a8b7c6d5e4f30192'", "repeats row '0123456789abcdef'", "repeats row 'N'"),
        ("gold 2 is none of 0, 1, 3", "gold 4 is none of 0, 1", "gold N is none of N, …"),
        ("byte 0xff is not UTF-8", "byte 0x8a is not UTF-8", "byte N is not UTF-8"),
        (
            "/data/a/x.csv: no column 'id'",
            "s3://k:s@b/c/x.csv: no column 'id'",
            "x.csv: no column 'id'",
        ),
        (
            "gold is 'a lamp for the garden', no list",
            "gold is 'a lamp for the desk', no list",
            "gold is 'a lamp for the …', no list",
        ),
        (
            "it's the\n row's: 'a lamp for the gard",
            "it's the row's: 'a lamp for the des",
            "it's the row's: 'a lamp for the …'",
        ),
    ],
)
def test_one_fault_is_one_reason(one: str, other: str, reason: str) -> None:
    assert countable(one) == countable(other) == reason


def test_a_short_reason_stays_as_it_is() -> None:
    reason = "task_type is 'yes/no', not one of ranking, generation; and/or \"x\""
    assert countable(reason) == reason


def filled(count: int = 200) -> Counts:
    counts, random = Counts(), Random(5)
    for i in range(count):
        row = example(
            i,
            source=random.choice(["shop", "set"]),
            task=f"task{i % 60}",
            skill=random.choice([*SKILLS, None]),
            lang=random.choice(["en", "zh"]),
            transform=random.choice([None, "plain:title", "reverse:qa"]),
            split="validation" if i % 10 == 0 else "train",
        )
        counts.add(row, 20 + i, 2)
    for index in range(40):
        counts.reject("shop", f"reason {chr(97 + index % 26) * (1 + index // 26)} is {index}")
    counts.fix("set", "HTML entities")
    return counts


def settings(path: str = "/secret/place/rows") -> dict[str, Any]:
    source = {"format": "shopbench", "path": path}
    url = "https://user:secret@host/secret/dev.jsonl?key=secret"
    config = {"sources": [source], "without": ["../secret/dev.json", url]}
    return CorpusConfig.model_validate(config).model_dump(mode="json")


def header(page: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(page.split("---\n")[1])
    return found


def tables(page: str) -> Iterator[list[str]]:
    for block in re.findall(r"(?:^\|.*\n)+", page, re.MULTILINE):
        yield block.splitlines()


def test_a_card_says_what_is_in_the_corpus_and_shows_it(tmp_path: Path) -> None:
    card = write(tmp_path, filled(), [facts(), facts(license="X"), facts("set", None)], settings())
    page = (tmp_path / "card.md").read_text(encoding="utf-8")
    assert card == json.loads((tmp_path / "card.json").read_text(encoding="utf-8"))
    assert header(page)["language"] == list(card["rows_by"]["lang"])
    assert header(page)["size_categories"] == ["n<1K"]
    assert header(page)["license"] == ["mit", "unknown", "x"]
    assert header(page)["license_details"] == "unknown: set"
    assert "**Licence unknown: set.**" in page
    assert "200 rows of 60 tasks in 2 languages" in page
    assert card["rows_by"]["split"] == {"train": 180, "validation": 20}
    assert sum(task["rows"] for task in card["tasks"]) == card["rows"] == 200
    for task in card["tasks"]:
        for kind in ("skill", "form", "paradigm"):
            assert sum(task[kind].values()) == task["rows"]
        assert len(card["samples"][task["task"]]) == min(3, task["rows"])
    shown = re.findall(r"!\[.+\]\((\w+\.png)\)", page)
    assert sorted(shown) == sorted(file.name for file in tmp_path.glob("*.png"))
    assert len(shown) == 5
    for name in shown:
        assert (tmp_path / name).read_bytes().startswith(b"\x89PNG")


def test_no_path_of_this_machine_gets_into_a_card(tmp_path: Path) -> None:
    counts = filled()
    counts.reject("shop", "/secret/place/rows.jsonl: cut at its end")
    write(tmp_path, counts, [facts()], settings())
    for file in ("card.md", "card.json"):
        page = (tmp_path / file).read_text(encoding="utf-8")
        assert "secret" not in page
        assert "shop.jsonl.gz" in page
        assert "dev.json" in page


def test_the_same_rows_give_the_same_bytes_whatever_the_split(tmp_path: Path) -> None:
    for folder, parts in (("a", [filled(), filled(90)]), ("b", [filled(90), filled()])):
        (tmp_path / folder).mkdir()
        write(tmp_path / folder, merged(parts), [facts()], settings())
    written = sorted((tmp_path / "a").iterdir())
    assert len(written) == 7
    for file in written:
        assert file.read_bytes() == (tmp_path / "b" / file.name).read_bytes()


def test_names_of_any_characters_break_neither_tables_nor_pictures(tmp_path: Path) -> None:
    counts = Counts()
    hostile = {"source": HOSTILE, "task": HOSTILE, "lang": HOSTILE, "transform": HOSTILE}
    counts.add(example(1, prompt="```\n# no heading\n````", output=HOSTILE, **hostile), 3, 0)
    counts.add(example(2, source="\udcff.jsonl", task="_hidden"), 3, 1)
    counts.reject(HOSTILE, HOSTILE)
    counts.reject("_hidden", "__")
    card = write(tmp_path, counts, [facts(HOSTILE, HOSTILE)], {"a ``` b": "```"})
    assert json.loads((tmp_path / "card.json").read_text(encoding="utf-8")) == card
    page = (tmp_path / "card.md").read_text(encoding="utf-8")
    assert header(page)["language"] == ["en"]
    found = list(tables(page))
    assert len(found) > 8
    for lines in found:
        assert len({len(re.findall(r"(?<!\\)\|", line)) for line in lines}) == 1, lines
    assert "`````text\n```\n# no heading\n````\n" in page


def test_a_corpus_without_rows_has_a_card(tmp_path: Path) -> None:
    counts = Counts()
    counts.reject("shop", "output is empty")
    card = write(tmp_path, counts, [facts()], {})
    assert [file.name for file in tmp_path.glob("*.png")] == ["rejected.png"]
    assert "output is empty" in (tmp_path / "card.md").read_text()
    assert card["rows"] == 0
    empty = write(tmp_path, Counts(), [], {})
    assert (empty["sources"], empty["rejected"]) == ([], {})


def test_many_parts_and_bars_are_drawn_with_the_rest_as_one(tmp_path: Path) -> None:
    counts = Counts()
    for source in range(30):
        for reason in "abcdefghijklmnopqrstuvwxyz":
            counts.reject(f"source {source}", f"{reason * 3} is wrong " * (1 + source % 4))
    card = write(tmp_path, counts, [], {})
    assert (tmp_path / "rejected.png").exists()
    assert sum(source["rejected"] for source in card["sources"]) == 30 * 26
    page = (tmp_path / "card.md").read_text()
    lines = re.findall(r"^\| \w{3} is wrong.* \| (\d+) \| .* and \d more \|$", page, re.MULTILINE)
    more = re.search(r"^(\d+) rows more: see card.json", page, re.MULTILINE)
    assert len(lines) == 60
    assert more
    assert sum(map(int, lines)) + int(more[1]) == 30 * 26


def test_the_table_has_each_source_with_its_rows(tmp_path: Path) -> None:
    from rich.console import Console

    counts = Counts()
    for i in range(12):
        counts.add(example(i), 3, 1)
    counts.reject("shop", "output is empty")
    counts.reject("[b]stray", "output is empty")
    card = write(tmp_path, counts, [facts(read=4), facts(read=6), facts("set", read=0)], {})
    console = Console(width=80, file=StringIO())
    with console.capture() as captured:
        console.print(table(card))
    cells = [re.split(r"\s*│\s*", line)[1:-1] for line in captured.get().splitlines()]
    assert ["shop", "10", "12", "1"] in cells
    assert ["set", "0", "0", "0"] in cells
    assert ["[b]stray", "", "0", "1"] in cells
    assert ["all", "10", "12", "2"] in cells
    assert "more kept than read" in captured.get()
