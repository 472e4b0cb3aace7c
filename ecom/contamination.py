"""Was a test question learned? Evaluation rows whose wording stands in a corpus, with row ids.

    evaluation ──► index: where does each n-gram of its questions stand?
    corpus ──► pass 1: how many rows hold each of these n-grams, and each of these words?
    corpus ──► pass 2: which rare n-grams of which question does this row hold? ──► Report

Both passes stream, so the evaluation alone bounds the memory. Pairs are compared exactly, through
the inverted index: rows that share anything share an n-gram, so nothing is left for MinHash to
estimate. A corpus row is its prompt and its output, as a reversed row answers what others ask. Of
an artifact only the split `train` counts: nothing is learned or chosen from the validation rows.

Words are compared (NFKC, case folded; every Chinese or Japanese character is one), in n-grams of 3.
A question's n-grams end where its units end (a line, an option, a quoted title, a sentence), so
neither options in another order nor other wording around a title hide anything. A unit of fewer
words is one n-gram. Template wording is no contamination:

  - an n-gram that more than 10 other rows hold, or more than 3 other questions, is ignored. Ten is
    the rule of GPT-3 (Brown et al. 2020, appendix C); a prompt that is repeated counts once.
  - the words of the other n-grams weigh log(rows / other rows with the word), the idf of tf-idf.

    exact            the same letters and digits in the same order
    near-duplicate   one corpus row holds half of a question's weight
    n-gram           all corpus rows hold a quarter of it, in passages of at least 8 words

A near-duplicate must weigh more than chance explains. A question whose rare words are too light for
that (a query of common words) is one where a corpus row holds every n-gram of it. What this misses:
a changed word in a query of three, and wording that recurs, changed each time, as often as a
template does. What it may report in error: a template that only two or three rows have.
"""

import math
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

from ecom import progress, shopbench
from ecom.errors import DataError
from ecom.rows import EXAMPLE_SCHEMA, Example

if TYPE_CHECKING:
    from rich.table import Table

Kind = Literal["exact", "near-duplicate", "n-gram"]
KINDS: tuple[Kind, ...] = get_args(Kind)  # the strongest first
MAX_SHOWN = 20

# Chosen on ShopBench's 96 development rows and 41,943 real training rows. One of these rows quotes
# three product titles of a question, and nothing else is found. Of the 96, planted among them, all
# are found verbatim or with shuffled options, 85 with 10 % of the words changed; most others are
# queries of four words and fewer.
_N = 3
_COMMON, _COMMON_ASKED = 10, 3  # other rows, questions with an n-gram before it is a template's
_NEAR = 0.5  # share of the weight
_CHANCE = 0.1  # matches of such weight in all pairs, had the words fallen independently
_PASSAGE = 8  # words
_QUOTED = 0.25  # share of the weight, in passages
_EXCERPT = 80  # characters
_NO_WORD = -1

_CJK = "\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_WORD = re.compile(rf"[{_CJK}]|[^\W_{_CJK}]+")
_UNIT_ENDS = re.compile(
    r"\n|(?<!\S)[(\[]?\d{1,2}[.)\]](?!\d)"  # a line; "2. ", "(2)", "[2]", but not "2.5"
    r"|[:;\"“”„«»。！？：；、]|[.!?](?=\s|$)"
    r"|(?<!\w)['‘’]|['‘’](?!\w)"  # a quotation mark, not an apostrophe
)


@dataclass(frozen=True, slots=True)
class Overlap:
    """An evaluation row found in the corpus, and the corpus row that has the most of it.

    `corpus_source` is that row's file and line, or its source and task in an artifact. `share` is
    the weight found over the question's weight, and 1 for an exact copy. `text` is the heaviest run
    of words that both rows say, shortened. `others` counts further corpus rows: for an n-gram those
    with a passage, else exact copies and near-duplicates.
    """

    evaluation_id: str
    evaluation_line: int
    corpus_id: str
    corpus_source: str
    kind: Kind
    share: float
    text: str
    others: int


@dataclass(frozen=True, slots=True)
class Report:
    """What was compared, how many rows were skipped as unreadable, and the overlaps.

    The strongest overlaps come first: by kind, then by share.
    """

    evaluation_rows: int
    corpus_rows: int
    evaluation_skipped: int
    corpus_skipped: int
    overlaps: tuple[Overlap, ...]


