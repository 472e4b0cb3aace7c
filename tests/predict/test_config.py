from typing import Any

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
        "keep_columns": [],
        "choice": "label",
    }


BIG = {"url": "http://big/v1", "model": "big", "max_requests": 9}


@pytest.mark.parametrize(
    ("settings", "rule"),
    [
        ({"models": []}, "name a model or a baseline"),
        ({"baselines": {"awq": BIG}}, "awq: ecom uses this name"),
        ({"baselines": {"../big": BIG}}, "pattern"),
        ({"baselines": {"big": {**BIG, "request_overrides": {"stream": True}}}}, "set stream"),
        ({"baselines": {"big": {**BIG, "url": "big/v1"}}}, "must be http"),
        ({"baselines": {"big": {"url": "http://big/v1", "model": "big"}}}, "max_requests"),
        ({"keep_columns": ["sku", "id", "line"]}, "id, line: every answer has this column"),
        ({"keep_columns": ["sku", "sku"]}, "sku: named twice"),
    ],
)
def test_what_cannot_be_asked_is_refused(settings: dict[str, Any], rule: str) -> None:
    with pytest.raises(ValidationError, match=rule):
        PredictConfig.model_validate({"queries": "q", **settings})


def test_baselines_come_first_and_only_what_changes_answers_counts() -> None:
    def settings(**changes: Any) -> PredictConfig:
        baselines = {"big": {**BIG, **changes}}
        return PredictConfig.model_validate({"queries": "q", "baselines": baselines})

    plain = settings()
    assert plain.names() == ("big", "awq")
    patient = settings(max_requests=99, tries=2, concurrency=1, timeout_s=9, api_key_env="KEY")
    assert patient.identity() == plain.identity()
    for change in ({"url": "http://other/v1"}, {"model": "other"}, {"max_tokens": 9}):
        assert settings(**change).identity() != plain.identity()
    assert "baselines" not in PredictConfig(queries="q").identity()
