"""Templates, the structural filter, the plan and the cache: all that needs no teacher."""

import json
import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ecom.completions.cache import Cache, Reply
from ecom.corpus.clean import Cleaned, clean
from ecom.corpus.config import Clean
from ecom.corpus.records import Dialogue, Product, Review, Search
from ecom.corpus.synthesize import rows, tasks, template
from ecom.corpus.synthesize.config import Synthesis, Teacher
from ecom.corpus.synthesize.plan import Request, plan
from ecom.corpus.synthesize.prompt import TeacherRecord, facts, messages
from ecom.corpus.synthesize.template import FACTS, Template
from ecom.errors import DataError, InputError
from ecom.forms import FORMS, infer_form
from ecom.rows import Example
from ecom.shopbench import Rejected

PAPER = '|Question Difficulty ("Very Easy", "Easy", "Medium" or "Hard")|'  # docs/domain.md


def settings(**changes: Any) -> Synthesis:
    teacher = Teacher(url="http://127.0.0.1:1/v1", model="m")
    return Synthesis.model_validate({"teacher": teacher, "max_requests": 10, **changes})


TEMPLATES = {task.template.name: task.template for task in tasks.load(settings())}
PRODUCT = Product(id="p1", source="shop", lang="en", title="Red oak desk, 120 cm", description="x")
SEARCH = Search(id="q1", source="shop", lang="en", query="red desk oak")
REVIEW = Review(id="r1", source="shop", lang="en", text="The drawer sticks, but it looks great.")
DIALOGUE = Dialogue(
    id="d1",
    source="shop",
    lang="en",
    turns=(("customer", "Is the desk oak?"), ("shop", "Red oak."), ("customer", "In stock?")),
)
RECORDS: dict[str, TeacherRecord] = {
    "Product": PRODUCT,
    "Search": SEARCH,
    "Review": REVIEW,
    "Dialogue": DIALOGUE,
}
QUESTION = "|Easy|How long is it?|120 cm|80 cm|60 cm|1 m|120 cm|"


def filtered(
    name: str, text: str, record: TeacherRecord | None = None, *, count: int = 9, whole: bool = True
) -> list[Example | Rejected]:
    chosen = record or RECORDS[TEMPLATES[name].reads]
    known = facts(chosen) | {"target": "German"}
    return list(rows.read(text, TEMPLATES[name], chosen, known, count=count, whole=whole, seed=0))


def kept(name: str, text: str, record: TeacherRecord | None = None) -> Example:
    (row,) = filtered(name, text, record)
    assert isinstance(row, Example), row
    return row


def reason(name: str, text: str) -> str:
    (row,) = filtered(name, text)
    assert isinstance(row, Rejected), row
    return row.reason


def of_shot(shipped: Template, shot: template.Shot) -> tuple[TeacherRecord, dict[str, str]]:
    known = dict.fromkeys([*FACTS[shipped.reads], *shipped.draw], "") | shot.facts
    records: dict[str, TeacherRecord] = {
        "Product": Product(id="p", source="s", title=known.get("title", "")),
        "Search": Search(id="q", source="s", query=known.get("query", "")),
        "Review": Review(id="r", source="s", text=known.get("review", "")),
        "Dialogue": DIALOGUE,
    }
    return records[shipped.reads], known


def test_the_shipped_tasks_are_as_diverse_as_shopbench() -> None:
    shipped = TEMPLATES.values()
    assert len(shipped) >= 10
    in_words = {"classification", "multi-label"}
    assert {t.form for t in shipped} == set(FORMS) - in_words
    assert {t.paradigm for t in shipped} == {"CLS", "EXT", "GEN", "OTHER"}
    assert {t.skill for t in shipped} == {"concepts", "reasoning", "behavior", "multilingual"}
    assert {t.reads for t in shipped} == set(RECORDS)


@pytest.mark.parametrize("name", TEMPLATES)
def test_the_worked_examples_of_a_template_pass_its_own_filter(name: str) -> None:
    shipped = TEMPLATES[name]
    for shot in shipped.shots:
        record, known = of_shot(shipped, shot)
        unseen = shipped.model_copy(update={"shots": ()})
        made = list(
            rows.read("\n".join(shot.rows), unseen, record, known, count=9, whole=True, seed=0)
        )
        assert len(made) == len(shot.rows)
        for row in made:
            assert isinstance(row, Example), row
            assert infer_form(row.text(), None) == row.form, "the question asks for its form"


