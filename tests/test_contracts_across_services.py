"""What a later release may tell, through all five services of today, which are then the older readers; and a second
decision on a revision, whatever was decided first. The bus is in memory, the databases are real."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID, uuid4

import pytest

from backbone.contracts import DecisionFact, EventLabelled, EventRejected, EventSubmitted, Fact, KitSent
from backbone.kafka.publisher import Outgoing

from .test_journey_in_memory import VISIT, Organiser, Platform, organiser, platform

__all__ = ["organiser", "platform"]  # the fixtures of the journey

LATER = {"added_in_2028": {"by": "a later release"}}
LONG_TITLE = "Visite de la forge et de l’atelier d’usinage, " * 3


@dataclass
class Wire:
    """Kafka, and what may be done to a message on its way."""

    platform: Platform

    def told(self, ce_type: str) -> list[Outgoing]:
        return [r for r in self.platform.publisher.written if dict(r.headers)["ce_type"].decode() == ce_type]

    async def tell(self, like: Outgoing, change: Callable[[dict[str, Any]], dict[str, Any]], ce_type: str) -> None:
        """Another message like this one, changed, under another type and an id of its own."""
        assert like.value
        headers = {**dict(like.headers), "ce_id": str(uuid4()).encode(), "ce_type": ce_type.encode()}
        value = json.dumps(change(json.loads(like.value))).encode()
        await self.platform.publisher.publish([replace(like, value=value, headers=list(headers.items()))])
        await self.platform.settle()

    def set_aside(self) -> dict[str, int]:
        counted = {name: service.listener for name, service in self.platform.services.items()}
        return {name: listener.set_aside for name, listener in counted.items() if listener and listener.set_aside}

    async def on_the_map(self) -> list[dict[str, Any]]:
        features = (await self.platform.client("map-feed").get("/evenements.geojson")).json()["features"]
        return [feature["properties"] for feature in features]


@pytest.fixture
def wire(platform: Platform) -> Wire:
    return Wire(platform)


def decided(fact: type[DecisionFact], sequence: int, **also: Any) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Makes another decision of one: of this kind, with its place in the story."""
    label = {EventLabelled: "granted", EventRejected: "refused"}[fact]

    def change(value: dict[str, Any]) -> dict[str, Any]:
        return value | {"label": label, "sequence": sequence, "decision_id": str(uuid4()), **also}

    return change


async def test_an_event_that_was_refused_and_is_labelled_on_appeal_is_shown_equipped_and_told_of(
    wire: Wire, organiser: Organiser
) -> None:
    event_id = await organiser.submit({**VISIT, "is_free": False})
    assert (await organiser.read(event_id))["state"] == "rejected"
    mails = len(wire.platform.mailer.sent)
    [refusal] = wire.told(EventRejected.ce_type)

    appeal = decided(EventLabelled, 2, decided_by="appeal", automated=False)
    await wire.tell(refusal, appeal, EventLabelled.ce_type)

    event = await organiser.read(event_id)
    assert (event["state"], event["revision"]) == ("labelled", 1)
    assert [step["kind"] for step in event["timeline"] if step["kind"] != "EventLocated"] == [
        "EventSubmitted",
        "EventRejected",
        "NoticeSent",
        "EventLabelled",
        "KitSent",
    ]
    assert [shown["title"] for shown in await wire.on_the_map()] == [VISIT["title"]]
    assert len(wire.platform.mailer.sent) == mails + 1
    assert wire.set_aside() == {}

    await wire.tell(refusal, lambda value: value, EventRejected.ce_type)  # the first word once more, late
    assert (await organiser.read(event_id))["state"] == "labelled"
    assert len(await wire.on_the_map()) == 1
    assert len(wire.platform.mailer.sent) == mails + 1


async def test_an_event_that_was_labelled_and_is_refused_after_all_is_hidden_and_told_of(
    wire: Wire, organiser: Organiser
) -> None:
    event_id = await organiser.submit(VISIT)
    assert len(await wire.on_the_map()) == 1
    [label] = wire.told(EventLabelled.ce_type)

    await wire.tell(label, decided(EventRejected, 2, decided_by="rejudgement"), EventRejected.ce_type)
    assert (await organiser.read(event_id))["state"] == "rejected"
    assert await wire.on_the_map() == []
    assert (await wire.platform.client("map-feed").get(f"/evenements/{event_id}")).status_code == 404
    mails = len(wire.platform.mailer.sent)

    await wire.tell(label, decided(EventLabelled, 3, decided_by="appeal"), EventLabelled.ce_type)
    assert (await organiser.read(event_id))["state"] == "labelled"
    assert len(await wire.on_the_map()) == 1
    # its kit is in its organiser's hands already: they are only told that it is good again
    assert [str(mail["Subject"]) for mail in wire.platform.mailer.sent[mails:]] == [
        "Votre événement a de nouveau le label"
    ]
    assert wire.set_aside() == {}


