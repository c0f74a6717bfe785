"""What an API says of itself (OpenAPI): true, whole, and in one language.

FastAPI derives most of it from the code. What it cannot know is added here: the problems that each operation may
answer with, told once and referred to; and French in place of our code's English, wherever a reader would see it.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from fastapi import FastAPI

from .problem_kinds import MEDIA_TYPE, PAGES, Kind, body_of, kind_of

METHODS = ("get", "put", "post", "delete", "patch")
ALWAYS = (408, 429, 500, 503)
"""What the server itself may answer to any request."""

DONE = {
    "200": "C’est fait.",
    "201": "C’est créé.",
    "202": "C’est noté ; la suite arrive.",
    "204": "C’est fait ; il n’y a rien à lire.",
    "304": "Rien n’a changé depuis votre dernière lecture.",
}

FIELD_ERROR = {
    "type": "object",
    "description": "Un champ à corriger.",
    "required": ["field", "message"],
    "properties": {
        "field": {"type": "string", "description": "Le champ, par exemple « slots.0.ends_at »."},
        "message": {"type": "string", "description": "Quoi faire, pour une personne."},
    },
}
PROBLEM = {
    "type": "object",
    "description": "Un refus ou un incident (RFC 9457).",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {
            "type": "string",
            "format": "uri-reference",
            "description": f"L’adresse de la page qui explique ce genre de problème ; la liste est à {PAGES}.",
        },
        "title": {"type": "string", "description": "Le nom du genre de problème."},
        "status": {"type": "integer", "description": "Le code HTTP de la réponse."},
        "detail": {"type": "string", "description": "Ce qui s’est passé cette fois, pour une personne."},
        "instance": {
            "type": "string",
            "format": "uri",
            "description": "Le numéro de l’incident, à donner si vous nous écrivez.",
        },
        "errors": {"type": "array", "items": {"$ref": "#/components/schemas/FieldError"}},
    },
}


def refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """For the `responses` of a route: the refusals of its own, besides those that follow from how it is asked."""
    return {status: {"description": kind_of(status).title} for status in statuses}


HEADERS: dict[str, dict[str, Any]] = {
    "Content-Disposition": {"description": "Le nom sous lequel enregistrer le fichier.", "schema": {"type": "string"}},
    "ETag": {
        "description": "La version de ce qui est là, à redonner dans If-Match.",
        "schema": {"type": "string", "pattern": r'^(W/)?"[^"]+"$'},
    },
    "Location": {
        "description": "L’adresse de ce qui a été créé ou remplacé.",
        "schema": {"type": "string", "format": "uri-reference"},
    },
    "Retry-After": {
        "description": "Le nombre de secondes à attendre.",
        "schema": {"type": "integer", "minimum": 1},
    },
    "WWW-Authenticate": {"description": "Comment se montrer : Bearer.", "schema": {"type": "string"}},
}
OF_REFUSALS = {401: ("WWW-Authenticate",), 412: ("ETag",), 428: ("ETag",), 429: ("Retry-After",), 503: ("Retry-After",)}
"""The headers that come with every refusal of a status."""


def with_headers(*names: str) -> dict[str, Any]:
    """For one of the `responses` of a route: the headers that always come with it."""
    return {"headers": {name: {"required": True, **HEADERS[name]} for name in names}}


def describe(
    app: FastAPI,
    *,
    kinds: Sequence[Kind],
    words: Mapping[str, str],
    examples: Mapping[str, Any] | None = None,
    schemes: Mapping[str, Any] | None = None,
) -> None:
    """Makes `app` describe itself so. `words`: the meaning of each model, and of each parameter, by its name.

    The meaning of a property may be given by its name, or by its model's and its name: `Step.at`. So may one of its
    `examples`. `schemes`: ways to show who one is that routes name and FastAPI does not know. Raises LookupError,
    when the description is first asked for, where a model or a parameter has no meaning.
    """
    derive = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            amended = copy.deepcopy(derive())
            app.openapi_schema = None
            _amend(amended, kinds, words)
            _show(amended["components"]["schemas"], examples or {})
            if schemes:
                amended["components"].setdefault("securitySchemes", {}).update(schemes)
            app.openapi_schema = amended
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _amend(told: dict[str, Any], kinds: Sequence[Kind], words: Mapping[str, str]) -> None:
    told["servers"] = [{"url": "/"}]
    components = told.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    _require_what_is_always_told(told)
    for name, schema in schemas.items():
        _say(schema, _meaning(name, words), {**words, **_of_model(name, words)})
    schemas |= {"Problem": PROBLEM, "FieldError": FIELD_ERROR}
    used: set[int] = set()
    for operation in _operations(told):
        used |= _amend_operation(operation, words)
    components["responses"] = {f"Problem{status}": _response(status, kinds) for status in sorted(used)}


def _show(schemas: dict[str, Any], examples: Mapping[str, Any]) -> None:
    for model, schema in schemas.items():
        for name, part in schema.get("properties", {}).items():
            if (example := examples.get(f"{model}.{name}", examples.get(name))) is not None:
                part["examples"] = [example]


def _require_what_is_always_told(told: dict[str, Any]) -> None:
    """FastAPI takes a field with a default for one that may be missing; of what is answered none ever is."""
    schemas, given = told["components"]["schemas"], set[str]()
    to_see = [operation.get("requestBody") for operation in _operations(told)]
    while to_see:
        names = set(_referred_to(to_see.pop())) - given
        given |= names
        to_see += [schemas[name] for name in names]
    for schema in (schemas[name] for name in schemas.keys() - given if "properties" in schemas[name]):
        schema["required"] = list(schema["properties"])
        for told_always in schema["properties"].values():
            told_always.pop("default", None)


def _referred_to(told: Any) -> Iterator[str]:
    """The names of the models that a part of the description refers to."""
    if isinstance(told, dict):
        if "$ref" in told:
            yield told["$ref"].rsplit("/", 1)[1]
        for part in told.values():
            yield from _referred_to(part)
    elif isinstance(told, list):
        for part in told:
            yield from _referred_to(part)


def _operations(told: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for path in told["paths"].values():
        yield from (operation for method, operation in path.items() if method in METHODS)


def _amend_operation(operation: dict[str, Any], words: Mapping[str, str]) -> set[int]:
    for parameter in operation.get("parameters", ()):
        parameter["description"] = parameter.get("description") or _meaning(parameter["name"], words)
        _say(parameter["schema"])
    responses = operation["responses"]
    refused = {int(status) for status in responses if int(status) >= 400} | set(ALWAYS) | _as_asked(operation)
    for status, response in responses.items():
        if int(status) < 400:
            response["description"] = DONE[status]
            for content in response.get("content", {}).values():
                _say(content.get("schema", {}))
    for status in refused:
        responses[str(status)] = {"$ref": f"#/components/responses/Problem{status}"}
    operation["responses"] = dict(sorted(responses.items()))
    return refused


def _as_asked(operation: dict[str, Any]) -> set[int]:
    """The refusals that follow from what an operation asks for."""
    body = {413, 422} if "requestBody" in operation else set()
    signed_in = {401} if "security" in operation else set()
    return body | signed_in | ({422} if "parameters" in operation else set())


def _meaning(name: str, words: Mapping[str, str]) -> str:
    if name not in words:
        raise LookupError(f"the documentation does not say what {name} means: add it to http/manual.py of the service")
    return words[name]


def _of_model(model: str, words: Mapping[str, str]) -> dict[str, str]:
    return {name.removeprefix(f"{model}."): meaning for name, meaning in words.items() if name.startswith(f"{model}.")}


def _say(schema: dict[str, Any], meaning: str | None = None, of_properties: Mapping[str, str] | None = None) -> None:
    """Takes out the English that was derived from names and docstrings, and says the meaning instead."""
    schema.pop("title", None)
    schema.pop("description", None)
    if meaning:
        schema["description"] = meaning
    for name, part in schema.get("properties", {}).items():
        _say(part, (of_properties or {}).get(name))
    for part in (schema.get("items"), schema.get("additionalProperties"), *schema.get("anyOf", ())):
        if isinstance(part, dict):
            _say(part)


def _response(status: int, kinds: Sequence[Kind]) -> dict[str, Any]:
    mine = [kind for kind in kinds if kind.status == status]
    content: dict[str, Any] = {"schema": {"$ref": "#/components/schemas/Problem"}}
    content["examples"] = {kind.slug: {"summary": kind.title, "value": _example(kind)} for kind in mine}
    response: dict[str, Any] = {"description": kind_of(status).title, "content": {MEDIA_TYPE: content}}
    return response | (with_headers(*OF_REFUSALS[status]) if status in OF_REFUSALS else {})


def _example(kind: Kind) -> dict[str, Any]:
    errors = [{"field": "title", "message": "Ce champ est obligatoire."}] if kind.status == 422 else ()
    instance = "urn:uuid:6d7d0f36-4d5e-4b1f-9a55-3f4f6f3f9f10" if kind.status == 500 else None
    return body_of(kind, kind.meaning, errors, instance)
