from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ecom.errors import RecipeError
from ecom.recipe import Recipe, load

GOOD: dict[str, Any] = {
    "name": "mine",
    "workdir": "runs/mine",
    "base": "some/model",
    "corpus": {"sources": [{"format": "shopbench", "path": "a.jsonl"}]},
    "train": {"rank": 8},
    "predict": {"queries": "q.jsonl"},
    "evaluate": {"gold": "g.jsonl"},
}


def write(folder: Path, data: Any) -> Path:
    path = folder / "mine.yaml"
    path.write_text(data if isinstance(data, str) else yaml.safe_dump(data))
    return path


def refusal(folder: Path, data: Any, *overrides: str) -> str:
    """The one RecipeError that loading ends with."""
    with pytest.raises(RecipeError) as caught:
        load(write(folder, data), overrides)
    return str(caught.value)


def test_a_good_recipe_keeps_what_it_says_and_fills_in_the_rest(tmp_path: Path) -> None:
    recipe = load(write(tmp_path, GOOD))

    assert (recipe.base, recipe.train.rank) == ("some/model", 8)
    assert recipe.corpus
    assert recipe.corpus.sources[0].path == "a.jsonl"
    assert recipe.train.workers == 2


def test_a_loaded_recipe_cannot_be_changed(tmp_path: Path) -> None:
    recipe = load(write(tmp_path, GOOD))

    with pytest.raises(ValueError, match="frozen"):
        recipe.train.rank = 9


def test_an_unknown_key_answers_with_the_nearest_one(tmp_path: Path) -> None:
    message = refusal(tmp_path, {**GOOD, "train": {"learning_rte": 1}})

    assert "train.learning_rte" in message
    assert "did you mean 'learning_rate'?" in message
    assert "mine.yaml" in message


def test_an_unknown_section_answers_with_the_nearest_one(tmp_path: Path) -> None:
    assert "did you mean 'compress'?" in refusal(tmp_path, {**GOOD, "compres": {}})


def test_an_unknown_key_inside_a_list_has_its_place_in_the_path(tmp_path: Path) -> None:
    sources = [{"format": "shopbench", "path": "a", "limit_row": 3}]
    message = refusal(tmp_path, {**GOOD, "corpus": {"sources": sources}})

    assert "corpus.sources.0.limit_row" in message
    assert "did you mean 'limit_rows'?" in message


def test_a_setting_that_was_replaced_names_those_in_its_place(tmp_path: Path) -> None:
    corpus = {**GOOD["corpus"], "wording": {"detail": "bare"}}
    message = refusal(tmp_path, {**GOOD, "corpus": corpus})
    assert "corpus.wording: " in message
    assert "set `description` and `constraint`" in message


def test_an_unknown_source_format_answers_with_the_nearest_one(tmp_path: Path) -> None:
    sources = [{"format": "shopbnech", "path": "a"}]
    message = refusal(tmp_path, {**GOOD, "corpus": {"sources": sources}})

    assert "corpus.sources.0.format: 'shopbnech'" in message
    assert "did you mean 'shopbench'?" in message


@pytest.mark.parametrize(
    ("override", "path", "value"),
    [
        ("train.rank=many", "train.rank", "'many'"),
        ("train.rank=0", "train.rank", "0"),
        ("train.rank=1.5", "train.rank", "1.5"),
        ("corpus.validation_fraction=0.9", "corpus.validation_fraction", "0.9"),
        ("train=3", "train", "3"),
        ("name='a b'", "name", "'a b'"),
        ("corpus.sources=[]", "corpus.sources", "[]"),
    ],
)
def test_a_bad_value_is_named_with_its_path(
    tmp_path: Path, override: str, path: str, value: str
) -> None:
    assert f"{path}: {value}" in refusal(tmp_path, GOOD, override)


@pytest.mark.parametrize("path", ["target_modules", "target_modules.0"])
def test_a_union_is_named_by_the_path_that_the_user_wrote(tmp_path: Path, path: str) -> None:
    value = 3 if path == "target_modules" else [3]
    message = refusal(tmp_path, {**GOOD, "train": {"target_modules": value}})

    assert f"train.{path}: 3" in message
    assert "tuple[" not in message
    assert "literal[" not in message


def test_a_missing_key_is_named(tmp_path: Path) -> None:
    assert "predict.queries: missing" in refusal(tmp_path, {**GOOD, "predict": {}})
    data = {key: value for key, value in GOOD.items() if key != "workdir"}
    assert "workdir: missing" in refusal(tmp_path, data)


def test_all_offenders_are_named_at_once(tmp_path: Path) -> None:
    data = {**GOOD, "seed": "x", "train": {"rank": -1, "alhpa": 2}, "serve": {"port": 0}}
    message = refusal(tmp_path, data)

    for path in ("seed", "train.rank", "train.alhpa", "serve.port"):
        assert f"\n  {path}: " in message


