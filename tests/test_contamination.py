import json
import re
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from ecom.contamination import MAX_SHOWN, Overlap, Report, check_examples, find, table, to_json
from ecom.errors import DataError
from ecom.forms import Prompting
from ecom.rows import EXAMPLE_SCHEMA, Example, to_dict

ASK = (
    "You are a helpful assistant of an online shop. Look at the product and pick the category "
    "that fits it best. Do not give explanations.\n"
    "Product: '{title}'\n0. {a}\n1. {b}\n2. {c}\nAnswer: "
)
REWORDED = "To which shelf belongs {title}?\n0. {a}\n1. {b}\n2. {c}\nShelf number:"
REVIEW = "Rate this review from 1 to 5.\nReview: {text}\nStars: "


def name(number: int) -> str:
    """A made-up word, another one for every number."""
    parts = ["bar", "del", "fim", "gos", "hun", "kal", "mer", "nov", "pil", "rus"]
    return "".join(parts[int(digit)] for digit in f"{number:03}")


def product(number: int, ask: str = ASK) -> str:
    """A question about one of many products, which share no word of their titles and options."""
    words = [name(number * 12 + i) for i in range(12)]
    title = f"{' '.join(words[:7]).title()}, {number + 3} pieces (white)"
    return ask.format(title=title, a=" ".join(words[7:9]), b=words[9], c=" ".join(words[10:]))


def with_new_words(text: str, fraction: float, seed: int = 0) -> str:
    """The text with some of its words replaced, the layout kept."""
    rng = Random(seed)
    parts = re.split(r"(\s+)", text)
    indices = [index for index, part in enumerate(parts) if part.strip()]
    for index in rng.sample(indices, round(fraction * len(indices))):
        parts[index] = f"new{rng.randrange(10_000)}"
    return "".join(parts)


def write(path: Path, prompts: Sequence[str | dict[str, Any]]) -> Path:
    rows = [row if isinstance(row, dict) else {"input_field": row} for row in prompts]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def compare(folder: Path, corpus: Sequence[str | dict[str, Any]], asked: Sequence[str]) -> Report:
    return find(write(folder / "corpus.jsonl", corpus), write(folder / "asked.jsonl", asked))


def found(report: Report) -> dict[int, tuple[str, str]]:
    return {o.evaluation_line: (o.kind, o.corpus_source) for o in report.overlaps}


ASKED = [product(number) for number in range(8)]
OTHERS = [product(number) for number in range(8, 40)]


def test_the_same_template_with_other_products_is_no_contamination(tmp_path: Path) -> None:
    assert compare(tmp_path, OTHERS, ASKED).overlaps == ()
    rest = [product(number, REWORDED) for number in range(10, 60)]
    assert compare(tmp_path, [*OTHERS[:2], *rest], ASKED).overlaps == ()
    assert compare(tmp_path, OTHERS, ASKED[:1]).overlaps == ()


@pytest.mark.parametrize(
    "change",
    [
        str,
        str.upper,
        lambda text: " ".join(text.split()),
        lambda text: re.sub(r"[^\w\s]", "", text),
        lambda text: text.replace(" ", "\n\n\t"),
        lambda text: "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text),
    ],
    ids=["verbatim", "capitals", "one line", "no punctuation", "white space", "full width"],
)
def test_an_exact_copy_is_found_whatever_its_layout(tmp_path: Path, change: Any) -> None:
    report = compare(tmp_path, [*OTHERS, change(ASKED[5])], ASKED)
    assert found(report) == {6: ("exact", "corpus.jsonl:33")}
    assert report.overlaps[0].share == 1


@pytest.mark.parametrize(
    "copy",
    [
        ASK.format(
            title="Kalbarfim Kalbargos Kalbarhun Kalbarkal Kalbarmer Kalbarnov Kalbarpil, white",
            a="x",
            b="y",
            c="z",
        ),
        *(with_new_words(product(5), fraction) for fraction in (0.1, 0.15, 0.2)),
        product(5, REWORDED),
        f"System: answer.\nUser: {product(5)}\nAssistant: 1",
    ],
)
def test_copies_with_changes_are_near_duplicates(tmp_path: Path, copy: str) -> None:
    copy = copy.replace("Kalbar", name(5 * 12)[:6].title())
    report = compare(tmp_path, [*OTHERS, copy], ASKED)
    assert found(report) == {6: ("near-duplicate", "corpus.jsonl:33")}


