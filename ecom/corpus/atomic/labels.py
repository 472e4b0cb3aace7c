"""Texts and their labels: aspects, sentiments, any classes of a set."""

from collections.abc import Iterator
from dataclasses import replace
from random import Random

from ecom.corpus.atomic import answers
from ecom.corpus.atomic.answers import MAX_OPTION, MAX_WRITTEN, OTHERS
from ecom.corpus.atomic.base import Made, Option, transform
from ecom.corpus.atomic.pool import Pool
from ecom.corpus.atomic.relations import Case, Relation, label_case
from ecom.corpus.atomic.texts import besides, key, one_line, opening, telling
from ecom.corpus.records import Classified

MAX_SHOWN = 60  # labels in a list to choose several from


def labels_of(classified: Classified, pool: Pool) -> list[str]:
    """Return the record's labels, and those of other records of its topic for the same text."""
    also = pool.known(Classified, _labels)[_about(classified)]
    return list(dict.fromkeys((*classified.labels, *sorted(also))))


def _labels(one: Classified) -> Iterator[tuple[tuple[str, str, str], str]]:
    yield from ((_about(one), label) for label in one.labels)


def _about(classified: Classified) -> tuple[str, str, str]:
    return classified.lang, classified.topic, key(classified.text)


def _label(classified: Classified, pool: Pool, rng: Random) -> Case:
    """Show a text and ask for its labels."""
    given = pool.show(classified, text=classified.text)
    also, topic = labels_of(classified, pool), {"topic": one_line(classified.topic)}
    return label_case(given, classified.labels, classified.candidates, also, rng, topic)


def _one_of_several(classified: Classified, pool: Pool, rng: Random) -> Case | None:
    """Show a text and ask for its labels, if texts of its set may have several."""
    alike = pool.others(classified, 8, rng)
    several = any(len(one.labels) > 1 for one in (classified, *alike))
    return _label(classified, pool, rng) if several else None


def _fewer(classified: Classified, pool: Pool, rng: Random) -> Case | None:
    """Show a text and ask for its one label among fewer than there are."""
    case = _label(classified, pool, rng)
    wrong = case.wrong(len(classified.candidates))
    if len(wrong) < 2:
        return None
    few = rng.randint(1, min(3, len(wrong) - 1))
    return replace(case, wrong=lambda _: answers.evened(case.right[0], wrong, few, rng))


LABELLED = Relation(Classified, "label", _label, in_slot=True)
LABELLED.choose(
    "plain:classify_text",
    """The one right label of a text, among up to ten.

    from     Classified text <It is well made.>, labels <quality>, candidates <delivery; price;
             quality; service; size>, topic <aspect>
    input    Text: It is well made.
    slots    topic: aspect
    options  price | service | quality | size | delivery
    output   2
    """,
    OTHERS,
    fewest=1,
    where=lambda classified: len(classified.labels) == 1,
    no_row="no other label is known that could be wrong; name all in `labels`",
)
LABELLED.name(
    "plain:name_label",
    """The one right label of a text, written out, among up to ten.

    from     Classified text <It is well made.>, labels <quality>, candidates <delivery; price;
             quality; service; size>, topic <aspect>
    input    Text: It is well made. / Options:
    slots    topic: aspect
    options  price | service | quality | size | delivery
    output   quality
    """,
    fewest=1,
    where=lambda classified: len(classified.labels) == 1,
)
replace(LABELLED, find=_one_of_several).retrieve(
    "plain:label_text",
    """All labels of a text that may have several: the numbers of one to three in a list.

    from     Classified text <It is well made.>, labels <quality>, candidates <delivery; price;
             quality; service; size>, topic <aspect>
    input    Text: It is well made.
    slots    topic: aspect
    options  price | delivery | service | quality | size
    output   4
    """,
    15,
    fewest=3,
)
LABELLED.match(
    "simplify:has_label",
    """Whether one of three labels and more fits a text; yes and no are drawn alike.

    from     Classified text <It is well made.>, labels <quality>, candidates <delivery; price;
             quality; service; size>, topic <aspect>
    input    Text: It is well made.
    slots    topic: aspect; label: quality
    options  No | Yes
    output   1
    """,
    where=lambda classified: len({*classified.candidates}) > 2,  # with two, it is not simpler
)
LABELLED.confirm(
    "simplify:label_applies",
    """Whether one of three labels and more fits a text, as the word yes or no; drawn alike.

    from     Classified text <It is well made.>, labels <quality>, candidates <delivery; price;
             quality; service; size>, topic <aspect>
    input    Text: It is well made.
    slots    topic: aspect; label: quality
    output   Yes
    """,
    where=lambda classified: len({*classified.candidates}) > 2,  # with two, it is not simpler
)
replace(LABELLED, find=_fewer).choose(
    "simplify:fewer_candidates",
    """The right label of a text among two to four, where there were more.

    from     Classified text <One size too small.>, labels <size>, candidates <delivery; price;
             quality; service; size>, topic <aspect>
    input    Text: One size too small.
    slots    topic: aspect
    options  size | delivery
    output   0
    """,
    fewest=1,
    where=lambda classified: len(classified.labels) == 1,
)
LABELLED.choose(
    "simplify:one_of_its_labels",
    """One of a text's several labels, among labels that do not fit.

    from     Classified text <Cheap, but it broke at once.>, labels <price; quality>, candidates
             <delivery; price; quality; service; size>, topic <aspect>
    input    Text: Cheap, but it broke at once.
    slots    topic: aspect
    options  delivery | quality | service | size
    output   1
    """,
    fewest=1,
    drawn=MAX_SHOWN,
    where=lambda classified: len(classified.labels) > 1,
)