@pytest.mark.parametrize("name", TEMPLATES)
def test_the_difficulty_stands_in_the_sample_output_and_not_in_the_request(name: str) -> None:
    shipped = TEMPLATES[name]
    assert PAPER in shipped.sample_output
    _, known = of_shot(shipped, shipped.shots[0])
    system, user = messages(shipped, known, 5)
    assert (system["role"], user["role"]) == ("system", "user")
    assert user["content"].count(PAPER) == 1
    assert "5 rows" in user["content"]
    assert all(row in user["content"] for row in shipped.shots[0].rows)


def test_a_row_becomes_a_pseudo_labelled_example_with_its_provenance() -> None:
    row = kept("query_rewriting", "|Hard|red desk made of oak|")
    assert (row.output, row.form, row.paradigm) == ("red desk made of oak", "generation", "GEN")
    assert (row.label, row.transform) == ("pseudo", "teacher:query_rewriting")
    assert (list(row.parents), row.source, row.lang) == (["q1"], "shop", "en")
    assert row.description
    assert row.constraint
    assert "red desk oak" in row.input
    assert row.difficulty == "Hard"
    assert "Hard" not in row.text() + row.output


@pytest.mark.parametrize(
    "text",
    [
        "|Easy|a red desk|",
        "  | easy |  a  red desk |  ",
        "1. |Easy|a red desk|",
        "- |Easy|a red desk|",
        "```\n|Easy|a red desk|\n```",
        "|---|---|\n|Easy|a red desk|\n\n",
        "<think>|Hard|no|\nhm</think>\n|Easy|a red desk|",
        "｜Easy｜a red desk｜",
        '|"Easy"|"a red desk"|',
        "|**Easy**|a red desk|\r\n",
    ],
)
def test_what_a_careful_reader_passes_over_does_no_harm(text: str) -> None:
    assert kept("query_rewriting", text).output == "a red desk"


@pytest.mark.parametrize(
    ("name", "text", "rule"),
    [
        ("query_rewriting", "", "no row in the teacher's answer"),
        ("query_rewriting", "<think>|Easy|a desk|", "no row in the teacher's answer"),
        ("query_rewriting", "I'm sorry, I cannot help with that.", "no |…| row"),
        ("query_rewriting", "|Easy|a red desk", "no |…| row"),
        ("query_rewriting", "|Easy|a red|desk|", "3 fields instead of 2"),
        ("query_rewriting", "|a red desk|", "1 fields instead of 2"),
        ("query_rewriting", "|Impossible|a red desk|", "difficulty is none of"),
        ("query_rewriting", "|a red desk|Easy|", "difficulty is none of"),
        ("query_rewriting", "|Easy|…|", "field rewritten is empty"),
        ("query_rewriting", "|Easy|" + "desk " * 40 + "|", "field rewritten is over 150"),
        ("query_rewriting", TEMPLATES["query_rewriting"].sample_output, "repeats the sample"),
        ("query_rewriting", "|Hard|Wireless earbuds for gym!|", "copy of a worked example"),
        ("query_rewriting", "|Easy|Red Desk (Oak)|", "the answer copies what was given"),
        ("query_rewriting", "|Easy|a red\x00 desk|", "a character that no text has"),
        ("query_rewriting", "|Easy|a red \ud83d desk|", "a character that no text has"),
        ("query_rewriting", "|Easy|a red d\ufffdsk|", "a character that no text has"),
        ("query_segmentation", "|Easy|red; oak|", "not all of the text"),
        ("query_segmentation", "|Easy|oak; red desk|", "not all of the text"),
        ("query_entities", "|Easy|color|green|", "does not stand in the text"),
        ("query_entities", "|Easy|color|red; red|", "an entity is named twice"),
        ("query_relation", "|Easy|lamp|unrelated|", "not among the options"),
        ("review_writing", "|Easy|6|Superb.|", "field stars is none of 1, 2, 3, 4, 5"),
        ("review_keyphrase", "|Easy|drawer|drawer is stuck|", "does not stand in the text"),
        ("review_aspects", "|Easy|look; drawer|look; size|", "an item is named twice"),
        ("review_aspects", "|Easy|a; b; c; d|e; f; g; h|", "the answer is not a list of 1 to 3"),
        ("review_aspects", "|Easy|look; drawer|a;|", "fewer wrong items than right"),
        (
            "review_snippets",
            "|Easy|desk|positive|size|fits; roomy|a; b; c; d|",
            "field fitting has 2 items instead of 3",
        ),
        ("product_ranking", "|Easy|desk|A|A|C|D|E|", "two candidates are the same"),
        ("product_question", "|Easy|How long?|1|2|3|4|5|", "not among the options"),
        ("product_question", "|Easy|How long?|1|1|3|4|3|", "two options are the same"),
        ("product_question", "|Easy|Is a 1 m desk 1 m?|1 m|2 m|3 m|4 m|1 m|", "stands in question"),
    ],
)
def test_what_does_not_fit_is_rejected_by_the_rule_it_breaks(
    name: str, text: str, rule: str
) -> None:
    assert rule in reason(name, text)