NEWS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "a title of 121 characters": lambda event: event | {"title": LONG_TITLE[:121]},
    "a kind and an audience that nobody knows": lambda e: e | {"kind": "hackathon", "audiences": ["robots"]},
    "a way in that nobody knows": lambda event: event | {"admission": "by_lot"},
    "an event on site and online": lambda event: event | {"online_url": "https://visio.example/forge"},
    "a status that nobody knows": lambda event: event | {"status": "teleported", "status_note": "Ailleurs."},
    "an accessibility that nobody knows": lambda event: event | {"accessibility": ["zz", "mi"]},
    "a slot with a status that nobody knows": lambda event: (
        event | {"slots": [slot | {"status": "swapped"} for slot in event["slots"]]}
    ),
    "fields that nobody knows": lambda event: event | LATER | {"venue": event["venue"] | LATER},
}


async def test_what_a_later_registration_says_of_an_event_reaches_everyone_and_is_set_aside_by_nobody(
    wire: Wire, organiser: Organiser
) -> None:
    for news, change in NEWS.items():
        event_id = await organiser.submit(VISIT)
        submitted = wire.told(EventSubmitted.ce_type)[-1]

        def amended(
            value: dict[str, Any], change: Callable[[dict[str, Any]], dict[str, Any]] = change
        ) -> dict[str, Any]:
            event = change(value["event"]) | {"revision": 2}
            return value | LATER | {"revision": 2, "sequence": 2, "event": event}

        kits = len(wire.told(KitSent.ce_type))
        await wire.tell(submitted, amended, EventSubmitted.ce_type)

        assert wire.set_aside() == {}, news
        decisions = [r for r in wire.platform.publisher.written if r.topic == "labelling.decisions"]
        newest = json.loads(decisions[-1].value or b"{}")
        said = change(json.loads(submitted.value or b"{}")["event"])
        # whole, whatever labelling knows of it
        assert (newest["revision"], newest["event"]) == (2, said | {"revision": 2}), news
        assert (await organiser.read(event_id))["revision"] == 2, news
        if newest["label"] == "granted":
            shown = {one["id"]: one["title"] for one in await wire.on_the_map()}
            assert shown[event_id] == said["title"], news
            assert (await wire.platform.client("map-feed").get(f"/evenements/{event_id}")).status_code == 200, news
            assert len(wire.told(KitSent.ce_type)) == kits + 1, news


VERDICTS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "decided by whom nobody knows": lambda value: value | {"decided_by": "citizens_panel"},
    "a fifth condition": lambda value: value | {"verdicts": [*value["verdicts"], _fifth(value["verdicts"][0])]},
    "a finding that nobody knows": lambda value: (
        value | {"verdicts": [value["verdicts"][0] | {"finding": "not_asked"}, *value["verdicts"][1:]]}
    ),
    "fields that nobody knows": lambda value: value | LATER,
}


def _fifth(verdict: dict[str, Any]) -> dict[str, Any]:
    return verdict | {"condition": "safety", "rule": "safety", "code": "safety-met", "message": "Le lieu est sûr."}


async def test_what_a_later_labelling_decides_reaches_everyone_and_is_set_aside_by_nobody(
    wire: Wire, organiser: Organiser
) -> None:
    appeal = decided(EventLabelled, 2)
    for number, (news, change) in enumerate(VERDICTS.items(), start=1):
        event_id = await organiser.submit({**VISIT, "is_free": False})
        refusal = wire.told(EventRejected.ce_type)[-1]
        await wire.tell(refusal, lambda value, change=change: change(appeal(value)), EventLabelled.ce_type)

        assert wire.set_aside() == {}, news
        assert (await organiser.read(event_id))["state"] == "labelled", news
        assert event_id in {shown["id"] for shown in await wire.on_the_map()}, news
        assert len(wire.told(KitSent.ce_type)) == number, news


async def test_a_state_of_the_label_that_nobody_knows_is_no_label(wire: Wire, organiser: Organiser) -> None:
    event_id = await organiser.submit(VISIT)
    [label] = wire.told(EventLabelled.ce_type)
    frozen = decided(EventLabelled, 2)
    await wire.tell(label, lambda value: frozen(value) | {"label": "frozen"}, EventLabelled.ce_type)
    assert wire.set_aside() == {}
    assert await wire.on_the_map() == []
    assert (await organiser.read(event_id))["state"] != "labelled"


OLDER: dict[type[Fact], tuple[str, ...]] = {
    EventSubmitted: ("sequence", "edition"),
    EventLabelled: ("sequence", "edition", "automated", "ruleset", "supersedes"),
}


@pytest.mark.parametrize("kind", OLDER, ids=lambda kind: kind.__name__)
async def test_what_an_older_writer_leaves_out_is_missed_by_nobody(
    kind: type[Fact], wire: Wire, organiser: Organiser
) -> None:
    event_id = await organiser.submit(VISIT)
    [like] = wire.told(kind.ce_type)
    new_to_it = (
        "themes",
        "status",
        "status_note",
        "booking",
        "capacity",
        "accessibility",
        "external_id",
        "copied_from",
    )

    def older(value: dict[str, Any]) -> dict[str, Any]:
        event = {name: said for name, said in value["event"].items() if name not in new_to_it}
        told = {name: said for name, said in value.items() if name not in OLDER[kind]}
        other = {"event_id": str(UUID(int=77))}
        return told | other | {"event": event | other}

    as_another = replace(like, key=str(UUID(int=77)).encode())
    await wire.tell(as_another, older, kind.ce_type)
    assert wire.set_aside() == {}
    shown = {one["id"]: one["title"] for one in await wire.on_the_map()}
    assert shown == {event_id: VISIT["title"], str(UUID(int=77)): VISIT["title"]}
