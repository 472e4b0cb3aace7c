import json
import re
from pathlib import Path

import pytest

from ecom.corpus.languages import detect


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("Rote Schuhe aus Leder für Damen, Größe 42", "de"),
        ("Lampe de bureau en métal bleu pour enfants", "fr"),
        ("Funda de silicona para teléfono, color rojo", "es"),
        ("Custodia in pelle nera per telefono con tasca", "it"),
        ("Nike Pegasus 39 Black", "en"),
        ("SUPCASE Unicorn Beetle Pro", "en"),
        ("Sony™ WH-1000XM4 – Black", "en"),
        ("赤いスニーカー メンズ", "ja"),
        ("Apple iPhone 13 Pro Max 手机壳 硅胶保护套 MagSafe", "zh"),
        ("超值の好物推荐给大家来看看吧", "zh"),
        ("Xiaomi 小米 Redmi Note 9 phone case with ring", "en"),
        ("무선 이어폰", "ko"),
        ("Красные кроссовки", "ru"),
        ("حذاء أحمر", "ar"),
        ("Κόκκινα παπούτσια", "el"),
        ("12345 €", "en"),
        ("", "en"),
    ],
)
def test_the_language_of_a_product(text: str, lang: str) -> None:
    assert detect(text) == lang


def test_several_texts_are_taken_together() -> None:
    assert detect("Nike Pegasus", "Diese Schuhe sind sehr bequem und passen gut.") == "de"


def test_real_translations_and_reviews(ecom_data: Path) -> None:
    right = {lang: [] for lang in ("de", "es", "fr", "it", "ja")}  # type: dict[str, list[bool]]
    names = {"German": "de", "Spanish": "es", "French": "fr", "Italian": "it", "Japanese": "ja"}
    for line in (ecom_data / "ec_guide" / "generation_mt.jsonl").open(encoding="utf-8"):
        row = json.loads(line)
        asked = re.findall(rf"into ({'|'.join(names)})", row["input_field"])
        if len(asked) == 1:
            right[names[asked[0]]].append(detect(row["output_field"]) == names[asked[0]])
    for folder in (ecom_data / "ecominstruct").glob("*/tasks/*"):
        for line in (folder / "test.json").open(encoding="utf-8"):
            lang = folder.name[:2].lower()
            right.setdefault(lang, []).append(detect(json.loads(line)["sentences"]) == lang)

    assert right.keys() >= {"en", "zh"}
    for lang, hits in right.items():
        assert len(hits) > 100, lang
        assert sum(hits) / len(hits) > 0.93, lang
