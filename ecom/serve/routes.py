"""The routes and what /openapi.json says of them; their names are ShopIngress's methods."""

from collections.abc import Callable
from typing import Any

from ecom.serve.router import ShopQuery

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
        401: "no valid API key",
        403: "no API keys are set, and this is another machine",
        404: "no such model",
        413: "the body is too large",
        429: "too much waits; Retry-After says for how long",
        503: "the engine failed",
        504: "not answered before the deadline",
    }.items()
}
_SHOP: Any = {
    "openapi_extra": {
        "requestBody": {"content": {"application/json": {"schema": _BODY}}, "required": True}
    },
    "responses": _ERRORS,
}
ENDPOINTS: dict[str, Callable[[Any], Any]] = {
    "models": lambda app: app.get("/v1/models"),
    "one_model": lambda app: app.get("/v1/models/{model:path}", responses=_ERRORS),
    "openai_chat": lambda app: app.post("/v1/chat/completions", responses=_ERRORS),
    "openai_completions": lambda app: app.post("/v1/completions", responses=_ERRORS),
    "shop_answer": lambda app: app.post("/v1/shop/answer", **_SHOP),
    "page": lambda app: app.get("/", include_in_schema=False),
    "health": lambda app: app.get("/health"),
    "ready": lambda app: app.get("/ready", responses=_ERRORS),
}
