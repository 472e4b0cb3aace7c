import pytest

from ecom.corpus.atomic import CATALOGUE
from ecom.corpus.skills import check, skill_of
from ecom.errors import InputError


def test_a_name_goes_before_patterns_and_patterns_go_in_order() -> None:
    table = {"re*": "behavior", "*view": "concepts", "review": "reasoning"}
    found = {task: skill_of(task, "en", table) for task in ("review", "rewrite", "overview", "x")}  # type: ignore[arg-type]
    assert found == {
        "review": "reasoning",
        "rewrite": "behavior",
        "overview": "concepts",
        "x": None,
    }


def test_a_task_of_a_known_name_has_its_skill() -> None:
    for name, entry in CATALOGUE.items():
        assert skill_of(name.partition(":")[2], "en", {}) == entry.skill
    assert skill_of("Query Product-Ranking", "", {}) == "behavior"
    assert skill_of("Query Product-Ranking", "de", {}) == "multilingual"
    assert skill_of("Query Product-Ranking", "de", {"*": "concepts"}) == "concepts"


def test_all_names_that_set_nothing_are_named_at_once() -> None:
    table = {"mcq_sa": "behavior", "mcq_*": "concepts", "mcqsap": "concepts", "given": "concepts"}
    read = {("mcq_sa", "behavior"), ("mcq_sap", "concepts"), ("given", "reasoning")}
    with pytest.raises(InputError) as caught:
        check(table, read)  # type: ignore[arg-type]
    heading, unknown, useless = str(caught.value).splitlines()
    assert heading == "corpus.skill: these names set no row's skill:"
    assert unknown.startswith("  'mcqsap': no such task; did you mean mcq_sap")
    assert useless.startswith("  'given': another entry, or their source, sets the skill of given")
