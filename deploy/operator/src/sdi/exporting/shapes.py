"""The columns of each message, made of its contract: of all its versions together, so that one table holds them all.

A message's own fields keep their names; what surrounds it (`ENVELOPE`) begins with `_`; what no contract knows is kept
as JSON in `more`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import pyarrow as pa

from backbone.contracts import Fact
from backbone.contracts.schema import FOLDER, Schema, name_of, read

from ..story import TOLD_OF_EVENTS

INSTANT = pa.timestamp("us", "UTC")
MORE = pa.field("more", pa.string())
ENVELOPE = pa.schema(
    [
        ("_topic", pa.string()),
        ("_partition", pa.int32()),
        ("_offset", pa.int64()),
        ("_timestamp", pa.timestamp("ms", "UTC")),
        ("_key", pa.string()),
        ("_ce_id", pa.string()),
        ("_ce_type", pa.string()),
        ("_ce_time", INSTANT),
        ("_dataschema", pa.string()),
        ("_traceparent", pa.string()),
        ("_headers", pa.string()),
    ]
)
"""`_timestamp` is Kafka's own; `_headers` holds what the columns before it do not: JSON, mostly absent."""
MEANINGS: Mapping[str, str] = {
    "_topic": "The topic that the record lies on",
    "_partition": "Its partition",
    "_offset": "Its place there: with topic and partition, it names the record for ever",
    "_timestamp": "When Kafka took it; `day` is this instant's day in UTC",
    "_key": "What it is about: all that is told under one key is in order",
    "_ce_id": "The message’s own id: the same fact, told twice, has the same",
    "_ce_type": "The message’s full name",
    "_ce_time": "When the writer told it",
    "_dataschema": "Which version of the contract it adheres to",
    "_traceparent": "The trace that it belongs to (W3C)",
    "_headers": "Headers that are in no other column, as JSON",
    "more": "Fields that no contract known here has, as JSON",
}

KINDS: Mapping[str, type[Fact]] = {name_of(kind): kind for kind in TOLD_OF_EVENTS}
"""The messages of the public topics, by the names of their folders."""
TOMBSTONE, UNREADABLE, UNKNOWN = "Tombstone", "Unreadable", "Unknown"
SHEETS_OF_OURS: Mapping[str, pa.Schema] = {
    TOMBSTONE: ENVELOPE,
    UNREADABLE: pa.schema(
        [
            *ENVELOPE,
            ("reason", pa.string()),
            ("key_base64", pa.string()),
            ("value_base64", pa.string()),
        ]
    ),
}


@dataclass(frozen=True)
class Shape:
    """How a message lies in a table.

    `strict`: what no reader can do without may not be absent. `wire`: as its JSON is read; instants are text there, as
    only a cast insists on their offset, and in a group of fields that may be absent all may be, as Arrow would miss
    them where the group is. `fields`: as they are kept. `columns`: the table, the envelope with it.
    """

    strict: pa.Schema
    wire: pa.Schema
    fields: pa.Schema
    ids: tuple[tuple[str, ...], ...]

    @property
    def columns(self) -> pa.Schema:
        return pa.schema([*self.fields, MORE, *ENVELOPE])


@cache
def shape_of(name: str) -> Shape:
    """Of one of `KINDS`."""
    kind = KINDS[name]
    told = [json.loads((FOLDER / "schemas" / "told" / f"{name}.{v}.json").read_text()) for v in _versions(kind)]
    strict = pa.schema(_fields([_described(schema) for schema in told], _described(read(kind))))
    wire, fields = (pa.schema([way(field) for field in strict]) for way in (_as_read, _as_kept))
    return Shape(strict, wire, fields, tuple(_ids(strict, ())))


def columns_of(sheet: str) -> pa.Schema:
    """The columns of any folder; of a message that is not known here, the envelope and `more`."""
    if sheet in KINDS:
        return shape_of(sheet).columns
    return SHEETS_OF_OURS.get(sheet, pa.schema([MORE, *ENVELOPE]))


def descriptions_of(sheet: str) -> dict[str, str]:
    """What each column means, where its contract says so."""
    schema = read(KINDS[sheet]) if sheet in KINDS else {}
    own = {name: one["description"] for name, one in schema.get("properties", {}).items() if "description" in one}
    return {**own, **{name: MEANINGS[name] for name in columns_of(sheet).names if name in MEANINGS}}