def test_options_in_another_order_change_nothing(tmp_path: Path) -> None:
    head, *options, tail = ASKED[5].rsplit("\n", 4)
    turned = [f"{i}. {text[3:]}" for i, text in enumerate(reversed(options))]
    copy = "\n".join([head, *turned, tail])
    assert sorted(copy.split()) == sorted(ASKED[5].split())
    (overlap,) = compare(tmp_path, [*OTHERS, copy], ASKED).overlaps
    assert (overlap.kind, overlap.share) == ("near-duplicate", 1)


def test_a_stock_phrase_of_a_few_rows_is_no_copy(tmp_path: Path) -> None:
    """A tenth of the reviews say the same of other things: in a small corpus three rows or four."""
    phrases = [" ".join(name(600 + 7 * n + i) for i in range(7)) for n in range(10)]
    goods = [f"{name(n)} {name(n % 12 + 200)} {name(n % 7 + 300)}" for n in range(42)]
    ask = "Rate this review from 1 to 5.\nProduct: {}\nReview: {}.\nStars: "
    rows = [ask.format(one, phrases[n % 10]) for n, one in enumerate(goods)]
    sold = [f"Who buys {one}? Name {name(n + 400)} {name(n + 450)}." for n, one in enumerate(goods)]
    corpus, asked = [*rows[12:], *sold[12:]], rows[:12]
    assert compare(tmp_path, corpus, asked).overlaps == ()
    planted = f"User: {asked[5].upper()} Answer:"
    report = compare(tmp_path, [*corpus, planted], asked)
    assert found(report) == {6: ("near-duplicate", f"corpus.jsonl:{len(corpus) + 1}")}


def test_share_is_the_weight_found(tmp_path: Path) -> None:
    """Ten words that nobody else has weigh the same; the corpus row holds six of them."""
    words = [name(number) for number in range(10)]
    others = [" ".join(name(number * 20 + i) for i in range(20)) for number in range(1, 20)]
    (overlap,) = compare(tmp_path, [*others, " ".join(words[2:8])], [" ".join(words)]).overlaps
    assert overlap.share == pytest.approx(0.6)
    assert overlap.text == " ".join(words[2:8])


def test_passages_from_several_rows_add_up_to_an_n_gram_overlap(tmp_path: Path) -> None:
    words = [name(number) for number in range(500, 540)]
    first, second = " ".join(words[:9]), " ".join(words[20:29])
    corpus = [f"{OTHERS[0]} {first}", f"{OTHERS[1]} {second}", *OTHERS[2:]]
    (overlap,) = compare(tmp_path, corpus, [REVIEW.format(text=" ".join(words)), *ASKED]).overlaps
    assert (overlap.evaluation_line, overlap.kind, overlap.others) == (1, "n-gram", 1)
    assert 0.35 < overlap.share < 0.5
    assert first.startswith(overlap.text) or second.startswith(overlap.text)
    only_one = compare(tmp_path, [corpus[0], *OTHERS], [REVIEW.format(text=" ".join(words))])
    assert only_one.overlaps == ()


def test_a_copy_repeated_often_is_no_template(tmp_path: Path) -> None:
    copy = with_new_words(ASKED[5], 0.1)
    (changed,) = compare(tmp_path, [*OTHERS, *[copy] * 30], ASKED).overlaps
    assert (changed.kind, changed.others) == ("near-duplicate", 29)
    different = [f"{ASKED[5]} {'!' * number}" for number in range(30)]
    (exact,) = compare(tmp_path, [*OTHERS, *different], ASKED).overlaps
    assert (exact.kind, exact.others) == ("exact", 29)


def test_short_questions_are_found_as_copies_only(tmp_path: Path) -> None:
    explain = "Instructions: Explain the product type {}\nOutput:"
    corpus = [explain.format(name(number)) for number in range(40)] + OTHERS
    asked = [explain.format(name(number)) for number in (39, 40, 41)]
    assert found(compare(tmp_path, corpus, asked)) == {1: ("exact", "corpus.jsonl:40")}
    assert found(compare(tmp_path, [*OTHERS, "???"], ["???", "!!!", "?"])) == {
        1: ("exact", "corpus.jsonl:33")
    }