@dataclass(frozen=True, slots=True)
class _Row:
    """A row to compare. `answer` is empty where it is no text."""

    id: str
    source: str
    line: int
    prompt: str
    answer: str


def find(corpus: Path, evaluation: Path) -> Report:
    """Return which rows of `evaluation`, a file of ShopBench JSON lines, stand in `corpus`.

    `corpus` is a corpus artifact, or a file of ShopBench JSON lines, or a folder of such files.
    Rows that cannot be read are skipped and counted. Raises DataError where none is left.
    """
    read = list(_file_rows(evaluation, evaluation.name))
    questions = [row for row in read if isinstance(row, _Row)]
    if not questions:
        raise _nothing_in(evaluation, read)
    index, skipped = _Index(questions), 0
    with progress.bar() as bar:
        for row in bar.track(_corpus_rows(corpus), description="contamination: count"):
            if isinstance(row, _Row):
                index.count(row)
            else:
                skipped += 1
        if not index.rows:
            raise _nothing_in(corpus, _corpus_rows(corpus))
        matches, total = _Matches(index, _Weights(index)), index.rows + skipped
        for row in bar.track(_corpus_rows(corpus), total, description="contamination: compare"):
            if isinstance(row, _Row):
                matches.compare(row)
    overlaps = sorted(matches.overlaps(), key=_strength)
    left_out = len(read) - len(questions)
    return Report(len(questions), index.rows, left_out, skipped, tuple(overlaps))


def _strength(overlap: Overlap) -> tuple[int, float, int]:
    return KINDS.index(overlap.kind), -overlap.share, overlap.evaluation_line


def to_json(report: Report) -> dict[str, Any]:
    """Return the report as plain dicts and lists."""
    return {**asdict(report), "overlaps": [asdict(overlap) for overlap in report.overlaps]}


def table(report: Report) -> "Table":
    """Return the first 20 overlaps as a table; its title counts all of them."""
    from rich.markup import escape
    from rich.table import Table

    shown = Table(title=_title(report), title_justify="left", caption_justify="left")
    for column in ("line", "kind", "share", "corpus row", "others", "both say"):
        number = column in ("line", "share", "others")
        shown.add_column(column, justify="right" if number else "left")
    for overlap in report.overlaps[:MAX_SHOWN]:
        shown.add_row(
            str(overlap.evaluation_line),
            overlap.kind,
            f"{overlap.share:.2f}",
            escape(f"{overlap.corpus_source} {overlap.corpus_id}"),
            str(overlap.others),
            escape(overlap.text),
        )
    more = len(report.overlaps) - MAX_SHOWN
    shown.caption = f"and {more} more; --json lists all" if more > 0 else None
    return shown


def _title(report: Report) -> str:
    kinds = Counter(overlap.kind for overlap in report.overlaps)
    listed = ", ".join(f"{kinds[kind]} {kind}" for kind in KINDS if kinds[kind])
    skipped = report.evaluation_skipped + report.corpus_skipped
    return (
        f"{len(report.overlaps)} of {report.evaluation_rows} evaluation rows overlap with "
        f"{report.corpus_rows} corpus rows"
        + (f": {listed}" if listed else "")
        + (f" ({skipped} unreadable rows skipped)" if skipped else "")
    )


