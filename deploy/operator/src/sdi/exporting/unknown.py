"""A value as it was told, taken apart: what its contract knows, typed, and what it does not."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pyarrow as pa


class _Otherwise(Exception):
    """A field holds something else than its contract says: a reader bears it, a column does not."""


def as_typed(value: Mapping[str, Any], fields: pa.Schema) -> dict[str, Any]:
    """The fields that are known, as their columns hold them; one that holds something else is absent."""
    return {field.name: _typed_or_none(value.get(field.name), field.type) for field in fields}


def unknown_parts(value: Mapping[str, Any], fields: pa.Schema) -> dict[str, Any]:
    """What `as_typed` leaves out, in its place: `{"event": {"slots": [{}, {"new": 1}]}}`."""
    return _unknown_fields(value, {field.name: field.type for field in fields})


def _unknown_fields(value: Mapping[str, Any], known: Mapping[str, pa.DataType]) -> dict[str, Any]:
    found = {}
    for name, part in value.items():
        if name not in known:
            found[name] = part
        elif (left := _unknown(part, known[name])) is not None:
            found[name] = left
    return found


def _unknown(value: Any, kind: pa.DataType) -> Any:
    """What of the value has no column; None if nothing is left out."""
    try:
        _typed(value, kind)
    except _Otherwise:
        return value
    if isinstance(value, dict):
        return _unknown_fields(value, {child.name: child.type for child in kind}) or None
    if isinstance(value, list):
        left = [_unknown(item, kind.value_type) for item in value]
        return [{} if one is None else one for one in left] if any(one is not None for one in left) else None
    return None


def _typed_or_none(value: Any, kind: pa.DataType) -> Any:
    try:
        return _typed(value, kind)
    except _Otherwise:
        return None


def _typed(value: Any, kind: pa.DataType) -> Any:
    """The value as the column takes it; only what is deeper down may be missing. Raises _Otherwise."""
    if value is None:
        return None
    if pa.types.is_struct(kind) and isinstance(value, dict):
        return {child.name: _typed_or_none(value.get(child.name), child.type) for child in kind}
    if pa.types.is_list(kind) and isinstance(value, list):
        return [_typed_or_none(item, kind.value_type) for item in value]
    if pa.types.is_nested(kind) or isinstance(value, dict | list):
        raise _Otherwise
    try:
        return _scalar(value, kind)
    except (ValueError, TypeError, OverflowError):
        raise _Otherwise from None


def _scalar(value: Any, kind: pa.DataType) -> Any:
    if pa.types.is_string(kind):
        if not isinstance(value, str):
            raise _Otherwise
        return value
    if pa.types.is_timestamp(kind):
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            raise _Otherwise
        return moment
    if pa.types.is_boolean(kind):
        if not isinstance(value, bool):
            raise _Otherwise
        return value
    return _number(value, kind)


def _number(value: Any, kind: pa.DataType) -> Any:
    number = float(value) if pa.types.is_floating(kind) else int(value)
    if isinstance(value, bool) or number != (value if not isinstance(value, str) else float(value)):
        raise _Otherwise
    return pa.scalar(number, kind).as_py()
