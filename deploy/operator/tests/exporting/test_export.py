"""What was told, as files: every record once, under its own name and day, as its contract says."""

from __future__ import annotations

import json

import pyarrow.dataset as dataset
import pyarrow.parquet as parquet
import pytest

from backbone.contracts.schema import FOLDER

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
