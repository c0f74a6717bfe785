"""Many records at once are read as one by one: what the quick way takes, every reader takes."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

import sdi.exporting.sorting as sorting
from backbone.contracts.schema import FOLDER
from backbone.kafka.envelope import Unreadable, read_fact
from sdi.exporting.shapes import KINDS, UNREADABLE, shape_of
from sdi.exporting.sorting import sort

KNOWN = {kind.ce_type: kind for kind in KINDS.values()}
SAMPLES = sorted(file.stem for file in (FOLDER / "samples").glob("*.json") if file.stem.partition(".")[0] in KINDS)
DIFFERENT = ("EventLabelled.2", "EventLocated.1", "KitSent.1", "LabelWithdrawn.2", "NoticeFailed.1")
"""All that the others are made of is in these."""
WRONG: tuple[Any, ...] = (None, 2.5, "x", True, {}, "2026-03-02T09:00:00", [None], [{}])


def a_record(name: str, value: Any = ..., **instead: Any) -> Any:
    told = json.loads((FOLDER / "samples" / f"{name}.json").read_text())
    value = told["value"] if value is ... else value
    text = value if isinstance(value, bytes) else json.dumps(value, ensure_ascii=False).encode()
    headers = tuple((name, one.encode()) for name, one in told["headers"].items())
    about = {"topic": KINDS[name.partition(".")[0]].topic.name, "partition": 3, "offset": 7, "timestamp": 1790000000123}
    return SimpleNamespace(**{**about, "key": told["key"].encode(), "value": text, "headers": headers} | instead)


def the_value(name: str) -> Any:
    return json.loads((FOLDER / "samples" / f"{name}.json").read_text())["value"]


def altered(value: Any) -> Iterator[Any]:
    """The value with each of its parts left out, replaced by something else, and with one that nobody knows."""
    yield from WRONG
    for way in _ways(value):
        for new in (..., *WRONG):
            changed = copy.deepcopy(value)
            *before, last = way
            holder = changed
            for step in before:
                holder = holder[step]
            if new is ...:
                del holder[last]
            else:
                holder[last] = new
            yield changed


def _ways(value: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    steps = value.items() if isinstance(value, dict) else enumerate(value[:1]) if isinstance(value, list) else ()
    for step, part in steps:
        yield (*way, step)
        yield from _ways(part, (*way, step))


def is_read(record: Any) -> bool:
    try:
        return read_fact(record, KNOWN) is not None
    except Unreadable:
        return False


@pytest.fixture
def slowly(monkeypatch):
    """The records that were taken one by one."""
    taken, as_it_is = [], sorting._one_by_one

    def one_by_one(rows, **how):
        taken.extend(row.record for row in rows)
        return as_it_is(rows, **how)

    monkeypatch.setattr(sorting, "_one_by_one", one_by_one)
    return taken


@pytest.mark.parametrize("name", SAMPLES)
def test_a_fact_in_order_is_read_the_quick_way_and_gives_the_same_row_as_the_slow_one(name, slowly, monkeypatch):
    sheet = name.partition(".")[0]
    quick = sort([a_record(name)])[sheet]
    assert slowly == []
    monkeypatch.setattr(sorting, "_quickly", lambda *_, **__: (_ for _ in ()).throw(sorting._Irregular))
    assert sort([a_record(name)])[sheet].to_pylist() == quick.to_pylist()
    assert len(slowly) == 1


@pytest.mark.parametrize("name", DIFFERENT)
def test_the_quick_way_takes_nothing_that_a_reader_of_the_platform_refuses(name):
    for value in altered(the_value(name)):
        record = a_record(name, value)
        [(sheet, _)] = sort([record]).items()
        assert (sheet != UNREADABLE) is is_read(record), value


@pytest.mark.parametrize(
    "instead",
    [
        {"value": b"{"},
        {"value": b""},
        {"value": b"\xef\xbb\xbf{}"},
        {"value": json.dumps(the_value("KitSent.1")).encode() * 2},
        {"value": json.dumps(the_value("KitSent.1")).encode() + b"\n{}"},
        {"value": json.dumps(the_value("KitSent.1")).replace("affiche", "\\ud800").encode()},
        {"value": json.dumps(the_value("KitSent.1")).encode().replace(b"affiche", b"\xff\xfe")},
        {"key": b"another"},
        {"key": None},
        {"key": b"\xff"},
        {"topic": "labelling.decisions"},
        {"headers": ()},
        {"headers": (("ce_type", b"\xff"), ("ce_id", b"1"))},
        {"headers": (("ce_type", KINDS["KitSent"].ce_type.encode()), ("ce_id", b""))},
    ],
)
def test_what_cannot_be_read_is_kept_with_its_bytes_and_the_reason_and_the_others_go_on(instead):
    from base64 import b64decode

    broken, whole = a_record("KitSent.1", **instead), a_record("KitSent.1")
    sheets = {sheet: rows.to_pylist() for sheet, rows in sort([broken, whole, broken]).items()}
    assert len(sheets["KitSent"]) == 1
    [row, _] = sheets[UNREADABLE]
    assert b64decode(row["value_base64"]) == broken.value
    assert (row["key_base64"] and b64decode(row["key_base64"])) == broken.key
    assert row["reason"]
    assert (row["_partition"], row["_offset"]) == (3, 7)


def test_fields_that_no_contract_knows_are_kept_where_they_were():
    value = the_value("EventLabelled.2")
    value["mood"] = "merry"
    value["event"]["slots"][1]["lift"] = {"floors": 3}
    value["verdicts"][0]["colour"] = None
    [row] = sort([a_record("EventLabelled.2", value)])["EventLabelled"].to_pylist()
    known = sort([a_record("EventLabelled.2")])["EventLabelled"].to_pylist()[0]
    more = json.loads(row.pop("more"))
    assert more["mood"] == "merry"
    assert more["event"] == {"slots": [{}, {"lift": {"floors": 3}}]}
    assert row == {name: one for name, one in known.items() if name != "more"}


def test_a_message_that_nobody_knows_yet_has_a_folder_of_its_own_with_all_it_says():
    headers = dict(a_record("KitSent.1").headers) | {"ce_type": b"fr.semaine-industrie.KitThanked", "x-new": b"1"}
    value = {"event_id": "e", "stars": [1, 2]}
    rows = sort([a_record("KitSent.1", value, headers=tuple(headers.items()))])["KitThanked"].to_pylist()
    assert (json.loads(rows[0]["more"]), json.loads(rows[0]["_headers"])) == (value, [["x-new", "1"]])


@pytest.mark.parametrize(
    "ce_type",
    ["fr.semaine-industrie.Unreadable", "fr.semaine-industrie.../../x", "evil.EventLabelled", "Tombstone", ""],
)
def test_a_name_never_leads_out_of_its_folder_or_into_anothers(ce_type):
    headers = dict(a_record("KitSent.1").headers) | {"ce_type": ce_type.encode()}
    assert [*sort([a_record("KitSent.1", headers=tuple(headers.items()))])] == ["Unknown"]


def test_a_tombstone_is_kept_as_one():
    record = SimpleNamespace(**{**vars(a_record("EventLabelled.2")), "value": None})
    [(sheet, rows)] = sort([record]).items()
    [row] = rows.to_pylist()
    assert (sheet, row["_key"].encode(), row["_ce_type"]) == ("Tombstone", record.key, KINDS["EventLabelled"].ce_type)


def test_every_kind_of_message_has_columns():
    assert all(shape_of(name).columns.names for name in KINDS)
