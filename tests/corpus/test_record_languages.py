"""A short text is in a language of its source, whatever its few words look like."""

from ecom.corpus.card import Counts
from ecom.corpus.config import CorpusConfig
from ecom.corpus.languages import detect
from ecom.corpus.parts import _examples as examples_of
from ecom.corpus.record_languages import with_languages
from ecom.corpus.records import Product, Record, Tagged
from ecom.rows import Example

HELMET = "HELM HIU PRIMA LX"  # of an Indonesian shop; detected as Italian
ENGLISH = "A helmet for riders who want to see the whole road ahead of them"
GERMAN = "Ein Helm für alle, die auf der ganzen Straße etwas sehen wollen"


def tagged(text: str, lang: str = "", source: str = "s") -> tuple[int, Record]:
    return 1, Tagged(id=text, source=source, lang=lang, text=text, spans=(), types=("brand",))


def langs(placed: list[tuple[int, Record]], rows: dict[int, str] | None = None) -> list[str]:
    return [record.lang for record in with_languages(placed, rows or {})]


def test_a_short_text_has_the_language_that_most_of_its_source_has() -> None:
    assert detect(HELMET) == "it"
    assert langs([tagged(ENGLISH), tagged(HELMET)]) == ["en", "en"]
    assert langs([tagged(ENGLISH), tagged(GERMAN), tagged(GERMAN), tagged(HELMET)])[-1] == "de"
    assert langs([tagged(ENGLISH), tagged(GERMAN), tagged("rote Schuhe für Damen")])[-1] == "de"


def test_a_short_text_has_the_language_of_the_row_that_it_is_from() -> None:
    title, english = (2, tagged(HELMET)[1]), dict.fromkeys(range(3, 40), "en")
    assert langs([title], {**english, 2: "id"}) == ["id"]
    assert langs([title], english) == ["en"]


def test_a_source_of_short_texts_is_in_the_language_that_most_look_like() -> None:
    titles = [f"red {thing} with box" for thing in ("boots", "lamp", "chair", "knife")] * 10
    assert {*langs([*map(tagged, titles), tagged(HELMET)])} == {"en"}


def test_a_language_that_is_given_or_clear_from_the_script_stays() -> None:
    placed = [
        tagged(ENGLISH),
        tagged("赤いスニーカー"),
        tagged(HELMET, lang="it"),
        tagged(HELMET, source="another"),
    ]
    assert langs(placed) == ["en", "ja", "it", "it"]


def test_what_is_made_of_a_short_title_is_not_in_a_language_of_its_own() -> None:
    row = Example("s", "t", "generation", "GEN", None, f"What is this good for? {ENGLISH}", "x")
    title = Product(id="1", source="s", title=HELMET, attributes=(("model", "PRIMA"),))
    config = CorpusConfig.model_validate(
        {
            "max_tokens": 100,
            "sources": [{"format": "chat", "path": "x"}],
            "transforms": {"names": ["simplify:attribute_value"]},
        }
    )
    made = [e for _, e in examples_of([(1, row), (1, title)], config, 0, Counts())]
    assert [example.lang for example in made if isinstance(example, Example)] == ["en", "en"]
