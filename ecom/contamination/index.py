"""Positions of the evaluation's n-grams, how many other rows hold them, and their weights."""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable

from ecom.contamination.rows import Row
from ecom.contamination.words import CJK, WORD, fold, grams, letters, units

# Chosen on ShopBench's 96 development rows and 41,943 real training rows. Of these, one row quotes
# three product titles of a question, and nothing else is found. When the 96 are added to them, all
# are found verbatim or with shuffled options, and 85 with 10 % of the words changed; most of the
# others are queries of at most four words.
N = 3
COMMON, COMMON_ASKED = 10, 3  # most other rows, most other questions with a rare n-gram
CHANCE = 0.1  # expected matches of such weight in all pairs if words were independent
NO_WORD = -1


class Index:
    """The n-grams of the evaluation: their positions, and how many corpus rows hold them.

    Questions, words and n-grams are numbered. So are the positions of words, through all questions;
    a position without a word separates two units, so that a run of positions is a run of words.
    """

    def __init__(self, rows: Iterable[Row]) -> None:
        self.questions: dict[str, list[Row]] = {}  # all rows with the same prompt are one question
        for row in rows:
            self.questions.setdefault(letters(row.prompt), []).append(row)
        self.words: dict[str, int] = {}
        self.grams: dict[tuple[int, ...], int] = {}
        self.positions: list[list[int]] = []  # by n-gram: of its first word
        self.word_at: list[int] = []  # by position
        self.owner: list[int] = []  # by position: the question
        self.spans: list[range] = []  # by question: its positions
        for question, (row, *_) in enumerate(self.questions.values()):
            self._add(question, row.prompt)
        self.sizes = [len(gram) for gram in self.grams]
        self.rows = 0  # of the corpus
        self.word_rows = Counter[int]()
        self.holders: dict[int, list[int]] = {}  # by n-gram: up to 11 prompts, as hashes

    def _add(self, question: int, prompt: str) -> None:
        begin = len(self.word_at)
        for unit in units(fold(prompt)):
            ids = [self.words.setdefault(word.group(), len(self.words)) for word in unit]
            for offset, gram in enumerate(grams(ids, min(N, len(ids)))):
                number = self.grams.setdefault(gram, len(self.grams))
                if number == len(self.positions):
                    self.positions.append([])
                self.positions[number].append(len(self.word_at) + offset)
            self.word_at += [*ids, NO_WORD]
        self.spans.append(range(begin, len(self.word_at)))
        self.owner += [question] * len(self.spans[-1])

    def questions_with(self, gram: int) -> set[int]:
        """Return the questions that hold an n-gram."""
        return {self.owner[position] for position in self.positions[gram]}

    def count(self, row: Row) -> None:
        """Count a corpus row for each of its words, and its prompt for each of its n-grams."""
        self.rows += 1
        words = self.ids(row)
        self.word_rows.update(set(words))
        prompt = hash(row.prompt)
        for gram in self.held(words):
            holders = self.holders.setdefault(gram, [])
            if len(holders) <= COMMON and prompt not in holders:
                holders.append(prompt)

    def ids(self, row: Row) -> list[int]:
        """Return the words of a corpus row; those that the evaluation lacks are NO_WORD."""
        words = WORD.findall(fold(f"{row.prompt}\n{row.answer}"))
        return [self.words.get(word, NO_WORD) for word in words]

    def held(self, ids: list[int]) -> list[int]:
        """Return the n-grams of the evaluation that a row of these words holds."""
        held = {gram for size in range(1, N + 1) for gram in grams(ids, size)}
        return [self.grams[gram] for gram in held & self.grams.keys()]


class Weights:
    """Which n-grams are rare, and the weight of every position and question, after the count."""

    def __init__(self, index: Index) -> None:
        shared_by = [len(index.questions_with(gram)) - 1 for gram in range(len(index.positions))]
        others = [n + len(index.holders.get(gram, ())) for gram, n in enumerate(shared_by)]
        self.rare = [
            rows <= COMMON and questions <= COMMON_ASKED
            for rows, questions in zip(others, shared_by, strict=True)
        ]
        idf, rows = _idf(index), index.rows + len(index.questions)
        self.at = [0.0] * len(index.word_at)
        for gram, positions in enumerate(index.positions):
            if self.rare[gram]:
                most = _of_phrase(rows, others[gram], index.sizes[gram])
                for position in (i for p in positions for i in range(p, p + index.sizes[gram])):
                    weight = min(idf[index.word_at[position]], most)
                    self.at[position] = max(self.at[position], weight)
        self.of = [self.sum(span) for span in index.spans]
        self.least = math.log(index.rows * len(index.questions) / CHANCE)
        # All n-grams of questions that have enough words, but too few rare ones.
        self.light: dict[int, set[int]] = {
            question: set()
            for question, span in enumerate(index.spans)
            if self.of[question] < self.least <= sum(idf[index.word_at[i]] for i in span)
        }
        for gram in range(len(index.positions)):
            for question in index.questions_with(gram) & self.light.keys():
                self.light[question].add(gram)
        self.light_by = defaultdict[int, list[int]](list)  # the rarest n-gram of each
        for question, held in self.light.items():
            self.light_by[min(held, key=lambda g: (others[g], g))].append(question)

    def sum(self, positions: Iterable[int]) -> float:
        """Return the weight of these positions, summed exactly: their order does not matter."""
        return math.fsum(self.at[position] for position in positions)


def _of_phrase(rows: int, others: int, words: int) -> float:
    """Return the most that a word of an n-gram weighs which `others` rows and questions hold.

    Where one has it, that may be the copy. Where more have it, it is a phrase: its words occur
    together, so all of them tell no more than the n-gram itself.
    """
    return math.log(rows / others) / words if others > 1 else math.inf


def _idf(index: Index) -> list[float]:
    """Return log(rows / other rows with the word) by word, and 0 for NO_WORD, the last.

    A Chinese or Japanese character counts half: a word has about two, which occur together.
    """
    rows, word_rows = index.rows + len(index.questions), index.word_rows.copy()
    for span in index.spans:
        word_rows.update({index.word_at[position] for position in span})
    half = re.compile(f"[{CJK}]")
    weights = [
        (0.5 if half.match(word) else 1.0) * math.log(rows / max(1, word_rows[number] - 1))
        for word, number in index.words.items()
    ]
    return [*weights, 0.0]
