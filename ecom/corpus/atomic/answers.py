"""Answers in the officially safe text of their form: what most transforms end with.

Each function yields one `Made`, or none where the facts do not make a sound question: too few
options, two that say the same, an answer that the contest's parser would read as something else.
Options are shuffled, so that every position is as likely to be right as any other.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from random import Random
from typing import TypeVar

from ecom.corpus.atomic.base import Made
from ecom.corpus.atomic.texts import key, one_line
from ecom.forms import FORMS, FormName
from ecom.forms.retrieval import MAX_ITEMS

T = TypeVar("T")
MAX_OPTIONS = 10  # the contest's parser reads one digit
MAX_CHARACTERS = 5_000  # of an answer: the contest's parser cuts what is longer


def choice(
    right: str,
    wrong: Sequence[str],
    rng: Random,
    *,
    fewest: int = 3,
    input: str = "",
    slots: Mapping[str, str] | None = None,
    parents: Sequence[str] = (),
) -> Iterator[Made]:
    """Multiple choice of `right` among the first nine of `wrong`; none if those are < `fewest`."""
    options = [one_line(option) for option in (right, *wrong[: MAX_OPTIONS - 1])]
    if len(wrong) < fewest or not _distinct(options):
        return
    order = rng.sample(range(len(options)), len(options))
    yield Made(
        output=FORMS["multiple-choice"].emit(order.index(0)),
        input=input.strip(),
        options=tuple(options[place] for place in order),
        slots=slots or {},
        parents=tuple(parents),
    )


def yes_no(
    truth: bool,
    words: Mapping[str, str],
    rng: Random,
    *,
    input: str,
    slots: Mapping[str, str] | None = None,
    parents: Sequence[str] = (),
) -> Iterator[Made]:
    """Multiple choice of yes and no, in either order."""
    answers = [words["answer_yes"], words["answer_no"]]
    right, wrong = answers if truth else reversed(answers)
    yield from choice(right, [wrong], rng, fewest=1, input=input, slots=slots, parents=parents)


def drawn(yes: Sequence[T], no: Sequence[T], rng: Random) -> tuple[bool, T] | None:
    """Draw yes or no, one as likely as the other, and a thing for which it is true.

    None where there is nothing of either: a record that could only give one of the answers would
    tip the balance.
    """
    truth = rng.random() < 0.5
    return (truth, rng.choice(yes if truth else no)) if yes and no else None


def evened(
    right: str, candidates: Sequence[T], n: int, rng: Random, text: Callable[[T], str]
) -> list[T]:
    """Return `n` of the candidates, so that length does not tell which option is right.

    How many of them are longer than the right one is drawn, as far as there are so many. Of the
    longer ones and of the others, the first are taken.
    """
    longer = [one for one in candidates if len(text(one)) > len(right)]
    rest = [one for one in candidates if len(text(one)) <= len(right)]
    count = rng.randint(0, n)
    chosen = longer[:count] + rest[: n - count]
    return (chosen + longer[count:] + rest[n - count :])[:n]


def numbers(
    right: Sequence[str],
    wrong: Sequence[str],
    rng: Random,
    *,
    fewest: int = 3,
    input: str = "",
    slots: Mapping[str, str] | None = None,
    parents: Sequence[str] = (),
) -> Iterator[Made]:
    """Retrieval of one to three right options; their numbers rise in the answer."""
    options = [one_line(option) for option in (*right, *wrong)]
    if not 1 <= len(right) <= MAX_ITEMS or len(wrong) < fewest or not _distinct(options):
        return
    order = rng.sample(range(len(options)), len(options))
    golds = [number for number, place in enumerate(order, start=1) if place < len(right)]
    yield Made(
        output=FORMS["retrieval"].emit(golds),
        input=input.strip(),
        options=tuple(options[place] for place in order),
        slots=slots or {},
        parents=tuple(parents),
    )


def ranking(
    graded: Sequence[tuple[float, str]],
    rng: Random,
    *,
    input: str = "",
    parents: Sequence[str] = (),
) -> Iterator[Made]:
    """Ranking of five options by falling grade; of equal ones the first listed comes first."""
    options = [one_line(option) for _, option in graded]
    if len(options) != 5 or not _distinct(options) or len({grade for grade, _ in graded}) == 1:
        return
    order = rng.sample(range(5), 5)
    best_first = sorted(range(5), key=lambda position: -graded[order[position]][0])
    yield Made(
        output=FORMS["ranking"].emit([position + 1 for position in best_first]),
        input=input.strip(),
        options=tuple(options[place] for place in order),
        parents=tuple(parents),
    )


def spans(
    terms: Sequence[str], *, input: str, slots: Mapping[str, str] | None = None
) -> Iterator[Made]:
    """Named entities; none where one holds a comma or a line break, which would split it."""
    first: dict[str, str] = {}
    for term in terms:
        first.setdefault(key(term) or term, term.strip())
    distinct = list(first.values())
    if distinct and not any("," in term or term != one_line(term) for term in distinct):
        yield from _safe("named_entity_recognition", distinct, input, slots)


def text(
    answer: str, *, input: str, slots: Mapping[str, str] | None = None, parents: Sequence[str] = ()
) -> Iterator[Made]:
    """Free text; none where there is none."""
    answer = answer.strip()
    if answer:
        yield from _safe("generation", answer, input, slots, parents)


def _safe(
    form: FormName,
    answer: str | list[str],
    input: str,
    slots: Mapping[str, str] | None,
    parents: Sequence[str] = (),
) -> Iterator[Made]:
    """The answer, if the contest's parser reads it back."""
    output = FORMS[form].emit(answer)
    if len(output) <= MAX_CHARACTERS and FORMS[form].official(output) == answer:
        yield Made(output, input.strip(), (), slots or {}, tuple(parents))


def _distinct(options: Sequence[str]) -> bool:
    """Whether all options say something, and no two the same."""
    said = [key(option) or option for option in options]
    return all(said) and len(set(said)) == len(said)
