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