def test_a_value_of_a_list_may_be_written_large() -> None:
    others = "; ".join("abcdefghijkl")
    row = kept("review_snippets", f"|Easy|desk|Positive|size|fits; roomy; neat|{others}|")
    assert "a positive sentiment" in row.prompt


def test_a_teacher_may_not_copy_the_development_row_that_it_is_shown() -> None:
    shot = Example(
        source="dev",
        task="task10",
        form="multiple-choice",
        paradigm="CLS",
        skill=None,
        prompt="What complements a desk?\n0. lamp\n1. shoe\n2. tyre\n3. fish",
        output="0",
    )
    text = "|Easy|Lamp|shoe|tyre|fish|Lamp|\n|Easy|lamp|shoe|tyre|kettle|lamp|"
    template = TEMPLATES["complement_choice"]
    copy, new = rows.read(
        text, template, PRODUCT, facts(PRODUCT), count=9, whole=True, seed=0, shots=[shot]
    )
    assert isinstance(copy, Rejected)
    assert "copy of a development row" in copy.reason
    assert isinstance(new, Example)


def test_a_question_that_names_all_options_gives_nothing_away() -> None:
    assert kept("product_question", "|Easy|Is it 1 m or 2 m long?|1 m|2 m|3 m|4 m|1 m|")


def test_of_an_answer_the_rows_asked_for_are_taken_once_each() -> None:
    text = "|Easy|a|\n|Hard|A|\nHere is more:\n|Easy|b|\n|Easy|c|"
    result = filtered("query_rewriting", text, count=2)
    assert [row.output for row in result if isinstance(row, Example)] == ["a", "b"]
    rejected = [(row.line, row.reason) for row in result if isinstance(row, Rejected)]
    assert rejected == [
        (2, "copy of a row before it"),
        (3, "no |…| row"),
        (5, "more rows than asked for"),
    ]


def test_a_cut_answer_loses_only_the_row_that_was_cut() -> None:
    first, second = filtered("query_rewriting", "|Easy|a red desk|\n|Easy|an oa", whole=False)
    assert isinstance(first, Example)
    assert isinstance(second, Rejected)
    assert "token limit" in second.reason


def test_a_choice_names_the_right_option_at_a_uniform_place() -> None:
    indices = Counter[str]()
    for number in range(400):
        record = Product(id=str(number), source="shop", title="Desk, 120 cm")
        row = kept("product_question", QUESTION, record)
        assert row.options[int(row.output)] == "120 cm"
        assert sorted(row.options) == sorted(["120 cm", "80 cm", "60 cm", "1 m"])
        indices[row.output] += 1
    assert set(indices) == set("0123")
    assert all(60 <= count <= 140 for count in indices.values())  # 100 ± 4.6 deviations


def test_fixed_labels_stay_in_their_order() -> None:
    row = kept("query_relation", "|Easy|desk lamp|Complement|")
    assert list(row.options) == ["irrelevant", "substitute", "complement", "narrowing"]
    assert row.output == "2"


