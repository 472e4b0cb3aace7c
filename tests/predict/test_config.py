import pytest
from pydantic import ValidationError

from ecom.predict.config import PredictConfig


@pytest.mark.parametrize("url", ["shop:8000", "ftp://shop", "http://", "http://[::1", "http://a:b"])
def test_an_endpoint_is_an_address(url: str) -> None:
    with pytest.raises(ValidationError, match="not an address; give http://HOST:PORT"):
        PredictConfig(queries="q", endpoint=url)


def test_how_it_is_carried_out_does_not_change_what_it_is() -> None:
    plain = PredictConfig(queries="q")
    assert PredictConfig(queries="q", replicas=4, batch_size=7).identity() == plain.identity()
    assert PredictConfig(queries="q", output="parquet").identity() != plain.identity()


def test_an_endpoint_is_asked_in_the_models_place() -> None:
    asked = PredictConfig(queries="q", models=("base", "awq"), endpoint="http://shop:8000/")
    assert asked.names() == ("endpoint",)
    assert asked.identity() == {
        "queries": "q",
        "endpoint": "http://shop:8000",
        "output": "jsonl",
    }
