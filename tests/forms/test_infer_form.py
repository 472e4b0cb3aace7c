import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecom.forms import FORMS, Offer, infer, infer_form

LIST = "1. red boot\n2. lamp\n3. chair\n4. desk\n5. sofa\n"
OPTIONS = "0. red boot\n1. lamp\n2. chair\n"
STORY = (
    "Bought it to rank my recipes, list what I own and choose 3 dinners a week: the top three. "
    "In order of annoyance: 1. the lid 2. the hinge 3. the smell. I must extract the 'label' first."
)


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("told", [True, False])
def test_every_development_item_is_known(ecom_data: Path, told: bool) -> None:
    wrong = [
        row["input_field"]
        for row in rows(ecom_data / "shopbench" / "development.json")
        if infer_form(row["input_field"], row["is_multiple_choice"] if told else None)
        != row["task_type"]
    ]

    assert wrong == []


@pytest.mark.parametrize("told", [True, False])
def test_other_peoples_prompts_are_known(ecom_data: Path, told: bool) -> None:
    """A tenth of them: `make bench-recognition` reads all."""
    seen, right = Counter[str](), Counter[str]()
    for path in sorted((ecom_data / "ec_guide").glob("*.jsonl")):
        for row in rows(path)[::10]:
            if row["metric"] == "bool":  # yes or no: none of the five forms
                continue
            form = row["task_type"]
            choice = form == "multiple-choice"
            seen[form] += 1
            right[form] += infer_form(row["input_field"], choice if told else None) == form

    assert sum(seen.values()) > 4_000
    assert {form for form in seen if right[form] < 0.995 * seen[form]} == set()


@pytest.mark.parametrize(
    ("form", "prompt"),
    [
        ("multiple-choice", f"What can be worn in the rain?\n{OPTIONS}Answer:"),
        ("multiple-choice", "Which one lights a room? 0. boot 1. lamp 2. chair"),
        (
            "multiple-choice",
            "How content is this buyer, on a scale of 1 to 5?\nReview: broke at once",
        ),
        (
            "retrieval",
            f"Someone bought a bed. Choose three items they may add.\n{LIST}Give indices.",
        ),
        ("retrieval", f"Write down the numbers of the 3 goods of wood.\n{LIST}"),
        ("ranking", f"Rank these five goods for the search 'seat'.\n{LIST}"),
        ("ranking", f"Sort the products below, best match first.\n{LIST}Output a permutation."),
        ("named_entity_recognition", "Find words of the entity type 'brand'.\nQuery: acme lamp"),
        ("named_entity_recognition", "Detect the 'colour' in this title: 'Acme lamp, blue'."),
        ("named_entity_recognition", "Extract all brand entities from the text.\nText: acme lamp"),
        ("generation", "Explain what a dimmer does.\nOutput:"),
        ("generation", "Write a title for the review.\nReview: lasts for years"),
        ("generation", "Translate the query 'red lamp' into German."),
        ("generation", f"How many legs in all?\n{OPTIONS}Answer: Let's think step by step."),
    ],
)
def test_a_prompt_in_words_of_our_own_is_known(form: str, prompt: str) -> None:
    assert infer_form(prompt) == form