def test_a_question_of_common_words_is_found_inside_a_longer_prompt(tmp_path: Path) -> None:
    """Every unit of it stands in many rows; only one row has them all."""
    types, tasks = ["toggle switch", "watch band", "hand bag"], ["explain", "translate", "rate"]
    asked = "Please {} what the customer of our shop has typed\nInput: {}\nGive one line only"
    rows = [f"{asked.format(task, name(i))}" for i, task in enumerate(tasks * 15)]
    rows += [f"Product: {kind}\nPrice of {name(i)}" for i, kind in enumerate(types * 15)]
    copy = f"Chat 7\n{asked.format('rate', 'watch band')}\nBye"
    report = compare(tmp_path, [*rows, copy], [asked.format("rate", "watch band")])
    assert found(report) == {1: ("near-duplicate", "corpus.jsonl:91")}
    assert compare(tmp_path, rows, [asked.format("rate", "watch band")]).overlaps == ()


def test_answers_count_as_learned(tmp_path: Path) -> None:
    title = ASKED[5].split("'")[1]
    reversed_row = {"input_field": "Invent a product title.", "output_field": title}
    report = compare(tmp_path, [*OTHERS, reversed_row], [f"Translate '{title}' into German."])
    assert found(report) == {1: ("near-duplicate", "corpus.jsonl:33")}


def test_japanese_is_compared_by_character(tmp_path: Path) -> None:
    ask = "次の商品を説明してください。\n商品: {}"
    asked = ask.format("防水ワイヤレスイヤホン充電ケース付き黒色")
    others = [
        ask.format(f"{chr(0x4E00 + i)}木製キッチンまな板{chr(0x5E00 + i)}") for i in range(20)
    ]
    changed = "商品名: 防水ワイヤレスイヤホン充電ケース付き白色\n短く答えてください。"
    assert found(compare(tmp_path, [*others, changed], [asked])) == {
        1: ("near-duplicate", "corpus.jsonl:21")
    }
    assert compare(tmp_path, others, [asked]).overlaps == ()


def test_every_evaluation_line_with_the_same_prompt_is_listed(tmp_path: Path) -> None:
    report = compare(tmp_path, [*OTHERS, ASKED[0]], [ASKED[0], *ASKED, ASKED[0].upper()])
    assert [overlap.evaluation_line for overlap in report.overlaps] == [1, 2, 10]
    assert len({overlap.evaluation_id for overlap in report.overlaps}) == 3


def test_the_strongest_come_first(tmp_path: Path) -> None:
    near, nearer = with_new_words(ASKED[0], 0.2), with_new_words(ASKED[1], 0.05)
    overlaps = compare(tmp_path, [near, nearer, ASKED[2], *OTHERS], ASKED).overlaps
    assert [overlap.evaluation_line for overlap in overlaps] == [3, 2, 1]
    assert overlaps[1].share > overlaps[2].share


def test_files_of_a_folder_are_named_and_bad_lines_counted(tmp_path: Path) -> None:
    folder = tmp_path / "corpus"
    (folder / "more").mkdir(parents=True)
    write(folder / "a.jsonl", OTHERS)
    write(folder / "more" / "b.json", [{"prompt": "no input_field"}, {**{"input_field": ASKED[5]}}])
    asked = write(tmp_path / "asked.jsonl", [{"id": 7, "input_field": ASKED[5]}])
    with asked.open("a") as stream:
        stream.write('not JSON\n{"input_field": " "}\n')
    report = find(folder, asked)
    assert (report.corpus_rows, report.corpus_skipped) == (33, 1)
    assert (report.evaluation_rows, report.evaluation_skipped) == (1, 2)
    (overlap,) = report.overlaps
    assert overlap.evaluation_id == "7"
    assert overlap.corpus_source == "more/b.json:2"


def write_artifact(path: Path, split: str, prompts: Sequence[str]) -> list[Example]:
    """Shards as the corpus stage writes them, with two more columns."""
    rows = [
        Example("shop", "T1", "multiple-choice", "CLS", None, prompt, "2") for prompt in prompts
    ]
    (path / split).mkdir(parents=True)
    schema = EXAMPLE_SCHEMA.append(pa.field("prompt_ids", pa.list_(pa.int32())))
    for number, part in enumerate((rows[:2], rows[2:])):
        records = [{**to_dict(row), "prompt_ids": [1, 2]} for row in part]
        shard = path / split / f"{number}.parquet"
        pq.write_table(pa.Table.from_pylist(records, schema=schema), shard)
    return rows


