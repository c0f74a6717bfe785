"""Records become rows, sorted by message: many at once where they are as they should be, one by one where not.

The quick way reads the values of one message with Arrow, and refuses at the first one that is not plainly in order. The
slow way then takes the same records one by one, and decides as every reader of the platform does (`read_fact`): so the
quick way may refuse too much, and must never take what `read_fact` does not.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json as arrow_json
from pydantic_core import from_json

from backbone.kafka.envelope import Unreadable, read_fact

from ..kafka import Record
from .shapes import ENVELOPE, KINDS, NEVER_NULL, TOMBSTONE, UNKNOWN, UNREADABLE, Shape, columns_of, is_marked, shape_of
from .unknown import as_typed, unknown_parts

HOUSE = "fr.semaine-industrie."
_NAME = re.compile(r"[A-Z][A-Za-z0-9]{0,63}")
_ID = "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"
_KNOWN = {kind.ce_type: kind for kind in KINDS.values()}
_IN_COLUMNS = ("ce_type", "ce_id", "ce_time", "ce_dataschema", "traceparent")
_IMPLIED = ("ce_specversion", "ce_source", "ce_subject", "content-type")  # by the topic, the key, the format
_USUAL = frozenset((*_IN_COLUMNS, *_IMPLIED))

RAW = "_value"
"""The value's own text, where that is what is written."""


HOLE = ""


class _Irregular(Exception):
    """Not plainly in order."""


@dataclass(frozen=True)
class Row:
    """A record with its headers, taken apart once."""

    record: Record
    headers: Mapping[str, bytes]


def sheet_of(ce_type: str) -> str:
    """The folder of a message: the last word of its name, where that is safe and nobody else's."""
    name = ce_type.removeprefix(HOUSE)
    is_ours = ce_type.startswith(HOUSE) and _NAME.fullmatch(name)
    return name if is_ours and name not in (TOMBSTONE, UNREADABLE) else UNKNOWN


def sort(records: Iterable[Record], types: frozenset[str] | None = None, *, raw: bool = False) -> dict[str, pa.Table]:
    """The rows by their folders. `types`: only these messages; `raw`: the value as it is, and not its fields."""
    groups: defaultdict[tuple[str, bytes | None, bytes | None, bool], list[Row]] = defaultdict(list)
    for record in records:
        headers = dict(record.headers)
        is_usual = headers.keys() == _USUAL and len(record.headers) == len(_USUAL)
        told = headers.get("ce_type")
        if types is None or (told or b"").decode(errors="replace") in types:
            as_it_should = is_usual and record.value is not None and record.key is not None
            groups[record.topic, told, headers.get("ce_dataschema"), as_it_should].append(Row(record, headers))
    sheets: defaultdict[str, list[pa.Table]] = defaultdict(list)
    for (topic, told, _, as_it_should), rows in groups.items():
        for sheet, table in _tables(topic, told, rows, as_it_should=as_it_should, raw=raw):
            sheets[sheet].append(table)
    return {sheet: pa.concat_tables(tables) for sheet, tables in sheets.items()}


def _tables(
    topic: str, told: bytes | None, rows: Sequence[Row], *, as_it_should: bool, raw: bool
) -> list[tuple[str, pa.Table]]:
    kind = _KNOWN.get((told or b"").decode(errors="replace"))
    if kind and kind.topic.name == topic and as_it_should:
        sheet = sheet_of(kind.ce_type)
        try:
            return [(sheet, _quickly(shape_of(sheet), rows, raw=raw))]
        except (_Irregular, pa.ArrowInvalid, pa.ArrowNotImplementedError, UnicodeDecodeError):
            pass
    return _one_by_one(rows, raw=raw)


# --- the quick way ---------------------------------------------------------------------------------------------------


