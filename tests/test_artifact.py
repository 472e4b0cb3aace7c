import json
import multiprocessing
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ecom import artifact
from ecom.errors import DataError, InputError, StageError


def write(path: Path, text: str, config: dict[str, Any] | None = None, **options: Any) -> None:
    with artifact.writing(path, "corpus", config or {}, {}, **options) as draft:
        (draft.path / "rows.txt").write_text(text)
        draft.metrics["rows"] = len(text)


def crash(path: Path, error: type[BaseException], config: dict[str, Any]) -> None:
    with artifact.writing(path, "corpus", config, {}) as draft:
        (draft.path / "rows.txt").write_text("half")
        raise error


def killed(code: str, *arguments: Path) -> None:
    """Run `code` in a process that ends by SIGKILL."""
    full = (
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "from ecom import artifact\n"
        "path = Path(sys.argv[1])\n" + code
    )
    done = subprocess.run([sys.executable, "-c", full, *map(str, arguments)], check=False)
    assert done.returncode == -signal.SIGKILL


KILL_IN_BLOCK = """
with artifact.writing(path, "corpus", {}, {}) as draft:
    (draft.path / "rows.txt").write_text("half")
    os.kill(os.getpid(), signal.SIGKILL)
"""

# Between the renames that take the old artifact away and put the new one in its place.
KILL_IN_SWAP = """
rename, seen = Path.rename, []
def dying(self, target):
    if seen:
        os.kill(os.getpid(), signal.SIGKILL)
    seen.append(self)
    return rename(self, target)
Path.rename = dying
with artifact.writing(path, "corpus", {"new": 1}, {}) as draft:
    (draft.path / "rows.txt").write_text("new")
"""


def test_what_was_written_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "runs" / "corpus"
    with artifact.writing(path, "corpus", {"a": (1, 2)}, {"shop": "f00"}) as draft:
        (draft.path / "rows.txt").write_text("x")
        draft.metrics["rows"] = 1

    whole = artifact.load(path)

    assert whole is not None
    assert (whole.stage, whole.config, whole.parents) == ("corpus", {"a": [1, 2]}, {"shop": "f00"})
    assert whole.metrics == {"rows": 1}
    assert whole.seconds >= 0
    assert whole.versions["python"] == sys.version.split()[0]
    assert (path / "rows.txt").read_text() == "x"


def test_the_fingerprint_on_disk_is_what_a_later_run_asks_for(tmp_path: Path) -> None:
    write(tmp_path / "a", "x", {"models": ("base", "awq")})

    whole = artifact.load(tmp_path / "a")

    assert whole is not None
    assert whole.fingerprint == artifact.fingerprint("corpus", {"models": ("base", "awq")}, {})
    assert whole.fingerprint == artifact.fingerprint("corpus", whole.config, whole.parents)


@pytest.mark.parametrize(
    ("stage", "config", "parents"),
    [
        ("train", {"seed": 1}, {"corpus": "aa"}),
        ("corpus", {"seed": 2}, {"corpus": "aa"}),
        ("corpus", {"seed": 1}, {"corpus": "ab"}),
        ("corpus", {"seed": 1}, {"corpus": "aa", "base": "bb"}),
        ("corpus", {"seed": 1, "more": None}, {"corpus": "aa"}),
    ],
)
def test_a_fingerprint_changes_with_stage_config_and_parents(
    stage: str, config: dict[str, Any], parents: dict[str, str]
) -> None:
    same = artifact.fingerprint("corpus", {"seed": 1}, {"corpus": "aa"})

    assert artifact.fingerprint("corpus", {"seed": 1}, {"corpus": "aa"}) == same
    assert artifact.fingerprint(stage, config, parents) != same


