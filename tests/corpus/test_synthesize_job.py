"""A local teacher: real Ray Data, real vLLM and a random model, which writes nonsense."""

from pathlib import Path

import pytest

from ecom.corpus.records import Search
from ecom.corpus.synthesize import tasks
from ecom.corpus.synthesize.config import Synthesis, TaskSettings, Teacher
from ecom.corpus.synthesize.synthesis import Spent, synthesize
from ecom.engine import EngineConfig
from ecom.errors import InputError
from ecom.rows import Example
from ecom.shopbench import Rejected

pytestmark = pytest.mark.filterwarnings("default")  # Ray Data and vLLM warn about themselves


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from ecom.quickstart.base import build_tokenizer, new_model, save
    from ecom.quickstart.config import TinyBase

    shape = TinyBase(
        vocab_size=512,
        hidden_size=64,
        intermediate_size=96,
        layers=2,
        heads=2,
        kv_heads=1,
        max_position_embeddings=2048,
    )
    path = tmp_path_factory.mktemp("teacher") / "model"
    tokenizer = build_tokenizer(["Rewrite the query. |Easy|red lamp|\n"] * 4, shape.vocab_size)
    save(new_model(shape, tokenizer, seed=0), tokenizer, path)
    return path


def run(model: Path, cache: Path, limit: int) -> tuple[list[Example | Rejected], Spent]:
    records = [Search(id=str(i), source="s", query="red lamp " * 40 * i + "?") for i in range(3)]
    teacher = Teacher(local=str(model), engine=EngineConfig(max_model_len=limit, max_num_seqs=4))
    settings = Synthesis(
        teacher=teacher,
        tasks=(TaskSettings(name="query_rewriting"),),
        max_requests=10,
        max_tokens=16,
    )
    rows, asking = [], synthesize(records, tasks.load(settings), settings, cache, 0)
    while True:
        try:
            rows.append(next(asking))
        except StopIteration as end:
            return rows, end.value


@pytest.mark.integration
def test_a_model_of_ones_own_is_asked_once_by_vllm(tmp_path: Path, model: Path) -> None:
    rows, spent = run(model, tmp_path, 2048)
    assert (spent.planned, spent.tries, spent.answered) == (3, 3, 3)
    assert spent.completion_tokens <= 3 * 16
    assert spent.prompt_tokens > 3 * 200
    assert rows
    assert all(row.reason for row in rows if isinstance(row, Rejected))
    assert run(model, tmp_path, 2048)[0] == rows, "from the cache"


def test_a_model_that_cannot_be_served_is_refused_before_ray_starts(
    tmp_path: Path, model: Path
) -> None:
    with pytest.raises(InputError, match="max_model_len 4096 is over the model's"):
        run(model, tmp_path, 4096)
