"""Rows as files: Parquet, CSV, lines of JSON. A file is written whole; to add rows to one is to write it anew."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv
import pyarrow.parquet as parquet

from backbone.contracts.schema import address_of, told

from .shapes import KINDS, columns_of, descriptions_of
from .sorting import RAW

ROW_GROUP, SMALL = 50_000, 5_000
GROUPS = 64
"""A file of so many groups of rows gets no more."""
_FORMULA = r"^('*[=+\-@\t\r＝＋－＠])"
"""How a text begins that a spreadsheet would compute, or with apostrophes before that: ours is told from them."""


class Format(StrEnum):
    """What a file's name ends with."""

    PARQUET = "parquet"
    CSV = "csv"
    JSONL = "jsonl"

    @property
    def is_raw(self) -> bool:
        """Whether values are written as they were told."""
        return self is Format.JSONL


def write(form: Format, rows: pa.Table, old: BinaryIO | None, new: BinaryIO, about: Mapping[str, str]) -> None:
    """Writes what the old file holds, if there is one, and the rows behind it. `about`: what Parquet's own metadata say
    besides the columns."""
    _WRITERS[form](rows, old, new, about)


class CannotAdd(Exception):
    """No rows can be added to the old file so that who is reading it goes on: begin another."""


def _write_parquet(rows: pa.Table, old: BinaryIO | None, new: BinaryIO, about: Mapping[str, str]) -> None:
    """Groups of rows, the old ones first and byte by byte as they were: whoever has read the old file's end, which says
    where its groups are, finds them at the same places in the new one (DuckDB opens a file twice). Raises CannotAdd."""
    before = parquet.ParquetFile(old) if old is not None else None
    spans = _spans(rows)
    # zstd is set up anew for each column, which takes a small file three times as long as to be written
    packed = "snappy" if rows.num_rows < SMALL else "zstd"
    if before is not None:
        if before.schema_arrow.remove_metadata() != rows.schema.remove_metadata() or before.num_row_groups >= GROUPS:
            raise CannotAdd
        packed = before.metadata.row_group(0).column(0).compression.lower()
        spans = _joined(json.loads(before.metadata.metadata[b"sdi.spans"]), spans)
    level = 1 if packed == "zstd" else None
    with parquet.ParquetWriter(new, rows.schema, compression=packed, compression_level=level) as writer:
        for place in range(before.num_row_groups if before else 0):
            assert before
            writer.write_table(before.read_row_group(place).combine_chunks())
        writer.write_table(rows.combine_chunks(), row_group_size=ROW_GROUP)
        writer.add_key_value_metadata({**about, "sdi.spans": json.dumps(spans)})
    if old is not None and not _begins_as(old, new):
        raise CannotAdd  # another version of Arrow wrote it


def _begins_as(old: BinaryIO, new: BinaryIO) -> bool:
    old.seek(-8, io.SEEK_END)
    left = old.tell() - int.from_bytes(old.read(4), "little")  # the file's end has its own length
    new.flush()
    old.seek(0)
    with open(new.name, "rb") as again:  # noqa: PTH123 (a file has a name)
        while left > 0:
            part = old.read(min(left, 1 << 20))
            if not part or part != again.read(len(part)):
                return False
            left -= len(part)
    return True


def _joined(one: dict[str, list[int]], other: dict[str, list[int]]) -> dict[str, list[int]]:
    found = dict(one)
    for name, (first, last) in other.items():
        begin, end = found.get(name, (first, last))
        found[name] = [min(begin, first), max(end, last)]
    return found


def _spans(rows: pa.Table) -> dict[str, list[int]]:
    """The first and the last offset of each partition that are in it."""
    found = rows.group_by("_partition").aggregate([("_offset", "min"), ("_offset", "max")])
    return {str(one["_partition"]): [one["_offset_min"], one["_offset_max"]] for one in found.to_pylist()}


def _write_csv(rows: pa.Table, old: BinaryIO | None, new: BinaryIO, about: Mapping[str, str]) -> None:
    if old is not None:
        _copy(old, new)
    flat = pa.table({name: _as_cells(rows[name]) for name in rows.column_names})
    arrow_csv.write_csv(flat, new, arrow_csv.WriteOptions(include_header=old is None))


def _as_cells(column: Any) -> Any:
    kind = column.type
    if pa.types.is_nested(kind):
        return pa.array([None if one is None else _as_json(one) for one in column.to_pylist()], pa.string())
    if pa.types.is_timestamp(kind):
        return pc.strftime(column, "%Y-%m-%dT%H:%M:%SZ")
    if pa.types.is_string(kind):
        return pc.replace_substring_regex(column, _FORMULA, r"'\1", max_replacements=1)
    return column


def _as_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=lambda moment: moment.isoformat())


def _write_lines(rows: pa.Table, old: BinaryIO | None, new: BinaryIO, about: Mapping[str, str]) -> None:
    if old is not None:
        _copy(old, new)
    names = [name for name in rows.column_names if name != RAW]
    values = rows[RAW].to_pylist() if RAW in rows.column_names else [None] * rows.num_rows
    for around, value in zip(rows.select(names).to_pylist(), values, strict=True):
        new.write(_line(_as_json({name: one for name, one in around.items() if one is not None}).encode(), value))


def _line(around: bytes, value: bytes | None) -> bytes:
    """One line of JSON: the value's own fields as they were told, then what surrounds it."""
    if value is None:
        return around + b"\n"
    inside = b" ".join(value.split(b"\n")).strip() if b"\n" in value or b"\r" in value else value.strip()
    if not inside.startswith(b"{"):
        return around[:-1] + b', "more": ' + inside + b"}\n"
    comma = b"" if inside[1:-1].strip() == b"" else b", "
    return inside[:-1] + comma + around[1:] + b"\n"


def _copy(old: BinaryIO, new: BinaryIO) -> None:
    while part := old.read(1 << 20):
        new.write(part)


_WRITERS: Mapping[Format, Callable[[pa.Table, BinaryIO | None, BinaryIO, Mapping[str, str]], None]] = {
    Format.PARQUET: _write_parquet,
    Format.CSV: _write_csv,
    Format.JSONL: _write_lines,
}


def description_of(sheet: str, form: Format) -> str:
    """What `schema.json` says of a folder whose files cannot say it themselves."""
    meanings = descriptions_of(sheet)
    columns = [
        {"name": field.name, "type": str(field.type)} | ({"meaning": m} if (m := meanings.get(field.name)) else {})
        for field in columns_of(sheet)
    ]
    about: dict[str, Any] = {"message": sheet, "format": form.value, "columns": columns}
    if sheet in KINDS:
        kind = KINDS[sheet]
        about |= {"topic": kind.topic.name, "version": kind.version, "contract": address_of(kind), "told": told(kind)}
    if form is Format.CSV:
        about["cells"] = (
            "Lists and groups of fields are JSON. A text that a spreadsheet would compute, as it begins with = + - @, "
            "a tab or a line break, has an apostrophe before it: take one away from each text that begins with one or "
            "more of them and such a sign."
        )
    return json.dumps(about, ensure_ascii=False, indent=1) + "\n"
