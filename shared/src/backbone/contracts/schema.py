"""The schemas of the facts: what a writer promises, and what a reader cannot do without.

Both are generated from the contracts, kept as files under `contracts/schemas/` (`make contracts` writes them anew) and
compared with these by a test. A schema that was told once stays.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs
from pydantic_core import from_json

from .base import Fact

FOLDER = Path(__file__).parent
ADDRESS = "https://semaine-industrie.example/contracts"

Schema = dict[str, Any]


def name_of(kind: type[Fact]) -> str:
    """The last word of the fact's type: « EventLabelled »."""
    return kind.ce_type.rpartition(".")[2]


def address_of(kind: type[Fact]) -> str:
    """The value of the header `ce_dataschema`: which schema the fact adheres to, and which version of it."""
    return f"{ADDRESS}/{name_of(kind)}.{kind.version}.json"


def told(kind: type[Fact]) -> Schema:
    """What the fact's writer promises, bounds included (JSON Schema 2020-12)."""
    about = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": address_of(kind)}
    schema = about | kind.model_json_schema(mode="serialization")
    for carried in kind.carries:
        described = carried.model_json_schema(mode="validation")
        schema["$defs"] |= described.pop("$defs", {}) | {carried.__name__: described}
    return schema


def read(kind: type[Fact]) -> Schema:
    """What today's reader of the fact cannot do without."""
    return kind.model_json_schema(mode="validation")


@cache
def _validator(kind: type[Fact]) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(told(kind))


def broken_promises(fact: Fact, value: str) -> Iterator[str]:
    """Where the fact, written as this JSON, is not what its writer promises; without quoting its content."""
    for error in _validator(type(fact)).iter_errors(from_json(value)):
        yield f"{'.'.join(map(str, error.instance_path)) or 'value'}: {error.kind.name}"
    yield from fact.contradictions()
