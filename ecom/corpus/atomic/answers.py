"""Answers in the officially safe text of their form: the last step of all transforms.

Each function yields one `Made`, or none where the facts do not make a sound question: too few
options, two with the same meaning, or an answer that the contest's parser would read differently.
Options are shuffled, so that every position is equally likely to be right.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from random import Random

from ecom.corpus.atomic.base import Made, Option
from ecom.corpus.atomic.texts import key, one_line
from ecom.forms import FORMS, FormName
from ecom.forms.ordering import LETTERS, labelled
from ecom.forms.ranking import MAX_ITEMS as MAX_RANKED
from ecom.forms.retrieval import MAX_ITEMS

MAX_OPTIONS = 10  # the contest's parser reads one digit
OTHERS = MAX_OPTIONS - 1
MAX_CHARACTERS = 5_000  # of an answer: the contest's parser cuts longer ones
MAX_WRITTEN = 600  # characters of a text to be written; the answer to a question is even shorter
MAX_OPTION = 240  # characters of a text that is an option
Slots = Mapping[str, str]


def choice(
    right: Option,
    wrong: Sequence[Option],
    rng: Random,
    input: str = "",
    *,
    fewest: int = 3,
    slots: Slots | None = None,
    parents: Sequence[str] = (),
) -> Iterator[Made]:
    """Yield a multiple choice of `right` among the first nine of `wrong`, if there are `fewest`."""
    options = [right, *wrong[:OTHERS]]
    if len(wrong) >= fewest and _distinct(options):
        order = rng.sample(range(len(options)), len(options))
        output = FORMS["multiple-choice"].emit(order.index(0))
        yield _listed(output, options, order, input, slots, parents)


def named(
    right: Option,
    wrong: Sequence[Option],
    rng: Random,
    input: str = "",
    *,
    fewest: int = 3,
    slots: Slots | None = None,
    parents: Sequence[str] = (),
) -> Iterator[Made]:
    """Yield the same question as `choice`, answered with the text of the right option."""
    for made in choice(right, wrong, rng, input, fewest=fewest, slots=slots, parents=parents):
        text = FORMS["classification"].emit(one_line(right.text))
        if len(text) <= MAX_OPTION:
            yield replace(made, output=text)


def yes_no(
    truth: bool,
    words: Mapping[str, str],
    rng: Random,
    input: str,
    *,
    slots: Slots | None = None,
    parents: Sequence[str] = (),
) -> Iterator[Made]:
    """Multiple choice of yes and no, in either order."""
    said = [words["answer_yes"], words["answer_no"]]
    right, wrong = said if truth else reversed(said)
    order = rng.sample([right, wrong], 2)
    output = FORMS["multiple-choice"].emit(order.index(right))
    yield Made(output, input.strip(), tuple(order), slots or {}, _known(parents))


def yes_or_no(
    truth: bool,
    words: Mapping[str, str],
    input: str,
    *,
    slots: Slots | None = None,
    parents: Sequence[str] = (),
) -> Iterator[Made]:
    """Yes or no as a word; the wording's constraint names the two."""
    output = FORMS["classification"].emit(words["answer_yes" if truth else "answer_no"])
    yield Made(output, input.strip(), (), slots or {}, _known(parents))


def evened(right: Option, candidates: Sequence[Option], n: int, rng: Random) -> list[Option]:
    """Return `n` of the candidates, so that length does not reveal the right option.

    The number of candidates longer than the right one is random, as far as there are enough. Of the
    longer ones and of the others, the first are taken.
    """
    longer = [one for one in candidates if len(one.text) > len(right.text)]
    rest = [one for one in candidates if len(one.text) <= len(right.text)]
    count = rng.randint(0, n)
    return [*longer[:count], *rest[: n - count], *longer[count:], *rest[n - count :]][:n]