class _Index:
    """The n-grams of the evaluation: where they stand, and how many corpus rows hold them.

    Questions, words and n-grams are numbered. So are the places of words, through all questions; a
    place without a word parts two units, so that a run of places is a run of words.
    """

    def __init__(self, rows: Iterable[_Row]) -> None:
        self.asked: dict[str, list[_Row]] = {}  # a question is one prompt, on one line or more
        for row in rows:
            self.asked.setdefault(_letters(row.prompt), []).append(row)
        self.words: dict[str, int] = {}
        self.grams: dict[tuple[int, ...], int] = {}
        self.places: list[list[int]] = []  # by n-gram: of its first word
        self.word_at: list[int] = []  # by place
        self.owner: list[int] = []  # by place: the question
        self.spans: list[range] = []  # by question: its places
        for question, (row, *_) in enumerate(self.asked.values()):
            self._add(question, row.prompt)
        self.sizes = [len(gram) for gram in self.grams]
        self.rows = 0  # of the corpus
        self.word_rows = Counter[int]()
        self.holders: dict[int, list[int]] = {}  # by n-gram: up to 11 prompts, as hashes

    def _add(self, question: int, prompt: str) -> None:
        begin = len(self.word_at)
        for unit in _units(_fold(prompt)):
            ids = [self.words.setdefault(word.group(), len(self.words)) for word in unit]
            for offset, gram in enumerate(_grams(ids, min(_N, len(ids)))):
                number = self.grams.setdefault(gram, len(self.grams))
                if number == len(self.places):
                    self.places.append([])
                self.places[number].append(len(self.word_at) + offset)
            self.word_at += [*ids, _NO_WORD]
        self.spans.append(range(begin, len(self.word_at)))
        self.owner += [question] * len(self.spans[-1])

    def askers(self, gram: int) -> set[int]:
        """Return the questions that hold an n-gram."""
        return {self.owner[place] for place in self.places[gram]}

    def count(self, row: _Row) -> None:
        """Count a corpus row among the rows of its words, its prompt among those of its n-grams."""
        self.rows += 1
        words = self.ids(row)
        self.word_rows.update(set(words))
        prompt = hash(row.prompt)
        for gram in self.held(words):
            holders = self.holders.setdefault(gram, [])
            if len(holders) <= _COMMON and prompt not in holders:
                holders.append(prompt)

    def ids(self, row: _Row) -> list[int]:
        """Return the words of a corpus row; those that the evaluation lacks are _NO_WORD."""
        words = _WORD.findall(_fold(f"{row.prompt}\n{row.answer}"))
        return [self.words.get(word, _NO_WORD) for word in words]

    def held(self, ids: list[int]) -> list[int]:
        """Return the n-grams of the evaluation that a row of these words holds."""
        found = {gram for size in range(1, _N + 1) for gram in _grams(ids, size)}
        return [self.grams[gram] for gram in found & self.grams.keys()]


class _Weights:
    """What is rare, and what every place and question weighs, once all rows are counted."""

    def __init__(self, index: _Index) -> None:
        askers = [len(index.askers(gram)) - 1 for gram in range(len(index.places))]
        others = [n + len(index.holders.get(gram, ())) for gram, n in enumerate(askers)]
        self.rare = [
            rows <= _COMMON and questions <= _COMMON_ASKED
            for rows, questions in zip(others, askers, strict=True)
        ]
        idf = _idf(index)
        self.at = [0.0] * len(index.word_at)
        for gram, places in enumerate(index.places):
            if self.rare[gram]:
                for place in (i for p in places for i in range(p, p + index.sizes[gram])):
                    self.at[place] = idf[index.word_at[place]]
        self.of = [self.sum(span) for span in index.spans]
        self.least = math.log(index.rows * len(index.asked) / _CHANCE)
        # Questions with too few rare words, though with enough words: all their n-grams.
        self.light: dict[int, set[int]] = {
            question: set()
            for question, span in enumerate(index.spans)
            if self.of[question] < self.least <= sum(idf[index.word_at[i]] for i in span)
        }
        for gram in range(len(index.places)):
            for question in index.askers(gram) & self.light.keys():
                self.light[question].add(gram)
        self.light_by = defaultdict[int, list[int]](list)  # the rarest n-gram of each
        for question, grams in self.light.items():
            self.light_by[min(grams, key=lambda g: (others[g], g))].append(question)

    def sum(self, places: Iterable[int]) -> float:
        """Return the weight of places, the same in any order."""
        return math.fsum(self.at[place] for place in places)


def _idf(index: _Index) -> list[float]:
    """Return log(rows / other rows with the word) by word, and 0 for _NO_WORD, the last.

    A Chinese or Japanese character counts half: two of them are about a word, and fall together.
    """
    rows, word_rows = index.rows + len(index.asked), index.word_rows.copy()
    for span in index.spans:
        word_rows.update({index.word_at[place] for place in span})
    half = re.compile(f"[{_CJK}]")
    weights = [
        (0.5 if half.match(word) else 1.0) * math.log(rows / max(1, word_rows[number] - 1))
        for word, number in index.words.items()
    ]
    return [*weights, 0.0]


