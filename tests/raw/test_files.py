"""What users' disks hold: whole, cut, mislabelled, badly written, packed."""

import csv
import gzip
import io
import json
import tracemalloc
from collections import Counter
from dataclasses import asdict
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecom.errors import DataError
from ecom.raw import files
from ecom.raw.parse import MAX_ROW_BYTES, Row
from ecom.shopbench import Rejected

ROWS = [{"a": 1, "b": "é"}, {"a": 2, "b": 'x, "y"\nz'}, {"a": 3, "b": ""}]


def write(folder: Path, name: str, content: bytes) -> str:
    file = folder / name
    file.write_bytes(content)
    return str(file)


def rows(file: str, span_bytes: int = files.SPAN_BYTES) -> list[Row]:
    return [row for span in files.spans(file, span_bytes) for row in files.rows(span)]


def reason(row: Row) -> str:
    assert isinstance(row[1], Rejected)
    assert row[1].line == row[0]
    return row[1].reason


def as_lines(values: list[Any]) -> bytes:
    return b"".join(json.dumps(value, ensure_ascii=False).encode() + b"\n" for value in values)


def as_csv(values: list[dict[str, Any]], delimiter: str = ",") -> bytes:
    stream = io.StringIO(newline="")
    writer = csv.DictWriter(stream, list(values[0]), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(values)
    return stream.getvalue().encode()


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("rows.jsonl", as_lines(ROWS)),
        ("rows.NDJSON", b"\xef\xbb\xbf" + as_lines(ROWS).replace(b"\n", b"\r\n")),
        ("rows.json", json.dumps(ROWS).encode()),
        ("indented.json", b"\xef\xbb\xbf\n " + json.dumps(ROWS, indent=2).encode()),
    ],
)
def test_json_is_read_line_by_line_or_as_an_array(
    tmp_path: Path, name: str, content: bytes, packed: bool
) -> None:
    if packed:
        name, content = f"{name}.gz", gzip.compress(content)
    assert rows(write(tmp_path, name, content)) == list(enumerate(ROWS, start=1))


@pytest.mark.parametrize(("name", "delimiter"), [("t.csv", ","), ("t.tsv.gz", "\t")])
def test_a_table_is_read_with_quotes_and_line_numbers(
    tmp_path: Path, name: str, delimiter: str
) -> None:
    content = b"\xef\xbb\xbf" + as_csv(ROWS, delimiter)
    file = write(tmp_path, name, gzip.compress(content) if name.endswith("gz") else content)
    expected = [{key: str(value) for key, value in row.items()} for row in ROWS]
    # The second record has a line break in a quote: the third begins a line later.
    assert rows(file) == list(zip([2, 3, 5], expected, strict=True))


def test_parquet_is_cut_between_row_groups(tmp_path: Path) -> None:
    values = [{"a": n, "b": [str(n)]} for n in range(1_000)]
    file = str(tmp_path / "rows.parquet")
    pq.write_table(pa.Table.from_pylist(values), file, row_group_size=300)
    assert len(files.spans(file)) == 1
    assert len(files.spans(file, span_bytes=1)) == 4
    assert rows(file, span_bytes=1) == rows(file) == list(enumerate(values, start=1))


@given(
    lines=st.lists(st.binary(max_size=12) | st.just(b'{"a": "\xc3\xa9"}') | st.just(b"")),
    span_bytes=st.integers(1, 60),
    bom=st.booleans(),
)
def test_spans_hold_the_same_rows_whatever_their_size(
    tmp_path_factory: pytest.TempPathFactory, lines: list[bytes], span_bytes: int, bom: bool
) -> None:
    content = b"\xef\xbb\xbf" * bom + b'{"first": 1}\n' + b"\n".join(lines)
    file = write(tmp_path_factory.getbasetemp(), "any.jsonl", content)
    spans = files.spans(file, span_bytes)
    assert [span.start for span in spans[1:]] == [span.stop for span in spans[:-1]]
    assert [row for span in spans for row in files.rows(span)] == list(files.rows(files.Span(file)))


