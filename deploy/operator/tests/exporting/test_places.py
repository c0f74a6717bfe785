"""Whatever moment a process dies at, the next one goes on: nothing is lost, nothing is there twice."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import obstore
import pyarrow.parquet as parquet
import pytest
from obstore.store import MemoryStore

import sdi.exporting.bucket
import sdi.exporting.places
from backbone.contracts.schema import FOLDER
from sdi.errors import Refusal
from sdi.exporting.bucket import Bucket, bucket_of
from sdi.exporting.formats import Format
from sdi.exporting.kept import Asked, Kept, Part
from sdi.exporting.loop import Gathering, Pace
from sdi.exporting.places import Folder
from sdi.exporting.shapes import KINDS

DAY = 24 * 3600 * 1000
CHUNKS = 4
LATER = 7  # passages that a process may live through, at the most


class Died(BaseException):
    """Nothing is tidied up after this."""


def a_record(name: str, offset: int) -> Any:
    told = json.loads((FOLDER / "samples" / f"{name}.json").read_text())
    value = told["value"] | {"edition": "=1+1"} if offset == 0 else told["value"]
    return SimpleNamespace(
        topic=KINDS[name.partition(".")[0]].topic.name,
        partition=offset % 2,
        offset=offset,
        timestamp=1790000000000 + offset * DAY // 3,
        key=told["key"].encode(),
        value=json.dumps(value, ensure_ascii=False).encode(),
        headers=tuple((name, one.encode()) for name, one in told["headers"].items()),
    )


RECORDS = [a_record(("EventLabelled.2", "ReviewRequested.2")[n % 3 == 0], n) for n in range(24)]


def a_process(place: Any, form: Format) -> Kept:
    """Takes what is not taken yet, chunk by chunk, each written by itself."""
    asked = Asked(form, ("labelling.decisions",), None, None, None)
    try:
        kept = place.open() or Kept(asked, "here")
        gathering = Gathering(place, kept, Pace())
        kept.parts.setdefault("all", Part(0, len(RECORDS)))
        while (begin := kept.parts["all"].next) < len(RECORDS):
            end = begin + len(RECORDS) // CHUNKS
            gathering.take(RECORDS[begin:end], {"all": end})
            gathering.write()
    finally:
        place.close()
    return kept


def offsets_in(files: dict[str, bytes], form: Format) -> list[int]:
    found: list[int] = []
    for name, data in files.items():
        if not name.endswith(f".{form}") or name.startswith(".sdi"):
            continue
        if form is Format.PARQUET:
            found += parquet.read_table(io.BytesIO(data))["_offset"].to_pylist()
        elif form is Format.CSV:
            found += [int(row["_offset"]) for row in csv.DictReader(io.StringIO(data.decode()))]
        else:
            found += [json.loads(line)["_offset"] for line in data.splitlines()]
    return sorted(found)


@pytest.fixture(params=["folder", "bucket"])
def somewhere(request, tmp_path) -> tuple[Callable[[], Any], Callable[[], dict[str, bytes]]]:
    """Makes a process's view of one and the same place; and what lies there."""
    if request.param == "folder":
        files = lambda: {str(f.relative_to(tmp_path)): f.read_bytes() for f in tmp_path.rglob("*.*") if f.is_file()}  # noqa: E731
        return lambda: Folder(tmp_path / "out"), lambda: {n.removeprefix("out/"): data for n, data in files().items()}
    store = MemoryStore()

    def objects() -> dict[str, bytes]:
        names = [one["path"] for some in obstore.list(store) for one in some]
        return {name: obstore.get(store, name).bytes().to_bytes() for name in names}

    return lambda: Bucket(store, "s3://here/out"), objects


@pytest.fixture
def dying(monkeypatch) -> Iterator[Callable[[int], None]]:
    """Has the process die at its n-th passage of a failpoint."""

    def at(passage: int) -> None:
        passages = iter(range(1, passage))

        def failpoint(_: str) -> None:
            if next(passages, None) is None:
                raise Died

        for module in (sdi.exporting.places, sdi.exporting.bucket):
            monkeypatch.setattr(module, "failpoint", failpoint)

    return at


@pytest.mark.parametrize("form", [*Format])
def test_a_process_may_die_anywhere_and_what_is_there_in_the_end_is_each_record_once(somewhere, dying, form):
    a_place, files = somewhere
    deaths = 0
    for passage in [*range(1, LATER), *range(1, LATER), 10_000]:
        dying(passage)
        try:
            kept = a_process(a_place(), form)
        except Died:
            deaths += 1
    assert deaths >= LATER
    assert offsets_in(files(), form) == [record.offset for record in RECORDS]
    assert sum(kept.rows.values()) == len(RECORDS)