def test_sample_needs_the_quickstart_section(tmp_path: Path) -> None:
    message = refusal(tmp_path, {**GOOD, "base": "sample"}, "predict.queries=sample")

    assert "base" in message
    assert "predict.queries" in message
    assert "quickstart" in message


TEACHER = {"url": "http://127.0.0.1:1/v1", "model": "m"}


@pytest.mark.parametrize(
    ("shots", "said"),
    [
        ("dev.jsonl", "corpus.without: add 'gold.jsonl', the rows of evaluate.gold"),
        ("./gold.jsonl", "corpus.synthesis.shots.path: './gold.jsonl' holds rows of evaluate"),
        (".", "corpus.synthesis.shots.path: '.' holds rows of evaluate.gold"),
    ],
)
def test_what_is_evaluated_cannot_be_shown_to_a_teacher(
    tmp_path: Path, shots: str, said: str
) -> None:
    synthesis = {"teacher": TEACHER, "max_requests": 1, "shots": {"path": shots}}
    recipe = {
        **GOOD,
        "corpus": {**GOOD["corpus"], "synthesis": synthesis},
        "predict": {"queries": "gold.jsonl"},
        "evaluate": {"gold": "gold.jsonl"},
    }
    assert said in refusal(tmp_path, recipe)
    recipe["corpus"]["without"] = ["gold.jsonl"]
    corpus = load(write(tmp_path, recipe)).corpus
    assert corpus
    assert corpus.synthesis


def test_evaluated_folders_cannot_be_shown_to_a_teacher_either(tmp_path: Path) -> None:
    synthesis = {
        "teacher": TEACHER,
        "max_requests": 1,
        "shots": {"path": "copy_of_it", "format": "ecominstruct"},
    }
    recipe = {
        **GOOD,
        "corpus": {**GOOD["corpus"], "synthesis": synthesis},
        "predict": {"queries": "ecominstruct"},
        "evaluate": {"gold": "ecominstruct"},
    }
    assert "corpus.without: add 'ecominstruct'" in refusal(tmp_path, recipe)
    recipe["corpus"]["without"] = ["ecominstruct"]
    assert load(write(tmp_path, recipe)).corpus


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        *(
            ({"url": url}, "url: must be http")
            for url in (
                "http://user:hunter2@host/v1",
                "http://host/v1?key=hunter2",
                "http://h/v1#hunter2",
                "http://[hunter2/v1",
                "http://host:99999/v1",
                "hunter2",
            )
        ),
        ({"api_key_env": "hunter2"}, "api_key_env: must be the NAME of an environment variable"),
    ],
)
@pytest.mark.parametrize("asked", ["corpus.synthesis.teacher", "predict.baselines.big"])
def test_what_may_be_a_secret_is_refused_without_showing_it(
    tmp_path: Path, asked: str, settings: dict[str, str], said: str
) -> None:
    recipe = {
        **GOOD,
        "corpus": {
            **GOOD["corpus"],
            "synthesis": {"teacher": TEACHER, "max_requests": 1},
        },
        "predict": {"queries": "q", "baselines": {"big": {**TEACHER, "max_requests": 1}}},
    }
    message = refusal(
        tmp_path, recipe, *(f"{asked}.{key}='{value}'" for key, value in settings.items())
    )
    assert f"{asked}.{said}" in message
    assert "hunter2" not in message


def test_an_endpoint_s_password_is_not_shown(tmp_path: Path) -> None:
    predict = {"queries": "q", "endpoint": "http://user:hunter2@shop:8000"}
    message = refusal(tmp_path, {**GOOD, "predict": predict})
    assert "predict.endpoint: not an address" in message
    assert "hunter2" not in message


def test_sample_is_accepted_with_the_quickstart_section(tmp_path: Path) -> None:
    recipe = load(write(tmp_path, {**GOOD, "base": "sample", "quickstart": {}}))

    assert recipe.quickstart is not None


@pytest.mark.parametrize(
    ("override", "field", "expected"),
    [
        ("seed=5", "seed", 5),
        ("train.rank=32", "train.rank", 32),
        ("train.learning_rate=1e-3", "train.learning_rate", 1e-3),
        ("compress.group_size=64", "compress.group_size", 64),
        ("corpus.sources.0.path=b.jsonl", "corpus.sources.0.path", "b.jsonl"),
        ("predict.models=[base, awq]", "predict.models", ("base", "awq")),
        ("base=dir/with=sign", "base", "dir/with=sign"),
        ("train.max_steps=", "train.max_steps", None),
    ],
)
def test_an_override_wins_over_the_file(
    tmp_path: Path, override: str, field: str, expected: Any
) -> None:
    value: Any = load(write(tmp_path, GOOD), [override])
    for part in field.split("."):
        value = value[int(part)] if part.isdigit() else getattr(value, part)

    assert value == expected