def test_of_an_artifact_the_train_split_counts(tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    rows = write_artifact(corpus, "train", [*OTHERS, ASKED[5]])
    write_artifact(corpus, "validation", [*OTHERS, ASKED[6]])
    (corpus / "artifact.json").write_text("{}")
    report = find(corpus, write(tmp_path / "asked.jsonl", ASKED))
    assert report.corpus_rows == 33
    (overlap,) = report.overlaps
    assert overlap.evaluation_line == 6
    assert (overlap.corpus_id, overlap.corpus_source) == (rows[-1].id, "shop/T1")


def test_a_corpus_older_than_the_difficulty_can_still_be_compared(tmp_path: Path) -> None:
    write_artifact(tmp_path / "corpus", "train", [*OTHERS, ASKED[5]])
    for shard in (tmp_path / "corpus" / "train").iterdir():
        pq.write_table(pq.read_table(shard).drop_columns(["difficulty"]), shard)
    (overlap,) = find(tmp_path / "corpus", write(tmp_path / "asked.jsonl", ASKED)).overlaps
    assert overlap.evaluation_line == 6


def prompting(*questions: str) -> Prompting:
    shown = [{"question": question, "answer": "2"} for question in questions]
    return Prompting.model_validate(
        {
            "by_form": {"multiple-choice": {"examples": shown[:1]}},
            "by_task": {"shelves": {"examples": shown[1:]}},
        }
    )


def test_examples_that_are_evaluation_rows_are_refused_together(tmp_path: Path) -> None:
    gold = write(tmp_path / "gold.jsonl", [product(number) for number in range(20)])
    check_examples(prompting(product(30), product(31, REWORDED)), gold)
    with pytest.raises(DataError, match="take other examples") as caught:
        check_examples(prompting(product(3).upper(), product(30), product(7, REWORDED)), gold)
    message = str(caught.value)
    assert "prompting.by_form.multiple-choice.examples.0: exact, row" in message
    assert "prompting.by_task.shelves.examples.1: near-duplicate, row" in message
    assert "gold.jsonl, line 8" in message
    assert "examples.0: near" not in message


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, r"none\.jsonl: no such file"),
        ("", r"none\.jsonl: no question in it; give"),
        ('{"a": 1}\n', r"no question in it; .*none\.jsonl:1: input_field is missing; give"),
    ],
)
def test_nothing_to_compare_is_refused(tmp_path: Path, content: str | None, message: str) -> None:
    good, bad = write(tmp_path / "good.jsonl", ASKED), tmp_path / "none.jsonl"
    if content is not None:
        bad.write_text(content)
    with pytest.raises(DataError, match=message):
        find(bad, good)
    with pytest.raises(DataError, match=message):
        find(good, bad)


def test_folders_without_rows_are_refused(tmp_path: Path) -> None:
    asked = write(tmp_path / "asked.jsonl", ASKED)
    (tmp_path / "corpus" / "train").mkdir(parents=True)
    with pytest.raises(DataError, match="no file of a kind that is read"):
        find(tmp_path / "corpus", asked)
    shard = tmp_path / "corpus" / "train" / "0.parquet"
    shard.write_bytes(b"PAR1")
    with pytest.raises(DataError, match=r"0\.parquet: cannot be read"):
        find(tmp_path / "corpus", asked)
    pq.write_table(pa.table({"id": ["a"], "prompt": ["b"]}), shard)
    with pytest.raises(DataError, match=r"0\.parquet: no column constraint, description"):
        find(tmp_path / "corpus", asked)


def test_the_report_prints_and_becomes_json(tmp_path: Path) -> None:
    bracket = "Is [bold] a brand of the Kolvar winter jackets that Ruhm & Sons sold in 1994?"
    report = compare(tmp_path, [*OTHERS, bracket, ASKED[0]], [*ASKED, bracket])
    assert json.loads(json.dumps(to_json(report)))["overlaps"][1]["evaluation_line"] == 9
    console = Console(width=200)
    with console.capture() as capture:
        console.print(table(report))
    text = capture.get()
    assert "2 of 9 evaluation rows overlap with 34 corpus rows: 2 exact" in text
    with console.capture() as capture:
        console.print(table(Report(600, 11_757, 0, 0, ())))
    assert capture.get().strip() == "0 of 600 evaluation rows overlap with 11,757 corpus rows"
    assert "is [bold] a brand" in text
    assert "corpus.jsonl:33" in text
    assert "asked.jsonl:9" in text