def _quickly(shape: Shape, rows: Sequence[Row], *, raw: bool) -> pa.Table:
    values = [row.record.value or b"" for row in rows]
    if not all(value.startswith(b"{") for value in values):
        raise _Irregular  # Arrow 26 dies of a first value that is null
    lines = b"\n".join(values)
    lines.decode()  # Arrow does not look
    table = arrow_json.read_json(
        pa.BufferReader(lines),
        # in one piece: a line that lies across two would be refused
        arrow_json.ReadOptions(use_threads=False, block_size=len(lines) + 1),
        arrow_json.ParseOptions(explicit_schema=shape.wire, unexpected_field_behavior="error"),
    )
    if table.num_rows != len(rows):
        raise _Irregular
    _insist_on_what_is_needed(table, shape, lines)
    envelope = _envelope([row.record for row in rows], [row.headers for row in rows])
    _insist_on_order(table, envelope, shape)
    if raw:
        return envelope.append_column(RAW, pa.array(values, pa.binary()))
    typed = table.cast(shape.fields)
    nothing = pa.nulls(len(rows), pa.string())
    return pa.Table.from_arrays([*typed.columns, nothing, *envelope.columns], schema=shape.columns)


def _insist_on_order(table: pa.Table, envelope: pa.Table, shape: Shape) -> None:
    """What `read_fact` asks besides the types: ids are ids, the key is the event's, and so is what is carried."""
    for path in shape.ids:
        ids = _at(table, path)
        if not _all(pc.match_substring_regex(pc.list_flatten(ids) if pa.types.is_list(ids.type) else ids, _ID)):
            raise _Irregular
    same = [pc.equal(table["event_id"], envelope["_key"])]
    if ("event", "event_id") in shape.ids:
        same += [pc.equal(_at(table, ("event", name)), table[name]) for name in ("event_id", "revision")]
    if not all(map(_all, [*same, pc.match_substring_regex(envelope["_ce_id"], "^[!-~]+$")])):
        raise _Irregular


def _insist_on_what_is_needed(table: pa.Table, shape: Shape, lines: bytes) -> None:
    """Of what is absent: it may be, or is left out as an earlier version does, and is not told as null."""
    absent = {name for field in shape.strict for name in _absent(table[field.name], field, 0)}
    if HOLE in absent:
        raise _Irregular
    if absent and re.search(rb'"(%s)"\s*:\s*null' % "|".join(sorted(absent)).encode(), lines):
        raise _Irregular


def _absent(column: Any, field: pa.Field, without: int) -> Iterator[str]:
    """The names of the fields that are absent and may not be null; `HOLE` for one that may not be absent. `without`:
    how often the group that it belongs to is absent itself."""
    kind = field.type
    if column.null_count > without and (not field.nullable or is_marked(field, NEVER_NULL)):
        yield field.name if field.nullable else HOLE
    if pa.types.is_list(kind) and pa.types.is_nested(kind.value_type):
        yield from _absent(pc.list_flatten(column), kind.value_field, 0)
    if pa.types.is_struct(kind):
        for child in kind:
            yield from _absent(pc.struct_field(column, child.name), child, column.null_count)


def _at(table: pa.Table, path: tuple[str, ...]) -> Any:
    column = table[path[0]]
    for name in path[1:]:
        column = pc.struct_field(column, name)
    return column


def _all(truths: Any) -> bool:
    return pc.all(truths, min_count=0).as_py() is not False


def _envelope(records: Sequence[Record], headers: Sequence[Mapping[str, bytes]]) -> pa.Table:
    def of_header(name: str) -> Any:
        return pa.array([each[name] for each in headers], pa.binary()).cast(pa.string())

    return pa.Table.from_arrays(
        [
            pa.array([records[0].topic], pa.string()).take(pa.nulls(len(records), pa.int8()).fill_null(0)),
            pa.array([record.partition for record in records], pa.int32()),
            pa.array([record.offset for record in records], pa.int64()),
            pa.array([record.timestamp for record in records], pa.int64()).cast(ENVELOPE.field("_timestamp").type),
            pa.array([record.key for record in records], pa.binary()).cast(pa.string()),
            of_header("ce_id"),
            of_header("ce_type"),
            of_header("ce_time").cast(ENVELOPE.field("_ce_time").type),
            of_header("ce_dataschema"),
            of_header("traceparent"),
            pa.nulls(len(records), pa.string()),
        ],
        schema=ENVELOPE,
    )


