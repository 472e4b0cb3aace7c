"""Was a test question learned? Evaluation rows whose wording is in a corpus, with row ids.

    evaluation ──► index: where is each n-gram of its questions?
    corpus ──► pass 1: how many rows hold each of these n-grams, and each of these words?
    corpus ──► pass 2: which rare n-grams of which question does this row hold? ──► Report

Both passes stream, so memory depends on the evaluation alone. Pairs are compared exactly, through
the inverted index: rows that share anything share an n-gram, so MinHash is not needed. The text of
a corpus row is its prompt and its output, since a reversed row answers with what others ask. Of an
artifact only the split `train` counts: nothing is learned or chosen from the validation rows.

Words are compared (NFKC, case folded; every Chinese or Japanese character is one), in n-grams of 3.
A question's n-grams end where its units end (a line, an option, a quoted title, a sentence), so
reordered options or other wording around a title hide nothing. A unit of fewer words is one n-gram.
Template wording is not contamination:

  - an n-gram that more than 10 other rows or more than 3 other questions hold is ignored. Ten is
    the rule of GPT-3 (Brown et al. 2020, appendix C); a prompt that is repeated counts once.
  - the words of the other n-grams weigh log(rows / other rows with the word), the idf of tf-idf.
    Where two or more others hold the n-gram, it is a phrase: its words together weigh no more than
    the n-gram's own idf. So a stock phrase tells little in a small corpus, too, in which it stands
    in less than ten rows.

    exact            the same letters and digits in the same order
    near-duplicate   one corpus row holds half of a question's weight
    n-gram           all corpus rows hold a quarter of it, in passages of at least 8 words

A near-duplicate must weigh more than chance explains. Where the rare words of a question are too
light for that (a query of common words), a corpus row must hold every n-gram of it. Missed are a
changed word in a query of three, and wording that recurs, with changes, as often as a template.
Reported in error may be a template that only two or three rows have.
"""

from ecom.contamination.examples import check_examples
from ecom.contamination.report import KINDS, MAX_SHOWN, Kind, Overlap, Report, table, to_json
from ecom.contamination.search import copies, find

__all__ = [
    "KINDS",
    "MAX_SHOWN",
    "Kind",
    "Overlap",
    "Report",
    "check_examples",
    "copies",
    "find",
    "table",
    "to_json",
]