@dataclass(frozen=True, slots=True)
class _Match:
    """What one corpus row holds of a question: at these places, this share of its weight."""

    row: _Row
    share: float
    places: Collection[int]

    def rank(self) -> tuple[float, str, str]:
        """Return a key that puts the best match first, whatever the order of the corpus."""
        return (-self.share, self.row.id, self.row.source)


class _Matches:
    """What the corpus rows hold of each question: the best row of each kind, and how many."""

    def __init__(self, index: _Index, weights: _Weights) -> None:
        self.index, self.weights = index, weights
        self.numbers = {letters: number for number, letters in enumerate(index.asked)}
        self.best: dict[tuple[int, Kind], _Match] = {}
        self.count = Counter[tuple[int, Kind]]()
        self.quoted = defaultdict[int, set[int]](set)  # by question: places of all passages

    def compare(self, row: _Row) -> None:
        """Take what a corpus row holds of every question."""
        held = self.index.held(self.index.ids(row))
        same = self.numbers.get(_letters(row.prompt))
        if same is not None:
            self._take(same, "exact", _Match(row, 1.0, self.index.spans[same]))
        light = self._light_in(held) - {same}
        for question in light:
            self._take(question, "near-duplicate", _Match(row, 1.0, self.index.spans[question]))
        for question, places in self._rare_in(held).items():
            if question != same and question not in light:
                self._judge(question, row, places)

    def _light_in(self, held: list[int]) -> set[int]:
        """Return the light questions all of whose n-grams are held."""
        asked = (q for gram in held for q in self.weights.light_by.get(gram, ()))
        return {q for q in asked if self.weights.light[q].issubset(held)}

    def _rare_in(self, held: list[int]) -> dict[int, set[int]]:
        """Return the places, by question, of the rare n-grams held."""
        shared = defaultdict[int, set[int]](set)
        for gram in held:
            if self.weights.rare[gram]:
                for place in self.index.places[gram]:
                    span = range(place, place + self.index.sizes[gram])
                    shared[self.index.owner[place]].update(span)
        return shared

    def _judge(self, question: int, row: _Row, places: set[int]) -> None:
        weight, whole = self.weights.sum(places), self.weights.of[question]
        if weight >= max(_NEAR * whole, self.weights.least):
            self._take(question, "near-duplicate", _Match(row, weight / whole, places))
        elif passages := {i for run in _runs(places) if len(run) >= _PASSAGE for i in run}:
            self.quoted[question] |= passages
            share = self.weights.sum(passages) / whole
            self._take(question, "n-gram", _Match(row, share, passages))

    def _take(self, question: int, kind: Kind, match: _Match) -> None:
        key = question, kind
        self.count[key] += 1
        if key not in self.best or match.rank() < self.best[key].rank():
            self.best[key] = match

    def overlaps(self) -> Iterator[Overlap]:
        """Yield the overlap of every evaluation row that has one."""
        for question, rows in enumerate(self.index.asked.values()):
            kind = next((kind for kind in KINDS if self.count[question, kind]), None)
            if kind is None:
                continue
            best = self.best[question, kind]
            share, others = best.share, self.count[question, kind] - 1
            if kind == "exact":
                others += self.count[question, "near-duplicate"]
            if kind == "n-gram":
                share = self.weights.sum(self.quoted[question]) / self.weights.of[question]
                if share < _QUOTED:
                    continue
            text = _excerpt(rows[0].prompt, self._heaviest_run(question, best.places))
            at = best.row.id, best.row.source
            for row in rows:
                yield Overlap(row.id, row.line, *at, kind, round(share, 4), text, others)

    def _heaviest_run(self, question: int, places: Collection[int]) -> range:
        """Return the run of words that weighs most, its places counted from the question's."""
        words = [place for place in places if self.index.word_at[place] != _NO_WORD]
        runs = _runs(words)
        run = max(runs, key=lambda run: (self.weights.sum(run), len(run)), default=[])
        first = self.index.spans[question].start
        return range(run[0] - first, run[-1] - first + 1) if run else range(0)


