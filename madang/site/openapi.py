"""The description of the API, as programs read it: what every route may answer besides what it says itself."""

from __future__ import annotations

from typing import Any

from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema

from madang.kit import house

REFUSAL = {
    "title": "Refused",
    "description": "Why something was not done, in the reader's language. `code` does not change; `field` names what was wrong, when it was one field.",
    "type": "object",
    "required": ["code", "message", "field"],
    "properties": {"code": {"type": "string"}, "message": {"type": "string"}, "field": {"anyOf": [{"type": "string"}, {"type": "null"}]}},
}
PROBLEM = {
    "title": "Problem",
    "description": "What was sent is not what the description asks for, or the sign-in or its token is missing.",
    "type": "object",
    "required": ["detail"],
    "properties": {"detail": {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "object"}}]}},
}
EITHER = {"anyOf": [{"$ref": "#/components/schemas/Refused"}, {"$ref": "#/components/schemas/Problem"}]}
ANSWERS = {
    "400": ("What was sent cannot be read, or is too much.", EITHER),
    "401": ("Sign in first, or bring a key (`Authorization: Bearer …`).", {"$ref": "#/components/schemas/Problem"}),
    "403": ("A browser's sign-in needs `X-CSRFToken` too, which is missing; a key needs none.", {"$ref": "#/components/schemas/Problem"}),
    "404": ("It is not there, or not yours to see.", EITHER),
    "409": ("It cannot be done now; nothing was changed.", {"$ref": "#/components/schemas/Refused"}),
    "413": ("What was sent is too much at once.", {"$ref": "#/components/schemas/Refused"}),
    "429": ("That was asked too often: wait a minute.", {"$ref": "#/components/schemas/Refused"}),
    "422": ("What was sent does not fit the description.", {"$ref": "#/components/schemas/Problem"}),
}
WRITES = ("post", "put", "patch", "delete")


class House(NinjaAPI):
    """Our API: a :class:`NinjaAPI` that also says how it refuses."""

    def get_openapi_schema(self, *args: Any, **kwargs: Any) -> OpenAPISchema:
        """The description with the answers that every route has in common."""
        schema = super().get_openapi_schema(*args, **kwargs)
        known = schema["components"].setdefault("schemas", {})
        known |= {"Refused": REFUSAL, "Problem": PROBLEM}
        schema["paths"] = {path: found for path, found in schema["paths"].items() if house.lives(path.removeprefix("/api/").partition("/")[0])}
        for operations in schema["paths"].values():
            for method, operation in operations.items():
                _complete(method, operation)
        return schema


def _complete(method: str, operation: dict[str, Any]) -> None:
    answers = operation["responses"]
    there = {str(code) for code in answers}
    for code, (words, body) in ANSWERS.items():
        if code in there or (code == "401" and not operation.get("security")) or (code in ("403", "413") and method not in WRITES):
            continue
        answers[int(code)] = {"description": words, "content": {"application/json": {"schema": body}}}