def numbered(row: Example) -> dict[int, str]:
    """What a reader sees: the number of each listed item."""
    lines = [line.partition(". ") for line in row.text().splitlines()]
    return {int(number): item for number, dot, item in lines if dot and number.isdigit()}


def test_a_ranking_lists_the_candidates_best_first() -> None:
    row = kept("product_ranking", "|Easy|oak desk|A|B|C|D|E|")
    items = numbered(row)
    assert [items[int(n)] for n in row.output.split(",")] == ["A", "B", "C", "D", "E"]
    assert FORMS["ranking"].official(row.output) == [int(n) for n in row.output.split(",")]


def test_a_retrieval_picks_the_covered_items() -> None:
    row = kept("review_aspects", "|Easy|look; drawer; value|a; b; c; d; e; f; g|")
    items = numbered(row)
    assert len(items) == 10
    assert {items[n] for n in FORMS["retrieval"].official(row.output)} == {
        "look",
        "drawer",
        "value",
    }


def test_entities_are_read_back_by_the_contests_parser() -> None:
    row = kept("query_segmentation", "|Easy|red; desk; oak|")
    assert FORMS[row.form].official(row.output) == ["red", "desk", "oak"]


def test_the_same_answer_gives_the_same_rows() -> None:
    assert filtered("product_question", QUESTION) == filtered("product_question", QUESTION)


@given(st.sampled_from(sorted(TEMPLATES)), st.text(), st.booleans())
def test_no_text_is_too_strange_for_the_filter(name: str, text: str, whole: bool) -> None:
    for row in filtered(name, text, whole=whole):
        assert isinstance(row, Example | Rejected)


FIELD = st.one_of(
    st.sampled_from(
        ["Easy", "Hard", "red", "desk", "red; desk; oak", "irrelevant", "3", "a;b", ""]
    ),
    st.text(max_size=30),
)


@given(st.data())
def test_what_is_accepted_is_a_gold_of_its_form(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(TEMPLATES)))
    shipped = TEMPLATES[name]
    line = [data.draw(FIELD) for _ in shipped.fields]
    line[0] = data.draw(st.sampled_from(["Easy", "Hard", "no"]))
    if data.draw(st.booleans()):
        line[-1] = line[-2]  # an answer among the options
    for row in filtered(name, f"|{'|'.join(line)}|"):
        if not isinstance(row, Example):
            continue
        answer = FORMS[row.form].official(row.output)
        assert FORMS[row.form].emit(answer) == row.output
        if row.form == "ranking":
            assert sorted(answer) == [1, 2, 3, 4, 5]
        else:
            assert FORMS[row.form].is_gold(answer)
        if row.form == "multiple-choice":
            assert answer < len(row.options)


# --- templates of a user's own -------------------------------------------------------------------


def own(folder: Path, **changes: Any) -> Path:
    data = yaml.safe_load((template.SHIPPED / "query_rewriting.yaml").read_text()) | changes
    path = folder / "mine.yaml"
    path.write_text(yaml.safe_dump(data))
    return path


@pytest.mark.parametrize(
    ("form", "answer", "output"),
    [
        ("classification", "Price, low", "Price, low"),
        ("multi-label", "style; food", "Food, style"),
    ],
)
def test_a_teacher_names_some_of_fixed_texts(
    form: str, answer: str, output: str, tmp_path: Path
) -> None:
    labels = ["Food", "Price, low", "style"]
    make = {"prompt": ["About?"], "input": "{query}", "answer": "{rewritten}", "labels": labels}
    (mine,) = template.load_all([str(own(tmp_path, form=form, make=make, checks={}))])
    text = f"|Easy|{answer}|\n|Easy|Drink|"
    known = facts(SEARCH)
    good, bad = rows.read(text, mine, SEARCH, known, count=2, whole=True, seed=0)
    assert isinstance(good, Example), good
    assert (good.form, good.output, list(good.options)) == (form, output, labels)
    assert isinstance(bad, Rejected)
    assert bad.reason.endswith("not among the options")