def _fold(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _letters(prompt: str) -> str:
    """Return the letters and digits of a prompt, or all its characters where it has neither."""
    folded = _fold(prompt)
    return "".join(_WORD.findall(folded)) or "".join(folded.split())


def _units(folded: str) -> Iterator[list[re.Match[str]]]:
    """Yield the words of each unit that has any."""
    begin = 0
    for end in _UNIT_ENDS.finditer(folded):
        yield from filter(None, [list(_WORD.finditer(folded, begin, end.start()))])
        begin = end.end()
    yield from filter(None, [list(_WORD.finditer(folded, begin))])


def _grams(ids: list[int], size: int) -> Iterable[tuple[int, ...]]:
    return zip(*(ids[offset:] for offset in range(size)), strict=False)


def _runs(places: Collection[int]) -> Iterator[list[int]]:
    """Yield the runs of consecutive places, from the first to the last."""
    run: list[int] = []
    for place in sorted(places):
        if run and place != run[-1] + 1:
            yield run
            run = []
        run.append(place)
    if run:
        yield run


def _excerpt(prompt: str, run: range) -> str:
    """Return a run of a prompt's words, or all of a prompt without words; 80 folded characters."""
    folded = _fold(prompt)
    spans = [span for unit in _units(folded) for span in (*(word.span() for word in unit), (0, 0))]
    begin, end = (spans[run[0]][0], spans[run[-1]][1]) if run else (0, len(folded))
    return " ".join(folded[begin:end].split())[:_EXCERPT].rstrip()


def _corpus_rows(path: Path) -> Iterator[_Row | str]:
    """Yield the rows of a corpus, or what is wrong with them."""
    shards = sorted((path / "train").glob("*.parquet"))
    for shard in shards:
        yield from _shard_rows(shard)
    for file in [] if shards else _files(path):
        yield from _file_rows(file, str(file.relative_to(path)) if path.is_dir() else file.name)


def _shard_rows(shard: Path) -> Iterator[_Row]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    names = EXAMPLE_SCHEMA.names
    try:
        file = pq.ParquetFile(shard)
        if missing := set(names) - set(file.schema_arrow.names):
            raise DataError(
                f"{shard}: no column {', '.join(sorted(missing))}; make the corpus again"
            )
        for batch in file.iter_batches(columns=names):
            for row in batch.to_pylist():
                example = Example(**{k: v for k, v in row.items() if v is not None or k == "skill"})
                source = f"{example.source}/{example.task}"
                yield _Row(example.id, source, 0, example.text(), example.output)
    except (pa.ArrowException, OSError) as error:
        raise DataError(f"{shard}: cannot be read: {error}; make the corpus again") from None


def _files(path: Path) -> list[Path]:
    """Return a file itself, or the files of JSON lines below a folder; DataError for none."""
    if not path.is_dir():
        return [path]
    kinds = ("*.json", "*.jsonl", "*.json.gz", "*.jsonl.gz")
    found = sorted(file for kind in kinds for file in path.rglob(kind))
    if not found:
        raise DataError(
            f"{path}: neither a corpus artifact (train/*.parquet) nor a folder of JSON lines "
            "(*.json, *.jsonl, or .gz of them); name one of these"
        )
    return found


def _file_rows(file: Path, name: str) -> Iterator[_Row | str]:
    for line, row in shopbench.read(file):
        fault = row.reason if isinstance(row, shopbench.Rejected) else shopbench.question_fault(row)
        if fault or isinstance(row, shopbench.Rejected):
            yield f"{file}:{line}: {fault}"
            continue
        answer = row.get("output_field")
        text = answer if isinstance(answer, str) else ""
        mark = shopbench.row_id(row, line)
        yield _Row(mark, f"{name}:{line}", line, row["input_field"], text)


def _nothing_in(path: Path, rows: Iterable[_Row | str]) -> DataError:
    first = next((f"; {row}" for row in rows if isinstance(row, str)), "")
    return DataError(
        f"{path}: no question in it{first}; give ShopBench JSON lines (input_field, …)"
    )