# --- the slow way ----------------------------------------------------------------------------------------------------


def _one_by_one(rows: Sequence[Row], *, raw: bool) -> list[tuple[str, pa.Table]]:
    found: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        try:
            sheet, fields = _fields_of(row.record, raw=raw)
        except Unreadable as error:
            sheet, fields = UNREADABLE, _as_bytes(row.record, str(error))
        found[sheet].append({**fields, **_surroundings(row.record)})
    return [(sheet, _as_table(sheet, some, raw=raw)) for sheet, some in found.items()]


def _fields_of(record: Record, *, raw: bool) -> tuple[str, dict[str, Any]]:
    """The folder of a record, and its own fields. Raises Unreadable."""
    if record.value is None:
        return TOMBSTONE, {}
    heard = read_fact(record, _KNOWN)
    sheet = sheet_of(_text(dict(record.headers)["ce_type"]) or "")
    text = _text(record.value)
    if text is None or (record.key is not None and _text(record.key) is None):
        raise Unreadable("its key or its value is not UTF-8")
    if raw and heard:
        return sheet, {RAW: record.value}
    try:
        value = from_json(record.value)
    except ValueError:
        raise Unreadable("its value is no JSON") from None
    if heard is None:
        return sheet, {RAW: record.value} if raw else {"more": text}
    fields = shape_of(sheet).fields
    more = unknown_parts(value, fields)
    return sheet, {**as_typed(value, fields), "more": json.dumps(more, ensure_ascii=False) if more else None}


def _surroundings(record: Record) -> dict[str, Any]:
    headers = dict(reversed(record.headers))  # of two with one name, every reader takes the first
    told = {name: _text(headers.get(name)) for name in _IN_COLUMNS}
    more = [
        (name, _text(value))
        for name, value in record.headers
        if name not in _IMPLIED and (told.get(name) is None or headers[name] != value)
    ]
    return {
        "_topic": record.topic,
        "_partition": record.partition,
        "_offset": record.offset,
        "_timestamp": record.timestamp,
        "_key": _text(record.key),
        "_ce_id": told["ce_id"],
        "_ce_type": told["ce_type"],
        "_ce_time": _instant(told["ce_time"]),
        "_dataschema": told["ce_dataschema"],
        "_traceparent": told["traceparent"],
        "_headers": json.dumps(more, ensure_ascii=False) if more else None,
    }


def _as_bytes(record: Record, reason: str) -> dict[str, Any]:
    key, value = (b64encode(part).decode() if part is not None else None for part in (record.key, record.value))
    return {"reason": reason, "key_base64": key, "value_base64": value}


def _text(told: bytes | None) -> str | None:
    try:
        return None if told is None else told.decode()
    except UnicodeDecodeError:
        return None


def _instant(told: str | None) -> datetime | None:
    try:
        moment = datetime.fromisoformat(told or "")
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def _as_table(sheet: str, rows: Sequence[Mapping[str, Any]], *, raw: bool) -> pa.Table:
    schema = columns_of(sheet)
    if raw and sheet not in (TOMBSTONE, UNREADABLE):
        schema = ENVELOPE.append(pa.field(RAW, pa.binary()))
    columns = [_column([row.get(field.name) for row in rows], field) for field in schema]
    return pa.Table.from_arrays(columns, schema=schema)


def _column(values: Sequence[Any], field: pa.Field) -> Any:
    if field.name == "_timestamp":
        return pa.array(values, pa.int64()).cast(field.type)
    return pa.array(values, field.type)


Sort = Callable[[Iterable[Record]], Mapping[str, pa.Table]]
