"""The contracts as files: what was told once can be read for ever, and what is told today by yesterday's readers."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar

import jsonschema_rs
import pytest

from backbone.contracts import EventLabelled, EventSubmitted, EventWithdrawn, Fact
from backbone.contracts.catalogue.messages import SAMPLES, facts, sample_of
from backbone.contracts.compatibility import complaints, losses
from backbone.contracts.releases import released_versions
from backbone.contracts.schema import name_of, read, told
from backbone.kafka.envelope import Untellable, written

ROOT = Path(__file__).parents[1]


def _load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / "tests" / f"{name}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


files, readers = _load("contract_files"), _load("contract_readers")
FACTS: list[type[Fact]] = list(facts())
ANEW = "run `make contracts`; if it is released, give the class its next `version` and write a sample of it"


def kept(folder: Path, kind: type[Fact]) -> Iterator[tuple[str, Any]]:
    """Every version of a fact that is kept there, with its name."""
    for path in sorted(folder.glob(f"{name_of(kind)}.*.json")):
        yield path.stem, json.loads(path.read_text())


def in_words(kind: type[Fact], complaint: str) -> str:
    """A complaint with whom it concerns."""
    place = complaint.split("`")[1]
    return f"{name_of(kind)}: {complaint}, {readers.readers_of(kind, place)}"


@pytest.mark.parametrize("kind", FACTS, ids=name_of)
def test_the_schemas_that_are_published_are_those_of_the_code(kind: type[Fact]) -> None:
    for path, schema in files.schema_files().items():
        if path.name == files.file_name(kind):
            assert json.loads(path.read_text()) == schema, f"{path.stem} is not what its class says: {ANEW}"


@pytest.mark.parametrize("kind", FACTS, ids=name_of)
def test_every_version_of_a_fact_that_was_ever_told_has_its_schemas_and_its_sample(kind: type[Fact]) -> None:
    versions = {f"{name_of(kind)}.{number}" for number in range(1, kind.version + 1)}
    for folder in (files.SCHEMAS / "told", files.SCHEMAS / "read", SAMPLES):
        assert {name for name, _ in kept(folder, kind)} == versions, folder.name
    assert versions - {f"{name_of(kind)}.{kind.version}"} <= released_versions()


@pytest.mark.parametrize("kind", FACTS, ids=name_of)
def test_what_is_told_today_is_read_by_the_readers_of_every_release(kind: type[Fact]) -> None:
    for name, reader in kept(files.SCHEMAS / "read", kind):
        lost = [in_words(kind, each) for each in complaints(reader, told(kind))]
        assert not lost, f"a reader of {name} would set what is told today aside: {'; '.join(lost)}"


@pytest.mark.parametrize("kind", FACTS, ids=name_of)
def test_what_any_release_told_is_read_by_the_readers_of_today(kind: type[Fact]) -> None:
    for name, writer in kept(files.SCHEMAS / "told", kind):
        lost = [in_words(kind, each) for each in complaints(read(kind), writer)]
        assert not lost, f"{name} could not be read in the topics any more: {'; '.join(lost)}"


@pytest.mark.parametrize("kind", FACTS, ids=name_of)
def test_nothing_that_any_release_told_is_missing_today(kind: type[Fact]) -> None:
    for name, writer in kept(files.SCHEMAS / "told", kind):
        lost = [in_words(kind, each) for each in losses(writer, told(kind))]
        assert not lost, f"{name} told what is told no more: {'; '.join(lost)}"


@pytest.mark.parametrize("kind", FACTS, ids=name_of)
def test_the_golden_samples_of_all_versions_are_read_today(kind: type[Fact]) -> None:
    for name, sample in kept(SAMPLES, kind):
        value = sample["value"]
        fact = kind.from_tombstone(sample["key"]) if value is None else kind.model_validate_json(json.dumps(value))
        assert (fact.key, kind.ce_type) == (sample["key"], sample["headers"]["ce_type"]), name


def test_no_golden_sample_advises_to_hide_a_word() -> None:
    advice = ("Supprimez", "supprimez", "Effacez", "effacez", "Retirez le mot")
    told = {file.name: file.read_text() for file in SAMPLES.glob("*.json")}
    assert [(name, words) for name, text in told.items() for words in advice if words in text] == []


@pytest.mark.parametrize("kind", FACTS, ids=name_of)
def test_todays_golden_sample_is_whole_may_be_told_and_is_read_by_every_release(kind: type[Fact]) -> None:
    sample = sample_of(kind)
    value = sample["value"]
    fact = kind.from_tombstone(sample["key"]) if value is None else kind.model_validate_json(json.dumps(value))
    again = written(fact)
    assert (again and json.loads(again)) == value  # no field of the class is missing in it, and it breaks no bound
    for name, reader in kept(files.SCHEMAS / "read", kind) if value else ():
        assert jsonschema_rs.is_valid(reader, value), name


class Fuller(EventWithdrawn):
    """A withdrawal of which more is told."""

    why: str | None = None


class Poorer(Fact):
    """A withdrawal of which nobody is told when it was."""

    topic: ClassVar = EventWithdrawn.topic
    ce_type: ClassVar[str] = EventWithdrawn.ce_type
    event_id: str
    revision: str


class Demanding(EventWithdrawn):
    """A reader that cannot do without a word on why."""

    why: str


def test_a_change_that_a_reader_cannot_read_is_named_in_words() -> None:
    assert list(complaints(read(EventWithdrawn), told(Fuller))) == []
    assert list(complaints(read(Fuller), told(EventWithdrawn))) == []
    assert list(complaints(read(EventWithdrawn), told(Poorer))) == [
        "`withdrawn_at` is not told any more",
        "`event_id` may be string, where uuid is read",
        "`revision` may be string, where integer is read",
    ]
    assert list(complaints(read(Demanding), told(EventWithdrawn))) == ["`why` is not told any more"]
    assert list(complaints(read(Demanding), told(Fuller))) == ["`why` may be null, where string is read"]


def test_what_a_later_writer_may_say_is_no_breach_for_a_reader_of_today() -> None:
    later = told(EventSubmitted)
    event = later["$defs"]["PublicEvent"]["properties"]
    event["title"]["maxLength"] = 500
    event["kind"]["enum"].append("hackathon")
    assert list(complaints(read(EventSubmitted), later)) == []
    later = told(EventLabelled)
    later["properties"]["decided_by"]["enum"].append("lottery")
    later["$defs"]["Verdict"]["properties"]["condition"]["enum"].append("safe")
    later["properties"]["added_in_2028"] = {"type": "object"}
    assert list(complaints(read(EventLabelled), later)) == []


def test_what_others_said_of_an_event_is_carried_on_whole_however_new_their_release_is() -> None:
    sample = sample_of(EventLabelled)["value"]
    sample["event"] |= {"title": "V" * 200, "kind": "hackathon", "mascot": {"name": "Boulon"}, "venue": None}
    sample["event"]["slots"][0]["room"] = "B"
    again = written(EventLabelled.model_validate(sample))
    assert again
    assert json.loads(again) == sample
    with pytest.raises(Untellable, match="decided_by: enum"):  # of its own words its writer promises more
        written(EventLabelled.model_validate(sample | {"decided_by": "lottery"}))