@transform("reverse", Classified, "generation", metric="sent-transformer")
def text_from_label(classified: Classified, pool: Pool, rng: Random) -> Iterator[Made]:
    """A text, from its label or labels, where there are more than two to tell texts apart.

    from     Classified text <One size too small.>, labels <size>, topic <aspect>
    slots    topic: aspect; label: size
    output   One size too small.
    """
    written = one_line(classified.text)
    says_much = len(set(classified.candidates)) > 2  # more than "match" or "not match"
    if classified.labels and says_much and telling(written) and len(written) <= MAX_WRITTEN:
        label = ", ".join(one_line(label) for label in classified.labels)
        yield from answers.text(
            written, slots={"topic": one_line(classified.topic), "label": label}
        )


@transform("recombine", Classified, "retrieval")
def texts_with_label(classified: Classified, pool: Pool, rng: Random) -> Iterator[Made]:
    """One to three texts of a label in a list of up to ten: which snippets speak of an aspect?

    from     Classified text <The parcel came two days late.>, labels <delivery>, candidates
             <delivery; price; quality; service; size>, topic <aspect>
    slots    topic: aspect; label: delivery
    options  The shop answered my mail within the hour. | Cheap, but it broke at once. | The parcel
             came two days late. | It is well made. | One size too small.
    output   3
    """
    if not classified.labels:
        return
    label = rng.choice(classified.labels)
    texts = {key(classified.text)}

    def fits(wanted: bool, other: Classified) -> bool:
        has = key(label) in map(key, labels_of(other, pool))
        known = key(label) in map(key, other.candidates)
        text = key(opening(other.text, MAX_OPTION))
        sound = has is wanted and known and bool(text) and text not in texts
        if sound:
            texts.add(text)
        return sound

    more = pool.others(classified, rng.randint(0, 2), rng, lambda other: fits(True, other))
    wrong = pool.others(classified, 9 - len(more), rng, lambda other: fits(False, other))
    yield from answers.numbers(
        [Option(opening(one.text, MAX_OPTION), one.id) for one in (classified, *more)],
        [Option(opening(one.text, MAX_OPTION), one.id) for one in wrong],
        rng,
        slots={"topic": one_line(classified.topic), "label": one_line(label)},
    )


@transform(
    "own",
    Classified,
    "multi-label",
    no_row="no wrong label can be shown: name all in `labels`; "
    f"a text has {MAX_SHOWN - 1} labels at most",
)
def all_labels(classified: Classified, pool: Pool, rng: Random) -> Iterator[Made]:
    """All labels of a text in words, out of up to 60 (EcomInstruct's classification).

    from     Classified text <Cheap, but it broke at once.>, labels <price; quality>, candidates
             <delivery; price; quality; service; size>, topic <aspect>
    input    Text: Cheap, but it broke at once.
    slots    topic: aspect
    options  price | quality | delivery | service | size
    output   price, quality
    """
    right = [one_line(label) for label in classified.labels]
    wrong = [one_line(label) for label in besides(classified.labels, classified.candidates)]
    wrong = rng.sample(wrong, min(len(wrong), max(0, MAX_SHOWN - len(right))))
    if wrong:
        order = rng.sample([*right, *wrong], len(right) + len(wrong))
        yield Made(
            output=", ".join(label for label in order if label in right),
            input=pool.show(classified, text=classified.text),
            options=tuple(order),
            slots={"topic": one_line(classified.topic)},
        )