@pytest.mark.parametrize("told", [True, False])
@pytest.mark.parametrize(
    ("form", "prompt"),
    [
        (form, prompt)
        for form, prompts in {
            "multiple-choice": [
                "0: cotton\n1: wool\n2: linen\nWhich of the fabrics above is a plant's?",
                "Where is a heel? (A) pumps (B) tea (C) blankets. Reply with one letter.",
                "Is the plug fit for an iPhone?\nOptions: 1) yes 2) no\nAnswer:",
                "How relevant is it?\nQuery: mat\nTitle: Foil, 3 pack\n- 0 exact\n- 1 substitute\n",
                f"Which keyphrase sums up the review? Review: {STORY}\n{OPTIONS}Answer:",
                "Which option ranks the towels?\n0. 300, 450 gsm\n1. 600, 300 gsm\nAnswer:",
                "Rate it from 1 (very bad) to 5 (very good).\nText: a bit loud\nRating:",
                "Do they describe the same item?\nTitle 1: Pods 2\nTitle 2: Pods\n0. yes\n1. no\n",
                f"Welche Kategorie kann das Attribut 'Fadenzahl' haben?\n{OPTIONS}Antwort:",
                f"请判断评论的情感倾向，只输出选项编号。\n评论：质量不错。\n{OPTIONS}",
            ],
            "retrieval": [
                f"Which of these are for a search for 'mocha'? Give their numbers.\n{LIST}",
                "Return the top-3 for 'home'.\n[0] pot\n[1] rake\n[2] mug\n[3] cup\nOutput: i,j,k",
                "Goods: (1) tent (2) lamp (3) bag (4) lipstick. Choose three, comma separated.",
                f"Aspect list:\n{LIST}Review: {STORY}\nIndicate all aspects in it by their number.",
                f"Choose three it is about. Only numbers.\nReview:\n{STORY}\nList:\n{LIST}",
                "item 1: pot\nitem 2: rake\nitem 3: mug\nPick the three for tea. Item numbers.",
                f"Query: a\n1. b\n2. c\nOutput: 1,2\n\nQuery: garden\n{LIST}Output:",
                f"History: 'tent', 'stove'. Select the 3 to buy. Respond like 4,2,1.\n{LIST}",
                f"Wählen Sie drei Artikel. Nur die Nummern, durch Komma getrennt.\n{LIST}",
                f"¿Qué tres artículos son los más relevantes? Solo los índices.\n{LIST}",
                f"Sélectionnez les trois articles les plus pertinents : les numéros.\n{LIST}",
                f"次のリストから3つ選び、番号だけを答えてください。\n{LIST}",
                f"从列表中选出三个商品，只输出编号，用逗号分隔。\n{LIST}",
            ],
            "ranking": [
                f"Order these from most to least relevant for 'lunch'.\n{LIST}Answer:",
                f"Arrange the goods so that the best match comes first. Commas in between.\n{LIST}",
                f"In what order should they be shown for 'bed'? Only numbers.\n{LIST}",
                f"List the numbers from the most relevant to the least relevant.\n{LIST}",
                f"Give all five numbers, the best one first and the worst one last.\n{LIST}",
                f"Query: a\n1. b\n2. c\nRanking: 2,1\n\nQuery: bed\n{LIST}Ranking:",
                f"Which suits whom? Respond with numbers, such as 2,1,5,4,3.\n{LIST}",
                f"Sort by how well they please this buyer.\nReview: {STORY}\n{LIST}Indices:",
                f"Sortieren Sie die Artikel absteigend nach Kaufwahrscheinlichkeit.\n{LIST}",
                f"Ordena los productos de mayor a menor relevancia.\n{LIST}Salida:",
                f"Metti in ordine di rilevanza i seguenti prodotti.\n{LIST}",
                f"関連度が高い順に並べ替え、番号をカンマ区切りで出力してください。\n{LIST}",
                f"请按相关性从高到低对商品进行排序，只输出编号。\n{LIST}",
            ],
            "named_entity_recognition": [
                "Tag the colour in this product title: 'Linen curtain, sage green'.",
                "Find the words that express colour.\nText: The mint bag has a beige strap.",
                "List the materials mentioned in the title.\nTitle: Oak table with marble top",
                "Which words in the query name the audience? Copy them.\nQuery: shoes for women",
                "Read the review and extract all product names in it. Review: " + STORY,
                "Pick out the phrase which stands for the brand. Query: acme lamp\nOutput:",
                "Find the flavour in the query. Separate several by commas.\nQuery: nut bar",
                "Which part of the query is about the shape? Query: round table. Exact words.",
                "Text: 'gel 500 ml'\nType: volume\nWrite all the entities of the type.",
                "Nenne alle Materialien, die im Produkttitel vorkommen.\nTitel: Tisch Eiche",
                "Estrai dal titolo le parole che indicano il colore.\nTitolo: zaino blu",
                "次の検索クエリからブランド名を抽出してください。\nクエリ: ソニー 黒",
                "请从商品标题中抽取品牌词，多个用逗号分隔。\n标题：华为 手机壳",
            ],
            "generation": [
                f"Extract a short keyphrase that sums up the review.\nReview: {STORY}\nOutput:",
                f"A user bought these:\n{LIST}In one sentence, what is the plan?\nOutput:",
                f"Here is a ranking:\n{LIST}Explain to the user why the first one is at the top.",
                f"Summarise the reviews in a paragraph.\n{LIST}Summary:",
                f"Translate the list into Spanish, keep the order.\n{LIST}",
                "A customer bought (1) flour (2) yeast (3) a tin. Write one short sentence on why.",
                "Suggest five keywords for 'Handmade leather notebook A5', separated by commas.",
                f"Write the bad sides of it as a short sentence. Review: {STORY}",
                "Extract the one sentence which says why it went back.\nReview: Broke. Pity.",
                "How many 330 ml cans fill a 5 litre bucket? Give only the number.",
                "Rank tracking software: write a two-sentence description of this category.",
                "Fasse die Bewertung in einem Satz zusammen.\nBewertung: Gut, aber teuer.",
                f"为下面的商品组合起一个名字。\n{OPTIONS}",
            ],
        }.items()
        for prompt in prompts
    ],
)
def test_a_prompt_of_the_red_team_is_known(form: str, prompt: str, told: bool) -> None:
    assert infer_form(prompt, (form == "multiple-choice") if told else None) == form


def test_letters_are_put_in_order_as_letters() -> None:
    """The contest's rankings are of numbers, up to five."""
    letters = "Rank A to D.\nA. Lotion\nB. Beer\nC. Drill\nD. Wipes\nRanking (letters):"
    found = infer(letters)
    assert (found.form, found.offer) == ("ordering", Offer(tuple("ABCD"), 4, 4, ordered=True))
    many = "\n".join(f"{n}. thing {n}" for n in range(1, 13))
    found = infer(f"Rank these by relevance to 'boot'.\n{many}")
    assert found.form == "ordering"
    assert found.offer == Offer(tuple(map(str, range(1, 13))), 12, 12, ordered=True)


@pytest.mark.parametrize(
    ("form", "prompt"),
    [
        (
            "retrieval",
            f"Select three aspects. Only indices.\nReview: I would rank it first.\n{LIST}",
        ),
        ("multiple-choice", "Which suits a child?\n0. Book of Numbers\n1. Ranking the Kings"),
        ("multiple-choice", f"Which goes with 'card index, numbers 1-99'?\n{OPTIONS}"),
        ("generation", "Write a headline.\nReview: no entity type 'brand' was ever so good"),
    ],
)
def test_what_the_data_say_does_not_count(form: str, prompt: str) -> None:
    assert infer_form(prompt) == form


@pytest.mark.parametrize("prompt", [f"Rank these.\n{LIST}", f"Which?\n{OPTIONS}", "Describe it."])
def test_the_asker_has_the_last_word_on_multiple_choice(prompt: str) -> None:
    assert infer_form(prompt, True) == "multiple-choice"
    assert infer_form(prompt, False) != "multiple-choice"


@given(prompt=st.text(), told=st.none() | st.booleans())
def test_any_text_has_a_form(prompt: str, told: bool | None) -> None:
    assert infer_form(prompt, told) in FORMS
