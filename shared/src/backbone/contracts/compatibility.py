"""Whether what one version tells is what another can read: two JSON Schemas, compared.

Of JSON Schema only what our contracts are made of: objects, arrays, scalars, and `anyOf` for what may be absent. We
looked at jsoncompat, which knows all of it: an alpha that says of itself that it misses changes, and answers yes or no.
Whoever changes a contract is owed a sentence.
"""

from __future__ import annotations

from collections.abc import Iterator

from .schema import Schema


def complaints(read: Schema, told: Schema) -> Iterator[str]:
    """What a reader with the schema `read` cannot do without and is not told by a writer with the schema `told`, each
    in a few words; none: every value that the writer may tell can be read."""
    yield from _Comparison(read, told).of(read, told, "")


def losses(promised: Schema, told: Schema) -> Iterator[str]:
    """What was `promised` once and is `told` no more, for who reads more of it than our own services need: a field, a
    type, a word of a list. That a writer says more than it did is no loss."""
    yield from _Comparison(promised, told, whole=True).of(promised, told, "")


class _Comparison:
    def __init__(self, read: Schema, told: Schema, *, whole: bool = False) -> None:
        self._read, self._told, self._whole = read.get("$defs", {}), told.get("$defs", {}), whole

    def of(self, read: Schema, told: Schema, place: str) -> Iterator[str]:
        if "anyOf" in read and "enum" in read:  # a list of words beside « or null »
            yield from self._words(read["enum"], told.get("enum"), place)
        readable = [_resolved(one, self._read) for one in read.get("anyOf", [read])]
        for one in told.get("anyOf", [told]):
            value = _resolved(one, self._told)
            fitting = next((other for other in readable if _is_readable_as(value, other)), None)
            if fitting is None:
                yield f"`{place or 'value'}` may be {_kind(value)}, where {_kinds(readable)} is read"
            else:
                yield from self._inside(fitting, value, place)

    def _inside(self, read: Schema, told: Schema, place: str) -> Iterator[str]:
        if "enum" in read:
            yield from self._words(read["enum"], told.get("enum"), place)
        if "items" in read and "items" in told:
            yield from self.of(read["items"], told["items"], f"{place}[]")
        properties = told.get("properties", {})
        for name in read.get("required", []):
            if name not in told.get("required", []):
                how = "may be left out" if name in properties else "is not told any more"
                yield f"`{_within(place, name)}` {how}"
        for name, wanted in read.get("properties", {}).items():
            if self._whole and name not in properties and name not in read.get("required", []):
                yield f"`{_within(place, name)}` is not told any more"
            if name in properties:
                yield from self.of(wanted, properties[name], _within(place, name))

    def _words(self, read: list[str], told: list[str] | None, place: str) -> Iterator[str]:
        if self._whole:  # a word more is no loss, and where any may come, none is missing
            if gone := [word for word in read if told is not None and word not in told]:
                yield f"`{place}` is never {_either(gone)} any more"
        elif told is None:
            yield f"`{place}` may be any word, where {_either(read)} is read"
        elif unknown := [word for word in told if word not in read]:
            yield f"`{place}` may be {_either(unknown)}, where {_either(read)} is read"


def _either(words: list[str]) -> str:
    return " or ".join(f"« {word} »" for word in words)


def _within(place: str, name: str) -> str:
    return f"{place}.{name}" if place else name


def _resolved(schema: Schema, definitions: Schema) -> Schema:
    if ref := schema.get("$ref"):
        found: Schema = definitions[ref.rpartition("/")[2]]
        return found
    return schema


def _is_readable_as(told: Schema, read: Schema) -> bool:
    if "type" not in read:  # anything
        return True
    is_same = told.get("type") == read["type"] or (told.get("type"), read["type"]) == ("integer", "number")
    return is_same and read.get("format") in (None, told.get("format"))


def _kind(schema: Schema) -> str:
    return str(schema.get("format") or schema.get("type", "anything"))


def _kinds(schemas: list[Schema]) -> str:
    return " or ".join(map(_kind, schemas))