def test_a_long_table_is_cut() -> None:
    overlaps = [
        Overlap(str(i), i, "c", "f:1", "exact", 1.0, "text", 0, f"g:{i}") for i in range(90)
    ]
    shown = table(Report(100, 5, 0, 2, tuple(overlaps)))
    assert shown.row_count == MAX_SHOWN
    assert shown.caption == f"and {90 - MAX_SHOWN} more; --json lists all"
    assert str(shown.title).endswith("90 exact (2 unreadable rows skipped)")


LETTERS = st.text("aäßbcÇdéijklmnoñorstuvwxyz0123456789日本語カナ", min_size=1, max_size=9)
MARKS = st.text(" \n\t.,:;!?'\"()[]-–“”…*#", min_size=1, max_size=3)


@given(words=st.lists(LETTERS, min_size=1, max_size=30), data=st.data())
def test_layout_never_hides_an_exact_copy(
    tmp_path_factory: pytest.TempPathFactory, words: list[str], data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("layout")

    def laid_out() -> str:
        marks = data.draw(st.lists(MARKS, min_size=len(words), max_size=len(words)))
        cased = [data.draw(st.sampled_from([word, word.upper(), word.title()])) for word in words]
        return "".join(word + mark for word, mark in zip(cased, marks, strict=True))

    report = compare(folder, [*OTHERS, laid_out()], [*ASKED, laid_out()])
    assert found(report) == {9: ("exact", "corpus.jsonl:33")}


@given(seed=st.integers(0, 10_000))
def test_the_order_of_the_corpus_changes_nothing(
    tmp_path_factory: pytest.TempPathFactory, seed: int
) -> None:
    folder = tmp_path_factory.mktemp("order")
    copies = [with_new_words(ASKED[i % 4], 0.05 * (i // 4), seed=i) for i in range(20)]
    corpus = [
        {"id": i, "input_field": text} for i, text in enumerate([*OTHERS, *copies, *copies[:3]])
    ]
    expected = compare(folder, corpus, ASKED)
    Random(seed).shuffle(corpus)
    shuffled = compare(folder, corpus, ASKED)

    def without_lines(report: Report) -> list[tuple[Any, ...]]:
        return [(o.evaluation_id, o.corpus_id, o.kind, o.share, o.others) for o in report.overlaps]

    assert len(expected.overlaps) == 4
    assert without_lines(shuffled) == without_lines(expected)


def test_real_training_rows_and_the_development_rows(ecom_data: Path) -> None:
    """The NOTICE says that no prompt is a copy. Line 67 shares three product titles with a row."""
    report = find(ecom_data / "ec_guide", ecom_data / "shopbench" / "development.json")
    assert (report.evaluation_rows, report.corpus_rows) == (96, 41_943)
    assert found(report) == {67: ("n-gram", "mcq_qprp.jsonl:333")}


def test_planted_development_rows_are_found_among_real_ones(
    ecom_data: Path, tmp_path: Path
) -> None:
    development = ecom_data / "shopbench" / "development.json"
    asked = [json.loads(line)["input_field"] for line in development.open(encoding="utf-8")]
    rows = [
        json.loads(line)
        for file in sorted((ecom_data / "ec_guide").glob("*.jsonl"))
        for line in islice(file.open(encoding="utf-8"), 150)
    ]
    for change, least in (
        (lambda text: text.upper().replace("\n", " "), 96),
        (lambda text: f"User: {text}\nAssistant:", 94),
        (lambda text: with_new_words(text, 0.1), 80),
        (lambda text: with_new_words(text, 0.2), 65),
    ):
        planted = [change(text) for text in asked]
        report = find(write(tmp_path / "corpus.jsonl", [*rows, *planted]), development)
        right = [
            overlap
            for overlap in report.overlaps
            if overlap.corpus_source == f"corpus.jsonl:{len(rows) + overlap.evaluation_line}"
        ]
        assert len(right) >= least