def test_spans_of_a_big_file_are_about_equal(tmp_path: Path) -> None:
    values = [{"n": n, "text": "x" * (n % 700)} for n in range(20_000)]
    file = write(tmp_path, "big.jsonl", as_lines(values))
    spans = files.spans(file, 1_000_000)
    starts = [span.start for span in spans] + [Path(file).stat().st_size]
    sizes = [stop - start for start, stop in pairwise(starts)]
    assert len(sizes) in (7, 8)
    assert max(sizes) - min(sizes) < 20_000
    assert rows(file, 1_000_000) == list(enumerate(values, start=1))
    assert files.Span(**json.loads(json.dumps(asdict(spans[3])))) == spans[3]


def test_a_line_is_rejected_for_what_is_wrong_with_it_and_the_rest_goes_on(tmp_path: Path) -> None:
    lines = [
        b'{"a": 1}',
        b'{"a": ',
        b"[1]",
        b"  ",
        b'{"a": "\xe9t\xe9"}',
        b'{"a": "\\ud83d"}',
        b'{"a": "\\ud83d\\ude00 \\\\ud83d"}',
        b'{"a": "x\x00"}',
        b'{"a": ' + b"[" * 100_000,
        b'{"a": 1} {"a": 2}',
        b'{"a": ' + b"9" * 5_000 + b"}",
        b'{"a": NaN, "last": 1}',
    ]
    found = dict(rows(write(tmp_path, "rows.jsonl", b"\n".join(lines))))
    assert list(found) == [1, 2, 3, 5, 6, 7, 8, 9, 10, 11, 12]
    assert found[1] == {"a": 1}
    assert found[7] == {"a": "😀 \\ud83d"}
    reasons = {line: row.reason for line, row in found.items() if isinstance(row, Rejected)}
    assert reasons.keys() == {2, 3, 5, 6, 8, 9, 10, 11}
    assert reasons[2] == "not valid JSON: Expecting value"
    assert reasons[3] == "not a JSON object"
    assert reasons[5] == "not UTF-8: byte 0xe9"
    assert "surrogate" in reasons[6]
    assert "NUL" in reasons[8]
    assert reasons[10] == "not valid JSON: Extra data"
    assert "limit" in reasons[11]


@pytest.mark.parametrize("name", ["long.jsonl", "long.csv", "long.json.gz"])
def test_a_line_of_50_mb_is_left_out_without_being_held(tmp_path: Path, name: str) -> None:
    long = b"y" * 50 * 2**20
    content = {
        "long.jsonl": b'{"a": "1"}\n{"a": "' + long + b'"}\n{"a": "3"}\n',
        "long.csv": b"a\n1\n" + long + b"\n3\n",
        "long.json.gz": gzip.compress(b'[{"a": "1"}, {"a": "' + long + b'"}, {"a": "3"}]', 1),
    }[name]
    file = write(tmp_path, name, content)
    del content, long
    tracemalloc.start()
    found = rows(file)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 5 * MAX_ROW_BYTES
    assert found[0][1] == {"a": "1"}
    assert str(MAX_ROW_BYTES) in reason(found[1])
    if name != "long.json.gz":  # where an array's item ends, only its parser could tell
        assert found[2][1] == {"a": "3"}


