"""The routes and their descriptions in /openapi.json; their names are ShopIngress's methods."""

from collections.abc import Callable
from typing import Any

from ecom.serve.protocol import ShopQuery

_QUERY = ShopQuery.model_json_schema()
_BODY = {
    "oneOf": [
        _QUERY,
        {
            "type": "object",
            "properties": {
                "queries": {"type": "array", "items": _QUERY, "minItems": 1},
                "stream": {"type": "boolean"},
            },
            "required": ["queries"],
            "additionalProperties": False,
        },
    ]
}
_ERRORS: Any = {
    status: {"description": why}
    for status, why in {
        400: "the request is wrong; error.message says where",
        401: "API keys are set, and the request has none of them",
        403: "no API keys are set, and the request comes from another machine",
        404: "no such model",
        413: "the body is too large",
        429: "too many questions wait; Retry-After says when to ask again",
        415: "the body is compressed otherwise than by gzip",
        503: "the engine failed, or the endpoint is stopping; Retry-After says when to ask again",
        504: "not answered before the deadline",
    }.items()
}
_SHOP: Any = {
    "summary": "Answer shopping questions",
    "description": 'Takes one question or `{"queries": […]}`, a list of up to `serve.max_batch`, '
    "and answers each in its own answer form: with one object, or with "
    '`{"answers": […]}` in the order of the questions. With `"stream": true` the answers to a '
    "list come as JSON lines. A wrong question in a list ends only itself, with the outcome "
    "`refused`.",
    "openapi_extra": {
        "requestBody": {"content": {"application/json": {"schema": _BODY}}, "required": True}
    },
    "responses": _ERRORS,
}
_LISTED = "OpenAI's list: `ecom` (`serve.model_name`), the model as it is, and `shop`, with lanes."
_ONE = "OpenAI's description of one model."
_CHAT = (
    "OpenAI's route, streams too. With the model `shop` the chat's last turn is answered in its "
    "own answer form, as `/v1/shop/answer` does; `shop` in the reply holds form, lane, outcome and "
    "confidences."
)
_TEXT = "OpenAI's route, streams too: the model as it is, without a chat around the text."
_ALIVE = "For load balancers: whether the HTTP process lives. Needs no key."
_READY = (
    "For load balancers: whether a replica of the model answers; with `serve.min_replicas` 0, that "
    "one can be started. Needs no key."
)
ENDPOINTS: dict[str, Callable[[Any], Any]] = {
    "all_models": lambda app: app.get("/v1/models", summary="List the models", description=_LISTED),
    "one_model": lambda app: app.get(
        "/v1/models/{model:path}", summary="Describe a model", description=_ONE, responses=_ERRORS
    ),
    "openai_chat": lambda app: app.post(
        "/v1/chat/completions", summary="Answer a chat", description=_CHAT, responses=_ERRORS
    ),
    "openai_completions": lambda app: app.post(
        "/v1/completions", summary="Continue a text", description=_TEXT, responses=_ERRORS
    ),
    "shop_answer": lambda app: app.post("/v1/shop/answer", **_SHOP),
    "page": lambda app: app.get("/", include_in_schema=False),
    "health": lambda app: app.get("/health", summary="Liveness", description=_ALIVE),
    "ready": lambda app: app.get(
        "/ready", summary="Readiness", description=_READY, responses=_ERRORS
    ),
}
