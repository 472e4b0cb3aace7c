import re
import string
from random import Random
from typing import Literal, get_args

import pytest

from ecom.corpus.atomic import CATALOGUE, choose, make
from ecom.corpus.atomic import OWN as OWN_ROWS
from ecom.corpus.config import Wording
from ecom.corpus.records import Record, Review
from ecom.corpus.source import Transforms
from ecom.corpus.wording import Language, instruct, languages, load
from ecom.forms import FORMS, infer

OWN = Wording(language="own")
SHIPPED, SHIPPED_WORDS = 113, 49  # transforms and fixed words that all languages have
EVERY_LANGUAGE = pytest.mark.parametrize("code", languages())


def slots(text: str) -> set[str]:
    return {field for _, field, _, _ in string.Formatter().parse(text) if field is not None}


def read(code: str) -> Language:
    language = load(OWN, code)
    assert language.code == code
    return language


def test_every_transform_has_words_in_english() -> None:
    assert set(read("en").transforms) == set(CATALOGUE) | set(OWN_ROWS)
    assert all(phrases.prompts for phrases in read("en").transforms.values())


@EVERY_LANGUAGE
def test_what_is_shipped_has_words_in_every_language(code: str) -> None:
    """What is added later may begin with one prompt in English: other languages ask in it."""
    language, english = read(code), load(Wording(), "en")
    many = [phrases for phrases in language.transforms.values() if len(set(phrases.prompts)) >= 4]
    assert len(many) >= SHIPPED
    assert len(language.words) >= SHIPPED_WORDS
    assert set(language.transforms) <= set(english.transforms)
    assert set(language.words) <= set(english.words)
    assert set(language.slots) <= set(english.slots)
    assert set(language.paradigms) == {"CLS", "EXT", "GEN", "OTHER"}
    plain = [*language.words.values(), *language.slots.values(), *language.paradigms.values()]
    assert all(isinstance(word, str) and word.strip() and not slots(word) for word in plain)
    assert len({language.words[word] for word in ("answer_yes", "answer_no", "unknown")}) == 3


@EVERY_LANGUAGE
def test_prompts_ask_for_the_same_slots(code: str) -> None:
    language, english = read(code), load(Wording(), "en")
    for name, phrases in language.transforms.items():
        wanted = slots(english.transforms[name].prompts[0])
        assert all(slots(prompt) == wanted for prompt in phrases.prompts), name
        assert wanted <= set(language.slots), name
        assert not slots(phrases.description + phrases.constraint), name
        assert phrases.description.strip(), name
        assert phrases.constraint.strip(), name


@EVERY_LANGUAGE
def test_what_is_quoted_of_an_answer_is_written_as_in_answers(code: str) -> None:
    """The constraints show the answer's own labels: they must be those of `words`."""
    language = read(code)
    stars = language.transforms["reverse:rating_and_title"].constraint
    assert language.words["rating"] in stars
    assert language.words["review_title"] in stars
    for name, word in (("own:passage_or_none", "unknown"), ("own:dialogue_state", "intent")):
        assert language.words[word] in language.transforms[name].constraint
    assert language.words["none"] in language.transforms["plain:named_entities"].constraint
    for name in ("simplify:label_applies", "recombine:product_answers_query"):
        for word in ("answer_yes", "answer_no"):
            assert language.words[word] in language.transforms[name].constraint


@EVERY_LANGUAGE
def test_what_a_transform_makes_fills_every_slot(code: str, shop: list[Record]) -> None:
    chosen = Transforms(names=("*",))
    records = [record for record in shop if record.lang == "en"]
    for variety in ("diverse", "one_per_paradigm"):
        wording = Wording(variety=variety)
        for row in make(records, choose(chosen), chosen, wording, 0):
            assert not re.search(r"\{[a-z]+\}", row.prompt + row.input), row.transform


@EVERY_LANGUAGE
def test_a_question_answered_in_words_is_closed_in_every_language(
    code: str, shop: list[Record]
) -> None:
    names = tuple(name for name, entry in CATALOGUE.items() if FORMS[entry.form].chosen)
    chosen, asked = Transforms(names=names), set()
    records = [record for record in shop if record.lang == "en"]
    for seed in range(4):
        for row in make(records, choose(chosen), chosen, Wording(language=code), seed):  # type: ignore[arg-type]
            found = infer(row.text())
            assert found.offer, row.text()
            assert found.offer.fault(FORMS[row.form].official(row.output)) is None, row.text()
            asked.add((row.transform, row.form, found.form))
    assert len(asked) == len(names)
    assert all(form == inferred for _, form, inferred in asked)


def test_a_language_without_a_file_is_asked_in_english() -> None:
    assert load(OWN, "xx").code == load(OWN, "").code == load(Wording(), "de").code == "en"


@pytest.mark.parametrize("wording", [OWN, Wording(language="de")])
def test_a_transform_without_words_in_a_language_is_asked_in_english(
    wording: Wording, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All of it: the prompt, and the words in its input and options."""
    name, english = "simplify:review_polarity", load(Wording(), "en")
    record = Review(id="1", source="s", text="Sehr gut gemacht", rating=5, lang="de")
    chosen = Transforms(names=(name, "plain:review_rating"))
    monkeypatch.delitem(load(OWN, "de").transforms, name)
    stars, polarity = make([record], choose(chosen), chosen, wording, 0)
    assert polarity.prompt in english.transforms[name].prompts
    assert polarity.input == "Review: Sehr gut gemacht"
    assert set(polarity.options) == {"positive", "negative"}
    assert (polarity.lang, polarity.skill) == ("de", "multilingual"), "the row's own"
    assert stars.input == f"{load(OWN, 'de').words['review']}: Sehr gut gemacht"
    narrow = wording.model_copy(update={"variety": "one_per_paradigm"})
    *_, row = make([record], choose(chosen), chosen, narrow, 0)
    assert row.prompt == english.paradigms["CLS"]


def test_a_recipe_may_name_every_language_that_has_a_file() -> None:
    allowed = get_args(Wording.model_fields["language"].annotation)
    assert set(allowed) == {"own", *languages()}
    for code in languages():
        named = Wording.model_validate({"language": code})
        assert {load(named, lang).code for lang in ("en", "de", "xx", "")} == {code}


def test_inputs_and_options_are_in_the_prompts_language() -> None:
    record = Review(id="1", source="s", text="Sehr gut gemacht", rating=5, lang="de")
    chosen = Transforms(names=("simplify:review_polarity",))
    for wording in (Wording(), OWN):
        words = load(wording, "de").words
        (row,) = make([record], choose(chosen), chosen, wording, 0)
        assert row.input == f"{words['review']}: Sehr gut gemacht"
        assert set(row.options) == {words["positive"], words["negative"]}


def test_prompts_vary_or_are_one_a_paradigm() -> None:
    def prompts(variety: Literal["diverse", "one_per_paradigm"]) -> set[str]:
        wording = Wording(variety=variety)
        return {
            instruct(
                wording, "en", "simplify:has_entity_type", "CLS", {"type": "{x}"}, Random(s)
            ).prompt
            for s in range(50)
        }

    diverse = prompts("diverse")
    assert len(diverse) >= 4
    assert all("'{x}'" in prompt for prompt in diverse), "braces in the data are data"
    (narrow,) = prompts("one_per_paradigm")
    assert narrow.splitlines() == [load(Wording(), "en").paradigms["CLS"], "Type: {x}"]