@pytest.mark.parametrize("name", ["cut.jsonl.gz", "cut.json.gz", "cut.csv.gz"])
def test_the_rows_before_a_break_in_gzip_are_kept(tmp_path: Path, name: str) -> None:
    values = [{"a": str(n), "b": f"text {n * 7919 % 10_007}"} for n in range(5_000)]
    whole = {"cut.jsonl.gz": as_lines(values), "cut.csv.gz": as_csv(values)}
    packed = gzip.compress(whole.get(name, json.dumps(values).encode()))
    *kept, last = rows(write(tmp_path, name, packed[: len(packed) // 2]))
    assert len(kept) > 1_000
    assert [row for _, row in kept] == values[: len(kept)]
    assert "cut or damaged" in reason(last)
    damaged = bytearray(packed)
    damaged[len(packed) // 2] ^= 0xFF
    *kept, last = rows(write(tmp_path, name, bytes(damaged)))
    assert len(kept) > 1_000
    assert reason(last)  # the checksum's, or that of what came out wrong


def test_an_array_keeps_what_stands_before_its_fault(tmp_path: Path) -> None:
    def read_array(text: bytes) -> list[Row]:
        return rows(write(tmp_path, "a.json", text))

    assert read_array(b"[]") == []
    good, bad = read_array(b'[{"a": 1}, {"a": 2')
    assert good == (1, {"a": 1})
    assert "not closed" in reason(bad)
    good, bad = read_array(b'[{"a": 1}, {"a" 2}, {"a": 3}]')
    assert "nothing after it is read" in reason(bad)
    good, bad = read_array(b'[{"a": 1}] {"a": 2}')
    assert "after the array" in reason(bad)
    found = read_array(b'[{"a": "\xe9"}, 12, {"a": "\\udead"}, {"a": "\xc3\xa9"}]')
    assert reason(found[0]) == "not UTF-8: byte 0xe9"
    assert reason(found[1]) == "not a JSON object"
    assert "surrogate" in reason(found[2])
    assert found[3] == (4, {"a": "é"})


WHOLE = ['{"a": "x"}', '{\n   "a": {\n    "b": [1]\n   }\n  }']
BROKEN = ['{"a": "24" shelf"}', '{"a": 1', '{"a": "open}', '{"a" 2}', "{]"]


@given(
    items=st.lists(st.sampled_from(WHOLE + BROKEN), min_size=1),
    block=st.integers(5, 60),
)
def test_a_broken_item_that_begins_a_line_costs_no_other(items: list[str], block: int) -> None:
    from ecom.raw.parse import json_array

    text = ("[\n  " + ",\n  ".join(items) + "\n]").encode()
    blocks = [text[start : start + block] for start in range(0, len(text), block)]
    found = list(json_array(blocks))
    assert [line for line, _ in found] == list(range(1, len(items) + 1))
    for (_, row), item in zip(found, items, strict=True):
        assert isinstance(row, Rejected) if item in BROKEN else row == json.loads(item)


@given(
    values=st.lists(st.dictionaries(st.text(max_size=3), st.text() | st.floats(allow_nan=False))),
    indent=st.sampled_from([None, 1]),
    block=st.integers(1, 40),
)
def test_an_array_is_the_same_in_blocks_of_any_size(
    values: list[dict[str, Any]], indent: int | None, block: int
) -> None:
    from ecom.raw.parse import json_array

    text = json.dumps(values, indent=indent, ensure_ascii=False).encode("utf-8", "replace")
    values = json.loads(text)
    blocks = [text[start : start + block] for start in range(0, len(text), block)]
    assert list(json_array(blocks)) == list(enumerate(values, start=1))


def test_a_bad_row_of_a_table_is_rejected_alone(tmp_path: Path) -> None:
    content = b'a,b\n1,2\n1,2,3\n1\n\n"x"y,2\n1,\xe9\n1,\x00\n8,9\n"open,2\n1,2\n'
    found = rows(write(tmp_path, "t.csv", content))
    assert found[0] == (2, {"a": "1", "b": "2"})
    assert found[6] == (9, {"a": "8", "b": "9"})
    assert [line for line, _ in found] == [2, 3, 4, 6, 7, 8, 9, 10, 11]
    assert reason(found[1]) == "3 columns where the header has 2"
    assert reason(found[2]) == "1 columns where the header has 2"
    assert "not valid CSV" in reason(found[3])
    assert reason(found[4]) == "not UTF-8: byte 0xe9"
    assert "NUL" in reason(found[5])
    assert "not valid CSV" in reason(found[7])
    assert found[8] == (11, {"a": "1", "b": "2"})


def test_a_quote_that_is_never_closed_costs_few_rows(tmp_path: Path) -> None:
    content = b"a,b\n1,2\n" + b'"open,2\n' + b"1,2\n" * 200_000
    found = rows(write(tmp_path, "t.csv", content))
    kinds = Counter(type(row).__name__ for _, row in found)
    assert kinds == {"Rejected": 1, "dict": 200_001}


RUG = ["id|title", "1|Oak lamp", '2|"Wool rug', "3|Pan", "4|Desk", '5|24" shelf', "6|Mug"]


def test_a_tsv_that_does_not_plainly_quote_is_read_without_quotes(tmp_path: Path) -> None:
    content = "\n".join(RUG).replace("|", "\t").encode()
    found = rows(write(tmp_path, "t.tsv", content))
    assert [row["title"] for _, row in found if isinstance(row, dict)] == [
        "Oak lamp",
        '"Wool rug',
        "Pan",
        "Desk",
        '24" shelf',
        "Mug",
    ]


def test_a_tsv_whose_quotes_pair_over_lines_is_read_without_them(tmp_path: Path) -> None:
    content = b'id\ttitle\n2\t"Wool rug\n3\tPan\n4\tshelf 24"\n5\tMug\n'
    assert len(rows(write(tmp_path, "t.tsv", content))) == 4
    plain = b'id\ttitle\n1\t"Shelf, 24"""\n2\tPan\n'
    assert rows(write(tmp_path, "t.tsv", plain))[0] == (2, {"id": "1", "title": 'Shelf, 24"'})


@pytest.mark.parametrize(
    ("lines", "rejected"),
    [
        (RUG, [3]),
        (["id|title|price", '2|"Wool rug|9', "3|Pan|8", '4|Frame 24"|7', "5|Mug|6"], [2]),
        (["id|title|price", '2|"Wool rug|9', "3|Pan|8", '4|Frame 24"|7|9'], [2, 4]),
        (["id|title", '1|"Lamp', '2|"Rug', '3|"Pan'], [2, 3, 4]),
        (["id|title", 'lamp|"Oak', "rug|Wool", "pan|Steel", 'desk|Oak"', "mug|Blue"], [2]),
    ],
)
def test_a_stray_quote_in_a_csv_costs_its_own_line_alone(
    tmp_path: Path, lines: list[str], rejected: list[int]
) -> None:
    found = rows(write(tmp_path, "t.csv", "\n".join(lines).replace("|", ",").encode()))
    assert [line for line, _ in found] == list(range(2, len(lines) + 1))
    assert [line for line, row in found if isinstance(row, Rejected)] == rejected


def test_lines_that_end_in_carriage_returns_alone_are_lines(tmp_path: Path) -> None:
    content = "id;title\r1;Größe\r2;Rug\r".encode("cp1252")
    found = rows(write(tmp_path, "t.csv", content))
    assert found == [(2, {"id": "1", "title": "Größe"}), (3, {"id": "2", "title": "Rug"})]


def test_a_workbook_that_is_named_as_a_table_is_no_table(tmp_path: Path) -> None:
    for start in (b"PK\x03\x04\x14\0\6\0", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        with pytest.raises(DataError, match=r"contents are an Excel workbook.*save it as CSV"):
            rows(write(tmp_path, "t.csv", start + b"\0" * 100))


def test_a_value_of_many_lines_may_look_like_rows(tmp_path: Path) -> None:
    text = "Colours:\nred, blue, green\nS, M, L\n36, 37, 38"
    values = [{"id": "1", "name": "Lamp", "text": text}, {"id": "2", "name": "Rug", "text": ""}]
    assert [row for _, row in rows(write(tmp_path, "t.csv", as_csv(values)))] == values
    sizes = "Sizes,S to L\nred,S\n\nWash it cold, and dry it flat."
    broken = [{"id": "7", "text": sizes}, {"id": "8", "text": "a,b\nc,d\ne,f,g\nh,i"}]
    assert [row for _, row in rows(write(tmp_path, "b.csv", as_csv(broken)))] == broken
    short = [{"id": "7", "text": "Sizes\n36, 37"}]
    assert [row for _, row in rows(write(tmp_path, "s.csv", as_csv(short)))] == short


@given(
    lines=st.lists(
        st.text(st.sampled_from('ab1,;\t"\r\n é\0'), max_size=14).map(str.encode)
        | st.sampled_from([b"\xfc", b'1,"a', b'2,b"', b'"', b"1,2", b"a\tb", b'1\t"'])
    ),
    name=st.sampled_from(["any.csv", "any.tsv", "any.jsonl"]),
)
def test_every_line_is_in_a_row_that_is_kept_or_rejected(
    tmp_path_factory: pytest.TempPathFactory, lines: list[bytes], name: str
) -> None:
    content = b"id,title\n" if name == "any.csv" else b"id\ttitle\n"
    content += b"\n".join(lines)
    found = rows(write(tmp_path_factory.getbasetemp(), name, content))
    covered = [
        start + more
        for start, row in found
        for more in range(1 if isinstance(row, Rejected) else 1 + "".join(row.values()).count("\n"))
    ]
    json_lines = name == "any.jsonl"
    assert covered == [
        number
        for number, line in enumerate(content.split(b"\n"), start=1)
        if (line.strip(None if json_lines else b"\r") and (json_lines or number > 1))
        or number in covered  # a blank line within quotes
    ]


@given(
    values=st.lists(
        st.fixed_dictionaries({name: st.text(st.sampled_from('aé,;"\n ')) for name in "abc"}),
        min_size=1,
    )
)
def test_a_table_that_python_writes_is_read_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, values: list[dict[str, str]]
) -> None:
    folder = tmp_path_factory.getbasetemp()
    assert [row for _, row in rows(write(folder, "w.csv", as_csv(values)))] == values


EXCEL = "Artikel;Name;Preis\r\n1;Große Lampe;12,50\r\n2;Bücher „alt“, groß;8,00\r\n"
LAMPS = [
    {"Artikel": "1", "Name": "Große Lampe", "Preis": "12,50"},
    {"Artikel": "2", "Name": "Bücher „alt“, groß", "Preis": "8,00"},
]


@pytest.mark.parametrize(
    "content",
    [
        EXCEL.encode(),
        EXCEL.encode("utf-8-sig"),
        EXCEL.encode("cp1252"),
        EXCEL.encode("utf-16"),
        b"sep=;\r\n" + EXCEL.encode("cp1252"),
        EXCEL.replace("\r\n", ";;\r\n").encode(),
        (EXCEL.replace(";", "\t")).encode("utf-16"),
        gzip.compress(EXCEL.encode("cp1252"), mtime=0),
    ],
)
def test_what_excel_writes_is_read_without_settings(tmp_path: Path, content: bytes) -> None:
    assert [row for _, row in rows(write(tmp_path, "t.csv", content))] == LAMPS


def test_a_header_that_two_delimiters_fit_has_the_most_columns(tmp_path: Path) -> None:
    content = b"id;title;price (EUR, gross)\n1;Lamp;12,50\n2;Rug;8,00\n"
    assert [row for _, row in rows(write(tmp_path, "t.csv", content))] == [
        {"id": "1", "title": "Lamp", "price (EUR, gross)": "12,50"},
        {"id": "2", "title": "Rug", "price (EUR, gross)": "8,00"},
    ]


def test_commas_behind_the_last_column_are_no_columns(tmp_path: Path) -> None:
    content = b"id,title,,\n1,Lamp,,\n2,Rug\n3,Pan,,,\n4,Mug,,,x\n5\n"
    found = rows(write(tmp_path, "t.csv", content))
    assert [row for _, row in found[:3]] == [
        {"id": str(n), "title": title} for n, title in enumerate(["Lamp", "Rug", "Pan"], start=1)
    ]
    assert [reason(row) for row in found[3:]] == [
        "5 columns where the header has 4",
        "1 columns where the header has 4",
    ]


def test_encoding_and_delimiter_may_be_given(tmp_path: Path) -> None:
    file = write(tmp_path, "t.csv", "id:nazwa\n1:żółte koło\n".encode("cp1250"))
    (span,) = files.spans(file, encoding="cp1250", delimiter=":")
    assert list(files.rows(span)) == [(2, {"id": "1", "nazwa": "żółte koło"})]
    file = write(tmp_path, "t.jsonl", '{"a": "é"}\n{"a": "è"}'.encode("utf-16"))
    assert rows(file, span_bytes=5) == [(1, {"a": "é"}), (2, {"a": "è"})]
    file = write(tmp_path, "t.json", '[{"a": "é"}]'.encode("latin-1"))
    (span,) = files.spans(file, encoding="latin-1")
    assert list(files.rows(span)) == [(1, {"a": "é"})]


@pytest.mark.parametrize(
    "content",
    [
        "id,name\n1,żółte koło\n2,kość słoniowa".encode("cp1250"),
        "id,name\n1,красная лампа".encode("cp1251"),
        "id,name\n1,テスト ランプ".encode("shift_jis"),
        "id,name\n1,红色的灯".encode("gbk"),
    ],
)
def test_what_is_not_plainly_western_is_rejected_never_guessed(
    tmp_path: Path, content: bytes
) -> None:
    for row in rows(write(tmp_path, "t.csv", content)):
        assert reason(row).startswith("not UTF-8: byte 0x")


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("empty.jsonl", b"", "empty"),
        ("blank.csv", b"\xef\xbb\xbf \n\n", "empty"),
        ("empty.json.gz", gzip.compress(b"", mtime=0), "empty"),
        ("wide.csv", "a,b\n1,2".encode("utf-16-le"), "UTF-16"),
        ("cut.parquet", b"PAR1" + b"x" * 100, "Parquet"),
        ("text.parquet", b'{"a": 1}\n' * 10, "Parquet"),
        ("really.jsonl", b"PAR1" + b"x" * 100, "name it"),
        ("pretty.json", b'{\n "a": 1\n}\n', "over many lines"),
        ("twice.csv", b"a,b,a\n1,2,3\n", "twice: a"),
        ("head.csv", b"a,\xe9\xc3\xa9\n1,2\n", "header"),
        ("noname.csv", b",,\n1,2,3\n", "names no column"),
        ("rows.txt", b"a", "files of this kind are not read"),
        ("table.parquet.gz", gzip.compress(b"PAR1", mtime=0), "files of this kind are not read"),
    ],
)
def test_a_file_that_is_wrong_as_a_whole_is_one_error_that_names_it(
    tmp_path: Path, name: str, content: bytes, said: str
) -> None:
    file = write(tmp_path, name, content)
    with pytest.raises(DataError, match=said) as caught:
        rows(files.find(file)[0])
    assert str(caught.value).startswith(file)


def test_damage_inside_a_parquet_is_one_error(tmp_path: Path) -> None:
    file = tmp_path / "rows.parquet"
    pq.write_table(pa.table({"a": [str(n * 7919) for n in range(10_000)]}), file)
    content = bytearray(file.read_bytes())
    content[100:2_000] = b"\xff" * 1_900
    file.write_bytes(content)
    with pytest.raises(DataError, match=str(file)):
        rows(str(file))


def test_a_parquet_string_that_is_not_utf8_spoils_its_own_row_only(tmp_path: Path) -> None:
    raw = pa.array([b"x", b"\xe9t", b"z"], pa.binary())
    text = pa.Array.from_buffers(pa.string(), 3, raw.buffers())
    pq.write_table(pa.table({"a": text}), tmp_path / "t.parquet")
    first, bad, last = rows(str(tmp_path / "t.parquet"))
    assert (first, last) == ((1, {"a": "x"}), (3, {"a": "z"}))
    assert reason(bad) == "not UTF-8: byte 0xe9"


def test_a_parquet_value_that_python_does_not_have_spoils_its_own_row_only(tmp_path: Path) -> None:
    days = pa.array([1, 2**31 - 1], pa.int32()).cast(pa.date32())
    pq.write_table(pa.table({"a": days}), tmp_path / "t.parquet")
    first, bad = rows(str(tmp_path / "t.parquet"))
    assert isinstance(first[1], dict)
    assert "cannot be read" in reason(bad)


def test_find_lists_readable_files_at_any_depth_in_order(tmp_path: Path) -> None:
    readable = ["a.jsonl", "b/c/d.parquet", "b/z.csv", "e.json.gz"]
    for name in [*readable, "f.txt", ".h.json", "_i/j.tsv", "k/l.txt"]:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    expected = [str(tmp_path / name) for name in readable]
    assert files.find(str(tmp_path)) == expected
    assert files.find(f"{tmp_path}/") == expected
    with pytest.raises(DataError, match="no file of a kind that is read"):
        files.find(str(tmp_path / "k"))
    with pytest.raises(DataError, match="no such file"):
        files.find(str(tmp_path / "gone"))
    with pytest.raises(DataError, match="no such file"):
        list(files.rows(files.Span(str(tmp_path / "gone.jsonl"))))


@pytest.mark.parametrize("scheme", ["file", "memory"])
def test_urls_are_read_by_pyarrow_or_else_by_fsspec(tmp_path: Path, scheme: str) -> None:
    fsspec = pytest.importorskip("fsspec")
    base = f"{scheme}://{tmp_path}"
    with fsspec.open(f"{base}/sub/rows.jsonl", "wb", auto_mkdir=True) as stream:
        stream.write(as_lines(ROWS))
    (url,) = files.find(base)
    assert url == f"{base}/sub/rows.jsonl"
    assert files.find(url) == [url]
    assert rows(url, span_bytes=20) == list(enumerate(ROWS, start=1))


def test_a_url_that_nothing_opens_is_an_error() -> None:
    with pytest.raises(DataError, match="nosuch://x"):
        files.find("nosuch://x/y.jsonl")


def test_real_rows_are_those_that_json_reads(ecom_data: Path) -> None:
    for file in files.find(str(ecom_data / "ec_guide")):
        lines = Path(file).read_bytes().split(b"\n")
        expected = [(n, json.loads(line)) for n, line in enumerate(lines, 1) if line.strip()]
        assert rows(file, span_bytes=100_000) == expected