def _versions(kind: type[Fact]) -> range:
    return range(1, kind.version + 1)


# --- of JSON Schema, what our contracts are made of ------------------------------------------------------------------

ID, NEVER_NULL = {b"sdi.id": b"uuid"}, {b"sdi.null": b"never"}
"""Of a field: it names something, or several; it may be left out, and then has its default, but is never null."""
_SCALARS = {"string": pa.string(), "integer": pa.int64(), "number": pa.float64(), "boolean": pa.bool_()}


@dataclass(frozen=True)
class _Described:
    schema: Schema
    definitions: Schema

    def of(self, schema: Schema) -> _Described:
        """What the schema, found in this one, stands for: « X or nothing » is X."""
        for one in schema.get("anyOf", ()):
            if one.get("type") != "null":
                return self.of(one)
        if ref := schema.get("$ref"):
            return self.of(self.definitions[ref.rpartition("/")[2]])
        return _Described(schema, self.definitions)

    def field(self, name: str) -> _Described | None:
        found = self.schema.get("properties", {}).get(name)
        return None if found is None else self.of(found)

    def is_never_null(self, name: str) -> bool:
        found = self.schema.get("properties", {}).get(name, {"anyOf": [{"type": "null"}]})
        return all(one.get("type") != "null" for one in found.get("anyOf", ()))

    def items(self) -> _Described:
        return self.of(self.schema["items"])


def _described(schema: Schema) -> _Described:
    return _Described(schema, schema.get("$defs", {}))


def _fields(told: Sequence[_Described], needed: _Described | None) -> list[pa.Field]:
    """A field for each property of any version; one that no reader can do without may not be absent."""
    names = dict.fromkeys(name for one in told for name in one.schema.get("properties", {}))
    required = needed.schema.get("required", ()) if needed else ()
    return [_field(name, told, needed, name not in required) for name in names]


def _field(name: str, told: Sequence[_Described], needed: _Described | None, nullable: bool) -> pa.Field:
    found = [one for each in told if (one := each.field(name))]
    kind = _type(found, needed.field(name) if needed else None)
    newest = found[-1].schema
    marks = ID if newest.get("items", newest).get("format") == "uuid" else {}
    if nullable and needed and needed.is_never_null(name):
        marks = marks | NEVER_NULL
    return pa.field(name, kind, nullable, marks or None)


def is_marked(field: pa.Field, mark: Mapping[bytes, bytes]) -> bool:
    """Whether the field is `ID`, or `NEVER_NULL`."""
    return mark.items() <= (field.metadata or {}).items()


def _type(told: Sequence[_Described], needed: _Described | None) -> pa.DataType:
    newest = told[-1].schema
    if newest.get("format") == "date-time":
        return INSTANT
    if newest.get("type") == "array":
        items = [one.items() for one in told]
        return pa.list_(pa.field("item", _type(items, needed.items() if needed else None), nullable=False))
    if newest.get("type") == "object":
        return pa.struct(_fields(told, needed))
    return _SCALARS[newest["type"]]


def _as_kept(field: pa.Field) -> pa.Field:
    """Any of it may be absent: an earlier version did not have it."""
    return _rebuilt(field, _as_kept, nullable=True)


def _as_read(field: pa.Field) -> pa.Field:
    if pa.types.is_timestamp(field.type):
        return pa.field(field.name, pa.string(), field.nullable)
    inside = _as_read_in_what_may_be_absent if pa.types.is_struct(field.type) and field.nullable else _as_read
    return _rebuilt(field, inside, field.nullable)


def _as_read_in_what_may_be_absent(field: pa.Field) -> pa.Field:
    if pa.types.is_struct(field.type):
        return _rebuilt(field, _as_read_in_what_may_be_absent, nullable=True)
    return _as_read(field).with_nullable(True)


def _rebuilt(field: pa.Field, of_child: Callable[[pa.Field], pa.Field], nullable: bool) -> pa.Field:
    kind = field.type
    if pa.types.is_struct(kind):
        kind = pa.struct([of_child(child) for child in kind])
    elif pa.types.is_list(kind):
        kind = pa.list_(of_child(kind.value_field))
    return pa.field(field.name, kind, nullable)


def _ids(fields: Iterator[pa.Field] | pa.Schema, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for field in fields:
        if is_marked(field, ID):
            yield (*path, field.name)
        elif pa.types.is_struct(field.type):
            yield from _ids(field.type, (*path, field.name))
