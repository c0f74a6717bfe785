"""What was told, as files: every record once, under its own name and day, as its contract says."""

from __future__ import annotations

import asyncio
import json
from datetime import datetime

import pyarrow.dataset as dataset
import pyarrow.parquet as parquet
import pytest
from confluent_kafka import Producer

from backbone.contracts.schema import FOLDER
from provision.kafka_client import client_options

PUBLIC_SAMPLES = sorted(
    file.stem for file in (FOLDER / "samples").glob("*.json") if "organiser" not in file.stem.lower()
)


@pytest.fixture(scope="module")
async def told(tell_all, a_sample):
    """Every golden sample of the public topics."""
    samples = [a_sample(name) for name in PUBLIC_SAMPLES]
    await tell_all([sample.as_told() for sample in samples])
    return samples


def rows_of(folder, message):
    found = dataset.dataset(folder / message, format="parquet", partitioning="hive", exclude_invalid_files=True)
    return found.to_table().to_pylist()


def all_rows(folder):
    return [row for sheet in folder.iterdir() if sheet.name != ".sdi" for row in rows_of(folder, sheet.name)]


async def test_every_fact_is_in_the_folder_of_its_name_with_what_it_says(as_analyst, told, tmp_path):
    answer = await as_analyst("export", "--out", tmp_path / "out", "--json")
    assert (answer.exit_code, answer.errors) == (0, "")
    for sample in told:
        [row] = [row for row in rows_of(tmp_path / "out", sample.name) if row["_key"] == sample.key]
        assert (row["event_id"], row["revision"], row["_ce_id"]) == (
            sample.key,
            sample.value["revision"],
            sample.headers["ce_id"],
        )
        assert row["more"] is None
        assert str(row["day"]) == f"{row['_timestamp']:%Y-%m-%d}"


async def test_two_versions_of_a_contract_lie_in_one_table(as_analyst, told, tmp_path):
    await as_analyst("export", "--out", tmp_path / "out", "--type", "EventLabelled")
    rows = rows_of(tmp_path / "out", "EventLabelled")
    versions = {row["_dataschema"].rpartition("EventLabelled.")[2]: row["had_label"] for row in rows}
    assert versions == {"1.json": None, "2.json": True}


async def test_a_file_says_by_which_contract_it_is_written(as_analyst, told, tmp_path):
    await as_analyst("export", "--out", tmp_path / "out", "--type", "KitSent")
    [file] = (tmp_path / "out" / "KitSent").glob("day=*/*.parquet")
    said = parquet.read_metadata(file).metadata
    assert said[b"sdi.contract"] == b"https://semaine-industrie.example/contracts/KitSent.1.json"
    assert json.loads(said[b"sdi.asked"]) == {
        "from": None,
        "to": None,
        "topics": ["commskit.kits"],
        "types": ["KitSent"],
    }


async def test_the_same_command_adds_what_was_told_since(as_analyst, tell_all, told, a_sample, tmp_path):
    await as_analyst("export", "--out", tmp_path / "out")
    before = len(rows_of(tmp_path / "out", "EventWithdrawn"))
    later = a_sample("EventWithdrawn.1")
    await tell_all([later.as_told()])
    await as_analyst("export", "--out", tmp_path / "out")
    rows = rows_of(tmp_path / "out", "EventWithdrawn")
    assert (len(rows), [row["_key"] for row in rows].count(later.key)) == (before + 1, 1)


async def test_what_was_told_about_people_is_refused_and_it_is_said_where_to_look(as_analyst, tmp_path):
    answer = await as_analyst("export", "--out", tmp_path / "out", "--topic", "registration.organisers")
    assert answer.exit_code == 2
    assert "registration.organisers holds what was told about people: it is never taken out" in answer.errors
    assert not (tmp_path / "out").exists()


async def test_a_span_of_time_is_kafkas_own_with_its_beginning_and_without_its_end(
    as_analyst_of, untouched, a_sample, tmp_path
):
    """Some of it told out of order, as by clocks that disagree."""
    facts = [a_sample("EventWithdrawn.1") for _ in range(5)]
    days = (
        "2026-03-01T23:59:59.999",
        "2026-03-03T00:00:00",
        "2026-03-02T00:00:00",
        "2026-03-02T23:59:59",
        "2026-03-01",
    )
    producer = Producer(client_options(untouched.cluster()))
    for fact, day in zip(facts, days, strict=True):
        record = fact.as_told()
        at = int(datetime.fromisoformat(f"{day}+00:00" if "T" in day else f"{day}T00:00:00+00:00").timestamp() * 1000)
        producer.produce(
            record.topic, record.value, record.key, partition=2, timestamp=at, headers=list(record.headers)
        )
    assert producer.flush(30) == 0
    span = ("--from", "2026-03-02", "--to", "2026-03-03")
    answer = await as_analyst_of(untouched, "export", "--out", tmp_path / "out", *span)
    assert answer.exit_code == 0
    rows = rows_of(tmp_path / "out", "EventWithdrawn")
    assert {row["_key"] for row in rows} == {facts[2].key, facts[3].key}
    assert {str(row["day"]) for row in rows} == {"2026-03-02"}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--from", "yesterday"), "« yesterday » is no time: say beginning, 2026-11-16, or 2026-11-16T09:00:00+01:00"),
        (("--to", "2026-11-16T09:00:00"), "does not say in which zone: add Z or an offset"),
        (("--from", "2026-03-02", "--to", "2026-03-02"), "--from is not before --to"),
        (("--format", "xlsx"), "« xlsx » is no format of ours: parquet, csv, jsonl"),
        (("--topic", "events"), "there is no topic events: registration.events, labelling.decisions"),
        (("--type", "EventLabeled"), "there is no message EventLabeled: AppealReceived"),
        (("--type", "KitSent", "--topic", "labelling.decisions"), "these messages are told on commskit.kits"),
    ],
)
async def test_what_cannot_be_asked_is_said_with_what_can(as_analyst, tmp_path, words, said):
    answer = await as_analyst("export", "--out", tmp_path / "out", *words)
    assert answer.exit_code == 2
    assert said in answer.errors


async def test_a_folder_goes_on_only_with_what_it_was_begun_with(as_analyst, told, tmp_path):
    await as_analyst("export", "--out", tmp_path / "out", "--type", "KitSent")
    answer = await as_analyst("export", "--out", tmp_path / "out", "--format", "csv")
    assert answer.exit_code == 2
    assert (
        "holds another export (--format parquet --from beginning --to now, topics commskit.kits, messages KitSent)"
        in (answer.errors)
    )


async def test_nothing_is_shown_beside_the_answer_where_nobody_looks_on(as_analyst, told, tmp_path):
    answer = await as_analyst("export", "--out", tmp_path / "out", "--type", "KitSent")
    assert answer.errors == ""
    assert "1 record in" in answer.text.replace("\n", " ") or "records in" in answer.text


async def test_an_export_that_was_killed_goes_on_and_each_record_is_there_once(
    as_analyst, started, everything, tell_all, a_sample, tmp_path
):
    for place in ("export-written", "export-kept", "export-placing:3"):
        await tell_all([a_sample("EventSubmitted.2").as_told() for _ in range(50)])
        killed = started("export", "--out", tmp_path / "out", SDI_FAILPOINT=place)
        await asyncio.to_thread(killed.communicate)
        assert killed.returncode == 137
    assert (await as_analyst("export", "--out", tmp_path / "out")).exit_code == 0
    found = [(row["_topic"], row["_partition"], row["_offset"]) for row in all_rows(tmp_path / "out")]
    assert sorted(found) == await everything()
