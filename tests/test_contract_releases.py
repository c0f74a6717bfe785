"""What was released stays: today's code keeps every promise of every release, and who would be hurt is named."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from backbone.contracts import EventLabelled, EventLocated, EventSubmitted, Fact, KitSent, ReviewRequested
from backbone.contracts import releases as kept
from backbone.contracts.compatibility import complaints, losses
from backbone.contracts.schema import Schema, read, told

ROOT = Path(__file__).parents[1]
RELEASES = kept.released()


def _load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / "tests" / f"{name}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("release", RELEASES, ids=lambda release: release["release"])
def test_what_a_release_promised_is_kept(release: dict[str, Any]) -> None:
    broken = list(kept.breaches(release, kept.promises()))
    assert not broken, "; ".join(broken)


def test_what_was_released_is_as_it_was() -> None:
    assert RELEASES
    changed = list(kept.tampered(RELEASES))
    assert not changed, "; ".join(changed)


def test_a_released_schema_that_is_altered_or_gone_is_named() -> None:
    altered, gone = deepcopy(RELEASES), deepcopy(RELEASES)
    altered[0]["files"]["schemas/told/KitSent.1.json"] = "0" * 64
    assert list(kept.tampered(altered)) == [
        "schemas/told/KitSent.1.json was altered after release 0.1.0: what says something else is the next version"
    ]
    gone[0]["files"]["samples/EventForgotten.1.json"] = "0" * 64
    assert list(kept.tampered(gone)) == [
        "samples/EventForgotten.1.json is gone, and was released with 0.1.0: whoever meets such a message needs it"
    ]


def test_a_release_that_is_taken_out_is_missed_by_the_next() -> None:
    _, following = kept.next_release("0.2.0")
    assert list(kept.tampered([*RELEASES, following])) == []
    following["before"] = None
    assert list(kept.tampered([*RELEASES, following])) == [
        "the release before 0.2.0 is not the one that it followed: altered, or taken out"
    ]


def test_a_release_holds_the_schemas_and_samples_of_every_version_of_what_is_told() -> None:
    file, following = kept.next_release("0.2.0")
    assert file == f"releases/{len(RELEASES) + 1:04}.json"
    assert {"samples/EventLabelled.1.json", "schemas/read/EventLabelled.2.json"} <= set(following["files"])
    assert None not in following["files"].values()
    assert set(RELEASES[0]["files"]) <= set(following["files"])


def test_a_release_is_not_made_twice() -> None:
    command = [sys.executable, str(ROOT / "tests" / "contract_files.py"), "--release", RELEASES[-1]["release"]]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (1, "0.1.0 was released already: a release is never written again\n")


Change = Callable[[dict[str, Any]], Any]
EVENTS, PEOPLE, DECISIONS = "registration.events", "registration.organisers", "labelling.decisions"
HEAR_EVENTS = "labelling, geocoding, commskit, map-feed and analysts and partners"
HEAR_DECISIONS = "registration, commskit, map-feed and analysts and partners"


def _set(topic: str, name: str, value: Any) -> Change:
    return lambda today: today["topics"][topic].update({name: value})


PROMISES: dict[str, tuple[Change, str]] = {
    "a header is dropped": (
        lambda today: today["headers"].remove("ce_time"),
        "the header `ce_time` is not written any more: registration, labelling, geocoding, commskit, map-feed and "
        "analysts and partners read it",
    ),
    "a topic is gone": (
        lambda today: today["topics"].pop(PEOPLE),
        "the topic registration.organisers is gone: commskit hear it",
    ),
    "a message is told no more": (
        lambda today: today["topics"][EVENTS]["messages"].pop("EventWithdrawn"),
        f"EventWithdrawn is not told on registration.events any more: {HEAR_EVENTS} would wait for it in vain",
    ),
    "another key": (
        _set(EVENTS, "key", "organiser_id"),
        f"registration.events is keyed by `organiser_id` and not by `event_id`: {HEAR_EVENTS} would hear one story in "
        "two orders, and compaction would keep what it should not",
    ),
    "more partitions": (
        _set(DECISIONS, "partitions", 12),
        "labelling.decisions has 12 partitions and not 6: the facts of one key would stand on two, and "
        f"{HEAR_DECISIONS} hear them in any order",
    ),
    "another writer": (
        _set(DECISIONS, "writer", "registration"),
        f"labelling.decisions is told by registration and not by labelling: {HEAR_DECISIONS} take it for labelling's "
        "word",
    ),
    "kept less long": (
        lambda today: today["topics"][DECISIONS]["settings"].update({"min.compaction.lag.ms": "2592000000"}),
        "labelling.decisions keeps what `min.compaction.lag.ms` says for 30 days and not 300: "
        f"{HEAR_DECISIONS}, away so long, would miss it",
    ),
    "deleted instead of compacted": (
        lambda today: today["topics"][DECISIONS]["settings"].update({"cleanup.policy": "delete"}),
        f"labelling.decisions is cleaned by `delete` and not by `compact`: {HEAR_DECISIONS}, beginning anew, would not "
        "find what they count on",
    ),
    "people's data opened": (
        _set(PEOPLE, "public", True),
        "whether registration.organisers is open to the public was False and is True: ask commskit, and whoever is "
        "named in it",
    ),
}


@pytest.mark.parametrize("what", PROMISES)
def test_a_broken_promise_is_told_with_whom_it_hurts(what: str) -> None:
    change, sentence = PROMISES[what]
    today = deepcopy(kept.promises())
    change(today)
    assert list(kept.breaches(RELEASES[0], today)) == [sentence]


def _without(schema: Schema, field: str) -> Any:
    schema["required"].remove(field)
    return schema["properties"].pop(field)


def _renamed(schema: Schema) -> None:
    schema["properties"]["decider"] = _without(schema, "decided_by")
    schema["required"].append("decider")


LOSSES: dict[str, tuple[type[Fact], Change, str]] = {
    "a field is removed": (
        EventLocated,
        lambda schema: _without(schema["$defs"]["Location"], "epci_code"),
        "EventLocated: `location.epci_code` is not told any more, for analysts and partners (not for registration, "
        "map-feed: nothing there names it)",
    ),
    "a field is renamed": (
        ReviewRequested,
        _renamed,
        "ReviewRequested: `decided_by` is not told any more, for registration, commskit, analysts and partners (not "
        "for map-feed: nothing there names it)",
    ),
    "a field is of another type": (
        KitSent,
        lambda schema: schema["$defs"]["KitPiece"]["properties"]["bytes"].update(type="string"),
        "KitSent: `pieces[].bytes` may be string, where integer is read, for analysts and partners (not for "
        "registration: nothing there names it)",
    ),
    "a field may be left out": (
        EventSubmitted,
        lambda schema: schema["$defs"]["PublicEvent"]["required"].remove("audiences"),
        "EventSubmitted: `event.audiences` may be left out, for labelling, analysts and partners (not for geocoding: "
        "nothing there names it)",
    ),
    "a list of words is narrower": (
        EventLabelled,
        lambda schema: schema["properties"]["decided_by"]["enum"].remove("appeal"),
        "EventLabelled: `decided_by` is never « appeal » any more, for registration, commskit, analysts and partners "
        "(not for map-feed: nothing there names it)",
    ),
    "a list that may be null is narrower": (
        EventSubmitted,
        lambda schema: schema["$defs"]["PublicEvent"]["properties"]["organisation_kind"]["enum"].remove("school"),
        "EventSubmitted: `event.organisation_kind` is never « school » any more, for labelling, analysts and partners "
        "(not for geocoding: nothing there names it)",
    ),
}


@pytest.mark.parametrize("what", LOSSES)
def test_what_is_told_no_more_is_told_with_whom_it_hurts(what: str) -> None:
    kind, change, sentence = LOSSES[what]
    today = deepcopy(told(kind))
    change(today)
    in_words = _load("test_contract_files").in_words
    assert [in_words(kind, each) for each in losses(told(kind), today)] == [sentence]


def _required(schema: Schema) -> None:
    schema["properties"]["mascot"] = {"type": "string"}
    schema["required"].append("mascot")


READERS: dict[str, tuple[type[Fact], Change, str]] = {
    "a field is asked for that nobody told": (
        EventLabelled,
        _required,
        "`mascot` is not told any more",
    ),
    "a text is read as one of a list": (
        EventLabelled,
        lambda schema: schema["properties"]["label"].update(enum=["granted", "refused"]),
        "`label` may be « under_review » or « suspended » or « withdrawn », where « granted » or « refused » is read",
    ),
    "a free text is read as one of a list": (
        ReviewRequested,
        lambda schema: schema["properties"]["region"].update(enum=["84"]),
        "`region` may be any word, where « 84 » is read",
    ),
}


@pytest.mark.parametrize("what", READERS)
def test_a_reader_that_asks_for_more_than_was_ever_told_is_refused(what: str) -> None:
    kind, change, sentence = READERS[what]
    reader = deepcopy(read(kind))
    change(reader)
    assert list(complaints(reader, told(kind))) == [sentence]