def test_a_teachers_order_is_asked_in_another_one(tmp_path: Path) -> None:
    fields = ["difficulty", "a", "b", "c"]
    sample = "|".join([PAPER.strip("|"), "A", "B", "C"])
    make = {"prompt": ["Sort."], "input": "{query}\n{items}", "options": fields[1:]}
    changes = {
        "form": "ordering",
        "make": make,
        "checks": {},
        "fields": fields,
        "sample_output": f"|{sample}|",
        "shots": [{"facts": {"query": "desk"}, "rows": ["|Easy|x|y|z|"]}],
    }
    (mine,) = template.load_all([str(own(tmp_path, **changes))])
    shown = set()
    for number in range(20):
        record = replace(SEARCH, id=str(number))
        known, text = facts(record), "|Easy|oak|pine|fir|"
        (row,) = rows.read(text, mine, record, known, count=1, whole=True, seed=0)
        assert isinstance(row, Example), row
        by_letter = dict(line.split(". ") for line in row.input.splitlines()[1:])
        assert [by_letter[letter] for letter in row.output.split(", ")] == ["oak", "pine", "fir"]
        assert isinstance(clean(row, Clean()), Cleaned)
        shown.add(row.input)
    assert len(shown) > 3
    known = facts(SEARCH)
    (twins,) = rows.read("|Easy|oak|Oak|fir|", mine, SEARCH, known, count=1, whole=True, seed=0)
    assert isinstance(twins, Rejected)
    assert twins.reason == "two candidates are the same"
    fixed = {"prompt": ["Sort."], "input": "{query}", "labels": ["x", "y"]}
    path = own(tmp_path, **{**changes, "make": fixed})
    with pytest.raises(InputError, match="ordering has no make\\.labels"):
        template.load(path)