def test_who_looks_in_between_never_sees_a_record_twice_and_none_goes(tmp_path, dying):
    seen: set[int] = set()
    for passage in [*range(1, 40), 10_000]:
        dying(passage)
        try:
            a_process(Folder(tmp_path), Format.PARQUET)
        except Died:
            now = offsets_in({str(f): f.read_bytes() for f in tmp_path.glob("*/*/*.parquet")}, Format.PARQUET)
            assert len(now) == len(set(now))
            assert seen <= set(now)
            seen = set(now)


def test_the_rows_of_a_day_lie_in_one_file_however_often_they_came(tmp_path):
    a_process(Folder(tmp_path), Format.PARQUET)
    days = [*tmp_path.glob("EventLabelled/day=*")]
    assert [len([*day.iterdir()]) for day in days] == [1] * len(days)


def test_two_processes_do_not_write_to_one_place_and_the_second_is_told_so(somewhere):
    a_place, files = somewhere
    a_process(a_place(), Format.PARQUET)
    before = files()
    first, second = a_place(), a_place()
    kept = first.open()
    with pytest.raises(Refusal, match=r"^another sdi writes to .*: wait for its end, or stop it$"):  # noqa: PT012
        again = second.open()
        first.keep(kept)  # a bucket learns of the other only when it has written
        gathering = Gathering(second, again, Pace())
        gathering.take(RECORDS[:3], {"all": 3})
        gathering.write()
    first.close()
    second.close()
    assert files().keys() == before.keys()


def test_a_folder_that_holds_other_things_is_left_as_it_is(somewhere, tmp_path):
    a_place, files = somewhere
    place = a_place()
    if isinstance(place, Folder):
        (tmp_path / "out").mkdir()
        (tmp_path / "out" / "thesis.tex").write_text("x")
    else:
        obstore.put(place._store, "thesis.tex", b"x")
    with pytest.raises(Refusal, match=r"holds other things than an export of ours: name a new or an empty folder$"):
        place.open()
    assert [*files()] == ["thesis.tex"]


def test_a_disk_that_is_full_is_said_with_what_to_do(tmp_path, monkeypatch):
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    place = Folder(tmp_path / "out")
    gathering = Gathering(place, place.open() or Kept(Asked("parquet", (), None, None, None), ""), Pace())
    gathering.take(RECORDS, {})
    monkeypatch.setattr(sdi.exporting.places.os, "fsync", full)
    with pytest.raises(
        Refusal, match=r"takes no more \(No space left on device\): what was written before is whole\. "
    ):
        gathering.write()
    place.close()


def test_a_bucket_is_entered_with_what_the_environment_says_or_not_at_all():
    with pytest.raises(Refusal, match="the environment does not say how to enter the bucket: set AWS_ACCESS_KEY_ID"):
        bucket_of("s3://facts/all", {})
    with pytest.raises(Refusal, match="names no bucket: s3://BUCKET/FOLDER"):
        bucket_of("s3://", {"AWS_ACCESS_KEY_ID": "x"})


# --- what the other formats say --------------------------------------------------------------------------------------


def test_a_text_that_a_spreadsheet_would_compute_is_a_text_and_can_be_had_back(tmp_path):
    a_process(Folder(tmp_path), Format.CSV)
    rows = [row for file in tmp_path.glob("*/*/*.csv") for row in csv.DictReader(io.StringIO(file.read_text()))]
    [formula] = [row for row in rows if row["_offset"] == "0"]
    assert formula["edition"] == "'=1+1"
    assert {row["edition"] for row in rows} == {"'=1+1", "2026"}
    assert json.loads(formula["event"])["venue"]["address"]["postcode"] == "42700"


def test_a_line_of_json_is_the_fact_as_it_was_told_with_what_surrounds_it(tmp_path):
    a_process(Folder(tmp_path), Format.JSONL)
    lines = [json.loads(line) for file in tmp_path.glob("EventLabelled/*/*.jsonl") for line in file.open()]
    [line] = [line for line in lines if line["_offset"] == 1]
    around = {name: line.pop(name) for name in [*line] if name.startswith("_")}
    assert line == json.loads(RECORDS[1].value)
    assert around["_ce_type"] == KINDS["EventLabelled"].ce_type


@pytest.mark.parametrize("form", [Format.CSV, Format.JSONL])
def test_beside_files_that_cannot_say_it_lies_what_their_columns_are(tmp_path, form):
    a_process(Folder(tmp_path), form)
    said = json.loads((tmp_path / "EventLabelled" / "schema.json").read_text())
    columns = {column["name"]: column for column in said["columns"]}
    assert (said["version"], said["topic"]) == (2, "labelling.decisions")
    assert columns["decided_at"]["type"] == "timestamp[us, tz=UTC]"
    assert columns["automated"]["meaning"] == "Whether no person took part"


def test_what_is_kept_is_read_as_it_was_written(tmp_path):
    kept = a_process(Folder(Path(tmp_path)), Format.PARQUET)
    assert Kept.from_json(kept.as_json()) == kept