def test_the_last_override_of_a_key_wins(tmp_path: Path) -> None:
    assert load(write(tmp_path, GOOD), ["seed=1", "seed=2"]).seed == 2


@pytest.mark.parametrize(
    "override",
    [
        "train.rank",
        "=3",
        "train..rank=3",
        ".rank=3",
        "train.=3",
        "train.rank.deep=3",
        "corpus.sources.7.path=x",
        "corpus.sources.first.path=x",
        "corpus.sources.0.path.deep=x",
        "train.rank=[",
        "train.rank=2023-13-45",
        "seed=" + "9" * 5000,
        "name=" + "[" * 3000,
    ],
)
def test_a_bad_override_is_quoted(tmp_path: Path, override: str) -> None:
    message = refusal(tmp_path, GOOD, override)

    assert override[:20] in message
    assert len(message) < 2000


def test_a_missing_recipe_answers_with_the_nearest_one(tmp_path: Path) -> None:
    write(tmp_path, GOOD)

    with pytest.raises(RecipeError, match=r"did you mean 'mine\.yaml'\?"):
        load(tmp_path / "mien.yaml")


@pytest.mark.parametrize("text", ["", "- a", "just words", "a: [", "a: \x00", "7", "d: 2023-13-45"])
def test_a_file_that_is_no_mapping_is_refused_by_name(tmp_path: Path, text: str) -> None:
    assert "mine.yaml" in refusal(tmp_path, text)


def test_a_folder_and_a_binary_file_are_refused_by_name(tmp_path: Path) -> None:
    binary = tmp_path / "binary.yaml"
    binary.write_bytes(b"\xff\xfe\x80")

    for path in (tmp_path, binary):
        with pytest.raises(RecipeError, match=path.name):
            load(path)


def keys_below(model: Any) -> list[str]:
    return [*model.model_fields, "0", "1", "path", "rank", "sources"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.dates(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(keys_below(Recipe)) | st.integers() | st.text(max_size=4),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)
DOTTED = st.lists(
    st.sampled_from(keys_below(Recipe)) | st.text(max_size=3), min_size=1, max_size=4
).map(".".join)
OVERRIDES = st.lists(
    st.text(max_size=12) | st.builds("{}={}".format, DOTTED, st.text(max_size=8)), max_size=3
)


@given(changes=st.dictionaries(st.sampled_from(list(GOOD)), JSON), overrides=OVERRIDES)
def test_whatever_is_written_loads_or_is_a_recipe_error(
    tmp_path_factory: pytest.TempPathFactory, changes: dict[str, Any], overrides: list[str]
) -> None:
    folder = tmp_path_factory.getbasetemp()
    path = write(folder, {**GOOD, **changes})

    try:
        recipe = load(path, overrides)
    except RecipeError:
        return
    assert load(path, overrides) == recipe


@given(text=st.text(max_size=40))
def test_whatever_text_stands_in_the_file_is_a_recipe_error(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    path = tmp_path_factory.getbasetemp() / "text.yaml"
    path.write_text(text, encoding="utf-8", errors="replace")

    with pytest.raises(RecipeError, match=r"text\.yaml"):
        load(path)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"compress": {"combine": {"weights": {"concepts": 1}}}}, "one adapter is trained"),
        ({"compress": {"combine": {"method": "apart"}}}, "apart keeps train.per's adapters"),
        ({"compress": {"combine": {"method": "learned"}}}, "learned weighs several adapters"),
        (
            {"train": {"per": "skill"}, "predict": {"queries": "q", "models": ["adapters"]}},
            "adapters needs compress.combine.method: apart",
        ),
        (
            {
                "train": {"per": "source"},
                "compress": {"combine": {"method": "apart"}},
                "predict": {"queries": "q", "models": ["adapters"]},
            },
            "adapters are per source",
        ),
        ({"predict": {"queries": "q", "default_adapter": "a"}}, "does not name adapters"),
        (
            {"train": {"per": "skill"}, "compress": {"combine": {"weights": {"concept": 1}}}},
            "compress.combine.weights: 'concept' is not a skill (train.per); known: "
            "concepts, reasoning, behavior, multilingual; did you mean 'concepts'?",
        ),
        (
            {
                "train": {"per": "form"},
                "compress": {"combine": {"method": "apart"}},
                "predict": {"queries": "q", "models": ["adapters"], "default_adapter": "choice"},
            },
            "predict.default_adapter: 'choice' is not a form",
        ),
    ],
)
def test_adapters_that_no_stage_makes_are_refused_before_any_is_trained(
    tmp_path: Path, settings: dict[str, Any], said: str
) -> None:
    assert said in refusal(tmp_path, GOOD | settings)