def numbers(
    right: Sequence[Option],
    wrong: Sequence[Option],
    rng: Random,
    input: str = "",
    *,
    fewest: int = 3,
    slots: Slots | None = None,
    parents: Sequence[str] = (),
) -> Iterator[Made]:
    """Retrieval of one to three right options; their numbers rise in the answer."""
    options = [*right, *wrong]
    if 1 <= len(right) <= MAX_ITEMS and len(wrong) >= fewest and _distinct(options):
        order = rng.sample(range(len(options)), len(options))
        golds = [number for number, index in enumerate(order, start=1) if index < len(right)]
        yield _listed(FORMS["retrieval"].emit(golds), options, order, input, slots, parents)


def ranking(graded: Sequence[tuple[float, Option]], rng: Random, input: str = "") -> Iterator[Made]:
    """Yield a ranking of five options by decreasing grade; equal ones keep their order."""
    options = [option for _, option in graded]
    if len(options) == 5 and _distinct(options) and len({grade for grade, _ in graded}) > 1:
        order = rng.sample(range(5), 5)
        best_first = sorted(range(5), key=lambda position: -graded[order[position]][0])
        output = FORMS["ranking"].emit([position + 1 for position in best_first])
        yield _listed(output, options, order, input)


def order(
    best_first: Sequence[Option],
    rng: Random,
    input: str = "",
    *,
    parents: Sequence[str] = (),
) -> Iterator[Made]:
    """Yield an ordering of three to ten options, given in the right order; none has a tie.

    They are printed in the input, behind letters. Where they are more than a ranking has, numbers
    are as likely.
    """
    count = len(best_first)
    if 3 <= count <= MAX_OPTIONS and _distinct(best_first):
        shown = rng.sample(range(count), count)
        numbers = [str(number) for number in range(1, count + 1)]
        labels = rng.choice([LETTERS, numbers]) if count > MAX_RANKED else LETTERS
        items = labelled([one_line(best_first[index].text) for index in shown], labels)
        output = FORMS["ordering"].emit([labels[shown.index(index)] for index in range(count)])
        known = _known([*parents, *(option.parent for option in best_first)])
        yield Made(output, f"{input}\n{items}".strip(), parents=known)


def spans(terms: Sequence[str], input: str, *, slots: Slots | None = None) -> Iterator[Made]:
    """Yield named entities; none where one has a comma or a line break, which would split it."""
    first: dict[str, str] = {}
    for term in terms:
        first.setdefault(key(term) or term, term.strip())
    distinct = list(first.values())
    if distinct and not any("," in term or term != one_line(term) for term in distinct):
        yield from _safe("named_entity_recognition", distinct, input, slots, ())


def text(
    answer: str, input: str = "", *, slots: Slots | None = None, parents: Sequence[str] = ()
) -> Iterator[Made]:
    """Yield a free text, if there is one."""
    answer = answer.strip()
    if answer:
        yield from _safe("generation", answer, input, slots, parents)


def _safe(
    form: FormName,
    answer: str | list[str],
    input: str,
    slots: Slots | None,
    parents: Sequence[str],
) -> Iterator[Made]:
    """Yield the answer, if the contest's parser reads it back."""
    output = FORMS[form].emit(answer)
    if len(output) <= MAX_CHARACTERS and FORMS[form].official(output) == answer:
        yield Made(output, input.strip(), (), slots or {}, _known(parents))


def _listed(
    output: str,
    options: Sequence[Option],
    order: Sequence[int],
    input: str,
    slots: Slots | None = None,
    parents: Sequence[str] = (),
) -> Made:
    """Return a question whose options are shown in an order."""
    shown = tuple(one_line(options[index].text) for index in order)
    known = _known([*parents, *(option.parent for option in options)])
    return Made(output, input.strip(), shown, slots or {}, known)


def _known(parents: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(parent for parent in parents if parent))


def _distinct(options: Sequence[Option]) -> bool:
    """Whether all options have content, and no two the same."""
    shown = [one_line(option.text) for option in options]
    said = [key(text) or text for text in shown]
    return all(said) and len(set(said)) == len(said)