def test_nothing_there_is_no_artifact(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_text("x")

    for name in ("missing", "empty", "file"):
        assert artifact.load(tmp_path / name) is None


@pytest.mark.parametrize("text", ['{"stage": "corp', "[]", '{"stage": "corpus"}', '{"odd": 1}'])
def test_a_changed_artifact_json_is_named(tmp_path: Path, text: str) -> None:
    write(tmp_path / "a", "x")
    (tmp_path / "a" / "artifact.json").write_text(text)

    with pytest.raises(DataError, match=r"artifact\.json"):
        artifact.load(tmp_path / "a")


def test_a_crash_leaves_no_artifact(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError):
        crash(tmp_path / "a", ZeroDivisionError, {})

    assert artifact.load(tmp_path / "a") is None
    assert not (tmp_path / "a").exists()


def test_a_crash_leaves_the_old_artifact_whole(tmp_path: Path) -> None:
    write(tmp_path / "a", "old")
    before = artifact.load(tmp_path / "a")

    with pytest.raises(KeyboardInterrupt):
        crash(tmp_path / "a", KeyboardInterrupt, {"new": 1})

    assert artifact.load(tmp_path / "a") == before
    assert (tmp_path / "a" / "rows.txt").read_text() == "old"


def test_a_new_artifact_replaces_the_old_one_and_its_files(tmp_path: Path) -> None:
    with artifact.writing(tmp_path / "a", "corpus", {}, {}) as draft:
        (draft.path / "gone.txt").write_text("old")
    write(tmp_path / "a", "new", {"new": 1})

    assert {p.name for p in (tmp_path / "a").iterdir()} == {"artifact.json", "rows.txt"}
    assert [p.name for p in tmp_path.glob(".a.*.partial")] == []


def test_a_kill_in_the_middle_leaves_no_artifact_and_the_next_run_works(tmp_path: Path) -> None:
    killed(KILL_IN_BLOCK, tmp_path / "a")
    assert artifact.load(tmp_path / "a") is None

    write(tmp_path / "a", "whole")

    assert (tmp_path / "a" / "rows.txt").read_text() == "whole"


def test_a_kill_in_the_middle_leaves_the_old_artifact(tmp_path: Path) -> None:
    write(tmp_path / "a", "old", {"old": 1})
    before = artifact.load(tmp_path / "a")

    killed(KILL_IN_BLOCK, tmp_path / "a")

    assert artifact.load(tmp_path / "a") == before


def test_a_kill_in_the_middle_of_the_swap_loses_nothing(tmp_path: Path) -> None:
    write(tmp_path / "a", "old", {"old": 1})
    before = artifact.load(tmp_path / "a")

    killed(KILL_IN_SWAP, tmp_path / "a")

    assert artifact.load(tmp_path / "a") == before
    assert (tmp_path / "a" / "rows.txt").read_text() == "old"
    write(tmp_path / "a", "new", {"new": 1})
    assert (tmp_path / "a" / "rows.txt").read_text() == "new"


@pytest.mark.parametrize(
    ("resume", "config", "kept"),
    [(True, {}, True), (False, {}, False), (True, {"other": 1}, False)],
)
def test_an_interrupted_run_is_resumed_only_by_the_same_work(
    tmp_path: Path, resume: bool, config: dict[str, Any], kept: bool
) -> None:
    killed(KILL_IN_BLOCK, tmp_path / "a")

    with artifact.writing(tmp_path / "a", "corpus", config, {}, resume=resume) as draft:
        assert (draft.path / "rows.txt").exists() == kept


def hold(path: Path, held: Any, release: Any) -> None:
    with artifact.writing(path, "corpus", {}, {}):
        held.set()
        release.wait(60)


def test_a_second_writer_is_refused_until_the_first_has_ended(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    held, release = context.Event(), context.Event()
    first = context.Process(target=hold, args=(tmp_path / "a", held, release))
    first.start()
    try:
        assert held.wait(60)
        with pytest.raises(StageError, match="another process is writing"):
            write(tmp_path / "a", "second")
    finally:
        release.set()
        first.join(60)

    write(tmp_path / "a", "second")
    assert (tmp_path / "a" / "rows.txt").read_text() == "second"


def test_what_ecom_did_not_write_is_never_replaced(tmp_path: Path) -> None:
    mine = tmp_path / "train"
    mine.mkdir()
    (mine / "photos.zip").write_text("years of work")

    with pytest.raises(InputError, match="workdir"):
        write(mine, "x")

    assert (mine / "photos.zip").read_text() == "years of work"


def test_an_empty_folder_may_be_replaced(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    write(tmp_path / "a", "x")

    assert artifact.load(tmp_path / "a") is not None


def test_artifact_json_is_what_a_person_can_read(tmp_path: Path) -> None:
    write(tmp_path / "a", "x", {"brand": "Öko"})
    text = (tmp_path / "a" / "artifact.json").read_text(encoding="utf-8")

    assert '"brand": "Öko"' in text
    assert json.loads(text)["stage"] == "corpus"


FILES = st.dictionaries(
    st.text("abc", min_size=1, max_size=3), st.binary(max_size=3), min_size=1, max_size=3
)


@given(left=FILES, right=FILES)
def test_a_folders_fingerprint_is_that_of_its_names_and_bytes(
    tmp_path_factory: pytest.TempPathFactory, left: dict[str, bytes], right: dict[str, bytes]
) -> None:
    prints = []
    for files in (left, right):
        folder = tmp_path_factory.mktemp("folder")
        for name, content in files.items():
            (folder / name).write_bytes(content)
        prints.append(artifact.file_fingerprint(folder))

    assert (prints[0] == prints[1]) == (left == right)


@given(left=st.binary(max_size=4), right=st.binary(max_size=4))
def test_a_files_fingerprint_is_that_of_its_bytes_wherever_it_lies(
    tmp_path_factory: pytest.TempPathFactory, left: bytes, right: bytes
) -> None:
    assume(left != right)
    folder = tmp_path_factory.mktemp("files")
    for name, content in {"a": left, "b": left, "c": right}.items():
        (folder / name).write_bytes(content)
    a, b, c = (artifact.file_fingerprint(folder / name) for name in "abc")

    assert a == b != c


def test_hours_of_unfinished_work_are_not_cleared_for_other_settings(tmp_path: Path) -> None:
    path, settings, others = tmp_path / "train", {"lora": {"rate": 1}}, {"lora": {"rate": 2}}

    def begin(config: dict[str, Any]) -> None:
        with artifact.writing(path, "train", config, {}, resume=True) as draft:
            (draft.path / artifact.UNFINISHED).write_text('{"done": "step 40 of 90"}')
            raise RuntimeError("killed")

    with pytest.raises(RuntimeError):
        begin(settings)
    with pytest.raises(InputError, match=r"step 40 of 90.*: lora\.rate was 1, is now 2"):
        begin(others)
    with artifact.writing(path, "train", settings, {}, resume=True) as draft:
        assert (draft.path / artifact.UNFINISHED).is_file()
    assert artifact.load(path) is not None


def test_a_models_fingerprint_is_that_of_both_ends_of_its_files(tmp_path: Path) -> None:
    weights, tokenizer = tmp_path / "model.safetensors", tmp_path / "tokenizer.json"
    weights.write_bytes(bytes(3 * 2**20))
    tokenizer.write_text("{}")
    whole = artifact.model_fingerprint(tmp_path)
    words = artifact.model_fingerprint(tmp_path, weights=False)
    weights.write_bytes(bytes(3 * 2**20 - 1) + b"1")
    assert artifact.model_fingerprint(tmp_path) != whole
    assert artifact.model_fingerprint(tmp_path, weights=False) == words
    weights.write_bytes(bytes(3 * 2**20))
    assert artifact.model_fingerprint(tmp_path) == whole
    tokenizer.write_text("{ }")
    assert artifact.model_fingerprint(tmp_path, weights=False) != words