def test_a_template_of_ones_own_is_named_after_its_file(tmp_path: Path) -> None:
    (mine,) = template.load_all([str(own(tmp_path, skill="concepts"))])
    assert (mine.name, mine.skill) == ("mine", "concepts")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"form": "essay"}, "form"),
        ({"extra": 1}, "extra"),
        ({"sample_output": "|Rewritten|"}, "sample_output has 1"),
        ({"sample_output": "|Difficulty|Rewritten|"}, "must be |Question Difficulty"),
        ({"fields": ["hard", "rewritten"]}, "must name difficulty once"),
        ({"fields": ["difficulty", "query"]}, "no names of facts: query"),
        ({"context": "Query: {quary}"}, "'quary'; known here: language, query, title"),
        ({"context": "Query: {query:>9}"}, "query:>9"),
        ({"context": "Query: {query"}, "expected '}'"),
        ({"needs": ["brand"]}, "'brand'; known here"),
        ({"form": "ranking"}, "make.options"),
        ({"form": "retrieval"}, "make.wrong"),
        ({"shots": [{"facts": {"query": "x"}, "rows": ["|Easy|a|b|"]}]}, "has not the 2 fields"),
        ({"make": {"prompt": ["Write."], "answer": "{reply}"}}, "'reply'"),
    ],
)
def test_a_wrong_template_says_file_field_and_rule(
    tmp_path: Path, changes: dict[str, Any], said: str
) -> None:
    path = own(tmp_path, **changes)
    with pytest.raises(InputError) as caught:
        template.load_all([str(path)])
    assert str(path) in str(caught.value)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("task", "said"),
    [
        ("query_rewritting", "did you mean 'query_rewriting'?"),
        ("nothing_*", "neither a shipped template nor a .yaml file"),
        ("gone.yaml", "no such template"),
    ],
)
def test_an_unknown_task_says_what_is_known(task: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        template.load_all([task, "also_wrong"])
    assert said in str(caught.value)
    assert "also_wrong" in str(caught.value), "all offenders at once"


def test_two_templates_of_one_name_are_refused(tmp_path: Path) -> None:
    path = own(tmp_path).rename(tmp_path / "query_rewriting.yaml")
    with pytest.raises(InputError, match="have the same name"):
        template.load_all(["query_*", str(path)])


@pytest.mark.parametrize("text", ["- a\n- b\n", "a: {b\n", "\x00"])
def test_a_file_that_is_no_template_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    with pytest.raises(InputError, match=r"mine\.yaml"):
        template.load(path)


# --- the plan ------------------------------------------------------------------------------------


def planned(records: list[TeacherRecord], **changes: Any) -> list[Request]:
    chosen = settings(**changes)
    return plan(records, tasks.load(chosen), chosen, seed=0)


SHOP: list[TeacherRecord] = [
    *(Product(id=f"p{i}", source="s", title=f"Lamp {i}", lang="de") for i in range(30)),
    *(Search(id=f"q{i}", source="s", query=f"lamp {i}") for i in range(30)),
]


def test_tasks_take_turns() -> None:
    tasks = ("query_rewriting", "title_translation", "product_queries")
    names = [request.template.name for request in planned(SHOP, tasks=tasks, max_requests=12)]
    assert names == [*tasks] * 4


def test_a_larger_budget_starts_with_the_smaller_ones_requests() -> None:
    small, large = planned(SHOP, max_requests=10), planned(SHOP, max_requests=50)
    assert (len(small), len(large)) == (10, 50)
    assert [r.key for r in large[:10]] == [r.key for r in small]
    assert len({r.key for r in large}) == 50


def test_further_records_do_not_change_what_the_others_are_asked() -> None:
    before, after = (
        [request.key for request in planned(records, tasks=["query_rewriting"], max_requests=99)]
        for records in (SHOP[40:], SHOP)
    )
    assert before == [key for key in after if key in before]
    assert len(after) == len(before) + 10


def test_a_key_depends_on_model_prompt_and_sampling_alone() -> None:
    def key(**changes: Any) -> str:
        return planned([SEARCH], tasks=["query_rewriting"], **changes)[0].key

    moved = Teacher(url="https://elsewhere/v1", model="m", api_key_env="KEY", timeout_s=1)
    other = Teacher(url="http://127.0.0.1:1/v1", model="n")
    assert key() == key(teacher=moved) == key(max_requests=99)
    keys = [key(), key(teacher=other), key(temperature=0.1), key(examples_per_product=2)]
    assert len({*keys, key(request_overrides={"top_p": 0.5})}) == 5


def test_a_title_is_never_translated_into_its_own_language() -> None:
    requests = planned(SHOP, tasks=["title_translation"], max_requests=30)
    targets = {request.known["target"] for request in requests}
    assert "German" not in targets
    assert len(targets) >= 4


def test_a_task_that_no_record_fits_is_an_error_before_anything_is_asked() -> None:
    with pytest.raises(DataError, match="review_keyphrase: it reads a Review with review"):
        planned(SHOP, tasks=["review_keyphrase", "query_rewriting"])
    assert planned(SHOP, tasks=["review_*", "query_rewriting"]), "a pattern asks for what there is"
    needed = {"name": "category_*", "min_records": 5}
    with pytest.raises(DataError, match="category_attribute: it reads a Product with title and le"):
        planned(SHOP, tasks=[needed, "query_rewriting"])
    with pytest.raises(DataError, match="no record fits"):
        planned([], tasks=["*"])


def test_a_task_may_want_some_languages_only() -> None:
    shop: list[TeacherRecord] = [
        *(Product(id=f"de{i}", source="s", title="Schreibtisch aus Eiche", lang="") for i in "ab"),
        *(Product(id=f"en{i}", source="s", title=f"Oak desk {i}", lang="en") for i in range(9)),
    ]
    named = {"name": "product_*", "langs": ["de"]}
    asked = planned(shop, tasks=[named, "review_writing"], max_requests=99)
    about = Counter((r.template.name == "review_writing", r.record.id[:2]) for r in asked)
    assert set(about) == {(False, "de"), (True, "de"), (True, "en")}


@pytest.mark.parametrize(
    ("max_requests", "said"),
    [(99, "add records that these tasks read"), (40, "raise max_requests")],
)
def test_a_task_with_too_few_records_is_an_error_before_anything_is_asked(
    max_requests: int, said: str
) -> None:
    wanted = {"name": "product_queries", "min_records": 31 if max_requests == 99 else 25}
    with pytest.raises(DataError, match=said) as caught:
        planned(SHOP, tasks=[wanted, "query_rewriting"], max_requests=max_requests)
    assert "product_queries: asked about" in str(caught.value)
    enough = {"name": "product_queries", "min_records": 30}
    assert planned(SHOP, tasks=[enough, "query_rewriting"], max_requests=99)


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_task_may_keep_to_one_sentence_and_has_the_rest_below(name: str) -> None:
    (task,) = tasks.load(settings(tasks=[name], variety="one_per_task"))
    (sentence,) = task.template.make.prompt
    for shot in task.template.shots:
        record, known = of_shot(task.template, shot)
        unseen = task.template.model_copy(update={"shots": ()})
        for line in shot.rows:
            (row,) = rows.read(line, unseen, record, known, count=1, whole=True, seed=0)
            assert isinstance(row, Example), row
            assert row.prompt == sentence
            assert infer_form(row.text(), None) == row.form
            several = TEMPLATES[name].model_copy(update={"shots": ()})
            (other,) = rows.read(line, several, record, known, count=1, whole=True, seed=0)
            assert isinstance(other, Example)
            assert row.output == other.output


def test_what_the_wordings_held_goes_to_the_input() -> None:
    (task,) = tasks.load(settings(tasks=["query_relation"], variety="one_per_task"))
    (row,) = rows.read(
        "|Easy|desk lamp|Complement|",
        task.template,
        SEARCH,
        facts(SEARCH),
        count=1,
        whole=True,
        seed=0,
    )
    assert isinstance(row, Example)
    assert row.input == "Query: red desk oak\nSecond: desk lamp"


def test_a_dialogue_is_shown_up_to_the_customers_last_turn() -> None:
    known = facts(DIALOGUE)
    assert known["dialogue"] == known["asked"]
    closed = replace(DIALOGUE, turns=(*DIALOGUE.turns, ("shop", "Yes.\n|Easy|x|")))
    known = facts(closed)
    assert known["asked"].splitlines()[-1] == "Customer: In stock?"
    assert known["dialogue"].splitlines()[-1] == "Shop: Yes. /Easy/x/"


def test_categories_are_a_list_and_its_last_name() -> None:
    lamp = Product(id="p", source="s", title="Lamp", category=("Home", "Lamps", "Desk Lamps"))
    known = facts(lamp)
    assert known["categories"] == "Home; Lamps; Desk Lamps"
    assert known["leaf_category"] == "Desk Lamps"


def test_a_record_cannot_bring_a_delimiter_into_the_prompt() -> None:
    (request,) = planned([Search(id="q", source="s", query="a|b\n|Easy|x|")], tasks=["query_rew*"])
    assert request.known["query"] == "a/b /Easy/x/"


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"teacher": {}}, "either `url` and `model`, or `local`"),
        ({"teacher": {"url": "http://x", "local": "y"}}, "either `url`"),
        ({"teacher": {"url": "http://x"}}, "needs `model`"),
        ({"teacher": {"local": "x", "api_key_env": "K"}}, "belong to `url`"),
        ({"teacher": {"url": "ftp://x", "model": "m"}}, "must be http"),
        ({"max_requests": 0}, "greater than or equal to 1"),
        ({"request_overrides": {"stream": True}}, "cannot set stream"),
    ],
)
def test_settings_that_contradict_themselves_are_refused(
    changes: dict[str, Any], rule: str
) -> None:
    with pytest.raises(ValueError, match=rule):
        settings(**changes)


# --- the cache -----------------------------------------------------------------------------------


def test_a_lone_surrogate_is_kept_as_what_the_filter_rejects(tmp_path: Path) -> None:
    with Cache(tmp_path / "cache.sqlite") as cache:
        cache.keep("k", Reply("|Easy|a \ud83d lamp|", whole=True))
        reply = cache.reply("k")
    assert reply is not None
    assert "a character that no text has" in reason("query_rewriting", reply.text)


def test_nothing_that_was_asked_is_written(tmp_path: Path) -> None:
    (request,) = planned([SEARCH], tasks=["query_rewriting"])
    with Cache(tmp_path / "cache.sqlite") as cache:
        cache.begin(request.key)
    with closing(sqlite3.connect(tmp_path / "cache.sqlite")) as file:
        dumped = json.dumps(list(file.iterdump()))
    assert SEARCH.query not in dumped
    assert request.key in dumped
