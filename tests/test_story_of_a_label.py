"""One label from the refusal on: appealed, given by another person, amended, doubted, suspended, lost. What its
organiser, visitors and the mailbox see at each step. The bus is in memory, the five databases are real."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from backbone.campaign.edition import Editions, ReviewRules
from backbone.contracts import (
    AppealReceived,
    CorrectionRequested,
    EventLabelled,
    EventRejected,
    EventSubmitted,
    KitSent,
)
from backbone.http.access import Caller

from .test_contracts_across_services import Wire, wire
from .test_journey_in_memory import VISIT, Organiser, organiser, platform

__all__ = ["organiser", "platform", "wire"]  # the fixtures of the journey

PAID = {**VISIT, "is_free": False}
FOR_A_CLASS = {**VISIT, "title": "La forge, pour une classe", "admission": "named_group"}


DECISIONS = ("EventLabelled", "EventRejected", "ReviewRequested", "CorrectionRequested", "AppealReceived")


class Reviewer:
    """A person of a region's committee, calling labelling's API."""

    def __init__(self, wire: Wire, region: str = "84") -> None:
        self.wire, self.api = wire, wire.platform.client("labelling")
        keys = wire.platform.services["labelling"].http.state.desk.keys  # type: ignore[attr-defined]
        caller = Caller(uuid4(), "reviewer", frozenset({region}), "DREETS")
        self.api.headers["Authorization"] = f"Bearer {keys.sign(caller)}"

    async def says(self, event_id: str, door: str, **word: Any) -> httpx.Response:
        answer = await self.api.post(f"/v1/reviews/{event_id}/{door}", json=word)
        await self.wire.platform.settle()
        return answer


async def amends(organiser: Organiser, event_id: str, draft: dict[str, Any]) -> None:
    assert (await organiser.api.put(f"/v1/events/{event_id}", json=draft)).status_code == 200
    assert (await organiser.api.post(f"/v1/events/{event_id}/submission")).status_code == 200
    await organiser.platform.settle()


async def appeals(organiser: Organiser, event_id: str, revision: int) -> httpx.Response:
    labelling = organiser.platform.client("labelling")
    labelling.headers["Authorization"] = organiser.api.headers["Authorization"]
    answer = await labelling.post(
        f"/v1/events/{event_id}/appeal", json={"revision": revision, "words": "C’est gratuit."}
    )
    await organiser.platform.settle()
    return answer


async def seen(wire: Wire) -> Sequence[str]:
    """The titles that visitors see."""
    return [event["title"] for event in await wire.on_the_map()]


async def last_word(organiser: Organiser, event_id: str) -> tuple[str, str]:
    """Where the event stands for its organiser, and the newest decision as they read it."""
    event = await organiser.read(event_id)
    steps = [step for step in event["timeline"] if step["kind"] in DECISIONS]
    return event["state"], steps[-1]["text"].replace("\u00a0", " ")


def doubt_suspends(wire: Wire) -> None:
    """From now on the edition suspends a label while a person looks at an amendment."""
    desk = wire.platform.services["labelling"].http.state.desk  # type: ignore[attr-defined]
    ruled = desk.editions.current.model_copy(update={"review": ReviewRules(doubtful_amendment="suspended")})
    object.__setattr__(desk, "editions", Editions(ruled, {**desk.editions.by_name, ruled.name: ruled}))


@pytest.fixture
async def labelled_on_appeal(wire: Wire, organiser: Organiser) -> str:
    """An event that the rules refused, and that a person labelled at its organiser's request."""
    event_id = await organiser.submit(PAID)
    assert (await organiser.read(event_id))["state"] == "rejected"
    assert (await appeals(organiser, event_id, 1)).status_code == 202
    assert (await Reviewer(wire).says(event_id, "decision", revision=1, label=True)).status_code == 200
    return event_id


async def test_a_refusal_that_is_appealed_stands_until_another_person_gives_the_label(
    wire: Wire, organiser: Organiser
) -> None:
    event_id = await organiser.submit(PAID)
    assert (await last_word(organiser, event_id))[0] == "rejected"

    assert (await appeals(organiser, event_id, 1)).status_code == 202
    state, text = await last_word(organiser, event_id)
    assert (state, text) == (
        "in_appeal",
        "Votre demande est reçue : une personne, qui n’a pas pris part au refus, regarde de nouveau votre événement, "
        "au plus tard le vendredi 19 juin 2026. D’ici là, le refus demeure.",
    )
    assert (await seen(wire), wire.told(KitSent.ce_type)) == ([], [])
    assert (await appeals(organiser, event_id, 1)).status_code == 409

    assert (await Reviewer(wire).says(event_id, "decision", revision=1, label=True)).status_code == 200
    state, text = await last_word(organiser, event_id)
    assert (state, text.partition(".")[0]) == ("labelled", "Après recours, votre événement est labellisé")
    assert await seen(wire) == [VISIT["title"]]
    assert len(wire.told(KitSent.ce_type)) == 1
    assert len(wire.told(AppealReceived.ce_type)) == 1
    assert "C’est gratuit." not in b"".join(r.value or b"" for r in wire.platform.publisher.written).decode()
    assert wire.set_aside() == {}


