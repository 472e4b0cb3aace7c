"""Where the n-grams of the evaluation stand, who else holds them, and what they weigh."""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable

from ecom.contamination.rows import Row
from ecom.contamination.words import CJK, WORD, fold, grams, letters, units

# Chosen on ShopBench's 96 development rows and 41,943 real training rows. Among these one row
# quotes three product titles of a question, and nothing else is found. Of the 96, planted among
# them, all are found verbatim or with shuffled options, 85 with 10 % of the words changed; most
# others are queries of four words and fewer.
N = 3
COMMON, COMMON_ASKED = 10, 3  # other rows, questions with an n-gram before it is a template's
CHANCE = 0.1  # matches of such weight in all pairs, had the words fallen independently
NO_WORD = -1


class Index:
    """The n-grams of the evaluation: where they stand, and how many corpus rows hold them.

    Questions, words and n-grams are numbered. So are the places of words, through all questions; a
    place without a word parts two units, so that a run of places is a run of words.
    """

    def __init__(self, rows: Iterable[Row]) -> None:
        self.asked: dict[str, list[Row]] = {}  # a question is one prompt, on one line or more
        for row in rows:
            self.asked.setdefault(letters(row.prompt), []).append(row)
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
        for unit in units(fold(prompt)):
            ids = [self.words.setdefault(word.group(), len(self.words)) for word in unit]
            for offset, gram in enumerate(grams(ids, min(N, len(ids)))):
                number = self.grams.setdefault(gram, len(self.grams))
                if number == len(self.places):
                    self.places.append([])
                self.places[number].append(len(self.word_at) + offset)
            self.word_at += [*ids, NO_WORD]
        self.spans.append(range(begin, len(self.word_at)))
        self.owner += [question] * len(self.spans[-1])

    def askers(self, gram: int) -> set[int]:
        """Return the questions that hold an n-gram."""
        return {self.owner[place] for place in self.places[gram]}

    def count(self, row: Row) -> None:
        """Count a corpus row among the rows of its words, its prompt among those of its n-grams."""
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
        found = {gram for size in range(1, N + 1) for gram in grams(ids, size)}
        return [self.grams[gram] for gram in found & self.grams.keys()]


class Weights:
    """What is rare, and what every place and question weighs, once all rows are counted."""

    def __init__(self, index: Index) -> None:
        askers = [len(index.askers(gram)) - 1 for gram in range(len(index.places))]
        others = [n + len(index.holders.get(gram, ())) for gram, n in enumerate(askers)]
        self.rare = [
            rows <= COMMON and questions <= COMMON_ASKED
            for rows, questions in zip(others, askers, strict=True)
        ]
        idf = _idf(index)
        self.at = [0.0] * len(index.word_at)
        for gram, places in enumerate(index.places):
            if self.rare[gram]:
                for place in (i for p in places for i in range(p, p + index.sizes[gram])):
                    self.at[place] = idf[index.word_at[place]]
        self.of = [self.sum(span) for span in index.spans]
        self.least = math.log(index.rows * len(index.asked) / CHANCE)
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
        for question, held in self.light.items():
            self.light_by[min(held, key=lambda g: (others[g], g))].append(question)

    def sum(self, places: Iterable[int]) -> float:
        """Return the weight of places, the same in any order."""
        return math.fsum(self.at[place] for place in places)


def _idf(index: Index) -> list[float]:
    """Return log(rows / other rows with the word) by word, and 0 for NO_WORD, the last.

    A Chinese or Japanese character counts half: two of them are about a word, and fall together.
    """
    rows, word_rows = index.rows + len(index.asked), index.word_rows.copy()
    for span in index.spans:
        word_rows.update({index.word_at[place] for place in span})
    half = re.compile(f"[{CJK}]")
    weights = [
        (0.5 if half.match(word) else 1.0) * math.log(rows / max(1, word_rows[number] - 1))
        for word, number in index.words.items()
    ]
    return [*weights, 0.0]
