from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

ROWS = 160
SKILLS = ("concepts", "behavior", "concepts", None)


@pytest.fixture(scope="session")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Rows whose response hangs on their prompt, of 3 to 25 tokens, as the corpus stage writes."""
    folder = tmp_path_factory.mktemp("corpus")
    for split, count in (("train", ROWS), ("validation", 9)):
        (folder / split).mkdir()
        table = pa.table(
            {
                "id": [f"{split}{n:04d}" for n in range(count)],
                "form": ["generation"] * count,
                "task": ["t"] * count,
                "skill": [SKILLS[n % 4] for n in range(count)],
                "output": ["blue"] * count,
                "prompt_ids": [[5 + n % 40] * (1 + n % 23) for n in range(count)],
                "response_ids": [[100 + n % 7, 2] for n in range(count)],
            }
        )
        pq.write_table(table, folder / split / "part.parquet")
    return folder