async def test_a_doubtful_amendment_leaves_visitors_what_was_labelled_until_a_person_has_decided(
    wire: Wire, organiser: Organiser, labelled_on_appeal: str
) -> None:
    event_id, reviewer = labelled_on_appeal, Reviewer(wire)
    await amends(organiser, event_id, FOR_A_CLASS)
    state, text = await last_word(organiser, event_id)
    assert state == "in_review"
    assert text.endswith("D’ici là, il garde son label, et le public lit la version labellisée.")
    assert await seen(wire) == [VISIT["title"]]

    asked = {"kind": "incomplete", "message": "Dites qui peut venir, en dehors de la classe."}
    assert (await reviewer.says(event_id, "correction", revision=2, **asked)).status_code == 200
    state, text = await last_word(organiser, event_id)
    assert state == "correction_asked"
    assert text.startswith("La personne qui relit votre événement vous demande une correction : Dites qui peut venir,")
    assert await seen(wire) == [VISIT["title"]]
    assert len(wire.told(CorrectionRequested.ce_type)) == 1

    await amends(organiser, event_id, {**FOR_A_CLASS, "title": "La forge, pour une classe et ses familles"})
    assert (await organiser.read(event_id))["state"] == "in_review"
    assert (await reviewer.says(event_id, "decision", revision=3, label=True)).status_code == 200
    assert (await organiser.read(event_id))["state"] == "labelled"
    assert await seen(wire) == ["La forge, pour une classe et ses familles"]
    assert len(wire.told(KitSent.ce_type)) == 2
    assert wire.set_aside() == {}


async def test_where_doubt_suspends_visitors_see_nothing_and_a_person_gives_the_label_back(
    wire: Wire, organiser: Organiser, labelled_on_appeal: str
) -> None:
    event_id = labelled_on_appeal
    doubt_suspends(wire)
    await amends(organiser, event_id, FOR_A_CLASS)
    state, text = await last_word(organiser, event_id)
    assert state == "suspended"
    assert text.startswith(
        "Le label de votre événement est suspendu. Une personne de votre région relit votre événement"
    )
    assert await seen(wire) == []
    assert (await wire.platform.client("map-feed").get(f"/evenements/{event_id}")).status_code == 404

    assert (await Reviewer(wire).says(event_id, "decision", revision=2, label=True)).status_code == 200
    assert await seen(wire) == [FOR_A_CLASS["title"]]
    assert len(wire.told(KitSent.ce_type)) == 2
    assert wire.set_aside() == {}


async def test_an_amendment_that_is_not_met_costs_the_label_and_what_is_cancelled_keeps_it(
    wire: Wire, organiser: Organiser, labelled_on_appeal: str
) -> None:
    event_id = labelled_on_appeal

    def cancelled(value: dict[str, Any]) -> dict[str, Any]:
        news = {"revision": 2, "status": "cancelled", "status_note": "Panne du four."}
        return value | {"revision": 2, "sequence": 2, "event": value["event"] | news}

    await wire.tell(wire.told(EventSubmitted.ce_type)[-1], cancelled, EventSubmitted.ce_type)
    assert (await organiser.read(event_id))["state"] == "labelled"
    page = (await wire.platform.client("map-feed").get(f"/evenements/{event_id}")).text
    assert "Panne du four." in page

    await amends(organiser, event_id, {**PAID, "title": "La forge, entrée payante"})
    state, text = await last_word(organiser, event_id)
    assert state == "rejected"
    assert text.startswith("Votre événement perd le label : il n’en remplit plus les conditions.")
    assert await seen(wire) == []
    assert json.loads(wire.told(EventRejected.ce_type)[-1].value or b"{}")["had_label"] is True
    assert wire.set_aside() == {}

    # the text is another than the one that was judged on appeal: its refusal may be appealed, and wins its label back
    revision = (await organiser.read(event_id))["revision"]
    assert (await appeals(organiser, event_id, revision)).status_code == 202
    assert (await Reviewer(wire).says(event_id, "decision", revision=revision, label=True)).status_code == 200
    assert await seen(wire) == ["La forge, entrée payante"]
    assert UUID(event_id) in {UUID(record.key.decode()) for record in wire.told(EventLabelled.ce_type)}
