"""The shapes of GeoReport v2 answers as JSON Schema, written after the standard's own field lists.

Compared with the schemas of the repository open311/schema-validation (required fields, types,
values); the words are ours.
"""

from __future__ import annotations

from typing import Any


def maybe(kind: str, **more: Any) -> dict[str, Any]:
    return {"anyOf": [{"type": kind, **more}, {"type": "null"}]}


MOMENT = {"pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)$"}
TEXTS = ("status_notes", "service_name", "agency_responsible", "service_notice", "address",
         "address_id", "zipcode", "media_url")  # fmt: skip
REQUEST: dict[str, Any] = {
    "type": "object",
    "required": ["service_request_id", "status", "service_code", "requested_datetime"],
    "additionalProperties": False,
    "properties": {
        "service_request_id": {"type": "string"},
        "status": {"enum": ["open", "closed"]},
        "service_code": {"type": "string"},
        "description": maybe("string", maxLength=4000),
        "requested_datetime": {"type": "string", **MOMENT},
        "updated_datetime": maybe("string", **MOMENT),
        "expected_datetime": maybe("string", **MOMENT),
        "lat": maybe("number"),
        "long": maybe("number"),
        **{name: maybe("string") for name in TEXTS},
    },
}
REQUESTS = {"type": "array", "items": REQUEST}
SERVICES = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["service_code", "service_name", "metadata", "type"],
        "properties": {
            "service_code": {"type": "string"}, "service_name": {"type": "string"},
            "metadata": {"type": "boolean"}, "type": {"enum": ["realtime", "batch", "blackbox"]},
            "description": maybe("string"), "keywords": maybe("string"), "group": maybe("string"),
        },
    },
}  # fmt: skip
DEFINITION = {
    "type": "object",
    "required": ["service_code", "attributes"],
    "properties": {"service_code": {"type": "string"}, "attributes": {"type": "array"}},
}
ERRORS = {
    "type": "array",
    "minItems": 1,
    "items": {
        "type": "object",
        "required": ["code", "description"],
        "properties": {"code": {"type": "integer"}, "description": {"type": "string"}},
    },
}
